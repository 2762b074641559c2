"""What readers do on the pages: predict before a result is shown, take a quiz, tick exercises, see what is done."""

import json

import pytest
from pages import accessibility_faults, watched

CHAPTER = "notebooks/04_encoder.html"
WITH_PLACES = "notebooks/31_hints.html"
EXERCISES, WELCOME = "book/exercises/04_encoder.html", "book/welcome.html"
WITH_QUIZ = ["notebooks/01_colorization.html", CHAPTER]  # what all quizzes hold is asked by tests/test_predictions.py
GROUPS = ".options:not(.quiz *)"
COVERS = ".predict-cover:visible"
LARGE_ENOUGH = 44  # CSS pixels, for a finger
SCREENS = {
    "desk": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}
KEPT = "() => JSON.parse(localStorage.getItem('course-progress') ?? '{}')"
# In the place of the script of predictions: options stay as they are without it.
STUB = "export const start = () => {}, asButtons = start, grouped = () => [];"
# The places of all that follows a prediction, on the page.
PLACES = """async () => {
    await window.MathJax?.startup?.promise;
    return [...document.querySelectorAll('article :is(h2, p, .cell_output, .cell_input)')]
        .filter(e => !e.closest('details, .options')).map(e => e.getBoundingClientRect().top + scrollY)
        .map(top => Math.round(10 * top));
}"""
SETTLED = f"""async () => {{
    const places = {PLACES};
    for (let before = '', now = await places(); ; before = JSON.stringify(now), now = await places()) {{
        if (JSON.stringify(now) === before) return now;
        await new Promise(done => setTimeout(done, 300));
    }}
}}"""
# What of the results can't be seen, or is changed on its way to the screen.
CHANGED = """() => [...document.querySelectorAll('.cell_output, .cell_output *')].filter(e => {
    const { visibility, opacity, filter, mixBlendMode } = getComputedStyle(e);
    return visibility !== 'visible' || filter !== 'none' || mixBlendMode !== 'normal' ||
        e.tagName === 'IMG' && opacity !== '1';
}).length"""


@pytest.fixture
def visit(browser, site):
    """A function that opens a page, for each screen with a memory of its own, and returns it."""
    contexts, complaints = {}, []

    def open_page(name, screen="desk", theme="light", **options):
        if screen not in contexts:
            contexts[screen] = browser.new_context(**SCREENS[screen], **options)
            contexts[screen].add_init_script(f"localStorage.mode = localStorage.theme = '{theme}'")
            contexts[screen].set_default_timeout(10_000)
        page = contexts[screen].new_page()
        complaints.append(watched(page)[0])
        page.goto(f"{site}/{name}", wait_until="load")
        return page

    yield open_page
    for context in contexts.values():
        context.close()
    assert [said for page in complaints for said in page] == []


def ready(page):
    """Wait until the page's predictions are buttons."""
    page.locator(GROUPS).first.wait_for()
    return page


def test_without_javascript_nothing_is_covered_and_options_unfold(visit):
    page = visit(CHAPTER, java_script_enabled=False)
    assert page.locator(f"{COVERS}, .options").count() == 0
    options = page.locator("details.choice:not(.quiz *)")
    assert options.count() > 10
    sentence = options.first.locator("p")
    assert not sentence.is_visible()
    options.first.locator("summary").click()
    assert sentence.is_visible()


def test_the_keyboard_commits_and_the_result_appears(visit):
    page = ready(visit(CHAPTER))
    group, covers = page.locator(GROUPS).first, page.locator(COVERS)
    before = covers.count()
    first, second, _ = group.get_by_role("button").all()
    asks = page.locator(f"#{group.get_attribute('aria-labelledby')}")
    assert asks.inner_text().startswith("Predict:")
    assert "Predict first" in page.get_by_role("group", name="Predict first").first.inner_text()
    assert accessibility_faults(page, GROUPS) == []
    first.focus()
    page.keyboard.press("Enter")
    assert first.get_attribute("aria-pressed") == "true"
    assert first.evaluate("button => button === document.activeElement")
    assert first.text_content().endswith(", wrong")
    assert first.evaluate("button => button.nextElementSibling.ariaLive") == "polite"
    assert "Not this one" in first.evaluate("button => button.nextElementSibling.innerText")
    assert [button.get_attribute("data-mark") for button in group.get_by_role("button").all()] == [
        "wrong",
        "right",
        None,
    ]
    assert first.evaluate("b => getComputedStyle(b, '::before').content") != second.evaluate(
        "b => getComputedStyle(b, '::before').content"
    )
    assert covers.count() < before
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert second.get_attribute("aria-expanded") == "true"
    assert second.get_attribute("aria-pressed") == "false"  # the first answer stays
    assert "Right:" in second.evaluate("button => button.nextElementSibling.innerText")
    page.keyboard.press("Space")
    assert second.get_attribute("aria-expanded") == "false"
    assert accessibility_faults(page, "article") == []


def test_a_tap_commits_a_tap_skips_and_both_are_remembered(visit):
    page = ready(visit(CHAPTER, "phone", "dark"))
    groups, all_covers = page.locator(GROUPS), page.locator(COVERS).count()
    buttons = page.locator(f"{GROUPS} .option")
    assert min(button.bounding_box()["height"] for button in buttons.all()) >= LARGE_ENOUGH
    groups.nth(0).locator(".option").nth(1).tap()
    left = page.locator(COVERS).count()
    assert left < all_covers
    page.get_by_role("button", name="Show it").first.tap()
    assert page.locator(COVERS).count() < left
    assert page.evaluate("() => document.activeElement.matches('.cell_output')")
    assert accessibility_faults(page, "article") == []
    assert sorted(map(str, page.evaluate(KEPT)["chapters"]["04"]["predicted"].values())) == ["1", "skipped"]
    left = page.locator(COVERS).count()
    page = ready(visit(CHAPTER, "phone"))
    assert page.locator(COVERS).count() == left
    chosen = page.locator(f"{GROUPS} .option[aria-pressed=true]")
    assert chosen.count() == 1
    assert "Right:" in chosen.evaluate("button => button.nextElementSibling.innerText")


def test_a_number_is_checked(visit):
    page = ready(visit(CHAPTER))
    group = page.locator(GROUPS, has=page.get_by_label("Your number"))
    field, said = group.get_by_label("Your number"), group.locator(".why")
    covers = page.locator(COVERS).count()
    for typed, answer in (("many", "Type a number"), ("1,280", "Not 1,280."), ("3,584", "Right.")):
        field.fill(typed)
        page.keyboard.press("Enter")
        assert answer in said.inner_text()
        assert (page.locator(COVERS).count() == covers) == (typed == "many")
    assert group.locator("form").get_attribute("data-mark") == "right"
    assert accessibility_faults(page, GROUPS) == []
    typed = ["3,584", "3 584", "1,234,567.5", "0,5", "0.5", "-2", "\u22122", "12 %", "", "x", "1.5.2"]
    read = "async (typed) => typed.map((await import('../_static/js/predict.js')).numberFrom).map(String)"
    found = page.evaluate(read, typed)
    assert found == ["3584", "3584", "1234567.5", "0.5", "0.5", "-2", "-2", "12", "NaN", "NaN", "NaN"]


def tap(picture, across, down):
    """Tap a photograph at a place given in percent of its width and height."""
    box = picture.bounding_box()
    picture.tap(position={"x": box["width"] * across / 100, "y": box["height"] * down / 100})


def test_a_place_is_tapped_or_named(visit):
    page = ready(visit(WITH_PLACES, "phone"))
    picture, told, outlines = (page.locator(name) for name in (".place-picture", ".place-told", ".place:visible"))
    covers = page.locator(COVERS).count()
    named = {kind: page.locator(f"details[data-area]{kind}").first for kind in (".right", ":not(.right)")}
    areas = {kind: [*map(float, one.get_attribute("data-area").split())] for kind, one in named.items()}
    tap(picture, 1, 1)  # as far as can be from what is asked for
    assert told.inner_text() == " None of the places named below is there."
    assert (outlines.count(), page.locator(COVERS).count()) == (0, covers)
    left, top, width, height = areas[":not(.right)"]
    tap(picture, left + width / 2, top + height / 2)
    assert (told.inner_text(), outlines.count()) == (" Not there.", 2)
    assert page.locator(COVERS).count() < covers
    chosen = page.locator(f"{GROUPS} .option[aria-pressed=true]")
    assert "Not this one" in chosen.evaluate("button => button.nextElementSibling.innerText")
    box, right = picture.bounding_box(), page.locator(".place[data-mark=right]").bounding_box()
    found = [100 * (right["x"] - box["x"]) / box["width"], 100 * (right["y"] - box["y"]) / box["height"]]
    assert found == pytest.approx(areas[".right"][:2], abs=0.5)
    assert accessibility_faults(page, ".cell_output:has(.place-picture), .options:has(+ details[data-area])") == []
    page = ready(visit(WITH_PLACES, "phone"))  # it is remembered
    page.locator(".place[data-mark=right]").wait_for()
    page.emulate_media(media="print")
    assert not page.locator(".place-told").is_visible()
    page = ready(visit(WITH_PLACES))
    page.locator(".place-told").wait_for()
    button = page.locator(f"{GROUPS}:has(+ details[data-area]) .option").first
    button.focus()
    page.keyboard.press("Enter")
    assert page.locator(".place[data-mark=right]").is_visible()


@pytest.mark.parametrize("screen", SCREENS)
def test_covering_moves_nothing(visit, screen):
    """The same places as on a page whose results aren't covered, and after the cover is gone."""
    page = ready(visit(CHAPTER, screen))
    covered = page.evaluate(SETTLED)
    for _ in range(page.get_by_role("button", name="Show it").count()):
        page.get_by_role("button", name="Show it").first.evaluate("button => button.click()")
    assert page.locator(COVERS).count() == 0
    assert page.evaluate(SETTLED) == covered
    page.evaluate("() => localStorage.clear()")
    page.route(
        "**/predict.js",
        lambda route: route.fulfill(body=STUB, content_type="text/javascript"),
    )
    page.reload(wait_until="load")
    plain = page.evaluate(SETTLED)
    assert page.locator("details.choice summary").first.is_visible()
    assert plain == covered


def test_pictures_are_shown_as_they_are(visit):
    page = ready(visit("notebooks/01_colorization.html"))
    pictures = page.locator(".predict-covered img")
    assert pictures.count() > 1
    assert not pictures.first.is_visible()
    for _ in range(page.get_by_role("button", name="Show it").count()):
        page.get_by_role("button", name="Show it").first.click()
    assert page.locator(".predict-covered").count() == 0
    assert page.evaluate(CHANGED) == 0


def test_who_seeks_what_is_covered_finds_it(visit):
    page = ready(visit(CHAPTER))
    covers = page.locator(COVERS).count()
    page.evaluate("() => { document.querySelector('.predict-covered > *').id = 'sought'; location.hash = 'sought'; }")
    page.wait_for_function(f"() => document.querySelectorAll('.predict-cover').length < {covers}")
    assert page.locator("#sought").is_visible()
    page.evaluate("() => localStorage.setItem('sphinx_highlight_terms', 'arr')")  # as the search leaves it
    page = ready(visit(CHAPTER))
    assert page.locator(".highlighted").count()
    assert page.locator(".predict-covered .highlighted").count() == 0
    page.evaluate("() => localStorage.clear()")
    assert ready(visit(f"{CHAPTER}#:~:text=zeros")).locator(COVERS).count() == 0


def test_paper_shows_question_options_sentences_and_result(visit):
    page = ready(visit(CHAPTER))
    page.locator(f"{GROUPS} .option").first.click()
    page.emulate_media(media="print")
    options = page.locator("details.choice")
    assert [option.inner_text()[:60] for option in options.all() if not option.locator("summary").is_visible()] == []
    hidden = "all => all.filter(e => !e.getBoundingClientRect().height).map(e => e.textContent.slice(0, 60))"
    assert page.locator("details:is(.choice, .number) p").evaluate_all(hidden) == []
    assert page.locator(".options:visible, .predict-cover:visible, button:visible").count() == 0
    assert page.evaluate(CHANGED) == 0


def test_the_quiz_to_print_is_accessible(visit):
    page = visit("quizzes/01_colorization.html")
    page.evaluate("() => window.MathJax?.startup.promise")
    assert page.locator("section").count() == 8
    assert page.locator("mjx-merror").count() == 0
    assert accessibility_faults(page) == []


def take(page):
    """Answer all questions of a quiz, the first option of each, and return how many are right."""
    quiz = page.locator("details.quiz")
    quiz.locator(":scope > summary").click()
    groups = quiz.locator(".options")
    for group in groups.all():
        group.locator(".option").first.click()
    assert groups.count() == 8
    return page.locator("details.quiz .option[aria-pressed=true][data-mark=right]").count()


@pytest.mark.parametrize("name", WITH_QUIZ)
def test_a_quiz_counts_and_begins_again(visit, name):
    page = visit(name)
    page.locator(".quiz-end").wait_for(state="attached")
    right = take(page)
    status = page.locator(".quiz-end").get_by_role("status")
    assert status.inner_text() == f"{right} of 8 right."
    assert page.locator("details.quiz .why:visible", has_text=" ").count() == 8
    assert accessibility_faults(page, "details.quiz") == []
    page.get_by_role("button", name="Again").click()
    assert page.locator("details.quiz .option[aria-pressed=true], details.quiz .option[data-mark]").count() == 0
    assert page.evaluate("() => document.activeElement.matches('.option')")
    assert status.inner_text() == f"Last time: {right} of 8 right."


def test_what_was_done_is_marked_and_wiped(visit):
    page = ready(visit(CHAPTER))
    page.locator(f"{GROUPS} .option").first.click()
    page.locator("#the-next-question").scroll_into_view_if_needed()
    page.wait_for_function(f"() => ({KEPT})().chapters['04'].read")
    page = visit(EXERCISES)
    places = page.evaluate(PLACES)
    ticks = page.locator(".exercise-done input")
    assert ticks.count() == 5
    page.get_by_role("checkbox", name="Exercise 2 done").check()
    page.locator(".exercise-done").evaluate_all("all => all.forEach(one => one.remove())")
    assert page.evaluate(PLACES) == places
    page = visit(WELCOME)
    page.locator(".map-mark").wait_for(state="attached")
    places = page.evaluate(SETTLED)
    assert page.evaluate("() => document.querySelector('.map-marks').style.display = 'none'") == "none"
    assert page.evaluate(SETTLED) == places
    page.evaluate("() => document.querySelector('.map-marks').style.display = ''")
    mark, picture = page.locator(".map-mark").bounding_box(), page.locator("img[src*=course_map]").bounding_box()
    assert picture["x"] < mark["x"] < picture["x"] + picture["width"] / 4
    assert picture["y"] < mark["y"] < picture["y"] + picture["height"] / 2
    progress = page.locator("details.course-progress")
    assert "never leaves your device" in progress.text_content()
    progress.locator("summary").click()
    told = progress.locator("li").all_inner_texts()
    assert told == ["Chapter 04: read, 1 of 6 predictions, 1 of 5 exercises"]
    assert accessibility_faults(page, "details.course-progress") == []
    progress.get_by_role("checkbox", name="Cover results").uncheck()
    assert ready(visit(CHAPTER)).locator(COVERS).count() == 0
    progress.get_by_role("button", name="Wipe my progress").click()
    assert page.evaluate(KEPT) == {}
    assert progress.locator("li").count() == page.locator(".map-mark").count() == 0
    assert progress.get_by_text("Nothing is kept yet.").is_visible()
    assert ready(visit(CHAPTER)).locator(COVERS).count() > 0


@pytest.mark.parametrize(
    "kept", ["no JSON", "null", "[]", json.dumps({"chapters": None}), json.dumps({"chapters": {"04": {}}})]
)
def test_what_others_left_in_the_memory_does_no_harm(visit, kept):
    page = visit(WELCOME)
    page.evaluate("kept => localStorage.setItem('course-progress', kept)", kept)
    page = ready(visit(CHAPTER))
    page.locator(f"{GROUPS} .option").first.click()
    assert len(page.evaluate(KEPT)["chapters"]["04"]["predicted"]) == 1

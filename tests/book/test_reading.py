"""How the pages read: the opening picture, the numbers of chapters, folded code, what moves, the search."""

import re

import pytest
from bs4 import BeautifulSoup
from pages import HTML, PAGES, ROOT, WIDER, accessibility_faults, mount_figures, watched
from test_figures import BOX, check_divider, check_pictures, drag, is_gray, pixels, point_in, press, swipe

WELCOME = "book/welcome.html"
CHAPTERS = [name for name in PAGES if name.startswith("notebooks/")]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 800}}
LAPTOP = {"viewport": {"width": 1280, "height": 720}}
NAMES = "Gray", "Colored by the network"
SUMS = """() => {
    window.shifts = [];
    new PerformanceObserver(list => {
        for (const { hadRecentInput, startTime, value } of list.getEntries())
            if (!hadRecentInput) window.shifts.push([startTime, value]);
    }).observe({ type: 'layout-shift', buffered: true });
}"""
MOST_SHIFT = 0.05
MOST_HEIGHT = 20_000  # pixels of a chapter on a phone without code
ASKED = """GAN, MAE, MSE, ReLU, softmax, classification, logits, discriminator, generator, embedding, fusion, KID, FID,
LPIPS, PatchGAN, validation, hint, unpaired, ImageNet, learning rate, annealed mean, cycle consistency, color bin,
class rebalancing, conditional GAN, cross-entropy, gradient penalty, mode collapse, test photographs, temperature"""


def soup(name):
    return BeautifulSoup((HTML / name).read_text(encoding="utf-8"), "html.parser")


@pytest.fixture
def opened(browser, site):
    """A function that opens a page as a newcomer does, who has chosen nothing yet."""
    contexts = []

    def go(name, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.complaints, _ = watched(page)
        page.goto(f"{site}/{name}", wait_until="load")
        return page

    yield go
    for context in contexts:
        context.close()


def hero(page):
    """Return the opening picture of the welcome page when it can be moved."""
    figure = page.locator("[data-figure=hero]")
    page.wait_for_function("figure => figure.dataset.alive", arg=figure.element_handle())
    return figure


# The welcome page


@pytest.mark.parametrize("screen", [PHONE, DESK, LAPTOP], ids=["phone", "desk", "laptop"])
def test_the_first_screen_says_what_this_is_and_what_to_press(opened, screen):
    page = opened(WELCOME, **screen)
    hero(page)
    article = page.locator("article")
    buttons = [article.get_by_role("link", name=name, exact=True) for name in ("Color your own", "Begin the course")]
    facts = article.locator(".hero-facts")
    for shown in (article.locator("h1"), page.locator(".compare-stage"), *buttons, facts):
        _, y, _, height = shown.evaluate(BOX)
        assert y > 0
        assert y + height <= page.viewport_size["height"]
    assert buttons[0].get_attribute("href") == "color_your_own.html"
    assert "01_colorization" in buttons[1].get_attribute("href")
    assert re.fullmatch(rf"{len(CHAPTERS)} chapters · free · in your browser.*", facts.inner_text().strip())
    assert "A free course in your browser" in article.locator("h1 + p").inner_text()
    assert page.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_newcomer_gets_the_theme_of_the_device_before_any_script_has_come(browser, site, theme):
    with browser.new_context(color_scheme=theme) as context:
        page = context.new_page()
        page.route("**/*.js*", lambda route: route.abort())
        page.goto(f"{site}/{WELCOME}", wait_until="load")
        assert page.evaluate("() => document.documentElement.dataset.theme") == theme


def test_the_photograph_is_colored_as_one_looks(opened):
    page = opened(WELCOME, **DESK)
    figure = hero(page)
    stage, divider = figure.locator(".compare-stage"), figure.get_by_role("slider", name="Divider")
    page.wait_for_function("input => input.valueAsNumber < 100", arg=divider.element_handle())
    page.wait_for_function("input => input.valueAsNumber === 12", arg=divider.element_handle())
    check_divider(page, stage, 12, *NAMES)
    check_pictures_of_hero(stage)
    seen = pixels(stage)
    across = round(0.12 * seen.shape[1])
    assert is_gray(seen[:, : across - 5])
    assert not is_gray(seen[:, across + 5 :])
    assert page.complaints == []


def check_pictures_of_hero(stage):
    """The pictures are cut alike to the stage, and neither is changed in its colors."""
    assert stage.evaluate(
        "stage => [...stage.querySelectorAll('img')].map(one => getComputedStyle(one).objectFit)"
    ) == [
        "cover",
        "cover",
    ]
    assert stage.evaluate("stage => stage.offsetWidth / stage.offsetHeight") == pytest.approx(1016 / 480, abs=0.01)
    check_pictures(stage)


def test_the_divider_is_the_readers_as_soon_as_they_take_it(opened):
    page = opened(WELCOME, **DESK)
    figure = hero(page)
    stage = figure.locator(".compare-stage")
    drag(page, point_in(stage, 0.5, 0.5), point_in(stage, 0.7, 0.4))
    page.wait_for_timeout(200)
    check_divider(page, stage, 70, *NAMES)
    figure.get_by_role("slider", name="Divider").focus()
    press(page, "ArrowRight", 2)
    check_divider(page, stage, 72, *NAMES)
    assert accessibility_faults(page) == []


def test_with_reduced_motion_the_photograph_stands_half_colored(opened):
    page = opened(WELCOME, **PHONE, reduced_motion="reduce")
    stage = hero(page).locator(".compare-stage")
    check_divider(page, stage, 50, *NAMES)
    page.wait_for_timeout(1500)
    check_divider(page, stage, 50, *NAMES)
    swipe(page, *(point_in(stage, across, 0.5) for across in (0.5, 0.4, 0.3, 0.2)))
    check_divider(page, stage, 20, *NAMES)
    assert page.evaluate(WIDER) == []


def test_without_javascript_and_on_paper_both_pictures_stand(opened):
    page = opened(WELCOME, java_script_enabled=False)
    pictures = page.locator("[data-figure=hero] img")
    assert (
        pictures.evaluate_all("all => all.map(one => one.checkVisibility({ visibilityProperty: true }))") == [True] * 2
    )
    page = opened(WELCOME, **DESK)
    hero(page)
    page.emulate_media(media="print")
    assert page.locator(".as-printed img:visible").count() == 2
    assert not page.locator("[data-figure=hero]").is_visible()


# Chapters


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_is_numbered_wherever_it_is_named(name):
    page, number = soup(name), name.split("/")[1][:2]
    title = page.select_one("article h1").find(string=True)
    assert title.startswith(f"{number} · ")
    assert page.title.get_text().startswith(title)
    for other in (WELCOME, "book/glossary.html"):
        assert soup(other).select_one(f".bd-sidebar-primary a[href$='{name}']").get_text(strip=True) == title
    after = soup(CHAPTERS[CHAPTERS.index(name) - 1]) if number != "01" else soup("book/failures.html")
    assert after.select_one("a.right-next").select_one(".prev-next-title").get_text(strip=True) == title


def test_try_it_comes_first_and_exercises_and_teaching_are_folded():
    sidebar = soup(WELCOME).select_one(".bd-sidebar-primary")
    assert sidebar.select_one(".caption").get_text(strip=True) == "Try it"
    folded = sidebar.select("details")
    assert len(folded) == 2
    assert not any(one.has_attr("open") for one in folded)
    inside = {link["href"].split("/")[0] for one in folded for link in one.select("a")}
    assert {"exercises", "teaching", "schedules"} <= inside


@pytest.mark.parametrize("name", CHAPTERS)
def test_code_that_only_shows_is_folded_and_what_is_taught_is_not(name):
    cells = soup(name).select("article div.cell:has(> details.hide)")
    shows, taught = ([cell for cell in cells if kind in cell["class"]] for kind in ("for-show", "taught"))
    assert len(shows) + len(taught) == len(cells) > 20
    assert shows
    assert not any(cell.select_one("details.hide").has_attr("open") for cell in shows)
    assert all(cell.select_one("details.hide").has_attr("open") for cell in taught)
    assert [cell for cell in shows if any(one.startswith("tag_defines:") for one in cell["class"])] == []


def test_how_much_code_is_shown_is_the_readers_choice(opened):
    page = opened("notebooks/08_results.html", **DESK)
    mount_figures(page)
    cells = "all => all.map(one => one.open)"
    folds = page.locator("div.cell > details.hide")
    taught = folds.evaluate_all("all => all.map(one => Boolean(one.closest('.taught')))")
    assert folds.evaluate_all(cells) == taught
    switch = page.get_by_role("group", name="Code")
    for name, wanted in {"all": [True] * len(taught), "none": [False] * len(taught)}.items():
        switch.get_by_role("button", name=name, exact=True).press("Enter")
        assert folds.evaluate_all(cells) == wanted
    assert accessibility_faults(page, "[data-figure=code-switch]") == []
    page.reload()
    mount_figures(page)
    assert not any(folds.evaluate_all(cells)), "the choice holds"
    first = page.locator("div.cell:has(> .cell_output) > details.hide > summary").first
    first.click()
    assert folds.evaluate_all(cells).count(True) == 1


FORBIDDEN = """Object.defineProperty(window, "localStorage", {
    get() { throw new DOMException("forbidden", "SecurityError"); },
})"""


def test_where_nothing_may_be_kept_the_theme_and_the_switch_work(browser, site):
    with browser.new_context(color_scheme="dark") as context:
        context.add_init_script(FORBIDDEN)
        page = context.new_page()
        page.goto(f"{site}/notebooks/03_preprocessing.html", wait_until="domcontentloaded")
        assert page.evaluate("() => document.documentElement.dataset.theme") == "dark"
        switch = page.get_by_role("group", name="Code")
        switch.get_by_role("button", name="none", exact=True).click()
        assert page.locator("div.cell > details.hide[open]").count() == 0
        assert page.locator(".options").count() > 0


def test_heights_of_chapters_on_a_phone_without_code(browser, site, tell):
    with browser.new_context(**PHONE) as context:
        context.add_init_script("localStorage.code = 'none'")
        page = context.new_page()
        heights = {}
        for name in CHAPTERS:
            page.goto(f"{site}/{name}", wait_until="load")
            page.evaluate("() => window.MathJax?.startup?.promise")
            mount_figures(page)
            heights[name] = page.evaluate("() => document.scrollingElement.scrollHeight")
    tell(
        "heights at 390 px without code: " + ", ".join(f"{name[10:12]} {height:,}" for name, height in heights.items())
    )
    assert {name: height for name, height in heights.items() if not 5_000 < height <= MOST_HEIGHT} == {}


# What moves by itself


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("name", [WELCOME, "notebooks/08_results.html", "book/color_your_own.html"])
def test_nothing_jumps_while_a_page_comes(browser, site, name, screen, tell):
    with browser.new_context(**screen) as context:
        context.add_init_script(f"({SUMS})()")
        page = context.new_page()
        page.goto(f"{site}/{name}", wait_until="networkidle")
        step = screen["viewport"]["height"]
        for top in range(0, page.evaluate("() => document.scrollingElement.scrollHeight"), step):
            page.evaluate("top => scrollTo({ top, behavior: 'instant' })", top)
            page.wait_for_timeout(30)
        page.wait_for_load_state("networkidle")
        shift = sum(value for _, value in page.evaluate("() => window.shifts"))
    tell(f"{name} at {screen['viewport']['width']} px: layout shift {shift:.3f}")
    assert shift <= MOST_SHIFT


@pytest.mark.parametrize("name", PAGES)
def test_every_picture_says_how_large_it_is(name):
    pictures = soup(name).select("article img")
    assert [str(one)[:120] for one in pictures if not (one.get("width") and one.get("height"))] == []


# Search


def test_excerpts_of_results_are_the_pages_own_text(opened):
    page = opened("search.html?q=receptive")
    page.wait_for_selector("#search-results ul.search li p.context")
    page.wait_for_load_state("networkidle")
    excerpts = " ".join(page.locator("#search-results p.context").all_inner_texts())
    assert "receptive" in excerpts.lower()
    for furniture in ("Show the code", "Binder", "Colab", "repository", "Open issue", "Contents", ".ipynb"):
        assert furniture not in excerpts


@pytest.mark.parametrize("way", ["click", "Escape"])
def test_what_a_search_marks_is_not_marked_for_ever(opened, site, way):
    page = opened("search.html?q=receptive")
    page.wait_for_selector("#search-results ul.search li a")
    page.locator("#search-results ul.search li a[href*='04_encoder']").first.click()
    page.wait_for_selector("span.highlighted")
    page.wait_for_load_state("load")
    page.locator("article h1").click() if way == "click" else page.keyboard.press(way)
    assert page.locator("span.highlighted").count() == 0
    assert page.locator(".highlight-link").count() == 0


def test_the_glossary_has_what_chapters_speak_of():
    terms = {term.find(string=True).strip() for term in soup("book/glossary.html").select("dt")}
    assert {term.strip() for term in ASKED.split(",")} - terms == set()


def test_the_opening_pictures_are_of_the_photograph_that_is_credited():
    credits = (ROOT / "data" / "sample" / "ATTRIBUTION.csv").read_text(encoding="utf-8")
    text = soup(WELCOME).get_text()
    for word in ("French Alpine landscape", "Adolphe Braun"):
        assert word in credits
        assert word in text

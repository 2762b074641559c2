"""The color Turing test in a real browser: by keyboard, by touch on a phone, offline, and when something is missing."""

import json
import re

import pytest
from pages import accessibility_faults
from PIL import Image
from playwright.sync_api import expect

from colorize_lib.photo import onnx_export
from colorize_lib.settings import MODEL
from colorize_lib.turing import files

PAGE = "book/turing_test.html"
WORSE = ("error", "warning")
ACCENT = (0xF3, 0xA8, 0x73)  # of the squares of a card that stand for pairs that fooled
MINUTE = 60_000  # milliseconds: machines are shared
# What the test waits for: an answer, a press of its one button, or nothing any more. With the words that it says.
STATE = """(before) => {
    const stage = document.querySelector('.turing-stage');
    const done = document.querySelector('.turing-results');
    if (done) return ['done', ''];
    if (!stage) return null;
    const words = stage.querySelector('[role=status]').textContent;
    const waits = !stage.querySelector('.turing-button').hidden ? 'button' : words.endsWith('fake?') ? 'answer' : '';
    return waits && words !== before ? [waits, words] : null;
}"""
SIDEWAYS = "() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth"
SMALL = """() => [...document.querySelectorAll('.turing button, .turing select, .turing summary, .turing label')]
    .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 24).map(e => e.outerHTML)"""


# Clicks the left picture the moment that a pair is seen, which must not count, and notes how long it is seen.
WATCH = """() => {
    window.seen = [];
    new MutationObserver(() => {
        const shown = document.querySelector('.turing-shown');
        if (Boolean(shown) === Boolean(window.seen.length % 2)) return;
        window.seen.push(performance.now());
        shown?.click();
    }).observe(document.querySelector('.turing'), {subtree: true, childList: true, attributeFilter: ['class']});
}"""


# How many pixels of a picture that one's own network colored lie more than 2 of 255 from the course's picture.
OWN_APART = """async ([name, model]) => {
    const path = new URL("../_static/js/turing.js", location);
    const { own } = await import(path);
    const picture = (kind) => new URL(`../_static/turing/${kind}/india_gate.webp`, location);
    const pixels = async (address) => {
        const bitmap = await createImageBitmap(await (await fetch(address)).blob());
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
        context.drawImage(bitmap, 0, 0);
        return context.getImageData(0, 0, bitmap.width, bitmap.height).data;
    };
    const [one, other] = await Promise.all([pixels(await own.colored(name, picture("real"))), pixels(picture(model))]);
    const apart = (i) => [0, 1, 2].some((c) => Math.abs(one[4 * i + c] - other[4 * i + c]) > 2);
    const places = Array.from({ length: one.length / 4 }, (_, i) => i);
    return { pixels: places.length, far: places.filter(apart).length };
}"""


@pytest.fixture(params=["light", "dark"])
def page(browser, site, request):
    """The page in a window of a desk (light) or of a phone with touch (dark), and what it complained about."""
    phone = request.param == "dark"
    size = {"width": 360, "height": 740} if phone else {"width": 1280, "height": 900}
    context = browser.new_context(viewport=size, has_touch=phone, reduced_motion="reduce" if phone else None)
    context.add_init_script(f"localStorage.mode = localStorage.theme = '{request.param}'")
    context.set_default_timeout(MINUTE)
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda said: page.complaints.append(f"{said.text} {said.location}") if said.type in WORSE else 0)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    context.close()


def open_settings(page, site, seed=7, untimed=True, form="short"):
    page.goto(f"{site}/{PAGE}")
    page.locator(".turing").scroll_into_view_if_needed()
    page.locator("summary", has_text="Network, seed and time limit").click()
    page.get_by_label("Seed").fill(str(seed))
    page.get_by_role("radio", name=re.compile(form)).check()
    page.get_by_label("No time limit").set_checked(untimed)


def check(page):
    assert accessibility_faults(page, ".turing") == []
    assert page.evaluate(SMALL) == []
    assert page.evaluate(SIDEWAYS) <= 0


def state_after(page, words=""):
    return page.wait_for_function(STATE, arg=words).json_value()


def answer_all(page, answer, go_on):
    """Answer until the results are there; return everything that was said."""
    said = [""]
    while True:
        waits, words = state_after(page, said[-1])
        if waits == "done":
            return said[1:]
        said.append(words)
        (answer if waits == "answer" else go_on)()


def result_of(page, tmp_path):
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the result file").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_whole_test_by_keyboard_and_offline(page, site, tmp_path):
    open_settings(page, site)
    check(page)
    page.get_by_role("button", name="Start").press("Enter")
    state_after(page)
    page.context.set_offline(True)  # everything that the test needs has been loaded
    check(page)
    said = answer_all(page, lambda: page.keyboard.press("ArrowRight"), lambda: page.keyboard.press("Enter"))
    assert said[0] == "Practice pair 1 of 4: which one is the fake?"
    assert said[-1] == "Pair 13 of 13: which one is the fake?"
    assert sum(words.startswith(("Right", "Wrong")) for words in said) == 4  # practice only
    assert any("Practice is over" in words for words in said)

    check(page)
    path = result_of(page, tmp_path)
    answers = files.read(path)
    assert (answers.form, answers.model) == ("short", MODEL)
    assert path.name.startswith(f"color-turing-test_{MODEL}_short_7_")
    assert {trial.chosen for trial in answers.trials} == {"right"}
    text = page.locator(".turing-results").inner_text()
    assert f"fooled by {answers.fooled} of 12 pairs" in text
    assert f"You, {len(answers.answered)} pairs" in text
    assert "32.3\N{NO-BREAK SPACE}%" in text
    items = page.locator(".turing-review > li")
    assert items.count() == 17
    assert page.locator(".turing-review img").evaluate_all("all => all.every(img => img.naturalWidth === 256)")
    assert page.locator(".turing-credit").count() == 17
    assert page.complaints == []

    with page.expect_download() as download:
        page.get_by_role("button", name="A card for a friend").click()
    with Image.open(download.value.path()) as card:
        assert card.size == (1200, 630)
        squares = [card.convert("RGB").getpixel((76 + 90 * i, 386)) for i in range(12)]
    assert squares.count(ACCENT) == answers.fooled

    page.get_by_role("button", name="Another test").click()
    page.locator("summary", has_text="Network, seed and time limit").click()
    assert page.get_by_label("No time limit").is_checked()


def test_pair_is_seen_for_a_second_and_a_stopped_test_counts_nothing(page, site, tmp_path):
    open_settings(page, site, untimed=False)
    page.evaluate(WATCH)
    start = page.get_by_role("button", name="Start")
    touch = page.viewport_size["width"] < 500
    start.tap() if touch else start.click()
    assert state_after(page) == ["answer", "Practice pair 1 of 4: which one is the fake?"]
    begun, ended = page.evaluate("window.seen")
    assert 900 < ended - begun < 3000  # a second, and what a busy machine adds
    assert page.locator(".turing-place img:visible").count() == 0
    left = page.get_by_role("button", name="Left is the fake")
    left.tap() if touch else left.click()
    assert state_after(page, "Practice pair 1 of 4: which one is the fake?")[0] == "button"
    shown = page.locator(".turing-choice .turing-label").all_inner_texts()
    assert sorted(shown) == ["Fake", "Real"]
    check(page)

    page.get_by_role("button", name="Pause after this pair").click()
    page.get_by_role("button", name="Next pair").click()
    assert state_after(page) == ["button", "Paused."]
    page.get_by_role("button", name="Stop here").click()
    page.wait_for_selector(".turing-results")
    assert "there is no rate" in page.locator(".turing-results").inner_text()
    answers = files.read(result_of(page, tmp_path))
    assert [trial.chosen for trial in answers.trials] == ["left"] + [None] * 16
    assert answers.trials[0].seconds >= 1
    assert page.complaints == []


def test_long_form_and_every_model_say_what_they_load(page, site):
    open_settings(page, site, form="long")
    for option in page.get_by_label("Who colors the fakes").locator("option").all():
        page.get_by_label("Who colors the fakes").select_option(option.get_attribute("value"))
        megabytes = re.search(r"loads ([\d.]+) MB", page.locator(".turing-status").inner_text())
        assert 1 < float(megabytes[1]) < 10


@pytest.mark.parametrize("page", ["light"], indirect=True)
def test_a_network_of_ones_own_colors_the_fakes(page, site, tmp_path):
    """The file holds what the course's pictures were made with, so they have to become the same."""
    onnx_export.export(MODEL, tmp_path / "rooms.onnx")
    wrong = tmp_path / "wrong.onnx"
    wrong.write_bytes(b"\x89HDF and more")
    open_settings(page, site)
    said, chosen = page.locator(".turing-status"), page.get_by_label("Who colors the fakes")
    before = chosen.input_value()
    page.set_input_files(".turing input[type=file]", wrong)
    expect(said).to_contain_text("wrong.onnx: this file is a weights file of Keras", timeout=MINUTE)
    assert chosen.input_value() == before
    page.set_input_files(".turing input[type=file]", tmp_path / "rooms.onnx")
    expect(said).to_contain_text("rooms answers as it did in Python", timeout=MINUTE)
    assert chosen.input_value() == "rooms"
    check(page)
    apart = page.evaluate(OWN_APART, ["rooms", MODEL])
    assert apart["pixels"] > 60_000
    assert apart["far"] <= 0.001 * apart["pixels"]


def test_pictures_that_cannot_be_loaded(page, site):
    open_settings(page, site)
    page.route("**/turing/real/*.webp", lambda route: route.abort())
    page.get_by_role("button", name="Start").click()
    page.wait_for_function("() => document.querySelector('.turing-status')?.textContent.includes('try again')")
    assert "could not be loaded" in page.locator(".turing-status").inner_text()
    page.unroute("**/turing/real/*.webp")
    page.get_by_role("button", name="Start").click()
    assert state_after(page)[0] == "answer"


def test_without_the_list_of_pictures_the_page_stays_as_printed(page, site):
    page.route("**/turing/index.json", lambda route: route.fulfill(status=404, body=json.dumps(None)))
    page.goto(f"{site}/{PAGE}")
    with page.expect_console_message(lambda said: "stays as it was printed" in said.text):
        page.locator(".turing").scroll_into_view_if_needed()
    assert "needs JavaScript" in page.locator(".turing").inner_text()

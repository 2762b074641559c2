"""Pages gone through with the Tab key: all that can be used is reached, is seen to be, and lets go again."""

import pytest
from pages import UNCOVERED, mount_figures

PAGES = [
    "book/welcome.html",
    "notebooks/01_colorization.html",
    "notebooks/07_training.html",
    "book/exercises/01_colorization.html",
    "book/color_your_own.html",
    "book/turing_test.html",
]
# What a reader can use now. Of radio buttons with one name Tab reaches the chosen one; arrow keys do the rest.
USABLE = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
    .filter(e => e.tabIndex >= 0 && !e.disabled && !(e.type === 'radio' && !e.checked) &&
        e.checkVisibility({ visibilityProperty: true }))"""
NAME = "e => (e.outerHTML.match(/^<[^>]*>/)[0] + e.textContent.trim()).slice(0, 160)"
# Notes for all that gets the focus whether it is on the screen, has a mark, and whether something cuts the mark.
WATCH = """() => {
    window.reached = new Map();
    document.addEventListener('focusin', ({ target }) => {
        const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(target);
        const { left, top, right, bottom } = target.getBoundingClientRect();
        const faults = [];
        if (outlineStyle === 'none' || parseFloat(outlineWidth) < 2) faults.push('no outline');
        if (right - left < 1 || bottom <= 0 || top >= innerHeight || right <= 0 || left >= innerWidth)
            faults.push('not on the screen');
        for (let at = target.closest('[data-figure]') && target.parentElement; at && at !== document.body;
             at = at.parentElement) {
            const box = at.getBoundingClientRect();
            if (getComputedStyle(at).overflowX !== 'visible' &&
                (left - 4 < box.left || right + 4 > box.right || top - 4 < box.top || bottom + 4 > box.bottom))
                faults.push('outline is cut by ' + at.className);
        }
        window.reached.set(target, faults);
    });
}"""
MISSED = f"() => ({USABLE})().filter(e => !window.reached.has(e)).map({NAME})"
FAULTS = f"() => [...window.reached].filter(([, faults]) => faults.length).map(([e, faults]) => [({NAME})(e), faults])"


@pytest.fixture(scope="module")
def page(browser):
    """A page on which nothing fades in, so that what is seen after a key is final."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.add_init_script("localStorage.mode = localStorage.theme = 'light'")
    context.add_init_script(UNCOVERED)
    yield context.new_page()
    context.close()


def walk(page, times, key="Tab"):
    for _ in range(times):
        page.keyboard.press(key)


def open_all(page):
    """Unfold what a reader can unfold, and open a comparison."""
    page.locator("article details").evaluate_all("all => all.forEach(one => one.open = true)")
    for button in page.get_by_role("button", name="Compare", exact=True).all()[:1]:
        button.click()


@pytest.mark.parametrize("name", PAGES)
def test_tab_reaches_everything_and_leaves_it(page, site, name):
    page.goto(f"{site}/{name}", wait_until="load")
    mount_figures(page)
    open_all(page)
    page.evaluate("() => { document.activeElement.blur(); getSelection().removeAllRanges(); scrollTo(0, 0); }")
    page.evaluate(WATCH)
    count = len(page.evaluate(f"() => ({USABLE})().map({NAME})"))
    assert count > 20
    walk(page, count + 3)  # beyond the last one the page lets go of the focus, or begins anew
    assert page.evaluate(MISSED) == []
    assert page.evaluate(FAULTS) == []
    figure = page.locator("[data-figure]").first
    if figure.count():  # and back out of the figure
        inside = figure.locator("button, input, select, summary, [tabindex='0']").locator("visible=true")
        inside.last.focus()
        walk(page, inside.count() + 1, "Shift+Tab")
        assert not figure.evaluate("figure => figure.contains(document.activeElement)")


def test_tab_reaches_the_answers_of_the_turing_test(page, site):
    page.goto(f"{site}/book/turing_test.html", wait_until="load")
    mount_figures(page)
    page.locator("summary", has_text="Network, seed and time limit").click()
    page.get_by_label("No time limit").check()
    page.get_by_role("button", name="Start").press("Enter")
    page.get_by_role("button", name="Left is the fake").wait_for()
    page.evaluate(WATCH)
    for name in ("Left is the fake", "Right is the fake", "Pause after this pair", "Stop here"):
        page.keyboard.press("Tab")
        assert page.evaluate("() => document.activeElement.textContent") == name
    page.keyboard.press("Tab")
    assert not page.locator(".turing").evaluate("stage => stage.contains(document.activeElement)")
    assert page.evaluate(FAULTS) == []

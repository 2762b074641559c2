"""The built pages in a real browser: light and dark, desktop and phone, nothing from elsewhere, no error."""

import gzip

import pytest
from pages import HTML, NOT_FOUND, PAGES, WIDER, accessibility_faults, mount_figures, watched

SIZES = {"desktop": (1280, 900), "phone": (360, 740), "wide": (1920, 1080)}
THEMES = ("light", "dark")
FILTERED = """() => [...document.querySelectorAll('.bd-content img')].filter(img =>
    getComputedStyle(img).filter !== 'none' || getComputedStyle(img).mixBlendMode !== 'normal').map(img => img.alt)"""
BROKEN = """() => [...document.images].filter(img => img.getClientRects().length && img.complete && !img.naturalWidth)
    .map(img => img.src.slice(0, 100))"""
UNSET = """() => [...document.querySelectorAll('.math')].filter(e => !e.querySelector('mjx-container mjx-math') ||
    e.querySelector('mjx-merror')).map(e => e.textContent.slice(0, 80))"""


@pytest.fixture(scope="module", params=THEMES)
def visit(browser, site, request):
    """A function that opens a page in one theme and returns it with what it complained about."""
    context = browser.new_context(viewport=dict(zip(("width", "height"), SIZES["desktop"], strict=True)))
    context.add_init_script(f"localStorage.mode = localStorage.theme = '{request.param}'")
    page = context.new_page()
    complaints, requests = watched(page)

    def open_page(name):
        complaints.clear()
        requests.clear()
        page.goto(f"{site}/{name}", wait_until="load")
        page.evaluate("() => window.MathJax?.startup?.promise")
        return page, complaints, requests

    open_page.theme = request.param
    yield open_page
    context.close()


def check_sizes(page):
    """On no screen does a page scroll sideways."""
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(WIDER) == [], f"wider than a {size}'s screen"
    page.set_viewport_size(dict(zip(("width", "height"), SIZES["desktop"], strict=True)))


@pytest.mark.parametrize("name", [name for name in PAGES if name != "index.html"])
def test_page(visit, site, name):
    page, complaints, requests = visit(name)
    mount_figures(page)
    for button in page.get_by_role("button", name="Compare", exact=True).all()[:1]:
        button.click()
    assert page.evaluate("() => document.documentElement.dataset.theme") == visit.theme
    assert page.evaluate(BROKEN) == []
    assert page.evaluate(FILTERED) == [], "the theme changes the colors of pictures"
    assert page.evaluate(UNSET) == [], "formulas that MathJax didn't set"
    assert accessibility_faults(page) == []  # before other sizes: the theme is slow to make focusable what then scrolls
    check_sizes(page)
    assert complaints == []
    assert [url for url in requests if not url.startswith((site, "data:", "blob:"))] == []
    assert any("mathjax" in url for url in requests) == bool(page.locator(".math").count())


def test_the_page_for_a_wrong_address(visit, site):
    page, _, requests = visit(NOT_FOUND)
    check_sizes(page)
    assert [url for url in requests if not url.startswith((site, "data:")) and "favicon" not in url] == []
    assert accessibility_faults(page) == []


COMPRESSED = ("text/", "javascript", "json", "svg")  # what any host of static pages compresses
MOST_BYTES = 1_500_000  # of a page's first load, before anything is scrolled to or asked for


@pytest.mark.parametrize("name", [name for name in PAGES if name.startswith(("notebooks/", "book/"))])
def test_the_first_load_is_light(browser, site, name, tell):
    bodies = {}

    def keep(response):
        kind, body = response.headers.get("content-type", ""), response.body()
        bodies[response.url] = len(gzip.compress(body)) if any(part in kind for part in COMPRESSED) else len(body)

    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        page.on("requestfinished", lambda request: keep(request.response()))
        page.goto(f"{site}/{name}", wait_until="networkidle")
    total = sum(bodies.values())
    tell(f"{name}: {total / 1e6:.2f} MB in {len(bodies)} files")
    assert 100_000 < total <= MOST_BYTES, sorted(bodies.items(), key=lambda item: -item[1])[:8]


def test_index_leads_to_the_welcome_page(browser, site):
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{site}/index.html")
        page.wait_for_url("**/book/welcome.html")
        assert page.locator("article h1").count() == 1


def test_numbers_stand_below_their_headings_and_words_begin_at_the_left(browser, site):
    page = browser.new_page()
    page.goto(f"{site}/notebooks/11_the_papers_claims.html")
    styles = "(cells) => [...new Set(cells.map((cell) => getComputedStyle(cell).textAlign))]"
    numbers = page.locator("table.dataframe:has-text('25.43')")
    assert numbers.locator("td, thead th:not(:first-child)").evaluate_all(styles) == ["right"]
    verdicts = page.locator("table:has(th:has-text('Verdict'))")
    assert verdicts.locator("td, th").evaluate_all(styles) == ["left"]


def test_search_finds_a_word(browser, site):
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{site}/search.html?q=luminance")
        page.wait_for_selector("#search-results ul.search li a")
        assert page.locator("#search-results ul.search li a").count() > 1


def test_search_works_from_a_file(browser, book):
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{(HTML / 'search.html').as_uri()}?q=luminance")
        page.wait_for_selector("#search-results ul.search li a")

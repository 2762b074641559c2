"""The built pages in a real browser: light and dark, desktop and phone, nothing from elsewhere, no error."""

import functools
import gzip
from urllib.parse import unquote, urlsplit

import pytest
from pages import GUIDELINES, HTML, NOT_FOUND, PAGES, WIDER, accessibility_faults, mount_figures, watched

from colorize_lib import settings

SIZES = {"desktop": (1280, 900), "phone": (360, 740), "wide": (1920, 1080)}
THEMES = ("light", "dark")
FILTERED = """() => [...document.querySelectorAll('.bd-content img')].filter(img =>
    getComputedStyle(img).filter !== 'none' || getComputedStyle(img).mixBlendMode !== 'normal').map(img => img.alt)"""
BROKEN = """() => [...document.images].filter(img => img.getClientRects().length && img.complete && !img.naturalWidth)
    .map(img => img.src.slice(0, 100))"""
UNSET = """() => [...document.querySelectorAll('.math')].filter(e => !e.querySelector('mjx-container mjx-math') ||
    e.querySelector('mjx-merror')).map(e => e.textContent.slice(0, 80))"""

# What Chromium keeps on one page of paper: what must not break, and what scrolls.
KEPT_WHOLE = """() => [...document.querySelectorAll('.bd-article *')].filter(element => {
    const { breakInside, overflowY } = getComputedStyle(element);
    return breakInside === 'avoid' || !['visible', 'clip'].includes(overflowY);
}).map(element => [element.getBoundingClientRect().height, element.outerHTML.slice(0, 90)])"""
PAPER = {"width": 702, "height": 1009}  # A4 less margins, in CSS pixels

# Of axe's rules those that a theme can break; the others were tried in the light.
OF_COLOR = ("color-contrast", "link-in-text-block")
SETTLED = """() => new Promise(requestAnimationFrame).then(
    () => Promise.all(document.getAnimations().map(one => one.finished.catch(() => 0))))"""

COMPRESSED = {".html", ".js", ".mjs", ".css", ".json", ".svg", ".txt"}  # what any host of static pages compresses
MOST_BYTES = 1_500_000  # of a page's first load, before anything is scrolled to or asked for


@pytest.fixture(scope="module")
def visit(browser, site):
    """A function that opens a page in one theme, nothing being cached, and returns it with what it complained about."""
    context = browser.new_context()
    context.add_init_script("localStorage.mode = 'auto'")  # the reader's system decides the theme
    page = context.new_page()
    complaints, requests = watched(page)
    context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})

    def open_page(name, theme="light"):
        page.goto("about:blank")  # or what the page before still fetches counts as this one's
        page.emulate_media(media="screen", color_scheme=theme)  # as each page is left on paper, see check_paper
        page.set_viewport_size(dict(zip(("width", "height"), SIZES["desktop"], strict=True)))
        complaints.clear()
        requests.clear()
        page.goto(f"{site}/{name}", wait_until="load")
        page.evaluate("() => window.MathJax?.startup?.promise")
        return page, complaints, requests

    yield open_page
    context.close()


def check_theme(page, theme, rules=GUIDELINES):
    """A page is in one theme, readable, and its pictures have their own colors."""
    assert page.evaluate("() => document.documentElement.dataset.theme") == theme
    assert page.evaluate(FILTERED) == [], "the theme changes the colors of pictures"
    assert accessibility_faults(page, rules=rules) == []


def check_sizes(page):
    """On no screen does a page scroll sideways."""
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(WIDER) == [], f"wider than a {size}'s screen"


def check_paper(page):
    """On paper nothing is kept whole that would leave half a page empty."""
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    assert [what for height, what in page.evaluate(KEPT_WHOLE) if height > PAPER["height"] / 2] == []


@functools.cache
def size(name):
    """Return the bytes of a file of the book as a host of static pages sends it."""
    content = (HTML / name).read_bytes()
    return len(gzip.compress(content)) if (HTML / name).suffix in COMPRESSED else len(content)


def check_first_load(page, site, requests):
    """A page is light before anything is scrolled to or asked for; return what it weighs, in words."""
    page.wait_for_load_state("networkidle")
    names = {urlsplit(url)._replace(query="", fragment="").geturl() for url in requests if url.startswith(site)}
    sizes = {name: size(name) for name in (unquote(url.removeprefix(f"{site}/")) for url in names)}
    assert 100_000 < sum(sizes.values()) <= MOST_BYTES, sorted(sizes.items(), key=lambda item: -item[1])[:8]
    return f"{sum(sizes.values()) / 1e6:.2f} MB in {len(sizes)} files"


@pytest.mark.parametrize("name", [name for name in PAGES if name != "index.html"])
def test_page(visit, site, name, tell):
    """In both themes: the reader's system goes over to the dark one while the page is open."""
    page, complaints, requests = visit(name)
    tell(f"{name}: {check_first_load(page, site, requests)}")
    mount_figures(page)
    for button in page.get_by_role("button", name="Compare", exact=True).all()[:1]:
        button.click()
    assert page.evaluate(BROKEN) == []
    assert page.evaluate(UNSET) == [], "formulas that MathJax didn't set"
    check_theme(page, "light")  # before other sizes: the theme is slow to make focusable what then scrolls
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
    page.evaluate(SETTLED)
    check_theme(page, "dark", OF_COLOR)
    check_sizes(page)
    check_paper(page)
    assert complaints == []
    assert [url for url in requests if not url.startswith((site, "data:", "blob:"))] == []
    assert any("mathjax" in url for url in requests) == bool(page.locator(".math").count())


@pytest.mark.parametrize(
    "name", ["book/welcome.html", "book/color_your_own.html", "notebooks/21_color_classification.html"]
)
def test_a_page_that_is_opened_in_the_dark(visit, name):
    """One without figures, one that loads a network, and one with figures that draw."""
    page, complaints, _ = visit(name, "dark")
    mount_figures(page)
    check_theme(page, "dark")
    assert complaints == []


@pytest.mark.parametrize("address", ["none.html", "book/no/such/page.html"])
def test_the_page_for_a_wrong_address_is_one_of_the_course(browser, site, address):
    """As GitHub serves it: in any folder, at the root that the repository gives to its pages."""
    origin, start = site.rsplit("/", 1)[0], urlsplit(settings.book()).path

    def serve(route):
        path = HTML / urlsplit(route.request.url).path.removeprefix(start)
        route.fulfill(path=path) if path.is_file() else route.fulfill(path=HTML / NOT_FOUND, status=404)

    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.add_init_script("localStorage.mode = localStorage.theme = 'light'")  # or the theme complains
        page = context.new_page()
        complaints, requests = watched(page)
        page.route(f"{origin}{start}**", serve)
        page.goto(f"{origin}{start}{address}", wait_until="load")
        assert [said for said in complaints if address not in said and "404 (Not Found)" not in said] == []
        assert [url for url in requests if not url.startswith((f"{origin}{start}", "data:"))] == []
        assert page.get_by_role(
            "link", name="06 · Skip connections", exact=True
        ).is_visible()  # the contents at its side
        assert page.locator(".bd-article h1").evaluate("title => getComputedStyle(title).fontFamily") != "serif"
        check_sizes(page)
        assert accessibility_faults(page) == []


@pytest.mark.parametrize("theme", THEMES)
def test_what_is_under_the_pointer_stays_readable(visit, theme):
    """Rows keep their ground: on the theme's purple links were faint, and it stuck after a tap."""
    for name in ("book/welcome.html", "notebooks/08_results.html"):
        page, _, _ = visit(name, theme)
        rows = page.locator("table:not(.strip) tbody tr").filter(visible=True)
        for row in (rows.nth(0), rows.nth(1)):
            page.mouse.move(0, 0)
            before = row.evaluate("row => getComputedStyle(row).backgroundColor")
            row.locator("td").last.hover()
            assert row.evaluate("row => [row.matches(':hover'), getComputedStyle(row).backgroundColor]") == [
                True,
                before,
            ]
    page.mouse.move(0, 0)  # the page is shared


def test_the_way_back_to_the_top_is_readable(browser, site):
    """Narrow screens offer it to whoever scrolls up."""
    for theme in THEMES:
        with browser.new_context(viewport={"width": 700, "height": 900}) as context:
            context.add_init_script(f"localStorage.mode = localStorage.theme = '{theme}'")
            page = context.new_page()
            page.goto(f"{site}/book/glossary.html", wait_until="load")
            button = page.locator("#pst-back-to-top")
            for place in range(3000, 1000, -100):
                page.evaluate("top => scrollTo({ top, behavior: 'instant' })", place)
                page.wait_for_timeout(50)
                if button.is_visible():
                    break
            assert button.is_visible()
            assert accessibility_faults(page, "#pst-back-to-top") == []
            button.hover()
            assert accessibility_faults(page, "#pst-back-to-top") == []


def test_what_is_typed_into_the_search_stands_beside_the_magnifier(browser, site):
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        for address, key in (("search.html", "Tab"), ("book/welcome.html", "Control+k")):
            page.goto(f"{site}/{address}", wait_until="load")
            page.keyboard.press(key)
            field = page.locator("input[type=search]").filter(visible=True)
            icon = field.locator("..").locator(".fa-magnifying-glass").bounding_box()
            text = field.bounding_box()["x"] + field.evaluate(
                "field => parseFloat(getComputedStyle(field).paddingLeft)"
            )
            assert icon["x"] + icon["width"] <= text


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

"""The book of a release, unzipped and opened as files, without a server."""

import zipfile

import pytest
import release

PAGES = ("index.html", "book/welcome.html", "notebooks/05_decoder.html", "book/bibliography.html")
BROKEN = "() => [...document.images].filter(img => img.complete && !img.naturalWidth).map(img => img.src.slice(0, 100))"
SET = "() => [...document.querySelectorAll('.math')].every(formula => formula.querySelector('mjx-container'))"
STYLED = "() => getComputedStyle(document.querySelector('.bd-sidebar-primary')).position === 'sticky'"
NO_FONT = "() => [...document.fonts].filter(font => font.status === 'error').map(font => font.family)"
# Browsers refuse modules of a file, as the zip's README says, and fonts ahead of time, which they load later.
REFUSED = ("/_static/js/", "/webfonts/")


@pytest.fixture(scope="module")
def unzipped(book, tmp_path_factory):
    """The folder that a reader gets from the zip."""
    folder = tmp_path_factory.mktemp("offline")
    with zipfile.ZipFile(release.make_offline_book(folder)) as archive:
        archive.extractall(folder)
    (top,) = (path for path in folder.iterdir() if path.is_dir())
    return top


def test_it_holds_every_page(unzipped, book):
    built, held = ({str(path.relative_to(top)) for path in top.rglob("*.html")} for top in (book, unzipped))
    assert built - held == {"404.html"}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_reads_as_a_file(name, unzipped, browser):
    page = browser.new_page()
    failed = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.goto((unzipped / name).as_uri())
    if name == "index.html":
        page.wait_for_url("**/book/welcome.html")
    page.wait_for_function(SET)
    assert page.evaluate(STYLED)
    assert page.evaluate(BROKEN) == []
    assert page.evaluate(NO_FONT) == []
    assert [url for url in failed if not any(part in url for part in REFUSED)] == []
    page.close()


def test_search_works_in_a_file(unzipped, browser):
    page = browser.new_page()
    page.goto(f"{(unzipped / 'search.html').as_uri()}?q=checkerboard")
    page.wait_for_selector("#search-results li a")
    found = [link.get_attribute("href") for link in page.query_selector_all("#search-results li a")]
    assert [link for link in found if "05_decoder" in link]
    page.close()

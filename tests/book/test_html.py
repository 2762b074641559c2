"""The built pages as text: nothing failed, nothing comes from elsewhere, no link is broken, every picture has words."""

import re
import tomllib
from functools import cache
from urllib.parse import unquote, urlsplit

import build
import icons
import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from outputs import not_as_stored
from pages import HTML, NOT_FOUND, PAGES, ROOT
from PIL import Image

from colorize_lib.data import sources

# Where a page's own resources are named: element and attribute.
RESOURCES = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "object": "data"}
LINKED = ("stylesheet", "icon", "preload", "modulepreload", "preconnect", "dns-prefetch", "manifest")
ICON = re.compile(r"\.(fa-[\w-]+)")
REMOTE = re.compile(r"^(https?:)?//")
# What Markdown and MyST look like when they were not understood.
RAW = re.compile(r"\]\(|\{[a-z-]+\}`|^\s*(:::|```)|^\s*#{1,6} |%%|\*\*\w|\bin(put|out)_area\b", re.MULTILINE)


@cache
def soup(name):
    return BeautifulSoup((HTML / name).read_text(encoding="utf-8"), "html.parser")


@cache
def anchors(name):
    return {tag["id"] for tag in soup(name).find_all(id=True)} | {
        a["name"] for a in soup(name).find_all("a", {"name": 1})
    }


def test_every_page_of_the_contents_is_there(book):
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    assert {f"{name}.html" for name in (toc["root"], *build.contents())} <= set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_nothing_failed(name):
    text = soup(name).get_text()
    assert "Traceback (most recent call last)" not in text
    assert not soup(name).select(".output.traceback, .output.stderr, .system-message, .problematic")


@pytest.mark.parametrize("name", PAGES)
def test_resources_are_the_books_own(name):
    page = soup(name)
    addresses = [
        tag[attribute] for kind, attribute in RESOURCES.items() for tag in page.find_all(kind, {attribute: True})
    ]
    addresses += [link["href"] for link in page.find_all("link") if set(link.get("rel", ())) & {*LINKED}]
    assert [address for address in addresses if REMOTE.match(address)] == []
    scripts = " ".join(script.get_text() for script in page.find_all("script") if not script.get("src"))
    assert re.findall(r"(?:import|from|src\s*=|fetch\()\s*[\"'](?:https?:)?//[^\"']*", scripts) == []
    missing = [a for a in addresses if not a.startswith(("data:", "#")) and not target(name, a)[0].is_file()]
    assert missing == []


def test_styles_are_the_books_own(book):
    loaded = re.compile(r"(?:url\(|@import\s)\s*[\"']?((?:https?:)?//[^\"')]+)")
    found = {str(css.relative_to(book)): loaded.findall(css.read_text(encoding="utf-8")) for css in book.rglob("*.css")}
    assert {name: addresses for name, addresses in found.items() if addresses} == {}


def test_every_icon_that_a_page_names_is_served(book):
    (folder,) = book.glob("_static/vendor/fontawesome/*")
    signs = {sign for font in folder.glob("webfonts/*") for sign in TTFont(font).getBestCmap()}
    sheet = (folder / "css" / "all.min.css").read_text(encoding="utf-8")
    drawn = {name for rule in icons.ICON.finditer(sheet) if int(rule[1], 16) in signs for name in ICON.findall(rule[0])}
    named = {kind for name in PAGES for tag in soup(name).select("[class*=fa-]") for kind in tag["class"]}
    named = {kind for kind in named if kind.startswith("fa-")}
    assert len(named) > 10
    assert named - drawn <= {"fa-solid", "fa-lg"}  # these name no icon


def target(name, address):
    """Return the file and the anchor that a link on the page `name` leads to."""
    parts = urlsplit(address)
    file = (HTML / name).parent / unquote(parts.path) if parts.path else HTML / name
    return file.resolve(), unquote(parts.fragment)


@pytest.mark.parametrize("name", PAGES)
def test_internal_links_lead_somewhere(name):
    broken = []
    for link in soup(name).find_all("a", href=True):
        address = link["href"]
        if urlsplit(address).scheme or address.startswith("//") or address == "#":
            continue
        file, anchor = target(name, address)
        there = file.is_relative_to(HTML) and file.is_file()
        if not there or (anchor and anchor not in anchors(str(file.relative_to(HTML)))):
            broken.append(address)
    assert broken == []


@pytest.mark.parametrize("name", PAGES)
def test_every_picture_has_words(name):
    words = [img.get("alt", "").strip() for img in soup(name).find_all("img")]
    assert [alt for alt in words if not alt or alt.endswith((".png", ".svg", ".jpg", ".jpeg", ".webp"))] == []


@pytest.mark.parametrize("name", PAGES)
def test_pictures_are_files_that_load_when_they_are_near(name):
    pictures = soup(name).find_all("img")
    assert [str(img)[:80] for img in pictures if img["src"].startswith("data:")] == []
    late = [img for img in pictures if img.get("fetchpriority") != "high"]  # all but the opening picture
    assert [str(img)[:80] for img in late if img.get("loading") != "lazy"] == []


@pytest.mark.parametrize("name", PAGES)
def test_no_markup_is_left_raw(name):
    article = soup(name).find("article") or soup(name)
    shown = BeautifulSoup(str(article), "html.parser")
    for code in shown.select("pre, code, script, style, .math, table.dataframe"):
        code.decompose()
    assert RAW.findall(shown.get_text()) == []


CHAPTERS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", CHAPTERS, ids=[path.stem for path in CHAPTERS])
def test_the_built_chapter_put_out_what_is_stored(path, book):
    """With the locked versions; `tests/colab` asks the same of Colab's."""
    executed = nbformat.read(book.parent / "jupyter_execute" / "notebooks" / path.name, as_version=4)
    assert not_as_stored(path, executed) == {}


def repository():
    """Return the address of the repository."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]["Repository"]


def test_an_address_that_leads_nowhere_leads_back(book):
    start = f"/{repository().rsplit('/', 1)[1]}/"  # GitHub serves a project's pages below its name
    links = [link["href"] for link in soup(NOT_FOUND).select("a[href]:not([href^='#'], [href^='https:'])")]
    assert len(links) > 20  # the contents, too
    assert [link for link in links if not link.startswith(start)] == []
    assert [link for link in links if not (book / link.removeprefix(start)).is_file()] == []


@pytest.mark.parametrize("name", [name for name in PAGES if name not in ("search.html", "genindex.html")])
def test_a_link_to_the_page_shows_a_card(name, book):
    facts = {tag["property"]: tag["content"] for tag in soup(name).find_all("meta", property=re.compile("^og:"))}
    if name != "index.html":  # leads to the welcome page at once
        assert facts["og:title"]
        assert (book / facts["og:image"].split("/", 4)[-1]).is_file()


def test_every_chapter_can_be_opened_in_colab():
    start = f"https://colab.research.google.com/github/{repository().removeprefix('https://github.com/')}/blob/main/"
    for name in (name for name in PAGES if name.startswith("notebooks/")):
        links = [a["href"] for a in soup(name).find_all("a", href=True) if a["href"].startswith(start)]
        assert links, f"no button on {name}"
        assert [link for link in links if not (ROOT / link.removeprefix(start)).is_file()] == []


LOOKED_AT = [name for name in PAGES if re.search(r"notebooks/(01|02|05|06|08|09|10|11)_", name)]
TRUTHS = {"Truth", "Color", "True color"}


@pytest.mark.parametrize("name", LOOKED_AT)
def test_photographs_that_are_looked_at_are_large_or_say_how_small_they_are(name):
    titles = tuple(photo["title"] for photo in sources.attributions().values())
    truths = 0
    for strip in soup(name).select("table.strip:has(td[data-column])"):
        names = {cell["data-column"] for cell in strip.select("td[data-column]")}
        for cell in strip.select("td[data-column]") if names & TRUTHS else ():
            picture = cell.find("img")
            if not picture["alt"].startswith(titles):
                continue  # painted by hand, pixel by pixel
            with Image.open((HTML / name).parent / picture["src"]) as file:
                wide = file.size[0]
            assert int(picture["width"]) >= 256
            assert wide == int(picture["width"]) or cell["data-column"].endswith(f", {wide} px")
            truths += cell["data-column"] in TRUTHS and wide >= 256
    assert truths >= 2

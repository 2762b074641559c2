"""Of the icons' fonts the book serves only what its pages name."""

import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import icons
import pydata_sphinx_theme
import pytest
from fontTools.ttLib import TTFont

VENDOR = Path(pydata_sphinx_theme.__file__).parent / "theme/pydata_sphinx_theme/static/vendor/fontawesome"
NAMED_BY_CLASS, NAMED_BY_CODE, ON_A_BRAND = {0xF0C9, 0xF00D}, {0xF107, 0xF0EB}, 0xF09B
MOST_BYTES = 12_000  # of all fonts; 274,000 were served


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The icons' folder of a book whose page, script and style each name an icon."""
    out = tmp_path_factory.mktemp("book")
    folder = out / "_static" / "vendor" / "fontawesome"
    shutil.copytree(VENDOR, folder)
    (out / "scripts").mkdir()
    (out / "_static" / "scripts").mkdir()
    (out / "page.html").write_text('<i class="fa-solid fa-bars fa-lg"></i><i class="fa-brands fa-github"></i>')
    (out / "_static" / "scripts" / "theme.js").write_text("x.className = 'fa-solid fa-xmark'")
    (out / "_static" / "theme.css").write_text('a:before { content: "\\f107" } b:before { content: "\uf0eb" }')
    icons.keep_what_is_named(SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=out), None)
    return next(folder.iterdir())


def test_the_fonts_hold_what_is_named_and_nothing_else(served):
    fonts = {path.stem: TTFont(path) for path in (served / "webfonts").iterdir()}
    assert set(fonts["fa-solid-900"].getBestCmap()) == NAMED_BY_CLASS | NAMED_BY_CODE
    assert set(fonts["fa-brands-400"].getBestCmap()) == {ON_A_BRAND}
    assert sum(path.stat().st_size for path in (served / "webfonts").iterdir()) < MOST_BYTES
    whole = TTFont(next(VENDOR.glob("*/webfonts/fa-solid-900.ttf")))
    ours, theirs = (font["glyf"][font.getBestCmap()[0xF0C9]] for font in (fonts["fa-solid-900"], whole))
    assert ours == theirs


def test_what_is_served_is_licensed_as_before_under_another_name(served):
    assert "Reserved Font Name" in (served / "LICENSE.txt").read_text()
    for path in (served / "webfonts").iterdir():
        names = TTFont(path)["name"]
        assert "Font Awesome" in str(names.getDebugName(0))  # the copyright
        assert [str(names.getDebugName(i)) for i in (1, 4, 6)] == ["Course icons", "Course icons", "Courseicons"]


def test_the_style_sheet_fits(served):
    sheet = (served / "css" / "all.min.css").read_text()
    asked = set(re.findall(r"url\(\.\./webfonts/([^)]+)\)", sheet))
    assert asked == {path.name for path in (served / "webfonts").iterdir()}
    assert {int(code, 16) for code in re.findall(r'content:"\\(\w+)"', sheet)} == NAMED_BY_CLASS | NAMED_BY_CODE | {
        ON_A_BRAND
    }
    assert ".fa-lg{" in sheet  # what sets no sign stays
    assert not (served / "js").exists()

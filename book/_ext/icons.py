"""The pages' icons: of Font Awesome's fonts and style sheet, only what a page can show.

Pages name about two dozen of 2,000 icons. All of them are 274 kB on a first visit and a style sheet of 100 kB, which
come before the first picture; those that are named are a few kB. As their license asks (SIL OFL 1.1, which lies
beside them), the smaller fonts have another name in their own tables.
"""

import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fontTools import subset
from sphinx.application import Sphinx

NAME = "Course icons"
FAMILY_NAMES = (1, 3, 4, 6, 16)  # records of a font's table of names that hold what it is called
CLASS = re.compile(r"\bfa-[a-z0-9-]+")
ESCAPED = re.compile(r"\\([ef][0-9a-f]{3})\b")
LITERAL = re.compile("[\ue000-\uf8ff]")
# In the icons' style sheet: the rule that gives one or more classes their sign, and a font.
ICON = re.compile(r'(?:\.fa-[\w-]+:before,?)+\{content:"\\([0-9a-f]+)"\}')
FONT_FACE = re.compile(r"@font-face\{[^}]*\}")
SOURCE = re.compile(r"src:url\(\.\./webfonts/([\w-]+)\.woff2\)[^;}]*")


def named(pages: Iterable[Path], styles: Iterable[Path], sheet: str) -> set[int]:
    """Return the signs that pages and scripts name by a class, and style sheets by their code."""
    classes = {name for page in pages for name in CLASS.findall(page.read_text(encoding="utf-8"))}
    signs = {int(rule[1], 16) for rule in ICON.finditer(sheet) if classes & {*CLASS.findall(rule[0])}}
    for style in styles:
        text = style.read_text(encoding="utf-8")
        signs |= {int(code, 16) for code in ESCAPED.findall(text)} | {ord(sign) for sign in LITERAL.findall(text)}
    return signs


def smaller_font(path: Path, signs: set[int]) -> bool:
    """Write the part of a font that holds these signs beside it, as WOFF; return whether it holds any."""
    options = subset.Options(flavor="woff", hinting=False, notdef_outline=False, name_IDs=["*"])
    font = subset.load_font(path, options)
    if there := signs & set(font.getBestCmap()):
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=there)
        subsetter.subset(font)
        for record in font["name"].names:
            if record.nameID in FAMILY_NAMES:
                record.string = NAME.replace(" ", "") if record.nameID == 6 else NAME
        subset.save_font(font, path.with_suffix(".woff"), options)
    return bool(there)


def smaller_sheet(sheet: str, signs: set[int], fonts: set[str]) -> str:
    """Return the style sheet without the icons that have none of the signs, and with these fonts only."""

    def icon(rule: re.Match[str]) -> str:
        return rule[0] if int(rule[1], 16) in signs else ""

    def face(rule: re.Match[str]) -> str:
        source = SOURCE.search(rule[0])
        if not source or source[1] not in fonts:
            return ""
        return SOURCE.sub(rf'src:url(../webfonts/{source[1]}.woff) format("woff")', rule[0])

    return FONT_FACE.sub(face, ICON.sub(icon, sheet))


def keep_what_is_named(app: Sphinx, exception: Exception | None) -> None:
    """Put the smaller fonts and style sheet in the place of the whole ones."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    for path in out.glob("_static/vendor/fontawesome/*/css/all.min.css"):
        top, sheet = path.parents[1], path.read_text(encoding="utf-8")
        pages = [*out.rglob("*.html"), *out.glob("_static/scripts/*.js")]
        signs = named(pages, (style for style in out.glob("_static/**/*.css") if style != path), sheet)
        fonts = {font.stem for font in sorted(top.glob("webfonts/*.ttf")) if smaller_font(font, signs)}
        path.write_text(smaller_sheet(sheet, signs, fonts), encoding="utf-8")
        for font in top.glob("webfonts/*"):
            if font.suffix != ".woff":
                font.unlink()
        shutil.rmtree(top / "js", ignore_errors=True)  # draws the same icons by a script of 1.5 MB


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect this extension."""
    app.connect("build-finished", keep_what_is_named)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

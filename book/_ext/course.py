"""What the pages need beyond Jupyter Book: facts from pyproject.toml, scripts, cards for links, accessible markup."""

import base64
import hashlib
import html
import os
import re
import tomllib
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import vendored
import yaml
from docutils import nodes
from myst_nb.core.render import MimeData, NbElementRenderer
from PIL import Image
from sphinx.application import Sphinx
from sphinx.config import Config

from colorize_lib import settings

ROOT = Path(__file__).resolve().parents[2]
# Scripts, and what they load: added here, because every script below a path of _config.yml would load on every page.
WEB = (ROOT / "book" / "web", ROOT / "_build" / "web", ROOT / "_build" / "turing")
REDIRECTS = ROOT / "book" / "redirects.yml"
DESCRIPTION = "From a gray photograph to a trained network that colors your own, with every number measured."
NOT_FOUND = """<h1>No such page</h1>
<p>This address leads nowhere in the course. Begin at <a href="book/welcome.html">the welcome page</a>, or
<a href="search.html">search</a> for what you are after.</p>"""
# Addresses that begin at the page, and not at a site, a place in it or a server's root.
RELATIVE = re.compile(r'(\s(?:href|src|action|data-content_root)=")(?![a-z]+:|#|/)(?:\./)?')
MOVED = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>This page has moved</title>
<link rel="canonical" href="{canonical}">
<script>location.replace("{address}" + location.hash)</script>
<meta http-equiv="refresh" content="0; url={address}">
</head>
<body>
<p>This page has moved: <a href="{address}">go to where it is now</a>.</p>
</body>
</html>
"""


def facts_from_pyproject(app: Sphinx, config: Config) -> None:
    """Take the version and the repository's address from the one place where they stand."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    config.version = config.release = project["version"]
    config.html_theme_options["repository_url"] = project["urls"]["Repository"]
    config.html_baseurl = settings.book()
    config.html_theme_options["logo"] = {"text": config.html_title, "alt_text": "Home"}


def vendor(app: Sphinx, config: Config) -> None:
    """Add the scripts; serve MathJax from the book itself; Sphinx puts it only on pages that hold math.

    The menu stays off: what it offers would be loaded from elsewhere. Formulas still
    carry MathML for screen readers.
    """
    config.html_static_path.extend(str(folder) for folder in (*vendored.fetch_for_pages(), *WEB))
    config.mathjax_path = "mathjax/tex-chtml.js"
    config.mathjax3_config = {"options": {"enableMenu": False}}


def math_only_where_it_is(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Take MathJax off pages without a formula: Sphinx adds it to the parents of a page that has one, too."""
    if doctree is None or not any(doctree.findall(lambda node: isinstance(node, nodes.math | nodes.math_block))):
        context["script_files"][:] = [script for script in context["script_files"] if not is_mathjax(script)]


def is_mathjax(script: Any) -> bool:
    """Tell whether a script of a page is MathJax or its settings."""
    return "mathjax" in str(script.filename).lower() or "window.MathJax" in script.attributes.get("body", "")


def card_for_links(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Tell sites that show links (Open Graph) the page's title, what the course is, and its picture."""
    facts = {
        "og:type": "article",
        "og:site_name": app.config.html_title,
        "og:title": context.get("title") or app.config.html_title,
        "og:description": DESCRIPTION,
        "og:image": f"{app.config.html_baseurl}_static/social_card.jpg",
        "og:image:alt": "A mountain valley, its left half gray, its right half colored by the model.",
    }
    tags = "".join(f'<meta property="{name}" content="{html.escape(str(fact))}">' for name, fact in facts.items())
    context["metatags"] = context.get("metatags", "") + tags


def not_found(app: Sphinx) -> list[tuple[str, dict[str, Any], str]]:
    """Return the page 404, which GitHub shows at any address that leads nowhere."""
    return [("404", {"title": "No such page", "body": NOT_FOUND}, "page.html")]


def root_not_found(app: Sphinx, exception: Exception | None) -> None:
    """Let all addresses in 404.html begin at the site's root: it is shown in any folder."""
    if exception or app.builder.format != "html":
        return
    page = Path(app.outdir) / "404.html"
    start = urlsplit(app.config.html_baseurl).path
    page.write_text(RELATIVE.sub(rf"\g<1>{start}", page.read_text(encoding="utf-8")), encoding="utf-8")


def write_redirects(app: Sphinx, exception: Exception | None) -> None:
    """Write a page at each former address in redirects.yml, which leads to the page's present one."""
    if exception or app.builder.format != "html":
        return
    for old, new in (yaml.safe_load(REDIRECTS.read_text(encoding="utf-8")) or {}).items():
        page = Path(app.outdir) / f"{old}.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        address = os.path.relpath(f"{new}.html", Path(old).parent).replace(os.sep, "/")
        page.write_text(
            MOVED.format(address=address, canonical=f"{app.config.html_baseurl}{new}.html"), encoding="utf-8"
        )


def render_image(self: NbElementRenderer, data: MimeData) -> list[nodes.Element]:
    """Render a cell's picture with the alt text that it was displayed with, which MyST-NB 1.4 leaves out."""
    rendered = myst_nb_render_image(self, data)
    alt = data.output_metadata.get(data.mime_type, {}).get("alt")
    for image in rendered:
        image.attributes.update({"alt": alt} if alt else {})
    return rendered


THEME = """
    const root = document.documentElement.dataset;
    try {
      root.mode = localStorage.getItem("mode") || "auto";
    } catch {
      root.mode = "auto"; // the browser forbids to keep anything
    }
    const dark = root.mode === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : root.mode === "dark";
    root.theme = dark ? "dark" : "light";
  """
# The theme's search button has a label other than its text; docutils marks citations with roles that
# are deprecated, in a list that holds more than items.
MENDED = (
    (re.compile(r'(<button class="btn search-button-field[^>]*?)\s+aria-label="Search"'), r"\1"),
    (re.compile(r'<div role="list" class="citation-list">'), '<div class="citation-list">'),
    (re.compile(r'(<div class="citation"[^>]*?) role="doc-biblioentry"'), r"\1"),
    # The icons' style sheet and fonts do all that this script of 1.5 MB does.
    (re.compile(r'<script src="[^"]*vendor/fontawesome/[^"]*"></script>\s*'), ""),
    # The icons' fonts, fetched ahead, would come before the first picture; one of them is of no icon here.
    (re.compile(r'<link rel="preload"[^>]*/fa-[^>]*>\s*'), ""),
    # Scripts ahead of their turn take a slow line from the styles, without which nothing is painted.
    (re.compile(r'<link rel="preload" as="script"[^>]*>\s*'), ""),
    # Else a page has no theme, light or dark, until its last script has run, which then complains.
    (re.compile(r"<script data-cfasync=.*?</script>", re.DOTALL), f"<script>{THEME}</script>"),
    (re.compile(r'data-default-mode=""'), 'data-default-mode="auto"'),
    # Scripts that only add to what is there, such as buttons to copy code, wait until the page is there.
    (
        re.compile(r'<script (?=src="[^"]*/(clipboard|copybutton|togglebutton|sphinx-book-theme)[^"]*js)'),
        "<script defer ",
    ),
    # Of the welcome page's two photographs the gray one is seen first; the colored one may come after the styles.
    (re.compile(r"<img (?=[^>]*/hero_gray)"), '<img loading="eager" fetchpriority="high" '),
    (re.compile(r"<img (?![^>]*\bloading=)"), '<img loading="lazy" '),
    # The code that a chapter teaches is open: only the switch folds it (see chapters.py).
    (re.compile(r'(<div class="cell [^"]*\btaught\b[^"]*">\s*<details)(?= class="admonition hide)'), r"\1 open"),
    # The words that are seen are the name of what folds code.
    (re.compile(r'<summary aria-label="Toggle hidden content">'), "<summary>"),
    # What opens the list of pages below another one has only a sign, and no name.
    (re.compile(r'<summary>(?=<span class="toctree-toggle")'), '<summary aria-label="Pages below">'),
    # The theme writes the course's title twice into the link to the welcome page.
    (re.compile(r'(bd-sidenav__home-link">\s*<li[^>]*>\s*<a[^>]*>)[^<]*'), r"\1Welcome"),
)
# An excerpt of a search result is the text of the page itself, without buttons and contents beside it.
SEARCH = (('[role="main"]', "article.bd-article"), ('".headerlink",', '".headerlink", "summary", ".rubric",'))
EMBEDDED = re.compile(r'(?<=src=")data:image/(png|webp);base64,([^"]+)')


def as_file(out: Path, page_folder: Path, embedded: re.Match[str]) -> str:
    """Write a picture that a page holds as text into a file, byte for byte, and return its address from the page."""
    content = base64.b64decode(embedded[2])
    file = out / "_images" / f"{hashlib.sha256(content).hexdigest()[:20]}.{embedded[1]}"
    file.write_bytes(content)
    return os.path.relpath(file, page_folder).replace(os.sep, "/")


PICTURE = re.compile(r'<img (?![^>]*\bwidth=)([^>]*?\bsrc="([^":]+\.(?:png|jpg|webp|svg))"[^>]*)>')
VIEW_BOX = re.compile(r'viewBox="0 0 (\d+) (\d+)"')


@cache
def size_of(path: Path) -> tuple[int, int] | None:
    """Return a picture's width and height in pixels."""
    if path.suffix == ".svg":
        box = VIEW_BOX.search(path.read_text(encoding="utf-8"))
        return (int(box[1]), int(box[2])) if box else None
    with Image.open(path) as picture:
        return picture.size


def sized(page_folder: Path, image: re.Match[str]) -> str:
    """Return an image's tag with its width and height, so that what stands below it doesn't move when it comes."""
    path = (page_folder / image[2]).resolve()
    size = size_of(path) if path.is_file() else None
    return f'<img width="{size[0]}" height="{size[1]}" {image[1]}>' if size else image[0]


def mend_markup(app: Sphinx, exception: Exception | None) -> None:
    """Change in the written pages what screen readers stumble over, and what makes them heavy."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    (out / "_images").mkdir(exist_ok=True)
    for path in out.rglob("*.html"):
        text = mended = path.read_text(encoding="utf-8")
        for pattern, replacement in MENDED:
            mended = pattern.sub(replacement, mended)
        mended = EMBEDDED.sub(partial(as_file, out, path.parent), mended)
        mended = PICTURE.sub(partial(sized, path.parent), mended)
        if mended != text:
            path.write_text(mended, encoding="utf-8")


def mend_search(app: Sphinx, exception: Exception | None) -> None:
    """Let the search take its excerpts from where the pages' own text stands."""
    if exception or app.builder.format != "html":
        return
    path = Path(app.outdir) / "_static" / "searchtools.js"
    text = path.read_text(encoding="utf-8")
    for theirs, ours in SEARCH:
        if theirs not in text:
            raise ValueError(f"{path.name}: {theirs} isn't there any more; see SEARCH in {Path(__file__).name}.")
        text = text.replace(theirs, ours)
    path.write_text(text, encoding="utf-8")


myst_nb_render_image = NbElementRenderer.render_image


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect this extension."""
    app.add_config_value("comments_config", {}, "")  # set by Jupyter Book for an extension that the book leaves out
    NbElementRenderer.render_image = render_image
    app.add_js_file("js/main.js", type="module")
    app.connect("config-inited", facts_from_pyproject)
    app.connect("config-inited", vendor)
    app.connect("html-page-context", math_only_where_it_is, priority=900)
    app.connect("html-page-context", card_for_links)
    app.connect("html-collect-pages", not_found)
    app.connect("build-finished", write_redirects)
    app.connect("build-finished", mend_markup)
    app.connect("build-finished", root_not_found)
    app.connect("build-finished", mend_search)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""What the pages need beyond Jupyter Book: facts from pyproject.toml, vendored scripts, accessible markup."""

import re
import tomllib
from pathlib import Path
from typing import Any

import vendored
from docutils import nodes
from myst_nb.core.render import MimeData, NbElementRenderer
from sphinx.application import Sphinx
from sphinx.config import Config

ROOT = Path(__file__).resolve().parents[2]


def facts_from_pyproject(app: Sphinx, config: Config) -> None:
    """Take the version and the repository's address from the one place where they stand."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    config.version = config.release = project["version"]
    config.html_theme_options["repository_url"] = project["urls"]["Repository"]
    config.html_theme_options["logo"] = {"text": config.html_title, "alt_text": "Home"}


def vendor(app: Sphinx, config: Config) -> None:
    """Serve MathJax from the book itself; Sphinx puts it only on pages that hold math.

    The menu stays off: what it offers would be loaded from elsewhere. Formulas still
    carry MathML for screen readers.
    """
    config.html_static_path.extend(str(folder) for folder in vendored.fetch_for_pages())
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


def render_image(self: NbElementRenderer, data: MimeData) -> list[nodes.Element]:
    """Render a cell's picture with the alt text that it was displayed with, which MyST-NB 1.4 leaves out."""
    rendered = myst_nb_render_image(self, data)
    alt = data.output_metadata.get(data.mime_type, {}).get("alt")
    for image in rendered:
        image.attributes.update({"alt": alt} if alt else {})
    return rendered


# The theme's search button has a label other than its text; docutils marks citations with roles that
# are deprecated, in a list that holds more than items.
MENDED = (
    (re.compile(r'(<button class="btn search-button-field[^>]*?)\s+aria-label="Search"'), r"\1"),
    (re.compile(r'<div role="list" class="citation-list">'), '<div class="citation-list">'),
    (re.compile(r'(<div class="citation"[^>]*?) role="doc-biblioentry"'), r"\1"),
)


def mend_markup(app: Sphinx, exception: Exception | None) -> None:
    """Change what screen readers stumble over in the pages that were written."""
    if exception or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        text = mended = path.read_text(encoding="utf-8")
        for pattern, replacement in MENDED:
            mended = pattern.sub(replacement, mended)
        if mended != text:
            path.write_text(mended, encoding="utf-8")


myst_nb_render_image = NbElementRenderer.render_image


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect this extension."""
    app.add_config_value("comments_config", {}, "")  # set by Jupyter Book for an extension that the book leaves out
    NbElementRenderer.render_image = render_image
    app.connect("config-inited", facts_from_pyproject)
    app.connect("config-inited", vendor)
    app.connect("html-page-context", math_only_where_it_is, priority=900)
    app.connect("build-finished", mend_markup)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

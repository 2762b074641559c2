"""Styles and scripts of extensions, taken off the pages that hold nothing for them.

Sphinx adds them to every page. Most are for code or for boxes that fold, and half of the pages have neither.
"""

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

# A style sheet or script, and what a page holds if it needs that file.
NEEDED = (
    (r"sphinx-design\.min\.css|design-tabs\.js", re.compile(r'class="[^"]*\bsd-')),
    (r"mystnb\.[0-9a-f]+\.css", re.compile(r'class="[^"]*\bcell\b')),
    (r"clipboard\.min\.js|copybutton\.(?:js|css)", re.compile(r'class="highlight\b')),
    (r"togglebutton\.(?:js|css)", re.compile(r'class="(?:[^"]* )?(?:toggle|admonition [^"]*\bdropdown)[ "]')),
)
LOADS = r'<link [^>]*href="[^"]*/(?:{0})[^"]*"[^>]*>\s*|<script [^>]*src="[^"]*/(?:{0})[^"]*"[^>]*></script>\s*'


def lighter(page: str) -> str:
    """Return a page without the files that it doesn't need."""
    for files, held in NEEDED:
        if not held.search(page):
            page = re.sub(LOADS.format(files), "", page)
    return page


def take_off(app: Sphinx, exception: Exception | None) -> None:
    """Rewrite the pages that load more than they need."""
    if exception or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        if (made := lighter(page)) != page:
            path.write_text(made, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect this extension."""
    app.connect("build-finished", take_off)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""What predictions and quizzes need on the pages, beside what Markdown makes of them.

Options are HTML, of which MyST reads nothing: here their questions get names, and their formulas are set;
`book/web/js/predict.js` makes buttons of them. The page for instructors gets the list of the quizzes' files.
"""

import hashlib
import re
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import quizzes

BEGINS = re.compile(r'^<details class="(choice|choice right|number)"')
FORMULA = re.compile(r"\$([^$\n]+)\$")
FILES = "<!-- quizzes -->"


def mend_options(app: Sphinx, doctree: nodes.document) -> None:
    """Name each question by a hash of its text, so that an answer is remembered as long as the question stays."""
    for raw in list(doctree.findall(nodes.raw)):
        text = raw.astext()
        if raw.get("format") != "html" or "<summary>" not in text:
            continue
        before = raw.parent[raw.parent.index(raw) - 1]
        name = hashlib.sha256(before.astext().encode()).hexdigest()[:8]
        text = BEGINS.sub(rf'<details class="\1" data-key="{name}"', text)
        raw.parent.replace(raw, with_formulas(text))


def with_formulas(text: str) -> list[nodes.Node]:
    """Return HTML as nodes; what stands between dollars becomes a formula."""
    parts = FORMULA.split(text)
    kinds = (lambda part: nodes.raw("", part, format="html"), lambda part: nodes.math(part, part))
    return [kinds[i % 2](part) for i, part in enumerate(parts) if part]


def list_files(app: Sphinx, page: str, source: list[str]) -> None:
    """Put a table of all quizzes' files into the page for instructors."""
    if page == "book/instructors":
        rows = "\n".join(f"| {stem[:2]} | {' | '.join(quizzes.links(stem, '..'))} |" for stem in quizzes.stems())
        source[0] = source[0].replace(FILES, f"| Chapter | To print | For a platform |\n|---|---|---|\n{rows}")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect this extension."""
    app.add_css_file("predict.css")
    app.connect("doctree-read", mend_options)
    app.connect("source-read", list_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

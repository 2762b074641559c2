"""What the options of predictions and quizzes need on a page: a name for each question, formulas that are set.

Their summaries are HTML, of which MyST reads nothing; `book/web/js/predict.js` makes buttons of them.
"""

import hashlib
import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

BEGINS = re.compile(r'^<details class="(choice|choice right|number)"')
FORMULA = re.compile(r"\$([^$\n]+)\$")


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


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect this extension."""
    app.connect("doctree-read", mend_options)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""The directive `color-your-own`: the place where a reader colors a photograph, with the sample and the models.

```{color-your-own} ../data/sample/ATTRIBUTION.csv
What a reader without JavaScript sees.
```
"""

import html
import json
import re
from pathlib import Path

from docutils import nodes
from photo_credits import photographs
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from colorize_lib import menu

SCRIPTS = Path(__file__).resolve().parents[1] / "web" / "js"
SCRIPT = "color-your-own.js"
IMPORTED = re.compile(r'^(?:import|\}) .*from "\./([\w-]+\.js)";$', re.MULTILINE)


def imported(name: str) -> set[str]:
    """Return a script of the pages and all that it imports before it runs."""
    inner = IMPORTED.findall((SCRIPTS / name).read_text(encoding="utf-8"))
    return {name}.union(*map(imported, inner))


class ColorYourOwn(SphinxDirective):
    """A placeholder that book/web/js/color-your-own.js fills."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the placeholder round the directive's content; historic photographs come first."""
        photos = sorted(photographs(self), key=lambda photo: (photo["set"] == "color", photo["title"]))
        samples = [
            {
                "file": photo["file"],
                "title": photo["title"] + (f" ({photo['year']})" if photo["set"] != "color" else ""),
                "credit": f"{photo['author']}, {photo['license']}",
            }
            for photo in photos
        ]
        models = [{"name": name, "about": about} for name, about in menu.ON_THE_PAGE.items()]
        options = html.escape(json.dumps({"samples": samples, "models": models}))
        # Without these lines each script is asked for when the one that imports it has come, a round trip later.
        static = f"{'../' * self.env.docname.count('/')}_static/js"
        ahead = "".join(f'<link rel="modulepreload" href="{static}/{name}">' for name in sorted(imported(SCRIPT)))
        keep = 'data-keep=""'  # bytes, see kept.py
        start = f'{ahead}<div class="own-photograph" data-figure="color-your-own" {keep} data-options="{options}">'
        inside = self.parse_content_to_nodes()
        return [nodes.raw("", start, format="html"), *inside, nodes.raw("", "</div>", format="html")]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("color-your-own", ColorYourOwn)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""The directive `photo-credits`: who made which photograph, read from ATTRIBUTION.csv.

    ```{photo-credits} ../data/sample/ATTRIBUTION.csv
    ```

The page is written anew when the file changes, so credits can't lag behind the photographs.
"""

import csv
import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

ADDRESS = re.compile(r"https?://\S+")


def linked(source: str) -> str:
    """Return the source with its address, where it has one, as a Markdown link named by its host."""
    return ADDRESS.sub(lambda found: f"[{found[0].split('/')[2].removeprefix('www.')}](<{found[0]}>)", source)


def license_link(name: str) -> str:
    """Return a Creative Commons license as a Markdown link to its deed; other names as they are."""
    kind, _, version = name.removeprefix("CC").strip(" ").rpartition(" ")
    if name.startswith("CC0"):
        return f"[{name}](<https://creativecommons.org/publicdomain/zero/{version}/>)"
    if name.startswith("CC "):
        return f"[{name}](<https://creativecommons.org/licenses/{kind.lower()}/{version}/>)"
    return name


def credit(photo: dict[str, str]) -> str:
    """Return one item of a Markdown list: title, author, year, license, source, changes."""
    year = f", {photo['year']}" if photo["year"] else ""
    return (
        f"- **{photo['title']}**, by {photo['author']}{year}. {license_link(photo['license'])}. "
        f"Source: {linked(photo['source'])}. Changes: {photo['changes']}."
    )


def photographs(directive: SphinxDirective) -> list[dict[str, str]]:
    """Return the rows of the file that the directive names; its page is written anew when the file changes."""
    _, path = directive.env.relfn2path(directive.arguments[0])
    directive.env.note_dependency(path)
    with open(path, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


class PhotoCredits(SphinxDirective):
    """List the photographs that a CSV file with the columns of ATTRIBUTION.csv names."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the list."""
        return self.parse_text_to_nodes("\n".join(credit(photo) for photo in photographs(self)))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("photo-credits", PhotoCredits)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

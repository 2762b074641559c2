"""The directive `photo-credits`: a table of who made which photograph, read from ATTRIBUTION.csv.

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
HEADINGS = ("Photograph", "Author", "Year", "License", "Source", "Changes")


def table_row(cells: tuple[str, ...]) -> str:
    """Return a row of a Markdown table."""
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def source_cell(source: str) -> str:
    """Return the source with its address, where it has one, as a link named by its host."""
    address = ADDRESS.search(source)
    if not address:
        return source
    host = address[0].split("/")[2].removeprefix("www.")
    return source.replace(address[0], f"[{host}](<{address[0]}>)")


class PhotoCredits(SphinxDirective):
    """Show one row for each photograph that a CSV file with the columns of ATTRIBUTION.csv names."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        _, path = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(path)
        with open(path, encoding="utf-8", newline="") as lines:
            photographs = list(csv.DictReader(lines))
        rows = [table_row(HEADINGS), table_row(("---",) * len(HEADINGS))]
        for photo in photographs:
            rows.append(
                table_row(
                    (
                        photo["title"],
                        photo["author"],
                        photo["year"] or "not stated",
                        photo["license"],
                        source_cell(photo["source"]),
                        photo["changes"],
                    )
                )
            )
        return self.parse_text_to_nodes("\n".join(rows))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("photo-credits", PhotoCredits)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

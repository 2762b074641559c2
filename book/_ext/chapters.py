"""What chapters get on the page and nowhere else: their number in the title, a short way, and folded plotting code.

The notebooks stay as they are. Numbers come from the names of the files, the short way from book/short_ways.yml, and
which code is folded is decided by what the code does (`is_for_show`).
"""

import ast
import html
import json
import re
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import sections
from first_cell import ROOT

from colorize_lib.data import sources

SHORT_WAYS = ROOT / "book" / "short_ways.yml"
SHOW, HIDE = "Show the code", "Hide the code"
SHOWN_BY = {"plots", "widgets", "conclude", "display", "report", "pd"}  # what a cell's last line calls if it only shows
# The place of the buttons that fold and show code (book/web/js/code-switch.js).
SWITCH = '<div data-figure="code-switch"></div>'
# Chapters that draw the paper's network get a figure whose layers can be touched (book/web/js/layers.js): the section
# that it closes, and how many layers it has.
LAYERS = {
    "04_encoder": ("Feature maps", 5),
    "05_decoder": ("The decoder", 11),
    "06_skip_connections": ("The paper's network", 11),
}
TOUCHED_WITH = ("kinderdijk_windmills.webp", "nagasaki_boats.jpg", "sunset.jpg", "picos_de_europa.jpg")
FEWEST_LINES = 3  # that are worth folding: what opens a shorter cell is as high as the cell
COUNT = "<!-- number of chapters -->"
WELCOME = "book/welcome"
MAP = ROOT / "book" / "figures" / "course_map.svg"
# A chapter's color in the course map: the circle that holds its number.
CIRCLE = re.compile(r'<circle [^>]*fill="(#\w+)"/>\s*<text [^>]*>(\d\d)</text>')


def count(app: Sphinx, page: str, source: list[str]) -> None:
    """Say on the welcome page how many chapters there are."""
    if page == WELCOME:
        chapters = [name for name in app.config.external_site_map if name.startswith("notebooks/")]
        source[0] = source[0].replace(COUNT, str(len(chapters)))


def color(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Give a page that belongs to a chapter the color that the chapter has in the course map."""
    stem = page.rpartition("/")[2]
    colors = {name: code for code, name in CIRCLE.findall(MAP.read_text(encoding="utf-8"))}
    if code := colors.get(stem[:2]) if sections.NUMBER.match(stem) else None:
        context["metatags"] = context.get("metatags", "") + f"<style>:root {{ --chapter: #6e6e6e, {code}; }}</style>"


def number(app: Sphinx, page: str, source: list[str]) -> None:
    """Put a chapter's number before its title, and the short way below its first cell."""
    folder, _, stem = page.rpartition("/")
    if folder != "notebooks" or not sections.NUMBER.match(stem):
        return
    notebook = json.loads(source[0])
    first = notebook["cells"][0]
    text = "".join(first["source"])
    first["source"] = re.sub(r"\A# (.+)", lambda title: f"# {sections.numbered(stem, title[1])}", text)
    if box := short_way(stem, notebook):
        notebook["cells"].insert(1, {"cell_type": "markdown", "id": "short-way", "metadata": {}, "source": box})
    if stem in LAYERS:
        add_layers(notebook["cells"], *LAYERS[stem])
    source[0] = json.dumps(notebook)


def short_way(stem: str, notebook: dict[str, Any]) -> str:
    """Return what to look at in a chapter in five minutes, as MyST; a ValueError names a heading that isn't there."""
    stops = yaml.safe_load(SHORT_WAYS.read_text(encoding="utf-8")).get(stem, {})
    cells = ("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    there = {heading for text in cells for heading in re.findall(r"^##+ (.+)$", text, re.MULTILINE)}
    if missing := [heading for heading in stops if heading not in there]:
        raise ValueError(f"{SHORT_WAYS.name}, {stem}: no heading of the chapter is {missing[0]!r}.")
    lines = [f"- [{heading}](#{anchor(heading)}): {what}" for heading, what in stops.items()]
    return (
        "\n".join([":::{admonition} In five minutes", ":class: short-way", *lines, ":::", "", SWITCH])
        if lines
        else SWITCH
    )


def add_layers(cells: list[dict[str, Any]], section: str, count: int) -> None:
    """Put the figure of the network's first `count` layers at the end of a section, which has to be there."""
    headings = [(i, "".join(cell["source"]).splitlines()[0]) for i, cell in enumerate(cells) if is_heading(cell)]
    for (_, heading), (end, _) in pairwise(headings):
        if heading == f"## {section}":
            cells.insert(end, {"cell_type": "markdown", "id": "layers", "metadata": {}, "source": layers_figure(count)})
            return
    raise ValueError(f"no heading of the chapter is {section!r}; see LAYERS in {Path(__file__).name}.")


def is_heading(cell: dict[str, Any]) -> bool:
    """Tell whether a cell begins a section of a chapter."""
    return cell["cell_type"] == "markdown" and "".join(cell["source"]).startswith("## ")


def layers_figure(count: int) -> str:
    """Return the place of the figure whose layers can be touched, with what a reader without JavaScript sees."""
    titles = {name: photo["title"] for name, photo in sources.attributions().items()}
    photographs = [{"file": name, "title": titles[name]} for name in TOUCHED_WITH]
    options = html.escape(json.dumps({"photographs": photographs, "layers": count}))
    instead = "<p>With JavaScript, the layers of the trained network can be touched here, to see their maps.</p>"
    return f'<div data-figure="layers" data-options="{options}">{instead}</div>'


def anchor(heading: str) -> str:
    """Return the name by which MyST links to a heading."""
    return re.sub(r"[^\w\s-]", "", heading.lower()).strip().replace(" ", "-")


def called(expression: ast.AST) -> str:
    """Return the name at the root of a chain of calls, attributes and items: `plots` of ``plots.show(fig)``."""
    while not isinstance(expression, ast.Name):
        if isinstance(expression, ast.Call):
            expression = expression.func
        elif isinstance(expression, ast.Attribute | ast.Subscript):
            expression = expression.value
        else:
            return ""
    return expression.id


def is_for_show(source: str, tags: list[str]) -> bool:
    """Tell whether a cell only imports, draws or reports, so that its result says all that a reader needs.

    Such a cell defines no function, has no tag ``defines:NAME``, is longer than `FEWEST_LINES`, and consists of
    imports, or ends by showing something: a figure, a strip, a sentence, a table.
    """
    if any(tag.startswith("defines:") for tag in tags) or source.count("\n") + 1 < FEWEST_LINES:
        return False
    try:
        body = ast.parse(source).body
    except SyntaxError:  # commands of IPython
        return False
    if any(isinstance(one, ast.FunctionDef | ast.ClassDef) for one in body):
        return False
    last = body[-1]
    if isinstance(last, ast.For | ast.If):
        last = last.body[-1]
    setting_up = (ast.Import, ast.ImportFrom)
    if all(isinstance(one, setting_up) or shows(one, {"start_keras"}) for one in body):
        return True
    return shows(last, SHOWN_BY)


def shows(statement: ast.stmt, names: set[str]) -> bool:
    """Tell whether a statement is a call of something in `names`."""
    return isinstance(statement, ast.Expr) and called(statement.value) in names


class FoldCode(SphinxPostTransform):
    """Fold code as the tag ``hide-input`` would: closed where a cell only shows something, open where it teaches."""

    default_priority = 198  # before MyST-NB wraps what is to be hidden
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Mark the cells; what a chapter teaches is told apart by a class."""
        for cell in self.document.findall(nodes.container):
            if cell.get("nb_element") != "cell_code" or cell.get("hide_mode") or not cell.children:
                continue
            code = cell.children[0]
            if not isinstance(code, nodes.container) or code.get("nb_element") != "cell_code_source":
                continue
            tags = [name.removeprefix("tag_") for name in cell["classes"] if name.startswith("tag_")]
            cell["classes"].append("for-show" if is_for_show(code.astext(), tags) else "taught")
            cell.attributes.update(hide_mode="input", prompt_show=SHOW, prompt_hide=HIDE)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect this extension."""
    app.connect("source-read", number)
    app.connect("source-read", count)
    app.connect("html-page-context", color)
    app.add_post_transform(FoldCode)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""Slides for each chapter, made by nbconvert from the executed notebook: nothing is written twice.

A title slide shows the objectives, then each section has a slide, and the last two hold the key points, and the
exercises with the next question. A section's slide shows its heading, its question (see `sections.question`), what
its cells displayed as a sentence last, and in large one or two of these, the last of each kind:

- a picture: a figure, or a strip of photographs, of which you see the first and the last. Beside it stands a table,
  unless the strip is wide (`WIDE_STRIP`); of a picture and a wide table (`WIDE_TABLE`) the later one is shown. A table
  of more than `LONGEST_TABLE` rows is left out;
- without a picture, a table, with the code of a cell tagged ``defines:NAME`` if it is short (`SHORT_CODE`);
- without either, the code of such a cell if it has no more than `LONGEST_CODE` lines, and if it is short a printed
  output with its code;
- without any of these, the section's points (see `sections.points`).

Where what is shown in large is the result of a prediction, question and options are shown first; with the next key
comes the result, and above it, in place of a displayed sentence, the one on the right option. A section without a
picture shows the result of its last prediction. Quizzes are left out.

All prose becomes the speaker's notes. While there are more sections than fit, the two neighbors with the fewest words
share a slide, made as if they were one section. Figures that answer back are left out. Where the rule chooses badly,
tag the cell to show ``slide``, or the one to pass over ``skip-slide``.
"""

import re
import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import sections
from nbconvert.exporters import SlidesExporter
from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from predictions import Prediction
from sections import Section, tags

sys.path.insert(0, str(Path(__file__).with_name("_ext")))
import course

MOST_SLIDES = 15
FRAME_SLIDES = 3  # title, key points, exercises with the next question
LONGEST_CODE, SHORT_CODE = 16, 8  # lines
WIDE_STRIP, WIDE_TABLE = 4, 5  # columns, a table's index being one
LONGEST_TABLE, MOST_WORDS = 12, 150  # rows of a table; words of one that stands in the chapter's text
KEY_POINTS, QUIZ, EXERCISES, NEXT = "Key points", "Quiz", "Exercises", "The next question"
SHOW, SKIP = "slide", "skip-slide"
IMPORTS = re.compile(r"(from|import) ")
STRIP_ROW = re.compile(r"<tbody>(?:(?!</tbody>).)*</tbody>", re.DOTALL)
LINK = re.compile(r"\]\((?!\w+:|#)(?:\.\./)?(?:(book)/)?([\w/]+)\.(?:ipynb|md)(#[\w-]+)?\)")


@dataclass
class Shown:
    """What a slide shows in large: a cell reduced to it, what it is, its cell's place in the section, its columns."""

    cell: NotebookNode
    role: str
    place: int
    columns: int = 0


def role_of(output: NotebookNode) -> str:
    """Return what an output would be on a slide: a picture, a table, text printed by code, or nothing ("")."""
    data = output.get("data", {})
    page = data.get("text/html", "")
    if "data-figure" in page:
        return ""
    if text := sections.displayed_markdown(output):
        return "table" if text.startswith("|") else ""
    if "image/png" in data or 'class="strip"' in page:
        return "picture"
    if "<table" in page:
        return "table" if page.count("<tr") <= LONGEST_TABLE else ""
    return "code" if output.output_type == "stream" or "text/plain" in data else ""


def candidates(section: Section) -> list[Shown]:
    """Return everything in a section that its slide may show in large."""
    found = []
    for place, cell in enumerate(section.cells):
        if SKIP in tags(cell):
            continue
        if cell.cell_type == "markdown":
            tables = [block for block in sections.blocks(cell.source) if block.startswith("|")]
            few = [table for table in tables if len(table.split()) <= MOST_WORDS]
            found += [Shown(text_cell(table), "table", place, columns(table)) for table in few]
            continue
        fits = cell.source.count("\n") < LONGEST_CODE
        if fits and any(tag.startswith("defines:") for tag in tags(cell)):
            found.append(Shown(code_cell(cell), "definition", place))
        for output in map(reduced, cell.outputs):
            role = role_of(output)
            if role == "code" and fits and not IMPORTS.match(cell.source):
                found.append(Shown(code_cell(cell, output), role, place))
            elif role in ("picture", "table"):
                data = output.data
                page = data.get("text/html") or data.get("text/markdown", "")
                found.append(Shown(code_cell(cell, output, hidden=True), role, place, columns(page)))
    return found


def chosen(section: Section, places: Collection[int] | None = None) -> list[Shown]:
    """Return what a section's slide shows in large, by the rule at the top, in the notebook's order.

    `places` are those of the cells to choose from, without it all.
    """
    everything = [shown for shown in candidates(section) if places is None or shown.place in places]
    wanted = [shown for shown in everything if SHOW in tags(section.cells[shown.place])]
    if not wanted:
        last = {shown.role: shown for shown in everything}
        picture, table, definition = (last.get(role) for role in ("picture", "table", "definition"))
        short = definition and definition.cell.source.count("\n") < SHORT_CODE
        if picture and table and table.columns >= WIDE_TABLE:
            picture, table = (picture, None) if picture.place > table.place else (None, table)
        if picture:
            both = [picture, table if picture.columns < WIDE_STRIP else None]
        elif table:
            both = [table, definition if short else None]
        else:
            both = [definition, last.get("code") if short or not definition else None]
        wanted = [shown for shown in both if shown]
    return sorted(wanted[:2], key=lambda shown: shown.place)


def with_prediction(section: Section) -> tuple[list[Shown], Prediction | None]:
    """Return what a section's slide shows in large, and the prediction whose result it is, if it is one's."""
    row = chosen(section)
    asked = list(reversed(sections.predictions_of(section)))
    for prediction, places in asked:
        if any(shown.place in places for shown in row):
            return chosen(section, places), prediction
    if not any(shown.role == "picture" for shown in row):
        for prediction, places in asked:
            if results := chosen(section, places):
                return results, prediction
    return row, None


def columns(page: str) -> int:
    """Return how many columns the first row of a table has, in HTML or Markdown."""
    head = re.search(r"<tr.*?</tr>", page, re.DOTALL)
    return head[0].count("<th") if head else page.split("\n")[0].count("|") - 1


def reduced(output: NotebookNode) -> NotebookNode:
    """Return an output in the one form that slides show."""
    data = output.get("data", {})
    for form in ("image/png", "text/html", "text/markdown", "text/plain"):
        if form in data:
            return from_dict({**output, "data": {form: measured(data[form]) if form == "text/html" else data[form]}})
    return output


def measured(page: str) -> str:
    """Return HTML; of a strip the first and the last photograph, with its measures for the style sheet."""
    sizes = [(int(w), int(h)) for w, h in re.findall(r'width="(\d+)" height="(\d+)"', page)]
    if 'class="strip"' not in page or not sizes:
        return page
    photographs = STRIP_ROW.findall(page)
    for left_out in photographs[1:-1]:
        page = page.replace(left_out, "", 1)
    measures = {
        "rows": min(2, len(photographs)),
        "columns": page.count("<th "),
        "height": max(h for _, h in sizes),
        "ratio": max(w / h for w, h in sizes),
    }
    style = "; ".join(f"--{name}: {value:.4g}" for name, value in measures.items())
    return page.replace('class="strip"', f'class="strip" style="{style}"', 1)


def code_cell(cell: NotebookNode, *outputs: NotebookNode, hidden: bool = False) -> NotebookNode:
    """Return a cell with these outputs only; `hidden` leaves its code out."""
    return new_code_cell(cell.source, outputs=list(outputs), metadata={"transient": {"remove_source": hidden}})


def text_cell(text: str, slide_type: str = "-", role: str = "head") -> NotebookNode:
    """Return a cell of Markdown for a slide, or for its notes; links lead to the built pages."""
    linked = LINK.sub(lambda link: f"](../{link[1] or 'notebooks'}/{link[2]}.html{link[3] or ''})", text)
    return new_markdown_cell(linked, metadata={"slideshow": {"slide_type": slide_type}, "role": role})


def slide(head: str, notes: Iterable[str], middle: Iterable[NotebookNode] = ()) -> list[NotebookNode]:
    """Return the cells of one slide; every slide has notes."""
    return [text_cell(head, "slide"), *middle, text_cell("\n\n".join(notes), "notes")]


def section_slide(section: Section) -> list[NotebookNode]:
    """Return the slide of a section."""
    row, asked = with_prediction(section)
    for shown in row:
        shown.cell.metadata.role = "code" if shown.role == "definition" else shown.role
    lead = with_options(asked) if asked else sections.question(section, row[-1].place if row else None)
    foot = []
    if row:
        row[0].cell.metadata.row_start = row[-1].cell.metadata.row_end = True
        row[0].cell.metadata.later = bool(asked)
        sentences = [text for cell in section.cells if SKIP not in tags(cell) for text in sections.said(cell)]
        foot = [] if asked else [text_cell(text, role="said") for text in sentences[-1:]]
    else:
        lead += "\n" + "".join(f"\n- {point}" for point in sections.points(section) if point not in lead)
    answer = [text_cell(answer_of(asked), role="said")] if asked else []
    for cell in answer:
        cell.metadata.later = True
    return slide(f"## {section.heading}\n\n{lead}", section.prose, [*answer, *(shown.cell for shown in row), *foot])


def with_options(asked: Prediction) -> str:
    """Return a prediction's question with its options as a list; a number has none."""
    options = asked.options if asked.answer is None else ()
    return asked.question + "\n" + "".join(f"\n- {option.text}" for option in options)


def answer_of(asked: Prediction) -> str:
    """Return the right option of a prediction and its sentence; for a number, the sentence."""
    right = next(option for option in asked.options if option.right)
    return right.why if asked.answer is not None else f"**{right.text.rstrip('.')}.** {right.why}"


def deck(stem: str, notebook: NotebookNode) -> NotebookNode:
    """Return the slides of the chapter in the file `stem` as a notebook for nbconvert."""
    title, *rest = sections.split(notebook)
    heading = sections.numbered(stem, title.heading)
    ends = {part.heading: "\n\n".join(part.prose) for part in rest if part.heading in (KEY_POINTS, EXERCISES, NEXT)}
    body = [part for part in rest if part.heading not in (*ends, QUIZ)]
    objectives = "\n\n".join(title.prose).split("**You need**")[0]
    cells = slide(f"# {heading}\n\n{objectives}", title.prose)
    for part in sections.merge(body, MOST_SLIDES - FRAME_SLIDES):
        cells += section_slide(part)
    for headings in ((KEY_POINTS,), (EXERCISES, NEXT)):
        found = [heading for heading in headings if heading in ends]
        head = "\n\n".join(f"## {heading}\n\n{ends[heading]}" for heading in found)
        cells += slide(head, [ends[heading] for heading in found]) if found else []
    return new_notebook(cells=cells, metadata={**notebook.metadata, "title": heading})


def make(chapters: Mapping[str, NotebookNode], html: Path) -> None:
    """Write the slides of the executed `chapters`, by the names of their files, into the built pages at `html`.

    The style sheets and scripts are the pages' own, in ``_static``; pictures go where the pages keep theirs, under
    names made from their bytes, so a picture that a page and a slide show is one file.
    """
    folder = html / "slides"
    for path in (folder, html / "_images"):
        path.mkdir(parents=True, exist_ok=True)
    exporter = SlidesExporter(
        extra_template_basedirs=[str(Path(__file__).parent)],
        template_name="slides",
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )
    for stem, notebook in chapters.items():
        page, _ = exporter.from_notebook_node(deck(stem, notebook), {"metadata": {"name": stem}})
        page = course.EMBEDDED.sub(partial(course.as_file, html, folder), page)
        (folder / f"{stem}.html").write_text(page, encoding="utf-8")

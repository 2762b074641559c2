"""Every chapter keeps the form that the course promises; whether it runs is asked by `make book` and `tests/colab`."""

import re
import statistics
from pathlib import Path

import build
import nbformat
import pytest
import quizzes
import tidy
from first_cell import first_cell
from outputs import not_as_stored

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EXERCISES = sorted((ROOT / "notebooks").glob("*/*.ipynb"))
BIBLIOGRAPHY = (ROOT / "book/references.bib").read_text(encoding="utf-8")
LONGEST, MEDIAN = 25, 6
WORDS = (1200, 3000)
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
# What only MyST understands: roles, directives, targets, links without a text, substitutions.
MYST = re.compile(r"\{[a-z][a-z:_-]*\}`|```\{|^:::|^\([\w-]+\)=$|\[\]\(|\{\{", re.MULTILINE)
LINK = re.compile(r"\]\(<?([^)\s>]+)>?\)|href=\"([^\"]+)\"")
FRAME = ("**You will be able to**", "**You need**", "**Time**")
ENDING = ("## Key points", "## Quiz", "## Exercises", "## The next question")

every_chapter = pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])


def read(path):
    return nbformat.read(path, as_version=4)


def markdown(path):
    return "\n\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")


def without_quiz(path):
    return "\n\n".join(c.source for c in read(path).cells if c.cell_type == "markdown" and c.id != quizzes.CELL)


def section(path, heading):
    """Return a section's text, up to the next heading of its level."""
    return markdown(path).split(f"{heading}\n", 1)[1].split("\n## ", 1)[0]


def test_the_contents_name_every_chapter():
    assert [name for name in build.contents() if name.startswith("notebooks/")] == [
        f"notebooks/{path.stem}" for path in NOTEBOOKS
    ]


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        (lambda cell: cell.outputs[0].update(execution_count=7, metadata={"x": 1}), False),
        (lambda cell: cell.outputs[0].data.update({"text/plain": "4"}), True),
        (lambda cell: cell.outputs[0].data.update({"text/html": "<b>3</b>"}), True),
        (lambda cell: cell.outputs[0].data.update({"image/png": "AAAA"}), True),
        (lambda cell: cell.outputs.append(nbformat.v4.new_output("stream", name="stderr", text="a warning")), True),
        (lambda cell: cell.outputs.clear(), True),
    ],
)
def test_what_a_chapter_puts_out_otherwise_than_stored_is_seen(tmp_path, change, seen):
    made = nbformat.v4.new_output("execute_result", {"text/plain": "3"}, execution_count=1)
    cell = nbformat.v4.new_code_cell("1 + 2", outputs=[made], metadata={"tags": [tidy.CHECKED]}, execution_count=1)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Sum"), cell])
    nbformat.write(notebook, tmp_path / "sum.ipynb")
    change(cell)
    assert (list(not_as_stored(tmp_path / "sum.ipynb", notebook)) == [cell.id]) == seen


@every_chapter
def test_stored_form(path):
    text = path.read_text(encoding="utf-8")
    stored = nbformat.writes(tidy.tidy(nbformat.reads(text, as_version=4))) + "\n"
    assert text == stored, "not in its stored form: run 'make tidy'"
    nbformat.validate(read(path))


@every_chapter
def test_no_picture_and_no_error_is_stored(path):
    outputs = [output for cell in read(path).cells for output in cell.get("outputs", [])]
    assert [output for output in outputs if output.output_type == "error"] == []
    kinds = {kind for output in outputs for kind in output.get("data", {})}
    assert kinds <= {"text/plain"}


@every_chapter
def test_checked_cells_hold_what_they_are_checked_against(path):
    checked = [cell for cell in read(path).cells if tidy.CHECKED in cell.metadata.get("tags", [])]
    assert checked, "no cell's output is checked"
    assert [cell.id for cell in checked if not cell.outputs] == []


@every_chapter
def test_first_cells(path):
    title, setup, *_ = read(path).cells
    assert title.cell_type == "markdown"
    assert re.match(r"# \S", title.source)
    assert (setup.id, setup.source) == ("setup", first_cell())


@every_chapter
def test_cell_ids_are_readable(path):
    ids = [cell.id for cell in read(path).cells]
    assert len(ids) == len(set(ids))
    assert [name for name in ids if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f-]+)?", name)] == []


@every_chapter
def test_cells_are_short(path):
    lengths = [len(cell.source.splitlines()) for cell in read(path).cells if cell.cell_type == "code"]
    assert max(lengths) <= LONGEST
    assert statistics.median(lengths) <= MEDIAN


@every_chapter
def test_length(path):
    # Folded options don't count: of a prediction's a reader opens one or two, and the quiz is no reading.
    folded = r"<details.*?</details>"
    prose = re.sub(rf"{folded}|```.*?```|<[^>]+>|\]\([^)]*\)", " ", without_quiz(path), flags=re.DOTALL)
    words = len(re.findall(r"[^\s|]*\w[^\s|]*", prose))
    assert WORDS[0] <= words <= WORDS[1], f"{words} words"


@every_chapter
def test_frame(path):
    first = read(path).cells[0].source
    assert [part for part in FRAME if part not in first] == []
    objectives = re.findall(r"^[-*] ", first.split("**You need**")[0], re.MULTILINE)
    assert 3 <= len(objectives) <= 5
    headings = re.findall(r"^## .*$", markdown(path), re.MULTILINE)
    assert tuple(headings[-4:]) == ENDING
    exercises = re.findall(r"^(?:\d+\.|###) ", section(path, "## Exercises"), re.MULTILINE)
    assert 3 <= len(exercises) <= 5


@pytest.mark.parametrize(
    "path", [*NOTEBOOKS, *EXERCISES], ids=[str(p.relative_to(ROOT).with_suffix("")) for p in (*NOTEBOOKS, *EXERCISES)]
)
def test_plain_markdown(path):
    found = MYST.findall(CODE.sub(lambda code: code[0] if code[0].startswith("```{") else "", markdown(path)))
    assert found == [], "MyST shows as raw text in Colab"


@every_chapter
def test_sources_stand_in_the_bibliography(path):
    links = [one or other for one, other in LINK.findall(markdown(path))]
    outside = [link for link in links if link.startswith("http")]
    assert [link for link in outside if f"{{{link}}}" not in BIBLIOGRAPHY] == []


@every_chapter
def test_relative_links_lead_to_files(path):
    links = [one or other for one, other in LINK.findall(markdown(path))]
    inside = [link.split("#")[0] for link in links if not re.match(r"[a-z]+:|#", link)]
    assert [link for link in inside if not (path.parent / link).is_file()] == []


def test_tidy_keeps_checked_text_and_drops_the_rest():
    picture = nbformat.v4.new_output("display_data", {"image/png": "aGk=", "text/html": "<b>"})
    checked = nbformat.v4.new_output("execute_result", {"text/plain": "0.5", "text/html": "<p>"}, execution_count=7)
    notebook = nbformat.v4.new_notebook(
        metadata={"widgets": {}, "kernelspec": {"name": "other", "display_name": "Other"}},
        cells=[
            nbformat.v4.new_code_cell("x", id="setup", execution_count=3, outputs=[picture]),
            nbformat.v4.new_code_cell(
                "y", id="y", outputs=[picture, checked], metadata={"tags": [tidy.CHECKED], "scrolled": True}
            ),
        ],
    )
    setup, kept = tidy.tidy(notebook).cells
    assert (setup.source, setup.outputs, setup.execution_count) == (first_cell(), [], None)
    assert [output.data for output in kept.outputs] == [{"text/plain": "0.5"}]
    assert (kept.execution_count, kept.outputs[0].execution_count) == (1, None)
    assert kept.metadata == {"tags": [tidy.CHECKED]}
    assert notebook.metadata == tidy.METADATA

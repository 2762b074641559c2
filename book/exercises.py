"""The exercises of a chapter: one answer notebook, from which everything else is made.

notebooks/exercises/STEM.ipynb holds tasks, model answers, checks, what is asked in words, explanations and
common wrong answers; a cell's id says which of them it is. Made from it: the student's notebook
(notebooks/student), the chapter's list of exercises, the page of the book, and what nbgrader grades with.
"""

import importlib
import posixpath
import re
from dataclasses import dataclass, field
from typing import Any

import nbformat
from first_cell import ROOT, first_cell
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions, LockCells

from colorize_lib import settings

CHAPTERS = ROOT / "notebooks"
ANSWERS = CHAPTERS / "exercises"
STUDENT = CHAPTERS / "student"
STUB = "...  # Your answer"
HOW = """\
Replace the dots in each answer cell, run it, then run the cell below it: it says whether the answer is right, and if it
isn't, it gives a hint. Try as often as you like."""
WHERE = "The answers stand in the book, below each exercise."  # but not for those who hand in
WORDS = 2  # points that a person gives for words
ASKED = "*In words, {points} points, which a person gives:* {question}"
WORDS_STUB = "(Replace this line by your answer.)"
FACTS = re.compile(r"^\*(?P<kind>[a-z ]+), (?P<points>\d+) points?, (?P<minutes>\d+) minutes\*$")
HEADING = re.compile(r"^## (?P<number>\d+)\. (?P<title>.+)$")
FILLED = re.compile(r"<<(.+?)>>")
CHAPTER_LINK = re.compile(r"\]\(\.\./(\w+)\.ipynb")
PAGE_LINK = re.compile(r"\]\(\.\./\.\./(book/\w+)\.md")
LINK = re.compile(r"\]\((?!https?:|#)([^)]+)\)")
SOLUTION = re.compile(r"^ *### (BEGIN|END) SOLUTION\n?", re.MULTILINE)


@dataclass
class Exercise:
    """One exercise, as the cells of the answer notebook tell it."""

    slug: str
    number: int
    title: str
    kind: str
    points: int
    minutes: int
    task: str
    answer: str = ""
    check: str = ""
    words: str = ""  # what is asked in words, for a person to judge
    why: str = ""
    wrong: dict[str, tuple[str, str]] = field(default_factory=dict)  # by cell id: what is misunderstood, and the code

    @property
    def row(self) -> str:
        """The exercise as a row of a Markdown table: title, kind, minutes, points."""
        return f"| {self.number}. {self.title} | {self.kind} | {self.minutes} | {self.points} |"


def read(stem: str) -> Any:
    """Return the answer notebook of the chapter `stem`, the numbers in its text filled in."""
    notebook = nbformat.read(ANSWERS / f"{stem}.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = filled(cell.source, stem, f"{stem}.ipynb, cell {cell.id}")
    return notebook


def filled(text: str, stem: str, where: str) -> str:
    """Fill in what stands in double angle brackets: an expression in the names of the chapter's checks, and a format.

    So a task, its check and its explanation have their numbers from one place.
    """
    names = vars(importlib.import_module(f"colorize_lib.exercises.chapter_{stem[:2]}"))

    def value(found: re.Match[str]) -> str:
        try:
            return str(eval(f"f'{{{found[1]}}}'", dict(names)))
        except Exception as error:
            raise ValueError(f"{where}: {found[0]} can't be filled in ({type(error).__name__}: {error}).") from None

    return FILLED.sub(value, text)


def stems() -> list[str]:
    """Return the chapters that have exercises, in order."""
    return sorted(path.stem for path in ANSWERS.glob("*.ipynb"))


def find(chapter: str) -> str:
    """Return the chapter that `chapter` means, such as '04'; a ValueError lists the chapters."""
    found = [stem for stem in stems() if chapter and stem.startswith(f"{chapter.zfill(2)}_")]
    if len(found) != 1:
        listed = ", ".join(stem[:2] for stem in stems())
        raise ValueError(f"there is no chapter {chapter!r} with exercises; choose one of {listed}")
    return found[0]


def opening(stem: str) -> tuple[str, str]:
    """Return a chapter's title, and what stands below it: objectives, prerequisites, minutes, exercises."""
    first = nbformat.read(CHAPTERS / f"{stem}.ipynb", as_version=4).cells[0].source
    title, _, rest = first.partition("\n")
    return title.removeprefix("# "), rest.strip()


def parse(notebook: Any, name: str) -> list[Exercise]:
    """Return the exercises of an answer notebook; a ValueError names the cell that isn't in the form."""
    found: list[Exercise] = []
    for cell in notebook.cells:
        part, _, slug = cell.id.partition("-")
        if part == "task":
            found.append(read_task(slug, cell.source, f"{name}, cell {cell.id}"))
        elif part in ("answer", "check", "words", "why", "wrong"):
            if not found or not (slug == found[-1].slug or (part == "wrong" and slug.startswith(f"{found[-1].slug}-"))):
                raise ValueError(f"{name}, cell {cell.id}: expected it below the task that it belongs to.")
            if part == "wrong":
                found[-1].wrong[cell.id] = read_wrong(cell.source, f"{name}, cell {cell.id}")
            else:
                setattr(found[-1], part, cell.source)
    return found


def read_task(slug: str, source: str, where: str) -> Exercise:
    """Return an exercise from its first cell."""
    heading, facts, *rest = source.split("\n")
    numbered, stated = HEADING.match(heading), FACTS.match(facts)
    if not numbered or not stated:
        raise ValueError(f"{where}: expected '## 1. Title' and '*recall, 2 points, 5 minutes*', found {source[:80]!r}.")
    return Exercise(
        slug,
        int(numbered["number"]),
        numbered["title"],
        stated["kind"],
        int(stated["points"]),
        int(stated["minutes"]),
        "\n".join(rest).strip(),
    )


def read_wrong(source: str, where: str) -> tuple[str, str]:
    """Return a wrong answer's misunderstanding and its code."""
    parts = re.fullmatch(r"(.+?)\n+```python\n(.*?)\n```", source, re.DOTALL)
    if not parts:
        raise ValueError(f"{where}: expected a sentence and then one block of Python, found {source[:80]!r}.")
    return parts[1], parts[2]


def exercises_of(stem: str) -> list[Exercise]:
    """Return a chapter's exercises."""
    return parse(read(stem), f"{stem}.ipynb")


def mark(notebook: Any, stem: str) -> Any:
    """Write into an answer notebook what follows from the rest: title, first cell, tags, nbgrader's metadata."""
    points = {f"check-{one.slug}": one.points for one in parse(notebook, f"{stem}.ipynb")}
    for cell in notebook.cells:
        part = cell.id.partition("-")[0]
        cell.metadata = nbformat.from_dict({})
        if part == "title":
            cell.source = (
                f"# Exercises: {opening(stem)[0]}\n\n[Chapter {stem[:2]}](../{stem}.ipynb) comes first. {HOW} {WHERE}"
            )
        elif part == "setup":
            cell.source = first_cell()
        elif part in ("why", "wrong"):
            cell.metadata.tags = ["answer" if part == "why" else "wrong"]
        if part == "words":
            points[cell.id] = WORDS
        if part in ("task", "answer", "check", "words"):
            cell.metadata.nbgrader = nbformat.from_dict(nbgrader_metadata(cell.id, part, points.get(cell.id)))
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def nbgrader_metadata(name: str, part: str, points: int | None) -> dict[str, Any]:
    """Return what nbgrader (schema version 3) wants to know of a cell."""
    known: dict[str, Any] = {
        "grade": part in ("check", "words"),
        "grade_id": name,
        "locked": part not in ("answer", "words"),
        "schema_version": 3,
        "solution": part in ("answer", "words"),
        "task": False,
    }
    return known | ({"points": points} if points is not None else {})


def for_grader(stem: str) -> Any:
    """Return a chapter's answer notebook without explanations and wrong answers: nbgrader's source."""
    notebook = mark(read(stem), stem)
    notebook.cells = [cell for cell in notebook.cells if not {"answer", "wrong"} & set(cell.metadata.get("tags", []))]
    return notebook


def for_student(stem: str, handed_out: bool = False) -> Any:
    """Return the student's version of a chapter's answer notebook: no answers, no hidden tests.

    The one that is handed out and in for points leads to the published chapter, and not to its answers.
    """
    given = for_grader(stem)
    questions = {cell.id: cell.source for cell in given.cells if cell.id.startswith("words-")}
    for preprocessor in (LockCells(), ClearSolutions(code_stub={"python": STUB}), ClearHiddenTests()):
        given, _ = preprocessor.preprocess(given, {})
    for cell in given.cells:
        if cell.id in questions:
            cell.source = words_cell(questions[cell.id])
        if handed_out and cell.cell_type == "markdown":
            cell.source = CHAPTER_LINK.sub(rf"]({settings.book()}notebooks/\1.html", cell.source)
            cell.source = PAGE_LINK.sub(rf"]({settings.book()}\1.html", cell.source)
            cell.source = cell.source.replace(WHERE, "").strip()
    return given


def words_cell(question: str) -> str:
    """Return the text cell in which students answer in words."""
    return f"{ASKED.format(points=WORDS, question=question)}\n\n{WORDS_STUB}"


def in_words(source: str, question: str) -> str:
    """Return what a student wrote into a text cell, without the question."""
    written = source.replace(words_cell(question).removesuffix(WORDS_STUB), "").replace(WORDS_STUB, "").strip()
    return "" if written == question else written


def visible_and_hidden(check: str) -> tuple[str, str]:
    """Return what of a check is shown, and the tests that aren't: none in the course, but yours may have some."""
    visible, _, rest = check.partition("### BEGIN HIDDEN TESTS")
    return visible.strip(), rest.partition("### END HIDDEN TESTS")[0].strip()


def stub(exercise: Exercise) -> str:
    """Return an exercise's answer cell as students get it."""
    cell = nbformat.v4.new_code_cell(exercise.answer, metadata={"nbgrader": nbgrader_metadata("x", "answer", None)})
    return str(ClearSolutions(code_stub={"python": STUB}).preprocess_cell(cell, {"language": "python"}, 0)[0].source)


def model_answer(exercise: Exercise) -> str:
    """Return an exercise's answer cell without the marks of the solution."""
    return SOLUTION.sub("", exercise.answer).strip()


def summary(stem: str) -> str:
    """Return in a few words how much work a chapter's exercises are."""
    exercises = exercises_of(stem)
    points, minutes = sum(one.points for one in exercises), sum(one.minutes for one in exercises)
    return f"{len(exercises)} exercises, {points} points, about {minutes} minutes"


def chapter_line(stem: str) -> str:
    """Return the line on a chapter's first screen."""
    return f"**Exercises** [{summary(stem)}](../book/exercises/{stem}.md)."


def chapter_section(stem: str) -> str:
    """Return the chapter's section on its exercises."""
    listed = "\n".join(
        f"{one.number}. *{one.kind.capitalize()}.* {one.title}: {one.points} points" for one in exercises_of(stem)
    )
    return (
        f"## Exercises\n\nThe notebook `notebooks/student/{stem}.ipynb` checks your answers and gives hints; "
        f"[its page in the book](../book/exercises/{stem}.md) opens it in Colab and holds the answers. "
        f"{summary(stem).capitalize()}.\n\n{listed}"
    )


def for_page(text: str, folder: str) -> str:
    """Return a text from a notebook in `folder` for a page two folders below the top: links lead where they led."""
    return LINK.sub(lambda link: f"]({posixpath.normpath(f'../../{folder}/{link[1]}')})", text)


def page(stem: str) -> str:
    """Return the tasks as a page of the book, with the answers collapsed."""
    return "\n\n".join(page_part(one) for one in exercises_of(stem))


def page_part(exercise: Exercise) -> str:
    """Return one exercise as MyST Markdown."""
    misunderstood = "\n".join(f"- {sentence}" for sentence, _ in exercise.wrong.values())
    task, why = (for_page(text, "notebooks/exercises") for text in (exercise.task, exercise.why))
    asked = f"\n{ASKED.format(points=WORDS, question=exercise.words)}\n" if exercise.words else ""
    return f"""\
## {exercise.number}. {exercise.title}

*{exercise.kind.capitalize()}, {exercise.points} points, {exercise.minutes} minutes*

{task}

```python
{stub(exercise)}
```
{asked}
::::{{dropdown}} Answer to exercise {exercise.number}
```python
{model_answer(exercise)}
```

{why}

**Often taken for right:**

{misunderstood}
::::"""


def on_chapter(notebook: Any, stem: str) -> None:
    """Bring a chapter's two places that speak of its exercises up to date."""
    for cell in notebook.cells:
        if cell.id == "title":
            cell.source = re.sub(r"^\*\*Exercises\*\*.*$", chapter_line(stem), cell.source, flags=re.MULTILINE)
            if "**Exercises**" not in cell.source:
                cell.source += f"\n\n{chapter_line(stem)}"
        elif cell.id == "exercises":
            cell.source = chapter_section(stem)

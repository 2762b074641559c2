"""A chapter's quiz of eight questions: one source, book/quizzes/STEM.yml, from which everything else is made.

Made from it: a cell of the chapter (``make tidy``), and in the built book a file in Moodle's format GIFT, which most
platforms read, with answers and feedback, and a page to print, without. A source is a list of questions:

    - question: "..."            # Markdown, may hold math
      objective: 2               # which of the chapter's objectives it tests, counted from 1
      options:
        - text: "..."
          why: "..."             # a sentence of feedback
          right: true            # of exactly one
        - text: "..."
          why: "..."
"""

import html
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import exercises
import jinja2
import nbformat
import predictions
import yaml
from first_cell import ROOT
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from predictions import Option

SOURCES = ROOT / "book" / "quizzes"
PAGE = Path(__file__).with_name("quizzes") / "page.html.j2"
CELL = "quiz"
NUMBERS = {8: "eight"}
GIFT_SPECIAL = re.compile(r"([\\~=#{}:])")


MARKDOWN = MarkdownIt("commonmark").use(dollarmath_plugin)
# Formulas as MathJax reads them, in the book's pages and in platforms for learning.
for kind, left, right in (("math_inline", r"\(", r"\)"), ("math_block", r"\[", r"\]")):
    MARKDOWN.add_render_rule(
        kind,
        lambda self, tokens, i, *_, before=left, after=right: (
            f"{before}{html.escape(tokens[i].content, quote=False)}{after}"
        ),
    )


@dataclass(frozen=True)
class Question:
    """A question with its options and the number of the objective that it tests."""

    text: str
    objective: int
    options: tuple[Option, ...]


def stems() -> list[str]:
    """Return the chapters that have a quiz, in order."""
    return sorted(path.stem for path in SOURCES.glob("*.yml"))


def read(stem: str) -> list[Question]:
    """Return the questions of a chapter's quiz; a ValueError says what is wrong in the source."""
    source = yaml.safe_load((SOURCES / f"{stem}.yml").read_text(encoding="utf-8"))
    return [question(entry, f"book/quizzes/{stem}.yml, question {i}") for i, entry in enumerate(source, 1)]


def question(entry: Any, where: str) -> Question:
    """Return a question from its entry in a source."""
    if not isinstance(entry, dict) or set(entry) != {"question", "objective", "options"}:
        raise ValueError(f"{where}: expected question, objective and options, found {entry!r:.80}.")
    options = entry["options"]
    wrong = [one for one in options if not {"text", "why"} <= set(one) <= {"text", "why", "right"}]
    if wrong:
        raise ValueError(f"{where}: expected text, why and, once, right of each option, found {wrong[0]!r:.80}.")
    if sum(bool(one.get("right")) for one in options) != 1:
        raise ValueError(f"{where}: expected exactly one option that is right.")
    made = [Option(str(one["text"]).strip(), str(one["why"]).strip(), bool(one.get("right"))) for one in options]
    return Question(str(entry["question"]).strip(), int(entry["objective"]), tuple(made))


# In the chapter


def on_chapter(notebook: Any, stem: str) -> None:
    """Write a chapter's quiz into its cell, which stands above the exercises."""
    notebook.cells = [cell for cell in notebook.cells if cell.id != CELL]
    if stem not in stems():
        return
    place = next((i for i, cell in enumerate(notebook.cells) if cell.id == "exercises"), len(notebook.cells))
    notebook.cells.insert(place, nbformat.v4.new_markdown_cell(cell_source(read(stem)), id=CELL))


def cell_source(questions: list[Question]) -> str:
    """Return the quiz as Markdown that works everywhere."""
    parts = [f"**Question {i}.** {one.text}\n\n{in_summaries(one.options)}" for i, one in enumerate(questions, 1)]
    count = NUMBERS.get(len(questions), len(questions))
    return (
        f'## Quiz\n\n<details class="quiz"><summary>A quiz of {count} questions</summary>\n\n'
        + "\n\n".join(parts)
        + "\n\n</details>"
    )


def in_summaries(options: tuple[Option, ...]) -> str:
    """Return options whose texts are HTML, because no Markdown is read in a summary; formulas keep their dollars."""
    return predictions.markdown([Option(summary(one.text), one.why, one.right) for one in options])


def summary(text: str) -> str:
    """Return the text of an option as HTML in which formulas stand between dollars."""
    return re.sub(r"\\\((.*?)\\\)", r"$\1$", inline(text))


def inline(text: str) -> str:
    """Return a line of Markdown as HTML, formulas for MathJax."""
    return str(MARKDOWN.renderInline(text)).strip()


# For instructors


def gift(stem: str) -> str:
    """Return a chapter's quiz in Moodle's format GIFT, with answers and feedback, its texts in HTML."""
    name = f"{stem[:2]} {exercises.opening(stem)[0]}"
    blocks = [f"$CATEGORY: {name}", *(gift_question(one, f"{stem[:2]}-{i}") for i, one in enumerate(read(stem), 1))]
    return "\n\n".join(blocks) + "\n"


def gift_question(asked: Question, name: str) -> str:
    """Return one question in the format GIFT."""
    options = "\n".join(
        f"{'=' if one.right else '~'}{escaped(inline(one.text))}#{escaped(inline(one.why))}" for one in asked.options
    )
    return f"::{name}::[html]{escaped(str(MARKDOWN.render(asked.text)).strip())}{{\n{options}\n}}"


def escaped(text: str) -> str:
    """Return a text for GIFT on one line: what means something there is marked by a backslash."""
    return GIFT_SPECIAL.sub(r"\\\1", " ".join(text.split()))


def page(stem: str) -> str:
    """Return a chapter's quiz as a page to print, without answers."""
    questions = [(MARKDOWN.render(one.text), [inline(option.text) for option in one.options]) for one in read(stem)]
    made = "".join(text + "".join(options) for text, options in questions)
    template = jinja2.Template(PAGE.read_text(encoding="utf-8"), autoescape=True)
    return template.render(
        title=f"Chapter {stem[:2]}: {exercises.opening(stem)[0]}",
        stem=stem,
        questions=questions,
        math=r"\(" in made or r"\[" in made,
    )


def links(stem: str, top: str) -> list[str]:
    """Return links to a chapter's files for instructors, from a page whose way to the top is `top`, if it has any."""
    if stem not in stems():
        return []
    return [
        f'<a href="{top}/quizzes/{stem}.html">quiz to print, without answers</a>',
        f'<a href="{top}/quizzes/{stem}.gift.txt" download>quiz with answers (GIFT)</a>',
    ]


def make(folder: Path) -> None:
    """Write every chapter's files for instructors into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for stem in stems():
        (folder / f"{stem}.gift.txt").write_text(gift(stem), encoding="utf-8")
        (folder / f"{stem}.html").write_text(page(stem), encoding="utf-8")

"""Fill the pages of the exercises and of the instructor's shelf with what notebooks state.

A page holds a marker, an HTML comment, and everything else of its own; the marker's place is
taken by what is made from the notebooks, so that nothing is said twice.
"""

import re
import sys
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import exercises
import quizzes
from first_cell import ROOT

MARKER = re.compile(r"^<!-- (exercises|chapter|overview) -->$", re.MULTILINE)


def fill(app: Sphinx, page: str, source: list[str]) -> None:
    """Replace the markers of a page in book/exercises or book/teaching."""
    folder, _, stem = page.rpartition("/")
    if folder not in ("book/exercises", "book/teaching"):
        return
    made = {"exercises": lambda: exercise_page(app, stem), "chapter": lambda: chapter_facts(stem), "overview": overview}
    source[0] = MARKER.sub(lambda marker: made[marker[1]](), source[0])


def colab(app: Sphinx, path: Path) -> str:
    """Return the address that opens a notebook of the repository in Colab."""
    options = app.config.html_theme_options
    repository = options["repository_url"].removeprefix("https://github.com/")
    place = f"{repository}/blob/{options['repository_branch']}/{path.relative_to(ROOT).as_posix()}"
    return f"{options['launch_buttons']['colab_url']}/github/{place}"


def exercise_page(app: Sphinx, stem: str) -> str:
    """Return a page's exercises, below the ways to get the notebook."""
    student = exercises.STUDENT / f"{stem}.ipynb"
    ways = (
        f"[Open the notebook in Colab]({colab(app, student)}) or "
        f"{{download}}`download it <../../notebooks/student/{stem}.ipynb>`. {exercises.HOW} {exercises.WHERE}"
    )
    return f"{ways}\n\n{exercises.page(stem)}"


def overview() -> str:
    """Return a table of the chapters' exercises: how many, how long, how many points."""
    rows = []
    for stem in exercises.stems():
        those = exercises.exercises_of(stem)
        minutes, points = (sum(getattr(one, what) for one in those) for what in ("minutes", "points"))
        rows.append(f"| [](../exercises/{stem}.md) | {len(those)} | {minutes} | {points} |")
    return "\n".join(["| Exercises | How many | Minutes | Points |", "|---|---:|---:|---:|", *rows])


def chapter_facts(stem: str) -> str:
    """Return what a chapter's first screen says below its objectives, and its exercises with their points."""
    _, needed, rest = exercises.opening(stem)[1].partition("**You need**")
    screen = exercises.for_page(needed + rest, "notebooks")
    rows = "\n".join(one.row for one in exercises.exercises_of(stem))
    slides = f'<a href="../../slides/{stem}.html">slides</a>'
    return (
        f"{screen}\n\n| Exercise | Kind | Minutes | Points |\n|---|---|---:|---:|\n{rows}\n\n"
        f"Pages: [the chapter](../../notebooks/{stem}.ipynb), [exercises and answers](../exercises/{stem}.md), "
        f"{', '.join([slides, *quizzes.links(stem, '../..')])}."
    )


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect this extension."""
    app.connect("source-read", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""Write a folder to hand out (``make assignment CHAPTER=04``): notebooks, library, photographs, a brief.

The student's notebook is the one of the course; the library travels as a wheel, which holds the
photographs, the trained model and the results that the exercises need.
"""

import argparse
import shutil
import sys
from pathlib import Path

import exercises
import nbformat
import release
from contained import MOST_SECONDS
from first_cell import ROOT
from grade import SECONDS_PER_CELL

from colorize_lib import settings

BRIEF = """\
# Assignment: {titles}

**Hand in by** ____________________  **Points to reach** ____ of {points}  **Questions to** ____________________

{chapters}

## Before you begin

Read {read} first;
the exercises use what is taught there. In Colab: upload the notebook and run its first cell.
On your own computer (Python 3.11 to 3.13; on Windows in WSL), in this folder:

    python3 -m venv environment
    environment/bin/pip install library/{wheel} jupyterlab
    environment/bin/jupyter lab

The wheel holds the photographs that the exercises use; `photographs` holds them again, to look at, with
their authors and licenses. Nothing else is downloaded by an exercise.

## How to work

Replace the dots in each answer cell. The cell below it checks the answer and gives a hint when it isn't right; try as
often as you like. Add cells of your own where you want, but leave the tasks and the checks: they are restored before
grading. At the end restart the kernel and run all cells once: what runs there is what is graded, with further checks on
other inputs.

## What to hand in

The notebook, under its own name{several}. When it is graded it has no network; a cell may take at most
{seconds} seconds, the whole notebook {minutes} minutes. Write the answers yourself, and name what helped you.

## Exercises

| Chapter | Exercise | Kind | Minutes | Points |
|---|---|---|---:|---:|
{rows}
"""


def brief(stems: list[str], wheel: str) -> str:
    """Return the page that goes with an assignment."""
    parts = [(stem, one) for stem in stems for one in exercises.exercises_of(stem)]
    titles = [f"chapter {stem[:2]}, {exercises.opening(stem)[0]}" for stem in stems]
    rows = (f"| {stem[:2]} {one.row}" for stem, one in parts)
    chapters = (f"- `{stem}.ipynb`: {exercises.summary(stem)}" for stem in stems)
    return BRIEF.format(
        titles="; ".join(titles),
        points=sum(one.points for _, one in parts),
        chapters="\n".join(chapters),
        read=" and ".join(f"[chapter {stem[:2]}]({settings.book()}notebooks/{stem}.html)" for stem in stems),
        wheel=wheel,
        several="" if len(stems) == 1 else "; each notebook is handed in and graded by itself",
        seconds=SECONDS_PER_CELL,
        minutes=MOST_SECONDS // 60,
        rows="\n".join(rows),
    )


def write(stems: list[str], out: Path) -> None:
    """Write the folder `out`, which must not hold anything yet."""
    if out.exists() and any(out.iterdir()):
        raise ValueError(f"{out} isn't empty; remove it, or choose another folder with OUT=folder")
    out.mkdir(parents=True, exist_ok=True)
    (out / "library").mkdir()
    wheel = release.make_wheel(out / "library").name
    shutil.copytree(ROOT / "data" / "sample", out / "photographs")
    for stem in stems:
        nbformat.write(exercises.for_student(stem), out / f"{stem}.ipynb")
    (out / "brief.md").write_text(brief(stems, wheel), encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, write the folder, and return the exit status."""
    parser = argparse.ArgumentParser(prog="make assignment", description=__doc__)
    parser.add_argument("--chapters", required=True)
    parser.add_argument("--out", default="")
    given = parser.parse_args(arguments)
    try:
        stems = list(dict.fromkeys(exercises.find(chapter) for chapter in given.chapters.split()))
        if not stems:
            raise ValueError('name the chapters: CHAPTER=04, or CHAPTERS="02 03 04"')
        name = "_".join(["assignment", *(stem[:2] for stem in stems)])
        out = Path(given.out or ROOT / "build" / name).expanduser().resolve()
        write(stems, out)
    except (ValueError, OSError, release.ReleaseError) as error:
        print(f"No assignment was written: {error}", file=sys.stderr)
        return 1
    print(f"{out}: fill in deadline and points in brief.md, then hand the folder out")
    return 0


if __name__ == "__main__":
    sys.exit(main())

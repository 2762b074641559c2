"""Write a folder to hand out (``make assignment CHAPTER=04``): notebooks, library, photographs, a brief.

The student's notebook is the one of the course, but for what leads to the answers; the library travels as a wheel,
which holds the photographs, the trained model and the results that the exercises need.
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
from gradebook import WHEN, LateRule

from colorize_lib import settings

BRIEF = """\
# Assignment: {titles}

**Hand in by** {deadline}  **Points to reach** ____ of {points}  **Questions to** ____________________

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
often as you like. What the check says is what is graded: "Right." gives all points, and where it says how much is right
so far, that part counts. Below some checks stands a question in words: replace the line under it. A person reads that.
Add cells of your own where you want, but leave the tasks and the checks: they are restored before grading. At the end
restart the kernel and run all cells once.

## What to hand in

The notebook, under its own name{several}. When it is graded it has no network; a cell may take at most
{seconds} seconds, the whole notebook {minutes} minutes. {late}Write the answers yourself, and name what helped you.

## Exercises

| Chapter | Exercise | Kind | Minutes | Points | In words |
|---|---|---|---:|---:|---:|
{rows}
"""


def brief(stems: list[str], wheel: str, rule: LateRule | None = None) -> str:
    """Return the page that goes with an assignment; without a deadline it leaves one to be filled in."""
    parts = [(stem, one) for stem in stems for one in exercises.exercises_of(stem)]
    titles = [f"chapter {stem[:2]}, {exercises.opening(stem)[0]}" for stem in stems]
    rows = (f"| {stem[:2]} {one.row} {exercises.WORDS if one.words else ''} |" for stem, one in parts)
    chapters = (f"- `{stem}.ipynb`: {exercises.summary(stem)}" for stem in stems)
    return BRIEF.format(
        titles="; ".join(titles),
        points=sum(one.points + exercises.WORDS * bool(one.words) for _, one in parts),
        deadline=f"{rule.deadline:{WHEN}}" if rule else "____________________",
        late=f"Each day after the deadline that has begun costs {rule.percent:g} % of the points. "
        if rule and rule.percent
        else "",
        chapters="\n".join(chapters),
        read=" and ".join(f"[chapter {stem[:2]}]({settings.book()}notebooks/{stem}.html)" for stem in stems),
        wheel=wheel,
        several="" if len(stems) == 1 else "; each notebook is handed in and graded by itself",
        seconds=SECONDS_PER_CELL,
        minutes=MOST_SECONDS // 60,
        rows="\n".join(rows),
    )


def write(stems: list[str], out: Path, rule: LateRule | None = None) -> None:
    """Write the folder `out`, which must not hold anything yet."""
    if out.exists() and any(out.iterdir()):
        raise ValueError(f"{out} isn't empty; remove it, or choose another folder with OUT=folder")
    out.mkdir(parents=True, exist_ok=True)
    (out / "library").mkdir()
    wheel = release.make_wheel(out / "library").name
    shutil.copytree(ROOT / "data" / "sample", out / "photographs")
    for stem in stems:
        nbformat.write(exercises.for_student(stem, handed_out=True), out / f"{stem}.ipynb")
    (out / "brief.md").write_text(brief(stems, wheel, rule), encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, write the folder, and return the exit status."""
    parser = argparse.ArgumentParser(prog="make assignment", description=__doc__)
    parser.add_argument("--chapters", required=True)
    parser.add_argument("--out", default="")
    parser.add_argument("--deadline", default="", help="such as '2026-12-04 18:00'")
    parser.add_argument("--late", default="", help="percent of the points that a day after the deadline costs")
    given = parser.parse_args(arguments)
    try:
        rule = LateRule.of(given.deadline, given.late)
        stems = list(dict.fromkeys(exercises.find(chapter) for chapter in given.chapters.split()))
        if not stems:
            raise ValueError('name the chapters: CHAPTER=04, or CHAPTERS="02 03 04"')
        name = "_".join(["assignment", *(stem[:2] for stem in stems)])
        out = Path(given.out or ROOT / "build" / name).expanduser().resolve()
        write(stems, out, rule)
    except (ValueError, OSError, release.ReleaseError) as error:
        print(f"No assignment was written: {error}", file=sys.stderr)
        return 1
    left = "points" if rule else "deadline and points"
    print(f"{out}: fill in {left} in brief.md, then hand the folder out")
    return 0


if __name__ == "__main__":
    sys.exit(main())

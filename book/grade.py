"""Grade a folder of submitted notebooks (``make grade CHAPTER=04 SUBMISSIONS=folder``).

Each notebook runs in a sandbox (contained.py), cell by cell (execution.py), and is judged by what its checks show. Out
come a table (CSV) with a row for everything in the folder, a feedback page for each student, both in a zip for the
learning platform, and a file for the points that people give (``manual.csv``), which the next run adds.
"""

import argparse
import math
import os
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import contained
import execution
import exercises
import feedback
import gradebook
from submissions import Submission, collect, entries, listed, printable, written

from colorize_lib.exercises.verdict import MIME

SECONDS_PER_CELL = 30
MOST_UNPACKED = 2_000_000_000  # bytes of a zip of submissions


def run(one: Submission, stem: str, safe: bool, seconds: float) -> dict[str, dict[str, Any]]:
    """Run a submission and return by exercise what became of it: points, what the check said, outputs."""
    with tempfile.TemporaryDirectory(prefix="grade-", ignore_cleanup_errors=True) as folder:  # short: sockets lie in it
        sources, places = [], []
        for place, cell in enumerate(one.notebook.cells):
            if cell.cell_type == "code":
                for source in filter(None, exercises.visible_and_hidden(cell.source)):
                    sources.append(source)
                    places.append(place)
        done = execution.run(sources, Path(folder).resolve(), safe, seconds)
    became: dict[int, list[execution.Done]] = {}
    for place, result in zip(places, done, strict=True):
        became.setdefault(place, []).append(result)
    return judged(one, stem, became)


def judged(one: Submission, stem: str, became: dict[int, list[execution.Done]]) -> dict[str, dict[str, Any]]:
    """Return by exercise what became of it, from what became of each cell."""
    parts = {known.slug: blank(known) for known in exercises.exercises_of(stem)}
    slug = ""
    for place, cell in enumerate(one.notebook.cells):
        name, _, of = cell.get("id", "").partition("-")
        slug = of if name in ("task", "answer", "check", "words") and of in parts else slug
        results = became.get(place, [])
        if slug not in parts:
            problems = [result.problem for result in results if result.problem]
            one.note = "; ".join(filter(None, [one.note, *(f"before the exercises: {why}" for why in problems)]))
            continue
        part = parts[slug]
        if name == "check" and of == slug:
            judge(part, results)
        elif name == "answer" and of == slug:
            part["answer"] = cell.source
        elif name == "words" and of == slug:
            part["words"] = cell.source
        elif name != "task":
            part["added"].append(cell.source)
        for result in results:
            if name != "check":
                part["outputs"] += result.outputs
            if result.problem and name != "check":
                whose = "Your answer" if name == "answer" else "A cell that you added"
                part["notes"].append(f"{whose} stopped: {result.problem}.")
    for slug, what in one.checks.items():
        parts[slug]["notes"].append(f"In your notebook this check was {what}; it was restored before grading.")
    return parts


def blank(known: exercises.Exercise) -> dict[str, Any]:
    """Return what is known of an exercise before anything ran."""
    return {
        "title": f"{known.number}. {known.title}",
        "of": known.points,
        "points": 0.0,
        "passed": False,
        "message": "There is nothing to judge.",
        "notes": [],
        "answer": "",
        "added": [],
        "outputs": [],
        "words": "",
        "question": known.words,
        "hidden": exercises.visible_and_hidden(known.check)[1],
    }


def judge(part: dict[str, Any], results: list[execution.Done]) -> None:
    """Write into an exercise's part what its check showed, and the points for it: full, or half points for a part."""
    shown = [output.data[MIME] for output in results[0].outputs if MIME in output.get("data", {})] if results else []
    if not shown:
        why = results[0].problem if results else ""
        part["message"] = f"The check couldn't judge this{f': {why}' if why else ''}."
        return
    try:
        passed, message, right = bool(shown[-1]["passed"]), str(shown[-1]["message"]), float(shown[-1]["part"])
        share = 1.0 if passed else min(max(right, 0.0), 1.0)
        points = math.floor(2 * share * part["of"] + 1e-9) / 2
    except (TypeError, KeyError, ValueError):  # no verdict of the course's: the cells before can do anything
        part["message"] = "The check showed something else than a verdict."
        return
    part |= {"passed": passed, "message": message, "points": points}
    if part["points"] and not part["passed"]:
        part["notes"].append("What is right so far counts.")
    for hidden in results[1:]:
        if part["passed"] and hidden.problem:
            part["passed"], part["points"] = False, 0.0
            part["message"] = "The check that you saw passes. A further test doesn't."


def write_pages(
    records: dict[str, dict[str, Any]], rows: list[dict[str, Any]], out: Path, stem: str, hidden: bool
) -> None:
    """Write a page for each student, and a zip with them under the names that the platform takes back."""
    title = exercises.opening(stem)[0]
    pages = out / "feedback"
    pages.mkdir(parents=True, exist_ok=True)
    for row in rows:
        record = records[row["student"]]
        parts = list(record["exercises"].values()) if record["graded"] else []
        gradebook.whole(pages / f"{row['student']}.html", feedback.page(row, parts, title, hidden))
    with zipfile.ZipFile(out / "feedback.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for student, record in records.items():
            name = (record["back"] or f"{student}{{}}").replace("{}", f"{stem}.html" if record["back"] else ".html")
            packed.write(pages / f"{student}.html", name)


def record_of(one: Submission, stem: str, folder: Path, parts: dict[str, dict[str, Any]] | None) -> dict[str, Any]:
    """Return what is kept of one student."""
    graded = parts is not None
    parts = parts if parts is not None else {known.slug: blank(known) for known in exercises.exercises_of(stem)}
    return {
        "stem": stem,
        "student": one.student,
        "id": one.id,
        "file": printable(one.path.relative_to(folder)),
        "back": one.back,
        "when": one.when.isoformat() if one.when else "",
        "late": one.late,
        "note": one.note,
        "graded": graded,
        "exercises": parts,
    }


def grade_folder(
    stem: str,
    folder: Path,
    out: Path,
    safe: bool = True,
    seconds: float = SECONDS_PER_CELL,
    only: list[str] | None = None,
    rule: gradebook.LateRule | None = None,
    hidden: bool = False,
) -> list[dict[str, Any]]:
    """Grade what is in `folder`, or only some students; write everything into `out` and return the table's rows."""
    slugs = [known.slug for known in exercises.exercises_of(stem)]
    records = gradebook.kept(out, stem)
    rows_by_hand, others = gradebook.by_hand(out / "manual.csv", slugs), gradebook.read_table(out / "grades.csv")
    found = collect(folder, stem)
    unknown = set(only or []) - {one.student for one in found}
    if unknown:
        names = ", ".join(one.student for one in found)
        raise ValueError(f"no student {', '.join(sorted(unknown))} in {folder}; there are {names}")
    for gone in set(records) - {one.student for one in found}:
        told = "not in the folder any more; graded earlier"
        records[gone]["note"] = "; ".join(filter(None, [records[gone]["note"].replace(told, "").strip("; "), told]))
    chosen = [one for one in found if only is None or one.student in only]
    rows: list[dict[str, Any]] = []
    out.mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(chosen, 1):
        try:
            parts = run(one, stem, safe, seconds) if one.notebook is not None else None
        except Exception as error:  # whatever a strange program does to the grader, the others are graded
            parts = None
            one.add(f"could not be run ({type(error).__name__}: {str(error)[:150]})")
        if parts is not None:
            stopped = [
                f"{slug} ({note})" for slug, part in parts.items() for note in part["notes"] if "stopped:" in note
            ]
            for note in stopped[:5]:
                one.add(note.replace("Your answer ", "").replace(".)", ")"))
        records[one.student] = record_of(one, stem, folder, parts)
        gradebook.keep(out, records[one.student])
        rows = gradebook.table(records, rows_by_hand, rule)
        gradebook.write_table(rows, out / "grades.csv", others)
        row = next(row for row in rows if row["student"] == one.student)
        print(
            f"  {number:3} of {len(chosen)}  {row['points']:5g} of {row['of']}  {one.student}  {one.note}", flush=True
        )
    rows = gradebook.table(records, rows_by_hand, rule)
    if rows:
        gradebook.write_table(rows, out / "grades.csv", others)
    gradebook.write_manual(out / "manual.csv", rows_by_hand, records)
    write_pages(records, rows, out, stem, hidden)
    return rows


@contextmanager
def unpacked(given: Path) -> Iterator[Path]:
    """Give the folder of submissions; a zip, as platforms export it, is unpacked beside the system's other files."""
    if not given.is_file():
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="submissions-") as folder:
        infos = listed(given)
        if sum(info.file_size for info in infos) > MOST_UNPACKED:
            raise ValueError(f"{given} holds more than {MOST_UNPACKED:,} bytes")
        try:
            with zipfile.ZipFile(given) as packed:
                for info in infos:
                    path, when = Path(packed.extract(info, folder)), written(info).timestamp()
                    os.utime(path, (when, when))  # when it was handed in
        except (RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:  # encrypted, damaged
            raise ValueError(f"{given} can't be unpacked: {error}") from None
        yield Path(folder).resolve()


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, grade, and return the exit status."""
    parser = argparse.ArgumentParser(prog="make grade", description=__doc__)
    parser.add_argument("--chapter", required=True)
    parser.add_argument("--submissions", required=True)
    parser.add_argument("--out", default="")
    parser.add_argument("--student", default="", help="grade only these, names with spaces between; - for none")
    parser.add_argument("--deadline", default="", help="such as '2026-12-04 18:00'")
    parser.add_argument("--late", default="", help="percent of the points that a day after the deadline costs")
    parser.add_argument("--worksheet", default="", help="Moodle's grading worksheet, to be filled in")
    parser.add_argument("--hidden", action="store_true", help="show further tests of yours on the pages")
    parser.add_argument("--unsafe", action="store_true", help="run notebooks without a sandbox: trust every submission")
    parser.add_argument("--seconds", type=float, default=SECONDS_PER_CELL, help="what a cell may take (%(default)s)")
    given = parser.parse_args(arguments)
    try:
        stem = exercises.find(given.chapter)
        rule = gradebook.LateRule.of(given.deadline, given.late)
        folder = Path(given.submissions).expanduser().resolve()
        if not given.submissions or not folder.exists():
            raise ValueError(f"there is no folder {given.submissions!r}; give SUBMISSIONS=folder of notebooks")
        if folder.is_dir() and not entries(folder):
            raise ValueError(f"{folder} is empty; expected a notebook, or a folder with one, for each student")
        out = Path(given.out or exercises.ROOT / "build" / f"grades_{stem[:2]}").expanduser().resolve()
        if folder.is_dir() and (out.is_relative_to(folder) or folder.is_relative_to(out / "feedback")):
            raise ValueError(f"OUT is {out}; expected a folder outside {folder}, where nothing is to be changed")
        if not given.unsafe:
            contained.bubblewrap()
    except (ValueError, OSError, contained.NoSandbox) as error:
        print(f"Nothing was graded: {error}", file=sys.stderr)
        return 1
    only = None if not given.student else [name for name in given.student.split() if name != "-"]
    try:
        with unpacked(folder) as inside:
            rows = grade_folder(stem, inside, out, not given.unsafe, given.seconds, only, rule, given.hidden)
        told = ""
        if given.worksheet:
            told = gradebook.write_worksheet(Path(given.worksheet).expanduser(), rows, out / "worksheet.csv")
    except (ValueError, OSError) as error:  # such as a full disk: the table is written after every student
        print(f"Grading stopped: {error}. Grades so far, if there are any: {out / 'grades.csv'}", file=sys.stderr)
        return 1
    print(
        f"{len(rows)} submissions; table: {out / 'grades.csv'}; a page for each: {out / 'feedback'}, and together: "
        f"{out / 'feedback.zip'}; points by hand: {out / 'manual.csv'}{told}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

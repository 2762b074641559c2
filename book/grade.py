"""Grade a folder of submitted notebooks (``make grade CHAPTER=04 SUBMISSIONS=folder``).

Each notebook runs in a sandbox (contained.py), cell by cell (execution.py), and is judged by what its checks show. Out
come a table (CSV) with a row for everything in the folder, a feedback page for each student, both in a zip for the
learning platform, and a file for the points that people give (``manual.csv``), which the next run adds.
"""

import argparse
import csv
import io
import json
import math
import os
import re
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import contained
import execution
import exercises
import feedback
from submissions import Submission, collect, entries, printable

from colorize_lib.exercises.verdict import MIME

SECONDS_PER_CELL = 30
MANUAL = ("student", "exercise", "points", "comment")
WHEN = "%Y-%m-%d %H:%M"
MOST_UNPACKED = 2_000_000_000  # bytes of a zip of submissions


@dataclass(frozen=True)
class LateRule:
    """Until when is in time, and how many percent of the points each day after it costs."""

    deadline: datetime
    percent: float = 0.0

    @staticmethod
    def of(deadline: str, percent: str) -> "LateRule | None":
        """Read the rule from the command line; a ValueError says what was expected."""
        if not deadline:
            if percent:
                raise ValueError("LATE says what a day costs; name the deadline too: DEADLINE='2026-12-04 18:00'")
            return None
        try:
            day = datetime.strptime(deadline, WHEN if " " in deadline else "%Y-%m-%d")
        except ValueError:
            raise ValueError(f"DEADLINE is {deadline!r}; expected a time such as '2026-12-04 18:00'") from None
        if " " not in deadline:
            day += timedelta(days=1)  # the whole day counts
        try:
            share = float(percent or 0)
        except ValueError:
            share = -1.0
        if not 0 <= share <= 100:
            raise ValueError(f"LATE is {percent!r}; expected percent of the points a day, from 0 to 100")
        return LateRule(day, share)

    def days(self, when: datetime | None) -> int:
        """Return how many days, begun ones counted, a submission is late."""
        return 0 if when is None else max(0, math.ceil((when - self.deadline) / timedelta(days=1)))

    def factor(self, days: int) -> float:
        """Return the part of the points that is left after some days."""
        return max(0.0, 1 - self.percent / 100 * days)


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
    verdict = shown[-1]
    part["passed"], part["message"] = bool(verdict["passed"]), str(verdict["message"])
    share = 1.0 if part["passed"] else min(max(float(verdict["part"]), 0.0), 1.0)
    part["points"] = math.floor(2 * share * part["of"] + 1e-9) / 2
    if part["points"] and not part["passed"]:
        part["notes"].append("What is right so far counts.")
    for hidden in results[1:]:
        if part["passed"] and hidden.problem:
            part["passed"], part["points"] = False, 0.0
            part["message"] = "The check that you saw passes. A further test doesn't."


# What stays from run to run


def kept(out: Path, stem: str) -> dict[str, dict[str, Any]]:
    """Return what earlier runs found, by student."""
    found = {}
    for path in sorted((out / "graded").glob("*.json")):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            other = record["stem"] != stem
            found[record["student"]] = record
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path} can't be read ({error}); remove it to grade this student anew") from None
        if other:
            raise ValueError(f"{out} holds grades of {record['stem']}; choose another folder for {stem}: OUT=folder")
    return found


def keep(out: Path, record: dict[str, Any]) -> None:
    """Write what a run found of one student."""
    (out / "graded").mkdir(parents=True, exist_ok=True)
    whole(out / "graded" / f"{record['student']}.json", json.dumps(record, ensure_ascii=False, indent=1))


def whole(path: Path, text: str) -> None:
    """Write a text file in one step, so that a run that is stopped leaves the old one or the new one."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_bytes(text.encode("utf-8"))
    part.replace(path)


def read_table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file that a spreadsheet may have written: with a BOM, with semicolons."""
    if not path.is_file():
        return []
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path} isn't in UTF-8; save it again as CSV in UTF-8") from None
    first = text.partition("\n")[0]
    divider = ";" if first.count(";") > first.count(",") else ","
    return [
        {str(name).strip(): str(value or "") for name, value in row.items() if name is not None}
        for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=divider)
    ]


def by_hand(path: Path, slugs: list[str]) -> list[dict[str, str]]:
    """Return the rows of manual.csv; a ValueError names the line that can't be read."""
    rows = read_table(path)
    for line, row in enumerate(rows, 2):
        missing = [name for name in MANUAL[:3] if name not in row]
        if missing:
            raise ValueError(f"{path} has no column {missing[0]!r}; expected {', '.join(MANUAL)}")
        if row["exercise"].strip() not in slugs:
            raise ValueError(
                f"{path}, line {line}: no exercise {row['exercise']!r}; expected one of {', '.join(slugs)}"
            )
        points_of(row, f"{path}, line {line}")
    return rows


def points_of(row: dict[str, str], where: str) -> float | None:
    """Return the points of a row of manual.csv, None if there are none yet."""
    text = row["points"].strip().replace(",", ".")
    try:
        points = float(text) if text else None
    except ValueError:
        points = math.nan
    if points is not None and not math.isfinite(points):
        raise ValueError(f"{where}: the points are {row['points']!r}; expected a number, or nothing")
    return points


def add_by_hand(record: dict[str, Any], rows: list[dict[str, str]]) -> None:
    """Write into a student's record what people gave and said."""
    for slug, part in record["exercises"].items():
        own = [row for row in rows if same(row["student"], record["student"]) and row["exercise"].strip() == slug]
        given = [points for row in own if (points := points_of(row, "manual.csv")) is not None]
        part["by_hand"] = sum(given) if given else None
        part["comment"] = " ".join(row.get("comment", "").strip() for row in own).strip()


def same(one: str, other: str) -> bool:
    """Tell whether two names are one student's, an apostrophe in front of a formula aside."""
    return one.strip().removeprefix("'") == other


def row_of(record: dict[str, Any], rule: LateRule | None) -> dict[str, Any]:
    """Return a student's row of the table."""
    parts = record["exercises"]
    points, given = sum(p["points"] for p in parts.values()), sum(p["by_hand"] or 0 for p in parts.values())
    when = datetime.fromisoformat(record["when"]) if record["when"] else None
    days = rule.days(when) if rule else 0
    late = f"{days} day{'s' * (days != 1)} late" if days else ("late, says the platform" if record["late"] else "")
    factor = rule.factor(days) if rule else 1.0
    if factor < 1:
        late += f": {factor:.0%} of the points are left"
    row = {"student": record["student"], "id": record["id"], "file": record["file"], "points": points}
    row |= {"of": sum(part["of"] for part in parts.values()), "by_hand": given}
    row |= {"open": sum(bool(part["question"]) and part["by_hand"] is None for part in parts.values())}
    row |= {"total": round(factor * (points + given), 2)}
    row |= {"total_of": row["of"] + exercises.WORDS * sum(bool(part["question"]) for part in parts.values())}
    return row | {slug: part["points"] for slug, part in parts.items()} | {"late": late, "note": record["note"]}


def write_table(rows: list[dict[str, Any]], path: Path, others: list[dict[str, str]] | None = None) -> None:
    """Write the table of grades; columns that somebody added to an earlier one (`others`) stay."""
    added = {name: None for row in others or [] for name in row if name not in rows[0]}
    before = {row.get("student", "").removeprefix("'"): row for row in others or []}
    names = [*rows[0], *added]
    held = io.StringIO(newline="")
    writer = csv.DictWriter(held, names)
    writer.writeheader()
    for row in rows:
        own = before.get(str(row["student"]), {})
        full = {name: own.get(name, "") for name in added} | row
        writer.writerow({key: plain(value) for key, value in full.items()})
    whole(path, held.getvalue())


def plain(value: Any) -> Any:
    """Return a cell of the table; text that a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value


def write_manual(path: Path, rows: list[dict[str, str]], records: dict[str, dict[str, Any]]) -> None:
    """Add to manual.csv an empty row for each answer in words that has none yet; what stands there stays."""
    there = {(row["student"].strip().removeprefix("'"), row["exercise"].strip()) for row in rows}
    new = [
        {"student": plain(student), "exercise": slug, "points": "", "comment": ""}
        for student, record in records.items()
        for slug, part in record["exercises"].items()
        if part["question"] and (student, slug) not in there
    ]
    if not new and path.is_file():
        return
    names = [*MANUAL, *(name for name in (rows[0] if rows else {}) if name not in MANUAL)]
    held = io.StringIO(newline="")
    writer = csv.DictWriter(held, names, restval="")
    writer.writeheader()
    writer.writerows([*rows, *new])
    whole(path, held.getvalue())


def write_worksheet(path: Path, rows: list[dict[str, Any]], target: Path) -> str:
    """Fill the column Grade of Moodle's grading worksheet by the students' numbers; return what didn't fit."""
    sheet = read_table(path)
    if not sheet or "Identifier" not in sheet[0] or "Grade" not in sheet[0]:
        raise ValueError(f"{path} is no grading worksheet of Moodle: it has no columns Identifier and Grade")
    totals = {row["id"]: row["total"] for row in rows if row["id"]}
    found = set()
    for line in sheet:
        number = "".join(re.findall(r"\d+$", line["Identifier"].strip()))
        if number in totals:
            line["Grade"] = f"{totals[number]:g}"
            found.add(number)
    held = io.StringIO(newline="")
    writer = csv.DictWriter(held, list(sheet[0]))
    writer.writeheader()
    writer.writerows(sheet)
    whole(target, "\ufeff" + held.getvalue())
    lost = [row["student"] for row in rows if row["id"] not in found]
    return f"; not in the worksheet: {', '.join(lost)}" if lost else ""


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
        whole(pages / f"{row['student']}.html", feedback.page(row, parts, title, hidden))
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
    rule: LateRule | None = None,
    hidden: bool = False,
) -> list[dict[str, Any]]:
    """Grade what is in `folder`, or only some students; write everything into `out` and return the table's rows."""
    slugs = [known.slug for known in exercises.exercises_of(stem)]
    records = kept(out, stem)
    rows_by_hand, others = by_hand(out / "manual.csv", slugs), read_table(out / "grades.csv")
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
        parts = run(one, stem, safe, seconds) if one.notebook is not None else None
        if parts is not None:
            stopped = [
                f"{slug} ({note})" for slug, part in parts.items() for note in part["notes"] if "stopped:" in note
            ]
            for note in stopped[:5]:
                one.add(note.replace("Your answer ", "").replace(".)", ")"))
        records[one.student] = record_of(one, stem, folder, parts)
        keep(out, records[one.student])
        rows = table(records, rows_by_hand, rule)
        write_table(rows, out / "grades.csv", others)
        row = next(row for row in rows if row["student"] == one.student)
        print(
            f"  {number:3} of {len(chosen)}  {row['points']:5g} of {row['of']}  {one.student}  {one.note}", flush=True
        )
    rows = table(records, rows_by_hand, rule)
    if rows:
        write_table(rows, out / "grades.csv", others)
    write_manual(out / "manual.csv", rows_by_hand, records)
    write_pages(records, rows, out, stem, hidden)
    return rows


def table(
    records: dict[str, dict[str, Any]], rows_by_hand: list[dict[str, str]], rule: LateRule | None
) -> list[dict[str, Any]]:
    """Return the rows of all students, what people gave added."""
    for record in records.values():
        add_by_hand(record, rows_by_hand)
    return [row_of(records[student], rule) for student in sorted(records)]


@contextmanager
def unpacked(given: Path) -> Iterator[Path]:
    """Give the folder of submissions; a zip, as platforms export it, is unpacked beside the system's other files."""
    if not given.is_file():
        yield given
        return
    if not zipfile.is_zipfile(given):
        raise ValueError(f"{given} is no zip; give SUBMISSIONS=folder of notebooks, or the zip of a learning platform")
    with tempfile.TemporaryDirectory(prefix="submissions-") as folder, zipfile.ZipFile(given) as packed:
        infos = packed.infolist()
        if sum(info.file_size for info in infos) > MOST_UNPACKED:
            raise ValueError(f"{given} holds more than {MOST_UNPACKED:,} bytes")
        for info in infos:
            path = Path(packed.extract(info, folder))
            when = datetime(*info.date_time).timestamp()
            os.utime(path, (when, when))  # when it was handed in
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
        rule = LateRule.of(given.deadline, given.late)
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
            told = write_worksheet(Path(given.worksheet).expanduser(), rows, out / "worksheet.csv")
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

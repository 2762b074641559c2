"""What grading keeps: a record of each student, points that people give, the table, the platform's worksheet.

Nothing that somebody wrote is lost from run to run (used by make grade).
"""

import csv
import io
import json
import math
import os
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import exercises

MANUAL = ("student", "exercise", "points", "comment")
WHEN = "%Y-%m-%d %H:%M"


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
    part.write_bytes(text.encode("utf-8", "replace"))  # a program can print half a character
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


def table(
    records: dict[str, dict[str, Any]], rows_by_hand: list[dict[str, str]], rule: LateRule | None
) -> list[dict[str, Any]]:
    """Return the rows of all students, what people gave added."""
    for record in records.values():
        add_by_hand(record, rows_by_hand)
    return [row_of(records[student], rule) for student in sorted(records)]


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

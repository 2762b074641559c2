"""What students handed in: found, read, and brought into the form that nbgrader grades (used by make grade)."""

import itertools
import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import exercises
import nbformat

MOST_BYTES = 20_000_000
LONGEST_NAME = 200  # bytes; file systems take 255, and endings are added
IGNORED = (".", "__MACOSX", "Thumbs.db", "desktop.ini")


@dataclass
class Submission:
    """One row of the table: whose it is, the file, and what is to be said about it."""

    student: str
    path: Path
    note: str = ""  # why it can't be graded, or what was unusual
    notebook: Any = None

    def add(self, note: str) -> None:
        """Add to what is to be said."""
        self.note = "; ".join(part for part in (self.note, note) if part)


def entries(folder: Path) -> list[Path]:
    """Return what `folder` holds, less what computers put there by themselves."""
    return [path for path in sorted(folder.iterdir()) if not path.name.startswith(IGNORED)]


def collect(folder: Path, stem: str) -> list[Submission]:
    """Return a submission for everything in `folder`: a notebook each, or a folder with one."""
    found = [in_folder(path, stem) if path.is_dir() else in_file(path) for path in entries(folder)]
    taken: set[str] = set()
    for one in found:
        numbered = (f"{one.student}-{number}" for number in itertools.count(2))
        one.student = next(name for name in itertools.chain([one.student], numbered) if name.casefold() not in taken)
        taken.add(one.student.casefold())  # macOS holds Anna and anna to be one file
    for one in found:
        if not one.note:
            read(one, stem)
    return found


def identifier(name: str) -> str:
    """Return a name that may stand in paths: letters and accents of any language, digits, dash, dot, underscore."""
    letters = unicodedata.normalize("NFC", name)  # macOS writes accents apart
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" or c in "-._" else " " for c in letters)
    return "-".join(kept.split()).strip("-.").encode()[:LONGEST_NAME].decode(errors="ignore") or "unnamed"


def printable(path: str | Path) -> str:
    """Return a path as text; of a name in an encoding of old, what can't be read as UTF-8 is replaced."""
    return os.fsencode(path).decode(errors="replace")


def in_file(path: Path) -> Submission:
    """Return the submission of a file in the folder itself; the file's name says whose it is."""
    one = Submission(identifier(path.stem), path)
    if path.suffix != ".ipynb":
        one.note = f"not a notebook: {printable(path.name)}; expected a file that ends in .ipynb"
    return one


def in_folder(path: Path, stem: str) -> Submission:
    """Return the submission in a folder of its own; the folder's name says whose it is."""
    every = sorted(path.rglob("*.ipynb"))
    inside = [file for file in every if not any(part.startswith(IGNORED) for part in file.relative_to(path).parts)]
    named = [file for file in inside if file.name == f"{stem}.ipynb"]
    one = Submission(identifier(path.name), path)
    if len(named) == 1 or len(inside) == 1:
        one.path = (named if len(named) == 1 else inside)[0]
    else:
        one.note = f"{len(inside)} notebooks found in the folder; expected one, {stem}.ipynb"
    return one


def read(one: Submission, stem: str) -> None:
    """Read a submission's notebook and bring it into the grader's form, or note why that can't be done."""
    name = printable(one.path.name)
    try:
        if one.path.is_symlink() or not one.path.is_file():
            raise ValueError("not an ordinary file")
        size = one.path.stat().st_size
        if not 0 < size <= MOST_BYTES:
            raise ValueError("the file is empty" if not size else f"{size:,} bytes; at most {MOST_BYTES:,} are read")
        handed_in = nbformat.read(one.path, as_version=4)
        nbformat.validate(handed_in)
        nbformat.writes(handed_in).encode()  # half a character, which JSON can hold, can't be written
    except Exception as error:  # whatever a broken file does to the parser
        first_line = (str(error).strip().splitlines() or [type(error).__name__])[0]
        one.note = f"{name} can't be read as a notebook: {first_line[:150]}"
        return
    source = exercises.for_grader(stem)
    one.notebook, missing = joined(handed_in, source)
    answers = sum(cell.id.startswith("answer-") for cell in source.cells)
    if len(missing) == answers:
        one.note = f"{name} holds none of the answer cells of {stem}.ipynb: is it another notebook?"
        one.notebook = None
    elif missing:
        one.note = f"missing: {', '.join(missing)}"


def name_of(cell: Any) -> str:
    """Return which cell of the exercises this is: nbgrader's name, the cell's id, or the id that Colab keeps."""
    graded = cell.metadata.get("nbgrader")
    grade_id = graded.get("grade_id") if isinstance(graded, dict) else None
    return str(grade_id or cell.get("id") or cell.metadata.get("id", ""))


def joined(handed_in: Any, source: Any) -> tuple[Any, list[str]]:
    """Return the grader's notebook with the student's answers and additions, and which answers are missing.

    Tasks and checks come from the source, whatever the student made of them; every code cell that the
    source doesn't know, or that is a copy, stays where it stood: below the cell that it followed. So
    what runs is what ran at the student's. Text stays away: nbgrader would show its scripts as they are.
    """
    known = {cell.id for cell in source.cells}
    answers: dict[str, str] = {}
    added: dict[str, list[Any]] = {"": []}
    last = ""
    for cell in handed_in.cells:
        name = name_of(cell)
        if name in known and name not in answers:
            last = name
            added[last] = []
            answers[name] = cell.source
        elif cell.cell_type == "code":
            added[last].append(nbformat.v4.new_code_cell(cell.source))
    made = nbformat.from_dict(source)
    made.cells = list(added[""])
    missing = []
    for cell in source.cells:
        kept = nbformat.from_dict(cell)
        if cell.id.startswith("answer-"):
            if cell.id not in answers:
                missing.append(cell.id.removeprefix("answer-"))
            kept.source = answers.get(cell.id, exercises.STUB)
        made.cells += [kept, *added.get(cell.id, [])]
    return made, missing

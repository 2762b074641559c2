"""What students handed in: found, read, and brought into the form that is graded (used by make grade).

Names of files and folders are read as Moodle and Canvas export them, so that feedback can go back under names that
these platforms know.
"""

import itertools
import os
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import exercises
import nbformat

MOST_BYTES = 20_000_000
LONGEST_NAME = 200  # bytes; file systems take 255, and endings are added
IGNORED = (".", "__MACOSX", "Thumbs.db", "desktop.ini")
# Moodle takes a name's first four underscores to part name, number, kind of plugin, plugin and rest.
# The last that fits is meant, since the name itself may hold underscores; a file that isn't in a folder has a rest.
MOODLE = re.compile(r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_(?P<plugin>[a-z]+)(?P<rest>_.*)?", re.DOTALL)
CANVAS = re.compile(r"(?P<name>[^_]+)(?P<late>_LATE)?_(?P<id>\d+)_(?P<attachment>\d+)_(?P<rest>.+)", re.DOTALL)


@dataclass
class Handed:
    """A notebook in the folder, or in a zip: what it is called, when it was written, and how to read it."""

    name: str
    when: datetime
    read: Callable[[], bytes]


@dataclass
class Submission:
    """One row of the table: whose it is, the file, and what is to be said about it."""

    student: str
    path: Path
    note: str = ""  # why it can't be graded, or what was unusual
    notebook: Any = None
    id: str = ""  # the platform's number of the student
    back: str = ""  # what feedback is called so that the platform takes it back; {} is the file's own name
    late: bool = False  # the platform says so
    when: datetime | None = None
    checks: dict[str, str] = field(default_factory=dict)  # what became of a check that was restored

    def add(self, note: str) -> None:
        """Add to what is to be said."""
        self.note = "; ".join(part for part in (self.note, note) if part)


def entries(folder: Path) -> list[Path]:
    """Return what `folder` holds, less what computers put there by themselves."""
    return [path for path in sorted(folder.iterdir()) if not path.name.startswith(IGNORED)]


def collect(folder: Path, stem: str) -> list[Submission]:
    """Return a submission for each student in `folder`: a notebook, a zip, or a folder with one, in any number."""
    found = []
    for paths in by_student(entries(folder)):
        one = named(paths[0])
        one.late = any(named(path).late for path in paths)
        choose(one, paths, stem)
        found.append(one)
    names = [one.student.casefold() for one in found]
    taken: set[str] = set()
    for one in found:
        if names.count(one.student.casefold()) > 1:
            one.add("another one has the same name")
        numbered = (f"{one.student}-{number}" for number in itertools.count(2))
        one.student = next(name for name in itertools.chain([one.student], numbered) if name.casefold() not in taken)
        taken.add(one.student.casefold())  # macOS holds Anna and anna to be one file
    return found


def by_student(paths: list[Path]) -> list[list[Path]]:
    """Return the files and folders of each student: several have one number of the platform, others stand alone."""
    groups: dict[str, list[Path]] = {}
    for path in paths:
        one = named(path)
        groups.setdefault(f"number {one.id}" if one.id else f"path {path}", []).append(path)
    return list(groups.values())


def named(path: Path) -> Submission:
    """Return whose a file or folder is, by its name."""
    name = printable(path.name)
    if moodle := MOODLE.fullmatch(name):
        front = f"{moodle['name'].replace('_', ' ')}_{moodle['id']}_assignsubmission_file"  # Moodle counts underscores
        inside = "_/{}" if moodle["rest"] else "/{}"
        back = front + (inside if path.is_dir() else "_{}")
        return Submission(identifier(moodle["name"]), path, id=moodle["id"], back=back)
    if not path.is_dir() and (canvas := CANVAS.fullmatch(name)):
        front = name.removesuffix(canvas["rest"])
        late = bool(canvas["late"])
        return Submission(identifier(canvas["name"]), path, id=canvas["id"], back=front + "{}", late=late)
    student = identifier(path.name if path.is_dir() else path.stem)
    return Submission(student, path, back="")


def identifier(name: str) -> str:
    """Return a name that may stand in paths: letters and accents of any language, digits, dash, dot, underscore."""
    letters = unicodedata.normalize("NFC", name)  # macOS writes accents apart
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" or c in "-._" else " " for c in letters)
    return "-".join(kept.split()).strip("-.").encode()[:LONGEST_NAME].decode(errors="ignore") or "unnamed"


def printable(path: str | Path) -> str:
    """Return a path as text; of a name in an encoding of old, what can't be read as UTF-8 is replaced."""
    return os.fsencode(path).decode(errors="replace")


def notebooks_in(path: Path) -> Iterable[Handed]:
    """Find the notebooks that a file is, or that lie in a folder or a zip, at any depth."""
    if path.is_dir() and not path.is_symlink():
        for inside in sorted(path.rglob("*")):
            parts = inside.relative_to(path).parts
            if inside.suffix in (".ipynb", ".zip") and not any(part.startswith(IGNORED) for part in parts):
                yield from notebooks_in(inside)
    elif path.suffix == ".zip" and not path.is_symlink():
        for info in listed(path):
            parts = Path(info.filename).parts
            if info.filename.endswith(".ipynb") and not any(part.startswith(IGNORED) for part in parts):
                yield Handed(printable(info.filename), written(info), partial(read_zipped, path, info))
    elif path.suffix == ".ipynb":
        when = datetime.fromtimestamp(path.lstat().st_mtime)
        yield Handed(printable(path.name), when, partial(read_file, path))


def listed(path: Path) -> list[zipfile.ZipInfo]:
    """Return what a zip holds; a ValueError says why it can't be read."""
    try:
        with zipfile.ZipFile(path) as opened:
            return opened.infolist()
    except Exception as error:  # whatever a broken file does to the reader
        raise ValueError(f"{printable(path.name)} can't be read as a zip: {str(error)[:100]}") from None


def written(info: zipfile.ZipInfo) -> datetime:
    """Return when a file in a zip was written; some programs leave month and day at 0."""
    try:
        return datetime(*info.date_time)
    except ValueError:
        return datetime(1980, 1, 1)


def read_file(path: Path) -> bytes:
    """Return a file's bytes; a ValueError says why not."""
    if path.is_symlink() or not path.is_file():
        raise ValueError("not an ordinary file")
    return checked(path.stat().st_size, path.read_bytes)


def read_zipped(path: Path, info: zipfile.ZipInfo) -> bytes:
    """Return the bytes of a file in a zip, which may say less of its size than comes out."""

    def read() -> bytes:
        with zipfile.ZipFile(path) as opened, opened.open(info) as file:
            found = file.read(MOST_BYTES + 1)
        return checked(len(found), lambda: found)

    return checked(info.file_size, read)


def checked(size: int, read: Callable[[], bytes]) -> bytes:
    """Return what `read` gives if `size` is neither nothing nor too much."""
    if not 0 < size <= MOST_BYTES:
        raise ValueError("the file is empty" if not size else f"{size:,} bytes; at most {MOST_BYTES:,} are read")
    return read()


def choose(one: Submission, paths: list[Path], stem: str) -> None:
    """Choose the notebook of a submission among all that was handed in, and read it; or note why not."""
    try:
        found = [handed for path in paths for handed in notebooks_in(path)]
    except ValueError as error:
        one.note = str(error)
        return
    exact = [handed for handed in found if handed.name.rpartition("/")[2] == f"{stem}.ipynb"]
    if not exact:  # platforms put names in front of the file's own
        exact = [handed for handed in found if handed.name.endswith(f"_{stem}.ipynb")]
    if len(exact) == 1 or len(found) == 1:
        handed = exact[0] if len(exact) == 1 else found[0]
        several = len(paths) > 1 or len(found) > 1
        if several:
            listed = ", ".join(printable(path.name) for path in paths) if len(paths) > 1 else f"{len(found)} notebooks"
            one.add(f"several files handed in ({listed}); graded: {handed.name}")
        one.path = next(path for path in paths if any(inside.name == handed.name for inside in notebooks_in(path)))
        if one.path.is_dir():
            one.path = next((file for file in sorted(one.path.rglob("*")) if file.name == handed.name), one.path)
        one.when = handed.when
        read(one, handed, stem)
    elif not found and len(paths) == 1 and not paths[0].is_dir() and paths[0].suffix != ".zip":
        one.note = f"not a notebook: {printable(paths[0].name)}; expected a file that ends in .ipynb"
    else:
        names = ", ".join(handed.name for handed in found[:5])
        what = f"{len(found)} notebooks found{f' ({names})' if names else ''}"
        one.note = f"{what}; expected one, {stem}.ipynb"


def read(one: Submission, handed: Handed, stem: str) -> None:
    """Read a submission's notebook and bring it into the grader's form, or note why that can't be done."""
    try:
        notebook = nbformat.reads(handed.read().decode("utf-8-sig"), as_version=4)  # some editors write a BOM
        nbformat.validate(notebook)
        nbformat.writes(notebook).encode()  # half a character, which JSON can hold, can't be written
    except Exception as error:  # whatever a broken file does to the parser
        first_line = (str(error).strip().splitlines() or [type(error).__name__])[0]
        one.add(f"{handed.name} can't be read as a notebook: {first_line[:150]}")
        return
    source = exercises.for_grader(stem)
    one.notebook, missing = joined(notebook, source)
    one.checks = restored(notebook, exercises.for_student(stem))
    answers = sum(cell.id.startswith("answer-") for cell in source.cells)
    if len(missing) == answers:
        one.add(f"{handed.name} holds none of the answer cells of {stem}.ipynb: is it another notebook?")
        one.notebook = None
        return
    if missing:
        one.add(f"missing: {', '.join(missing)}")
    for what in ("deleted", "changed"):
        slugs = [slug for slug, became in one.checks.items() if became == what]
        if slugs:
            one.add(f"checks {what}, and restored: {', '.join(slugs)}")


def name_of(cell: Any) -> str:
    """Return which cell of the exercises this is: nbgrader's name, the cell's id, or the id that Colab keeps."""
    graded = cell.metadata.get("nbgrader")
    grade_id = graded.get("grade_id") if isinstance(graded, dict) else None
    return str(grade_id or cell.get("id") or cell.metadata.get("id", ""))


def restored(handed_in: Any, student: Any) -> dict[str, str]:
    """Return of each check that isn't as it was handed out whether it was "deleted" or "changed"."""
    there = {name_of(cell): cell.source for cell in reversed(handed_in.cells)}
    known = {cell.id: exercises.visible_and_hidden(cell.source)[0] for cell in student.cells}
    became = {}
    for name, source in known.items():
        if not name.startswith("check-"):
            continue
        handed = exercises.visible_and_hidden(there.get(name, ""))[0]
        if handed.split() != source.split():
            became[name.removeprefix("check-")] = "changed" if handed else "deleted"
    return became


def joined(handed_in: Any, source: Any) -> tuple[Any, list[str]]:
    """Return the grader's notebook with the student's answers and additions, and which answers are missing.

    Tasks and checks come from the source, whatever the student made of them; every cell that the source doesn't know,
    or that is a copy, stays where it stood: below the cell that it followed. So what runs is what ran at the student's.
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
        elif cell.source.strip():
            added[last].append(nbformat.v4.new_markdown_cell(cell.source))
    made = nbformat.from_dict(source)
    made.cells = list(added[""])
    missing = []
    for cell in source.cells:
        kept = nbformat.from_dict(cell)
        if cell.id.startswith("answer-"):
            if cell.id not in answers:
                missing.append(cell.id.removeprefix("answer-"))
            kept.source = answers.get(cell.id, exercises.STUB)
        elif cell.id.startswith("words-"):
            kept.source = exercises.in_words(answers.get(cell.id, ""), cell.source)
        made.cells += [kept, *added.get(cell.id, [])]
    return made, missing

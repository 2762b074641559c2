"""Grade a folder of submitted notebooks (``make grade CHAPTER=04 SUBMISSIONS=folder``).

nbgrader does the grading, offline, one student after another; each notebook runs in a sandbox
(see contained.py). Comes out: a table (CSV), a row for everything in the folder, and a
feedback page for each student.
"""

import argparse
import csv
import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import contained
import exercises
import nbformat
from submissions import Submission, collect, entries, printable

ASSIGNMENT = "exercises"
SECONDS_PER_CELL = 30
MOST_SECONDS = contained.MOST_SECONDS + 60
MEMORY_OF_THE_GRADER = 8 << 30
SETTINGS = """\
c = get_config()
c.CourseDirectory.course_id = "course"
c.CourseDirectory.root = {root!r}
c.ClearSolutions.code_stub = {{"python": {stub!r}}}
c.Execute.timeout = {seconds}
c.Execute.iopub_timeout = {seconds}  # 4 by default: too few for an honest cell on a busy machine
c.Execute.kernel_name = {kernel!r}
c.KernelManager.transport = "ipc"
c.KernelManager.connection_file = {connection!r}
c.HTMLExporter.sanitize_html = True  # no script of a student's runs on the feedback page
c.LimitOutput.max_lines = 200
c.LimitOutput.max_traceback = 30
"""


class Course:
    """nbgrader's folder for one grading: settings, source, submissions, results."""

    def __init__(self, root: Path, stem: str, safe: bool, seconds: int) -> None:
        """Make the folder and the kernel; `root` must be short, for sockets lie in it."""
        self.root, self.stem, self.seconds = root, stem, seconds
        self.runtime = root / "r"
        self.runtime.mkdir()
        contained.write_kernel(root / "jupyter", self.runtime, safe)
        source = root / "source" / ASSIGNMENT
        source.mkdir(parents=True)
        nbformat.write(exercises.for_grader(stem), source / f"{stem}.ipynb")
        settings = SETTINGS.format(
            root=str(root),
            stub=exercises.STUB,
            seconds=seconds,
            kernel=contained.NAME,
            connection=str(self.runtime / "kernel.json"),  # the sockets lie beside it
        )
        (root / "nbgrader_config.py").write_text(settings)
        problem = self.nbgrader("generate_assignment", ASSIGNMENT)
        if problem:
            raise OSError(f"nbgrader can't read the exercises of {stem}: {problem}")

    def nbgrader(self, *arguments: str, seconds: int | None = MOST_SECONDS) -> str:
        """Run one nbgrader command in the folder; return what it wrote, its last lines telling what went wrong."""
        environment = os.environ | {
            # nbgrader calls a program of its database layer by its bare name.
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))),
            "JUPYTER_PATH": str(self.root / "jupyter"),
            "JUPYTER_RUNTIME_DIR": str(self.runtime),
            "JUPYTER_CONFIG_DIR": str(self.root / "config"),
            "IPYTHONDIR": str(self.root / "ipython"),
            "JUPYTER_PLATFORM_DIRS": "1",
        }
        command = [sys.executable, "-m", "nbgrader", *arguments]
        if shutil.which("prlimit"):
            command = ["prlimit", f"--as={MEMORY_OF_THE_GRADER}", *command]
        try:
            done = subprocess.run(
                command, cwd=self.root, env=environment, capture_output=True, text=True, timeout=seconds
            )
        except subprocess.TimeoutExpired:
            return f"stopped after {seconds} s"
        return "" if done.returncode == 0 else (done.stderr.strip() or "nbgrader failed")

    def grade(self, one: Submission) -> dict[str, float]:
        """Grade one student; return the points by exercise, none of them if the notebook could not be run."""
        folder = self.root / "submitted" / one.student / ASSIGNMENT
        folder.mkdir(parents=True)
        nbformat.write(one.notebook, folder / f"{self.stem}.ipynb")
        # What a kernel leaves beside its sockets, or still does there, must not meet the next one.
        shutil.rmtree(self.runtime.rename(self.root / f"r-{one.student}"), ignore_errors=True)
        self.runtime.mkdir()
        problem = self.nbgrader("autograde", ASSIGNMENT, "--student", one.student)
        graded = self.root / "autograded" / one.student / ASSIGNMENT / f"{self.stem}.ipynb"
        if problem or not graded.is_file():
            one.add(f"could not be run to its end ({reason(problem)})")
            return {}
        if timed_out(nbformat.read(graded, as_version=4)):
            one.add(f"a cell ran longer than {self.seconds} s")
        return self.points(one.student)

    def points(self, student: str) -> dict[str, float]:
        """Return a graded student's points by exercise."""
        from nbgrader.api import Gradebook

        with Gradebook(f"sqlite:///{self.root / 'gradebook.db'}", "course") as book:
            notebook = book.find_submission_notebook(self.stem, ASSIGNMENT, student)
            return {grade.name.removeprefix("check-"): float(grade.score) for grade in notebook.grades}

    def write_feedback(self, students: list[str], pages: Path) -> None:
        """Write the feedback pages of the students that were graded."""
        self.nbgrader("generate_feedback", ASSIGNMENT, seconds=None)
        for student in students:
            page = self.root / "feedback" / student / ASSIGNMENT / f"{self.stem}.html"
            if page.is_file():
                text = page.read_text(encoding="utf-8").replace(f"{exercises.ROOT}/", "")  # the grader's own folders
                (pages / f"{student}.html").write_text(text, encoding="utf-8")


def reason(problem: str) -> str:
    """Return what of nbgrader's log tells an instructor something."""
    if re.search(r"DeadKernelError|[Kk]ernel died|didn't respond", problem):
        return f"its kernel ended: out of memory, killed by its own code, or longer than {contained.MOST_SECONDS} s"
    if "Timeout waiting for IOPub" in problem:
        return "a cell went on after its time was over, and could not be stopped"
    lines = [line.strip() for line in problem.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"[\w.]*(Error|Exception|Timeout)\b", line)]
    return (errors or lines or ["nbgrader wrote no result"])[-1][:200]


def timed_out(notebook: Any) -> bool:
    """Tell whether a cell of a graded notebook was stopped for its time."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return any(output.get("ename") == "CellTimeoutError" for output in outputs)


def write_plain_feedback(row: dict[str, Any], target: Path) -> None:
    """Write the page of a submission that could not be graded, or whose outputs nbgrader can't show."""
    student, note = html.escape(row["student"]), html.escape(row["note"] or "its outputs can't be shown")
    points = f"{row['points']:g} of {row['of']}" if row["points"] else "no"
    target.write_text(
        f"<!doctype html><meta charset='utf-8'><title>{student}</title>"
        f"<h1>{student}</h1><p>This submission has {points} points: {note}.</p>",
        encoding="utf-8",
    )


def grade_folder(
    stem: str, folder: Path, out: Path, safe: bool = True, seconds: int = SECONDS_PER_CELL
) -> list[dict[str, Any]]:
    """Grade everything in `folder`; write grades.csv and feedback/ into `out` and return the table's rows."""
    worth = {one.slug: one.points for one in exercises.exercises_of(stem)}
    found = collect(folder, stem)
    pages = out / "feedback"
    shutil.rmtree(pages, ignore_errors=True)
    pages.mkdir(parents=True)
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="grade-") as root:
        course = Course(Path(root).resolve(), stem, safe, seconds)
        for number, one in enumerate(found, 1):
            points = course.grade(one) if one.notebook is not None else {}
            row = {
                "student": one.student,
                "file": printable(one.path.relative_to(folder)),
                "points": sum(points.values()),
            }
            row |= {"of": sum(worth.values())} | {slug: points.get(slug, 0.0) for slug in worth} | {"note": one.note}
            rows.append(row)
            write_table(rows, out / "grades.csv")
            told = f"{row['points']:5g} of {row['of']}  {one.student}  {one.note}"
            print(f"  {number:3} of {len(found)}  {told}", flush=True)
        course.write_feedback([one.student for one in found], pages)
    for row in rows:
        if not (pages / f"{row['student']}.html").is_file():
            write_plain_feedback(row, pages / f"{row['student']}.html")
    return rows


def write_table(rows: list[dict[str, Any]], path: Path) -> None:
    """Write the table of grades; after every student, so that a grading that is cut off leaves what it has."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({key: plain(value) for key, value in row.items()} for row in rows)


def plain(value: Any) -> Any:
    """Return a cell of the table; text that a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, grade, and return the exit status."""
    parser = argparse.ArgumentParser(prog="make grade", description=__doc__)
    parser.add_argument("--chapter", required=True)
    parser.add_argument("--submissions", required=True)
    parser.add_argument("--out", default="")
    parser.add_argument("--unsafe", action="store_true", help="run notebooks without a sandbox: trust every submission")
    parser.add_argument("--seconds", type=int, default=SECONDS_PER_CELL, help="what a cell may take (%(default)s)")
    given = parser.parse_args(arguments)
    try:
        stem = exercises.find(given.chapter)
        folder = Path(given.submissions).expanduser().resolve()
        if not given.submissions or not folder.is_dir():
            raise ValueError(f"there is no folder {given.submissions!r}; give SUBMISSIONS=folder of notebooks")
        if not entries(folder):
            raise ValueError(f"{folder} is empty; expected a notebook, or a folder with one, for each student")
        out = Path(given.out or exercises.ROOT / "build" / f"grades_{stem[:2]}").expanduser().resolve()
        if out.is_relative_to(folder) or folder.is_relative_to(out / "feedback"):
            raise ValueError(f"OUT is {out}; expected a folder outside {folder}, where nothing is to be changed")
        if not given.unsafe:
            contained.bubblewrap()
    except (ValueError, OSError, contained.NoSandbox) as error:
        print(f"Nothing was graded: {error}", file=sys.stderr)
        return 1
    try:
        rows = grade_folder(stem, folder, out, not given.unsafe, given.seconds)
    except OSError as error:  # such as a full disk: the table is written after every student
        print(f"Grading stopped: {error}. Grades so far, if there are any: {out / 'grades.csv'}", file=sys.stderr)
        return 1
    print(f"{len(rows)} submissions; table: {out / 'grades.csv'}; a page for each: {out / 'feedback'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

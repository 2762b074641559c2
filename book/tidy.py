"""Put notebooks into the form that they are stored in (``make tidy``, and before every commit).

Outputs go, but for the text of cells tagged ``nbval-check-output``: pictures would swell the
history, and the book makes them anew. The first code cell is the same everywhere. What is
made from the answers of the exercises, the student's notebook among it, and from the source
of a quiz is made anew.

    python book/tidy.py
"""

import sys
from pathlib import Path
from typing import Any

import exercises
import nbformat
import quizzes
from first_cell import ROOT, first_cell

CHECKED = "nbval-check-output"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def text_only(output: Any) -> Any | None:
    """Return a cell's output without all that isn't text; None if nothing is left."""
    if output.output_type == "stream":
        return output if output.name == "stdout" else None
    plain = output.get("data", {}).get("text/plain")
    if plain is None:
        return None
    return nbformat.v4.new_output(output.output_type, {"text/plain": plain})


def tidy(notebook: Any) -> Any:
    """Change a notebook into its stored form and return it."""
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat_minor = 5
    for cell in notebook.cells:
        # The set-up cell is for Colab; on a page it would only be in the way.
        tags = ["remove-cell"] if cell.id == "setup" else cell.metadata.get("tags", [])
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        if cell.cell_type != "code":
            continue
        if cell.id == "setup":
            cell.source = first_cell()
        cell.outputs = [kept for output in cell.outputs if CHECKED in tags and (kept := text_only(output))]
        cell.execution_count = 1 if cell.outputs else None  # nbval refuses outputs of a cell that seems never run
    return notebook


def stored(path: Path) -> str:
    """Return what the file of a notebook must hold."""
    if path.parent == exercises.STUDENT:
        notebook = exercises.for_student(path.stem)
    else:
        notebook = nbformat.read(path, as_version=4)
        if path.parent == exercises.ANSWERS:
            notebook = exercises.mark(notebook, path.stem)
        else:
            notebook = tidy(notebook)
            quizzes.on_chapter(notebook, path.stem)
            if path.stem in exercises.stems():
                exercises.on_chapter(notebook, path.stem)
    return nbformat.writes(notebook) + "\n"


def all_notebooks() -> list[Path]:
    """Return every notebook of the course, the student's versions last: they are made from the others."""
    students = [exercises.STUDENT / f"{stem}.ipynb" for stem in exercises.stems()]
    return [*sorted(exercises.CHAPTERS.glob("*.ipynb")), *sorted(exercises.ANSWERS.glob("*.ipynb")), *students]


def main() -> int:
    """Tidy all notebooks; return 1 if one of them isn't in the form of the exercises.

    A notebook that is changed is no error: before a commit, pre-commit itself stops where a hook changed files.
    """
    for path in all_notebooks():
        try:
            after = stored(path)
        except ValueError as error:
            print(error, file=sys.stderr)
            return 1
        if not path.is_file() or path.read_text(encoding="utf-8") != after:
            path.parent.mkdir(exist_ok=True)
            path.write_text(after, encoding="utf-8")
            print(f"{path.relative_to(ROOT)}: put into its stored form")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Put notebooks into the form that they are stored in (``make tidy``, and before every commit).

Outputs go, but for the text of cells tagged ``nbval-check-output``: pictures would swell the
history, and the book makes them anew. The first code cell is the same everywhere.

    python book/tidy.py [NOTEBOOK ...]     all of notebooks/ unless some are named
"""

import sys
from pathlib import Path
from typing import Any

import nbformat
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
    kept = nbformat.v4.new_output(output.output_type, {"text/plain": plain})
    return kept


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


def main(paths: list[Path]) -> int:
    """Tidy the notebooks at `paths`; return 1 if one of them changed."""
    changed = False
    for path in paths:
        before = path.read_text(encoding="utf-8")
        after = nbformat.writes(tidy(nbformat.reads(before, as_version=4))) + "\n"
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(f"{path}: put into its stored form")
            changed = True
    return int(changed)


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]] or sorted((ROOT / "notebooks").glob("*.ipynb"))))

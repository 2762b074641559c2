"""What cells have put out, for tests that compare it with what the stored notebook holds."""

from pathlib import Path
from typing import Any

import nbformat
from tidy import CHECKED


def compared(cell: Any) -> list[dict[str, Any]]:
    """Return all that a cell has put out, pictures too, less numbers and metadata; pieces of one stream are one."""
    shown: list[dict[str, Any]] = []
    for output in cell.outputs:
        kept = {key: output[key] for key in ("output_type", "name", "text", "data", "ename", "evalue") if key in output}
        if shown and "name" in kept and shown[-1].get("name") == kept["name"]:
            shown[-1]["text"] += kept["text"]
        else:
            shown.append(kept)
    return shown


def not_as_stored(path: Path, executed: Any) -> dict[str, Any]:
    """Return, by cell, what a notebook put out otherwise than its file holds, where it must be the same everywhere.

    As nbval compares them: no output missing, none added, all text equal. Cells are told by their place among the
    code cells of `executed`, which may have more at its end.
    """
    stored = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    ran = [cell for cell in executed.cells if cell.cell_type == "code"]
    assert len(ran) >= len(stored)
    return {
        one.id: compared(other)
        for one, other in zip(stored, ran, strict=False)
        if CHECKED in one.metadata.get("tags", []) and compared(one) != compared(other)
    }

"""The directive `failure`: the pictures and the measured numbers of one kind of failure.

    ```{failure} night
    ```

The numbers are those of data/results/failures.json; the pictures are made by book/failure_pictures.py.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from first_cell import ROOT

from colorize_lib import results
from colorize_lib.failures import MODELS, NAME

PICTURES = ROOT / "_build" / "failures"
Rows = list[tuple[str, list[str]]]
KEYS = {"photograph": ("chroma", "ciede2000"), "area": ("b", "chroma", "ciede2000")}
LABELS = {"b": "mean b", "chroma": "mean chroma", "ciede2000": "CIEDE2000"}


def of_case(case: dict[str, Any], where: dict[str, str]) -> Rows:
    """Return the rows of a photograph, in the parts that are named: few enough to stand on a phone."""
    rows: Rows = []
    for part, words in where.items():
        for key in KEYS[part]:
            values = [case[part][name].get(key, 0) for name in ("truth", *MODELS)]
            rows.append((f"{words}: {LABELS[key]}", [f"{value:.1f}" for value in values]))
    return rows


def of_damage(damage: dict[str, Any]) -> Rows:
    """Return the rows of the damage; all are of the pixels that it left."""
    rows = {
        "ciede2000": "CIEDE2000 without the damage",
        "ciede2000_damaged": "CIEDE2000 with it",
        "moved": "mean distance in a, b between both",
    }
    return [(words, ["0.0", *(f"{damage[name][key]:.1f}" for name in MODELS)]) for key, words in rows.items()]


def of_pan(pan: dict[str, Any]) -> Rows:
    """Return the rows of the pan."""
    values: dict[str, Callable[[dict[str, Any]], float]] = {
        "mean distance in a, b from a frame to the next": lambda one: one["flicker"],
        "the same, of the two frames that differ most": lambda one: one["worst"]["mean"],
        "distance that one point in 20 exceeds": lambda one: one["every_20th"],
    }
    rows: Rows = [(words, ["0.0", *(f"{of(pan[name]):.1f}" for name in MODELS)]) for words, of in values.items()]
    return [*rows, ("mean chroma of the first frame", ["", *(f"{pan[name]['chroma']:.1f}" for name in MODELS)])]


def rows_of(kind: str, found: dict[str, Any]) -> Rows:
    """Return the rows of a kind: what was measured, and the truth's value beside those of `MODELS`."""
    if kind in ("damage", "pan"):
        return of_damage(found[kind]) if kind == "damage" else of_pan(found[kind])
    parts = {
        "night": {"photograph": "whole photograph", "area": "the front"},
        "autumn": {"photograph": "whole photograph", "area": "the trees at the left"},
        "flag": {"area": "the flag"},
    }
    return of_case(found["cases"][kind], parts[kind])


class Failure(SphinxDirective):
    """The strip of a kind, and below it a table."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return both."""
        kind = self.arguments[0]
        strip = (PICTURES / f"{kind}.html").read_text(encoding="utf-8")
        head = [f"| Measured | Truth | {' | '.join(f'`{name}`' for name in MODELS)} |", "|---|---:|---:|---:|"]
        rows = rows_of(kind, results.measurement(NAME))
        table = [f"| {words} | {' | '.join(values)} |" for words, values in rows]
        raw = nodes.raw("", f'<div class="cell_output"><div class="text_html">{strip}</div></div>', format="html")
        return [raw, *self.parse_text_to_nodes("\n".join([*head, *table]))]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("failure", Failure)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

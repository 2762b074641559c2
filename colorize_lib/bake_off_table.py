"""The table of all systems: every measure in one place, from the results files (chapter 26).

A system is in the table as soon as it has a results file and a row of bake_off.json. It is ranked, and a rule may
choose it, once it has a row of plausibility.json as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from colorize_lib import bake_off_scores, menu, plausibility, results
from colorize_lib.bake_off import Measured
from colorize_lib.recipes import find
from colorize_lib.schema import Interval, Plausible, Result

if TYPE_CHECKING:
    import pandas as pd

# Measure, heading, digits, and what it is multiplied by.
QUALITY: dict[str, tuple[str, int, float]] = {
    "psnr": ("PSNR, dB (mean)", 2, 1),
    "psnr_pooled": ("PSNR, dB (pooled)", 2, 1),
    "ssim": ("SSIM", 3, 1),
    "ciede2000": ("CIEDE2000", 2, 1),
    "auc": ("AuC, %", 1, 100),
    "auc_rebalanced": ("AuC, rebalanced, %", 1, 100),
    "lpips": ("LPIPS", 3, 1),
    "kid": ("KID, thousandths", 2, 1000),
    "kid_matched": ("KID, colorfulness matched", 2, 1000),
}
WORDS = {  # in sentences
    "psnr": "mean PSNR",
    "psnr_pooled": "pooled PSNR",
    "ssim": "SSIM",
    "ciede2000": "CIEDE2000",
    "auc": "AuC",
    "auc_rebalanced": "rebalanced AuC",
    "lpips": "LPIPS",
    "kid": "KID",
    "kid_matched": "matched KID",
}
COLOR: dict[str, tuple[str, int, float]] = {
    "colorfulness_ratio": ("Colorfulness / truth", 2, 1),
    "colorfulness_of_means": ("Difference of means", 1, 1),
    "colorfulness_of_each": ("Mean of differences", 1, 1),
}
COST: dict[str, tuple[str, int, float]] = {
    "parameters": ("Parameters", 0, 1),
    "minutes": ("Minutes of training", 0, 1),
    "milliseconds": ("Milliseconds", 0, 1),
    "seeds": ("Seeds", 0, 1),
}
PARTS = ("lpips", "kid", "kid_matched")  # kept photograph by photograph in plausibility.json
HEADINGS = QUALITY | COLOR | COST


@dataclass(frozen=True)
class Files:
    """What the results files say of some systems, read once: their results, and their rows of the two other files."""

    results: Mapping[str, Result]
    plausible: Mapping[str, Plausible]
    beside: Mapping[str, Any]
    times: Mapping[str, float]  # milliseconds

    def protocol(self, name: str) -> Mapping[str, Any]:
        """Return ``metrics`` and ``each`` of the protocol at `data.SIZE` pixels, whatever size a system learned at."""
        at_size: Mapping[str, Any] = self.beside[name].get("test", self.results[name])
        return at_size


def systems() -> list[str]:
    """Return the systems of the table: gray, those that are offered, and what stands beside them."""
    known = bake_off_scores.read()["rows"]
    order = dict.fromkeys(["gray", *menu.OFFERED, *bake_off_scores.BESIDE, *known])
    return [name for name in order if name in known]


def complete() -> list[str]:
    """Return the systems of which everything was measured."""
    plausible = plausibility.read()["rows"]
    return [name for name in systems() if name in plausible]


def files(names: Sequence[str]) -> Files:
    """Read what the results files say of some systems."""
    plausible, own = plausibility.read()["rows"], bake_off_scores.read()
    return Files(
        {name: results.read(name) for name in names},
        {name: plausible[name] for name in names if name in plausible},
        {name: own["rows"][name] for name in names},
        own.get("times", {}).get("milliseconds", {}),
    )


def minutes(name: str) -> float:
    """Return how long a system was trained, with what it began at: its own epochs and those before, of one run each.

    What a network of others began with, such as ImageNet's weights, counts nothing.
    """
    recipe = find(name)
    own = sum(results.read(name).get("history", {}).get("seconds", [])) / 60
    began = recipe.initial_weights
    return own + (minutes(began) if began and began != name else 0.0)


def scores(found: Files, name: str) -> dict[str, Interval]:
    """Return every measure of a system on the test photographs at `data.SIZE` pixels, with its interval."""
    own = found.protocol(name)["metrics"] | found.beside[name]["auc"]
    own |= found.plausible[name]["metrics"] if name in found.plausible else {}
    return {key: own[key] for key in (*QUALITY, *COLOR) if key in own}


def costs(found: Files, name: str) -> dict[str, float]:
    """Return what a system costs: parameters, minutes of training, milliseconds; and how many seeds were trained."""
    result = found.results[name]
    return {
        "parameters": result["parameters"],
        "minutes": minutes(name),
        **({"milliseconds": found.times[name]} if name in found.times else {}),
        "seeds": len(result.get("seeds", {})) or int(find(name).system.has_network),
    }


def means(names: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return the mean of each measure of quality and color, by measure and by system."""
    read = files(names)
    found = {name: scores(read, name) for name in names}
    return {key: {name: found[name][key]["mean"] for name in names} for key in (*QUALITY, *COLOR)}


def measured(names: Sequence[str]) -> Measured:
    """Return what a rule reads of some systems."""
    found = files(names)
    each = {name: {**found.protocol(name)["each"], **found.plausible[name]["each"]} for name in names}
    values = {key: {name: np.array(each[name][key]) for name in names} for key in (*results.PAIRED, *PARTS)}
    others = {part: {name: np.array(found.beside[name][part]) for name in names} for part in ("sample", "plates")}
    return Measured(
        values=values,
        sets={"test": values["ciede2000"], **others},
        parameters={name: found.results[name]["parameters"] for name in names},
        colorfulness={name: scores(found, name)["colorfulness_ratio"]["mean"] for name in names},
    )


def table(names: Sequence[str], columns: Mapping[str, tuple[str, int, float]]) -> "pd.DataFrame":
    """Return measures of systems as a pandas table: some of `HEADINGS`; a dash stands for what was not measured."""
    import pandas as pd

    rows, found = {}, files(names)
    for name in names:
        values = {key: one["mean"] for key, one in scores(found, name).items()} | costs(found, name)
        rows[name] = {
            heading: f"{factor * values[key]:,.{digits}f}" if key in values else "-"
            for key, (heading, digits, factor) in columns.items()
        }
    return pd.DataFrame.from_dict(rows, orient="index")

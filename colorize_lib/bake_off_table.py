"""The table of all systems: every measure in one place, from the results files (chapter 26).

A system is in the table as soon as it has a results file, a row of plausibility.json and one of bake_off.json.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from colorize_lib import bake_off_scores, data, plausibility, results, zoo
from colorize_lib.bake_off import Measured, Values
from colorize_lib.recipes import find
from colorize_lib.schema import Interval

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
HEADINGS = QUALITY | COLOR | COST


def systems() -> list[str]:
    """Return the systems of which everything was measured: gray, those that are offered, and what stands beside."""
    known = bake_off_scores.read()["rows"].keys() & plausibility.read()["rows"].keys()
    order = list(dict.fromkeys(["gray", *zoo.OFFERED, *bake_off_scores.BESIDE, *sorted(known)]))
    return [name for name in order if name in known]


def minutes(name: str) -> float:
    """Return how long a system was trained, with what it began at: its own epochs and those before, of one run each.

    What a network of others began with, such as ImageNet's weights, counts nothing.
    """
    recipe = find(name)
    own = sum(results.read(name).get("history", {}).get("seconds", [])) / 60
    began = recipe.initial_weights
    return own + (minutes(began) if began and began != name else 0.0)


def scores(name: str) -> dict[str, Interval]:
    """Return every measure of a system on the test photographs at `data.SIZE` pixels, with its interval."""
    own, beside = bake_off_scores.read()["rows"][name], plausibility.read()["rows"][name]
    protocol = own["test"]["metrics"] if "test" in own else results.read(name)["metrics"]
    found = {key: protocol[key] for key in QUALITY if key in protocol}
    found |= own["auc"]
    found |= {key: beside["metrics"][key] for key in ("lpips", "kid", "kid_matched", *COLOR)}
    return found


def costs(name: str) -> dict[str, float]:
    """Return what a system costs: parameters, minutes of training, milliseconds; and how many seeds were trained."""
    result = results.read(name)
    return {
        "parameters": result["parameters"],
        "minutes": minutes(name),
        "milliseconds": bake_off_scores.read()["rows"][name]["milliseconds"],
        "seeds": len(result.get("seeds", {})) or (1 if find(name).system.has_network else 0),
    }


def means(names: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return the mean of each measure of quality and color, by measure and by system."""
    found = {name: scores(name) for name in names}
    return {key: {name: found[name][key]["mean"] for name in names} for key in (*QUALITY, *COLOR)}


def each(name: str) -> dict[str, np.ndarray]:
    """Return one number a test photograph for the measures that can be paired."""
    own, beside = bake_off_scores.read()["rows"][name], plausibility.read()["rows"][name]
    protocol: Mapping[str, Any] = own["test"]["each"] if "test" in own else results.read(name)["each"]
    lists = {key: protocol[key] for key in results.PAIRED if key in protocol} | beside["each"]
    return {key: np.array(values) for key, values in lists.items()}


def measured(names: Sequence[str]) -> Measured:
    """Return what a rule reads of some systems."""
    found, own = {name: each(name) for name in names}, bake_off_scores.read()["rows"]
    of_test: Values = {name: found[name]["ciede2000"] for name in names}
    others = {part: {name: np.array(own[name][part]) for name in names} for part in ("sample", "plates")}
    return Measured(
        values={key: {name: found[name][key] for name in names} for key in found[names[0]]},
        sets={"test": of_test, **others},
        parameters={name: results.read(name)["parameters"] for name in names},
        colorfulness=means(names)["colorfulness_ratio"],
    )


def table(names: Sequence[str], columns: Mapping[str, tuple[str, int, float]]) -> "pd.DataFrame":
    """Return measures of systems as a pandas table: some of `HEADINGS`."""
    import pandas as pd

    rows = {}
    for name in names:
        values = {key: one["mean"] for key, one in scores(name).items()} | costs(name)
        rows[name] = {
            heading: f"{factor * values[key]:,.{digits}f}" for key, (heading, digits, factor) in columns.items()
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def enlarged(name: str) -> bool:
    """Tell whether a system learned at another size than it is measured at here."""
    return find(name).size != data.SIZE

"""Pixels within a tolerance, the accuracy of Nazeri, Ng and Ebrahimi 2018 (taught in chapter 23).

    python -m colorize_lib.tolerance

measures the shipped networks on the landscapes and writes data/results/tolerance.json: the test photographs, and beside
each network that learned against a critic `auc.COMPARED` with its chroma scaled until it is as colorful.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from colorize_lib import auc, data, metrics, plausibility, provenance, results, schema
from colorize_lib.recipes import find
from colorize_lib.settings import data_dir
from colorize_lib.storage import writing

NAME = "tolerance"  # of the file in data/results
PERCENTS = (2, 5)
GANS = ("pix2pix", "dcgan")
ROWS = ("gray", "ours", "classification", "pretrained", "pretrained_scaled", *GANS)


def row(truth: np.ndarray, painted: np.ndarray) -> dict[str, Any]:
    """Return what is measured of painted photographs: the accuracies with intervals, and colorfulness."""
    found: dict[str, Any] = {
        "colorfulness_ratio": float(metrics.colorfulness(painted).mean() / metrics.colorfulness(truth).mean())
    }
    for percent in PERCENTS:
        found[f"within_{percent}"] = results.mean_and_interval(metrics.pixel_accuracy(truth, painted, percent))
    return found


def each(truth: np.ndarray, painted: np.ndarray) -> dict[str, list[float]]:
    """Return what is paired with a recipe's results, photograph by photograph."""
    found = {"psnr": metrics.psnr(truth, painted), "ciede2000": metrics.ciede2000(truth, painted)}
    return {name: values.astype("float64").round(5).tolist() for name, values in found.items()}


def rows(photographs: data.Photographs, gains: Mapping[str, float]) -> dict[str, Any]:
    """Return the rows of the test photographs: `ROWS`, and `auc.COMPARED` with its chroma times each of `gains`."""
    truth, found = photographs.rgb, {}
    for name in ROWS:
        found[name] = row(truth, plausibility.colored(find(name), photographs))
        print(name, found[name], flush=True)
    for name, gain in gains.items():
        painted = plausibility.colored(find(auc.COMPARED), photographs, gain)
        found[auc.as_colorful_as(name)] = row(truth, painted) | {"chroma_gain": gain, "each": each(truth, painted)}
    return found


def above_equally_colorful(name: str, metric: str) -> schema.Interval:
    """Return by how much `name` is above `auc.COMPARED` made as colorful, on the test photographs, with its interval.

    `metric` is ``psnr`` or ``ciede2000``. For two recipes `results.paired` says the same.
    """
    scaled = results.measurement(NAME)["test"][auc.as_colorful_as(name)]["each"][metric]
    return results.mean_and_interval(np.array(results.read(name)["each"][metric]) - np.array(scaled))


def code_version() -> str:
    """Return 16 hexadecimal digits that change with the code that measures; see `provenance.code_hash`."""
    return provenance.code_hash(metrics.pixel_accuracy, row, each)


def main() -> None:
    """Measure everything and write the file."""
    parts = data.split(data.load("landscape", first=data.SPLIT["val"][0]))
    gains = {name: plausibility.gain_beside(name, parts["val"]) for name in GANS}
    found = {
        "test": rows(parts["test"], gains),
        "data": {part: data.fingerprint(parts[part]) for part in ("val", "test")},
        "code": code_version(),
        "made_with": provenance.made_with(),
    }
    writing.write_json(data_dir() / "results" / f"{NAME}.json", found)


if __name__ == "__main__":
    main()

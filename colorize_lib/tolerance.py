"""Pixels within a tolerance, the accuracy of Nazeri, Ng and Ebrahimi 2018 (taught in chapter 23).

    python -m colorize_lib.tolerance

measures the shipped networks on the landscapes and writes data/results/tolerance.json: the test photographs, and beside
each network that learned against a critic `auc.COMPARED` with its chroma scaled until it is as colorful.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from colorize_lib import auc, data, metrics, provenance, results, zoo
from colorize_lib.recipes import find
from colorize_lib.settings import data_dir
from colorize_lib.storage import writing
from colorize_lib.systems.base import LToAb

NAME = "tolerance"  # of the file in data/results
PERCENTS = (2, 5)
GANS = ("pix2pix", "dcgan")
ROWS = ("gray", "ours", "classification", "pretrained", "pretrained_scaled", "pix2pix_control", *GANS)


def row(truth: np.ndarray, painted: np.ndarray) -> dict[str, Any]:
    """Return what is measured of painted photographs: the accuracies with intervals, colorfulness, what is paired."""
    found: dict[str, Any] = {
        "colorfulness_ratio": float(metrics.colorfulness(painted).mean() / metrics.colorfulness(truth).mean())
    }
    for percent in PERCENTS:
        shares = metrics.pixel_accuracy(truth, painted, percent)
        low, high = metrics.interval(shares)
        found[f"within_{percent}"] = {"mean": float(shares.mean()), "low": low, "high": high}
    each = {"psnr": metrics.psnr(truth, painted), "ciede2000": metrics.ciede2000(truth, painted)}
    return found | {"each": {name: values.round(4).tolist() for name, values in each.items()}}


def gain(name: str, photographs: data.Photographs) -> float:
    """Return the factor on chroma with which `auc.COMPARED` is as colorful as `name` on these photographs."""
    wanted = metrics.colorfulness(find(name).system.predict(zoo.load_model(name), photographs)).mean()
    inputs = LToAb.inputs(photographs)
    return auc.chroma_factor(auc.colors_given(zoo.load_model(auc.COMPARED), inputs), inputs, float(wanted))


def rows(photographs: data.Photographs, gains: Mapping[str, float]) -> dict[str, Any]:
    """Return the rows of the test photographs: `ROWS`, and `auc.COMPARED` with its chroma times each of `gains`."""
    found = {}
    for name in ROWS:
        system = find(name).system
        model = zoo.load_model(name) if system.has_network else None
        found[name] = row(photographs.rgb, system.predict(model, photographs))
        print(name, found[name]["within_2"], found[name]["within_5"], flush=True)
    inputs = LToAb.inputs(photographs)
    compared = auc.colors_given(zoo.load_model(auc.COMPARED), inputs)
    for name, factor in gains.items():
        picture = LToAb.picture(inputs, compared * np.float32(factor))
        found[auc.as_colorful_as(name)] = row(photographs.rgb, picture) | {"chroma_gain": factor}
    return found


def paired(name: str, other: str, metric: str) -> dict[str, float]:
    """Return by how much `name` is above `other` on the test photographs: mean, and 95 % interval (low, high)."""
    measured = results.measurement(NAME)["test"]
    first, second = (np.array(measured[one]["each"][metric]) for one in (name, other))
    return results.mean_difference(first - second)


def main() -> None:
    """Measure everything and write the file."""
    parts = data.split(data.load("landscape", first=data.SPLIT["val"][0]))
    gains = {name: gain(name, parts["val"]) for name in GANS}
    found = {
        "test": rows(parts["test"], gains),
        "data": {part: data.fingerprint(parts[part]) for part in ("val", "test")},
        "code": provenance.code_hash(metrics.pixel_accuracy, row),
        "made_with": provenance.made_with(),
    }
    writing.write_json(data_dir() / "results" / f"{NAME}.json", found)


if __name__ == "__main__":
    main()

"""AuC: how many pixels come near enough, and the same with every color counting alike (taught in chapter 21).

    python -m colorize_lib.auc

measures the shipped networks on the landscapes and writes data/results/auc.json: the test photographs, and, on the
validation photographs, what each temperature of the annealed mean gives.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from colorize_lib import data, metrics, provenance, results, zoo
from colorize_lib.color import rgb_to_lab
from colorize_lib.networks import Model, color_odds
from colorize_lib.recipes import find
from colorize_lib.settings import data_dir
from colorize_lib.storage import writing
from colorize_lib.systems.base import LToAb
from colorize_lib.systems.classification import rebalancing, smoothed

NAME = "auc"  # of the file in data/results
CLASSIFIERS = ("classification", "classification_plain")
ROWS = (
    "gray",
    "paper",
    "ours",
    "ours_vivid",
    "pretrained",
    "pretrained_decibels",
    "pretrained_scaled",
    "pretrained_vivid",
    *CLASSIFIERS,
)
TEMPERATURES = (1.0, 0.7, 0.5, 0.38, 0.25, 0.1)
# The temperature was chosen on validation by CIEDE2000 among those with this part of the truth's colorfulness or more.
VIVID = 0.85
COMPARED = "pretrained"  # whose chroma is scaled until it is as colorful as a classifier
NEAR = 1e-3  # how exactly a factor is sought


def rarity(rgb: np.ndarray) -> np.ndarray:
    """Return how much each pixel counts when all colors of `color_odds.colors` count alike, float32 [N, H, W].

    `rgb` are the true photographs, uint8 [N, H, W, 3]. The weight is 1 over the smoothed share of the nearest color.
    """
    colors = color_odds.colors()
    weight = rebalancing(smoothed(colors), uniform=0.0)
    return np.stack([weight[_nearest(photograph, colors.ab)] for photograph in rgb]).astype("float32")


def _nearest(photograph: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Return the number of the nearest color of each pixel of one photograph, int [H, W]."""
    ab = rgb_to_lab(photograph)[..., 1:]
    return (np.sum(centers**2, axis=-1) - 2 * ab @ centers.T).argmin(axis=-1)


def areas(near: np.ndarray, weights: np.ndarray) -> dict[str, Any]:
    """Return the area under the curve of the pixels whose color is near enough (Zhang et al. 2016, 3.1).

    The curve says which part of the pixels lies at most t from the truth in the a, b plane, for t from 0 to
    `metrics.FARTHEST`. A pixel that is off by e is under the curve from e on, so its part of the area is its nearness,
    and no threshold is left out.

    Parameters
    ----------
    near : numpy.ndarray, shape [N, height, width]
        `metrics.nearness`.
    weights : numpy.ndarray, shape [N, height, width]
        How much each pixel counts: `rarity` lets all colors count alike.

    Returns
    -------
    dict
        ``auc`` and, with the weights, ``auc_rebalanced``: means of all pixels with 95 % intervals over photographs; and
        of ``each`` photograph.
    """
    total = weights.sum(axis=(1, 2))
    plain, rebalanced = near.mean(axis=(1, 2)), (near * weights).sum(axis=(1, 2)) / total
    return {
        "auc": _with_interval(plain[:, None], lambda drawn: drawn[..., 0].mean(axis=-1)),
        "auc_rebalanced": _with_interval(np.stack([rebalanced * total, total], axis=-1), pooled),
        "each": {"auc": plain.round(5).tolist(), "auc_rebalanced": rebalanced.round(5).tolist()},
    }


def beside(truth: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """Return how vivid pictures are, and what that costs: measures of the protocol, as their means."""
    return {
        "psnr": float(metrics.psnr(truth, predicted).mean()),
        "ciede2000": float(metrics.ciede2000(truth, predicted).mean()),
        "colorfulness_ratio": float(metrics.colorfulness(predicted).mean() / metrics.colorfulness(truth).mean()),
    }


def pooled(pairs: np.ndarray) -> np.ndarray:
    """Return the weighted mean over photographs, [...], of [..., N, 2]: value times weight, and weight."""
    return pairs[..., 0].sum(axis=-1) / pairs[..., 1].sum(axis=-1)


def _with_interval(values: np.ndarray, statistic: Callable[[np.ndarray], np.ndarray]) -> dict[str, float]:
    low, high = metrics.interval(values, statistic)
    return {"mean": float(statistic(values)), "low": low, "high": high}


def paired(found: dict[str, Any], name: str, other: str, metric: str = "auc_rebalanced") -> dict[str, float]:
    """Return by how much `name` is above `other` in a part of data/results/auc.json: mean, and 95 % interval."""
    weights = np.array(found["weights"]) if metric == "auc_rebalanced" else np.ones(len(found["weights"]))
    first, second = (np.array(found["rows"][one]["each"][metric]) for one in (name, other))
    return _with_interval(np.stack([(first - second) * weights, weights], axis=-1), pooled)


def chroma_factor(ab: np.ndarray, inputs: np.ndarray, wanted: float) -> float:
    """Return the factor on a and b that gives pictures the mean colorfulness `wanted`.

    `inputs` and `ab` are what a network took and gave: L / 100, [N, H, W, 1], and (a, b) / 110, [N, H, W, 2].
    """
    low, high = 0.5, 3.0
    while high - low > NEAR:
        factor = (low + high) / 2
        found = metrics.colorfulness(LToAb.picture(inputs, ab * np.float32(factor))).mean()
        low, high = (factor, high) if found < wanted else (low, factor)
    return (low + high) / 2


def colors_given(model: Model, inputs: np.ndarray, batch_size: int = 50) -> np.ndarray:
    """Return what a network gives, a few photographs at a time: float32 [N, ...]."""
    starts = range(0, len(inputs), batch_size)
    return np.concatenate([np.asarray(model.predict_on_batch(inputs[i : i + batch_size]), "float32") for i in starts])


def annealed(scores: np.ndarray, temperature: float, batch_size: int = 50) -> np.ndarray:
    """Return a colorizer's (a, b) / 110 by another temperature, [N, H, W, 2], from its scores."""
    parts = (scores[i : i + batch_size] for i in range(0, len(scores), batch_size))
    means = (color_odds.enlarge(color_odds.annealed_mean(part, temperature)) for part in parts)
    return np.concatenate([np.asarray(one, "float32") for one in means])


def choice(name: str, photographs: data.Photographs) -> dict[str, Any]:
    """Return what each temperature of a classifier gives on the validation photographs.

    ``temperatures`` has rows by temperature; ``chroma_gain`` is the factor with which `COMPARED` is as colorful as the
    classifier is with the temperature of its recipe.
    """
    weights, inputs = rarity(photographs.rgb), LToAb.inputs(photographs)
    truth = metrics.colorfulness(photographs.rgb).mean()
    scores = colors_given(color_odds.scoring(zoo.load_model(name)), inputs)
    found = {}
    for temperature in TEMPERATURES:
        picture = LToAb.picture(inputs, annealed(scores, temperature))
        row = areas(metrics.nearness(photographs.rgb, picture), weights)
        found[str(temperature)] = {"auc": row["auc"], "auc_rebalanced": row["auc_rebalanced"]}
        found[str(temperature)] |= beside(photographs.rgb, picture)
        print(name, temperature, found[str(temperature)], flush=True)
    wanted = truth * found[str(find(name).system.options()["temperature"])]["colorfulness_ratio"]
    compared = colors_given(zoo.load_model(COMPARED), inputs)
    return {"temperatures": found, "chroma_gain": chroma_factor(compared, inputs, wanted)}


def rows(photographs: data.Photographs, gains: dict[str, float]) -> dict[str, Any]:
    """Return the rows of the test photographs: `shipped`, and `COMPARED` with its chroma times each of `gains`."""
    truth, weights, inputs = photographs.rgb, rarity(photographs.rgb), LToAb.inputs(photographs)
    found = {}
    for name in ROWS:
        system = find(name).system
        model = zoo.load_model(name) if system.has_network else None
        found[name] = areas(metrics.nearness(truth, system.predict(model, photographs)), weights)
        means = results.means(results.read(name))
        found[name] |= {metric: means[metric] for metric in ("psnr", "ciede2000", "colorfulness_ratio")}
        print(name, found[name]["auc"], found[name]["auc_rebalanced"], flush=True)
    compared = colors_given(zoo.load_model(COMPARED), inputs)
    for name, gain in gains.items():
        picture = LToAb.picture(inputs, compared * np.float32(gain))
        found[as_colorful_as(name)] = areas(metrics.nearness(truth, picture), weights) | beside(truth, picture)
    return {"rows": found, "weights": weights.sum(axis=(1, 2)).round(2).tolist()}


def as_colorful_as(name: str) -> str:
    """Return the name of the row of `COMPARED` with the chroma of the classifier called `name`."""
    return f"{COMPARED}, as colorful as {name}"


def main() -> None:
    """Measure everything and write the file."""
    parts = data.split(data.load("landscape", first=data.SPLIT["val"][0]))
    validation = {name: choice(name, parts["val"]) for name in CLASSIFIERS}
    found = {
        "test": rows(parts["test"], {name: one["chroma_gain"] for name, one in validation.items()}),
        "validation": validation,
        "data": {part: data.fingerprint(parts[part]) for part in ("val", "test")},
        "code": provenance.code_hash(metrics.nearness, rarity, areas),
        "made_with": provenance.made_with(),
    }
    writing.write_json(data_dir() / "results" / f"{NAME}.json", found)


if __name__ == "__main__":
    main()

"""Plausibility by machine: LPIPS, KID, a classifier two-sample test and colorfulness of the shipped networks.

    python -m colorize_lib.plausibility                              # every row of `ROWS`
    python -m colorize_lib.plausibility RECIPE ...                   # some recipes with shipped weights, merged in
    python -m colorize_lib.plausibility --beside RECIPE              # the scaled row that a vivid recipe has to beat

writes data/results/plausibility.json from the test photographs of the landscapes. It needs the network that
`inception` tells how to get. The test photographs are measured once for each recipe.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from colorize_lib import auc, data, inception, metrics, provenance, results, schema, two_samples, zoo
from colorize_lib.color import as_uint8, lab_to_rgb, rgb_to_lab
from colorize_lib.networks import alexnet
from colorize_lib.recipes import Recipe, find
from colorize_lib.schema import Metrics, Plausibility, Plausible
from colorize_lib.settings import data_dir
from colorize_lib.storage import weights_files, writing
from colorize_lib.systems.base import LToAb

if TYPE_CHECKING:
    import pandas as pd

NAME = "plausibility"  # of the file in data/results
ROWS = auc.ROWS
BESIDE = ("classification",)  # rows that get `auc.COMPARED`, scaled until it is as colorful, beside them
COUNTS = (50, 100, 200, 300, 629)  # photographs, for the curve of FID
STEPS = 12  # halvings of the range in which a photograph's factor is sought
MOST = 5.0  # the largest factor: a photograph that was left gray stays so
PART = 50  # photographs at a time
JACKKNIFED = ("kid", "kid_matched")
HEADINGS = {
    "colorfulness_ratio": "Colorfulness / truth",
    "lpips": "LPIPS",
    "kid": "KID, thousandths",
    "kid_matched": "KID, colorfulness matched",
    "told_apart": "Told apart",
}


def scaled(rgb: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Return uint8 photographs, [N, H, W, 3], with the chroma of each multiplied by its `factor`, [N]."""
    lab = rgb_to_lab(rgb)
    lab[..., 1:] *= factor[:, None, None, None].astype("float32")
    return as_uint8(lab_to_rgb(lab))


def matched(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return the colored photographs, each with its chroma multiplied until it is as colorful as its truth.

    A set of pictures with stronger colors can be nearer to the true set by KID for that reason alone, and paler ones
    farther off. After this, what is left is which colors stand where. The factor is at most `MOST`.
    """
    wanted = metrics.colorfulness(truth)
    low, high = np.zeros(len(truth)), np.full(len(truth), MOST)
    for _ in range(STEPS):
        middle = (low + high) / 2
        paler = metrics.colorfulness(scaled(predicted, middle)) < wanted
        low, high = np.where(paler, middle, low), np.where(paler, high, middle)
    return scaled(predicted, (low + high) / 2)


def parts_of(truth: np.ndarray, predicted: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Return one number a photograph for each measure, [N], and FID by the number of photographs."""
    even = [matched(truth[i : i + PART], predicted[i : i + PART]) for i in range(0, len(truth), PART)]
    real, own, same = (inception.features(one) for one in (truth, predicted, np.concatenate(even)))
    each = {
        "lpips": metrics.lpips(truth, predicted),
        "kid": two_samples.kid_parts(real, own),
        "kid_matched": two_samples.kid_parts(real, same),
        "told_apart": two_samples.told_apart(real, own),
        "colorfulness": metrics.colorfulness(predicted),
        "truth_colorfulness": metrics.colorfulness(truth),
    }
    return each, two_samples.fid_by_count(real, own, COUNTS)


def summary(each: dict[str, np.ndarray]) -> Metrics:
    """Return means with 95 % intervals.

    Colorfulness is compared in three ways: the means of both sets as a ratio and as a difference, and the mean of each
    photograph's own difference, without its sign. Pictures that are too vivid and others that are too pale can have the
    right mean.
    """

    of = results.mean_and_interval
    own, real = each["colorfulness"], each["truth_colorfulness"]
    low, high = metrics.interval(np.stack([own, real], axis=-1), lambda drawn: np.divide(*drawn.mean(axis=1).T))
    return {
        "lpips": of(each["lpips"]),
        **{name: two_samples.jackknife(each[name]) for name in JACKKNIFED},
        "told_apart": of(each["told_apart"]),
        "colorfulness_ratio": {"mean": float(own.mean() / real.mean()), "low": low, "high": high},
        "colorfulness_of_means": of(own - real),
        "colorfulness_of_each": of(np.abs(own - real)),
    }


def code_version(recipe: Recipe) -> str:
    """Return 16 hexadecimal digits that change with the code on which a row depends; see `provenance.code_hash`."""
    seeing = (alexnet.lpips_network, inception.prepared)
    measuring = (matched, two_samples.kid_parts, two_samples.told_apart, two_samples.fid_by_count, summary)
    return provenance.code_hash(*results.coloring(recipe), metrics.colorfulness, *seeing, *measuring)


def weights_hash(recipe: Recipe) -> str:
    """Return the sha256 of the weights that color, "" where there are none."""
    return weights_files.registry()[recipe.weights_name + weights_files.SUFFIX] if recipe.system.has_network else ""


def colored(recipe: Recipe, photographs: data.Photographs, gain: float = 1.0) -> np.ndarray:
    """Return photographs as a recipe's shipped weights color them, uint8, their chroma multiplied by `gain`."""
    model = zoo.load_model(recipe.name) if recipe.system.has_network else None
    if gain == 1:
        return recipe.system.predict(model, photographs)
    inputs = LToAb.inputs(photographs)
    return LToAb.picture(inputs, auc.colors_given(model, inputs) * np.float32(gain))


def gain_beside(name: str, photographs: data.Photographs) -> float:
    """Return the factor with which `auc.COMPARED` is as colorful as `name` on the validation photographs."""
    inputs = LToAb.inputs(photographs)
    wanted = float(metrics.colorfulness(colored(find(name), photographs)).mean())
    return auc.chroma_factor(auc.colors_given(zoo.load_model(auc.COMPARED), inputs), inputs, wanted)


def row(recipe: Recipe, test: data.Photographs, gain: float = 1.0) -> Plausible:
    """Measure a recipe on the test photographs."""
    each, fid = parts_of(test.rgb, colored(recipe, test, gain))
    return {
        "recipe": recipe.name,
        "chroma_gain": gain,
        "seeds": 1,  # trained networks that were measured: the shipped one
        "metrics": summary(each),
        "each": {name: each[name].astype("float64").round(7).tolist() for name in ("lpips", *JACKKNIFED)},
        "fid": fid,
        "weights": weights_hash(recipe),
        "code": code_version(recipe),
        "made_with": provenance.made_with() | inception.MADE_WITH,
    }


def fid_of_truth(truth: np.ndarray) -> dict[str, float]:
    """Return FID of true photographs from other true ones, by their number: what is left is due to the number alone."""
    half = len(truth) // 2
    shuffled = np.random.default_rng(0).permutation(truth)
    return two_samples.fid_by_count(shuffled[:half], shuffled[half : 2 * half], COUNTS)


def path() -> Path:
    """Return the results file."""
    return data_dir() / "results" / f"{NAME}.json"


def read() -> Plausibility:
    """Return what the shipped file holds."""
    found: Plausibility = results.measurement(NAME)
    wrong = schema.mismatch(found, Plausibility)
    if wrong:
        raise ValueError(f"{path()}: not what 'python -m {__name__}' writes ({wrong}); run that again.")
    return found


def merge(test: data.Photographs, rows: dict[str, Plausible], fid_truth: dict[str, float]) -> None:
    """Write rows into the file; others stay, if they were measured on the same photographs."""
    about: schema.DataMeasured = {
        "source": test.source,
        "split": "test",
        "size": test.rgb.shape[1],
        "photographs": len(test),
        "fingerprint": data.fingerprint(test),
    }
    before = read() if path().is_file() else None
    kept = before["rows"] if before and before["data"] == about else {}
    writing.write_json(path(), {"data": about, "fid_truth": fid_truth, "rows": kept | rows})


def paired(name: str, other: str, metric: str = "kid") -> schema.Interval:
    """Return by how much `name` is above `other` on the same photographs: mean, and 95 % interval.

    `metric` is ``kid``, ``kid_matched`` or ``lpips``; of all of them less is better.
    """
    rows = read()["rows"]
    gap = np.array(rows[name]["each"][metric]) - np.array(rows[other]["each"][metric])
    return two_samples.jackknife(gap) if metric in JACKKNIFED else results.mean_and_interval(gap)


def table(names: Sequence[str]) -> "pd.DataFrame":
    """Return rows of the file as a pandas table; KID in thousandths, with its interval's half width."""
    import pandas as pd

    def cell(metric: str, one: schema.Interval) -> str:
        reach = 500 * (one["high"] - one["low"])
        if metric in JACKKNIFED:
            return f"{1000 * one['mean']:.2f} ± {reach:.2f}"
        return f"{one['mean']:.0%}" if metric == "told_apart" else f"{one['mean']:.{2 + (metric == 'lpips')}f}"

    found = read()["rows"]
    rows = {name: {HEADINGS[key]: cell(key, found[name]["metrics"][key]) for key in HEADINGS} for name in names}
    return pd.DataFrame.from_dict(rows, orient="index")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the command line names, one row after the other, each merged into the file at once."""
    parser = argparse.ArgumentParser(prog=f"python -m {__name__}", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("recipes", nargs="*", metavar="RECIPE", help="recipes with shipped weights")
    parser.add_argument("--beside", nargs="*", default=[], metavar="RECIPE", help="to set a scaled row beside these")
    chosen = parser.parse_args(arguments)
    everything = not (chosen.recipes or chosen.beside)
    names, beside = (ROWS, BESIDE) if everything else (chosen.recipes, chosen.beside)
    parts = data.split(data.load("landscape", first=data.SPLIT["val"][0]))
    fid_truth = fid_of_truth(inception.features(parts["test"].rgb))
    gains = {name: gain_beside(name, parts["val"]) for name in beside}
    wanted = {name: (find(name), 1.0) for name in names}
    wanted |= {auc.as_colorful_as(name): (find(auc.COMPARED), gain) for name, gain in gains.items()}
    for label, (recipe, gain) in wanted.items():
        found = row(recipe, parts["test"], gain)
        merge(parts["test"], {label: found}, fid_truth)
        said = (
            f"{key} {one['mean']:.5f} [{one['low']:.5f}, {one['high']:.5f}]" for key, one in found["metrics"].items()
        )
        print(label, *said, sep="\n  ", flush=True)


if __name__ == "__main__":
    main()

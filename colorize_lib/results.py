"""Results: what a run measured, kept as JSON in data/results (read by chapters and tables).

Nothing is typed twice: a number in the book is read from these files.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from colorize_lib import data, metrics, provenance, schema, zoo
from colorize_lib.data.reading import open_photo
from colorize_lib.recipes import RECIPES, Recipe
from colorize_lib.schema import Interval, Result
from colorize_lib.settings import data_dir
from colorize_lib.storage import weights_files, writing

if TYPE_CHECKING:
    import pandas as pd

HEADINGS = {
    "psnr": "PSNR, dB (mean)",
    "psnr_pooled": "PSNR, dB (pooled)",
    "ssim": "SSIM",
    "mae": "MAE",
    "ciede2000": "CIEDE2000",
    "ab_distance": "ab distance",
    "colorfulness": "Colorfulness",
    "colorfulness_ratio": "Colorfulness / truth",
    "accuracy": "'acc'",
}
DIGITS = {"psnr": 2, "psnr_pooled": 2, "ciede2000": 2, "ab_distance": 2, "colorfulness": 1, "colorfulness_ratio": 2}
# Kept photograph by photograph, so that differences between rows can be paired.
PAIRED = ("psnr", "ssim", "mae", "ciede2000")
TABLE = ("psnr", "psnr_pooled", "ssim", "mae", "ciede2000", "colorfulness")


def coloring(recipe: Recipe) -> tuple[Any, ...]:
    """Return the functions and classes that decide which colors the network of `recipe` gives a photograph."""
    system = type(recipe.system)
    predicting = [vars(one)["predict"] for one in system.__mro__ if "predict" in vars(one)]
    return (*recipe.system.code(), *predicting, system.representation)


def code_version(recipe: Recipe) -> str:
    """Return 16 hexadecimal digits that change with the code on which the numbers of `recipe` depend.

    That is the network's, its system's from photograph to picture, and that of the metrics; see
    `provenance.code_hash`. How it was trained doesn't count: a change there makes other weights, not other numbers of
    these.
    """
    return provenance.code_hash(*coloring(recipe), metrics.per_photograph, metrics.summarize)


def evaluate(recipe: Recipe, model: Any, photographs: data.Photographs, split: str = "all") -> Result:
    """Measure a trained `model` (None: the photograph unchanged) on `photographs`.

    Returns the metrics with their 95 % intervals, the same for the photograph
    unchanged, the data's fingerprint and what it was made with.
    """
    gray = metrics.per_photograph(photographs.rgb, RECIPES["gray"].system.predict(None, photographs))
    own = gray if model is None else metrics.per_photograph(photographs.rgb, recipe.system.predict(model, photographs))
    scenes = np.array(photographs.scenes or [])
    return {
        "recipe": recipe.to_json(),
        "metrics": metrics.summarize(own),
        "gray": metrics.summarize(gray),
        "scenes": {
            scene: metrics.summarize({name: values[scenes == scene] for name, values in own.items()})
            for scene in sorted(set(scenes))
        },
        "each": {name: own[name].round(5).tolist() for name in PAIRED},
        "truth_colorfulness": float(own["truth_colorfulness"].mean()),
        "parameters": 0 if model is None else model.count_params(),
        "data": {
            "source": photographs.source,
            "split": split,
            "size": photographs.rgb.shape[1],
            "photographs": len(photographs),
            "fingerprint": data.fingerprint(photographs),
        },
        "code": code_version(recipe),
        "made_with": provenance.made_with(),
    }


def means(result: Result) -> dict[str, float]:
    """Return each metric's mean."""
    return {name: one["mean"] for name, one in result["metrics"].items()}


def read(name: str) -> Result:
    """Return the shipped results of the recipe `name`."""
    path = data_dir() / "results" / f"{name}.json"
    result: Result = measurement(name)
    wrong = schema.mismatch(result, Result)
    if wrong:
        raise ValueError(f"{path}: not the results of a recipe ({wrong}); run 'colorize train {name}' again.")
    return result


def measurement(name: str) -> Any:
    """Return what a shipped file of data/results holds that is about no recipe, such as the ``speed`` of devices."""
    path = data_dir() / "results" / f"{name}.json"
    if not path.is_file():
        there = ", ".join(sorted(file.stem for file in path.parent.glob("*.json"))) or "none"
        raise FileNotFoundError(f"{path}: there are no results of '{name}'; shipped are: {there}.")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: damaged, not JSON ({error}); take it from the release again.") from None


def outdated(result: Result, test: data.Photographs | None = None) -> list[str]:
    """Return what has changed since `result` was made: ``recipe``, ``code``, ``data``; an empty list if nothing.

    The data is compared where `test`, the photographs to measure on, is given. Precision and compilation are chosen
    for a device, so they may differ.
    """
    before = Recipe.from_json(result["recipe"])
    now = RECIPES.get(before.name)
    changed = []
    if now is None or replace(before, precision=now.precision, jit=now.jit) != now:
        changed.append("recipe")
    if result.get("code") != code_version(before):
        changed.append("code")
    if test is not None and result["data"]["fingerprint"] != data.fingerprint(test):
        changed.append("data")
    return changed


def shown(sample: data.Photographs) -> data.Photographs:
    """Return those photographs of the sample that the shipped pictures show: every fifth."""
    return sample.select(slice(0, None, 5))


def write_pictures(folder: Path, pictures: np.ndarray, photographs: data.Photographs, ending: str = "") -> None:
    """Write uint8 pictures as lossless WebP, named as the photographs are, with `ending`."""
    from PIL import Image

    for picture, name in zip(pictures, photographs.names, strict=True):
        with writing.whole_file(folder / f"{Path(name).stem}{ending}.webp") as part:
            Image.fromarray(picture).save(part, "WEBP", lossless=True, quality=100, method=6)


def pictures(name: str, photographs: data.Photographs | None = None) -> tuple[np.ndarray, list[str]]:
    """Return photographs of the sample as the full run of `name` colored them: those of `shown`, or some of these.

    Returns
    -------
    pictures, titles
        uint8 sRGB [n, size, size, 3] and one title a picture, in the order of `photographs`, without them of
        ``shown(data.load("sample"))``.
    """
    photographs = shown(data.load("sample")) if photographs is None else photographs
    files = [data_dir() / "results" / name / f"{Path(photograph).stem}.webp" for photograph in photographs.names]
    missing = [file for file in files if not file.is_file()]
    if missing:
        raise FileNotFoundError(f"{missing[0]}: the pictures of '{name}' are not shipped; 'colorize train' makes them.")
    return np.stack([np.asarray(open_photo(file)) for file in files]), photographs.titles


def side_by_side(columns: Mapping[str, str], photographs: data.Photographs) -> dict[str, np.ndarray]:
    """Return photographs of the sample as recipes color them, large enough to look at, and the truth.

    The shipped weights color them here and now, at `data.SHOWN` pixels; the results files' numbers are of
    `data.SIZE` pixels. Of a network without shipped weights the stored pictures are returned, at the size at which
    they were measured. `plots.strip` says so below them.

    Parameters
    ----------
    columns : mapping of str to str
        What stands above a column, and the recipe: ``{"Plain": "plain", "Ours": "ours"}``.
    photographs : Photographs
        Some of the sample, of any size; for networks without shipped weights some of `shown`.

    Returns
    -------
    dict of str to array
        uint8 sRGB [n, size, size, 3] for each column and, last, for "Truth".
    """
    larger = data.for_showing(photographs)
    return {title: _colored(name, larger) for title, name in columns.items()} | {"Truth": larger.rgb}


def _colored(name: str, photographs: data.Photographs) -> np.ndarray:
    """Color photographs with a recipe's shipped weights; without them take the stored pictures."""
    recipe = RECIPES[name]
    if not recipe.system.has_network:
        return recipe.system.predict(None, photographs)
    if recipe.weights_name + weights_files.SUFFIX in weights_files.registry():
        return recipe.system.predict(zoo.load_model(name), photographs, batch_size=1)  # four take .2 GB more
    return pictures(name, photographs)[0]


def by_epoch(name: str) -> dict[str, dict[int, Path]]:
    """Return the pictures that the run of `name` saved while it learned: photograph's stem, epoch, file."""
    found: dict[str, dict[int, Path]] = {}
    for path in sorted((data_dir() / "results" / name / "epochs").glob("*.webp")):
        stem, _, epoch = path.stem.rpartition("_")
        found.setdefault(stem, {})[int(epoch)] = path
    if not found:
        raise FileNotFoundError(f"there are no pictures by epoch of '{name}'; 'colorize train {name}' makes them.")
    return found


def run_of(name: str) -> str:
    """Return for how long a network was trained: "epoch 23 of 50" where the best epoch was kept."""
    result = read(name)
    planned = result["recipe"]["epochs"]
    return f"epoch {result.get('epoch', planned)} of {planned}"


def paired(name: str, other: str, metric: str = "psnr") -> Interval:
    """Return by how much `name` is above `other` on the same photographs: mean, and 95 % interval (low, high)."""
    first, second = read(name), read(other)
    if first["data"]["fingerprint"] != second["data"]["fingerprint"]:
        raise ValueError(f"'{name}' and '{other}' were measured on different photographs; there is nothing to pair.")
    return mean_and_interval(np.array(first["each"][metric]) - np.array(second["each"][metric]))


def by_seed(name: str, other: str, metric: str = "psnr") -> dict[str, float]:
    """Return by how much the mean of `name` is above that of `other`, run by run: seed and difference.

    Runs with one seed see the same photographs in the same order, so they are compared with one another.
    """
    first, second = read(name), read(other)
    seeds = [seed for seed in first.get("seeds", {}) if seed in second.get("seeds", {})]
    if not seeds:
        raise ValueError(f"'{name}' and '{other}' were not both run with several seeds; there is nothing to compare.")
    return {seed: first["seeds"][seed][metric] - second["seeds"][seed][metric] for seed in seeds}


def mean_and_interval(values: np.ndarray) -> Interval:
    """Return the mean of values, one a photograph, such as differences, and its 95 % interval (low, high)."""
    low, high = metrics.interval(values)
    return {"mean": float(values.mean()), "low": low, "high": high}


def table(names: list[str], columns: tuple[str, ...] = TABLE, part: str = "metrics") -> "pd.DataFrame":
    """Return the shipped results as a table, one row a recipe; `part` may be ``sample``.

    A recipe that keeps its best epoch on validation has a second row for its last one, which was measured, too.
    """
    import pandas as pd

    rows = {}
    for name in names:
        result = read(name)
        measured = {name: result["sample"] if part == "sample" else result["metrics"]}
        if part == "metrics" and "other" in result:
            measured[f"{name}, epoch {result['other']['epoch']}"] = result["other"]["metrics"]
        for label, scores in measured.items():
            rows[label] = {"Parameters": f"{result['parameters']:,}"} | {
                HEADINGS[column]: f"{scores[column]['mean']:.{DIGITS.get(column, 3)}f}" if column in scores else "-"
                for column in columns
            }
    return pd.DataFrame.from_dict(rows, orient="index")

"""Results: what a run measured, kept as JSON in data/results (read by chapters and tables).

Nothing is typed twice: a number in the book is read from these files.
"""

import json
import os
import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from colorize_lib import data, metrics, writing
from colorize_lib.files import open_photo
from colorize_lib.quiet import start_keras
from colorize_lib.recipes import RECIPES, Recipe
from colorize_lib.settings import data_dir

if TYPE_CHECKING:
    import pandas as pd

Result = dict[str, Any]
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
TABLE = ("psnr", "psnr_pooled", "ssim", "mae", "ciede2000", "colorfulness")


def made_with() -> dict[str, str]:
    """Return the versions and the device that a measurement was made with."""
    start_keras()  # else TensorFlow would look for GPUs aloud
    import keras

    packages = ("colorize-lib", "keras", "tensorflow", "numpy", "pillow", "scikit-image")
    device = f"{platform.machine()} CPU, {os.cpu_count()} cores"
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        gpus = tf.config.list_physical_devices("GPU")
        device = f"{len(gpus)} GPU" if gpus else device
    versions = {name: version(name) for name in packages}
    return {**versions, "python": platform.python_version(), "backend": keras.backend.backend(), "device": device}


def evaluate(recipe: Recipe, model: Any, photographs: data.Photographs, split: str = "all") -> Result:
    """Measure a trained `model` (None: the photograph unchanged) on `photographs`.

    Returns the metrics with their 95 % intervals, the same for the photograph
    unchanged, the data's fingerprint and what it was made with.
    """
    gray = metrics.summarize(photographs.rgb, RECIPES["gray"].predict(None, photographs))
    own = gray if model is None else metrics.summarize(photographs.rgb, recipe.predict(model, photographs))
    return {
        "recipe": asdict(recipe),
        "metrics": own,
        "gray": gray,
        "truth_colorfulness": float(metrics.colorfulness(photographs.rgb).mean()),
        "parameters": 0 if model is None else model.count_params(),
        "data": {
            "source": photographs.source,
            "split": split,
            "size": photographs.rgb.shape[1],
            "photographs": len(photographs),
            "fingerprint": data.fingerprint(photographs),
        },
        "made_with": made_with(),
    }


def write(path: Path, result: Result) -> None:
    """Write `result` as JSON."""
    with writing.whole_file(path) as part:
        part.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def read(name: str) -> Result:
    """Return the shipped results of the recipe `name`."""
    path = data_dir() / "results" / f"{name}.json"
    if not path.is_file():
        there = ", ".join(sorted(file.stem for file in path.parent.glob("*.json"))) or "none"
        raise FileNotFoundError(f"{path}: there are no results of '{name}'; shipped are: {there}.")
    result: Result = json.loads(path.read_text(encoding="utf-8"))
    return result


def shown(sample: data.Photographs) -> data.Photographs:
    """Return those photographs of the sample that the shipped pictures show: every fifth."""
    return sample.select(slice(0, None, 5))


def write_pictures(folder: Path, pictures: np.ndarray, photographs: data.Photographs) -> None:
    """Write uint8 pictures as lossless WebP, named as the photographs are."""
    from PIL import Image

    for picture, name in zip(pictures, photographs.names, strict=True):
        with writing.whole_file(folder / f"{Path(name).stem}.webp") as part:
            Image.fromarray(picture).save(part, "WEBP", lossless=True, quality=100, method=6)


def pictures(name: str) -> tuple[np.ndarray, list[str]]:
    """Return the photographs of `shown` as the full run of `name` colored them.

    Returns
    -------
    pictures, titles
        uint8 sRGB [n, size, size, 3] and one title a picture, in the order of
        ``shown(data.load("sample"))``.
    """
    photographs = shown(data.load("sample"))
    files = [data_dir() / "results" / name / f"{Path(photograph).stem}.webp" for photograph in photographs.names]
    missing = [file for file in files if not file.is_file()]
    if missing:
        raise FileNotFoundError(f"{missing[0]}: the pictures of '{name}' are not shipped; 'colorize train' makes them.")
    return np.stack([np.asarray(open_photo(file)) for file in files]), photographs.titles


def table(names: list[str], columns: tuple[str, ...] = TABLE, part: str = "metrics") -> "pd.DataFrame":
    """Return the shipped results as a table, one row a recipe; `part` may be ``sample``."""
    import pandas as pd

    rows = {}
    for name in names:
        result = read(name)
        row: dict[str, Any] = {"Parameters": f"{result['parameters']:,}"}
        for column in columns:
            row[HEADINGS[column]] = f"{result[part][column]['mean']:.{DIGITS.get(column, 3)}f}"
        rows[name] = row
    return pd.DataFrame.from_dict(rows, orient="index")

"""What the patch of a critic changes, and what a critic is worth at 32 pixels (taught in chapter 23).

    python -m colorize_lib.critic_trials DIR

runs the recipes below on the landscapes and writes data/results/critics.json. Each run is measured after every epoch,
on validation. Runs are kept in DIR: one that was cut off goes on, one that is whole is only read. The networks of 32
pixels are measured on the test photographs as well, once, at the end.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from colorize_lib import data, metrics, provenance, results, training
from colorize_lib.color import CHROMA_SCALE, as_uint8, lab_to_rgb
from colorize_lib.networks import Model, lab_output
from colorize_lib.recipes import Recipe, find
from colorize_lib.settings import data_dir
from colorize_lib.storage import writing
from colorize_lib.systems.base import LToAb, System

NAME = "critics"  # of the file in data/results
PATCHES = {pixels: f"small_pix2pix_{pixels}" for pixels in (16, 34, 70)}
CONTROL = "small_pix2pix_control"  # the same painter, by L1 alone
TINY, TINY_CONTROL = "small_dcgan", "small_dcgan_control"  # at 32 pixels, with a critic and without
RUNS = (*PATCHES.values(), CONTROL, TINY, TINY_CONTROL)
PERCENTS = (2, 5)  # of the accuracy of pixels
DIGITS = 5
CIFAR = {"train": (0, 6000), "val": (6000, 6500)}  # of CIFAR-10's training pictures: as many as there are landscapes

Row = dict[str, float]
Parts = Mapping[str, data.Photographs]


def shown_and_true(system: Any, photographs: data.Photographs) -> tuple[np.ndarray, np.ndarray]:
    """Return L / 100 and the true picture as a conditional GAN's critic takes them, [N, H, W, channels]."""
    x, ab = data.lab_arrays(photographs)
    return x, np.concatenate([2 * x - 1, ab], axis=-1) if system.paints_lightness else ab


def painted(system: Any, colorizer: Model, x: np.ndarray) -> np.ndarray:
    """Return the picture that the critic is shown of what the colorizer makes of L / 100, [N, H, W, channels]."""
    painter = lab_output.painting(colorizer) if system.paints_lightness else colorizer
    return np.concatenate([np.asarray(painter.predict_on_batch(x[i : i + 50])) for i in range(0, len(x), 50)])


def told(real: np.ndarray, fake: np.ndarray, middle: float) -> Row:
    """Return how well a critic tells true from painted photographs, each a part of 1; .5 is chance, save in pairs.

    Parameters
    ----------
    real, fake : array, shape [N, height, width, 1]
        Its maps of the same photographs in true and in painted colors.
    middle : float
        The answer that is neither: 0 for logits, .5 where 1 and 0 are asked for.

    Returns
    -------
    dict of str to float
        Which part is on its side of the middle, of single ``answers`` and of ``pictures``, by the mean of the map; and
        of which part of the ``pairs`` the true one has the higher mean.
    """
    means = real.mean(axis=(1, 2, 3)), fake.mean(axis=(1, 2, 3))
    sides = {"answers": (real, fake), "pictures": means}
    found = {name: float(((r > middle).mean() + (f < middle).mean()) / 2) for name, (r, f) in sides.items()}
    return found | {"pairs": float((means[0] > means[1]).mean())}


def row(system: Any, colorizer: Model, critic: Model, photographs: data.Photographs) -> Row:
    """Return what is measured on photographs of a colorizer, its colors, and of its critic, what it can tell."""
    x, truth = shown_and_true(system, photographs)
    own = painted(system, colorizer, x)
    rgb = LToAb.picture(x, own[..., -2:])
    ratio = metrics.colorfulness(rgb).mean() / metrics.colorfulness(photographs.rgb).mean()
    real, fake = (maps_of(critic, x, one) for one in (truth, own))
    found = {
        "psnr": metrics.psnr(photographs.rgb, rgb).mean(),
        "ciede2000": metrics.ciede2000(photographs.rgb, rgb).mean(),
        "colorfulness_ratio": ratio,
        **told(real, fake, middle=0.0 if system.game == "entropy" else 0.5),
    }
    return {name: round(float(value), DIGITS) for name, value in found.items()}


def maps_of(critic: Model, x: np.ndarray, pictures: np.ndarray) -> np.ndarray:
    """Return the critic's maps of pictures under L / 100, [N, height, width, 1]."""
    parts = (slice(i, i + 50) for i in range(0, len(x), 50))
    return np.concatenate([np.asarray(critic.predict_on_batch([x[one], pictures[one]])) for one in parts])


def watcher(recipe: Recipe, photographs: data.Photographs, path: Path) -> Any:
    """Return the callback of ``fit`` that writes the `row` of each epoch into a file; epoch 0 is the start.

    It measures at the end of the last step, before the checkpoint is written: so a run that is cut off lacks no row.
    """
    import keras

    class Watcher(keras.callbacks.Callback):
        """Measures and writes."""

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            """Remember the epoch, and measure the start."""
            self.epoch = epoch + 1
            if epoch == 0:
                self.write(0)

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            """Measure after the last step."""
            if batch == self.params["steps"] - 1:
                self.write(self.epoch)

        def write(self, epoch: int) -> None:
            """Put the row of this epoch into the file."""
            rows = json.loads(path.read_text(encoding="utf-8")) if epoch else {}
            judge = self.model.networks["critic"]
            rows[str(epoch)] = row(recipe.system, self.model.colorizer, judge, photographs)
            writing.write_json(path, rows)

    return Watcher()


@cache
def parts_of(source: str, size: int, stored_size: int) -> dict[str, data.Photographs]:
    """Return the photographs of a recipe: "train" at the size that crops are cut from, "val" and "test" at its own."""
    return data.split(data.load(source, size)) | {"train": data.split(data.load(source, stored_size))["train"]}


def run(recipe: Recipe, folder: Path, parts: Parts) -> tuple[Model, list[Row]]:
    """Run a recipe with its seed in `folder`, or go on with it; return the colorizer and each epoch's row, from 0 on.

    Of a run that was made longer than the recipe says, the colorizer is the last; the rows are the recipe's.
    """
    writing.make_folder(folder)
    path = folder / "rows.json"
    watching = watcher(recipe, parts["val"], path)
    colorizer, _ = training.train(recipe, parts["train"], parts["val"], folder, callbacks=[watching])
    rows = json.loads(path.read_text(encoding="utf-8"))
    return colorizer, [rows[str(epoch)] for epoch in range(recipe.epochs + 1)]


def seeds_of(recipe: Recipe) -> list[Recipe]:
    """Return the recipe once for each of its seeds."""
    return [replace(recipe, seed=seed, seeds=1) for seed in range(recipe.seed, recipe.seed + recipe.seeds)]


def shares(system: System, colorizer: Model, photographs: data.Photographs) -> dict[str, np.ndarray]:
    """Return which part of each photograph's pixels is right within `PERCENTS`, [N] each.

    "painted": as it was painted, lightness as well; "own L": with the photograph's lightness, as it is used.
    """
    x, _ = shown_and_true(system, photographs)
    own = painted(system, colorizer, x)
    lab = np.concatenate([50 * (own[..., :1] + 1), CHROMA_SCALE * own[..., 1:]], axis=-1)
    pictures = {"painted": as_uint8(lab_to_rgb(lab)), "own L": LToAb.picture(x, own[..., 1:])}
    return {
        f"{kind}, {percent} %": metrics.pixel_accuracy(photographs.rgb, rgb, percent)
        for kind, rgb in pictures.items()
        for percent in PERCENTS
    }


def verdict(with_critic: Sequence[Mapping[str, np.ndarray]], without: Sequence[Mapping[str, np.ndarray]]) -> Any:
    """Return the accuracies of networks that learned with a critic and without one, and what the critic is worth.

    Each is a sequence of `shares`, one a seed. For each kind: the mean of each seed, and the difference of the means
    over the seeds, photograph by photograph, with its interval over photographs.
    """
    found = {}
    for kind in with_critic[0]:
        both = [np.stack([one[kind] for one in runs]) for runs in (with_critic, without)]
        found[kind] = {
            "with": [float(one.mean()) for one in both[0]],
            "without": [float(one.mean()) for one in both[1]],
            "difference": results.mean_and_interval(both[0].mean(axis=0) - both[1].mean(axis=0)),
        }
    return found


def accuracies(parts: Parts, folder: Path | None = None) -> dict[str, Any]:
    """Train `TINY` and `TINY_CONTROL` with all of their seeds; return their `verdict` on the test photographs.

    Runs are kept in `folder`, if there is one, as `main` keeps them. ``gray`` is the gray photograph, by the percent.
    """
    test = parts["test"]
    found: dict[str, list[Any]] = {}
    for name in (TINY, TINY_CONTROL):
        found[name] = []
        for one in seeds_of(find(name)):
            out = folder / name / str(one.seed) if folder else None
            colorizer, _ = training.train(one, parts["train"], parts["val"], out)
            found[name].append(shares(one.system, colorizer, test))
    gray = find("gray").system.predict(None, test)
    of_gray = {f"{percent} %": float(metrics.pixel_accuracy(test.rgb, gray, percent).mean()) for percent in PERCENTS}
    return {"gray": of_gray, "photographs": len(test), "shares": verdict(found[TINY], found[TINY_CONTROL])}


def cifar10() -> dict[str, data.Photographs] | None:
    """Return CIFAR-10 in three parts; None, after a sentence that says why, where it can't be had.

    It has as many photographs to train and to validate with as the landscapes, and all 10,000 of its test pictures.
    """
    import keras

    try:
        (pictures, _), (test, _) = keras.datasets.cifar10.load_data()
    except Exception as error:  # no network, a refusal, a damaged file: all end in the same sentence
        print(f"CIFAR-10 can't be downloaded here ({type(error).__name__}), so the comparison on it is left out.")
        return None
    parts = {name: data.of_arrays(pictures[slice(*cut)]) for name, cut in CIFAR.items()}
    return parts | {"test": data.of_arrays(test)}


def code_version() -> str:
    """Return 16 hexadecimal digits that change with the code that measures; see `provenance.code_hash`."""
    return provenance.code_hash(row, shares, verdict, LToAb)


def main(folder: str) -> None:
    """Run everything that is not whole yet, and write the file."""
    found: dict[str, Any] = {"runs": {}, "data": {}}
    for name in RUNS:
        recipe = find(name)
        parts, rows = parts_of(recipe.source, recipe.size, recipe.stored_size), {}
        for one in seeds_of(recipe):
            rows[str(one.seed)] = run(one, Path(folder) / name / str(one.seed), parts)[1]
        found["runs"][name] = {"recipe": recipe.to_json(), "rows": rows}
        found["data"][name] = {part: data.fingerprint(parts[part]) for part in ("val", "test")}
    tiny = find(TINY)
    found |= {"test": accuracies(parts_of(tiny.source, tiny.size, tiny.stored_size), Path(folder))}
    found |= {"code": code_version(), "made_with": provenance.made_with()}
    writing.write_json(data_dir() / "results" / f"{NAME}.json", found)


if __name__ == "__main__":
    main(*sys.argv[1:2])

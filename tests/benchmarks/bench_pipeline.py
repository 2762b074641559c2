"""How much faster batches are made than trained on, within one run: python tests/benchmarks/bench_pipeline.py.

Measured for `Batches`, and for the same batches through tf.data, with the settings of the recipes `paper` and `ours`
(which augments), on made-up photographs in memory.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from colorize_lib import data, recipes
from colorize_lib.backend import start_keras
from colorize_lib.data.batches import Batches, pipeline
from colorize_lib.recipes import Recipe
from colorize_lib.training import devices

RECIPES = ("paper", "ours")
TRAINING = "training"
PASS = 16  # batches


def photographs(count: int, size: int) -> data.Photographs:
    """Return made-up photographs with gray twins."""
    rgb = np.random.default_rng(0).integers(0, 256, (count, size, size, 3), "uint8")
    return data.Photographs("made-up", rgb, np.arange(count), [""] * count, gray=rgb[..., 0].copy(), total=count)


def images_a_second(work: Iterator[int], seconds: float) -> float:
    """Return the images per second of the quickest piece of work within `seconds`, of three at least.

    Each step of `work` does one piece and gives how many images it held. The quickest counts, because other programs
    make it slower, never quicker.
    """
    next(work)  # compiles, and fills caches
    rates: list[float] = []
    end = time.perf_counter() + seconds
    while len(rates) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        count = next(work)
        rates.append(count / (time.perf_counter() - start))
    return max(rates)


def measure(recipe: Recipe, seconds: float) -> dict[str, float]:
    """Return the images per second of both pipelines, by whole passes, and of the training step."""
    count = PASS * recipe.batch_size
    arrays = recipe.system.training_arrays(photographs(count, recipe.stored_size), compact=True)
    settings = {"augmentation": recipe.augmentation, "size": recipe.size}
    batches = Batches(*arrays, recipe.batch_size, recipe.seed, **settings)
    stream = pipeline(batches)
    model = devices.new_learner(recipe, steps=1000)
    x, y = batches[0]

    def repeat(work: Callable[[], object], images: int) -> Iterator[int]:
        while True:
            work()
            yield images

    return {
        "Batches": images_a_second(repeat(lambda: list(batches), count), seconds),
        "tf.data": images_a_second(repeat(lambda: list(stream), count), seconds),
        TRAINING: images_a_second(repeat(lambda: model.train_on_batch(x, y), len(x)), seconds),
    }


def main() -> None:
    """Print a table: images per second, and how many times the training step's they are."""
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("--batch", type=int, help="default: the recipe's")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each is measured at least")
    parser.add_argument("--json", action="store_true", help="print JSON, too")
    options = parser.parse_args()
    start_keras()
    found = {}
    for name in RECIPES:
        recipe = replace(recipes.find(name), precision="float32")
        recipe = replace(recipe, batch_size=options.batch or recipe.batch_size)
        found[name] = rates = measure(recipe, options.seconds)
        for way, rate in rates.items():
            ratio = f", {rate / rates[TRAINING]:.0f} times the training step" if way != TRAINING else ""
            print(f"{name:6} {way:9} {rate:8.1f} images/s{ratio}", flush=True)
    if options.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()

"""What a network gains that goes on with photographs of one kind, by how many there are (taught in chapter 33).

    python -m colorize_lib.own_gain COMPOSITES

lets `pretrained` go on with 25 to 200 of the color composites that others made of Prokudin-Gorskii's plates (the folder
COMPOSITES), and measures it on others of them, which none of the runs has seen, as `colorize evaluate` measures; and on
the course's sample, to see what is forgotten. It writes data/results/own.json. The networks are not kept.
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from colorize_lib import data, metrics, plates, provenance, training, zoo
from colorize_lib.data import audit
from colorize_lib.recipes import RECIPES, Recipe, find
from colorize_lib.results import mean_and_interval
from colorize_lib.settings import data_dir
from colorize_lib.storage import writing

NAME = "own"  # of the file in data/results
BEGIN = "pretrained"
COUNTS = (25, 50, 100, 200)  # photographs that train
SHOWN = 1000  # how many a run sees, each as often as the others: runs take the same number of steps
BATCH = 25
SEEDS = (1, 2, 3)  # of which photographs train, and of the run
VALIDATION, HELD_OUT = 20, 200
MEASURES = ("psnr", "ciede2000")
MEASURED_ON = ("held_out", "sample")

Scores = dict[str, np.ndarray]  # of each photograph


def kept(folder: Path | str) -> tuple[np.ndarray, int]:
    """Return the ids of composites that are none of the 32 plates and show nothing twice, and how many were dropped.

    The ids are in an order by chance, always the same. The dropped ones are those that `audit.check` calls duplicates.
    """
    names = [entry.name for entry in data.sources.find(str(folder))]
    found = audit.check(folder)
    again = set(found["file"][found["fault"].isin(("duplicate", "near duplicate"))])
    ids = [i for i, name in enumerate(names) if name not in again and name not in set(plates.names())]
    return np.random.default_rng(0).permutation(ids), len(again)


def recipe_of(count: int, seed: int) -> Recipe:
    """Return how `count` photographs train: the settings of `pretrained`, which the run begins with."""
    epochs = SHOWN // count
    settings: dict[str, Any] = {"epochs": epochs, "batch_size": BATCH, "seed": seed, "precision": "float32"}
    return replace(find(BEGIN), initial_weights=BEGIN, **settings)


def scores(recipe: Recipe, model: Any, photographs: data.Photographs) -> Scores:
    """Return `MEASURES` of each photograph, as `results.evaluate` measures them."""
    found = metrics.per_photograph(photographs.rgb, recipe.system.predict(model, photographs))
    return {name: found[name] for name in MEASURES}


def summary(values: Scores, before: Scores) -> dict[str, Any]:
    """Return means with 95 % intervals, by how much they are above those before, paired, and each PSNR."""
    return {
        "metrics": {name: mean_and_interval(one) for name, one in values.items()},
        "gain": {name: mean_and_interval(one - before[name]) for name, one in values.items()},
        "each": values["psnr"].round(4).tolist(),
    }


def photographs_of(folder: Path | str) -> tuple[dict[str, data.Photographs], int]:
    """Return those to train with, at the size that crops are cut from, to validate with and held out; the sample."""
    ids, dropped = kept(folder)
    small, large = (data.load(folder, size) for size in (data.SIZE, find(BEGIN).stored_size))
    rest, validation, test = np.split(ids, [-HELD_OUT - VALIDATION, -HELD_OUT])
    chosen = {"train": large.select(rest), "val": small.select(validation), "held_out": small.select(np.sort(test))}
    return chosen | {"sample": data.load("sample")}, dropped


def run(parts: dict[str, data.Photographs], before: dict[str, Scores], count: int, seed: int) -> dict[str, Any]:
    """Let `BEGIN` go on with `count` photographs, which the seed chooses, and measure it."""
    recipe, order = recipe_of(count, seed), np.random.default_rng(seed).permutation(len(parts["train"]))
    model, _ = training.train(recipe, parts["train"].select(order[:count]), parts["val"], verbose=False)
    found = {name: summary(scores(recipe, model, parts[name]), before[name]) for name in MEASURED_ON}
    print(count, seed, *(found[name]["gain"] for name in MEASURED_ON), flush=True)
    return found


def measured(folder: Path | str, seeds: tuple[int, ...] = SEEDS) -> dict[str, Any]:
    """Return what gray, `BEGIN` and each run reach on the photographs held out and on the sample."""
    parts, dropped = photographs_of(folder)
    gray, before = (
        {name: scores(recipe, model, parts[name]) for name in MEASURED_ON}
        for recipe, model in ((RECIPES["gray"], None), (find(BEGIN), zoo.load_model(BEGIN)))
    )
    return {
        "photographs": {name: len(one) for name, one in parts.items()},
        "dropped": dropped,
        "fingerprint": data.fingerprint(parts["held_out"]),
        "gray": {name: summary(one, before[name]) for name, one in gray.items()},
        "before": {name: summary(one, one) for name, one in before.items()},
        "runs": {str(seed): {str(count): run(parts, before, count, seed) for count in COUNTS} for seed in seeds},
    }


def code() -> str:
    """Return the hash of what the numbers depend on, training apart."""
    return provenance.code_hash(photographs_of, recipe_of, scores, summary)


def main(folder: str) -> None:
    """Measure, and write the file."""
    version = code()
    found = measured(Path(folder)) | {"recipe": recipe_of(COUNTS[-1], SEEDS[0]).to_json()}
    found |= {"code": version, "made_with": provenance.made_with()}
    writing.write_json(data_dir() / "results" / f"{NAME}.json", found)


if __name__ == "__main__":
    main(*sys.argv[1:])

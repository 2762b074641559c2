"""What the bake-off needs beside other files: AuC, color differences on the sample and on the plates, time.

    COLORIZE_PLATES=.../plates python -m colorize_lib.bake_off_scores              # every system that is offered
    COLORIZE_PLATES=.../plates python -m colorize_lib.bake_off_scores RECIPE ...   # some with shipped weights

writes data/results/bake_off.json, one row after the other; rows of other systems stay. What other files hold is read
from there: `bake_off_table` joins a recipe's results, its row of plausibility.json and its row here.
"""

import argparse
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from colorize_lib import auc, data, metrics, plate_scores, provenance, results, zoo
from colorize_lib.networks import Model
from colorize_lib.plausibility import colored, weights_hash
from colorize_lib.recipes import Recipe, find
from colorize_lib.settings import data_dir
from colorize_lib.storage import writing

NAME = "bake_off"  # of the file in data/results
# Beside what is offered: gray, and what chapters 08 and 21 set beside it.
BESIDE = ("gray", "pretrained_decibels", "pretrained_scaled", "pretrained_vivid", "classification_plain")
SIDE = 256  # pixels of the photograph that is timed
REPEATS = 30  # of which the shortest counts: other work on the machine only adds time
DECIMALS = 5


def milliseconds(model: Model | None) -> float:
    """Return how long a network takes for one photograph of `SIDE` pixels a side, the least of `REPEATS` times."""
    if model is None:
        return 0.0
    photograph = np.full((1, SIDE, SIDE, 1), 0.5, "float32")
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        model.predict_on_batch(photograph)
        taken.append(time.perf_counter() - began)
    return 1000 * min(taken)


def each(values: np.ndarray) -> list[float]:
    """Return one number a photograph as JSON has it."""
    return [round(float(value), DECIMALS) for value in values]


def row(recipe: Recipe, test: data.Photographs, rarity: np.ndarray, plates: tuple[np.ndarray, ...]) -> dict[str, Any]:
    """Return what is measured of one recipe, at `data.SIZE` pixels a side whatever it learned at.

    `rarity` is that of the test photographs, `plates` the composites, the green exposures and where color counts.
    """
    model = zoo.load_model(recipe.name) if recipe.system.has_network else None
    sample = data.load("sample")
    truth, green, counts = plates
    areas = auc.areas(metrics.nearness(test.rgb, colored(recipe, test)), rarity)
    on_plates = plate_scores.scores(truth, plate_scores.colors(recipe.name, green), counts, ("ciede2000",))
    found: dict[str, Any] = {
        "auc": {name: areas[name] for name in ("auc", "auc_rebalanced")},
        "sample": each(metrics.ciede2000(sample.rgb, colored(recipe, sample))),
        "plates": each(on_plates["ciede2000"]),
        "milliseconds": milliseconds(model),
    }
    if recipe.size != data.SIZE:
        again = results.evaluate(recipe, model, test, "test")
        found["test"] = {"metrics": again["metrics"], "each": again["each"]}
    return found | {
        "weights": weights_hash(recipe),
        "code": code_version(recipe),
        "made_with": provenance.made_with(),
    }


def code_version(recipe: Recipe) -> str:
    """Return 16 hexadecimal digits that change with the code on which a row depends; see `provenance.code_hash`."""
    measuring = (auc.areas, auc.rarity, plate_scores.composites, plate_scores.scores, metrics.ciede2000)
    return provenance.code_hash(*results.coloring(recipe), *measuring)


def read() -> dict[str, Any]:
    """Return what the shipped file holds."""
    found: dict[str, Any] = results.measurement(NAME)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the command line names, one row after the other, each merged into the file at once."""
    parser = argparse.ArgumentParser(prog=f"python -m {__name__}", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("recipes", nargs="*", metavar="RECIPE", help="recipes with shipped weights")
    names = parser.parse_args(arguments).recipes or [*BESIDE, *zoo.OFFERED]
    test = data.split(data.load("landscape", first=data.SPLIT["test"][0]))["test"]
    composites, green, counts, _ = plate_scores.composites()
    plates = composites[plate_scores.BALANCE], green, counts
    rarity = auc.rarity(test.rgb)
    path = data_dir() / "results" / f"{NAME}.json"
    about = {"test": data.fingerprint(test), "sample": data.fingerprint(data.load("sample")), "plates": len(green)}
    for name in names:
        before = read() if path.is_file() else None
        kept = before["rows"] if before and before["data"] == about else {}
        found = row(find(name), test, rarity, plates)
        writing.write_json(path, {"data": about, "side": SIDE, "rows": kept | {name: found}})
        print(name, found["auc"], *(f"{part} {np.mean(found[part]):.3f}" for part in ("sample", "plates")), flush=True)


if __name__ == "__main__":
    main()

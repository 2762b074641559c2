"""What the bake-off needs beside other files: AuC, color differences on the sample and on the plates, time.

    COLORIZE_PLATES=.../plates python -m colorize_lib.bake_off_scores              # every system that is offered
    COLORIZE_PLATES=.../plates python -m colorize_lib.bake_off_scores RECIPE ...   # some with shipped weights
    python -m colorize_lib.bake_off_scores --times                                 # time again, of all that are there

writes data/results/bake_off.json, one row after the other; rows of other systems stay. What other files hold is read
from there: `bake_off_table` joins a recipe's results, its row of plausibility.json and its row here.
"""

import argparse
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from colorize_lib import auc, data, menu, metrics, plate_scores, provenance, results, zoo
from colorize_lib.plausibility import colored, weights_hash
from colorize_lib.recipes import Recipe, find
from colorize_lib.settings import data_dir
from colorize_lib.storage import writing

NAME = "bake_off"  # of the file in data/results
# Beside what is offered: gray, and what chapters 08 and 21 set beside it.
BESIDE = ("gray", "pretrained_scaled", "pretrained_vivid", "classification_plain")
SIDE = 256  # pixels of the photograph that is timed
REPEATS = 30  # of which the shortest counts: other work on the machine only adds time
DECIMALS = 5


def milliseconds(names: Sequence[str]) -> dict[str, float]:
    """Return the processor's time for one photograph of `SIDE` pixels a side, by system: the least of `REPEATS` times.

    All take turns, so that other work on the machine meets all of them.
    """
    models = {name: zoo.load_model(name) for name in names if find(name).system.has_network}
    channels = {name: model.input_shape[-1] for name, model in models.items()}
    taken: dict[str, list[float]] = {name: [] for name in models}
    for _ in range(REPEATS):
        for name, model in models.items():
            photograph = np.full((1, SIDE, SIDE, channels[name]), 0.5, "float32")
            began = time.process_time()
            model.predict_on_batch(photograph)
            taken[name].append(time.process_time() - began)
    return {name: 1000 * min(taken[name]) if name in taken else 0.0 for name in names}


def each(values: np.ndarray) -> list[float]:
    """Return one number a photograph as JSON has it."""
    return [round(float(value), DECIMALS) for value in values]


def row(recipe: Recipe, test: data.Photographs, rarity: np.ndarray, plates: tuple[np.ndarray, ...]) -> dict[str, Any]:
    """Return what is measured of one recipe, at `data.SIZE` pixels a side whatever it learned at.

    `rarity` is that of the test photographs, `plates` the composites, the green exposures and where color counts.
    """
    sample = data.load("sample")
    truth, green, counts = plates
    areas = auc.areas(metrics.nearness(test.rgb, colored(recipe, test)), rarity)
    on_plates = plate_scores.scores(truth, plate_scores.colors(recipe.name, green), counts, ("ciede2000",))
    found: dict[str, Any] = {
        "auc": {name: areas[name] for name in ("auc", "auc_rebalanced")},
        "sample": each(metrics.ciede2000(sample.rgb, colored(recipe, sample))),
        "plates": each(on_plates["ciede2000"]),
    }
    if recipe.size != data.SIZE:
        again = results.evaluate(recipe, zoo.load_model(recipe.name), test, "test")
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


def write(**changed: Any) -> None:
    """Write parts of the file; the others stay."""
    path = data_dir() / "results" / f"{NAME}.json"
    writing.write_json(path, (read() if path.is_file() else {"data": {}, "rows": {}, "times": {}}) | changed)


def measure(names: Sequence[str]) -> None:
    """Measure some systems, one row after the other; rows of others stay, if they are of the same photographs."""
    test = data.split(data.load("landscape", first=data.SPLIT["test"][0]))["test"]
    composites, green, counts, _ = plate_scores.composites()
    plates = composites[plate_scores.BALANCE], green, counts
    rarity = auc.rarity(test.rgb)
    about = {"test": data.fingerprint(test), "sample": data.fingerprint(data.load("sample")), "plates": len(green)}
    write()
    if read()["data"] != about:
        write(data=about, rows={})
    for name in names:
        found = row(find(name), test, rarity, plates)
        write(rows=read()["rows"] | {name: found})
        print(name, found["auc"], *(f"{part} {np.mean(found[part]):.3f}" for part in ("sample", "plates")), flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the command line names, then the time of all systems of the file."""
    parser = argparse.ArgumentParser(prog=f"python -m {__name__}", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("recipes", nargs="*", metavar="RECIPE", help="recipes with shipped weights")
    parser.add_argument("--times", action="store_true", help="only time again the systems that are there")
    chosen = parser.parse_args(arguments)
    if not chosen.times:
        measure(chosen.recipes or [*BESIDE, *menu.OFFERED])
    times = milliseconds(list(read()["rows"]))
    write(times={"side": SIDE, "repeats": REPEATS, "milliseconds": times, "made_with": provenance.made_with()})
    print(times)


if __name__ == "__main__":
    main()

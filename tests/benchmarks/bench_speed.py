"""Images per second of the training step by precision and compilation: python tests/benchmarks/bench_speed.py.

The recipes `paper` and `ours` at 128x128, each setting in a process of its own with a limit on its time. With
``--write`` the figures go into data/results/speed.json, which chapter 07 shows: run it where nothing else runs.
"""

import argparse
import os
import subprocess
import sys
import time
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from colorize_lib import data, recipes, results
from colorize_lib.backend import start_keras
from colorize_lib.settings import data_dir, processor
from colorize_lib.storage import writing
from colorize_lib.training import devices

FILE = data_dir() / "results" / "speed.json"
RECIPES = ("paper", "ours")


def images_a_second(recipe: recipes.Recipe, seconds: float) -> tuple[float, float]:
    """Return the images per second of the quickest step within `seconds`, of two at least, and the first's seconds."""
    noise = np.random.default_rng(0).integers(0, 256, (recipe.batch_size, recipe.size, recipe.size, 3), "uint8")
    x, y = recipe.system.training_arrays(data.of_arrays(noise))
    model = devices.new_learner(recipe, steps=1000)
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < 3 or time.perf_counter() < end:  # the first one compiles
        start = time.perf_counter()
        model.train_on_batch(x, y)
        times.append(time.perf_counter() - start)
    return len(x) / min(times[1:]), times[0]


def one(name: str, precision: str, jit: bool, options: argparse.Namespace) -> dict[str, Any]:
    """Measure one setting in a process of its own; no figure if that takes longer than the limit."""
    command = (sys.executable, __file__, "--one", name, precision, str(int(jit)))
    numbers = ("--batch", options.batch, "--seconds", options.seconds)
    row = {"recipe": name, "precision": precision, "jit_compile": jit}
    try:
        done = subprocess.run(
            (*command, *map(str, numbers)), check=True, stdout=subprocess.PIPE, text=True, timeout=options.limit
        )
    except subprocess.TimeoutExpired:
        return row | {"images_a_second": None, "first_step_seconds": None}
    rate, first = map(float, done.stdout.split()[-2:])
    return row | {"images_a_second": rate, "first_step_seconds": first}


def main() -> None:
    """Print a table, and write it with ``--write``; or measure one setting."""
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("--batch", type=int, default=8, help="images a step (default: 8)")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long each is measured at least (default: 20)")
    parser.add_argument("--limit", type=float, default=900.0, help="seconds after which one is given up (default: 900)")
    parser.add_argument("--write", action="store_true", help=f"write {FILE.name}")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    start_keras()
    if options.one:
        name, precision, jit = options.one
        recipe = replace(recipes.find(name), precision=precision, jit=jit == "1", batch_size=options.batch)
        print(*images_a_second(recipe, options.seconds))
        return
    about = processor()
    print(f"{about['processor']}, {os.cpu_count()} cores, bf16 instructions: {about['bf16 instructions']}")
    print(f"{recipes.find('ours').size}x{recipes.find('ours').size}, {options.batch} images a step")
    rows = []
    for name, precision, jit in product(RECIPES, devices.PRECISIONS, (False, True)):
        row = one(name, precision, jit, options)
        rows.append(row)
        rate = row["images_a_second"]
        speed = f"{rate:7.1f} images/s" if rate else f"   not done after {options.limit:.0f} s"
        print(f"{name:6} {precision:15} {'XLA' if jit else '   '} {speed}", flush=True)
    if options.write:
        size = recipes.find("ours").size
        writing.write_json(
            FILE,
            {
                "size": size,
                "batch_size": options.batch,
                "limit_seconds": options.limit,
                **about,
                "rows": rows,
                "made_with": results.made_with(),
            },
        )
        print(f"Written to {FILE}.")


if __name__ == "__main__":
    main()

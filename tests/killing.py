"""Runs of `colorize train` that are killed at any moment (used by test_kill.py).

As a program this is `colorize`, with the recipe `ours` made so small that an epoch takes a moment, and with the toys.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import toys
from PIL import Image

from colorize_lib import recipes, systems
from colorize_lib.storage.writing import PART
from colorize_lib.training import checkpoints

TINY = replace(recipes.find("ours"), size=32, stored_size=32, batch_size=16, precision="float32")
GAN = recipes.find("dcgan")
TINY_GAN = replace(  # a step an epoch, and the critic's time alone lasts for some of them
    GAN,
    system=replace(GAN.system, network="unet_half", receptive_field=16, critic_filters=8, warm_up=5),
    name="tiny_gan",
    size=32,
    stored_size=32,
    initial_weights="",
)
CYCLE = recipes.find("cyclegan")
TINY_CYCLE = replace(  # its pools are soon full
    CYCLE,
    system=replace(CYCLE.system, side=32, width=4, receptive_field=16, critic_filters=4, pool=8),
    name="tiny_cycle",
    size=32,
    stored_size=32,
    batch_size=8,
    epochs_per_pass=1,
)
CHROMA = recipes.find("chromagan")
TINY_CHROMA = replace(
    CHROMA,
    system=replace(CHROMA.system, receptive_field=16, critic_filters=4, enlarge=1),
    name="tiny_chroma",
    size=32,
    stored_size=32,
    initial_weights="",
    epochs_per_pass=1,
)
SMALL_GANS = [one.name for one in (TINY_GAN, TINY_CYCLE, TINY_CHROMA)]
# One thread and fixed algorithms: the same sums in the same order, so that weights can be compared to the bit.
ONE_THREAD = {
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "TF_DETERMINISTIC_OPS": "1",
}
TIMES = {"seconds", "seconds_an_epoch", "peak_memory_mb"}  # in results: what no two runs share


def arguments(out: Path, epochs: int, name: str = TINY.name) -> list[str]:
    """Return what to tell `colorize` so that it trains a recipe on the sample up to epoch `epochs`."""
    return ["train", name, "--data", "sample", "--epochs", str(epochs), "--out", str(out)]


def start(out: Path, epochs: int, name: str) -> "subprocess.Popen[str]":
    """Start a run in a process of its own."""
    command = [sys.executable, __file__, *arguments(out, epochs, name)]
    return subprocess.Popen(command, env=os.environ | ONE_THREAD, stdout=subprocess.PIPE, text=True)


def epochs_of(process: "subprocess.Popen[str]") -> Iterator[str]:
    """Give the line that a run prints after each epoch, when it does."""
    assert process.stdout
    return (line for line in process.stdout if line.startswith("epoch "))


def complete(out: Path, epochs: int, name: str) -> list[float]:
    """Let a run come to its end; return the seconds that passed before each of its epochs was done."""
    times = [time.monotonic()]
    with start(out, epochs, name) as process:
        times += [time.monotonic() for _ in epochs_of(process)]
    assert process.returncode == 0, f"{' '.join(process.args)}: exit status {process.returncode}"
    return list(np.diff(times))


def kill(out: Path, epochs: int, name: str, pauses: list[float], aimed: bool, moments: random.Random) -> bool:
    """Start a run and kill it; tell whether it left half a checkpoint, under the name that marks it as such.

    It is killed after none to two epochs: at a random moment of what follows or, `aimed`, while it writes its next
    checkpoint. `pauses` are the seconds before each epoch of a whole run.
    """
    epoch = moments.randrange(3)
    for part in out.rglob(f"*{PART}"):
        part.unlink()

    def half() -> bool:
        return any(out.glob(f"{checkpoints.CHECKPOINT}.*{PART}"))

    with start(out, epochs, name) as process:
        for _ in islice(epochs_of(process), epoch):
            pass
        while aimed and not half() and process.poll() is None:
            time.sleep(0.001)
        time.sleep(moments.uniform(0, 0.01 if aimed else pauses[0] if epoch == 0 else 2 * float(np.median(pauses))))
        process.kill()
    assert process.returncode == -signal.SIGKILL, "the run was over before it could be killed; let it have more epochs"
    return half()


def contents(folder: Path) -> dict[str, Any]:
    """Return all that the files of a run hold, but for times; it fails if one can't be read to its end.

    What a killed run was writing is passed over: it bears another name until it is whole.
    """
    held: dict[str, Any] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != PART):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".npz":
            with np.load(path) as state:
                arrays = {key: state[key] for key in state.files}
            held[name] = without_times(json.loads(str(arrays.pop("history"))))
            held |= {f"{name}: {key}": array.tobytes() for key, array in arrays.items()}
        elif path.suffix == ".h5":
            held |= {f"{name}: {key}": value for key, value in datasets(path)}
        elif path.suffix == ".webp":
            with Image.open(path) as picture:
                held[name] = picture.tobytes()
        else:
            held[name] = without_times(json.loads(path.read_text(encoding="utf-8")))
    return held


def datasets(path: Path) -> list[tuple[str, bytes]]:
    """Return the names and the values of the arrays in an HDF5 file."""
    found: list[tuple[str, bytes]] = []

    def add(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found.append((name, item[()].tobytes()))

    with h5py.File(path) as file:
        file.visititems(add)
    return found


def without_times(value: Any) -> Any:
    """Return what was read from JSON without the times and the memory in it."""
    if isinstance(value, dict):
        return {key: without_times(item) for key, item in value.items() if key not in TIMES}
    return value


def survive(folder: Path, kills: int, epochs: int, name: str = TINY.name, seed: int = 0) -> int:
    """Kill one run `kills` times and compare it with one that never stopped; return how often it was writing.

    After each kill every file must be whole, and in the end all files must hold the same: weights and optimizer to
    the bit, history, results, pictures.
    """
    moments = random.Random(seed)
    pauses = complete(folder / "whole", epochs, name)
    half = 0
    for number in range(kills):
        half += kill(folder / "killed", epochs, name, pauses, aimed=number % 2 == 1, moments=moments)
        contents(folder / "killed")
    complete(folder / "killed", epochs, name)
    assert not list(folder.rglob(f"*{PART}"))
    whole, killed = contents(folder / "whole"), contents(folder / "killed")
    assert whole.keys() == killed.keys()
    differ = [name for name in whole if whole[name] != killed[name]]
    assert not differ, f"not the same: {', '.join(differ)}"
    return half


if __name__ == "__main__":
    from colorize_lib import cli

    tiny = {one.name: one for one in (TINY, TINY_GAN, TINY_CYCLE, TINY_CHROMA)}
    recipes.RECIPES.update(tiny | toys.RECIPES)
    systems.SYSTEMS[toys.ToyGAN.name] = toys.ToyGAN
    sys.exit(cli.main())

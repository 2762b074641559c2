"""Peak memory of training, the notebook's way and the course's: python tests/benchmarks/bench_memory.py.

Both ways read the same 160x160 photographs and train the paper's network on batches of 50, each in a process of its
own, TensorFlow included. The notebook's way appends float32 arrays to lists, makes arrays of the lists and calls
`fit`; the course's is `data.load` and `training.train`, with validation and checkpoint. The epoch is cut off after
some steps: by then every photograph is in memory, and the steps that are left out ask for nothing else.

The photographs are those of COLORIZE_DATA, else one made-up photograph under as many names.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

SIZE = 160
TRAINED = 5500 / 6000  # where the notebook cuts its photographs


def stop_after(steps: int) -> Any:
    """Return a callback that ends training after `steps` steps."""
    import keras

    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.stop_training = batch + 1 >= steps

    return Stop()


def notebook(count: int, batch_size: int, steps: int) -> None:
    """Train as the notebook behind the paper does (which reads files with OpenCV)."""
    import keras

    from colorize_lib.data import sources
    from colorize_lib.networks import paper

    color_img, gray_img = [], []
    for entry in sources.find("landscape")[:count]:
        for path, images in ((entry.color, color_img), (entry.gray, gray_img)):
            photo = Image.open(path).convert("RGB").resize((SIZE, SIZE))
            images.append(keras.utils.img_to_array(np.asarray(photo).astype("float32") / 255))
    cut, shape = round(TRAINED * count), (-1, SIZE, SIZE, 3)
    train_gray, train_color = np.reshape(gray_img[:cut], shape), np.reshape(color_img[:cut], shape)
    kept = np.reshape(gray_img[cut:], shape), np.reshape(color_img[cut:], shape)  # for its pictures
    model = paper.paper_network(SIZE)
    model.compile(keras.optimizers.Adam(1e-3), "mean_absolute_error", metrics=["acc"])
    model.fit(train_gray, train_color, batch_size, callbacks=[stop_after(steps)], verbose=0)
    del kept


def course(count: int, batch_size: int, steps: int) -> None:
    """Train as the course does."""
    from colorize_lib import data, recipes, training

    recipe = replace(recipes.find("paper"), size=SIZE, stored_size=SIZE, batch_size=batch_size)
    photographs = data.load("landscape", SIZE, last=count)
    cut = round(TRAINED * count)
    parts = photographs.select(slice(cut)), photographs.select(slice(cut, cut + batch_size))
    with tempfile.TemporaryDirectory() as out:
        training.train(recipe, *parts, out, epochs=1, verbose=False, callbacks=[stop_after(steps)])


WAYS: dict[str, Callable[[int, int, int], None]] = {"notebook": notebook, "course": course}


def gigabytes(way: str, count: int, batch_size: int, steps: int, folder: str) -> float:
    """Return the most memory that one way takes, measured in a process of its own.

    Linux counts the memory of the process that starts another one as if it were the other's: this one must be small.
    """
    command = (
        sys.executable,
        __file__,
        "--way",
        way,
        *map(str, ("-n", count, "--batch", batch_size, "--steps", steps)),
    )
    done = subprocess.run(command, env=os.environ | {"COLORIZE_DATA": folder}, check=True, stdout=subprocess.PIPE)
    return float(done.stdout.split()[-1])


def made_up(folder: Path, count: int) -> None:
    """Fill `folder` with one photograph of noise under `count` names, in the layout of the landscapes."""
    noise = np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, 3), "uint8")
    for kind, mode in (("color", "RGB"), ("gray", "L")):
        (folder / "landscape Images" / kind).mkdir(parents=True)
        Image.fromarray(noise).convert(mode).save(folder / f"{kind}.jpg")
        for i in range(count):
            (folder / "landscape Images" / kind / f"{i}.jpg").symlink_to(folder / f"{kind}.jpg")


def main() -> None:
    """Measure both ways and print them, or one number in a process that measures itself."""
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("-n", type=int, nargs="+", default=[6000], help="how many photographs (default: 6000)")
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        from colorize_lib.backend import start_keras

        start_keras()
        WAYS[options.way](options.n[0], options.batch, options.steps)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(peak * (1 if sys.platform == "darwin" else 1024) / 1e9)
        return
    with tempfile.TemporaryDirectory() as made:
        folder = os.environ.get("COLORIZE_DATA", "")
        if not (Path(folder) / "landscape Images").is_dir():
            made_up(Path(made), max(options.n))
            folder = made
        rows = {n: {way: gigabytes(way, n, options.batch, options.steps, folder) for way in WAYS} for n in options.n}
    if options.json:
        print(json.dumps(rows))
        return
    print(f"{'made-up' if folder == made else 'real'} photographs, {SIZE}x{SIZE}, batch {options.batch}")
    for n, row in rows.items():
        ratio = row["course"] / row["notebook"]
        print(f"{n} photographs: notebook {row['notebook']:.2f} GB, course {row['course']:.2f} GB, ratio {ratio:.3f}")


if __name__ == "__main__":
    main()

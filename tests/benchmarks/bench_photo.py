"""Seconds and memory of `colorize photo` on 24 megapixels: python tests/benchmarks/bench_photo.py."""

import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from colorize_lib.data import sources
from colorize_lib.settings import data_dir

SIZE = (6000, 4000)
TILE = (500, 400)


def photograph() -> Image.Image:
    """Return a mosaic of the sample with some grain: detail everywhere, every brightness, every subject."""
    names = sorted(sources.attributions())
    mosaic = Image.new("RGB", SIZE)
    places = [(x, y) for y in range(0, SIZE[1], TILE[1]) for x in range(0, SIZE[0], TILE[0])]
    for i, place in enumerate(places):
        with Image.open(data_dir() / "sample" / names[i % len(names)]) as tile:
            mosaic.paste(tile.convert("RGB").resize(TILE, Image.Resampling.BICUBIC), place)
    grain = np.random.default_rng(0).integers(-6, 7, (SIZE[1], SIZE[0], 1), dtype="int16")
    return Image.fromarray(np.clip(np.asarray(mosaic) + grain, 0, 255).astype("uint8"))


def main() -> None:
    """Color it once in a process of its own, as a user does; compare with reading and writing it alone."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "photo.jpg", Path(folder) / "colored.jpg"
        photograph().save(source, quality=92)
        start = time.perf_counter()
        with Image.open(source) as image:
            image.save(target, quality=95, subsampling="4:4:4")
        copying = time.perf_counter() - start
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "colorize_lib.cli", "photo", source, "-o", target], check=True)
        coloring = time.perf_counter() - start
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e9
        with Image.open(target) as result:
            print(f"{result.size[0]}x{result.size[1]} {result.format}, {platform.machine()}, {os.cpu_count()} cores")
        cpu = used.ru_utime + used.ru_stime
        print(f"{coloring:.1f} s with the start of Python and TensorFlow, {cpu:.1f} s of CPU time")
        print(f"{coloring / copying:.1f} times what reading and writing it alone takes ({copying:.1f} s)")
        print(f"{peak:.2f} GB of memory at most")


if __name__ == "__main__":
    main()

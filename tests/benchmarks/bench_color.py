"""How fast the color conversions are, as ratios within one run: python tests/benchmarks/bench_color.py."""

import time
from collections.abc import Callable
from functools import partial

import numpy as np
from skimage.color import lab2rgb, rgb2lab

from colorize_lib import color
from colorize_lib.photo.colorizer import STRIPE

REPEATS = 30


def seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds of one call: the smallest of `REPEATS`, so that other programs count least."""
    work()
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def fitted(lab: np.ndarray) -> np.ndarray:
    """Return sRGB with L kept."""
    return color.lab_to_rgb(color.fit_gamut(lab))


def main() -> None:
    """Print a table: each conversion on one stripe of a photograph, against its plain counterpart."""
    rng = np.random.default_rng(0)
    rgb = rng.random((STRIPE, 3), dtype="float32")
    lab = color.rgb_to_lab(rgb)
    rows: list[tuple[str, Callable[[], object], str, Callable[[], object]]] = [
        ("rgb_to_lab", partial(color.rgb_to_lab, rgb), "scikit-image", partial(rgb2lab, rgb)),
        ("lab_to_rgb", partial(color.lab_to_rgb, lab), "scikit-image", partial(lab2rgb, lab)),
    ]
    for share in (0, 0.02, 0.3, 1):
        wanted = lab.copy()
        wanted[: int(share * STRIPE), 1:] *= 3
        outside = (color.fit_gamut(wanted) != wanted).any(axis=1).mean()
        name = f"fit_gamut + lab_to_rgb, {outside:.0%} outside"
        rows.append((name, partial(fitted, wanted), "lab_to_rgb, which clips", partial(color.lab_to_rgb, wanted)))
    print(f"{STRIPE:,} colors, CPU time of one core, best of {REPEATS}")
    for name, ours, other, theirs in rows:
        mine, yours = seconds(ours), seconds(theirs)
        print(f"{name:40} {mine / STRIPE * 1e9:6.0f} ns a color, {mine / yours:5.2f} times {other}")


if __name__ == "__main__":
    main()

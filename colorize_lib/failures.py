"""Photographs that networks of the course color badly, measured (shown on the page of failures).

    python -m colorize_lib.failures

colors some photographs of the sample with the shipped weights, as `colorize photo` and the page do, and writes
data/results/failures.json. What can go wrong is looked at in the whole photograph and in the area that it is about. The
damage and the pan are made here, from photographs of the sample.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from colorize_lib import metrics, provenance
from colorize_lib.color import rgb_to_lab
from colorize_lib.data.reading import open_photo
from colorize_lib.photo.colorizer import Colorizer
from colorize_lib.recipes import find
from colorize_lib.settings import MODEL, data_dir
from colorize_lib.storage import writing

NAME = "failures"  # of the file in data/results
MODELS = (MODEL, "ours")
SEED = 0
SCRATCHES = 14
STAIN = (0.55, 0.15, 0.85, 0.5)  # left, top, right, bottom of an ellipse, as parts of the photograph
DARKENED = 0.55  # what is left of the light below the stain
FRAMES, STEP = 50, 6  # of the pan: how many, and how many pixels to the right each
FRAME = (320, 240)  # pixels, width and height


@dataclass(frozen=True)
class Case:
    """A photograph of the sample, and the area that is looked at: left, top, right, bottom in pixels."""

    file: str
    area: tuple[int, int, int, int]


CASES = {
    "night": Case("winter_palace.webp", (0, 60, 320, 180)),
    "autumn": Case("aitzgorri.jpg", (0, 88, 128, 126)),
    "flag": Case("winter_palace.webp", (163, 0, 177, 7)),
}
DAMAGED = "bekes_weir.webp"
PANNED = "large/picos_de_europa.jpg"


def photograph(file: str) -> np.ndarray:
    """Return a photograph of the sample at its own size, uint8 [height, width, 3]."""
    return np.asarray(open_photo(data_dir() / "sample" / file).convert("RGB"))


@cache
def colorizer(name: str) -> Colorizer:
    """Return the colorizer of a recipe, loaded once."""
    return Colorizer(name)


def colored(name: str, rgb: np.ndarray) -> np.ndarray:
    """Return a photograph as a recipe's shipped weights color it, uint8 [height, width, 3]."""
    return np.asarray(colorizer(name).colorize(Image.fromarray(rgb)))


def colors(rgb: np.ndarray) -> dict[str, float]:
    """Return the mean a, b and chroma of a photograph or a part of it."""
    ab = rgb_to_lab(rgb)[..., 1:].reshape(-1, 2)
    a, b = ab.mean(axis=0)
    return {"a": float(a), "b": float(b), "chroma": float(np.linalg.norm(ab, axis=-1).mean())}


def within(rgb: np.ndarray, area: tuple[int, int, int, int]) -> np.ndarray:
    """Return the part of a photograph that an area names."""
    left, top, right, bottom = area
    return rgb[top:bottom, left:right]


def measure_case(case: Case) -> dict[str, Any]:
    """Return the colors of the whole photograph and of its area, of the truth and by model; and CIEDE2000."""
    truth = photograph(case.file)
    height, width = truth.shape[:2]
    parts = {"photograph": (0, 0, width, height), "area": case.area}
    found: dict[str, Any] = {part: {"truth": colors(within(truth, one))} for part, one in parts.items()}
    for name in MODELS:
        painted = colored(name, truth)
        for part, one in parts.items():
            apart = metrics.color_difference(within(truth, one), within(painted, one)).mean()
            found[part][name] = colors(within(painted, one)) | {"ciede2000": float(apart)}
    return found


def damaged(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a photograph with white scratches and a dark stain, and where these are, bool [height, width]."""
    height, width = rgb.shape[:2]
    rng = np.random.default_rng(SEED)
    scratches = Image.new("L", (width, height))
    draw = ImageDraw.Draw(scratches)
    for x, y, run, rise in rng.uniform((0, 0, -0.1, 0.2), (1, 0.6, 0.1, 0.6), (SCRATCHES, 4)):
        draw.line((x * width, y * height, (x + run) * width, (y + rise) * height), fill=255, width=2)
    stain = Image.new("L", (width, height))
    left, top, right, bottom = STAIN
    ImageDraw.Draw(stain).ellipse((left * width, top * height, right * width, bottom * height), fill=255)
    scratched, stained = np.asarray(scratches) > 0, np.asarray(stain) > 0
    light = np.where(stained[..., None], rgb * DARKENED, rgb)
    return np.where(scratched[..., None], 255, light).astype("uint8"), scratched | stained


def measure_damage() -> dict[str, Any]:
    """Return by model how far a and b move where nothing is damaged, and CIEDE2000 there without and with damage."""
    truth = photograph(DAMAGED)
    spoiled, where = damaged(truth)
    found: dict[str, Any] = {"part": float(where.mean())}
    for name in MODELS:
        sound, other = colored(name, truth), colored(name, spoiled)
        moved = np.linalg.norm((rgb_to_lab(sound) - rgb_to_lab(other))[..., 1:], axis=-1)
        found[name] = {
            "moved": float(moved[~where].mean()),
            "ciede2000": float(metrics.color_difference(truth, sound)[~where].mean()),
            "ciede2000_damaged": float(metrics.color_difference(truth, other)[~where].mean()),
        }
    return found


def frames(rgb: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the frames of a pan over a photograph: as large as `FRAME`, each `STEP` pixels to the right."""
    width, height = FRAME
    top = (rgb.shape[0] - height) // 2
    for i in range(FRAMES):
        yield rgb[top : top + height, i * STEP : i * STEP + width]


def changes(name: str, rgb: np.ndarray) -> np.ndarray:
    """Return how far a and b of each point move from a frame to the next, float32 [frames - 1, height, width - STEP].

    A point is the same place of the scene, which is `STEP` pixels further left in the next frame. So in the photograph
    itself all changes are 0.
    """
    found, before = [], None
    for frame in frames(rgb):
        ab = rgb_to_lab(colored(name, frame))[..., 1:]
        if before is not None:
            found.append(np.linalg.norm(ab[:, :-STEP] - before[:, STEP:], axis=-1))
        before = ab
    return np.stack(found)


def measure_pan() -> dict[str, Any]:
    """Return by model how colors flicker: mean change, that of the worst pair, and what every 20th point exceeds."""
    rgb = photograph(PANNED)
    found: dict[str, Any] = {"frames": FRAMES, "step": STEP, "size": list(FRAME)}
    for name in MODELS:
        moved = changes(name, rgb)
        pairs = moved.mean(axis=(1, 2))
        worst = int(pairs.argmax())
        found[name] = {
            "flicker": float(moved.mean()),
            "every_20th": float(np.quantile(moved, 0.95)),
            "worst": {"frame": worst, "mean": float(pairs[worst])},
            "chroma": colors(colored(name, next(frames(rgb))))["chroma"],  # of the first frame
        }
        print(name, found[name], flush=True)
    return found


def code() -> str:
    """Return the hash of what the numbers depend on."""
    systems = [part for name in MODELS for part in (*find(name).system.code(), find(name).system.representation)]
    return provenance.code_hash(Colorizer, measure_case, measure_damage, measure_pan, *systems)


def main() -> None:
    """Measure everything and write the file."""
    found = {
        "cases": {name: measure_case(case) for name, case in CASES.items()},
        "damage": measure_damage(),
        "pan": measure_pan(),
        "code": code(),
        "made_with": provenance.made_with(),
    }
    writing.write_json(data_dir() / "results" / f"{NAME}.json", found)


if __name__ == "__main__":
    main()

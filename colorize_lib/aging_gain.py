"""What a network gains that was trained on photographs whose gray was made to look old (taught in chapter 32).

    COLORIZE_PLATES=.../plates COLORIZE_DATA=... python -m colorize_lib.aging_gain COMPOSITES WEIGHTS

sets the recipe `old` beside `pretrained`, where it began: on the 32 plates, on composites of other plates (the folder
COMPOSITES), and on today's photographs, as they are and degraded. It writes data/results/aging.json. With more than one
weights file it only says which gains most on the composites that are for choosing, and opens nothing else.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from colorize_lib import data, plate_scores, plates, provenance, zoo
from colorize_lib.data.reading import open_photo
from colorize_lib.data.sources import natural_key
from colorize_lib.networks import Model
from colorize_lib.recipes import find
from colorize_lib.results import mean_and_interval
from colorize_lib.settings import data_dir
from colorize_lib.storage import writing
from colorize_lib.systems.base import LToAb

NAME = "aging"  # of the file in data/results
RECIPE, BEFORE = "old", "pretrained"  # and where it began
EVERY = 5  # of the composites that are none of the 32 plates, every fifth is for choosing, up to
CHOOSING = 200  # of them; the rest are measured once
MEASURES = ("psnr", "ciede2000")


def composites(folder: Path | str, choosing: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return composites that others made of further plates, half-way to gray, as `plate_scores.composites` does.

    uint8 [N, 128, 128, 3], the green channel, stretched, uint8 [N, 128, 128], and where color counts, bool. They have
    no exposures to look at, so fringes are searched in the composites as they are.
    """
    names = sorted({path.name for path in Path(folder).glob("*.jpg")} - set(plates.names()), key=natural_key)
    chosen = names[::EVERY][:CHOOSING]
    found = []
    for name in chosen if choosing else [name for name in names if name not in set(chosen)]:
        rgb = np.asarray(open_photo(Path(folder) / name).convert("RGB"), "float32") / 255
        green = plates.stretched(rgb)[..., 1]
        found.append((plate_scores.resized(rgb), plate_scores.resized(green), plate_scores.known(plates.fringed(rgb))))
    truth, seen, counts = (np.stack(one) for one in zip(*found, strict=True))
    return truth, seen, counts


def colors(model: Model, gray: np.ndarray) -> np.ndarray:
    """Return a and b that a network from L to a and b gives gray photographs, uint8 [N, H, W]: float32 [N, H, W, 2]."""
    parts = data.of_arrays(np.repeat(gray[..., None], 3, axis=-1)).batches()
    return np.concatenate([LToAb.ab(np.asarray(model.predict_on_batch(LToAb.inputs(part)))) for part in parts])


def gain(
    models: tuple[Model, Model], truth: np.ndarray, seen: np.ndarray, counts: np.ndarray | None = None
) -> dict[str, Any]:
    """Return what two networks reach on the same photographs, and the second minus the first, paired."""
    first, second = (plate_scores.scores(truth, colors(model, seen), counts, MEASURES) for model in models)
    return {
        name: {
            "before": mean_and_interval(first[name]),
            "after": mean_and_interval(second[name]),
            "gain": mean_and_interval(second[name] - first[name]),
        }
        for name in MEASURES
    }


def measured(models: tuple[Model, Model], folder: Path | str) -> dict[str, Any]:
    """Return the gains on plates under every balance, on other composites and on today's photographs."""
    truths, green, counts, _ = plate_scores.composites()
    test = data.split(data.load("landscape", first=data.SPLIT["test"][0]))["test"]
    some = test.rgb[:: plate_scores.EVERY]  # those of the table that takes the gap apart
    others = composites(folder, choosing=False)
    return {
        "plates": {balance: gain(models, truth, green, counts) for balance, truth in truths.items()},
        "others": {"photographs": len(others[0])} | gain(models, *others),
        "today": {"photographs": len(test), "fingerprint": data.fingerprint(test)}
        | gain(models, test.rgb, plate_scores.gray_inputs(test.rgb)["L"]),
        "degraded": {what: gain(models, some, seen) for what, seen in plate_scores.gray_inputs(some).items()},
    }


def code() -> str:
    """Return the hash of what the numbers depend on."""
    return provenance.code_hash(composites, colors, gain, measured, LToAb, plate_scores.composites)


def main(folder: str, *weights: str) -> None:
    """Choose among several weights files, or measure one and write the file."""
    version, before = code(), zoo.load_model(BEFORE)
    chosen = composites(folder, choosing=True)
    choice = {path: gain((before, zoo.load_model(path)), *chosen) for path in weights}
    for path, one in choice.items():
        print(path, one["psnr"]["gain"], one["ciede2000"]["gain"], flush=True)
    if len(weights) > 1:
        return
    found: dict[str, Any] = {"recipe": find(RECIPE).to_json()}
    found |= {"composites": {"photographs": len(chosen[0])} | choice[weights[0]]}
    found |= measured((before, zoo.load_model(weights[0])), folder)
    found |= {"code": version, "made_with": provenance.made_with()}
    writing.write_json(data_dir() / "results" / f"{NAME}.json", found)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""How well photographs of 1905 to 1915 are colored whose color was recorded (taught in chapter 32).

    COLORIZE_PLATES=.../plates COLORIZE_DATA=... python -m colorize_lib.plate_scores

aligns the 32 plates of `plates`, lets every network color the green exposure, and compares a and b with the record, at
the record's own L. It writes data/results/plates.json. None of these scenes trains or chooses a network; the numbers of
`plates.fringed` were set by looking at eight of them. What old photographs lack is then taken away from today's,
one thing at a time, and what that costs is measured.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from colorize_lib import data, metrics, plates, provenance, zoo
from colorize_lib.color import as_uint8, lab_to_rgb, lightness, merge
from colorize_lib.recipes import find
from colorize_lib.results import mean_and_interval
from colorize_lib.settings import data_dir
from colorize_lib.storage import writing

NAME = "plates"  # of the file in data/results
ROWS = (
    "gray",
    "paper",
    "ours",
    "ours_vivid",
    "pretrained",
    "pretrained_decibels",
    "pretrained_vivid",
    "classification",
    "classification_plain",
    "pix2pix",
)
MEASURES = ("psnr", "ciede2000", "ab_distance")
BALANCES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "as scanned": plates.stretched_together,
    "stretched": plates.stretched,
    "half-way to gray": plates.half_gray,
    "gray world": plates.gray,
}
BALANCE = "half-way to gray"  # for what is shown under one balance only
TAKEN_APART = ("ours", "pretrained")  # whose gap to today's photographs is taken apart
EVERY = 6  # every sixth test photograph: 105 of them tell these costs well enough
FADED = (0.15, 0.85)  # what black and white become
GRAIN = 0.06  # standard deviation, on a scale from 0 to 1
SEED = 0


def resized(rgb: np.ndarray, size: int = data.SIZE) -> np.ndarray:
    """Return a float image in [0, 1] as the protocol has photographs: uint8, squashed to size x size."""
    return np.asarray(Image.fromarray(as_uint8(rgb)).resize((size, size), Image.Resampling.BICUBIC))


def known(fringed: np.ndarray, size: int = data.SIZE) -> np.ndarray:
    """Return where color counts, bool [size, size]: where less than a quarter of a pixel is fringed."""
    image = Image.fromarray(fringed.astype("uint8") * 255)
    return np.asarray(image.resize((size, size), Image.Resampling.BOX)) < 64


def colors(name: str, gray: np.ndarray) -> np.ndarray:
    """Return a and b that a recipe's shipped weights give gray photographs, uint8 [N, H, W]: float32 [N, H, W, 2]."""
    recipe = find(name)
    if not recipe.system.has_network:
        return np.zeros((*gray.shape, 2), "float32")
    model, found = zoo.load_model(name), []
    for part in data.of_arrays(np.repeat(gray[..., None], 3, axis=-1)).batches():
        output = model.predict_on_batch(recipe.system.representation.inputs(part))
        found.append(recipe.system.representation.ab(np.asarray(output, "float32")))
    return np.concatenate(found)


def scores(
    truth: np.ndarray, ab: np.ndarray, counts: np.ndarray | None = None, measures: tuple[str, ...] = MEASURES
) -> dict[str, np.ndarray]:
    """Return `measures` of each photograph, [N] each, with a and b put under the truth's own L.

    So lightness is right everywhere, and color alone is measured. `counts`, bool [N, H, W], says which pixels count.
    """
    predicted = as_uint8(lab_to_rgb(merge(lightness(truth), ab)))
    counts = np.ones(truth.shape[:3], bool) if counts is None else counts
    pairs = [(t[c][None, None], p[c][None, None]) for t, p, c in zip(truth, predicted, counts, strict=True)]
    return {name: np.array([metrics.METRICS[name](*pair)[0] for pair in pairs]) for name in measures}


def summary(values: dict[str, np.ndarray], base: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return means with 95 % intervals, and by how much they are above those of `base`, paired."""
    return {
        "metrics": {name: mean_and_interval(one) for name, one in values.items()},
        "above_gray": {name: mean_and_interval(one - base[name]) for name, one in values.items()},
    }


def composites() -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray, float]:
    """Return the plates' composites by balance, the green exposures, where color counts, and the alignment's error.

    uint8 [32, 128, 128, 3] and [32, 128, 128], bool [32, 128, 128], and pixels: the largest distance, down or across,
    from the alignment that was checked by eye.
    """
    found: dict[str, list[np.ndarray]] = {name: [] for name in BALANCES}
    green, counts, apart = [], [], 0.0
    for name, checked in plates.reference().items():
        parts = plates.exposures(plates.scan(name))
        moves = plates.alignment(parts)
        apart = max(apart, np.abs(moves[[0, 2]] - [checked["blue"], checked["red"]]).max())
        rgb = plates.composite(parts, moves)
        for balance, function in BALANCES.items():
            found[balance].append(resized(function(rgb)))
        green.append(resized(plates.stretched(rgb)[..., 1]))
        counts.append(known(plates.fringed(plates.stretched(rgb))))
    return {name: np.stack(one) for name, one in found.items()}, np.stack(green), np.stack(counts), float(apart)


def degraded(gray: np.ndarray, faded: bool = False, grain: bool = False) -> np.ndarray:
    """Return gray photographs, uint8, with black and white faded and with grain."""
    values = gray / np.float32(255)
    if faded:
        values = FADED[0] + (FADED[1] - FADED[0]) * values
    if grain:
        values = values + np.random.default_rng(SEED).normal(0, GRAIN, values.shape)
    return as_uint8(values)


def gray_inputs(rgb: np.ndarray) -> dict[str, np.ndarray]:
    """Return what networks may see of color photographs, uint8 [N, H, W] each: L, and what old photographs have.

    A gray pixel whose L is that of the color is "L"; the others begin at the green channel.
    """
    L = lightness(rgb)
    plain = as_uint8(lab_to_rgb(merge(L, np.zeros((*L.shape[:3], 2), "float32"))))[..., 0]
    green = rgb[..., 1]
    return {
        "L": plain,
        "green": green,
        "L, faded": degraded(plain, faded=True),
        "L, grain": degraded(plain, grain=True),
        "green, faded, grain": degraded(green, faded=True, grain=True),
    }


def _decibels(rgb: np.ndarray, ab: np.ndarray, counts: np.ndarray | None) -> np.ndarray:
    return scores(rgb, ab, counts, ("psnr",))["psnr"]


def taken_apart(rgb: np.ndarray, inputs: dict[str, np.ndarray], counts: np.ndarray | None = None) -> dict[str, Any]:
    """Return for each network and input how far it is ahead of gray, and what the input costs against L, in dB."""
    gray = _decibels(rgb, colors("gray", rgb[..., 1]), counts)
    rows: dict[str, Any] = {}
    for name in TAKEN_APART:
        found = {what: _decibels(rgb, colors(name, seen), counts) for what, seen in inputs.items()}
        rows[name] = {
            what: {"above_gray": mean_and_interval(one - gray), "above_L": mean_and_interval(one - found["L"])}
            for what, one in found.items()
        }
        print(name, {what: round(float((one - gray).mean()), 2) for what, one in found.items()}, flush=True)
    return rows


def measure_systems(truths: dict[str, np.ndarray], green: np.ndarray, counts: np.ndarray) -> dict[str, Any]:
    """Return every row under every balance."""
    base = {balance: scores(truth, colors("gray", green), counts) for balance, truth in truths.items()}
    rows = {}
    for name in ROWS:
        ab = colors(name, green)
        rows[name] = {balance: summary(scores(truth, ab, counts), base[balance]) for balance, truth in truths.items()}
        means = {key: round(one["mean"], 2) for key, one in rows[name][BALANCE]["above_gray"].items()}
        print(name, means, flush=True)
    return rows


def code() -> str:
    """Return the hash of what the numbers depend on."""
    made = (plates.alignment, plates.composite, plates.stretched, plates.gray_world, plates.fringed, plates.exposures)
    return provenance.code_hash(*made, composites, colors, scores, summary, gray_inputs, taken_apart, measure_systems)


def main() -> None:
    """Measure everything and write the file."""
    version = code()
    truths, green, counts, apart = composites()
    seen = gray_inputs(truths[BALANCE])
    test = data.split(data.load("landscape", first=data.SPLIT["test"][0]))["test"].select(slice(0, None, EVERY))
    found = {
        "plates": len(green),
        "size": green.shape[1],
        "alignment_error": apart,
        "fringed": float(1 - counts.mean()),
        "colorfulness": {name: float(metrics.colorfulness(one).mean()) for name, one in truths.items()},
        "systems": measure_systems(truths, green, counts),
        "gap": {
            "plates": taken_apart(truths[BALANCE], {"L": seen["L"], "green": green}, counts),
            "today": taken_apart(test.rgb, gray_inputs(test.rgb)),
        },
        "today": {"photographs": len(test), "fingerprint": data.fingerprint(test)},
        "code": version,
        "made_with": provenance.made_with(),
    }
    writing.write_json(data_dir() / "results" / f"{NAME}.json", found)


if __name__ == "__main__":
    main()

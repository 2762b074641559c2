"""What hints gain: how near a picture comes to the truth with the true color at a few places (taught in chapter 31).

    python -m colorize_lib.hint_gain

measures it on the test photographs of the landscapes and writes data/results/hints.json. A hint is the true a, b of a
place, the mean of 3 x 3 pixels; a person knows such colors seldom. The first places of a photograph are the same for
all numbers of hints and for all networks.
"""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from PIL import Image

from colorize_lib import auc, data, hints, metrics, provenance, zoo
from colorize_lib.color import CHROMA_SCALE, lightness, rgb_to_lab
from colorize_lib.networks import color_odds
from colorize_lib.results import mean_and_interval
from colorize_lib.schema import Interval
from colorize_lib.settings import data_dir
from colorize_lib.storage import writing
from colorize_lib.systems.base import LToAb

NAME = "hints"  # of the file in data/results
COUNTS = (0, 1, 2, 5, 10, 20, 50)
MEASURED = "pretrained"  # whose hints are varied
OTHERS = ("ours", "gray")  # with which it is compared, up to 20 hints
FEW = COUNTS[:-1]
VARIED = (1, 5, 20)  # hints whose places and weights are varied
CLASSIFIER = "classification"  # whose odds say where likely colors disagree
SEED = 0
NARROW = {"width": 25 / 128, "lightness": 8.0}
LEFT_OUT = {
    "distance": {"width": np.inf},
    "lightness": {"lightness": np.inf},
    "predicted color": {"chroma": np.inf},
    "all three": {"width": np.inf, "lightness": np.inf, "chroma": np.inf},
}
RED = np.array([60.0, 40.0], "float32")  # a, b that hardly any sky has
SHORT = np.array([25.0, 0.0], "float32")  # a correction that many skies could need

Place = tuple[int, int]
Chooser = Callable[[list[Place]], Place]  # where the next hint is, from where the others are
Rule = Callable[..., np.ndarray]  # `hints.answer`, or `hints.spread` with its widths


class Scene:
    """One photograph: lightness, the network's a and b, and the true ones."""

    def __init__(self, L: np.ndarray, ab: np.ndarray, truth: np.ndarray) -> None:
        """Keep what hints are followed with, [height, width] and twice [height, width, 2]."""
        self.L, self.ab, self.truth = L, ab, truth

    def after(
        self, counts: Iterable[int], choose: Chooser, rule: Rule = hints.answer, **widths: float
    ) -> dict[int, np.ndarray]:
        """Return a and b after as many hints as each of `counts` says; `choose` says where the next one is."""
        places: list[Place] = []
        found = {}
        for count in range(max(counts) + 1):
            if count in counts:
                found[count] = self.with_truth(places, rule, **widths)
            if count < max(counts):
                places.append(choose(places))
        return found

    def with_truth(self, places: list[Place], rule: Rule = hints.answer, **widths: float) -> np.ndarray:
        """Return a and b after a hint at each place that asks for its true color."""
        wanted = np.array([hints.around(self.truth, place) for place in places]).reshape(-1, 2)
        return rule(self.L, self.ab, places, wanted, **widths)

    def at_random(self, seed: int) -> Chooser:
        """Return a way to choose that takes any pixel, each at most once; `seed` is the photograph's."""
        order = np.random.default_rng([SEED, seed]).permutation(self.L.size)
        places = iter(zip(*np.unravel_index(order, self.L.shape), strict=True))
        return lambda chosen: next(places)

    def at_error(self) -> Chooser:
        """Return a way to choose that takes the place whose mean color is farthest from the truth."""
        return lambda chosen: _largest((_means(self.truth - self.with_truth(chosen)) ** 2).sum(axis=-1))

    def at_disagreement(self, entropy: np.ndarray) -> Chooser:
        """Return a way to choose that takes the largest entropy that no hint's share has reached; it needs no truth."""

        def choose(chosen: list[Place]) -> Place:
            total = sum((hints.shares(self.L, self.ab, place) for place in chosen), np.zeros(self.L.shape, "float32"))
            return _largest(entropy * hints.DOUBT / (total + hints.DOUBT))

        return choose


def _means(values: np.ndarray) -> np.ndarray:
    """Return the mean over 3 x 3 pixels round each pixel, at the border of those inside, of [height, width, 2]."""
    padded = np.pad(values, ((1, 1), (1, 1), (0, 0)))
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    sums = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]
    down, across = (np.r_[2, np.full(side - 2, 3), 2].astype("float32") for side in values.shape[:2])
    return sums / (down[:, None] * across)[..., None]


def _largest(values: np.ndarray) -> Place:
    row, column = np.unravel_index(values.argmax(), values.shape)
    return int(row), int(column)


def scenes(name: str, photographs: data.Photographs) -> list[Scene]:
    """Return the photographs as the network called `name` colors them; "gray" colors nothing."""
    L = lightness(photographs.rgb)
    if name == "gray":
        ab = np.zeros((*L.shape[:3], 2), "float32")
    else:
        ab = np.float32(CHROMA_SCALE) * auc.colors_given(zoo.load_model(name), LToAb.inputs(photographs))
    truth = (rgb_to_lab(rgb)[..., 1:] for rgb in photographs.rgb)
    return [Scene(*one) for one in zip(L[..., 0], ab, truth, strict=True)]


def entropies(photographs: data.Photographs, batch_size: int = 50) -> np.ndarray:
    """Return in bits how undecided the odds of `CLASSIFIER` are at each pixel, float32 [N, height, width]."""
    scoring = color_odds.scoring(zoo.load_model(CLASSIFIER))
    found = []
    for batch in photographs.batches(batch_size):
        scores = np.asarray(scoring.predict_on_batch(LToAb.inputs(batch)), "float32")
        odds = np.exp(scores - scores.max(axis=-1, keepdims=True))
        odds /= odds.sum(axis=-1, keepdims=True)
        for bits in -(odds * np.log2(odds + 1e-12)).sum(axis=-1):
            size = photographs.rgb.shape[2:0:-1]
            found.append(np.asarray(Image.fromarray(bits).resize(size, Image.Resampling.BILINEAR)))
    return np.stack(found)


def measured(
    photographs: data.Photographs,
    found: list[dict[int, np.ndarray]],
    measures: tuple[str, ...] = ("psnr",),
) -> dict[int, dict[str, np.ndarray]]:
    """Return the measures of each photograph by the number of hints, from `Scene.after` of each photograph."""
    inputs = LToAb.inputs(photographs)
    values: dict[int, dict[str, np.ndarray]] = {}
    for count in found[0]:
        ab = np.stack([one[count] for one in found]) / np.float32(CHROMA_SCALE)
        picture = LToAb.picture(inputs, ab)
        values[count] = {name: metrics.METRICS[name](photographs.rgb, picture) for name in measures}
    return values


def summary(values: dict[int, dict[str, np.ndarray]]) -> dict[str, Any]:
    """Return means with 95 % intervals by the number of hints, as JSON has them."""
    return {str(count): {name: mean_and_interval(one) for name, one in row.items()} for count, row in values.items()}


def above(values: dict[int, dict[str, np.ndarray]], others: dict[int, dict[str, np.ndarray]]) -> dict[str, Any]:
    """Return by how much the PSNR of each number of hints is above `others`', paired, with 95 % intervals."""
    return {
        str(count): mean_and_interval(row["psnr"] - others[count]["psnr"])
        for count, row in values.items()
        if count in others
    }


def bleeding(
    found: list[Scene], color: np.ndarray | None = None, rule: Rule = hints.answer, **widths: float
) -> Interval:
    """Return which part of a correction arrives far from a hint at the middle of the top eighth.

    The hint asks for `RED`, or if `color` is given for what the network predicted there plus this. The part is the mean
    change of a, b in the lowest quarter of the picture, over the length of the correction; its mean over photographs
    with a 95 % interval.
    """
    parts = []
    for scene in found:
        down, across = scene.L.shape
        place = (down // 16, across // 2)
        asked = RED if color is None else hints.around(scene.ab, place) + color
        changed = rule(scene.L, scene.ab, [place], asked[None], **widths) - scene.ab
        wanted = np.linalg.norm(hints.correction(scene.ab, place, asked))
        parts.append(np.linalg.norm(changed[-down // 4 :], axis=-1).mean() / wanted)
    return mean_and_interval(np.array(parts))


def measure(photographs: data.Photographs) -> dict[str, Any]:
    """Return everything that the file holds of the test photographs."""
    seeds = [int(one) for one in photographs.ids]

    def at_random(
        own: list[Scene], counts: Iterable[int], rule: Rule = hints.answer, **widths: float
    ) -> list[dict[int, np.ndarray]]:
        return [one.after(counts, one.at_random(seed), rule, **widths) for one, seed in zip(own, seeds, strict=True)]

    def said(name: str, values: dict[int, dict[str, np.ndarray]]) -> dict[int, dict[str, np.ndarray]]:
        means = {count: {key: round(float(one.mean()), 2) for key, one in row.items()} for count, row in values.items()}
        print(name, means, flush=True)
        return values

    own = scenes(MEASURED, photographs)
    base = said(MEASURED, measured(photographs, at_random(own, COUNTS), ("psnr", "ciede2000")))
    spread = said("spread", measured(photographs, at_random(own, COUNTS, hints.spread)))
    doubt = entropies(photographs)
    ways = {
        "error": [one.after(VARIED, one.at_error()) for one in own],
        "disagreement": [one.after(VARIED, one.at_disagreement(bits)) for one, bits in zip(own, doubt, strict=True)],
    }
    places = {name: said(name, measured(photographs, one)) for name, one in ways.items()}
    varied = {
        name: measured(photographs, at_random(own, VARIED, hints.spread, **one)) for name, one in LEFT_OUT.items()
    }
    varied["narrow"] = measured(photographs, at_random(own, (*VARIED, COUNTS[-1]), hints.spread, **NARROW))
    for name, one in varied.items():
        said(name, one)
    rules: dict[str, dict[str, float]] = {"spread": {}, **LEFT_OUT, "narrow": NARROW}
    bled = {name: bleeding(own, None, hints.spread, **widths) for name, widths in rules.items()}
    networks = {MEASURED: base}
    for name in OTHERS:
        networks[name] = said(name, measured(photographs, at_random(scenes(name, photographs), FEW)))
    return {
        "networks": {name: summary(one) for name, one in networks.items()},
        "gain": {name: above(one, dict.fromkeys(one, one[0])) for name, one in networks.items()},
        "spread": summary(spread),
        "above_spread": above(base, spread),
        "places": {name: summary(one) | {"above": above(one, base)} for name, one in places.items()},
        "widths": {name: summary(one) | {"above": above(one, spread)} for name, one in varied.items()},
        "bleeding": {"shipped": bleeding(own)} | bled,
        "bleeding_short": {"shipped": bleeding(own, SHORT), "spread": bleeding(own, SHORT, hints.spread)},
    }


def main() -> None:
    """Measure everything and write the file."""
    photographs = data.split(data.load("landscape", first=data.SPLIT["test"][0]))["test"]
    found = {
        "test": measure(photographs),
        "data": data.fingerprint(photographs),
        "code": code(),
        "made_with": provenance.made_with(),
    }
    writing.write_json(data_dir() / "results" / f"{NAME}.json", found)


def code() -> str:
    """Return the hash of what the numbers depend on."""
    methods = (Scene.after, Scene.with_truth, Scene.at_random, Scene.at_error, Scene.at_disagreement)
    return provenance.code_hash(hints.answer, hints.spread, *methods, scenes, entropies, measured, bleeding, measure)


if __name__ == "__main__":
    main()

"""Three ways to color one photograph, each coherent and each likely, from the odds of its colors (chapters 21 and 31).

Which colors are likely where, a network of `color_odds` says for each place by itself. Choosing each place's color by
itself would make a patchwork. So the choice is made once for the whole picture: toward one side of the a, b plane.

- Odds are tilted toward a side u, a direction of length 1: a color c gets ``e^(TILT u . c)`` times its odds before they
  add up to 1 again. The tilted mean of a place is the mean color of these odds. Where the odds know one color only, it
  stays; where several are likely, it moves.
- At `PLACES` places hints ask for their tilted means, and the rest of the picture follows them as it follows a
  person's (`hints.answer`). The places come one after another: each is the one whose odds have the largest entropy,
  times r / (r + the shares that it takes of the hints before), with r of `hints`.
- The odds' grid is that of `scores`; a place is the center of one of its pixels.

    python -m colorize_lib.alternatives

prints how far apart the three are on validation photographs, and how likely.
"""

from itertools import combinations

import numpy as np

from colorize_lib import color, data, hint_gain, hints, metrics, zoo
from colorize_lib.hints import Hint
from colorize_lib.networks import color_odds
from colorize_lib.results import mean_and_interval
from colorize_lib.systems.base import LToAb

SIDES = {"warmer": 45, "greener": 150, "bluer": 270}  # directions in the a, b plane, in degrees from a to b
TILT = 0.035  # per unit of a, b: 20 units farther toward a side, the odds are doubled
PLACES = 12


def odds_of(scores: np.ndarray) -> np.ndarray:
    """Return odds from their logarithms, [..., Q], which may be off by a constant."""
    odds = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return odds / odds.sum(axis=-1, keepdims=True)


def tilted_mean(scores: np.ndarray, degrees: float) -> np.ndarray:
    """Return the mean a, b, [..., 2], of odds that are tilted toward a side; `scores`, [..., Q], as for `odds_of`."""
    colors = color_odds.colors().ab
    side = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    return odds_of(scores + TILT * colors @ side) @ colors


def places(L: np.ndarray, ab: np.ndarray, scores: np.ndarray) -> list[tuple[int, int]]:
    """Return rows and columns, in the grid of `scores`, of the places that get hints; see `alternatives`."""
    odds = odds_of(scores)
    left = -(odds * np.log(odds + 1e-12)).sum(axis=-1)
    step = len(L) // len(scores)
    total = np.zeros(left.shape)
    found = []
    for _ in range(min(PLACES, left.size)):
        row, column = map(int, np.unravel_index((left / (total + hints.DOUBT)).argmax(), left.shape))
        found.append((row, column))
        left[row, column] = -1  # once is enough, also where the place is noise, of which a hint there reaches little
        middle = (step * row + step // 2, step * column + step // 2)
        total += hints.shares(L, ab, middle)[step // 2 :: step, step // 2 :: step]
    return found


def alternatives(L: np.ndarray, ab: np.ndarray, scores: np.ndarray) -> dict[str, list[Hint]]:
    """Return hints for each of `SIDES`, which `hints.follow` makes a picture of.

    Parameters
    ----------
    L, ab : numpy.ndarray
        Lightness and the network's a and b on its grid, [height, width] and [height, width, 2].
    scores : numpy.ndarray
        Of `color_odds.scoring`: logarithms of the odds, [height / 4, width / 4, Q].
    """
    step = len(L) // len(scores)
    found: dict[str, list[Hint]] = {name: [] for name in SIDES}
    for row, column in places(L, ab, scores):
        x, y = ((i + 0.5) / n for i, n in zip((column, row), scores.shape[1::-1], strict=True))
        light = hints.around(L, (step * row + step // 2, step * column + step // 2))
        for name, degrees in SIDES.items():
            lab = color.fit_gamut(np.array([light, *tilted_mean(scores[row, column], degrees)]))
            red, green, blue = map(int, color.as_uint8(color.lab_to_rgb(lab)))
            found[name].append(Hint(x, y, (red, green, blue)))
    return found


def likelihood(ab: np.ndarray, scores: np.ndarray) -> float:
    """Return the mean logarithm of the odds of a picture's colors, each counted as the nearest color that has odds."""
    step = len(ab) // len(scores)
    means = ab.reshape(len(scores), step, -1, step, 2).mean(axis=(1, 3))
    nearest = ((means[:, :, None] - color_odds.colors().ab) ** 2).sum(axis=-1).argmin(axis=-1)
    return float(np.log(np.take_along_axis(odds_of(scores), nearest[..., None], axis=-1) + 1e-12).mean())


def main(first: int = 6000, last: int = 6100) -> None:
    """Print what the three are like on validation photographs."""
    photographs = data.load("landscape", first=first, last=last)
    inputs = LToAb.inputs(photographs)
    scoring = color_odds.scoring(zoo.load_model(hint_gain.CLASSIFIER))
    found: dict[str, list[np.ndarray]] = {name: [] for name in ("as predicted", *SIDES)}
    likely: dict[str, list[float]] = {name: [] for name in found}
    for i, scene in enumerate(hint_gain.scenes(hint_gain.CLASSIFIER, photographs)):
        scores = np.asarray(scoring.predict_on_batch(inputs[i : i + 1]), "float32")[0]
        none: dict[str, list[Hint]] = {"as predicted": []}
        for name, asked in (none | alternatives(scene.L, scene.ab, scores)).items():
            found[name].append(hints.follow(scene.L, scene.ab, asked))
            likely[name].append(likelihood(found[name][-1], scores))
    pictures = {
        name: LToAb.picture(inputs, np.stack(ab) / np.float32(color.CHROMA_SCALE)) for name, ab in found.items()
    }
    for name, values in likely.items():
        print(name, "mean log odds", mean_and_interval(np.array(values)))
    for one, other in combinations(pictures, 2):
        apart = metrics.METRICS["ciede2000"](pictures[one], pictures[other])
        print(one, other, "CIEDE2000", mean_and_interval(apart), "a tenth below", np.percentile(apart, 10).round(2))


if __name__ == "__main__":
    main()

"""Checks for the exercises of chapter 24, learning without pairs."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from colorize_lib import color, data
from colorize_lib.exercises.verdict import (
    Hint,
    alike,
    check,
    close,
    entries,
    not_exchanged,
    numbers,
    result_of,
    several,
)

GRAYS, PAINTED, BACK = (0.2, 0.6), (0.3, 0.5), (0.25, 0.6)  # two pixels: gray, as light as painted, gray again
WEIGHT = 10.0  # of the cycle and of the color loss
DARK, LIGHT, SHARE = 0.4, 0.6, 0.7  # the grays of green and of blue things, and how many are green, in exercise 2
SWAPPED = ("cycle", "color", "critic")
TIMES = 32.0  # by which the color is made smaller before it is hidden, in exercise 4
KEPT = ("as it is", "in 8 bits")
PHOTOGRAPHS = (6, 4, 2, 4, 2, 2)  # in each series, A to F, in exercise 5
SERIES = dict(zip("ABCDEF", zip(["mountains"] * 3 + ["sea"] * 3, PHOTOGRAPHS, strict=True), strict=True))
KINDS = ("gray", "color")


@check
def by_hand(cycle: Any, lightness: Any, total: Any) -> str:
    """Check the cycle loss and the color loss of two pixels, and their weighted sum."""
    found = [
        float(numbers(one, (), name)) for one, name in ((cycle, "cycle"), (lightness, "lightness"), (total, "total"))
    ]
    gray, painted, back = (np.array(values) for values in (GRAYS, PAINTED, BACK))
    first, second = np.abs(back - gray).mean(), np.abs(painted - gray).mean()
    if close(found[:2], [second, first], 1e-3):
        raise Hint(
            "cycle and lightness are exchanged: the cycle compares what comes back, the color loss what is painted."
        )
    kinds = [
        (2 * first, "that is the sum over both pixels. L1 is their mean"),
        (
            np.abs(back - painted).mean(),
            "that compares the second step with the first. Compare the end with the beginning",
        ),
    ]
    for value, why in kinds:
        if close(found[0], value, 1e-3):
            raise Hint(f"cycle: {why}.")
    if not close(found[0], first, 1e-3):
        raise Hint("cycle: for each pixel, how far is the gray that comes back from the gray that went in?")
    kinds = [
        (2 * second, "that is the sum over both pixels. L1 is their mean"),
        (0.0, "one pixel is too light and the other too dark. L1 takes distances without sign, so they don't cancel"),
    ]
    for value, why in kinds:
        if close(found[1], value, 1e-3):
            raise Hint(f"lightness: {why}.", 1 / 3)
    if not close(found[1], second, 1e-3):
        raise Hint(
            "lightness: for each pixel, how far is the gray of the painted color from the gray that went in?", 1 / 3
        )
    right = WEIGHT * (first + second)
    if close(found[2], first + second, 1e-3):
        raise Hint("total: both losses are multiplied by their weight before they are added.", 2 / 3)
    if not close(found[2], right, 0.01):
        raise Hint(f"total: {WEIGHT:g} times each of the two, added.", 2 / 3)
    return "Most of it comes from the painted lightness, which the cycle alone would let pass."


def of_the_best_critic(real: np.ndarray, painted: np.ndarray) -> float:
    """Return the least loss of a critic with squares, from the shares of real and of painted colors."""
    return float((real * painted / (real + painted)).sum() / 2)


@check
def swap(predicted: Any) -> str:
    """Check what three losses say of generators that exchange two colors."""
    guess = {name: float(numbers(value, (), name)) for name, value in entries(predicted, SWAPPED).items()}
    real = np.array([SHARE, 1 - SHARE])
    right = {"cycle": 0.0, "color": LIGHT - DARK, "critic": of_the_best_critic(real, real[::-1])}
    not_exchanged(guess, right, 0.004)
    if not close(guess["cycle"], 0, 0.004):
        raise Hint("cycle: follow a dark pixel. It becomes blue. What does the other generator make of blue?")
    if close(guess["color"], 0, 0.004):
        raise Hint(
            "color: this loss doesn't wait for the way back. How light is the color that a dark pixel gets?", 1 / 3
        )
    if not close(guess["color"], right["color"], 0.004):
        raise Hint("color: every pixel is off by the same amount, the distance of the two grays.", 1 / 3)
    if close(guess["critic"], 0.25, 0.004):
        raise Hint(
            "critic: it would be .25 if both colors were as frequent among the painted as among the real ones. How "
            "many of the painted are green?",
            2 / 3,
        )
    if close(guess["critic"], 0, 0.004):
        raise Hint("critic: no single painted color is impossible. Only their shares are wrong.", 2 / 3)
    if close(guess["critic"], 2 * right["critic"], 0.004):
        raise Hint("critic: the loss is half of the two means.", 2 / 3)
    if not close(guess["critic"], right["critic"], 0.006):
        raise Hint(
            "critic: for each color D = r / (r + f). Then half of r (1 - D)² + f D², added over both colors.", 2 / 3
        )
    return "The cycle sees nothing, the critic little, and the color loss each pixel."


def _paint(picture: np.ndarray) -> np.ndarray:
    return np.asarray(picture * np.array([0.9, 0.5, 0.2]) + 0.05)


def _fade(picture: np.ndarray) -> np.ndarray:
    return np.asarray(0.8 * picture[..., [1, 2, 0]] + 0.1)


def _gray(picture: np.ndarray) -> np.ndarray:
    return np.asarray(picture @ np.array([0.2, 0.7, 0.1]))[..., None]


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one - other).mean())


def right_losses(gray: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Return the cycle, the color and the identity loss of the generators that `losses` tries."""
    cycle = _apart(_fade(_paint(gray)), gray) + _apart(_paint(_fade(colors)), colors)
    light = _apart(_gray(_paint(gray)), _gray(gray)) + _apart(_gray(_fade(colors)), _gray(colors))
    return np.array([cycle, light, _apart(_paint(colors), colors) + _apart(_fade(gray), gray)])


@check
def losses(function: Any) -> str:
    """Check the three losses beside the critics', from two generators."""
    rng = np.random.default_rng(0)
    gray, colors = np.repeat(rng.random((2, 4, 4, 1)), 3, axis=-1), rng.random((2, 4, 4, 3))

    def given(*pictures: np.ndarray) -> np.ndarray:
        made: list[Callable[..., Any]] = [_paint, _fade, _gray]
        found = several(result_of(function, *pictures, *made), "three numbers", 3)
        return np.array([float(numbers(one, (), "each loss")) for one in found])

    found, right = given(gray, colors), right_losses(gray, colors)
    ways = [_apart(_fade(_paint(gray)), gray), _apart(_paint(_fade(colors)), colors)]
    if any(alike(found[0], one, 1e-4) for one in ways):
        raise Hint("cycle: that is one way. There are two: from gray to gray, and from color to color.")
    if alike(found[0], sum(ways) / 2, 1e-4):
        raise Hint("cycle: the two ways are added, not averaged.")
    if alike(
        found[0], np.square(_fade(_paint(gray)) - gray).mean() + np.square(_paint(_fade(colors)) - colors).mean(), 1e-4
    ):
        raise Hint("cycle: L1 takes the distance itself, not its square.")
    if not alike(found[0], right[0], 1e-4):
        raise Hint("cycle: to_gray(to_color(gray)) against gray, and to_color(to_gray(colors)) against colors.")
    straight = _apart(_paint(gray), gray) + _apart(_fade(colors), colors)
    if alike(found[1], straight, 1e-4):
        raise Hint(
            "color: pictures are compared there, channel by channel. Compare their grays: gray_of of each.", 1 / 3
        )
    if any(
        alike(found[1], one, 1e-4)
        for one in (_apart(_gray(_paint(gray)), _gray(gray)), _apart(_gray(_fade(colors)), _gray(colors)))
    ):
        raise Hint("color: that is one way. What is painted in gray has to be as light as its photograph, too.", 1 / 3)
    if not alike(found[1], right[1], 1e-4):
        raise Hint("color: gray_of what is painted against gray_of what went in, for both generators.", 1 / 3)
    if alike(found[2], straight, 1e-4):
        raise Hint(
            "identity: that asks a generator to do nothing at all. It should leave what is of its own kind.", 2 / 3
        )
    if not alike(found[2], right[2], 1e-4):
        raise Hint("identity: to_color(colors) against colors, and to_gray(gray) against gray.", 2 / 3)
    if not alike(given(colors[:1], gray), right_losses(colors[:1], gray), 1e-4):
        raise Hint("Right for the first pictures, and not for others: what does your function take for granted?", 2 / 3)
    return "None of the three needs the same place in gray and in color."


def hidden(rgb: np.ndarray, times: float = TIMES) -> np.ndarray:
    """Return photographs, R, G, B in [0, 1], whose color is `times` smaller than it was."""
    middle = rgb.mean(axis=-1, keepdims=True)
    return np.asarray(middle + (rgb - middle) / times)


@cache
def errors() -> dict[str, float]:
    """Return how far what is revealed is from the sample at 32 x 32, in steps of 8 bits."""
    rgb = color.as_float(data.load("sample", 32).rgb).astype("float64")
    faded = hidden(rgb)
    kinds = dict(zip(KEPT, (faded, np.rint(255 * faded) / 255), strict=True))
    return {kind: float(255 * np.abs(hidden(one, 1 / TIMES) - rgb).mean()) for kind, one in kinds.items()}


@check
def reveal(function: Any, error: Any) -> str:
    """Check the function that makes hidden colors large again, and what 8 bits leave of them."""
    rng = np.random.default_rng(1)
    faded = hidden(rng.random((2, 3, 4, 3)))

    def given(times: float) -> np.ndarray:
        return numbers(result_of(function, faded, times), faded.shape, "what is revealed")

    found, middle = given(8.0), faded.mean(axis=-1, keepdims=True)
    if alike(found, 8 * (faded - middle), 1e-5):
        raise Hint("Only the difference is left: put it back onto the mean of the channels.")
    if alike(found, 8 * faded, 1e-5):
        raise Hint(
            "Everything is made larger, the gray as well. Only what sets a channel apart from the mean should be."
        )
    if alike(found, faded.mean() + 8 * (faded - faded.mean()), 1e-5):
        raise Hint("That is the mean of the whole picture. Each pixel has a mean of its own three channels.")
    if alike(found, faded, 1e-5) or alike(found, middle + (faded - middle) / 8, 1e-5):
        raise Hint("The difference has to become `times` as large.")
    if not alike(found, hidden(faded, 1 / 8), 1e-5):
        raise Hint("The mean of a pixel's channels, plus `times` what each channel differs from it.")
    if not alike(given(2.0), hidden(faded, 1 / 2), 1e-5):
        raise Hint("Right for a factor of 8, and not for another one: use `times`.", 0.25)
    guess = {kind: float(numbers(value, (), f"error[{kind!r}]")) for kind, value in entries(error, KEPT).items()}
    not_exchanged(guess, errors(), 0.05, 0.5)
    if close(guess[KEPT[0]], errors()[KEPT[0]], 0.02) and close(guess[KEPT[1]], errors()[KEPT[1]] / 255, 0.02):
        raise Hint("Give steps of 8 bits: 255 times as many.", 0.5)
    if not close(guess[KEPT[0]], errors()[KEPT[0]], 0.05):
        raise Hint(f"error[{KEPT[0]!r}]: hide the photographs, reveal them by the same factor, and compare.", 0.5)
    if not close(guess[KEPT[1]], errors()[KEPT[1]], 0.1):
        raise Hint(f"error[{KEPT[1]!r}]: round to whole steps what was hidden, and only then reveal it.", 0.75)
    off = errors()[KEPT[1]]
    return f"All of the color comes back where nothing was rounded; after rounding it is off by {off:.1f} steps."


def _count(series: list[str], scene: str | None = None) -> int:
    return sum(SERIES[name][1] for name in series if scene in (None, SERIES[name][0]))


@check
def parts(chosen: Any) -> str:
    """Check two halves of a data set in which no place is shown in gray and in color."""
    said = entries(chosen, KINDS)
    halves = {
        kind: [str(one).strip().upper() for one in np.ravel(np.array(value, object))] for kind, value in said.items()
    }
    known = [name for half in halves.values() for name in half]
    unknown = [name for name in known if name not in SERIES]
    if unknown:
        raise Hint(f"There is no series {unknown[0][:20]!r}; there are: {', '.join(SERIES)}.")
    both = sorted(set(halves["gray"]) & set(halves["color"]))
    if both:
        raise Hint(f"Series {both[0]} is in both halves, so one place is shown in gray and in color: almost a pair.")
    if sorted(known) != sorted(SERIES):
        missing = sorted(set(SERIES) - set(known))
        raise Hint(f"Series {missing[0]} is in no half." if missing else "A series is named twice.", 0.25)
    if _count(halves["gray"]) != _count(halves["color"]):
        sizes = " and ".join(f"{_count(half)} photographs in {kind}" for kind, half in halves.items())
        raise Hint(f"No place is in both halves, but they have {sizes}.", 0.25)
    for scene in ("mountains", "sea"):
        counts = [_count(halves[kind], scene) for kind in KINDS]
        if counts[0] != counts[1]:
            raise Hint(
                f"Of {scene}, {counts[0]} photographs are in gray and {counts[1]} in color. A critic that sees more of "
                "one scene in color asks for its colors everywhere.",
                0.5,
            )
    return "As many photographs in each half, the same scenes, and no place in both."

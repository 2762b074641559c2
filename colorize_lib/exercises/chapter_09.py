"""Checks for the exercises of chapter 09, the loss analysis."""

from typing import Any

import numpy as np

from colorize_lib import synthetic
from colorize_lib.color import CHROMA_SCALE, fit_gamut
from colorize_lib.exercises.verdict import (
    Hint,
    alike,
    also,
    array_of,
    check,
    close,
    not_exchanged,
    numbers,
    on_used_memory,
    result_of,
)

A_OF_TREES, ODDS_OF_TREES = np.array([-0.3, 0.0, 0.4]), np.array([0.45, 0.2, 0.35])
GREEN, BROWN, RED = A_OF_TREES.tolist()
GREENS, BROWNS, REDS = ODDS_OF_TREES.tolist()
TREES = synthetic.World(np.stack([A_OF_TREES, np.zeros(3)], axis=1), ODDS_OF_TREES)
PLACES = 5
FIVE = np.array([-0.4, -0.4, -0.3, 0.1, 0.5])
TRIED = ((0.1, 0.2), (-0.3, 0.2), (0.1, 0.6), (-0.3, 0.6))  # x and s
EXACT, ROUNDED = 0.001, 0.0056  # three digits are asked for; two are "rounded too far"
APART, PALER, OUTSIDE, RAREST = 0.08, 10.0, 0.02, 0.05  # what exercise 5 asks for


def _to_three_digits(name: str, found: Any, right: float, otherwise: str) -> None:
    """Raise a Hint unless an answer is right to three digits: that it is rounded too far, or else `otherwise`."""
    if not close(found, right, EXACT):
        near = close(found, right, ROUNDED)
        raise Hint(f"{name}: rounded too far. Give three digits after the point." if near else f"{name}: {otherwise}")


@check
def trees(by_l2: Any, by_l1: Any, by_huber: Any, likeliest: Any) -> str:
    """Check the best answers under L2, L1 and Huber's loss, and the likeliest color, of a world with three colors."""
    given = {"by_l2": by_l2, "by_l1": by_l1, "by_huber": by_huber, "likeliest": likeliest}
    found = {name: float(numbers(value, (), name)) for name, value in given.items()}
    mean, median = float(synthetic.mean(TREES)[0]), float(synthetic.quantiles(TREES)[0][0])
    huber, mode = float(synthetic.huber(TREES)[0]), float(A_OF_TREES[ODDS_OF_TREES.argmax()])
    right = {"by_l2": mean, "by_l1": median, "by_huber": huber, "likeliest": mode}
    not_exchanged(found, right, EXACT)
    for name, value in found.items():
        if right[name] and close(value, CHROMA_SCALE * right[name], 0.1):
            raise Hint(f"{name}: {value:g} is a. Asked for is a / {CHROMA_SCALE:.0f}, as the colors are given.")
        if name == "likeliest" and close(value, -right[name], EXACT):
            raise Hint("likeliest: the size is right, the sign isn't. Green's a lies below 0.")
        if right[name] and close(value, -right[name], EXACT):
            raise Hint(f"{name}: the size is right, the sign isn't. Who pulls harder, green (a < 0) or red (a > 0)?")
    l2, l1, by_h, likely = found.values()
    if close(l2, A_OF_TREES.mean(), 0.003):
        raise Hint("by_l2: the three colors do not occur equally often. Weigh each by its odds.")
    if close(l2, np.abs(A_OF_TREES) @ ODDS_OF_TREES, 0.003):
        raise Hint("by_l2: green's a is below 0, and takes away from red's.")
    if close(l2, median, EXACT) or close(l2, mode, EXACT):
        raise Hint("by_l2: that is one of the colors. L2 answers with a mean: odds times a, added up.")
    slope = f"{GREENS} (x {-GREEN:+g})² + {BROWNS} (x {-BROWN:+g})² + {REDS} (x {-RED:+g})²"
    _to_three_digits("by_l2", l2, mean, f"where is the slope of {slope} zero?")
    if close(l1, mode, EXACT):
        raise Hint("by_l1: green leads, but has less than half. Does a small step away from it toward the others pay?")
    if close(l1, mean, EXACT):
        raise Hint("by_l1: that is L2's answer once more. Under L1 each tree pulls alike, however far away it is.")
    if close(l1, A_OF_TREES[[0, -1]].mean(), EXACT):
        raise Hint("by_l1: halfway between green and red no tree is counted. How many stand on either side?")
    if close(l1, A_OF_TREES.max(), EXACT):
        raise Hint(
            f"by_l1: on one side of red stand all the other trees, {GREENS + BROWNS:g}. A step toward them pays."
        )
    if not close(l1, median, EXACT):
        raise Hint("by_l1: add up the odds from the smallest a. Which color takes them past one half?")
    if close(by_h, median, EXACT):
        raise Hint(f"by_huber: at brown, green pulls with {GREENS} · 0.1 and red with {REDS} · 0.1. Is that balanced?")
    if close(by_h, (mean + median) / 2, 0.002):
        raise Hint("by_huber: nothing keeps Huber's answer between the other two. Write down who pulls how hard.")
    if close(by_h, mean, EXACT):
        raise Hint(
            "by_huber: that is L2's answer. From 0.1 on distance stops to count, and green and red are further away."
        )
    if close(by_h, mode, EXACT):
        raise Hint(
            f"by_huber: at green, brown and red pull with {BROWNS + REDS:g} · 0.1, green itself not at all. Balanced?"
        )
    if close(by_h, (ODDS_OF_TREES[2] - ODDS_OF_TREES[0]) * synthetic.DELTA, EXACT):
        raise Hint(
            "by_huber: that is the pull of green and red. Brown pulls with its odds times the distance: divide by them."
        )
    _to_three_digits(
        "by_huber",
        by_h,
        huber,
        "far colors pull with their odds times 0.1, near ones with their odds times the distance.",
    )
    if close(likely, ODDS_OF_TREES.max(), EXACT):
        raise Hint("likeliest: that is how often green occurs. Asked for is its a / 110.")
    if close(likely, mean, EXACT):
        raise Hint("likeliest: that is a mean over the odds. To take the likeliest is to take one of the three colors.")
    if not close(likely, mode, EXACT):
        raise Hint("likeliest: classification keeps the odds; take the color with the largest one.")
    return "Four questions, four answers, and two of these are the color of no tree."


def border(weights: np.ndarray) -> float:
    """Return the spread of a rise of 1 that goes up by `weights`, step by step."""
    return float(weights.sum() / weights.max())


@check
def edge(l2_spread: Any, l1_spread: Any, l1_across_truth: Any) -> str:
    """Check the spreads, in pixels, of a border that lies at any of five places with equal odds."""
    given = {"l2_spread": l2_spread, "l1_spread": l1_spread, "l1_across_truth": l1_across_truth}
    soft, sharp, across = (float(numbers(value, (), name)) for name, value in given.items())
    even = border(np.full(PLACES, 1 / PLACES))
    right = dict(zip(given, (even, 1.0, even), strict=True))
    not_exchanged(dict(zip(given, (soft, sharp, across), strict=True)), right, 0.05)
    if close(soft, 1, 0.05):
        raise Hint("l2_spread: each true picture has a sharp border. At each pixel, what is the mean of the five?")
    if close(soft, even - 1, 0.05):
        raise Hint("l2_spread: count the steps, not the pixels between them: the rise divided by the steepest step.")
    if not close(soft, even, 0.05):
        raise Hint("l2_spread: write the mean of b for each pixel along the row. How large is its steepest step?")
    if close(sharp, even, 0.05):
        raise Hint("l1_spread: that is the mean's. At each pixel take the median of the five true values.")
    if not close(sharp, 1, 0.05):
        raise Hint("l1_spread: a median of five values that are all 10 or 40 is one of the two. Write down the row.")
    if close(across, 1, 0.05):
        raise Hint(
            "l1_across_truth: the painted border is sharp, but the walks start from the truth's. Average all five."
        )
    if not close(across, even, 0.05):
        raise Hint("l1_across_truth: line the five walks up at the true border. Where does each meet the painted one?")
    return "Misplaced and sharp looks like soft, until you walk across the picture's own edges."


def surprises(y: np.ndarray, power: int) -> np.ndarray:
    """Return what the surprise is at `TRIED`, but for the factor: Laplace's (power 1) or a Gaussian's (2)."""
    return np.array([(np.abs(y - x) ** power).mean() / (power * s**power) for x, s in TRIED])


def judge_surprise(function: Any) -> None:
    """Raise a Hint unless `function` is the mean of -log p under Laplace's density."""
    rng = np.random.default_rng(0)
    y = rng.choice([-0.4, 0.2, 0.5], 900, p=[0.6, 0.3, 0.1]) + rng.normal(0, 0.02, 900)
    values = [numbers(result_of(function, y, x, s), (), "surprise(y, x, s)") for x, s in TRIED]
    found, distances, factor = np.array(values), surprises(y, 1), np.log([2 * s for _, s in TRIED])
    if alike(found, -distances - factor):
        raise Hint("The sign: minus the logarithm is asked for, which is small where p is large.")
    if alike(found, distances):
        raise Hint(
            "The factor 1 / (2s) of the density is missing. It moves no x, but without it the largest s is best."
        )
    if alike(found, distances - factor):
        raise Hint("-log of 1 / (2s) is +log(2s).")
    if any(alike(found, distances + factor / np.log(base)) for base in (2, 10)):
        raise Hint("The natural logarithm is asked for: np.log.")
    if any(alike(found, (distances + factor) / np.log(base)) for base in (2, 10)):
        raise Hint("That is another logarithm, of base 2 or 10. The natural one is asked for: np.log.")
    if alike(found, len(y) * (distances + factor), 1e-2):
        raise Hint("That is the sum over all true values; the mean is asked for.")
    if alike(found, surprises(y, 2) + factor + np.log(np.pi / 2) / 2):
        raise Hint("That is the Gaussian's. Laplace's density falls with the distance |y - x|, not with its square.")
    near, signed, middle = (
        np.array([value(y - x, s) for x, s in TRIED])
        for value in (
            lambda apart, s: np.abs(apart).mean(),
            lambda apart, s: apart.mean() / s,
            lambda apart, s: np.median(np.abs(apart)) / s,
        )
    )
    scales = np.array([s for _, s in TRIED])
    if alike(found, near + factor):
        raise Hint("|y - x| isn't divided by s: a distance counts in units of the scale.")
    if alike(found, near * scales + factor):
        raise Hint("|y - x| is multiplied by s. In the exponent of the density it is divided by s.")
    if alike(found, signed + factor):
        raise Hint("y - x without its absolute value: values below x take away from those above it.")
    if alike(found, middle + factor):
        raise Hint("That takes the median of the distances. The surprise is their mean.")
    if alike(found, distances - np.log(scales / 2)):
        raise Hint("1 / 2 * s is half of s: the density has 1 / (2 * s).")
    if alike(found, distances + np.log(scales)):
        raise Hint("log(s) is there, and the 2 of 1 / (2s) isn't.")
    if alike(found, -np.log([np.mean(np.exp(-np.abs(y - x) / s) / (2 * s)) for x, s in TRIED])):
        raise Hint("First the logarithm of each value's density, then the mean: the other order is another number.")
    if alike(found, np.exp(-distances) / (2 * scales)) or alike(
        found, [np.mean(np.exp(-np.abs(y - x) / s) / (2 * s)) for x, s in TRIED], 1e-4
    ):
        raise Hint("That is a density. Its logarithm is asked for, with a minus.")
    if not alike(found, distances + factor):
        raise Hint("The logarithm of a product is a sum: -log(1 / (2s)) and |y - x| / s. Then take the mean over y.")
    also(function, np.array([0.0, 1.0]), 0.5, 0.5, gives=1.0)
    also(function, np.zeros(3), 0.0, 0.5, gives=0.0)


def judge_scale(scale: Any) -> None:
    """Raise a Hint unless `scale` is the best one for the five values."""
    best = float(numbers(scale, (), "scale"))
    from_median, from_mean = np.abs(FIVE - np.median(FIVE)), np.abs(FIVE - FIVE.mean())
    if close(best, FIVE.std(), 0.003) or close(best, FIVE.std(ddof=1), 0.003):
        raise Hint(
            "scale: the standard deviation is the Gaussian's best sigma. Where is the slope of m / s + log(2s) zero?"
        )
    if close(best, from_mean.mean(), 0.003):
        raise Hint("scale: these are distances from the mean. Which x is best under this density?")
    m = from_median.mean()
    kinds = [
        (-m, "a scale is a length, and has no minus"),
        (m / 2, "that is half of it: the 2 of 1 / (2s) drops out of the slope"),
        (2 * m, "that is twice as much: the 2 of 1 / (2s) drops out of the slope"),
        (from_median.sum(), "these are the distances added up; the surprise takes their mean"),
        (1 / m, "upside down: where is -m / s² + 1 / s zero?"),
        (m**2, "no square belongs to L1"),
        (np.abs(FIVE).mean(), "these are distances from 0; take them from the best x"),
        (np.median(FIVE), "that is the best x. Asked for is the s that belongs to it"),
        (CHROMA_SCALE * m, "the five values are a / 110, and so is their scale"),
        (round(m, 1), "rounded too far: give two digits after the point"),
    ]
    for value, why in kinds:
        if close(best, value, 0.003):
            raise Hint(f"scale: {why}.")
    if close(best, np.median(from_median), 0.003):
        raise Hint("scale: the surprise is a mean over y, so what counts is the mean of the distances.")
    if not close(best, from_median.mean(), 0.003):
        raise Hint("scale: with m for the mean distance from the best x, where is the slope of m / s + log(2s) zero?")


@check
def laplace(function: Any, scale: Any) -> str:
    """Check the negative log-likelihood of a Laplace density, and its best scale for five values."""
    judge_surprise(function)
    judge_scale(scale)
    return "L1 in another dress: the same x is best, and s is the absolute error that remains."


@check
def palette(function: Any) -> str:
    """Check the best color for each key, on made-up pixels."""
    rng = np.random.default_rng(1)
    keys = rng.choice([0, 1, 3, 4], 600)
    ab = rng.exponential(10, (600, 2)) * [1, -2] + keys[:, None]
    for answer, name in ((np.mean, "np.mean"), (np.median, "np.median")):
        with np.errstate(all="ignore"):
            returned = result_of(on_used_memory(function, (5, 2)), keys.copy(), ab.copy(), answer)
        found = array_of(returned, "the colors for keys 0 to 4, [5, 2]", float)
        if found.shape == (4, 2):
            raise Hint("Key 2 never occurs here, and has to keep its row: the colors of key k stand in row k.")
        if found.shape == (5,):
            raise Hint("One number a key: a and b need an answer each. Along which axis do the pixels lie?")
        if found.shape == (600, 2):
            raise Hint(
                "One color a key is asked for, not one a pixel: the last lines look the colors up by colors[keys]."
            )
        if not np.isfinite(found).all():
            raise Hint("A key that never occurs gets nan, or no value at all: give it gray, (0, 0).")
        found = numbers(found, (5, 2), "the colors for keys 0 to 4")
        right, typed_in = (
            np.array([how(ab[keys == k], axis=0) if (keys == k).any() else np.zeros(2) for k in range(5)])
            for how in (answer, np.median if answer is np.mean else np.mean)
        )
        if alike(found, typed_in, 1e-3):
            other = "np.median" if answer is np.mean else "np.mean"
            raise Hint(f"{other} is typed in: it comes out where `answer` is {name}, too. Call answer(..., axis=0).")
        if alike(found[keys], np.broadcast_to(answer(ab, axis=0), (600, 2))):
            raise Hint("All keys get one color. Only the pixels with keys == k count for key k.")
        both = np.array([answer(ab[keys == k]) if (keys == k).any() else 0.0 for k in range(5)])
        if alike(found, np.stack([both, both], axis=1)):
            raise Hint("a and b get the same number: hand axis=0 to the answer.")
        if close(found, np.trunc(right), 1e-9):
            raise Hint("The colors are cut to whole numbers: is the array that you write them into one of integers?")
        if not alike(found, right, 1e-3):
            key = int(np.abs(found - right).max(axis=1).argmax())
            wanted, given = (np.array2string(colors[key], precision=2) for colors in (right, found))
            raise Hint(
                f"Where `answer` is {name}, the color of key {key} should be {wanted} and is {given}. Which pixels "
                "have this key, and what does `answer` make of their a and b?"
            )
    three = np.array([[1.0, 5.0], [2.0, 5.0], [9.0, 8.0]])
    also(function, np.array([2, 2, 2]), three, np.median, gives=[[0, 0], [0, 0], [2, 5]])
    also(function, np.array([1, 0, 1]), three, np.mean, gives=[[2, 5], [5, 6.5]])
    return "The best that a network can do which sees no more than the key, without a network."


@check
def refute(colors: Any, odds: Any) -> str:
    """Check a world in which three sentences about losses are wrong."""
    ab = numbers(colors, (None, 2), "colors").round(6)  # what single precision adds decides nothing
    parts = numbers(odds, (None,), "odds").round(6)
    if np.abs(ab).max() > 1.3:
        raise Hint(f"A color of {np.abs(ab).max():g}: give (a, b) / 110, not a and b themselves.")
    if (parts < 0).any():
        raise Hint("Odds below 0: each color occurs now and then.")
    if close(parts.sum(), 100, 0.5):
        raise Hint("The odds add up to 100. They are parts of 1: .25, not 25.")
    if not 3 <= len(ab) <= 6 or len(parts) != len(ab):
        raise Hint(f"Expected 3 to 6 colors and odds for each, found {len(ab)} colors and {len(parts)} odds.")
    if parts.min() < RAREST or not close(parts.sum(), 1, 1e-5):
        raise Hint(
            f"The odds must each be at least {RAREST} and add up to 1; the least is {parts.min():.3g}, the sum "
            f"{parts.sum():.3g}."
        )
    lab = np.concatenate([np.full((len(ab), 1), 100 * synthetic.GRAY), CHROMA_SCALE * ab], axis=1)
    outside = np.abs(fit_gamut(lab) - lab).max(axis=1) > 0.1
    if outside.any():
        raise Hint(f"({ab[outside][0][0]:g}, {ab[outside][0][1]:g}) can't be shown at L = 60: choose a paler color.")
    world = synthetic.World(ab, parts)
    (l1, highest), l2, huber = synthetic.quantiles(world), synthetic.mean(world), synthetic.huber(world)
    said = (
        f"L1 answers ({l1[0]:.2f}, {l1[1]:.2f}), L2 ({l2[0]:.2f}, {l2[1]:.2f}), Huber ({huber[0]:.2f}, {huber[1]:.2f})."
    )
    if not close(l1, highest, 1e-9):
        raise Hint("Some odds add up to exactly one half, so that L1's answer isn't unique. Shift them a little.")
    nearest = np.hypot(*(ab - l1).T).min()
    if nearest < 1e-6:
        raise Hint(f"{said} L1's is one of the colors. No color may hold the middle in both a and b.")
    if nearest < APART - 1e-6:
        raise Hint(f"{said} L1's is only {nearest:.3f} away from a color, and {APART} are asked for.")
    chroma_l1, chroma_l2 = CHROMA_SCALE * np.hypot(*l1), CHROMA_SCALE * np.hypot(*l2)
    if chroma_l1 >= chroma_l2:
        raise Hint(
            f"{said} L1's chroma is {chroma_l1:.1f}, L2's {chroma_l2:.1f}: L1 is still the more colorful. Let "
            "the middle lie near gray, in a and in b."
        )
    if chroma_l2 - chroma_l1 < PALER - 1e-6:
        raise Hint(
            f"{said} L1's chroma is {chroma_l1:.1f} and L2's {chroma_l2:.1f}; L1's has to be at least {PALER:.0f} "
            "lower. Which color pulls L2's mean without moving the middle?"
        )
    beyond = np.maximum(np.minimum(l1, l2) - huber, huber - np.maximum(l1, l2)).max()
    if beyond <= 1e-6:
        raise Hint(f"{said} Huber's lies between. At L1's answer, which colors are within 0.1, and who pulls harder?")
    if beyond < OUTSIDE - 1e-6:
        raise Hint(
            f"{said} Huber's lies outside by {beyond:.3f} only, {OUTSIDE} are asked for. Give more odds to the color "
            "that pulls it there."
        )
    return f"{said} Three rules of thumb, one counterexample."

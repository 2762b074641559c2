"""Checks for the exercises of chapter 09, the loss analysis."""

from typing import Any

import numpy as np

from colorize_lib import synthetic
from colorize_lib.color import CHROMA_SCALE, fit_gamut
from colorize_lib.exercises.verdict import Hint, array_of, check, close, numbers, result_of

A_OF_TREES, ODDS_OF_TREES = np.array([-0.3, 0.0, 0.4]), np.array([0.45, 0.2, 0.35])
TREES = synthetic.World(np.stack([A_OF_TREES, np.zeros(3)], axis=1), ODDS_OF_TREES)
PLACES = 5
FIVE = np.array([-0.4, -0.4, -0.3, 0.1, 0.5])
TRIED = ((0.1, 0.2), (-0.3, 0.2), (0.1, 0.6), (-0.3, 0.6))  # x and s
APART, PALER, OUTSIDE, RAREST = 0.08, 10.0, 0.02, 0.05  # what exercise 5 asks for


@check
def trees(by_l2: Any, by_l1: Any, by_huber: Any, likeliest: Any) -> str:
    """Check the best answers under L2, L1 and Huber's loss, and the likeliest color, of a world with three colors."""
    given = {"by_l2": by_l2, "by_l1": by_l1, "by_huber": by_huber, "likeliest": likeliest}
    found = {name: float(numbers(value, (), name)) for name, value in given.items()}
    mean, median = float(synthetic.mean(TREES)[0]), float(synthetic.quantiles(TREES)[0][0])
    huber, mode = float(synthetic.huber(TREES)[0]), float(A_OF_TREES[ODDS_OF_TREES.argmax()])
    if close(found["by_l2"], A_OF_TREES.mean(), 0.003):
        raise Hint("by_l2: the three colors do not occur equally often. Weigh each by its odds.")
    if not close(found["by_l2"], mean, 0.001):
        raise Hint("by_l2: where is the slope of .45 (x + .3)² + .2 x² + .35 (x - .4)² zero?")
    if close(found["by_l1"], mode, 0.001):
        raise Hint("by_l1: green leads, but has less than half. Does a small step away from it toward the others pay?")
    if not close(found["by_l1"], median, 0.001):
        raise Hint("by_l1: add up the odds from the smallest a. Which color takes them past one half?")
    if close(found["by_huber"], median, 0.001):
        raise Hint("by_huber: at brown, green pulls with .45 · 0.1 and red with .35 · 0.1. Is that balanced?")
    if close(found["by_huber"], (mean + median) / 2, 0.002):
        raise Hint("by_huber: nothing keeps Huber's answer between the other two. Write down who pulls how hard.")
    if close(found["by_huber"], -huber, 0.001):
        raise Hint("by_huber: the size is right. Who pulls harder, green or red?")
    if not close(found["by_huber"], huber, 0.001):
        raise Hint("by_huber: far colors pull with their odds times 0.1, near ones with their odds times the distance.")
    if not close(found["likeliest"], mode, 0.001):
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


@check
def laplace(function: Any, scale: Any) -> str:
    """Check the negative log-likelihood of a Laplace density, and its best scale for five values."""
    rng = np.random.default_rng(0)
    y = rng.choice([-0.4, 0.2, 0.5], 900, p=[0.6, 0.3, 0.1]) + rng.normal(0, 0.02, 900)
    values = [numbers(result_of(function, y, x, s), (), "surprise(y, x, s)") for x, s in TRIED]
    found, distances, factor = np.array(values), surprises(y, 1), np.log([2 * s for _, s in TRIED])
    if close(found, -distances - factor, 1e-6):
        raise Hint("The sign: minus the logarithm is asked for, which is small where p is large.")
    if close(found, distances, 1e-6):
        raise Hint(
            "The factor 1 / (2s) of the density is missing. It moves no x, but without it the largest s is best."
        )
    if close(found, distances - factor, 1e-6):
        raise Hint("-log of 1 / (2s) is +log(2s).")
    if close(found, distances + factor / np.log(10), 1e-6) or close(found, distances + factor / np.log(2), 1e-6):
        raise Hint("The natural logarithm is asked for: np.log.")
    if close(found, len(y) * (distances + factor), 1e-3):
        raise Hint("That is the sum over all true values; the mean is asked for.")
    if close(found, surprises(y, 2) + factor + np.log(np.pi / 2) / 2, 1e-6):
        raise Hint("That is the Gaussian's. Laplace's density falls with the distance |y - x|, not with its square.")
    if not close(found, distances + factor, 1e-5):
        raise Hint("The logarithm of a product is a sum: -log(1 / (2s)) and |y - x| / s. Then take the mean over y.")
    best = float(numbers(scale, (), "scale"))
    from_median, from_mean = np.abs(FIVE - np.median(FIVE)), np.abs(FIVE - FIVE.mean())
    if close(best, FIVE.std(), 0.003) or close(best, FIVE.std(ddof=1), 0.003):
        raise Hint(
            "scale: the standard deviation is the Gaussian's best sigma. Where is the slope of m / s + log(2s) zero?"
        )
    if close(best, from_mean.mean(), 0.003):
        raise Hint("scale: these are distances from the mean. Which x is best under this density?")
    if close(best, np.median(from_median), 0.003):
        raise Hint("scale: the surprise is a mean over y, so what counts is the mean of the distances.")
    if not close(best, from_median.mean(), 0.003):
        raise Hint("scale: with m for the mean distance from the best x, where is the slope of m / s + log(2s) zero?")
    return "L1 in another dress: the same x is best, and s is the absolute error that remains."


@check
def palette(function: Any) -> str:
    """Check the best color for each key, on made-up pixels."""
    rng = np.random.default_rng(1)
    keys = rng.choice([0, 1, 3, 4], 600)
    ab = rng.exponential(10, (600, 2)) * [1, -2] + keys[:, None]
    for answer, name in ((np.mean, "np.mean"), (np.median, "np.median")):
        with np.errstate(all="ignore"):
            returned = result_of(function, keys.copy(), ab.copy(), answer)
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
            raise Hint("A key that never occurs gets nan: give it gray, (0, 0).")
        found = numbers(found, (5, 2), "the colors for keys 0 to 4")
        right = np.array([answer(ab[keys == k], axis=0) if (keys == k).any() else np.zeros(2) for k in range(5)])
        if close(found[keys], np.broadcast_to(answer(ab, axis=0), (600, 2)), 1e-6):
            raise Hint("All keys get one color. Only the pixels with keys == k count for key k.")
        both = np.array([answer(ab[keys == k]) if (keys == k).any() else 0.0 for k in range(5)])
        if close(found, np.stack([both, both], axis=1), 1e-6):
            raise Hint("a and b get the same number: hand axis=0 to the answer.")
        if not close(found, right, 1e-5):
            other = "mean" if answer is np.median else "median"
            raise Hint(f"With {name} the colors differ. Do you call `answer`, which can also be the {other}?")
    return "The best that a network can do which sees no more than the key, without a network."


@check
def refute(colors: Any, odds: Any) -> str:
    """Check a world in which three sentences about losses are wrong."""
    ab, parts = numbers(colors, (None, 2), "colors"), numbers(odds, (None,), "odds")
    if not 3 <= len(ab) <= 6 or len(parts) != len(ab):
        raise Hint(f"Expected 3 to 6 colors and odds for each, found {len(ab)} colors and {len(parts)} odds.")
    if parts.min() < RAREST - 1e-9 or not close(parts.sum(), 1, 1e-6):
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
    if np.hypot(*(ab - l1).T).min() < APART - 1e-9:
        raise Hint(f"{said} L1's is one of the colors, or close to one. No color may hold the middle in both a and b.")
    chroma_l1, chroma_l2 = CHROMA_SCALE * np.hypot(*l1), CHROMA_SCALE * np.hypot(*l2)
    if chroma_l2 - chroma_l1 < PALER:
        raise Hint(
            f"{said} L1's chroma is {chroma_l1:.1f} and L2's {chroma_l2:.1f}; L1's has to be at least {PALER:.0f} "
            "lower. Think of the roofs."
        )
    beyond = np.maximum(np.minimum(l1, l2) - huber, huber - np.maximum(l1, l2)).max()
    if beyond < OUTSIDE - 1e-9:
        where = f"outside by {beyond:.3f} only, {OUTSIDE} are asked for" if beyond > 1e-9 else "between"
        raise Hint(f"{said} Huber's lies {where}. At L1's answer, which colors are within 0.1, and who pulls harder?")
    return f"{said} Three rules of thumb, one counterexample."

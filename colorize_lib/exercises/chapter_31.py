"""Checks for the exercises of chapter 31, hints."""

from functools import cache
from typing import Any

import numpy as np

from colorize_lib import hints
from colorize_lib.exercises.verdict import (
    Hint,
    alike,
    also,
    check,
    close,
    entries,
    first_wrong,
    numbers,
    result_of,
    words,
)

DOUBT = 0.05
ASKED, SIGMA, UNITS = 21, 2, 12  # b asked for at the first of four pixels; the widths of distance and lightness
LIGHT = (50, 50, 50, 74)  # L of the four pixels
ONE, OTHER, HALF, SAME = 30, -10, 0.5, 20  # corrections of two hints, the share of each, and one asked for twice
STEPS = (0, 12, 36)  # of L at the border of a small world
SIDE = 32  # of that world, in pixels
PLANS = {
    "other photographs": "unfair",
    "more hints": "unfair",
    "same places for both networks": "fair",
    "paired on the same photographs": "fair",
    "widths chosen on test": "unfair",
}


def row_shares(light: bool = True) -> np.ndarray:
    """Return the shares that the four pixels of a row take of the first one's hint."""
    exponent = np.arange(4) ** 2 / (2 * SIGMA**2)
    if light:
        exponent = exponent + (np.array(LIGHT) - LIGHT[0]) ** 2 / (2 * UNITS**2)
    return np.exp(-exponent)


@check
def row(b: Any) -> str:
    """Check b of four pixels in a row after one hint."""
    found = numbers(b, (4,), "b")
    share = row_shares()
    if close(found, ASKED * share, 0.3):
        raise Hint("These are share times correction. The answer divides by the sum of the shares plus .05.")
    if close(found, np.full(4, ASKED), 0.3):
        raise Hint("Without the .05, one hint would give its whole correction to every pixel of the picture.")
    right = ASKED * share / (share + DOUBT)
    part = float(np.mean(np.abs(found - right)[:3] <= 0.3)) / 2
    plain = row_shares(light=False)
    if close(found[:3], right[:3], 0.3) and close(found[3], ASKED * plain[3] / (plain[3] + DOUBT), 0.1):
        raise Hint("Right for the first three. The fourth differs in L, too: multiply its share by that weight.", part)
    if close(found[:3], right[:3], 0.3) and not close(found[3], right[3], 0.3):
        raise Hint(
            "Right for the first three. The fourth pixel's weight of lightness is exp(-24² / 288); its share is the "
            "product of both weights.",
            part,
        )
    if not close(found, right, 0.3):
        raise Hint("Write three rows: the shares; each share times 21; and that divided by the share plus .05.", part)
    return "The last pixel has a share of .04, and yet nearly half of the correction: .05 is small beside most shares."


@check
def several(predicted: Any) -> str:
    """Check the corrections that pixels get where several hints meet."""
    names = ("between", "far", "twice")
    guess = {name: float(numbers(value, (), name)) for name, value in entries(predicted, names).items()}
    between = HALF * (ONE + OTHER) / (2 * HALF + DOUBT)
    if close(guess["between"], ONE + OTHER, 0.2):
        raise Hint("between: the corrections don't add up. Each counts by its share, and the sum is divided.")
    if close(guess["between"], HALF * (ONE + OTHER), 0.2):
        raise Hint("between: that leaves out the .05 below the fraction line, which draws toward the network.")
    if not close(guess["between"], between, 0.2):
        raise Hint("between: .5 times 30 and .5 times -10 above the line, .5 + .5 + .05 below it.")
    if not close(guess["far"], 0, 0.2):
        raise Hint("far: what is 0 times a correction? The .05 keeps the fraction from being 0 over 0.", 1 / 3)
    if close(guess["twice"], 2 * SAME, 0.5):
        raise Hint("twice: two hints that ask for one color don't ask for twice as much of it.", 2 / 3)
    if close(guess["twice"], SAME / (1 + DOUBT), 0.2):
        raise Hint("twice: that is one hint. With two, the shares above and below the line are 2.", 2 / 3)
    if not close(guess["twice"], 2 * SAME / (2 + DOUBT), 0.2):
        raise Hint("twice: both shares are 1, so 2 times 20 stands above the line and 2.05 below it.", 2 / 3)
    return "A weighted mean: hints that agree don't add up, hints that disagree meet in the middle."


@check
def answer(function: Any) -> str:
    """Check a function that joins shares and corrections."""
    shares = np.array([[[1.0, 0.5], [0.2, 0.0]], [[0.0, 0.5], [0.8, 0.0]]])
    corrections = np.array([[10.0, -20.0], [30.0, 40.0]])
    total = shares.sum(axis=0)[..., None]
    change = np.einsum("khw,kc->hwc", shares, corrections)

    def given(one: np.ndarray, other: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        return numbers(result_of(function, one, other), shape, "the change")

    alone = np.array([[[1.0, 0.5], [0.2, 0.1]]])
    first = given(alone, corrections[:1], (2, 2, 2))
    expected = alone[0][..., None] * corrections[0] / (alone[0][..., None] + DOUBT)
    if close(first, alone[0][..., None] * corrections[0], 0.01):
        raise Hint("Divide by the sum of the shares plus .05. For now a pixel gets share times correction.")
    if close(first, np.broadcast_to(corrections[0], first.shape), 0.01):
        raise Hint("The .05 is missing: with one hint, every pixel would get all of its correction.")
    if not alike(first, expected, 0.01):
        raise Hint("With one hint of share .5 and the correction (10, -20), the change is .5 / .55 of it.")
    both = given(shares, corrections, (2, 2, 2))
    if close(both, change / (shares.mean(axis=0)[..., None] + DOUBT), 0.01) or close(both, change / 2, 0.01):
        raise Hint("Divide by the sum of the shares of all hints, not by their number or their mean.", 0.25)
    if close(both, (shares[..., None] * corrections[:, None, None] / (shares[..., None] + DOUBT)).sum(0), 0.01):
        raise Hint("Each hint is divided by its own share here, so two hints add up. Sum first, then divide.", 0.25)
    if not alike(both, change / (total + DOUBT), 0.01):
        raise Hint("With two hints: the sum of share times correction, over the sum of the shares plus .05.", 0.25)
    try:
        nothing = given(np.zeros((0, 2, 3)), np.zeros((0, 2)), (2, 3, 2))
    except Hint:
        raise Hint("Without hints, shares of shape (0, 2, 3), the change should be zeros of (2, 3, 2).", 0.75) from None
    if not close(nothing, np.zeros((2, 3, 2)), 1e-6):
        raise Hint("Without hints nothing changes: sums over no hints are 0.", 0.75)
    also(function, np.ones((1, 1, 1)), np.array([[2.1, 0.0]]), gives=[[[2.0, 0.0]]], within=0.01)
    return "One fraction for any number of hints, none included."


def world(step: float, side: int = SIDE) -> np.ndarray:
    """Return the change of a, b, [side, side, 2], in a world of two halves whose L differ by `step`.

    A hint in the middle of the left half asks for a = 40; the network predicted gray everywhere.
    """
    L = np.full((side, side), 50.0, "float32")
    L[:, side // 2 :] += step
    place, asked = (side // 2, side // 4), np.array([[40.0, 0.0]])
    return hints.spread(L, np.zeros((side, side, 2), "float32"), [place], asked).astype(float)


@cache
def bled(step: float) -> float:
    """Return how much arrives in the right half, over what arrives in the left one."""
    length = np.hypot(*np.moveaxis(world(step), -1, 0))
    return float(length[:, SIDE // 2 :].mean() / length[:, : SIDE // 2].mean())


@check
def bleeding(function: Any, ratios: Any) -> str:
    """Check a measure of bleeding, and what it says of three borders."""
    change = np.zeros((2, 3, 2))
    change[0], change[1] = [[3, 4], [0, 10], [-6, 8]], [[0, 5], [0, 0], [0, 2]]
    region = np.array([[True, True, False], [True, False, False]])
    found = float(numbers(result_of(function, change, region), (), "the ratio"))
    inside, outside = (5 + 10 + 5) / 3, (10 + 0 + 2) / 3
    if close(found, inside / outside, 1e-3):
        raise Hint("Upside down: what arrives outside the region stands above the line.")
    if close(found, (outside * 3) / (outside * 3 + inside * 3), 1e-3):
        raise Hint("Compare with what arrives inside the region, not with all of the change.")
    if close(found, abs(change[~region].mean()) / abs(change[region].mean()), 1e-3):
        raise Hint("Changes of opposite sign cancel in a mean. Take the length of each pixel's change first.")
    if not close(found, outside / inside, 1e-3):
        raise Hint("Per pixel the length of the change, the root of a² + b²; its mean outside over its mean inside.")
    also(function, np.ones((1, 4, 2)), np.array([[True, False, False, False]]), gives=1.0)
    said = numbers(ratios, (len(STEPS),), "ratios")
    right = np.array([bled(step) for step in STEPS])
    if close(said, right[::-1], 0.01):
        raise Hint("ratios: the order is that of the steps of L, 0 first.", 0.5)
    if not close(said, right, 0.01):
        raise Hint("ratios: apply your function to world(step) with the left half as the region, for each step.", 0.5)
    return "Without a step at the border the color runs over it, and even a step of one width holds back little."


@check
def plans(verdicts: Any) -> str:
    """Check which plans compare fairly."""
    said = words(verdicts, PLANS, ("fair", "unfair"))
    why = {
        "other photographs": "Photographs differ more than ways to place hints do. Which difference would be measured?",
        "more hints": "With more hints, every way comes nearer. What does the comparison then tell about the places?",
        "same places for both networks": "Each network meets the same task. What else could differ but the network?",
        "paired on the same photographs": "Pairing takes away what photographs differ by. Is anything kept hidden?",
        "widths chosen on test": "Widths that fit these photographs best look better here than on new ones.",
    }
    first_wrong(said, PLANS, why)
    return "One thing differs at a time, on the same photographs, and nothing is chosen where it is measured."

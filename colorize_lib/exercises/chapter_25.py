"""Checks for the exercises of chapter 25, ChromaGAN: a critic that measures, and a guess at what is shown."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from colorize_lib import data
from colorize_lib.color import rgb_to_lab
from colorize_lib.exercises.verdict import (
    Hint,
    alike,
    also,
    check,
    close,
    entries,
    not_exchanged,
    numbers,
    result_of,
)

REAL, PAINTED = (1.0, 4.0), (2.0, 0.0)  # the colors of cars in exercise 1
SLOPE, WEIGHT = 0.9, 10.0  # of the straight critic, and of the gradient penalty
TAUGHT = (0.8, 0.3, 0.1)  # what a teacher says of meadow for three photographs that look alike, in exercise 2
SHARE, FOOLING = 0.8, 0.25  # of green among real cars, and the critic's weight
ANSWERS = ("branch", "critic", "classes")
KINDS = ("paler", "exchanged")  # in exercise 4
PALER = 0.5  # the factor on the chroma of the paler photographs
# The runs of exercise 5: with a critic, with classes, steps, where it begins.
RUNS = {
    "A": (True, True, 1500, "pretrained"),
    "B": (False, True, 1500, "ours"),
    "C": (True, False, 1500, "pretrained"),
    "D": (False, False, 1500, "pretrained"),
    "E": (True, True, 3000, "pretrained"),
    "F": (False, True, 1500, "pretrained"),
    "G": (True, False, 500, "pretrained"),
    "H": (False, False, 0, "pretrained"),
}


@check
def by_hand(distance: Any, gradient: Any, rest: Any) -> str:
    """Check a Wasserstein distance, the slope of a critic's loss by its weight, and where the weight rests."""
    names = ("distance", "gradient", "rest")
    found = [float(numbers(one, (), name)) for name, one in zip(names, (distance, gradient, rest), strict=True)]
    apart = float(np.abs(np.sort(REAL) - np.sort(PAINTED)).mean())
    if close(found[0], np.abs(np.subtract(REAL, PAINTED)).mean(), 1e-3):
        raise Hint("distance: the cars are moved in the order in which they are listed. A shorter way is to sort them.")
    if close(found[0], 2 * apart, 1e-3):
        raise Hint("distance: that is the sum of both ways. The distance is their mean.")
    if not close(found[0], apart, 1e-3):
        raise Hint("distance: sort both lists, and take the mean way from the lowest to the lowest, and so on.")
    pull = 2 * WEIGHT * (SLOPE - 1)
    kinds = [
        (apart + pull, "the critic should score real cars higher, so its loss falls with w: this part is negative"),
        (pull, "that is the penalty's part alone"),
        (-apart, "the penalty's part is missing"),
        (-apart + WEIGHT * (SLOPE - 1), "the square brings a factor of 2"),
        (-apart - pull, "mind the sign: below 1 the penalty falls as w grows"),
        (-apart * SLOPE + WEIGHT * (SLOPE - 1) ** 2, "that is the loss itself. How fast does it change with w?"),
    ]
    for value, why in kinds:
        if close(found[1], value, 1e-3):
            raise Hint(f"gradient: {why}.", 1 / 3)
    if not close(found[1], -apart + pull, 1e-3):
        raise Hint("gradient: the loss is -w times the distance of the means, plus the penalty. Take its slope.", 1 / 3)
    if close(found[2], 1, 1e-3):
        raise Hint("rest: at 1 the penalty is 0, but the first part of the loss still pulls.", 2 / 3)
    if close(found[2], 1 + apart / WEIGHT, 1e-3) or close(found[2], 1 - apart / (2 * WEIGHT), 1e-3):
        raise Hint("rest: set the slope of the loss to 0, and mind the factor of 2 and the sign.", 2 / 3)
    if not close(found[2], 1 + apart / (2 * WEIGHT), 1e-3):
        raise Hint("rest: at which w is the slope of the loss 0?", 2 / 3)
    return "The critic rests a little above a slope of 1, the more so, the farther the painted cars are off."


@check
def answers(predicted: Any) -> str:
    """Check the best answer of a branch, and how far two additions move a color."""
    guess = {name: float(numbers(value, (), name)) for name, value in entries(predicted, ANSWERS).items()}
    right = {"branch": float(np.mean(TAUGHT)), "critic": FOOLING * (2 * SHARE - 1), "classes": 0.0}
    not_exchanged(guess, right, 0.004)
    if any(close(guess["branch"], one, 0.004) for one in (0.5, *TAUGHT)):
        raise Hint("branch: one answer has to serve three photographs. A mean does, as for a squared error.")
    if close(guess["branch"], float(np.exp(np.mean(np.log(TAUGHT)))), 0.004):
        raise Hint("branch: that is the geometric mean. With the teacher first it is the plain one.")
    if not close(guess["branch"], right["branch"], 0.004):
        raise Hint("branch: the teacher's odds of a meadow for the three photographs. Which single number is best?")
    if close(guess["critic"], FOOLING, 0.004):
        raise Hint("critic: it pulls toward green, but the blue cars pull back. Subtract their share.", 1 / 3)
    if close(guess["critic"], FOOLING * SHARE, 0.004):
        raise Hint("critic: that is the pull of the green cars. The blue ones pull the other way.", 1 / 3)
    if close(guess["critic"], 2 * SHARE - 1, 0.004):
        raise Hint("critic: that is the slope of the mean distance. How much does it weigh?", 1 / 3)
    if not close(guess["critic"], right["critic"], 0.004):
        raise Hint("critic: the weight times the slope of the mean distance, which is share less share.", 1 / 3)
    if not close(guess["classes"], 0, 0.004):
        raise Hint("classes: which color stands in the class loss?", 2 / 3)
    return "The critic moves the best color, the class loss doesn't."


def _grad(colors: np.ndarray) -> np.ndarray:
    return np.asarray(colors * np.array([0.5, 2.0]) + np.array([0.3, -0.4]))


def right_penalty(real: np.ndarray, painted: np.ndarray, parts: np.ndarray) -> float:
    """Return the gradient penalty of the critic that `penalty` tries."""
    between = parts[:, None] * real + (1 - parts[:, None]) * painted
    return float(np.square(np.sqrt(np.square(_grad(between)).sum(axis=-1)) - 1).mean())


@check
def penalty(function: Any) -> str:
    """Check the gradient penalty of a critic whose gradient is known."""
    rng = np.random.default_rng(0)
    real, painted, parts = rng.normal(size=(6, 2)), rng.normal(size=(6, 2)), rng.random(6)

    def given(slope: Callable[..., Any], *arrays: np.ndarray) -> float:
        return float(numbers(result_of(function, slope, *arrays), (), "the penalty"))

    found, mixed = given(_grad, real, painted, parts), parts[:, None] * real + (1 - parts[:, None]) * painted
    lengths = np.sqrt(np.square(_grad(mixed)).sum(axis=-1))
    kinds = {
        "that is taken at the real colors. Take it between real and painted ones": right_penalty(real, real, parts),
        "that is taken at the painted colors. Take it between real and painted ones": right_penalty(
            painted, painted, parts
        ),
        "the length of a gradient is the root of the sum of its squares": np.square(
            np.abs(_grad(mixed)).sum(axis=-1) - 1
        ).mean(),
        "the root is missing: that is the squared length": np.square(np.square(_grad(mixed)).sum(axis=-1) - 1).mean(),
        "each photograph has its own penalty. Square first, then take the mean": np.square(lengths.mean() - 1),
        "how far from 1 is it? Square the difference": np.square(lengths).mean(),
        "a slope below 1 costs as well": np.square(np.maximum(lengths - 1, 0)).mean(),
        "that is their sum. Take the mean": np.square(lengths - 1).sum(),
        "each photograph is mixed with one number, which its whole color gets": np.square(
            np.abs(_grad(mixed)) - 1
        ).mean(),
    }
    for why, value in kinds.items():
        if alike(found, float(value), 1e-5):
            raise Hint(f"Not yet: {why}.", 0.25)
    if not alike(found, right_penalty(real, painted, parts), 1e-5):
        raise Hint("Mix the colors, take the gradient there, its length for each photograph, less 1, squared; mean.")
    other = painted[:3], real[:3], parts[:3]
    if not alike(given(_grad, *other), right_penalty(*other), 1e-5):
        raise Hint("Right for the first colors, and not for others: what does your function take for granted?", 0.5)
    return "A flat critic would cost 1, and so would one of slope 2."


def moved(one: np.ndarray, other: np.ndarray) -> float:
    """Return the Wasserstein distance of two lists of as many numbers."""
    return float(np.abs(np.sort(np.ravel(one)) - np.sort(np.ravel(other))).mean())


@cache
def distances() -> dict[str, float]:
    """Return how far the chroma of the sample is from half of it, and from its own with the pixels exchanged."""
    lab = rgb_to_lab(data.load("sample", 32).rgb).astype("float64")
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    return dict(zip(KINDS, (moved(chroma, PALER * chroma), moved(chroma, chroma[:, ::-1])), strict=True))


@check
def measure(function: Any, found: Any) -> str:
    """Check the Wasserstein distance of two lists, and two distances of chroma on the sample."""
    rng = np.random.default_rng(1)
    one, other = rng.normal(size=(4, 5)), 2 + rng.normal(size=(4, 5))
    told = float(numbers(result_of(function, one, other), (), "the distance"))
    kinds = [
        (np.abs(one - other).mean(), "they are compared in the order in which they stand. Sort both first"),
        (np.abs(np.sort(one) - np.sort(other)).mean(), "each row is sorted by itself. Make one list of all numbers"),
        (np.abs(one.mean() - other.mean()), "that compares the means. Sets with one mean may still be far apart"),
        (np.abs(np.sort(one.ravel()) - np.sort(other.ravel())).sum(), "that is the sum of all ways. Take the mean"),
    ]
    for value, why in kinds:
        if close(told, value, 1e-4) and not close(value, moved(one, other), 1e-4):
            raise Hint(f"Not yet: {why}.")
    if not alike(told, moved(one, other), 1e-4):
        raise Hint("Sort the numbers of both arrays, and take the mean of how far they are apart.")
    also(function, np.array([1.0, -1.0]), np.array([0.0, 0.0]), gives=1.0)
    guess = {kind: float(numbers(value, (), f"found[{kind!r}]")) for kind, value in entries(found, KINDS).items()}
    not_exchanged(guess, distances(), 0.02, 0.5)
    if not close(guess[KINDS[0]], distances()[KINDS[0]], 0.02):
        raise Hint(f"found[{KINDS[0]!r}]: from the true chroma to {PALER:g} times as much, over all pixels.", 0.5)
    if not close(guess[KINDS[1]], 0, 0.02):
        raise Hint(
            f"found[{KINDS[1]!r}]: the same numbers in other places. Is there anything to move, once both are sorted?",
            0.75,
        )
    return "A distance of sets doesn't notice where the colors stand. For this, a critic has to see L beside them."


def _named(run: str) -> str:
    critic, classes, steps, start = RUNS[run]
    return f"{run} ({'a' if critic else 'no'} critic, {'' if classes else 'no '}classes, {steps} steps from {start})"


@check
def controls(chosen: Any) -> str:
    """Check four runs that say what each of two additions is worth."""
    parts = ("full", "without critic", "without classes", "without both")
    said = {part: str(run).strip().upper() for part, run in entries(chosen, parts).items()}
    for part, run in said.items():
        if run not in RUNS:
            raise Hint(f"{part}: there is no run {run[:20]!r}; there are: {', '.join(RUNS)}.")
    wanted = dict(zip(parts, ((True, True), (False, True), (True, False), (False, False)), strict=True))
    wrong = [part for part in parts if RUNS[said[part]][:2] != wanted[part]]
    if wrong:
        right = len(parts) - len(wrong)
        raise Hint(f"{wrong[0]}: that is not what {_named(said[wrong[0]])} is.", max(0, right - 1) / 8)
    for place, what in ((3, "start"), (2, "steps")):
        for part, run in said.items():
            if RUNS[run][place] != RUNS[said["full"]][place]:
                raise Hint(
                    f"{part}: {_named(run)} differs from {_named(said['full'])} in its {what}, too. A difference "
                    "between them would have two possible reasons.",
                    0.5,
                )
    return "Each comparison has one difference, so that whatever is found has one name."

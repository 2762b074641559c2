"""Checks for the exercises of chapter 23, conditional GANs."""

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
    several,
)

REAL, PAINTED, RATE = 1.0, 0.5, 2.0  # the numbers of a real and of a painted car, and the length of the critic's step
GREEN = 0.6  # the odds of green in the world of exercise 2
PAINTERS = ("the mean", "always green", "draws by the odds")
PERCENTS = (2, 5)
WORLD = (0.7, 0.3, 0.0)  # the odds of green, of blue, and of the color between them, in exercise 5
PLACES = (0.0, 1.0, 0.3)  # where these colors lie on the way from green to blue
MOST_ERROR, LEAST_LOSS = 0.37, 0.67


def said(score: float | np.ndarray) -> np.ndarray:
    """Return the probability of "real" that belongs to a score."""
    return np.asarray(1 / (1 + np.exp(-np.asarray(score, float))))


@check
def step(loss: Any, w: Any, slope: Any) -> str:
    """Check a critic's loss, its weight after one step, and the slope that the painter then has."""
    before, weight = float(numbers(loss, (), "loss")), float(numbers(w, (), "w"))
    steep = float(numbers(slope, (), "slope"))
    if close(before, 2 * np.log(2), 0.01):
        raise Hint("loss: that is the sum of both parts. The loss is half of it.")
    if close(before, 0.5, 0.01):
        raise Hint("loss: 0.5 is what the critic says of either car. Its loss is made of minus the logarithms.")
    if not close(before, np.log(2), 0.005):
        raise Hint(
            "loss: with w = 0 both scores are 0. What does the critic say then, and what is minus its logarithm?"
        )
    right = RATE * 0.25 * (REAL**2 - PAINTED**2)
    kinds = [
        (-right, "the step goes down the slope, and yours goes up"),
        (2 * right, "that leaves out the half before the loss, so the step is twice as long"),
        (RATE * 0.25 * (REAL**2 + PAINTED**2), "the painted car has to push the score down, not up"),
        (RATE * 0.25 * (REAL - PAINTED), "the score is w times x squared, so its slope by w is x squared"),
        (right / RATE, "that is the slope with its sign turned. The step is longer by its length"),
    ]
    for value, why in kinds:
        if close(weight, value, 0.004):
            raise Hint(f"w: {why}.", 1 / 3)
    if not close(weight, right, 0.002):
        raise Hint("w: take each car's slope by the score, D - 1 or D, times half of its x squared, and add.", 1 / 3)
    told = float(said(weight * PAINTED**2))
    inner = 2 * right * PAINTED
    kinds = [
        ((1 - told) * inner, "the size is right. If x grows, D grows: what does -log D do?"),
        (told - 1, "that is the slope by the score. The score changes by 2 w x where x changes by 1"),
        (-told * inner, "the slope of -log D by the score is D - 1"),
        (told * inner, "D is the slope of the critic's part for a painted car. The painter's loss is -log D"),
    ]
    for value, why in kinds:
        if close(steep, value, 0.003):
            raise Hint(f"slope: {why}.", 2 / 3)
    if not close(steep, (told - 1) * inner, 0.003):
        raise Hint("slope: first D at the painted car with the new w, then (D - 1) times 2 w x.", 2 / 3)
    return "The painter's number grows, toward the real one, though the painter has never seen it."


def best_critic(real: np.ndarray, painted: np.ndarray) -> float:
    """Return the least loss that any critic can have, from the odds of real and of painted colors, both [K]."""
    with np.errstate(all="ignore"):
        told = np.where(real + painted > 0, real / (real + painted), 0.5)
        parts = np.where(real > 0, real * np.log(told), 0) + np.where(painted > 0, painted * np.log(1 - told), 0)
    return float(-0.5 * parts.sum())


@check
def critics(predicted: Any) -> str:
    """Check the loss that the best critic is left with for each of three painters."""
    guess = {name: float(numbers(value, (), name)) for name, value in entries(predicted, PAINTERS).items()}
    real = np.array([GREEN, 1 - GREEN, 0])
    odds = ([0, 0, 1], [1, 0, 0], real)
    right = {name: best_critic(real, np.array(painted, float)) for name, painted in zip(PAINTERS, odds, strict=True)}
    not_exchanged(guess, right, 0.02)
    mean, always, draws = (guess[name] for name in PAINTERS)
    if close([mean, always, draws], [2 * one for one in right.values()], 0.02) or close(always, 1.059, 0.01):
        raise Hint("The sum over real and painted cars is halved, as in the chapter.")
    if mean > 0.1:
        raise Hint("the mean: no real car has its color. What can the critic say of it, and of green and blue?")
    if not close(mean, 0, 0.02):
        raise Hint("the mean: a critic that is never wrong and wholly sure has a loss of 0.")
    if not close(draws, np.log(2), 0.01):
        raise Hint(
            "draws by the odds: every color is as frequent among painted cars as among real ones. What does the best "
            "critic say of each, and what does that cost?",
            1 / 3,
        )
    if close(always, 0, 0.02):
        raise Hint("always green: blue gives the real cars away, but most real cars are green, too.", 2 / 3)
    if close(always, np.log(2), 0.02):
        raise Hint("always green: blue is never painted, so the critic knows what to say of a blue car.", 2 / 3)
    if not close(always, right["always green"], 0.01):
        raise Hint("always green: D is 1 at blue and .6 / (.6 + 1) at green. Put both into the loss.", 2 / 3)
    return "Only the painter who draws leaves the critic with the loss of a coin."


@check
def losses(function: Any) -> str:
    """Check the two losses of a GAN, from scores."""
    real, painted = np.array([2.0, -1.0, 0.5]), np.array([-3.0, 1.0])

    def plus(score: np.ndarray) -> np.ndarray:
        return np.logaddexp(0, score)

    def both(label: float) -> np.ndarray:
        """Return the critic's and the painter's loss."""
        critic = label * plus(-real).mean() + (1 - label) * plus(real).mean() + plus(painted).mean()
        return np.array([critic / 2, plus(-painted).mean()])

    def given(label: float, *scores: np.ndarray) -> np.ndarray:
        found = several(result_of(function, *(scores or (real, painted)), label), "two numbers", 2)
        return np.array([float(numbers(one, (), "each loss")) for one in found])

    found, right = given(1.0), both(1.0)
    if alike(found, right[::-1], 1e-3):
        raise Hint("The two losses are exchanged: the critic's comes first.")
    if alike(found[0], 2 * right[0], 1e-3):
        raise Hint("The critic's loss is half of the sum of its two means.")
    if alike(found[0], (plus(real).mean() + plus(-painted).mean()) / 2, 1e-3):
        raise Hint("Your critic is praised for taking painted cars for real ones: look at both signs.")
    if alike(found[0], (plus(-real).sum() + plus(painted).sum()) / 2, 1e-3):
        raise Hint("Take the mean over the cars, not their sum.")
    if not alike(found[0], right[0], 1e-3):
        raise Hint("For a label of 1, the critic's loss is half of mean(-log D(real)) + mean(-log(1 - D(painted))).")
    if alike(found[1], -plus(painted).mean(), 1e-3):
        raise Hint("That is log(1 - D), the loss whose slope dies where the critic is sure. Take -log D.", 0.25)
    if not alike(found[1], right[1], 1e-3):
        raise Hint("The painter's loss is the mean of -log D over the painted cars.", 0.25)
    soft = given(0.9)
    if alike(soft, right, 1e-3):
        raise Hint("The label changes nothing yet. For .9, a real car costs -.9 log D - .1 log(1 - D).", 0.5)
    if alike(
        soft[0],
        both(0.9)[0] + (0.9 * plus(painted).mean() + 0.1 * plus(-painted).mean()) / 2 - plus(painted).mean() / 2,
        1e-3,
    ):
        raise Hint("Only the label of the real cars is softened; that of the painted ones stays 0.", 0.5)
    if alike(soft[0], (0.9 * plus(-real).mean() + plus(painted).mean()) / 2, 1e-3):
        raise Hint("For the label .9, the other tenth counts as well: -.1 log(1 - D) for a real car.", 0.5)
    if not alike(soft, both(0.9), 1e-3):
        raise Hint("For a label of .9, a real car costs -.9 log D - .1 log(1 - D); nothing else changes.", 0.5)
    sure = np.array([800.0])
    try:
        large = given(1.0, -sure, -sure)
    except Hint:
        large = np.array([np.inf, np.inf])
    if not alike(large, [400.0, 800.0], 0.1):
        raise Hint(
            "For a score of -800, D is 0 in the computer, and its logarithm is no number. -log D is "
            "log(1 + e^-s): np.logaddexp(0, -s) computes it without the detour.",
            0.75,
        )
    also(function, np.zeros((2, 3)), np.zeros((2, 3)), 1.0, gives=[np.log(2), np.log(2)], within=1e-3)
    return "Both players' losses, and no score is too large for them."


def within(truth: np.ndarray, painted: np.ndarray, percent: float) -> np.ndarray:
    """Return for each pixel whether L, a and b, rounded, are all within `percent`, bool [...], from Lab [..., 3]."""
    apart = np.abs(np.rint(truth) - np.rint(painted))
    return np.asarray((apart <= percent * np.array([1, 2.2, 2.2]) + 1e-6).all(axis=-1))


@cache
def grays() -> dict[int, float]:
    """Return the accuracy of the gray photographs of the sample at 32 x 32."""
    lab = rgb_to_lab(data.load("sample", 32).rgb)
    return {percent: float(within(lab, lab * [1, 0, 0], percent).mean()) for percent in PERCENTS}


@check
def accuracy(function: Any, gray: Any) -> str:
    """Check the share of pixels that are near enough, and that of the gray photographs."""
    truth = np.array([[50.0, 10, -20], [30, 0, 0], [70, 40, 40], [20, -8, 3]])
    painted = np.array([[51.0, 13, -24], [33, 0, 0], [70, 36, 45], [20, -8, 3]])

    def given(percent: float) -> float:
        return float(numbers(result_of(function, truth, painted, percent), (), "the accuracy"))

    found = given(2)
    if close(found, 50, 0.1):
        raise Hint("Give a part of 1, not of 100.")
    if close(found, 10 / 12, 1e-3):
        raise Hint("That counts channels. A pixel is right if all three of its channels are.")
    if close(found, 0.25, 1e-3):
        raise Hint("a and b go from -110 to 110, so a percent of them is 2.2. L goes from 0 to 100.")
    if close(found, 0.75, 1e-3):
        raise Hint("One of the channels is left out: a pixel is right if L, a and b are all near enough.")
    if not close(found, 0.5, 1e-3):
        raise Hint(
            "Of the four pixels that are tried first, two are right within 2 %: L may be off by 2 at most, a and b by "
            "4.4 each."
        )
    if not close(given(5), 1.0, 1e-3):
        raise Hint("Within 5 % all four pixels of the first try are right: L may be off by 5, a and b by 11.", 0.25)
    also(function, np.array([[[10.0, 0, 0]], [[10, 0, 12]]]), np.array([[[10.0, 0, 0]], [[10, 0, 0]]]), 5, gives=0.5)
    shares = {key: float(numbers(value, (), f"gray[{key}]")) for key, value in entries(gray, PERCENTS).items()}
    not_exchanged(
        {str(key): value for key, value in shares.items()}, {str(key): one for key, one in grays().items()}, 2e-3, 0.5
    )
    for percent, share in shares.items():
        if not close(share, grays()[percent], 2e-3):
            raise Hint(
                f"gray[{percent}]: the gray photograph keeps its L and has a = b = 0, over all pixels of the sample.",
                0.5 if percent == PERCENTS[0] else 0.75,
            )
    return (
        f"The gray photograph is right in {grays()[2]:.0%} of the pixels within 2 %, and in {grays()[5]:.0%} within "
        "5 %, without any color."
    )


@check
def painter(odds: Any) -> str:
    """Check a painter between always green and drawing by the odds."""
    painted = numbers(odds, (3,), "odds").round(6)
    real = np.array(WORLD)
    if (painted < 0).any():
        raise Hint("Odds below 0: each color occurs now and then, or never.")
    if close(painted.sum(), 100, 0.5):
        raise Hint("The odds add up to 100. They are parts of 1: .25, not 25.")
    if not close(painted.sum(), 1, 1e-4):
        raise Hint(f"The odds add up to {painted.sum():.3f}, and should to 1.")
    apart = np.subtract.outer(PLACES, PLACES) ** 2
    error, loss = float(real @ apart @ painted), best_critic(real, painted)
    found = f"The squared error is {error:.3f}, the loss of the best critic {loss:.3f}."
    if error > MOST_ERROR + 1e-6 and loss < LEAST_LOSS:
        raise Hint(f"{found} Neither will do. Begin with the odds of the cars, and change one thing.")
    if error > MOST_ERROR + 1e-6:
        raise Hint(
            f"{found} The error is above {MOST_ERROR}. Which of the two colors costs more where it is wrong?", 0.5
        )
    if loss < LEAST_LOSS - 1e-6 and painted[2] > 0.02:
        raise Hint(f"{found} A color that no car has gives the painter away each time: use it less.", 0.5)
    if loss < LEAST_LOSS - 1e-6:
        raise Hint(f"{found} The critic still tells too well. Which color does it miss among the painted cars?", 0.5)
    return f"{found} Leaving out half of the rare color costs little before the critic, and spares error."

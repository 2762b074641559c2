"""Checks for the exercises of chapter 32, photographs with a three-filter record."""

from functools import cache
from typing import Any

import numpy as np

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

GREEN = (1, 1, 8, 9, 1, 1)  # a row of pixels of one exposure
BLUE = (4, 5, 1, 1, 1, 1)  # and of another, which has to move to the right
MOVES = (0, 1, 2, 3)  # pixels to the right; what leaves the row comes in at its left end
MEANS = {"red": 0.5, "green": 0.4, "blue": 0.2}  # of three exposures
SIDE = 24  # pixels of a small world
CASTS = {"none": (0.0, 0.0), "yellow": (0.0, 20.0), "blue": (0.0, -20.0)}  # a, b that a balance adds everywhere
CAPTIONS = {
    "original colors": "misleads",
    "three exposures": "says enough",
    "predicted": "says enough",
    "colorized": "misleads",
    "same look": "misleads",
}


def sums() -> list[int]:
    """Return the sum of products for each of `MOVES`."""
    return [int(np.dot(np.roll(BLUE, move), GREEN)) for move in MOVES]


@check
def row(found: Any) -> str:
    """Check four sums of products, and the move that is the best."""
    answer = entries(found, ("sums", "move"))
    given = numbers(answer["sums"], (len(MOVES),), "sums")
    right = np.array(sums())
    best = MOVES[int(right.argmax())]
    backward = np.array([np.dot(np.roll(BLUE, -move), GREEN) for move in MOVES])
    kept = np.array([np.dot(BLUE[: len(BLUE) - move], GREEN[move:]) for move in MOVES])
    differences = np.array([np.abs(np.roll(BLUE, move) - np.array(GREEN)).sum() for move in MOVES])
    if close(given, backward, 0.5):
        raise Hint("sums: blue moved to the left there. It has to move to the right.")
    if close(given, kept, 0.5):
        raise Hint("sums: what leaves the row at its right end comes in at the left end, and counts there.")
    if close(given, differences, 0.5):
        raise Hint("sums: these are sums of differences. Multiply the pixels that meet.")
    if not close(given, right, 0.5):
        raise Hint("sums: write blue below green, moved by 0, 1, 2 and 3, and add the six products each time.")
    move = float(numbers(answer["move"], (), "move"))
    if close(move, right.max(), 0.1):
        raise Hint("move: that is the largest sum. At which move does it stand?", 2 / 3)
    if close(move, -best, 0.1):
        raise Hint("move: to the right counts as positive here.", 2 / 3)
    if not close(move, best, 0.1):
        raise Hint("move: the one with the largest sum.", 2 / 3)
    return "Light meets light at two pixels, and no other move comes near that sum."


@check
def balance(factors: Any) -> str:
    """Check the factors of the gray world, and of half the way to it."""
    answer = entries(factors, ("whole", "half"))
    whole, half = (numbers(answer[name], (3,), name) for name in ("whole", "half"))
    means = np.array(list(MEANS.values()))
    right = means.mean() / means
    if close(whole, 1 / right, 0.01):
        raise Hint("whole: upside down. The exposure with the smallest mean needs the largest factor.")
    if close(whole, means.max() / means, 0.01):
        raise Hint("whole: that makes all means as large as the largest. Here they become the mean of all three.")
    if close(whole, means[1] / means, 0.01):
        raise Hint("whole: that makes all means as large as that of green. Here they become the mean of all three.")
    if not close(whole, right, 0.01):
        raise Hint("whole: the mean of all three means, over each exposure's own mean.")
    if close(half, whole / 2, 0.01):
        raise Hint("half: half of each factor would only darken everything by half.", 0.5)
    if close(half, (1 + whole) / 2, 0.01):
        raise Hint("half: the mean of 1 and the factor isn't it. Used twice, it wouldn't give the whole factor.", 0.5)
    if not close(half, np.sqrt(right), 0.01):
        raise Hint("half: a factor that, used twice, gives the whole one: its root.", 0.5)
    return "Used twice, the half-way factors give the whole ones; and blue, the darkest exposure, gains most."


@check
def composite(function: Any) -> str:
    """Check a function that makes a color photograph of three exposures and whole moves."""
    parts = np.random.default_rng(0).uniform(0, 1, (3, 8, 9))
    moves = np.array([[1, -2], [0, 0], [-1, 1]])
    moved = np.stack([np.roll(part, move, (0, 1)) for part, move in zip(parts, moves, strict=True)], axis=-1)
    right = moved[2:-2, 2:-2, ::-1]
    found = result_of(function, parts, moves, 2)
    if np.shape(found) == (8, 9, 3):
        raise Hint("Cut `border` pixels off each side: there, pixels came in from the other side.")
    if np.shape(found) == (3, 4, 5):
        raise Hint("The colors belong to the last axis: [height, width, 3].")
    rgb = numbers(found, (4, 5, 3), "the photograph")
    if alike(rgb, right[..., ::-1]):
        raise Hint("Red is the last exposure of a plate, and the first channel of a photograph.")
    back = np.stack([np.roll(part, -move, (0, 1)) for part, move in zip(parts, moves, strict=True)], axis=-1)
    if alike(rgb, back[2:-2, 2:-2, ::-1]):
        raise Hint("The moves go the other way: (1, -2) is one pixel down and two to the left.")
    still = np.stack(list(parts), axis=-1)[2:-2, 2:-2, ::-1]
    if alike(rgb, still):
        raise Hint("The exposures haven't moved yet.")
    if not alike(rgb, right):
        raise Hint("Move each exposure with np.roll(part, move, (0, 1)), stack red, green, blue, and cut the border.")
    also(function, parts[:, :6, :6], np.zeros((3, 2), int), 1, gives=parts[::-1, 1:5, 1:5].transpose(1, 2, 0))
    return "Cutting the border matters: np.roll lets pixels come in that were on the other side."


@cache
def world(cast: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a, b of the record under a balance, a, b that a network predicted, and which pixels count.

    float [24, 24, 2] twice, bool [24, 24]. `cast` is a key of `CASTS`.
    """
    rng = np.random.default_rng(0)
    truth = rng.normal((2, 12), 6, (SIDE, SIDE, 2))
    predicted = 0.6 * truth + rng.normal(0, 2, truth.shape)
    counts = np.ones((SIDE, SIDE), bool)
    counts[:6, :12] = False
    truth[~counts] += 40  # a fringe
    return truth + CASTS[cast], predicted, counts


def led(cast: str) -> float:
    """Return how much nearer the prediction is to the record than gray, where pixels count."""
    truth, predicted, counts = world(cast)
    gray, own = (np.sqrt(((truth - one) ** 2).sum(axis=-1))[counts].mean() for one in (0 * truth, predicted))
    return float(gray - own)


@check
def lead(function: Any, leads: Any) -> str:
    """Check a function that measures a lead over gray, and what it says under three balances."""
    truth = np.array([[[3.0, 4.0], [0.0, 10.0]], [[6.0, 8.0], [30.0, 40.0]]])
    predicted = np.array([[[0.0, 4.0], [0.0, 4.0]], [[6.0, 0.0], [30.0, 0.0]]])
    counts = np.array([[True, True], [True, False]])
    gray, own = (np.sqrt(((truth - one) ** 2).sum(axis=-1)) for one in (0 * truth, predicted))
    right = gray[counts].mean() - own[counts].mean()
    found = float(numbers(result_of(function, truth, predicted, counts), (), "the lead"))
    if close(found, gray.mean() - own.mean(), 1e-3):
        raise Hint("All pixels count there. Leave out those where counts is False.")
    if close(found, (gray * counts).mean() - (own * counts).mean(), 1e-3):
        raise Hint("Divide by the number of pixels that count, not by that of all.")
    if close(found, -right, 1e-3):
        raise Hint("The sign: a lead is positive where the prediction is nearer to the record than gray is.")
    if close(found, own[counts].mean(), 1e-3):
        raise Hint("That is the prediction's distance. By how much is it below that of gray, a = b = 0?")
    if not close(found, right, 1e-3):
        raise Hint("Per pixel the root of (Δa)² + (Δb)²; its mean over the pixels that count, for gray and for yours.")
    also(function, truth, truth, counts, gives=float(gray[counts].mean()))
    said = entries(leads, CASTS)
    wrong = [name for name in CASTS if not close(float(numbers(said[name], (), name)), led(name), 0.05)]
    if wrong:
        raise Hint(f"leads: apply your function to world({wrong[0]!r}), its three parts in their order.", 0.5)
    return "One network and one scene: under two balances the network leads, and under the third one gray does."


@check
def captions(verdicts: Any) -> str:
    """Check which captions of an archive say where the colors come from."""
    said = words(verdicts, CAPTIONS, ("says enough", "misleads"))
    why = {
        "original colors": "Who decided on the balance? And what has faded in a hundred years?",
        "three exposures": "Does it name what was recorded, and what was decided later?",
        "predicted": "Does it say which part of the picture was recorded, and who made the rest?",
        "colorized": "Colored by whom or by what, and after what? The reader can't tell a source from a guess.",
        "same look": "A reader who sees both pictures side by side takes them for records of the same kind.",
    }
    first_wrong(said, CAPTIONS, why)
    return "A caption says what was recorded, what was decided and what was predicted, and by whom."

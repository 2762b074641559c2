"""Checks for the exercises of chapter 33, a network of one's own."""

from functools import cache
from typing import Any

import numpy as np

from colorize_lib.exercises.verdict import (
    Hint,
    also,
    check,
    close,
    entries,
    first_wrong,
    numbers,
    result_of,
    several,
    words,
)
from colorize_lib.exercises.verdict import whole as whole_numbers

BIAS, SPREAD, WALLS = 10, 20, 12  # of a world like the chapter's
HELD_OUT, TWINS = 20, 5  # photographs held out, and how many of them have a neighbor that trains
REPORTED, ON_TWINS, BEFORE = 27, 33, 26  # dB: of all, of those with a neighbor, and of `pretrained` on any of them
SCENES = ("kitchen",) * 4 + ("hall",) * 2 + ("stairs",) * 4 + ("garden",)
LEAST = 3  # photographs to hold out
NETWORKS = {"rooms": "ahead", "people": "can't be told", "city": "behind"}
PHOTOGRAPHS = 18
PRACTICE = {
    "burst": "don't",
    "one each": "do",
    "epochs": "don't",
    "friends": "do",
    "found": "don't",
}


@check
def way(found: Any) -> str:
    """Check the errors at both ends of the way, the best part of it, and the error there."""
    answer = entries(found, ("stay", "all the way", "part", "error"))
    given = {name: float(numbers(one, (), name)) for name, one in answer.items()}
    old, chance = BIAS**2, SPREAD**2 / WALLS
    if close(given["stay"], BIAS, 0.1):
        raise Hint("stay: that is the error, and its square is asked for.")
    if not close(given["stay"], old, 0.1):
        raise Hint("stay: with w = 0 only the first term is left.")
    if close(given["all the way"], SPREAD / WALLS, 0.05):
        raise Hint("all the way: the scatter has to be squared before it is divided by the number of walls.", 0.25)
    if close(given["all the way"], SPREAD / WALLS**0.5, 0.05):
        raise Hint("all the way: that is the scatter of the mean, and its square is asked for.", 0.25)
    if not close(given["all the way"], chance, 0.1):
        raise Hint("all the way: with w = 1 only the second term is left.", 0.25)
    best = old / (old + chance)
    if close(given["part"], 1 - best, 0.01):
        raise Hint("part: that is what is left of the way. Where chance is small, it pays to go far.", 0.5)
    if not close(given["part"], best, 0.01):
        raise Hint("part: the old error over the sum of the old error and chance, both squared.", 0.5)
    if close(given["error"], (1 - best) * old + best * chance, 0.1):
        raise Hint("error: the parts have to be squared, too.", 0.75)
    if not close(given["error"], (1 - best) ** 2 * old + best**2 * chance, 0.1):
        raise Hint("error: put your part into the formula, and add both terms.", 0.75)
    return "Part of the way beats both ends, and with twelve walls it is most of the way."


@check
def twins(found: Any) -> str:
    """Check the mean on photographs without a neighbor, and the lead there."""
    answer = entries(found, ("honest", "lead"))
    honest, lead = (float(numbers(answer[name], (), name)) for name in ("honest", "lead"))
    right = (REPORTED * HELD_OUT - ON_TWINS * TWINS) / (HELD_OUT - TWINS)
    if close(honest, (REPORTED * HELD_OUT - ON_TWINS * TWINS) / HELD_OUT, 0.05):
        raise Hint("honest: divide by the number of photographs without a neighbor, not by that of all.")
    if close(honest, 2 * REPORTED - ON_TWINS, 0.05):
        raise Hint("honest: that takes both groups for equally large.")
    if not close(honest, right, 0.05):
        raise Hint("honest: the sum over all, minus the sum over those with a neighbor, over the number of the others.")
    if close(lead, REPORTED - BEFORE, 0.05):
        raise Hint("lead: that is the reported one. On which photographs is the network new to what it sees?", 0.5)
    if close(lead, BEFORE - right, 0.05):
        raise Hint("lead: your network minus `pretrained`; a negative number says that it is behind.", 0.5)
    if not close(lead, right - BEFORE, 0.05):
        raise Hint("lead: your honest mean minus that of `pretrained`.", 0.5)
    return "Reported ahead, and behind on everything new: five neighbors among twenty were enough."


@check
def cut(function: Any) -> str:
    """Check a function that says where a folder is cut, so that no scene lies on both sides."""
    found = int(whole_numbers(result_of(function, SCENES, LEAST), (), "the cut"))
    count, begins = len(SCENES), [i for i in range(len(SCENES)) if i == 0 or SCENES[i] != SCENES[i - 1]]
    right = max(begin for begin in begins if count - begin >= LEAST)
    if found == count - LEAST:
        raise Hint("That cuts through the stairs: some of their photographs train, and others are held out.")
    if found == count - right:
        raise Hint("That is how many are held out. Return how many come before the cut.")
    if found == min(begin for begin in begins if begin > count - LEAST):
        raise Hint(f"That holds out fewer than {LEAST}. The cut has to go to the beginning of its scene, not past it.")
    if found == begins[-LEAST]:
        raise Hint("That holds out so many scenes. The number asked for counts photographs.")
    if found != right:
        raise Hint("Begin at the cut that ignores scenes, and go back as long as the scene before it is the same.")
    also(function, ("a", "a", "b", "b", "b"), 2, gives=2)
    also(function, ("a", "b", "c", "d"), 1, gives=3)
    also(function, ("a", "a", "a"), 1, gives=0)
    return (
        "Whole scenes are held out. If the folder holds one scene only, none is left to train on, and that is honest."
    )


@cache
def measured(network: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the PSNR of each photograph held out: of a network of this made-up world, and of `pretrained`.

    float [18] twice. `network` is a key of `NETWORKS`.
    """
    rng = np.random.default_rng(list(NETWORKS).index(network))
    before = rng.normal(24, 3, PHOTOGRAPHS)
    wanted = {"rooms": 0.6, "people": 0.3, "city": -0.7}[network]
    scatter = {"rooms": 0.7, "people": 1.5, "city": 0.8}[network]
    gains = rng.normal(0, 1, PHOTOGRAPHS)
    gains = (gains - gains.mean()) / gains.std(ddof=1)
    return before + wanted + scatter * gains, before


def interval(own: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return the mean gain, and two standard errors below and above it."""
    gains = own - before
    error = gains.std(ddof=1) / np.sqrt(len(gains))
    return gains.mean() + error * np.array([0, -2, 2])


@check
def gain(function: Any, verdicts: Any) -> str:
    """Check a function that measures a gain with its interval, and what it says of three networks."""
    own, before = np.array([25.0, 22.0, 31.0, 24.0]), np.array([24.0, 22.5, 28.0, 23.5])
    found = np.array(
        [
            float(numbers(one, (), "what is returned"))
            for one in several(result_of(function, own, before), "mean, low and high", 3)
        ]
    )
    right = interval(own, before)
    if close(found, -right[[0, 2, 1]], 0.01):
        raise Hint("The sign: a gain is positive where your network has more dB than `pretrained`.")
    if not close(found[0], right[0], 0.01):
        raise Hint("mean: the mean of the differences, photograph by photograph.")
    half, count = found[2] - found[0], len(own)
    if close(half, 2 * (own - before).std(ddof=1), 0.01):
        raise Hint("That is two standard deviations. The mean of n differences scatters less, by the root of n.", 0.25)
    if close(half, 2 * (own - before).std() / np.sqrt(count), 0.01):
        raise Hint("The standard deviation of a sample divides by n - 1: std(ddof=1).", 0.25)
    apart = 2 * np.sqrt((own.var(ddof=1) + before.var(ddof=1)) / count)
    if close(half, apart, 0.01):
        raise Hint(
            "The scatter of the photographs is in there, and both networks share it. Take differences first.", 0.25
        )
    if not close(found, right, 0.01):
        raise Hint("low and high: two standard errors below and above the mean, s / √n each.", 0.25)
    also(function, own[:3], before[:3] - 1, gives=interval(own[:3], before[:3] - 1), within=0.01)
    said = words(verdicts, NETWORKS, ("ahead", "behind", "can't be told"))
    wrong = [name for name in NETWORKS if said[name] != NETWORKS[name]]
    if wrong:
        raise Hint(f"verdicts: {wrong[0]}: does the interval of measured({wrong[0]!r}) hold 0?", 0.5)
    return "Paired differences leave out what makes one photograph harder than another."


@check
def practice(verdicts: Any) -> str:
    """Check which ways to make a folder and to use it are sound."""
    said = words(verdicts, PRACTICE, ("do", "don't"))
    why = {
        "burst": "Where do the ten neighbors lie when the folder is cut?",
        "one each": "Does anything held out have a neighbor that trains?",
        "epochs": "By what was the number chosen, and what is measured there afterward?",
        "friends": "Both questions were asked: may I train, and may I pass it on?",
        "found": "Who took these photographs, and what did they allow?",
    }
    first_wrong(said, PRACTICE, why)
    return "What is held out stays new to the network and to whoever chooses, and whoever is in a photograph is asked."

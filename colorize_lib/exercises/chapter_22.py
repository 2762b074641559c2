"""Checks for the exercises of chapter 22, semantic fusion."""

from functools import cache
from typing import Any

import numpy as np

from colorize_lib import meaning, results
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

X = ((2.0, 0.0), (1.0, 4.0))  # the bottleneck of exercise 1
EMBEDDING = (1.0, -2.0, 3.0)
PLACE, TOLD, BIAS = 2.0, (1.0, 0.5, -1.0), 1.0  # the kernel, for the place's channel and for the embedding
CHANNELS, NUMBERS = 80, 1280  # of a bottleneck and of an embedding
FOREST = 0.75  # the odds of a forest in exercise 2
CASES = ("without", "own", "swapped", "learned swapped")
PLACES = {"sky of the forest": (1, 0), "ground of the forest": (0, 0), "sky of the sea": (1, 1), "sea": (0, 1)}
COLORS = {"sky of the forest": -1.0, "ground of the forest": 1.0, "sky of the sea": -1.0, "sea": -1.0}


@check
def by_hand(added: Any, result: Any, weights: Any) -> str:
    """Check what an embedding adds, the result after the ReLU, and how many numbers a fusion learns."""
    told, found = float(numbers(added, (), "added")), numbers(result, (2, 2), "result")
    right = float(np.dot(EMBEDDING, TOLD))
    if close(told, right + BIAS, 1e-3):
        raise Hint("added: the bias is the same for every photograph. Leave it out of the embedding's part.")
    if close(told, sum(abs(one * other) for one, other in zip(EMBEDDING, TOLD, strict=True)), 1e-3):
        raise Hint("added: mind the signs.")
    if not close(told, right, 1e-3):
        raise Hint("added: each of the embedding's numbers times its weight, all added up.")
    before = PLACE * np.array(X) + right + BIAS
    kinds = [
        (before, "the ReLU is missing"),
        (np.maximum(before - BIAS, 0), "the bias is missing"),
        (np.maximum(PLACE * np.array(X) + BIAS, 0), "the embedding's part is missing"),
    ]
    for value, why in kinds:
        if close(found, value, 1e-3):
            raise Hint(f"result: {why}.", 1 / 3)
    if not close(found, np.maximum(before, 0), 1e-3):
        raise Hint("result: at each place the kernel's weight times x, plus what is added, plus the bias.", 1 / 3)
    count, whole = float(numbers(weights, (), "weights")), (CHANNELS + NUMBERS) * CHANNELS + CHANNELS
    counts = [
        (whole - CHANNELS, "the biases are missing"),
        (CHANNELS * CHANNELS + CHANNELS, "that is the convolution without the embedding"),
        (NUMBERS * CHANNELS, "that is the embedding's part alone"),
        (9 * (CHANNELS + NUMBERS) * CHANNELS + CHANNELS, "the kernel is 1 x 1, not 3 x 3"),
    ]
    for other, reason in counts:
        if close(count, other, 0.5):
            raise Hint(f"weights: {reason}.", 2 / 3)
    if not close(count, whole, 0.5):
        raise Hint("weights: one for each channel that goes in, for each filter, and a bias a filter.", 2 / 3)
    return "Nearly all numbers of this layer belong to the embedding."


@check
def errors(predicted: Any) -> str:
    """Check the mean squared error of four painters of the small world."""
    guess = {name: float(numbers(value, (), name)) for name, value in entries(predicted, CASES).items()}
    mean = 2 * FOREST - 1
    right = dict(zip(CASES, (1 - mean**2, 0.0, 8 * FOREST * (1 - FOREST), 1 - mean**2), strict=True))
    not_exchanged(guess, right, 0.02)
    if close(guess["without"], 4 * FOREST * (1 - FOREST) * 4, 0.02) or close(guess["without"], 1, 0.02):
        raise Hint("without: the best single color is the mean, and it isn't 0 where one scene is more frequent.")
    if close(guess["without"], 4 * (1 - FOREST), 0.02):
        raise Hint("without: that is what always green costs. The squared error has a better answer.")
    if not close(guess["without"], right["without"], 0.02):
        raise Hint("without: the mean of the colors is m = 0.75 · 1 + 0.25 · (-1). What is the mean of (color - m)²?")
    if not close(guess["own"], 0, 0.02):
        raise Hint("own: the embedding tells the scene, and the scene tells the color.", 0.25)
    if close(guess["swapped"], right["without"], 0.02):
        raise Hint("swapped: the network trusts the embedding, so it paints green or blue and not the mean.", 0.5)
    if close(guess["swapped"], right["swapped"] / 4, 0.02):
        raise Hint("swapped: that is how often the scenes differ. What does one such picture cost?", 0.5)
    if close(guess["swapped"], 4, 0.02):
        raise Hint("swapped: another picture drawn at random often shows the same scene.", 0.5)
    if not close(guess["swapped"], right["swapped"], 0.02):
        raise Hint("swapped: how often do two pictures show different scenes, and what does that cost?", 0.5)
    if close(guess["learned swapped"], right["swapped"], 0.02):
        raise Hint("learned swapped: a network that learned with wrong embeddings has no reason to trust them.", 0.75)
    if not close(guess["learned swapped"], right["learned swapped"], 0.02):
        raise Hint("learned swapped: what does an embedding tell that has nothing to do with its picture?", 0.75)
    return "A swapped embedding costs more than none, but only where the network had learned to trust it."


def _fused(x: np.ndarray, embedding: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    channels = x.shape[-1]
    meant = embedding @ kernel[channels:]
    return np.asarray(np.maximum(x @ kernel[:channels] + meant[:, None, None] + bias, 0))


@check
def fused(function: Any) -> str:
    """Check the fusion of bottlenecks and embeddings."""
    rng = np.random.default_rng(0)
    x, embedding = rng.normal(size=(2, 3, 4, 2)), rng.normal(size=(2, 3))
    kernel, bias = rng.normal(size=(5, 4)), rng.normal(size=4)
    found = numbers(result_of(function, x, embedding, kernel, bias), (None, None, None, None), "what is returned")
    if found.shape != (2, 3, 4, 4):
        raise Hint(f"Return [photographs, height, width, filters], here 2 x 3 x 4 x 4; found {found.shape}.")
    right = _fused(x, embedding, kernel, bias)
    linear = x @ kernel[:2] + (embedding @ kernel[2:])[:, None, None] + bias
    if alike(found, linear, 1e-4):
        raise Hint("The ReLU is missing: what is below 0 becomes 0.", 0.5)
    if alike(found, np.maximum(linear + bias, 0), 1e-4):
        raise Hint("The bias is added twice, once in each part. It belongs to the sum.", 0.5)
    if alike(found, np.maximum(linear - bias, 0), 1e-4):
        raise Hint("The bias is missing.", 0.5)
    if alike(found, np.maximum(x @ kernel[3:] + (embedding @ kernel[:3])[:, None, None] + bias, 0), 1e-4):
        raise Hint("The kernel's rows are exchanged: the first ones belong to x, the others to the embedding.", 0.25)
    if alike(found, _fused(x, embedding[:1].repeat(2, axis=0), kernel, bias), 1e-4):
        raise Hint("All photographs get the embedding of the first one.", 0.25)
    if not alike(found, right, 1e-4):
        raise Hint("At each place: x times the first rows of the kernel, plus embedding times the others, plus bias.")
    one = np.ones((1, 1, 1, 1))
    also(function, one, np.array([[2.0]]), np.array([[1.0], [-1.0]]), np.array([0.5]), gives=np.zeros((1, 1, 1, 1)))
    return "One small product a photograph, in place of 1,280 more channels at each place."


@cache
def measured() -> dict[str, tuple[float, float]]:
    """Return for each scene the gain by the embedding in the shipped runs, and its standard error."""
    test = results.measurement(meaning.NAME)["test"]
    one, other = (np.array(list(test["seeds_psnr"][name].values())) for name in (meaning.WITH, meaning.WITHOUT))
    return _by_scene(one, other, test["scenes"])


def _by_scene(one: np.ndarray, other: np.ndarray, scenes: Any) -> dict[str, tuple[float, float]]:
    apart, kinds = one.mean(axis=0) - other.mean(axis=0), np.asarray(scenes)
    found = {}
    for scene in sorted(set(kinds.tolist())):
        own = apart[kinds == scene]
        found[scene] = float(own.mean()), float(own.std(ddof=1) / len(own) ** 0.5)
    return found


@check
def gains(function: Any, gained: Any) -> str:
    """Check paired gains by scene with their standard errors."""
    scenes = ["sea", "street", "sea", "street", "sea", "street", "street"]
    rng = np.random.default_rng(1)
    level = rng.normal(25, 4, 7)
    other = level + rng.normal(0, 0.3, (3, 7))
    one = other + np.where(np.array(scenes) == "sea", 0.5, -0.2) + rng.normal(0, 0.1, (3, 7))
    found = _pairs(result_of(function, one, other, scenes), ("sea", "street"))
    right = _by_scene(one, other, scenes)
    means, spreads = ({name: both[k] for name, both in found.items()} for k in (0, 1))
    wanted = {name: both[0] for name, both in right.items()}
    if all(close(means[name], -wanted[name], 1e-3) for name in means):
        raise Hint("The sign is turned: a gain is with the embedding minus without it.")
    not_exchanged(means, wanted, 1e-3)
    if not all(close(means[name], wanted[name], 1e-3) for name in means):
        raise Hint("The gain of a scene is the mean of its photographs' differences, each a mean over the seeds.")
    kinds = np.array(scenes)
    for name in found:
        own, off = one[:, kinds == name], other[:, kinds == name]
        count = own.shape[1]
        apart = own.mean(axis=0) - off.mean(axis=0)
        apart_of_runs = (own - off).ravel()
        unpaired = np.hypot(own.mean(axis=0).std(ddof=1), off.mean(axis=0).std(ddof=1)) / count**0.5
        if close(spreads[name], unpaired, 1e-3):
            raise Hint("That is the error of two unpaired means. Take the spread of the differences.", 0.5)
        if close(spreads[name], apart.std(ddof=1), 1e-4):
            raise Hint("That is the spread of the differences. The error of their mean is smaller.", 0.5)
        if close(spreads[name], apart_of_runs.std(ddof=1) / len(apart_of_runs) ** 0.5, 1e-4):
            raise Hint("Seeds of one photograph are no new photographs. Average over them first.", 0.5)
        if not close(spreads[name], right[name][1], 2e-3):
            raise Hint("The standard error is the spread of the differences over the root of their number.", 0.5)
    shares = _pairs(gained, measured())
    for name, (gain, error) in measured().items():
        if not (close(shares[name][0], gain, 0.005) and close(shares[name][1], error, 0.005)):
            raise Hint(f"gained['{name}']: hand over all three seeds of both networks and the scenes.", 0.75)
    best = max(measured(), key=lambda name: measured()[name][0])
    return f"The largest gain is that of {best}: {measured()[best][0]:+.2f} ± {measured()[best][1]:.2f} dB."


def _pairs(answer: Any, keys: Any) -> dict[str, tuple[float, float]]:
    """Return for each key a gain and its standard error."""
    found = {}
    for name, both in entries(answer, list(keys)).items():
        gain, error = several(both, "for each scene a gain and its standard error", 2)
        found[name] = float(numbers(gain, (), f"the gain of {name}")), float(numbers(error, (), f"its error ({name})"))
    return found


@check
def network(place: Any, told: Any, bias: Any, gain: Any, offset: Any) -> str:
    """Check a fusion of one filter that paints the ground by the scene and the sky always blue."""
    w, b = float(numbers(place, (), "place")), float(numbers(bias, (), "bias"))
    e, g, o = numbers(told, (2,), "told"), float(numbers(gain, (), "gain")), float(numbers(offset, (), "offset"))
    colors = {name: g * max(0.0, w * sky + float(e[scene]) + b) + o for name, (sky, scene) in PLACES.items()}
    wrong = [name for name, color in colors.items() if not close(color, COLORS[name], 0.05)]
    said = ", ".join(f"{name} {color:.2f}" for name, color in colors.items())
    part = (len(PLACES) - len(wrong)) / 8
    if not wrong:
        return f"{said}. Without the ReLU, no weights could do this: a sum adds the same step to sky and ground."
    if wrong == ["sky of the forest"]:
        raise Hint(f"{said}. What the embedding adds reaches the sky, too. Who can stop it there?", part)
    if wrong == ["sea"] or wrong == ["sea", "sky of the sea"]:
        raise Hint(f"{said}. The filter should stay silent in the sea.", part)
    if "ground of the forest" in wrong and "sea" in wrong and close(colors["sea"], 1, 0.05):
        raise Hint(f"{said}. The scenes are exchanged: the first number of the embedding is 1 in a forest.", part)
    if all(close(colors[name] - COLORS[name], colors["sea"] - COLORS["sea"], 0.05) for name in colors):
        raise Hint(f"{said}. All are off by the same: which offset is right where the filter is silent?", part)
    if "ground of the forest" in wrong and len(wrong) == 1:
        raise Hint(f"{said}. The filter fires at the right place; how large must gain and offset make it?", part)
    raise Hint(f"{said}. Make the filter fire on the ground of the forest and nowhere else, then scale it.", part)

"""Checks for the exercises of chapter 02, data exploration."""

from functools import cache, partial
from typing import Any

import numpy as np

from colorize_lib import color, data, metrics, results
from colorize_lib.exercises.verdict import Hint, alike, also, check, close, listed, numbers, result_of, whole, words

TOLD_BY = {
    "half of a download": "error",
    "a darker copy, quality 50": "check",
    "a mirrored copy": "nobody",
    "gray in three equal channels": "check",
    "red and blue exchanged": "nobody",
    "an old print, toned brown": "nobody",
}
PIXELS = np.array([(-3, -35)] * 6 + [(0, 0)] * 3 + [(-22, 38)])  # a, b of sky, concrete, leaf
NEAR_GRAY = 10.0
MANY = 20  # photographs of the fairer sample
BLUE_WITHIN, B_WITHIN, VIVID_WITHIN = 0.05, 1.0, 3.0


@check
def told(told_by: Any) -> str:
    """Check who is the first to tell of six faults."""
    said = words(told_by, TOLD_BY, ("error", "check", "nobody"))
    download, darker, mirrored, equal, exchanged, toned = (said[fault] for fault in TOLD_BY)
    hint = partial(Hint, part=np.mean([said[fault] == TOLD_BY[fault] for fault in TOLD_BY]))
    if "error" in (darker, mirrored, equal, exchanged, toned):
        raise hint("Only a file that can't be decoded stops a loop. Which of the six hold no whole picture?")
    if download != "error":
        raise hint("One fault is loud: of the seven planted in the chapter, three stopped a loop. Which one is here?")
    if mirrored == "check":
        raise hint("What became of the 64 bits when the chapter mirrored a photograph?")
    if "check" in (exchanged, toned):
        raise hint("A check finds what it was written for. What would it have to know to call these colors wrong?")
    wrong = [fault for fault, word in said.items() if word != TOLD_BY[fault]]
    if wrong:
        raise hint(f"Wrong: {len(wrong)} of 6. Two of the faults that the check found in the chapter stand here, too.")
    return "One is loud, the check finds two, and three are left to someone who looks at the pictures."


@check
def chosen_colors(squared: Any, absolute: Any) -> str:
    """Check the colors that squared and absolute error choose for ten pixels."""
    mean, median = numbers(squared, (2,), "squared"), numbers(absolute, (2,), "absolute")
    if close(mean, np.median(PIXELS, axis=0), 0.05) and close(median, PIXELS.mean(axis=0), 0.05):
        raise Hint("The two are exchanged: which of the errors is smallest at the mean?")
    if close(mean, PIXELS[[0, 1, 2, 3, 4, 5, 9]].mean(axis=0), 0.06):
        raise Hint("squared: you left the concrete out. Zeros don't add to the sum, but they count.")
    if close(mean, PIXELS[[0, 6, 9]].mean(axis=0), 0.06):
        raise Hint("squared: each kind counts once here. How often was each met?")
    if not close(mean, PIXELS.mean(axis=0), 0.05):
        raise Hint("squared: add the ten values of a and divide by ten, then the same for b.")
    if close(median, [0, 0], 0.05):
        raise Hint("absolute: in the chapter it chose gray. Was that because of the error, or because of the pixels?")
    if not close(median, np.median(PIXELS, axis=0), 0.05):
        raise Hint("absolute: sort the ten values of a, take the middle, then the same for b.")
    return "Absolute error sides with the majority, squared error hears everyone: sky, at half its strength."


@check
def histograms(first: Any, second: Any) -> str:
    """Check two palettes that agree in the histograms of a and b and differ in how much is gray."""
    one, two = numbers(first, (4, 2), "first"), numbers(second, (4, 2), "second")
    for k, name in enumerate("ab"):
        if not close(np.sort(one[:, k]), np.sort(two[:, k]), 1e-4):
            raise Hint(f"The histograms of {name} differ: both palettes need the same four values of {name}.")
    gray = [int((np.hypot(*palette.T) < NEAR_GRAY).sum()) for palette in (one, two)]
    pairs = [sorted(map(tuple, palette.tolist())) for palette in (one, two)]
    if pairs[0] == pairs[1]:
        raise Hint("Both palettes hold the same four colors: another order changes no histogram, not even the plane's.")
    if gray == [0, 2]:
        raise Hint("The palettes are exchanged: first is the one with two colors near gray.")
    if gray[0] != 2:
        raise Hint(
            f"Near gray in first: {gray[0]} of 4 colors, 2 are asked for. A chroma below 10 takes a and b together."
        )
    if gray[1]:
        raise Hint(f"Near gray in second: {gray[1]} of 4 colors. Give each small a of first a large b as partner.")
    return "Same histogram of a, same histogram of b: half near gray or not at all. Only the plane can tell."


@check
def by_place(function: Any) -> str:
    """Check a colorization by the mean a and b of each place."""
    lab = np.random.default_rng(0).normal(size=(7, 6, 4, 3)) * [20, 15, 25] + [50, 3, -8]
    lab[5:] += [0, 10, 10]
    found = numbers(result_of(function, lab.copy(), 5), (2, 6, 4, 3), "the result for 7 photographs and first = 5")
    expected = lab[5:].copy()
    expected[..., 1:] = lab[:5, ..., 1:].mean(axis=0)
    ab = found[..., 1:]
    if alike(ab, np.broadcast_to(lab[..., 1:].mean(axis=0), ab.shape)):
        raise Hint("The table has learned from the photographs that it is to be tested on, too.")
    if np.ptp(ab, axis=(0, 1, 2)).max() < 1e-4:
        raise Hint("Every pixel gets one color. A place is a row and a column: average over photographs alone.")
    if alike(ab, lab[5:, ..., 1:]):
        raise Hint("These are the true a and b: the answer, not a prediction.")
    if not alike(ab, expected[..., 1:]):
        raise Hint("a and b at a place must be their mean there over lab[:first].")
    if not alike(found[..., 0], expected[..., 0]):
        raise Hint("L is not for the table to tell: each photograph keeps its own.")
    small = np.arange(18.0).reshape(3, 1, 2, 3)
    also(function, small, 2, gives=[[[[12, 4, 5], [15, 7, 8]]]])
    return "Only place decides here: compare the colors at the top with those at the bottom."


@cache
def measured() -> dict[str, np.ndarray]:
    """Return of each sample photograph whether it is blue above, its mean b and its colorfulness."""
    photos = data.load("sample")
    b = color.rgb_to_lab(photos.rgb)[..., 2]
    above = b[:, : b.shape[1] // 4].mean(axis=(1, 2))
    return {"blue": above < -10, "b": b.mean(axis=(1, 2)), "vivid": metrics.colorfulness(photos.rgb)}


@check
def fairer(chosen: Any) -> str:
    """Check twenty photographs of the sample that resemble the Intel scenes in three numbers."""
    wanted = whole(listed(chosen), (None,), "chosen")
    sample, known = measured(), results.measurement("data_landscape")
    total = len(sample["b"])
    if (wanted < 0).any() or (wanted >= total).any():
        raise Hint(f"Expected positions in the sample: whole numbers from 0 to {total - 1}.")
    if len(np.unique(wanted)) != MANY or len(wanted) != MANY:
        raise Hint(f"Expected {MANY} different positions, found {len(np.unique(wanted))} among {len(wanted)}.")
    blue, b, vivid = (float(sample[name][wanted].mean()) for name in ("blue", "b", "vivid"))
    target = known["blue_tops"]
    if abs(blue - target) > BLUE_WITHIN:
        raise Hint(f"Blue above: {blue:.0%}, among the Intel scenes {target:.0%}. How many of {MANY} would that be?")
    if abs(b - known["mean"]["b"]) > B_WITHIN:
        raise Hint(f"Blue skies are as frequent as asked, but the mean b is {b:.1f}, not {known['mean']['b']:.1f}.")
    if abs(vivid - known["colorfulness"]["mean"]) > VIVID_WITHIN:
        raise Hint(f"The colorfulness is {vivid:.1f}, not {known['colorfulness']['mean']:.1f}; the rest fits.")
    return f"Blue above {blue:.0%}, mean b {b:.1f}, colorfulness {vivid:.1f}. What is still unlike the Intel scenes?"

"""Checks for the exercises of chapter 08, the results."""

from collections.abc import Callable
from typing import Any

import numpy as np

from colorize_lib import metrics
from colorize_lib.color import as_uint8, fit_gamut, lab_to_rgb, lightness, merge, rgb_to_lab
from colorize_lib.exercises.verdict import (
    Hint,
    array_of,
    check,
    close,
    described,
    entries,
    not_exchanged,
    numbers,
    result_of,
)

SQUARED_AT_20 = 255**2 / 100
POOLED_20_40 = -10 * np.log10((10**-2 + 10**-4) / 2)
NAMES = ("psnr", "ssim", "mae", "ciede2000", "ab_distance", "colorfulness")
LOOKS_AT = {
    "psnr": "PSNR looks at each pixel's three differences, squared, wherever the pixel stands and whatever its hue",
    "mae": "MAE looks at each pixel's three differences, wherever the pixel stands and whatever its hue",
    "ssim": "SSIM compares windows of neighbors by their means, spreads and correlation, channel by channel",
    "ciede2000": "CIEDE2000 compares colors pixel by pixel, as eyes see them: not every hue and brightness alike",
    "ab_distance": "The ab distance compares pixel by pixel in Lab, and Lab is no sum of equal channels",
    "colorfulness": "Colorfulness takes the spreads and the sizes of the means of rg = R - G and yb = (R + G) / 2 - B",
}
ANGLES = (60.0, float(np.degrees(np.arccos(0.25))))
READING = 2.0  # degrees: what may be lost in reading a curve
MEASURED_ON, NARROWER = 400, 3
MISPLACED = 0.8  # what right colors in wrong places may score
FEWER, MORE = 100, 900  # photographs of a second and a third comparison


@check
def decibels(squared: Any, doubled: Any, pooled: Any) -> str:
    """Check a squared error at 20 dB, the PSNR of twice the error, and the pooled PSNR of 20 and 40 dB."""
    error = float(numbers(squared, (), "squared"))
    twice, both = float(numbers(doubled, (), "doubled")), float(numbers(pooled, (), "pooled"))
    right = {"squared": SQUARED_AT_20, "doubled": 20 - 20 * np.log10(2), "pooled": POOLED_20_40}
    not_exchanged(dict(zip(right, (error, twice, both), strict=True)), right, 0.5)
    if close(error, np.sqrt(SQUARED_AT_20), 0.3):
        raise Hint("That is the error of a typical value. PSNR is made from the mean of its square.")
    if close(error, 0.01, 0.002):
        raise Hint("That is right for a peak of 1. These photographs are stored in 8 bits: what is their peak?")
    if not close(error, SQUARED_AT_20, 3):
        raise Hint("squared: every 10 dB divide the squared error by 10. 0 dB is an error of the whole peak, 255².")
    if close(twice, 17, 0.2):
        raise Hint("doubled: 3 dB go if the squared error doubles. Here each error doubles, before it is squared.")
    if twice > 20:
        raise Hint("doubled: a larger error must give fewer decibels.")
    if not close(twice, 20 - 20 * np.log10(2), 0.1):
        raise Hint("doubled: by what factor does the mean of the squares grow if each error doubles?")
    if close(both, 30, 0.2):
        raise Hint("pooled: that is the mean of the decibels. Pool the squared errors first, then take the logarithm.")
    if not close(both, POOLED_20_40, 0.1):
        raise Hint("pooled: take the mean of the two squared errors (the second is a hundredth of the first).")
    return "The good photograph hardly counts: pooled, the two are 3 dB above the bad one."


def changes() -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Return the three changes that exercise 2 makes to truth and prediction alike."""
    order = np.random.default_rng(1).permutation(32 * 32)

    def shuffled(rgb: np.ndarray) -> np.ndarray:
        return rgb.reshape(len(rgb), -1, 3)[:, order].reshape(rgb.shape)

    return {"shuffled": shuffled, "exchanged": lambda rgb: rgb[..., ::-1], "inverted": lambda rgb: 255 - rgb}


def unmoved() -> dict[str, set[str]]:
    """Measure for each change which metrics stay the same."""
    truth = smooth(np.random.default_rng(2), 2)
    predicted = as_uint8(lab_to_rgb(rgb_to_lab(truth) * np.array([0.95, 0.5, 0.6], "float32")))
    tried = {**metrics.METRICS, "colorfulness": lambda _, picture: metrics.colorfulness(picture)}

    def same(metric: Callable[..., np.ndarray], change: Callable[[np.ndarray], np.ndarray]) -> bool:
        before, after = metric(truth, predicted), metric(change(truth), change(predicted))
        return bool(np.allclose(before, after, rtol=1e-4))

    return {name: {one for one in NAMES if same(tried[one], change)} for name, change in changes().items()}


@check
def blind(answer: Any) -> str:
    """Check which metrics don't notice a change that truth and prediction go through together."""
    truth = unmoved()
    said = {}
    for change, names in entries(answer, truth).items():
        if isinstance(names, str) or not hasattr(names, "__iter__"):
            raise Hint(f"{change}: expected a set of names such as {{'psnr', 'mae'}}, found {described(names)}.")
        if isinstance(names, dict) and all(isinstance(one, bool | np.bool_) for one in names.values()):
            names = [name for name, same in names.items() if same]
        said[change] = {str(name).strip().lower() for name in names}
        unknown = said[change] - set(NAMES)
        if unknown:
            raise Hint(f"{change}: '{min(unknown)}' is no name of the six: {', '.join(NAMES)}.")
    wrong = {change: [one for one in NAMES if (one in said[change]) != (one in truth[change])] for change in truth}
    part = 1 - sum(map(len, wrong.values())) / (len(NAMES) * len(truth))
    for change, misplaced in wrong.items():
        if misplaced:
            more = f" ({len(misplaced)} of the six are misplaced there.)" if len(misplaced) > 1 else ""
            raise Hint(f"{change}: think again about {misplaced[0]}. {LOOKS_AT[misplaced[0]]}.{more}", part)
    return "PSNR, SSIM and MAE would not mind a world with orange skies: to them colors are three numbers."


def smooth(rng: np.random.Generator, n: int, size: int = 32, chroma: float = 40.0) -> np.ndarray:
    """Return `n` made-up photographs, uint8 [n, size, size, 3]: soft patches of color with some texture."""
    coarse = rng.random((n, 4, 4, 3)) * [40, 2 * chroma, 2 * chroma] + [35, -chroma, -chroma]
    lab = coarse.repeat(size // 4, axis=1).repeat(size // 4, axis=2)
    lab[..., 0] += rng.normal(0, 4, lab.shape[:3])
    return as_uint8(lab_to_rgb(fit_gamut(lab.astype("float32"))))


def with_ab(rgb: np.ndarray, change: Callable[[np.ndarray], np.ndarray], fit: bool = True) -> np.ndarray:
    """Return photographs with other a and b; L stays if colors are made to fit."""
    lab = rgb_to_lab(rgb)
    wished = merge(lab[..., :1], change(lab[..., 1:]))
    return as_uint8(lab_to_rgb(fit_gamut(wished) if fit else wished))


def turned(rgb: np.ndarray, radians: float, fit: bool = True) -> np.ndarray:
    """Return photographs with their hues turned from a toward b."""
    turn = np.array([[np.cos(radians), np.sin(radians)], [-np.sin(radians), np.cos(radians)]], "float32")
    return with_ab(rgb, lambda ab: ab @ turn, fit)


def turned_in_place(rgb: np.ndarray, radians: float) -> np.ndarray:
    """Return what `turned` gives if b is made from an a that has been turned already."""
    cos, sin = np.cos(radians), np.sin(radians)
    turn = np.array([[cos, sin * cos], [-sin, cos - sin**2]], "float32")
    return with_ab(rgb, lambda ab: ab @ turn)


@check
def turn(function: Any, angles: Any) -> str:
    """Check a function that turns hues, and the angles from which a turned coloring is worse than none."""
    photographs = smooth(np.random.default_rng(3), 2, chroma=90)
    found = {}
    for degrees in (0, 90, 40):
        found[degrees] = array_of(result_of(function, photographs.copy(), degrees), "the turned photographs")
        if found[degrees].dtype != np.uint8 or found[degrees].shape != photographs.shape:
            raise Hint(f"Expected uint8 photographs of the same shape, found {described(found[degrees])}.")

    def near(degrees: int, expected: np.ndarray) -> bool:
        return float(np.abs(found[degrees].astype(int) - expected).mean()) < 1

    if found[0].max() <= 1:
        raise Hint("R, G and B from 0 to 1 were cut to whole numbers, all 0 or 1: as_uint8 multiplies by 255 first.")
    if not near(0, photographs):
        raise Hint("Turned by 0 degrees, the photograph should come back as it was.")
    if near(40, turned(photographs, 40)):
        raise Hint("np.cos and np.sin take radians: np.radians makes them from degrees.")
    moved = float(np.abs(lightness(found[90]) - lightness(photographs)).max())
    if any(near(90, turned(photographs, side * np.pi / 2, fit=False)) for side in (1, -1)):
        raise Hint(f"L moves by up to {moved:.0f} of 100: turned colors can lie outside sRGB. What makes them fit?")
    if near(40, turned_in_place(photographs, np.radians(40))):
        raise Hint("b is made from an a that has been turned already. Both need the old a and the old b.")
    if moved > 2:
        raise Hint(f"L moves by up to {moved:.0f} of 100. Turn a and b in Lab, leave L, and let fit_gamut do the rest.")
    if near(40, turned(photographs, -np.radians(40))):
        raise Hint("It turns the other way: 90 degrees must lead from (a, b) to (-b, a).")
    if not near(90, turned(photographs, np.radians(90))) or not near(40, turned(photographs, np.radians(40))):
        raise Hint("Each (a, b) should become (a cos - b sin, a sin + b cos), with L as it was.")
    full, half = numbers(angles, (2,), "angles")
    if close([half, full], ANGLES, READING):
        raise Hint("angles: the two are exchanged. All of the color comes first, half of it second.")
    if close(full, np.radians(ANGLES[0]), 0.1):
        raise Hint("angles are asked for in degrees.")
    if not close(full, ANGLES[0], READING):
        raise Hint("Full color: truth and the turned color are equally far from gray. When is their distance as long?")
    if close(half, ANGLES[0], READING):
        raise Hint("Half the color: the turned color now lies only half as far from gray. Draw the triangle anew.")
    if not close(half, ANGLES[1], READING):
        raise Hint("Half the color: by the law of cosines, the distance squared is 1 + 1/4 - cos(angle), in chromas.")
    return "The paler the guess, the more wrong its hue may be: timidity pays."


def scores(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return made-up scores of two networks: photographs differ much, the networks by about half a decibel."""
    other = rng.normal(24, 4, 400)
    return other + rng.normal(0.5, 1.2, 400), other


@check
def paired(function: Any, needed: Any) -> str:
    """Check a paired 95 % interval, and how many photographs a third of the width takes."""
    one, other = scores(np.random.default_rng(4))
    low, high = numbers(result_of(function, one, other), (2,), "the interval")
    gap = one - other
    error, middle = gap.std() / np.sqrt(len(gap)), (low + high) / 2
    width = (high - low) / (2 * 1.96 * error)
    if close([low, high], [gap.mean(), 1.96 * error], 0.2 * error):
        raise Hint("That is the middle, and how far the interval reaches. Asked for are its two ends.")
    if width < 0:
        raise Hint("The lower end comes first.")
    if width < 1e-6:
        raise Hint(
            "All means that you draw are the same. Draw with replacement, and make the random generator once, before "
            "the loop: one made anew from a seed draws the same photographs again."
        )
    if close(middle, -gap.mean(), 2 * error):
        raise Hint("The sign is reversed: how far is `one` above `other`?")
    apart = np.hypot(one.std(), other.std()) / gap.std()
    if width > 0.4 * np.sqrt(len(gap)):
        raise Hint("Single photographs lie in this interval. How well is their mean known? Draw, then take the mean.")
    if not close(middle, gap.mean(), 3 * error):
        raise Hint("The interval should lie around the mean of one - other. Subtract photograph by photograph first.")
    if close(width, apart, 0.25 * apart):
        raise Hint("Here each network gets photographs of its own, and the luck of the draw with them. Keep the pairs.")
    if width > 1.25 * apart:
        raise Hint(
            "Made of two networks' own intervals, this holds for two worst cases at once. Where did the pairs go?"
        )
    if not close(width, 1, 0.13):
        raise Hint(
            f"The interval is {width:.1f} times as wide as expected. Subtract photograph by photograph, draw from the "
            "differences, and go from the 2.5th to the 97.5th percentile of their means."
        )
    for count in (FEWER, MORE):
        hard = np.linspace(10, 40, count)
        gap = 1 + 2 * np.cos(np.arange(count))
        low, high = numbers(result_of(function, hard + gap, hard), (2,), "a second interval")
        width = (high - low) / (2 * 1.96 * gap.std() / np.sqrt(count))
        if not (close((low + high) / 2, gap.mean(), 0.05) and close(width, 1, 0.2)):
            raise Hint(
                f"Right for {len(one)} photographs. Two networks that lie {gap.mean():.2f} dB apart on {count} get "
                f"from {low:.2f} to {high:.2f}, {width:.1f} times as wide as expected. Is a number typed in?"
            )
    photographs = float(numbers(needed, (), "needed"))
    if close(photographs, MEASURED_ON * NARROWER, 20):
        raise Hint("needed: the width shrinks with the square root of the number of photographs.")
    if not close(photographs, MEASURED_ON * NARROWER**2, 40):
        raise Hint("needed: how does the spread of a mean depend on how many values it is the mean of?")
    return "Paired, what makes photographs easy or hard drops out."


def merged_lab(some_l: np.ndarray, some_ab: np.ndarray) -> np.ndarray:
    """Return photographs of this L and these colors, made to fit."""
    return as_uint8(lab_to_rgb(fit_gamut(merge(some_l, some_ab))))


@check
def skill(function: Any) -> str:
    """Check a score by what it says about faults that are known."""
    truth = smooth(np.random.default_rng(5), 4)
    gray = with_ab(truth, lambda ab: 0 * ab)
    lab = rgb_to_lab(truth)

    def score(predicted: np.ndarray, of: np.ndarray = truth) -> np.ndarray:
        with np.errstate(all="ignore"):
            return numbers(result_of(function, of.copy(), predicted), (len(of),), "the scores (one a photograph)")

    if np.abs(score(truth) - 1).max() > 0.02:
        raise Hint(f"The truth itself scores {score(truth).mean() + 0:.2f}, and 1 is asked for.")
    if np.abs(score(gray)).max() > 0.05:
        raise Hint(f"The photograph without color scores {score(gray).mean():.2f}, and 0 is asked for.")
    mixed = np.concatenate([truth[:1], gray[1:]])
    if np.abs(score(mixed) - [1, 0, 0, 0]).max() > 0.05:
        raise Hint("One photograph right and three without color: each should get its own score, whatever the others.")
    tinted = np.minimum(gray, 254) + np.eye(3, dtype="uint8")[truth.argmax(axis=-1)]
    if np.abs(score(tinted)).max() > 0.1:
        raise Hint(
            f"One level in one channel, which no eye can see, moves the score from 0 to {score(tinted).mean():.2f}."
        )
    darker = as_uint8(lab_to_rgb(fit_gamut(merge(np.maximum(lab[..., :1] - 5, 0), lab[..., 1:]))))
    if score(darker).min() < 0.9:
        raise Hint(f"Right colors, darker by 5, score {score(darker).min():.2f}: the score should look at color alone.")
    elsewhere = score(merged_lab(lab[..., :1], lab[:, ::-1, ::-1, 1:])).max()
    if elsewhere > MISPLACED:
        raise Hint(
            f"The right colors in the wrong places, turned upside down, score {elsewhere:.2f}; at most {MISPLACED:g} "
            "is asked for. Compare pixel by pixel, and only then take a mean or a sum."
        )
    for degrees in (90, 180):
        wrong = score(turned(truth, np.radians(degrees))).max()
        if wrong > -0.2:
            raise Hint(f"Colors turned by {degrees}° score {wrong:.2f}. They are as vivid as the true ones, and wrong.")
    half = score(with_ab(truth, lambda ab: ab / 2))
    if half.min() < 0.2 or half.max() > 0.9:
        raise Hint(f"Half of the right color scores {half.mean():.2f}; it should lie well between gray and truth.")
    pale = truth // 2 + 64
    double = score(with_ab(pale, lambda ab: 2 * ab), pale)
    if double.max() > 0.8:
        raise Hint(f"Twice the true color scores {double.max():.2f}. Too much is wrong as well.")
    neutral = np.repeat(truth[..., :1], 3, axis=-1)
    neutral[0] = 0  # black, whose a and b are exactly 0
    for painted in (neutral, np.minimum(neutral, 200) + np.array([0, 0, 40], "uint8")):
        found = score(painted, neutral)
        if np.abs(found).max() > 1 + 1e-6:
            worst = found[np.abs(found).argmax()]
            raise Hint(f"Where the truth is gray, the score can be {worst:.3g}: one photograph would rule the mean.")
    return "Gray is 0, the truth is 1, and a wrong color falls below gray."

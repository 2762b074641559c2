"""Checks for the exercises of chapter 21, color classification."""

from functools import cache
from typing import Any

import numpy as np

from colorize_lib import data, metrics, two_samples
from colorize_lib.color import rgb_to_lab
from colorize_lib.exercises.verdict import Hint, also, check, close, entries, numbers, result_of

SIGMA = 5
BINS = (0, 10, 20)  # a of three bins with b = 0
AT, BETWEEN = 10, 5  # a of two colors with b = 0
COMMON, RARE = 0.99, 0.01
LAMBDAS = ("1", "0.5", "0")
FARTHEST = 150
WRONG_PEAK = 4095
WRONG_LINES = {"a": 1, "b": 3, "c": 5, "d": 4}
# What is right about the other lines, and what to try.
RIGHT_LINES = {
    "a": "Line {} does what it should with what it gets. What is 3 - 5 in 8 bits without a sign?",
    "b": "Line {} is right: after line 1 all values lie between 0 and 1. Which other line has to know that?",
    "c": "Line {} is right. Hand over three photographs, and print how many numbers the mean is taken of.",
    "d": "Line {} is right. k(x, y) has a row and a column for each photograph. What stands where the two cross?",
}


def shared(color: float, sigma: float = SIGMA) -> np.ndarray:
    """Return the soft target of a color over the three bins."""
    odds = np.exp(-((np.array(BINS) - color) ** 2) / (2 * sigma**2))
    return odds / odds.sum()


@check
def targets(at_bin: Any, between: Any) -> str:
    """Check two soft targets over three bins."""
    answers = {"at_bin": (numbers(at_bin, (3,), "at_bin"), AT), "between": (numbers(between, (3,), "between"), BETWEEN)}
    for name, (found, color) in answers.items():
        part = 0.0 if name == "at_bin" else 0.5
        apart = np.abs(np.array(BINS) - color)
        if close(found, shared(color), 0.005):
            continue
        if close(found, np.exp(-(apart**2) / (2 * SIGMA**2)), 0.005):
            raise Hint(f"{name}: these are the factors. Together they have to be 1, so divide each by their sum.", part)
        if close(np.sort(found), [0, 0, 1], 0.005) or close(np.sort(found), [0, 0.5, 0.5], 0.005):
            raise Hint(f"{name}: neighbors farther off take part, too, by the Gaussian of their distance.", part)
        if close(found, np.exp(-apart / 50) / np.exp(-apart / 50).sum(), 0.005):
            raise Hint(f"{name}: the distance is squared before it is divided by 2 times 5 squared.", part)
        if close(found, shared(color, SIGMA / np.sqrt(2)), 0.005):
            raise Hint(f"{name}: the squared distance is divided by 2 times 5 squared, which is 50.", part)
        if abs(found.sum() - 1) > 0.01:
            raise Hint(f"{name}: a target is shared out whole, and these three add up to {found.sum():.2f}.", part)
        raise Hint(f"{name}: write down the three distances first, then exp(-d² / 50) of each, then their sum.", part)
    return "A color in the middle of a bin keeps most of its target there, one at a border shares it evenly."


def learned(uniform: float) -> float:
    """Return which odds of the rare color are learned with this lambda."""
    share = np.array([COMMON, RARE])
    product = share / ((1 - uniform) * share + uniform / 2)
    return float(product[1] / product.sum())


@check
def rebalanced(predicted: Any) -> str:
    """Check what is predicted for the odds of a rare color under weights."""
    guess = {name: float(numbers(value, (), name)) for name, value in entries(predicted, LAMBDAS).items()}
    if not close(guess["1"], RARE, 0.001):
        raise Hint("With lambda 1 both bins have the same weight. Which odds has cross-entropy's lowest point then?")
    if close(guess["0.5"], RARE, 0.001):
        raise Hint("The weights stand in the loss, so its lowest point moves: to weight times share.", 1 / 3)
    if guess["0.5"] > 0.7:
        raise Hint("That is the rare color's part of both weights. A weight multiplies the true odds first.", 1 / 3)
    if not close(guess["0.5"], learned(0.5), 0.004):
        raise Hint("For lambda 0.5: 1 / (.495 + .25) and 1 / (.005 + .25). Multiply each by its share.", 1 / 3)
    if guess["0"] > 0.6:
        raise Hint("With lambda 0 a weight is 1 / share. What is share times 1 / share, for either bin?", 2 / 3)
    if not close(guess["0"], learned(0), 0.01):
        raise Hint("With lambda 0 the factor .01 of the rare color is made good exactly. By which weight?", 2 / 3)
    return "With lambda 0 every color is as likely as any other, and 0.5 is much nearer to no weights than to that."


@check
def annealed(function: Any) -> str:
    """Check an annealed mean for arrays of odds."""
    colors = np.array([[0.0, 0.0], [40, 10], [-20, 30]])
    odds = np.array([[0.7, 0.2, 0.1], [0.25, 0.35, 0.4]])

    def expected(odds: np.ndarray, temperature: float) -> np.ndarray:
        sharp = (odds / odds.max(axis=-1, keepdims=True)) ** (1 / temperature)
        return sharp / sharp.sum(axis=-1, keepdims=True) @ colors

    def given(temperature: float) -> np.ndarray:
        return numbers(result_of(function, odds, colors, temperature), (2, 2), "the colors")

    if not close(given(1.0), odds @ colors, 0.01):
        raise Hint("With T = 1 the odds stay as they are, so the answer is their mean: odds @ colors.")
    half = given(0.5)
    if close(half, expected(odds, 2.0), 0.01):
        raise Hint("The odds are raised to the power 1 / T, not T: a lower temperature has to sharpen them.", 0.25)
    if close(half, odds**2 @ colors, 0.01):
        raise Hint("After the power the odds no longer add up to 1. Divide them by their sum.", 0.25)
    if close(half, colors[odds.argmax(axis=-1)], 0.01):
        raise Hint("For T = 0.5 this is the likeliest color already. All colors still take part there.", 0.25)
    if not close(half, expected(odds, 0.5), 0.01):
        raise Hint("For T = 0.5 square the odds, divide each row by its sum, and take the mean of the colors.", 0.25)
    try:
        cold = given(0.001)
    except Hint:
        raise Hint(
            "For T = 0.001 all powers are 0, and 0 / 0 is no number. Divide by the largest first.", 0.75
        ) from None
    if not close(cold, colors[odds.argmax(axis=-1)], 0.01):
        raise Hint("For T = 0.001 only the likeliest color should be left.", 0.75)
    also(function, np.array([[0.5, 0.5, 0.0]]), colors, 0.38, gives=[[20.0, 5.0]], within=0.01)
    return "From the mean to the mode, and even odds stay even."


@cache
def grays() -> float:
    """Return the area under gray's curve on the sample at 64 x 64."""
    chroma = np.hypot(*np.moveaxis(rgb_to_lab(data.load("sample", 64).rgb)[..., 1:], -1, 0))
    return float(np.mean(1 - np.minimum(chroma, FARTHEST) / FARTHEST))


@check
def near(function: Any, gray: Any) -> str:
    """Check the area under the curve, weighted, and gray's on a photograph."""
    error = np.array([0.0, 30.0, 75.0, 200.0])
    plain = float(numbers(result_of(function, error, np.ones(4)), (), "the area"))
    if close(plain, np.mean(1 - error / FARTHEST), 1e-3):
        raise Hint("A pixel that is off by more than 150 can't take away from the area. Cut its error off at 150.")
    if close(plain, 0.575 * FARTHEST, 0.01):
        raise Hint("The area is divided by 150, so that a perfect picture has 1.")
    if close(plain, 1 - 0.575, 1e-3):
        raise Hint("That is the area above the curve: a pixel without an error should add 1.")
    if not close(plain, 0.575, 1e-3):
        raise Hint("For errors of 0, 30, 75 and 200 with equal weights the area is .575.")
    weighted = float(numbers(result_of(function, error, np.array([3.0, 1, 1, 1])), (), "the area"))
    if close(weighted, plain, 1e-3):
        raise Hint("The weights change nothing yet. A pixel of weight 3 counts as three.", 0.25)
    if weighted > 1:
        raise Hint("A weighted mean is divided by the sum of the weights, not by the number of pixels.", 0.25)
    if not close(weighted, 4.3 / 6, 1e-3):
        raise Hint("With the weights 3, 1, 1 and 1 the area is (3 + .8 + .5 + 0) / 6.", 0.25)
    also(function, np.array([150.0, 0.0]), np.array([1.0, 4.0]), gives=0.8)
    found = float(numbers(gray, (), "gray"))
    if not close(found, grays(), 1e-3):
        raise Hint(
            "Gray is off by the chroma of the truth, the root of a² + b², of all pixels of all photographs.", 0.75
        )
    return "Gray does well in the plain area: most colors lie close to it."


def photographs(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return made-up photographs and what was made of them, uint8 [count, 6, 6, 3]: each is off by its own amount."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, 256, (count, 6, 6, 3))
    noise = random.normal(size=truth.shape) * (10 + 15 * np.arange(count))[:, None, None, None]
    return truth.astype("uint8"), np.clip(truth + noise, 0, 255).astype("uint8")


def paired_features(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return features of photographs and of their colored forms, [count, 4]: alike row by row."""
    random = np.random.default_rng(seed)
    shown = random.normal(size=(count, 4))
    return shown + 0.2 * random.normal(size=shown.shape), shown + 0.2 * random.normal(size=shown.shape)


def decibels(squared: Any, peak: float = metrics.PEAK) -> np.ndarray:
    """Return the PSNR of mean squared errors."""
    return 10 * np.log10(peak**2 / np.asarray(squared))


def squares(difference: np.ndarray) -> np.ndarray:
    """Return the mean square of each photograph's differences."""
    return np.mean(difference**2, axis=(1, 2, 3))


def said(function: Any, *arguments: np.ndarray) -> float:
    """Return the number that a mended program gives."""
    with np.errstate(all="ignore"):
        return float(numbers(result_of(function, *arguments), (), "what the program returns"))


def mended_psnr(name: str, function: Any, mistakes: dict[str, float], part: float) -> None:
    """Raise a Hint unless a program returns the mean PSNR; `mistakes`: the values of known ones, by what to say."""
    truth, predicted = photographs(3, 1)
    right = float(metrics.psnr(truth, predicted).mean())
    found = said(function, truth, predicted)
    pooled = float(metrics.pooled_psnr(truth, predicted))
    known = mistakes | {"That is the PSNR of the pooled error. Asked for is the mean over photographs.": pooled}
    for hint, value in known.items():
        if close(found, value, 1e-3):
            raise Hint(f"program_{name}: {hint}", part)
    if not close(found, right, 1e-3):
        raise Hint(f"program_{name} gives {found:.2f} dB where the mean PSNR is {right:.2f} dB.", part)
    again = photographs(5, 2)
    also(function, *again, gives=metrics.psnr(*again).mean(), within=1e-3)


def mended_kid(function: Any, part: float) -> None:
    """Raise a Hint unless a program returns the KID of paired sets."""
    x, y = paired_features(8, 3)
    found, right = said(function, x, y), two_samples.kid(x, y)
    kernels = [two_samples.kernel(*pair) for pair in ((x, x), (y, y), (x, y))]
    others = ~np.eye(len(x), dtype=bool)
    inside = kernels[0][others].mean() + kernels[1][others].mean()
    if close(found, inside - 2 * kernels[2].mean(), 1e-6):
        raise Hint("program_d: k(x, y) still has the terms of a photograph with its own colored form.", part)
    if close(found, inside - 2 * (kernels[2] * others).mean(), 1e-6):
        raise Hint("program_d: these terms are 0 now, but they are still counted in the mean.", part)
    if not close(found, right, 1e-6):
        raise Hint(f"program_d gives {found:.4f} where the KID of two paired sets is {right:.4f}.", part)
    again = paired_features(6, 4)
    also(function, *again, gives=two_samples.kid(*again), within=1e-6)


@check
def mended(lines: Any, program_a: Any, program_b: Any, program_c: Any, program_d: Any) -> str:
    """Check which line of four programs is wrong, and the programs once they are mended."""
    for name, found in entries(lines, WRONG_LINES).items():
        line = float(numbers(found, (), f"line of program {name}"))
        if not close(line, WRONG_LINES[name], 1e-6):
            raise Hint(f"program_{name}: {RIGHT_LINES[name].format(f'{line:g}')}")
    truth, predicted = photographs(3, 1)
    error = squares(truth.astype(float) - predicted)
    wrapped = truth - predicted
    by_hand = {
        "The difference is still taken in 8 bits, where 3 - 5 is 254, and squared there.": squares(wrapped),
        "The square no longer wraps, but the difference does. Convert before you subtract.": squares(
            wrapped.astype(float)
        ),
    }
    of_a = {hint: float(decibels(value).mean()) for hint, value in by_hand.items()}
    mended_psnr("a", program_a, of_a, 0.2)
    of_b = {
        "The peak is still that of 12 bits.": float(decibels(error / 255**2, WRONG_PEAK).mean()),
        "255 is the peak of 8 bits, and these values lie between 0 and 1.": float(decibels(error / 255**2).mean()),
    }
    mended_psnr("b", program_b, of_b, 0.4)
    of_c = {
        "That is the first photograph's PSNR: it returns before the loop has come to the others.": decibels(error)[0],
        "That is the last photograph's PSNR.": decibels(error)[-1],
    }
    mended_psnr("c", program_c, of_c, 0.6)
    mended_kid(program_d, 0.8)
    return "Each of the four ran without a complaint: only a case whose answer is known tells them apart."

"""Checks for the exercises of chapter 06, skip connections."""

from functools import partial
from typing import Any

import numpy as np

from colorize_lib import color
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
    whole,
)

PLACES, DECODED, ENCODED, MADE = 40, 96, 64, 48  # of exercise 1: side, channels of the two maps, channels made
JOINED = (PLACES, PLACES, DECODED + ENCODED)
CONCATENATED = (9 * (DECODED + ENCODED) + 1) * MADE
PROJECTION = (ENCODED + 1) * DECODED
SUMMED = (9 * DECODED + 1) * MADE
PAIRS = {(0, 1): 1, (1, 2): 2, (0, 3): 2, (3, 4): 3}  # columns of two pictures: over how many routes they differ

SIDES, CHANNELS, NEXT = (80, 40, 20, 10), (128, 128, 256, 512), (3, 128, 128, 256)  # levels 1 to 4 at 160 x 160
LEAST_CHANNELS = 8
LEAST_NUMBERS = 900_000
MOST_PARAMETERS = 150_000
NOTHING = 1e-5  # what rounding may leave of a weight


@check
def join(shape: Any, concatenated: Any, added: Any) -> str:
    """Check the shape of a concatenation and what it costs, compared with an addition."""
    if np.size(array_of(shape, "shape")) == 4:
        raise Hint("shape: Keras's first entry, None or the batch, counts photographs: leave it out.")
    found = tuple(whole(shape, (3,), "shape").tolist())
    stacked, summed = float(numbers(concatenated, (), "concatenated")), float(numbers(added, (), "added"))
    not_exchanged(
        {"concatenated": stacked, "added": summed}, {"concatenated": CONCATENATED, "added": SUMMED + PROJECTION}, 0
    )
    if found == (JOINED[2], *JOINED[:2]):
        raise Hint("shape: the channels come last in this course, (height, width, channels).")
    if found == (2 * PLACES, 2 * PLACES, MADE):
        raise Hint(
            "That is what the transposed convolution makes. Asked for is what it reads: both maps, concatenated."
        )
    if 2 * PLACES in found[:2]:
        raise Hint("The maps don't lie one beside the other in space: they share height and width.")
    if found == (PLACES, PLACES, DECODED):
        raise Hint("That is the shape of a sum. Concatenation keeps all channels of both maps.")
    if found != JOINED:
        raise Hint("Height and width stay as they are. Which number of channels keeps both maps whole?")
    if stacked in [
        one * places for one in (CONCATENATED, CONCATENATED - MADE) for places in (4, PLACES**2, (2 * PLACES) ** 2)
    ]:
        raise Hint("A kernel is used at every place, but its weights exist only once, whatever the stride.")
    if stacked == CONCATENATED - MADE:
        raise Hint("These are the weights of the layer after the concatenation. The biases count, too: one a channel.")
    if stacked == CONCATENATED - MADE + DECODED + ENCODED:
        raise Hint("A bias belongs to each channel made, and not to each channel read.")
    if stacked == CONCATENATED + MADE * (DECODED + ENCODED - 1):
        raise Hint("A bias belongs to each channel made, and not to each pair of channels.")
    if stacked != CONCATENATED:
        raise Hint("After the concatenation: 9 weights for each pair of a channel read and a channel made, and biases.")
    if summed == SUMMED:
        raise Hint(
            f"The sum is cheap to read, but {ENCODED} channels first have to become {DECODED}: that convolution has "
            "weights."
        )
    if summed == SUMMED + PROJECTION - MADE - DECODED:
        raise Hint("Two layers, two sets of biases: they are missing in the sum.")
    if summed == SUMMED + PROJECTION - DECODED:
        raise Hint(f"The 1 x 1 convolution has biases as well, one for each of the {DECODED} channels that it makes.")
    if summed == SUMMED + PROJECTION - MADE:
        raise Hint(f"The transposed convolution has biases as well, one for each of the {MADE} channels that it makes.")
    if summed == CONCATENATED + PROJECTION:
        raise Hint(f"A sum has the channels of one map: the transposed convolution reads {DECODED} of them.")
    if summed == SUMMED + 9 * ENCODED * DECODED + DECODED:
        raise Hint("A 1 x 1 convolution looks at one place: one weight a pair of channels, where 3 x 3 has nine.")
    if summed != SUMMED + PROJECTION:
        raise Hint(
            f"For the sum, add two layers: the 1 x 1 convolution {ENCODED} to {DECODED}, and the transposed one "
            f"{DECODED} to {MADE}."
        )
    sums = SUMMED + PROJECTION
    return (
        f"{sums:,} against {CONCATENATED:,}: addition is cheaper, even with its own convolution, and can't be undone."
    )


@check
def reach(routes: Any) -> str:
    """Check over how many of three routes two pictures differ, for four pairs of pictures."""
    given = entries(routes, PAIRS)
    found = {pair: float(numbers(count, (), f"the columns {pair}")) for pair, count in given.items()}
    hint = partial(Hint, part=np.mean([found[pair] == count for pair, count in PAIRS.items()]))
    if found == {pair: 3 - count for pair, count in PAIRS.items()}:
        raise hint("You counted where the two pictures look alike. Count where they differ.")
    if len(set(found.values())) == 1:
        raise hint(
            "A route doesn't treat all pairs alike. Where do the blocks of level 1 begin, and those of the code?"
        )
    if found[0, 1] >= found[1, 2] == found[3, 4] or found[0, 3] > found[3, 4]:
        raise hint("The distance of the lines doesn't decide. Do both lie in one block of a route, or in two?")
    if min(found.values()) < 1:
        raise hint("The skip connection from the input brings the pixels themselves: over it, every pair differs.")
    wrong = [pair for pair, count in PAIRS.items() if found[pair] != count]
    if wrong:
        raise hint(f"Right so far: {4 - len(wrong)} of the four numbers. Go route by route, and average by hand.")
    return "A step of one pixel can cross every border, and a step of three none of the code's: the blocks decide."


def wrong_place(photo: np.ndarray) -> str:
    """Say what is wrong with the places at which `photo`, [down, right, color], looks, if anything."""
    places = np.argwhere((np.abs(photo) > NOTHING).any(axis=2)).tolist()
    if not places:
        return "The bias is there, the photograph isn't: every pixel comes out alike. Which weights bring it?"
    if len(places) > 1:
        return f"The photograph is fetched from {len(places)} places, {places}, and comes out blurred. One is enough."
    at = tuple(places[0])
    if at == (0, 0):
        return "Nothing has moved: place [0, 0] is the pixel itself. Which pixel has to come to a place for a move up?"
    if at == (0, 1):
        return "The picture moves left. The kernel's first index counts down the picture, its second to the right."
    if at == (1, 1):
        return "The picture moves up and to the left: place [1, 1] is one pixel down and one to the right. Only up."
    return ""


def wrong_strength(strength: np.ndarray) -> str:
    """Say what is wrong with how much of the photograph comes into each color, if anything."""
    if close(strength, [1, 1, 1], NOTHING):
        return "The photograph has moved up, but isn't a negative yet: 1 minus gray has a minus."
    if close(strength, [-3, -3, -3], NOTHING):
        return "Every color takes all three gray channels in full: that subtracts the photograph three times."
    if not close(strength, [-1, -1, -1], NOTHING):
        told = ", ".join(f"{one:g}" for one in strength)
        return f"The place is right. Red, green and blue take {told} times the photograph there, and -1 is asked for."
    return ""


def wrong_bias(offsets: np.ndarray) -> str:
    """Say what is wrong with the bias, once the weights are right."""
    if close(offsets, [0, 0, 0], NOTHING):
        return "Minus gray lies between -1 and 0, and so all is black: 1 minus gray has a 1, too. Where is it added?"
    if close(offsets, [255, 255, 255], 1):
        return "The network's pictures lie between 0 and 1, not between 0 and 255. What is black's negative?"
    if close(offsets, [-1, -1, -1], NOTHING):
        return "The bias has the wrong sign: the weights bring the minus, the bias the 1."
    told = ", ".join(f"{one:g}" for one in offsets)
    return f"The weights are right. With the bias {told}, what does black, 0, become, and what should it become?"


@check
def upward(kernel: Any, bias: Any) -> str:
    """Check the weights that return the photograph's negative, moved up by one pixel."""
    weights, offsets = numbers(kernel, (2, 2, 6, 3), "kernel"), numbers(bias, (3,), "bias")
    if not weights.any() and not offsets.any():
        raise Hint("Kernel and bias are still zero: every pixel comes out black. Which weights bring the photograph?")
    if np.abs(weights[:, :, :3]).max() > NOTHING:
        raise Hint("The decoder's channels, 0 to 2, have a say. The photograph comes in the other three.")
    photo = weights[:, :, 3:].sum(axis=2)  # [down, right, color]: the gray photograph stands there three times
    wanted = np.zeros_like(photo)
    wanted[1, 0] = -1
    right = (np.abs(photo - wanted).max(axis=(0, 1)) < NOTHING) & (np.abs(offsets - 1) < NOTHING)
    if right.any() and not right.all():
        raise Hint(
            f"Right so far: {right.sum()} of the three colors. Each needs a weight and a bias of its own.",
            part=right.mean(),
        )
    if not right.all():
        raise Hint(wrong_place(photo) or wrong_strength(photo[1, 0]) or wrong_bias(offsets))
    return "Six numbers are enough, and the other 9.6 million have no say. Now look at the bottom row."


def lab_of(pictures: np.ndarray) -> np.ndarray:
    """Return L, a, b in double precision."""
    return np.asarray(color.rgb_to_lab(pictures / 255.0))


def muted(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return a gray photograph and a picture with other lightness whose colors fit any of its grays."""
    gray = rng.integers(90, 170, (2, 8, 8)).astype("uint8")
    lab = np.concatenate([rng.uniform(45, 55, (2, 8, 8, 1)), rng.uniform(-12, 12, (2, 8, 8, 2))], axis=-1)
    return gray, color.as_uint8(color.lab_to_rgb(lab))


@check
def lightness(function: Any) -> str:
    """Check a function that gives a picture the lightness of the gray photograph."""
    gray, picture = muted(np.random.default_rng(0))
    found = array_of(result_of(function, gray.copy(), picture.copy()), "the pictures")
    if found.shape != picture.shape:
        raise Hint(f"Expected pictures of shape {picture.shape}, found {described(found)}.")
    if found.dtype != np.uint8:
        raise Hint(f"Expected uint8, as plots.strip wants it; found {found.dtype}. color.as_uint8 clips and rounds.")
    wanted_l = lab_of(np.repeat(gray[..., None], 3, axis=-1))[..., 0]
    got, before = lab_of(found), lab_of(picture)
    l_off, ab_off = np.abs(got[..., 0] - wanted_l).max(), np.abs(got - before)[..., 1:].max()
    if found.max() <= 1:
        raise Hint(
            "R, G and B from 0 to 1 were cut to whole numbers, all 0 or 1: color.as_uint8 multiplies by 255 first."
        )
    if np.array_equal(found, picture):
        raise Hint("The picture comes back as it was: its L has to be replaced.")
    if got[..., 0].min() > 80 or got[..., 0].max() < 5:
        raise Hint("L runs from 0 to 100. These pictures are nearly all white or black: which scale has gray?")
    if np.abs(got[..., 1:]).max() < 1:
        raise Hint("No color is left. a and b come from the picture, only L from the photograph.")
    if np.abs(got[..., 0] - gray / 2.55).max() < 1:
        raise Hint("Gray / 2.55 is a gamma-encoded value on a scale to 100, not L. Chapter 01 has the two grays.")
    if close(found[..., 1:].astype(np.int8).astype(float), before[..., 1:], 2):
        raise Hint("These are L, a and b, and a picture is made of R, G and B: what leads back from Lab?")
    if l_off > 1.0 >= ab_off / 1.5:
        raise Hint(
            f"a and b are the picture's own, and L differs from the photograph's by up to {l_off:.1f}. Does each pixel "
            "get the L of its own photograph at its own place, and all of it?"
        )
    if l_off > 1.0:
        raise Hint(f"L differs from the photograph's by up to {l_off:.1f}. Exchange it in Lab, not in R, G and B.")
    if ab_off > 1.5:
        raise Hint(f"L is right, but a and b have moved by up to {ab_off:.1f}. They should be the picture's own.")
    return "L is the photograph's, a and b are the picture's own. Did both numbers do what you expected?"


def thinned(kept: list[int]) -> tuple[int, int]:
    """Return the parameters that skip connections with these channels cost, and how many numbers they carry."""
    cost = carried = 0
    for channels, side, before, after in zip(kept, SIDES, CHANNELS, NEXT, strict=True):
        cost += 9 * channels * after + ((before + 1) * channels if channels < before else 0)
        carried += side**2 * channels
    return cost, carried


@check
def design(kept: Any) -> str:
    """Check how many channels each of four skip connections lets through."""
    chosen = whole(kept, (4,), "kept").tolist()
    for level, (k, most) in enumerate(zip(chosen, CHANNELS, strict=True), start=1):
        if not LEAST_CHANNELS <= k <= most:
            raise Hint(f"Level {level} lets {k} channels through; between {LEAST_CHANNELS} and its {most} are allowed.")
    cost, carried = thinned(chosen)
    if carried < LEAST_NUMBERS and cost > MOST_PARAMETERS:
        raise Hint(
            f"Too few numbers, {carried:,}, for too many parameters, {cost:,}. What does a number cost by level?"
        )
    if carried < LEAST_NUMBERS:
        raise Hint(f"The skip connections carry {carried:,} numbers. On which level does one channel carry most?")
    if cost > MOST_PARAMETERS:
        raise Hint(
            f"{carried:,} numbers are enough, but {cost:,} parameters too many. Which skip connection is dearest?"
        )
    return f"{carried:,} numbers around the code for {cost:,} parameters."

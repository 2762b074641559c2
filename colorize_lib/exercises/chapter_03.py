"""Checks for the exercises of chapter 03, preprocessing, and the data that two of them start from."""

import io
from typing import Any

import numpy as np

from colorize_lib.exercises.verdict import (
    Hint,
    also,
    array_of,
    check,
    close,
    entries,
    listed,
    numbers,
    result_of,
    several,
    whole,
    words,
)

CAUSES = {
    "white": ("open", "Only one of the functions knows what to do with 16 bits. Which step is the first to see them?"),
    "pale": (
        "divisor",
        "The hue is the direction of (a, b), and it is right. Only the length is too small: what was multiplied last?",
    ),
    "decibels": (
        "filter",
        "No network is involved: even the photograph left gray scores differently. What made the pixels before that?",
    ),
    "streets": ("slice", "No photograph stands on both sides. What do the ids of this folder say about the content?"),
    "some": (
        "leak",
        "An unfair slice would make all test photographs hard. Here a few are far too easy: what does the model know?",
    ),
    "again": ("cache", "Gray and color fit together, so they were cut alike. But when were the crops drawn?"),
}
CHOICES = ("open", "filter", "squash", "divisor", "gray", "slice", "leak", "pair", "cache")
X_RAW, X_SCALED = 51.0, 51 / 255
# Is the copy of a test photograph that slips into training mirrored? None: it has no copy.
PLANTED = (None, None, None, None, False, True, True, None, True, False)
PLACES, SCENES = 90, ("coast", "town", "mountain")
SHARES = {"train": 0.8, "val": 0.1, "test": 0.1}
SHARE_OFF, MIXTURE_OFF = 0.03, 0.12
ONE_DIGIT = 0.051  # what rounding to one digit after the point may change
EPOCHS, PAIRS = 10, 64  # of exercise 4, to see how often a pair is mirrored
SHARE_MIRRORED = 0.08  # around one half: more than four standard deviations
MIRROR = (slice(None), slice(None), slice(None, None, -1))  # left to right
UPSIDE_DOWN = (slice(None), slice(None, None, -1))


@check
def causes(cause: Any) -> str:
    """Check which decision is behind each of six symptoms."""
    said = words(cause, CAUSES, CHOICES)
    wrong = [name for name, (word, _) in CAUSES.items() if said[name] != word]
    if wrong:
        right = 6 - len(wrong)
        raise Hint(f"Right so far: {right} of 6. Go on with '{wrong[0]}': {CAUSES[wrong[0]][1]}", part=right / 6)
    return "You can tell from a symptom which step to look at."


def near(value: np.ndarray, wanted: float) -> bool:
    """Tell whether a rate is `wanted`, give or take two percent: room for rounding on paper."""
    return close(value / wanted, 1, 0.02)


@check
def limits(raw: Any, scaled: Any) -> str:
    """Check the learning rates beyond which gradient descent on one weight no longer settles."""
    given = {"raw": numbers(raw, (), "raw"), "scaled": numbers(scaled, (), "scaled")}
    if near(given["raw"], 1 / X_SCALED**2) and near(given["scaled"], 1 / X_RAW**2):
        raise Hint("The two are exchanged: is the larger number x allowed the larger or the smaller steps?")
    for x, name in ((X_RAW, "raw"), (X_SCALED, "scaled")):
        found = given[name]
        if near(found, 1 / x**2):
            continue
        if near(found, 1 / (2 * x**2)):
            raise Hint(f"With this rate ({name}) one step lands on the answer. Larger ones overshoot and still settle.")
        if near(found, 2 / x**2):
            raise Hint(f"The derivative of (wx - y)² brings a 2 along. Where is it in your formula ({name})?")
        if near(found, 1 / x) or near(found, 1 / (2 * x)):
            raise Hint(f"In 2x(wx - y) an x stands in front, and w is multiplied by another one ({name}).")
        if name == "scaled" and near(found, 255 / X_RAW**2):
            raise Hint("Dividing x by 255 changes the limit more than 255 times: how does x enter the step?")
        if close(found * x**2, 1, 0.1):
            raise Hint(f"Nearly ({name}). Give the limit with one more digit, or as a fraction.")
        raise Hint(
            f"Not {name} yet. Let e = w - y/x be the error of w. One step multiplies it by a number: "
            "write that number down, and ask when its size is below 1."
        )
    return "The limit moves by a factor of 255²."


def with_copies(gray: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return training and test photographs from `gray`, uint8 [N, S, S]; copies of some of the last ten slip in."""
    train, test = gray[:-10], gray[-10:]
    plain = [one for one, mirrored in zip(test, PLANTED, strict=True) if mirrored is False]
    mirrors = [one[:, ::-1] for one, mirrored in zip(test, PLANTED, strict=True) if mirrored]
    slipped = [recompressed(one) for one in plain + mirrors]
    return np.random.default_rng(1).permutation(np.concatenate([train, slipped])), test


def recompressed(picture: np.ndarray) -> np.ndarray:
    """Return a gray picture after a JPEG of low quality."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture)).save(file, "jpeg", quality=50)
    return np.asarray(Image.open(file))


def apart(train: np.ndarray, test: np.ndarray, *turned: tuple[slice, ...]) -> np.ndarray:
    """Return the smallest mean absolute difference of each test photograph to one in `train`, or to one `turned`."""
    known = np.concatenate([train.astype(float), *(train[how].astype(float) for how in turned)])
    return np.array([np.abs(known - one).mean(axis=(1, 2)).min() for one in test])


@check
def leak(function: Any, copies: Any) -> str:
    """Check a search for copies across the cut, and how many it found."""
    random = np.random.default_rng(0)
    train = random.integers(0, 256, (6, 8, 8), dtype="uint8")
    test = np.stack([train[0], train[1][:, ::-1], train[2][::-1], 255 - train[3], train[4] // 2])
    test = np.concatenate([test, np.clip(train[5:], 0, 254) + np.uint8(1)])
    found = numbers(result_of(function, train, test), (6,), "the result for 6 test photographs")
    if close(found, apart(train, test), ONE_DIGIT):
        raise Hint("A mirrored copy isn't found yet: compare with train as it is and with train mirrored.")
    if close(found, apart(train, test, UPSIDE_DOWN), ONE_DIGIT):
        raise Hint("The copies are turned upside down. Left and right change places along the last axis.")
    if close(found, apart(train, test, MIRROR), ONE_DIGIT):
        steps = np.arange(48, dtype="uint8").reshape(1, 6, 8)
        also(function, steps, steps[:, :, ::-1], gives=[0])
        also(function, steps, steps + np.uint8(3), gives=[3])
        return count_copies(copies)
    if close(found, apart(train, test, MIRROR), 0.51):
        raise Hint("The distances are right, and rounded to whole numbers: leave a digit after the point.")
    both = np.concatenate([train, train[MIRROR]])
    wrapped = [
        (one - other).mean(axis=(2, 3)).min(axis=known)
        for one, other, known in ((both[:, None], test[None], 0), (test[:, None], both[None], 1))
    ]
    if any(close(found, distances, ONE_DIGIT) for distances in wrapped):
        raise Hint("In uint8 a difference starts again at 255 below 0: 5 - 6 is 255. Convert before subtracting.")
    if (found < -1e-9).any():
        raise Hint("A distance can't be negative: take the absolute value of each pixel's difference first.")
    raise Hint(
        "For each pair: absolute differences, and their mean over the pixels. Then the smallest over train and mirrors."
    )


def count_copies(copies: Any) -> str:
    """Say whether `copies` is the number of those that `with_copies` lets slip in."""
    count = numbers(copies, (), "copies")
    if count == PLANTED.count(False):
        raise Hint("The function is right, but these are only the copies that aren't mirrored. Read its list again.")
    if count != len(PLANTED) - PLANTED.count(None):
        raise Hint("The function is right. Sort its ten distances: the copies lie on the near side of a wide gap.")
    return "Recompressed or mirrored: copies are found by what they show, not by their bytes."


def mirrored(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return for each photograph whether `after` is its mirror image; a Hint if it is neither that nor itself."""
    flipped = (after == before[MIRROR]).all(axis=(1, 2, 3))
    kept = (after == before).all(axis=(1, 2, 3))
    if (after == before[UPSIDE_DOWN]).all(axis=(1, 2, 3)).any():
        raise Hint("Some landscapes stand upside down. In [N, height, width, channels], left and right are axis 2.")
    if not (flipped | kept).all():
        raise Hint("Each photograph must stay as it is or be mirrored as a whole, and keep its place in the array.")
    return np.asarray(flipped)


def flips_of(function: Any, x: np.ndarray, y: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return for each pair whether one epoch of an augmentation mirrors it; a Hint if a pair doesn't stay one."""
    gray, color = several(result_of(function, x.copy(), y.copy(), random), "two arrays, x and y", 2)
    flips = mirrored(x, numbers(gray, x.shape, "x")), mirrored(y, numbers(color, y.shape, "y"))
    if not np.array_equal(*flips):
        raise Hint("A gray photograph is mirrored and its color isn't, or the reverse. Draw once per pair.")
    return flips[0]


@check
def pairs(function: Any) -> str:
    """Check an augmentation that mirrors about every other pair."""
    source = np.random.default_rng(0)
    x, y = (source.integers(1000, size=(PAIRS, 2, 3, n)).astype("float32") for n in (1, 2))  # exact in half precision
    drawn = [flips_of(function, x, y, random) for random in [np.random.default_rng(3)] * EPOCHS]
    again = flips_of(function, x, y, np.random.default_rng(3))
    each = np.array([flips.sum() for flips in drawn])
    if set(each) <= {0, PAIRS}:
        raise Hint("All photographs of a call are treated alike. Draw one number for each pair.")
    if np.array_equal(drawn[0], drawn[1]):
        raise Hint(
            "The second epoch mirrors the very same photographs as the first. Draw from the generator handed in."
        )
    if not np.array_equal(drawn[0], again):
        raise Hint("The same seed gives another draw: nothing can be repeated. Draw from the generator handed in.")
    if abs(each.mean() / PAIRS - 0.5) > SHARE_MIRRORED:
        raise Hint(f"{each.mean() / PAIRS:.0%} of the photographs were mirrored, about half are asked for.")
    if len(set(each)) == 1:
        raise Hint(
            f"In each of {EPOCHS} epochs exactly {each[0]} of {PAIRS} pairs are mirrored. Where each pair is with "
            "probability 1/2, whatever the others do, this number varies: draw one number for each pair."
        )
    return "Each pair stays a pair, each epoch draws anew, and the seed repeats it."


def collection() -> tuple[np.ndarray, np.ndarray]:
    """Return the place (a number) and the scene (a word) of each photograph, in the order of their ids."""
    views = np.random.default_rng(3).integers(3, 6, PLACES)
    return np.repeat(np.arange(PLACES), views), np.repeat(np.repeat(SCENES, PLACES // len(SCENES)), views)


def ids_of(part: Any, name: str, count: int) -> np.ndarray:
    """Return the ids of one part, given as ids or as a mask."""
    array = array_of(part, f"parts['{name}']")
    if array.dtype == bool and array.shape == (count,):
        return np.flatnonzero(array)
    ids = whole(listed(part), (None,), f"parts['{name}']")
    if ids.min() < 0 or ids.max() >= count:
        raise Hint(f"parts['{name}'] must hold ids, whole numbers from 0 to {count - 1}, and at least one.")
    return ids


@check
def split(parts: Any) -> str:
    """Check a split into three parts: complete, without leaks, of the right sizes, fair."""
    place, scene = collection()
    ids = {name: ids_of(part, name, len(place)) for name, part in entries(parts, SHARES).items()}
    times = np.bincount(np.concatenate(list(ids.values())), minlength=len(place))
    if (times > 1).any():
        raise Hint(f"{(times > 1).sum()} ids stand more than once. Each photograph belongs to one part only.")
    if (times == 0).any():
        raise Hint(f"{(times == 0).sum()} of {len(place)} ids stand in no part.")
    off = {name: len(own) / len(place) - SHARES[name] for name, own in ids.items()}
    shared = sum(len({name for name in ids if (place[ids[name]] == one).any()}) > 1 for one in range(PLACES))
    unfair = [
        (abs((scene[own] == one).mean() - (scene == one).mean()), name, one)
        for name, own in ids.items()
        for one in SCENES
    ]
    if shared > 3:  # slices by id cut through two places at most; what is wrong with them is the mixture
        raise Hint(f"{shared} places stand in more than one part. Two views of one place are nearly the same picture.")
    worst, name, one = max(unfair)
    if worst > MIXTURE_OFF:
        raise Hint(
            f"{name} holds {(scene[ids[name]] == one).mean():.0%} {one}, the whole collection "
            f"{(scene == one).mean():.0%}. Take some places of each scene for each part."
        )
    if shared:
        raise Hint(
            f"The mixture is fair, but a cut runs through {shared} of the places: keep all views of one together."
        )
    for name, difference in off.items():
        if abs(difference) > SHARE_OFF:
            raise Hint(
                f"{name} holds {SHARES[name] + difference:.0%} of the photographs, {SHARES[name]:.0%} are asked for."
            )
    return "Fair, and no place stands on both sides of a cut."

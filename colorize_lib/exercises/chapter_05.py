"""Checks for the exercises of chapter 05, the decoder."""

from typing import Any

import numpy as np

from colorize_lib.exercises.verdict import (
    Hint,
    alike,
    also,
    array_of,
    check,
    close,
    described,
    listed,
    not_exchanged,
    numbers,
    result_of,
    several,
    whole,
)

CODE, STAMP = np.array([4.0, 8, 2]), np.array([1.0, 2, 3])
WIDTH, STRIDE, LONG_STRIDE, WIDEST = 5, 2, 4, 12
SIDE, POSITIONS, CHANNELS = 160, 5, 512
MOST_PARAMETERS, FEWEST_FILTERS = 4_000_000, 64
STRIDES = (1, 2, 4)
WAYS = ("transposed", "repeat")


def printed(code: np.ndarray, stamp: np.ndarray, add: bool = True) -> np.ndarray:
    """Return a row of stamps, two pixels apart, uncut; overlaps are added, or the later print covers the earlier."""
    out = np.zeros(2 * (len(code) - 1) + len(stamp))
    for i, value in enumerate(code):
        there = slice(2 * i, 2 * i + len(stamp))
        out[there] = value * stamp + (out[there] if add else 0)
    return out


@check
def rows(nearest: Any, bilinear: Any, transposed: Any) -> str:
    """Check three ways to grow a row of three numbers to six."""
    at = np.arange(6) / 2 - 0.25
    found = numbers(bilinear, (6,), "bilinear")
    right = {
        "nearest": CODE.repeat(2),
        "bilinear": np.interp(at, range(3), CODE),
        "transposed": printed(CODE, STAMP)[:6],
    }
    given = {
        "nearest": numbers(nearest, (6,), "nearest"),
        "bilinear": found,
        "transposed": numbers(transposed, (None,), "transposed"),
    }
    not_exchanged(given, right, 0.01)
    if close(given["nearest"], np.tile(CODE, 2), 1e-6):
        raise Hint("nearest: that is the row twice, one after the other. Each number stands twice, side by side.")
    if not close(given["nearest"], CODE.repeat(2), 1e-6):
        raise Hint("nearest: each old number stands twice, side by side.")
    if not close(found, np.interp(at, range(3), CODE), 0.01):
        if close(found, np.interp(np.linspace(0, 2, 6), range(3), CODE), 0.05):
            raise Hint("bilinear: you spread the new pixels from the first old center to the last. Some lie outside.")
        if close(found[:5], np.interp(np.arange(5) / 2, range(3), CODE), 0.01):
            raise Hint("bilinear: no new center falls on an old one. They lie a quarter to the left and right of it.")
        if close(found[1:5], np.interp(at, range(3), CODE)[1:5], 0.01):
            raise Hint("bilinear: only the ends are wrong. Past the first and the last center the old value is kept.")
        raise Hint("bilinear: a new pixel takes 3/4 of the old one that it lies in, and 1/4 of the next on its side.")
    found, whole = numbers(transposed, (None,), "transposed"), printed(CODE, STAMP)
    if close(found, whole, 1e-6):
        raise Hint(
            "transposed: these are all 7 pixels that the prints cover. `same` asks for 6: on which side is it cut?"
        )
    found = numbers(transposed, (6,), "transposed")
    if close(found, whole[1:], 1e-6):
        raise Hint("transposed: of the 7 pixels you cut the first. Keras padded the encoder at the end of a row.")
    if close(found, printed(CODE, STAMP, add=False)[:6], 1e-6):
        raise Hint("transposed: where two prints overlap they are added; here the later one covers the earlier.")
    if close(found, (whole / printed(np.ones(3), np.ones(3)))[:6], 1e-6):
        raise Hint("transposed: where two prints overlap they are added; here their mean is taken.")
    if close(found, printed(CODE, STAMP[::-1])[:6], 1e-6):
        raise Hint("transposed: the stamp is printed as it is, 1 2 3 from left to right, not turned around.")
    if not close(found, whole[:6], 1e-6):
        raise Hint("transposed: write 1 2 3 times each number, each print two pixels further, and add the columns.")
    return "Three ways from the same three numbers; only the last one is learned."


def counts(width: int, stride: int) -> list[int]:
    """Return how many stamps cover each of the `stride` kinds of pixels of a row, away from its ends."""
    return [len(range(first, width, stride)) for first in range(stride)]


def whole_numbers(answer: Any, what: str) -> list[int]:
    """Return different whole numbers in order, from a list, an array or a set."""
    found = whole(listed(answer), (None,), what)
    return sorted(set(found.tolist()))


@check
def overlaps(covered: Any, safe: Any) -> str:
    """Check the counts of a 5x5 stamp at stride 2, and the safe widths at stride 4."""
    found, row = whole_numbers(covered, "covered"), sorted(set(counts(WIDTH, STRIDE)))
    if found == row:
        raise Hint("covered: right for a row. How many prints meet where row and column both overlap?")
    if found == sorted({a + b for a in row for b in row}):
        raise Hint("covered: a stamp is a square. Those above one another each meet all those side by side.")
    right = {a * b for a in row for b in row}
    if found == sorted({a * a for a in row}):
        raise Hint(
            "covered: some are missing. A pixel can lie in an overlap along its row and in none along its column."
        )
    if right < set(found):
        raise Hint("covered: more than asked for. Leave the border out, and a single row.")
    if set(found) != right:
        raise Hint(
            "covered: begin with a row, stamps of 5 starting at 0, 2, 4, ...: which cover pixel 4, which pixel 5?"
        )
    listed = set(whole_numbers(safe, "safe"))
    right = {width for width in range(2, WIDEST + 1) if len(set(counts(width, LONG_STRIDE))) == 1}
    if listed == right:
        return "Even and safe aren't the same: the stride has to divide the width."
    if not listed <= set(range(2, WIDEST + 1)):
        raise Hint(f"safe: list widths from 2 to {WIDEST}.")
    if {2, 3} & listed and 6 not in listed:
        raise Hint("safe: stamps narrower than the stride don't overlap, but what lies between them?")
    if {6, 10} <= listed and not any(width % 2 for width in listed):
        raise Hint(
            "safe: even widths are safe at stride 2. Count for width 6 at stride 4: stamps start at 0, 4, 8, ..."
        )
    if not right <= listed:
        raise Hint("safe: some width is missing. Which widths can be cut into whole pieces as long as the stride?")
    raise Hint(f"safe: width {min(listed - right)} doesn't cover all pixels equally often. Count a row.")


def linear(x: np.ndarray, mean: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """Return patches after the linear code in `directions`, [dimensions, k]."""
    return np.asarray(mean + (x - mean) @ directions @ directions.T)


@check
def layers(function: Any) -> str:
    """Check two dense layers that do what principal component analysis does."""
    said = [layers_of(function, size, k) for size, k in ((12, 5), (3, 1))]
    return said[0]


def layers_of(function: Any, size: int, k: int) -> str:
    """Try patches of `size` numbers and a code of `k`; return praise or raise a Hint."""
    random = np.random.default_rng(0)
    directions = np.linalg.qr(random.normal(size=(size, size)))[0]
    mean, x = random.random(size), random.random((30, size))
    result = several(
        result_of(function, mean.copy(), directions.copy(), k), "four arrays, w_in, b_in, w_out and b_out", 4
    )
    shapes = {"w_in": (size, k), "b_in": (k,), "w_out": (k, size), "b_out": (size,)}
    pairs = zip(result, shapes.items(), strict=True)
    w_in, b_in, w_out, b_out = (numbers(one, shape, f"{name}, for k = {k} of {size}") for one, (name, shape) in pairs)
    found = (x @ w_in + b_in) @ w_out + b_out
    kept = directions[:, :k]
    if alike(found, linear(x, mean, kept)):
        return "An autoencoder without a bend. On the patches that D comes from, no training finds a better one."
    if alike(found, x @ kept @ kept.T + mean):
        raise Hint("The mean is added at the end, but never taken away. Into which bias does -mean go?")
    if alike(found, x @ kept @ kept.T):
        raise Hint("Without biases the code describes x, not x - mean. Multiply out (x - mean) @ directions.")
    if any(alike(found, linear(x, mean, other)) for other in (directions[:, -k:], directions[:, ::-1][:, :k])):
        raise Hint("You keep the directions in which patches vary least. The strongest come first.")
    if alike(w_in, directions[:k].T) or alike(w_out, directions[:k]):
        raise Hint("These are rows of the matrix. A direction is a column: directions[:, 0] is the first.")
    raise Hint("Write y = mean + (x - mean) D Dᵀ with D = directions[:, :k], multiply out, and sort the terms.")


@check
def tile(function: Any) -> str:
    """Check the mean of all tiles of a picture."""
    random = np.random.default_rng(0)
    pictures, period = random.random((2, 14, 17)) * 9, 4
    cut = pictures[:, :12, :16]
    by_hand = np.mean([cut[:, i : i + 4, j : j + 4] for i in (0, 4, 8) for j in (0, 4, 8, 12)], axis=0)
    found = array_of(result_of(function, pictures.copy(), period), "the tile for period 4", float)
    if found.shape == (3, 4):
        raise Hint("This is the mean within each tile: a small picture. Wanted is the mean over the tiles, 4x4.")
    if found.shape == (2, 4, 4) and alike(found, by_hand):
        raise Hint("One tile for each picture. Take the mean over the pictures as well: [period, period].")
    found = numbers(found, (4, 4), "the tile for period 4")
    if alike(found, by_hand.mean(axis=0)):
        return fits(function, random)
    if alike(found, pictures[:, :4, :4].mean(axis=0)):
        raise Hint("This is the first tile only. What repeats shows when all tiles are averaged.")
    if alike(found, cut.reshape(2, 4, 3, 4, 4).mean(axis=(0, 2, 4))):
        raise Hint("Here pixels that lie side by side are averaged. Wanted are those a whole period apart.")
    if alike(found, by_hand.mean(axis=0).T):
        raise Hint("Rows and columns have changed places.")
    raise Hint(
        "tile[0, 0] is the mean of the pixels at rows and columns 0, period, 2 · period, ...; what is left over at the "
        "right and below, less than a tile, is cut off."
    )


def fits(function: Any, random: np.random.Generator) -> str:
    """Try a pattern that repeats: its tile must come back."""
    pattern = random.random((8, 8))
    found = numbers(result_of(function, np.tile(pattern, (1, 3, 2)), 8), (8, 8), "the tile for period 8")
    if not alike(found, pattern):
        raise Hint("Right for period 4, but a pattern that repeats every 8 pixels doesn't come back as it was.")
    also(function, np.arange(24).reshape(1, 4, 6), 2, gives=[[8, 9], [14, 15]])
    also(function, np.zeros((1, 7, 9)), 3, gives=np.zeros((3, 3)))
    return "What repeats stays, what doesn't averages out."


def steps_of(plan: Any) -> list[tuple[str, int, int, int]]:
    """Return a plan as (way, filters, width, stride) for each step."""
    if hasattr(plan, "to_numpy"):  # a table of pandas
        plan = plan.to_numpy()
    if isinstance(plan, np.ndarray):
        plan = plan.tolist()
    if not isinstance(plan, list | tuple) or not all(isinstance(one, list | tuple) and len(one) == 4 for one in plan):
        raise Hint(f"Expected a list of (way, filters, width, stride), found {described(plan)}.")
    plan = [(str(one[0]).strip().lower(), *one[1:]) for one in plan]
    if any(one[0] not in WAYS for one in plan):
        raise Hint("The way of each step is 'transposed' or 'repeat'.")
    values = whole([list(one[1:]) for one in plan], (None, 3), "filters, widths and strides")
    if (values < 1).any():
        raise Hint("Filters, widths and strides are whole numbers from 1.")
    if not set(values[:, 2]) <= set(STRIDES):
        raise Hint(f"Strides are {', '.join(map(str, STRIDES[:-1]))} or {STRIDES[-1]}.")
    return [(one[0], *row) for one, row in zip(plan, values.tolist(), strict=True)]


@check
def design(plan: Any) -> str:
    """Check the plan of a decoder that prints no checkerboard."""
    steps = steps_of(plan)
    side, channels, parameters = POSITIONS, CHANNELS, 0
    for number, (way, filters, width, stride) in enumerate(steps, 1):
        if way == "transposed" and len(set(counts(width, stride))) > 1:
            raise Hint(
                f"Step {number} prints unevenly: width {width} at stride {stride} covers pixels "
                f"{' or '.join(map(str, sorted(set(counts(width, stride)))))} times in a row."
            )
        if 1 < stride >= width:
            raise Hint(
                f"Step {number}: at width {width} and stride {stride}, some pixels come from one position alone. "
                "Neighbors mix where the width is larger than the stride."
            )
        if number < len(steps) and filters < FEWEST_FILTERS:
            raise Hint(f"Step {number} has {filters} filters; at least {FEWEST_FILTERS} are asked for before the last.")
        parameters += (width**2 * channels + 1) * filters
        side, channels = side * stride, filters
    if (side, channels) != (SIDE, 3):
        raise Hint(f"This ends at {side}x{side} with {channels} channels; {SIDE}x{SIDE} with 3 are asked for.")
    if parameters > MOST_PARAMETERS:
        raise Hint(
            f"Even, but it costs {parameters:,} parameters. Which step is dearest, and on what does that depend?"
        )
    return f"{len(steps)} steps, {parameters:,} parameters, every pixel covered alike."

"""Checks for the exercises of chapter 04, the encoder."""

from functools import partial
from typing import Any

import numpy as np

from colorize_lib.exercises.verdict import Hint, alike, also, check, close, not_exchanged, numbers, result_of, whole

FIRST_WIDTH, WIDTH = 7, 3  # of the filters: of the first block in exercise 2, and of all others
FIRST_IN, FIRST_OUT = 3, 128  # channels
FIELD_BEFORE = 63  # pixels, with 3x3 filters everywhere
FIELD_NOW = FIELD_BEFORE + FIRST_WIDTH - WIDTH
MORE_WEIGHTS = FIRST_WIDTH**2 - WIDTH**2  # for a pair of channels
ADDED = MORE_WEIGHTS * FIRST_IN * FIRST_OUT
STRIDE_TWO = np.array([[0, 0], [-5, -15]])
STRIDE_KINDS = (
    (-STRIDE_TWO, "The signs are the other way around: Keras slides the filter as it is, without flipping it."),
    (STRIDE_TWO.T, "Rows and columns have changed places: the two sums below one another belong side by side."),
    ([[0, 15], [0, 4]], "These are the sums with zeros on the left and above. On which sides does Keras add them?"),
    (
        [[20, -20], [15, -15]],
        "These are the sums of the filter for vertical edges. Transpose it: its first row is -1, -2, -1.",
    ),
    (
        [[0, 0], [0, 4]],
        "These are the four sums at stride 1, without padding. At stride 2 only the first is among them.",
    ),
    (
        [[0, 0], [0, 0]],
        "Below, no sum is 0: there the last row of the windows is zeros, which answer nothing to the first.",
    ),
    ([[0, 0], [0, 12]], "The last row and column are repeated here. `same` adds zeros."),
    ([[0, 0], [0, -15]], "The zeros on the left belong to the right: Keras adds them at the end of a row."),
    ([[5, 15], [0, 8]], "The zeros above belong below: Keras adds them at the end of a column."),
)
PAPER = 0.01  # what may be lost on paper where whole numbers come out
PIXELS_A_POSITION = 32
MOST_PARAMETERS = 6_000_000
NUMBERS_OF_THE_CODE = 12_800
SIZE = 160
FIELD = 2 * SIZE - 1


@check
def stride(answer: Any) -> str:
    """Check the four numbers of a stride-2 convolution."""
    found = numbers(answer, (2, 2))
    right = np.abs(found - STRIDE_TWO) <= PAPER
    hint = partial(Hint, part=right.mean())
    if right.all():
        return "The last row answers to an edge that only the padding has."
    for sums, why in STRIDE_KINDS:
        if close(found, sums, PAPER):
            raise hint(why)
    raise hint(f"Right: {right.sum()} of 4. The filter starts at rows and columns 0 and 2; zeros lie right and below.")


@check
def wider(field: Any, added: Any) -> str:
    """Check the receptive field and the extra parameters of a wider filter in the first block."""
    seen, more = float(numbers(field, (), "field")), float(numbers(added, (), "added"))
    not_exchanged({"field": seen, "added": more}, {"field": FIELD_NOW, "added": ADDED}, PAPER)
    if close(seen, (FIELD_BEFORE + FIELD_NOW) / 2, PAPER):
        raise Hint(
            f"A filter of width k adds k - 1 steps, counting both of its sides: {FIRST_WIDTH - 1} in place of "
            f"{WIDTH - 1}."
        )
    if seen > FIELD_NOW + 1:
        raise Hint("In the first block a step is one pixel long. Only the blocks after a stride take longer steps.")
    if close(seen, FIELD_NOW - FIELD_BEFORE, PAPER):
        raise Hint("field: that is what comes on top. Asked for is the whole width.")
    if not close(seen, FIELD_NOW, PAPER):
        raise Hint(
            f"Run through the recurrence again: r = 1, j = 1; the first block adds {FIRST_WIDTH - 1}j, the others "
            f"{WIDTH - 1}j each."
        )
    if close(more, (FIRST_WIDTH**2 * FIRST_IN + 1) * FIRST_OUT, PAPER):
        raise Hint("added: that is all that the first layer has now. Asked for is what comes on top.")
    if close(more, ADDED + FIRST_OUT, PAPER):
        raise Hint("added: the wider filters have no more biases than the narrow ones had.")
    if close(more, MORE_WEIGHTS * FIRST_OUT, PAPER):
        raise Hint("The first layer gets the gray photograph as three channels: each filter has three tables.")
    if not close(more, ADDED, PAPER):
        raise Hint(
            f"Subtract the parameters with {WIDTH}x{WIDTH} from those with {FIRST_WIDTH}x{FIRST_WIDTH}: "
            f"(k² · {FIRST_IN} + 1) · {FIRST_OUT}. The biases cancel."
        )
    return f"{FIELD_NOW - FIELD_BEFORE} pixels more for {ADDED:,} parameters."


def pooled(photographs: np.ndarray) -> np.ndarray:
    """Return the mean of each 32x32 square less 1.5, of either sign: an encoder whose right answers are known."""
    n, height, width = photographs.shape
    squares = photographs.reshape(n, height // 32, 32, width // 32, 32)
    return squares.mean(axis=(2, 4))[..., None] - 1.5


@check
def shift(function: Any) -> str:
    """Check a measure of how far codes move along with photographs, on an encoder that averages squares."""
    photographs = np.random.default_rng(0).random((2, 160, 224)) + np.linspace(0, 3, 224) ** 2
    photographs[1] = photographs[1, :, ::-1]  # one gets brighter to the right, one darker: differences of both signs
    code = pooled(photographs)
    what = "the errors, one for each of 7 columns of the code"
    measured = {n: numbers(result_of(function, pooled, photographs, n), (7,), what) for n in (32, 64, 24)}

    def errors(pixels: int, positions: int, axis: int = 2) -> np.ndarray:
        """Return the errors if photographs move by `pixels` along `axis` and codes by `positions`."""
        apart = pooled(np.roll(photographs, pixels, axis=axis)) - np.roll(code, positions, axis=2)
        return np.asarray(np.abs(apart).mean(axis=(0, 1, 3)) / np.abs(code).mean())

    still, down = errors(32, 0), errors(32, 1, axis=1)  # nearly alike, because the photographs change little downward
    if alike(measured[32], down) and abs(measured[32] - down).max() < abs(measured[32] - still).max():
        raise Hint("The photographs move down. To the right is axis 2 of [n, height, width].")
    if alike(measured[32], still):
        raise Hint("The original's code has to be moved as well: by one position for every 32 pixels.")
    if alike(measured[32], errors(32, 32)):
        raise Hint("The code moves by 32 positions. One position of the code stands for 32 pixels.")
    if alike(measured[24], errors(24, 0, axis=1)):
        raise Hint("The photographs move down. To the right is axis 2 of [n, height, width].")
    if alike(measured[24], errors(-24, 0)):
        raise Hint("The photographs move to the left. np.roll moves to the right by a positive number.")
    if measured[32].max() > 1e-4 or measured[64].max() > 1e-4:
        raise Hint(
            "After a shift by 32 or 64 pixels averages over 32x32 must agree exactly: by how many positions does the "
            "code move, along which axis and to which side?"
        )
    if alike(measured[24], errors(24, 1)):
        raise Hint("After 24 pixels the code moves by a position already. Only whole ones count: pixels // 32.")
    signed = (pooled(np.roll(photographs, 24, axis=2)) - code).mean(axis=(0, 1, 3)) / np.abs(code).mean()
    if alike(measured[24], signed) or alike(measured[24], np.abs(signed)):
        raise Hint("Differences below 0 take away from those above: first the absolute value of each, then the mean.")
    if not alike(measured[24], errors(24, 0)):
        raise Hint(
            "In each column: the mean absolute difference, divided by one number, the mean absolute value of the "
            "original's whole code."
        )
    ramp = np.tile(np.arange(64.0), (1, 64, 1))
    also(function, pooled, ramp, 32, gives=[0, 0], within=1e-3)
    also(function, pooled, ramp, 24, gives=np.full(2, 24 / 30), within=1e-3)
    return "Now measure 32 pixels and 1 pixel: shift_error(encode, gray[:3], 32)."


def stride_2(padded: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Return the convolution at stride 2 of an image that is padded already."""
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)[::2, ::2]
    return np.asarray((windows * kernel).sum(axis=(-2, -1)))


@check
def mirror(function: Any) -> str:
    """Check a stride-2 convolution with mirrored borders."""
    rng = np.random.default_rng(0)
    image, kernel = rng.random((8, 6)), rng.random((3, 3))
    found = numbers(result_of(function, image, kernel), (4, 3), "the result for an 8x6 image")
    if alike(found, stride_2(np.pad(image, 1, mode="reflect"), kernel)[:4, :3]):
        raise Hint("The windows start one pixel too early: pad on the right and below only, (0, 1) on each axis.")
    if alike(found, stride_2(np.pad(image, (0, 1)), kernel)):
        raise Hint("Zeros still stand right and below. np.pad takes mode='reflect'.")
    if alike(found, stride_2(np.pad(image, (0, 1), mode="edge"), kernel)):
        raise Hint("The last row and column are repeated. A mirror on them shows the ones before: mode='reflect'.")
    if not alike(found, stride_2(np.pad(image, (0, 1), mode="reflect"), kernel)):
        raise Hint("Print what you pad for a 4x4 image: one row and one column more, each copied from the second last?")
    also(function, np.arange(16).reshape(4, 4), np.ones((3, 3)), gives=[[45, 57], [93, 105]])
    return "The false edge at the border is gone."


def columns_seen(layers: np.ndarray) -> int:
    """Return how many of 160 columns of pixels are seen by the position of the code that sees fewest."""
    seen = np.eye(SIZE, dtype=bool)  # [position, pixel]
    for _, width, stride_of_layer in layers.tolist():
        positions = range(-(-len(seen) // stride_of_layer))
        before = max((len(positions) - 1) * stride_of_layer + width - len(seen), 0) // 2  # `same`, as in TensorFlow
        starts = [i * stride_of_layer - before for i in positions]
        seen = np.array([seen[max(start, 0) : start + width].any(axis=0) for start in starts])
    return int(seen.sum(axis=1).min())


@check
def design(plan: Any) -> str:
    """Check the plan of an encoder: layers of (filters, kernel width, stride)."""
    layers = whole(plan, (None, 3), "the plan")
    if (layers < 1).any():
        raise Hint("Filters, kernel width and stride of every layer must be 1 or more.")
    channels, field, step, parameters = 3, 1, 1, 0
    for filters, width, stride_of_layer in layers.tolist():
        parameters += (width**2 * channels + 1) * filters
        field, step, channels = field + (width - 1) * step, step * stride_of_layer, filters
    code = (-(-SIZE // step)) ** 2 * channels
    if code != NUMBERS_OF_THE_CODE:
        raise Hint(
            f"This code has {code:,} numbers; {NUMBERS_OF_THE_CODE:,} are asked for, such as 5 x 5 x "
            f"{NUMBERS_OF_THE_CODE // 25}."
        )
    if field < FIELD:
        raise Hint(f"The receptive field is {field} pixels wide, {FIELD} are asked for. Where is a step longest?")
    seen = columns_seen(layers)
    if seen < SIZE:
        raise Hint(
            f"The window is {field} pixels wide, but one position sees only {seen} of {SIZE} columns. Is a stride "
            "longer than its filter is wide, or a filter of even width?"
        )
    if parameters > MOST_PARAMETERS:
        raise Hint(f"It sees enough, but costs {parameters:,} parameters. Fewer channels in between would save most.")
    return f"{field} pixels wide, {parameters:,} parameters, {code:,} numbers."

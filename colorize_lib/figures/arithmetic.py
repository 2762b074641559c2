"""The arithmetic of two layers, of three losses and of odds, step by step: what `widgets` and pages show."""

from typing import Any

import numpy as np

from colorize_lib import synthetic
from colorize_lib.color import CHROMA_SCALE

ALL_ONES = np.ones((3, 3))
WAYS = ("nearest", "bilinear", "transposed")
TEMPERATURE = 0.38  # of the annealed mean (Zhang et al. 2016)
COLDEST = 1e-3  # in place of 0: the likeliest color alone is left


def zeros_around(size: int, width: int, stride: int, padding: str) -> tuple[int, int, int]:
    """Return how many zeros a convolution puts before and after `size` pixels, and how many outputs it then has.

    TensorFlow's rule: `valid` puts none; `same` puts as many as ``ceil(size / stride)`` outputs need, half of them
    before, and the odd one after.
    """
    if padding == "valid":
        return 0, 0, (size - width) // stride + 1
    outputs = -(-size // stride)
    missing = max((outputs - 1) * stride + width - size, 0)
    return missing // 2, missing - missing // 2, outputs


def convolution_steps(
    image: np.ndarray, kernel: np.ndarray, stride: int = 1, padding: str = "valid"
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what a convolution does, step by step.

    Parameters
    ----------
    image, kernel : array, [n, n] and [k, k]
        The picture and the filter, both square.
    stride : int
    padding : str
        ``"valid"`` or ``"same"``.

    Returns
    -------
    padded, windows, outputs : numpy.ndarray
        The picture with its zeros; the k x k pixels under the filter, [m, m, k, k]; their weighted sums, [m, m].
    """
    if padding not in ("valid", "same"):
        raise ValueError(f"padding is {padding!r}; expected 'valid' or 'same'.")
    before, after, count = zeros_around(len(image), len(kernel), stride, padding)
    padded = np.pad(image, (before, after))
    windows = np.lib.stride_tricks.sliding_window_view(padded, np.shape(kernel))[::stride, ::stride][:count, :count]
    return padded, windows, (windows * kernel).sum(axis=(2, 3))


def upsampling_weights(
    way: str, size: int, stamp: np.ndarray = ALL_ONES, stride: int = 2, padding: str = "same"
) -> np.ndarray:
    """Return how much each input adds to each of m x m outputs, [n, n, m, m].

    Parameters
    ----------
    way : str
        ``"nearest"`` and ``"bilinear"`` as in Keras's UpSampling2D, which double height and width, or
        ``"transposed"``, as in Conv2DTranspose.
    size : int
        n, the height and width of the input.
    stamp : array, [3, 3], optional
        The kernel of the transposed convolution; without one it prints ones.
    stride : int
        1, 2 or 3: how far apart the transposed convolution prints.
    padding : str
        ``"same"`` cuts its output to n times the stride, ``"valid"`` keeps (n - 1) times the stride, and 3.
    """
    if way not in WAYS or (way == "transposed" and np.shape(stamp) != (3, 3)):
        raise ValueError(
            f"way is {way!r} with a stamp of shape {np.shape(stamp)}; expected one of {', '.join(WAYS)}, "
            "and a stamp of 3x3 for the last."
        )
    if way == "transposed":
        whole = (size - 1) * stride + 3
        weights = np.zeros((size, size, whole, whole))
        for i in range(size):
            for j in range(size):
                weights[i, j, stride * i : stride * i + 3, stride * j : stride * j + 3] = stamp
        before = (3 - stride) // 2
        kept = slice(before, before + size * stride) if padding == "same" else slice(None)
        return weights[..., kept, kept]
    row = np.zeros((size, 2 * size))  # in one dimension; in two, the weights multiply
    for output in range(2 * size):
        if way == "nearest":
            row[output // 2, output] = 1
        else:
            near, other = output // 2, output // 2 + (1 if output % 2 else -1)
            row[near, output] += 0.75
            row[min(max(other, 0), size - 1), output] += 0.25  # past the border the last value is kept
    return row[:, None, :, None] * row[None, :, None, :]


def overlaps(way: str, size: int, stride: int = 2, padding: str = "same") -> np.ndarray:
    """Return how many of the inputs reach each output, [m, m]: of a transposed convolution, by stamps of 3x3."""
    return (upsampling_weights(way, size, stride=stride, padding=padding) > 0).sum(axis=(0, 1))


def on_the_line(odds: float, temperature: float = TEMPERATURE) -> dict[str, tuple[float, float]]:
    """Return where the best answers lie between two colors, of which the first has `odds`.

    Returns
    -------
    dict of str to (float, float)
        The lowest and highest of the best places, from 0, the second color, to 1, the first. Keys are ``"L2"``,
        ``"L1"`` (all of the likelier color; anything between them at odds of one half) and ``"annealed"``.
    """
    world = synthetic.World(np.array([[1.0, 1.0], [0.0, 0.0]]), np.array([odds, 1 - odds]))
    low, high = (float(place[0]) for place in synthetic.quantiles(world))
    one, other = odds ** (1 / temperature), (1 - odds) ** (1 / temperature)
    return {"L2": (odds, odds), "L1": (low, high), "annealed": (one / (one + other),) * 2}


def between(place: Any) -> np.ndarray:
    """Return the color, L, a, b, at a place on the line from blue, 0, to green, 1."""
    ab = np.asarray(synthetic.BLUE) + np.multiply.outer(place, np.subtract(synthetic.GREEN, synthetic.BLUE))
    return np.concatenate([np.full((*np.shape(place), 1), 100 * synthetic.GRAY), CHROMA_SCALE * ab], axis=-1)


def costs_on_line(odds: float, count: int = 51) -> dict[str, np.ndarray]:
    """Return what the answers from blue to green cost under L2 and L1, and what a probability of green costs."""
    world, place = synthetic.two_colors(odds), np.linspace(0, 1, count)
    ab = between(place)[:, 1:] / CHROMA_SCALE
    given = np.clip(place, 1e-9, 1 - 1e-9)
    return {
        "L2": synthetic.expected(np.square, world, ab),
        "L1": synthetic.expected(np.abs, world, ab),
        "Classification": -odds * np.log(given) - (1 - odds) * np.log(1 - given),
    }


def sharpened(scores: np.ndarray, temperature: float) -> np.ndarray:
    """Return odds, [Q], of which `scores` are the logarithms, raised to the power 1 / temperature: they add up to 1."""
    odds = np.exp((scores - scores.max()) / temperature)
    return odds / odds.sum()

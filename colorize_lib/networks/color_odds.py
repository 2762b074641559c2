"""Color as one of many: the bins of the a, b plane, and networks that give the odds of each (taught in chapter 21).

    python -m colorize_lib.networks.color_odds landscape

prints the table `SHARES` from the training photographs of a source.
"""

import sys
from functools import cache
from typing import NamedTuple

import numpy as np

from colorize_lib import color, data
from colorize_lib.networks import Model, Tensor

GRID = 10  # units of a and b from one bin's center to the next
RAREST = 1e-5  # of the pixels: colors that are rarer have no bin
REACH = 12  # bins from gray to the end of the plane on each side: sRGB ends at 107.9
WIDTH = 128  # channels between the borrowed network and the odds
HEAD = "head"  # the first layer that is not borrowed
SCORES = "scores"  # the layer whose softmax is the odds
ENLARGE = 4  # the odds are given at a quarter of the size

# How many millionths of the pixels have each color: rows are b, columns a, in tens. Counted by `count` on the 6,000
# training photographs of the landscapes (the Intel scenes, see data/README.md) at 128 x 128.
SHARES = """
b / a      -7     -6     -5     -4     -3     -2     -1      0      1      2      3      4      5      6      7      8
   -8       -      -      -      -      -      -      -      -      -      -     58     88     34      -      -      -
   -7       -      -      -      -      -      -      -      -     24    329    249    141     34      -      -      -
   -6       -      -      -      -      -      -      -     84    850    902    325     88      -     43      -      -
   -5       -      -      -      -      -      -    165   2086   4146   1188    275     33     13      -      -      -
   -4       -      -      -      -      -    160   2497  11730   5560    914     87      -      -      -      -      -
   -3       -      -      -      -    109    832   8637  27592   5946    475     52      -      -      -      -      -
   -2       -      -      -     32    361   1794  21440  56133   6367    356     49     18      -      -      -      -
   -1       -      -      -    148    484   2421  31369 136321   7295    613     72     17      -      -      -      -
    0       -      -     32    126    458   2281  28337 299465  16590   1293    191     48     11      -      -      -
    1       -      -     37    115    452   3409  27660  93301  23402   3416    621    109     26      -      -      -
    2       -      -     25    168   1140   6872  17571  26126  15432   3970   1218    282     66     12      -      -
    3       -      -     46    508   2967   7099   9106   8414   7858   3274   1217    477    161     28      -      -
    4       -      -    237   1531   2910   4408   3973   3200   3339   2028   1039    485    258     74     12      -
    5       -     54    676   1157   1752   1973   1521   1230   1258    953    599    319    142    124     32      -
    6      11    159    411    630    835    785    513    437    432    406    378    188     84     41     37     11
    7      31     68    150    256    326    283    187    185    161    135    144     66     28     12      -     11
    8       -     13     43     70     89     86     77     81     56     34     16      -      -      -      -      -
    9       -      -      -      -     11     40     51     12      -      -      -      -      -      -      -      -
"""


class Colors(NamedTuple):
    """The colors that there is a bin for."""

    ab: np.ndarray  # float32 [Q, 2]: their centers, in units of Lab
    share: np.ndarray  # float64 [Q]: which part of the pixels they hold; adds up to 1


def bin_of(ab: np.ndarray) -> np.ndarray:
    """Return in which square of the grid each color lies: int [..., 2], whole tens of a and b."""
    return np.rint(ab / GRID).astype(int)


def count(photographs: data.Photographs) -> np.ndarray:
    """Return which part of the pixels lies in each square of the grid, [25, 25]: a down, b across, gray in the middle.

    Gray's square is [12, 12].
    """
    counts = np.zeros((2 * REACH + 1) ** 2, "int64")
    for part in photographs.batches():
        squares = bin_of(color.rgb_to_lab(part.rgb)[..., 1:]) + REACH
        counts += np.bincount((squares[..., 0] * (2 * REACH + 1) + squares[..., 1]).ravel(), minlength=len(counts))
    return counts.reshape(2 * REACH + 1, -1) / counts.sum()


def as_table(shares: np.ndarray) -> str:
    """Return what `count` returned as the text of `SHARES`: millionths, and a dash where a color is too rare."""
    held = shares > RAREST
    first, last = np.flatnonzero(held.any(axis=1))[[0, -1]]
    rows = ["b / a " + "".join(f"{a - REACH:>7}" for a in range(first, last + 1))]
    for b in np.flatnonzero(held.any(axis=0)):
        cells = [f"{shares[a, b] * 1e6:.0f}" if held[a, b] else "-" for a in range(first, last + 1)]
        rows.append(f"{b - REACH:>5} " + "".join(f"{cell:>7}" for cell in cells))
    return "\n".join(rows)


def colors_of(table: str) -> Colors:
    """Return the colors of a table as `as_table` writes it."""
    header, *rows = (line.split() for line in table.strip().splitlines())
    found = [
        (int(a), int(b), float(cell))
        for b, *cells in rows
        for a, cell in zip(header[3:], cells, strict=True)
        if cell != "-"
    ]
    ab, share = np.array(found)[:, :2], np.array(found)[:, 2]
    return Colors((GRID * ab).astype("float32"), share / share.sum())


@cache
def colors() -> Colors:
    """Return the colors of the course's own table, `SHARES`."""
    return colors_of(SHARES)


def annealed_mean(scores: Tensor, temperature: float) -> Tensor:
    """Return the mean color under odds that are sharpened first (Zhang et al. 2016, eq. 5).

    ``exp(log z / T) / sum exp(log z / T)`` of the odds z is the softmax of ``scores / T``. With T = 1 it is the mean of
    the odds as they are; as T goes to 0, the likeliest color alone is left.

    Parameters
    ----------
    scores : tensor, shape [..., Q]
        Logarithms of the odds, up to a constant.
    temperature : float
        T, above 0.

    Returns
    -------
    tensor, shape [..., 2]
        (a, b) / `color.CHROMA_SCALE`.
    """
    from keras import ops

    return ops.matmul(ops.softmax(scores / temperature, axis=-1), colors().ab / np.float32(color.CHROMA_SCALE))


def enlarge(ab: Tensor, factor: int = ENLARGE) -> Tensor:
    """Return a and b, [batch, height, width, 2], `factor` times as high and wide, interpolated linearly.

    As Pillow's BILINEAR does: between the centers of pixels; at the edge the last one goes on. Each pixel is repeated
    and the result averaged, because Keras's own interpolation can't be exported for every size. `factor` is even.
    """
    from keras import layers, ops

    ab = layers.UpSampling2D(factor, interpolation="nearest", dtype="float32")(ab)
    for axis in (1, 2):
        first, last = (ops.take(ab, [place] * (factor // 2), axis=axis) for place in (0, -1))
        ab = ops.concatenate([first, ab, last], axis=axis)
    ramp = np.array([1, *[2] * (factor - 1), 1], "float32") / (2 * factor)
    kernel = ramp[:, None, None, None] * ramp[:, None, None] * np.eye(2, dtype="float32")
    return ops.conv(ab, kernel, padding="valid", data_format="channels_last")


def knowledge(network: Model) -> Tensor:
    """Return what a network of `unet` or `efficientnet` knows at a quarter of the size, before its last enlargement.

    Of a network of `with_color_odds` it is what that one borrowed.
    """
    from keras import layers

    if HEAD in [layer.name for layer in network.layers]:
        return network.get_layer(HEAD).input
    enlargement = [layer for layer in network.layers if isinstance(layer, layers.UpSampling2D)][-1]
    (narrowing,) = [layer for layer in network.layers if layer.output is enlargement.input]
    return narrowing.input


def with_color_odds(network: Model, temperature: float) -> Model:
    """Cut a network from L to a and b off at a quarter of the size, and let it give the odds of each color there.

    Parameters
    ----------
    network : keras.Model
        Of `unet` or `efficientnet`; its layers are shared.
    temperature : float
        Of `annealed_mean`.

    Returns
    -------
    keras.Model
        L / 100, [batch, height, width, 1], to (a, b) / `color.CHROMA_SCALE`, [batch, height, width, 2]. Its layer
        `SCORES` gives the logarithms of the odds, [batch, height / 4, width / 4, Q]; see `scoring`. Before it learns,
        every pixel has the odds of all pixels together.
    """
    import keras
    from keras import layers

    x = layers.Conv2D(WIDTH, 3, padding="same", activation="relu", name=HEAD)(knowledge(network))
    share = colors().share
    scores = layers.Conv2D(
        len(share),
        1,
        kernel_initializer="zeros",
        bias_initializer=lambda shape, dtype: keras.ops.convert_to_tensor(np.log(share), dtype),
        dtype="float32",
        name=SCORES,
    )(x)
    return keras.Model(network.input, enlarge(annealed_mean(scores, temperature)), name="classification")


def scoring(colorizer: Model) -> Model:
    """Return the network that gives the scores of a colorizer of `with_color_odds`, whose layers it shares."""
    import keras

    return keras.Model(colorizer.input, colorizer.get_layer(SCORES).output)


def main(source: str) -> None:
    """Print the table of a source's training photographs."""
    print(as_table(count(data.split(data.load(source))["train"])))


if __name__ == "__main__":
    main(sys.argv[1])

"""Hints: colors that a person asks for at some places, and what becomes of the rest of the picture (chapter 31).

Not the color of a hint is handed on but its *correction*: how far the network's a, b at that place are from the color
asked for. With P(x) the network's a, b at pixel x and L(x) its lightness, hint k asks for the color c_k at x_k::

    d_k    = c_k - P(x_k)
    answer = P(x) + common(x) + sum_k w_k(x) e_k / (sum_k w_k(x) + r)

*First*, what the whole picture may have in common (`common`, which is kriging). A correction u_k is asked of it that is
most of a short d_k and nothing of one of 60 units or more, since a color that is so unlikely says little about other
places. The numbers beta_k are such that each place gets its u_k from all of them together, but for m = .01::

    u_k       = d_k (1 - (|d_k| / D)^2)^2, and 0 if |d_k| > D
    t_k(x)    = exp(-sqrt(|x - x_k|^2 / S^2 + (L(x) - L(x_k))^2 / M^2 + |P(x) - P(x_k)|^2 / C^2))
    common(x) = sum_k t_k(x) beta_k, where for all j: sum_k t_k(x_j) beta_k + m beta_j = u_j

*Then* what is left, e_k = d_k - sum_j t_j(x_k) beta_j, is `spread` near its hint: every pixel takes a share of it, the
larger the nearer the pixel is, the more alike in lightness, and the more alike in what the network predicted::

    w_k(x) = exp(-|x - x_k|^2 / (2 s^2) - (L(x) - L(x_k))^2 / (2 l^2) - |P(x) - P(x_k)|^2 / (2 c^2))

- The grid is that on which the network colors: the photograph at its working size (`colorizer.working_size`), resized
  by Pillow's bicubic filter to 8 bits. L is the lightness of this small photograph, in [0, 100], not rounded.
  A row and a column are whole pixels of this grid, and distances are counted in them. The answer is enlarged to the
  photograph as the network's own a, b are.
- s = 40 / 128 of the root of width times height of the grid; l = 12 units of L; c = 12 units of a, b; r = .05.
  S = 205 / 128 of this root, M = 41 units of L, C = 21.6 units of a, b; D = 60 units of a, b; m = .01. The capital ones
  but D were fitted to training photographs (`book/training_log.md`).
- P(x_k) and L(x_k), at a hint's place, are means over the 3 x 3 pixels round it, those of them inside the picture. P(x)
  and L(x) are single pixels.
- c_k is the a, b of the color asked for; its L is not used. No color is moved into sRGB before the answer is enlarged.
- A place is stored as two fractions of width and height, of which the center of pixel i of n is (i + .5) / n. On a grid
  of n pixels a fraction f falls on pixel min(floor(f n), n - 1). Hints that fall on one pixel all count.
- All numbers are float32, but the equations for beta_k are solved in float64; a share too small for float32 is 0.

In the line of Levin, Lischinski and Weiss, "Colorization using optimization" (2004), who let neighbors of one lightness
have one color and solve for all pixels at once; Zhang et al., "Real-time user-guided image colorization with learned
deep priors" (2017), give the hints to a network. Here two weighted sums take the place of both.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from colorize_lib.color import rgb_to_lab

WIDTH = 40 / 128  # s, as a part of the root of width times height
LIGHTNESS = 12.0  # l, in units of L
CHROMA = 12.0  # c, in units of a, b
DOUBT = 0.05  # r: what speaks for the network's own color everywhere
COMMON_WIDTH = 205 / 128  # S, M, C and m: the same for what the whole picture has in common
COMMON_LIGHTNESS = 41.0
COMMON_CHROMA = 21.6
LOOSENESS = 0.01
UNLIKELY = 60.0  # D: a correction of so many units of a, b is no matter of the whole picture
REACH = 1  # pixels on each side of a hint that are averaged with it: 3 x 3
MOST = 1000  # hints in one photograph


@dataclass(frozen=True)
class Hint:
    """A color asked for at a place."""

    x: float  # fraction of the width, from the left, in [0, 1]
    y: float  # fraction of the height, from the top, in [0, 1]
    rgb: tuple[int, int, int]  # sRGB, 8 bits

    def __post_init__(self) -> None:
        """Refuse places outside the photograph and what is no color."""
        if not (0 <= self.x <= 1 and 0 <= self.y <= 1):  # NaN is refused, too
            raise ValueError(f"a hint at x = {self.x}, y = {self.y}; expected fractions of width and height in 0 to 1.")
        if len(self.rgb) != 3 or not all(isinstance(c, int) and 0 <= c <= 255 for c in self.rgb):
            raise ValueError(f"a hint of color {self.rgb}; expected red, green and blue from 0 to 255.")

    @property
    def color(self) -> str:
        """The color as #rrggbb."""
        return "#{:02x}{:02x}{:02x}".format(*self.rgb)

    def ab(self) -> np.ndarray:
        """Return a and b of the color, float32 [2]."""
        return rgb_to_lab(np.array(self.rgb, "uint8"))[1:].astype("float32")

    def pixel(self, height: int, width: int) -> tuple[int, int]:
        """Return row and column of the pixel of a grid on which the hint falls."""
        return min(int(self.y * height), height - 1), min(int(self.x * width), width - 1)


def shares(
    L: np.ndarray,
    ab: np.ndarray,
    place: tuple[int, int],
    width: float = WIDTH,
    lightness: float = LIGHTNESS,
    chroma: float = CHROMA,
) -> np.ndarray:
    """Return the share of one hint's correction that each pixel takes, in [0, 1], float32 [height, width].

    Defined in chapter 31.

    Parameters
    ----------
    L : numpy.ndarray
        Lightness in [0, 100], float32 [height, width].
    ab : numpy.ndarray
        The network's a and b, in units of Lab, float32 [height, width, 2].
    place : tuple of int
        Row and column of the hint.
    width, lightness, chroma : float
        Widths of the three weights: s as a part of the root of width times height, l and c. ``numpy.inf`` leaves a
        weight out.
    """
    down, across = L.shape
    row, column = place
    side = width * np.sqrt(down * across)
    rows, columns = np.arange(down, dtype="float32") - row, np.arange(across, dtype="float32") - column
    exponent = (rows[:, None] ** 2 + columns[None] ** 2) / np.float32(2 * side**2)
    exponent += (L - around(L, place)) ** 2 / np.float32(2 * lightness**2)
    exponent += ((ab - around(ab, place)) ** 2).sum(axis=-1) / np.float32(2 * chroma**2)
    return np.exp(-exponent)


def around(values: np.ndarray, place: tuple[int, int]) -> np.ndarray:
    """Return the mean of `values` [height, width, ...] over the 3 x 3 pixels round a place, those inside."""
    row, column = place
    rows, columns = (slice(max(0, middle - REACH), middle + REACH + 1) for middle in (row, column))
    return values[rows, columns].mean(axis=(0, 1))


def correction(ab: np.ndarray, place: tuple[int, int], color: np.ndarray) -> np.ndarray:
    """Return how far the a, b asked for are from the network's at a place, float32 [2]."""
    return (color - around(ab, place)).astype("float32")


def weighed(total: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Return by how much a, b change, [height, width, 2], from the sums of shares and of share times correction."""
    return change / (total[..., None] + np.float32(DOUBT))


def spread(
    L: np.ndarray,
    ab: np.ndarray,
    places: Sequence[tuple[int, int]],
    colors: np.ndarray,
    width: float = WIDTH,
    lightness: float = LIGHTNESS,
    chroma: float = CHROMA,
) -> np.ndarray:
    """Return a and b after hints that are only spread, float32 [height, width, 2]; without hints `ab` itself.

    Parameters
    ----------
    L, ab, width, lightness, chroma
        See `shares`.
    places : sequence of (row, column)
        Of the hints.
    colors : numpy.ndarray
        The a, b that they ask for, [hints, 2].
    """
    total, change = np.zeros(L.shape, "float32"), np.zeros(ab.shape, "float32")
    for place, color in zip(places, colors, strict=True):
        share = shares(L, ab, place, width, lightness, chroma)
        total += share
        change += share[..., None] * correction(ab, place, color)
    return ab + weighed(total, change)


def likely(corrections: np.ndarray) -> np.ndarray:
    """Return the part of each correction [hints, 2] that the whole picture may have in common (u in this module)."""
    length = np.linalg.norm(corrections, axis=-1, keepdims=True)
    return corrections * np.maximum(0, 1 - (length / UNLIKELY) ** 2) ** 2


def common(
    L: np.ndarray, ab: np.ndarray, places: Sequence[tuple[int, int]], corrections: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return what a picture has in common with the corrections at some places, and what of it arrives there.

    Parameters
    ----------
    L, ab, places
        See `spread`.
    corrections : numpy.ndarray
        How a and b are to change at each place, [hints, 2].

    Returns
    -------
    tuple of numpy.ndarray
        The change of a and b, float32 [height, width, 2], and at the places themselves, float64 [hints, 2].
    """
    down, across = L.shape
    side = np.float32(COMMON_WIDTH * np.sqrt(down * across))
    rows, columns = np.mgrid[:down, :across].astype("float32") / side
    points = np.dstack([rows, columns, L / np.float32(COMMON_LIGHTNESS), ab / np.float32(COMMON_CHROMA)])
    at = np.array([[*points[place][:2], *around(points, place)[2:]] for place in places])
    ties = np.exp(-np.linalg.norm(at[:, None] - at, axis=-1))
    parts = np.linalg.solve(ties + LOOSENESS * np.eye(len(at)), corrections)
    change = np.zeros(ab.shape, "float32")
    for place, part in zip(at.astype("float32"), parts.astype("float32"), strict=True):
        change += np.exp(-np.sqrt(((points - place) ** 2).sum(axis=-1)))[..., None] * part
    return change, ties @ parts


def answer(L: np.ndarray, ab: np.ndarray, places: Sequence[tuple[int, int]], colors: np.ndarray) -> np.ndarray:
    """Return a and b after hints, float32 [height, width, 2]; parameters as for `spread`."""
    if not places:
        return ab
    own = np.array([around(ab, place) for place in places])
    change, arrived = common(L, ab, places, likely(colors - own))
    return spread(L, ab, places, colors - arrived) + change


def follow(L: np.ndarray, ab: np.ndarray, hints: Sequence[Hint]) -> np.ndarray:
    """Return a and b of a photograph on its grid after a person's hints; `L` and `ab` as for `shares`."""
    if not hints:
        return ab
    places = [hint.pixel(*L.shape) for hint in hints]
    return answer(L, ab, places, np.stack([hint.ab() for hint in hints]))


def said(hints: Sequence[Hint]) -> str:
    """Return one sentence on the hints, for the metadata of a colored photograph; an empty one without hints."""
    if not hints:
        return ""
    each = ", ".join(f"{hint.color} at {hint.x:.5f} {hint.y:.5f}" for hint in hints)
    return f"Colors asked for by a person, at x y in fractions of width and height: {each}."

"""The two faults that the paper sees in its pictures, "a patchy pigmentation or a blur kind effect", as numbers.

Both look at the picture where the truth says so: across its edges, and where its color is even. The photograph left
gray and the truth itself are the rows to compare with (taught in chapter 09).
"""

import numpy as np

from colorize_lib.color import lightness, rgb_to_lab

REACH = 4  # pixels to either side of an edge
FAINTEST = 0.05  # of the truth's rise: what rises less is no edge
WINDOW = 15  # pixels
EVEN = 3.0  # spread of a and b up to which a window of the truth counts as even


def edge_profiles(seen: np.ndarray, true: np.ndarray, reach: int = REACH) -> np.ndarray:
    """Return what a mean walk across the strongest edges of `true` meets in `seen`.

    Parameters
    ----------
    seen, true : numpy.ndarray, shape [N, height, width]
        One channel of the pictures and of the truths, such as L.
    reach : int
        Pixels to either side of the edge.

    Returns
    -------
    numpy.ndarray, shape [N, 2 * reach + 1]
        Mean value from `reach` pixels before the edges, on their low side, to `reach` pixels behind them; nan for a
        truth without edges.

    Notes
    -----
    The edges are those of Canny's detector (scikit-image) among the tenth of all pixels where the slope is steepest.
    Each is crossed along the slope of `true`. A mean over many edges leaves nothing of noise. Defined in chapter 09.
    """
    from scipy.ndimage import map_coordinates
    from skimage.feature import canny

    profiles = np.full((len(true), 2 * reach + 1), np.nan)
    for i, channel in enumerate(true):
        edges = canny(channel, sigma=1, low_threshold=0.9, high_threshold=0.9, use_quantiles=True)
        rows, columns = np.nonzero(edges[reach:-reach, reach:-reach])
        if len(rows):
            places = np.array([rows, columns]) + reach
            slope = np.array(np.gradient(channel))[:, *places]
            direction = slope / np.maximum(np.hypot(*slope), 1e-6)
            walk = places[..., None] + direction[..., None] * np.arange(-reach, reach + 1)  # 2, edges, steps
            profiles[i] = map_coordinates(seen[i], walk, order=1).mean(axis=0)
    return profiles


def edge_spread(picture: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return how many pixels the lightness of `picture` takes across the truth's strongest edges.

    Parameters
    ----------
    picture, truth : numpy.ndarray
        uint8 sRGB [N, height, width, 3].

    Returns
    -------
    numpy.ndarray, shape [N]
        The mean profile's rise over its steepest step: about 2 for a sharp photograph, whatever its contrast; inf
        where the picture has no edge left, nan where the truth has none. Compare with ``edge_spread(truth, truth)``.

    Notes
    -----
    Defined in chapter 09.
    """
    true = lightness(truth)[..., 0]
    profiles = edge_profiles(lightness(picture)[..., 0], true)
    rise, steepest = np.ptp(profiles, axis=1), np.abs(np.diff(profiles, axis=1)).max(axis=1)
    faint = rise < FAINTEST * np.ptp(edge_profiles(true, true), axis=1)
    return np.where(faint, np.inf, rise / np.where(faint, 1, steepest))


def local_spread(rgb: np.ndarray, window: int = WINDOW) -> np.ndarray:
    """Return the spread of a and b in every `window` x `window` square that fits, [N, rows, columns].

    The spread is the root of the sum of both variances. `rgb` is uint8 sRGB [N, height, width, 3], `window` odd.
    Defined in chapter 09.
    """
    from scipy.ndimage import uniform_filter

    square, margin = (1, window, window, 1), window // 2
    ab = rgb_to_lab(rgb)[..., 1:]
    variances = uniform_filter(ab**2, square) - uniform_filter(ab, square) ** 2
    spread = np.sqrt(np.maximum(variances.sum(axis=-1), 0))
    return spread[:, margin:-margin, margin:-margin]


def patchiness(picture: np.ndarray, truth: np.ndarray, window: int = WINDOW, even: float = EVEN) -> np.ndarray:
    """Return how much the color of `picture` varies where that of the truth hardly does.

    Parameters
    ----------
    picture, truth : numpy.ndarray
        uint8 sRGB [N, height, width, 3].
    window : int
        Side of the squares looked at, in pixels.
    even : float
        Largest `local_spread` of a square of the truth that counts as even.

    Returns
    -------
    numpy.ndarray, shape [N]
        Mean `local_spread` of the picture over the truth's even squares, in units of a and b; nan where the truth has
        none. A picture without color has 0. Compare with ``patchiness(truth, truth)``.

    Notes
    -----
    Defined in chapter 09.
    """
    squares = local_spread(truth, window) <= even
    spreads = local_spread(picture, window)
    return np.array([s[e].mean() if e.any() else np.nan for s, e in zip(spreads, squares, strict=True)])

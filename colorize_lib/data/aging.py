"""Aging: gray photographs made to look like old ones, so that a network learns from such (taught in chapter 32).

Only what the network sees grows old. The a and b that it shall give stay those of the photograph.
"""

import numpy as np
from scipy import ndimage

from colorize_lib.color import CHROMA_SCALE, RGB_TO_XYZ, lab_curve, lab_to_linear, merge

SHARES = (0.5, 2.0, 1.0)  # of red, green and blue light: a Dirichlet distribution, from green alone to blue-heavy
BLUR = 1.0  # pixels: the largest standard deviation of the blur
LIFTED = (-0.05, 0.2)  # range of what black becomes, and of what white loses; below 0: clipped
GRAIN = 0.06  # the largest standard deviation of the grain, on a scale from 0 to 1


def seen(L: np.ndarray, ab: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return what a plate records that sees `shares` of red, green and blue light, as L / 100, [H, W, 1].

    Its gray isn't the L of the colors, which sees 21 % red, 72 % green and 7 % blue. `L` is L / 100 and `ab` is
    (a, b) / `color.CHROMA_SCALE`.
    """
    linear = lab_to_linear(merge(100 * L, np.float32(CHROMA_SCALE) * ab))
    light = np.clip(linear, 0, 1) @ shares.astype("float32")[:, None]
    return (116 * lab_curve(light) - 16) / 100


def aged(L: np.ndarray, ab: np.ndarray, seed: int, strength: float) -> np.ndarray:
    """Return a photograph's L / 100, float32 [H, W, 1], as an old photograph might show it.

    Four things happen, in this order, each drawn from `seed`: the plate sees another mix of red, green and blue light
    than L does, down to green alone; the lens blurs; black and white fade or are clipped; grain is added. Blur and
    grain are mostly slight.

    Parameters
    ----------
    L, ab : array, float32, shapes [H, W, 1] and [H, W, 2]
        L / 100 and (a, b) / `color.CHROMA_SCALE` of the photograph.
    seed : int
        The same one gives the same age.
    strength : float
        In (0, 1]: how far everything goes from the photograph's own L.
    """
    random = np.random.default_rng(seed)
    shares = (1 - strength) * RGB_TO_XYZ[1] + strength * random.dirichlet(SHARES)
    blur, grain = strength * np.array([BLUR, GRAIN]) * random.random(2) ** 2
    black, lost = strength * random.uniform(*LIFTED, 2)
    gray = ndimage.gaussian_filter(seen(L, ab, shares), (blur, blur, 0), mode="nearest")
    gray = black + (1 - lost - black) * gray + grain * random.standard_normal(gray.shape, "float32")
    return np.clip(gray, 0, 1).astype("float32")

"""Color spaces: sRGB, gray, lightness and Lab (taught in chapter 01).

Functions take a NumPy array or a tensor of the Keras backend in force and return
the same kind; one definition serves both. Only `as_uint8` and `fit_gamut` are for
NumPy alone. Colors stand on the last axis. The constants are those of IEC 61966-2-1 (sRGB) and CIE 15 (Lab, white
point D65, 2 degree observer), in the form in which scikit-image uses them.

Ranges: R, G, B in [0, 1] (uint8 is divided by 255); L in [0, 100];
a in about [-86.2, 98.2] and b in about [-107.9, 94.5] for colors inside sRGB.
"""

from typing import Any

import numpy as np

Array = Any  # numpy.ndarray, or a tensor of the Keras backend

RGB_TO_XYZ = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]], "float32"
)
XYZ_TO_RGB = np.linalg.inv(RGB_TO_XYZ.astype("float64")).astype("float32")
WHITE = np.array([0.95047, 1.0, 1.08883], "float32")  # D65, 2 degrees
GRAY_WEIGHTS = np.array([0.299, 0.587, 0.114], "float32")  # ITU-R BT.601: what PIL's "L" uses
CHROMA_SCALE = 110.0  # divides a and b before they go into a network: both then lie in [-1, 1]
GAMUT_SLACK = 1e-4  # of linear light: a third of an 8-bit step near black, where steps are finest
GAMUT_STEPS = 10  # halvings of the chroma: the answer is within 1/1024 of the color's chroma


def _library(x: Array) -> Any:
    """Return the module whose functions work on `x`: numpy or keras.ops."""
    if isinstance(x, np.ndarray):
        return np
    from keras import ops

    return ops


def as_float(rgb: Array) -> Array:
    """Return R, G, B as float in [0, 1]; uint8 is divided by 255, float stays as it is.

    Defined in chapter 01.
    """
    if isinstance(rgb, np.ndarray):
        if rgb.dtype == np.uint8:
            return rgb.astype("float32") / 255
        return rgb if np.issubdtype(rgb.dtype, np.floating) else rgb.astype("float32")
    from keras import backend

    ops = _library(rgb)
    return ops.cast(rgb, "float32") / 255 if backend.standardize_dtype(rgb.dtype) == "uint8" else rgb


def scale_chroma(ab: Array, gain: float, power: float = 1.0, middle: float = 20.0) -> Array:
    """Return a and b, shape [..., 2], with each chroma c scaled to ``gain c (c / middle)^(power - 1)``; hues stay.

    With `power` 1 all chroma is multiplied by `gain`; above 1, vivid colors gain more than those near gray.
    """
    if power == 1:
        return ab * gain
    lib = _library(ab)
    chroma = lib.sqrt(lib.sum(lib.square(ab), axis=-1, keepdims=True))
    return ab * gain * (chroma / middle) ** (power - 1)


def as_uint8(rgb: np.ndarray) -> np.ndarray:
    """Return R, G, B in [0, 1] clipped and rounded to 8 bits, as files and metrics want them."""
    return np.rint(np.clip(rgb, 0, 1) * 255).astype("uint8")


def rgb_to_gray(rgb: Array) -> Array:
    """Return the gray of PIL and OpenCV, ``.299 R + .587 G + .114 B``, shape [..., 1], in [0, 1].

    It weighs gamma-encoded values, so it is not L*: see `lightness`. Defined in chapter 01.
    """
    rgb = as_float(rgb)
    lib = _library(rgb)
    return lib.sum(lib.multiply(rgb, GRAY_WEIGHTS), axis=-1, keepdims=True)


def srgb_to_linear(c: Array) -> Array:
    """Undo the sRGB gamma: a stored value in [0, 1] to an amount of light in [0, 1].

    Defined in chapter 01.
    """
    lib = _library(c)
    curved = ((lib.maximum(c, 0.04045) + 0.055) / 1.055) ** 2.4
    return lib.where(c > 0.04045, curved, c / 12.92)


def linear_to_srgb(c: Array) -> Array:
    """Apply the sRGB gamma: an amount of light in [0, 1] to a stored value in [0, 1]."""
    lib = _library(c)
    curved = 1.055 * lib.maximum(c, 0.0031308) ** (1 / 2.4) - 0.055
    return lib.where(c > 0.0031308, curved, c * 12.92)


def lab_curve(t: Array) -> Array:
    """Return CIE's f(t): a cube root with a straight line below (6/29)^3."""
    lib = _library(t)
    # The root of what the line covers is never used, but its gradient at 0 would be infinite.
    return lib.where(t > 0.008856, lib.maximum(t, 0.008856) ** (1 / 3), 7.787 * t + 16 / 116)


def _lab_curve_inverse(f: Array) -> Array:
    """Return the t of which `lab_curve` makes f."""
    return _library(f).where(f > 0.2068966, f * f * f, (f - 16 / 116) / 7.787)  # f**3 takes NumPy 8 times as long


def rgb_to_lab(rgb: Array) -> Array:
    """Convert sRGB to Lab.

    Parameters
    ----------
    rgb : array, shape [..., 3]
        uint8, or float in [0, 1].

    Returns
    -------
    array, shape [..., 3]
        L in [0, 100], a and b.

    Notes
    -----
    ``L = 116 f(Y) - 16``, ``a = 500 (f(X) - f(Y))``, ``b = 200 (f(Y) - f(Z))`` with
    X, Y, Z relative to the white point (CIE 15). Defined in chapter 01.
    """
    rgb = as_float(rgb)
    lib = _library(rgb)
    xyz = lib.divide(lib.matmul(srgb_to_linear(rgb), RGB_TO_XYZ.T), WHITE)  # tensor / array would leave PyTorch
    f = lab_curve(xyz)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return lib.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def lab_to_linear(lab: Array) -> Array:
    """Convert Lab to linear R, G, B, not clipped: outside [0, 1] means outside sRGB."""
    lib = _library(lab)
    y = (lab[..., 0] + 16) / 116
    f = lib.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], axis=-1)
    return lib.matmul(lib.multiply(_lab_curve_inverse(f), WHITE), XYZ_TO_RGB.T)


def lab_to_rgb(lab: Array) -> Array:
    """Convert Lab to sRGB in [0, 1]; colors that sRGB can't show are clipped, as in scikit-image.

    Clipping moves L: use `fit_gamut` first where the lightness must stay. Defined in chapter 01.
    """
    lib = _library(lab)
    return lib.clip(linear_to_srgb(lab_to_linear(lab)), 0, 1)


def _fits(fy: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Tell which colors are inside sRGB; `fy` is (L + 16) / 116, each array has one number a color."""
    x, y, z = (_lab_curve_inverse(f) * white for f, white in zip((fy + a / 500, fy, fy - b / 200), WHITE, strict=True))
    fits = np.ones(fy.shape, bool)
    for weights in XYZ_TO_RGB:
        channel = weights[0] * x + weights[1] * y + weights[2] * z
        fits &= np.abs(channel - np.float32(0.5)) <= np.float32(0.5 + GAMUT_SLACK)
    return fits


def fit_gamut(lab: np.ndarray) -> np.ndarray:
    """Make colors that sRGB can't show grayer until it can; L and hue stay.

    Parameters
    ----------
    lab : numpy.ndarray, shape [..., 3]
        L in [0, 100], a and b of any size.

    Returns
    -------
    numpy.ndarray, shape [..., 3]
        The same L; a and b multiplied by one factor in [0, 1]. Colors inside sRGB
        come back unchanged. `lab_to_rgb` then has nothing left to clip but `GAMUT_SLACK`.

    Notes
    -----
    A color fits if its linear R, G and B all lie in [0, 1], give or take
    `GAMUT_SLACK`. For one that does not, the factor is searched by bisection: it
    starts between 0 (gray, which always fits) and 1, and `GAMUT_STEPS` times the
    middle replaces the lower end if it fits and the upper end if not. The lower end
    is the answer, so that the answer fits.
    """
    fitted = np.array(lab, np.result_type(lab, "float32")).reshape(-1, 3)
    fy, a, b = (fitted[:, 0] + 16) / 116, fitted[:, 1], fitted[:, 2]
    outside = np.flatnonzero(~_fits(fy, a, b))
    fy, a, b = fy[outside], a[outside], b[outside]
    factor = np.zeros_like(fy)
    for step in range(1, GAMUT_STEPS + 1):
        middle = factor + fy.dtype.type(0.5**step)
        factor = np.where(_fits(fy, a * middle, b * middle), middle, factor)
    fitted[outside, 1:] *= factor[:, None]
    return fitted.reshape(np.shape(lab))


def lightness(rgb: Array) -> Array:
    """Return L in [0, 100], shape [..., 1]: how bright a color looks, whatever its hue.

    Many papers on colorization call it luminance, which is Y, the amount of light. Defined in chapter 01.
    """
    linear = srgb_to_linear(as_float(rgb))
    lib = _library(linear)
    y = lib.sum(lib.multiply(linear, RGB_TO_XYZ[1]), axis=-1, keepdims=True)
    return 116 * lab_curve(y) - 16


def gray_of_lightness(L: Array) -> Array:
    """Return the gray in [0, 1] that has the lightness L in [0, 100]: R = G = B of a gray photograph."""
    return linear_to_srgb(_lab_curve_inverse((L + 16) / 116))


def gray_as_light(rgb: Array) -> Array:
    """Return the gray in [0, 1], shape [..., 1], that is as light as R, G, B, shape [..., 3]: L stays what it was.

    `rgb_to_gray` gives another one, of which L differs. Defined in chapter 24.
    """
    linear = srgb_to_linear(as_float(rgb))
    lib = _library(linear)
    return linear_to_srgb(lib.sum(lib.multiply(linear, RGB_TO_XYZ[1]), axis=-1, keepdims=True))


def merge(L: Array, ab: Array) -> Array:
    """Join lightness [..., 1] and chroma [..., 2] to Lab [..., 3]."""
    return _library(L).concatenate([L, ab], axis=-1)

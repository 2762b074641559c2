"""Losses: what a network is asked to make small (used from chapter 07 on).

Each takes `y_true` and `y_pred` of one shape [batch, height, width, channels]
and returns one number for each photograph, shape [batch], so that a reader can
see which photographs cost most. All are written in ``keras.ops``.
"""

from collections.abc import Callable

from colorize_lib import color
from colorize_lib.networks import Tensor, color_features
from colorize_lib.settings import require_choice

Loss = Callable[[Tensor, Tensor], Tensor]
PIXELS = (1, 2, 3)  # every axis but the batch
FEATURES_WEIGHT = 0.06  # with it both parts of `perceptual` are about equally large where `ours` ends


def l1(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """Mean absolute error, ``mean |y - p|``. Its best constant answer is the median."""
    from keras import ops

    return ops.mean(ops.abs(y_true - y_pred), axis=PIXELS)


def l2(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """Mean squared error, ``mean (y - p)^2``. Its best constant answer is the mean."""
    from keras import ops

    return ops.mean(ops.square(y_true - y_pred), axis=PIXELS)


def huber(y_true: Tensor, y_pred: Tensor, delta: float = 0.1) -> Tensor:
    """Huber's loss: squared below `delta`, straight above it (Huber 1964, eq. 3.1)."""
    from keras import ops

    error = ops.abs(y_true - y_pred)
    near = ops.minimum(error, delta)
    return ops.mean(near * (error - near / 2), axis=PIXELS)


def negative_psnr(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """Minus the PSNR of the picture, in tens of decibels: the measure itself, made a loss.

    Parameters
    ----------
    y_true : tensor, shape [batch, height, width, 3]
        L / 100, and (a, b) / `color.CHROMA_SCALE`.
    y_pred : tensor, shape [batch, height, width, 2]
        (a, b) / `color.CHROMA_SCALE`. It is put under the true L, and both are turned into sRGB, clipped.

    Notes
    -----
    ``log10(mean (rgb - RGB)^2 + 1e-5)``. What is added is the error of a picture of 50 dB: without it, a photograph
    that is gray itself would outweigh all others.
    """
    from keras import ops

    scale = [100, color.CHROMA_SCALE, color.CHROMA_SCALE]
    light = ops.cast(y_true[..., :1], y_pred.dtype)
    truth, picture = (
        color.lab_to_rgb(ops.multiply(lab, scale)) for lab in (y_true, ops.concatenate([light, y_pred], axis=-1))
    )
    return ops.log10(l2(truth, picture) + 1e-5)


def perceptual(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """L1, and `FEATURES_WEIGHT` times the squared distance of the features (Johnson et al. 2016, eq. 2).

    Takes (a, b) / `color.CHROMA_SCALE`, [batch, height, width, 2]. The features are those of
    `color_features.features`. Get it by ``losses.find("perceptual")``, which loads them.
    """
    from keras import ops

    features = color_features.features()
    pairs = zip(features(y_true), features(y_pred), strict=True)
    distances = [ops.mean(ops.square(true - seen), axis=PIXELS) for true, seen in pairs]
    return l1(y_true, y_pred) + FEATURES_WEIGHT * sum(distances)


LOSSES: dict[str, Loss] = {
    "l1": l1,
    "l2": l2,
    "huber": huber,
    "negative_psnr": negative_psnr,
    "perceptual": perceptual,
}


def find(name: str) -> Loss:
    """Return the loss that a recipe names, ready to be used; a ValueError lists those there are."""
    require_choice("there is no loss", name, LOSSES)
    if name == "perceptual":
        color_features.features()  # loaded here: a compiled training step could not do it
    return LOSSES[name]

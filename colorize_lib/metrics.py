"""Metrics: how far a colored picture is from the true one (taught in chapter 08).

Each takes `truth` and `predicted`, uint8 sRGB of shape [N, height, width, 3], and
returns one number for each photograph, shape [N], so that means, intervals and
the worst photographs all come from the same values.
"""

from collections.abc import Callable

import numpy as np

from colorize_lib.color import as_float, rgb_to_lab
from colorize_lib.networks import alexnet
from colorize_lib.schema import Interval, Metrics

PEAK = 255.0
ROUNDING = 1 / 12  # mean squared error, in squared 8-bit steps, that rounding to 8 bits alone makes
FARTHEST = 150.0  # units of a and b: where the curve of `auc.areas` ends
PIXELS = (1, 2, 3)  # every axis but that of the photographs


def _check(truth: np.ndarray, predicted: np.ndarray) -> None:
    """Raise a ValueError unless both are photographs in 8 bits, of one shape."""
    for name, array in (("truth", truth), ("predicted", predicted)):
        if array.dtype != np.uint8 or array.ndim != 4 or array.shape[-1] != 3:
            raise ValueError(
                f"{name} has dtype {array.dtype} and shape {array.shape}; expected uint8 [N, height, width, 3]. "
                "Use color.as_uint8, and photographs[None] for a single one."
            )
    if truth.shape != predicted.shape:
        raise ValueError(f"truth has shape {truth.shape}, predicted {predicted.shape}; expected the same photographs.")


def _difference(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return truth - predicted as float32: in uint8 it would start again at 255 below 0."""
    _check(truth, predicted)
    return truth.astype("float32") - predicted.astype("float32")


def _squared_error(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    return np.mean(_difference(truth, predicted) ** 2, axis=PIXELS)


def _decibels(squared_error: np.ndarray) -> np.ndarray:
    return 10 * np.log10(PEAK**2 / np.maximum(squared_error, ROUNDING))


def psnr(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return the peak signal-to-noise ratio in dB, ``10 log10(255^2 / mean squared error)``, at most 58.9.

    An error smaller than that of rounding to 8 bits, 1/12, counts as 1/12: otherwise one
    photograph that is gray in truth and left gray would make every mean infinite. Defined
    in chapter 08.
    """
    return _decibels(_squared_error(truth, predicted))


def pooled_psnr(truth: np.ndarray, predicted: np.ndarray) -> float:
    """Return the PSNR in dB of the error pooled over all photographs: the colorful ones weigh most.

    Defined in chapter 08.
    """
    return float(_decibels(_squared_error(truth, predicted).mean()))


def mae(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return the mean absolute error as a part of the peak, in [0, 1]. Defined in chapter 08."""
    return np.mean(np.abs(_difference(truth, predicted)), axis=PIXELS) / PEAK


def ssim(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return the structural similarity on R, G and B, at most 1 (Wang et al. 2004, eq. 13).

    scikit-image's, with its default window of 7 x 7 pixels.
    """
    from skimage.metrics import structural_similarity

    _check(truth, predicted)
    pairs = zip(truth, predicted, strict=True)
    return np.array([structural_similarity(t, p, channel_axis=-1, data_range=255) for t, p in pairs])


def ciede2000(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return the mean CIEDE2000 color difference; about 1 is just visible (Sharma et al. 2005).

    scikit-image's formula on Lab.
    """
    _check(truth, predicted)
    return np.array([color_difference(t, p).mean() for t, p in zip(truth, predicted, strict=True)])


def color_difference(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return the CIEDE2000 difference of each pixel, [..., height, width], of uint8 [..., height, width, 3]."""
    from skimage.color import deltaE_ciede2000

    return deltaE_ciede2000(rgb_to_lab(truth), rgb_to_lab(predicted))


def ab_distance(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return the mean Euclidean distance in the a, b plane of Lab: color alone, lightness aside."""
    _check(truth, predicted)
    pairs = zip(truth, predicted, strict=True)
    apart = ((rgb_to_lab(t) - rgb_to_lab(p))[..., 1:] for t, p in pairs)
    return np.array([np.sqrt((ab**2).sum(axis=-1)).mean() for ab in apart])


def pixel_accuracy(truth: np.ndarray, predicted: np.ndarray, percent: float) -> np.ndarray:
    """Return which part of the pixels is right within `percent` of the range of L, of a and of b, all three, [N].

    The accuracy of Nazeri, Ng and Ebrahimi 2018, as their code has it: L, a and b are rounded, L may be off by
    `percent`, a and b by 2.2 times as much, because they go from -110 to 110. An exercise of chapter 23.
    """
    _check(truth, predicted)
    allowed = percent * np.array([1, 2.2, 2.2])
    pairs = zip(truth, predicted, strict=True)
    apart = (np.abs(np.rint(rgb_to_lab(t)) - np.rint(rgb_to_lab(p))) for t, p in pairs)
    return np.array([(one <= allowed + 1e-6).all(axis=-1).mean() for one in apart])


def nearness(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return each pixel's part of the area of `auc.areas`, ``1 - min(e, FARTHEST) / FARTHEST``.

    e is its distance from the truth in the a, b plane of Lab; float32 [N, height, width].
    """
    _check(truth, predicted)
    near = np.empty(truth.shape[:3], "float32")
    for i, (t, p) in enumerate(zip(truth, predicted, strict=True)):
        error = np.sqrt(((rgb_to_lab(t) - rgb_to_lab(p))[..., 1:] ** 2).sum(axis=-1))
        near[i] = 1 - np.minimum(error, FARTHEST) / FARTHEST
    return near


def lpips(truth: np.ndarray, predicted: np.ndarray, batch_size: int = 50) -> np.ndarray:
    """Return LPIPS by AlexNet: how different photographs look, 0 for equal ones (Zhang et al. 2018, eq. 1).

    It compares what the layers of a trained network find, not colors, and it was fitted to what people call alike. Its
    weights are shipped; photographs have 31 pixels a side or more.
    """
    _check(truth, predicted)
    if min(truth.shape[1:3]) < alexnet.SMALLEST:
        raise ValueError(f"photographs have shape {truth.shape[1:3]}; LPIPS takes {alexnet.SMALLEST} pixels or more.")
    network = alexnet.lpips()
    found = []
    for start in range(0, len(truth), batch_size):
        part = slice(start, start + batch_size)
        found.append(
            np.asarray(network.predict_on_batch([as_float(truth[part]), as_float(predicted[part])]), "float32")
        )
    return np.concatenate(found)


def accuracy(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return the part of the pixels whose largest channel is the same, in [0, 1].

    This is what Keras's ``metrics=['acc']`` means on R, G, B, and what the notebook
    behind the paper watched. It says nothing about color (chapter 08).
    """
    _check(truth, predicted)
    return np.mean(truth.argmax(-1) == predicted.argmax(-1), axis=(1, 2))


def colorfulness(rgb: np.ndarray) -> np.ndarray:
    """Return Hasler and Suesstrunk's colorfulness of uint8 photographs [N, height, width, 3].

    ``sqrt(s_rg^2 + s_yb^2) + .3 sqrt(m_rg^2 + m_yb^2)`` with rg = R - G and
    yb = (R + G) / 2 - B, signed, s their standard deviations and m their means
    (Hasler and Suesstrunk 2003, eq. 2-3). 15 is slightly, 33 moderately, 59 quite
    colorful. Defined in chapter 08.
    """
    _check(rgb, rgb)
    red, green, blue = np.moveaxis(rgb.astype("float32"), -1, 0)
    opponents = np.stack([red - green, (red + green) / 2 - blue])
    spread = np.sqrt((opponents.std(axis=(2, 3)) ** 2).sum(axis=0))
    mean = np.sqrt((opponents.mean(axis=(2, 3)) ** 2).sum(axis=0))
    return spread + 0.3 * mean


METRICS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "psnr": psnr,
    "ssim": ssim,
    "mae": mae,
    "ciede2000": ciede2000,
    "ab_distance": ab_distance,
    "accuracy": accuracy,
}


def interval(
    values: np.ndarray,
    statistic: Callable[[np.ndarray], np.ndarray] = lambda drawn: drawn.mean(axis=-1),
    seed: int = 0,
    repeats: int = 2000,
) -> tuple[float, float]:
    """Return a 95 % bootstrap interval over photographs.

    `values` [N, ...] are drawn with replacement `repeats` times along the first axis;
    `statistic` maps what was drawn, [repeats, N] for one value a photograph, to [repeats].
    """
    draws = np.random.default_rng(seed).integers(len(values), size=(repeats, len(values)))
    low, high = np.percentile(statistic(values[draws]), [2.5, 97.5])
    return float(low), float(high)


def _summary(mean: float, bounds: tuple[float, float]) -> Interval:
    return {"mean": float(mean), "low": bounds[0], "high": bounds[1]}


def per_photograph(truth: np.ndarray, predicted: np.ndarray) -> dict[str, np.ndarray]:
    """Return every metric of every photograph, [N] each, and what `summarize` needs besides."""
    values = {name: metric(truth, predicted) for name, metric in METRICS.items()}
    values["squared_error"] = _squared_error(truth, predicted)
    values["colorfulness"] = colorfulness(predicted)
    values["truth_colorfulness"] = colorfulness(truth)
    return values


def summarize(values: dict[str, np.ndarray]) -> Metrics:
    """Summarize what `per_photograph` returns: each metric's mean over photographs with its 95 % interval.

    ``psnr_pooled`` is the PSNR of the pooled error; ``colorfulness_ratio`` is the mean
    colorfulness of the predictions over that of the truth (a mean of ratios would
    explode on gray photographs).
    """
    summary = {name: _summary(values[name].mean(), interval(values[name])) for name in (*METRICS, "colorfulness")}
    errors = values["squared_error"]
    summary["psnr_pooled"] = _summary(
        float(_decibels(errors.mean())), interval(errors, lambda drawn: _decibels(drawn.mean(axis=-1)))
    )
    both = np.stack([values["colorfulness"], values["truth_colorfulness"]], axis=-1)
    summary["colorfulness_ratio"] = _summary(
        both[:, 0].mean() / both[:, 1].mean(),
        interval(both, lambda drawn: drawn[..., 0].mean(axis=1) / drawn[..., 1].mean(axis=1)),
    )
    return summary

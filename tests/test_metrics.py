"""Each metric equals scikit-image's or its own formula, on random photographs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage import color as skcolor
from skimage import metrics as skmetrics

from colorize_lib import metrics
from colorize_lib.color import as_uint8, lab_to_rgb, lightness, rgb_to_lab

photographs = arrays(np.uint8, st.just((2, 9, 11, 3)))
LIMIT = 10 * np.log10(255**2 * 12)  # an error of 1/12, that of rounding to 8 bits
pairs = st.tuples(photographs, photographs)


@given(pairs)
def test_psnr_is_scikit_images(pair):
    truth, predicted = pair
    for i, value in enumerate(metrics.psnr(truth, predicted)):
        with np.errstate(divide="ignore"):
            expected = skmetrics.peak_signal_noise_ratio(truth[i], predicted[i], data_range=255)
        assert value == pytest.approx(min(expected, LIMIT), abs=1e-3)


@given(pairs)
def test_pooled_psnr_is_that_of_one_large_photograph(pair):
    truth, predicted = (np.concatenate(list(side))[None] for side in pair)
    assert metrics.pooled_psnr(*pair) == pytest.approx(metrics.psnr(truth, predicted)[0], abs=1e-3)


@given(pairs)
@settings(max_examples=25)
def test_ssim_is_scikit_images(pair):
    truth, predicted = pair
    expected = [skmetrics.structural_similarity(t, p, channel_axis=-1) for t, p in zip(truth, predicted, strict=True)]
    np.testing.assert_allclose(metrics.ssim(truth, predicted), expected, atol=1e-4)


@given(pairs)
def test_mae_is_its_formula(pair):
    truth, predicted = (side.astype(float) / 255 for side in pair)
    np.testing.assert_allclose(metrics.mae(*pair), np.abs(truth - predicted).mean(axis=(1, 2, 3)), atol=1e-6)


@given(pairs)
def test_ciede2000_and_ab_distance_are_scikit_images(pair):
    lab_true, lab_predicted = (skcolor.rgb2lab(side) for side in pair)
    apart = skcolor.deltaE_ciede2000(lab_true, lab_predicted).mean(axis=(1, 2))
    np.testing.assert_allclose(metrics.ciede2000(*pair), apart, atol=5e-3)
    distance = np.linalg.norm((lab_true - lab_predicted)[..., 1:], axis=-1).mean(axis=(1, 2))
    np.testing.assert_allclose(metrics.ab_distance(*pair), distance, atol=5e-3)


def hasler_suesstrunk(photograph):
    """The formula of the 2003 paper, written out for one photograph with plain numbers."""
    pixels = photograph.reshape(-1, 3).astype(float)
    rg = [r - g for r, g, b in pixels]
    yb = [(r + g) / 2 - b for r, g, b in pixels]
    spread = (np.var(rg) + np.var(yb)) ** 0.5
    return spread + 0.3 * (np.mean(rg) ** 2 + np.mean(yb) ** 2) ** 0.5


@given(photographs)
def test_colorfulness_is_its_formula(rgb):
    np.testing.assert_allclose(metrics.colorfulness(rgb), [hasler_suesstrunk(p) for p in rgb], rtol=1e-4, atol=1e-3)


def test_gray_has_no_colorfulness_and_a_known_pair_has_the_known_one():
    gray = np.full((1, 4, 4, 3), 77, np.uint8)
    assert metrics.colorfulness(gray)[0] == 0
    red_and_cyan = np.array([[[[255, 0, 0], [0, 255, 255]]]], np.uint8)
    # rg = +-255 (mean 0, deviation 255), yb = +-127.5 (mean 0, deviation 127.5)
    assert metrics.colorfulness(red_and_cyan)[0] == pytest.approx((255**2 + 127.5**2) ** 0.5)


def test_accuracy_is_keras_acc():
    import keras

    rng = np.random.default_rng(0)
    truth, predicted = rng.integers(0, 256, (2, 3, 8, 8, 3), np.uint8)
    keras_acc = keras.metrics.CategoricalAccuracy()
    keras_acc.update_state(truth / 255.0, predicted / 255.0)
    assert metrics.accuracy(truth, predicted).mean() == pytest.approx(float(keras_acc.result()), abs=1e-6)


def test_accuracy_does_not_see_color():
    truth = as_uint8(lab_to_rgb(np.full((1, 8, 8, 3), [60, 40, 30], "float32")))
    barely = as_uint8(lab_to_rgb(np.full((1, 8, 8, 3), [60, 2, 1.5], "float32")))
    assert metrics.accuracy(truth, barely)[0] == 1
    assert metrics.ab_distance(truth, barely)[0] > 40


@pytest.mark.parametrize("name", metrics.METRICS)
def test_a_perfect_prediction_has_the_best_value(name):
    photo = np.random.default_rng(1).integers(0, 256, (2, 9, 9, 3), np.uint8)
    best = {"psnr": LIMIT, "ssim": 1, "accuracy": 1}.get(name, 0)
    np.testing.assert_allclose(metrics.METRICS[name](photo, photo), best, atol=1e-6)


def test_the_interval_covers_the_mean_and_narrows_with_more_photographs():
    values = np.random.default_rng(0).normal(20, 3, 4000)
    low, high = metrics.interval(values)
    assert low < values.mean() < high
    assert high - low == pytest.approx(2 * 1.96 * 3 / 4000**0.5, rel=0.1)
    few_low, few_high = metrics.interval(values[:40])
    assert few_high - few_low > 5 * (high - low)


def test_summarize_agrees_with_the_single_metrics():
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 256, (6, 9, 9, 3), np.uint8)
    noisy = np.clip(truth + rng.normal(0, 20, truth.shape), 0, 255).astype(np.uint8)
    summary = metrics.summarize(metrics.per_photograph(truth, noisy))
    assert summary["psnr"]["mean"] == pytest.approx(metrics.psnr(truth, noisy).mean())
    assert summary["psnr_pooled"]["mean"] == pytest.approx(metrics.pooled_psnr(truth, noisy))
    ratio = metrics.colorfulness(noisy).mean() / metrics.colorfulness(truth).mean()
    assert summary["colorfulness_ratio"]["mean"] == pytest.approx(ratio)
    for bounds in summary.values():
        assert bounds["low"] <= bounds["mean"] <= bounds["high"]


def test_wrong_arrays_are_named():
    photo = np.zeros((1, 4, 4, 3), np.uint8)
    with pytest.raises(ValueError, match=r"predicted has dtype float.*as_uint8"):
        metrics.psnr(photo, photo / 255)
    with pytest.raises(ValueError, match="truth has shape"):
        metrics.mae(photo, np.zeros((2, 4, 4, 3), np.uint8))


def unrelated(count=3):
    """Photographs and predictions that have nothing to do with each other."""
    return np.random.default_rng(4).integers(0, 256, (2, count, 16, 16, 3), np.uint8)


def test_a_difference_does_not_wrap():
    """Published code computes in uint8, where 3 - 5 is 254 and 16 * 16 is 0: unrelated pictures look alike."""
    truth, predicted = unrelated()
    wrapped = 10 * np.log10(255**2 / ((truth - predicted) ** 2).mean(axis=(1, 2, 3)))
    assert (wrapped > 25).all()
    assert (metrics.psnr(truth, predicted) < 9).all()
    black, white = np.zeros((1, 8, 8, 3), np.uint8), np.full((1, 8, 8, 3), 255, np.uint8)
    for name, worst in (("psnr", 0), ("mae", 1)):
        assert metrics.METRICS[name](black, white)[0] == pytest.approx(worst)
        assert metrics.METRICS[name](white, black)[0] == pytest.approx(worst)


def test_the_peak_is_that_of_the_pictures():
    """A published table has the peak of 12 bits for numbers in [0, 1], which adds 72 dB; here both are of 8 bits."""
    truth, predicted = unrelated()
    error = ((truth / 255 - predicted / 255) ** 2).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(10 * np.log10(4095**2 / error) - metrics.psnr(truth, predicted), 72.245, atol=1e-3)
    for metric in (*metrics.METRICS.values(), metrics.pooled_psnr, metrics.lpips):
        with pytest.raises(ValueError, match="has dtype float64"):
            metric(truth / 255, predicted / 255)


@pytest.mark.parametrize("name", metrics.METRICS)
def test_all_photographs_are_measured_and_not_the_first_one(name):
    truth, predicted = unrelated()
    predicted[0] = truth[0]
    values = metrics.METRICS[name](truth, predicted)
    assert values.shape == (3,)
    best = metrics.METRICS[name](truth[:1], truth[:1])[0]
    assert values[0] == pytest.approx(best, abs=1e-6)
    assert (np.abs(values[1:] - best) > 0.05).all()
    summary = metrics.summarize(metrics.per_photograph(truth, predicted))[name]
    backward = metrics.summarize(metrics.per_photograph(truth[::-1], predicted[::-1]))[name]
    assert summary["mean"] == pytest.approx(backward["mean"]) == pytest.approx(values.mean())


def test_ssim_barely_sees_color_when_taken_on_lightness():
    rng = np.random.default_rng(3)
    lab = np.stack([rng.uniform(20, 80, (1, 32, 32)), *rng.uniform(-20, 20, (2, 1, 32, 32))], -1).astype("float32")
    truth = as_uint8(lab_to_rgb(lab))
    gray = as_uint8(lab_to_rgb(rgb_to_lab(truth) * [1, 0, 0]))
    on_lightness = metrics.ssim(*(as_uint8(np.repeat(lightness(side) / 100, 3, -1)) for side in (truth, gray)))
    assert metrics.ssim(truth, gray)[0] < 0.95 < 0.999 < on_lightness[0]

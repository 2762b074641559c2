"""Color: against scikit-image, there and back, NumPy against tensors, gradients, the gamut."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from colorize_lib import color

EIGHT_BIT = st.integers(0, 255)
PHOTOGRAPHS = hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3)), elements=EIGHT_BIT)
LABS = hnp.arrays(
    np.float32,
    st.tuples(st.integers(1, 40), st.just(3)),
    elements=st.floats(0, 1, width=32),
).map(lambda unit: unit * np.float32([100, 260, 260]) - np.float32([0, 130, 130]))
HALF_STEP = 0.5 / 255


def cube(steps: int = 17) -> np.ndarray:
    """Return steps^3 colors over the whole of sRGB, float32 [steps^3, 3] in [0, 1]."""
    axis = np.linspace(0, 1, steps, dtype="float32")
    return np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)


@pytest.fixture(scope="module")
def ops() -> Any:
    from colorize_lib.backend import start_keras

    start_keras()
    from keras import ops

    return ops


def test_cube_agrees_with_scikit_image() -> None:
    from skimage.color import lab2rgb, rgb2lab

    lab = color.rgb_to_lab(cube())
    np.testing.assert_allclose(lab, rgb2lab(cube()), atol=1e-3)
    np.testing.assert_allclose(color.lab_to_rgb(lab), lab2rgb(lab), atol=1e-3)


@given(PHOTOGRAPHS)
def test_photographs_agree_with_scikit_image(rgb: np.ndarray) -> None:
    from skimage.color import rgb2lab

    np.testing.assert_allclose(color.rgb_to_lab(rgb), rgb2lab(rgb), atol=1e-3)


@given(PHOTOGRAPHS)
def test_there_and_back_within_half_a_step(rgb: np.ndarray) -> None:
    back = color.lab_to_rgb(color.rgb_to_lab(rgb))
    assert np.abs(back - rgb / 255).max() < HALF_STEP
    np.testing.assert_array_equal(color.as_uint8(back), rgb)


def test_cube_there_and_back_within_half_a_step() -> None:
    assert np.abs(color.lab_to_rgb(color.rgb_to_lab(cube())) - cube()).max() < HALF_STEP


def test_every_gray_has_no_chroma() -> None:
    grays = np.repeat(np.arange(256, dtype="uint8")[:, None], 3, axis=1)
    lab = color.rgb_to_lab(grays)
    assert np.abs(lab[:, 1:]).max() < 0.01
    assert np.all(np.diff(lab[:, 0]) > 0)
    np.testing.assert_allclose(lab[[0, -1], 0], [0, 100], atol=1e-3)


def test_ranges_stated_for_srgb() -> None:
    lab = color.rgb_to_lab(cube(33))
    np.testing.assert_allclose(lab.min(axis=0), [0, -86.2, -107.9], atol=0.1)
    np.testing.assert_allclose(lab.max(axis=0), [100, 98.3, 94.5], atol=0.1)
    assert np.abs(lab[:, 1:]).max() < color.CHROMA_SCALE


@given(PHOTOGRAPHS)
def test_lightness_is_the_first_of_lab(rgb: np.ndarray) -> None:
    np.testing.assert_allclose(color.lightness(rgb), color.rgb_to_lab(rgb)[..., :1], atol=1e-3)


@given(PHOTOGRAPHS)
def test_gray_is_pillows(rgb: np.ndarray) -> None:
    from PIL import Image

    gray = color.rgb_to_gray(rgb)[..., 0] * 255
    assert np.abs(gray - np.asarray(Image.fromarray(rgb).convert("L"))).max() < 1.01  # Pillow rounds in 16 bits


def test_gray_is_not_lightness() -> None:
    blue, red = np.float32([[0, 0, 1]]), np.float32([[1, 0, 0]])
    assert color.rgb_to_gray(red) > 2 * color.rgb_to_gray(blue)
    assert color.lightness(red) < 2 * color.lightness(blue)


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_numpy_and_keras_agree(ops: Any, dtype: str) -> None:
    rgb = cube() if dtype == "float32" else color.as_uint8(cube())
    tensor = ops.convert_to_tensor(rgb)
    lab = color.rgb_to_lab(rgb)
    for function, given_array, given_tensor in (
        (color.rgb_to_lab, rgb, tensor),
        (color.rgb_to_gray, rgb, tensor),
        (color.lightness, rgb, tensor),
        (color.lab_to_rgb, lab, ops.convert_to_tensor(lab)),
    ):
        theirs = function(given_tensor)
        assert not isinstance(theirs, np.ndarray)
        np.testing.assert_allclose(function(given_array), ops.convert_to_numpy(theirs), atol=1e-3)


def test_gradients_are_finite_everywhere(ops: Any) -> None:
    import tensorflow as tf

    corners = np.float32([[0, 0, 0], [1, 1, 1], [0.04045] * 3, [0.04045, 0, 1], [0.008856] * 3, [0.2068966] * 3])
    for colors, function in ((cube(), color.rgb_to_lab), (corners, color.rgb_to_lab), (corners, color.lightness)):
        x = tf.Variable(colors)
        with tf.GradientTape() as tape:
            y = function(tf.convert_to_tensor(x))
        assert np.isfinite(tape.gradient(y, x).numpy()).all()
    lab = np.concatenate([color.rgb_to_lab(cube()), color.rgb_to_lab(corners), [[0, 0, 0], [100, 0, 0], [0, 99, -99]]])
    x = tf.Variable(lab.astype("float32"))
    with tf.GradientTape() as tape:
        y = color.lab_to_rgb(tf.convert_to_tensor(x))
    assert np.isfinite(tape.gradient(y, x).numpy()).all()


def test_uint8_is_rounded_not_cut() -> None:
    np.testing.assert_array_equal(color.as_uint8(np.float32([-0.1, 0.5019, 0.9999, 1.2])), [0, 128, 255, 255])


def test_merge_joins_lightness_and_chroma() -> None:
    lab = color.rgb_to_lab(cube(3))
    np.testing.assert_array_equal(color.merge(lab[:, :1], lab[:, 1:]), lab)


@given(LABS)
def test_fitted_colors_keep_lightness_and_hue(lab: np.ndarray) -> None:
    fitted = color.fit_gamut(lab)
    np.testing.assert_array_equal(fitted[:, 0], lab[:, 0])
    cross = lab[:, 1] * fitted[:, 2] - lab[:, 2] * fitted[:, 1]  # 0: the same direction in the plane of a and b
    np.testing.assert_allclose(cross, 0, atol=1e-2)
    assert (np.abs(fitted[:, 1:]) <= np.abs(lab[:, 1:])).all()
    assert (fitted[:, 1:] * lab[:, 1:] >= 0).all()


@given(LABS)
def test_fitted_colors_are_inside_srgb(lab: np.ndarray) -> None:
    linear = color.lab_to_linear(color.fit_gamut(lab))
    slack = 1.1 * color.GAMUT_SLACK
    assert linear.min() >= -slack
    assert linear.max() <= 1 + slack


@given(LABS)
def test_lightness_survives_eight_bits(lab: np.ndarray) -> None:
    rgb = color.as_uint8(color.lab_to_rgb(color.fit_gamut(lab)))
    np.testing.assert_allclose(color.lightness(rgb), lab[:, :1], atol=100 / 255)


def test_clipping_moves_lightness_where_fitting_does_not() -> None:
    lab = np.float32([[60, 0, -110], [30, 100, 60], [95, -80, 80]])
    clipped = np.abs(color.lightness(color.lab_to_rgb(lab)) - lab[:, :1])
    fitted = np.abs(color.lightness(color.lab_to_rgb(color.fit_gamut(lab))) - lab[:, :1])
    assert clipped.min() > 1
    assert fitted.max() < 0.1


def test_colors_inside_srgb_are_untouched() -> None:
    lab = color.rgb_to_lab(cube())
    np.testing.assert_array_equal(color.fit_gamut(lab), lab)


def test_fitting_keeps_most_of_the_chroma() -> None:
    """The answer is the edge of the gamut, not any gray: one part in 500 more no longer fits."""
    lab = np.float32([[60, 0, -110], [30, 100, 60], [95, -80, 80], [50, 120, 0]])
    fitted = color.fit_gamut(lab)
    step = lab[:, 1:] / 500
    beyond = color.lab_to_linear(color.merge(fitted[:, :1], fitted[:, 1:] + step))
    outside = (beyond < -color.GAMUT_SLACK) | (beyond > 1 + color.GAMUT_SLACK)
    assert outside.any(axis=1).all()


def test_fitting_takes_any_shape_and_leaves_its_argument_alone() -> None:
    lab = np.float32([[60, 0, -110], [50, 10, 10]])
    kept = lab.copy()
    for shape in ((3,), (1, 3), (2, 1, 3), (1, 1, 2, 3), (0, 3)):
        assert color.fit_gamut(np.resize(lab, shape)).shape == shape
    color.fit_gamut(lab)
    np.testing.assert_array_equal(lab, kept)
    assert color.fit_gamut(np.array([60, 0, -110])).dtype == np.float64  # whole numbers are not rounded down


def test_scaled_chroma_keeps_hues_and_multiplies_chroma():
    ab = np.random.default_rng(0).normal(0, 30, (5, 7, 2))
    chroma = np.hypot(ab[..., 0], ab[..., 1])
    np.testing.assert_allclose(color.scale_chroma(ab, 1.5, 1.0), 1.5 * ab)
    raised = color.scale_chroma(ab, 1.5, 1.3)
    np.testing.assert_allclose(np.arctan2(raised[..., 1], raised[..., 0]), np.arctan2(ab[..., 1], ab[..., 0]))
    np.testing.assert_allclose(np.hypot(raised[..., 0], raised[..., 1]), 1.5 * chroma * (chroma / 20) ** 0.3)
    assert (color.scale_chroma(np.zeros((1, 2)), 1.5, 1.3) == 0).all()

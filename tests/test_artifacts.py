"""What blurs makes edges wide, what stains makes even regions patchy, and neither is taken for the other."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, gaussian_filter1d
from skimage.draw import disk

from colorize_lib import data
from colorize_lib.artifacts import edge_profiles, edge_spread, local_spread, patchiness
from colorize_lib.color import as_uint8, lab_to_rgb, lightness, merge, rgb_to_lab


def painted(size=64):
    """A dark disk and a bright bar before an even ground, each of one color: uint8 [1, size, size, 3]."""
    picture = np.full((1, size, size, 3), (120, 140, 170), np.uint8)
    picture[0][disk((20, 22), 11)] = (70, 40, 30)
    picture[:, 40:46, 8:56] = (220, 215, 160)
    return picture


def blurred(picture, width):
    return gaussian_filter(picture, (0, width, width, 0))


def stained(picture, strength, seed=0):
    """Keep the lightness and add smooth random patches to a and b."""
    lab = rgb_to_lab(picture)
    patches = gaussian_filter(np.random.default_rng(seed).normal(size=lab[..., 1:].shape), (0, 3, 3, 0))
    return as_uint8(lab_to_rgb(merge(lab[..., :1], lab[..., 1:] + strength * patches / patches.std())))


@pytest.fixture(scope="module")
def photographs():
    return data.load("sample", 64).rgb[::11]


def test_blur_widens_edges_and_more_blur_more_so(photographs):
    for truth in (painted(), photographs):
        spreads = np.array([edge_spread(blurred(truth, width), truth) for width in (0, 1, 2)])
        assert (np.diff(spreads, axis=0) > 0.3).all()


@pytest.mark.parametrize("width", [1.0, 1.5])
def test_the_spread_is_that_of_the_blur(width):
    """A step blurred by a Gaussian has its steepest slope where it has risen by half; that slope is known."""
    step = np.repeat([[0.0], [1.0]], 32, axis=0)[None] * np.ones((1, 1, 64))
    profile = edge_profiles(gaussian_filter1d(step, width, axis=1), step)[0]
    assert np.ptp(profile) / np.diff(profile).max() == pytest.approx(width * np.sqrt(2 * np.pi), rel=0.05)


def test_the_spread_knows_neither_contrast_nor_color(photographs):
    truth = painted()
    faded = as_uint8(0.25 + truth / 255 / 2)
    assert edge_spread(faded, truth) == pytest.approx(edge_spread(truth, truth), rel=0.1)
    lab = rgb_to_lab(photographs)
    gray = as_uint8(lab_to_rgb(merge(lab[..., :1], 0 * lab[..., 1:])))
    np.testing.assert_allclose(edge_spread(gray, photographs), edge_spread(photographs, photographs), rtol=0.02)
    np.testing.assert_allclose(
        edge_spread(stained(gray, 8), photographs), edge_spread(photographs, photographs), rtol=0.05
    )


def test_noise_is_no_sharpness(photographs):
    """Grain on a blurred picture is steeper than its edges, but it does not stand where the edges do."""
    soft = blurred(photographs, 1.5)
    grain = np.random.default_rng(0).normal(0, 8, soft.shape[:3])[..., None]
    grainy = np.clip(soft + grain, 0, 255).astype(np.uint8)
    np.testing.assert_allclose(edge_spread(grainy, photographs), edge_spread(soft, photographs), rtol=0.25)


def test_profiles_climb_from_dark_to_bright_in_all_directions():
    ring = (np.hypot(*(np.mgrid[:64, :64] - 31.5)) < 15).astype(float)[None]
    for true in (ring, 1 - ring):
        profile = edge_profiles(true, true)[0]
        assert profile[0] < 0.02
        assert profile[-1] > 0.98
        assert (np.diff(profile) > -1e-6).all()


def test_pictures_and_truths_without_edges():
    truth, flat = painted(), np.full((1, 64, 64, 3), 128, np.uint8)
    assert edge_spread(flat, truth) == np.inf
    assert np.isnan(edge_spread(truth, flat)).all()
    both = np.concatenate([truth, flat])
    assert edge_spread(both, both)[0] == edge_spread(truth, truth)[0]


def test_patches_count_and_stronger_ones_more():
    truth = painted()
    scores = [patchiness(stained(truth, strength), truth)[0] for strength in (0, 2, 4, 8)]
    assert scores[0] == pytest.approx(patchiness(truth, truth)[0], abs=0.3)
    assert (np.diff(scores) > 1).all()


def test_no_picture_is_less_patchy_than_the_painted_truth():
    even = np.full((1, 40, 40, 3), (120, 140, 170), np.uint8)
    assert patchiness(even, even)[0] == pytest.approx(0, abs=1e-3)
    for other in (stained(even, 3), blurred(stained(even, 3), 2), np.roll(stained(even, 3), 9, axis=1)):
        assert patchiness(other, even)[0] > 0.5


def test_patchiness_is_about_color_alone(photographs):
    """An even tint is no patch, a wrong lightness none either; gray has no patches at all."""
    even = np.full((1, 40, 40, 3), (120, 140, 170), np.uint8)
    assert patchiness(255 - even, even)[0] == pytest.approx(0, abs=1e-3)
    lab = rgb_to_lab(photographs)
    gray = as_uint8(lab_to_rgb(merge(lightness(photographs), 0 * lab[..., 1:])))
    scores = patchiness(gray, photographs)
    assert np.nanmax(scores) < 0.3
    assert (patchiness(photographs, photographs)[~np.isnan(scores)] > scores[~np.isnan(scores)]).all()


def test_patches_where_the_truth_is_not_even_do_not_count():
    truth = painted()
    rng = np.random.default_rng(0)
    truth[:, :, :20] = rng.integers(0, 256, (1, 64, 20, 3))
    picture = truth.copy()
    picture[:, :, :20] = rng.integers(0, 256, (1, 64, 20, 3))
    assert patchiness(picture, truth)[0] == pytest.approx(patchiness(truth, truth)[0], abs=1e-3)
    assert np.isnan(patchiness(picture[:, :, :20], truth[:, :, :20])).all()


def test_the_local_spread_is_its_formula(photographs):
    spread = local_spread(photographs, 9)
    ab = rgb_to_lab(photographs)[..., 1:]
    assert spread.shape == (len(photographs), 56, 56)
    for row, column in ((0, 0), (17, 30), (55, 55)):
        square = ab[:, row : row + 9, column : column + 9]
        np.testing.assert_allclose(spread[:, row, column], np.sqrt(square.var(axis=(1, 2)).sum(-1)), rtol=1e-3)

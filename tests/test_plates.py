"""Plates: cut, aligned, balanced; made ones whose answer is known; shipped numbers; real ones where they are."""

import hashlib
import os

import numpy as np
import pytest

from colorize_lib import color, data, plate_scores, plates, results

MIRRORED = os.environ.get(plates.MIRROR)


def test_a_plate_is_cut_from_the_top_and_a_rest_is_left_out():
    plate = np.arange(8 * 2, dtype="uint8").reshape(8, 2)
    parts = plates.exposures(plate)
    assert parts.shape == (3, 2, 2)
    np.testing.assert_array_equal(np.rint(parts * 255).reshape(6, 2), plate[:6])


@pytest.mark.parametrize(("index", "grain"), [(0, 0), (14, 0.02), (30, 0.04)])
def test_a_made_plate_is_aligned_as_it_was_made(index, grain):
    photograph = data.load("sample", 192, index, index + 1).rgb[0]
    made = plates.made(photograph, seed=index, grain=grain)
    assert np.abs(made.moves).max() > 1
    found = plates.alignment(plates.exposures(made.scan))
    assert np.abs(found - made.moves).max() < 0.5


def test_parts_of_a_pixel_are_found():
    rng = np.random.default_rng(0)
    fine = plates.ndimage.gaussian_filter(rng.normal(size=(400, 400)), 6)
    fixed, moving = plates.smaller(fine, 4), plates.smaller(np.roll(fine, (10, -6), (0, 1)), 4)
    np.testing.assert_allclose(plates.alignment_of(fixed, moving), (-2.5, 1.5), atol=0.25)


def test_a_composite_has_red_from_the_last_exposure_and_no_borders():
    parts = np.stack([np.full((100, 50), value, "float32") for value in (0.1, 0.2, 0.3)])
    rgb = plates.composite(parts, np.zeros((3, 2)))
    assert rgb.shape == (84, 42, 3)
    np.testing.assert_allclose(rgb[0, 0], (0.3, 0.2, 0.1), rtol=1e-6)


def test_balances_do_what_they_say():
    rgb = np.random.default_rng(0).uniform(0.2, 0.6, (40, 40, 3)).astype("float32") * [1, 0.8, 0.5]
    apart = plates.stretched(rgb)
    np.testing.assert_allclose(np.percentile(apart, 50, axis=(0, 1)), 0.5, atol=0.05)
    together = plates.stretched(rgb, together=True)
    assert (np.diff(together.mean(axis=(0, 1))) < -0.1).all()
    means = plates.gray_world(rgb).mean(axis=(0, 1))
    np.testing.assert_allclose(means, means.mean(), rtol=1e-3)
    half = plates.gray_world(rgb, 0.5).mean(axis=(0, 1))
    assert (np.ptp(half) > 0.01) & (np.ptp(half) < np.ptp(rgb.mean(axis=(0, 1))))


def test_what_moved_is_fringed_and_what_is_one_color_is_not():
    rng = np.random.default_rng(1)
    gray = plates.ndimage.gaussian_filter(rng.normal(0.5, 1, (60, 80)), 1)
    rgb = np.stack([gray, 0.7 * gray, 0.4 * gray], axis=-1)
    assert not plates.fringed(rgb).any()
    rgb[20:40, 30:50, 0] = np.roll(gray, 7, 1)[20:40, 30:50]
    found = plates.fringed(rgb)
    assert found[24:36, 34:46].mean() > 0.8
    assert not found[:, :20].any()


def test_a_mirrored_plate_is_checked(tmp_path, monkeypatch):
    name = plates.names()[0]
    monkeypatch.setenv(plates.MIRROR, str(tmp_path))
    with pytest.raises(ValueError, match="no such file"):
        plates.fetch(name)
    (tmp_path / name).write_bytes(b"another")
    with pytest.raises(ValueError, match="sha256"):
        plates.fetch(name)
    known = {name: {"sha256": hashlib.sha256(b"another").hexdigest()}}
    monkeypatch.setattr(plates, "reference", lambda: known)
    assert plates.fetch(name) == tmp_path / name
    with pytest.raises(ValueError, match="There is no plate"):
        plates.fetch("another.jpg")


def test_without_network_one_sentence_says_so(tmp_path, monkeypatch):
    import pooch

    def refuse(address, *_, **__):
        assert plates.COMMIT in address
        raise OSError("no network")

    monkeypatch.delenv(plates.MIRROR, raising=False)
    monkeypatch.setattr(pooch, "retrieve", refuse)
    with pytest.raises(ValueError, match="could not be downloaded"):
        plates.scan(plates.names()[0])


def test_colors_are_put_under_the_truths_own_lightness():
    truth = np.random.default_rng(0).integers(60, 190, (2, 8, 8, 3), np.uint8)
    own = color.rgb_to_lab(truth)[..., 1:]
    assert (plate_scores.scores(truth, own)["ab_distance"] < 0.5).all()
    counts = np.zeros((2, 8, 8), bool)
    counts[:, :4] = True
    wrong = own.copy()
    wrong[:, 4:] = 0  # where nothing counts
    scores = plate_scores.scores(truth, wrong, counts)
    assert (scores["ab_distance"] < 0.5).all()
    assert (scores["psnr"] > plate_scores.scores(truth, wrong)["psnr"]).all()


def test_the_shipped_numbers_are_of_this_code_and_within_the_bar():
    found = results.measurement(plate_scores.NAME)
    assert found["code"] == plate_scores.code()
    assert found["plates"] == len(plates.names()) == 32
    assert found["alignment_error"] <= 1
    assert tuple(found["systems"]) == plate_scores.ROWS
    for row in found["systems"].values():
        assert tuple(row) == tuple(plate_scores.BALANCES)
    zero = found["systems"]["gray"][plate_scores.BALANCE]["above_gray"]["psnr"]
    assert zero == {"mean": 0, "low": 0, "high": 0}


@pytest.mark.long
@pytest.mark.skipif(not MIRRORED, reason=f"the plates aren't here: {plates.MIRROR} names no folder with them")
@pytest.mark.parametrize("name", plates.names())
def test_every_plate_is_aligned_within_a_pixel_of_what_was_checked_by_eye(name):
    checked = plates.reference()[name]
    found = plates.alignment(plates.exposures(plates.scan(name)))
    assert np.abs(found[[0, 2]] - [checked["blue"], checked["red"]]).max() <= 1

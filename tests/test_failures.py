"""What is measured of photographs that are colored badly: the damage and the pan made for it, and the shipped file."""

import itertools

import numpy as np
import pytest

from colorize_lib import failures, results

RNG = np.random.default_rng(0)


def test_damage_leaves_what_it_does_not_cover():
    rgb = RNG.integers(1, 200, (60, 90, 3), np.uint8)
    spoiled, where = failures.damaged(rgb)
    np.testing.assert_array_equal((spoiled != rgb).any(axis=-1), where)
    assert 0.05 < where.mean() < 0.5
    np.testing.assert_array_equal(failures.damaged(rgb)[0], spoiled)


def test_a_point_of_the_pan_stays_the_same_from_frame_to_frame():
    height, width = (side + failures.STEP * failures.FRAMES for side in reversed(failures.FRAME))
    rgb = RNG.integers(0, 256, (height, width, 3), np.uint8)
    frames = list(failures.frames(rgb))
    assert len(frames) == failures.FRAMES
    assert {frame.shape for frame in frames} == {(*reversed(failures.FRAME), 3)}
    for one, following in itertools.pairwise(frames):
        np.testing.assert_array_equal(one[:, failures.STEP :], following[:, : -failures.STEP])


@pytest.mark.parametrize(("flickers", "mean"), [(False, 0), (True, 10)])
def test_flicker_is_the_change_of_a_and_b_at_a_point(monkeypatch, flickers, mean):
    """Where each frame keeps its own colors there is none; where they change from frame to frame, there is as much."""
    monkeypatch.setattr(failures, "FRAMES", 4)
    shift = itertools.cycle([0.0, 10.0 * flickers])
    monkeypatch.setattr(failures, "colored", lambda name, rgb: rgb + np.float32([0, next(shift), 0]))
    monkeypatch.setattr(failures, "rgb_to_lab", lambda lab: lab)
    changes = failures.changes("any", np.tile(np.arange(400, dtype="float32")[None, :, None], (260, 1, 3)))
    assert changes.shape == (3, failures.FRAME[1], failures.FRAME[0] - failures.STEP)
    np.testing.assert_allclose(changes, mean)


def test_the_shipped_file_is_current_and_whole():
    found = results.measurement(failures.NAME)
    assert found["code"] == failures.code(), "run python -m colorize_lib.failures"
    assert found["cases"].keys() == failures.CASES.keys()
    for name, case in failures.CASES.items():
        truth = failures.photograph(case.file)
        area = failures.within(truth, case.area)
        assert area.size
        for part, pixels in (("photograph", truth), ("area", area)):
            assert found["cases"][name][part]["truth"] == pytest.approx(failures.colors(pixels), abs=1e-3)
    for name in failures.MODELS:
        assert 0 < found["pan"][name]["flicker"] <= found["pan"][name]["worst"]["mean"]
        assert found["damage"][name]["moved"] > 0

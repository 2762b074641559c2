"""Aging: gray that looks old, for training alone; and what training with it gained."""

import numpy as np
import pytest
from PIL import Image

from colorize_lib import aging_gain, color, data, plate_scores, plates, recipes, results
from colorize_lib.data import aging, batches

Y = color.RGB_TO_XYZ[1]


@pytest.fixture(scope="module")
def arrays():
    return data.lab_arrays(data.load("sample", 32, last=8))


def test_gray_is_what_a_plate_records_of_each_light(arrays):
    L, ab = arrays[0][0], arrays[1][0]
    np.testing.assert_allclose(aging.seen(L, ab, Y), L, atol=1e-4)
    rgb = data.load("sample", 32, last=1).rgb[0]
    for channel in range(3):
        expected = color.lightness(rgb[..., channel : channel + 1].repeat(3, axis=-1)) / 100
        np.testing.assert_allclose(aging.seen(L, ab, np.eye(3)[channel]), expected, atol=2e-3)


@pytest.mark.parametrize("seed", range(5))
def test_the_older_the_farther_from_the_photograph(arrays, seed):
    L, ab = arrays[0][seed], arrays[1][seed]
    found = [aging.aged(L, ab, seed, strength) for strength in (0.01, 0.5, 1.0)]
    assert all(one.shape == L.shape and one.dtype == np.float32 and one.min() >= 0 and one.max() <= 1 for one in found)
    apart = [float(np.abs(one - L).mean()) for one in found]
    assert apart[0] < 0.01 < apart[2]
    assert apart[0] < apart[1] < apart[2]
    np.testing.assert_array_equal(aging.aged(L, ab, seed, 0.5), found[1])
    assert not np.array_equal(aging.aged(L, ab, seed + 5, 0.5), found[1])


def test_only_what_the_network_sees_grows_old(arrays):
    plain, old = (batches.Batches(*arrays, 8, 1, batches.Augmentation(True, 0.15, age)) for age in (0.0, 1.0))
    np.testing.assert_array_equal(old[0][1], plain[0][1])
    assert np.abs(old[0][0] - plain[0][0]).mean() > 0.02
    for name in ("which", "box", "flip", "gamma"):  # the draws of recipes without aging are what they were
        np.testing.assert_array_equal(getattr(old.plan(), name), getattr(plain.plan(), name))
    assert not plain.plan().age.any()


@pytest.mark.parametrize("channels", [(3, 3), (1, 1), (3, 2)])
def test_only_lightness_with_a_and_b_can_grow_old(channels):
    x, y = (np.zeros((3, 8, 8, count), "float32") for count in channels)
    with pytest.raises(ValueError, match="can't be made to look old"):
        batches.Batches(x, y, 2, 1, batches.Augmentation(aging=1.0))


def test_a_recipe_written_before_there_was_aging_can_be_read():
    stored = recipes.find("pretrained").to_json()
    del stored["augmentation"]["aging"]
    assert recipes.Recipe.from_json(stored) == recipes.find("pretrained")
    assert recipes.Recipe.from_json(recipes.find(aging_gain.RECIPE).to_json()) == recipes.find(aging_gain.RECIPE)


def test_composites_for_choosing_are_not_those_that_are_measured(tmp_path):
    rng = np.random.default_rng(0)
    names = [*plates.names()[:2], *(f"other{number}.jpg" for number in range(12))]
    for name in names:
        Image.fromarray(rng.integers(0, 255, (40, 50, 3), "uint8")).save(tmp_path / name)
    chosen, others = (aging_gain.composites(tmp_path, choosing) for choosing in (True, False))
    assert (len(chosen[0]), len(others[0])) == (3, 9)
    assert not any((one == other).all() for one in chosen[1] for other in others[1])
    assert chosen[0].shape[1:] == (data.SIZE, data.SIZE, 3)


def test_the_shipped_numbers_are_of_this_code_and_recipe():
    found = results.measurement(aging_gain.NAME)
    assert found["code"] == aging_gain.code(), "run python -m colorize_lib.aging_gain"
    assert recipes.Recipe.from_json(found["recipe"]) == recipes.find(aging_gain.RECIPE)
    assert tuple(found["plates"]) == tuple(plate_scores.BALANCES)
    for row in (found["composites"], found["others"], found["today"], *found["plates"].values()):
        for measure in aging_gain.MEASURES:
            one = row[measure]
            assert one["gain"]["mean"] == pytest.approx(one["after"]["mean"] - one["before"]["mean"], abs=1e-4)

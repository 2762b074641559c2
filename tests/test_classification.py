"""Odds of colors: bins, targets, weights and means by hand; the weights reach the gradient; nothing becomes NaN."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from PIL import Image

from colorize_lib import auc, data, metrics, provenance, recipes, results
from colorize_lib.color import CHROMA_SCALE, rgb_to_lab
from colorize_lib.networks import color_odds
from colorize_lib.systems.classification import (
    Classification,
    rebalancing,
    smoothed,
    soft_targets,
    weighted_cross_entropy,
)
from colorize_lib.training import devices

CROSS = np.array([[0, 0], [10, 0], [-10, 0], [0, 10], [0, -10], [10, 10]], "float32")
SMALL = replace(
    recipes.find("classification"),
    system=Classification("unet_half"),
    initial_weights="",
    size=32,
    stored_size=32,
    precision="float32",
)


def as_array(tensor):
    return keras.ops.convert_to_numpy(tensor)


def test_the_table_holds_the_counted_colors():
    """What is counted, printed and read again: the share of each square, and no rare ones."""
    rgb = np.zeros((10, 100, 1, 3), "uint8")
    rgb[0, :30] = (255, 0, 0)
    shares = color_odds.count(data.of_arrays(rgb))
    red = color_odds.bin_of(rgb_to_lab(rgb[0, 0])[..., 1:])[0]
    assert shares[12, 12] == pytest.approx(0.97)
    assert shares[tuple(red + 12)] == pytest.approx(0.03)
    shares[0, 0] = color_odds.RAREST / 2
    found = color_odds.colors_of(color_odds.as_table(shares))
    assert {tuple(ab): share for ab, share in zip(found.ab.tolist(), found.share, strict=True)} == {
        (0, 0): pytest.approx(0.97),
        tuple(10.0 * red): pytest.approx(0.03),
    }


def test_the_courses_colors_lie_on_the_grid_and_are_not_rare():
    found = color_odds.colors()
    assert len(found.ab) == 170
    assert (found.ab % color_odds.GRID == 0).all()
    assert len(np.unique(found.ab, axis=0)) == len(found.ab)
    assert found.share.sum() == pytest.approx(1)
    assert found.share.min() > 0.9 * color_odds.RAREST
    assert (found.ab[found.share.argmax()] == 0).all()


def test_targets_by_hand():
    near = np.exp(-(10**2) / 50)
    at_a_bin, between = as_array(soft_targets(np.array([[0, 0], [5, 0]], "float32"), CROSS))
    np.testing.assert_allclose(at_a_bin, np.array([1, near, near, near, near, 0]) / (1 + 4 * near), atol=1e-6)
    # From (5, 0) it is 5 to two bins, then as far to the next three: all of these share, or none.
    far = np.exp(-(125 - 25) / 50)
    np.testing.assert_allclose(between, np.array([1, 1, 0, far, far, far]) / (2 + 3 * far), atol=1e-6)


def test_a_color_far_from_every_bin_has_targets_too():
    odds = as_array(soft_targets(np.array([[[-86.0, 98.0], [98.0, -107.0]]], "float32"), color_odds.colors().ab))
    assert np.isfinite(odds).all()
    np.testing.assert_allclose(odds.sum(axis=-1), 1, atol=1e-6)


def test_weights_by_hand():
    np.testing.assert_allclose(rebalancing(np.array([0.9, 0.1]), 1.0), [1, 1])
    np.testing.assert_allclose(rebalancing(np.array([0.9, 0.1]), 0.0), [0.5 / 0.9, 0.5 / 0.1])
    half = np.array([1 / 0.7, 1 / 0.3])  # 1 / (.5 share + .25)
    np.testing.assert_allclose(rebalancing(np.array([0.9, 0.1]), 0.5), half / (half @ [0.9, 0.1]))


@pytest.mark.parametrize("uniform", [0.0, 0.5, 1.0])
def test_the_mean_weight_of_a_pixel_is_1(uniform):
    share = smoothed(color_odds.colors())
    assert share.sum() == pytest.approx(1)
    weight = rebalancing(share, uniform)
    assert share @ weight == pytest.approx(1)
    assert (np.diff(weight[np.argsort(share)]) <= 1e-12).all(), "rarer colors weigh no less"


def test_the_cross_entropy_by_hand():
    targets = np.array([[[[1, 0], [0.25, 0.75]]]], "float32")
    scores = np.log(np.array([[[[0.5, 0.5], [0.2, 0.8]]]], "float32"))
    expected = -(3 * np.log(0.5) + 5 * (0.25 * np.log(0.2) + 0.75 * np.log(0.8))) / 2
    found = as_array(weighted_cross_entropy(targets, scores, np.array([3.0, 5.0])))
    np.testing.assert_allclose(found, [expected], rtol=1e-5)


def test_the_annealed_mean_goes_from_the_mean_to_the_likeliest_color():
    colors = color_odds.colors()
    rng = np.random.default_rng(0)
    odds = rng.dirichlet(np.full(len(colors.ab), 0.1), (3, 4)).astype("float32") + 1e-9
    scores = np.log(odds) + rng.normal(size=(3, 4, 1)).astype("float32")  # a constant changes nothing
    mean, mode = (as_array(color_odds.annealed_mean(scores, t)) * CHROMA_SCALE for t in (1.0, 1e-4))
    np.testing.assert_allclose(mean, odds @ colors.ab, atol=1e-2)
    np.testing.assert_allclose(mode, colors.ab[odds.argmax(axis=-1)], atol=1e-2)


def test_enlarging_is_pillows():
    small = np.random.default_rng(0).normal(size=(1, 5, 7, 2)).astype("float32")
    found = as_array(color_odds.enlarge(small))
    for channel in range(2):
        expected = Image.fromarray(small[0, ..., channel]).resize((28, 20), Image.Resampling.BILINEAR)
        np.testing.assert_allclose(found[0, ..., channel], expected, atol=1e-5)


def test_a_new_colorizer_gives_every_pixel_the_odds_of_all():
    colorizer = SMALL.build()
    scores = as_array(color_odds.scoring(colorizer)(np.random.default_rng(0).random((1, 32, 48, 1), "float32")))
    assert scores.shape == (1, 8, 12, len(color_odds.colors().ab))
    np.testing.assert_allclose(np.exp(scores), np.broadcast_to(color_odds.colors().share, scores.shape), rtol=1e-3)


def test_it_begins_with_what_another_network_knows():
    start = recipes.find("small_100").build()
    start.set_weights([np.full_like(one, 0.01 * (k + 1)) for k, one in enumerate(start.get_weights())])
    colorizer = SMALL.build()
    SMALL.system.begin(colorizer, start)
    x = np.random.default_rng(0).random((1, 32, 32, 1), "float32")
    known = [keras.Model(one.input, color_odds.knowledge(one)) for one in (colorizer, start)]
    np.testing.assert_array_equal(*(as_array(one(x)) for one in known))
    again = SMALL.build()
    SMALL.system.begin(again, colorizer)
    np.testing.assert_array_equal(*(as_array(keras.Model(m.input, color_odds.knowledge(m))(x)) for m in (again, start)))


def learner_of(recipe):
    """A learner whose steps aren't compiled: two of them take less time than compiling."""
    learner = devices.new_learner(recipe, 10)
    learner.run_eagerly = True
    return learner


def pull(learner, x, y):
    """Return the gradient at the bias of the scores: ten times the optimizer's first moment after one step."""
    learner.train_on_batch(x, y)
    bias = learner.colorizer.get_layer(color_odds.SCORES).bias
    (k,) = [k for k, one in enumerate(learner.trainable_variables) if one is bias]
    return 10 * as_array(learner.optimizers()["colorizer"]._momentums[k])


def test_the_weights_reach_the_gradient():
    """Rare colors pull harder where they weigh more; ports that weigh in a hook nobody calls train without."""
    colors, share = color_odds.colors(), smoothed(color_odds.colors())
    rgb = np.zeros((2, 32, 32, 3), "uint8")
    rgb[0], rgb[1] = (128, 128, 128), (255, 0, 0)
    x, y = SMALL.system.training_arrays(data.of_arrays(rgb))
    targets = as_array(soft_targets(rgb_to_lab(rgb[:, 0, 0])[:, 1:], colors.ab))
    for uniform in (0.5, 1.0):
        system = replace(SMALL.system, uniform=uniform)
        recipe = replace(SMALL, system=system, optimizer="adam", schedule="constant")
        weight = rebalancing(share, uniform)[targets.argmax(axis=-1)]  # of gray, and of red
        expected = (weight[:, None] * (colors.share - targets)).mean(axis=0)  # the cross-entropy's slope
        np.testing.assert_allclose(pull(learner_of(recipe), x, y), expected, atol=2e-3)
        assert (weight[1] > 3 > 1 > weight[0]) == (uniform == 0.5)


def test_no_number_becomes_nan_at_black_gray_and_white():
    learner = learner_of(SMALL)
    rgb = np.broadcast_to(np.array([0, 128, 255], "uint8")[:, None, None, None], (3, 32, 32, 3))
    x, y = SMALL.system.training_arrays(data.of_arrays(rgb))
    for part in (slice(0, 1), slice(1, 2), slice(2, 3), slice(0, 3)):
        assert np.isfinite(float(learner.train_on_batch(x[part], y[part])))
    for path, variable in learner.state().items():
        assert np.isfinite(np.asarray(variable)).all(), path


@pytest.mark.parametrize("wrong", [{"uniform": 1.5}, {"temperature": 0.0}, {"network": "unet_wide"}])
def test_impossible_options_are_refused(wrong):
    ((option, value),) = wrong.items()
    with pytest.raises(ValueError, match=rf"system 'classification': {option} is {value!r}; expected"):
        Classification(**wrong)


def test_auc_is_the_area_under_the_curve():
    rng = np.random.default_rng(0)
    truth, predicted = rng.integers(0, 256, (2, 2, 9, 11, 3)).astype("uint8")
    error = np.linalg.norm((rgb_to_lab(truth) - rgb_to_lab(predicted))[..., 1:], axis=-1)
    thresholds = np.linspace(0, 150, 3001)
    curve = (error[..., None] <= thresholds).mean(axis=(1, 2))
    near, weights = metrics.nearness(truth, predicted), rng.random((2, 9, 11))
    found = auc.areas(near, weights)
    np.testing.assert_allclose(found["each"]["auc"], np.trapezoid(curve, thresholds) / 150, atol=1e-3)
    assert found["auc"]["mean"] == pytest.approx(np.mean(found["each"]["auc"]), abs=1e-5)
    np.testing.assert_allclose(metrics.nearness(truth, truth), 1)
    parts = 1 - np.minimum(error, 150) / 150
    expected = [np.average(one, weights=w) for one, w in zip(parts, weights, strict=True)]
    np.testing.assert_allclose(found["each"]["auc_rebalanced"], expected, atol=2e-5)
    assert found["auc_rebalanced"]["mean"] == pytest.approx(np.average(parts, weights=weights), abs=1e-5)


def test_rare_colors_count_as_much_as_common_ones():
    rgb = np.zeros((1, 100, 1, 3), "uint8")
    rgb[0, 0] = (255, 0, 0)
    weights = auc.rarity(rgb)[0, :, 0]
    share = smoothed(color_odds.colors())
    ab = color_odds.colors().ab
    red = int(np.argmin(((ab - rgb_to_lab(rgb[0, 0])[0, 1:]) ** 2).sum(axis=-1)))
    assert weights[0] / weights[1] == pytest.approx(share[(ab**2).sum(axis=-1).argmin()] / share[red], rel=1e-4)


def test_a_factor_that_makes_colors_as_vivid_is_found():
    rng = np.random.default_rng(0)
    inputs, ab = rng.uniform(0.3, 0.7, (2, 8, 8, 1)), rng.uniform(-0.1, 0.1, (2, 8, 8, 2))
    wanted = metrics.colorfulness(auc.LToAb.picture(inputs, 1.7 * ab)).mean()
    assert auc.chroma_factor(ab, inputs, wanted) == pytest.approx(1.7, abs=0.05)


def test_the_shipped_areas_are_of_the_code_and_the_photographs_as_they_stand():
    found = results.measurement(auc.NAME)
    assert found["code"] == provenance.code_hash(metrics.nearness, auc.rarity, auc.areas), (
        "run python -m colorize_lib.auc"
    )
    test = found["test"]["rows"]
    for name in auc.ROWS:
        shipped = results.read(name)
        assert shipped["data"]["fingerprint"] == found["data"]["test"]
        for metric in ("psnr", "ciede2000", "colorfulness_ratio"):
            assert test[name][metric] == pytest.approx(shipped["metrics"][metric]["mean"], abs=2e-3), (name, metric)
    for name in auc.CLASSIFIERS:
        beside = auc.as_colorful_as(name)
        assert test[beside]["colorfulness_ratio"] == pytest.approx(test[name]["colorfulness_ratio"], abs=0.03)
        gap = auc.paired(found["test"], name, beside)
        apart = test[name]["auc_rebalanced"]["mean"] - test[beside]["auc_rebalanced"]["mean"]
        assert gap["mean"] == pytest.approx(apart, abs=1e-4)


def test_the_temperature_was_chosen_on_validation():
    """By the rule in the training log: the lowest CIEDE2000 among those with 85 % of the truth's color or more."""
    rows = results.measurement(auc.NAME)["validation"]["classification"]["temperatures"]
    vivid = [one for one, row in rows.items() if row["colorfulness_ratio"] >= auc.VIVID]
    chosen = min(vivid, key=lambda one: rows[one]["ciede2000"])
    assert [str(recipes.find(name).system.temperature) for name in auc.CLASSIFIERS] == [chosen] * 2

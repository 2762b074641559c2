"""Conditional GANs: what a critic sees, what both networks are asked for, whose turn it is, and what ships."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from colorize_lib import color, data, metrics, recipes
from colorize_lib.networks import critic, lab_output
from colorize_lib.systems.conditional_gan import (
    ConditionalGAN,
    choice,
    critics_loss,
    fooling_loss,
    says_real,
)
from colorize_lib.training import checkpoints, devices

FIELDS = [16, 34, 70]
TINY = {
    name: replace(
        recipes.find(name),
        system=replace(recipes.find(name).system, network="unet_half", receptive_field=16, critic_filters=4, warm_up=0),
        initial_weights="",
        size=32,
        stored_size=32,
    )
    for name in ("pix2pix", "dcgan")
}


def as_array(tensor):
    return keras.ops.convert_to_numpy(tensor)


def values(network):
    return [np.array(one) for one in network.get_weights()]


def moved(before, network):
    return any(not np.array_equal(one, other) for one, other in zip(before, values(network), strict=True))


def photographs(count=4):
    """Photographs of noise: x and y as a learner takes them."""
    rgb = np.random.default_rng(0).integers(0, 256, (count, 32, 32, 3)).astype("uint8")
    return recipes.find("pix2pix").system.training_arrays(data.of_arrays(rgb))


def learner_of(recipe):
    """A learner whose steps aren't compiled: a few of them take less time than compiling."""
    learner = devices.new_learner(recipe, 10)
    learner.run_eagerly = True
    return learner


@pytest.mark.parametrize("channels", [2, 3])
@pytest.mark.parametrize("field", FIELDS)
def test_a_place_of_the_map_depends_on_a_patch_as_large_as_stated(field, channels):
    """Measured by the gradient of one place, on lightness and on every channel of the picture."""
    judge = critic.patch_critic(field, filters=4, channels=channels)
    rng = np.random.default_rng(0)
    light, picture = (tf.constant(rng.random((1, 96, 96, c)), "float32") for c in (1, channels))
    with tf.GradientTape() as tape:
        tape.watch([light, picture])
        answers = judge([light, picture])
        middle = answers.shape[1] // 2
        one = answers[0, middle, middle, 0]
    for slope in tape.gradient(one, [light, picture]):
        for channel in np.moveaxis(as_array(slope)[0], -1, 0):
            for axis in (0, 1):
                seen = np.flatnonzero(np.abs(channel).max(axis=axis))
                assert seen[-1] - seen[0] + 1 == len(seen) == field
    assert critic.receptive_field(judge) == field


def test_a_critic_names_its_layers_and_has_a_map_for_every_size():
    judge = critic.patch_critic()
    names = {layer.name for layer in judge.layers}
    assert {"L", "picture", "lightness", "color", "pair", "strided_0", "strided_1", "wide", "says"} <= names
    assert judge.count_params() == 167_649
    assert judge([np.zeros((2, 32, 48, 1)), np.zeros((2, 32, 48, 2))]).shape == (2, 8, 12, 1)
    with pytest.raises(ValueError, match="receptive_field is 35; expected one of: 16, 34, 70"):
        critic.patch_critic(35)
    with pytest.raises(ValueError, match="multiple of 4"):
        critic.patch_critic(34, size=34)


def test_losses_by_hand():
    real, fake = (np.full((2, 3, 3, 1), value, "float32") for value in (0.8, 0.4))
    assert float(critics_loss(real, fake, "squares")) == pytest.approx((0.2**2 + 0.4**2) / 2)
    assert float(critics_loss(real, fake, "squares", 0.9)) == pytest.approx((0.1**2 + 0.4**2) / 2)
    assert float(fooling_loss(fake, "squares")) == pytest.approx(0.6**2)
    odds_real, odds_fake = (1 / (1 + np.exp(-z)) for z in (0.8, 0.4))
    expected = -(np.log(odds_real) + np.log(1 - odds_fake)) / 2
    assert float(critics_loss(real, fake, "entropy")) == pytest.approx(expected, rel=1e-5)
    smooth = -(0.9 * np.log(odds_real) + 0.1 * np.log(1 - odds_real) + np.log(1 - odds_fake)) / 2
    assert float(critics_loss(real, fake, "entropy", 0.9)) == pytest.approx(smooth, rel=1e-5)
    assert float(fooling_loss(fake, "entropy")) == pytest.approx(-np.log(odds_fake), rel=1e-5)
    assert float(says_real(fake, "squares")) == pytest.approx(0.4)
    assert float(says_real(fake, "entropy")) == pytest.approx(odds_fake, rel=1e-5)


@pytest.mark.parametrize(("game", "blind", "answer"), [("squares", 0.25, 0.5), ("entropy", np.log(2), 0.0)])
def test_a_critic_that_tells_nothing_apart(game, blind, answer):
    same = np.full((1, 2, 2, 1), answer, "float32")
    assert float(critics_loss(same, same, game)) == pytest.approx(blind)


@pytest.mark.parametrize("game", ["squares", "entropy"])
def test_the_colorizer_has_a_slope_where_the_critic_is_sure(game):
    sure = tf.constant(np.full((1, 2, 2, 1), -15.0, "float32"))
    with tf.GradientTape() as tape:
        tape.watch(sure)
        loss = fooling_loss(sure, game)
    assert as_array(tape.gradient(loss, sure)).sum() < -0.99


def test_the_kept_epoch_is_the_one_nearest_in_color_above_the_floor():
    epochs = {"pale": (25.1, 0.6), "vivid": (24.0, 0.95), "garish": (23.8, 1.3), "wrong": (23.0, 1.0)}
    order = sorted(epochs, key=lambda one: choice(*epochs[one], floor=23.65), reverse=True)
    assert order == ["vivid", "garish", "pale", "wrong"]
    assert choice(22, 1, 23.65) < choice(23, 5, 23.65) < choice(23.65, 0, 23.65)


@pytest.mark.parametrize("name", TINY)
def test_a_step_of_one_network_leaves_every_number_of_the_other(name):
    learner = learner_of(TINY[name])
    colorizer, judge = (learner.networks[one] for one in ("colorizer", "critic"))
    x, y = (tf.constant(one) for one in photographs())
    truth = tf.concat([2 * x - 1, y], axis=-1) if name == "dcgan" else y
    before = values(colorizer), values(judge)
    learner.critics_step(x, truth)
    assert (moved(before[0], colorizer), moved(before[1], judge)) == (False, True)
    between = values(judge)
    learner.colorizers_steps(x, truth)
    assert (moved(before[0], colorizer), moved(between, judge)) == (True, False)


@pytest.mark.parametrize("name", TINY)
def test_nothing_becomes_nan_at_black_gray_and_white(name):
    learner = learner_of(TINY[name])
    rgb = np.broadcast_to(np.array([0, 128, 255], "uint8")[:, None, None, None], (3, 32, 32, 3))
    x, y = TINY[name].system.training_arrays(data.of_arrays(rgb))
    for part in (slice(0, 1), slice(1, 2), slice(2, 3), slice(0, 3)):
        learner.train_on_batch(x[part], y[part])
    for path, variable in learner.state().items():  # Adam's means of the gradients are among these
        assert np.isfinite(np.asarray(variable)).all(), path


def test_steps_are_counted_as_published():
    for name, steps in {"pix2pix": 1, "dcgan": 2}.items():
        learner = learner_of(TINY[name])
        for _ in range(2):
            learner.train_on_batch(*photographs())
        counted = {one: int(optimizer.iterations) for one, optimizer in learner.optimizers().items()}
        assert counted == {"critic": 2, "colorizer": 2 * steps}


def test_the_critic_is_alone_first_in_a_compiled_step_too():
    recipe = TINY["pix2pix"]
    learner = devices.new_learner(replace(recipe, system=replace(recipe.system, warm_up=2)), 10)
    step = tf.function(learner.step)
    x, y = (tf.constant(one) for one in photographs())
    colorizer, judge = values(learner.networks["colorizer"]), values(learner.networks["critic"])
    for alone in (True, True, False):
        step(x, y)
        assert moved(judge, learner.networks["critic"])
        assert moved(colorizer, learner.networks["colorizer"]) != alone
        judge = values(learner.networks["critic"])


def test_each_loss_is_descended_by_its_own_network():
    """A critic that learns alone tells true from painted better; a colorizer alone, better L1 and a fooled critic."""
    recipe = replace(TINY["pix2pix"], learning_rate=1e-3)
    learner = learner_of(replace(recipe, system=replace(recipe.system, critic_rate=1e-3)))
    x, y = (tf.constant(one) for one in photographs())
    critics = [float(learner.critics_step(x, y)["critic_loss"]) for _ in range(8)]
    assert critics[-1] < critics[0]
    colorizers = [float(learner.colorizers_steps(x, y)[0]) for _ in range(8)]
    assert colorizers[-1] < colorizers[0]


def test_a_network_that_paints_lightness_begins_with_the_colors_of_another():
    recipe = TINY["dcgan"]
    rng = np.random.default_rng(0)
    start = TINY["pix2pix"].build()
    start.set_weights([0.1 * rng.normal(size=one.shape) for one in start.get_weights()])
    colorizer = recipe.build()
    recipe.system.begin(colorizer, start)
    x = rng.random((2, 32, 32, 1)).astype("float32")
    painted = as_array(lab_output.painting(colorizer)(x))
    np.testing.assert_allclose(painted[..., 1:], as_array(start(x)), atol=1e-5)
    np.testing.assert_allclose(painted[..., :1], 2 * x - 1, atol=1e-5)
    np.testing.assert_array_equal(as_array(colorizer(x)), painted[..., 1:])

    colorizer.set_weights([0.1 * rng.normal(size=one.shape) for one in colorizer.get_weights()])
    again = recipe.build()
    recipe.system.begin(again, colorizer)
    np.testing.assert_array_equal(*(as_array(lab_output.painting(one)(x)) for one in (again, colorizer)))
    assert np.abs(as_array(lab_output.painting(again)(x))[..., :1] - (2 * x - 1)).max() > 1e-3


def test_the_critic_of_a_run_is_found_in_its_checkpoint(tmp_path):
    for name, recipe in TINY.items():
        x, y = photographs(2)
        checkpoints.same_run(tmp_path, recipe, data.of_arrays(np.zeros((1, 32, 32, 3), "uint8")), resumed=False)
        learner = devices.new_learner(recipe, 10)
        checkpoints.save_checkpoint(tmp_path, learner, {})
        picture = np.concatenate([2 * x - 1, y], axis=-1) if name == "dcgan" else y
        found = critic.of_checkpoint(tmp_path)
        np.testing.assert_array_equal(*(as_array(one([x, picture])) for one in (found, learner.networks["critic"])))


def test_pixel_accuracy_asks_for_all_three_channels():
    lab = np.tile(np.array([50, 10, 10], "float32"), (1, 1, 4, 1))
    off = lab + np.array([[0, 0, 0], [0, 9, 0], [0, 0, -13], [4, 0, 0]], "float32")
    truth, predicted = (color.as_uint8(color.lab_to_rgb(one)) for one in (lab, off))
    assert metrics.pixel_accuracy(truth, truth, 0) == 1
    # a within 11 of 220 and L within 5 of 100 are 5 %; b is off by more.
    np.testing.assert_allclose(metrics.pixel_accuracy(truth, predicted, 5), 3 / 4)
    np.testing.assert_allclose(metrics.pixel_accuracy(truth, predicted, 2), 1 / 4)
    np.testing.assert_allclose(metrics.pixel_accuracy(truth, predicted, 7), 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"network": "unet_wide"},
        {"game": "chess"},
        {"receptive_field": 35},
        {"colorizer_steps": 0},
        {"warm_up": -1},
        {"critic_filters": 0},
        {"l1": -1.0},
    ],
    ids=str,
)
def test_impossible_options_are_refused(wrong):
    ((option, value),) = wrong.items()
    with pytest.raises(ValueError, match=rf"system 'conditional_gan': {option} is {value!r}; expected"):
        ConditionalGAN(**wrong)

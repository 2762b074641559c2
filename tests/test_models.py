"""The networks: the paper's exactly, ours within its limits, each usable alone."""

import keras
import numpy as np
import pytest

from colorize_lib import data, losses, metrics, recipes
from colorize_lib.networks.paper import encoder, paper_network, plain_autoencoder
from colorize_lib.networks.unet import residual_block, unet

LAYERS = [(3, 128), (128, 128), (128, 256), (256, 512), (512, 512)]


def test_the_papers_network_has_its_parameters():
    model = paper_network(160)
    assert model.count_params() == 9_602_766
    assert sum(np.prod(w.shape) for w in model.trainable_weights) == 9_600_206
    assert model.output_shape == (None, 160, 160, 3)


def test_the_encoders_parameters_follow_from_its_formula():
    convolutions = sum(3 * 3 * a * b + b for a, b in LAYERS)
    normalizations = 4 * (256 + 512 + 512)
    assert encoder(160).count_params() == convolutions + normalizations


def test_the_code_has_the_size_the_course_states():
    *_, code = encoder(160, channels=1).output_shape
    assert np.prod(code[1:]) == 5 * 5 * 512 == 12_800


def test_the_encoder_can_be_saved_and_loaded_alone(tmp_path):
    keras.utils.set_random_seed(0)
    model = encoder(32)
    model.save_weights(tmp_path / "encoder.weights.h5")
    again = encoder(32)
    again.load_weights(tmp_path / "encoder.weights.h5")
    x = np.random.default_rng(0).random((2, 32, 32, 3), "float32")
    for one, other in zip(model(x), again(x), strict=True):
        np.testing.assert_array_equal(one, other)


def test_concatenation_is_the_only_difference_between_plain_and_paper():
    plain, paper = plain_autoencoder(64), paper_network(64)
    extra = 3 * 3 * (512 * 256 + 256 * 128 + 128 * 128 + 128 * 3) + 2 * 2 * 3 * 3
    assert paper.count_params() - plain.count_params() == extra
    assert plain.get_layer("encoder").count_params() == paper.get_layer("encoder").count_params()


def test_a_true_autoencoder_gives_back_the_shape_it_got():
    model = plain_autoencoder(32, channels=1, out_channels=1)
    assert model.output_shape == model.input_shape == (None, 32, 32, 1)


def test_ours_stays_small_and_takes_any_size_divisible_by_16():
    model = unet()
    assert model.count_params() <= 1_450_000
    for height, width in [(16, 16), (48, 80)]:
        output = model(np.zeros((1, height, width, 1), "float32"))
        assert output.shape == (1, height, width, 2)


def test_a_residual_block_begins_as_the_identity():
    x = keras.Input((8, 8, 4))
    block = keras.Model(x, residual_block(x, 4))
    values = np.random.default_rng(0).random((1, 8, 8, 4), "float32")
    np.testing.assert_allclose(block(values), values)


@pytest.mark.parametrize(
    ("build", "size", "stride"),
    [
        (encoder, 100, 32),
        (paper_network, 0, 32),
        (unet, 24, 16),
        (plain_autoencoder, 16, 32),
    ],
)
def test_a_size_that_cannot_be_halved_is_named(build, size, stride):
    with pytest.raises(ValueError, match=f"size is {size}; expected a multiple of {stride}"):
        build(size)


def test_losses_are_their_formulas():
    rng = np.random.default_rng(0)
    y, p = rng.normal(size=(2, 3, 4, 4, 2)).astype("float32")
    error = np.abs(y - p)
    np.testing.assert_allclose(losses.l1(y, p), error.mean((1, 2, 3)), rtol=1e-5)
    np.testing.assert_allclose(losses.l2(y, p), (error**2).mean((1, 2, 3)), rtol=1e-5)
    huber = np.where(error < 0.1, error**2 / 2, 0.1 * (error - 0.05))
    np.testing.assert_allclose(losses.huber(y, p), huber.mean((1, 2, 3)), rtol=1e-5)
    keras_huber = keras.losses.Huber(0.1)(y, p)
    assert float(np.mean(losses.huber(y, p))) == pytest.approx(float(keras_huber), rel=1e-5)


def test_the_loss_in_decibels_is_the_measure():
    """But for the rounding to 8 bits, and for the squared error that the loss adds."""
    import tensorflow as tf

    recipe = recipes.find("pretrained_decibels")
    sample = data.load("sample", 64).select(slice(0, 4))
    x, y = recipe.system.training_arrays(sample)
    np.testing.assert_array_equal(y[..., :1], x)
    guess = y[..., 1:] * np.array([0.2, 0.5, 0.9, 1.5], "float32").reshape(4, 1, 1, 1)
    found = -10 * np.asarray(losses.negative_psnr(y, guess))
    error = 10 ** (-metrics.psnr(sample.rgb, recipe.system.representation.picture(x, guess)) / 10)
    np.testing.assert_allclose(found, -10 * np.log10(error + 1e-5), atol=0.1)
    assert np.asarray(losses.negative_psnr(y, y[..., 1:])) == pytest.approx(-5, abs=1e-3)
    guess = tf.Variable(guess)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(losses.negative_psnr(tf.constant(y), guess))
    gradient = tape.gradient(loss, guess).numpy()
    assert np.isfinite(gradient).all()
    better = -10 * np.asarray(losses.negative_psnr(y, guess.numpy() - 1e-2 * gradient / np.abs(gradient).max()))
    assert (better > found).all()

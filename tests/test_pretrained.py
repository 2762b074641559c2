"""The pretrained start: a classifier's layers, its normalization folded into them, below a decoder that says gray."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest
from classifier_state import classifier_state
from keras import layers

from colorize_lib import data, recipes, zoo
from colorize_lib.networks import efficientnet
from colorize_lib.storage import weights_files


@pytest.fixture(scope="module")
def state():
    return classifier_state(efficientnet.BLOCKS)[0]


@pytest.fixture(scope="module")
def begun(state):
    return efficientnet.with_encoder_weights(state)


@pytest.mark.parametrize("depthwise", [False, True])
def test_a_folded_convolution_does_what_it_and_its_normalization_did(depthwise):
    rng = np.random.default_rng(2)
    kernel = rng.normal(size=(4, 1 if depthwise else 4, 3, 3)).astype("float32")
    norm = {
        part: rng.uniform(0.5, 2, 4).astype("float32") for part in ("weight", "bias", "running_mean", "running_var")
    }
    apart = layers.DepthwiseConv2D(3, use_bias=False) if depthwise else layers.Conv2D(4, 3, use_bias=False)
    together = layers.DepthwiseConv2D(3) if depthwise else layers.Conv2D(4, 3)
    normalize = layers.BatchNormalization(epsilon=efficientnet.EPSILON)
    x = rng.normal(size=(2, 8, 8, 4)).astype("float32")
    for layer in (apart, together):
        layer.build(x.shape)
    normalize.build((None, None, None, 4))
    new_kernel, bias = efficientnet.fold_batch_norm(kernel, norm)
    turned = (0, 1, 3, 2) if depthwise else (0, 1, 2, 3)  # Keras: [height, width, channels, 1]
    apart.set_weights([kernel.transpose(2, 3, 1, 0).transpose(turned)])
    normalize.set_weights([norm[part] for part in ("weight", "bias", "running_mean", "running_var")])
    together.set_weights([new_kernel.transpose(turned), bias])
    np.testing.assert_allclose(together(x), normalize(apart(x)), atol=1e-4)


def test_every_layer_of_the_encoder_gets_the_classifiers_numbers(state, begun):
    weights = efficientnet.encoder_weights(state)
    named = [layer.name for layer in begun.layers if layer.name.startswith(("stem", "block_"))]
    assert sorted(weights) == sorted(named)
    for name, (kernel, bias) in weights.items():
        np.testing.assert_array_equal(begun.get_layer(name).get_weights()[0], kernel)
        np.testing.assert_array_equal(begun.get_layer(name).get_weights()[1], bias)


def test_the_first_layer_sees_gray_as_the_classifier_saw_three_equal_channels(state):
    kernel, bias = efficientnet.encoder_weights(state)["stem"]
    colored, _ = efficientnet.fold_batch_norm(
        state["_conv_stem.weight"],
        {part: state[f"_bn0.{part}"] for part in ("weight", "bias", "running_mean", "running_var")},
    )
    gray = np.random.default_rng(3).random((1, 9, 9, 1)).astype("float32")
    one, three = layers.Conv2D(efficientnet.STEM, 3), layers.Conv2D(efficientnet.STEM, 3)
    one.build(gray.shape)
    three.build((1, 9, 9, 3))
    one.set_weights([kernel, bias])
    three.set_weights([colored, bias])
    np.testing.assert_allclose(one(gray), three(gray.repeat(3, axis=-1)), atol=1e-5)


def test_before_it_learns_every_photograph_stays_gray(begun):
    photographs = data.load("sample", 64).select(slice(0, 4))
    recipe = recipes.find("imagenet")
    np.testing.assert_array_equal(
        recipe.system.predict(begun, photographs), recipes.find("gray").system.predict(None, photographs)
    )


def test_the_decoder_is_the_same_every_time(state, begun):
    again = efficientnet.with_encoder_weights(state)
    assert all(np.array_equal(a, b) for a, b in zip(begun.get_weights(), again.get_weights(), strict=True))


def test_the_network_stays_small_and_takes_any_size_divisible_by_16(begun):
    assert begun.count_params() == 1_199_410
    assert begun(np.zeros((1, 48, 80, 1), "float32")).shape == (1, 48, 80, 2)
    with pytest.raises(ValueError, match="multiple of 16"):
        efficientnet.efficientnet_unet(40)


def test_it_begins_with_the_shipped_start_and_learns_in_all_its_layers():
    recipe = recipes.find("pretrained")
    assert recipe.initial_weights == "imagenet"
    start = zoo.load_model("imagenet")
    np.testing.assert_array_equal(start.get_layer("ab").get_weights()[0], 0)
    assert all(weights.trainable for weights in start.weights)


def test_a_block_is_skipped_only_where_its_shape_stays():
    inputs = keras.Input((8, 8, 16))
    for strides, filters, skipped in ((1, 16, True), (2, 16, False), (1, 24, False)):
        block = efficientnet.Block(strides, 3, filters, 6)
        model = keras.Model(inputs, efficientnet.inverted_residual(inputs, block, "block"))
        assert any(isinstance(layer, layers.Add) for layer in model.layers) == skipped
        assert model.output.shape[1:] == (8 // strides, 8 // strides, filters)


def test_the_licenses_name_every_weight_that_begins_with_others():
    begun = {efficientnet.IMAGENET}
    for name, recipe in recipes.RECIPES.items():
        begun |= {name} if recipe.initial_weights in begun else set()
    shipped = {name.removesuffix(weights_files.SUFFIX) for name in weights_files.registry()}
    root = Path(__file__).parents[1]
    license, credits = ((root / name).read_text(encoding="utf-8") for name in ("LICENSE", "book/credits.md"))
    begin = license.partition("5. Weights that begin")[2].partition("6. Weights")[0]
    assert set(re.findall(rf"data/models/(\w+){weights_files.SUFFIX}", begin)) == begun & shipped
    row = re.search(r"^\| The weights of (.*) \| \[Apache 2.0\]", credits, flags=re.MULTILINE)
    assert row
    assert set(re.findall(r"`(\w+)`", row[1])) == begun & shipped

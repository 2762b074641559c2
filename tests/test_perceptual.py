"""The perceptual loss sees colors, trains a network, and says so when what it sees with is missing."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from colorize_lib import data, losses, recipes, training
from colorize_lib.networks import color_features
from colorize_lib.storage import weights_files
from colorize_lib.systems.regression import Regression

SCENES = {"forest": (40, 120, 40), "sea": (40, 80, 150), "street": (120, 115, 110)}


def scenes_of_one_color(count, seed, size=16):
    """Return photographs whose scene only their color tells: each has its scene's, and noise."""
    random = np.random.default_rng(seed)
    scenes = [list(SCENES)[i % 3] for i in range(count)]
    colors = np.array([SCENES[scene] for scene in scenes])[:, None, None]
    rgb = np.clip(colors + random.normal(0, 8, (count, size, size, 3)), 0, 255).astype("uint8")
    return data.Photographs("colors", rgb, np.arange(count), [f"{i}.png" for i in range(count)], scenes=scenes)


@pytest.fixture
def ab():
    return data.lab_arrays(data.load("sample", 32).select(slice(8)))[1]


def test_the_feature_network_learns_to_name_scenes_by_their_colors():
    parts = {"train": scenes_of_one_color(150, 0), "val": scenes_of_one_color(30, 1)}
    network, accuracy = color_features.learn_features(parts, epochs=6)
    assert accuracy > 0.9
    features = network.predict_on_batch(data.lab_arrays(parts["val"])[1])
    assert [one.shape[1:] for one in features] == [(8, 8, 32), (4, 4, 64), (2, 2, 96)]


def test_it_is_l1_where_the_features_agree_and_more_where_they_do_not(ab):
    loss = losses.find("perceptual")
    np.testing.assert_allclose(loss(ab, ab), 0, atol=1e-7)
    seen, flat = np.asarray(loss(ab, 0 * ab)), np.asarray(losses.l1(ab, 0 * ab))
    assert seen.shape == (8,)
    assert (seen > flat).all()
    assert losses.find("l1") is losses.l1


def test_the_paler_the_answer_the_further_its_features(ab):
    loss = losses.find("perceptual")
    beyond_l1 = [
        float(np.mean(np.asarray(loss(ab, part * ab)) - np.asarray(losses.l1(ab, part * ab))))
        for part in (1, 0.75, 0.5, 0.25, 0)
    ]
    assert (np.diff(beyond_l1) > 0).all()


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_a_network_learns_with_it(precision):
    parts = data.split(data.load("sample", 32))
    seen_with = [np.array(weights) for weights in color_features.features().get_weights()]
    system = Regression(loss="perceptual")
    recipe = replace(recipes.find("ours"), size=32, stored_size=32, batch_size=16, system=system, precision=precision)
    _, history = training.train(recipe, parts["train"], parts["val"], epochs=3, verbose=False)
    assert history["loss"][-1] < history["loss"][0]
    assert np.isfinite(history["val_loss"]).all()
    for before, after in zip(seen_with, color_features.features().get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_missing_weights_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(weights_files, "models_dir", lambda: tmp_path)
    with pytest.raises(weights_files.WeightsError, match=r"color_features\.weights\.h5: neither in"):
        color_features.features.__wrapped__()


def test_keras_takes_it_as_a_loss(ab):
    model = keras.Sequential([keras.Input((32, 32, 2)), keras.layers.Conv2D(2, 1)])
    model.compile("adam", loss=losses.find("perceptual"))
    assert np.isfinite(model.train_on_batch(ab, ab))

"""Semantic fusion: what the classifier gives, how it is mixed in, what learns, what ships, and what is measured."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest
from classifier_state import classifier_state
from keras import layers

from colorize_lib import data, meaning, recipes, training
from colorize_lib.data.batches import Augmentation, Batches
from colorize_lib.networks import classifier, fusion
from colorize_lib.storage import weights_files
from colorize_lib.systems import semantic_fusion
from colorize_lib.systems.semantic_fusion import SemanticFusion
from colorize_lib.training import devices

TINY = replace(
    recipes.find("fusion"), initial_weights="", size=32, stored_size=36, batch_size=8, epochs=1, precision="float32"
)


@pytest.fixture(scope="module")
def colorizer():
    keras.utils.set_random_seed(2)
    return TINY.build()


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(0).random((2, 32, 32, 1)).astype("float32")


def test_mixing_is_a_1x1_convolution_of_the_repeated_embedding_behind_the_bottleneck():
    keras.utils.set_random_seed(1)
    x, embedding = keras.Input((2, 3, 4)), keras.Input((1, 1, 5))
    model = keras.Model([x, embedding], fusion.fuse(x, embedding, 6))
    places, meant = (model.get_layer(name) for name in ("places", "meaning"))
    places.bias.assign(np.linspace(-0.1, 0.1, 6))
    rng = np.random.default_rng(0)
    here, whole = rng.normal(size=(2, 2, 3, 4)).astype("float32"), rng.normal(size=(2, 1, 1, 5)).astype("float32")
    both = np.concatenate([here, np.broadcast_to(whole, (2, 2, 3, 5))], axis=-1)
    kernel = np.concatenate([np.asarray(places.kernel)[0, 0], np.asarray(meant.kernel)[0, 0]])
    wanted = np.maximum(both @ kernel + np.asarray(places.bias), 0)
    np.testing.assert_allclose(np.asarray(model([here, whole])), wanted, atol=1e-5)


def test_only_the_direction_of_an_embedding_is_heard(colorizer, noise):
    learned = weights_files.learned(colorizer)
    embedding = np.random.default_rng(1).random((2, 1, 1, classifier.NUMBERS)).astype("float32")
    one, larger, other, none = (
        np.asarray(learned([noise, value]))
        for value in (embedding, 3 * embedding, embedding[::-1].copy(), 0 * embedding)
    )
    np.testing.assert_allclose(one, larger, atol=1e-5)
    assert np.abs(one - other).max() > 1e-4
    assert np.isfinite(none).all()


def test_the_classifier_is_frozen_and_everything_else_learns(colorizer):
    learned = weights_files.learned(colorizer)
    assert learned.name == weights_files.LEARNED
    assert {id(one) for one in colorizer.trainable_variables} == {id(one) for one in learned.trainable_variables}
    assert colorizer.count_params() == learned.count_params() + classifier.classifier().count_params()
    before = colorizer.get_layer(classifier.NAME).get_weights()
    recipe = replace(TINY, batch_size=4)
    photographs = data.load("sample", 36).select(slice(8))
    trained, _ = training.train(recipe, photographs, data.load("sample", 32).select(slice(2)), epochs=1, verbose=False)
    after = trained.get_layer(classifier.NAME).get_weights()
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))


def test_a_file_holds_what_was_learned_and_is_filled_beside_the_classifier(colorizer, noise, tmp_path):
    import h5py

    path = tmp_path / f"fusion{weights_files.SUFFIX}"
    weights_files.save(colorizer, path, "fusion")
    with h5py.File(path) as stored:
        sizes = []
        stored.visititems(lambda _, item: sizes.append(item.size) if isinstance(item, h5py.Dataset) else None)
    assert sum(sizes) == weights_files.learned(colorizer).count_params()
    keras.utils.set_random_seed(3)
    again = weights_files.fill(TINY.build(), path, "fusion")
    np.testing.assert_allclose(np.asarray(again(noise)), np.asarray(colorizer(noise)), atol=2e-3)  # float16


def test_what_trains_with_kept_embeddings_is_what_ships(colorizer, noise):
    kept = TINY.system.beside(noise, 32)
    assert kept.shape == (2, 1, 1, classifier.NUMBERS)
    apart = np.asarray(weights_files.learned(colorizer)([noise, kept]))
    np.testing.assert_allclose(apart, np.asarray(colorizer(noise)), atol=1e-4)


def test_embeddings_are_of_the_whole_photograph_at_the_recipes_size():
    large = np.random.default_rng(0).random((3, 40, 40, 1)).astype("float16")
    kept = TINY.system.beside(large, 32)
    small = np.stack([semantic_fusion.batches.crop(one, semantic_fusion.WHOLE, False, (32, 32)) for one in large])
    np.testing.assert_allclose(kept, semantic_fusion.embeddings(small), atol=1e-4)
    assert SemanticFusion(hears=False).beside(large, 32) is None


def test_what_is_beside_x_follows_its_photograph_through_every_augmentation():
    x = np.arange(6, dtype="float32")[:, None, None, None] * np.ones((6, 4, 4, 1), "float32") / 10
    batches = Batches(x, x, 4, seed=1, augmentation=Augmentation(crop_and_flip=True), beside=10 * x[:, 0, 0])
    for (seen, beside), y in batches:
        np.testing.assert_allclose(10 * seen[:, 0, 0], beside, atol=1e-5)
        np.testing.assert_array_equal(seen, y)
    assert {type(one) for one, _ in Batches(x, x, 4, seed=1)} == {np.ndarray}


def test_the_control_lacks_the_classifier_and_nothing_else():
    with_it, without = SemanticFusion(enlarge=2), SemanticFusion(hears=False)
    numbers = weights_files.learned(with_it.build()).count_params() - without.build().count_params()
    assert numbers == classifier.NUMBERS * 80
    one, other = (recipes.find(name) for name in (meaning.WITH, meaning.WITHOUT))
    assert replace(other, name=one.name, about=one.about, system=one.system) == one


def test_the_classifier_sees_twice_as_many_pixels_where_asked(noise):
    twice = layers.UpSampling2D(2, interpolation="bilinear")(noise)
    one, other = semantic_fusion.embeddings(noise, 2), semantic_fusion.embeddings(np.asarray(twice))
    np.testing.assert_allclose(one, other, atol=1e-4)
    assert np.abs(one - semantic_fusion.embeddings(noise)).max() > 0.01


def test_the_fastest_precision_is_measured_with_what_is_beside():
    assert devices._step_seconds(TINY, batch_size=2, steps=1) > 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"network": "paper"}, "network is 'paper'"),
        ({"loss": "perceptual"}, "loss is"),
        ({"enlarge": 0}, "enlarge is 0"),
    ],
)
def test_impossible_options_are_named(wrong, said):
    with pytest.raises(ValueError, match=said):
        SemanticFusion(**wrong)


def test_every_layer_of_the_classifier_is_filled_from_its_file():
    state, convolution = classifier_state(classifier.BLOCKS)
    convolution("_conv_head", "_bn1", (classifier.NUMBERS, classifier.BLOCKS[-1].filters, 1, 1))
    model = classifier.with_weights(state)
    given = classifier.classifier_weights(state)
    held = {layer.name: layer.get_weights() for layer in model.layers if layer.get_weights()}
    assert held.keys() == given.keys()
    for name, values in held.items():
        assert all(np.array_equal(one, other) for one, other in zip(values, given[name], strict=True))


def test_the_shipped_classifier_tells_kinds_of_photographs_apart():
    """Dams of the sample are nearer to each other than to windmills, and the other way round."""
    sample = data.load("sample", 128)
    kinds = {kind: [i for i, name in enumerate(sample.names) if kind in name][:4] for kind in ("dam", "windmill")}
    seen = meaning.embeddings_of(sample.select([i for some in kinds.values() for i in some]))[:, 0, 0]
    seen /= np.linalg.norm(seen, axis=1, keepdims=True)
    alike = seen @ seen.T
    count = len(kinds["dam"])
    within = np.concatenate([alike[:count, :count][~np.eye(count, dtype=bool)], alike[count:, count:].ravel()])
    assert within.mean() > alike[:count, count:].mean() + 0.05


def test_everybody_gets_the_embedding_of_another():
    scenes = ["sea", "sea", "street", "sea", "street", "glacier"]
    same, other = (meaning.givers(scenes, same) for same in (True, False))
    for i, scene in enumerate(scenes):
        assert scenes[other[i]] != scene
        assert scenes[same[i]] == scene
    assert [i for i in range(6) if same[i] == i] == [5]  # the only glacier
    np.testing.assert_array_equal(same, meaning.givers(scenes, True))


def test_a_typical_embedding_is_the_mean_direction_of_a_scene(monkeypatch):
    seen = np.array([[3.0, 4], [0, 2], [6, 0]], "float32")[:, None, None]
    monkeypatch.setattr(meaning, "embeddings_of", lambda photographs: seen)
    photographs = replace(data.of_arrays(np.zeros((3, 4, 4, 3), "uint8")), scenes=["sea", "sea", "street"])
    found = meaning.typical(photographs)
    assert found == {"sea": pytest.approx([0.3, 0.9]), "street": pytest.approx([1, 0])}
    monkeypatch.setattr(meaning.results, "measurement", lambda name: {"typical": found})
    np.testing.assert_allclose(meaning.as_scene("sea", 2), np.full((2, 1, 1, 2), [0.3, 0.9]))


def test_gaps_are_paired_and_by_scene():
    found = meaning.gaps(np.array([2.0, 3, 5]), np.array([1.0, 1, 1]), ["sea", "sea", "street"])
    assert {name: one["mean"] for name, one in found.items()} == pytest.approx({"all": 7 / 3, "sea": 1.5, "street": 4})


def test_seeds_are_read_from_the_folders_of_a_run(tmp_path):
    for seed, folder in {1: "", 2: "seed_2", 3: "seed_3"}.items():
        path = tmp_path / meaning.WITH / folder / f"{meaning.WITH}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"each": {"psnr": [seed, 2]}}))
    assert meaning.of_runs(tmp_path, meaning.WITH) == {"1": [1, 2], "2": [2, 2], "3": [3, 2]}

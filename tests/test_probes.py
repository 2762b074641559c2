"""Probes find what is there to be found, find nothing where nothing is, and are written down whole."""

import json
from dataclasses import replace

import numpy as np
import pytest

from colorize_lib import data, probes, recipes, zoo

SCENES = ["flat", "stripes across", "stripes down"]
COUNTS = {"train": 60, "val": 15, "test": 24}


def textures(count, seed, size=32):
    """Return photographs of noise: flat, with dark rows or with dark columns."""
    random = np.random.default_rng(seed)
    rgb = random.integers(100, 130, (count, size, size, 1), np.uint8).repeat(3, axis=-1)
    scenes = [SCENES[i % 3] for i in range(count)]
    for picture, scene in zip(rgb, scenes, strict=True):
        if scene != "flat":
            stripes = picture if scene == "stripes across" else picture.swapaxes(0, 1)
            stripes[random.integers(0, 4) :: 4] //= 2
    names = [f"{seed}_{i}.png" for i in range(count)]
    return data.Photographs("textures", rgb, np.arange(count), names, scenes=scenes, total=count)


@pytest.fixture(scope="module")
def parts():
    return {part: textures(count, seed) for seed, (part, count) in enumerate(COUNTS.items())}


@pytest.fixture(scope="module")
def labels(parts):
    return {part: np.searchsorted(SCENES, photographs.scenes) for part, photographs in parts.items()}


@pytest.fixture(scope="module")
def ours():
    return zoo.load_model("ours")


@pytest.mark.parametrize(("name", "widths"), [("ours", [32, 64, 96, 160]), ("paper", [128, 128, 256, 512, 512])])
def test_levels_are_the_encoders_own_and_the_features_its_code_in_four_parts(name, widths, parts):
    import keras

    recipe = recipes.find(name)
    model = recipe.build()
    levels = keras.Model(model.inputs, probes.levels(model))
    photographs = parts["val"]
    maps = levels.predict_on_batch(recipe.system.representation.inputs(photographs))
    assert [one.shape[1:] for one in maps] == [(16 // 2**i, 16 // 2**i, width) for i, width in enumerate(widths)]
    found = probes.features(model, recipe, photographs)
    code = np.asarray(maps[-1])
    grid = 2 if code.shape[1] > 1 else 1
    np.testing.assert_allclose(found, code.reshape(len(photographs), grid * grid * widths[-1]), atol=1e-5)


def test_the_last_level_of_ours_is_what_its_decoder_reads(ours):
    import keras

    up = next(layer for layer in ours.layers if isinstance(layer, keras.layers.UpSampling2D))
    before = [layer for layer in ours.layers if layer.output is up.input]
    assert [layer.input is probes.levels(ours)[-1] for layer in before] == [True]


def test_pixels_are_means_of_squares():
    rgb = np.zeros((1, 32, 32, 3), "uint8")
    rgb[:, :2, :2] = 255
    rgb[:, :2, 2] = 255
    found = probes.pixels(data.Photographs("x", rgb, np.arange(1), ["x"]))
    assert found.shape == (1, 256)
    np.testing.assert_allclose(found[0, :3], [100, 50, 0], atol=0.01)
    assert found[0, 3:].max() == pytest.approx(0, abs=1e-3)


def test_a_probe_finds_what_features_tell_and_chance_where_they_tell_nothing():
    random = np.random.default_rng(0)
    labels = {part: random.integers(0, 3, count) for part, count in {"train": 300, "val": 90, "test": 300}.items()}
    noise = {part: random.normal(size=(len(y), 20)) for part, y in labels.items()}
    telling = {part: x + 3 * np.eye(3, 20)[labels[part]] for part, x in noise.items()}
    right = probes.accuracy(labels["test"], probes.probe(telling, labels))
    chance = probes.accuracy(labels["test"], probes.probe(noise, labels))
    assert right["mean"] > 0.9
    assert chance["low"] < 1 / 3 < chance["high"]


def test_validation_chooses_the_strength_and_the_test_labels_are_not_needed(monkeypatch):
    random = np.random.default_rng(0)
    labels = {"train": random.integers(0, 2, 60), "val": random.integers(0, 2, 400)}
    x = {part: random.normal(size=(len(y), 200)) + y[:, None] * np.eye(1, 200) for part, y in labels.items()}
    x["test"] = random.normal(size=(50, 200))
    chosen = probes.probe(x, labels)
    alone = {}
    for strength in probes.STRENGTHS:
        monkeypatch.setattr(probes, "STRENGTHS", (strength,))
        score = probes.accuracy(labels["val"], probes.probe(x | {"test": x["val"]}, labels))["mean"]
        alone[strength] = score, probes.probe(x, labels)
    best, worst = (choose(alone.values(), key=lambda pair: pair[0]) for choose in (max, min))
    np.testing.assert_array_equal(chosen, best[1])
    assert (chosen != worst[1]).any()


def test_accuracy_over_seeds_is_the_mean_and_its_interval_runs_over_photographs():
    truth = np.zeros(400, int)
    half, none = np.arange(400) % 2, truth + 1
    assert probes.accuracy(truth, half)["mean"] == 0.5
    assert probes.accuracy(truth, np.stack([half, none]))["mean"] == 0.25
    found = probes.accuracy(truth, half)
    assert found["high"] - found["low"] == pytest.approx(2 * 1.96 * 0.5 / 400**0.5, rel=0.1)


def test_segments_part_what_differs(ours):
    rgb = np.full((2, 64, 64, 3), 230, "uint8")
    texture = np.random.default_rng(0).integers(0, 256, (2, 32, 64, 1), np.uint8)
    rgb[:, 32:] = texture
    photographs = data.Photographs("x", rgb, np.arange(2), ["a", "b"])
    found = probes.segments(ours, recipes.find("ours"), photographs, count=2)
    assert found.shape == (2, 64, 64)
    sky, ground = found[:, 8:24, 8:56], found[:, 40:56, 8:56]
    assert [(sky == k).mean() > 0.9 for k in (0, 1)] in ([True, False], [False, True])
    assert (ground != np.bincount(sky.ravel()).argmax()).mean() > 0.9
    np.testing.assert_array_equal(found, probes.segments(ours, recipes.find("ours"), photographs, count=2))


def test_an_encoder_learns_labels_and_a_frozen_one_keeps_its_weights(ours, parts, labels):
    recipe = recipes.find("ours")
    before = [weights.copy() for weights in ours.get_weights()]
    x = {part: probes.features(ours, recipe, photographs) for part, photographs in parts.items()}
    assert probes.accuracy(labels["test"], probes.probe(x, labels))["mean"] > 0.8
    assert all((old == new).all() for old, new in zip(before, ours.get_weights(), strict=True))
    again = zoo.load_model("ours")
    predicted = probes.learn_labels(again, recipe, parts, labels, epochs=3)
    assert probes.accuracy(labels["test"], predicted)["mean"] > 0.5
    assert any((old != new).any() for old, new in zip(before, again.get_weights(), strict=True))


def test_measure_writes_every_row_and_keeps_those_of_other_recipes(parts, monkeypatch, tmp_path):
    whole = replace(parts["train"], scenes=None)
    monkeypatch.setattr(data, "load", lambda source, size: whole)
    monkeypatch.setattr(data, "split", lambda photographs: parts if photographs.scenes else {"test": whole})
    with pytest.raises(ValueError, match="no scenes to tell apart"):
        probes.measure([], "textures")
    monkeypatch.setattr(data, "split", lambda photographs: parts)
    monkeypatch.setattr(probes, "data_dir", lambda: tmp_path)
    monkeypatch.setattr(probes.results, "data_dir", lambda: tmp_path)
    monkeypatch.setattr(probes, "SEEDS", (1, 2))
    result = probes.measure(["ours"], "textures", size=32, epochs=1)
    assert list(result["rows"]) == ["pixels", "ours_random", "ours", "ours_labels", "ours_further"]
    assert {name: len(row["predicted"]) for name, row in result["rows"].items()}["ours_random"] == 2
    truth = np.array(list(result["truth"]))
    for row in result["rows"].values():
        predicted = np.array([list(one) for one in row["predicted"]])
        assert (predicted == truth).mean() == pytest.approx(row["accuracy"]["mean"])
    assert result["data"] | {"fingerprint": ""} == {"source": "textures", "fingerprint": "", **COUNTS}
    path = tmp_path / "results" / "probes.json"
    assert json.loads(path.read_text()) == result
    path.write_text(json.dumps(result | {"rows": {"other": result["rows"]["ours"]}}))
    assert list(probes.measure([], "textures", size=32, epochs=1)["rows"]) == ["other", "pixels"]
    assert list(probes.measure([], "textures", size=32, epochs=2)["rows"]) == ["pixels"], "measured in another way"
    frozen = probes.measure(["ours"], "textures", size=32, epochs=0)["rows"]
    assert {name: frozen[name] for name in ("ours", "ours_random")} == {
        name: result["rows"][name] for name in ("ours", "ours_random")
    }
    assert list(frozen) == ["pixels", "ours_random", "ours"]
    alike = probes.measure([], "textures", size=32, epochs=0, alike=["ours"])
    assert list(alike["rows"]) == ["pixels", "ours_random", "ours"]
    assert alike["rows"]["ours"] == result["rows"]["ours"]
    assert alike["epochs"] == 2, "what was trained on the scenes stays, and so does for how long"

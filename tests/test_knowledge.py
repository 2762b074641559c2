"""What a class branch knows: how its answers are set beside its teacher's, and what the shipped file says."""

import keras
import numpy as np
import pytest

from colorize_lib import knowledge, recipes, results
from colorize_lib.networks import class_branch, classifier, variable_paths
from colorize_lib.systems import chromagan

TAUGHT = np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0], [0.0, 0.25, 0.75]], "float32")
NAMED = np.array([[0.25, 0.5, 0.25], [0.5, 0.25, 0.25], [0.0, 0.25, 0.75]], "float32")


def test_the_distance_of_each_photograph_is_the_loss_that_was_learned_by():
    each = knowledge.divergences(TAUGHT, NAMED)
    np.testing.assert_allclose(each, [0.5 * np.log(2), np.log(2), 0], atol=1e-6)
    assert each.mean() == pytest.approx(float(chromagan.class_loss(TAUGHT, np.log(np.maximum(NAMED, 1e-7)))), abs=1e-5)


def test_who_names_the_same_class_is_counted_by_scene(monkeypatch):
    found = knowledge.named(TAUGHT, {"chromagan": NAMED}, ["sea", "sea", "street"])
    assert found["teacher"] == [0, 0, 2]
    assert found["classes"] == {"chromagan": [1, 0, 2]}
    monkeypatch.setattr(knowledge.results, "measurement", lambda name: {"test": found})
    said = {scene: one["mean"] for scene, one in knowledge.agreement("chromagan").items()}
    assert said == {"all": pytest.approx(2 / 3), "sea": 0.5, "street": 1.0}


def test_odds_are_a_softmax_of_the_logits():
    keras.utils.set_random_seed(1)
    names, numbers = class_branch.namer(), np.random.default_rng(0).random((3, class_branch.WHOLE)).astype("float32")
    odds = knowledge.odds_of(names, numbers)
    assert odds.shape == (3, classifier.CLASSES)
    logits = names(numbers[:, None, None])
    np.testing.assert_allclose(odds, keras.ops.convert_to_numpy(keras.ops.softmax(logits)), atol=1e-6)


def test_a_checkpoint_holds_what_the_branch_was_after_the_last_step(tmp_path, monkeypatch):
    small = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    monkeypatch.setattr(type(recipes.find("chromagan")), "build", lambda self: keras.models.clone_model(small))
    state = {}
    names = class_branch.namer()
    for part, network in {"colorizer": small, "names": names}.items():
        state |= {f"{part}/{path}": np.asarray(variable) for path, variable in variable_paths(network).items()}
    for name in (knowledge.TAUGHT, knowledge.SILENT):
        (tmp_path / name).mkdir()
        np.savez(tmp_path / name / knowledge.CHECKPOINT, **state)
    colorizer, found = knowledge.from_checkpoint(tmp_path, knowledge.TAUGHT)
    for one, other in ((colorizer, small), (found, names)):
        assert all(np.array_equal(*pair) for pair in zip(one.get_weights(), other.get_weights(), strict=True))
    assert knowledge.from_checkpoint(tmp_path, knowledge.SILENT)[1] is None


def test_the_shipped_file_is_of_the_code_as_it_stands():
    found = results.measurement(knowledge.NAME)
    assert found["code"] == knowledge.code_version(), "run python -m colorize_lib.knowledge"
    assert set(found["test"]["classes"]) == {knowledge.ANY, knowledge.TAUGHT}
    assert set(found["scenes"]) == {knowledge.START, knowledge.SILENT, knowledge.TAUGHT}
    for values in (found["test"]["teacher"], *found["test"]["classes"].values()):
        assert len(values) == 629

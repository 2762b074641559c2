"""Training: recipes run, resume exactly, and leave files that can be read."""

import json
import os
from dataclasses import replace

import numpy as np
import pytest

from colorize_lib import data, recipes, results, training, zoo

SAMPLE_SIZE = 32


@pytest.fixture(scope="module")
def parts():
    return data.split(data.load("sample", SAMPLE_SIZE))


def tiny(name, **changes):
    return replace(recipes.find(name), size=SAMPLE_SIZE, batch_size=16, precision="float32", **changes)


@pytest.fixture(scope="module")
def uninterrupted(parts):
    return training.train(tiny("ours", stored_size=SAMPLE_SIZE), parts["train"], parts["val"], epochs=3, verbose=False)


def test_history_has_a_number_an_epoch_and_the_loss_falls(uninterrupted):
    _, history = uninterrupted
    assert {key: len(values) for key, values in history.items()} == dict.fromkeys(
        ("loss", "val_loss", "val_psnr", "seconds"), 3
    )
    assert history["loss"][-1] < history["loss"][0]


def test_a_run_cut_off_after_an_epoch_ends_with_the_same_weights(parts, uninterrupted, tmp_path, monkeypatch):
    recipe = tiny("ours", stored_size=SAMPLE_SIZE)
    save = training.save_checkpoint

    def save_then_die(folder, model, history):
        save(folder, model, history)
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "save_checkpoint", save_then_die)
    for _ in range(2):  # dies in epoch 1, is started again, dies in epoch 2
        with pytest.raises(KeyboardInterrupt):
            training.train(recipe, parts["train"], parts["val"], tmp_path, epochs=3, verbose=False)
    monkeypatch.undo()
    model, history = training.train(recipe, parts["train"], parts["val"], tmp_path, epochs=3, verbose=False)
    expected, whole = uninterrupted
    assert history["loss"] == pytest.approx(whole["loss"], rel=1e-5)
    for one, other in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_a_finished_run_is_not_run_again(parts, tmp_path):
    recipe = tiny("ours", stored_size=SAMPLE_SIZE)
    first, _ = training.train(recipe, parts["train"], parts["val"], tmp_path, epochs=1, verbose=False)
    written = (tmp_path / training.CHECKPOINT).stat().st_mtime_ns
    again, _ = training.train(recipe, parts["train"], parts["val"], tmp_path, epochs=1, verbose=False)
    assert (tmp_path / training.CHECKPOINT).stat().st_mtime_ns == written
    for one, other in zip(first.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_checkpoint_of_another_network_is_refused(parts, tmp_path):
    training.train(tiny("ours", stored_size=SAMPLE_SIZE), parts["train"], parts["val"], tmp_path, 1, verbose=False)
    with pytest.raises(ValueError, match="of another network"):
        training.train(tiny("plain"), parts["train"], parts["val"], tmp_path, 1, verbose=False)


def test_a_checkpoint_of_another_run_or_a_damaged_one_is_refused(parts, tmp_path):
    recipe = tiny("ours", stored_size=SAMPLE_SIZE)
    training.train(recipe, parts["train"], parts["val"], tmp_path, 1, verbose=False)
    with pytest.raises(ValueError, match=r"another run \(not the same: data, seed\)"):
        training.train(replace(recipe, seed=2), parts["val"], parts["val"], tmp_path, 2, verbose=False)
    whole = (tmp_path / training.CHECKPOINT).read_bytes()
    for damaged in (b"", b"not a checkpoint", whole[: len(whole) // 2]):
        (tmp_path / training.CHECKPOINT).write_bytes(damaged)
        with pytest.raises(ValueError, match=r"checkpoint\.npz: a damaged checkpoint"):
            training.train(recipe, parts["train"], parts["val"], tmp_path, 2, verbose=False)


def test_too_few_photographs_are_counted(parts):
    none = parts["val"].select(slice(0))
    with pytest.raises(ValueError, match=r"sample: 44 photographs to train on and 0 to validate with"):
        training.train(tiny("ours"), parts["train"], none)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")
def test_a_full_disk_gives_one_sentence_and_keeps_the_last_checkpoint(parts, tmp_path):
    recipe = tiny("ours", stored_size=SAMPLE_SIZE)
    training.train(recipe, parts["train"], parts["val"], tmp_path, 1, verbose=False)
    good = (tmp_path / training.CHECKPOINT).read_bytes()
    (tmp_path / (training.CHECKPOINT + ".part")).symlink_to("/dev/full")
    with pytest.raises(OSError, match=r"could not be written .* the last one is kept"):
        training.train(recipe, parts["train"], parts["val"], tmp_path, 2, verbose=False)
    assert (tmp_path / training.CHECKPOINT).read_bytes() == good


def test_the_recipe_that_learns_nothing_says_so(parts):
    with pytest.raises(ValueError, match="'gray' learns nothing"):
        training.train(recipes.find("gray"), parts["train"], parts["val"])
    with pytest.raises(ValueError, match="no recipe 'grey'; expected one of: gray"):
        recipes.find("grey")


def test_run_writes_weights_results_and_pictures_that_load(tmp_path, capsys):
    recipe = tiny("plain")
    result = training.run(recipe, tmp_path, source="sample", epochs=1)
    assert "epoch 1/1: loss" in capsys.readouterr().out
    assert json.loads((tmp_path / "plain.json").read_text()) == result
    assert len(list((tmp_path / "plain").glob("*.webp"))) == len(results.shown(data.load("sample", SAMPLE_SIZE)))
    model = zoo.load_model(str(tmp_path / "plain.weights.h5"))
    sample = data.load("sample", SAMPLE_SIZE)
    psnr = results.evaluate(recipe, model, sample)["metrics"]["psnr"]["mean"]
    assert psnr == pytest.approx(result["sample"]["psnr"]["mean"], abs=0.01)


def test_run_measures_what_has_no_network(tmp_path):
    result = training.run(tiny("gray"), tmp_path, source="sample")
    assert result["metrics"] == result["gray"]
    assert not list(tmp_path.glob("*.h5"))


def test_gray_is_the_photograph_unchanged():
    sample = data.load("sample", SAMPLE_SIZE)
    gray = recipes.find("gray").predict(None, sample)
    assert (np.ptp(gray.astype(int), axis=-1) <= 1).all()
    result = results.evaluate(recipes.find("gray"), None, sample)
    assert result["metrics"] == result["gray"]
    assert result["parameters"] == 0


def test_results_that_are_not_there_are_named():
    with pytest.raises(FileNotFoundError, match="no results of 'nothing'; shipped are"):
        results.read("nothing")
    with pytest.raises(FileNotFoundError, match="pictures of 'nothing'"):
        results.pictures("nothing")

"""The trials of chapter 23: what is measured of critics, that no row is lost, and that the shipped file is current."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from colorize_lib import critic_trials, data, metrics, recipes, results
from colorize_lib.training import devices


def tiny(name):
    """A recipe of the trials with the smallest networks, from random weights."""
    recipe = recipes.find(name)
    small = replace(recipe.system, network="unet_half", receptive_field=16, critic_filters=4)
    return replace(recipe, system=small, initial_weights="", size=32, stored_size=32)


def noise(count=3):
    return data.of_arrays(np.random.default_rng(0).integers(0, 256, (count, 32, 32, 3)).astype("uint8"))


@pytest.mark.parametrize("middle", [0.0, 0.5])
def test_what_a_critic_tells_by_hand(middle):
    """Of the true answers 3 of 4 are on their side, of the painted ones 2 of 4."""
    real = middle + np.array([[2, 1], [1, -3]]).reshape(2, 1, 2, 1)
    fake = middle + np.array([[1, 1], [-1, -9]]).reshape(2, 1, 2, 1)
    assert critic_trials.told(real, fake, middle) == {"answers": 5 / 8, "pictures": 1 / 2, "pairs": 1}


def test_a_critic_that_always_answers_alike_is_at_chance():
    same = np.full((4, 2, 2, 1), 0.7)
    assert critic_trials.told(same, same, 0.5) == {"answers": 0.5, "pictures": 0.5, "pairs": 0.0}


@pytest.mark.parametrize("name", ["small_pix2pix_34", "small_dcgan"])
def test_a_row_is_of_the_colors_that_the_system_gives(name):
    recipe, photographs = tiny(name), noise()
    learner = devices.new_learner(recipe, 10)
    found = critic_trials.row(recipe.system, learner.colorizer, learner.networks["critic"], photographs)
    given = recipe.system.predict(learner.colorizer, photographs)
    assert found["psnr"] == pytest.approx(metrics.psnr(photographs.rgb, given).mean(), abs=1e-4)
    assert found["ciede2000"] == pytest.approx(metrics.ciede2000(photographs.rgb, given).mean(), abs=1e-4)
    assert all(0 <= found[kind] <= 1 for kind in ("answers", "pictures", "pairs"))
    if recipe.system.paints_lightness:  # before it learns it gives the photograph back in gray
        for kind, values in critic_trials.shares(recipe.system, learner.colorizer, photographs).items():
            percent = int(kind.split()[-2])
            np.testing.assert_allclose(values, metrics.pixel_accuracy(photographs.rgb, given, percent), atol=0.02)


def test_rows_are_written_at_the_start_and_before_each_checkpoint(tmp_path, monkeypatch):
    """The last step of an epoch is measured, and an epoch that is repeated replaces its row."""
    measured = iter(range(10))
    monkeypatch.setattr(critic_trials, "row", lambda *_: {"psnr": next(measured)})
    watching = critic_trials.watcher(tiny("small_dcgan"), noise(1), tmp_path / "rows.json")
    learner = keras.Model()
    learner.colorizer, learner.networks = None, {"critic": None}
    watching.set_model(learner)
    watching.set_params({"steps": 2})
    for epoch in (0, 1, 1):
        watching.on_epoch_begin(epoch)
        for batch in (0, 1):
            watching.on_train_batch_end(batch)
    found = json.loads((tmp_path / "rows.json").read_text(encoding="utf-8"))
    assert found == {"0": {"psnr": 0}, "1": {"psnr": 1}, "2": {"psnr": 3}}


def test_what_a_critic_is_worth_is_paired_by_photograph():
    with_critic = [{"5 %": np.array([0.5, 0.7])}, {"5 %": np.array([0.7, 0.9])}]
    without = [{"5 %": np.array([0.4, 0.6])}, {"5 %": np.array([0.6, 0.8])}]
    found = critic_trials.verdict(with_critic, without)["5 %"]
    np.testing.assert_allclose(found["with"], [0.6, 0.8])
    np.testing.assert_allclose(found["without"], [0.5, 0.7])
    np.testing.assert_allclose([found["difference"][one] for one in ("mean", "low", "high")], 0.1)


def test_the_controls_differ_in_the_critic_alone():
    pairs = {critic_trials.PATCHES[34]: critic_trials.CONTROL, critic_trials.TINY: critic_trials.TINY_CONTROL}
    for name, control in pairs.items():
        own, other = recipes.find(name), recipes.find(control)
        assert replace(other, system=own.system, name=own.name, about=own.about) == own
        assert replace(other.system, fooling=1.0) == own.system


def test_cifar10_comes_in_three_parts_or_with_a_sentence(monkeypatch, capsys):
    def pictures(count):
        return np.zeros((count, 32, 32, 3), "uint8"), np.zeros((count, 1))

    monkeypatch.setattr(keras.datasets.cifar10, "load_data", lambda: (pictures(6600), pictures(20)))
    assert {name: len(part) for name, part in critic_trials.cifar10().items()} == {
        "train": 6000,
        "val": 500,
        "test": 20,
    }

    def offline():
        raise OSError("no network")

    monkeypatch.setattr(keras.datasets.cifar10, "load_data", offline)
    assert critic_trials.cifar10() is None
    assert "CIFAR-10 can't be downloaded here (OSError)" in capsys.readouterr().out


def test_the_shipped_file_is_current_and_whole():
    found = results.measurement(critic_trials.NAME)
    assert found["code"] == critic_trials.code_version(), "run python -m colorize_lib.critic_trials"
    assert list(found["runs"]) == list(critic_trials.RUNS)
    for name, one in found["runs"].items():
        recipe = recipes.find(name)
        assert recipes.Recipe.from_json(one["recipe"]) == recipe, "the recipe changed since it was run; run it again"
        assert list(one["rows"]) == [str(own.seed) for own in critic_trials.seeds_of(recipe)]
        assert {len(rows) - 1 for rows in one["rows"].values()} == {recipe.epochs}
    alike = (*critic_trials.PATCHES.values(), critic_trials.CONTROL)
    starts = {found["runs"][name]["rows"]["1"][0]["psnr"] for name in alike}
    assert len(starts) == 1, "all painters begin as the same network"
    for one in found["test"]["shares"].values():
        np.testing.assert_allclose(one["difference"]["mean"], np.mean(one["with"]) - np.mean(one["without"]), atol=1e-6)

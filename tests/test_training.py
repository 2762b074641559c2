"""Training: recipes run, resume exactly, and leave files that can be read."""

import itertools
import json
import os
import re
from dataclasses import replace

import keras
import numpy as np
import pytest
from PIL import Image

from colorize_lib import data, recipes, results, training, zoo
from colorize_lib.data.reading import open_photo
from colorize_lib.storage import writing
from colorize_lib.systems.regression import EnlargedRegression, Enlarging, PaperRegression, Regression
from colorize_lib.training import callbacks, checkpoints, devices, progress

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
    save = progress.save_checkpoint

    def save_then_die(folder, model, history):
        save(folder, model, history)
        raise KeyboardInterrupt

    monkeypatch.setattr(progress, "save_checkpoint", save_then_die)
    for _ in range(2):  # dies in epoch 1, is started again, dies in epoch 2
        with pytest.raises(KeyboardInterrupt):
            training.train(recipe, parts["train"], parts["val"], tmp_path, epochs=3, verbose=False)
    monkeypatch.undo()
    model, history = training.train(recipe, parts["train"], parts["val"], tmp_path, epochs=3, verbose=False)
    expected, whole = uninterrupted
    assert history["loss"] == pytest.approx(whole["loss"], rel=1e-5)
    for one, other in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


AVERAGED = {"stored_size": SAMPLE_SIZE, "schedule": "constant", "learning_rate": 1e-3, "ema_momentum": 0.75}


class Remember(keras.callbacks.Callback):
    """Keeps the weights of each step."""

    def __init__(self):
        super().__init__()
        self.steps = []

    def on_train_batch_end(self, batch, logs=None):
        self.steps.append([keras.ops.convert_to_numpy(w).copy() for w in self.model.trainable_weights])

    def average(self):
        found = self.steps[0]
        for step in self.steps[1:]:
            found = [0.75 * mean + 0.25 * now for mean, now in zip(found, step, strict=True)]
        return found


def test_what_is_kept_of_a_run_that_averages_weights_is_their_moving_average(parts, tmp_path):
    recipe, remember = tiny("ours", **AVERAGED), Remember()
    options = {"verbose": False, "callbacks": [remember]}
    for epochs in (1, 2):  # the second time from the checkpoint, which has the weights and their average
        model, history = training.train(recipe, parts["train"], parts["val"], tmp_path, epochs, **options)
        for kept, expected in zip(model.trainable_weights, remember.average(), strict=True):
            np.testing.assert_allclose(kept, expected, atol=1e-5)
        assert history["val_psnr"][-1] == pytest.approx(recipe.system.validate(model, parts["val"])["val_psnr"])
    last = remember.steps[-1]
    assert max(np.abs(kept - weights).max() for kept, weights in zip(model.trainable_weights, last, strict=True)) > 1e-4


def test_keeping_an_average_changes_no_step(parts):
    taken = {}
    for momentum in (0.75, 0.0):
        recipe, remember = tiny("ours", **AVERAGED | {"ema_momentum": momentum}), Remember()
        training.train(recipe, parts["train"], parts["val"], epochs=2, verbose=False, callbacks=[remember])
        taken[momentum] = remember.steps
    for one, other in zip(*taken.values(), strict=True):
        for weights, expected in zip(one, other, strict=True):
            np.testing.assert_allclose(weights, expected, atol=1e-5)


def test_before_the_first_step_there_is_no_average_to_keep():
    recipe = tiny("ours", ema_momentum=0.75)
    learner = devices.new_learner(recipe, steps=1)
    kept = devices.in_float32(recipe, learner)
    for one, other in zip(kept.get_weights(), learner.colorizer.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_momentum_that_averages_nothing_or_a_system_that_cannot():
    with pytest.raises(ValueError, match=r"ema_momentum is 1\.0; expected 0 or more, and less than 1"):
        tiny("ours", ema_momentum=1.0)
    with pytest.raises(ValueError, match="'conditional_gan' trains several networks; expected ema_momentum 0"):
        replace(recipes.find("pix2pix"), ema_momentum=0.9)


def test_snapshots_are_spaced_geometrically_from_the_first_to_the_last_epoch():
    assert progress.snapshot_epochs(1) == [1]
    assert progress.snapshot_epochs(8) == list(range(1, 9))
    for epochs in (16, 24, 50, 100, 1000):
        chosen = progress.snapshot_epochs(epochs)
        assert len(chosen) == progress.SNAPSHOTS
        assert chosen == sorted(set(chosen))
        assert (chosen[0], chosen[-1]) == (1, epochs)
        gaps = np.diff(chosen)
        assert (np.diff(gaps[gaps > 1]) >= 0).all()


def test_a_run_keeps_its_best_weights_and_pictures_of_its_way(parts, tmp_path, monkeypatch):
    """The second of three epochs is made the best on validation."""
    decibels = iter([20.0, 22.0, 21.0])
    monkeypatch.setattr(PaperRegression, "validate", lambda *_: {"val_loss": 0.0, "val_psnr": next(decibels)})
    kept = []

    class Remember(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            kept.append([np.array(w) for w in self.model.get_weights()])

    recipe = tiny("plain")
    model, _ = training.train(recipe, parts["train"], parts["val"], tmp_path, 3, verbose=False, callbacks=[Remember()])
    best = zoo.load_model(tmp_path / progress.BEST).get_weights()
    for got, second in zip(best, kept[1], strict=True):
        np.testing.assert_allclose(got, second, atol=1e-3)
    assert any(np.abs(second - last).max() > 1e-3 for second, last in zip(kept[1], kept[2], strict=True))
    names = sorted(path.name for path in (tmp_path / "epochs").iterdir())
    assert names == [f"{stem}_{epoch:03d}.webp" for stem in ("aitzgorri", "linda_windmill_1") for epoch in (1, 2, 3)]
    now = recipe.system.predict(model, progress.snapshot_photographs(recipe.size))
    shown = np.asarray(open_photo(tmp_path / "epochs" / "linda_windmill_1_003.webp"))
    assert np.abs(shown.astype(int) - now[1]).max() <= 1


def test_a_run_that_keeps_the_best_epoch_measures_the_last_one_too(tmp_path, monkeypatch):
    decibels = iter([22.0, 20.0])
    monkeypatch.setattr(PaperRegression, "validate", lambda *_: {"val_loss": 0.0, "val_psnr": next(decibels)})
    result = training.run(tiny("plain", kept_epoch="best"), tmp_path, source="sample", epochs=2)
    assert result["epoch"] == 1
    assert result["other"]["epoch"] == 2
    assert result["other"]["metrics"]["psnr"]["mean"] != result["metrics"]["psnr"]["mean"]
    assert result["bytes"] == (tmp_path / "plain.weights.h5").stat().st_size
    assert result["seconds_an_epoch"] == min(result["history"]["seconds"])
    assert result["peak_memory_mb"] > 100
    kept = zoo.load_model(tmp_path / "plain.weights.h5").get_weights()
    for one, best in zip(kept, zoo.load_model(tmp_path / progress.BEST).get_weights(), strict=True):
        np.testing.assert_array_equal(one, best)


def test_a_run_may_begin_at_shipped_weights_and_see_a_part_of_the_photographs(parts):
    recipe = tiny("ours_l2", training_fraction=0.5)
    model = devices.new_learner(recipe, 10)
    for one, shipped in zip(model.get_weights(), zoo.load_model("ours").get_weights(), strict=True):
        np.testing.assert_array_equal(one, shipped)
    part = training._training_part(replace(recipe, stored_size=SAMPLE_SIZE), "sample", parts)
    assert part.names == parts["train"].names[: len(part)]
    assert len(part) == len(parts["train"]) // 2


def test_the_fastest_precision_is_chosen_by_measurement(monkeypatch):
    monkeypatch.setattr(devices, "_step_seconds", lambda recipe, *_: 9.0 if recipe.precision == "float32" else 1.0)
    assert devices.fastest(tiny("ours")).precision == "float32"  # asked for by name, so it stays
    asked = replace(tiny("ours"), precision="fastest")
    assert devices.fastest(asked).precision == "mixed_bfloat16"
    close = {"float32": iter([1.5, 2.0]), "mixed_bfloat16": iter([1.0, 3.0])}  # few photographs, then whole batches
    monkeypatch.setattr(devices, "_step_seconds", lambda recipe, *_: next(close[recipe.precision]))
    assert devices.fastest(asked).precision == "float32"
    monkeypatch.undo()
    assert devices._step_seconds(tiny("ours"), 2, 1) > 0


def test_a_run_goes_on_in_the_precision_it_began_with(parts, tmp_path, monkeypatch):
    recipe = replace(tiny("ours", stored_size=SAMPLE_SIZE), precision="fastest")
    monkeypatch.setattr(devices, "_step_seconds", lambda recipe, *_: 1.0 if recipe.precision == "float32" else 9.0)
    training.train(recipe, parts["train"], parts["val"], tmp_path, 1, verbose=False)
    monkeypatch.setattr(devices, "_step_seconds", lambda *_: pytest.fail("measured again"))
    _, history = training.train(recipe, parts["train"], parts["val"], tmp_path, 2, verbose=False)
    assert len(history["loss"]) == 2


def test_a_finished_run_is_not_run_again(parts, tmp_path):
    recipe = tiny("ours", stored_size=SAMPLE_SIZE)
    first, _ = training.train(recipe, parts["train"], parts["val"], tmp_path, epochs=1, verbose=False)
    written = (tmp_path / checkpoints.CHECKPOINT).stat().st_mtime_ns
    again, _ = training.train(recipe, parts["train"], parts["val"], tmp_path, epochs=1, verbose=False)
    assert (tmp_path / checkpoints.CHECKPOINT).stat().st_mtime_ns == written
    for one, other in zip(first.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_checkpoint_of_another_network_is_refused(parts, tmp_path):
    training.train(tiny("ours", stored_size=SAMPLE_SIZE), parts["train"], parts["val"], tmp_path, 1, verbose=False)
    with pytest.raises(ValueError, match=r"another run \(not the same: .*system"):
        training.train(tiny("plain"), parts["train"], parts["val"], tmp_path, 1, verbose=False)
    with pytest.raises(ValueError, match="of another network"):
        checkpoints.load_checkpoint(tmp_path, devices.new_learner(tiny("plain"), 1))


def test_a_checkpoint_of_another_run_or_a_damaged_one_is_refused(parts, tmp_path):
    recipe = tiny("ours", stored_size=SAMPLE_SIZE)
    training.train(recipe, parts["train"], parts["val"], tmp_path, 1, verbose=False)
    with pytest.raises(ValueError, match=r"another run \(not the same: seed, data\)"):
        training.train(replace(recipe, seed=2), parts["val"], parts["val"], tmp_path, 2, verbose=False)
    whole = (tmp_path / checkpoints.CHECKPOINT).read_bytes()
    flipped = whole[:2000] + bytes([whole[2000] ^ 255]) + whole[2001:]
    for damaged in (b"", b"not a checkpoint", whole[: len(whole) // 2], flipped):
        (tmp_path / checkpoints.CHECKPOINT).write_bytes(damaged)
        with pytest.raises(ValueError, match=r"checkpoint\.npz: a damaged checkpoint"):
            training.train(recipe, parts["train"], parts["val"], tmp_path, 2, verbose=False)


def test_damaged_settings_are_named(parts, tmp_path):
    recipe = tiny("ours", stored_size=SAMPLE_SIZE)
    training.train(recipe, parts["train"], parts["val"], tmp_path, 1, verbose=False)
    (tmp_path / checkpoints.SETTINGS).write_text('{"precision": ')
    with pytest.raises(ValueError, match=r"settings\.json: damaged\. Delete it and checkpoint\.npz"):
        training.train(recipe, parts["train"], parts["val"], tmp_path, 2, verbose=False)


@pytest.mark.parametrize(
    "wrong",
    [{"optimizer": "sgd"}, {"schedule": "linear"}, {"kept_epoch": "first"}, {"precision": "float8"}],
)
def test_a_setting_that_there_is_not_is_refused(wrong):
    ((setting, found),) = wrong.items()
    said = rf"recipe 'ours' of the system 'regression': {setting} is '{found}'; expected one of: "
    with pytest.raises(ValueError, match=said):
        replace(recipes.find("ours"), **wrong)


@pytest.mark.parametrize("wrong", [{"loss": "mse"}, {"network": "resnet"}])
def test_an_option_that_there_is_not_is_refused(wrong):
    ((option, found),) = wrong.items()
    with pytest.raises(ValueError, match=rf"system 'regression': {option} is '{found}'; expected one of: "):
        Regression(**wrong)


@pytest.mark.parametrize("side", [0, 100])
def test_a_side_that_the_network_cannot_take_is_refused(side):
    with pytest.raises(ValueError, match=rf"system 'enlarged_regression'.* side is {side}"):
        EnlargedRegression("unet_half", side=side)


def test_small_photographs_are_enlarged_and_their_colors_brought_back():
    """The network sees a short side of 64 pixels; what it says of L comes back at the photograph's size."""
    system, seen = EnlargedRegression("unet_half", side=64), []

    class Told:
        def predict_on_batch(self, x):
            seen.append(x.shape)
            return np.concatenate([x, -x], axis=-1)

    across = np.linspace(0.2, 0.8, 48, dtype="float32")
    x = np.broadcast_to(across[None, None, :, None], (2, 32, 48, 1))
    enlarging = Enlarging(Told(), system.side, system.stride)
    given = enlarging.predict_on_batch(x)
    assert seen == [(2, 64, 96, 1)]
    assert given.shape == (2, 32, 48, 2)
    np.testing.assert_allclose(given[..., :1], x, atol=0.004)  # at the ends half a pixel is missing
    np.testing.assert_array_equal(given[..., 1], -given[..., 0])
    enlarging.predict_on_batch(np.zeros((1, 96, 80, 1), "float32"))
    assert seen[1] == (1, 96, 80, 1), "nothing is enlarged that is large enough"
    assert system.training_side(32) == 64
    assert system.training_side(96) == 96


def test_a_loss_of_a_and_b_is_refused_where_the_network_gives_rgb():
    with pytest.raises(ValueError, match="the loss 'negative_psnr' is one of a and b; take the system 'regression'"):
        PaperRegression(loss="negative_psnr")


def test_too_few_photographs_are_counted(parts):
    none = parts["val"].select(slice(0))
    with pytest.raises(ValueError, match=r"sample: 44 photographs to train on and 0 to validate with"):
        training.train(tiny("ours"), parts["train"], none)


def folder_of(folder, count, mode="RGB"):
    """Fill a folder with small photographs."""
    rng = np.random.default_rng(0)
    folder.mkdir()
    for number in range(count):
        pixels = rng.integers(0, 256, (SAMPLE_SIZE, SAMPLE_SIZE, 3), dtype="uint8")
        Image.fromarray(pixels).convert(mode).save(folder / f"{number}.png")
    return folder


@pytest.mark.parametrize("count", [1, 2])
def test_a_source_with_too_few_photographs_is_told_how_many_are_needed(tmp_path, count):
    with pytest.raises(ValueError, match="Take a source with 3 photographs or more that can be read"):
        training.run(tiny("ours"), tmp_path / "run", str(folder_of(tmp_path / "in", count)))
    assert not list((tmp_path / "run").iterdir())


@pytest.mark.parametrize("mode", ["L", "1"])
def test_gray_photographs_alone_are_refused_before_the_run(tmp_path, mode):
    with pytest.raises(ValueError, match="all photographs are gray; expected some in color to learn from"):
        training.run(tiny("ours"), tmp_path / "run", str(folder_of(tmp_path / "in", 20, mode)))
    assert not list((tmp_path / "run").iterdir())


def test_three_photographs_are_enough(tmp_path):
    result = training.run(tiny("plain"), tmp_path / "run", str(folder_of(tmp_path / "in", 3)), 1)
    assert np.isfinite(result["metrics"]["psnr"]["mean"])
    json.loads((tmp_path / "run" / "plain.json").read_text(), parse_constant=pytest.fail)


def test_two_runs_never_share_a_folder(parts, tmp_path):
    recipe = tiny("plain")
    with checkpoints.alone_in(tmp_path):
        for start in (
            lambda: training.train(recipe, parts["train"], parts["val"], tmp_path, 1),
            lambda: training.run(recipe, tmp_path, "sample", 1),
        ):
            with pytest.raises(
                ValueError, match=f"{tmp_path}: another run is at work in this folder; wait for its end"
            ):
                start()
    assert not list(tmp_path.iterdir())
    with checkpoints.alone_in(tmp_path):  # the lock is gone with the run
        pass


def test_what_a_killed_run_had_half_written_goes_and_nothing_else(tmp_path):
    half = [tmp_path / "checkpoint.npz.0123abcd.part", tmp_path / "epochs" / "a.webp.0123abcd.part"]
    foreign = [tmp_path / "notes.part", tmp_path / "another_run" / "checkpoint.npz.0123abcd.part"]
    for path in (*half, *foreign, foreign[1].with_name(checkpoints.SETTINGS)):
        path.parent.mkdir(exist_ok=True)
        path.touch()
    with checkpoints.alone_in(tmp_path):
        assert not any(path.exists() for path in half)
        assert all(path.exists() for path in foreign)


def test_another_precision_is_named_as_what_differs(parts, tmp_path):
    training.train(tiny("ours", stored_size=SAMPLE_SIZE), parts["train"], parts["val"], tmp_path, 1, verbose=False)
    for precision in ("mixed_float16", "mixed_bfloat16"):
        other = replace(tiny("ours", stored_size=SAMPLE_SIZE), precision=precision)
        with pytest.raises(ValueError, match=r"of another run \(not the same: precision\)"):
            training.train(other, parts["train"], parts["val"], tmp_path, 2, verbose=False)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")
def test_a_full_disk_gives_one_sentence_and_keeps_the_last_checkpoint(parts, tmp_path, monkeypatch):
    recipe = tiny("ours", stored_size=SAMPLE_SIZE)
    training.train(recipe, parts["train"], parts["val"], tmp_path, 1, verbose=False)
    good = (tmp_path / checkpoints.CHECKPOINT).read_bytes()

    def full(path):
        part = path.with_name("full.part")
        part.symlink_to("/dev/full") if path.name == checkpoints.CHECKPOINT else part.touch()
        return part

    monkeypatch.setattr(writing, "_new", full)
    with pytest.raises(
        OSError, match=r"could not be written .* The checkpoint of the epoch before, if there is one, is whole"
    ):
        training.train(recipe, parts["train"], parts["val"], tmp_path, 2, verbose=False)
    assert (tmp_path / checkpoints.CHECKPOINT).read_bytes() == good


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
    assert result["recipe"]["epochs"] == 1  # what was run, and not the recipe's own number
    assert len(list((tmp_path / "plain").glob("*.webp"))) == len(results.shown(data.load("sample", SAMPLE_SIZE)))
    model = zoo.load_model(str(tmp_path / "plain.weights.h5"))
    sample = data.load("sample", SAMPLE_SIZE)
    psnr = results.evaluate(recipe, model, sample)["metrics"]["psnr"]["mean"]
    assert psnr == pytest.approx(result["sample"]["psnr"]["mean"], abs=0.01)


def test_a_recipe_of_several_seeds_is_run_with_each(tmp_path):
    result = training.run(tiny("plain", seeds=2), tmp_path, source="sample", epochs=1)
    assert json.loads((tmp_path / "plain.json").read_text()) == result
    second = json.loads((tmp_path / "seed_2" / "plain.json").read_text())
    assert result["seeds"] == {"1": results.means(result), "2": results.means(second)}
    assert result["seeds"]["1"]["psnr"] != result["seeds"]["2"]["psnr"]
    assert (second["recipe"]["seed"], second["recipe"]["seeds"]) == (2, 1)
    assert result["histories"] == {"2": second["history"]}


def test_run_measures_what_has_no_network(tmp_path):
    result = training.run(tiny("gray"), tmp_path, source="sample")
    assert result["metrics"] == result["gray"]
    assert not list(tmp_path.glob("*.h5"))


def test_gray_is_the_photograph_unchanged():
    sample = data.load("sample", SAMPLE_SIZE)
    gray = recipes.find("gray").system.predict(None, sample)
    assert (np.ptp(gray.astype(int), axis=-1) <= 1).all()
    result = results.evaluate(recipes.find("gray"), None, sample)
    assert result["metrics"] == result["gray"]
    assert result["parameters"] == 0


def test_results_that_are_not_there_are_named():
    with pytest.raises(FileNotFoundError, match="no results of 'nothing'; shipped are"):
        results.read("nothing")
    with pytest.raises(FileNotFoundError, match="pictures of 'nothing'"):
        results.pictures("nothing")


def test_the_forecast_comes_early_and_leaves_the_run_as_it_is(parts, uninterrupted, capsys):
    recipe = tiny("ours", stored_size=SAMPLE_SIZE)
    model, history = training.train(recipe, parts["train"], parts["val"], epochs=3)
    lines = capsys.readouterr().out.splitlines()
    told = r"9 training steps: about \d+ seconds on this device \(measured on 3\)"
    first, *epochs = [line for line in lines if not re.match("epoch 1/", line)]  # an epoch has three steps only
    assert re.fullmatch(told, first)
    assert [line.split(":")[0] for line in epochs] == ["epoch 2/3", "epoch 3/3"]
    expected, whole = uninterrupted
    assert history["loss"] == pytest.approx(whole["loss"], rel=1e-5)
    for one, other in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.5, "50 seconds"), (1.2, "2 minutes"), (40, "67 minutes"), (90, "2.5 hours")]
)
def test_the_forecast_counts_all_steps(monkeypatch, capsys, seconds, told):
    clock = itertools.count(0, seconds)  # each look at it is a step later
    monkeypatch.setattr(callbacks.time, "perf_counter", lambda: next(clock))
    forecast = callbacks.Forecast()
    forecast.set_params({"epochs": 20, "steps": 5})
    forecast.on_train_begin()
    forecast.on_epoch_begin(0)
    for batch in range(3):
        forecast.on_train_batch_end(batch, {"loss": 1.0})
    assert not capsys.readouterr().out  # the first step compiles and counts for nothing
    forecast.on_train_batch_end(3, {"loss": 1.0})
    assert f"100 training steps: about {told} on this device" in capsys.readouterr().out
    forecast.on_epoch_begin(1)
    forecast.on_train_batch_end(0, {"loss": 1.0})
    assert not capsys.readouterr().out


def test_a_run_that_goes_on_is_forecast_from_there(capsys):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("adam", "mae")
    x = np.zeros((15, 1), "float32")
    model.fit(x, x, batch_size=3, epochs=20, initial_epoch=12, verbose=0, callbacks=[callbacks.Forecast()])
    assert capsys.readouterr().out.startswith("40 training steps: about ")

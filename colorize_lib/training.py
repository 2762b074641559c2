"""Training: a recipe run on the devices at hand, measured, and kept (taught in chapter 07)."""

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from colorize_lib import data, losses, metrics, results, writing, zoo
from colorize_lib.batches import Batches
from colorize_lib.checkpoints import History, load_checkpoint, read_settings, same_run, save_checkpoint
from colorize_lib.devices import compiled, fastest, in_float32, peak_memory_mb
from colorize_lib.recipes import Recipe

BEST = "best.weights.h5"  # beside the checkpoint: the weights of the epoch that validation likes best
WATCHED = ("aitzgorri.jpg", "linda_windmill_1.webp")  # photographs of the sample, colored anew while a run learns
MOMENTS = 16  # how many times, at epochs spaced geometrically
TIMED = 3  # training steps that are timed, after the first one, which compiles


def moments(epochs: int, count: int = MOMENTS) -> list[int]:
    """Return at most `count` epochs from 1 to `epochs`, spaced geometrically: much happens early, little late."""
    epoch, chosen = 0, []
    for left in range(count, 0, -1):
        if epoch >= epochs:
            break
        step = (epochs / max(epoch, 1)) ** (1 / max(left - (epoch == 0), 1))
        epoch = min(epochs, max(epoch + 1, round(epoch * step)))
        chosen.append(epoch)
    return chosen


def forecast() -> Any:
    """Return a Keras callback that says how long a training is going to take on this device, a few steps into it.

    What has passed, compiling included, and for each step to come the fastest of those timed. Validation comes on top.
    """
    import keras

    class Forecast(keras.callbacks.Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            self.start, self.ends, self.steps = time.perf_counter(), list[float](), 0

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.steps = self.steps or (self.params["epochs"] - epoch) * self.params["steps"]

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if len(self.ends) > TIMED:
                return
            float(logs["loss"])  # a device may be behind; to read what it computed is to wait for it
            self.ends.append(time.perf_counter())
            if len(self.ends) > TIMED:
                seconds = self.ends[-1] - self.start + (self.steps - len(self.ends)) * min(np.diff(self.ends))
                print(
                    f"{self.steps} training steps: about {told(seconds)} on this device (measured on {TIMED})",
                    flush=True,
                )

    return Forecast()


def told(seconds: float) -> str:
    """Return a duration in the unit that suits it."""
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 90 * 60 else f"{seconds / 3600:.1f} hours"


def train(
    recipe: Recipe,
    training: data.Photographs,
    validation: data.Photographs,
    out: Path | str | None = None,
    epochs: int | None = None,
    verbose: bool = True,
    callbacks: Sequence[Any] = (),
    strategy: Any = None,
) -> tuple[Any, History]:
    """Run `recipe` and return the trained keras.Model, in float32, and its history.

    Parameters
    ----------
    recipe : Recipe
        What to run.
    training, validation : Photographs
        `training` may be larger than `recipe.size` where the recipe augments: crops are cut from it.
    out : path, optional
        Folder of the checkpoint. A run found there is continued exactly.
    epochs : int, optional
        Instead of the recipe's; a cosine schedule follows.
    verbose : bool
        Print after a few steps how long it is going to take, and one line an epoch, with the time left.
    callbacks : sequence of keras.callbacks.Callback
        Called beside the course's own, such as ``keras.callbacks.TensorBoard``.
    strategy : tf.distribute.Strategy, optional
        Spreads each batch over several devices, such as ``tf.distribute.MirroredStrategy()``.

    Returns
    -------
    model, history
        The history has one number an epoch: ``loss``, ``val_loss``, ``val_psnr`` (mean over
        photographs, dB) and ``seconds`` (training alone).

    Raises
    ------
    ValueError
        If the recipe learns nothing, there are no photographs, or the checkpoint is damaged or of another run.
    OSError
        If `out` can't be written to. The last checkpoint stays.
    """
    import keras

    recipe.require_training()
    if not len(training) or not len(validation):
        raise ValueError(
            f"{training.source}: {len(training)} photographs to train on and {len(validation)} to validate with; "
            "expected some of each. Take a source with more photographs."
        )
    last = recipe.epochs if epochs is None else epochs
    batches = Batches(
        *recipe.compact(training),
        recipe.batch_size,
        recipe.seed,
        augment=recipe.augment,
        size=recipe.size,
        gamma=recipe.gamma,
    )
    folder = Path(out) if out is not None else None
    recipe = fastest(_as_begun(folder, recipe))
    with strategy.scope() if strategy else nullcontext():
        model = compiled(recipe, steps=last * len(batches))
    history: History = {}
    if folder is not None:
        writing.make_folder(folder)
        history = load_checkpoint(folder, model)
        same_run(folder, recipe, training, resumed=bool(history))
    watched, when = _watched(recipe), moments(last)
    done = len(history.get("loss", []))
    batches.epoch = done

    aside, ahead = ThreadPoolExecutor(1), dict[int, Future]()

    class Prefetched(keras.utils.PyDataset):
        def __len__(self) -> int:
            return len(batches)

        def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
            made = ahead.pop(index) if index in ahead else aside.submit(batches.__getitem__, index)
            ahead.clear()
            if index + 1 < len(batches):  # made while the device is busy with this one
                ahead[index + 1] = aside.submit(batches.__getitem__, index + 1)
            return made.result()

        def on_epoch_end(self) -> None:
            batches.epoch += 1

    class Keeper(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.start = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            row = {"loss": float(logs["loss"])}
            seconds = time.perf_counter() - self.start
            # Keras's predict_on_batch gives the whole batch to every device of a strategy: a copy without one measures.
            alone = in_float32(recipe, model) if strategy else model
            row |= validate(recipe, alone, validation) | {"seconds": seconds}
            for key, value in row.items():
                history.setdefault(key, []).append(value)
            if folder is not None:  # the checkpoint last: a run killed before it repeats the epoch, with the same files
                if row["val_psnr"] > max(history["val_psnr"][:-1], default=-np.inf):
                    zoo.save_weights(alone, folder / BEST, recipe.name)
                if epoch + 1 in when:
                    pictures = recipe.predict(alone, watched)
                    results.write_pictures(folder / "epochs", pictures, watched, ending=f"_{epoch + 1:03d}")
                save_checkpoint(folder, model, history)
            if verbose:
                left = (time.perf_counter() - self.start) * (last - epoch - 1) / 60
                figures = ", ".join(f"{key} {value:.4g}" for key, value in row.items())
                print(f"epoch {epoch + 1}/{last}: {figures}; about {left:.0f} min left", flush=True)

    if done < last:
        # Without shuffle=False, Keras would shuffle the order of the batches once more, and a resumed run would differ.
        callbacks = [Keeper(), *([forecast()] if verbose else []), *callbacks]
        with aside:
            model.fit(Prefetched(), epochs=last, initial_epoch=done, verbose=0, shuffle=False, callbacks=callbacks)
    return in_float32(recipe, model), history


def _as_begun(folder: Path | None, recipe: Recipe) -> Recipe:
    """Return the recipe with the precision in which the run in `folder` began, if there is one."""
    begun = read_settings(folder) if folder is not None and recipe.precision == "fastest" else {}
    return replace(recipe, precision=begun.get("precision", recipe.precision))


def _watched(recipe: Recipe) -> data.Photographs:
    """Return the photographs of the sample that are colored anew while a run learns."""
    sample = data.load("sample", recipe.size)
    return sample.select([sample.names.index(name) for name in WATCHED])


def validate(recipe: Recipe, model: Any, photographs: data.Photographs) -> dict[str, float]:
    """Return ``val_loss`` and ``val_psnr`` of a network in training."""
    loss, errors, decibels = losses.find(recipe.loss), list[float](), list[float]()
    for part in photographs.batches():
        x, y = recipe.arrays(part)
        output = np.asarray(model.predict_on_batch(x), "float32")
        errors.extend(np.asarray(loss(y, output)))
        decibels.extend(metrics.psnr(part.rgb, recipe.picture(x, output)))
    return {"val_loss": float(np.mean(errors)), "val_psnr": float(np.mean(decibels))}


def tensorboard(folder: Path) -> Any:
    """Return Keras's callback that writes TensorBoard's logs into `folder`; a ValueError says if it can't."""
    try:
        import tensorboard  # noqa: F401
        import tensorflow  # noqa: F401
    except ImportError as error:
        raise ValueError(f"TensorBoard: {error}; its logs need it: pip install tensorflow tensorboard.") from None
    import keras

    writing.make_folder(folder)
    return keras.callbacks.TensorBoard(str(folder), write_graph=False)


def run(
    recipe: Recipe, out: Path | str, source: str | None = None, epochs: int | None = None, **options: Any
) -> results.Result:
    """Train `recipe`, measure it and write everything into `out`: checkpoint, weights, results and pictures.

    A recipe that learns nothing is only measured. The test split is measured once, at the end, with the weights as
    they are kept, in fp16; where these are the best epoch's on validation, the last epoch's are measured beside
    (``other``). Files: ``<recipe>.weights.h5``, ``<recipe>.json``, ``<recipe>/*.webp`` (the sample as the
    network colors it) and ``epochs/*.webp`` (two photographs while it learned). A recipe of several seeds is run with
    each, the others in folders ``seed_2`` and so on; the results file has the means of all (``seeds``) and the
    histories of the others (``histories``). `options` go to `train`.
    """
    out, source = Path(out), source or recipe.source
    if recipe.learns and epochs:
        recipe = replace(recipe, epochs=epochs)  # what the results file says was run
    parts = data.split(data.load(source, recipe.size))
    sample = data.load("sample", recipe.size)
    model = None if recipe.learns or not recipe.model else zoo.load_model(recipe.name)
    extra: results.Result = {}
    if recipe.learns:
        model, history = train(recipe, _training_part(recipe, source, parts), parts["val"], out, epochs, **options)
        recipe = _as_begun(out, recipe)
        last = len(history["loss"])
        best = int(np.argmax(history["val_psnr"])) + 1
        extra = {
            "epoch": last,
            "history": history,
            "seconds_an_epoch": min(history["seconds"]),
            "peak_memory_mb": peak_memory_mb(),
        }
        weights = out / f"{recipe.name}{zoo.SUFFIX}"
        zoo.save_weights(model, weights, recipe.name)
        model = zoo.load(recipe, weights)
        if recipe.keep == "best" and best != last:
            other = results.evaluate(recipe, model, parts["test"], "test")["metrics"]
            extra |= {"epoch": best, "other": {"epoch": last, "metrics": other}}
            model = zoo.load(recipe, out / BEST)
            zoo.save_weights(model, weights, recipe.name)
        extra["bytes"] = weights.stat().st_size
    result = results.evaluate(recipe, model, parts["test"], "test") | extra
    result["sample"] = results.evaluate(recipe, model, sample)["metrics"]
    shown = results.shown(sample)
    results.write_pictures(out / recipe.name, recipe.predict(model, shown), shown)
    if recipe.seeds > 1:
        others = {}
        for seed in range(recipe.seed + 1, recipe.seed + recipe.seeds):
            alone = replace(recipe, seed=seed, seeds=1)
            others[str(seed)] = run(alone, out / f"seed_{seed}", source, epochs, **options)
        result["seeds"] = {seed: results.means(one) for seed, one in ({str(recipe.seed): result} | others).items()}
        result["histories"] = {seed: one["history"] for seed, one in others.items()}
    results.write(out / f"{recipe.name}.json", result)
    return result


def _training_part(recipe: Recipe, source: str, parts: dict[str, data.Photographs]) -> data.Photographs:
    """Return the photographs to learn from: at the size that crops are cut from, and only the recipe's share."""
    training = parts["train"]
    if recipe.stored_size != recipe.size:
        training = data.split(data.load(source, recipe.stored_size))["train"]
    return recipe.learned_from(training)

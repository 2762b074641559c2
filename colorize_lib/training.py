"""Training: a recipe run, with checkpoints that survive anything (taught in chapter 07).

After every epoch the whole state (weights, optimizer, history) is written to one
file and renamed into place, so a run that is cut off goes on from its last
epoch and ends with the weights of a run that never stopped.
"""

import json
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from colorize_lib import data, metrics, results, writing, zoo
from colorize_lib.batches import Batches
from colorize_lib.losses import LOSSES
from colorize_lib.recipes import Recipe

History = dict[str, list[float]]
CHECKPOINT = "checkpoint.npz"
SETTINGS = "settings.json"  # beside the checkpoint: which run it is of
WARM_UP = 0.05  # part of all steps over which a cosine schedule climbs to its learning rate


def optimizer(recipe: Recipe, steps: int) -> Any:
    """Return the recipe's optimizer for a run of `steps` steps in all."""
    import keras

    rate: Any = recipe.learning_rate
    if recipe.schedule == "cosine":
        warm_up = max(1, int(WARM_UP * steps))
        rate = keras.optimizers.schedules.CosineDecay(
            0.0, max(1, steps - warm_up), warmup_target=recipe.learning_rate, warmup_steps=warm_up
        )
    if recipe.optimizer == "adamw":
        return keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay, clipnorm=1.0)
    return keras.optimizers.Adam(rate)


def compiled(recipe: Recipe, steps: int) -> Any:
    """Return the recipe's network, seeded, in its precision and ready for `fit`."""
    import keras

    keras.utils.set_random_seed(recipe.seed)
    before = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy(recipe.precision)
    try:
        model = recipe.build()
    finally:
        keras.mixed_precision.set_dtype_policy(before)
    model.compile(optimizer(recipe, steps), loss=LOSSES[recipe.loss])
    model.optimizer.build(model.trainable_variables)
    return model


def in_float32(recipe: Recipe, model: Any) -> Any:
    """Return a float32 copy of a trained network, which is how all networks are measured and kept."""
    copy = recipe.build()
    copy.set_weights(model.get_weights())
    return copy


def save_checkpoint(folder: Path, model: Any, history: History) -> None:
    """Write weights, optimizer and history to one file; the last good one stays until this one is whole."""
    state: dict[str, Any] = {
        f"{i:05d}": np.asarray(v) for i, v in enumerate([*model.variables, *model.optimizer.variables])
    }
    try:
        with writing.whole_file(folder / CHECKPOINT) as part, open(part, "wb") as file:
            np.savez(file, history=json.dumps(history), **state)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OSError(f"{error} Here the last one is kept: the same run, started again, goes on from it.") from error


def load_checkpoint(folder: Path, model: Any) -> History:
    """Put `model` and its optimizer back to the last checkpoint in `folder`; return the history, empty if none."""
    path = folder / CHECKPOINT
    if not path.is_file():
        return {}
    variables = [*model.variables, *model.optimizer.variables]
    try:
        state = np.load(path)
    except (ValueError, EOFError, BadZipFile):
        raise ValueError(f"{path}: a damaged checkpoint. Delete it to begin again, or copy a whole one.") from None
    with state:
        fits = len(state.files) == len(variables) + 1 and all(
            state[f"{i:05d}"].shape == tuple(v.shape) for i, v in enumerate(variables)
        )
        if not fits:
            raise ValueError(f"{path}: this checkpoint is of another network. Choose an empty folder for this run.")
        for i, variable in enumerate(variables):
            variable.assign(state[f"{i:05d}"])
        history: History = json.loads(str(state["history"]))
    return history


def same_run(folder: Path, recipe: Recipe, training: data.Photographs, resumed: bool) -> None:
    """Keep in `folder` what is run on what; a ValueError says if the checkpoint there is of another run.

    The number of epochs may differ: a finished run can be made longer.
    """
    path = folder / SETTINGS
    settings = {**asdict(recipe), "data": data.fingerprint(training)}
    del settings["about"], settings["epochs"]
    before = json.loads(path.read_text(encoding="utf-8")) if resumed and path.is_file() else settings
    changed = sorted(key for key in settings if before.get(key) != settings[key])
    if changed:
        raise ValueError(
            f"{folder / CHECKPOINT}: this checkpoint is of another run (not the same: {', '.join(changed)}). "
            "Choose an empty folder for this run."
        )
    results.write(path, settings)


def train(
    recipe: Recipe,
    training: data.Photographs,
    validation: data.Photographs,
    out: Path | str | None = None,
    epochs: int | None = None,
    verbose: bool = True,
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
        Print one line an epoch, with the time left.

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

    if not recipe.model:
        raise ValueError(f"recipe '{recipe.name}' learns nothing ({recipe.about}); there is nothing to train.")
    if not len(training) or not len(validation):
        raise ValueError(
            f"{training.source}: {len(training)} photographs to train on and {len(validation)} to validate with; "
            "expected some of each. Take a source with more photographs."
        )
    last = recipe.epochs if epochs is None else epochs
    batches = Batches(
        *recipe.arrays(training),
        recipe.batch_size,
        recipe.seed,
        augment=recipe.augment,
        size=recipe.size,
        gamma=recipe.gamma,
    )
    model = compiled(recipe, steps=last * len(batches))
    folder = Path(out) if out is not None else None
    history: History = {}
    if folder is not None:
        writing.make_folder(folder)
        history = load_checkpoint(folder, model)
        same_run(folder, recipe, training, resumed=bool(history))
    done = len(history.get("loss", []))
    batches.epoch = done

    class Sequence(keras.utils.PyDataset):
        def __len__(self) -> int:
            return len(batches)

        def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
            return batches[index]

        def on_epoch_end(self) -> None:
            batches.epoch += 1

    class Keeper(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.start = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            row = {"loss": float(logs["loss"])}
            seconds = time.perf_counter() - self.start
            row |= validate(recipe, model, validation) | {"seconds": seconds}
            for key, value in row.items():
                history.setdefault(key, []).append(value)
            if folder is not None:
                save_checkpoint(folder, model, history)
            if verbose:
                left = (time.perf_counter() - self.start) * (last - epoch - 1) / 60
                figures = ", ".join(f"{key} {value:.4g}" for key, value in row.items())
                print(f"epoch {epoch + 1}/{last}: {figures}; about {left:.0f} min left", flush=True)

    if done < last:
        # Without shuffle=False, Keras would shuffle the order of the batches once more, and a resumed run would differ.
        model.fit(Sequence(), epochs=last, initial_epoch=done, verbose=0, shuffle=False, callbacks=[Keeper()])
    return in_float32(recipe, model), history


def validate(recipe: Recipe, model: Any, photographs: data.Photographs, batch_size: int = 50) -> dict[str, float]:
    """Return ``val_loss`` and ``val_psnr`` of a network in training, batch by batch to save memory."""
    losses: list[float] = []
    decibels: list[float] = []
    for start in range(0, len(photographs), batch_size):
        part = photographs.select(slice(start, start + batch_size))
        x, y = recipe.arrays(part)
        output = np.asarray(model.predict_on_batch(x), "float32")
        losses.extend(np.asarray(LOSSES[recipe.loss](y, output)))
        decibels.extend(metrics.psnr(part.rgb, recipe.picture(x, output)))
    return {"val_loss": float(np.mean(losses)), "val_psnr": float(np.mean(decibels))}


def run(recipe: Recipe, out: Path | str, source: str | None = None, epochs: int | None = None) -> results.Result:
    """Train `recipe`, measure it and write everything into `out`: checkpoint, weights, results and pictures.

    A recipe without a network is only measured. The test split is measured once, at the end, with the weights as
    they are kept, in fp16. Files: ``<recipe>.weights.h5``, ``<recipe>.json`` and ``<recipe>/*.webp`` (the sample
    as the network colors it).
    """
    out, source = Path(out), source or recipe.source
    parts = data.split(data.load(source, recipe.size))
    model: Any = None
    history: History = {}
    if recipe.model:
        larger = parts["train"]
        if recipe.stored_size != recipe.size:
            larger = data.split(data.load(source, recipe.stored_size))["train"]
        model, history = train(recipe, larger, parts["val"], out, epochs)
        weights = out / f"{recipe.name}.weights.h5"
        zoo.save_weights(model, weights, recipe.name)
        model = zoo.load(recipe, weights)
    sample = data.load("sample", recipe.size)
    result = results.evaluate(recipe, model, parts["test"], "test")
    result |= {"sample": results.evaluate(recipe, model, sample)["metrics"], "history": history}
    shown = results.shown(sample)
    results.write_pictures(out / recipe.name, recipe.predict(model, shown), shown)
    results.write(out / f"{recipe.name}.json", result)
    return result

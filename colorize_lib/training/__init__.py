"""Training: a recipe run on the devices at hand, measured, and kept (taught in chapter 07)."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from colorize_lib import data, results, zoo
from colorize_lib.data.batches import Batches
from colorize_lib.networks import Model
from colorize_lib.recipes import Recipe
from colorize_lib.schema import Result
from colorize_lib.storage import weights_files, writing
from colorize_lib.training.checkpoints import History, alone_in, begun_as
from colorize_lib.training.devices import fastest, in_float32, new_learner, peak_memory_mb
from colorize_lib.training.progress import BEST, Progress


def train(
    recipe: Recipe,
    training: data.Photographs,
    validation: data.Photographs,
    out: Path | str | None = None,
    epochs: int | None = None,
    verbose: bool = True,
    callbacks: Sequence[Any] = (),
    strategy: Any = None,
) -> tuple[Model, History]:
    """Run `recipe` and return the trained colorizer, in float32, and its history.

    Parameters
    ----------
    recipe : Recipe
        What to run.
    training, validation : Photographs
        `training` may be larger than `recipe.size` where the recipe augments: crops are cut from it.
    out : path, optional
        Folder of the checkpoint. A run found there is continued exactly, to the same number of epochs: with more of
        them a cosine schedule has another learning rate from there on.
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
    colorizer, history
        The history has one number an epoch of everything that the learner reports, ``loss`` among it, and of what the
        system measures on validation: ``val_psnr`` (mean over photographs, dB), ``val_loss`` where there is one loss;
        and ``seconds`` (training alone). Where the recipe averages weights, the colorizer has the average, and
        validation measures it; ``loss`` is of the weights before averaging.

    Raises
    ------
    ValueError
        If the recipe learns nothing, there are no photographs or none in color, another run is at work in `out`, the
        checkpoint is damaged or of another run, or the recipe's system can't be trained on several devices or on
        Keras's backend.
    OSError
        If `out` can't be written to. The last checkpoint stays.
    """
    recipe.require_training()
    _require_enough(training, validation)
    folder = Path(out) if out is not None else None
    with alone_in(folder) if folder else nullcontext():
        return _train(recipe, training, validation, folder, epochs, verbose, callbacks, strategy)


def _require_enough(training: data.Photographs, validation: data.Photographs) -> None:
    """Raise a ValueError if there is nothing to learn, or nothing to measure what was learned."""
    if not len(training) or not len(validation):
        raise ValueError(
            f"{training.source}: {len(training)} photographs to train on and {len(validation)} to validate with; "
            f"expected some of each. Take a source with {data.FEWEST} photographs or more that can be read."
        )
    data.require_color(training, "learn from")
    data.require_color(validation, "validate with")


def _train(
    recipe: Recipe,
    training: data.Photographs,
    validation: data.Photographs,
    folder: Path | None,
    epochs: int | None = None,
    verbose: bool = True,
    callbacks: Sequence[Any] = (),
    strategy: Any = None,
) -> tuple[Model, History]:
    """Do what `train` says, in a folder that no other run uses."""
    if strategy is not None:
        recipe.require_one_loss("several devices")
    epochs = recipe.epochs if epochs is None else epochs
    if folder is not None:
        recipe = replace(recipe, precision=begun_as(folder, recipe))
    recipe = fastest(recipe)
    batches = recipe.batches(training)
    with strategy.scope() if strategy else nullcontext():
        learner = new_learner(recipe, steps=epochs * len(batches))
    several = strategy is not None
    progress = Progress(recipe, learner, validation, epochs, folder, several_devices=several, verbose=verbose)
    progress.resume(training)
    if progress.done < epochs:
        _fit(progress, batches, callbacks)
    return in_float32(recipe, learner), progress.history


def _fit(progress: Progress, batches: Batches, callbacks: Sequence[Any]) -> None:
    """Train from the epoch that `progress` stands at up to the last one."""
    from colorize_lib.training.callbacks import EachEpoch, Forecast, Prefetched

    batches.epoch = progress.done
    own = [EachEpoch(progress.keep), *([Forecast()] if progress.verbose else [])]
    progress.learner.fit(
        Prefetched(batches),
        epochs=progress.epochs,
        initial_epoch=progress.done,
        verbose=0,
        shuffle=False,  # else Keras would shuffle the order once more, and a resumed run would differ
        callbacks=[*own, *callbacks],
    )


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
) -> Result:
    """Train `recipe`, measure it and write everything into `out`: checkpoint, weights, results and pictures.

    A recipe that learns nothing is only measured. The test split is measured once, at the end, with the weights as
    they are kept, in fp16; where these are the best epoch's on validation, the last epoch's are measured beside
    (``other``). Files: ``<recipe>.weights.h5``, ``<recipe>.json``, ``<recipe>/*.webp`` (the sample as the
    network colors it) and ``epochs/*.webp`` (two photographs while it learned). A recipe of several seeds is run with
    each, the others in folders ``seed_2`` and so on; the results file has the means of all (``seeds``) and the
    histories of the others (``histories``). `options` go to `train`.
    """
    with alone_in(Path(out)):
        return _run(recipe, Path(out), source or recipe.source, epochs, **options)


def _run(recipe: Recipe, out: Path, source: str, epochs: int | None, **options: Any) -> Result:
    """Do what `run` says, in a folder that no other run uses."""
    if recipe.learns and epochs:
        recipe = replace(recipe, epochs=epochs)  # what the results file says was run
    parts = data.split(data.load(source, recipe.size))
    if recipe.learns:
        _require_enough(parts["train"], parts["val"])
        data.require_color(parts["test"], "measure with")
        recipe, colorizer, about = _trained(recipe, out, source, parts, **options)
    else:
        colorizer, about = zoo.load_model(recipe.name) if recipe.system.has_network else None, {}
    result = results.evaluate(recipe, colorizer, parts["test"], "test")
    result.update(about)  # type: ignore[typeddict-item]
    sample = data.load("sample", recipe.size)
    result["sample"] = results.evaluate(recipe, colorizer, sample)["metrics"]
    shown = results.shown(sample)
    results.write_pictures(out / recipe.name, recipe.system.predict(colorizer, shown), shown)
    if recipe.learns and recipe.seeds > 1:
        result.update(_other_seeds(recipe, out, source, result, **options))  # type: ignore[typeddict-item]
    writing.write_json(out / f"{recipe.name}.json", result)
    return result


def _trained(
    recipe: Recipe, out: Path, source: str, parts: dict[str, data.Photographs], **options: Any
) -> tuple[Recipe, Model, dict[str, Any]]:
    """Train and write the weights; return the recipe as it was run, the colorizer as kept, and what to say of it."""
    colorizer, history = _train(recipe, _training_part(recipe, source, parts), parts["val"], out, **options)
    recipe = replace(recipe, precision=begun_as(out, recipe))
    last, weights = len(history["loss"]), out / f"{recipe.name}{weights_files.SUFFIX}"
    best = int(np.argmax(history[recipe.system.best_by])) + 1
    about: dict[str, Any] = {
        "epoch": last,
        "history": history,
        "seconds_an_epoch": min(history["seconds"]),
        "peak_memory_mb": peak_memory_mb(),
    }
    weights_files.save(colorizer, weights, recipe.name)
    colorizer = zoo.load(recipe, weights)
    if recipe.kept_epoch == "best" and best != last:
        other = results.evaluate(recipe, colorizer, parts["test"], "test")["metrics"]
        about |= {"epoch": best, "other": {"epoch": last, "metrics": other}}
        weights_files.save(zoo.load(recipe, out / BEST), weights, recipe.name)
        colorizer = zoo.load(recipe, weights)
    return recipe, colorizer, about | {"bytes": weights.stat().st_size}


def _other_seeds(recipe: Recipe, out: Path, source: str, result: Result, **options: Any) -> dict[str, Any]:
    """Run the recipe with its other seeds; return the means of all runs, `result`'s included, and their histories."""
    others = {
        str(seed): run(replace(recipe, seed=seed, seeds=1), out / f"seed_{seed}", source, **options)
        for seed in range(recipe.seed + 1, recipe.seed + recipe.seeds)
    }
    return {
        "seeds": {seed: results.means(one) for seed, one in ({str(recipe.seed): result} | others).items()},
        "histories": {seed: one["history"] for seed, one in others.items()},
    }


def _training_part(recipe: Recipe, source: str, parts: dict[str, data.Photographs]) -> data.Photographs:
    """Return the photographs to learn from: at the size that crops are cut from, and only the recipe's fraction."""
    training = parts["train"]
    if recipe.stored_size != recipe.size:
        training = data.split(data.load(source, recipe.stored_size))["train"]
    return recipe.training_subset(training)

"""Devices: a recipe's network made ready to train on what is at hand, in the fastest way (taught in chapter 07)."""

import resource
import sys
import time
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from colorize_lib import data, zoo
from colorize_lib.networks import Model
from colorize_lib.recipes import Recipe

PRECISIONS = ("float32", "mixed_bfloat16")  # measured; float16 needs a loss that is scaled up, and pays on GPUs alone
WARM_UP = 0.05  # part of all steps over which a cosine schedule climbs to its learning rate


def optimizer(recipe: Recipe, steps: int, learning_rate: float | None = None, **settings: Any) -> Any:
    """Return the recipe's optimizer for a run of `steps` steps in all.

    `learning_rate` and Keras's other `settings`, such as ``beta_1``, take the place of the recipe's.
    """
    import keras

    highest = recipe.learning_rate if learning_rate is None else learning_rate
    rate: Any = highest
    if recipe.schedule == "cosine":
        warm_up = max(1, int(WARM_UP * steps))
        rate = keras.optimizers.schedules.CosineDecay(
            0.0, max(1, steps - warm_up), warmup_target=highest, warmup_steps=warm_up
        )
    if recipe.ema_momentum:
        settings = {"use_ema": True, "ema_momentum": recipe.ema_momentum} | settings
    if recipe.optimizer == "adamw":
        return keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay, clipnorm=1.0, **settings)
    return keras.optimizers.Adam(rate, **settings)


def new_learner(recipe: Recipe, steps: int) -> Any:
    """Return the recipe's colorizer in its learner: seeded, in its precision and ready for ``fit``."""
    import keras

    keras.utils.set_random_seed(recipe.seed)
    before = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy(recipe.precision)
    try:
        colorizer = recipe.build()
        if recipe.initial_weights:
            recipe.system.begin(colorizer, zoo.load_model(recipe.initial_weights))
        jit = "auto" if recipe.jit is None else recipe.jit
        return recipe.system.learner(colorizer, partial(optimizer, recipe, steps), jit)
    finally:
        keras.mixed_precision.set_dtype_policy(before)


def fastest(recipe: Recipe, steps: int = 2) -> Recipe:
    """Return the recipe with the precision that trains fastest on this device, if it asks for it.

    Each precision takes a few steps with 8 photographs, and those within a factor of two of the fastest are measured
    again with whole batches. bfloat16 halves the time where the processor has instructions for it, and is 14 times
    slower than float32 where it has none (chapter 07).
    """
    if recipe.precision != "fastest":
        return recipe
    candidates = [one for one in PRECISIONS if one in recipe.system.precisions]
    for batch_size in (8, recipe.batch_size):
        times = [_step_seconds(replace(recipe, precision=one), batch_size, steps) for one in candidates]
        candidates = [one for one, t in zip(candidates, times, strict=True) if t < 2 * min(times)]
        if len(candidates) == 1:
            return replace(recipe, precision=candidates[0])
    return replace(recipe, precision=candidates[int(np.argmin(times))])


def _step_seconds(recipe: Recipe, batch_size: int, steps: int) -> float:
    """Return the seconds of the fastest of some training steps with one batch, after a step that compiles."""
    side = recipe.system.training_side(recipe.size)
    black = np.zeros((batch_size, side, side, 3), "uint8")
    x, y = recipe.system.training_arrays(data.of_arrays(black))
    beside = recipe.system.beside(x, recipe.size)
    seen = x if beside is None else (x, beside)
    learner, seconds = new_learner(recipe, steps + 1), []
    for _ in range(steps + 1):
        start = time.perf_counter()
        learner.train_on_batch(seen, y)
        seconds.append(time.perf_counter() - start)
    return min(seconds[1:])


def in_float32(recipe: Recipe, learner: Any) -> Model:
    """Return a float32 copy of a learner's colorizer, which is how all of them are kept, and measured when trained.

    Where the recipe averages weights, the copy has their moving average from the first step on; the statistics of batch
    normalization, which are moving averages already, are the learner's own. The learner goes on from its own weights.
    """
    copy, colorizer = recipe.build(), learner.colorizer
    if not recipe.ema_momentum or not learner.optimizer.iterations.numpy():
        copy.set_weights(colorizer.get_weights())
        return copy
    own = colorizer.get_weights()
    learner.optimizer.finalize_variable_values(learner.trainable_variables)  # overwrites them, on every kind of device
    copy.set_weights(colorizer.get_weights())
    colorizer.set_weights(own)
    return copy


def all_devices() -> Any:
    """Return a ``tf.distribute.MirroredStrategy`` over the GPUs where there are several, else None."""
    import keras

    if keras.backend.backend() != "tensorflow":
        return None
    import tensorflow as tf

    return tf.distribute.MirroredStrategy() if len(tf.config.list_physical_devices("GPU")) > 1 else None


def peak_memory_mb() -> float:
    """Return the most memory that this process has held so far, in megabytes (10^6 bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6  # macOS counts bytes, Linux kilobytes

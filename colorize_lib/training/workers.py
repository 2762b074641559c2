"""Workers: one recipe trained by several machines at once (shown in chapter 07).

Every machine runs the same command, here the first of two; ``TF_CONFIG`` tells it who takes part and which one it is:

    TF_CONFIG='{"cluster": {"worker": ["10.0.0.1:2222", "10.0.0.2:2222"]}, "task": {"type": "worker", "index": 0}}' \\
    python -m colorize_lib.training.workers ours --data landscape --out runs/ours

Keras 3's `fit` does not run under ``MultiWorkerMirroredStrategy`` (keras-team/keras, issue 20585), so here its loop is
written out, without checkpoints and validation. On one machine, with one GPU or several, use `training`.
"""

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from colorize_lib import data, recipes
from colorize_lib.storage import weights_files, writing
from colorize_lib.training import devices


def train(
    recipe: recipes.Recipe, photographs: data.Photographs, strategy: Any, epochs: int
) -> tuple[Any, list[list[float]]]:
    """Train on all devices of all machines; return the network as it is kept and the loss of each step of each epoch.

    Every machine draws the same batches, as on one device; of n devices each takes every n-th photograph of a batch.
    What a device does alone differs from one device: plain BatchNorm, and clipping its part of the gradient.
    """
    import tensorflow as tf

    recipe.require_one_loss("several machines")
    batches = recipe.batches(photographs)
    replicas = strategy.num_replicas_in_sync
    with strategy.scope():
        learner = devices.new_learner(recipe, steps=epochs * len(batches))

    def on_each_device(x: Any, y: Any, count: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(learner.loss_of(y, learner(x, training=True))) / count
        # Adds up the gradients of all devices.
        learner.optimizer.apply(tape.gradient(loss, learner.trainable_weights))
        return loss

    @tf.function(reduce_retracing=True)
    def step(x: Any, y: Any, count: Any) -> Any:
        return strategy.reduce("SUM", strategy.run(on_each_device, (x, y, count)), axis=None)

    def share(batch: Any) -> Any:
        if isinstance(batch, tuple):  # with what is beside x
            return tuple(share(part) for part in batch)
        return strategy.experimental_distribute_values_from_function(
            lambda device: tf.constant(batch[device.replica_id_in_sync_group :: replicas])
        )

    history = []
    for epoch in range(epochs):
        batches.epoch = epoch
        # A device without a photograph would have no mean to normalize by.
        whole = ((x, y) for x, y in batches if len(y) >= replicas)
        history.append([float(step(share(x), share(y), tf.constant(len(y), "float32"))) for x, y in whole])
        print(f"epoch {epoch + 1}/{epochs}: loss {history[-1][-1]:.4g}", flush=True)
    return devices.in_float32(recipe, learner), history


def main(arguments: Sequence[str] | None = None) -> None:
    """Train a recipe; the first machine writes ``<recipe>.weights.h5`` and, step by step, ``<recipe>.losses.json``."""
    parser = argparse.ArgumentParser("python -m colorize_lib.training.workers")
    parser.add_argument("recipe", metavar="RECIPE")
    parser.add_argument("--data", metavar="SOURCE", help="default: the recipe's")
    parser.add_argument("--out", type=Path, metavar="DIR", required=True)
    parser.add_argument("--epochs", type=int, metavar="N", help="default: the recipe's")
    options = parser.parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    strategy = tf.distribute.MultiWorkerMirroredStrategy()  # before anything is computed: later it would be refused
    recipe = recipes.find(options.recipe)
    if recipe.precision == "fastest":  # machines that measure may choose differently
        recipe = replace(recipe, precision="float32")
    photographs = data.split(data.load(options.data or recipe.source, recipe.stored_size))["train"]
    model, history = train(recipe, recipe.training_subset(photographs), strategy, options.epochs or recipe.epochs)
    if strategy.extended.should_checkpoint:
        weights = options.out / f"{recipe.name}{weights_files.SUFFIX}"
        weights_files.save(model, weights, recipe.name)
        writing.write_json(options.out / f"{recipe.name}.losses.json", {"loss": history})


if __name__ == "__main__":
    main()

"""Run by tests/test_devices.py: `fit` on one device and on two; prints the losses and what is kept, as JSON."""

import functools
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from colorize_lib import data, recipes, training
from colorize_lib.networks import paper

STEPS = 20
BATCH = 10  # five photographs a device
# With batch normalization, float32 enlarges the rounding errors of 1x1 maps step by step, on one processor more than on
# another, until nobody can tell them from an error of method. In float64 they stay far below.
PRECISIONS = {"small_100": "float32", "paper": "float64"}


class Losses(keras.callbacks.Callback):
    """Keeps the loss of each batch; `fit` itself tells the mean since the epoch began."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[float] = []

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.model.reset_metrics()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.kept.append(float(logs["loss"]))


@contextmanager
def synchronized() -> Iterator[None]:
    """Build every BatchNormalization with ``synchronized=True``."""
    plain = keras.layers.BatchNormalization
    keras.layers.BatchNormalization = lambda: plain(synchronized=True)
    yield
    keras.layers.BatchNormalization = plain


def trained(name: str, parts: dict[str, data.Photographs], strategy: Any) -> tuple[list[float], list[float]]:
    """Train `name` at 32x32 for one epoch of as many steps as are compared; return each loss, and what is kept.

    The second list holds the mean square of each array of the kept weights, which are averages over the steps.
    """
    small = {"size": 32, "stored_size": 32, "batch_size": BATCH, "precision": PRECISIONS[name]}
    recipe = replace(recipes.find(name), ema_momentum=0.9, **small)
    part = parts["train"]
    part = part.select(np.arange(STEPS * BATCH) % len(part))  # several times round
    steps = Losses()
    options = {"epochs": 1, "verbose": False, "callbacks": [steps], "strategy": strategy}
    model, _ = training.train(recipe, part, parts["val"], **options)
    return steps.kept, [float(np.mean(weights.astype("float64") ** 2)) for weights in model.get_weights()]


def main() -> None:
    (cpu,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    paper.ENCODER_FILTERS, paper.DECODER_FILTERS = (32, 32, 64, 128, 128), (128, 64, 32, 32, 3)  # a quarter as wide
    data.load = functools.cache(data.load)  # decoding the sample takes as long as the training
    parts = data.split(data.load("sample", 32))
    two = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    result = {name: {"one": trained(name, parts, None), "two": trained(name, parts, two)} for name in PRECISIONS}
    with synchronized():
        result["paper"]["synchronized"] = trained("paper", parts, two)
    json.dump(result | {"devices": two.num_replicas_in_sync}, sys.stdout)


if __name__ == "__main__":
    main()

"""Run by tests/test_backends.py under each backend of Keras: train, and compute what every backend must agree on."""

import functools
import importlib.util
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from colorize_lib import cli, color, data, losses, recipes, zoo
from colorize_lib.storage import weights_files
from colorize_lib.systems import regression
from colorize_lib.training import devices

TRAINED = ("small_100", "paper")  # a U-Net of ours and the paper's network
SIZE = 32


def gradient(function: Callable[[Any], Any], x: np.ndarray) -> np.ndarray:
    """Return the gradient of the sum of `function` at `x`, by whichever backend is in force."""
    if keras.backend.backend() == "jax":
        import jax

        return np.asarray(jax.grad(lambda x: ops.sum(function(x)))(x))
    tensor = ops.convert_to_tensor(x)
    if keras.backend.backend() == "torch":
        tensor.requires_grad_(True)
        ops.sum(function(tensor)).backward()
        return ops.convert_to_numpy(tensor.grad)
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(tensor)
        result = ops.sum(function(tensor))
    return np.asarray(tape.gradient(result, tensor))


def numbers() -> dict[str, np.ndarray]:
    """Return every loss and every conversion of colors, with their gradients, on the same numbers everywhere.

    L, a and b are divided by 100, which is how large they are for a network.
    """
    random = np.random.default_rng(0)
    rgb = random.random((4, 16, 16, 3)).astype("float32")
    rgb[0], rgb[1], rgb[2] = 0, 1, rgb[2, ..., :1]  # black, white, gray: where a slope may be infinite
    lab = color.rgb_to_lab(rgb) * np.array([1, 1.5, 1.5], "float32")  # some outside sRGB
    truth = random.uniform(-1, 1, rgb.shape).astype("float32")
    functions: dict[str, tuple[Callable[[Any], Any], np.ndarray]] = {
        "srgb_to_linear": (color.srgb_to_linear, rgb),
        "linear_to_srgb": (color.linear_to_srgb, rgb),
        "rgb_to_gray": (color.rgb_to_gray, rgb),
        "lightness": (lambda x: color.lightness(x) / 100, rgb),
        "rgb_to_lab": (lambda x: color.rgb_to_lab(x) / 100, rgb),
        "lab_to_linear": (color.lab_to_linear, lab),
        "lab_to_rgb": (color.lab_to_rgb, lab),
    }
    for name, loss in losses.LOSSES.items():
        given = rgb[..., 1:] if name in regression.LAB_ONLY else rgb  # a and b
        told = truth[..., 1:] if name == "perceptual" else truth  # the other of these takes L from the truth
        functions[name] = (lambda x, loss=loss, told=told: loss(ops.convert_to_tensor(told), x), given)
    found = {}
    for name, (function, x) in functions.items():
        found[name] = ops.convert_to_numpy(function(ops.convert_to_tensor(x)))
        found[f"gradient of {name}"] = gradient(function, x)
    return found


def train(name: str, out: Path) -> dict[str, np.ndarray]:
    """Run ``colorize train`` for one epoch at 32x32; return what the network that it wrote makes of the sample."""
    settings = {"size": SIZE, "stored_size": SIZE, "batch_size": 22, "precision": "float32"}
    recipes.RECIPES[name] = replace(recipes.find(name), **settings)
    status = cli.main(["train", name, "--data", "sample", "--out", str(out / name), "--epochs", "1"])
    assert status == 0, f"colorize train {name}: exit status {status}"
    recipe, weights = zoo.locate(out / name / (name + weights_files.SUFFIX))
    inputs = recipe.system.representation.inputs(data.load("sample", SIZE).select(slice(4)))
    return {"inputs": inputs, "outputs": np.asarray(zoo.load(recipe, weights).predict_on_batch(inputs))}


def averages() -> dict[str, np.ndarray]:
    """Train by hand with averages; return a layer's average, as kept, and the mean that it has to be."""
    recipe = replace(recipes.find("small_100"), size=SIZE, stored_size=SIZE, precision="float32", ema_momentum=0.75)
    learner = devices.new_learner(recipe, steps=3)
    batch = recipe.system.training_arrays(data.load("sample", SIZE).select(slice(4)))
    weights = []
    for _ in range(3):
        learner.train_on_batch(*batch)
        weights.append(ops.convert_to_numpy(learner.trainable_weights[0]).copy())
    expected = weights[0]
    for one in weights[1:]:
        expected = 0.75 * expected + 0.25 * one
    kept = ops.convert_to_numpy(devices.in_float32(recipe, learner).trainable_weights[0])
    after = ops.convert_to_numpy(learner.trainable_weights[0])
    return {"kept": kept, "expected": expected, "last": weights[-1], "after": after}


def main(out: Path) -> None:
    data.load = functools.cache(data.load)  # decoding the sample takes as long as the training
    np.savez(out / "numbers.npz", **numbers())
    np.savez(out / "averages.npz", **averages())
    for name in TRAINED:
        np.savez(out / f"{name}.npz", **train(name, out))
    assert importlib.util.find_spec("tensorflow") is None, "TensorFlow is installed, so nothing was shown"


if __name__ == "__main__":
    main(Path(sys.argv[1]))

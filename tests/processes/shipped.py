"""Run by tests/test_backends.py under another release of Keras: load each shipped network and use it."""

import sys
from pathlib import Path

import keras
import numpy as np

from colorize_lib import data, perceptual, zoo


def colored(file: str) -> np.ndarray:
    """Return what the shipped network in `file` gives for some of the sample, [4, height, width, channels]."""
    if file == perceptual.FILE:
        return np.asarray(perceptual.features()(data.lab_arrays(data.load("sample", 64).select(slice(4)))[1])[-1])
    recipe, path = zoo.locate(zoo.models_dir() / file)
    inputs = recipe.inputs(data.load("sample", 64).select(slice(4)))
    return np.asarray(zoo.load(recipe, path).predict_on_batch(inputs))


if __name__ == "__main__":
    outputs = {file: colored(file) for file in zoo.registry() if (zoo.models_dir() / file).is_file()}
    np.savez(Path(sys.argv[1]), **outputs)
    print(keras.__version__)

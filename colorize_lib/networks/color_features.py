"""The network behind the perceptual loss: what it sees in colors is compared (taught in chapter 09).

Johnson et al. (2016) compare features of a network that learned to name what photographs show. The one here is small
and sees only a and b: it learned to tell six scenes apart by their colors, and gives what its layers found.
``python -m colorize_lib.networks.color_features`` trains it and writes its weights.
"""

from functools import cache
from pathlib import Path

import numpy as np

from colorize_lib import data
from colorize_lib.backend import start_keras
from colorize_lib.networks import Model, labels
from colorize_lib.storage import weights_files

FILE = f"color_features{weights_files.SUFFIX}"
FILTERS = (32, 64, 96)  # at 1/2, 1/4 and 1/8 of the size
EPOCHS = 6


def feature_network() -> Model:
    """Build the network that looks at colors.

    Returns
    -------
    keras.Model
        (a, b) / `color.CHROMA_SCALE`, [batch, height, width, 2], to a list of feature maps, at 1/2, 1/4 and 1/8 of the
        size with 32, 64 and 96 channels.
    """
    import keras
    from keras import layers

    inputs = keras.Input((None, None, 2), name="ab")
    x, features = inputs, []
    for width in FILTERS:
        x = layers.Conv2D(width, 3, strides=2, padding="same", activation="relu")(x)
        x = layers.Conv2D(width, 3, padding="same", activation="relu")(x)
        features.append(x)
    return keras.Model(inputs, features, name="color_features")


def learn_features(parts: dict[str, data.Photographs], epochs: int = EPOCHS, seed: int = 1) -> tuple[Model, float]:
    """Train `feature_network` to name the scenes of "train" by their colors, mirrored at random.

    Returns
    -------
    model, accuracy
        The network at the epoch that is best on "val", and the part of "val" that it names rightly.
    """
    import keras
    from keras import layers

    keras.utils.set_random_seed(seed)
    scenes = sorted(set(parts["train"].scenes or []))
    x = {part: data.lab_arrays(parts[part])[1] for part in ("train", "val")}
    y = {part: np.searchsorted(scenes, parts[part].scenes or []) for part in ("train", "val")}
    network = feature_network()
    inputs = keras.Input(x["train"].shape[1:])
    pooled = layers.GlobalAveragePooling2D()(network(layers.RandomFlip("horizontal")(inputs))[-1])
    classifier = keras.Model(inputs, layers.Dense(len(scenes))(pooled))
    return network, labels.learn(classifier, x, y, epochs, verbose=2)


@cache
def features() -> Model:
    """Return the trained feature network; a WeightsError says if its weights are missing."""
    start_keras()
    return weights_files.fill(feature_network(), weights_files.published(FILE), "the perceptual loss")


def main() -> None:
    """Train the feature network on the landscapes and write its weights into data/models."""
    start_keras()
    network, accuracy = learn_features(data.split(data.load("landscape")))
    path: Path = weights_files.models_dir() / FILE
    weights_files.save(network, path, "color_features")
    weights_files.register("color_features")
    print(f"{accuracy:.1%} of the validation photographs are named rightly by their colors. Written to {path}.")


if __name__ == "__main__":
    main()

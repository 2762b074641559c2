"""A colorizer that also learns to name what a photograph shows, after Vitoria et al. 2020 (taught in chapter 25).

The network of `efficientnet` gets a branch at its bottleneck: numbers of the whole photograph, which the decoder hears
at each place, and from which the classes are named in training.
"""

from colorize_lib.networks import Model, Tensor, check_size, classifier
from colorize_lib.networks.efficientnet import (
    BLOCKS,
    CODE,
    DECODER,
    FEATURE_SCALE,
    STEM,
    STRIDE,
    inverted_residual,
)
from colorize_lib.networks.unet import residual_block
from colorize_lib.storage import weights_files
from colorize_lib.storage.weights_files import SUFFIX

WHOLE = 256  # numbers of the whole photograph, as in the publication
NAMER = "chromagan_names"  # the file of what names the classes of `chromagan`, as it was after the last step
NAMER_FILE = NAMER + SUFFIX
ADDED = ("finds", "meaning")  # the layers of the branch that have weights


def class_branch(x: Tensor, filters: int = WHOLE) -> Tensor:
    """Return the numbers of the whole photograph, [batch, 1, 1, filters], of its bottleneck `x`.

    Each is the mean over all places of what one filter finds there. Defined in chapter 25.
    """
    from keras import layers

    found = layers.Conv2D(filters, 1, activation="relu", name="finds")(x)
    return layers.GlobalAveragePooling2D(keepdims=True, name="whole")(found)


def chroma_unet(size: int | None = None) -> Model:
    """Build `efficientnet.efficientnet_unet` with `class_branch` at its bottleneck.

    The numbers of the whole photograph are repeated at each place and concatenated to the bottleneck, and a 1x1
    convolution mixes both; written as the sum of two convolutions (see `fusion.fuse`), of which the branch's starts at
    zero: with the weights of `pretrained` the first answer is that network's.

    Parameters
    ----------
    size : int or None
        Height and width in pixels, a multiple of 16; None for any.

    Returns
    -------
    keras.Model
        L / 100, [batch, size, size, 1], to (a, b) / `color.CHROMA_SCALE`, [batch, size, size, 2].
    """
    import keras
    from keras import layers

    check_size(size, STRIDE)
    inputs = keras.Input((size, size, 1), name="L")
    x = layers.Rescaling(255 / 128, -127 / 128)(inputs)
    x = layers.Conv2D(STEM, 3, strides=2, padding="same", activation="relu6", name="stem")(x)
    skips = []
    for i, block in enumerate(BLOCKS):
        if block.strides == 2:
            skips.append(layers.Rescaling(FEATURE_SCALE)(x))
        x = inverted_residual(x, block, f"block_{i}")
    x = layers.Rescaling(FEATURE_SCALE)(x)
    meaning = layers.Conv2D(CODE, 1, use_bias=False, kernel_initializer="zeros", name="meaning")(class_branch(x))
    x = residual_block(layers.Add()([layers.Conv2D(CODE, 1, name="places")(x), meaning]), CODE)
    for width, skip in zip(DECODER, reversed(skips), strict=True):
        x = layers.UpSampling2D(interpolation="nearest")(layers.Conv2D(width, 1)(x))
        x = layers.Conv2D(width, 1)(layers.Concatenate()([x, skip]))
        x = residual_block(x, width)
    last = layers.Conv2DTranspose(
        2, 4, strides=2, padding="same", kernel_initializer="zeros", dtype="float32", name="ab"
    )
    return keras.Model(inputs, last(x), name="chromagan")


def begin(colorizer: Model, start: Model) -> None:
    """Give a `chroma_unet` the numbers of an `efficientnet.efficientnet_unet`; the branch keeps its own."""
    own = [layer for layer in colorizer.layers if layer.weights and layer.name not in ADDED]
    for layer, other in zip(own, [one for one in start.layers if one.weights], strict=True):
        layer.set_weights(other.get_weights())


def seen(colorizer: Model) -> Model:
    """Return the network from L / 100 to (a, b) / 110 and to the numbers of the whole photograph, of one colorizer."""
    import keras

    return keras.Model(colorizer.input, [colorizer.output, colorizer.get_layer("whole").output])


def namer() -> Model:
    """Build what names the classes: `WHOLE` numbers, [batch, 1, 1, WHOLE], to logits, [batch, `classifier.CLASSES`].

    A photograph is colored without it.
    """
    import keras
    from keras import layers

    whole = keras.Input((1, 1, WHOLE), name="whole")
    return keras.Model(whole, layers.Dense(classifier.CLASSES, name="classes")(layers.Flatten()(whole)), name="names")


def load_namer() -> Model:
    """Return `namer` with its weights, as it was after the last step of `chromagan`; a WeightsError if it can't."""
    return weights_files.fill(namer(), weights_files.published(NAMER_FILE), "what names the classes")

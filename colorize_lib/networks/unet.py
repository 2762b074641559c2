"""The course's own network, a residual U-Net from L to a and b (taught in chapter 08)."""

from colorize_lib.networks import Model, Tensor, check_size

UNET_FILTERS = (32, 64, 96, 160)  # multiples of 32 train twice as fast as their neighbors on a CPU
HALF_FILTERS = (16, 32, 48, 80)  # for experiments that are run many times
UNET_BLOCKS = (1, 1, 2, 1)
UNET_STRIDE = 2 ** len(UNET_FILTERS)  # 16


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
    keep color coarser than lightness. L itself never passes through it.
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

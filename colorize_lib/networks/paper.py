"""The paper's network, layer by layer as in the notebook behind it (taught in chapters 04 to 06)."""

from colorize_lib.networks import Model, Tensor, check_size

SLOPE = 0.3  # LeakyReLU's slope below zero: Keras's default, kept by the notebook
ENCODER_FILTERS = (128, 128, 256, 512, 512)
DECODER_FILTERS = (512, 256, 128, 128, 3)
STRIDE = 2 ** len(ENCODER_FILTERS)  # 32: how much smaller than the picture the code is


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

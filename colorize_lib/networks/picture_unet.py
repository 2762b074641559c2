"""Networks from a picture in R, G, B to another one, and what makes a colorizer of such a network (chapter 24)."""

from colorize_lib import color
from colorize_lib.networks import Model, Tensor, check_size
from colorize_lib.networks.critic import KERNEL, SLOPE, STRIDED
from colorize_lib.networks.unet import residual_block

WIDTH = 16  # channels at half the size; each level that follows has as many more
LEVELS = 4
STRIDE = 2**LEVELS
GENERATOR = "generator"  # the layer of a colorizer that paints
COLOR_GAIN = 4.0  # of what sets R and B apart from the gray, for critics: it spreads far less than the gray does


def picture_unet(size: int | None = None, width: int = WIDTH, name: str = GENERATOR) -> Model:
    """Build a residual U-Net from R, G, B to R, G, B. Defined in chapter 24.

    Parameters
    ----------
    size : int or None
        Height and width in pixels, a multiple of 16; None for any.
    width : int
        Channels at half the size. With 16 there are 263,523 parameters.
    name : str
        Of the model.

    Returns
    -------
    keras.Model
        [batch, size, size, 3] to the same, in [0, 1] but not bounded: what goes in, and a change that the network adds.
        The change starts at zero, so the untrained network gives back what it gets.
    """
    import keras
    from keras import layers

    check_size(size, STRIDE)
    inputs = keras.Input((size, size, 3), name="picture")
    x, skips = layers.Rescaling(2.0, -1.0)(inputs), []
    for level in range(LEVELS):
        channels = width * (level + 1)
        x = layers.Conv2D(channels, 4 if level == 0 else 3, strides=2, padding="same")(x)
        x = residual_block(x, channels)
        skips.append(x)
    for skip in reversed(skips[:-1]):
        channels = skip.shape[-1]
        x = layers.UpSampling2D(interpolation="nearest")(layers.Conv2D(channels, 1)(x))
        x = layers.Conv2D(channels, 1)(layers.Concatenate()([x, skip]))
        x = residual_block(x, channels)
    change = layers.Conv2DTranspose(3, 4, strides=2, padding="same", kernel_initializer="zeros", name="change")(x)
    return keras.Model(inputs, layers.Add(name="painted")([inputs, change]), name=name)


def picture_critic(receptive_field: int = 34, filters: int = 16) -> Model:
    """Build a critic of patches that sees one picture and nothing else.

    The layers of `critic.patch_critic`, but R, G, B in place of L and a picture: nobody can tell such a critic which
    photograph the colors should fit. It sees the gray of the picture, and `COLOR_GAIN` times what sets R and B apart
    from it.

    Parameters
    ----------
    receptive_field : int
        16, 34 or 70 pixels a side.
    filters : int
        Channels after the first layer. With 16 and 34 pixels there are 42,865 parameters.

    Returns
    -------
    keras.Model
        [batch, height, width, 3], R, G, B in [0, 1], to a map [batch, height / stride, width / stride, 1] of numbers
        without bounds: the larger, the more real.
    """
    import keras
    from keras import layers

    inputs = keras.Input((None, None, 3), name="picture")
    x, strided = seen(inputs), STRIDED[receptive_field]
    for k in range(strided + 1):
        x = layers.Conv2D(filters * 2**k, KERNEL, strides=2 if k < strided else 1, padding="same")(x)
        x = layers.LeakyReLU(negative_slope=SLOPE)(x)
    return keras.Model(inputs, layers.Conv2D(1, KERNEL, padding="same", name="says")(x), name="critic")


def seen(rgb: Tensor) -> Tensor:
    """Return what a critic sees of R, G, B: gray in [-1, 1], and how far R and B are from it, shape [..., 3]."""
    from keras import ops

    gray = color.rgb_to_gray(rgb)
    return ops.concatenate(
        [2 * gray - 1, COLOR_GAIN * (rgb[..., :1] - gray), COLOR_GAIN * (rgb[..., 2:] - gray)], axis=-1
    )


def as_colorizer(generator: Model) -> Model:
    """Make a colorizer of a network that paints pictures; its layers are shared.

    Returns
    -------
    keras.Model
        L / 100, [batch, height, width, 1], to (a, b) / `color.CHROMA_SCALE`, [batch, height, width, 2]: the generator
        sees the gray of this lightness in three equal channels, and of what it paints, clipped to sRGB, a and b are
        taken. The lightness that it paints is lost.
    """
    import keras
    from keras import ops

    light = keras.Input((*generator.input_shape[1:3], 1), name="L")
    painted = generator(ops.repeat(color.gray_of_lightness(100 * light), 3, axis=-1))
    ab = color.rgb_to_lab(ops.clip(painted, 0, 1))[..., 1:] / color.CHROMA_SCALE
    return keras.Model(light, ab, name="painter_of_pictures")


def generator_of(colorizer: Model) -> Model:
    """Return the network that paints in a colorizer of `as_colorizer`."""
    return colorizer.get_layer(GENERATOR)

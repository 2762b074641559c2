"""Networks that paint lightness beside color, as Nazeri, Ng and Ebrahimi 2018 have it (taught in chapter 23).

While it learns, such a network gives three channels of Lab. What ships is a network from L to a and b that shares its
layers: a photograph keeps the lightness that it has.
"""

from colorize_lib.networks import Model

AB = "ab"  # the last layer of `unet` and `efficientnet`
LAB = "lab"  # the last layer of a network with lightness


def with_lightness(network: Model) -> Model:
    """Give a network from L to a and b a last layer of three channels, of which the colorizer gives a and b.

    Parameters
    ----------
    network : keras.Model
        Of `unet` or `efficientnet`; its other layers are shared.

    Returns
    -------
    keras.Model
        L / 100, [batch, height, width, 1], to (a, b) / `color.CHROMA_SCALE`, [batch, height, width, 2]. See `painting`
        for what its layer `LAB` gives. It starts at zero: before it learns, every photograph stays gray.
    """
    import keras
    from keras import layers

    last = layers.Conv2DTranspose(
        3, 4, strides=2, padding="same", kernel_initializer="zeros", dtype="float32", name=LAB
    )
    return keras.Model(network.input, last(network.get_layer(AB).input)[..., 1:], name="painter")


def painting(colorizer: Model) -> Model:
    """Return the network that paints lightness, too, of a colorizer of `with_lightness`, whose layers it shares.

    L / 100 to (L / 50 - 1, a / `color.CHROMA_SCALE`, b / `color.CHROMA_SCALE`), [batch, height, width, 3]. The first
    channel of the layer `LAB` is added to the lightness that goes in, because a network that works at half the size
    can't give back what is finer.
    """
    import keras
    from keras import ops

    light, lab = colorizer.input, colorizer.get_layer(LAB).output
    return keras.Model(light, ops.concatenate([2 * light - 1 + lab[..., :1], lab[..., 1:]], axis=-1), name="painting")


def begin(colorizer: Model, start: Model) -> None:
    """Give a colorizer of `with_lightness` the numbers of `start`, one like it or a network from L to a and b.

    Of the latter it takes over the colors; the lightness that it paints is then the one that goes in.
    """
    import keras

    names = [LAB if any(layer.name == LAB for layer in one.layers) else AB for one in (colorizer, start)]
    own, other = (one.get_layer(name) for one, name in zip((colorizer, start), names, strict=True))
    trunks = (keras.Model(one.input, layer.input) for one, layer in ((colorizer, own), (start, other)))
    mine, theirs = trunks
    mine.set_weights(theirs.get_weights())
    weights = own.get_weights()
    for value, given in zip(weights, other.get_weights(), strict=True):
        if value.ndim == 4:  # a transposed convolution's kernel: height, width, channels out, channels in
            value[:, :, -given.shape[2] :] = given
        else:
            value[-len(given) :] = given
    own.set_weights(weights)

"""A U-Net whose bottleneck hears what the whole photograph shows, after Baldassarre et al. 2017 (taught in chapter 22).

Their network repeats the embedding of a frozen classifier at each place of the bottleneck, puts it behind what the
encoder found there, and lets a 1x1 convolution mix both.
"""

from colorize_lib.networks import Model, Tensor, check_size, classifier, unet
from colorize_lib.storage.weights_files import LEARNED


def fuse(x: Tensor, embedding: Tensor | None, filters: int) -> Tensor:
    """Repeat `embedding` at each place of `x`, concatenate, and let a 1x1 convolution mix both.

    A 1x1 convolution of two things behind each other is the sum of two 1x1 convolutions. That of the embedding has the
    same result at each place, so it is computed once, and the sum spreads it. Without an embedding its part is missing.
    Defined in chapter 22.

    Parameters
    ----------
    x : tensor, shape [batch, height, width, channels]
        The bottleneck.
    embedding : tensor, shape [batch, 1, 1, numbers]
        The photograph's.
    filters : int
        Channels of the answer.
    """
    from keras import layers

    mixed = layers.Conv2D(filters, 1, name="places")(x)
    if embedding is not None:
        mixed = layers.Add()([mixed, layers.Conv2D(filters, 1, use_bias=False, name="meaning")(embedding)])
    return layers.ReLU()(mixed)


def directions(embedding: Tensor) -> Tensor:
    """Return embeddings with a mean square of 1; zeros stay zeros.

    How large the classifier's numbers are depends on the size at which it sees a photograph: at 128 pixels they are
    two and a half times as large as at 224. Which of them are large beside the others depends on it less.
    """
    from keras import layers

    unit = layers.UnitNormalization(axis=-1)(embedding)
    return layers.Rescaling(classifier.NUMBERS**0.5)(unit)


def painter(
    size: int | None = None,
    filters: tuple[int, ...] = unet.UNET_FILTERS,
    blocks: tuple[int, ...] = unet.UNET_BLOCKS,
    hears: bool = True,
) -> Model:
    """Build the part that learns: `unet.unet` with `fuse` in its middle.

    Parameters
    ----------
    size, filters, blocks
        See `unet.unet`.
    hears : bool
        Whether it takes an embedding.

    Returns
    -------
    keras.Model
        [L / 100, embedding], [batch, size, size, 1] and [batch, 1, 1, `classifier.NUMBERS`], or L / 100 alone, to
        (a, b) / `color.CHROMA_SCALE`, [batch, size, size, 2].
    """
    import keras
    from keras import layers

    check_size(size, 2 ** len(filters))
    light = keras.Input((size, size, 1), name="L")
    x, skips = light, []
    for level, width in enumerate(filters):
        x = layers.Conv2D(width, 3 if level else 4, strides=2, padding="same")(x)
        for _ in range(blocks[level]):
            x = unet.residual_block(x, width)
        skips.append(x)
    embedding = keras.Input((1, 1, classifier.NUMBERS), name="embedding") if hears else None
    x = fuse(x, None if embedding is None else directions(embedding), filters[-1])
    for width, skip in zip(reversed(filters[:-1]), reversed(skips[:-1]), strict=True):
        x = layers.UpSampling2D(interpolation="nearest")(layers.Conv2D(width, 1)(x))
        x = layers.Conv2D(width, 1)(layers.Concatenate()([x, skip]))
        x = unet.residual_block(x, width)
    ab = layers.Conv2DTranspose(2, 4, strides=2, padding="same", dtype="float32", name="ab")(x)
    return keras.Model(light if embedding is None else [light, embedding], ab, name=LEARNED)


def with_classifier(learned: Model, size: int | None = None, enlarge: int = 1) -> Model:
    """Put the frozen classifier beside a `painter`: a network from L alone.

    Parameters
    ----------
    learned : keras.Model
        It takes an embedding.
    size : int or None
        Height and width in pixels.
    enlarge : int
        The classifier sees L enlarged by this factor, interpolated linearly.

    Returns
    -------
    keras.Model
        L / 100, [batch, size, size, 1], to (a, b) / `color.CHROMA_SCALE`, [batch, size, size, 2].
    """
    import keras
    from keras import layers

    light = keras.Input((size, size, 1), name="L")
    seen = layers.UpSampling2D(enlarge, interpolation="bilinear")(light) if enlarge > 1 else light
    return keras.Model(light, learned([light, classifier.load()(seen)]), name="fusion")

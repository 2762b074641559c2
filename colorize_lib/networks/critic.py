"""Critics that look at patches of a photograph and say of each how real its color is (taught in chapter 23).

A PatchGAN critic gives a map instead of one number (Isola et al. 2017, section 3.2.2). Each place of the map depends on
a square patch of the photograph, whose side is the critic's receptive field. `python -m colorize_lib.networks.critic
FOLDER NAME` takes the critic out of the checkpoint of a run and ships it under that name.
"""

import json
import sys
from pathlib import Path

import numpy as np

from colorize_lib.backend import start_keras
from colorize_lib.networks import Model, check_size, variable_paths
from colorize_lib.storage import weights_files

KERNEL = 4  # pixels a side of every kernel
STRIDED = {16: 1, 34: 2, 70: 3}  # receptive field in pixels: how many layers halve the size
FILTERS = 32  # channels after the first layer; each layer that follows has twice as many
SLOPE = 0.2  # of LeakyReLU below zero
# a and b / 110 spread by about .13 over the landscapes, lightness in [-1, 1] by about .5. Unless color is made larger,
# the first kernels see little but lightness, which is the same in the true and in the colored photograph.
COLOR_GAIN = 4.0
SHIPPED = "pix2pix_critic"  # the critic that `shipped` returns
SHIPPED_FIELD = 34  # its receptive field


def patch_critic(
    receptive_field: int = SHIPPED_FIELD, filters: int = FILTERS, channels: int = 2, size: int | None = None
) -> Model:
    """Build a critic whose answer at each place depends on a patch of the photograph. Defined in chapter 23.

    Layers with stride 2 (named ``strided_0``, ``strided_1``, ...), each twice as wide as the one before, then two with
    stride 1, ``wide`` and ``says``; all have 4 x 4 kernels. There is no batch normalization, which would make what is
    said of one photograph depend on the others in its batch.

    Parameters
    ----------
    receptive_field : int
        16, 34 or 70 pixels a side, which one, two or three strided layers see.
    filters : int
        Channels after the first layer. With 32, a critic of 34 px has 167,649 parameters.
    channels : int
        Of the picture that is judged: 2 for a and b, 3 for lightness, a and b.
    size : int or None
        Height and width in pixels, a multiple of the stride (2, 4 or 8); None for any.

    Returns
    -------
    keras.Model
        ``[L, picture]`` to a map [batch, size / stride, size / stride, 1] of numbers without bounds: the larger, the
        more real. L is L / 100, [batch, size, size, 1]; the picture is (a, b) / `color.CHROMA_SCALE`, [batch, size,
        size, 2], with L / 50 - 1 before them where it has three channels.

    Raises
    ------
    ValueError
        If there is no such receptive field, or the stride doesn't divide the size.
    """
    import keras
    from keras import layers

    if receptive_field not in STRIDED:
        raise ValueError(f"receptive_field is {receptive_field}; expected one of: {', '.join(map(str, STRIDED))}.")
    strided = STRIDED[receptive_field]
    check_size(size, 2**strided)
    light = keras.Input((size, size, 1), name="L")
    picture = keras.Input((size, size, channels), name="picture")
    gain = [1.0] * (channels - 2) + [COLOR_GAIN] * 2
    x = layers.Concatenate(name="pair")(
        [layers.Rescaling(2.0, -1.0, name="lightness")(light), layers.Rescaling(gain, name="color")(picture)]
    )
    for k in range(strided):
        x = layers.Conv2D(filters * 2**k, KERNEL, strides=2, padding="same", name=f"strided_{k}")(x)
        x = layers.LeakyReLU(negative_slope=SLOPE)(x)
    x = layers.Conv2D(filters * 2**strided, KERNEL, padding="same", name="wide")(x)
    x = layers.LeakyReLU(negative_slope=SLOPE)(x)
    x = layers.Conv2D(1, KERNEL, padding="same", name="says")(x)
    return keras.Model([light, picture], x, name="critic")


def receptive_field(critic: Model) -> int:
    """Return how many pixels a side one place of a critic's map depends on. Defined in chapter 23.

    Counted from the last layer to the first: a layer with kernel k and stride s turns a patch of r of its outputs into
    one of ``(r - 1) s + k`` of its inputs.
    """
    from keras import layers

    pixels = 1
    for layer in reversed([one for one in critic.layers if isinstance(one, layers.Conv2D)]):
        pixels = (pixels - 1) * layer.strides[0] + layer.kernel_size[0]
    return pixels


def shipped() -> Model:
    """Return the critic that `pix2pix` was trained against, as it was after the last step; a WeightsError if it can't.

    See `patch_critic` for what it takes.
    """
    start_keras()
    file = SHIPPED + weights_files.SUFFIX
    return weights_files.fill(patch_critic(SHIPPED_FIELD), weights_files.published(file), "the critic")


def of_checkpoint(folder: Path) -> Model:
    """Return the critic in the checkpoint of a run of the system `conditional_gan`."""
    start_keras()
    options = json.loads((folder / "settings.json").read_text(encoding="utf-8"))["recipe"]["options"]
    channels = 3 if options["paints_lightness"] else 2
    critic = patch_critic(options["receptive_field"], options["critic_filters"], channels)
    with np.load(folder / "checkpoint.npz") as stored:
        for path, variable in variable_paths(critic).items():
            variable.assign(stored[f"critic/{path}"])
    return critic


def main(folder: str, name: str) -> None:
    """Write the critic of a run into data/models."""
    path = weights_files.models_dir() / (name + weights_files.SUFFIX)
    weights_files.save(of_checkpoint(Path(folder)), path, name)
    weights_files.register(name)
    print(f"Written to {path}.")


if __name__ == "__main__":
    main(*sys.argv[1:3])

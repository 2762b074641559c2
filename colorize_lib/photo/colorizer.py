"""Colorizer: photograph in, photograph out, any size (taught in chapter 08).

Color is predicted from a small copy and enlarged; lightness comes from the
photograph itself, pixel by pixel, so that nothing that was sharp becomes
blurred. Where the predicted color at that lightness is outside sRGB, chroma
gives way and lightness stays (`color.fit_gamut`).
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from colorize_lib import color, data, hints, zoo
from colorize_lib.data.reading import Photo, read
from colorize_lib.hints import Hint
from colorize_lib.networks import unet
from colorize_lib.photo import hint_files, writer
from colorize_lib.photo.hint_files import PixelHint
from colorize_lib.settings import MODEL

WORKING_SIDE = 256  # pixels of the short side at which color is predicted
LONGEST_SIDE = 1024  # of the long side: a panorama beyond 4:1 is made smaller as a whole
STRIPE = 2**15  # pixels worked on at once: with their floats they fit the processor's cache
LIGHT_STEPS = 2**16 - 1  # of the table from linear light to 8 bits: 20 for each step near black
MODES = ("L", "LA", "RGB", "RGBA")


@dataclass(frozen=True)
class Written:
    """A colorized photograph on disk, and what its owner should know about it."""

    path: Path
    notes: list[str] = field(default_factory=list)


def working_size(width: int, height: int, multiple: int = unet.UNET_STRIDE) -> tuple[int, int]:
    """Return width and height at which color is predicted.

    The photograph is scaled so that its short side is `WORKING_SIDE`, or its long side
    `LONGEST_SIDE` if that is smaller; then each side is rounded to the nearest `multiple`
    (halves up), at least one. Nothing is padded: the photograph is squashed by at most
    half a multiple, and its colors are stretched back.
    """
    scale = min(WORKING_SIDE / min(width, height), LONGEST_SIDE / max(width, height))
    across, down = (max(1, int(side * scale / multiple + 0.5)) * multiple for side in (width, height))
    return across, down


class Colorizer:
    """Colors photographs with one trained network.

    Parameters
    ----------
    name : str or path
        A recipe with published weights, or a ``.weights.h5`` file. It is loaded when the
        first photograph is colored.
    """

    def __init__(self, name: str | Path = MODEL) -> None:
        """Remember which network; a ValueError says if there is none of that name."""
        self.recipe, self.weights = zoo.locate(name)

    @cached_property
    def model(self) -> Any:
        """The trained keras.Model."""
        return zoo.load(self.recipe, self.weights)

    def predict_ab(self, rgb: Image.Image, asked: Sequence[Hint] = ()) -> np.ndarray:
        """Return a and b of the photograph at its working size, float32 [height, width, 2].

        Hints are followed there, by `hints.follow`, with the lightness of the photograph at this size.
        """
        size = working_size(*rgb.size, self.recipe.system.stride)
        small = np.asarray(rgb.resize(size, Image.Resampling.BICUBIC))
        represented = self.recipe.system.representation
        output = self.model(represented.inputs(data.of_arrays(small[None])), training=False)
        ab = represented.ab(np.asarray(output, "float32"))[0]
        return hints.follow(color.lightness(small)[..., 0], ab, asked) if asked else ab

    def colorize(self, image: Image.Image, asked: Sequence[Hint] = ()) -> Image.Image:
        """Color one photograph.

        Parameters
        ----------
        image : PIL.Image.Image
            Upright and in sRGB, as `reading.open_photo` returns it, of any size; any mode
            with 8 bits a channel. If it has colors, they are replaced.
        asked : sequence of Hint
            Colors that a person asks for, which the network's colors follow.

        Returns
        -------
        PIL.Image.Image
            The same size; mode "RGBA" with the same alpha where `image` has one, else
            "RGB". Its L* is the photograph's, but for rounding to 8 bits.

        Raises
        ------
        ValueError
            If the image has 16 or 32 bits a channel.
        """
        if image.mode not in MODES:
            if image.mode[0] in "IF":
                raise ValueError(f"an image of mode {image.mode}; expected 8 bits a channel: read it with open_photo.")
            image = image.convert("RGBA" if image.has_transparency_data else "RGB")
        alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
        rgb = image.convert("RGB")
        ab = self.predict_ab(rgb, asked)
        colored = Image.new("RGB", rgb.size)
        for top, stripe in _recolored(rgb, ab):
            colored.paste(Image.fromarray(stripe), (0, top))
        if alpha is not None:
            colored.putalpha(alpha)
        return colored

    def colorize_file(self, source: Path | str, target: Path | str, asked: Sequence[Hint | PixelHint] = ()) -> Written:
        """Color the photograph in `source` and write it to `target`, whose ending says the format.

        Parameters
        ----------
        source : path
            Anything `reading.open_photo` reads.
        target : path
            Ends in .jpg, .png, .webp, .tif or .bmp; see `writer.result_name` for the same format as `source`.
        asked : sequence of Hint or PixelHint
            Colors that a person asks for. The file's metadata name them.

        Returns
        -------
        Written
            Where it is, and notes: what the photograph lost on its way.

        Raises
        ------
        PhotoError
            If `source` can't be read.
        ValueError
            If `target` can't hold the result or is `source` itself, or a hint is outside the photograph.
        OSError
            If `target` can't be written. No part of a file is left.
        """
        source, target = Path(source), Path(target)
        wanted = writer.format_of(target)
        if target.exists():
            if source.exists() and target.samefile(source):
                raise ValueError(
                    f"{target}: this is the photograph itself, which is never overwritten; choose another name."
                )
            if not wanted.exif:
                raise ValueError(
                    f"{target}: is there already, and a {wanted.name} file can't say whether it is a result of the "
                    "course, so it is not replaced; move it away, or choose another name or ending, such as .png."
                )
            if not writer.is_result(target):
                raise ValueError(
                    f"{target}: is there already and is no result of the course, so it is not replaced; "
                    "choose another name, or move it away."
                )
        return self.colorize_photo(read(source), source, target, wanted, asked)

    def colorize_photo(
        self,
        photo: Photo,
        source: Path,
        target: Path,
        wanted: writer.Format,
        asked: Sequence[Hint | PixelHint] = (),
    ) -> Written:
        """Color a photograph that was read from `source`, and write it. See `colorize_file`."""
        writer.check_fits(photo.image.size, photo.image.mode in ("LA", "RGBA"), source, target, wanted)
        try:
            followed = hint_files.placed(asked, *photo.image.size)
        except ValueError as error:
            raise ValueError(f"{source}: {error}") from None
        about, notes = writer.stamp(photo.about, self.recipe.name, hints.said(followed))
        dpi = writer.upright_dpi(photo.about)
        writer.write(self.colorize(photo.image, followed), target, wanted, about, dpi)
        return Written(target, writer.losses(photo, wanted) + notes)


def _recolored(rgb: Image.Image, ab: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Yield (top row, uint8 [rows, width, 3]): the photograph's L* with the colors of `ab`.

    Row stripes keep the memory small, one thread a core: NumPy and Pillow compute
    outside of Python's lock.
    """
    planes = [Image.fromarray(np.ascontiguousarray(ab[..., i])) for i in range(2)]
    width, height = rgb.size
    rows = max(1, STRIPE // width)
    downscale = ab.shape[0] / height

    def stripe(top: int) -> tuple[int, np.ndarray]:
        bottom = min(top + rows, height)
        # `box` counts in fractions of small pixels, and Pillow looks past its edge: stripes meet without a seam.
        box = (0, top * downscale, ab.shape[1], min(bottom * downscale, ab.shape[0]))
        size = (width, bottom - top)
        a, b = (np.asarray(plane.resize(size, Image.Resampling.BILINEAR, box)) for plane in planes)
        return top, _recolor(np.asarray(rgb.crop((0, top, width, bottom))), a, b)

    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        yield from pool.map(stripe, range(0, height, rows))


def _recolor(rgb: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return uint8 [rows, width, 3] with L* of `rgb` and, as far as sRGB holds them, these a and b."""
    light = _LINEAR_OF_SRGB8[rgb]
    y = light @ color.RGB_TO_XYZ[1]
    lab = np.stack([116 * color.lab_curve(y) - 16, a, b], axis=-1)
    linear = color.lab_to_linear(color.fit_gamut(lab))
    return _SRGB8_OF_LINEAR[np.rint(np.clip(linear, 0, 1) * np.float32(LIGHT_STEPS)).astype("uint16")]


# Powers are the dear part of both gamma curves. Tables hold them: one entry for each 8-bit value,
# and one for each of LIGHT_STEPS amounts of light.
_LINEAR_OF_SRGB8 = color.srgb_to_linear(np.arange(256, dtype="float32") / 255)
_SRGB8_OF_LINEAR = color.as_uint8(color.linear_to_srgb(np.arange(LIGHT_STEPS + 1, dtype="float32") / LIGHT_STEPS))

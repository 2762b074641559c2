"""One photograph file, read right or refused with one clear sentence."""

import io
import logging
import os
import re
import stat
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

from colorize_lib.backend import stderr_held
from colorize_lib.data import metadata
from colorize_lib.data.metadata import About

# Names under which sRGB itself travels: converting from it would move colors by a rounding step for nothing.
SRGB_NAMES = ("sRGB", "sRGB IEC61966-2.1", "sRGB built-in", "c2")
TRANSFORM_FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION
TURNS = {  # EXIF's orientation: how to turn the picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
LARGEST = 2**30  # bytes: the largest picture that Pillow reads has fewer, uncompressed and with 16 bits a channel
DISPLAY_GAMMA, CLOSE = 2.2, 0.05  # as browsers show a PNG that says its gamma; what is that close to it stays as it is
KNOWN = "expected JPEG, PNG, WebP, TIFF or GIF"
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
logging.getLogger("PIL").addHandler(logging.NullHandler())  # its lines about odd files: what matters is said here


class PhotoError(ValueError):
    """A photograph that can't be read.

    Parameters
    ----------
    path : Path
        The file.
    fault : str
        One of "missing", "empty", "not an image", "truncated", "damaged", "too large", "no permission", "folder".
    reason : str
        What was found, what was expected, and what to do; ``str(error)`` is the path and this.
    """

    def __init__(self, path: Path, fault: str, reason: str) -> None:
        """Make one sentence of the path and the reason."""
        super().__init__(f"{path}: {reason}.")
        self.path, self.fault, self.reason = path, fault, reason


@dataclass(frozen=True)
class Photo:
    """A photograph and what its file says beside its pixels."""

    image: Image.Image  # mode "L", "LA", "RGB" or "RGBA", upright and in sRGB
    about: About
    format: str  # Pillow's name


def open_photo(path: Path | str) -> Image.Image:
    """Read a photograph upright and in sRGB, whatever its mode.

    EXIF rotation is applied, ICC profiles (Display P3, Adobe RGB, CMYK inks) are converted, palettes are expanded,
    12- and 16-bit gray is scaled to 8 bits, and of an animation the first frame is taken.

    Parameters
    ----------
    path : Path or str
        The file.

    Returns
    -------
    PIL.Image.Image
        Mode "L", "LA", "RGB" or "RGBA", 8 bits a channel.

    Raises
    ------
    PhotoError
        If the file is missing, empty, truncated, not an image, or larger than Pillow's limit for honest pictures.
    """
    return read(path).image


def read(path: Path | str) -> Photo:
    """Read a photograph as `open_photo` does, and what its file says about it. The file is read once."""
    path = Path(path)
    data = _bytes(path)
    pixels, about = metadata.split(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on harmless oddities
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with _open(pixels) as image:
                _load(image)
                kind = image.format or ""
                _take_notes(about, image)
                image = _to_srgb(image, about, path)
    except PhotoError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        found = int(re.findall(r"\d+", str(error))[0])
        reason = f"{found:,} pixels, expected at most {Image.MAX_IMAGE_PIXELS:,}; make it smaller"
        raise PhotoError(path, "too large", reason) from None
    except MemoryError:
        raise
    except Image.UnidentifiedImageError:
        raise _unidentified(path, data, about) from None
    except Exception as error:  # each of Pillow's decoders has errors of its own for damaged data
        fault = "truncated" if "truncated" in str(error).lower() or isinstance(error, EOFError) else "damaged"
        text = str(error).replace("\n", " ")
        found_text = f"truncated after {len(data):,} bytes" if fault == "truncated" else f"damaged ({text})"
        raise PhotoError(path, fault, f"{found_text}, expected a whole image; get the file again") from None
    if about.orientation in TURNS:
        image = image.transpose(TURNS[about.orientation])
    image.info = {}  # nothing that Pillow would write into a copy
    return Photo(image, about, kind)


def _bytes(path: Path) -> bytes:
    """Return what the file holds. A pipe gives it only once."""
    try:
        with open(path, "rb") as file:
            found = os.fstat(file.fileno())
            data = b"" if stat.S_ISREG(found.st_mode) and found.st_size > LARGEST else file.read(LARGEST + 1)
    except FileNotFoundError:
        raise PhotoError(path, "missing", "no such file, expected a photograph; check the path") from None
    except IsADirectoryError:
        raise PhotoError(path, "folder", "a folder, expected a photograph; name a file in it") from None
    except PermissionError:
        raise PhotoError(path, "no permission", "no permission to read it; change its permissions") from None
    except OSError as error:
        reason = f"it could not be read ({error.strerror or error}), expected a photograph; check the path"
        raise PhotoError(path, "missing", reason) from None
    if len(data) > LARGEST or (not data and found.st_size):
        raise PhotoError(path, "too large", f"over {LARGEST:,} bytes, expected a photograph; make it smaller")
    return data


def _open(pixels: io.BytesIO) -> Image.Image:
    """Open a picture, one of HEIC's with the decoder that the extra `heic` installs."""
    if pixels.getvalue()[:2] == b"MM":
        from PIL import TiffImagePlugin

        # Pillow lists gray of 12 bits for little-endian files alone, and packed bits lie alike in both byte orders.
        TiffImagePlugin.OPEN_INFO.setdefault((b"MM", 1, (1,), 1, (12,), ()), ("I;16", "I;12"))
    try:
        return Image.open(pixels)
    except Image.UnidentifiedImageError:
        if pixels.getvalue()[4:8] != b"ftyp":
            raise
        try:
            from pi_heif import register_heif_opener
        except ImportError:
            raise Image.UnidentifiedImageError from None
        register_heif_opener()
        pixels.seek(0)
        return Image.open(pixels)


def _load(image: Image.Image) -> None:
    """Decode the pixels. libtiff prints what it finds damaged past Python: Pillow's error says it again."""
    if image.format != "TIFF":
        image.load()
        return
    damage = None
    with stderr_held():
        try:
            image.load()
        except Exception as error:  # raised outside, else what is held would be let out
            damage = error
    if damage is not None:
        raise damage


def _unidentified(path: Path, data: bytes, about: About) -> PhotoError:
    """Return what to say of a file that Pillow knows nothing of."""
    if not data:
        return PhotoError(path, "empty", f"an empty file, {KNOWN}; save it as one of these")
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        remedy = "install a decoder (pip install pi-heif), or save the photograph as JPEG"
        return PhotoError(path, "not an image", f"a HEIC file, which can't be read here, {KNOWN}; {remedy}")
    if about.container:
        found = f"a {about.container} file that is damaged or of an unusual kind"
        return PhotoError(path, "damaged", f"{found}, expected 8 or 16 bits a channel; save it anew as PNG or JPEG")
    return PhotoError(path, "not an image", f"not an image, {KNOWN}; save it as one of these")


def _take_notes(about: About, image: Image.Image) -> None:
    """Put into `about` what Pillow hands over as it stands: of WebP, GIF and the formats it alone reads."""
    if about.container:
        return
    info = image.info
    about.icc = info.get("icc_profile")
    if isinstance(info.get("exif"), bytes):
        about.take_exif(info["exif"])
    if not about.dpi and len(info.get("dpi", ())) == 2:
        about.dpi = metadata.sensible_dpi(*info["dpi"])
    if image.mode.startswith("I"):
        about.depth = 16
    about.frames = _frames(image)


def _frames(image: Image.Image) -> int:
    """Return how many pictures the file holds; 1 where the later ones are damaged."""
    try:
        return int(getattr(image, "n_frames", 1))
    except Exception:  # Pillow raises many kinds here
        return 1


def _to_srgb(image: Image.Image, about: About, path: Path) -> Image.Image:
    """Return `image` in one of the four 8-bit modes, its colors in sRGB."""
    alpha = _keyed(image, about.key) if about.key else None
    if image.mode.startswith("I") or image.mode == "F":
        image = _eight_bits(image, about, path)
    if image.mode == "P" or "transparency" in image.info:
        gray = image.mode in ("1", "L", "LA")
        transparent = "transparency" in image.info
        image = image.convert(("LA" if gray else "RGBA") if transparent else "RGB")
    if image.mode == "LAB":
        return _apply(ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")), image)
    if image.mode not in ("L", "LA", "RGB", "RGBA", "CMYK"):
        image = image.convert({"1": "L", "La": "LA", "PA": "RGBA", "RGBa": "RGBA"}.get(image.mode, "RGB"))
    profile = _profile(about)
    if profile is not None:
        image = _apply(profile, image)
    elif about.gamma:
        image = _shown(image, about.gamma)
    image = image.convert("RGB") if image.mode == "CMYK" else image
    if alpha is not None:
        image.putalpha(alpha)
    return image


def _keyed(image: Image.Image, key: tuple[int, ...]) -> Image.Image | None:
    """Return the alpha of a PNG in which one gray, or one color, is transparent."""
    values = np.asarray(image)
    if values.ndim != (2 if len(key) == 1 else 3):
        return None
    wanted = np.array(key if values.ndim == 3 else key[0])
    same = values == (wanted > 0 if values.dtype == bool else wanted)
    clear = same.all(axis=-1) if values.ndim == 3 else same
    return Image.fromarray(np.where(clear, 0, 255).astype("uint8"))


def _eight_bits(image: Image.Image, about: About, path: Path) -> Image.Image:
    """Scale 12- or 16-bit gray to 8 bits: Pillow's own convert cuts everything above 255 off."""
    values = np.asarray(image)
    if image.mode == "F" or values.min() < 0 or values.max() > 65535:
        reason = "values beyond 16 bits, expected 8 or 16 bits a pixel; save it with 16 or fewer"
        raise PhotoError(path, "not an image", reason)
    most = 2**12 - 1 if about.depth == 12 else 2**16 - 1
    values = np.minimum(values.astype("uint32"), most)
    if about.negative:
        values = most - values
    return Image.fromarray(((values * 255 + most // 2) // most).astype("uint8"))


def _shown(image: Image.Image, gamma: float) -> Image.Image:
    """Return pixels that were encoded with the exponent `gamma` as a screen shows them."""
    exponent = 1 / (gamma * DISPLAY_GAMMA)
    if abs(exponent - 1) < CLOSE:
        return image
    alpha = range(256)
    table = [round(255 * (value / 255) ** exponent) for value in range(256)]
    return image.point([value for band in image.getbands() for value in (alpha if band == "A" else table)])


def _profile(about: About) -> ImageCms.ImageCmsProfile | None:
    """Return the embedded ICC profile, or None where there is none, it is damaged, or it is sRGB."""
    if not about.icc:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(about.icc))
        return None if ImageCms.getProfileDescription(profile).strip() in SRGB_NAMES else profile
    except (OSError, ImageCms.PyCMSError):
        about.damaged = True
        return None


def _apply(profile: ImageCms.ImageCmsProfile, image: Image.Image) -> Image.Image:
    """Convert colors from `profile` to sRGB; alpha stays. A profile for other channels is ignored, as browsers do."""
    srgb = ImageCms.createProfile("sRGB")
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    colors = image.convert(image.mode[:-1]) if alpha else image
    try:
        converted = ImageCms.profileToProfile(
            colors, profile, srgb, ImageCms.Intent.RELATIVE_COLORIMETRIC, outputMode="RGB", flags=TRANSFORM_FLAGS
        )
    except (OSError, ImageCms.PyCMSError):
        return image
    assert converted is not None  # None only when converting in place
    if colors.mode == "L":
        converted = converted.convert("L")
    if alpha:
        converted.putalpha(alpha)
    return converted

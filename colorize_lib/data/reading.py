"""One photograph file, read right or refused with one clear sentence."""

import io
import re
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps

# Names under which sRGB itself travels: converting from it would move colors by a rounding step for nothing.
SRGB_NAMES = ("sRGB", "sRGB IEC61966-2.1", "sRGB built-in", "c2")
TRANSFORM_FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION


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


def open_photo(path: Path | str) -> Image.Image:
    """Read a photograph upright and in sRGB, whatever its mode.

    EXIF rotation is applied, ICC profiles (Display P3, Adobe RGB, CMYK inks) are converted, palettes are expanded,
    16-bit gray is scaled to 8 bits, and of an animation the first frame is taken.

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
    path = Path(path)
    image = _to_srgb(_decode(path), path)
    image.info.pop("icc_profile", None)  # it no longer holds, and Pillow would write it into the copy
    return image


def _decode(path: Path) -> Image.Image:
    """Return all pixels of the first frame, upright."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on harmless oddities in metadata
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                image.load()
                return ImageOps.exif_transpose(image)
    except FileNotFoundError:
        raise PhotoError(path, "missing", "no such file, expected a photograph; check the path") from None
    except IsADirectoryError:
        raise PhotoError(path, "folder", "a folder, expected a photograph; name a file in it") from None
    except PermissionError:
        raise PhotoError(path, "no permission", "no permission to read it; change its permissions") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        found = int(re.findall(r"\d+", str(error))[0]) / 1e6
        limit = (Image.MAX_IMAGE_PIXELS or 0) // 10**6
        reason = f"{found:,.0f} million pixels, expected at most {limit} million; make it smaller"
        raise PhotoError(path, "too large", reason) from None
    except Image.UnidentifiedImageError:
        fault, found_text = ("empty", "an empty file") if path.stat().st_size == 0 else ("not an image", "not an image")
        reason = f"{found_text}, expected JPEG, PNG, WebP, TIFF or GIF; save it as one of these"
        raise PhotoError(path, fault, reason) from None
    except Exception as error:  # each of Pillow's decoders has errors of its own for damaged data
        fault = "truncated" if "truncated" in str(error).lower() or isinstance(error, EOFError) else "damaged"
        found_text = f"truncated after {path.stat().st_size:,} bytes" if fault == "truncated" else f"damaged ({error})"
        raise PhotoError(path, fault, f"{found_text}, expected a whole image; get the file again") from None


def _to_srgb(image: Image.Image, path: Path) -> Image.Image:
    """Return `image` in one of the four 8-bit modes, its colors in sRGB."""
    if image.mode.startswith("I") or image.mode == "F":
        return _eight_bits(image, path)
    if image.mode == "P" or "transparency" in image.info:
        gray = image.mode in ("1", "L", "LA")
        transparent = "transparency" in image.info
        image = image.convert(("LA" if gray else "RGBA") if transparent else "RGB")
    if image.mode not in ("L", "LA", "RGB", "RGBA", "CMYK"):
        image = image.convert({"1": "L", "La": "LA", "PA": "RGBA", "RGBa": "RGBA"}.get(image.mode, "RGB"))
    profile = _profile(image)
    if profile is not None:
        image = _apply(profile, image)
    return image.convert("RGB") if image.mode == "CMYK" else image


def _eight_bits(image: Image.Image, path: Path) -> Image.Image:
    """Scale 16-bit gray to 8 bits: Pillow's own convert cuts everything above 255 off."""
    values = np.asarray(image)
    if image.mode == "F" or values.min() < 0 or values.max() > 65535:
        reason = "values beyond 16 bits, expected 8 or 16 bits a pixel; save it with 16 or fewer"
        raise PhotoError(path, "not an image", reason)
    scaled = Image.fromarray(((values.astype("uint32") + 128) // 257).astype("uint8"))
    scaled.info.update({key: value for key, value in image.info.items() if key != "transparency"})
    return scaled


def _profile(image: Image.Image) -> ImageCms.ImageCmsProfile | None:
    """Return the embedded ICC profile, or None where there is none, it is damaged, or it is sRGB."""
    data = image.info.get("icc_profile")
    if not data:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        return None if ImageCms.getProfileDescription(profile).strip() in SRGB_NAMES else profile
    except (OSError, ImageCms.PyCMSError):
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
    converted.info = dict(image.info)
    return converted

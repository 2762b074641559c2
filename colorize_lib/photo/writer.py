"""Files written right: never half a file; a colorized photograph in its format, with its metadata."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from colorize_lib import __version__
from colorize_lib.storage.writing import whole_file

DESCRIPTION, SOFTWARE = 0x010E, 0x0131  # EXIF tags (CIPA DC-008)
# Tags that are as true of the colorized photograph; the others describe how the old file was laid out.
KEPT_TAGS = (0x010F, 0x0110, 0x0132, 0x013B, 0x8298)  # Make, Model, DateTime, Artist, Copyright
EXIF_FOLDER, GPS_FOLDER = 0x8769, 0x8825
STALE_TAGS = (0x927C, 0xA001, 0xA005)  # MakerNote and Interop hold places in the old file; ColorSpace is now sRGB
EXIF_LIMIT = 60_000  # bytes: JPEG holds 65,533


@dataclass(frozen=True)
class Format:
    """A file format that holds the colors as computed: 8 bits a channel, no coarser chroma."""

    name: str  # Pillow's
    suffixes: tuple[str, ...]  # the first is given to new files
    options: dict[str, Any]
    alpha: bool = True
    exif: bool = True


FORMATS = (
    # 4:2:0, Pillow's default, averages color over 2x2 pixels, which moves L by up to 5 of 255.
    Format("JPEG", (".jpg", ".jpeg", ".jpe", ".jfif"), {"quality": 95, "subsampling": "4:4:4"}, alpha=False),
    # Level 1 writes 24 megapixels in 1.6 s where the default takes 7 s.
    Format("PNG", (".png",), {"compress_level": 1}),
    Format("WEBP", (".webp",), {"lossless": True, "quality": 0, "method": 0, "exact": True}),
    # Not compressed: Pillow hands compressed ones to libtiff, which refuses the folders of EXIF tags.
    Format("TIFF", (".tif", ".tiff"), {"compression": "raw"}),
    Format("BMP", (".bmp",), {}, alpha=False, exif=False),
)
BY_NAME = {one.name: one for one in FORMATS} | {"MPO": FORMATS[0]}  # MPO: a phone's JPEG with a second picture
PNG = BY_NAME["PNG"]


def format_of(path: Path) -> Format:
    """Return the format that `path` asks for by its suffix; a ValueError names those there are."""
    for one in FORMATS:
        if path.suffix.lower() in one.suffixes:
            return one
    known = ", ".join(one.suffixes[0] for one in FORMATS)
    why = "GIF holds 256 colors, too few to keep luminance" if path.suffix.lower() == ".gif" else "unknown ending"
    raise ValueError(f"{path}: {why}; expected one of {known}; choose another name for the result.")


def result_name(source: Path) -> str:
    """Return the file name for the colorized `source`: its own, with another ending where the format changes.

    The file's content decides, not its name. What can't hold the result (GIF and
    formats that Pillow only reads) becomes PNG.
    """
    try:
        with Image.open(source) as image:
            wanted = BY_NAME.get(image.format or "", PNG)
    except Exception:  # it can't be read: `open_photo` says why, whatever the name
        return source.name
    return source.name if source.suffix.lower() in wanted.suffixes else source.stem + wanted.suffixes[0]


def about(source: Path, wanted: Format) -> tuple[Image.Exif, list[str]]:
    """Return the metadata that stay true, and notes on what the result can't keep."""
    notes = []
    with Image.open(source) as image:
        frames = _frames(image)
        if frames > 1 and image.format != "MPO":
            notes.append(f"the first of {frames} frames")
        if image.mode.startswith("I") or any(";16" in str(tile.args) for tile in image.tile):
            notes.append("16 bits became 8")
        if BY_NAME.get(image.format or "") is not wanted:
            notes.append(f"{image.format} became {wanted.name}")
        if not wanted.exif:
            notes.append(f"{wanted.name} holds no metadata, so it doesn't say that it is colorized")
        return _kept_exif(image), notes


def _frames(image: Image.Image) -> int:
    """Return how many pictures the file holds; 1 where the later ones are damaged."""
    try:
        return int(getattr(image, "n_frames", 1))
    except Exception:  # Pillow raises many kinds here
        return 1


def stamp(exif: Image.Exif, model: str) -> None:
    """Say in the metadata that the colors are predicted, and by what; what was described stays."""
    before = str(exif.get(DESCRIPTION, "")).strip("\0 ")
    stamped = f"Colorized: the colors are predicted by the model '{model}', not recorded."
    exif[DESCRIPTION] = f"{stamped} {before}".strip()
    exif[SOFTWARE] = f"colorize-lib {__version__}, model {model}"


def _kept_exif(image: Image.Image) -> Image.Exif:
    """Return those EXIF tags that are as true of the colorized photograph: who, when, where, with what."""
    kept = Image.Exif()
    try:
        old = image.getexif()
        kept.update({tag: old[tag] for tag in (*KEPT_TAGS, DESCRIPTION) if tag in old})
        for folder in (EXIF_FOLDER, GPS_FOLDER):
            tags = {tag: value for tag, value in old.get_ifd(folder).items() if tag not in STALE_TAGS}
            if tags:
                kept[folder] = tags
        if len(kept.tobytes()) < EXIF_LIMIT:
            return kept
    except Exception:  # damaged metadata are no reason to refuse a photograph
        pass
    return Image.Exif()


def write(image: Image.Image, target: Path, wanted: Format, exif: Image.Exif) -> None:
    """Write `image` to `target` in the format `wanted`, with `exif` where the format holds it."""
    options = dict(wanted.options)
    if wanted.exif:
        options["exif"] = exif.tobytes()
    if wanted is PNG:
        from PIL.PngImagePlugin import PngInfo

        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_itxt("Description", exif[DESCRIPTION])
        options["pnginfo"].add_text("Software", exif[SOFTWARE])
    with whole_file(target) as part:
        try:
            image.save(part, wanted.name, **options)
        except ValueError as error:  # more pixels a side than the format allows
            raise OSError(str(error)) from error

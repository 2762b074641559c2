"""Files written right: never half a file; a colorized photograph in its format, with its metadata."""

import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image

from colorize_lib import __version__
from colorize_lib.data import metadata, reading
from colorize_lib.data.metadata import ASCII, CAMERA, DESCRIPTION, PLACE, SOFTWARE, About, Field, Tags
from colorize_lib.storage.writing import whole_file

# Tags that are as true of the colorized photograph; the others describe how the old file was laid out.
KEPT_TAGS = (0x010F, 0x0110, 0x0132, 0x013B, 0x8298)  # Make, Model, DateTime, Artist, Copyright
WINDOWS_TAGS = (0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F)  # title, comment, author, keywords, subject, as Explorer writes
STALE_TAGS = (0x927C, 0xA001, 0xA005)  # MakerNote and Interop hold places in the old file; ColorSpace is now sRGB
PNG_TEXTS = (b"Title", b"Author", b"Copyright", b"Creation Time", b"Source", b"Comment", b"Disclaimer", b"Warning")
EXIF_LIMIT = 60_000  # bytes: JPEG holds 65,533
STAMP = f"colorize-lib {__version__}"
PRECISION = 10_000  # resolution is stored as a fraction with this below the line


@dataclass(frozen=True)
class Format:
    """A file format that holds the colors as computed: 8 bits a channel, no coarser chroma."""

    name: str  # Pillow's
    suffixes: tuple[str, ...]  # the first is given to new files
    options: dict[str, Any]
    alpha: bool = True
    exif: bool = True
    longest: int = 2**31 - 1  # pixels a side


FORMATS = (
    # 4:2:0, Pillow's default, averages color over 2x2 pixels, which moves L by up to 5 of 255.
    Format("JPEG", (".jpg", ".jpeg", ".jpe", ".jfif"), {"quality": 95, "subsampling": "4:4:4"}, False, longest=65_500),
    # Level 1 writes 24 megapixels in 1.6 s where the default takes 7 s.
    Format("PNG", (".png",), {"compress_level": 1}),
    Format("WEBP", (".webp",), {"lossless": True, "quality": 0, "method": 0, "exact": True}, longest=16_383),
    # Not compressed: every reader understands it, and the tags can be written behind it.
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
    why = "GIF holds 256 colors, too few to keep lightness" if path.suffix.lower() == ".gif" else "unknown ending"
    raise ValueError(f"{path}: {why}; expected one of {known}; choose another name for the result.")


def result_name(source: Path, photo: reading.Photo) -> str:
    """Return the file name for the colorized `source`: its own, with another ending where the format changes.

    The file's content decides, not its name. What can't hold the result and its stamp (GIF, BMP and formats that Pillow
    only reads) becomes PNG.
    """
    wanted = BY_NAME.get(photo.format, PNG)
    wanted = wanted if wanted.exif else PNG
    return source.name if source.suffix.lower() in wanted.suffixes else source.stem + wanted.suffixes[0]


def is_result(path: Path) -> bool:
    """Tell whether the file carries the course's stamp: nothing else is ever replaced."""
    try:
        return path.is_file() and stamped(metadata.of_file(path))
    except OSError:
        return False


def stamped(about: About) -> bool:
    """Tell whether these are the metadata of a result."""
    return SOFTWARE in about.tags and about.tags[SOFTWARE].data.startswith(b"colorize-lib ")


def check_fits(size: tuple[int, int], alpha: bool, source: Path, target: Path, wanted: Format) -> None:
    """Raise a ValueError if the format can't hold a picture of this size, or its transparency."""
    if alpha and not wanted.alpha:
        raise ValueError(f"{target}: {wanted.name} holds no transparency and {source.name} has some; write a .png.")
    if max(size) > wanted.longest:
        raise ValueError(
            f"{target}: {max(size):,} pixels a side, {wanted.name} holds at most {wanted.longest:,}; write a .png."
        )


def losses(photo: reading.Photo, wanted: Format) -> list[str]:
    """Return notes on what the result can't keep."""
    about, notes = photo.about, []
    if about.frames > 1:
        notes.append(f"the first of {about.frames} frames")
    if about.depth > 8:
        notes.append(f"{about.depth} bits became 8")
    if BY_NAME.get(photo.format) is not wanted:
        notes.append(f"{photo.format} became {wanted.name}")
    if about.damaged:
        notes.append("damaged metadata are left out")
    if not wanted.exif:
        notes.append(f"{wanted.name} holds no metadata, so it doesn't say that it is colorized")
    return notes


def stamp(about: About, model: str, hints: str = "") -> tuple[About, list[str]]:
    """Return the metadata of the result, and a note if some had to go.

    Kept are, to the byte, those that are as true of the colorized photograph: who, when, where, with what. They say
    that the colors are predicted, and by what, then `hints`, a sentence on what a person asked for; what was described
    stays behind that.
    """
    tags = {tag: about.tags[tag] for tag in (*KEPT_TAGS, *WINDOWS_TAGS) if tag in about.tags}
    camera = {tag: value for tag, value in about.camera.items() if tag not in STALE_TAGS}
    before = about.tags[DESCRIPTION].data.strip(b"\0 ") if DESCRIPTION in about.tags else b""
    said = f"Colorized: the colors are predicted by the model '{model}', not recorded. {hints}".strip().encode()
    own = {
        DESCRIPTION: Field(ASCII, (said + b" " + before).strip() + b"\0"),
        SOFTWARE: Field(ASCII, f"{STAMP}, model {model}".encode() + b"\0"),
    } | _resolution(about)
    texts, dropped = _true_texts(about)
    whole = replace(about, tags=tags | own, camera=camera, texts=texts)
    short = replace(whole, camera={}, place={})
    least = replace(short, tags=own | {DESCRIPTION: Field(ASCII, said + b"\0")}, texts=[])
    for kept in (whole, short, least):
        if len(_exif(kept)) < EXIF_LIMIT:
            break
    return kept, [] if kept is whole and not dropped else [f"metadata beyond {EXIF_LIMIT:,} bytes are left out"]


def _true_texts(about: About) -> tuple[list[tuple[bytes, bytes]], bool]:
    """Return those text chunks of a PNG that stay true, and whether some are too long: programs refuse such files."""
    left, kept, dropped = EXIF_LIMIT, [], False
    for kind, content in about.texts:
        name, text = metadata.text_of(kind, content)
        if name in PNG_TEXTS:
            left -= len(content) if text is None else max(len(content), len(text))
            dropped |= left < 0
            if text is not None and left >= 0:
                kept.append((kind, content))
    return kept, dropped


def _resolution(about: About) -> Tags:
    """Return the tags that say how many pixels an inch has, turned as the picture was."""
    if about.dpi is None:
        return {}
    across, down = (struct.pack("<2I", round(value * PRECISION), PRECISION) for value in upright_dpi(about) or ())
    return {
        metadata.X_RESOLUTION: Field(metadata.RATIONAL, across),
        metadata.Y_RESOLUTION: Field(metadata.RATIONAL, down),
        metadata.RESOLUTION_UNIT: Field(metadata.SHORT, struct.pack("<H", 2)),
    }


def upright_dpi(about: About) -> tuple[float, float] | None:
    """Return pixels an inch, across and down, of the picture as it is turned upright."""
    return about.dpi[::-1] if about.dpi and about.orientation >= 5 else about.dpi


def _exif(about: About) -> bytes:
    return metadata.exif_block(about.tags, {CAMERA: about.camera, PLACE: about.place})


def write(image: Image.Image, target: Path, wanted: Format, about: About, dpi: tuple[float, float] | None) -> None:
    """Write `image` to `target` in the format `wanted`, with the metadata that the format holds."""
    options = dict(wanted.options)
    if dpi:
        options["dpi"] = dpi
    if wanted.exif and wanted.name != "TIFF":
        options["exif"] = _exif(about)
    if wanted is PNG:
        options["pnginfo"] = _png_texts(about)
    with whole_file(target) as part:
        try:
            image.save(part, wanted.name, **options)
        except ValueError as error:  # Pillow's own words for what a format can't hold
            raise OSError(str(error)) from error
        if wanted.name == "TIFF":  # Pillow would write its own idea of each tag
            at, folder = metadata.with_tags(part.read_bytes(), about.tags, {CAMERA: about.camera, PLACE: about.place})
            with open(part, "r+b") as file:
                file.seek(4)
                file.write(struct.pack("<I", at))
                file.seek(0, 2)
                file.write(folder)


def _png_texts(about: About) -> Any:
    """Return PNG's own text chunks: the stamp, and the photograph's as they were."""
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    texts.add_itxt("Description", _text(about.tags[DESCRIPTION]))
    texts.add_text("Software", _text(about.tags[SOFTWARE]))
    for kind, content in about.texts:
        texts.add(kind, content)
    return texts


def _text(field: Field) -> str:
    """Return a tag's bytes as text: UTF-8, as programs write today, else Latin-1, which knows every byte."""
    data = field.data.rstrip(b"\0")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")

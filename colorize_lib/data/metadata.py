"""What a photograph's file says beside its pixels, read so that a damaged note costs no pixels.

Pillow reads notes and pixels together: it refuses a photograph for a comment that is too long, and turns what it
understood of a note into another text. So the notes are read here, byte for byte, and `split` hands Pillow a file that
holds pixels alone. Formats: JPEG (ITU T.81), PNG (third edition), TIFF 6.0 and BigTIFF, EXIF (CIPA DC-008).
"""

import array
import io
import math
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

ORIENTATION, DESCRIPTION, SOFTWARE, ARTIST, COPYRIGHT = 0x0112, 0x010E, 0x0131, 0x013B, 0x8298
X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 0x011A, 0x011B, 0x0128
CAMERA, PLACE = 0x8769, 0x8825  # tags that lead to folders of their own: how it was taken, and where
BITS, PHOTOMETRIC, PROFILE = 0x0102, 0x0106, 0x8773
# What TIFF needs to show its pixels (TIFF 6.0, and its supplements for tiles, JPEG and profiles); orientation isn't
# among them: Pillow would map the file into memory with width and height exchanged, and tear it into stripes.
PIXEL_TAGS = {
    *(254, 256, 257, BITS, 259, PHOTOMETRIC, 266, 273, 277, 278, 279, 284, 292, 293, 317, 320, 322, 323, 324, 325),
    *(332, 338, 339, 347, *range(512, 533), PROFILE),
}
UNITS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 6: 1, 7: 1, 8: 2, 9: 4, 10: 4, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
WIDTHS = UNITS | {5: 8, 10: 8}  # bytes of one value of each kind: a fraction is two numbers
WHOLE = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q"}  # kinds that are whole numbers
ASCII, SHORT, LONG, RATIONAL = 2, 3, 4, 5
MOST_TAGS, MOST_FRAMES = 4096, 10_000
LONGEST_TEXT = 2**24  # bytes that a compressed note may unfold to
METER, CENTIMETER = 0.0254, 2.54
PNG_CREDITS = {b"Author": ARTIST, b"Copyright": COPYRIGHT, b"Description": DESCRIPTION}  # text chunk: EXIF tag


class Field(NamedTuple):
    """One tag's value: TIFF's number for its kind, and its bytes, little-endian."""

    kind: int
    data: bytes

    @property
    def numbers(self) -> list[float]:
        """Its values; empty where they aren't numbers."""
        if self.kind in WHOLE:
            return list(struct.unpack(f"<{len(self.data) // WIDTHS[self.kind]}{WHOLE[self.kind]}", self.data))
        if self.kind == RATIONAL:
            pairs = struct.iter_unpack("<2I", self.data)
            return [above / below if below else math.nan for above, below in pairs]
        return []


Tags = dict[int, Field]


@dataclass
class About:
    """What a file says beside its pixels."""

    container: str = ""  # "JPEG", "PNG" or "TIFF"; "" for a format whose notes Pillow hands over as they are
    tags: Tags = field(default_factory=dict)
    camera: Tags = field(default_factory=dict)
    place: Tags = field(default_factory=dict)
    texts: list[tuple[bytes, bytes]] = field(default_factory=list)  # PNG's text chunks: kind and content
    dpi: tuple[float, float] | None = None
    icc: bytes | None = None
    frames: int = 1
    depth: int = 8  # bits a channel
    negative: bool = False  # TIFF's "white is zero", where Pillow doesn't know it
    key: tuple[int, ...] | None = None  # PNG: the gray, or the red, green and blue, that is transparent
    gamma: float | None = None  # PNG: the exponent that the pixels were encoded with, where no profile says more
    damaged: bool = False  # whether a note couldn't be read, or not wholly

    @property
    def orientation(self) -> int:
        """EXIF's 1 to 8; 1 where it is missing or makes no sense."""
        numbers = self.tags[ORIENTATION].numbers if ORIENTATION in self.tags else []
        return int(numbers[0]) if len(numbers) == 1 and 1 <= numbers[0] <= 8 else 1

    def take_exif(self, block: bytes) -> None:
        """Read an EXIF block: a TIFF file without pixels."""
        while block.startswith(b"Exif\0\0"):
            block = block[6:]
        layout = _Layout.of(block)
        if layout is None:
            self.damaged = True
            return
        self.tags, _, sound = layout.folder(block, layout.first(block))
        self._take_folders(block, layout, sound)

    def _take_folders(self, block: bytes, layout: "_Layout", sound: bool) -> None:
        for tag, name in ((CAMERA, "camera"), (PLACE, "place")):
            numbers = self.tags.pop(tag).numbers if tag in self.tags else []
            if len(numbers) == 1:
                folder, _, whole = layout.folder(block, int(numbers[0]))
                setattr(self, name, folder)
                sound = sound and whole
        self.damaged = self.damaged or not sound
        self.dpi = self.dpi or self._dpi_of_tags()

    def _dpi_of_tags(self) -> tuple[float, float] | None:
        across, down, unit = (
            self.tags[tag].numbers if tag in self.tags else [] for tag in (X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT)
        )
        if len(across) != 1 or len(down) != 1 or unit not in ([], [2], [3]):
            return None
        return sensible_dpi(across[0], down[0], CENTIMETER if unit == [3] else 1)


def sensible_dpi(across: float, down: float, factor: float = 1) -> tuple[float, float] | None:
    """Return pixels an inch; None where the numbers make no sense."""
    sensible = all(math.isfinite(value) and 1 <= value * factor < 2**16 for value in (across, down))
    return (across * factor, down * factor) if sensible else None


class _Layout(NamedTuple):
    """How a TIFF file writes its numbers: byte order, and the widths of classic TIFF or BigTIFF."""

    order: str
    big: bool

    @classmethod
    def of(cls, block: bytes) -> "_Layout | None":
        order = {b"II": "<", b"MM": ">"}.get(bytes(block[:2]))
        if order is None or len(block) < 16:
            return None
        (version,) = struct.unpack_from(f"{order}H", block, 2)
        return cls(order, version == 43) if version in (42, 43) else None

    @property
    def _formats(self) -> tuple[str, str, int]:
        """Format of the number of entries, of an offset, and the bytes of one entry."""
        return ("Q", "Q", 20) if self.big else ("H", "I", 12)

    def first(self, block: bytes) -> int:
        """Return where the first folder stands."""
        return int(struct.unpack_from(self.order + self._formats[1], block, 8 if self.big else 4)[0])

    def entries(self, block: bytes, at: int) -> tuple[list[tuple[int, int, int, int]], int, bool]:
        """Return a folder's entries (place, tag, kind, count), the place of the next folder's offset, and if whole."""
        counted, offset, size = self._formats
        found: list[tuple[int, int, int, int]] = []
        try:
            (count,) = struct.unpack_from(self.order + counted, block, at)
            at += struct.calcsize(f"={counted}")
            for place in range(at, at + size * min(count, MOST_TAGS), size):
                found.append((place, *struct.unpack_from(f"{self.order}HH{offset}", block, place)))
        except (struct.error, OverflowError):
            return found, 0, False
        return found, at + size * count, count <= MOST_TAGS

    def folder(self, block: bytes, at: int) -> tuple[Tags, int, bool]:
        """Return a folder's tags, where the next folder stands (0: none), and whether all of it could be read."""
        _, offset, size = self._formats
        entries, end, sound = self.entries(block, at)
        tags: Tags = {}
        left = 2 * len(block)  # damaged entries may all claim the whole file
        for place, tag, kind, count in entries:
            length, inline = WIDTHS.get(kind, 0) * count, place + size - struct.calcsize(f"={offset}")
            if length > size - 4 - struct.calcsize(f"={offset}"):
                (start,) = struct.unpack_from(self.order + offset, block, inline) if inline + 8 <= len(block) else (-1,)
            else:
                start = inline
            left -= length
            if not length or start < 0 or start + length > len(block) or left < 0:
                sound = False
                continue
            tags.setdefault(tag, Field(kind, _swapped(block[start : start + length], kind, self.order)))
        try:
            (following,) = struct.unpack_from(self.order + offset, block, end) if end else (0,)
        except (struct.error, OverflowError):
            following = 0
        return tags, following, sound


def _swapped(data: bytes, kind: int, order: str) -> bytes:
    """Return values between the byte order `order` and little-endian; the same way leads back."""
    if order == "<" or UNITS[kind] == 1:
        return bytes(data)
    values = array.array({2: "H", 4: "I", 8: "Q"}[UNITS[kind]], data)
    values.byteswap()
    return values.tobytes()


def pack(tags: Tags, at: int, folders: dict[int, Tags] | None = None) -> bytes:
    """Return a little-endian TIFF folder that will stand at offset `at`, its values and its sub-folders behind it."""
    folders = {tag: folder for tag, folder in (folders or {}).items() if folder}
    ordered = sorted(tags.keys() | folders.keys())
    start, entries, values = at + 2 + 12 * len(ordered) + 4, b"", b""
    for tag in ordered:
        if tag in folders:
            kind, count, content = LONG, 1, struct.pack("<I", start + len(values))
            values += pack(folders[tag], start + len(values))
        else:
            kind, content = tags[tag]
            count = len(content) // WIDTHS[kind]
            if len(content) > 4:
                values, content = values + content + b"\0" * (len(content) % 2), struct.pack("<I", start + len(values))
        entries += struct.pack("<HHI", tag, kind, count) + content.ljust(4, b"\0")
    return struct.pack("<H", len(ordered)) + entries + bytes(4) + values


def exif_block(tags: Tags, folders: dict[int, Tags]) -> bytes:
    """Return an EXIF block as JPEG, PNG and WebP hold it."""
    return b"Exif\0\0II*\0" + struct.pack("<I", 8) + pack(tags, 8, folders)


def with_tags(tiff: bytes, tags: Tags, folders: dict[int, Tags]) -> tuple[int, bytes]:
    """Return, for a little-endian TIFF file, where its first folder is to stand anew, and the bytes to append to it."""
    layout = _Layout.of(tiff)
    assert layout == ("<", False)  # as Pillow writes it
    old, _, _ = layout.folder(tiff, layout.first(tiff))
    padding = len(tiff) % 2
    at = len(tiff) + padding
    return at, bytes(padding) + pack(old | tags, at, folders)


def split(data: bytes) -> tuple[io.BytesIO, About]:
    """Return a file with the pixels alone, to be read by Pillow, and what `data` says beside them."""
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg(data)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png(data)
    layout = _Layout.of(data)
    if layout is not None:
        return _tiff(data, layout)
    return io.BytesIO(data), About()


def of_file(path: Path) -> About:
    """Return what a file says beside its pixels; of formats other than JPEG, PNG, TIFF and WebP, nothing."""
    data = path.read_bytes()
    _, about = split(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        at = 12
        while at + 8 <= len(data):
            kind, (length,) = data[at : at + 4], struct.unpack_from("<I", data, at + 4)
            if kind == b"EXIF":
                about.take_exif(data[at + 8 : at + 8 + length])
                break
            at += 8 + length + length % 2
    return about


def _jpeg(data: bytes) -> tuple[io.BytesIO, About]:
    """Leave out the segments for applications, but for JFIF's and Adobe's, which say how color is coded."""
    about, at, kept, profile = About("JPEG"), 2, [data[:2]], dict[int, bytes]()
    exif: bytes | None = None
    while len(data) >= at + 4 and data[at] == 0xFF and data[at + 1] not in (0x00, 0x01, 0xFF, *range(0xD0, 0xDB)):
        marker, (length,) = data[at + 1], struct.unpack_from(">H", data, at + 2)
        content, end = data[at + 4 : at + 2 + length], at + 2 + length
        if length < 2 or end > len(data):
            break
        if marker == 0xE0 and content.startswith(b"JFIF\0") and len(content) >= 12:
            unit, across, down = struct.unpack_from(">BHH", content, 7)
            about.dpi = sensible_dpi(across, down, {1: 1, 2: CENTIMETER}.get(unit, 0))
        elif marker == 0xE1 and content.startswith(b"Exif\0") and exif is None:
            exif = content
        elif marker == 0xE2 and content.startswith(b"ICC_PROFILE\0") and len(content) > 14:
            profile[content[12]] = content[14:]
        if marker in (0xE0, 0xEE) or not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            kept.append(data[at:end])
        at = end
    kept.append(data[at:])
    about.icc = b"".join(profile[number] for number in sorted(profile)) or None
    if exif is not None:
        about.take_exif(exif)
    return io.BytesIO(b"".join(kept)), about


def _png(data: bytes) -> tuple[io.BytesIO, About]:
    """Leave out what isn't pixels; a palette's transparency is left in."""
    about, at, kept, notes = About("PNG"), 8, [data[:8]], dict[bytes, bytes]()
    depth, color_type = data[24:26] if len(data) > 25 else (8, 2)
    while len(data) >= at + 12:
        (length,), kind = struct.unpack_from(">I", data, at), data[at + 4 : at + 8]
        content, end = data[at + 8 : at + 8 + length], at + 12 + length
        if not kind.isalpha():
            break
        critical = not kind[0] & 0x20
        if critical or (kind == b"tRNS" and color_type == 3):
            kept.append(data[at:end])
        elif data[end - 4 : end] != struct.pack(">I", zlib.crc32(kind + content)):
            about.damaged = True
        elif kind in (b"tEXt", b"zTXt", b"iTXt"):
            about.texts.append((kind, content))
        else:
            notes.setdefault(kind, content)
        at = end
        if kind == b"IEND":
            break
    kept.append(data[at : at + 12])  # where it broke off: Pillow says what is missing
    about.depth = 16 if depth == 16 else 8
    _png_notes(about, notes, depth, color_type)
    return io.BytesIO(b"".join(kept)), about


def _png_notes(about: About, notes: dict[bytes, bytes], depth: int, color_type: int) -> None:
    """Put what PNG's chunks say into `about`."""
    lengths = {b"gAMA": 4, b"pHYs": 9, b"acTL": 8} | ({b"tRNS": 2 * (1 + color_type)} if color_type in (0, 2) else {})
    for kind, length in lengths.items():
        if kind in notes and len(notes[kind]) != length:
            about.damaged = True
            del notes[kind]
    key = notes.get(b"tRNS", b"")
    if color_type in (0, 2) and key:
        samples = [sample & (2**depth - 1) for (sample,) in struct.iter_unpack(">H", key)]
        # As Pillow gives the pixels: fewer than 8 bits are spread over 8, of 16 bits a color the upper 8 are left.
        scaled = [sample * 255 // (2**depth - 1) if depth < 8 else sample for sample in samples]
        about.key = tuple(sample >> 8 if color_type == 2 and depth == 16 else sample for sample in scaled)
    if b"iCCP" in notes:
        about.icc = _inflated(notes[b"iCCP"].partition(b"\0")[2][1:])
        about.damaged |= about.icc is None
    if b"gAMA" in notes and not {b"sRGB", b"iCCP", b"cICP"} & notes.keys():
        about.gamma = struct.unpack(">I", notes[b"gAMA"])[0] / 100_000 or None
    if b"pHYs" in notes and notes[b"pHYs"][8] == 1:
        across, down = struct.unpack_from(">II", notes[b"pHYs"])
        about.dpi = sensible_dpi(across, down, METER)
    if b"acTL" in notes:
        about.frames = max(1, struct.unpack_from(">I", notes[b"acTL"])[0])
    exif = notes.get(b"eXIf")
    for kind, content in about.texts:
        name, text = text_of(kind, content)
        if text is None:
            about.damaged = True
        elif name in (b"Raw profile type exif", b"Raw profile type APP1") and exif is None:
            try:  # ImageMagick's way: a name and a length, each on a line, and the bytes in hexadecimal
                exif = bytes.fromhex("".join(text.decode("ascii").split("\n")[3:]))
            except ValueError:
                about.damaged = True
    if exif is not None:
        about.take_exif(exif)
    for kind, content in about.texts:
        name, text = text_of(kind, content)
        if name in PNG_CREDITS and text:
            about.tags.setdefault(PNG_CREDITS[name], Field(ASCII, text + b"\0"))


def text_of(kind: bytes, content: bytes) -> tuple[bytes, bytes | None]:
    """Return name and text of a PNG's text chunk: UTF-8 of an iTXt, else Latin-1; no text where it is damaged."""
    name, _, text = content.partition(b"\0")
    if kind == b"tEXt":
        return name, text
    if kind == b"zTXt":
        return name, None if text[:1] != b"\0" else _inflated(text[1:])
    parts = text[2:].split(b"\0", 2)
    if len(parts) < 3 or text[1]:
        return name, None
    return name, _inflated(parts[2]) if text[0] else parts[2]


def _inflated(data: bytes) -> bytes | None:
    """Return what zlib compressed; None where it is damaged or unfolds to more than a note can be."""
    unfolding = zlib.decompressobj()
    try:
        unfolded = unfolding.decompress(data, LONGEST_TEXT)
    except zlib.error:
        return None
    return unfolded if unfolding.eof else None


def _tiff(data: bytes, layout: _Layout) -> tuple[io.BytesIO, About]:
    """Leave of the first folder only what describes pixels; the other folders are other pictures or notes."""
    about, pixels, at = About("TIFF"), io.BytesIO(data), layout.first(data)
    about.tags, following, sound = layout.folder(data, at)
    bits = about.tags[BITS].numbers if BITS in about.tags else [1]
    about.depth = int(max(bits, default=1)) if max(bits, default=1) > 8 else 8
    photometric = about.tags[PHOTOMETRIC].numbers if PHOTOMETRIC in about.tags else [0]
    about.negative = photometric == [0] and about.depth in (12, 16)
    about.icc = about.tags[PROFILE].data if PROFILE in about.tags else None
    about.frames = _frames(data, layout, following)
    about._take_folders(data, layout, sound)
    entries, end, _ = layout.entries(data, at)
    if entries and end:
        counted, offset, size = layout._formats
        kept = b""
        for place, tag, *_ in entries:
            if tag in PIXEL_TAGS:
                kept += data[place : place + size]
        count = len(kept) // size
        table = struct.pack(layout.order + counted, count) + kept + struct.pack(layout.order + offset, 0)
        with pixels.getbuffer() as view:
            start = entries[0][0] - struct.calcsize(f"={counted}")
            view[start : start + len(table)] = table[: len(view) - start]
            if about.negative:
                for place in range(start + struct.calcsize(f"={counted}"), start + len(table) - size + 1, size):
                    if struct.unpack_from(f"{layout.order}H", view, place)[0] == PHOTOMETRIC:
                        struct.pack_into(f"{layout.order}H", view, place + (12 if layout.big else 8), 1)
    return pixels, about


def _frames(data: bytes, layout: _Layout, following: int) -> int:
    """Count the folders from the second on, and the first; a chain that leads back to itself ends."""
    seen: set[Any] = set()
    while following and following not in seen and len(seen) < MOST_FRAMES:
        entries, end, _ = layout.entries(data, following)
        if not entries or not end:
            break
        seen.add(following)
        try:
            (following,) = struct.unpack_from(layout.order + layout._formats[1], data, end)
        except (struct.error, OverflowError):
            break
    return 1 + len(seen)

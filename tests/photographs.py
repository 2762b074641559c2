"""Photographs of every format, mode and oddity that tests try on `colorize` (used by test_photographs.py)."""

import io
import random
import struct
import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image

SIZE = (20, 12)  # not square, so that a turn shows
ORIENTATIONS = range(1, 9)


def scene(mode: str = "RGB", size: tuple[int, int] = SIZE) -> Image.Image:
    """Return a picture with a dark corner at the top left: how it is turned can be seen."""
    across, down = np.meshgrid(np.linspace(0, 1, size[0]), np.linspace(0, 1, size[1]))
    rgb = np.stack([across, (across + down) / 2, 1 - across * down], axis=-1)
    rgb[: size[1] // 3, : size[0] // 4] = 0
    picture = Image.fromarray((255 * rgb).round().astype("uint8"))
    if mode == "I;16":
        return Image.fromarray(np.asarray(picture.convert("L")).astype("uint16") * 257)
    if mode in ("LA", "RGBA"):
        picture.putalpha(Image.fromarray((255 * across).astype("uint8")))
    return picture.quantize(16) if mode == "P" else picture.convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return the picture as a file of this format."""
    held = io.BytesIO()
    image.save(held, kind, **options)
    return held.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    """Return one chunk of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(pixels: np.ndarray, depth: int, color_type: int, *chunks: bytes) -> bytes:
    """Return a PNG of samples [height, width(, channels)] with `depth` bits each, and chunks before its pixels."""
    height, width = pixels.shape[:2]
    rows = pixels.reshape(height, -1)
    if depth == 16:
        packed = rows.astype(">u2").tobytes()
        lines = [packed[i : i + rows.shape[1] * 2] for i in range(0, len(packed), rows.shape[1] * 2)]
    else:
        bits = (rows[..., None] >> np.arange(depth - 1, -1, -1)) & 1
        lines = [line.tobytes() for line in np.packbits(bits.reshape(height, -1).astype("uint8"), axis=1)]
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + line for line in lines)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks) + body + chunk(b"IEND", b"")


def with_chunks(file: bytes, *chunks: bytes) -> bytes:
    """Put chunks behind the header of a PNG."""
    return file[:33] + b"".join(chunks) + file[33:]


def exif(order: str, *entries: tuple[int, int, int, bytes]) -> bytes:
    """Return an EXIF block of (tag, kind, count, value); longer values stand behind the folder."""
    start, table, values = 8 + 2 + 12 * len(entries) + 4, b"", b""
    for tag, kind, count, value in entries:
        if len(value) > 4:
            place = struct.pack(f"{order}I", start + len(values))
            values += value + b"\0" * (len(value) % 2)
        else:
            place = value.ljust(4, b"\0")
        table += struct.pack(f"{order}HHI", tag, kind, count) + place
    head = {"<": b"II", ">": b"MM"}[order] + struct.pack(f"{order}HIH", 42, 8, len(entries))
    return b"Exif\0\0" + head + table + bytes(4) + values


def tiff(
    order: str, samples: np.ndarray, bits: int, photometric: int = 1, packed: bool = False, *more: tuple[int, int, int]
) -> bytes:
    """Return a TIFF of gray samples [height, width]; `packed` by Deflate. `more` are short tags (tag, kind, value)."""
    height, width = samples.shape
    if bits == 16:
        body = samples.astype(f"{order}u2").tobytes()
    else:
        planes = (samples[..., None] >> np.arange(bits - 1, -1, -1)) & 1
        body = np.packbits(planes.reshape(height, -1).astype("uint8"), axis=1).tobytes()
    body = zlib.compress(body) if packed else body
    entries = [(256, 3, width), (257, 3, height), (258, 3, bits), (259, 3, 8 if packed else 1), (262, 3, photometric)]
    entries += [(273, 4, 8), (277, 3, 1), (278, 3, height), (279, 4, len(body)), *more]
    table = b""
    for tag, kind, value in sorted(entries):
        number = struct.pack(f"{order}{'H' if kind == 3 else 'I'}", value)
        table += struct.pack(f"{order}HHI", tag, kind, 1) + number.ljust(4, b"\0")
    padding = len(body) % 2
    head = {"<": b"II", ">": b"MM"}[order] + struct.pack(f"{order}HI", 42, 8 + len(body) + padding)
    return head + body + bytes(padding) + struct.pack(f"{order}H", len(entries)) + table + bytes(4)


def big_tiff(samples: np.ndarray, orientation: int) -> bytes:
    """Return a BigTIFF of gray samples [height, width], 8 bits each."""
    height, width = samples.shape
    body = samples.astype("uint8").tobytes()
    entries = [(256, width), (257, height), (258, 8), (259, 1), (262, 1), (273, 16), (274, orientation), (277, 1)]
    entries += [(278, height), (279, len(body))]
    table = b"".join(struct.pack("<HHQQ", tag, 4, 1, value) for tag, value in entries)
    head = b"II" + struct.pack("<HHHQ", 43, 8, 0, 16 + len(body))
    return head + body + struct.pack("<Q", len(entries)) + table + bytes(8)


def turned(orientation: int) -> Image.Exif:
    """Return EXIF that asks for a turn."""
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags


def credited() -> bytes:
    """Return EXIF with credits beyond ASCII, a turn and a place."""
    tags = Image.Exif()
    tags[0x0112], tags[0x013B], tags[0x010E] = 6, "Jos\u00e9".encode(), b"A harbor"
    tags[0x8769], tags[0x8825] = {0x9003: "2026:05:04 10:00:00", 0x9286: b"ASCII\0\0\0note"}, {1: "N", 2: (1, 2, 3)}
    return tags.tobytes()


SEEDS: dict[str, Callable[[], bytes]] = {
    "photo.jpg": lambda: saved(scene(), "JPEG", exif=credited(), dpi=(300, 300)),
    "gray.jpg": lambda: saved(scene("L"), "JPEG", comment=b"a comment"),
    "ink.jpg": lambda: saved(scene("CMYK"), "JPEG"),
    "photo.png": lambda: with_chunks(
        saved(scene(), "PNG", exif=credited(), dpi=(300, 300)),
        chunk(b"tEXt", b"Author\0Jos\xe9"),
        chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"a note")),
        chunk(b"iTXt", b"Copyright\0\0\0\0\0\xc2\xa9"),
    ),
    "palette.png": lambda: saved(scene("P"), "PNG", transparency=3),
    "deep.png": lambda: saved(scene("I;16"), "PNG"),
    "alpha.png": lambda: saved(scene("RGBA"), "PNG"),
    "raw.tif": lambda: saved(scene("L"), "TIFF", exif=turned(6)),
    "packed.tif": lambda: saved(scene(), "TIFF", compression="tiff_lzw", exif=turned(5)),
    "deflated.tif": lambda: saved(scene("RGBA"), "TIFF", compression="tiff_adobe_deflate", dpi=(600, 600)),
    "twelve.tif": lambda: tiff("<", np.arange(240).reshape(12, 20) * 17, 12),
    "big.tif": lambda: big_tiff(np.asarray(scene("L")), 8),
    "photo.webp": lambda: saved(scene(), "WEBP", exif=credited()),
    "lossless.webp": lambda: saved(scene("RGBA"), "WEBP", lossless=True),
    "moving.gif": lambda: saved(scene("P"), "GIF", save_all=True, append_images=[scene("P").rotate(180)]),
    "photo.bmp": lambda: saved(scene(), "BMP"),
    "palette.bmp": lambda: saved(scene("P"), "BMP"),
}


def mutated(file: bytes, chance: random.Random) -> bytes:
    """Return the file with a few bytes changed, a piece cut out, doubled or zeroed, or its end cut off."""
    data = bytearray(file)
    for _ in range(chance.choice((1, 1, 2, 4))):
        if not data:
            break
        # Most of what can go wrong is in the first bytes, and in the last of a TIFF.
        span = chance.choice((len(data), min(len(data), 400)))
        at = chance.randrange(span)
        at = len(data) - 1 - at if chance.random() < 0.2 else at
        way, length = chance.randrange(6), chance.choice((1, 2, 4, 8, 60))
        if way == 0:
            data[at] = chance.randrange(256)
        elif way == 1:
            data[at] ^= 1 << chance.randrange(8)
        elif way == 2:
            del data[at : at + length]
        elif way == 3:
            data[at:at] = data[at : at + length]
        elif way == 4:
            data[at : at + length] = bytes(min(length, len(data) - at)) if chance.random() < 0.5 else b"\xff" * length
        else:
            del data[at:]
    return bytes(data)


def with_odd_notes(file: bytes, kind: str, chance: random.Random) -> bytes:
    """Return a JPEG, PNG or WebP with an EXIF block that is random or damaged; its pixels are sound."""
    block = bytearray(credited())
    for _ in range(chance.choice((1, 3, 9, 40))):
        block[chance.randrange(6, len(block))] = chance.randrange(256)
    block = block[: chance.choice((len(block), chance.randrange(8, len(block))))]
    with Image.open(io.BytesIO(file)) as image:
        lossless = {"lossless": True} if kind == "WEBP" else {}
        return saved(image, kind, exif=bytes(block), **lossless)

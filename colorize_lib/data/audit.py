"""What is wrong with the photographs of a source (taught in chapter 02)."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from colorize_lib.data.reading import PhotoError, open_photo
from colorize_lib.data.sources import Entry, find, name_of, progress

if TYPE_CHECKING:
    import pandas

GRAY_SPREAD = 8  # of 255: see `check`
HASH_SIDE = 16  # 16 x 16 comparisons make 256 bits
HASH_BITS = 55  # near duplicates differ in at most so many of the 256 bits,
CORRELATION = 0.95  # and their thumbnails agree at least so well
THUMBNAIL = 32  # pixels a side


@dataclass
class Look:
    """What one color file shows."""

    name: str
    size: tuple[int, int]
    spread: int  # largest difference between the channels of any pixel
    digest: str  # SHA-256 of the file
    bits: np.ndarray  # uint64 [4]: difference hash
    thumbnail: np.ndarray  # float32 [1024], mean 0, length 1


Fault = tuple[str, str, str]  # file, fault, detail


def check(source: str | Path = "sample") -> "pandas.DataFrame":
    """Read every file of a source and list what is wrong with it.

    Parameters
    ----------
    source : str or Path
        As in `data.load`.

    Returns
    -------
    pandas.DataFrame
        Columns ``file``, ``fault``, ``detail``; a row per fault, in natural order of the files.

    Raises
    ------
    ValueError
        If the source is unknown or empty.

    Notes
    -----
    The faults, and how each is told:

    - "missing", "empty", "not an image", "truncated", "damaged", "too large": `open_photo` refuses the file.
    - "wrong size": not the size that more than half of the files have, or a gray twin not as large as its color file.
    - "gray": a color file in which no pixel's channels lie more than 8 of 255 apart. Among the Intel scenes in the
      Landscape layout 21 files have three equal channels; 2 more, toned black-and-white, stay within 8; above follow
      other toned prints and overcast landscapes without a gap, so that any threshold is a choice.
    - "no gray twin", "no color file": half of a pair is absent.
    - "duplicate": the bytes of an earlier file once more.
    - "near duplicate": another version of the same picture, say brighter, recolored or saved again. Its difference
      hash (is a pixel of the 17 x 16 gray thumbnail darker than its right neighbor? 256 bits) differs in at most 55
      bits, and its 32 x 32 gray thumbnail correlates by at least .95. Either alone confuses horizons over the sea;
      together they separate all such pairs of the Intel scenes (at most 51 bits) from look-alikes (at least 60).
    """
    import pandas  # late: importing it takes longer than the rest of the library

    entries = find(name_of(source))
    faults: list[Fault] = []
    looks = []
    pairs = any(entry.gray for entry in entries)
    for entry in progress(entries, "Checking"):
        look = _look(entry, faults)
        if look:
            looks.append(look)
        if pairs:
            faults += _twin(entry, look)
    faults += _sizes(looks) + _grays(looks) + _duplicates(looks) + _near_duplicates(looks)
    place = {f"gray/{entry.name}": (k, 1) for k, entry in enumerate(entries)} if pairs else {}
    place |= {entry.name: (k, 0) for k, entry in enumerate(entries)}
    faults.sort(key=lambda row: place[row[0]])
    return pandas.DataFrame(faults, columns=["file", "fault", "detail"])


def _look(entry: Entry, faults: list[Fault]) -> Look | None:
    """Read a color file; None, and a row more in `faults`, where that fails."""
    try:
        photo = open_photo(entry.color)
    except PhotoError as error:
        absent = error.fault == "missing" and entry.gray is not None
        faults.append((entry.name, "no color file" if absent else error.fault, error.reason))
        return None
    channels = np.asarray(photo.convert("RGB")).astype("int16")
    gray = photo.convert("L")
    return Look(
        name=entry.name,
        size=photo.size,
        spread=int((channels.max(axis=-1) - channels.min(axis=-1)).max()),
        digest=hashlib.sha256(entry.color.read_bytes()).hexdigest(),
        bits=_difference_hash(gray),
        thumbnail=_thumbnail(gray),
    )


def _difference_hash(gray: Image.Image) -> np.ndarray:
    """Return 256 bits as uint64 [4]: whether brightness rises from each pixel of a thumbnail to its right neighbor."""
    small = np.asarray(gray.resize((HASH_SIDE + 1, HASH_SIDE), Image.Resampling.BOX))
    return np.packbits(small[:, 1:] > small[:, :-1]).view("uint64")


def _thumbnail(gray: Image.Image) -> np.ndarray:
    """Return a thumbnail with mean 0 and length 1: the product of two is their correlation."""
    small = np.asarray(gray.resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BOX)).ravel().astype("float32")
    small -= small.mean()
    return small / max(float(np.linalg.norm(small)), 1e-6)


def _twin(entry: Entry, look: Look | None) -> list[Fault]:
    """List what is wrong with the gray twin of a color file."""
    if entry.gray is None:
        return [(entry.name, "no gray twin", "expected a file of this name in the gray folder")]
    try:
        size = open_photo(entry.gray).size
    except PhotoError as error:
        return [(f"gray/{entry.name}", error.fault, error.reason)]
    if look and size != look.size:
        return [(f"gray/{entry.name}", "wrong size", f"{_by(size)}, its color file has {_by(look.size)}")]
    return []


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


def _sizes(looks: list[Look]) -> list[Fault]:
    """List files that differ from the size of the majority, where there is a majority."""
    usual, count = Counter(look.size for look in looks).most_common(1)[0] if looks else ((0, 0), 0)
    if count * 2 <= len(looks):
        return []
    wrong = [look for look in looks if look.size != usual]
    return [(look.name, "wrong size", f"{_by(look.size)}, expected {_by(usual)}") for look in wrong]


def _grays(looks: list[Look]) -> list[Fault]:
    detail = "channels differ by at most {} of 255"
    return [(look.name, "gray", detail.format(look.spread)) for look in looks if look.spread <= GRAY_SPREAD]


def _duplicates(looks: list[Look]) -> list[Fault]:
    first: dict[str, str] = {}
    again = [(look.name, first.setdefault(look.digest, look.name)) for look in looks]
    return [(name, "duplicate", f"same bytes as {earlier}") for name, earlier in again if name != earlier]


def _near_duplicates(looks: list[Look]) -> list[Fault]:
    """List pairs that show the same picture in other bytes, each under its later file."""
    if len(looks) < 2:
        return []
    bits, thumbnails = np.stack([look.bits for look in looks]), np.stack([look.thumbnail for look in looks])
    found = []
    for k in range(1, len(looks)):
        different = np.bitwise_count(bits[:k] ^ bits[k]).sum(axis=1)
        for i in np.flatnonzero(different <= HASH_BITS):
            alike = float(thumbnails[i] @ thumbnails[k])
            if alike >= CORRELATION and looks[i].digest != looks[k].digest:
                detail = (
                    f"shows the same as {looks[i].name} ({different[i]} of 256 bits differ, correlation {alike:.3f})"
                )
                found.append((looks[k].name, "near duplicate", detail))
    return found

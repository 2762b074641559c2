"""Where photographs come from, and how they become arrays (taught in chapters 02 and 03)."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from colorize_lib import color
from colorize_lib.data.reading import PhotoError, open_photo
from colorize_lib.data.sources import SETS, Entry, attributions, credit, find, name_of, progress

SIZE = 128
SHOWN = 256  # pixels: the side of photographs that are looked at; what is measured is SIZE
SPLIT = {"train": (0, 6000), "val": (6000, 6500), "test": (6500, 7129)}  # ids of the 7,129 landscapes
FEWEST = 3  # photographs of a source that `split` makes three parts of
NAMED = 10  # faulty files named in the one line that `load` prints


@dataclass(frozen=True, eq=False)
class Photographs:
    """Photographs of one source as arrays, in natural order of their file names."""

    source: str
    rgb: np.ndarray  # uint8 [N, size, size, 3]
    ids: np.ndarray  # int [N]: position in the source, faulty files counted
    names: list[str]
    gray: np.ndarray | None = None  # uint8 [N, size, size]: the gray twins, where the source has them
    scenes: list[str] | None = None
    credits: list[str] | None = None
    total: int = 0  # how many files the source holds, faulty ones included
    faults: list[tuple[str, str]] = field(default_factory=list)  # (file, what is wrong and what was done)

    def __len__(self) -> int:
        """Return how many photographs were read."""
        return len(self.rgb)

    @property
    def titles(self) -> list[str]:
        """What to call each photograph in a caption: its title where credited, else its file's stem."""
        known = attributions() if self.source in SETS else {}
        return [known[name]["title"] if name in known else Path(name).stem for name in self.names]

    def select(self, wanted: Any) -> "Photographs":
        """Return those that `wanted` (a slice, a list of positions or a mask) picks; a slice copies no pixels."""
        positions = np.arange(len(self))[wanted]

        def pick(values: list[str] | None) -> list[str] | None:
            return None if values is None else [values[i] for i in positions]

        return replace(
            self,
            rgb=self.rgb[wanted],
            ids=self.ids[wanted],
            names=pick(self.names) or [],
            gray=None if self.gray is None else self.gray[wanted],
            scenes=pick(self.scenes),
            credits=pick(self.credits),
        )

    def batches(self, size: int = 50) -> Iterator["Photographs"]:
        """Go through the photographs, `size` at a time: arrays made from all at once could fill the memory."""
        return (self.select(slice(start, start + size)) for start in range(0, len(self), size))


def of_arrays(rgb: np.ndarray) -> Photographs:
    """Return uint8 photographs [N, height, width, 3] that come from no file."""
    return Photographs("arrays", rgb, np.arange(len(rgb)), [f"{i}" for i in range(len(rgb))], total=len(rgb))


def load(source: str | Path = "sample", size: int = SIZE, first: int = 0, last: int | None = None) -> Photographs:
    """Load photographs, squashed to size x size with Pillow's BICUBIC.

    Parameters
    ----------
    source : str or Path
        "sample" (53 color photographs that come with the course), "historic" (3 gray ones), "landscape" or "intel"
        (from ``COLORIZE_DATA`` if that folder holds them, else downloaded from Kaggle), or the path of a folder.
    size : int
        Side of the arrays, in pixels.
    first, last : int
        Load only ids ``first`` up to, not including, ``last``.

    Returns
    -------
    Photographs
        Files that can't be read are left out, named in ``faults`` and in a printed line; they keep their id, so that
        none of them shifts a split.

    Raises
    ------
    ValueError
        If the source is unknown, empty, or holds no photograph that can be read.
    """
    source = name_of(source)
    entries = find(source)
    ids = np.arange(len(entries))[first:last]
    chosen = [entries[i] for i in ids]
    pairs = any(entry.gray for entry in entries)
    rgb = np.empty((len(chosen), size, size, 3), "uint8")
    gray = np.empty((len(chosen), size, size), "uint8") if pairs else None
    kept: list[int] = []
    faults: list[tuple[str, str]] = []
    for i, entry in enumerate(progress(chosen, "Reading photographs")):
        k = len(kept)
        try:
            rgb[k] = _pixels(entry.color, size, "RGB")
        except PhotoError as error:
            faults.append((entry.name, f"left out: {error.reason}"))
            continue
        kept.append(i)
        if gray is not None:
            gray[k], fault = _twin(entry, rgb[k])
            if fault:
                faults.append((entry.name, fault))
    _report_faults(source, faults, len(chosen))
    if not kept:
        raise ValueError(f"{source}: none of the {len(chosen)} files chosen is a photograph; check source and ids.")
    names = [chosen[i].name for i in kept]
    return Photographs(
        source=source,
        rgb=rgb[: len(kept)],
        ids=ids[kept],
        names=names,
        gray=None if gray is None else gray[: len(kept)],
        scenes=[chosen[i].scene or "" for i in kept] if any(entry.scene for entry in chosen) else None,
        credits=[credit(attributions()[name]) for name in names] if source in SETS else None,
        total=len(entries),
        faults=faults,
    )


def for_showing(photos: Photographs, size: int = SHOWN) -> Photographs:
    """Return the same photographs, read again at a size at which one can look at them: size x size.

    What was measured stays with the smaller ones: these are other pixels.
    """
    first, last = int(photos.ids.min()), int(photos.ids.max()) + 1
    larger = load(photos.source, size, first, last)
    return larger.select(np.searchsorted(larger.ids, photos.ids))


def _pixels(path: Path, size: int, mode: str) -> np.ndarray:
    """Read one file as uint8 [size, size(, 3)]; what is transparent shows white, as on a page."""
    if path.exists() and not path.is_file():  # a pipe would keep a run waiting
        raise PhotoError(path, "not an image", "neither a file nor a folder, expected a photograph; take it away")
    photo = open_photo(path)
    if photo.mode in ("LA", "RGBA"):
        paper = Image.new("RGBA", photo.size, "white")
        photo = Image.alpha_composite(paper, photo.convert("RGBA"))
    return np.asarray(photo.convert(mode).resize((size, size), Image.Resampling.BICUBIC))


def _twin(entry: Entry, rgb: np.ndarray) -> tuple[np.ndarray, str]:
    """Return the gray twin of a color photograph, uint8 [size, size], and what is wrong with it ("" if nothing)."""
    reason = "no gray twin"
    if entry.gray:
        try:
            return _pixels(entry.gray, len(rgb), "L"), ""
        except PhotoError as error:
            reason = error.reason
    return _to_gray(rgb), f"gray made from the color file: {reason}"


def _to_gray(rgb: np.ndarray) -> np.ndarray:
    """Return PIL's "L" of one photograph, uint8 [size, size].

    PIL computes in whole numbers: one color in 2,000 gets another step than `color.rgb_to_gray`, rounded.
    """
    return np.asarray(Image.fromarray(rgb).convert("L"))


def _report_faults(source: str, faults: list[tuple[str, str]], count: int) -> None:
    """Print one line that names the faulty files, if there are any."""
    if faults:
        named = "; ".join(f"{name} ({what})" for name, what in faults[:NAMED])
        more = f"; and {len(faults) - NAMED} more, all in .faults" if len(faults) > NAMED else ""
        print(f"{source}: {len(faults)} of {count} files are faulty: {named}{more}")


def split(photos: Photographs) -> dict[str, Photographs]:
    """Split by slices of ids into "train", "val" and "test", as the paper slices its array.

    The landscapes are cut at ids 6000 and 6500 of 7129; other sources in the same proportions of their ``total``, with
    one photograph or more in each part from three photographs on.
    Defined in chapter 03.
    """
    whole = SPLIT["test"][1]
    train, val = (photos.total * SPLIT[name][1] // whole for name in ("train", "val"))
    train = max(0, min(train, val - 1))  # at least one to validate with
    cuts = np.searchsorted(photos.ids, [0, train, val, photos.total])
    return {name: photos.select(slice(*cuts[i : i + 2])) for i, name in enumerate(SPLIT)}


def require_color(photos: Photographs, use: str) -> None:
    """Raise a ValueError if no photograph has any color: nothing could be compared with it, or learned."""
    if not any((rgb != rgb[..., :1]).any() for rgb in photos.rgb):
        raise ValueError(f"{photos.source}: all photographs are gray; expected some in color to {use}.")


def fingerprint(photos: Photographs) -> str:
    """Return 16 hexadecimal digits of a SHA-256 over ids, names and pixels: equal only for equal data."""
    digest = hashlib.sha256("\n".join(photos.names).encode())
    for array in (photos.ids.astype("int64"), photos.rgb, photos.gray):
        if array is not None:
            digest.update(f"{array.shape}".encode())
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:16]


def gray_of(photos: Photographs) -> np.ndarray:
    """Return gray, uint8 [N, size, size]: the twin's where the source has twins, else PIL's "L" of the color file."""
    if photos.gray is not None:
        return photos.gray
    return np.stack([_to_gray(rgb) for rgb in photos.rgb]) if len(photos) else photos.rgb[..., 0]


def gray_channels(photos: Photographs) -> np.ndarray:
    """Return gray as three equal channels, float32 [N, S, S, 3] in [0, 1]: what the paper's network sees.

    A view: the three channels share their memory.
    """
    gray = color.as_float(gray_of(photos))
    return np.broadcast_to(gray[..., None], (*gray.shape, 3))


def rgb_arrays(photos: Photographs) -> tuple[np.ndarray, np.ndarray]:
    """Return the paper's arrays, both float32 [N, S, S, 3] in [0, 1]: x, gray as three equal channels; y, the color.

    Defined in chapter 03.
    """
    return gray_channels(photos), color.as_float(photos.rgb)


def lab_arrays(photos: Photographs, dtype: str = "float32") -> tuple[np.ndarray, np.ndarray]:
    """Return our arrays: x [N, S, S, 1], L / 100 in [0, 1], and y [N, S, S, 2], a and b / 110 in [-1, 1].

    ``dtype="float16"`` halves the memory of a long training; what it rounds is below a tenth of an 8-bit step.
    Defined in chapter 03.
    """
    shape = photos.rgb.shape[:3]
    x, y = np.empty((*shape, 1), dtype), np.empty((*shape, 2), dtype)
    for i, rgb in enumerate(photos.rgb):  # one at a time: all at once would need five times the memory
        lab = color.rgb_to_lab(rgb)
        x[i], y[i] = lab[..., :1] / 100, lab[..., 1:] / color.CHROMA_SCALE
    return x, y

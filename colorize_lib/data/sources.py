"""Which photographs a source holds: the sample, a Kaggle set, or any folder."""

import csv
import os
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tqdm import tqdm

from colorize_lib import settings

LONG = 500  # photographs: from here on reading them shows its progress
SETS = {"sample": "color", "historic": "historic"}  # source: the value of `set` in ATTRIBUTION.csv
KAGGLE = {
    "landscape": "theblackmamba31/landscape-image-colorization",
    "intel": "puneet6060/intel-image-classification",
}
LAYOUTS = {"landscape": "landscape Images", "intel": "seg_train/seg_train"}  # what each holds below its root


@dataclass(frozen=True)
class Entry:
    """One photograph of a source, before it is read."""

    name: str
    color: Path
    gray: Path | None = None
    scene: str | None = None


def natural_key(name: str) -> list[tuple[bool, int, str]]:
    """Return a sort key that puts ``2.jpg`` before ``10.jpg``, and numbers before letters.

    Defined in chapter 02.
    """
    parts = re.findall(r"\d+|\D+", name.lower())
    return [(False, int(part), "") if part.isdecimal() else (True, 0, part) for part in parts]


def name_of(source: str | Path) -> str:
    """Return a source as text; a path is a folder whatever its name: "sample" is a set, ``Path("sample")`` isn't."""
    return str(source.absolute() if isinstance(source, Path) else source)


def find(source: str) -> list[Entry]:
    """List the photographs of a source in natural order, without reading them. See `data.load`."""
    if source in SETS:
        rows = attributions().values()
        names = sorted((row["file"] for row in rows if row["set"] == SETS[source]), key=natural_key)
        return [Entry(name, settings.data_dir() / "sample" / name) for name in names]
    root = _kaggle(source) if source in KAGGLE else Path(os.path.expanduser(source))
    if not root.is_dir():
        known = ", ".join([*SETS, *KAGGLE])
        raise ValueError(f"{source}: no such folder; expected a folder with photographs, or one of {known}.")
    layout = source if source in KAGGLE else next((name for name in LAYOUTS if (root / LAYOUTS[name]).is_dir()), "")
    entries = _pairs(root) if layout == "landscape" else _folder(root / LAYOUTS.get(layout, ""))
    if not entries:
        raise ValueError(f"{root}: an empty folder, expected photographs in it; check the path.")
    return entries


def large(name: str) -> Path:
    """Return the file of a sample photograph to look at: 640 pixels long where the original was, else the sample's."""
    sample = settings.data_dir() / "sample"
    larger = sample / "large" / name
    return larger if larger.is_file() else sample / name


def _pairs(root: Path) -> list[Entry]:
    """List a folder in the Landscape layout; a file without its twin keeps its place."""
    folder = root / LAYOUTS["landscape"]
    held = {kind: {p.name for p in (folder / kind).glob("[!.]*")} for kind in ("color", "gray")}
    scenes = {}
    if (root / "classes.csv").is_file():
        with open(root / "classes.csv", encoding="utf-8", newline="") as lines:
            scenes = {row["file"]: row["scene"] for row in csv.DictReader(lines)}
    return [
        Entry(name, folder / "color" / name, folder / "gray" / name if name in held["gray"] else None, scenes.get(name))
        for name in sorted(held["color"] | held["gray"], key=natural_key)
    ]


def walk(root: Path, unreadable: Callable[[OSError], None]) -> Iterator[Path]:
    """Yield everything below a folder that isn't a folder, hidden things apart; call `unreadable` for a closed folder.

    Links are followed. A folder to which several ways lead, or one that leads back to itself, is looked into once.
    """
    seen = set[str]()
    for folder, below, names in os.walk(root, followlinks=True, onerror=unreadable):
        real = os.path.realpath(folder)
        if real in seen:
            below.clear()
            continue
        seen.add(real)
        below[:] = [name for name in below if not name.startswith(".")]
        below.sort(key=lambda name: os.path.islink(os.path.join(folder, name)))  # its own name is a folder's first
        yield from (Path(folder, name) for name in names if not name.startswith("."))


def _folder(root: Path) -> list[Entry]:
    """List every file below a folder, hidden ones apart; a subfolder's name is a scene."""

    def refuse(error: OSError) -> None:
        raise ValueError(
            f"{error.filename}: a folder that can't be read ({error.strerror}); change its permissions."
        ) from None

    paths = [path.relative_to(root) for path in walk(root, refuse)]
    # The file's name comes first: sorted by folder, the last scenes alone would be the test split.
    paths.sort(key=lambda p: (natural_key(p.name), natural_key(str(p.parent))))
    return [Entry(p.as_posix(), root / p, scene=p.parent.name or None) for p in paths]


def _kaggle(source: str) -> Path:
    """Return the folder that holds a Kaggle set: the local mirror, else kagglehub's download."""
    mirror = os.environ.get("COLORIZE_DATA")
    if mirror and (Path(mirror) / LAYOUTS[source]).is_dir():
        return Path(mirror)
    try:
        import kagglehub

        return Path(kagglehub.dataset_download(KAGGLE[source]))
    except Exception as error:  # no network, a refusal, a full disk: the remedy is the same
        reason = textwrap.shorten(f"{type(error).__name__}: {error}", 100)
        where = f"COLORIZE_DATA ({mirror})" if mirror else "COLORIZE_DATA (not set)"
        raise ValueError(
            f"{source}: no '{LAYOUTS[source]}' in {where}, and no download of {KAGGLE[source]} from Kaggle ({reason}); "
            "check the network, or download it by hand and let COLORIZE_DATA name its folder. "
            'The course\'s own photographs need no download: data.load("sample"), or COLORIZE_PROFILE=quick.'
        ) from None


def progress(entries: list[Entry], what: str) -> Iterator[Entry]:
    """Go through `entries`; where they are many, show how far, under the name `what`."""
    return iter(tqdm(entries, what, unit="", leave=False, mininterval=1, disable=len(entries) < LONG))


@cache
def attributions() -> dict[str, dict[str, str]]:
    """Return the rows of the sample's ATTRIBUTION.csv by file name."""
    with open(settings.data_dir() / "sample" / "ATTRIBUTION.csv", encoding="utf-8", newline="") as lines:
        return {row["file"]: row for row in csv.DictReader(lines)}


def credit(row: dict[str, str]) -> str:
    """Return one credit line."""
    year = f" ({row['year']})" if row["year"] else ""
    return f"{row['title']}. {row['author']}{year}. {row['license']}. {row['source']}"

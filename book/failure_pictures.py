"""Make the pictures of the page of failures: what the shipped weights make of the photographs that were measured.

`make` writes one strip a kind as HTML, ``<kind>.html``, which book/_ext/failures_page.py puts into the page.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import web_files
from PIL import Image

from colorize_lib import failures, plots, results
from colorize_lib.color import as_uint8, lab_to_rgb, lightness, merge
from colorize_lib.data.sources import attributions

MADE_BY = (Path(__file__), Path(web_files.__file__))
ENLARGED = 7
FLAG = (145, 0, 193, 27)  # left, top, right, bottom in pixels: the flag and what is round it


def titled(file: str, more: str = "") -> str:
    """Return the title of a photograph with its author and license."""
    photo = attributions()[Path(file).name]
    return f"{photo['title']}{more}. {photo['author']}, {photo['license']}"


def gray(rgb: np.ndarray) -> np.ndarray:
    """Return a photograph without its colors, with the L that it has."""
    light = lightness(rgb[None])
    return as_uint8(lab_to_rgb(merge(light, np.zeros((*light.shape[:3], 2), "float32"))))[0]


def columns(rgb: np.ndarray) -> dict[str, np.ndarray]:
    """Return a photograph in gray, as each model colors it, and as it is; uint8 [1, height, width, 3] each."""
    versions = {"Gray": gray(rgb), **{f"By {name}": failures.colored(name, rgb) for name in failures.MODELS}}
    return {name: one[None] for name, one in (versions | {"Truth": rgb}).items()}


def enlarged(rgb: np.ndarray) -> np.ndarray:
    """Return a small picture with each pixel as a square."""
    height, width = rgb.shape[:2]
    size = (width * ENLARGED, height * ENLARGED)
    return np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.NEAREST))


def of_damage() -> str:
    """Return the strip of the photograph with damage."""
    sound = failures.photograph(failures.DAMAGED)
    strip = columns(failures.damaged(sound)[0])
    strip["Truth"] = sound[None]
    return plots.strip_html(strip, [titled(failures.DAMAGED, ", with scratches and a stain that we drew")])


def of_case(name: str) -> str:
    """Return the strip of a photograph of `failures.CASES`."""
    file = failures.CASES[name].file
    return plots.strip_html(columns(failures.photograph(file)), [titled(file)])


def of_flag() -> str:
    """Return the strip of the flag, enlarged."""
    file = failures.CASES["flag"].file
    parts = {
        name: enlarged(failures.within(pictures[0], FLAG))[None]
        for name, pictures in columns(failures.photograph(file)).items()
    }
    return plots.strip_html(parts, [titled(file, f", its flag, enlarged {ENLARGED} times")])


def of_pan() -> str:
    """Return the strip of the two neighboring frames that differ most."""
    first = results.measurement(failures.NAME)["pan"][failures.MODELS[0]]["worst"]["frame"]
    shown = list(islice(failures.frames(failures.photograph(failures.PANNED)), first, first + 2))
    found = [columns(frame) for frame in shown]
    strip = {name: np.concatenate([one[name] for one in found]) for name in found[0]}
    return plots.strip_html(strip, [titled(failures.PANNED, f", frame {first + 1 + i}") for i in range(len(shown))])


def strips() -> Iterator[tuple[str, str]]:
    """Yield each kind and its strip."""
    yield "damage", of_damage()
    yield "night", of_case("night")
    yield "autumn", of_case("autumn")
    yield "flag", of_flag()
    yield "pan", of_pan()


def make(folder: Path, state: str) -> None:
    """Bring `folder` up to date."""
    web_files.fill(folder, state, "Coloring the photographs of the page of failures", write_all)


def write_all(folder: Path) -> None:
    """Write all strips into `folder`."""
    for kind, strip in strips():
        (folder / f"{kind}.html").write_text(strip, encoding="utf-8")

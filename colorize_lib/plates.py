"""Plates: three gray exposures of one scene through three filters, and the color they make (taught in chapter 32).

Sergei Prokudin-Gorskii photographed the Russian Empire so, about 1905 to 1915. Scans of 32 of his plates are fetched
by name and checked by hash; none of them comes with the course. `made` makes plates of photographs, whose alignment and
color are known.
"""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import ndimage

from colorize_lib import settings
from colorize_lib.color import linear_to_srgb, srgb_to_linear
from colorize_lib.data.reading import open_photo
from colorize_lib.data.sources import natural_key

COLLECTION = "Sergei Prokudin-Gorskii, about 1905 to 1915. Library of Congress, Prints & Photographs Division"
ORIGIN = "https://raw.githubusercontent.com/base0x10/Prokudin-Compositing/"
COMMIT = "de77660ee114988b45a4af01bc47829e48ec5c12"
FOLDER = "data-sets/Prokudin-test-set"  # at that commit
MIRROR = "COLORIZE_PLATES"  # names a folder with the same files, for machines that are not online
REFERENCE = "plates_alignment"  # of the file in data/results: hashes, and the alignment that was checked by eye
FILTERS = ("blue", "green", "red")  # of the three exposures, from the top of a plate to its bottom
BORDER = 0.1  # part of each side that alignment doesn't look at: frames and the exposures' borders
CROP = 0.08  # part of each side that a composite loses
STEPS = (4, 2, 1)  # how many times smaller the exposures are while they are aligned, coarse to fine
REACH = 16  # pixels: how far apart the exposures may be, beyond which a peak is taken for a mistake
FINE = 10  # parts of a pixel that the last step tells apart
STRETCH = (1.0, 99.0)  # percentiles that become black and white
DETAILS = (1, 4)  # pixels: finer details are taken for grain, coarser ones for tone
WINDOW = 11  # pixels: the side of the window in which exposures are asked whether they show the same
DETAIL = 0.03  # how much a window has to vary, on a scale from 0 to 1, to be asked
AGREEING = 0.3  # correlation below which exposures show different things


class Made(NamedTuple):
    """A plate made of a photograph, and what is known of it."""

    scan: np.ndarray  # uint8 [3 height, width]
    moves: np.ndarray  # [3, 2], as `alignment` ought to find them
    rgb: np.ndarray  # uint8 [height, width, 3]: the photograph


@cache
def reference() -> dict[str, dict[str, Any]]:
    """Return by file name its ``sha256``, and how ``blue`` and ``red`` move to lie on green: (down, right), pixels."""
    path = settings.data_dir() / "results" / f"{REFERENCE}.json"
    found: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["plates"]
    return dict(sorted(found.items(), key=lambda one: natural_key(one[0])))


def names() -> list[str]:
    """Return the file names of the 32 plates, in natural order."""
    return list(reference())


def fetch(name: str) -> Path:
    """Return the file of a plate, checked: from the folder that ``COLORIZE_PLATES`` names, else downloaded once.

    Raises
    ------
    ValueError
        If there is no plate of this name, or the file can't be had or isn't the one whose hash is known.
    """
    import pooch

    settings.require_choice("There is no plate", name, names())
    known = str(reference()[name]["sha256"])
    mirror = os.environ.get(MIRROR)
    if mirror:
        path = Path(mirror) / name
        if not path.is_file():
            raise ValueError(f"{path}: no such file, expected a plate there, since {MIRROR} names this folder.")
        if pooch.file_hash(str(path)) != known:
            raise ValueError(f"{path}: its sha256 isn't the known one, so it is damaged or another file; replace it.")
        return path
    address = f"{ORIGIN}{COMMIT}/{FOLDER}/{name}"
    try:
        return Path(pooch.retrieve(address, f"sha256:{known}", fname=name, path=settings.cache_dir() / "plates"))
    except (OSError, ValueError) as error:  # no network, no such file; another hash
        reason = str(error).split("\n")[0][:100]
        raise ValueError(f"{address}: the plate could not be downloaded ({reason}); try again online.") from error


def scan(name: str) -> np.ndarray:
    """Return a plate as it was scanned, uint8 [height, width]."""
    return np.asarray(open_photo(fetch(name)).convert("L"))


def exposures(plate: np.ndarray) -> np.ndarray:
    """Cut a plate into its exposures, in the order of `FILTERS`: float32 in [0, 1], [3, height // 3, width].

    One or two rows at the bottom that make no third are left out. Defined in chapter 32.
    """
    height = len(plate) // 3
    return plate[: 3 * height].reshape(3, height, -1).astype("float32") / 255


def inner(image: np.ndarray, part: float) -> np.ndarray:
    """Return an image, [height, width, ...], without the `part` of its height and width at each side."""
    down, across = (round(part * side) for side in image.shape[:2])
    return image[down : len(image) - down, across : image.shape[1] - across]


def smaller(image: np.ndarray, times: int) -> np.ndarray:
    """Return an image `times` smaller: each pixel the mean of a block of pixels; what makes no block is left out."""
    down, across = (side // times for side in image.shape)
    return image[: down * times, : across * times].reshape(down, times, across, times).mean(axis=(1, 3))


def peak(fixed: np.ndarray, moving: np.ndarray, fine: int = 1) -> np.ndarray:
    """Return by how many pixels (down, right) `moving` has to move to lie on `fixed`, by phase correlation.

    Edges are compared and not brightness, since a red roof is light through one filter and dark through another.
    `fine` parts of a pixel are told apart. The images fade out toward their borders; else the borders themselves, which
    are at the same place in both, would be found.
    """
    from skimage.filters import sobel
    from skimage.registration import phase_cross_correlation

    fade = np.hanning(len(fixed))[:, None] * np.hanning(fixed.shape[1])
    edges = [sobel(one) for one in (fixed, moving)]
    move, _, _ = phase_cross_correlation(*((one - one.mean()) * fade for one in edges), upsample_factor=fine)
    return np.asarray(move, "float64")


def alignment_of(fixed: np.ndarray, moving: np.ndarray) -> np.ndarray:
    """Return by how many pixels (down, right) `moving` has to move to lie on `fixed`, coarse to fine.

    Four times smaller images give a first answer, larger ones correct it. A step whose peak is farther off than it can
    be, `REACH` pixels at first and two pixels of the step before later, changes nothing. Defined in chapter 32.
    """
    move = np.zeros(2)
    for times in STEPS:
        back = ndimage.shift(moving, np.rint(move), order=0, mode="nearest")
        one, other = (smaller(inner(image, BORDER), times) for image in (fixed, back))
        found = times * peak(one, other, FINE if times == 1 else 1)
        if np.abs(found).max() <= (REACH if times == STEPS[0] else 4 * times):
            move = np.rint(move) + found
    return move


def alignment(parts: np.ndarray) -> np.ndarray:
    """Return how each of three exposures moves to lie on the middle one, green: [3, 2], (down, right) in pixels."""
    return np.stack([alignment_of(parts[1], parts[0]), np.zeros(2), alignment_of(parts[1], parts[2])])


def composite(parts: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """Return the exposures as R, G, B, each moved, without their borders: float32 [height, width, 3].

    Nothing is balanced yet: as light or dark as the scan is. Parts of a pixel are interpolated.
    """
    moved = [ndimage.shift(part, move, order=1, mode="nearest") for part, move in zip(parts, moves, strict=True)]
    return inner(np.stack(moved[::-1], axis=-1), CROP)


def stretched(rgb: np.ndarray, together: bool = False) -> np.ndarray:
    """Return R, G, B, float [height, width, 3], each from black to white; `together`: by the same factor.

    Black and white are the 1st and the 99th percentile of a channel, `together` those of all three.
    """
    low, high = np.percentile(rgb, STRETCH, axis=None if together else (0, 1))
    return np.clip((rgb - low) / (high - low), 0, 1).astype("float32")


def gray_world(rgb: np.ndarray, strength: float = 1.0) -> np.ndarray:
    """Return R, G, B with means that are alike: each channel times (mean of all / its mean) to the `strength`."""
    means = rgb.mean(axis=(0, 1))
    return np.clip(rgb * (means.mean() / means) ** strength, 0, 1).astype("float32")


def stretched_together(rgb: np.ndarray) -> np.ndarray:
    """Return R, G, B stretched by one common factor: as they were scanned."""
    return stretched(rgb, together=True)


def half_gray(rgb: np.ndarray) -> np.ndarray:
    """Return R, G, B, each stretched, then half-way to `gray_world`."""
    return gray_world(stretched(rgb), 0.5)


def gray(rgb: np.ndarray) -> np.ndarray:
    """Return R, G, B, each stretched, then with means that are alike."""
    return gray_world(stretched(rgb))


def fringed(rgb: np.ndarray) -> np.ndarray:
    """Tell where the exposures show different things, bool [height, width]: what moved, dust, scratches.

    In a window of 11 x 11 pixels the details of green are compared with those of red and of blue. Where one of them has
    details and their correlation is low, nobody can say which color was there. A border at which one exposure gets
    lighter and another darker, such as that of a blue sky and a brown hill, is taken for a fringe as well.
    """
    fine, coarse = ((width, width, 0) for width in DETAILS)
    detail = ndimage.gaussian_filter(rgb, fine)
    detail = detail - ndimage.gaussian_filter(detail, coarse)
    size = (WINDOW, WINDOW, 1)
    power = ndimage.uniform_filter(detail**2, size)
    common = ndimage.uniform_filter(detail * detail[..., 1:2], size)
    alike = common / np.sqrt(np.maximum(power * power[..., 1:2], 1e-12))
    varied = np.maximum(power, power[..., 1:2]) > DETAIL**2
    return ((alike < AGREEING) & varied).any(axis=-1)


def made(rgb: np.ndarray, seed: int = 0, grain: float = 0.02, fading: float = 0.3) -> Made:
    """Make a plate of a photograph, uint8 [height, width, 3], of which alignment and color are known.

    Each exposure is one channel in linear light, shifted by up to 8 pixels down and 3 across, up to .3 % larger, with
    its own tone curve, faded (black lighter and white darker by up to half of `fading`), and with `grain` of that
    standard deviation. The green one isn't shifted or scaled. Outside the photograph its border is continued.
    """
    rng = np.random.default_rng(seed)
    light = srgb_to_linear(rgb.astype("float64") / 255)
    moves, parts = np.zeros((3, 2)), []
    middle = (np.array(rgb.shape[:2]) - 1) / 2
    for i, channel in enumerate((2, 1, 0)):  # blue, green, red
        size = 1.0
        if FILTERS[i] != "green":
            moves[i] = rng.integers((-8, -3), (9, 4))
            size = 1 + rng.uniform(0, 0.003)
        # Where each pixel of the exposure comes from: `moves` brings it back.
        start = middle + moves[i] - middle / size
        one = ndimage.affine_transform(light[..., channel], np.full(2, 1 / size), start, order=1, mode="nearest")
        toned = linear_to_srgb(np.clip(one, 0, 1)) ** rng.uniform(0.85, 1.2)
        black, white = fading * rng.uniform(0, 0.5, 2)
        parts.append(black + (1 - black - white) * toned + rng.normal(0, grain, toned.shape))
    plate = np.rint(np.clip(np.concatenate(parts), 0, 1) * 255).astype("uint8")
    return Made(plate, moves, rgb)

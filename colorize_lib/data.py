"""Where photographs come from, and how they become arrays (taught in chapters 02 and 03)."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

SIZE = 128
SLICES = {"train": (0, 6000), "val": (6000, 6500), "test": (6500, 7129)}  # ids of the landscapes


@dataclass(frozen=True)
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
    faults: list[tuple[str, str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rgb)


def natural_key(name: str) -> list[int | str]:
    """Return a sort key that puts ``2.jpg`` before ``10.jpg``."""
    return [int(part) if part.isdigit() else part.lower() for part in re.split(r"(\d+)", name)]


def load(source: str, size: int = SIZE, first: int = 0, last: int | None = None) -> Photographs:
    root = Path(os.environ["COLORIZE_DATA"]) / "landscape Images"
    names = sorted(os.listdir(root / "color"), key=natural_key)
    ids = np.arange(len(names))[first:last]
    rgb, gray = [], []
    for i in ids:
        rgb.append(np.asarray(Image.open(root / "color" / names[i]).convert("RGB").resize((size, size), 3)))
        gray.append(np.asarray(Image.open(root / "gray" / names[i]).convert("L").resize((size, size), 3)))
    return Photographs(source, np.stack(rgb), ids, [names[i] for i in ids], gray=np.stack(gray), total=len(names))

"""Make the pictures of data/sample from their originals: python data/make_sample.py ORIGINALS.

ATTRIBUTION.csv names each picture's original below the folder ORIGINALS and what is changed. Photographs that are
small already are copied byte for byte; the others are reduced with Pillow's LANCZOS and saved at JPEG quality 95: once
for the sample, and once more in its folder ``large``, to be looked at.
"""

import csv
import shutil
import sys
from pathlib import Path

from PIL import Image

from colorize_lib.data.reading import open_photo

SAMPLE = Path(__file__).parent / "sample"
LONG_SIDE, LARGE = 320, 640  # pixels


def make(original: Path, target: Path, gray: bool) -> None:
    """Write one picture of the sample, and a large one beside it; what is small already is copied."""
    if original.suffix == target.suffix == ".webp":
        shutil.copyfile(original, target)
        return
    for side, path in ((LONG_SIDE, target), (LARGE, target.parent / "large" / target.name)):
        photo = open_photo(original).convert("L" if gray else "RGB")
        photo.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=None)
        photo.info.clear()
        path.parent.mkdir(exist_ok=True)
        photo.save(path, quality=95, subsampling=0, optimize=True)


def main() -> None:
    """Write every picture that ATTRIBUTION.csv names."""
    if len(sys.argv) != 2:
        sys.exit("usage: python data/make_sample.py ORIGINALS")
    with open(SAMPLE / "ATTRIBUTION.csv", encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        make(Path(sys.argv[1]) / row["original"], SAMPLE / row["file"], gray=row["set"] == "historic")
    pictures = [path for path in SAMPLE.rglob("*") if path.suffix in (".jpg", ".webp")]
    size = sum(path.stat().st_size for path in pictures)
    print(f"{len(pictures)} pictures, {size / 1e6:.2f} MB, in {SAMPLE}")


if __name__ == "__main__":
    main()

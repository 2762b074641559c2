"""Make the pictures of data/sample from their originals: python data/make_sample.py ORIGINALS.

ATTRIBUTION.csv names each picture's original below the folder ORIGINALS and what is changed. Photographs that are
small already are copied byte for byte; the others are reduced with Pillow's LANCZOS and saved at JPEG quality 95.
"""

import csv
import shutil
import sys
from pathlib import Path

from PIL import Image

from colorize_lib.data.reading import open_photo

SAMPLE = Path(__file__).parent / "sample"
LONG_SIDE = 320  # pixels


def make(original: Path, target: Path, gray: bool) -> None:
    """Write one picture of the sample."""
    if original.suffix == target.suffix == ".webp":
        shutil.copyfile(original, target)
        return
    photo = open_photo(original).convert("L" if gray else "RGB")
    photo.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS, reducing_gap=None)
    photo.info.clear()
    photo.save(target, quality=95, subsampling=0, optimize=True)


def main() -> None:
    """Write every picture that ATTRIBUTION.csv names."""
    if len(sys.argv) != 2:
        sys.exit("usage: python data/make_sample.py ORIGINALS")
    with open(SAMPLE / "ATTRIBUTION.csv", encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        make(Path(sys.argv[1]) / row["original"], SAMPLE / row["file"], gray=row["set"] == "historic")
    size = sum((SAMPLE / row["file"]).stat().st_size for row in rows)
    print(f"{len(rows)} pictures, {size / 1e6:.2f} MB, in {SAMPLE}")


if __name__ == "__main__":
    main()

"""Make the pictures of the README: gray, colored, as it was.

Run it again when another network colors photographs by default, or its weights change, with the photograph as it was
taken, whose source stands in data/sample/ATTRIBUTION.csv:
``python book/figures/make_readme_strip.py picosdeeuropa_by_Aitzol_Berasategi.jpg``.
The credit line stands in README.md; change it with the photograph.
"""

import sys
from pathlib import Path

from PIL import ImageOps

from colorize_lib.data.reading import open_photo
from colorize_lib.photo.colorizer import Colorizer

SIZE = (400, 300)  # pixels
FOLDER = Path(__file__).parent


def main() -> None:
    """Write strip_gray.png, strip_colorized.png and strip_truth.png."""
    truth = open_photo(sys.argv[1]).convert("RGB")
    small = ImageOps.fit(truth, SIZE)
    pictures = {"gray": small.convert("L"), "colorized": Colorizer().colorize(small), "truth": small}
    for name, picture in pictures.items():
        picture.save(FOLDER / f"strip_{name}.png", optimize=True)


if __name__ == "__main__":
    main()

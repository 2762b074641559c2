"""Make the three pictures of the README and the welcome page: gray, colored by the shipped model, as it was.

Run it again when the weights of `ours` change: ``.venv/bin/python book/figures/make_readme_strip.py``.
The credit line stands in README.md and book/welcome.md; change it with the photograph.
"""

from pathlib import Path

from PIL import Image

from colorize_lib.colorizer import Colorizer
from colorize_lib.settings import data_dir

PHOTOGRAPH = "picos_de_europa.jpg"
WIDTH = 240  # pixels
FOLDER = Path(__file__).parent


def main() -> None:
    """Write strip_gray.png, strip_colorized.png and strip_truth.png."""
    with Image.open(data_dir() / "sample" / PHOTOGRAPH) as photo:
        truth = photo.convert("RGB")
    pictures = {"gray": truth.convert("L"), "colorized": Colorizer("ours").colorize(truth), "truth": truth}
    for name, picture in pictures.items():
        picture.thumbnail((WIDTH, WIDTH), Image.Resampling.LANCZOS)
        picture.save(FOLDER / f"strip_{name}.png", optimize=True)


if __name__ == "__main__":
    main()

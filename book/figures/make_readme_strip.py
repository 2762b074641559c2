"""Make the pictures of the README and the welcome page (gray, colored, as it was) and the card that links show.

Run it again when the weights of `ours` change, with the photograph as it was taken, whose source stands in
data/sample/ATTRIBUTION.csv: ``python book/figures/make_readme_strip.py picosdeeuropa_by_Aitzol_Berasategi.jpg``.
The credit line stands in README.md and book/welcome.md; change it with the photograph.
"""

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from colorize_lib.data.reading import open_photo
from colorize_lib.photo.colorizer import Colorizer

SIZE = (400, 300)  # pixels
CARD = (1200, 630)  # what sites that show links ask for
TITLE = "Image colorization with autoencoders"
FOLDER = Path(__file__).parent


def make_card(gray: Image.Image, colored: Image.Image) -> Image.Image:
    """Return the card: the left half gray, the right half colored, the title below."""
    card, half = (ImageOps.fit(picture.convert("RGB"), CARD) for picture in (colored, gray))
    card.paste(half.crop((0, 0, CARD[0] // 2, CARD[1])), (0, 0))
    draw = ImageDraw.Draw(card)
    draw.rectangle((0, CARD[1] - 110, *CARD), fill="#14181e")
    draw.text((40, CARD[1] - 85), TITLE, fill="white", font=ImageFont.load_default(52))
    return card


def main() -> None:
    """Write strip_gray.png, strip_colorized.png, strip_truth.png and social_card.jpg."""
    truth = open_photo(sys.argv[1]).convert("RGB")
    small = ImageOps.fit(truth, SIZE)
    pictures = {"gray": small.convert("L"), "colorized": Colorizer("ours").colorize(small), "truth": small}
    for name, picture in pictures.items():
        picture.save(FOLDER / f"strip_{name}.png", optimize=True)
    large = ImageOps.fit(truth, (CARD[0], CARD[0] * 3 // 4))
    card = make_card(large.convert("L"), Colorizer("ours").colorize(large))
    card.save(FOLDER.parent / "_static" / "social_card.jpg", quality=95, subsampling="4:4:4")


if __name__ == "__main__":
    main()

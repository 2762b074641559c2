"""Make the opening picture of the welcome page, gray and colored, and the card that sites show beside a link.

Run it again when another network colors photographs by default, or its weights change, with the photograph as it was
scanned, whose source stands in data/sample/ATTRIBUTION.csv:
``python book/figures/make_hero.py french-alpine-landscape.jpg``. The credit line stands in book/welcome.md; change it
with the photograph.
"""

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from colorize_lib.data.reading import open_photo
from colorize_lib.photo.colorizer import Colorizer

BORDER = (8, 4, 0, 0)  # pixels of the scan beside the print: left, top, right, bottom
QUALITY = 82  # WebP; pixels differ from the network's by less than what is seen side by side
CARD, BAR = (1200, 630), 110  # what sites that show links ask for, and the height of the title in it
TITLE = "Image colorization with autoencoders"
FOLDER = Path(__file__).parent


def inside(picture: Image.Image) -> Image.Image:
    """Return a scan without its border."""
    left, top, right, bottom = BORDER
    return picture.crop((left, top, picture.width - right, picture.height - bottom))


def make_card(gray: Image.Image, colored: Image.Image) -> Image.Image:
    """Return the card: the left half gray, the right half colored, the title below."""
    card, size = Image.new("RGB", CARD, "#14181e"), (CARD[0], CARD[1] - BAR)
    card.paste(ImageOps.fit(colored, size), (0, 0))
    card.paste(ImageOps.fit(gray.convert("RGB"), size).crop((0, 0, CARD[0] // 2, size[1])), (0, 0))
    draw = ImageDraw.Draw(card)
    draw.text((40, CARD[1] - 85), TITLE, fill="white", font=ImageFont.load_default(52))
    return card


def main() -> None:
    """Write hero_gray.webp, hero_colorized.webp and social_card.jpg."""
    gray = open_photo(sys.argv[1]).convert("L")
    pictures = {"gray": inside(gray), "colorized": inside(Colorizer().colorize(gray.convert("RGB")))}
    for name, picture in pictures.items():
        picture.save(FOLDER / f"hero_{name}.webp", quality=QUALITY, method=6)
    card = make_card(pictures["gray"], pictures["colorized"])
    card.save(FOLDER.parent / "_static" / "social_card.jpg", quality=92, subsampling="4:4:4")


if __name__ == "__main__":
    main()

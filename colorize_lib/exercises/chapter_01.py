"""Checks for the exercises of chapter 01, colorization."""

from functools import partial
from typing import Any

import numpy as np

from colorize_lib import color
from colorize_lib.exercises.verdict import (
    Hint,
    array_of,
    check,
    close,
    described,
    not_exchanged,
    numbers,
    result_of,
    whole,
    words,
)

WORDS = ("L", "gray", "both", "neither")
KEPT = {
    "a and b set to 0": "L",
    "painted over with its gray": "gray",
    "too vivid a and b, clipped": "neither",
    "to Lab and back": "both",
    "sign of b turned, nothing clipped": "L",
}
HALF = 255 * (1.055 * 0.5 ** (1 / 2.4) - 0.055)  # the stored value of half of white's light, 187.5
LIGHTNESS = 116 * 0.5 ** (1 / 3) - 16  # its L, 76.1
ROWS = {
    "one": [40, 20, 0, -20, -20, -20],
    "two": [40, 40, -40, -40, -40, -40],
    "three": [40, 40, 15, 15, -10, -10],
}
ALIKE, GRAY_APART, L_APART = 1.0, 20.0, 15.0  # steps of 255 or of L
LEAST_CHROMA = 30.0
L_KEPT = 0.3  # where L was kept, rounding to 8 bits moves it by less
TINTED = 15.0  # mean chroma that a tint of middle grays must have


@check
def stays(kept: Any) -> str:
    """Check which measure of brightness five changes leave as it was."""
    said = words(kept, KEPT, WORDS)
    zero, painted, clipped, back, turned = (said[change] for change in KEPT)
    hint = partial(Hint, part=np.mean([said[change] == KEPT[change].lower() for change in KEPT]))
    if "both" in (zero, painted, turned):
        raise hint(
            "Gray is a sum of stored values, L comes from light. New colors rarely keep both: see 'Gray is not L'."
        )
    if zero == "gray" or painted == "l":
        raise hint("Which number did the change use? 'Its gray' is a sum of stored values; Lab's first number is L.")
    if clipped != "neither":
        raise hint("Lab can name colors that no screen has. What did clipping do to the impossible blue's L?")
    if back != "both":
        raise hint("The three paints came back from Lab to the last bit. What is the same in equal colors?")
    wrong = sum(word != KEPT[change].lower() for change, word in said.items())
    if wrong:
        raise hint(f"Wrong: {wrong} of 5. Ask of each which number it was made with, and whether a screen can show it.")
    return "A change keeps the number that it was made with, as long as nothing is clipped."


@check
def half(stored: Any, lightness: Any) -> str:
    """Check the stored value and the L of half of white's light."""
    found, bright = float(numbers(stored, (), "stored")), float(numbers(lightness, (), "lightness"))
    not_exchanged({"stored": found, "lightness": bright}, {"stored": HALF, "lightness": LIGHTNESS}, 1)
    if abs(found - HALF / 255) < 0.01:
        raise Hint("That is the stored value on a scale from 0 to 1. Files keep 8 bits: 0 to 255.")
    if 126 <= found <= 129:
        raise Hint("That is half of the stored values. How much light does a stored 0.5 give?")
    if 53 <= found <= 56:
        raise Hint("The curve is applied in the wrong direction: you know the light and look for what is stored.")
    if abs(found - 255 * 0.5 ** (1 / 2.2)) < 0.6:
        raise Hint("Close: that is a plain power of 1 / 2.2. Undo the sRGB curve itself, with 2.4 and 0.055.")
    if abs(found - HALF) > 1:
        raise Hint(
            "You know the light, 0.5. Which c does the chapter's curve turn into it, and how much is that of 255?"
        )
    if abs(bright - 50) < 0.6:
        raise Hint("Half the light does not look half as bright: between light and L stands a cube root.")
    if abs(bright - 100 * HALF / 255) < 0.6:
        raise Hint("That is the stored value in percent. L is computed from light: 116 f(Y) - 16, with Y = 0.5.")
    if abs(bright - LIGHTNESS) > 0.5:
        raise Hint("For a gray, Y is the light itself: L = 116 f(0.5) - 16. What is the cube root of 0.5?")
    return "Half the light is stored as nearly three quarters, and looks even brighter than that."


@check
def scribbles(one: Any, two: Any, three: Any) -> str:
    """Check the a of six pixels in a row, spread from two scribbles."""
    given = {"one": one, "two": two, "three": three}
    rows = {name: numbers(row, (6,), name) for name, row in given.items()}
    hint = partial(Hint, part=np.mean([np.abs(rows[name] - expected) <= 1 for name, expected in ROWS.items()]))
    if close(rows["one"], [40, 20, 0, -20, -40, -60], 1):
        raise hint("Row one: does anything pull the last two pixels below -20? Look which neighbors they have.")
    if close(rows["one"][-1], 0, 1):
        raise hint("Row one: nothing in the cost pulls a pixel toward gray, only toward its neighbors.")
    if close(rows["two"], np.linspace(40, -40, 6), 1):
        raise hint("Row two: this is the blend of a flat ground. What is the weight between L = 30 and L = 70?")
    if close(rows["three"][2:4], [0, 0], 1) or np.ptp(rows["three"][2:4]) > 1:
        raise hint("Row three: the middle two are held to both sides, equally weakly, and to each other strongly.")
    if not close(rows["three"][2:4], [15, 15], 1):
        raise hint("Row three: the two weak links are equally weak. Where is the sum of both squares smallest?")
    for name, expected in ROWS.items():
        wrong = int((np.abs(rows[name] - expected) > 1).sum())
        if wrong:
            raise hint(
                f"Row {name}: {6 - wrong} of six are right. A pixel without a scribble is the weighted mean of its "
                "neighbors; one with a scribble keeps its color."
            )
    return "Each pixel is the mean of its neighbors, weighted by how alike they look."


def paints(pair: Any, what: str) -> np.ndarray:
    """Return (ink, paper) as uint8 [2, 3]; raise a Hint if they aren't two colors of 8 bits."""
    found = whole(pair, (2, 3), what)
    if (found < 0).any() or (found > 255).any():
        raise Hint(f"Expected whole numbers from 0 to 255 for {what}: R, G, B of the ink, R, G, B of the paper.")
    return found.astype("uint8")


@check
def ink(unseen_in_gray: Any, unseen_in_l: Any) -> str:
    """Check two pairs of colors, each equal in one measure of brightness and far apart in the other."""
    pairs = {"unseen_in_gray": unseen_in_gray, "unseen_in_l": unseen_in_l}
    colors = {name: paints(pair, name) for name, pair in pairs.items()}
    apart = {}
    for name, pair in colors.items():
        gray, light = 255 * color.rgb_to_gray(pair).ravel(), color.lightness(pair).ravel()
        apart[name] = abs(float(gray[0] - gray[1])), abs(float(light[0] - light[1]))
        chroma = np.hypot(*color.rgb_to_lab(pair)[:, 1:].T)
        if (chroma < LEAST_CHROMA).any():
            raise Hint(
                f"{name}: a chroma of {chroma.min():.1f} is too gray. Both ink and paper must reach {LEAST_CHROMA:.0f}."
            )
    (gray, light), (other_gray, other_light) = apart["unseen_in_gray"], apart["unseen_in_l"]
    if light <= ALIKE < gray and other_gray <= ALIKE < other_light:
        raise Hint("The two pairs are exchanged: the first must have one gray, the second one L.")
    totals = colors["unseen_in_gray"].astype(int).sum(axis=1)
    if gray > ALIKE and abs(totals[0] - totals[1]) <= 3:
        raise Hint(
            f"unseen_in_gray: R + G + B are equal or nearly so, but the grays lie {gray:.1f} apart: green counts most, "
            "blue least."
        )
    if gray > ALIKE:
        raise Hint(f"unseen_in_gray: the grays lie {gray:.2f} of 255 apart, at most {ALIKE:.0f} is allowed.")
    if light < L_APART:
        raise Hint(f"unseen_in_gray: L differs by {light:.2f}, at least {L_APART:.0f} is asked. Try more vivid colors.")
    if other_light > ALIKE:
        raise Hint(f"unseen_in_l: L differs by {other_light:.2f}, at most {ALIKE:.0f} is allowed.")
    if other_gray < GRAY_APART:
        raise Hint(f"unseen_in_l: the grays lie {other_gray:.2f} apart, at least {GRAY_APART:.0f} is asked.")
    return f"One vanishes in gray (L still {light:.0f} apart), the other in L (gray still {other_gray:.0f} apart)."


def also_every_gray(function: Any) -> None:
    """Try a tint on a picture of another shape; raise a Hint unless its gray comes back there as well."""
    every = np.arange(256, dtype="uint8").reshape(1, 4, 64)
    rgb = numbers(result_of(function, every.copy()), (1, 4, 64, 3), "the tint of an array [1, 4, 64]").astype("uint8")
    if np.abs(255 * color.rgb_to_gray(rgb)[..., 0] - every).max() > 1:
        raise Hint("Right for square pictures, but not for one of 4 x 64 pixels. What does it take for granted?")


@check
def tinted(function: Any) -> str:
    """Check a tint that leaves Pillow's gray as it was."""
    gray = np.stack([np.arange(256), np.random.default_rng(0).permutation(256)]).astype("uint8").reshape(2, 16, 16)
    found = array_of(result_of(function, gray.copy()), "the tint")
    if found.dtype != np.uint8:
        raise Hint(f"Expected uint8, found {described(found)}. Round, then use astype('uint8').")
    rgb = numbers(found, (2, 16, 16, 3), "the tint of an array [2, 16, 16]").astype("uint8")
    off = np.abs(255 * color.rgb_to_gray(rgb)[..., 0] - gray)
    middle = (gray >= 100) & (gray <= 155)
    chroma = np.hypot(*np.moveaxis(color.rgb_to_lab(rgb), -1, 0)[1:])[middle].mean()
    if chroma < TINTED:
        raise Hint(f"Middle grays get a mean chroma of {chroma:.0f}; at least {TINTED:.0f} is asked.")
    if off.max() <= 1:
        also_every_gray(function)
        return "Drop the color, and the photograph is back, to within one step of 255."
    own = color.lightness(np.repeat(gray[..., None], 3, axis=-1))
    if np.abs(color.lightness(rgb) - own)[middle].max() < L_KEPT:
        raise Hint("This keeps L, and the gray file is not L. Which changes of R, G, B leave .299 R + .587 G + .114 B?")
    free = ((rgb > 0) & (rgb < 255)).all(axis=-1)  # nothing was clipped here
    if off[middle].max() <= 1 or (free.any() and off[free].max() <= 1):
        raise Hint(
            f"The sum is kept where there is room, but gray {gray.ravel()[off.argmax()]} is off by {off.max():.0f}: "
            "so much color doesn't fit there. How much can be added before 0 or 255 is passed?"
        )
    raise Hint(
        f"Even middle grays are off by up to {off[middle].max():.0f} of 255. What is added to R, G and B must cancel "
        "in the weighted sum, not in the plain one."
    )

"""A person's hints: as the command line gives them, and in a file, such as "Color your own photograph" writes.

The file is JSON in UTF-8::

    {"format": "colorize-hints", "version": 1, "hints": [{"x": 0.25, "y": 0.5, "color": "#aabbcc"}]}

x and y are fractions of width and height of the photograph as it is shown, the center of pixel i of n being
(i + .5) / n; a color is # and six hexadecimal digits. Nothing else may stand in it.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colorize_lib.hints import MOST, Hint
from colorize_lib.storage import writing

FORMAT, VERSION = "colorize-hints", 1
FIELDS = {"format", "version", "hints"}
OF_A_HINT = {"x", "y", "color"}
DIGITS = 5  # of a fraction: a tenth of a pixel in a photograph 10,000 pixels wide
HEXADECIMAL = re.compile("#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class PixelHint:
    """A hint at a pixel of the photograph as it is shown, counted from 0 at the left and at the top."""

    x: int
    y: int
    rgb: tuple[int, int, int]

    def on(self, width: int, height: int) -> Hint:
        """Return it as a hint at fractions; a ValueError says if the photograph has no such pixel."""
        if not (0 <= self.x < width and 0 <= self.y < height):
            raise ValueError(
                f"a hint at pixel {self.x}, {self.y}, which is outside the photograph of {width} x {height} pixels; "
                f"expected 0 to {width - 1} and 0 to {height - 1}."
            )
        return Hint((self.x + 0.5) / width, (self.y + 0.5) / height, self.rgb)


def placed(hints: Sequence[Hint | PixelHint], width: int, height: int) -> list[Hint]:
    """Return hints at fractions of a photograph of this size.

    Raises
    ------
    ValueError
        If one is outside, two stand at one place, or there are more than `hints.MOST`.
    """
    found = [hint.on(width, height) if isinstance(hint, PixelHint) else hint for hint in hints]
    _require_apart(found)
    return found


def _require_apart(hints: Sequence[Hint]) -> None:
    if len(hints) > MOST:
        raise ValueError(f"{len(hints):,} hints; at most {MOST:,} can be followed in one photograph.")
    seen = set[tuple[float, float]]()
    for hint in hints:
        if (hint.x, hint.y) in seen:
            raise ValueError(f"two hints at one place, x = {hint.x:g}, y = {hint.y:g}; keep one of them.")
        seen.add((hint.x, hint.y))


def color_of(text: str) -> tuple[int, int, int]:
    """Return R, G, B of #rrggbb or of a color's name in CSS; a ValueError says if it is neither."""
    from PIL import ImageColor

    known = text.lower() in ImageColor.colormap
    if not known and not HEXADECIMAL.fullmatch(text):
        raise ValueError(f"{text!r} is no color; expected # and six hexadecimal digits, such as #4080c0, or a name.")
    red, green, blue = ImageColor.getrgb(text)[:3]
    return red, green, blue


def parse(text: str) -> PixelHint:
    """Return the hint of X,Y,COLOR, as ``--hint`` has it; a ValueError says what is wrong with it."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 3 or not all(re.fullmatch("[0-9]{1,9}", part) for part in parts[:2]):
        raise ValueError(f"{text!r} is no hint; expected X,Y,COLOR, such as 120,80,#4080c0, with X and Y in pixels.")
    return PixelHint(int(parts[0]), int(parts[1]), color_of(parts[2]))


def read(path: Path) -> list[Hint]:
    """Return the hints of a file.

    Raises
    ------
    ValueError
        If it is no such file; one sentence says why.
    OSError
        If it can't be read.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"{path}: no JSON ({error}); save the hints again.") from None
    try:
        return _hints(found)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def write(path: Path, hints: Sequence[Hint]) -> None:
    """Write hints into a file that `read` reads."""
    rows = [{"x": round(hint.x, DIGITS), "y": round(hint.y, DIGITS), "color": hint.color} for hint in hints]
    writing.write_json(path, {"format": FORMAT, "version": VERSION, "hints": rows})


def _hints(found: Any) -> list[Hint]:
    _require_fields(found, FIELDS, "the file")
    if found["format"] != FORMAT:
        raise ValueError(f"its format is {found['format']!r}, expected {FORMAT!r}: this is no file of hints.")
    if found["version"] != VERSION or isinstance(found["version"], bool):
        raise ValueError(f"its version is {found['version']!r}, expected {VERSION}; a newer release may read it.")
    if not isinstance(found["hints"], list):
        raise ValueError("'hints' is no list; save the hints again.")
    hints = [_hint(one, f"hint {number}") for number, one in enumerate(found["hints"], 1)]
    _require_apart(hints)
    return hints


def _hint(found: Any, where: str) -> Hint:
    _require_fields(found, OF_A_HINT, where)
    for name in ("x", "y"):
        if not isinstance(found[name], int | float) or isinstance(found[name], bool):
            raise ValueError(f"{where}: {name} is {found[name]!r}, expected a number from 0 to 1.")
    if not (isinstance(found["color"], str) and HEXADECIMAL.fullmatch(found["color"])):
        raise ValueError(f"{where}: the color is {found['color']!r}, expected # and six hexadecimal digits.")
    return Hint(found["x"], found["y"], color_of(found["color"]))


def _require_fields(found: Any, expected: set[str], where: str) -> None:
    if not isinstance(found, dict):
        raise ValueError(f"{where} is no JSON object; expected one with {', '.join(sorted(expected))}.")
    lacking, unknown = sorted(expected - found.keys()), sorted(found.keys() - expected)
    if lacking or unknown:
        what = f"lacks {', '.join(lacking)}" if lacking else f"holds the unknown field {unknown[0]!r}"
        raise ValueError(f"{where} {what}; expected exactly {', '.join(sorted(expected))}.")

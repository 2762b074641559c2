"""The figures of `widgets` as HTML: each function draws one state of one figure.

Styles stand in the elements, because a notebook has no style sheet of the course.
"""

import html
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from colorize_lib.color import CHROMA_SCALE, GAMUT_SLACK, as_uint8, lab_to_linear, lab_to_rgb, lightness, rgb_to_lab
from colorize_lib.figures import arithmetic
from colorize_lib.networks.color_odds import colors
from colorize_lib.plots import png_address

# What the figure of the losses says, here and on the book's pages, which get these sentences from `widgets`.
LOSS_SAID = {
    "question": "Which answers hardly change when the odds go from 0.51 to 0.49, and which turn over? "
    "Guess, then drag. Each curve is the cost of answering with the color below it; the dot marks the least.",
    "L2": "the mean: a {a}, b {b}, chroma {chroma}",
    "L1": "the median of each channel: {winner}",
    "L1, even odds": "no single median: the cost is flat",
    "Classification": "the odds themselves; the likelier is {winner}",
    "Classification, even odds": "the odds themselves; neither is likelier",
    "annealed": "one color from the odds: the annealed mean, T = {temperature}",
    "curve": "{title}: cost from blue to green, least at {place} of the way",
    "curve, flat": "{title}: cost from blue to green, least everywhere on the line",
}
LOSS_TOPS = {"L2": 0.6, "L1": 0.8, "Classification": 2.0}  # the cost at the upper edge of each curve's frame
MINUS = "\N{MINUS SIGN}"
FRAME = "outline: 3px solid #d55e00; outline-offset: -3px; font-weight: bold"


def number(value: float) -> str:
    """Write a number with at most two decimals."""
    return f"{round(float(value), 2) + 0.0:.2f}".rstrip("0").rstrip(".").replace("-", MINUS)


def weight(value: float) -> str:
    """Write the weight of a filter: ninths and quarters as fractions, the rest as numbers."""
    part = Fraction(float(value)).limit_denominator(16)
    is_fraction = abs(part.numerator) == 1 and part.denominator > 1 and np.isclose(float(part), value)
    return str(part).replace("-", MINUS) if is_fraction else number(value)


def product(pixel: float, by: float) -> str:
    """Write a pixel times a weight; a negative weight stands in brackets."""
    return f"{number(pixel)} · ({weight(by)})" if by < 0 else f"{number(pixel)} · {weight(by)}"


def in_lab(lab: np.ndarray) -> str:
    """Write a color with one decimal."""
    return ", ".join(f"{name} {value:.1f}" for name, value in zip("Lab", lab, strict=True)).replace("-", MINUS)


def grid(
    caption: str,
    values: np.ndarray,
    framed: np.ndarray | None = None,
    known: np.ndarray | None = None,
    write: Callable[[float], str] = number,
) -> str:
    """Return numbers [n, m] as a table in HTML; where `framed` they stand out, where not `known` stands a dot."""
    framed = np.zeros(np.shape(values), bool) if framed is None else framed
    known = np.ones(np.shape(values), bool) if known is None else known
    rows = ""
    for line in zip(values, framed, known, strict=True):
        cells = "".join(
            f'<td style="text-align: center; min-width: 2.2em; {FRAME if f else ""}">{write(v) if k else "·"}</td>'
            for v, f, k in zip(*line, strict=True)
        )
        rows += f"<tr>{cells}</tr>"
    return f"<table><caption>{html.escape(caption)}</caption><tbody>{rows}</tbody></table>"


def side_by_side(*parts: str) -> str:
    """Return pieces of HTML in a row that wraps."""
    return f'<div style="display: flex; flex-wrap: wrap; gap: 1rem 2rem; align-items: start">{"".join(parts)}</div>'


def css(lab: Any) -> str:
    """Return a color, L, a, b, as style sheets write it; what sRGB can't show is clipped."""
    red, green, blue = as_uint8(lab_to_rgb(np.asarray(lab, float)))
    return f"rgb({red} {green} {blue})"


def patch(background: str, label: str) -> str:
    """Return a labeled patch of color."""
    return (
        f'<figure style="margin: 0"><div style="width: 6rem; height: 4rem; background: {background}"></div>'
        f"<figcaption>{label}</figcaption></figure>"
    )


def plane(lab: np.ndarray, changed: np.ndarray) -> str:
    """Draw the plane of a and b with the pixel's place, a dot, and that of the changed color, a ring."""
    ends = {"green": (-95, -5), "red": (98, -5), "yellow": (24, -102), "blue": (20, 110)}
    words = "".join(
        f'<text x="{x}" y="{y}" font-size="13" text-anchor="middle" fill="currentColor">{word}</text>'
        for word, (x, y) in ends.items()
    )
    dot = f'<circle cx="{lab[1]:.1f}" cy="{-lab[2]:.1f}" r="6" fill="{css(lab)}" stroke="currentColor"/>'
    ring = f'cx="{changed[1]:.1f}" cy="{-changed[2]:.1f}" r="10" fill="none" stroke="#d55e00" stroke-width="3"'
    return (
        '<svg viewBox="-120 -120 240 240" width="240" role="img" aria-label="The plane of a, across, and b, upward">'
        f'<path d="M-110 0H110M0 -110V110" stroke="currentColor"/>{words}{dot}<circle {ring}/></svg>'
    )


def gamut_said(lab: np.ndarray) -> str:
    """Say whether sRGB can show a color."""
    if np.all(np.abs(lab_to_linear(lab) - 0.5) <= 0.5 + GAMUT_SLACK):
        return "sRGB can show this color."
    clipped = lightness(lab_to_rgb(lab))[0]
    return f"sRGB can't show this color. Clipped, as here, it has L {clipped:.1f} instead of {lab[0]:.1f}."


def marked(picture: np.ndarray, row: int, column: int) -> str:
    """Draw a picture, enlarged, with a ring around one of its pixels."""
    height, width = picture.shape[:2]
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{2 * width}" role="img" aria-label="The photograph, enlarged">'
        f'<image href="{png_address(picture)}" width="{width}" height="{height}" style="image-rendering: pixelated"/>'
        f'<circle cx="{column + 0.5}" cy="{row + 0.5}" r="4" fill="none" stroke="#fff" stroke-width="2"/>'
        f'<circle cx="{column + 0.5}" cy="{row + 0.5}" r="5" fill="none" stroke="#000"/></svg>'
    )


def pixel_html(picture: np.ndarray, row: int, column: int, changed: np.ndarray | None = None) -> str:
    """Show a picture, one of its pixels in numbers, and the color that was made of it."""
    lab = rgb_to_lab(picture[row, column]).astype(float)
    own = changed is None or bool(np.all(np.abs(changed - lab) <= 0.06))  # sliders go by tenths
    changed = lab if changed is None else changed
    red, green, blue = picture[row, column]
    said = f"R {red}, G {green}, B {blue}: {in_lab(lab)}. "
    said += "" if own else gamut_said(changed)
    patches = patch(css(lab), "the pixel") + patch(css(changed), "with your L, a, b")
    return side_by_side(marked(picture, row, column), f"<div>{patches}</div>", plane(lab, changed)) + f"<p>{said}</p>"


def odds_html(picture: np.ndarray, row: int, column: int, odds: np.ndarray, temperature: float) -> str:
    """Show a picture, and the odds of one of its pixels, [Q], over the plane of a and b; a ring is their mean."""
    ab = colors().ab
    discs = "".join(
        f'<circle cx="{a:.0f}" cy="{-b:.0f}" r="{45 * np.sqrt(part):.1f}" fill="{css([60, a, b])}" stroke="#000"/>'
        for (a, b), part in zip(ab, odds, strict=True)
        if part >= 1e-4
    )
    mean, best = odds @ ab, int(odds.argmax())
    said = (
        f"Row {row}, column {column}, T = {temperature:.2f}. Likeliest: {_in_ab(ab[best])}, with {odds[best]:.0%} of "
        f"the odds. Their mean: {_in_ab(mean)}."
    )
    ring = f'cx="{mean[0]:.1f}" cy="{-mean[1]:.1f}" r="7" fill="none" stroke="#d55e00" stroke-width="3"'
    drawn = (
        '<svg viewBox="-110 -110 220 220" width="256" role="img" '
        'aria-label="The odds of the pixel as discs over the plane of a, across, and b, upward">'
        f'<path d="M-110 0H110M0 -110V110" stroke="currentColor"/>{discs}<circle {ring}/></svg>'
    )
    return side_by_side(marked(picture, row, column), drawn) + f"<p>{said}</p>"


def _in_ab(ab: np.ndarray) -> str:
    """Write a and b with one decimal."""
    return f"a {ab[0]:.1f}, b {ab[1]:.1f}".replace("-", MINUS)


def convolution_html(image: np.ndarray, kernel: np.ndarray, stride: int, padding: str, step: int) -> str:
    """Show a convolution after `step` of its arithmetic."""
    padded, windows, outputs = arithmetic.convolution_steps(image, kernel, stride, padding)
    count, k = len(outputs), len(kernel)
    known = np.arange(outputs.size).reshape(outputs.shape) < step
    under, now = np.zeros(padded.shape, bool), np.zeros(outputs.shape, bool)
    said = f"{len(image)} by {len(image)} pixels become {count} by {count}."
    if step:
        row, column = divmod(step - 1, count)
        now[row, column] = True
        under[row * stride : row * stride + k, column * stride : column * stride + k] = True
        pairs = zip(windows[row, column].flat, kernel.flat, strict=True)
        said += f" {' + '.join(product(pixel, by) for pixel, by in pairs)} = {number(outputs[row, column])}"
    return f"<p>{said}</p>" + side_by_side(
        grid("Picture with its zeros", padded, under),
        grid("Filter", kernel, write=weight),
        grid("Output", outputs, now, known),
    )


def upsampling_html(code: np.ndarray, stamp: np.ndarray, way: str, stride: int, padding: str, step: int) -> str:
    """Show one way of upsampling after `step` of the inputs."""
    weights = arithmetic.upsampling_weights(way, len(code), stamp, stride, padding)
    each = (weights * code[..., None, None]).reshape(code.size, *weights.shape[2:])
    reached = arithmetic.upsampling_weights(way, len(code), stride=stride, padding=padding).reshape(each.shape) > 0
    now, current = np.zeros(code.shape, bool), np.zeros(each.shape[1:], bool)
    said = f"{len(code)} by {len(code)} numbers become {weights.shape[2]} by {weights.shape[3]}."
    if step:
        now.flat[step - 1], current = True, reached[step - 1]
        said += f" Input number {step} (its value is {number(code.flat[step - 1])}) adds to {current.sum()} outputs."
    return f"<p>{said}</p>" + side_by_side(
        grid("Input", code, now),
        grid("Stamp", stamp, write=weight) if way == "transposed" else "",
        grid("Output so far", each[:step].sum(axis=0), current, reached[:step].sum(axis=0) > 0),
        grid("How many inputs reach it", reached[:step].sum(axis=0), current),
    )


def learning_curve(name: str, psnr: Sequence[float], epoch: int, ends: tuple[float, float]) -> str:
    """Draw PSNR on validation by epoch, between two `ends` in dB, with one epoch marked."""
    x = 10 + 240 * np.linspace(0, 1, len(psnr))
    y = 80 - 70 * (np.asarray(psnr) - ends[0]) / (ends[1] - ends[0])
    points = " ".join(f"{one:.1f},{two:.1f}" for one, two in zip(x, y, strict=True))
    said = f"{name}: PSNR on validation by epoch; after epoch {epoch} of {len(psnr)} it is {psnr[epoch - 1]:.1f} dB"
    return (
        f'<div style="display: inline-block; width: 260px"><svg viewBox="0 0 260 90" width="260" role="img" '
        f'aria-label="{said}"><polyline points="{points}" fill="none" stroke="#0072b2" stroke-width="2"/>'
        f'<circle cx="{x[epoch - 1]:.1f}" cy="{y[epoch - 1]:.1f}" r="5" fill="#d55e00"/></svg>'
        f"<p>{said}.</p></div>"
    )


def curve(title: str, costs: np.ndarray, best: tuple[float, float]) -> str:
    """Draw the costs of the answers from blue to green, with the best places marked."""
    places = np.linspace(0, 1, len(costs))
    x, y = 10 + 180 * places, 104 - 94 * costs / LOSS_TOPS[title]  # beyond the frame it is cut
    points = " ".join(f"{one:.1f},{two:.1f}" for one, two in zip(x, y, strict=True))
    step = 1 / (len(costs) - 1)
    grounds = [css(arithmetic.between(place + step / 2)) for place in places[:-1]]
    colors = "".join(
        f'<rect x="{across:.1f}" y="112" width="3.5" height="14" fill="{ground}"/>'
        for across, ground in zip(x, grounds, strict=False)
    )
    marks = "".join(
        f'<circle cx="{10 + 180 * place:.1f}" cy="{np.interp(place, places, y):.1f}" r="5.5" fill="#d55e00"/>'
        for place in best
    )
    flat = best[0] != best[1]
    label = LOSS_SAID["curve, flat" if flat else "curve"].format(title=title, place=number(best[0]))
    return (
        f'<svg viewBox="0 0 200 128" width="200" role="img" aria-label="{label}">'
        f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="2"/>{colors}{marks}</svg>'
    )


def loss_html(odds: float) -> str:
    """Show the best answers where green has the `odds` and blue the rest."""
    best, costs = arithmetic.on_the_line(odds), arithmetic.costs_on_line(odds, 61)
    green, blue = css(arithmetic.between(1)), css(arithmetic.between(0))
    line = ", ".join(css(arithmetic.between(place)) for place in np.linspace(0, 1, 13))
    tie = best["L1"][0] != best["L1"][1]
    drawn = f"linear-gradient(to right, {blue} {1 - odds:.0%}, {green} {1 - odds:.0%})"
    grounds = {
        "L2": css(arithmetic.between(odds)),
        "L1": f"linear-gradient(to right, {line})" if tie else css(arithmetic.between(best["L1"][0])),
        "Classification": drawn,
    }
    a, b = arithmetic.between(odds)[1:] / CHROMA_SCALE
    words = {
        "a": number(a),
        "b": number(b),
        "chroma": f"{CHROMA_SCALE * np.hypot(a, b):.1f}",
        "winner": "green" if best["L1"][0] else "blue",
        "temperature": arithmetic.TEMPERATURE,
    }
    panels = []
    for title, ground in grounds.items():
        said = LOSS_SAID[f"{title}, even odds" if tie and title != "L2" else title].format(**words)
        places = best["L1" if title == "L1" else "L2"]
        panels.append(f"<strong>{title}</strong><br>" + curve(title, costs[title], places) + patch(ground, said))
    panels[-1] += patch(css(arithmetic.between(best["annealed"][0])), LOSS_SAID["annealed"].format(**words))
    cars = side_by_side(patch(green, "green car"), patch(blue, "blue car"))
    return f"<p>{LOSS_SAID['question']}</p>{cars}<p>Odds of green: {odds:.2f}</p>" + side_by_side(
        *(f"<div>{panel}</div>" for panel in panels)
    )

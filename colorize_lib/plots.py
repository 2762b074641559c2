"""Pictures of the course: the comparison strip, curves, histograms, one style (used from chapter 02 on)."""

import base64
import html
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure
    from pandas.io.formats.style import Styler

WIDTH = 7.45  # inches: the one width of every figure, that of a page's column
LOOKED_AT, WIDE = 200, 300  # pixels: from these widths on, three and two pictures side by side fill a page's column
ERROR, PEAK = "Error", 40.0  # the column of a strip that is an error map; CIEDE2000 at the end of its scale
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")  # Okabe-Ito: told apart by everyone


def say(markdown: str) -> None:
    """Display a sentence in Markdown: how measured numbers get into the text."""
    from IPython.display import Markdown, display

    display(Markdown(markdown))


def worded(table: "pd.DataFrame") -> "Styler":
    """Return a table as it is displayed with its columns of words, and their headings, beginning at the left.

    Numbers stay at the right, where pandas puts every column. Styles of its own reach Colab as well.
    """
    words = [name for name in table if table[name].map(lambda value: isinstance(value, str)).any()]
    left = [{"selector": "", "props": "text-align: left"}]
    styled = table.style.set_table_attributes('class="dataframe"')
    return styled.set_table_styles(dict.fromkeys(words, left))


def show(fig: "Figure", alt: str) -> None:
    """Display a Matplotlib figure with `alt`, what it shows in words, and close it."""
    import matplotlib.pyplot as plt
    from IPython.display import display

    display(fig, metadata={"image/png": {"alt": alt}})
    plt.close(fig)


def axes(rows: int = 1, columns: int = 1, height: float = 3.0) -> tuple["Figure", Any]:
    """Return a figure of the course's width and its axes, without boxes around them."""
    import matplotlib.pyplot as plt

    fig, grid = plt.subplots(rows, columns, figsize=(WIDTH, height), layout="constrained")
    for ax in np.ravel(grid):
        ax.spines[["top", "right"]].set_visible(False)
    return fig, grid


def png(picture: np.ndarray) -> bytes:
    """Return a uint8 picture, [height, width, 3] or gray [height, width], as a PNG file, which loses nothing."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(np.squeeze(picture)).save(buffer, "png")
    return buffer.getvalue()


def png_address(picture: np.ndarray) -> str:
    """Return the same file as an address that holds it, for the `src` of an HTML image."""
    return "data:image/png;base64," + base64.b64encode(png(picture)).decode()


def strip_html(columns: Mapping[str, np.ndarray], titles: Sequence[str], compare: bool = True) -> str:
    """Return the comparison strip as HTML: a row a photograph, a column a key, one picture a cell; see `strip`."""
    for name, pictures in columns.items():
        if len(pictures) != len(titles) or pictures.dtype != np.uint8:
            raise ValueError(
                f"column '{name}' has {len(pictures)} pictures of {pictures.dtype} for {len(titles)} titles; "
                "expected uint8 and one picture a title."
            )
    widest = max((pictures.shape[2] for pictures in columns.values()), default=0)
    least = widest if widest >= LOOKED_AT else 0
    labeled = {_with_size(name, pictures, least): pictures for name, pictures in columns.items()}
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in labeled)
    rows = []
    for i, title in enumerate(titles):
        cells = "".join(
            f'<td data-column="{html.escape(name)}"><img src="{png_address(pictures[i])}" '
            f'alt="{html.escape(f"{title}: {name}")}" {_measures(pictures, least)}></td>'
            for name, pictures in labeled.items()
        )
        below = f'<td class="strip-title" colspan="{len(columns)}">{html.escape(title)}</td>'
        rows.append(f"<tbody><tr>{cells}</tr><tr>{below}</tr></tbody>")
    scale = f'<tfoot><tr><td colspan="{len(columns)}">{_error_scale()}</td></tr></tfoot>' if ERROR in columns else ""
    kind = f' data-columns="{"wide" if widest >= WIDE else len(columns)}"' if least else ""
    apart = "" if compare else ' data-compare="no"'
    return f'<table class="strip"{kind}{apart}><thead><tr>{head}</tr></thead>{"".join(rows)}{scale}</table>'


def _with_size(name: str, pictures: np.ndarray, least: int) -> str:
    """Return a column's name, and the pictures' width where they are enlarged to a width of `least`."""
    return name if pictures.shape[2] >= least else f"{name}, {pictures.shape[2]} px"


def _measures(pictures: np.ndarray, least: int) -> str:
    """Return as attributes the measures at which pictures are shown: their own, or enlarged to a width of `least`."""
    height, width = pictures.shape[1:3]
    shown = max(width, least)
    return f'width="{shown}" height="{round(height * shown / width)}"'


def _error_scale() -> str:
    """Return the scale of `error_map` as HTML: its colors from no difference to `PEAK`."""
    from matplotlib import colormaps

    colors = colormaps["inferno"](np.linspace(0, 1, 9), bytes=True)[:, :3]
    stops = ", ".join(f"rgb({r}, {g}, {b})" for r, g, b in colors)
    ramp = f'<span class="strip-ramp" style="background: linear-gradient(to right, {stops})"></span>'
    return f"{ERROR}: 0 {ramp} {PEAK:.0f} and more, in CIEDE2000"


def strip(columns: Mapping[str, np.ndarray], titles: Sequence[str], compare: bool = True) -> None:
    """Show photographs side by side, exact to the pixel, each with its alt text.

    Parameters
    ----------
    columns : mapping of str to uint8 array, [N, height, width, 3] or gray [N, height, width]
        Such as ``{"Gray": ..., "Paper": ..., "Ours": ..., "Truth": ..., "Error": ...}``. Beside pictures that are
        `LOOKED_AT` wide, smaller ones are enlarged to their width and named with their size. What is called "Error"
        is a map of `error_map`, whose scale is shown with it.
    titles : sequence of str
        One title a photograph.
    compare : bool
        Whether the columns are versions of one photograph, which pages then offer to lay over each other.
    """
    from IPython.display import HTML, display

    display(HTML(strip_html(columns, titles, compare)))


def marked(picture: np.ndarray, places: Sequence[tuple[int, int]]) -> np.ndarray:
    """Return a copy of a picture, uint8 [height, width, 3], with a ring round each place, (row, column)."""
    from PIL import Image, ImageDraw

    image = Image.fromarray(picture)
    draw, radius = ImageDraw.Draw(image), max(3, max(picture.shape[:2]) // 40)
    for row, column in places:
        for color, width in (("black", 3), ("white", 1)):  # seen on dark and on bright ground
            out = radius + (width == 3)
            draw.ellipse((column - out, row - out, column + out, row + out), outline=color, width=width)
    return np.asarray(image)


def error_map(truth: np.ndarray, predicted: np.ndarray, peak: float = PEAK) -> np.ndarray:
    """Return the CIEDE2000 difference of each pixel as pictures, uint8 [N, height, width, 3].

    Black is no difference, pale yellow is `peak` and more; one scale for all.
    """
    from matplotlib import colormaps

    from colorize_lib.metrics import color_difference

    apart = np.stack([color_difference(t, p) for t, p in zip(truth, predicted, strict=True)])
    return colormaps["inferno"](np.clip(apart / peak, 0, 1), bytes=True)[..., :3]


def curves(
    series: Mapping[str, Sequence[float]],
    ylabel: str,
    alt: str,
    xlabel: str = "Epoch",
    marks: Mapping[str, float] | None = None,
) -> None:
    """Draw one line a series over 1, 2, 3, ...; `marks` adds labeled horizontal lines."""
    fig, ax = axes()
    for color, (name, values) in zip(COLORS * 9, series.items(), strict=False):
        ax.plot(range(1, len(values) + 1), values, color=color, label=name)
    for name, value in (marks or {}).items():
        ax.axhline(value, color="0.4", linestyle="--", linewidth=1)
        ax.annotate(name, (0.01, value), xycoords=("axes fraction", "data"), va="bottom", color="0.3", fontsize=9)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend(frameon=False)
    show(fig, alt)


def histogram(series: Mapping[str, np.ndarray], xlabel: str, alt: str, bins: int = 60) -> None:
    """Draw outlined histograms of the series, each with area 1, over common bins."""
    fig, ax = axes()
    low = min(float(np.min(values)) for values in series.values())
    high = max(float(np.max(values)) for values in series.values())
    for color, (name, values) in zip(COLORS * 9, series.items(), strict=False):
        ax.hist(
            np.ravel(values), np.linspace(low, high, bins + 1), density=True, histtype="step", color=color, label=name
        )
    ax.set(xlabel=xlabel, ylabel="Density")
    ax.legend(frameon=False)
    show(fig, alt)


def boxes(
    layers: Sequence[tuple[str, float, float]], links: Sequence[tuple[int, int]] = (), height: float = 3.0
) -> "Figure":
    """Draw a network as a row of boxes and return the figure.

    `layers` are (label, height, width) in any one unit; `links` join the tops of two
    boxes by their positions, as concatenations do.
    """
    from matplotlib.patches import Rectangle

    fig, ax = axes(height=height)
    gap = 0.25 * max(width for _, _, width in layers)
    tall, left, centers = max(h for _, h, _ in layers), 0.0, []
    for label, tallness, width in layers:
        ax.add_patch(Rectangle((left, -tallness / 2), width, tallness, facecolor="#cfe3f1", edgecolor=COLORS[0]))
        centers.append(left + width / 2)
        ax.text(centers[-1], -tall * 0.58, label, ha="center", va="top", fontsize=8)
        left += width + gap
    for i, j in links:
        top = tall * (0.6 + 0.1 * (j - i) / len(layers))
        path = [centers[i], centers[i], centers[j], centers[j]], [layers[i][1] / 2, top, top, layers[j][1] / 2]
        ax.plot(*path, color=COLORS[1], linewidth=1)
    ax.set(xlim=(-gap, left), ylim=(-tall * 0.9, tall * 0.75))
    ax.axis("off")
    return fig


def named_points(points: Mapping[str, tuple[float, float]], xlabel: str, ylabel: str, alt: str, log: bool) -> None:
    """Draw a point for each name, with the name beside it where there is room; `log`: the upright axis is logarithmic.

    A name is put where it covers least of other names and points and stays inside the axes: right of its point, left of
    it, above or below, or else farther off, and then a thin line leads from the name to its point.
    """
    from matplotlib.lines import Line2D

    fig, ax = axes(height=5.0)
    x, y = np.array(list(points.values())).T
    ax.scatter(x, y, color=COLORS[0], s=28, zorder=3)
    if log:
        ax.set_yscale("log")
        for axis in (ax.yaxis.set_major_formatter, ax.yaxis.set_minor_formatter):
            axis(lambda value, _: f"{value:g}" if str(value)[0] in "1235" else "")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.margins(0.12)
    fig.canvas.draw()
    at = ax.transData.transform(np.column_stack([x, y])) * 72 / fig.dpi  # in points of print
    inside = tuple(ax.get_window_extent().extents * 72 / fig.dpi)
    taken = [(left - 6, low - 6, left + 6, low + 6) for left, low in at]  # keeps names clear of other points
    across, upward = 72 * fig.get_size_inches()
    for name, (left, low) in zip(points, at, strict=True):
        written = fig.text(0, 0, name, fontsize=9, verticalalignment="center")
        extent = written.get_window_extent()
        wide, high = extent.width * 72 / fig.dpi, extent.height * 72 / fig.dpi
        tries = [(8.0, 0.0), (-8 - wide, 0.0), (-wide / 2, 12.0), (-wide / 2, -12.0)]
        tries += [(dx, dy) for far in (12, 24, 36, 48) for dx in (6, -6 - wide) for dy in (far, -far)]
        boxes = [(left + dx, low + dy - high / 2, left + dx + wide, low + dy + high / 2) for dx, dy in tries]
        covered = [sum(_shared(box, other) for other in taken) - _shared(box, inside) for box in boxes]
        best = boxes[int(np.argmin([area + 0.2 * abs(dy) for area, (_, dy) in zip(covered, tries, strict=True)]))]
        written.set_position((best[0] / across, (best[1] + best[3]) / 2 / upward))
        end = np.clip(left, best[0], best[2]), np.clip(low, best[1], best[3])
        if np.hypot(end[0] - left, end[1] - low) > 9:
            ends = [left / across, end[0] / across], [low / upward, end[1] / upward]
            fig.add_artist(Line2D(*ends, color="0.6", linewidth=0.7))
        taken.append(best)
    fig.set_layout_engine("none")  # names stay where they were put
    show(fig, alt)


def _shared(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Return the area that two boxes, left, low, right, high, have in common."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    return max(wide, 0.0) * max(min(one[3], other[3]) - max(one[1], other[1]), 0.0)

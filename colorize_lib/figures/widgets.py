"""Figures that answer back (chapters 01, 04, 05, 07, 09 and 21).

Each of `pixel_inspector`, `convolution`, `upsampling`, `watch_it_learn`, `loss_explorer` and `temperature` displays one
output in two forms. Where a kernel runs, it is made of widgets. On the book's pages it is a placeholder with tables or
pictures in it, and the JavaScript of the same name (``book/web/js``) puts the figure there; print keeps the tables.
What they compute stands in `arithmetic`, what they draw in `html`.
"""

import html
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from colorize_lib import data, results, synthetic
from colorize_lib.color import CHROMA_SCALE, rgb_to_lab
from colorize_lib.data import sources
from colorize_lib.data.reading import open_photo
from colorize_lib.figures import arithmetic
from colorize_lib.figures.html import (
    LOSS_SAID,
    LOSS_TOPS,
    convolution_html,
    in_lab,
    learning_curve,
    loss_html,
    odds_html,
    pixel_html,
    upsampling_html,
)
from colorize_lib.networks import Model, color_odds
from colorize_lib.plots import png_address, strip_html
from colorize_lib.systems.base import LToAb

VIEW = "application/vnd.jupyter.widget-view+json"


def display(widget: Any, name: str, options: Mapping[str, Any], fallback: str) -> None:
    """Display one output: `widget` where a kernel runs, else the figure `name` of the book's pages."""
    from IPython.display import display as display_output

    bundle: dict[str, Any] = {VIEW: {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}}
    if "google.colab" not in sys.modules:  # Colab may prefer HTML
        said = html.escape(json.dumps(options))
        bundle["text/html"] = f'<div data-figure="{name}" data-options="{said}">{fallback}</div>'
    display_output(bundle, raw=True)


def live(controls: Mapping[str, Any], draw: Callable[..., str]) -> Any:
    """Return widgets: the `controls`, and below them the HTML that `draw` makes of their values, by name."""
    from ipywidgets import HTML, VBox

    shown = HTML()

    def update(change: Any = None) -> None:
        shown.value = draw(**{name: control.value for name, control in controls.items()})

    for control in controls.values():
        control.observe(update, "value")
    update()
    return VBox([*controls.values(), shown])


def choice(label: str, options: Any) -> Any:
    """Return a drop-down list."""
    from ipywidgets import Dropdown

    return Dropdown(options=options, description=label, style={"description_width": "initial"})


def slider(label: str, low: int, high: int, value: int = 0) -> Any:
    """Return a slider over whole numbers."""
    from ipywidgets import IntSlider

    return IntSlider(value=value, min=low, max=high, description=label, style={"description_width": "initial"})


def check_square(named: Mapping[str, np.ndarray], least: int, most: int) -> None:
    """Refuse arrays that are not square, or too small or large to follow, with a ValueError that names the first."""
    for name, values in named.items():
        sides = set(np.shape(values))
        if np.ndim(values) != 2 or len(sides) != 1 or not least <= min(sides) <= most:
            wanted = f"{least}" if least == most else f"{least} to {most}"
            raise ValueError(f"'{name}' has shape {np.shape(values)}; expected {wanted} rows and as many columns.")


def as_lists(named: Mapping[str, np.ndarray]) -> dict[str, list]:
    """Return arrays as lists, which JSON can hold."""
    return {name: np.asarray(values).tolist() for name, values in named.items()}


def pixel_inspector(picture: np.ndarray, title: str) -> None:
    """Look at single pixels of a picture, uint8 [height, width, 3], in R, G, B and in L, a, b (chapter 01)."""
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[-1] != 3:
        raise ValueError(f"picture is {picture.dtype} of shape {picture.shape}; expected uint8 [height, width, 3].")
    from ipywidgets import FloatSlider

    height, width = picture.shape[:2]
    row, column = slider("Row", 0, height - 1, height // 2), slider("Column", 0, width - 1, width // 2)
    limits = {"L": (0, 100), "a": (-110, 110), "b": (-110, 110)}
    sliders = {n: FloatSlider(min=low, max=high, step=0.1, description=n) for n, (low, high) in limits.items()}

    def follow(change: Any = None) -> None:
        for control, value in zip(sliders.values(), rgb_to_lab(picture[row.value, column.value]), strict=True):
            control.value = round(float(value), 1)

    def draw(row: int, column: int, L: float, a: float, b: float) -> str:
        return pixel_html(picture, row, column, np.array([L, a, b]))

    follow()
    for control in (row, column):
        control.observe(follow, "value")
    fallback = f'<img src="{png_address(picture)}" width="{width}" height="{height}" alt="{html.escape(title)}">'
    lab = rgb_to_lab(picture[height // 2, width // 2])
    fallback += f"<p>The pixel in the middle: {in_lab(lab)}.</p>"
    display(live({"row": row, "column": column, **sliders}, draw), "pixel-inspector", {}, fallback)


def convolution(pictures: Mapping[str, np.ndarray], filters: Mapping[str, np.ndarray]) -> None:
    """Step through a convolution (chapter 04): pictures [n, n] and filters [3, 3], both by name."""
    check_square(pictures, least=3, most=8)
    check_square(filters, least=3, most=3)
    step = slider("Step", 0, 1)

    def draw(picture: str, kernel: str, stride: int, padding: str, step_now: int) -> str:
        image, weights = np.asarray(pictures[picture]), np.asarray(filters[kernel])
        step.max = arithmetic.zeros_around(len(image), len(weights), stride, padding)[2] ** 2
        return convolution_html(image, weights, stride, padding, min(step_now, step.max))

    controls = {
        "picture": choice("Picture", list(pictures)),
        "kernel": choice("Filter", list(filters)),
        "stride": choice("Stride", [1, 2]),
        "padding": choice("Padding", ["valid", "same"]),
        "step_now": step,
    }
    first, weights = (np.asarray(next(iter(named.values()))) for named in (pictures, filters))
    options = {"pictures": as_lists(pictures), "filters": as_lists(filters)}
    fallback = convolution_html(
        first, weights, 1, "valid", arithmetic.zeros_around(len(first), len(weights), 1, "valid")[2] ** 2
    )
    display(live(controls, draw), "convolution", options, fallback)


def upsampling(codes: Mapping[str, np.ndarray], stamps: Mapping[str, np.ndarray]) -> None:
    """Step through three ways of upsampling (chapter 05): codes [n, n] and stamps [3, 3], by name."""
    check_square(codes, least=1, most=4)
    check_square(stamps, least=3, most=3)
    step = slider("Step", 0, 1)

    def draw(way: str, code: str, stamp: str, stride: int, padding: str, step_now: int) -> str:
        values = np.asarray(codes[code])
        step.max = values.size
        return upsampling_html(values, np.asarray(stamps[stamp]), way, stride, padding, min(step_now, step.max))

    controls = {
        "way": choice("Way", arithmetic.WAYS[::-1]),
        "code": choice("Input", list(codes)),
        "stamp": choice("Stamp", list(stamps)),
        "stride": choice("Stride", [2, 1, 3]),
        "padding": choice("Padding", ["same", "valid"]),
        "step_now": step,
    }
    code, stamp = (np.asarray(next(iter(named.values()))) for named in (codes, stamps))
    fallback = upsampling_html(code, stamp, "transposed", 2, "same", code.size)
    options = {"codes": as_lists(codes), "stamps": as_lists(stamps)}
    display(live(controls, draw), "upsampling", options, fallback)


def watch_it_learn(names: Sequence[str]) -> None:
    """Show a photograph as the runs of the recipes `names` colored it while they learned (chapter 07)."""
    runs = {name: results.by_epoch(name) for name in names}
    titles = {Path(name).stem: photo["title"] for name, photo in sources.attributions().items()}
    photographs = list(next(iter(runs.values())))
    last = min(len(epochs) for run in runs.values() for epochs in run.values())

    psnr = {name: results.read(name)["history"]["val_psnr"] for name in names}
    ends = min(map(min, psnr.values())), max(map(max, psnr.values()))

    def draw(photograph: str, moment: int) -> str:
        columns, curves = {}, ""
        for name, run in runs.items():
            epoch = list(run[photograph])[moment - 1]
            columns[f"{name}, epoch {epoch}"] = np.asarray(open_photo(run[photograph][epoch]))[None]
            curves += learning_curve(name, psnr[name], epoch, ends)
        return strip_html(columns, [titles[photograph]]) + curves

    controls = {"photograph": choice("Photograph", photographs), "moment": slider("Moment", 1, last, 1)}
    display(live(controls, draw), "watch-it-learn", {"recipes": list(names)}, draw(photographs[0], last))


def loss_explorer() -> None:
    """Drag the odds of a green car and see the best answer under each loss (chapter 09)."""
    from ipywidgets import FloatSlider

    odds = FloatSlider(value=0.7, min=0, max=1, step=0.01, description="Odds", style={"description_width": "initial"})
    options = {
        "green": synthetic.GREEN,
        "blue": synthetic.BLUE,
        "L": 100 * synthetic.GRAY,
        "scale": CHROMA_SCALE,
        "temperature": arithmetic.TEMPERATURE,
        "said": LOSS_SAID,
        "tops": LOSS_TOPS,
    }
    display(live({"odds": odds}, loss_html), "loss-explorer", options, loss_html(0.7))


def temperature(colorizer: Model, photographs: data.Photographs) -> None:
    """Color photographs at a temperature of one's choice, and look at the odds of a pixel (chapter 21).

    On the book's pages, which run the shipped network `classification`, they are those of the sample with these names.

    Parameters
    ----------
    colorizer : keras.Model
        One of `color_odds.with_color_odds`.
    photographs : Photographs
        Of the sample.
    """
    from ipywidgets import FloatSlider

    L = LToAb.inputs(photographs)
    scores = np.asarray(color_odds.scoring(colorizer)(L))
    height, width = L.shape[1:3]

    def draw(photograph: int, temperature: float, row: int, column: int) -> str:
        sharp = max(temperature, arithmetic.COLDEST)
        ab = color_odds.enlarge(color_odds.annealed_mean(scores[[photograph]], sharp))
        picture = LToAb.picture(L[[photograph]], np.asarray(ab))[0]
        own = scores[photograph, row // color_odds.ENLARGE, column // color_odds.ENLARGE]
        return odds_html(picture, row, column, arithmetic.sharpened(own, sharp), temperature)

    controls = {
        "photograph": choice("Photograph", [(title, i) for i, title in enumerate(photographs.titles)]),
        "temperature": FloatSlider(value=arithmetic.TEMPERATURE, min=0, max=1, step=0.01, description="T"),
        "row": slider("Row", 0, height - 1, height // 2),
        "column": slider("Column", 0, width - 1, width // 2),
    }
    options = {
        "model": "classification",
        "temperature": arithmetic.TEMPERATURE,
        "photographs": [
            {"file": Path(name).name, "title": title}
            for name, title in zip(photographs.names, photographs.titles, strict=True)
        ],
    }
    display(live(controls, draw), "temperature", options, draw(0, arithmetic.TEMPERATURE, height // 2, width // 2))

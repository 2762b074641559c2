"""What a chapter defines and what the library holds are the same function."""

import ast
import json
import re
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from colorize_lib import artifacts, bake_off, color, data, hints, metrics, plates, probes, turing
from colorize_lib.data import batches, sources
from colorize_lib.networks import critic, fusion, paper, picture_unet, unet
from colorize_lib.systems import chromagan, conditional_gan

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
LIBRARY = {
    name: module
    for module in (
        *(artifacts, bake_off, batches, color, data, hints, metrics, paper, plates, probes, sources, turing, unet),
        *(chromagan, conditional_gan, critic, fusion, picture_unet),
    )
    for name, value in vars(module).items()
    if getattr(value, "__module__", "") == module.__name__  # where it is defined, not where it is imported
}
TAG = "defines:"


def defined():
    """Return (notebook, name) for every cell tagged ``defines:name``."""
    found = []
    for path in NOTEBOOKS:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            tags = cell["metadata"].get("tags", [])
            found += [(path, tag.removeprefix(TAG)) for tag in tags if tag.startswith(TAG)]
    return found


def chapter_namespace(path):
    """Execute only a chapter's imports, constants and definitions, in order."""
    namespace = {}
    keep = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        source = re.sub(r"^(\s*)[%!].*$", r"\1pass", "".join(cell["source"]), flags=re.MULTILINE)
        for node in ast.parse(source).body:
            constant = isinstance(node, ast.Assign) and all(
                isinstance(t, ast.Name) and t.id.isupper() for t in node.targets
            )
            if isinstance(node, keep) or constant:
                exec(compile(ast.Module([node], []), str(path), "exec"), namespace)
    return namespace


def outcome(function, name):
    """Call a function in the one way that fits its name, and return what it gave as arrays."""
    import keras
    from keras import layers

    rng = np.random.default_rng(0)
    photographs = rng.integers(0, 256, (3, 32, 32, 3), np.uint8)
    if name == "natural_key":
        names = ["b2.jpg", "10.jpg", "B10.jpg", "2.jpg", "a.jpg", "1 (3).jpg", "x"]
        return [np.array([names.index(one) for one in sorted(names, key=function)])]
    if name == "crop":
        box = np.array([0.1, 0.2, 0.7, 0.65], "float32")
        return [function(photographs[0] / np.float32(255), box, flip, (24, 20)) for flip in (False, True)]
    if name == "shares":
        lab = color.rgb_to_lab(photographs[0])
        return [function(lab[..., 0], lab[..., 1:], place, width) for place, width in (((0, 5), 40 / 128), ((9, 9), 1))]
    if name == "exposures":
        return [function(photographs[0, :, :, 0])]
    if name == "alignment_of":
        scene = gaussian_filter(rng.normal(size=(160, 140)), 1)
        return [function(scene, np.roll(scene, move, (0, 1))) for move in ((7, -3), (0, 0), (60, 60))]
    if LIBRARY[name] is bake_off:
        values = {system: rng.normal(size=9) + k // 2 for k, system in enumerate("abcd")}
        means = {system: float(one.mean()) for system, one in values.items()}
        if name in ("ranks", "kendall"):
            both = [bake_off.ranks(means), dict(zip("abcd", (3, 1, 4, 2), strict=True))]
            found = [function(*both)] if name == "kendall" else list(function(means, more=True).values())
            return [np.array(found)]
        if name == "difference":
            return [np.array(list(function(values, "a", "b", one).values())) for one in ("kid", "psnr")]
        given = (values, "psnr", values) if name == "equals" else (values, values, "a")
        return [np.array(["abcd".index(system) for system in function(*given)])]
    if name == "wilson":
        return [np.array([function(fooled, 12) for fooled in range(13)])]
    if name == "probe":
        labels = {part: np.arange(40) % 2 for part in ("train", "val", "test")}
        x = {part: rng.normal(size=(40, 5)) + 0.5 * y[:, None] for part, y in labels.items()}
        return [function(x, labels)]
    if LIBRARY[name] is artifacts:
        truth = data.load("sample", 64).rgb[::9]  # noise has neither edges nor even regions
        picture = gaussian_filter(truth, (0, 1, 1, 0))
        one_channel = (color.lightness(rgb)[..., 0] for rgb in (picture, truth))
        given = {"edge_profiles": tuple(one_channel), "local_spread": (picture,)}.get(name, (picture, truth))
        values = np.asarray(function(*given))
        assert np.isfinite(values).any(), f"{name} finds nothing to measure here"
        return [values]
    if LIBRARY[name] is metrics:
        two = (photographs, photographs[::-1].copy())
        return [np.asarray(function(*two[: 1 if name == "colorfulness" else 2]))]
    if LIBRARY[name] is color:
        floats = color.rgb_to_lab(photographs) if name.startswith("lab") else photographs / np.float32(255)
        return [np.asarray(function(floats))]
    if LIBRARY[name] is data:
        sample = data.load("sample", 32)
        given = function(sample)
        parts = list(given.values()) if isinstance(given, dict) else given
        return [getattr(part, "rgb", part) for part in parts]
    if LIBRARY[name] is conditional_gan:
        maps = [rng.normal(size=(2, 4, 4, 1)).astype("float32") for _ in range(2 if name == "critics_loss" else 1)]
        smoothings = ((1.0,), (0.9,)) if name == "critics_loss" else ((),)
        return [np.asarray(function(*maps, game, *rest)) for game in conditional_gan.GAMES for rest in smoothings]
    if name == "class_loss":
        taught, logits = rng.dirichlet(np.ones(5), 3).astype("float32"), rng.normal(size=(3, 5)).astype("float32")
        return [np.asarray(function(taught, logits)), np.asarray(function(np.eye(3, 5, dtype="float32"), logits))]
    if name == "gradient_penalty":
        keras.utils.set_random_seed(0)
        judge = critic.patch_critic(16, 4)
        light, colors = (rng.normal(size=(2, 8, 8, k)).astype("float32") for k in (1, 2))
        return [np.asarray(function(judge, keras.ops.convert_to_tensor(light), keras.ops.convert_to_tensor(colors)))]
    if name == "receptive_field":
        return [np.array([function(critic.patch_critic(pixels)) for pixels in critic.STRIDED])]
    keras.utils.set_random_seed(0)
    if name == "fuse":
        x, embedding = keras.Input((4, 4, 3)), keras.Input((1, 1, 5))
        given = [rng.normal(size=(2, *one.shape[1:])).astype("float32") for one in (x, embedding)]
        with_it, without = keras.Model([x, embedding], function(x, embedding, 6)), keras.Model(x, function(x, None, 6))
        return [np.asarray(with_it(given)), np.asarray(without(given[0]))]
    if name == "patch_critic":
        judges = [function(pixels, 4, channels) for pixels, channels in ((16, 2), (34, 3), (70, 2))]
        seen = photographs / np.float32(255)
        return [np.asarray(one([seen[..., :1], seen[..., : one.input_shape[1][-1]]])) for one in judges]
    arguments = {"downsample": (8, True), "upsample": (8,), "residual_block": (3,)}
    if name in arguments:
        x = keras.Input((32, 32, 3))
        model = keras.Model(x, function(x, *arguments[name]))
    elif name == "decode":
        inputs = keras.Input((32, 32, 3))
        features = paper.encoder(32)(inputs)
        mirrors = [*reversed(features[:-1]), inputs]
        both = [keras.Model(inputs, function(features, skips)) for skips in (None, mirrors)]  # layer names repeat
        model = keras.Model(inputs, layers.Concatenate()([part(inputs) for part in both]))
    else:
        model = function(32)
    channels = model.input_shape[-1]
    output = model(photographs[..., :channels] / np.float32(255))
    return [np.asarray(o) for o in (output if isinstance(output, list) else [output])] + [model.count_params()]


@pytest.mark.parametrize(("path", "name"), defined(), ids=lambda value: getattr(value, "stem", value))
def test_a_chapters_definition_is_the_librarys(path, name):
    assert name in LIBRARY, f"{path.name} defines {name}, which the library does not have"
    namespace = chapter_namespace(path)
    assert name in namespace, f"{path.name} has a cell tagged {TAG}{name} that does not define it"
    ours = outcome(getattr(LIBRARY[name], name), name)
    chapters = outcome(namespace[name], name)
    for one, other in zip(ours, chapters, strict=True):
        np.testing.assert_allclose(np.asarray(one, float), np.asarray(other, float), atol=1e-3)


@pytest.mark.parametrize(("path", "name"), defined(), ids=lambda value: getattr(value, "stem", value))
def test_a_docstring_names_the_chapter_that_defines_its_function(path, name):
    documented = " ".join(getattr(LIBRARY[name], name).__doc__.split())
    assert f"Defined in chapter {path.stem[:2]}." in documented


def test_chapters_define_what_they_teach():
    taught = {name for _, name in defined()}
    must = {
        "rgb_to_lab", "lab_to_rgb", "rgb_arrays", "lab_arrays", "split", "downsample", "encoder",
        "upsample", "decode", "plain_autoencoder", "paper_network", "psnr", "pooled_psnr", "mae", "colorfulness",
        "edge_profiles", "edge_spread", "local_spread", "patchiness", "probe", "wilson",
        "critics_loss", "fooling_loss", "patch_critic", "receptive_field", "kendall", "no_worse", "equals",
    }  # fmt: skip
    assert must <= taught, f"no chapter defines: {sorted(must - taught)}"

"""The network for the browser: small, equal to Keras at every size, and refused where it makes no sense."""

import base64
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from PIL import Image

from colorize_lib import cli, color, zoo
from colorize_lib.photo import colorizer, onnx_export
from colorize_lib.recipes import RECIPES
from colorize_lib.settings import MODEL
from colorize_lib.storage import weights_files

MOST_BYTES = 3_000_000


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("onnx") / "model" / "rooms.onnx"
    assert cli.main(["export-onnx", str(target)]) == cli.DONE
    return target


def about(file: Path) -> dict[str, Any]:
    """Return what an exported file says of itself."""
    network = onnx.load(file)
    onnx.checker.check_model(network, full_check=True)
    (entry,) = network.metadata_props
    assert entry.key == onnx_export.ABOUT
    return dict(json.loads(entry.value))


def test_one_small_file_says_what_it_is(exported: Path) -> None:
    said = about(exported)
    assert exported.stat().st_size <= MOST_BYTES
    assert (said["name"], said["recipe"]) == ("rooms", MODEL)
    assert said["working_side"] == colorizer.WORKING_SIDE
    assert said["weights_sha256"] == weights_files.sha256(zoo.weights_path(MODEL))
    assert [path.name for path in exported.parent.iterdir()] == ["rooms.onnx"]


def test_the_picture_to_try_has_the_colors_that_python_gives(exported: Path) -> None:
    tried = about(exported)["tried"]
    side = tried["side"]
    gray, colors = (np.frombuffer(base64.b64decode(tried[key]), "uint8") for key in ("gray", "colors"))
    wanted = colorizer.Colorizer(MODEL).colorize(Image.fromarray(gray.reshape(side, side)))
    np.testing.assert_array_equal(colors.reshape(side, side, 3), np.asarray(wanted))
    assert np.ptp(colors.reshape(-1, 3), axis=1).max() > 20, "a gray answer would tell nothing"


@pytest.mark.parametrize("size", [(64, 96), (256, 336)])
def test_it_computes_what_keras_computes(exported: Path, size: tuple[int, int]) -> None:
    L = np.random.default_rng(0).random((1, *size, 1)).astype("float32")
    session = onnxruntime.InferenceSession(exported)
    (found,) = session.run(None, {session.get_inputs()[0].name: L})
    wanted = np.asarray(zoo.load_model(MODEL)(L, training=False))
    np.testing.assert_allclose(found, wanted, atol=1e-4)  # 0.01 in units of Lab


def test_kernels_are_stored_in_half_the_bytes(exported: Path) -> None:
    held = onnx.load(exported).graph.initializer
    large = [one for one in held if len(one.dims) == 4]
    assert len(large) > 40
    assert {one.data_type for one in large} == {onnx.TensorProto.FLOAT16}


def test_scaled_chroma_is_a_part_of_the_file(tmp_path: Path) -> None:
    onnx_export.export("ours_vivid", tmp_path / "vivid.onnx")
    L = np.random.default_rng(0).random((1, 64, 64, 1)).astype("float32")
    session = onnxruntime.InferenceSession(tmp_path / "vivid.onnx")
    (found,) = session.run(None, {session.get_inputs()[0].name: L})
    vivid, ours = (np.asarray(zoo.load_model(name)(L, training=False)) for name in ("ours_vivid", "ours"))
    np.testing.assert_allclose(found, vivid, atol=2e-4)
    scaled = color.scale_chroma(ours * color.CHROMA_SCALE, 1.42, 1.3) / color.CHROMA_SCALE
    np.testing.assert_allclose(vivid, scaled, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "out", "said"),
    [
        ("ours", "ours.bin", "ends in .onnx"),
        ("ours", "é.onnx", "the file's name becomes the network's"),
        ("ours", f"{'n' * 41}.onnx", "such as rooms.onnx"),
        ("gray", "gray.onnx", "has no network"),
        ("small_10", "small.onnx", "no published weights"),
        ("nothing", "nothing.onnx", "no recipe 'nothing'"),
    ],
)
def test_what_cannot_be_exported_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, out: str, said: str
) -> None:
    assert cli.main(["export-onnx", str(tmp_path / out), "--model", name]) != cli.DONE
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_network_that_gives_rgb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zoo, "locate", lambda name: (RECIPES["paper"], tmp_path / "paper.weights.h5"))
    with pytest.raises(ValueError, match=r"predicts R, G, B.*such as 'ours'"):
        onnx_export.export("paper", tmp_path / "paper.onnx")


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ValueError, match=r"pip install onnx"):
        onnx_export.export("ours", tmp_path / "ours.onnx")

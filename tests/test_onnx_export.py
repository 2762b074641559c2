"""The network for the browser: small, equal to Keras at every size, and refused where it makes no sense."""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from colorize_lib import cli, color, zoo
from colorize_lib.photo import colorizer, onnx_export
from colorize_lib.settings import MODEL
from colorize_lib.storage import weights_files

MOST_BYTES = 3_000_000


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("onnx") / "model" / f"{MODEL}.onnx"
    assert cli.main(["export-onnx", str(target)]) == cli.DONE
    return target


def test_the_file_is_small_and_says_what_a_page_needs(exported: Path) -> None:
    about = json.loads(exported.with_suffix(".json").read_text())
    assert about["bytes"] == exported.stat().st_size <= MOST_BYTES
    assert about["recipe"] == MODEL
    assert about["working_side"] == colorizer.WORKING_SIDE
    assert about["weights_sha256"] == weights_files.sha256(zoo.weights_path(MODEL))
    assert sorted(path.name for path in exported.parent.iterdir()) == [f"{MODEL}.json", f"{MODEL}.onnx"]


@pytest.mark.parametrize("size", [(64, 96), (256, 336)])
def test_it_computes_what_keras_computes(exported: Path, size: tuple[int, int]) -> None:
    L = np.random.default_rng(0).random((1, *size, 1)).astype("float32")
    session = onnxruntime.InferenceSession(exported)
    (found,) = session.run(None, {session.get_inputs()[0].name: L})
    wanted = np.asarray(zoo.load_model(MODEL)(L, training=False))
    np.testing.assert_allclose(found, wanted, atol=1e-4)  # 0.01 in units of Lab


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
    from colorize_lib.recipes import RECIPES

    monkeypatch.setattr(zoo, "locate", lambda name: (RECIPES["paper"], tmp_path / "paper.weights.h5"))
    with pytest.raises(ValueError, match=r"predicts R, G, B.*such as 'ours'"):
        onnx_export.export("paper", tmp_path / "paper.onnx")


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    with pytest.raises(ValueError, match=r"pip install tf2onnx onnx"):
        onnx_export.export("ours", tmp_path / "ours.onnx")

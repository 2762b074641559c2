"""The profile in force, the device and the line that a notebook begins with; the folder on Drive."""

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from colorize_lib import settings

SMI = """#!/bin/sh
echo "$*" > "$0.asked"
printf '{}'
exit {}
"""


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A machine without a GPU, outside Colab, with no profile chosen."""
    monkeypatch.delenv("COLORIZE_PROFILE", raising=False)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(settings, "find_library", lambda name: None)
    monkeypatch.setattr(settings, "CUDNN", ())
    settings.gpu.cache_clear()
    yield
    settings.gpu.cache_clear()


def driver(folder: Path, says: str = "Tesla T4\\n", status: int = 0) -> None:
    """Put an nvidia-smi into a folder."""
    program = folder / "nvidia-smi"
    program.write_text(SMI.format(says, status))
    program.chmod(0o755)


def test_quick_without_a_gpu() -> None:
    assert (settings.gpu(), settings.profile()) == (None, "quick")
    assert settings.choose(quick=1, full=2) == 1


def test_full_with_a_gpu_in_colab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver(tmp_path)
    monkeypatch.setitem(sys.modules, "google.colab", None)
    assert (settings.gpu(), settings.profile()) == ("Tesla T4", "full")
    assert settings.choose(quick=1, full=2) == 2


@pytest.mark.parametrize("found_by", ["package", "system"])
def test_full_with_a_gpu_and_cudnn_anywhere(found_by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver(tmp_path, "NVIDIA A100\\nNVIDIA A100\\n")
    if found_by == "package":
        monkeypatch.setattr(settings, "CUDNN", ("numpy",))  # one that is installed
    else:
        monkeypatch.setattr(settings, "find_library", {"cudnn": "libcudnn.so.9"}.get)
    assert (settings.gpu(), settings.profile()) == ("2 x NVIDIA A100", "full")


def test_quick_with_a_gpu_that_tensorflow_cannot_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver(tmp_path)
    assert (settings.gpu(), settings.profile()) == (None, "quick")  # no cuDNN
    monkeypatch.setitem(sys.modules, "google.colab", None)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    settings.gpu.cache_clear()
    assert settings.gpu() is None


@pytest.mark.parametrize(("says", "status"), [("", 0), ("No devices were found\\n", 6)])
def test_a_driver_without_a_gpu(says: str, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver(tmp_path, says, status)
    monkeypatch.setitem(sys.modules, "google.colab", None)
    assert settings.gpu() is None


def test_a_driver_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver(tmp_path)
    monkeypatch.setitem(sys.modules, "google.colab", None)

    def hang(*anything: object, **more: object) -> None:
        raise subprocess.TimeoutExpired("nvidia-smi", 10)

    monkeypatch.setattr(settings.subprocess, "run", hang)
    assert settings.gpu() is None


@pytest.mark.parametrize("chosen", ["quick", "full"])
def test_the_variable_wins(chosen: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver(tmp_path)
    monkeypatch.setitem(sys.modules, "google.colab", None)
    monkeypatch.setenv("COLORIZE_PROFILE", chosen)
    assert settings.profile() == chosen
    assert not (tmp_path / "nvidia-smi.asked").exists()  # nor is the driver asked


def test_a_profile_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLORIZE_PROFILE", "fast")
    with pytest.raises(ValueError, match="COLORIZE_PROFILE is 'fast'; expected 'quick' or 'full'"):
        settings.profile()


def test_the_line_a_notebook_begins_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library, tensorflow = version("colorize-lib"), version("tensorflow")
    assert settings.summary() == f"colorize-lib {library}, TensorFlow {tensorflow}, CPU, profile quick"
    driver(tmp_path)
    monkeypatch.setitem(sys.modules, "google.colab", None)
    settings.gpu.cache_clear()
    assert re.fullmatch(r"colorize-lib \S+, TensorFlow \S+, Tesla T4, profile full", settings.summary())


def test_the_line_costs_no_tensorflow() -> None:
    code = "import sys; from colorize_lib import settings; settings.summary(); print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_folder_on_drive_where_it_is_mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DRIVE", tmp_path / "MyDrive")
    assert settings.drive_folder("paper") is None
    (tmp_path / "MyDrive").mkdir()
    assert settings.drive_folder("paper") == tmp_path / "MyDrive" / "colorization" / "paper_quick"
    monkeypatch.setenv("COLORIZE_PROFILE", "full")
    assert settings.drive_folder("paper") == tmp_path / "MyDrive" / "colorization" / "paper_full"


def test_the_processor_is_named() -> None:
    about = settings.processor()
    assert about["bf16 instructions"] in ("yes", "no", "unknown")
    assert about["processor"]

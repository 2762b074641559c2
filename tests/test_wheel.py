"""The wheel alone, away from the checkout: small, whole, and it colors photographs."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import release
from PIL import Image

from colorize_lib import settings
from colorize_lib.data import sources

ROOT = Path(__file__).resolve().parents[1]
LARGEST = 12_500_000  # bytes; every chapter or network with its own results adds a quarter of a megabyte


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that must succeed; return what it printed on stdout and stderr."""
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return release.make_wheel(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install it into an empty folder; the packages it asks for come from this environment."""
    folder = tmp_path_factory.mktemp("installed")
    run(
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        folder,
        wheel,
        cwd=folder,
    )
    return folder


@pytest.fixture
def away(installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which Python finds the installed wheel before the checkout."""
    monkeypatch.setenv("PYTHONPATH", str(installed))
    return tmp_path


def test_it_carries_what_chapters_need(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    inside = {name.removeprefix("colorize_lib/_data/") for name in held if name.startswith("colorize_lib/_data/")}
    data = settings.data_dir()
    expected = {"sample/ATTRIBUTION.csv", f"models/{settings.MODEL}.weights.h5", "models/registry.txt"}
    expected |= {f"sample/{name}" for name in sources.attributions()}
    expected |= {path.relative_to(data).as_posix() for path in (data / "results").rglob("*.*")}
    assert expected <= inside
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "colorize_lib").rglob("*.py")}
    assert modules | {"colorize_lib/py.typed"} <= held
    assert any(name.endswith("licenses/LICENSE") for name in held)
    assert not [name for name in held if name.split("/")[0] in ("tests", "notebooks", "book")]


def test_it_is_small(wheel: Path) -> None:
    assert wheel.stat().st_size <= LARGEST


def test_it_imports_without_tensorflow(installed: Path, away: Path) -> None:
    code = (
        "import sys, colorize_lib\n"
        "from colorize_lib import settings\n"
        "print(colorize_lib.__file__, settings.data_dir(), settings.repository(), 'tensorflow' in sys.modules)"
    )
    file, data, repository, tensorflow = run(sys.executable, "-c", code, cwd=away).split()
    assert Path(file) == installed / "colorize_lib" / "__init__.py"
    assert Path(data) == installed / "colorize_lib" / "_data"
    assert repository.startswith("https://")
    assert tensorflow == "False"


def test_its_command_helps_and_colors(installed: Path, away: Path) -> None:
    command = installed / "bin" / "colorize"
    assert "COMMAND" in run(sys.executable, command, "--help", cwd=away)
    name = min(sources.attributions())
    shutil.copy(settings.data_dir() / "sample" / name, away / name)
    # stderr is joined in: not a line of TensorFlow's may be there.
    said = run(sys.executable, command, "photo", name, "-o", "out", cwd=away).splitlines()
    assert len(said) == 3
    assert said[1] == f"[1/1] {name} -> out/{name}"
    assert said[2].startswith("1 colorized, 0 failed")
    with Image.open(away / name) as before, Image.open(away / "out" / name) as after:
        assert after.size == before.size

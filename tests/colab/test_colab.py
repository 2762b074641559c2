"""Every notebook as in Colab: its package versions, the wheel alone, an empty folder, top to bottom (make test-colab).

nbval runs the chapters and compares what they put out with what they hold; students' notebooks hold nothing.

Where this machine has a Python of Colab's version, that one runs them and no package's version differs. Else the
one of .venv does, and a package without a wheel for it comes in the nearest version.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import environment
import nbformat
import pytest
from build import THREADS
from first_cell import first_cell
from nbclient import NotebookClient
from packaging.requirements import Requirement
from test_wheel import wheel  # noqa: F401  (a fixture)

from colorize_lib.settings import MODEL

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "colab"
LISTS = {"current": "pip-freeze.txt", "previous": "pip-freeze-2026.04.txt"}
CHAPTERS = sorted((ROOT / "notebooks").glob("*.ipynb"))
STUDENTS = sorted((ROOT / "notebooks" / "student").glob("*.ipynb"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ASKED = [Requirement(line) for line in PROJECT["dependencies"]]
INSTALLS = re.compile(r'"git\+[^"]+"')  # what the first cell installs
# Colab's kernel has imported google.colab, and its shell is a class of that package.
SHELL = """
import google.colab
shell = get_ipython()
shell.__class__ = type("Shell", (type(shell),), {"__module__": "google.colab._shell"})

import os, sys
def write(text, write=sys.stderr.write):
    with open(os.environ["HOME"] + "/stderr.txt", "a") as file:
        file.write(text)
    return write(text)
sys.stderr.write = write
"""
WHERE = "import colorize_lib, sys\nassert colorize_lib.__file__.startswith(sys.prefix), colorize_lib.__file__"
NOT_COLABS = ("COLORIZE_", "JUPYTER", "IPYTHON", "PYTHON", "VIRTUAL_ENV", "XDG_", "TF_", "KERAS", "MPL", "CUDA")


class Runtime(NamedTuple):
    """What stands for Colab: the name of a list of versions, and a Python with them."""

    name: str
    python: Path


@pytest.fixture(scope="module", params=["current", pytest.param("previous", marks=pytest.mark.long)])
def runtime(request: pytest.FixtureRequest) -> Runtime:
    """An environment that stands for Colab's."""
    try:
        python = environment.environment(request.param)
    except ConnectionError as error:
        pytest.skip(f"NO NETWORK: pip could not fetch what Colab has, no notebook was run with it ({error})")
    return Runtime(request.param, python)


@pytest.fixture
def like_colab(runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The variables of a kernel that finds nothing of this machine's, and google.colab as Colab's kernels do.

    The one thing that is there: the weights that the wheel leaves to the release.
    """
    spec = tmp_path / "jupyter" / "kernels" / "colab"
    stub = tmp_path / "stub" / "google" / "colab"
    startup = tmp_path / "home" / ".ipython" / "profile_default" / "startup"
    for folder in (spec, stub, startup):
        folder.mkdir(parents=True)
    python = environment.layer(runtime.python, tmp_path / "colab")
    command = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(json.dumps({"argv": command, "display_name": "Colab", "language": "python"}))
    (stub / "__init__.py").write_text("")
    (startup / "colab.py").write_text(SHELL)
    released = tmp_path / "home" / ".cache" / "colorize-lib" / "models"  # as if downloaded from the release
    shutil.copytree(ROOT / "data" / "models", released, ignore=shutil.ignore_patterns(f"{MODEL}.*", "*.txt"))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_COLABS)}
    colab = {"HOME": str(tmp_path / "home"), "PYTHONPATH": str(tmp_path / "stub"), "COLORIZE_PROFILE": "quick"}
    # Two notebooks run at once on what may be two cores.
    return kept | colab | {"JUPYTER_PATH": str(tmp_path / "jupyter")} | dict.fromkeys(THREADS, "1")


def prepared(path: Path, built: Path, version: str) -> Any:
    """Return a notebook with the wheel in place of the repository's address, and checks of what it ran with."""
    notebook = nbformat.read(path, as_version=4)
    place, setup = next((i, cell) for i, cell in enumerate(notebook.cells) if cell.id == "setup")
    setup.source, times = INSTALLS.subn(f'"{built}"', setup.source)
    assert times == 1
    said = rf"colorize-lib \S+, TensorFlow {re.escape(version)}, CPU, profile quick"
    begun = [
        "import os, re, colorize_lib.settings",
        f"assert re.fullmatch({said!r}, colorize_lib.settings.summary()), colorize_lib.settings.summary()",
        'open(os.environ["HOME"] + "/stderr.txt", "w").close()  # what pip says is no matter',
    ]
    notebook.cells.insert(place + 1, nbformat.v4.new_code_cell("\n".join(begun), id="begun"))
    notebook.cells.append(nbformat.v4.new_code_cell(WHERE, id="of-the-wheel"))
    return notebook


@pytest.mark.parametrize("name", LISTS)
def test_the_lists_say_what_colab_has(name: str) -> None:
    if not SHARED.is_dir():
        pytest.skip("NO LISTS OF COLAB'S FOUND beside the checkout: tests/colab/*.txt were not compared with them")
    theirs = environment.versions((SHARED / LISTS[name]).read_text(encoding="utf-8"))
    ours = environment.listed(name)
    assert {package: version for package, version in ours.items() if theirs.get(package) != version} == {}


def test_it_has_colabs_versions_of_what_the_library_asks_for(runtime: Runtime, tell: Callable[[str], None]) -> None:
    differences = environment.differences(*runtime)
    tell(environment.ran_on(*runtime))
    tell(f"colab-{runtime.name} differs from Colab's list: {'; '.join(differences) or 'nowhere'}")
    asked = {one.name for one in ASKED} | {"ipython", "ipykernel"}
    assert asked <= set(environment.listed(runtime.name))
    if environment.minor(environment.version_of(runtime.python)) == environment.minor(
        environment.wanted_python(runtime.name)
    ):
        assert differences == []
    assert [line for line in differences if line.split()[0] in asked] == []


def made_python(folder: Path, version: str, name: str = "python", works: bool = True) -> Path:
    """Make what looks like a Python of some version to whoever starts it."""
    folder.mkdir(parents=True, exist_ok=True)
    python = folder / name
    python.write_text(f"#!/bin/sh\necho {version}\nexit {0 if works else 1}\n")
    python.chmod(0o755)
    return python


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a machine that has no Python but that of .venv, which is another one than Colab's."""
    own = made_python(tmp_path / "venv", "3.11.7")
    monkeypatch.setattr(environment.sys, "executable", str(own))
    monkeypatch.setenv("PATH", f"{tmp_path / 'path'}:/usr/bin:/bin")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "uv"))
    monkeypatch.setattr(environment, "wanted_python", lambda name: "3.99.5")
    return tmp_path


@pytest.mark.parametrize("place", ["path", "pyenv/versions/3.99.1/bin", "uv/cpython-3.99.2-linux/bin"])
def test_a_python_of_colabs_version_is_found(machine: Path, place: str) -> None:
    """On PATH, or installed by pyenv or uv; also where a shim of pyenv's stands on PATH that runs nothing."""
    assert environment.colabs_python("current") == machine / "venv" / "python"
    assert "not on Colab's 3.99.5" in environment.ran_on("current", machine / "venv" / "python")
    made_python(machine / "path", "", "python3.99", works=False)
    made_python(machine / "pyenv/versions/3.9.9/bin", "3.9.9", "python3.9")
    found = made_python(machine / place, "3.99.1", "python3.99")
    assert environment.colabs_python("current") == found
    assert environment.ran_on("current", found) == "The notebooks ran on Python 3.99.1; Colab has 3.99.5."


def test_it_has_all_that_the_library_asks_for(runtime: Runtime) -> None:
    listed = environment.listed(runtime.name)
    assert [str(one) for one in ASKED if listed.get(environment.normal(one.name), "") not in one.specifier] == []


def test_the_first_cell_changes_no_package(runtime: Runtime, wheel: Path, tmp_path: Path) -> None:  # noqa: F811
    (arguments,) = re.findall(r"%pip (install .*)", INSTALLS.sub(f'"{wheel}"', first_cell()))
    report = tmp_path / "report.json"
    done = environment.pip(runtime.python, *shlex.split(arguments), "--dry-run", "--report", str(report))
    assert done.returncode == 0, done.stderr
    found = json.loads(report.read_text(encoding="utf-8"))["install"]
    assert [item["metadata"]["name"] for item in found] == ["colorize-lib"]


def name_of(path: Path) -> str:
    """Return a notebook's name in the list of tests."""
    return path.relative_to(ROOT / "notebooks").with_suffix("").as_posix()


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """An empty folder for a notebook."""
    folder = tmp_path / "content"
    folder.mkdir()
    return folder


def complaints(variables: dict[str, str]) -> str:
    """Return what a notebook wrote to stderr after its first cell."""
    return (Path(variables["HOME"]) / "stderr.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", CHAPTERS, ids=name_of)
def test_a_chapter_runs_alone_and_puts_out_what_it_holds(
    path: Path,
    runtime: Runtime,
    wheel: Path,  # noqa: F811
    like_colab: dict[str, str],
    content: Path,
    tell: Callable[[str], None],
) -> None:
    copy = content / path.name
    nbformat.write(prepared(path, wheel, environment.listed(runtime.name)["tensorflow"]), copy)
    nbval = ("--nbval-lax", "--nbval-kernel-name=colab", "--nbval-cell-timeout=600")
    apart = ("-c", os.devnull, "--rootdir", str(content), "-p", "no:cacheprovider", "-q")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *nbval, *apart, str(copy)], env=like_colab, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-6000:]
    assert complaints(like_colab) == ""
    tell(f"{path.stem}: {done.stdout.strip().splitlines()[-1]}")


@pytest.mark.parametrize("path", STUDENTS, ids=name_of)
def test_a_students_notebook_runs_alone(
    path: Path,
    runtime: Runtime,
    wheel: Path,  # noqa: F811
    like_colab: dict[str, str],
    content: Path,
) -> None:
    notebook = prepared(path, wheel, environment.listed(runtime.name)["tensorflow"])
    client = NotebookClient(notebook, timeout=600, kernel_name="colab", resources={"metadata": {"path": str(content)}})
    client.execute(env=like_colab)
    assert complaints(like_colab) == ""

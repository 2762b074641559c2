"""Environments with the package versions of Colab's runtimes (build/colab-current, build/colab-previous)."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock

HERE = Path(__file__).parent
BUILD = HERE.parents[1] / "build"
# What pip says of a version that has no wheel for this Python.
NO_WHEEL = re.compile(r"No matching distribution found for (\S+)==\S+")
NO_NETWORK = re.compile(r"connection broken by|Could not fetch URL|Max retries exceeded")
# What an environment needs of the Python that makes it; one built without some of it is of no use.
TELLS_VERSION = "import bz2, ctypes, ensurepip, lzma, platform, sqlite3, ssl, venv; print(platform.python_version())"


def normal(name: str) -> str:
    """Return a package's name as all its spellings are written alike."""
    return re.sub(r"[-_.]+", "-", name).lower()


def versions(text: str) -> dict[str, str]:
    """Return the versions in a list of ``name==version`` lines, by normalized name."""
    pairs = (line.split("==") for line in text.splitlines() if re.fullmatch(r"[\w.-]+==\S+", line))
    return {normal(name): version for name, version in pairs}


def listed(name: str) -> dict[str, str]:
    """Return the versions in tests/colab/<name>.txt."""
    return versions((HERE / f"{name}.txt").read_text(encoding="utf-8"))


def pip(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pip in an environment; a ConnectionError says if it failed for want of a network."""
    done = subprocess.run([python, "-m", "pip", "--no-input", *arguments], capture_output=True, text=True)
    if done.returncode and NO_NETWORK.search(done.stderr):
        raise ConnectionError(done.stderr[-3000:])
    return done


def install(python: Path, wanted: list[str]) -> None:
    """Install the versions in the list, or for want of a wheel for this Python the nearest before it.

    Nothing else: Colab leaves out what its packages ask for and no notebook needs (IPython's jedi).
    """
    requirements = python.parents[1] / "requirements.txt"
    while True:
        requirements.write_text("\n".join(wanted))
        done = pip(python, "install", "--no-deps", "--only-binary", ":all:", "-r", str(requirements))
        if done.returncode == 0:
            return
        missing = NO_WHEEL.search(done.stderr)
        if not missing:
            raise RuntimeError(f"{python}: pip could not install Colab's versions:\n{done.stderr[-3000:]}")
        wanted = [line.replace("==", "<=") if line.startswith(f"{missing[1]}==") else line for line in wanted]


def wanted_python(name: str) -> str:
    """Return the Python that tests/colab/<name>.txt says Colab has, as "3.13.15"."""
    (version,) = re.findall(r"^# Python ([\d.]+)$", (HERE / f"{name}.txt").read_text(encoding="utf-8"), re.MULTILINE)
    return str(version)


def minor(version: str) -> str:
    """Return "3.13" of "3.13.15": what decides which wheels fit."""
    return ".".join(version.split(".")[:2])


def installed_pythons(version: str) -> Iterator[Path]:
    """Yield where a Python of that version may be: the one of .venv, on PATH, installed by pyenv, by uv."""
    yield Path(sys.executable)
    on_path = shutil.which(f"python{version}")
    if on_path:
        yield Path(on_path)
    home = Path.home()
    pyenv = Path(os.environ.get("PYENV_ROOT") or home / ".pyenv") / "versions"
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or home / ".local" / "share" / "uv" / "python")
    for folder in (*pyenv.glob(f"{version}.*"), *uv.glob(f"cpython-{version}.*")):
        yield folder / "bin" / f"python{version}"


def version_of(python: Path) -> str:
    """Return a Python's version, as "3.13.5"; nothing where it doesn't run (pyenv's shims) or lacks a part."""
    try:
        done = subprocess.run([python, "-c", TELLS_VERSION], capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def colabs_python(name: str) -> Path:
    """Return a Python of Colab's version if this machine has one, else that of .venv."""
    version = minor(wanted_python(name))
    fits = (python for python in installed_pythons(version) if minor(version_of(python)) == version)
    return next(fits, Path(sys.executable))


def ran_on(name: str, python: Path) -> str:
    """Return which Python an environment has, and how that is to Colab's, in one sentence."""
    ours, theirs = version_of(python), wanted_python(name)
    if minor(ours) == minor(theirs):
        return f"The notebooks ran on Python {ours}; Colab has {theirs}."
    return (
        f"The notebooks ran on Python {ours}, not on Colab's {theirs}, which is neither on PATH nor installed by pyenv "
        f"or uv; install it, and no package differs from Colab's: uv python install {minor(theirs)}"
    )


def environment(name: str) -> Path:
    """Make the environment of tests/colab/<name>.txt unless it is there; return its Python.

    Nothing is ever installed into it: see `layer`.
    """
    BUILD.mkdir(exist_ok=True)
    with FileLock(BUILD / f"colab-{name}.lock"):  # two processes of tests ask for it at once
        return made(name)


def made(name: str) -> Path:
    """Do what `environment` says."""
    text = (HERE / f"{name}.txt").read_text(encoding="utf-8")
    folder = BUILD / f"colab-{name}"
    python, stamp = folder / "bin" / "python", folder / "made-of.txt"
    maker = colabs_python(name)
    made_from = hashlib.sha256(f"{version_of(maker)} {text}".encode()).hexdigest()
    if not stamp.is_file() or stamp.read_text() != made_from:
        start = time.monotonic()
        subprocess.run([maker, "-m", "venv", "--clear", folder], check=True)
        install(python, [line for line in text.splitlines() if "==" in line])
        stamp.write_text(made_from)
        print(f"{folder.name} made in {time.monotonic() - start:.0f} s")
    return python


def layer(python: Path, folder: Path) -> Path:
    """Make an environment that has all packages of another one and takes what is installed; return its Python."""
    subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
    (below,), (own,) = (top.glob("lib/python*/site-packages") for top in (python.parents[1], folder))
    (own / "below.pth").write_text(f"import site; site.addsitedir({str(below)!r})\n", encoding="utf-8")
    return folder / "bin" / "python"


def installed(python: Path) -> dict[str, str]:
    """Return the versions of the packages in an environment."""
    return versions(pip(python, "list", "--format", "freeze").stdout)


def differences(name: str, python: Path) -> list[str]:
    """Return, one line each, where an environment differs from its list."""
    found = installed(python)
    return [
        f"{package} {found.get(package, 'missing')} for Colab's {version}"
        for package, version in listed(name).items()
        if found.get(package) != version
    ]


if __name__ == "__main__":
    environment(sys.argv[1])

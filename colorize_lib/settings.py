"""Where the course's files are, and which profile is in force."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from ctypes.util import find_library
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata, version
from pathlib import Path
from typing import TypeVar

from colorize_lib import __version__

T = TypeVar("T")

PROFILES = ("quick", "full")
# The recipe that colors a photograph where nobody chooses another: the one that the rule of chapter 26 names for a
# photograph for people to look at (`bake_off.PURPOSES`, data/results/bake_off.json).
MODEL = "pretrained_decibels"
DRIVE = Path("/content/drive/MyDrive")  # where Colab mounts a reader's Google Drive
CUDNN = ("nvidia-cudnn-cu12", "nvidia-cudnn-cu13")  # what pip install "tensorflow[and-cuda]" brings along


def require_choice(sentence: str, found: str, known: Iterable[str]) -> None:
    """Raise a ValueError, which begins with `sentence` and names what was `found`, unless that is `known`."""
    if found not in known:
        raise ValueError(f"{sentence} {found!r}; expected one of: {', '.join(known)}.")


def require_least(owner: str, settings: object, least: Mapping[str, float]) -> None:
    """Raise a ValueError, which begins with `owner`, if an attribute of `settings` is below its number in `least`."""
    for name, lowest in least.items():
        if getattr(settings, name) < lowest:
            raise ValueError(f"{owner}: {name} is {getattr(settings, name)}; expected {lowest} or more.")


def data_dir() -> Path:
    """Return the folder with the sample, the weights and the results.

    In a checkout this is ``data`` at the top level; in an installed wheel it
    is the copy that the wheel carries.
    """
    checkout = Path(__file__).resolve().parents[1] / "data"
    return checkout if (checkout / "sample").is_dir() else Path(__file__).parent / "_data"


def cache_dir() -> Path:
    """Return the folder for downloads: ``COLORIZE_CACHE`` or the user's cache."""
    chosen = os.environ.get("COLORIZE_CACHE")
    return Path(chosen) if chosen else Path.home() / ".cache" / "colorize-lib"


def installed(package: str) -> str | None:
    """Return the version of an installed package, without importing it; None if it isn't there."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


@cache
def gpu() -> str | None:
    """Return the name of the GPU that TensorFlow can use, None if there is none.

    NVIDIA's driver is asked, which takes a fraction of a second; importing TensorFlow takes several. Outside Colab a
    GPU counts only where cuDNN is, too: without it TensorFlow computes on the CPU.
    """
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1") or not shutil.which("nvidia-smi"):
        return None
    if "google.colab" not in sys.modules and not any(map(installed, CUDNN)) and not find_library("cudnn"):
        return None
    command = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    names = done.stdout.splitlines() if done.returncode == 0 else []
    return f"{len(names)} x {names[0]}" if len(names) > 1 else next(iter(names), None)


def processor() -> dict[str, str]:
    """Return the processor's name and whether it has instructions for bfloat16, as far as the system tells."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.is_file() else []
    about = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    flags = about.get("flags", about.get("Features", "")).split()
    bf16 = ("yes" if {"avx512_bf16", "amx_bf16", "bf16"} & set(flags) else "no") if flags else "unknown"
    return {"processor": about.get("model name", platform.processor()), "bf16 instructions": bf16}


def profile() -> str:
    """Return the profile in force: ``COLORIZE_PROFILE``, or else ``full`` with a GPU and ``quick`` without one.

    Raises
    ------
    ValueError
        If ``COLORIZE_PROFILE`` names no profile.
    """
    name = os.environ.get("COLORIZE_PROFILE") or ("full" if gpu() else "quick")
    if name not in PROFILES:
        raise ValueError(f"COLORIZE_PROFILE is {name!r}; expected 'quick' or 'full'. Set one of them.")
    return name


def summary() -> str:
    """Return what a notebook runs with, in one line: library, TensorFlow, device, profile."""
    return f"colorize-lib {__version__}, TensorFlow {installed('tensorflow')}, {gpu() or 'CPU'}, profile {profile()}"


def choose(quick: T, full: T) -> T:
    """Return the value for the profile in force: ``choose(quick=2, full=50)``."""
    return quick if profile() == "quick" else full


def drive_folder(name: str) -> Path | None:
    """Return the folder of a run on Google Drive where that is mounted, else None: the run is not kept.

    Let it be the `out` of `training.train`, and a run that lost its runtime goes on where it was. Each profile has
    its own folder. In Colab, Drive is mounted by ``google.colab.drive.mount("/content/drive")``.
    """
    return DRIVE / "colorization" / f"{name}_{profile()}" if DRIVE.is_dir() else None


def repository() -> str:
    """Return the address of the course's repository, as pyproject.toml states it."""
    for line in metadata("colorize-lib").get_all("Project-URL") or []:
        label, _, address = line.partition(", ")
        if label == "Repository":
            return address
    raise LookupError("colorize-lib's metadata names no Repository; install it again with 'make setup'.")


def book() -> str:
    """Return the address of the published book: where GitHub serves a project's pages."""
    owner, name = repository().rsplit("/", 2)[1:]
    return f"https://{owner}.github.io/{name}/"

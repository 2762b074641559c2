"""Where the course's files are, and which profile is in force."""

import os
from importlib.metadata import metadata
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

PROFILES = ("quick", "full")


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


def profile() -> str:
    """Return the profile in force, ``quick`` (the default) or ``full``.

    Raises
    ------
    ValueError
        If ``COLORIZE_PROFILE`` names no profile.
    """
    name = os.environ.get("COLORIZE_PROFILE", "quick")
    if name not in PROFILES:
        raise ValueError(f"COLORIZE_PROFILE is {name!r}; expected 'quick' or 'full'. Set one of them.")
    return name


def choose(quick: T, full: T) -> T:
    """Return the value for the profile in force: ``choose(quick=2, full=50)``."""
    return quick if profile() == "quick" else full


def repository() -> str:
    """Return the address of the course's repository, as pyproject.toml states it."""
    for line in metadata("colorize-lib").get_all("Project-URL") or []:
        label, _, address = line.partition(", ")
        if label == "Repository":
            return address
    raise LookupError("colorize-lib's metadata names no Repository; install it again with 'make setup'.")

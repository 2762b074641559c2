"""Make the pictures of the color Turing test page: real photographs, and what each model makes of their gray.

Both pictures of a pair go the same way: the file is decoded, scaled and cropped once; the fake is then colored from
that picture, whose lightness it keeps; both are stored without loss. So only color can tell them apart. None of it is
committed: `make` writes into a folder that the pages serve, and does nothing where that folder is up to date.
"""

import hashlib
import json
import shutil
import sys
import tempfile
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from PIL import Image

from colorize_lib import __version__, menu, provenance, settings, zoo
from colorize_lib.data.sources import attributions
from colorize_lib.data.sources import find as entries_of
from colorize_lib.photo.colorizer import Colorizer
from colorize_lib.recipes import find
from colorize_lib.storage import weights_files
from colorize_lib.turing.widget import CATCHES, SIDE, plainly_wrong, square

CATCH_STEMS = [Path(name).stem for name in CATCHES]
CREDIT = ("title", "author", "year", "license", "source")
AT_ONCE = 2  # models; most of a picture's time goes into one core
Pool = get_context("spawn").Pool  # TensorFlow, once started, can't be forked


def models() -> list[str]:
    """Return the recipes of `menu.OFFERED` whose weights are published; one whose weights can't be had is named."""
    names = []
    for name in menu.OFFERED:
        if find(name).weights_name + weights_files.SUFFIX not in weights_files.registry():
            continue
        try:
            zoo.weights_path(name)
        except weights_files.WeightsError as error:
            print(f"The color Turing test goes without '{name}'. {error}", flush=True)
            continue
        names.append(name)
    return names


def made_from(names: list[str]) -> str:
    """Return the hash of everything that the pictures and their index depend on."""
    sample = [settings.data_dir() / "sample" / "ATTRIBUTION.csv", *(entry.color for entry in entries_of("sample"))]
    weights = [zoo.weights_path(name) for name in names]
    systems = [part for name in names for part in (*find(name).system.code(), find(name).system.representation)]
    code = provenance.code_hash(Colorizer, square, plainly_wrong, *systems)
    digest = hashlib.sha256(" ".join([__version__, Image.__version__, code, *names]).encode())
    for path in (*sample, Path(__file__), *weights):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def write(pictures: dict[str, Image.Image], folder: Path) -> dict[str, int]:
    """Write each picture as lossless WebP, ``folder/<stem>.webp``; return its bytes by stem."""
    folder.mkdir(parents=True)
    for stem, picture in pictures.items():
        picture.save(folder / f"{stem}.webp", lossless=True, quality=80, method=4, exact=True)
    return {stem: (folder / f"{stem}.webp").stat().st_size for stem in pictures}


class CompiledColorizer(Colorizer):
    """A colorizer whose network is compiled, which pays for many photographs of one size."""

    @cached_property
    def model(self) -> Any:
        """The network as a function."""
        network = zoo.load(self.recipe, self.weights)
        return lambda x, training: network.predict_on_batch(x)


def color_all(name: str, folder: Path) -> dict[str, int]:
    """Write what a model makes of each picture in ``folder/real`` into ``folder/<name>``; return its bytes by stem."""
    colorizer = CompiledColorizer(name)
    colored = {}
    for path in sorted((folder / "real").iterdir()):
        with Image.open(path) as photo:
            colored[path.stem] = colorizer.colorize(photo)
    return write(colored, folder / name)


def make_all(folder: Path, names: list[str]) -> dict[str, Any]:
    """Write all pictures into `folder`; return what the page needs to know about them."""
    files = {entry.color.stem: entry.color for entry in entries_of("sample")}
    real = {stem: square(path.name) for stem, path in files.items()}
    sizes = {"real": write(real, folder / "real")}
    sizes["catch"] = write({stem: plainly_wrong(real[stem]) for stem in CATCH_STEMS}, folder / "catch")
    with Pool(AT_ONCE) as pool:
        sizes |= zip(names, pool.starmap(color_all, [(name, folder) for name in names], chunksize=1), strict=True)
    return {
        "course": __version__,
        "side": SIDE,
        "models": [{"name": name, "label": menu.OFFERED[name]} for name in names],
        "photographs": [
            {
                "file": path.name,
                **{key: attributions()[path.name][key] for key in CREDIT},
                "bytes": {kind: of[stem] for kind, of in sizes.items() if stem in of},
            }
            for stem, path in files.items()
        ],
    }


def make(folder: Path) -> None:
    """Bring ``folder/turing`` up to date: ``index.json`` and the pictures, ``<kind>/<photograph>.webp``.

    Kinds are ``real``, ``catch`` (for a few) and one for each model. The index is written last and says what
    the pictures were made from, so that an interrupted run is begun again.
    """
    target, names = folder / "turing", models()
    state, index = made_from(names), target / "index.json"
    if index.is_file() and json.loads(index.read_text(encoding="utf-8")).get("made_from") == state:
        return
    print("Coloring the photographs of the color Turing test", flush=True)
    shutil.rmtree(target, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as part:
        facts = {"made_from": state, **make_all(Path(part) / "turing", names)}
        (Path(part) / "turing" / "index.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
        (Path(part) / "turing").rename(target)


if __name__ == "__main__":
    make(Path(sys.argv[1]))

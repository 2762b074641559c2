"""Zoo: trained weights by the recipe's name, checked by hash (taught in chapter 08).

A weights file is a Keras ``.weights.h5`` without the optimizer, its numbers in
float16, with the recipe's name as the file's attribute ``recipe``. The network
is built by code, so the file loads under older Keras releases too, which a
``.keras`` file does not. ``data/models/registry.txt`` lists each published file
with its sha256.
"""

import hashlib
import io
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from colorize_lib import __version__, settings, writing
from colorize_lib.quiet import start_keras
from colorize_lib.recipes import RECIPES, Recipe, find

SUFFIX = ".weights.h5"
ATTRIBUTE = "recipe"  # of the HDF5 file: which recipe the weights belong to
REGISTRY = "registry.txt"  # one line a file: its name and its sha256, as pooch reads it


class WeightsError(ValueError):
    """Weights that are not there, are damaged or do not fit; the message says what to do."""


def models_dir() -> Path:
    """Return the folder of the shipped weights and of their registry."""
    return settings.data_dir() / "models"


def registry() -> dict[str, str]:
    """Return the published weights: file name to sha256."""
    path = models_dir() / REGISTRY
    lines = path.read_text(encoding="ascii").split("\n") if path.is_file() else []
    return dict(line.split() for line in lines if line.strip())


def sha256(path: Path) -> str:
    """Return the file's sha256 as 64 hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def register(name: str) -> None:
    """Write the hash of ``data/models/<name>.weights.h5`` into the registry, after the weights have changed."""
    file = models_dir() / (name + SUFFIX)
    hashes = {**registry(), file.name: sha256(file)}
    lines = [f"{key} {value}\n" for key, value in sorted(hashes.items())]
    (models_dir() / REGISTRY).write_text("".join(lines), encoding="ascii")


def weights_path(name: str) -> Path:
    """Return the weights file of the recipe `name`.

    It is the shipped one, else a copy in `settings.cache_dir` that is downloaded
    from the release of this version.

    Raises
    ------
    ValueError
        If there is no such recipe.
    WeightsError
        If the weights are not published, can't be downloaded or differ from the registry.
    """
    recipe = find(name)
    if not recipe.model:
        raise WeightsError(f"recipe '{name}' has no network, so it has no weights: {recipe.about}.")
    file = recipe.weights + SUFFIX
    if file not in registry() and not (models_dir() / file).is_file():
        raise WeightsError(
            f"there are no published weights of '{name}'; published: {_listed()}. "
            f"Train it with 'colorize train {name} --out runs/{name}', then name the {SUFFIX} file."
        )
    return published(file)


def published(file: str) -> Path:
    """Return a weights file of the registry: the shipped one, else a download; a WeightsError says what is wrong."""
    path, known_hash = models_dir() / file, registry().get(file)
    if not path.is_file():
        return _download(file, known_hash)
    if known_hash not in (None, sha256(path)):
        raise WeightsError(
            f"{path}: its sha256 is not the one in {REGISTRY}, so it is damaged or of another version; "
            f"install the course again, or, if these weights are new, call zoo.register('{file.removesuffix(SUFFIX)}')."
        )
    return path


def _listed() -> str:
    return ", ".join(sorted(file.removesuffix(SUFFIX) for file in registry())) or "none"


def _download(file: str, known_hash: str | None) -> Path:
    import pooch

    if known_hash is None:
        raise WeightsError(f"{file}: neither in {models_dir()} nor in {REGISTRY}; install the course again.")

    address = f"{settings.repository()}/releases/download/v{__version__}/{file}"
    try:
        path = pooch.retrieve(address, f"sha256:{known_hash}", fname=file, path=settings.cache_dir() / "models")
    except (OSError, ValueError) as error:  # no network, no such file; another hash
        reason = str(error).split("\n")[0]
        raise WeightsError(f"{address}: the weights could not be downloaded ({reason}); try again later.") from error
    return Path(path)


def locate(name_or_path: str | Path) -> tuple[Recipe, Path]:
    """Return the recipe and the weights file of a recipe's name or of a path to a ``.weights.h5`` file."""
    path = Path(name_or_path)
    if not str(name_or_path).endswith(".h5"):
        return find(str(name_or_path)), weights_path(str(name_or_path))
    if not path.is_file():
        raise WeightsError(f"{path}: there is no such file; expected a {SUFFIX} file or one of: {', '.join(RECIPES)}.")
    if not path.name.endswith(SUFFIX):
        raise WeightsError(f"{path}: expected a name that ends in {SUFFIX}, which Keras asks for; rename the file.")
    import h5py

    try:
        with h5py.File(path) as stored:
            name = stored.attrs.get(ATTRIBUTE)
    except OSError as error:
        raise WeightsError(f"{path}: not a weights file (not HDF5, or cut off); copy or download it again.") from error
    if name not in RECIPES:
        stated = "states no recipe" if name is None else f"is of the recipe '{name}'"
        raise WeightsError(f"{path}: the file {stated}; expected one of: {', '.join(RECIPES)}.")
    return RECIPES[name], path


def load_model(name_or_path: str | Path) -> Any:
    """Return the trained network of a recipe, for photographs of any size.

    Parameters
    ----------
    name_or_path : str or path
        A recipe's name (``"ours"``), or a ``.weights.h5`` file written by `save_weights`.

    Returns
    -------
    keras.Model
        Not compiled, in float32.

    Raises
    ------
    ValueError
        If there is no such recipe.
    WeightsError
        If the weights are missing, damaged or of another network. It is a ValueError too.
    """
    return load(*locate(name_or_path))


def load(recipe: Recipe, path: Path) -> Any:
    """Return the network of `recipe` with the weights in `path`; see `load_model`."""
    start_keras()
    return fill(recipe.build(), path, f"recipe '{recipe.name}'")


def fill(model: Any, path: Path, name: str) -> Any:
    """Return `model`, the network of `name`, with the weights in `path`; a WeightsError says if they don't fit."""
    try:
        model.load_weights(path)
    except (OSError, ValueError, KeyError) as error:
        raise WeightsError(
            f"{path}: the weights do not fit the network of {name} ({str(error).splitlines()[0]}); "
            "they were saved by another version of the course. Train it again."
        ) from error
    return model


def _as_float16(values: np.ndarray) -> np.ndarray:
    small = values.astype("float16")
    return small if np.isfinite(small).all() else values  # above 65,504: keep what float16 can't hold


def save_weights(model: Any, path: str | Path, recipe: str) -> None:
    """Write the weights of `model`, float16, without its optimizer; never half a file under that name.

    Parameters
    ----------
    model : keras.Model
        Built by the recipe.
    path : str or path
        Ends in ``.weights.h5``; the folder is made.
    recipe : str
        The recipe's name, written into the file.

    Raises
    ------
    ValueError
        If the path has another ending or a weight is not a finite number.
    """
    import h5py

    path = Path(path)
    if not path.name.endswith(SUFFIX):
        raise ValueError(f"{path}: expected a name that ends in {SUFFIX}, which Keras asks for.")
    if not all(np.isfinite(weights).all() for weights in model.get_weights()):
        raise ValueError(f"{path}: not written, because the network holds weights that are not finite numbers.")
    with tempfile.TemporaryDirectory() as folder, writing.whole_file(path) as part:
        full = Path(folder) / f"full{SUFFIX}"
        model.save_weights(full)
        held = io.BytesIO()  # HDF5 writes this: on a full disk its own errors say little
        with h5py.File(full) as source, h5py.File(held, "w") as target:
            target.attrs[ATTRIBUTE] = recipe
            _copy_as_float16(source, target)
        part.write_bytes(held.getvalue())


def _copy_as_float16(source: Any, target: Any) -> None:
    """Copy an HDF5 file as Keras wrote it, but for the optimizer's state."""
    import h5py

    def copy(name: str, item: Any) -> None:
        if name.split("/")[0] == "optimizer":
            return
        if isinstance(item, h5py.Dataset):
            target[name] = _as_float16(item[()])
        else:
            target.require_group(name).attrs.update(item.attrs)

    source.visititems(copy)

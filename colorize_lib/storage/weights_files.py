"""Weights files: written small, found by name, checked by hash (shown in chapter 08).

A weights file is a Keras ``.weights.h5`` without the optimizer, its numbers in float16, with the recipe's name as the
file's attribute ``recipe``. The network is built by code, so the file loads under older Keras releases too, which a
``.keras`` file does not. ``data/models/registry.txt`` lists each published file with its sha256. A frozen network that
several systems need is such a file, too, stored once: the file of a colorizer that holds one has what was learned
beside it (see `learned`).
"""

import hashlib
import io
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from colorize_lib import __version__, settings
from colorize_lib.storage import writing

SUFFIX = ".weights.h5"
ATTRIBUTE = "recipe"  # of the HDF5 file: which recipe the weights belong to
LEARNED = "learned"  # the layer of a colorizer that is stored where the others are frozen
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
    with writing.whole_file(models_dir() / REGISTRY) as part:
        part.write_text("".join(lines), encoding="ascii")


def published(file: str) -> Path:
    """Return a weights file of the registry: the shipped one, else a download; a WeightsError says what is wrong."""
    path, known_hash = models_dir() / file, registry().get(file)
    if not path.is_file():
        return _download(file, known_hash)
    if known_hash not in (None, sha256(path)):
        raise WeightsError(
            f"{path}: its sha256 is not the one in {REGISTRY}, so it is damaged or of another version; "
            f"install the course again, or, if these weights are new, call "
            f"weights_files.register('{file.removesuffix(SUFFIX)}')."
        )
    return path


def listed() -> str:
    """Return the names of the published weights, for a sentence."""
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


def learned(model: Any) -> Any:
    """Return what is stored of a network: all of it, or, where it has a layer called `LEARNED`, that network alone.

    What stands beside such a layer is frozen and has a file of its own.
    """
    return next((layer for layer in model.layers if layer.name == LEARNED), model)


def fill(model: Any, path: Path, name: str) -> Any:
    """Return `model`, the network of `name`, with the weights in `path`; a WeightsError says if they don't fit."""
    try:
        learned(model).load_weights(path)
    except (OSError, ValueError, KeyError) as error:
        raise WeightsError(
            f"{path}: the weights do not fit the network of {name} ({str(error).partition(chr(10))[0]}); "
            "they are perhaps of another version of the course. Train it again."
        ) from error
    return model


def _as_float16(values: np.ndarray) -> np.ndarray:
    small = values.astype("float16")
    return small if np.isfinite(small).all() else values  # above 65,504: keep what float16 can't hold


def save(model: Any, path: str | Path, recipe: str) -> None:
    """Write the weights of `model`, float16, without its optimizer; never half a file under that name.

    Of a network with frozen parts that have a file of their own, what was learned is written, see `learned`.

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
        learned(model).save_weights(full)
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

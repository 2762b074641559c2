"""Networks as the pages' own script (book/web/js/network.js) loads them: their steps as JSON, and their weights.

A runtime that reads any ONNX file weighs more than the network itself; these steps need one loop in WebAssembly
(book/web/convolution.wat), which a phone has at once.
"""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np

from colorize_lib.photo.network_steps import Steps

FILTERS = 8  # that the loop computes at once


def packed(kernel: np.ndarray) -> np.ndarray:
    """Return a kernel [height, width, channels, filters] as the loop reads it: float16 [filters / 8, numbers, 8].

    A kernel with one filter a channel stays as it is.
    """
    if kernel.ndim == 3:
        return kernel.astype("<f2")
    flat = kernel.reshape(-1, kernel.shape[-1])
    flat = np.pad(flat, ((0, 0), (0, -flat.shape[1] % FILTERS)))
    return flat.reshape(len(flat), -1, FILTERS).transpose(1, 0, 2).astype("<f2")


def squeezed(weights: bytes) -> bytes:
    """Return weights in gzip: the first bytes of all halves, then the second ones, whose exponents repeat."""
    return gzip.compress(np.frombuffer(weights, "u1").reshape(-1, 2).T.tobytes(), mtime=0)


def write(found: Steps, folder: Path, name: str, weights_name: str, apart: bool = False, **facts: Any) -> None:
    """Write a network as `name`.json and its weights as `weights_name`.bin, or, `apart`, a file for each convolution.

    A convolution's weights are followed by its bias, float32 [filters], filled up to whole eights. The first step of a
    file knows how many `bytes` the file has.
    """
    content: dict[str, bytes] = {}
    for step, (kernel, bias) in found.weights.items():
        file = f"{weights_name}.{step}.bin" if apart else f"{weights_name}.bin"
        filled = np.pad(bias, (0, -len(bias) % FILTERS)).astype("<f4")
        before = content.get(file, b"")
        content[file] = before + packed(kernel).tobytes() + filled.tobytes()
        found.steps[step] |= {"file": file, "at": len(before)}
    folder.mkdir(parents=True, exist_ok=True)
    for file, weights in content.items():
        held = squeezed(weights)
        (folder / file).write_bytes(held)
        next(step for step in found.steps if step.get("file") == file)["bytes"] = len(held)
    (folder / f"{name}.json").write_text(json.dumps({**facts, "steps": found.steps}))

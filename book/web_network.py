"""Networks for the pages' own script (book/web/js/network.js): what they compute as a list of steps, and their weights.

The ONNX file of `colorize export-onnx` is for other programs. A runtime that reads any such file weighs more than the
network itself; these steps need one loop in WebAssembly (book/web/convolution.wat), which a phone has at once.
"""

import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

FILTERS = 8  # that the loop computes at once


@dataclass
class Steps:
    """What a network computes, in order: each step names the steps that it reads, by position; step 0 is the input."""

    steps: list[dict[str, Any]] = field(default_factory=list)
    weights: dict[int, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)  # of convolutions: kernel, bias

    def add(self, kind: str, reads: list[int], **facts: Any) -> int:
        """Add a step and return its position."""
        self.steps.append({"kind": kind, "reads": reads, **facts})
        return len(self.steps) - 1

    def convolve(self, layer: Any, kernel: np.ndarray, reads: list[int], **facts: Any) -> int:
        """Add a convolution with a kernel [height, width, channels, filters], and what bends its result."""
        bias = np.asarray(layer.bias) if layer.use_bias else np.zeros(kernel.shape[-1], "float32")
        step = self.add("convolve", reads, name=layer.name, kernel=list(kernel.shape), **facts)
        self.weights[step] = kernel, bias
        return self.bend(layer.activation.__name__, step)

    def bend(self, name: str, step: int) -> int:
        """Add an activation; the linear one is no step."""
        if name not in ("linear", "relu"):
            raise ValueError(f"activation '{name}': the pages' networks have 'linear' and 'relu'.")
        return step if name == "linear" else self.add("bend", [step], slope=0)

    def normalize(self, layer: Any, step: int) -> int:
        """Put a batch normalization into the convolution before it, as it is when nothing is trained."""
        if step not in self.weights:
            raise ValueError(f"layer '{layer.name}': expected a convolution before it.")
        kernel, bias = self.weights[step]
        scale = np.asarray(layer.gamma) / np.sqrt(np.asarray(layer.moving_variance) + layer.epsilon)
        self.weights[step] = kernel * scale, (bias - np.asarray(layer.moving_mean)) * scale + np.asarray(layer.beta)
        return step


def steps_of(model: Any) -> Steps:
    """Return what a Keras network with one input computes; a ValueError names a layer that no step is known for."""
    found = Steps()
    _follow(model, [found.add("input", [])], found)
    return found


def _follow(model: Any, given: list[int], found: Steps) -> list[int]:
    """Add the steps of a model, inner models included; return those that are its outputs."""
    made = {id(tensor): step for tensor, step in zip(model.inputs, given, strict=True)}
    for layer in model.layers:
        if type(layer).__name__ == "InputLayer":
            continue
        node = layer._inbound_nodes[0]
        reads = [made[id(tensor)] for tensor in node.input_tensors]
        inner = hasattr(layer, "layers")
        steps = _follow(layer, reads, found) if inner else [_step(layer, reads, found)]
        made |= {id(tensor): step for tensor, step in zip(node.output_tensors, steps, strict=True)}
    return [made[id(tensor)] for tensor in model.outputs]


def _step(layer: Any, reads: list[int], found: Steps) -> int:
    """Add a layer and return its step."""
    kind = type(layer).__name__
    if kind in ("Conv2D", "Conv2DTranspose"):
        stride = layer.strides[0]
        same = layer.padding == "same" or layer.kernel_size == (1, 1)
        if not same or layer.strides != (stride, stride) or layer.dilation_rate != (1, 1):
            raise ValueError(f"layer '{layer.name}': expected padding 'same' and one stride.")
        kernel = np.asarray(layer.kernel)
        if kind == "Conv2D":
            return found.convolve(layer, kernel, reads, stride=stride, spread=1)
        # The same as a convolution of what is spread out with zeros between, by the kernel turned round.
        return found.convolve(layer, kernel[::-1, ::-1].transpose(0, 1, 3, 2), reads, stride=1, spread=stride)
    if kind == "BatchNormalization":
        return found.normalize(layer, reads[0])
    if kind == "UpSampling2D" and layer.interpolation == "nearest" and layer.size == (2, 2):
        return found.add("double", reads)
    if kind == "ReLU" and not layer.negative_slope and layer.max_value is None:
        return found.bend("relu", reads[0])
    if kind == "LeakyReLU":
        return found.add("bend", reads, slope=float(layer.negative_slope))
    if kind in ("Add", "Concatenate"):
        return found.add({"Add": "add", "Concatenate": "join"}[kind], reads)
    raise ValueError(f"layer '{layer.name}' ({kind}): the pages' networks have no such step.")


def packed(kernel: np.ndarray) -> np.ndarray:
    """Return a kernel [height, width, channels, filters] as the loop reads it: float16 [filters / 8, numbers, 8]."""
    flat = kernel.reshape(-1, kernel.shape[-1])
    flat = np.pad(flat, ((0, 0), (0, -flat.shape[1] % FILTERS)))
    return flat.reshape(len(flat), -1, FILTERS).transpose(1, 0, 2).astype("<f2")


def squeezed(weights: bytes) -> bytes:
    """Return weights in gzip: the first bytes of all halves, then the second ones, whose exponents repeat."""
    return gzip.compress(np.frombuffer(weights, "u1").reshape(-1, 2).T.tobytes(), mtime=0)


def write(model: Any, folder: Path, name: str, apart: bool = False, **facts: Any) -> None:
    """Write a network as `name`.json and its weights as `name`.bin, or, `apart`, as a file for each convolution.

    A convolution's weights are followed by its bias, float32 [filters], filled up to whole eights. The first step of a
    file knows how many `bytes` the file has.
    """
    found = steps_of(model)
    content: dict[str, bytes] = {}
    for step, (kernel, bias) in found.weights.items():
        file = f"{name}.{step}.bin" if apart else f"{name}.bin"
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

"""What a trained network computes as a list of steps: for the pages' script (book/web/js/network.js) and for ONNX."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from colorize_lib import color
from colorize_lib.networks import color_odds, lab_output, picture_unet
from colorize_lib.systems.base import System
from colorize_lib.systems.classification import Classification
from colorize_lib.systems.conditional_gan import ConditionalGAN
from colorize_lib.systems.cyclegan import CycleGAN
from colorize_lib.systems.regression import Regression

BENDS: dict[str, dict[str, float]] = {"linear": {}, "relu": {"slope": 0}, "relu6": {"slope": 0, "most": 6}}


@dataclass
class Steps:
    """What a network computes, in order: each step names the steps that it reads, by position; step 0 is the input."""

    steps: list[dict[str, Any]] = field(default_factory=list)
    # Of convolutions: kernel [height, width, channels, filters], or, one filter a channel, [height, width, channels];
    # and bias.
    weights: dict[int, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)

    def add(self, kind: str, reads: list[int], **facts: Any) -> int:
        """Add a step and return its position."""
        self.steps.append({"kind": kind, "reads": reads, **facts})
        return len(self.steps) - 1

    def convolve(self, layer: Any, kernel: np.ndarray, reads: list[int], **facts: Any) -> int:
        """Add a convolution with a kernel as in `weights`, and what bends its result."""
        bias = np.asarray(layer.bias) if layer.use_bias else np.zeros(kernel.shape[-1], "float32")
        kind = "convolve" if kernel.ndim == 4 else "convolve each"
        step = self.add(kind, reads, name=layer.name, kernel=[*kernel.shape, 1][:4], **facts)
        self.weights[step] = kernel, bias
        return self.bend(layer.activation.__name__, step)

    def bend(self, name: str, step: int) -> int:
        """Add an activation; the linear one is no step."""
        if name not in BENDS:
            raise ValueError(f"activation '{name}': the pages' networks have: {', '.join(BENDS)}.")
        return step if name == "linear" else self.add("bend", [step], **BENDS[name])

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
    if kind in ("Conv2D", "Conv2DTranspose", "DepthwiseConv2D"):
        stride = layer.strides[0]
        same = layer.padding == "same" or layer.kernel_size == (1, 1)
        if not same or layer.strides != (stride, stride) or layer.dilation_rate != (1, 1):
            raise ValueError(f"layer '{layer.name}': expected padding 'same' and one stride.")
        kernel = np.asarray(layer.kernel)
        if kind == "DepthwiseConv2D":
            return found.convolve(layer, kernel[..., 0], reads, stride=stride)
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
    if kind == "Rescaling":
        return found.add("scale", reads, by=float(layer.scale), plus=float(layer.offset))
    if kind == "LeakyReLU":
        return found.add("bend", reads, slope=float(layer.negative_slope))
    if kind == "GlobalAveragePooling2D" and layer.keepdims:
        return found.add("mean", reads)
    if kind == "UnitNormalization" and layer.axis in (-1, 3):
        return found.add("unit", reads)
    if kind == "Dropout":  # nothing is dropped from a trained network
        return reads[0]
    if kind in ("Add", "Concatenate"):
        return found.add({"Add": "add", "Concatenate": "join"}[kind], reads)
    raise ValueError(f"layer '{layer.name}' ({kind}): the pages' networks have no such step.")


def steps_of_colorizer(system: System, model: Any) -> Steps:
    """Return what a trained colorizer computes: its layers, and what its system makes of the last one's numbers."""
    import keras

    if isinstance(system, Classification):
        found = steps_of(color_odds.scoring(model))
        colors = (color_odds.colors().ab / color.CHROMA_SCALE).tolist()
        mean = found.add("mean color", [len(found.steps) - 1], temperature=system.temperature, colors=colors)
        found.add("enlarge", [mean], factor=color_odds.ENLARGE)
        return found
    if isinstance(system, ConditionalGAN) and system.paints_lightness:
        found = steps_of(keras.Model(model.input, model.get_layer(lab_output.LAB).output))
        last = len(found.steps) - 1  # a convolution, whose filters make L, a and b
        kernel, bias = found.weights[last]
        found.weights[last] = kernel[..., 1:], bias[1:]
        found.steps[last]["kernel"] = list(kernel[..., 1:].shape)
        return found
    if isinstance(system, CycleGAN):
        found = Steps()
        gray = found.add("gray picture", [found.add("input", [])])
        (painted,) = _follow(picture_unet.generator_of(model), [gray], found)
        found.add("picture's color", [painted], chroma=color.CHROMA_SCALE)
        return found
    if isinstance(system, Regression) and system.scales_chroma:
        found = steps_of(keras.Model(model.input, model.get_layer(lab_output.AB).output))
        # A chroma c becomes gain c^power, whatever its unit: the gain is what becomes of 1.
        one = np.array([color.CHROMA_SCALE, 0.0])
        gain = color.scale_chroma(one, system.chroma_gain, system.chroma_power)[0] / color.CHROMA_SCALE
        found.add("scale chroma", [len(found.steps) - 1], gain=float(gain), power=system.chroma_power)
        return found
    return steps_of(model)

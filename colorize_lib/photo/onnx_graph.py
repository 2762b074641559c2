"""The steps of a network as an ONNX graph, a file format that other programs than Keras run.

Each step becomes one node or a few, all of ONNX's own standard. Kernels are stored in float16, half the bytes, and cast
where they are used, so that the network itself still computes in float32.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from colorize_lib import color
from colorize_lib.photo.network_steps import Steps

OPSET, IR_VERSION = 15, 8
LOWEST = 0.0031308  # of linear light: below it sRGB's curve is a straight line
FIRST, LAST = [0, 3, 1, 2], [0, 2, 3, 1]  # channels come first within the graph, as ONNX asks


class _Graph:
    """Nodes and numbers, written down one after the other. Each value has a name."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.nodes: list[Any] = []
        self.numbers: list[Any] = []

    def add(self, kind: str, reads: Sequence[str], **attributes: Any) -> str:
        """Add a node and return the name of what it gives."""
        from onnx import helper

        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(reads), [name], name, **attributes))
        return name

    def hold(self, numbers: Any) -> str:
        """Add numbers of the network and return their name: float32, or as they are if whole or in float16."""
        from onnx import numpy_helper

        array = np.asarray(numbers)
        array = array.astype("float32") if array.dtype == "float64" else array
        name = f"numbers_{len(self.numbers)}"
        self.numbers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def kernel(self, kernel: np.ndarray) -> str:
        """Add a kernel in float16 and return the name of its float32."""
        from onnx import TensorProto

        return self.add("Cast", [self.hold(kernel.astype("float16"))], to=TensorProto.FLOAT)

    def by(self, kind: str, read: str, number: float) -> str:
        """Add a node of two operands, of which the second is a number."""
        return self.add(kind, [read, self.hold(np.float32(number))])

    def mix(self, read: str, matrix: np.ndarray) -> str:
        """Add the product of a matrix [out, in] and the channels of each place."""
        return self.add("Conv", [read, self.hold(np.asarray(matrix, "float32")[..., None, None])])

    def curve(self, read: str, edge: float, power: Callable[[str], str], line: Callable[[str], str]) -> str:
        """Add a curve that is a straight `line` up to `edge`, and beyond it a `power`."""
        beyond = self.by("Greater", read, edge)
        return self.add("Where", [beyond, power(self.by("Max", read, edge)), line(read)])


def _convolve(graph: _Graph, step: dict[str, Any], reads: list[str], weights: tuple[np.ndarray, np.ndarray]) -> str:
    kernel, bias = weights
    side, stride, spread = kernel.shape[0], step["stride"], step["spread"]
    if spread == 1:
        held = [graph.kernel(kernel.transpose(3, 2, 0, 1)), graph.hold(bias)]
        return graph.add("Conv", [*reads, *held], strides=[stride] * 2, auto_pad="SAME_UPPER")
    # ONNX turns the kernel round itself, and cuts off what Keras cuts off: half at each side, the odd one at the end.
    held = [graph.kernel(kernel[::-1, ::-1].transpose(2, 3, 0, 1)), graph.hold(bias)]
    cut = max(side - spread, 0)
    pads = [cut // 2] * 2 + [cut - cut // 2] * 2
    return graph.add(
        "ConvTranspose", [*reads, *held], strides=[spread] * 2, pads=pads, output_padding=[max(spread - side, 0)] * 2
    )


def _convolve_each(
    graph: _Graph, step: dict[str, Any], reads: list[str], weights: tuple[np.ndarray, np.ndarray]
) -> str:
    kernel, bias = weights
    held = [graph.kernel(kernel.transpose(2, 0, 1)[:, None]), graph.hold(bias)]
    facts = {"strides": [step["stride"]] * 2, "auto_pad": "SAME_UPPER", "group": kernel.shape[-1]}
    return graph.add("Conv", [*reads, *held], **facts)


def _bend(graph: _Graph, step: dict[str, Any], reads: list[str], _: Any) -> str:
    if "most" in step:
        return graph.add("Clip", [*reads, graph.hold(np.float32(0)), graph.hold(np.float32(step["most"]))])
    return graph.add("LeakyRelu", reads, alpha=step["slope"]) if step["slope"] else graph.add("Relu", reads)


def _scale(graph: _Graph, step: dict[str, Any], reads: list[str], _: Any) -> str:
    return graph.by("Add", graph.by("Mul", reads[0], step["by"]), step["plus"])


def _resize(graph: _Graph, read: str, factor: int, **how: str) -> str:
    return graph.add("Resize", [read, "", graph.hold(np.array([1, 1, factor, factor], "float32"))], **how)


def _double(graph: _Graph, step: dict[str, Any], reads: list[str], _: Any) -> str:
    how = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    return _resize(graph, reads[0], 2, **how)


def _enlarge(graph: _Graph, step: dict[str, Any], reads: list[str], _: Any) -> str:
    return _resize(graph, reads[0], step["factor"], mode="linear", coordinate_transformation_mode="half_pixel")


def _mean_color(graph: _Graph, step: dict[str, Any], reads: list[str], _: Any) -> str:
    odds = graph.add("Softmax", [graph.by("Mul", reads[0], 1 / step["temperature"])], axis=1)
    return graph.mix(odds, np.transpose(step["colors"]))


def _scale_chroma(graph: _Graph, step: dict[str, Any], reads: list[str], _: Any) -> str:
    chroma = graph.add("ReduceL2", reads, axes=[1])
    gain = graph.by("Mul", graph.by("Pow", chroma, step["power"] - 1), step["gain"])
    return graph.add("Mul", [*reads, gain])


def _gray_picture(graph: _Graph, step: dict[str, Any], reads: list[str], _: Any) -> str:
    """Write `color.gray_of_lightness`, three times."""
    bent = graph.by("Mul", graph.by("Add", graph.by("Mul", reads[0], 100), 16), 1 / 116)  # f(Y)
    light = graph.curve(
        bent,
        6 / 29,
        lambda f: graph.by("Pow", f, 3),
        lambda f: graph.by("Mul", graph.by("Sub", f, 16 / 116), 1 / 7.787),
    )
    gray = graph.curve(
        light,
        LOWEST,
        lambda y: graph.by("Sub", graph.by("Mul", graph.by("Pow", y, 1 / 2.4), 1.055), 0.055),
        lambda y: graph.by("Mul", y, 12.92),
    )
    return graph.add("Concat", [gray] * 3, axis=1)


def _pictures_color(graph: _Graph, step: dict[str, Any], reads: list[str], _: Any) -> str:
    """Write a and b of `color.rgb_to_lab`."""
    clipped = graph.add("Clip", [*reads, graph.hold(np.float32(0)), graph.hold(np.float32(1))])
    light = graph.curve(
        clipped,
        0.04045,
        lambda c: graph.by("Pow", graph.by("Mul", graph.by("Add", c, 0.055), 1 / 1.055), 2.4),
        lambda c: graph.by("Mul", c, 1 / 12.92),
    )
    bent = graph.curve(
        graph.mix(light, color.RGB_TO_XYZ / color.WHITE[:, None]),
        0.008856,
        lambda t: graph.by("Pow", t, 1 / 3),
        lambda t: graph.by("Add", graph.by("Mul", t, 7.787), 16 / 116),
    )
    return graph.mix(bent, np.array([[500, -500, 0], [0, 200, -200]]) / step["chroma"])


def _plain(kind: str, **attributes: Any) -> Callable[..., str]:
    """Return what writes a step that is one node of ONNX."""
    return lambda graph, step, reads, weights: graph.add(kind, reads, **attributes)


WRITERS: dict[str, Callable[..., str]] = {
    "convolve": _convolve,
    "convolve each": _convolve_each,
    "bend": _bend,
    "scale": _scale,
    "double": _double,
    "enlarge": _enlarge,
    "add": _plain("Add"),
    "join": _plain("Concat", axis=1),
    "mean": _plain("GlobalAveragePool"),
    "unit": _plain("LpNormalization", axis=1, p=2),
    "mean color": _mean_color,
    "scale chroma": _scale_chroma,
    "gray picture": _gray_picture,
    "picture's color": _pictures_color,
}


def as_onnx(found: Steps) -> Any:
    """Return the steps as an onnx.ModelProto for any batch, height and width.

    It takes ``L``, L / 100 as float32 [batch, height, width, 1], and gives ``ab``, (a, b) / `color.CHROMA_SCALE` as
    float32 [batch, height, width, 2].
    """
    from onnx import TensorProto, helper

    graph = _Graph()
    names = [graph.add("Transpose", ["L"], perm=FIRST)]
    for i, step in enumerate(found.steps[1:], start=1):
        reads = [names[read] for read in step["reads"]]
        names.append(WRITERS[step["kind"]](graph, step, reads, found.weights.get(i)))
    graph.nodes.append(helper.make_node("Transpose", [names[-1]], ["ab"], "ab", perm=LAST))
    sides = ["batch", "height", "width"]
    given, made = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [*sides, channels])
        for name, channels in (("L", 1), ("ab", 2))
    )
    whole = helper.make_graph(graph.nodes, "colorizer", [given], [made], graph.numbers)
    opset = [helper.make_opsetid("", OPSET)]
    return helper.make_model(whole, opset_imports=opset, ir_version=IR_VERSION, producer_name="colorize")

"""ONNX export: the network for other programs, and the numbers that they need (`colorize export-onnx`).

ONNX is a file format for networks that other programs than Keras run, such as
onnxruntime and onnxruntime-web. Weights are stored in float16, half the bytes, and
cast back where they are used, so that the network itself still computes in float32.
"""

import contextlib
import io
import json
import tempfile
from pathlib import Path
from typing import Any

from colorize_lib import __version__, color, zoo
from colorize_lib.backend import stderr_held
from colorize_lib.photo import colorizer
from colorize_lib.recipes import Recipe
from colorize_lib.storage import weights_files, writing
from colorize_lib.systems.base import LToAb

SMALLEST = 64  # numbers in a weight that is worth storing in float16


def export(name_or_path: str | Path, target: Path) -> dict[str, Any]:
    """Write a trained network as ONNX to `target`, and beside it a ``.json`` file with what a page needs to know.

    Parameters
    ----------
    name_or_path : str or path
        A recipe with published weights that predicts a and b, or a ``.weights.h5`` file of one.
    target : Path
        Ends in ``.onnx``. The folder is made.

    Returns
    -------
    dict
        What the ``.json`` file holds: working size, scale of a and b, recipe, bytes.

    Raises
    ------
    ValueError
        If the network predicts R, G, B or can't be converted, or `target` ends in something else.
    OSError
        If a file can't be written.
    """
    if target.suffix != ".onnx":
        raise ValueError(f"{target}: expected a name that ends in .onnx.")
    recipe, weights = zoo.locate(name_or_path)
    if recipe.system.representation is not LToAb:
        raise ValueError(
            f"recipe '{recipe.name}' predicts R, G, B; expected one that predicts a and b, such as 'ours'."
        )
    if not recipe.system.exports:
        raise ValueError(
            f"recipe '{recipe.name}': its network can't be written as ONNX, because the converter turns an axis round; "
            "take another one, such as 'ours'."
        )
    content = _halved(_as_onnx(zoo.load(recipe, weights), recipe.system.stride)).SerializeToString()
    about = {**facts(recipe, weights), "bytes": len(content)}
    writing.make_folder(target.parent)
    with writing.whole_file(target) as part:
        part.write_bytes(content)
    with writing.whole_file(target.with_suffix(".json")) as part:
        part.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    return about


def facts(recipe: Recipe, weights: Path) -> dict[str, Any]:
    """Return what a program that colors with a network needs beside it: what it is, its size, its scale."""
    return {
        "recipe": recipe.name,
        "course": __version__,
        "weights_sha256": weights_files.sha256(weights),
        "working_side": colorizer.WORKING_SIDE,
        "longest_side": colorizer.LONGEST_SIDE,
        "multiple": recipe.system.stride,
        "chroma_scale": color.CHROMA_SCALE,
    }


def _as_onnx(model: Any, multiple: int) -> Any:
    """Return the network as an onnx.ModelProto for any batch, height and width."""
    try:
        import onnx
        import tf2onnx  # noqa: F401
    except ImportError as error:
        raise ValueError(f"the export needs the package {error.name}; install it: pip install tf2onnx onnx.") from None
    import numpy as np

    model(np.zeros((1, multiple, multiple, 1), "float32"))  # a network that was never called doesn't export
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        with stderr_held(), contextlib.redirect_stdout(io.StringIO()):
            model.export(path, format="onnx", verbose=False)
        return onnx.load(path)


def _halved(network: Any) -> Any:
    """Store the weights of an onnx.ModelProto in float16, each followed by a cast to float32."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for weight in network.graph.initializer:
        if weight.data_type != TensorProto.FLOAT or np.prod(weight.dims) < SMALLEST:
            continue
        name, stored = weight.name, f"{weight.name}_float16"
        half = numpy_helper.to_array(weight).astype("float16")
        weight.CopyFrom(numpy_helper.from_array(half, stored))
        casts.append(helper.make_node("Cast", [stored], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *network.graph.node]
    del network.graph.node[:]
    network.graph.node.extend(nodes)
    return network

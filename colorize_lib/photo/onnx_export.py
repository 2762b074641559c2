"""ONNX export: a trained network as one file, for the course's page and for other programs (`colorize export-onnx`).

The file says in its metadata, under `ABOUT` and as JSON, what it is, and holds a small picture with the colors that
Python gives it: whoever runs the network can see whether it computes what it should.
"""

import base64
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from colorize_lib import __version__, color, settings
from colorize_lib.data.reading import open_photo
from colorize_lib.photo import colorizer, network_steps, onnx_graph
from colorize_lib.recipes import Recipe
from colorize_lib.storage import weights_files, writing
from colorize_lib.systems.base import LToAb

ABOUT = "colorize"  # the key in the file's metadata
FORMAT = 1  # of what stands there
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}")  # of a network; book/web/js/onnx-about.js asks for the same
TRIED_ON, TRIED_SIDE = "aitzgorri.jpg", 64  # the photograph that each file is tried on, and its size in pixels


def export(name_or_path: str | Path, target: Path) -> dict[str, Any]:
    """Write a trained network as ONNX to `target`.

    Parameters
    ----------
    name_or_path : str or path
        A recipe with published weights that predicts a and b, or a ``.weights.h5`` file of one.
    target : Path
        Ends in ``.onnx``. The folder is made. What stands before the ending is the network's name from then on.

    Returns
    -------
    dict
        What the file says of itself: name, recipe, working size, scale of a and b, the picture to try; and its bytes.

    Raises
    ------
    ValueError
        If the network predicts R, G, B or has a layer that no step is known for, or `target` has a name that can't be
        a network's.
    OSError
        If a file can't be written.
    """
    if target.suffix != ".onnx":
        raise ValueError(f"{target}: expected a name that ends in .onnx.")
    if not NAME.fullmatch(target.stem):
        raise ValueError(
            f"{target}: the file's name becomes the network's; expected at most 40 letters from a to z, digits, "
            "spaces, dots, hyphens and underscores, such as rooms.onnx."
        )
    python = colorizer.Colorizer(name_or_path)
    if python.recipe.system.representation is not LToAb:
        raise ValueError(
            f"recipe '{python.recipe.name}' predicts R, G, B; expected one that predicts a and b, such as 'ours'."
        )
    network = _as_onnx(python)
    about = {
        "format": FORMAT,
        "name": target.stem,
        **facts(python.recipe, python.weights),
        "input": "L / 100 in [0, 1], float32 [batch, height, width, 1]",
        "output": f"(a, b) / {color.CHROMA_SCALE:g}, float32 [batch, height, width, 2]",
        "tried": tried(python),
    }
    network.metadata_props.add(key=ABOUT, value=json.dumps(about))
    content = network.SerializeToString()
    writing.make_folder(target.parent)
    with writing.whole_file(target) as part:
        part.write_bytes(content)
    return {**about, "bytes": len(content)}


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


def tried(python: colorizer.Colorizer) -> dict[str, Any]:
    """Return a small gray photograph and the colors that `python` gives it: side, and bytes in base64.

    ``gray`` has one byte a pixel, ``colors`` has three: R, G, B.
    """
    photo = open_photo(settings.data_dir() / "sample" / TRIED_ON)
    gray = photo.convert("L").resize((TRIED_SIDE, TRIED_SIDE), Image.Resampling.BICUBIC)
    pixels = {"gray": gray, "colors": python.colorize(gray)}
    held = {key: base64.b64encode(np.asarray(picture).tobytes()).decode() for key, picture in pixels.items()}
    return {"side": TRIED_SIDE, **held}


def _as_onnx(python: colorizer.Colorizer) -> Any:
    """Return the network as an onnx.ModelProto for any batch, height and width."""
    try:
        import onnx  # noqa: F401
    except ImportError:
        raise ValueError("the export needs the package onnx; install it: pip install onnx.") from None
    network = onnx_graph.as_onnx(network_steps.steps_of_colorizer(python.recipe.system, python.model))
    network.doc_string = (
        f"A network of the course on image colorization (colorize-lib {__version__}), recipe '{python.recipe.name}'. "
        f"It takes L / 100 of CIE Lab and gives a and b / {color.CHROMA_SCALE:g}."
    )
    return network

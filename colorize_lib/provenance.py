"""Provenance: what a number was made with, and whether that has changed since."""

import ast
import hashlib
import importlib
import inspect
import os
import platform
import sys
import textwrap
from collections.abc import Iterator
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from colorize_lib.backend import start_keras
from colorize_lib.settings import installed, processor

PACKAGE = __name__.split(".")[0]
CONSTANTS = (bool, int, float, str, bytes, np.ndarray)
HINTS = ("annotation", "returns", "type_comment", "type_params")  # fields of Python's syntax trees


def made_with() -> dict[str, str]:
    """Return the versions and the device that a measurement was made with.

    Keys are ``colorize-lib``, ``keras``, its backend's name, ``numpy``, ``pillow``, ``scikit-image``, ``python``,
    ``backend`` and ``device``.
    """
    start_keras()  # else TensorFlow would look for GPUs aloud
    import keras

    backend = keras.backend.backend()
    packages = ("colorize-lib", "keras", backend, "numpy", "pillow", "scikit-image")
    chip = processor()["processor"] or platform.machine()
    device = ", ".join(_gpus(backend)) or f"{chip}, {os.cpu_count()} cores"
    versions = {name: installed(name) or "not installed" for name in packages}
    return {**versions, "python": platform.python_version(), "backend": backend, "device": device}


def _gpus(backend: str) -> list[str]:
    """Return the names of the GPUs that Keras's backend sees."""
    if backend == "torch":
        import torch

        return [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    if backend == "jax":
        import jax

        return [device.device_kind for device in jax.devices() if device.platform == "gpu"]
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    return [tf.config.experimental.get_device_details(gpu).get("device_name", "GPU") for gpu in gpus]


def code_hash(*roots: Any) -> str:
    """Return 16 hexadecimal digits that change with what the functions and classes `roots` compute.

    Everything of the course that they use by name is followed: functions that they call, and constants in capitals that
    are numbers, texts, arrays, or tuples, lists and dicts of these or of functions. A method that is called on ``self``
    must be among the roots. Comments, docstrings, type hints and imports don't count, nor does the module in which a
    function stands.
    """
    found, seen, waiting = set[str](), set[int](), list(roots)
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, partial):
            found.add(f"partial {one.args} {sorted(one.keywords.items())}")
            waiting.append(one.func)
            continue
        tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(one))))
        found.add(_essence(tree))
        for name, value in _used(tree, vars(inspect.getmodule(one))):
            if isinstance(value, CONSTANTS):
                found.add(f"{name} = {value.tolist() if isinstance(value, np.ndarray) else value!r}")
            else:
                waiting.append(value)
    return hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()[:16]


def _parts(node: ast.AST) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a piece of code that decide over what it computes, lists as their items."""
    for name, value in ast.iter_fields(node):
        if name in HINTS:
            continue
        for one in value if isinstance(value, list) else [value]:
            docstring = isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)
            if one is not None and not docstring and not isinstance(one, ast.Import | ast.ImportFrom):
                yield name, one


def _essence(node: Any) -> str:
    """Return code as text, the same whatever its layout and Python's version."""
    if not isinstance(node, ast.AST):
        return repr(node)
    return f"{type(node).__name__}({', '.join(f'{name}={_essence(one)}' for name, one in _parts(node))})"


def _used(tree: ast.AST, names: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what of the course's own functions, classes and constants the code in `tree` uses, with a name.

    `names` are those of its module. Imports within the code are followed as well.
    """
    names = dict(names)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == PACKAGE:
            for alias in node.names:
                value = getattr(importlib.import_module(str(node.module)), alias.name, None)
                inner = f"{node.module}.{alias.name}"
                names[alias.asname or alias.name] = importlib.import_module(inner) if value is None else value
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        waiting += [one for _, one in _parts(node) if isinstance(one, ast.AST)]
        if isinstance(node, ast.Name):
            yield from _ours(node.id, names.get(node.id))
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = names.get(node.value.id)
            if isinstance(module, ModuleType) and module.__name__.split(".")[0] == PACKAGE:
                yield from _ours(node.attr, getattr(module, node.attr, None))


def _module_of(value: Any) -> str:
    """Return the name of the module in which something is defined, also if Python runs that as a program."""
    name = getattr(value, "__module__", "")
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    return spec.name if name == "__main__" and spec else name


def _ours(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield `value` if it is a constant of a module, a function or a class of the course; of a collection its items."""
    constant = name.split("[")[0].isupper()
    if isinstance(value, dict) and constant:
        for key, one in value.items():
            yield from _ours(f"{name}[{key!r}]", one)
    elif isinstance(value, tuple | list) and constant:
        for i, one in enumerate(value):
            yield from _ours(f"{name}[{i}]", one)
    elif isinstance(value, CONSTANTS):
        if constant:
            yield name, value
    elif isinstance(value, partial) or (
        _module_of(value).split(".")[0] == PACKAGE
        and (inspect.isclass(value) or inspect.isfunction(inspect.unwrap(value)))
    ):
        yield name, value

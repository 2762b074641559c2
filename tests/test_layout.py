"""The library's layout: imports point one way, no module is in a circle, and each name has one address."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "colorize_lib"
# From the bottom to the top: a module imports from its own level or from below, and so do imports within functions.
LEVELS = (
    ("", "color", "settings", "menu", "backend", "storage", "schema"),
    ("data", "artifacts", "hints", "plates"),
    ("networks",),
    ("metrics", "plots", "two_samples", "inception"),
    ("losses", "synthetic"),
    ("systems",),
    ("recipes",),
    ("zoo", "provenance"),
    ("results",),
    ("training", "probes", "photo", "auc", "tolerance", "unpaired", "hint_gain", "alternatives", "plausibility"),
    ("plate_scores", "aging_gain", "own_gain", "failures", "meaning", "knowledge", "critic_trials"),
    ("bake_off", "bake_off_scores", "bake_off_table"),
    ("turing", "figures", "reports"),
    ("cli", "exercises"),
)


def dotted(path: Path) -> str:
    """Return the name of a module below the package: "data.sources", and "data" for its __init__."""
    parts = path.relative_to(ROOT / PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {dotted(path): ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / PACKAGE).rglob("*.py")}


def imports(tree: ast.AST) -> Iterator[tuple[str, str, str]]:
    """Yield (module, name in it, name here) for what is imported from the package; "" for a module itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == PACKAGE:
            module = (node.module or "").removeprefix(PACKAGE).removeprefix(".")
            for alias in node.names:
                inner = f"{module}.{alias.name}".removeprefix(".")
                here = alias.asname or alias.name
                yield (inner, "", here) if inner in MODULES else (module, alias.name, here)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == PACKAGE:
                    yield alias.name.removeprefix(PACKAGE).removeprefix("."), "", alias.asname or alias.name


def defined(tree: ast.Module) -> set[str]:
    """Return the names that a module itself gives something to."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


DEFINED = {name: defined(tree) | {"__file__", "__name__", "__doc__"} for name, tree in MODULES.items()}


def level(module: str) -> int:
    (found,) = (i for i, group in enumerate(LEVELS) if module.split(".")[0] in group)
    return found


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_downward(module):
    above = [other for other, _, _ in imports(MODULES[module]) if level(other) > level(module)]
    assert above == []


def test_no_module_is_in_a_circle():
    graph = {module: {other for other, _, _ in imports(tree)} for module, tree in MODULES.items()}
    while leaves := [module for module, others in graph.items() if not others & graph.keys()]:
        for module in leaves:
            del graph[module]
    assert graph == {}, "these import each other"


def sources() -> Iterator[tuple[str, ast.AST]]:
    """Yield all Python that uses the library by its path: itself, the build, and the code of the notebooks."""
    for top in (PACKAGE, "book", "notebooks"):
        for path in sorted((ROOT / top).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix == ".py":
                yield name, ast.parse(path.read_text(encoding="utf-8"))
            elif path.suffix == ".ipynb" and ".ipynb_checkpoints" not in path.parts:
                cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
                lines = "".join("".join(cell["source"]) + "\n" for cell in cells if cell["cell_type"] == "code")
                yield name, ast.parse(re.sub(r"^(\s*)[%!].*$", r"\1pass", lines, flags=re.MULTILINE))


def test_every_name_is_taken_from_where_it_is_defined():
    wrong = []
    for path, tree in sources():
        aliases = {}
        for module, name, here in imports(tree):
            if not name:
                aliases[here] = module
            elif name not in DEFINED[module]:
                wrong.append(f"{path}: {name} from {module}")
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases:
                module = aliases[node.value.id]
                imported = {here for _, _, here in imports(MODULES[module])}  # what stands there, but is another's
                if node.attr in imported - DEFINED[module] and f"{module}.{node.attr}" not in MODULES:
                    wrong.append(f"{path}: {node.value.id}.{node.attr}")
    assert wrong == []

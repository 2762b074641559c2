"""The first code cell of every chapter, made from what pyproject.toml says."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CELL = """\
import sys

if "google.colab" in sys.modules:  # anywhere else the library is installed already
    %pip install --quiet "git+{repository}@v{version}"
"""


def first_cell() -> str:
    """Return the source of the cell: in Colab it installs the library at the book's own version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return CELL.format(repository=project["urls"]["Repository"], version=project["version"]).rstrip()

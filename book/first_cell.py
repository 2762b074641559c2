"""The first code cell of every notebook, made from what pyproject.toml says."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Without --no-deps pip adds what Colab leaves out (IPython's jedi), and brings what that asks for up to date. What the
# library needs is in Colab: tests/colab tells if that changes.
CELL = """\
if "google.colab" in str(get_ipython()):  # anywhere else the library is installed already
    %pip install --quiet --no-deps "git+{repository}@v{version}"
from colorize_lib import settings

print(settings.summary())
"""


def first_cell() -> str:
    """Return the source of the cell: in Colab it installs the library at the book's own version; it says what runs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return CELL.format(repository=project["urls"]["Repository"], version=project["version"]).rstrip()

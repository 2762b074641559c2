"""The profile `full` is the same code with other numbers: run it on a handful of photographs for two epochs."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from PIL import Image

from colorize_lib import data
from colorize_lib.settings import data_dir

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
TRAINING = [path for path in NOTEBOOKS if "full=" in path.read_text(encoding="utf-8")]
EVERY_DAY = "22_semantic_fusion"  # the one that is run every day: each takes as long as a chapter in the book's build
PHOTOGRAPHS = 36
TWO_EPOCHS = {  # what the chapters ask for in `full`, and what they get here
    "full=(50, 8)": "full=(50, 2)",
    "full=cifar10": "full=lambda: None",
    'full=RECIPES["classification"]': 'full=replace(RECIPES["classification"], epochs=2, size=64, stored_size=72)',
    "full=recipe)": "full=replace(recipe, epochs=2, epochs_per_pass=1, size=64, stored_size=72))",
    'full=RECIPES["paper"]': 'full=replace(RECIPES["paper"], epochs=2)',
    "full=begun": "full=replace(begun, epochs=2, size=64, stored_size=72)",
    'FOLDER = "sample"': 'FOLDER = "landscape"',  # for a folder of the reader's
    'Path("runs", NAME)': "Path(tempfile.mkdtemp())",
}
STATE = """
from colorize_lib import settings

found = [value for value in list(vars().values()) if isinstance(value, dict) and "train" in value]
print(settings.profile(), found[0]["train"].source)
"""


@pytest.fixture(scope="module")
def mirror(tmp_path_factory):
    """A folder in the Landscape layout with a few photographs of the sample in it."""
    root = tmp_path_factory.mktemp("mirror")
    for kind in ("color", "gray"):
        (root / "landscape Images" / kind).mkdir(parents=True)
    for i, name in enumerate(data.load("sample", 32, last=PHOTOGRAPHS).names):
        photo = Image.open(data_dir() / "sample" / name).convert("RGB").resize((150, 150))
        photo.save(root / "landscape Images" / "color" / f"{i}.jpg")
        photo.convert("L").save(root / "landscape Images" / "gray" / f"{i}.jpg")
    return root


def test_some_chapters_train():
    assert {path.stem[:2] for path in TRAINING} >= {"05", "06", "07"}


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=[pytest.mark.long] * (path.stem != EVERY_DAY), id=path.stem) for path in TRAINING],
)
def test_a_chapter_runs_in_full_on_a_handful(path, mirror, monkeypatch):
    monkeypatch.setenv("COLORIZE_PROFILE", "full")
    monkeypatch.setenv("COLORIZE_DATA", str(mirror))
    notebook = nbformat.read(path, as_version=4)
    before = [cell.source for cell in notebook.cells]
    for cell in notebook.cells:
        for asked, given in TWO_EPOCHS.items():
            cell.source = cell.source.replace(asked, given)
    assert [cell.source for cell in notebook.cells] != before, "the chapter asks for other numbers than expected here"
    notebook.cells.append(nbformat.v4.new_code_cell(STATE))
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(path.parent)}}).execute()
    assert notebook.cells[-1].outputs[0].text.split() == ["full", "landscape"]

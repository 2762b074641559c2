"""What the page adds to chapters: numbers, a short way, folded code; the notebooks themselves stay as they are."""

import json
from types import SimpleNamespace

import chapters
import nbformat
import pytest
import sections
import yaml

STEMS = sorted(path.stem for path in (chapters.ROOT / "notebooks").glob("*.ipynb"))
FOR_SHOW = [
    "import numpy as np\nimport pandas as pd\n\nfrom colorize_lib import plots",
    "from colorize_lib.backend import start_keras\n\nstart_keras()\nimport keras",
    "fig, ax = plots.axes()\nax.plot(x)\nplots.show(fig, 'A line.')",
    "a = 1\nb = 2\nplots.say(f'{a + b}')",
    "rows = {}\nrows['a'] = [1]\npd.DataFrame(rows).T.round(2)",
    "for name in names:\n    value = f(name)\n    plots.say(f'{name}: {value}')",
]
TAUGHT = [
    "def f(x):\n    return x\n\n\nplots.say(str(f(1)))",
    "model = build()\nmodel.fit(x, y)\nmodel.predict(x)",
    "a = 1\nb = 2\nprint(a + b)",
    "plots.say('short')",
    "from scipy import ndimage\n\nndimage.label(x)\nresult = 1",
    "%pip install x\nimport y\nplots.say('z')",
]


@pytest.mark.parametrize("source", FOR_SHOW)
def test_what_only_shows_is_folded(source):
    assert chapters.is_for_show(source, [])
    assert not chapters.is_for_show(source, ["defines:something"])


@pytest.mark.parametrize("source", TAUGHT)
def test_what_is_taught_is_not_folded(source):
    assert not chapters.is_for_show(source, [])


@pytest.mark.parametrize(
    ("stem", "title"), [("08_results", "08 · Results"), ("31_hints", "31 · Hints"), ("glossary", "Glossary")]
)
def test_chapters_are_numbered_by_the_names_of_their_files(stem, title):
    assert sections.numbered(stem, title.rpartition("· ")[2]) == title


@pytest.mark.parametrize("stem", STEMS)
def test_the_page_gets_a_number_and_keeps_every_code_cell(stem):
    stored = (chapters.ROOT / "notebooks" / f"{stem}.ipynb").read_text(encoding="utf-8")
    source = [stored]
    chapters.number(SimpleNamespace(), f"notebooks/{stem}", source)
    before, after = (nbformat.reads(text, as_version=4) for text in (stored, source[0]))
    assert after.cells[0].source == before.cells[0].source.replace("# ", f"# {stem[:2]} · ", 1)
    code = [[cell for cell in notebook.cells if cell.cell_type == "code"] for notebook in (before, after)]
    assert code[0] == code[1], "or the outputs wouldn't be found in the cache"


def test_every_chapter_has_a_short_way_of_headings_that_it_has():
    ways = yaml.safe_load(chapters.SHORT_WAYS.read_text(encoding="utf-8"))
    assert sorted(ways) == STEMS
    for stem, stops in ways.items():
        assert 3 <= len(stops) <= 5
        notebook = json.loads((chapters.ROOT / "notebooks" / f"{stem}.ipynb").read_text(encoding="utf-8"))
        assert chapters.short_way(stem, notebook).count("\n- [") == len(stops)


def test_a_heading_that_is_not_there_is_named():
    with pytest.raises(ValueError, match=r"08_results: no heading of the chapter is"):
        chapters.short_way("08_results", {"cells": [{"cell_type": "markdown", "source": ["## Another"]}]})

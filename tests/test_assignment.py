"""What is handed out is whole, and holds no answers."""

import assignment
import exercises
import nbformat
import pytest
from gradebook import LateRule

from colorize_lib import settings


@pytest.fixture(scope="module")
def handed_out(tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "assignment"
    assert assignment.main(["--chapters", "4 04", "--out", str(out)]) == 0
    return out


def test_the_folder_is_ready_to_hand_out(handed_out):
    assert {path.name for path in handed_out.iterdir()} == {"04_encoder.ipynb", "brief.md", "library", "photographs"}
    assert len(list((handed_out / "library").glob("colorize_lib-*.whl"))) == 1
    assert (handed_out / "photographs" / "LICENSES.md").is_file()
    assert len(list((handed_out / "photographs").glob("*.webp"))) > 20


def test_the_notebook_is_the_students_without_a_way_to_the_answers(handed_out):
    given = nbformat.read(handed_out / "04_encoder.ipynb", as_version=4)
    student = nbformat.read(exercises.STUDENT / "04_encoder.ipynb", as_version=4)
    for one, other in zip(given.cells, student.cells, strict=True):
        assert one.source == other.source or one.cell_type == "markdown"
    text = "\n".join(cell.source for cell in given.cells)
    assert "answers stand" not in text
    assert "answers stand" in student.cells[0].source
    assert f"[Chapter 04]({settings.book()}notebooks/04_encoder.html)" in text
    assert not exercises.LINK.search(text), "a link that leads nowhere from the folder"


@pytest.mark.parametrize("stem", exercises.stems())
def test_no_link_of_a_handed_out_notebook_leads_nowhere(stem):
    for cell in exercises.for_student(stem, handed_out=True).cells:
        assert cell.cell_type == "code" or not exercises.LINK.search(cell.source), cell.source


def test_the_brief_leaves_deadline_and_points_open(handed_out):
    brief = (handed_out / "brief.md").read_text(encoding="utf-8")
    assert "**Hand in by** ____" in brief
    parts = exercises.exercises_of("04_encoder")
    assert f"of {sum(one.points for one in parts) + exercises.WORDS * sum(bool(one.words) for one in parts)}" in brief
    assert all(f"{one.number}. {one.title}" in brief for one in parts)
    assert len(brief.split()) < 500, "one page"


def test_the_brief_tells_deadline_and_late_rule():
    rule = LateRule.of("2026-12-04 18:00", "10")
    brief = assignment.brief(exercises.stems()[:1], "library.whl", rule)
    assert "**Hand in by** 2026-12-04 18:00" in brief
    assert "costs 10 % of the points" in brief


def test_nothing_is_overwritten(handed_out, capsys):
    assert assignment.main(["--chapters", "4", "--out", str(handed_out)]) == 1
    assert "isn't empty" in capsys.readouterr().err


@pytest.mark.parametrize(("chapters", "words"), [("", "name the chapters"), ("4 99", "there is no chapter '99'")])
def test_bad_calls_get_a_sentence(chapters, words, capsys, tmp_path):
    assert assignment.main(["--chapters", chapters, "--out", str(tmp_path / "out")]) == 1
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_several_chapters_make_one_brief():
    brief = assignment.brief(exercises.stems()[:2], "library.whl")
    assert "each notebook is handed in" in brief
    assert brief.count(".ipynb`:") == len(exercises.stems()[:2])

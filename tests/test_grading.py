"""A folder of submissions is graded: every one gets a row, the right points, and touches nothing outside."""

import copy
import csv
import json
import os

import contained
import exercises
import grade
import nbformat
import pytest
import submissions

STEM = "04_encoder"
WORTH = {one.slug: one.points for one in exercises.exercises_of(STEM)}
ALL = sum(WORTH.values())
SECRET = "only the grader's"
SECONDS = 12  # of a cell: enough for an honest one on a busy machine


def sandboxed():
    """Whether bubblewrap is here and works."""
    try:
        return bool(contained.bubblewrap())
    except contained.NoSandbox:
        return False


needs_sandbox = pytest.mark.skipif(not sandboxed(), reason="NO SANDBOX: bubblewrap is missing or may not work here")


def answers():
    return exercises.for_grader(STEM)


def with_answer(slug, code, notebook=None):
    """Return a notebook with one answer replaced."""
    changed = copy.deepcopy(notebook or answers())
    next(cell for cell in changed.cells if cell.id == f"answer-{slug}").source = code
    return changed


def stub():
    return exercises.for_student(STEM)


def as_colab_writes_it(notebook):
    """Return a notebook in the older format, with the cells' ids in their metadata and nothing of nbgrader."""
    older = json.loads(nbformat.writes(notebook))
    for cell in older["cells"]:
        cell["metadata"] = {"id": cell.pop("id")}
    older["nbformat_minor"] = 0
    return nbformat.from_dict(older)


def deleting(canary, code="pass"):
    return (
        "import os, shutil\n"
        f"for path in ({str(canary)!r}, {str(canary.parent)!r}, os.path.expanduser('~')):\n"
        "    shutil.rmtree(path, ignore_errors=True)\n"
        f"try:\n    open({str(canary / 'written.txt')!r}, 'w').write('x')\nexcept OSError:\n    pass\n"
        "import ipykernel\n"  # a folder in place of the next kernel's file, a picture that isn't there
        "connection = ipykernel.get_connection_file()\nos.remove(connection)\nos.makedirs(connection + '/x')\n"
        "from IPython.display import Markdown, display\ndisplay(Markdown('![](attachment:none)'))\n"
        f"{code}"
    )


def submit(folder, canary):
    """Write eight submissions; return the points that each must get."""
    stride = exercises.model_answer(exercises.exercises_of(STEM)[0])
    peeking = (
        "import os, pathlib, socket, sys\n"
        f"found = list(pathlib.Path({str(exercises.ROOT)!r}).glob('notebooks/exercises/*'))\n"
        "try:\n    socket.create_connection(('127.0.0.1', 80), 1); found.append('network')\n"
        "except OSError:\n    pass\n"
        "for place in ('/', '/dev', '/usr', os.path.dirname(sys.executable)):\n"
        "    try:\n        open(os.path.join(place, 'written'), 'w'); found.append(place)\n"
        "    except OSError:\n        pass\n"
        "for variables in pathlib.Path('/proc').glob('[0-9]*/environ'):\n"
        f"    try:\n        found += [variables] * ({SECRET.encode()!r} in variables.read_bytes())\n"
        "    except OSError:\n        pass\n"
        "from IPython.display import HTML, display\ndisplay(HTML('<script>alert(1)</script>'))\n"
        f"{stride}\nif found:\n    stride_two = None"
    )
    nbformat.write(as_colab_writes_it(answers()), folder / "right.ipynb")
    nbformat.write(with_answer("wider", "field = 65\nadded = 15360"), folder / "wrong.ipynb")
    nbformat.write(stub(), folder / "stub.ipynb")
    (folder / "broken.ipynb").write_text('{"cells": [')
    nbformat.write(with_answer("stride", "while True:\n    pass"), folder / "endless.ipynb")
    nbformat.write(with_answer("stride", deleting(canary, stride)), folder / "deleting.ipynb")
    (folder / "renamed").mkdir()
    nbformat.write(answers(), folder / "renamed" / "Kopie von 04 (1).ipynb")
    nbformat.write(with_answer("stride", peeking), folder / "peeking.ipynb")
    least = {"right": ALL, "wrong": ALL - WORTH["wider"], "stub": 0, "broken": 0, "endless": ALL - WORTH["stride"]}
    return least | {"deleting": ALL, "renamed": ALL, "peeking": ALL}


def read_table(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Eight submissions, graded once: rows by student, the points expected, the folders."""
    top = tmp_path_factory.mktemp("class")
    handed_in, canary = top / "handed in", top / "canary"
    for path in (handed_in, canary):
        path.mkdir()
    (canary / "letter.txt").write_text("still here")
    expected = submit(handed_in, canary)
    before = {path: path.read_bytes() for path in handed_in.rglob("*") if path.is_file()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("A_TOKEN", SECRET)
        rows = grade.grade_folder(STEM, handed_in, top / "out", seconds=SECONDS)
    return {row["student"]: row for row in rows}, expected, before, top


@needs_sandbox
def test_every_submission_gets_its_points(graded):
    rows, expected, _, _ = graded
    assert {name: row["points"] for name, row in rows.items()} == expected


@needs_sandbox
def test_the_table_holds_what_was_graded(graded):
    _, expected, _, top = graded
    table = {row["student"]: row for row in read_table(top / "out" / "grades.csv")}
    assert {name: float(row["points"]) for name, row in table.items()} == expected
    assert set(WORTH) < set(table["right"])
    assert {row["of"] for row in table.values()} == {str(ALL)}
    assert float(table["wrong"]["wider"]) == 0


@needs_sandbox
def test_what_was_unusual_is_said(graded):
    rows, *_ = graded
    assert "can't be read as a notebook" in rows["broken"]["note"]
    assert f"ran longer than {SECONDS} s" in rows["endless"]["note"]
    assert rows["renamed"]["file"] == "renamed/Kopie von 04 (1).ipynb"
    assert [rows[name]["note"] for name in ("right", "stub", "wrong", "renamed")] == ["", "", "", ""]


@needs_sandbox
def test_nothing_outside_is_touched(graded):
    _, _, before, top = graded
    assert {path.name: path.read_text() for path in (top / "canary").iterdir()} == {"letter.txt": "still here"}
    assert (exercises.ROOT / "pyproject.toml").is_file()
    assert {path: path.read_bytes() for path in before} == before


@needs_sandbox
def test_everyone_gets_a_feedback_page(graded):
    rows, _, _, top = graded
    pages = {path.stem: path.read_text(encoding="utf-8") for path in (top / "out" / "feedback").glob("*.html")}
    assert set(pages) == set(rows)
    hint = "A filter of width k adds k - 1 steps"
    assert hint in pages["wrong"]
    assert hint not in pages["right"]
    assert "can&#x27;t be read as a notebook" in pages["broken"]
    assert "<script>alert(1)</script>" not in pages["peeking"]
    assert f"The checks gave {ALL} of {ALL}" in pages["deleting"]


@needs_sandbox
@pytest.mark.long
def test_thirty_submissions_take_at_most_ten_minutes(tmp_path, tell):
    import time

    handed_in, canary = tmp_path / "handed in", tmp_path / "canary"
    canary.mkdir()
    (canary / "letter.txt").write_text("still here")
    handed_in.mkdir()
    expected = submit(handed_in, canary)
    hog = "import numpy as np\nkept = [np.ones(2**27) for _ in range(64)]"
    forgiving = "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"
    more = {
        "hog": (with_answer("stride", hog), ALL - WORTH["stride"]),
        "exits": (with_answer("stride", "import os\nos._exit(0)"), 0),
        "prints": (with_answer("stride", "while True:\n    print('x' * 1000)"), None),
        "full": (with_answer("stride", "open('big', 'wb').write(b'x' * 2**30)"), ALL - WORTH["stride"]),
        "forgiving": (with_answer("stride", forgiving), 0),
    }
    for name, (notebook, points) in more.items():
        nbformat.write(notebook, handed_in / f"{name}.ipynb")
        expected[name] = points
    for number in range(30 - len(expected)):
        good = number % 2
        nbformat.write(answers() if good else stub(), handed_in / f"student{number:02}.ipynb")
        expected[f"student{number:02}"] = ALL if good else 0
    start = time.monotonic()
    rows = {row["student"]: row["points"] for row in grade.grade_folder(STEM, handed_in, tmp_path / "out")}
    seconds = time.monotonic() - start
    tell(f"30 submissions: {seconds:.0f} s")
    assert len(rows) == 30
    assert {name: rows[name] for name, points in expected.items() if points is not None} == {
        name: points for name, points in expected.items() if points is not None
    }
    assert [path.name for path in canary.iterdir()] == ["letter.txt"]


# Without a sandbox


@pytest.fixture
def one_submission(tmp_path):
    """A folder with a submission, as the arguments that name it and where its grades go."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.ipynb").write_text("{}")
    return ["--chapter", "4", "--submissions", str(tmp_path / "in"), "--out", str(tmp_path / "out")]


def test_grading_stops_where_there_is_no_sandbox(one_submission, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(contained.shutil, "which", lambda name: None)
    monkeypatch.setattr(contained, "find_spec", lambda name: None)
    assert grade.main(one_submission)
    told = capsys.readouterr().err
    assert "bubblewrap isn't here" in told
    assert "UNSAFE=yes" in told
    assert not (tmp_path / "out").exists()


def test_a_sandbox_that_may_not_work_stops_grading(one_submission, tmp_path, monkeypatch, capsys):
    refusing = tmp_path / "bwrap"
    refusing.write_text("#!/bin/sh\necho 'setting up uid map: Permission denied' >&2\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setattr(contained.shutil, "which", lambda name: str(refusing))
    assert grade.main(one_submission)
    assert "may not make a sandbox here (setting up uid map: Permission denied)" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--chapter", "99", "--submissions", "{folder}"], "there is no chapter '99'"),
        (["--chapter", "", "--submissions", "{folder}"], "there is no chapter ''"),
        (["--chapter", "04", "--submissions", "{folder}/none"], "there is no folder"),
        (["--chapter", "04", "--submissions", ""], "give SUBMISSIONS=folder"),
        (["--chapter", "04", "--submissions", "{folder}"], "is empty"),
    ],
)
def test_bad_calls_get_a_sentence(tmp_path, arguments, words, capsys):
    (tmp_path / ".DS_Store").write_bytes(b"")
    assert grade.main([argument.format(folder=tmp_path) for argument in arguments])
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(("handed_in", "out"), [("class", "class"), ("class", "class/out"), ("feedback", "")])
def test_what_was_handed_in_is_not_written_into(tmp_path, handed_in, out, capsys):
    (tmp_path / handed_in / "feedback").mkdir(parents=True)
    assert grade.main(["--chapter", "4", "--submissions", f"{tmp_path / handed_in}", "--out", f"{tmp_path / out}"])
    assert "expected a folder outside" in capsys.readouterr().err
    assert (tmp_path / handed_in / "feedback").is_dir()


# What was handed in


def test_everything_in_the_folder_is_named(tmp_path):
    (tmp_path / "Åsa Öberg").mkdir()
    nbformat.write(answers(), tmp_path / "Åsa Öberg" / f"{STEM}.ipynb")
    nbformat.write(stub(), tmp_path / "Åsa Öberg" / "old.ipynb")
    (tmp_path / "many").mkdir()
    for name in ("a", "b"):
        nbformat.write(stub(), tmp_path / "many" / f"{name}.ipynb")
    (tmp_path / "nothing").mkdir()
    (tmp_path / "report.pdf").write_bytes(b"%PDF")
    (tmp_path / "empty.ipynb").write_bytes(b"")
    (tmp_path / "other.ipynb").write_text(nbformat.writes(nbformat.v4.new_notebook()))
    (tmp_path / ".DS_Store").write_bytes(b"")
    (tmp_path / "link.ipynb").symlink_to(exercises.ROOT / "pyproject.toml")
    found = {one.student: one for one in submissions.collect(tmp_path, STEM)}
    notes = {name: one.note for name, one in found.items()}
    assert set(found) == {"Åsa-Öberg", "many", "nothing", "report", "empty", "other", "link"}
    assert notes["Åsa-Öberg"] == f"several files handed in (2 notebooks); graded: {STEM}.ipynb"
    assert "2 notebooks found" in notes["many"]
    assert "0 notebooks found" in notes["nothing"]
    assert "expected a file that ends in .ipynb" in notes["report"]
    assert "empty" in notes["empty"]
    assert "none of the answer cells" in notes["other"]
    assert "not an ordinary file" in notes["link"]


def test_several_of_one_name_stay_apart(tmp_path):
    (tmp_path / "a b").mkdir()
    nbformat.write(stub(), tmp_path / "a b" / f"{STEM}.ipynb")
    for name in ("a-b", "a-b-2"):
        nbformat.write(stub(), tmp_path / f"{name}.ipynb")
    assert sorted(one.student for one in submissions.collect(tmp_path, STEM)) == ["a-b", "a-b-2", "a-b-3"]


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("A\u030asa O\u0308berg", "Åsa-Öberg"),
        ("प्रिया", "प्रिया"),
        ("../x; y$(z)", "x-y-z"),
        ("...", "unnamed"),
        ("é" * 120, "é" * 100),
    ],
)
def test_names_stay_readable(name, student):
    assert submissions.identifier(name) == student


def test_a_name_that_is_not_unicode_gets_its_row(tmp_path):
    (tmp_path / os.fsdecode(b"J\xfcrgen.pdf")).write_bytes(b"%PDF")
    (one,) = submissions.collect(tmp_path, STEM)
    assert (one.student, one.note.split(";")[0]) == ("J-rgen", "not a notebook: J\ufffdrgen.pdf")


def older(notebook):
    return nbformat.v4.downgrade(notebook)  # to version 3


def with_marks_that_are_none(notebook):
    notebook.cells.append(nbformat.v4.new_code_cell("", metadata={"nbgrader": "none"}))
    notebook.cells.append(nbformat.v4.new_code_cell("", metadata={"nbgrader": {"grade_id": ["a"]}}))
    return notebook


def of_another_language(notebook):
    notebook.metadata.kernelspec = {"display_name": "R", "language": "R", "name": "ir"}
    return notebook


@pytest.mark.parametrize("change", [older, as_colab_writes_it, with_marks_that_are_none, of_another_language])
def test_odd_forms_are_read(tmp_path, change):
    (tmp_path / "a.ipynb").write_text(json.dumps(change(answers())))
    (one,) = submissions.collect(tmp_path, STEM)
    assert one.note == ""
    known = {cell.id: cell.source for cell in answers().cells}
    assert {cell.id: cell.source for cell in one.notebook.cells if cell.id in known} == known
    assert one.notebook.metadata == answers().metadata


def test_half_a_character_is_refused_in_a_row(tmp_path):
    (tmp_path / "a.ipynb").write_text(json.dumps(with_answer("stride", "'\ud800'")))
    (one,) = submissions.collect(tmp_path, STEM)
    assert "can't be read as a notebook" in one.note


def test_a_copy_of_an_answer_runs_below_it():
    changed = answers()
    place = next(n for n, cell in enumerate(changed.cells) if cell.id == "answer-wider")
    copied = copy.deepcopy(changed.cells[place])
    copied.update(id="copy", source="more = 1")
    changed.cells.insert(place + 1, copied)
    made, missing = submissions.joined(changed, answers())
    assert missing == []
    assert [cell.source for cell in made.cells[place : place + 2]] == [changed.cells[place].source, "more = 1"]
    assert "nbgrader" not in made.cells[place + 1].metadata


def test_locked_cells_come_back_and_own_cells_stay():
    changed = with_answer("wider", "mine")
    changed.cells = [cell for cell in changed.cells if cell.id != "check-stride"]
    next(cell for cell in changed.cells if cell.id == "check-wider").source = "print('passed')"
    own = nbformat.v4.new_code_cell("helper = 1", id="own")
    changed.cells.insert(next(n for n, cell in enumerate(changed.cells) if cell.id == "answer-wider"), own)
    made, missing = submissions.joined(changed, answers())
    sources = [cell.source for cell in made.cells]
    assert missing == []
    assert sources.index("helper = 1") < sources.index("mine")
    original = {cell.id: cell.source for cell in answers().cells}
    kept = {cell.id: cell.source for cell in made.cells}
    assert [kept[name] for name in ("check-stride", "check-wider")] == [
        original[name] for name in ("check-stride", "check-wider")
    ]


def test_a_missing_answer_is_named():
    changed = answers()
    changed.cells = [cell for cell in changed.cells if cell.id != "answer-design"]
    made, missing = submissions.joined(changed, answers())
    assert missing == ["design"]
    assert next(cell for cell in made.cells if cell.id == "answer-design").source == exercises.STUB


def test_formulas_stay_text_in_a_spreadsheet(tmp_path):
    grade.write_table([{"student": "=1+1", "points": -1}], tmp_path / "t.csv")
    assert read_table(tmp_path / "t.csv") == [{"student": "'=1+1", "points": "-1"}]

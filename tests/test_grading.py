"""A folder of submissions is graded: every one gets a row, the right points, and touches nothing outside."""

import copy
import csv
import io
import json
import os
import zipfile
from datetime import datetime

import contained
import execution
import exercises
import feedback
import grade
import gradebook
import nbformat
import numpy as np
import pytest
import submissions

from colorize_lib import plots
from colorize_lib.exercises.verdict import MIME

STEM = "04_encoder"
WORTH = {one.slug: one.points for one in exercises.exercises_of(STEM)}
ALL = sum(WORTH.values())
SECRET = "only the grader's"
FORGIVING = "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"
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
    more = {
        "hog": (with_answer("stride", hog), ALL - WORTH["stride"]),
        "exits": (with_answer("stride", "import os\nos._exit(0)"), ALL - WORTH["stride"]),
        "prints": (with_answer("stride", "while True:\n    print('x' * 1000)"), None),
        "full": (with_answer("stride", "open('big', 'wb').write(b'x' * 2**30)"), ALL - WORTH["stride"]),
        "forgiving": (with_answer("stride", FORGIVING), ALL - WORTH["stride"]),
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


@needs_sandbox
def test_a_cell_costs_no_other_cell_its_result(tmp_path_factory):
    """Cells that go on for ever, swallow interrupts, end the kernel or flood it; x must come through all of them."""
    cells = {
        "x = 1": "",
        "while True: pass": "ran longer than 2 s",
        FORGIVING: "could not be interrupted",
        "x += 1": "",
        "import os; os._exit(0)": "ended its kernel",
        "while True: print('x' * 1000)": "ran longer than 2 s",
        "input()": "StdinNotImplementedError",
        "1 / 0": "ZeroDivisionError: division by zero",
        "display_data = get_ipython().kernel.session.send": "",
        "display_data(get_ipython().kernel.iopub_socket, 'display_data', {'data': 3}, "
        "parent=get_ipython().kernel.get_parent())": "",
        "x + 40": "",
    }
    done = execution.run(list(cells), tmp_path_factory.mktemp("k"), safe=True, seconds=2)
    for (source, problem), result in zip(cells.items(), done, strict=True):
        assert (problem in result.problem) if problem else not result.problem, f"{source}: {result.problem}"
        assert result.size < 2 * execution.MOST_TEXT
    assert done[-1].outputs[0].data["text/plain"] == "42"


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
    known = {cell.id: cell.source for cell in answers().cells if not cell.id.startswith("words-")}
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
    gradebook.write_table([{"student": "=1+1", "points": -1}], tmp_path / "t.csv")
    assert read_table(tmp_path / "t.csv") == [{"student": "'=1+1", "points": "-1"}]


def test_a_deleted_or_changed_check_is_said(tmp_path):
    changed = stub()
    changed.cells = [cell for cell in changed.cells if cell.id != "check-stride"]
    next(cell for cell in changed.cells if cell.id == "check-wider").source = "print('Right.')"
    nbformat.write(changed, tmp_path / "a.ipynb")
    (one,) = submissions.collect(tmp_path, STEM)
    assert one.checks == {"stride": "deleted", "wider": "changed"}
    assert one.note == "checks deleted, and restored: stride; checks changed, and restored: wider"
    parts = grade.judged(one, STEM, {})
    assert "this check was deleted; it was restored" in parts["stride"]["notes"][0]


# As learning platforms export it


def moodle_takes(path, participants):
    """Return whose a file of an uploaded zip is, by the rules of Moodle's importer, and what is left of its name."""
    if os.path.basename(path).startswith((".", "~")):
        return None
    parts = path.split("/")
    while parts:
        info = parts.pop(0).split("_", 4)
        if len(info) < 4 or not info[1].isdigit() or int(info[1]) not in participants:
            continue
        if info[2:4] != ["assignsubmission", "file"]:
            continue
        return int(info[1]), "/".join([*info[4:], *parts]).strip("/")
    return None


MOODLE_NAMES = {
    "Anna Maria Öberg_101_assignsubmission_file_": 101,
    "Ben_102_assignsubmission_file": 102,
    "c_3_po_103_assignsubmission_file_": 103,
    "Group A-Dana_104_assignsubmission_file": 104,
    "Participant 105_105_assignsubmission_file_": 105,
}


def test_feedback_goes_back_to_moodle(tmp_path, monkeypatch):
    folder, out = tmp_path / "in", tmp_path / "out"
    for name in MOODLE_NAMES:
        (folder / name).mkdir(parents=True)
        nbformat.write(answers(), folder / name / f"{STEM}.ipynb")
    nbformat.write(answers(), folder / f"Eve_106_assignsubmission_file_{STEM}.ipynb")  # one file each, no folders
    (folder / "Ben_102_assignsubmission_onlinetext").mkdir()
    (folder / "Ben_102_assignsubmission_onlinetext" / "onlinetext.html").write_text("See my file.")
    monkeypatch.setattr(grade, "run", lambda one, stem, *_: grade.judged(one, stem, {}))
    rows = grade.grade_folder(STEM, folder, out)
    ids = {*map(str, MOODLE_NAMES.values()), "106"}
    assert {row["id"] for row in rows} == ids
    assert {row["student"] for row in rows} >= {"Anna-Maria-Öberg", "Ben", "c_3_po"}
    with zipfile.ZipFile(out / "feedback.zip") as packed:
        taken = [moodle_takes(name, {int(one) for one in ids}) for name in packed.namelist()]
    assert sorted(taken) == [(number, f"{STEM}.html") for number in range(101, 107)]
    sheet = tmp_path / "sheet.csv"
    lines = [
        "Identifier,Full name,Grade,Maximum Grade",
        *(f"Participant {n},x,,24" for n in sorted(ids)),
        "Participant 1,y,,24",
    ]
    sheet.write_text("\ufeff" + "\n".join(lines), encoding="utf-8")
    assert gradebook.write_worksheet(sheet, rows, out / "worksheet.csv") == ""
    filled = gradebook.read_table(out / "worksheet.csv")
    assert [line["Grade"] for line in filled] == ["0"] * 6 + [""]
    assert list(filled[0]) == ["Identifier", "Full name", "Grade", "Maximum Grade"]


@pytest.mark.parametrize(
    ("name", "student", "number", "back", "late"),
    [
        (f"doejane_4711_98765_{STEM}.ipynb", "doejane", "4711", f"doejane_4711_98765_{STEM}.html", False),
        (f"doejane_LATE_4711_98765_{STEM}-1.ipynb", "doejane", "4711", f"doejane_LATE_4711_98765_{STEM}.html", True),
        ("jane_doe.ipynb", "jane_doe", "", "", False),
    ],
)
def test_names_of_canvas(tmp_path, name, student, number, back, late):
    nbformat.write(stub(), tmp_path / name)
    (one,) = submissions.collect(tmp_path, STEM)
    assert (one.student, one.id, one.late) == (student, number, late)
    assert one.back.format(f"{STEM}.html") == back


def test_several_files_of_one_student_are_said(tmp_path):
    for number, name in ((1, f"{STEM}.ipynb"), (2, "notes.ipynb")):
        nbformat.write(stub(), tmp_path / f"doejane_4711_{number}_{name}")
    for number in (1, 2):
        nbformat.write(stub(), tmp_path / f"roejohn_5_{number}_part.ipynb")
    jane, john = submissions.collect(tmp_path, STEM)
    assert "several files handed in" in jane.note
    assert f"graded: doejane_4711_1_{STEM}.ipynb" in jane.note
    assert jane.notebook is not None
    assert "2 notebooks found" in john.note
    assert john.notebook is None


@pytest.mark.parametrize("front", ["", "work/", "__MACOSX/../a/"])
def test_zips_are_opened_and_a_bom_is_read(tmp_path, front):
    (tmp_path / "anna").mkdir()
    for path in (tmp_path / "anna" / "all.zip", tmp_path / "ben.zip"):
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr("__MACOSX/._x.ipynb", b"junk")
            packed.writestr(f"{front.replace('__MACOSX/../', '')}{STEM}.ipynb", "\ufeff" + nbformat.writes(stub()))
    found = submissions.collect(tmp_path, STEM)
    assert [(one.student, one.note, one.notebook is not None) for one in found] == [
        ("anna", "", True),
        ("ben", "", True),
    ]


def test_a_zip_of_the_platform_is_taken_as_it_is(tmp_path, capsys):
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as packed:
        info = zipfile.ZipInfo(f"Ann_1_assignsubmission_file_/{STEM}.ipynb", (2026, 12, 4, 17, 30, 0))
        packed.writestr(info, "{}")
    assert grade.main(["--chapter", "4", "--submissions", str(path), "--out", str(tmp_path / "out"), "--unsafe"]) == 0
    (row,) = read_table(tmp_path / "out" / "grades.csv")
    assert (row["student"], row["id"]) == ("Ann", "1")
    assert "can't be read as a notebook" in row["note"]
    (tmp_path / "no.zip").write_text("x")
    assert grade.main(["--chapter", "4", "--submissions", str(tmp_path / "no.zip"), "--out", str(tmp_path / "o")]) == 1
    assert "no.zip can't be read as a zip" in capsys.readouterr().err


def test_damaged_zips_get_a_row(tmp_path):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as packed:
        packed.writestr(zipfile.ZipInfo(f"{STEM}.ipynb"), nbformat.writes(stub()))
    good = held.getvalue()
    end = good.rindex(b"PK\x05\x06")
    start = int.from_bytes(good[end + 16 : end + 20], "little")  # of the list of what it holds
    dateless, encrypted = bytearray(good), bytearray(good)
    dateless[start + 12 : start + 16] = bytes(4)
    encrypted[start + 8] |= 1
    encrypted[6] |= 1
    files = {
        "cut": good[:-9],
        "text": b"no zip",
        "empty": b"",
        "dateless": bytes(dateless),
        "encrypted": bytes(encrypted),
    }
    for name, data in files.items():
        (tmp_path / f"{name}.zip").write_bytes(data)
    (tmp_path / "linked.zip").symlink_to(tmp_path / "dateless.zip")
    notes = {one.student: one.note for one in submissions.collect(tmp_path, STEM)}
    assert notes.pop("dateless") == ""
    assert "can't be read as a notebook" in notes.pop("encrypted")
    assert "0 notebooks found" in notes.pop("linked")
    assert set(notes) == {"cut", "text", "empty"}
    assert all("can't be read as a zip" in note for note in notes.values()), notes


# Points by hand, and a second run


def faked(one, stem, *_):
    """Stand in for a run: what the student wrote decides, and nothing is executed."""
    parts = grade.judged(one, stem, {})
    parts["stride"]["points"] = float("right" in parts["stride"]["answer"])
    return parts


@pytest.fixture
def class_of_two(tmp_path, monkeypatch):
    monkeypatch.setattr(grade, "run", faked)
    (tmp_path / "in").mkdir()
    for name in ("anna", "ben"):
        nbformat.write(with_answer("stride", "right", stub()), tmp_path / "in" / f"{name}.ipynb")
    return tmp_path / "in", tmp_path / "out"


def test_a_second_run_loses_nothing_and_adds_points_by_hand(class_of_two):
    folder, out = class_of_two
    grade.grade_folder(STEM, folder, out)
    asked = read_table(out / "manual.csv")
    assert {(row["student"], row["exercise"]) for row in asked} == {
        (name, slug) for name in ("anna", "ben") for slug in ("shift", "mirrored", "design")
    }
    for row in asked:
        if row["student"] == "anna":
            row |= {"points": "1,5", "comment": "Why <so>?"}
    written = io.StringIO()
    writer = csv.DictWriter(written, gradebook.MANUAL, delimiter=";")  # as a spreadsheet saves it
    writer.writeheader()
    writer.writerows([*asked, {"student": "anna", "exercise": "wider", "points": "2", "comment": "By hand."}])
    (out / "manual.csv").write_text("\ufeff" + written.getvalue(), encoding="utf-8")
    table = read_table(out / "grades.csv")
    gradebook.write_table([row | {"seen": "yes"} for row in table], out / "grades.csv")
    for _ in range(2):
        before = (out / "manual.csv").read_bytes()
        rows = {row["student"]: row for row in grade.grade_folder(STEM, folder, out)}
        assert (out / "manual.csv").read_bytes() == before
        assert (rows["anna"]["by_hand"], rows["anna"]["total"], rows["anna"]["total_of"]) == (6.5, 7.5, ALL + 6)
        assert (rows["ben"]["by_hand"], rows["ben"]["total"]) == (0, 1)
        assert {row["seen"] for row in read_table(out / "grades.csv")} == {"yes"}
    page = (out / "feedback" / "anna.html").read_text(encoding="utf-8")
    assert "1.5 points. Why &lt;so&gt;?" in page
    assert "By hand. (2 points)" in page
    assert "A person judges this." not in page


def test_one_student_is_graded_again(class_of_two, capsys):
    folder, out = class_of_two
    grade.grade_folder(STEM, folder, out)
    for name in ("anna", "ben"):
        nbformat.write(stub(), folder / f"{name}.ipynb")
    rows = {row["student"]: row["points"] for row in grade.grade_folder(STEM, folder, out, only=["anna"])}
    assert rows == {"anna": 0, "ben": 1}
    nbformat.write(stub(), folder / "carl.ipynb")
    assert len(grade.grade_folder(STEM, folder, out, only=["carl"])) == 3
    assert {row["student"] for row in read_table(out / "manual.csv")} == {"anna", "ben", "carl"}
    (folder / "ben.ipynb").unlink()
    rows = {row["student"]: row for row in grade.grade_folder(STEM, folder, out, only=[])}
    assert rows["ben"]["points"] == 1
    assert rows["ben"]["note"] == "not in the folder any more; graded earlier"
    with pytest.raises(ValueError, match="no student dora"):
        grade.grade_folder(STEM, folder, out, only=["dora"])


def test_a_run_that_fails_costs_nobody_else(class_of_two, monkeypatch):
    folder, out = class_of_two

    def failing(one, *given):
        if one.student == "anna":
            raise RuntimeError("Kernel died before replying to kernel_info")
        return faked(one, *given)

    monkeypatch.setattr(grade, "run", failing)
    rows = {row["student"]: row for row in grade.grade_folder(STEM, folder, out)}
    assert rows["anna"]["note"] == "could not be run (RuntimeError: Kernel died before replying to kernel_info)"
    assert rows["ben"]["points"] == 1
    assert "could not be run" in (out / "feedback" / "anna.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "verdict",
    [{}, {"passed": False, "message": "x", "part": "y"}, 3, None, {"passed": 0, "message": "", "part": float("nan")}],
)
def test_what_is_no_verdict_gives_no_points(verdict):
    shown = nbformat.v4.new_output("execute_result", {MIME: verdict})
    known = {"of": 3, "notes": [], "points": 0.0, "passed": False, "message": ""}
    grade.judge(known, [execution.Done([shown])])
    assert known["points"] == 0
    assert known["message"] == "The check showed something else than a verdict."


def test_half_a_character_is_written(tmp_path):
    gradebook.whole(tmp_path / "a.txt", "a\ud800b")
    assert (tmp_path / "a.txt").read_text() == "a?b"


def test_grades_of_another_chapter_stay(class_of_two):
    folder, out = class_of_two
    grade.grade_folder(STEM, folder, out)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    with pytest.raises(ValueError, match=f"holds grades of {STEM}; choose another folder"):
        grade.grade_folder("05_decoder", folder, out)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("anna,shift,much,", "line 2: the points are 'much'"),
        ("anna,shift,nan,", "line 2: the points are 'nan'"),
        ("anna,shifty,1,", "no exercise 'shifty'; expected one of stride"),
    ],
)
def test_a_line_that_cannot_be_read_stops_grading_and_stays(class_of_two, line, words):
    folder, out = class_of_two
    out.mkdir()
    text = f"student,exercise,points,comment\n{line}\n"
    (out / "manual.csv").write_text(text)
    with pytest.raises(ValueError, match=words):
        grade.grade_folder(STEM, folder, out)
    assert (out / "manual.csv").read_text() == text


def test_what_a_student_wrote_stands_on_the_page(class_of_two):
    folder, out = class_of_two
    changed = stub()
    cell = next(cell for cell in changed.cells if cell.id == "words-shift")
    cell.source = cell.source.replace(exercises.WORDS_STUB, "It <b>moves</b> along.")
    changed.cells.append(nbformat.v4.new_markdown_cell("And <script>alert(1)</script> this."))
    nbformat.write(as_colab_writes_it(changed), folder / "anna.ipynb")
    grade.grade_folder(STEM, folder, out)
    page = (out / "feedback" / "anna.html").read_text(encoding="utf-8")
    assert "<pre>It &lt;b&gt;moves&lt;/b&gt; along.</pre>" in page
    assert "And &lt;script&gt;" in page
    assert "<script" not in page
    assert page.count("Nothing is written here.") == 2
    assert page.count("A person judges this.") == 3


@pytest.mark.parametrize(
    ("when", "late", "total"),
    [
        (datetime(2026, 12, 4, 18, 0), "", 10),
        (datetime(2026, 12, 4, 18, 1), "1 day late: 80% of the points are left", 8),
        (datetime(2026, 12, 6, 17, 0), "2 days late: 60% of the points are left", 6),
        (datetime(2027, 1, 6), "33 days late: 0% of the points are left", 0),
    ],
)
def test_late_submissions_keep_what_the_rule_leaves(when, late, total):
    rule = gradebook.LateRule.of("2026-12-04 18:00", "20")
    part = grade.blank(exercises.exercises_of(STEM)[0]) | {"points": 10, "by_hand": None, "comment": ""}
    record = {"student": "a", "id": "", "file": "a", "note": "", "late": False, "exercises": {"stride": part}}
    row = gradebook.row_of(record | {"when": when.isoformat()}, rule)
    assert (row["late"], row["total"]) == (late, total)


@pytest.mark.parametrize(
    ("deadline", "percent", "words"),
    [("soon", "", "expected a time"), ("2026-12-04", "-1", "expected percent"), ("", "10", "name the deadline")],
)
def test_a_late_rule_that_cannot_be_read_gets_a_sentence(deadline, percent, words):
    with pytest.raises(ValueError, match=words):
        gradebook.LateRule.of(deadline, percent)


@pytest.mark.parametrize(
    ("part", "points"), [(0.0, 0), (0.3, 0.5), (0.5, 1.5), (2 / 3, 2), (0.99, 2.5), (7, 3), (-1, 0)]
)
def test_what_is_right_so_far_gives_half_points(part, points):
    shown = nbformat.v4.new_output("execute_result", {MIME: {"passed": False, "message": "x", "part": part}})
    known = {"of": 3, "notes": [], "points": 0.0, "passed": False, "message": ""}
    grade.judge(known, [execution.Done([shown])])
    assert known["points"] == points


# The feedback page


def part_with(**changed):
    known = grade.blank(exercises.exercises_of(STEM)[0])
    return known | {"by_hand": None, "comment": ""} | changed


ROW = {
    "student": "Ann <b>",
    "points": 1.5,
    "of": 2,
    "by_hand": 0,
    "total": 1.5,
    "total_of": 4,
    "open": 1,
    "late": "",
    "note": "",
}


def a_strip(size=160):
    random = np.random.default_rng(0)
    columns = {
        name: random.integers(0, 256, (2, size, size, 3), dtype="uint8")
        for name in ("Gray", "Paper", "Ours", "Truth", "Error")
    }
    return nbformat.v4.new_output("display_data", {"text/html": plots.strip_html(columns, ["One", "Two"])})


def a_figure(width=1500):
    picture = np.random.default_rng(0).integers(0, 256, (60, width), dtype="uint8")
    held = plots.png_address(picture).partition(",")[2]
    return nbformat.v4.new_output("display_data", {"image/png": held}, metadata={"image/png": {"alt": "A figure"}})


def text(value):
    return nbformat.v4.new_output("stream", name="stdout", text=value)


def test_a_page_shows_pictures_verdict_and_points_and_no_traceback():
    error = execution.Done()
    error.add(nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=["Traceback", "line 1"]))
    assert (error.outputs, error.problem) == ([], "ValueError: no")
    hidden = {"hidden": "assert secret == 7"}
    page = feedback.page(
        ROW, [part_with(outputs=[a_strip(), a_figure()], message="A <hint>.", **hidden)], "The encoder"
    )
    assert page.count('<img src="data:image/png;base64,') == 11
    assert 'alt="A figure"' in page
    assert "<strong>Not yet.</strong> A &lt;hint&gt;." in page
    assert "1.5 of 4 points, so far." in page
    assert "secret" not in page
    assert "secret == 7" in feedback.page(ROW, [part_with(**hidden)], "The encoder", hidden=True)


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>x",
        "<SCRIPT src=//a.b/c.js>",
        "<img src=x onerror=alert(1)>",
        "<img src='http://a.b/c.png' alt='src='>",
        "<img src='data:image/svg+xml;base64,PHN2Zz4='>",
        "<a href='javascript:alert(1)'>x</a>",
        "<div style='position:fixed;width:9999px' onclick='a()'>x</div>",
        "<iframe src='//a.b'></iframe><object data=x></object><form action=x><input></form>",
        "<style>body{display:none}</style>x",
        "<table width=99999><tr><td style='width:99999px'>x</td></tr></table>",
        "<meta http-equiv=refresh content='0;url=//a.b'>",
    ],
)
def test_what_a_notebook_displays_runs_and_loads_nothing(markup):
    shown = feedback.clean(markup).lower()
    for word in (
        "<script",
        "onerror",
        "onclick",
        "style",
        "href=",
        "http",
        "<iframe",
        "<form",
        "<meta",
        "svg",
        "99999px",
        "alert",
    ):
        assert word not in shown or (word == "alert" and "<" not in shown), shown


@pytest.mark.parametrize("markup", ["<div>" * 20_000, f"<img {'a=b ' * 100_000}>", "&" * 500_000])
def test_a_display_that_would_take_minutes_is_left_out(markup):
    assert "is left out" in feedback.clean(markup)


def test_a_page_is_never_larger_than_its_limit():
    large = [a_strip(1000), a_figure(), text("x" * 10**7), text("y\n" * 10**6)] * 2
    page = feedback.page(ROW, [part_with(outputs=large, answer="z" * 10**6)] * 5, "The encoder")
    assert len(page.encode()) <= feedback.MOST_BYTES
    assert "MB is left out" in page
    assert 'alt="A figure"' in page
    assert "lines more]" in page


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(browser, width, tmp_path):
    wide = nbformat.v4.new_output(
        "display_data", {"text/html": f"<table><tr>{'<td>' + 'w' * 40 + '</td>' * 30}</tr></table>"}
    )
    outputs = [a_strip(), a_figure(4000), text("a long line " * 400), text("b" * 5000), wide]
    part = part_with(
        outputs=outputs, answer="c" * 3000, message="d" * 500, notes=["e" * 500], words="f" * 900, question="g" * 200
    )
    path = tmp_path / "page.html"
    path.write_text(feedback.page(ROW | {"note": "h" * 400}, [part], "t" * 80), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(path.as_uri())
    furthest = "Math.max(...[...document.querySelectorAll('body *')].map(e => e.getBoundingClientRect().right))"
    assert page.evaluate(furthest) <= width
    assert page.evaluate("[...document.images].every(i => i.naturalWidth > 0 && i.width > 20)")
    page.close()


@needs_sandbox
@pytest.mark.long
@pytest.mark.parametrize("stem", exercises.stems())
def test_a_full_notebook_of_each_chapter_has_a_page_with_its_pictures(browser, tmp_path, stem, tell):
    (tmp_path / "in").mkdir()
    nbformat.write(exercises.for_grader(stem), tmp_path / "in" / "full.ipynb")
    (row,) = grade.grade_folder(stem, tmp_path / "in", tmp_path / "out")
    assert (row["points"], row["note"]) == (row["of"], "")
    path = tmp_path / "out" / "feedback" / "full.html"
    for width in (390, 1280):
        page = browser.new_page(viewport={"width": width, "height": 800})
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("[...document.images].every(i => i.naturalWidth > 0)")
        pictures = page.evaluate("document.images.length")
        page.close()
    source = "".join(cell.source for cell in exercises.for_grader(stem).cells if cell.id.startswith("answer-"))
    assert pictures >= source.count("plots.strip(") + source.count("plots.show(")
    assert path.stat().st_size <= feedback.MOST_BYTES
    tell(f"{stem}: {pictures} pictures, {path.stat().st_size:,} bytes")

"""Every exercise checks itself: the model answer passes, the stub and the common wrong answers get their own hints."""

import ast
from functools import cache

import exercises
import numpy as np
import pytest
import yaml

from colorize_lib.exercises.verdict import EMPTY, PARTLY, Hint, Verdict, check, is_empty, numbers, result_of

ALL = [(stem, one) for stem in exercises.stems() for one in exercises.exercises_of(stem)]
WRONG = [(stem, one, cell) for stem, one in ALL for cell in one.wrong]
KINDS = {"recall", "by hand", "predict", "measure", "picture", "explain in code", "design"}
CHAPTERS = sorted(path.stem for path in exercises.CHAPTERS.glob("*.ipynb"))
every_exercise = pytest.mark.parametrize(("stem", "one"), ALL, ids=[f"{stem[:2]}-{one.slug}" for stem, one in ALL])
every_chapter = pytest.mark.parametrize("stem", CHAPTERS)


@cache
def start(stem):
    """Execute an answer notebook's shared cell once and return its names."""
    names = {}
    exec(next(cell.source for cell in exercises.read(stem).cells if cell.id == "start"), names)
    return names


def judged(stem, one, answer):
    """Execute an answer and the visible part of its check; return the verdict."""
    names = dict(start(stem))
    exec(answer, names)
    visible = one.check.split("### BEGIN HIDDEN TESTS")[0]
    *before, last = ast.parse(visible).body
    exec(compile(ast.Module(before, []), one.slug, "exec"), names)
    return eval(compile(ast.Expression(last.value), one.slug, "eval"), names), names


@every_exercise
def test_the_model_answer_passes_the_check_and_the_hidden_tests(stem, one):
    verdict, names = judged(stem, one, exercises.model_answer(one))
    assert verdict, verdict
    hidden = one.check.split("### BEGIN HIDDEN TESTS")[1].replace("### END HIDDEN TESTS", "")
    assert "assert " in hidden
    exec(hidden, names)


@every_exercise
def test_the_stub_gets_a_hint(stem, one):
    verdict, _ = judged(stem, one, exercises.stub(one))
    assert isinstance(verdict, Verdict)
    assert not verdict
    assert len(verdict.message) > 20


@every_exercise
def test_the_stub_fails_the_hidden_tests(stem, one):
    _, names = judged(stem, one, exercises.stub(one))
    hidden = one.check.split("### BEGIN HIDDEN TESTS")[1].replace("### END HIDDEN TESTS", "")
    with pytest.raises(AssertionError):
        exec(hidden, names)


@every_exercise
def test_common_wrong_answers_each_get_their_own_hint(stem, one):
    assert len(one.wrong) >= 2
    hints = {"stub": judged(stem, one, exercises.stub(one))[0].message}
    for name, (_, code) in one.wrong.items():
        verdict, _ = judged(stem, one, code)
        assert not verdict, f"{name} passes"
        assert "stopped with" not in verdict.message, verdict.message
        hints[name] = verdict.message
    assert len(set(hints.values())) == len(hints), hints


@pytest.mark.parametrize(
    ("slug", "change", "words"),
    [
        ("tint", "tint = lambda gray: [[1], [2, 3]]", "rows of unequal length"),
        ("split", "parts['val'] = [[1], [2, 3]]", "rows of unequal length"),
        ("split", "parts['val'] = {1, 'two'}", "Expected numbers for parts['val']"),
        ("tile", "fold = lambda pictures, period: [[1], [2, 3]]", "rows of unequal length"),
        ("three", "step['L1'] = step['L2'] = np.ones(2)", "Expected a single number for step['L1']"),
        ("resume", "def load(saved): Run()", "load returns nothing yet"),
        ("resume", "def load(saved): return saved", "load should return a Run, and returns a dict"),
        ("resume", "Run = Run()", "without calling it"),
        ("resume", "def save(run): return {'all': [run.w, run.m, run.v, run.step]}", "rows of unequal length"),
        ("turn", "turned = lambda rgb, degrees: [[1], [2, 3]]", "rows of unequal length"),
        ("palette", "best_colors = lambda keys, ab, answer: [[1], [2, 3]]", "rows of unequal length"),
        ("palette", "best_colors = lambda keys, ab, answer: 10**400", "Expected numbers for the colors"),
    ],
)
def test_an_answer_of_another_kind_gets_a_hint(slug, change, words):
    stem, one = next(pair for pair in ALL if pair[1].slug == slug)
    verdict, _ = judged(stem, one, f"{exercises.model_answer(one)}\n{change}")
    assert not verdict
    assert words in verdict.message


@every_exercise
def test_an_exercise_is_whole(stem, one):
    assert one.kind in KINDS
    assert 1 <= one.points <= 6
    assert 3 <= one.minutes <= 45
    assert len(one.task) > 60
    assert len(one.why) > 100
    assert "### BEGIN SOLUTION" in one.answer
    module = f"check_{stem[:2]}."
    assert one.check.startswith(module)
    assert ".require()" in one.check


@every_chapter
def test_a_chapter_has_three_to_five(stem):
    exercises_here = exercises.exercises_of(stem)
    kinds = {one.kind for one in exercises_here}
    assert 3 <= len(exercises_here) <= 5
    assert [one.number for one in exercises_here] == list(range(1, len(exercises_here) + 1))
    assert kinds & {"picture", "measure"}
    assert "predict" in kinds
    assert len({one.slug for one in exercises_here}) == len(exercises_here)


def test_the_course_has_at_least_forty():
    assert len(ALL) >= 40


@every_chapter
def test_the_page_stands_in_the_contents(stem):
    contents = (exercises.ROOT / "_toc.yml").read_text(encoding="utf-8")
    named = [entry["file"] for part in yaml.safe_load(contents)["parts"] for entry in part["chapters"]]
    assert f"book/exercises/{stem}" in named
    page = (exercises.ROOT / f"book/exercises/{stem}.md").read_text(encoding="utf-8")
    assert page.count("<!-- exercises -->") == 1
    assert page.startswith("# ")


@every_chapter
def test_students_get_no_answers(stem):
    given = exercises.for_student(stem)
    text = "\n".join(cell.source for cell in given.cells)
    assert "BEGIN" not in text
    assert text.count(exercises.STUB) == len(exercises.exercises_of(stem))
    for one in exercises.exercises_of(stem):
        assert one.why not in text
        assert all(code not in text for _, code in one.wrong.values())


# The form


def notebook_of(*cells):
    return exercises.nbformat.v4.new_notebook(
        cells=[exercises.nbformat.v4.new_markdown_cell(source, id=name) for name, source in cells]
    )


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ([("task-a", "## 1. Title\nno facts")], "expected '## 1. Title'"),
        ([("task-a", "Title\n*recall, 2 points, 5 minutes*")], "expected '## 1. Title'"),
        ([("answer-a", "x")], "below the task"),
        ([("task-a", "## 1. T\n*recall, 1 point, 5 minutes*"), ("why-b", "x")], "below the task"),
        ([("task-a", "## 1. T\n*recall, 1 point, 5 minutes*"), ("wrong-a-b", "no code")], "one block of Python"),
    ],
)
def test_a_cell_that_is_not_in_the_form_is_named(cells, words):
    with pytest.raises(ValueError, match=words) as error:
        exercises.parse(notebook_of(*cells), "99.ipynb")
    assert f"99.ipynb, cell {cells[-1][0]}" in str(error.value)


# What checks have in common


@check
def is_three(answer):
    if numbers(answer, ()) != 3:
        raise Hint("Not <three>.")
    return "Three."


def test_a_verdict_says_what_it_is():
    good, bad = is_three(3), is_three(4)
    assert (bool(good), repr(good)) == (True, "Right. Three.")
    assert (bool(bad), repr(bad)) == (False, "Not yet. Not <three>.")
    assert "&lt;three&gt;" in bad._repr_html_()
    good.require()
    with pytest.raises(AssertionError, match="Not <three>"):
        bad.require()


@pytest.mark.parametrize("nothing", [None, ..., [None, ...], {"a": None}, ()])
def test_no_answer_is_told_apart(nothing):
    assert is_empty(nothing)
    assert is_three(nothing).message == EMPTY


def test_half_an_answer_is_told_apart():
    both = check(lambda one, other: "")
    assert both(3, None).message == PARTLY
    assert both(None, None).message == EMPTY


@pytest.mark.parametrize("wrong", ["three", [1, 2], np.zeros((2, 2)), object(), float("nan"), 10**400, [[1], [2, 3]]])
def test_what_is_no_number_gets_a_hint(wrong):
    assert not is_three(wrong)


def test_a_function_that_fails_gets_a_hint():
    @check
    def calls(function):
        return str(result_of(function, 0))

    assert "ZeroDivisionError" in calls(lambda x: 1 / x).message
    assert "returns nothing" in calls(lambda x: None).message
    assert "without calling it" in calls(5).message
    assert calls(lambda x: x + 1).message == "1"

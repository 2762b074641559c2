"""Every exercise checks itself: the model answer passes, the stub and the common wrong answers get their own hints."""

import ast
import copy
import functools
import itertools
import math
import shutil
import sys
import types
from decimal import Decimal
from fractions import Fraction
from functools import cache

import build
import execution
import exercises
import grade
import numpy as np
import pandas as pd
import pytest
import tidy
from IPython.core.formatters import DisplayFormatter
from PIL import Image

from colorize_lib import data
from colorize_lib.data import audit
from colorize_lib.exercises.verdict import (
    EMPTY,
    MIME,
    PARTLY,
    UNREADABLE,
    Hint,
    Verdict,
    check,
    is_empty,
    numbers,
    result_of,
)

ALL = [(stem, one) for stem in exercises.stems() for one in exercises.exercises_of(stem)]
WRONG = [(stem, one, cell) for stem, one in ALL for cell in one.wrong]
KINDS = {"recall", "by hand", "predict", "measure", "picture", "explain in code", "find the error", "design"}
CHAPTERS = sorted(path.stem for path in exercises.CHAPTERS.glob("*.ipynb"))
every_exercise = pytest.mark.parametrize(("stem", "one"), ALL, ids=[f"{stem[:2]}-{one.slug}" for stem, one in ALL])
every_chapter = pytest.mark.parametrize("stem", CHAPTERS)


@cache
def start(stem):
    """Execute an answer notebook's shared cell once and return its names."""
    names = {}
    exec(next(cell.source for cell in exercises.read(stem).cells if cell.id == "start"), names)
    return names


@cache
def executed(stem, answer):
    """Execute an answer once and return the names that it leaves."""
    names = dict(start(stem))
    exec(answer, names)
    return names


def judged(stem, one, answer, form=None):
    """Execute an answer and its check as a notebook does, the answer put into another form; return the verdict."""
    names = dict(executed(stem, answer))
    names |= {name: FORMS[form](names[name]) for name in asked(one) if form and name in names}
    return eval(one.check, names)


def asked(one):
    """Return the names that an exercise's check is handed."""
    call = ast.parse(one.check, mode="eval").body
    return [node.id for node in call.args]


@every_exercise
def test_the_model_answer_passes(stem, one):
    verdict = judged(stem, one, exercises.model_answer(one))
    assert verdict, verdict
    assert verdict.part == 1
    assert verdict == judged(stem, one, exercises.model_answer(one)), "asked again, it says something else"


@every_exercise
def test_the_stub_gets_a_hint(stem, one):
    verdict = judged(stem, one, exercises.stub(one))
    assert isinstance(verdict, Verdict)
    assert not verdict
    assert verdict.part == 0
    assert len(verdict.message) > 20


@every_exercise
def test_common_wrong_answers_each_get_their_own_hint(stem, one):
    assert len(one.wrong) >= 2
    hints = {"stub": judged(stem, one, exercises.stub(one)).message}
    for name, (_, code) in one.wrong.items():
        verdict = judged(stem, one, code)
        assert not verdict, f"{name} passes"
        assert "stopped with" not in verdict.message, verdict.message
        assert UNREADABLE not in verdict.message, verdict.message
        assert verdict.part < 1
        hints[name] = verdict.message
    assert len(set(hints.values())) == len(hints), hints


# Every answer in several forms


class Tensor:
    """What TensorFlow gives: no array, but NumPy can make one of it, in single precision."""

    def __init__(self, array):
        self.array = single(array)

    def __array__(self, dtype=None, copy=None):
        return np.array(self.array, dtype)


def listed(value, number=lambda x: x, row=list):
    """Return arrays, lists and tuples of numbers as `row` of `number`, whatever they lie in."""
    if callable(value):
        return functools.wraps(value)(lambda *given, **named: listed(value(*given, **named), number, row))
    if isinstance(value, dict):
        return {name: listed(inside, number, row) for name, inside in value.items()}
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return row([listed(inside, number, row) for inside in value])
    return number(value) if is_number(value) else value


def is_number(value):
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def converted(value, into):
    """Return `into` of an array of the numbers in `value`; what holds anything else stays."""
    if callable(value):
        return functools.wraps(value)(lambda *given, **named: converted(value(*given, **named), into))
    if isinstance(value, dict):
        return {name: converted(inside, into) for name, inside in value.items()}
    if isinstance(value, tuple) and any(isinstance(one, np.ndarray) for one in value):
        return tuple(converted(one, into) for one in value)  # several arrays, not one
    try:
        array = np.asarray(value)
    except ValueError:
        return value
    return into(array) if array.dtype.kind in "iuf" else value


def single(array):
    return array.astype("float32") if array.dtype.kind == "f" else array


def fraction(number):
    return Fraction(number).limit_denominator(10**9) if np.isfinite(number) else number


def alone(value):
    """Return each number that stands by itself as an array of one."""
    if callable(value):
        return functools.wraps(value)(lambda *given, **named: alone(value(*given, **named)))
    if isinstance(value, dict):
        return {name: alone(inside) for name, inside in value.items()}
    return np.array([value]) if is_number(value) else value


def table(value):
    """Return dictionaries and rows as a Series of pandas, rows of rows as a DataFrame."""
    if callable(value):
        return functools.wraps(value)(lambda *given, **named: table(value(*given, **named)))
    if isinstance(value, dict):
        return pd.Series(value)
    if not isinstance(value, list | tuple | np.ndarray) or any(np.ndim(one) > 1 for one in value):
        return value
    return pd.DataFrame(value) if any(np.ndim(one) for one in value) else pd.Series(value)


def iterated(value):
    """Return lists, tuples and arrays as generators, which can be read only once."""
    if callable(value):
        return functools.wraps(value)(lambda *given, **named: iterated(value(*given, **named)))
    if isinstance(value, dict):
        return {name: iterated(inside) for name, inside in value.items()}
    return (one for one in value) if isinstance(value, list | tuple) or np.ndim(value) else value


def pictures(value):
    """Return the pictures that a function returns as a list."""
    return functools.wraps(value)(lambda *given, **named: list(value(*given, **named))) if callable(value) else value


def half_precision(value):
    """Return what a function returns in half precision; answers that are typed in stay."""
    return (
        converted(value, lambda one: one.astype("float16") if one.dtype.kind == "f" else one)
        if callable(value)
        else value
    )


FORMS = {
    "list": listed,
    "tuple": functools.partial(listed, row=tuple),
    "array": functools.partial(converted, into=np.asarray),
    "float32": functools.partial(converted, into=single),
    "float64": functools.partial(converted, into=lambda array: array if array.dtype == np.uint8 else array * 1.0),
    "Fraction": functools.partial(listed, number=fraction),
    "tensor": functools.partial(converted, into=Tensor),
    "Decimal": functools.partial(listed, number=lambda number: Decimal(repr(float(number)))),
    "text": functools.partial(listed, number=str),
    "alone": alone,
    "table": table,
    "generator": iterated,
    "float16": half_precision,
}
FOR_WRONG_ONES = {"list", "float64", "Fraction", "text", "generator"}  # the others are read as one of these
# Pictures in 8 bits are arrays and no lists, for plots.strip: the tasks say uint8, and so do the checks.
AS_ARRAY = ("array", "float32", "float64", "tensor", "alone", "table", "generator", "float16")
OF_ONE_FORM = dict.fromkeys(("tint", "lightness", "turn"), AS_ARRAY) | {"resume": ()}
IN_WORDS = {"parts", "stays", "told", "causes", "blind", "verdict", "plans", "captions", "rule", "controls", "practice"}


def graded(verdict, one):
    """Return the points that grading gives for what a check shows in a notebook."""
    shown, _ = DisplayFormatter().format(verdict)
    output = exercises.nbformat.v4.new_output("execute_result", shown)
    part = grade.blank(one)
    grade.judge(part, [execution.Done([output])])
    assert (part["passed"], part["message"]) == (bool(verdict), verdict.message)
    return part["points"]


@every_chapter
def test_students_and_graders_have_the_same_checks(stem):
    student, grader = (
        {cell.id: cell.source for cell in made.cells if cell.id.startswith(("start", "check-"))}
        for made in (exercises.for_student(stem, handed_out=True), exercises.for_grader(stem))
    )
    assert student == grader


@pytest.mark.parametrize("form", FORMS)
@every_exercise
def test_the_form_of_an_answer_decides_nothing(stem, one, form):
    """Right stays right and wrong stays wrong; only numbers in text and pictures that aren't in 8 bits are refused."""
    fits = form in OF_ONE_FORM.get(one.slug, FORMS) and (form != "text" or one.slug in IN_WORDS)
    if one.slug == "resume":  # hands over a class and functions
        return
    wrong = [code for _, code in one.wrong.values()] if form in FOR_WRONG_ONES else []
    for code in (exercises.model_answer(one), *wrong):
        verdict = judged(stem, one, code, form)
        assert UNREADABLE not in verdict.message, verdict.message
        assert bool(verdict) == (fits and code == exercises.model_answer(one)), f"{code}\n{verdict}"
        assert graded(verdict, one) == (one.points if verdict else math.floor(2 * verdict.part * one.points) / 2)


@every_exercise
def test_a_list_in_place_of_an_array_gets_through_the_cell_and_its_check(stem, one):
    """The given lines of an answer cell work with lists of numbers, or of pictures in 8 bits."""
    form = "pictures" if one.slug in OF_ONE_FORM else "list"
    tree = ast.parse(exercises.model_answer(one))
    for name in asked(one):
        places = [place for place, node in enumerate(tree.body) if name in defined(node)]
        if places:
            tree.body.insert(places[-1] + 1, ast.parse(f"{name} = FORMS[{form!r}]({name})").body[0])
    start(stem)["FORMS"] = FORMS | {"pictures": pictures}
    if one.slug != "resume":
        assert judged(stem, one, ast.unparse(tree))


@pytest.mark.parametrize(
    ("slug", "change"),
    [
        ("limits", "raw, scaled = np.array([raw]), Fraction(25)"),
        ("histograms", "first = pd.DataFrame(first)"),
        ("fairer", "chosen = (one for one in chosen)"),
        ("fairer", "chosen = np.array(chosen, float)"),
        ("upward", "bias = pd.Series(bias)"),
        ("lightness", "with_lightness = lambda gray, pictures: np.zeros((2, 2))"),
        ("tint", "tint = lambda gray: gray"),
        ("place", "color_by_place = lambda lab, first: lab[:1]"),
        ("leak", "predicted = pd.Series(predicted)"),
    ],
)
def test_the_last_lines_of_a_cell_get_through_what_is_right_or_half_right(slug, change):
    stem, one = next((stem, one) for stem, one in reversed(ALL) if one.slug == slug)
    tree = ast.parse(exercises.model_answer(one))
    name = change.split(" = ")[0].split(",")[0]
    place = max(place for place, node in enumerate(tree.body) if name in defined(node))
    lines = (
        ast.unparse(ast.Module(tree.body[: place + 1], [])),
        change,
        ast.unparse(ast.Module(tree.body[place + 1 :], [])),
    )
    exec("\n".join(lines), start(stem) | {"Fraction": Fraction, "pd": pd, "part_right": lambda *given: 0.5})


# What a function may do with what it is given


def darkened(picture):
    picture -= 1.0
    return picture


def emptied(saved):
    saved["w"][0] = 7
    return saved


def counted(run):
    run.step += 1
    return run


def lazily(picture):
    picture[0] = 9
    yield from picture


class Counter:
    """Something with a state, such as a training run."""

    def __init__(self):
        self.step = 0


@pytest.mark.parametrize(
    ("function", "given", "name"),
    [
        (darkened, np.ones(3), "picture"),
        (lazily, np.ones(3), "picture"),
        (lambda *pictures: darkened(pictures[1]), np.ones(3), "its second input"),
        (emptied, {"w": np.ones(3)}, "saved"),
        (counted, Counter(), "run"),
        (lambda rows: rows.append(1) or rows, [1, 2], "rows"),
        (lambda others: others.pop("b"), {"a": 1, "b": 2}, "others"),
    ],
)
def test_an_input_that_is_changed_in_place_is_named(function, given, name):
    more = [np.zeros(1)] if name.startswith("its") else []
    with pytest.raises(Hint, match=rf"changes {name}, which it was given"):
        result_of(function, *more, given)


def test_a_random_generator_may_be_drawn_from():
    assert result_of(lambda x, random: x + random.random(), 1.0, np.random.default_rng(0)) > 1


# Exchanged answers, and answers that can be read only once


@pytest.mark.parametrize(
    ("slug", "change"),
    [
        ("half", "stored, lightness = lightness, stored"),
        ("limits", "raw, scaled = scaled, raw"),
        ("rows", "nearest, bilinear = bilinear, nearest"),
        ("wider", "field, added = added, field"),
        ("join", "concatenated, added = added, concatenated"),
        ("three", "step, rest = rest, step"),
        ("three", "rest = {'L1': rest['L2'], 'L2': rest['L1']}"),
        ("three", "step = {'L1': step['L2'], 'L2': step['L1']}"),
        ("adam", "sgd, adam = adam, sgd"),
        ("decibels", "doubled, pooled = pooled, doubled"),
        ("turn", "angles = angles[::-1]"),
        ("trees", "by_l2, by_huber = by_huber, by_l2"),
        ("edge", "l2_spread, l1_spread = l1_spread, l2_spread"),
        ("odds", "always_green, coin = coin, always_green"),
        ("odds", "coin = coin[::-1]"),
        ("catch", "rate, passing = passing, rate"),
        ("stretch", "stretch = stretch[::-1]"),
    ],
)
def test_exchanged_answers_are_called_so(slug, change):
    stem, one = next(pair for pair in ALL if pair[1].slug == slug)
    names = dict(executed(stem, exercises.model_answer(one)))
    exec(change, names)
    verdict = eval(one.check, names)
    assert not verdict
    assert "exchanged" in verdict.message, verdict.message


@pytest.mark.parametrize("kind", [iter, lambda values: map(int, values), lambda values: (one for one in values)])
def test_what_can_be_read_only_once_is_judged_alike_each_time(kind):
    adds_up = check(lambda rows: f"{numbers(rows, (None,)).sum():g}")
    answer = kind([1, 2, 3])
    assert [adds_up(answer).message, adds_up(answer).message] == ["6", "6"]
    spent = kind([1])
    next(spent)
    assert "read to its end" in adds_up(spent).message


def test_an_endless_answer_gets_a_hint():
    assert "Where should it end?" in is_three(itertools.count()).message


@pytest.mark.parametrize("empty", [[], (), {}, set(), np.array([])])
def test_an_empty_list_is_not_called_unanswered(empty):
    message = is_three(empty).message
    assert message not in (EMPTY, PARTLY)
    assert "empty" in message or "shape (0,)" in message


ROUNDED = [
    ("three", "step = {'L1': 0.98, 'L2': 0.99}", True),
    ("leak", "nearest = lambda train, test: np.round(near(train, test), 1)", True),
    ("leak", "nearest = lambda train, test: np.round(near(train, test))", "a digit after the point"),
    ("catch", "rate = 0.33", "three digits"),
    ("catch", "passing = 0.14", "three digits"),
    ("trees", "by_l2 = 0.01", "three digits"),
    ("stride", "stride_two = np.array(stride_two) + 1e-9", True),
]


@pytest.mark.parametrize(("slug", "change", "said"), ROUNDED)
def test_rounded_answers_count_or_are_called_so(slug, change, said):
    stem, one = next(pair for pair in ALL if pair[1].slug == slug)
    names = dict(executed(stem, exercises.model_answer(one)))
    names["near"] = names.get("nearest")
    exec(change, names)
    verdict = eval(one.check, names)
    assert (verdict.passed, True) == (said is True, said is True or said in verdict.message), verdict.message


def defined(node):
    """Return the names that a statement defines or assigns."""
    if isinstance(node, ast.FunctionDef):
        return {node.name}
    stored = [inside for inside in ast.walk(node) if isinstance(inside, ast.Name | ast.Subscript)]
    names = [one.value if isinstance(one, ast.Subscript) else one for one in stored if isinstance(one.ctx, ast.Store)]
    return {one.id for one in names if isinstance(one, ast.Name)}


KINDS_OF_WRONG = {
    "trees": [
        "by_l2 = 0.55",
        "by_l2 = -0.005",
        "by_l2 = 0.275",
        "by_l2 = 0.033",
        "by_l2 = 0",
        "by_l2 = 0.01",
        "by_l2 = 0.2",
        "by_l1 = -0.3",
        "by_l1 = 0.005",
        "by_l1 = 0.05",
        "by_l1 = 0.4",
        "by_l1 = -0.1",
        "by_huber = 0",
        "by_huber = 0.0025",
        "by_huber = 0.005",
        "by_huber = 0.05",
        "by_huber = -0.01",
        "by_huber = -5.5",
        "by_huber = -0.3",
        "by_huber = 0.2",
        "likeliest = 0.45",
        "likeliest = 0.005",
        "likeliest = 0",
        "likeliest = -33",
    ],
    "upward": [
        "kernel, bias = np.zeros((2, 2, 6, 3)), np.zeros(3)",
        "kernel, bias = np.zeros((2, 2, 6, 3)), np.ones(3)",
        "kernel[1, 0, 0, 0] = -1",
        "kernel = kernel[::-1]",
        "kernel = kernel.transpose(1, 0, 2, 3)",
        "kernel = kernel[:, ::-1]",
        "kernel[0, 0] = kernel[1, 0]",
        "kernel = -kernel",
        "kernel = kernel / 2",
        "kernel[1, 0, 3:] = -1",
        "bias = 0 * bias",
        "bias = -bias",
        "bias = 255 * bias",
        "bias = bias / 2",
        "bias[1:] = 0",
    ],
    "laplace": [
        "def surprise(y, x, s): return np.mean(np.abs(y - x)) + np.log(2 * s)",
        "def surprise(y, x, s): return np.mean(np.abs(y - x)) * s + np.log(2 * s)",
        "def surprise(y, x, s): return np.mean(np.abs(y - x)) / s + np.log(s)",
        "def surprise(y, x, s): return np.mean(y - x) / s + np.log(2 * s)",
        "def surprise(y, x, s): return np.median(np.abs(y - x)) / s + np.log(2 * s)",
        "def surprise(y, x, s): return np.abs(y - x) / s + np.log(2 * s)",
        "def surprise(y, x, s): return np.sum(np.abs(y - x) / s + np.log(2 * s))",
        "def surprise(y, x, s): return np.mean(np.abs(y - x)) / s - np.log(2 * s)",
        "def surprise(y, x, s): return -np.mean(np.abs(y - x)) / s - np.log(2 * s)",
        "def surprise(y, x, s): return np.mean(np.abs(y - x)) / s + np.log10(2 * s)",
        "def surprise(y, x, s): return (np.mean(np.abs(y - x)) / s + np.log(2 * s)) / np.log(2)",
        "def surprise(y, x, s): return -np.log(np.mean(np.exp(-np.abs(y - x) / s) / (2 * s)))",
        "def surprise(y, x, s): return np.mean(np.exp(-np.abs(y - x) / s) / (2 * s))",
        "scale = -0.28",
        "scale = 0.14",
        "scale = 0.56",
        "scale = 1.4",
        "scale = 1 / 0.28",
        "scale = 0.28**2",
        "scale = 0.34",
        "scale = 0.3",
        "scale = 30.8",
        "scale = 0.32",
        "scale = np.std(five)",
        "scale = 0.1",
        "scale = 7",
    ],
    "refute": [
        "colors = [(0, 44), (-11, 0), (55, 0)]",
        "odds = [40, 40, 20]",
        "odds = [0.6, 0.6, -0.2]",
        "odds = [0.4, 0.4, 0.3]",
        "odds = [0.5, 0.5]",
        "colors, odds = [(-0.4, 0.4), (0.2, -0.5), (0.5, 0.4)], [0.35, 0.25, 0.4]",
        "colors, odds = [(0, 0.4), (-0.05, 0), (0.5, 0)], [0.4, 0.4, 0.2]",
        "colors, odds = [(0.02, 0.4), (0.02, 0), (0.5, 0)], [0.4, 0.4, 0.2]",
        "colors[0] = (0, 1)",
        "colors = colors[0]",
    ],
    "design": ["plan = [(128.5, 3, 2)] * 9", "plan = [('128', '3', '2')] * 9", "plan = plan[:-1]"],
}


HINTS = [
    ("three", "step = {'L1': -0.0167, 'L2': -0.01}", "how far w moves"),
    ("three", "step = {'L1': 0.4917, 'L2': 0.495}", "these are the reds"),
    (
        "lightness",
        "with_lightness = lambda gray, pictures: color.rgb_to_lab(pictures).astype('uint8')",
        "leads back from Lab",
    ),
    (
        "curve",
        "learning_curve = lambda fit, error, L, ab, counts: [error(fit(L[:n], ab[:n]), ab[:n], L[:n]) for n in counts]",
        "L and ab are exchanged",
    ),
    ("design", "minutes = minutes / recipe.epochs", "that is one epoch"),
    ("design", "gigabytes = gigabytes / recipe.batch_size", "that is one photograph"),
    ("turn", "turned = lambda rgb, degrees: (rgb / 255).astype('uint8')", "cut to whole numbers"),
    ("paired", "paired_interval = lambda one, other: ((one - other).mean(), 0.12)", "its two ends"),
    ("trees", "likeliest = 0.3", "Green's a lies below 0"),
    ("laplace", "surprise = lambda y, x, s: np.mean(np.abs(y - x)) / s - np.log(1 / 2 * s)", "half of s"),
    ("people", "over_people = lambda fooled, trials: (0.47, 0.036)", "the two ends"),
    ("people", "over_people = lambda fooled, trials: (0.47, 0.47)", "before the loop"),
]


@pytest.mark.parametrize(("slug", "change", "words"), HINTS)
def test_a_hint_says_what_the_mistake_is(slug, change, words):
    stem, one = next(pair for pair in ALL if pair[1].slug == slug and (slug != "design" or pair[0][:2] == "07"))
    names = executed(stem, exercises.model_answer(one)).copy()
    exec(change, names)
    verdict = eval(one.check, names)
    assert not verdict
    assert words in verdict.message, verdict.message


@pytest.mark.parametrize(
    ("slug", "change"),
    [
        (
            "curve",
            "kept = learning_curve\ndef learning_curve(fit, error, L, ab, counts): "
            "return kept(lambda a, b: fit(L=a, ab=b), lambda t, a, b: error(table=t, L=a, ab=b), L, ab, counts)",
        ),
        ("verdict", "kept = verdict\ndef verdict(right, others): return kept(right, others).replace(\"'\", '\\u2019')"),
        (
            "blind",
            "blind = {key: {name: name in same for name in check_08.NAMES} for key, same in blind.items()}",
        ),
    ],
)
def test_right_in_another_form_is_right(slug, change):
    stem, one = next(pair for pair in ALL if pair[1].slug == slug)
    names = executed(stem, exercises.model_answer(one)).copy()
    exec(change, names)
    verdict = eval(one.check, names)
    assert verdict, verdict


@pytest.mark.parametrize("slug", KINDS_OF_WRONG)
def test_each_kind_of_mistake_gets_a_hint_of_its_own(slug):
    stem, one = next((stem, one) for stem, one in ALL if one.slug == slug and (slug != "design" or stem[:2] == "04"))
    model, hints = exercises.model_answer(one), {}
    for change in KINDS_OF_WRONG[slug]:
        names = copy.deepcopy({name: executed(stem, model)[name] for name in asked(one)})
        names = executed(stem, model) | names
        exec(change, names)
        verdict = eval(one.check, names)
        assert not verdict, change
        assert UNREADABLE not in verdict.message, verdict.message
        assert verdict.message not in hints, f"{change} and {hints[verdict.message]}: {verdict.message}"
        hints[verdict.message] = change


@pytest.mark.parametrize(
    ("slug", "change", "part"),
    [
        ("stays", "kept['to Lab and back'] = 'L'", 4 / 5),
        ("told", "told_by['a mirrored copy'] = 'error'", 5 / 6),
        ("scribbles", "one = [0] * 6", 13 / 18),
        ("causes", "cause['some'] = 'slice'", 5 / 6),
        ("stride", "stride_two = [[0, 0], [5, -15]]", 3 / 4),
        ("reach", "routes = routes | {(0, 3): 3}", 3 / 4),
        ("upward", "bias = np.array([1, 1, 0])", 2 / 3),
        ("blind", "blind = blind | {'inverted': ['PSNR', 'mae']}", 17 / 18),
    ],
)
def test_what_is_right_so_far_is_a_part(slug, change, part):
    stem, one = next(pair for pair in ALL if pair[1].slug == slug)
    names = copy.deepcopy({name: executed(stem, exercises.model_answer(one))[name] for name in asked(one)})
    names = executed(stem, exercises.model_answer(one)) | names
    exec(change, names)
    verdict = eval(one.check, names)
    assert not verdict
    assert verdict.part == pytest.approx(part), verdict


def test_the_chapters_check_tells_none_of_the_faults_that_nobody_tells(tmp_path):
    photos = start("02_data_exploration")["photos"]
    toned = data.gray_of(photos)[11, ..., None] / 255 * [255, 225, 185]
    good, other = photos.rgb[1], photos.rgb[13]
    for k, pixels in enumerate([good, good[:, ::-1], other[..., ::-1], toned]):
        Image.fromarray(np.ascontiguousarray(pixels, "uint8")).save(tmp_path / f"{k}.png")
    assert audit.check(tmp_path).empty


def test_a_verdict_carries_what_is_graded():
    for verdict in (is_three(3), is_three(4), Verdict(False, "Right so far: 2 of 4.", 0.5)):
        shown, _ = DisplayFormatter().format(verdict)
        assert shown[MIME] == {"passed": bool(verdict), "message": verdict.message, "part": verdict.part}
        assert shown["text/plain"] == repr(verdict)
        assert "<strong>" in shown["text/html"]


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
    verdict = judged(stem, one, f"{exercises.model_answer(one)}\n{change}")
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
    assert "HIDDEN" not in one.check, "what is shown is what is graded"


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
    assert f"book/exercises/{stem}" in build.contents()
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
        assert one.words in text
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


@pytest.mark.parametrize("nothing", [None, ..., [None, ...], {"a": None}, ([None],)])
def test_no_answer_is_told_apart(nothing):
    assert is_empty(nothing)
    assert is_three(nothing).message == EMPTY


def test_half_an_answer_is_told_apart():
    both = check(lambda one, other: "")
    assert both(3, None).message == PARTLY
    assert both(None, None).message == EMPTY


@pytest.mark.parametrize(
    "wrong",
    [
        "three",
        "3",
        True,
        3 + 0j,
        [3, None],
        {3},
        [1, 2],
        np.zeros((2, 2)),
        object(),
        float("nan"),
        10**400,
        [[1], [2, 3]],
    ],
)
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


def test_a_changed_number_is_everywhere_after_one_tidy(tmp_path, monkeypatch, capsys):
    shutil.copytree(exercises.CHAPTERS, tmp_path / "notebooks")
    for name, folder in {"CHAPTERS": "", "ANSWERS": "exercises", "STUDENT": "student"}.items():
        monkeypatch.setattr(exercises, name, tmp_path / "notebooks" / folder)
    monkeypatch.setattr(tidy, "ROOT", tmp_path)
    path = exercises.ANSWERS / "04_encoder.ipynb"
    text = path.read_text(encoding="utf-8")
    assert text.count("*by hand, 2 points, 5 minutes*") == 1
    path.write_text(text.replace("*by hand, 2 points, 5 minutes*", "*by hand, 5 points, 5 minutes*"), encoding="utf-8")
    assert tidy.main() == 0
    assert "student/04_encoder.ipynb" in capsys.readouterr().out
    assert tidy.main() == 0
    assert capsys.readouterr().out == ""
    chapter, student = (folder / "04_encoder.ipynb" for folder in (exercises.CHAPTERS, exercises.STUDENT))
    assert "Stride two by hand: 5 points" in chapter.read_text(encoding="utf-8")
    checks = [cell for cell in exercises.nbformat.read(student, 4).cells if cell.id == "check-stride"]
    assert checks[0].metadata.nbgrader.points == 5
    path.write_text(text.replace("*by hand, 2 points, 5 minutes*", "*two points*"), encoding="utf-8")
    assert tidy.main() == 1
    assert "cell task-stride: expected" in capsys.readouterr().err


CHANGED = [
    (
        "04_encoder",
        "wider",
        "FIRST_WIDTH, WIDTH = 7, 3",
        "FIRST_WIDTH, WIDTH = 5, 3",
        "field, added = 65, 16 * 384",
        "67|15,360|7x7",
    ),
    ("04_encoder", "design", "MOST_PARAMETERS = 6_000_000", "MOST_PARAMETERS = 7_000_000", "", "6 million"),
    (
        "06_skip_connections",
        "join",
        "40, 96, 64, 48",
        "40, 96, 32, 48",
        "shape, concatenated, added = (40, 40, 128), 55344, 44688",
        "64|69,168|47,760",
    ),
    ("06_skip_connections", "design", "LEAST_NUMBERS = 900_000", "LEAST_NUMBERS = 800_000", "", "900,000"),
    (
        "07_training",
        "design",
        "MOST_MINUTES, MOST_GIGABYTES, LEAST_STEPS, LEAST_EPOCHS = 90, ",
        "MOST_MINUTES, MOST_GIGABYTES, LEAST_STEPS, LEAST_EPOCHS = 80, ",
        "",
        " 90 minutes",
    ),
    (
        "09_loss_analysis",
        "trees",
        "[0.45, 0.2, 0.35]",
        "[0.46, 0.18, 0.36]",
        "by_l2, by_l1, by_huber, likeliest = 0.006, 0, -0.0556, -0.3",
        "0.45|0.35|0.65|-0.05$",
    ),
    (
        "10_plausibility",
        "plan",
        "MOST_PEOPLE, LEFT_OUT = 25, 2",
        "MOST_PEOPLE, LEFT_OUT = 30, 2",
        "",
        "At most 25 people",
    ),
    (
        "11_the_papers_claims",
        "runs",
        "FEWEST_STEPS, MOST_STEPS, FEWEST_SIZES, FEWEST_SEEDS, WITHIN = 1000, 15_000",
        "FEWEST_STEPS, MOST_STEPS, FEWEST_SIZES, FEWEST_SEEDS, WITHIN = 900, 12_000",
        "",
        "1,000|15,000",
    ),
]


@pytest.mark.parametrize(
    ("stem", "slug", "before", "after", "answer", "gone"), CHANGED, ids=[f"{c[0][:2]}-{c[1]}" for c in CHANGED]
)
def test_a_number_stands_in_one_place(monkeypatch, stem, slug, before, after, answer, gone):
    """Change a constant of the checks: task, hints, praise and explanation follow."""
    path = exercises.ROOT / "colorize_lib" / "exercises" / f"chapter_{stem[:2]}.py"
    source = path.read_text(encoding="utf-8")
    assert source.count(before) == 1
    changed = types.ModuleType("changed")
    monkeypatch.setitem(sys.modules, f"colorize_lib.exercises.chapter_{stem[:2]}", changed)
    exec(compile(source.replace(before, after), str(path), "exec"), changed.__dict__)
    one = next(one for one in exercises.exercises_of(stem) if one.slug == slug)
    names = executed(stem, answer or exercises.model_answer(one)) | {f"check_{stem[:2]}": changed}
    verdict = eval(one.check, names)
    assert verdict, verdict
    said = [verdict.message] + [
        eval(one.check, executed(stem, code) | {f"check_{stem[:2]}": changed}).message for _, code in one.wrong.values()
    ]
    for text in (one.task, one.why if answer else "", *said):
        for old in gone.split("|"):
            assert old not in text, f"{old} in {text}"


def test_an_expression_that_cannot_be_filled_in_names_its_cell():
    assert exercises.filled("<<MOST_PARAMETERS:,>>", "04_encoder", "x") == "6,000,000"
    with pytest.raises(ValueError, match=r"04.ipynb, cell a: <<NOTHING>> can't be filled in \(NameError"):
        exercises.filled("<<NOTHING>>", "04_encoder", "04.ipynb, cell a")


@every_exercise
def test_nothing_is_left_to_be_filled_in(stem, one):
    assert "<<" not in "".join((one.task, one.words, one.why, *(sentence for sentence, _ in one.wrong.values())))


ODD = [
    "x",
    "",
    b"x",
    [],
    {},
    (),
    set(),
    np.array([]),
    float("nan"),
    float("inf"),
    10**400,
    object(),
    int,
    "🙂",
    -1,
    1e300,
]
ODD += [
    [[1], [2, 3]],
    {"a": 1},
    np.array([None]),
    np.zeros((0, 3)),
    np.zeros((3, 3, 3)),
    1j,
    pd.Series([1, 2]),
    range(3),
]
ODD += [[float("nan")] * 3, [1e300] * 3, [[1e300] * 3] * 3, [[-1, -1, -1]] * 3, [(1, 2, 3)], [("a", 1, 2, 3)]]
ODD += [
    np.ones(3, bool),
    np.datetime64("2020-01-01"),
    lambda: 1,
    lambda *given: None,
    lambda *given: "x",
    lambda *given: [],
]
ODD += [
    lambda *given: np.nan,
    lambda *given: given[0],
    lambda *given: (given[0], given[0]),
    lambda *given: np.zeros((2, 2)),
]

NOT_ODD = {("22-network", "place"), ("22-network", "offset"), ("33-twins", "lead")}  # of which -1 is a right answer


@pytest.mark.long
@pytest.mark.filterwarnings("error::RuntimeWarning")
@every_exercise
def test_odd_answers_get_a_hint_that_can_be_understood(stem, one):
    names = executed(stem, exercises.model_answer(one))
    for name in asked(one):
        odd = [(name, value, value) for value in ODD]
        if isinstance(names[name], dict):
            odd += [(key, value, names[name] | {key: value}) for key in names[name] for value in ODD]
        for told, value, answer in odd:
            if isinstance(value, int) and value == -1 and (f"{stem[:2]}-{one.slug}", told) in NOT_ODD:
                continue
            verdict = eval(one.check, names | {name: answer})
            assert isinstance(verdict, Verdict)
            assert not verdict, f"{name} = {answer!r} passes"
            assert UNREADABLE not in verdict.message, verdict.message


@pytest.mark.parametrize("kind", [set, frozenset, dict.fromkeys, lambda ids: dict.fromkeys(ids).keys()])
def test_sets_of_every_kind_count_as_lists(kind):
    from colorize_lib.exercises.verdict import listed, whole

    answer = kind([3, 1, 2])
    if isinstance(answer, dict):
        assert listed(answer) is answer  # a dictionary is no set
        return
    assert sorted(whole(listed(answer), (None,))) == [1, 2, 3]


def test_photographs_that_move_the_wrong_way_are_told_from_a_code_that_stands_still():
    from colorize_lib.exercises import chapter_04

    def down(encode, photographs, pixels):
        moved = encode(np.roll(photographs, pixels, axis=1)) - np.roll(encode(photographs), pixels // 32, axis=2)
        return np.abs(moved).mean(axis=(0, 1, 3)) / np.abs(encode(photographs)).mean()

    def still(encode, photographs, pixels):
        moved = encode(np.roll(photographs, pixels, axis=2)) - encode(photographs)
        return np.abs(moved).mean(axis=(0, 1, 3)) / np.abs(encode(photographs)).mean()

    assert "The photographs move down" in str(chapter_04.shift(down))
    assert "The original's code has to be moved" in str(chapter_04.shift(still))

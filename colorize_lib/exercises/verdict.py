"""What a check gives back, and what checks have in common."""

import functools
import html
from collections.abc import Callable, Set
from dataclasses import asdict, dataclass
from typing import Any, SupportsFloat

import numpy as np

EMPTY = "Nothing is there yet: replace the dots by your answer, run that cell, and then this one again."

PARTLY = "One of the answers of this exercise is still empty: fill it in, run that cell, and then this one again."
UNREADABLE = "This answer isn't in a form that can be judged"
LARGEST_WHOLE = 2**53  # beyond, floats can't tell one whole number from the next


MIME = "application/vnd.colorize.verdict+json"  # how a verdict stands in a notebook, for whoever grades it


class Hint(Exception):
    """Why an answer isn't right, in words that help the reader on; `part` of it, from 0 to 1, is right so far."""

    def __init__(self, message: str, part: SupportsFloat = 0.0) -> None:
        """Keep the message and the part."""
        super().__init__(message)
        self.part = float(part)


@dataclass(frozen=True)
class Verdict:
    """Whether an answer passed, what is to be said about it, and which part of it, from 0 to 1, is right."""

    passed: bool
    message: str
    part: float = 0.0

    def __bool__(self) -> bool:
        """Tell whether the answer passed."""
        return self.passed

    def __repr__(self) -> str:
        """Say it in one line."""
        return f"{'Right.' if self.passed else 'Not yet.'} {self.message}"

    def _repr_html_(self) -> str:
        color, word = ("#1a7f4b", "Right.") if self.passed else ("#b35900", "Not yet.")
        return (
            f'<div style="border-left: 4px solid {color}; padding: .3em .8em">'
            f"<strong>{word}</strong> {html.escape(self.message)}</div>"
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        # The one judgment: what the reader is shown carries what is graded.
        return {MIME: asdict(self)}


def check(judge: Callable[..., str]) -> Callable[..., Verdict]:
    """Turn a function that returns praise or raises `Hint` into a check, which always returns a `Verdict`.

    An answer that is still empty gets its hint here, and so does one of a form that nobody thought of.
    """

    @functools.wraps(judge)
    def checked(*answers: Any) -> Verdict:
        if any(map(is_empty, answers)):
            return Verdict(False, EMPTY if all(map(is_empty, answers)) else PARTLY)
        try:
            return Verdict(True, judge(*answers), 1.0)
        except Hint as hint:
            return Verdict(False, str(hint), hint.part)
        except Exception as error:  # an answer is of any kind: what it does to a check is no reason for a traceback
            found = ", ".join(map(described, answers))
            return Verdict(False, f"{UNREADABLE} ({type(error).__name__}: {str(error)[:150]}). Found: {found}.")

    return checked


def is_empty(answer: Any) -> bool:
    """Tell whether nobody has answered yet: None, dots, or a collection of nothing but these."""
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, list | tuple):
        return all(is_empty(one) for one in answer)
    return answer is None or answer is ...


def result_of(function: Any, *arguments: Any) -> Any:
    """Call the reader's `function`; raise a Hint if it isn't one, stops with an error, or returns nothing."""
    if not callable(function):
        raise Hint(
            f"A function is asked for, and this is {described(function)}. Hand over its name, without calling it."
        )
    name = getattr(function, "__name__", "your function")
    try:
        result = function(*arguments)
    except Exception as error:
        raise Hint(f"{name} stopped with {type(error).__name__}: {error}. Call it yourself to see where.") from error
    if result is None or result is ...:
        raise Hint(f"{name} returns nothing yet: write its body, and end it with return.")
    return result


def also(function: Any, *arguments: Any, gives: Any, within: float = 1e-4) -> None:
    """Try the reader's function on a second, small input; raise a Hint that shows it if the result isn't `gives`."""
    found = array_of(result_of(function, *arguments), "the result")
    wanted = np.asarray(gives)
    if found.shape != wanted.shape or not close(found.astype(float), wanted.astype(float), within):
        name = getattr(function, "__name__", "your function")
        raise Hint(
            f"Right for the first input, and not for another one: {name} should give {np.array2string(wanted)} there, "
            f"and gives {np.array2string(found, threshold=20)[:200]}. What does it take for granted?"
        )


def array_of(answer: Any, what: str, dtype: type | None = None) -> np.ndarray:
    """Return `answer` as an array of any shape (and of `dtype`, if given); raise a Hint if it can't be one.

    Where numbers are asked for, text, True and False, and complex numbers get a hint; fractions are numbers.
    """
    try:
        array = np.asarray(answer)
        if dtype is None:
            return array
        if is_text(array):
            raise Hint(f"Expected numbers for {what}, found {described(answer)}: leave out the quotation marks.")
        if array.dtype == object and any(one is None or one is ... for one in array.flat):
            raise Hint(PARTLY)
        if array.dtype.kind not in "iufO":
            raise Hint(f"Expected numbers for {what}, found {described(answer)} of type {array.dtype}.")
        return array.astype(dtype)
    except (TypeError, ValueError, OverflowError):
        rows = ", perhaps with rows of unequal length" if isinstance(answer, list | tuple) else ""
        raise Hint(f"Expected numbers for {what}, found {described(answer)}{rows}.") from None


def is_text(array: np.ndarray) -> bool:
    """Tell whether an array holds text, be it in one place only."""
    return array.dtype.kind in "US" or (array.dtype == object and any(isinstance(one, str) for one in array.flat))


def numbers(answer: Any, shape: tuple[int | None, ...], what: str = "the answer") -> np.ndarray:
    """Return `answer` as a float array of `shape` (None: any length); raise a Hint if it isn't that.

    A plain number has the shape ``()``.
    """
    if is_empty(answer):
        raise Hint(PARTLY)
    array = array_of(answer, what, float)
    if not array.size:
        raise Hint(f"There is nothing in {what} yet: {described(answer)}.")
    fits = array.ndim == len(shape) and all(n in (None, m) for n, m in zip(shape, array.shape, strict=True))
    if not fits:
        sides = " x ".join(str(n or "n") for n in shape)
        wanted = f"an array of {sides} numbers" if shape else "a single number"
        raise Hint(f"Expected {wanted} for {what}, found {described(answer)}.")
    if not np.isfinite(array).all():
        raise Hint(f"Not all numbers of {what} are finite: look for a division by zero, or for nan.")
    return array


def listed(answer: Any) -> Any:
    """Return a set, of whatever kind, as a list; anything else as it is."""
    return list(answer) if isinstance(answer, Set) else answer


def whole(answer: Any, shape: tuple[int | None, ...], what: str = "the answer") -> np.ndarray:
    """Return `answer` as an array of whole numbers of `shape`; a Hint names one that isn't whole."""
    found = numbers(answer, shape, what)
    rounded = np.rint(found)
    off = np.abs(found - rounded) > 1e-6 * np.maximum(1, np.abs(found))
    off |= np.abs(found) > LARGEST_WHOLE
    if off.any():
        raise Hint(f"Expected whole numbers for {what}, found {found[off].flat[0]:g}.")
    return rounded.astype(int)


def close(one: Any, other: Any, within: float) -> bool:
    """Tell whether all numbers of two arrays of one shape differ by at most `within`."""
    return np.shape(one) == np.shape(other) and bool(np.all(np.abs(np.subtract(one, other)) <= within))


def described(answer: Any) -> str:
    """Say in a few words what an answer is."""
    if isinstance(answer, np.ndarray):
        return f"an array of shape {answer.shape} and type {answer.dtype}"
    if isinstance(answer, str):
        return f"the text {str(answer[:40])!r}"
    if isinstance(answer, int | float):
        return f"{answer}"
    if isinstance(answer, list | tuple):
        return f"a {type(answer).__name__} of {len(answer)}"
    return f"a {type(answer).__name__}"

"""What a check gives back, and what checks have in common."""

import functools
import html
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

EMPTY = "Nothing is there yet: replace the dots by your answer, run that cell, and then this one again."

PARTLY = "One of the answers of this exercise is still empty: fill it in, run that cell, and then this one again."


class Hint(Exception):
    """Why an answer isn't right, in words that help the reader on."""


@dataclass(frozen=True)
class Verdict:
    """Whether an answer passed, and what is to be said about it."""

    passed: bool
    message: str

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

    def require(self) -> None:
        """Raise an AssertionError with the hint unless the answer passed (for graders)."""
        if not self.passed:
            raise AssertionError(self.message)


def check(judge: Callable[..., str]) -> Callable[..., Verdict]:
    """Turn a function that returns praise or raises `Hint` into a check, which always returns a `Verdict`.

    An answer that is still empty gets its hint here.
    """

    @functools.wraps(judge)
    def checked(*answers: Any) -> Verdict:
        if any(map(is_empty, answers)):
            return Verdict(False, EMPTY if all(map(is_empty, answers)) else PARTLY)
        try:
            return Verdict(True, judge(*answers))
        except Hint as hint:
            return Verdict(False, str(hint))

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


def array_of(answer: Any, what: str, dtype: type | None = None) -> np.ndarray:
    """Return `answer` as an array of any shape (and of `dtype`, if given); raise a Hint if it can't be one."""
    try:
        return np.asarray(answer, dtype=dtype)
    except (TypeError, ValueError, OverflowError):
        rows = ", perhaps with rows of unequal length" if isinstance(answer, list | tuple) else ""
        raise Hint(f"Expected numbers for {what}, found {described(answer)}{rows}.") from None


def numbers(answer: Any, shape: tuple[int | None, ...], what: str = "the answer") -> np.ndarray:
    """Return `answer` as a float array of `shape` (None: any length); raise a Hint if it isn't that.

    A plain number has the shape ``()``.
    """
    if is_empty(answer):
        raise Hint(PARTLY)
    array = array_of(answer, what, float)
    fits = array.ndim == len(shape) and all(n in (None, m) for n, m in zip(shape, array.shape, strict=True))
    if not fits:
        sides = " x ".join(str(n or "any number") for n in shape)
        wanted = f"an array of {sides} numbers" if shape else "a single number"
        raise Hint(f"Expected {wanted} for {what}, found {described(answer)}.")
    if not np.isfinite(array).all():
        raise Hint(f"Not all numbers of {what} are finite: look for a division by zero, or for nan.")
    return array


def close(one: Any, other: Any, within: float) -> bool:
    """Tell whether all numbers of two arrays of one shape differ by at most `within`."""
    return np.shape(one) == np.shape(other) and bool(np.all(np.abs(np.subtract(one, other)) <= within))


def described(answer: Any) -> str:
    """Say in a few words what an answer is."""
    if isinstance(answer, np.ndarray):
        return f"an array of shape {answer.shape} and type {answer.dtype}"
    if isinstance(answer, str):
        return f"{type(answer).__name__} {answer[:40]!r}"
    if isinstance(answer, int | float):
        return f"{answer}"
    if isinstance(answer, list | tuple):
        return f"a {type(answer).__name__} of {len(answer)}"
    return f"a {type(answer).__name__}"

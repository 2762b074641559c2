"""What a check gives back, and what checks have in common."""

import functools
import html
import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Set, ValuesView
from dataclasses import asdict, dataclass
from typing import Any, SupportsFloat

import numpy as np

EMPTY = "Nothing is there yet: replace the dots by your answer, run that cell, and then this one again."

PARTLY = "One of the answers of this exercise is still empty: fill it in, run that cell, and then this one again."
UNREADABLE = "This answer isn't in a form that can be judged"
LARGEST_WHOLE = 2**53  # beyond, floats can't tell one whole number from the next
HALF_PRECISION = 1e-3  # what half precision may change, as a part of the largest number
LONGEST = 100_000  # what gives more values than this is taken to have no end
ORDINALS = ("first", "second", "third", "fourth", "fifth")


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
            return Verdict(True, judge(*map(read_out, answers)), 1.0)
        except Hint as hint:
            return Verdict(False, str(hint), hint.part)
        except Exception as error:  # an answer is of any kind: what it does to a check is no reason for a traceback
            found = ", ".join(map(described, answers))
            return Verdict(False, f"{UNREADABLE} ({type(error).__name__}: {str(error)[:150]}). Found: {found}.")

    return checked


def is_empty(answer: Any) -> bool:
    """Tell whether nobody has answered yet: None, dots, or a collection that holds these and nothing else."""
    if isinstance(answer, dict):
        return bool(answer) and all(is_empty(one) and not isinstance(one, dict) for one in answer.values())
    if isinstance(answer, list | tuple):
        return bool(answer) and all(is_empty(one) for one in answer)
    return answer is None or answer is ...


_read: dict[int, tuple[Any, list[Any]]] = {}  # by id: an iterator, kept so that its id stays its own, and its values


def read_out(answer: Any, again: bool = True) -> Any:
    """Return `answer` with each generator, map, zip or view of values in it as a list.

    `again` remembers the values, for a check that runs again on what can be read only once.
    """
    if isinstance(answer, dict):
        values = [read_out(value, again) for value in answer.values()]
        changed = any(new is not old for new, old in zip(values, answer.values(), strict=True))
        return dict(zip(answer, values, strict=True)) if changed else answer
    if isinstance(answer, list | tuple):
        values = [read_out(one, again) for one in answer] if any(map(is_nested, answer)) else list(answer)
        return values if any(new is not old for new, old in zip(values, answer, strict=True)) else answer
    if isinstance(answer, ValuesView):
        return read_out(list(answer), again)
    if not isinstance(answer, Iterator):
        return answer
    if id(answer) in _read:
        return _read[id(answer)][1]
    values = read_out(values_of(answer), again)
    if not values:
        raise Hint(f"Found {described(answer)} that is read to its end already. Make a list of it: list(...).")
    if again:
        _read[id(answer)] = answer, values
    return values


def is_nested(answer: Any) -> bool:
    """Tell whether an answer can hold others in it, or is read by going through it."""
    return isinstance(answer, list | tuple | dict | Iterator | ValuesView)


def values_of(iterator: Iterable[Any]) -> list[Any]:
    """Return all values of an iterator; raise a Hint if there is no end to them."""
    values = list(itertools.islice(iterator, LONGEST + 1))
    if len(values) > LONGEST:
        raise Hint(f"Found {described(iterator)} that gives more than {LONGEST:,} values. Where should it end?")
    return values


def result_of(function: Any, *arguments: Any) -> Any:
    """Call the reader's `function` and return what it returns, generators as lists.

    Raise a Hint if it isn't a function, stops with an error, returns nothing, or changes what it was given.
    """
    if not callable(function):
        raise Hint(
            f"A function is asked for, and this is {described(function)}. Hand over its name, without calling it."
        )
    name, before = getattr(function, "__name__", "your function"), [copied(one) for one in arguments]
    result, told = None, None
    try:
        result = read_out(function(*arguments), again=False)
    except Hint as hint:  # from what the check handed over, or of a result that can't be read
        told = hint
    except Exception as error:
        raise Hint(f"{name} stopped with {type(error).__name__}: {error}. Call it yourself to see where.") from error
    for place, (given, kept) in enumerate(zip(arguments, before, strict=True)):
        if not unchanged(given, kept):
            what = parameter(function, place)
            raise Hint(
                f"{name} changes {what}, which it was given, so whatever uses {what} next starts from other numbers. "
                "Work on a copy, made by .copy(); a slice is a view of the same numbers."
            )
    if told:
        raise told
    if result is None or result is ...:
        raise Hint(f"{name} returns nothing yet: write its body, and end it with return.")
    return result


def on_used_memory(function: Any, shape: tuple[int, ...]) -> Any:
    """Return `function` such that its first np.empty of `shape` finds nan, not the colors of an earlier call."""
    if not callable(function):
        return function

    @functools.wraps(function)
    def called(*given: Any) -> Any:
        np.full(shape, np.nan)  # given back at once, and handed out again next
        return function(*given)

    return called


def copied(given: Any) -> Any:
    """Return a copy of what is handed to a function, for `unchanged`: of arrays, collections and plain objects."""
    if isinstance(given, np.ndarray):
        return given.copy()
    if isinstance(given, dict):
        return {key: copied(value) for key, value in given.items()}
    if isinstance(given, list | tuple):
        return [copied(one) for one in given]
    return copied(vars(given)) if is_plain(given) else given


def unchanged(given: Any, kept: Any) -> bool:
    """Tell whether something is still as `copied` found it."""
    if isinstance(given, np.ndarray):
        return given.dtype == kept.dtype and np.array_equal(given, kept)
    if isinstance(given, dict):
        return given.keys() == kept.keys() and all(unchanged(given[key], kept[key]) for key in kept)
    if isinstance(given, list | tuple):
        return len(given) == len(kept) and all(map(unchanged, given, kept))
    if is_plain(given):
        return unchanged(vars(given), kept)
    return given is kept or (isinstance(given, int | float | str) and given == kept)


def is_plain(given: Any) -> bool:
    """Tell whether something is an object of a class written in Python, such as a run: no function, no table."""
    return hasattr(given, "__dict__") and not callable(given) and not hasattr(given, "__array__")


def parameter(function: Callable[..., Any], place: int) -> str:
    """Return what a function calls its parameter at `place`."""
    try:
        found = list(inspect.signature(function).parameters.values())[place]
    except (TypeError, ValueError, IndexError):
        return f"its {ORDINALS[place]} input"
    return found.name if found.kind is not found.VAR_POSITIONAL else f"its {ORDINALS[place]} input"


def also(function: Any, *arguments: Any, gives: Any, within: float = 1e-4) -> None:
    """Try the reader's function on a second, small input; raise a Hint that shows it if the result isn't `gives`."""
    wanted = np.asarray(gives, dtype=float)
    found = alone(array_of(result_of(function, *arguments), "the result", float), wanted.shape)
    if not alike(found, wanted, within):
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

    A plain number has the shape ``()``, and an array that holds a single one is as good.
    """
    if is_empty(answer):
        raise Hint(PARTLY)
    array = alone(array_of(answer, what, float), shape)
    if not array.size:
        raise Hint(f"Expected numbers for {what}, found {described(answer)}.")
    fits = array.ndim == len(shape) and all(n in (None, m) for n, m in zip(shape, array.shape, strict=True))
    if not fits:
        sides = " x ".join(str(n or "n") for n in shape)
        wanted = f"an array of {sides} numbers" if shape else "a single number"
        raise Hint(f"Expected {wanted} for {what}, found {described(answer)}.")
    if not np.isfinite(array).all():
        raise Hint(f"Not all numbers of {what} are finite: look for a division by zero, or for nan.")
    return array


def alone(array: np.ndarray, shape: tuple[int | None, ...]) -> np.ndarray:
    """Return the only number of an array without its brackets, where a single number is asked for."""
    return array.reshape(()) if shape == () and array.size == 1 else array


def entries(answer: Any, keys: Iterable[Any]) -> dict[Any, Any]:
    """Return an answer for each of `keys`, from a dictionary or a pandas Series; raise a Hint if one is missing."""
    wanted = list(keys)
    found = answer.to_dict() if hasattr(answer, "to_dict") and hasattr(answer, "index") else answer
    named = ", ".join(map(repr, wanted))
    if not isinstance(found, Mapping):
        raise Hint(f"Expected a dictionary with the keys {named}, found {described(answer)}.")
    other = [key for key in found if key not in wanted]
    if other:
        raise Hint(f"Expected a dictionary with the keys {named}, and found the key {str(other[0])[:40]!r}.")
    missing = [repr(key) for key in wanted if key not in found or is_empty(found[key])]
    if missing:
        raise Hint(f"No answer yet for {', '.join(missing)}.")
    return {key: found[key] for key in wanted}


def words(answer: Any, keys: Iterable[str], choices: Iterable[str]) -> dict[str, str]:
    """Return for each of `keys` which of `choices` was answered, in lower case; raise a Hint if one is another."""
    said = {key: str(word).strip().lower() for key, word in entries(answer, keys).items()}
    known = list(choices)
    for key, word in said.items():
        if word not in [one.lower() for one in known]:
            raise Hint(f"For '{key}', take one of {', '.join(map(repr, known))}; found {word[:40]!r}.")
    return said


def first_wrong(said: Mapping[str, str], right: Mapping[str, str], why: Mapping[str, str]) -> None:
    """Raise a Hint on the first of five words that isn't the right one; up to two right ones may be luck."""
    wrong = [name for name in right if said[name] != right[name]]
    if wrong:
        raise Hint(f"{wrong[0]}: {why[wrong[0]]}", max(0.0, len(right) - len(wrong) - 2) / 3)


def several(answer: Any, wanted: str, count: int) -> list[Any]:
    """Return the `count` things that a function returns, from a list, a tuple or an array of arrays."""
    found = answer if isinstance(answer, list | tuple) else np.atleast_1d(array_of(answer, "what is returned"))
    if len(found) != count:
        raise Hint(f"Return {wanted}; this is {described(answer)}.")
    return list(found)


def not_exchanged(found: Mapping[str, Any], right: Mapping[str, Any], within: float, part: float = 0.0) -> None:
    """Raise a Hint if two answers stand in each other's place, each within `within` of the other's right one.

    Answers that are both right are never called exchanged, however near one another they lie.
    """
    for one, other in itertools.combinations(found, 2):
        crossed = close(found[one], right[other], within) and close(found[other], right[one], within)
        if crossed and not (close(found[one], right[one], within) and close(found[other], right[other], within)):
            raise Hint(f"{one} and {other} are exchanged: each stands where the other belongs.", part)


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


def close(one: Any, other: Any, within: float | np.ndarray) -> bool:
    """Tell whether all numbers of two arrays of one shape differ by at most `within`, a number or one for each."""
    return np.shape(one) == np.shape(other) and bool(np.all(np.abs(np.subtract(one, other)) <= within))


def alike(found: Any, right: Any, within: float = 1e-4) -> bool:
    """Tell whether two arrays differ by at most `within`, or by what half precision loses of the largest number."""
    return close(found, right, max(within, HALF_PRECISION * float(np.abs(right).max(initial=0))))


def described(answer: Any) -> str:
    """Say in a few words what an answer is."""
    if answer is None:
        return "None"
    if isinstance(answer, np.ndarray):
        return f"an array of shape {answer.shape} and type {answer.dtype}"
    if isinstance(answer, str):
        return f"the text {str(answer[:40])!r}"
    if isinstance(answer, int | float):
        return f"{answer}"
    if isinstance(answer, list | tuple | dict | Set):
        kind = type(answer).__name__
        return f"a {kind} of {len(answer)}" if answer else f"an empty {kind}"
    return f"a {type(answer).__name__}"

"""Checks for the exercises of chapter 07, training."""

import math
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import numpy as np

from colorize_lib.exercises.verdict import (
    Hint,
    array_of,
    check,
    close,
    described,
    entries,
    not_exchanged,
    numbers,
    result_of,
    several,
    whole,
)
from colorize_lib.recipes import Recipe

RATE, STEPS = 0.001, 100
SIGNS = (-1) ** np.arange(STEPS)
GRADIENTS = {"steady": np.ones(STEPS), "alternating": SIGNS, "tiny": np.full(STEPS, 0.001)}
LOSSES = ("L1", "L2")
W = 1.0  # of exercise 1, before the step
WELL_WITHIN, ROUNDED = 0.001, 0.0045  # three digits, and two: these still tell 0.98 from 0.99
KEPT_NUMBERS = 10  # three weights, Adam's six means, the number of steps

PHOTOGRAPHS, VALIDATION = 6000, 500
PACE = {"float32": 50.0, "mixed_bfloat16": 80.0}  # photographs a second at 128 x 128: the task's assumption
STEP_SECONDS = 0.05
MAPS_GIGABYTES = {"float32": 0.030, "mixed_bfloat16": 0.015}  # a photograph at 128 x 128
MOST_MINUTES, MOST_GIGABYTES, LEAST_STEPS, LEAST_EPOCHS = 90, 1.0, 10_000, 50


def pair(answer: Any, what: str) -> dict[str, float]:
    """Return the two numbers of a dictionary with the keys L1 and L2."""
    return {
        f"{what}['{loss}']": float(numbers(value, (), f"{what}['{loss}']"))
        for loss, value in entries(answer, LOSSES).items()
    }


@check
def three(step: Any, rest: Any) -> str:
    """Check one gradient step for three pixels of one gray, and where training settles."""
    found = pair(step, "step") | pair(rest, "rest")
    right = dict(zip(found, (W - 0.1 / 6, 0.99, 0.6, 0.8), strict=True))
    for names in (list(found)[:2], list(found)[2:]):
        not_exchanged({name: found[name] for name in names}, {name: right[name] for name in names}, WELL_WITHIN)
    l1, l2, *settled = found.values()
    if close([l1, l2], [0.6, 0.8], WELL_WITHIN) and close(settled, [W - 0.1 / 6, 0.99], ROUNDED):
        raise Hint(
            "step and rest are exchanged: w is hardly moved by one step, and by many until the gradients cancel."
        )
    if min(l1, l2) > 1:
        raise Hint("Two of the three predictions are too bright, and yet w grows: a step goes against the gradient.")
    if close(np.abs([l1, l2]), [0.1 / 6, 0.01], WELL_WITHIN):
        raise Hint("step: that is how far w moves. Asked for is where it is then: it starts at 1.")
    if close([2 * l1, 2 * l2], [right["step['L1']"], 0.99], ROUNDED):
        raise Hint("step: these are the reds after one step. Asked for is w, and red is w · 0.5.")
    if close(l2, 0.97, WELL_WITHIN):
        raise Hint("The loss is the mean over the three pixels: the three gradients are averaged, not summed.")
    if close(l2, 0.98, WELL_WITHIN):
        raise Hint("The gradient is taken for w, not for the prediction: the factor gray, 0.5, is missing.")
    if close(l2, 0.995, WELL_WITHIN):
        raise Hint("L2: the derivative of a square brings a 2 along. Where is it in your gradient?")
    if not close(l2, 0.99, WELL_WITHIN):
        raise Hint("L2: each pixel's gradient is 2 · error · gray. Take the mean of the three, and a tenth of that.")
    if close(l1, 0.95, WELL_WITHIN):
        raise Hint("L1: the third pixel is too dark and pulls the other way. Average the three signs, then times gray.")
    if close(l1, W - 0.1 / 3, WELL_WITHIN):
        raise Hint("L1: the gradient is taken for w, not for the prediction: the factor gray, 0.5, is missing.")
    if not close(l1, right["step['L1']"], ROUNDED):
        raise Hint("L1: each pixel's gradient is the sign of its error times gray, however large the error is.")
    if close(settled, [0.3, 0.4], 0.001):
        raise Hint("These are the reds. Asked for is w, and red is w · 0.5.")
    if close(settled, [0.15, 0.2], 0.001):
        raise Hint("rest: red is w · 0.5, so w is red divided by 0.5, and not times 0.5.")
    if not close(settled, [0.6, 0.8], 0.001):
        raise Hint(
            "At rest the three gradients cancel: under L2 at the mean of the reds, under L1 where signs balance."
        )
    return "The steps differ little, the goals much: one weight has to answer for three colors."


def moved_by_adam(gradients: np.ndarray, corrected: bool = True) -> float:
    """Return how far Adam moves a weight down over these gradients, with or without the correction of its start."""
    m = v = moved = 0.0
    for t, gradient in enumerate(gradients, start=1):
        m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
        of_m, of_v = (1 - 0.9**t, 1 - 0.999**t) if corrected else (1.0, 1.0)
        moved += RATE * (m / of_m) / (math.sqrt(v / of_v) + 1e-7)
    return moved


@check
def adam(sgd: Any, by_adam: Any) -> str:
    """Check how far three weights move under plain gradient descent and under Adam."""
    plain, moved = numbers(sgd, (3,), "sgd"), numbers(by_adam, (3,), "adam")
    right_plain = np.array([RATE * gradients.sum() for gradients in GRADIENTS.values()])
    right = np.array([moved_by_adam(gradients) for gradients in GRADIENTS.values()])
    near = np.maximum(1e-3 * right_plain, 1e-6)  # sgd is asked for exactly
    not_exchanged({"sgd": plain, "adam": moved}, {"sgd": right_plain, "adam": right}, 0.005)
    for name, way in (("sgd", plain), ("adam", moved)):
        if min(way) < -0.02:
            raise Hint(f"{name}: how far each has come down is asked for, which is start minus end: 1 - 0.9 is 0.1.")
    if close(1 - plain, right_plain, near) or close(1 - moved, right, 0.005):
        raise Hint("These are the weights at the end, if they start at 1. Asked for is how far they have come down.")
    if close(plain, right_plain / STEPS, near / STEPS) or close(plain, [RATE, RATE, RATE**2], near / STEPS):
        raise Hint("sgd: that is a single step. Asked for is the way after 100 of them.")
    if close(plain, right_plain / RATE, near / RATE):
        raise Hint("sgd: these are the gradients added up. A step is the rate, 0.001, times the gradient.")
    if abs(plain[1] - plain[0]) <= near[0]:
        raise Hint("sgd: the second weight's steps have both signs. How far has it come after two of them?")
    if abs(plain[1]) > near[1]:
        raise Hint("sgd: steps of opposite sign take each other back. Where is the second weight after two steps?")
    if close(plain, right_plain[[0, 1, 0]], near[0]):
        raise Hint("sgd: a step is as small as its gradient. The third gradient is a thousandth of the first one.")
    if not close(plain, right_plain, near):
        raise Hint("sgd: each step is the rate times the gradient; add up 100 of them.")
    if close(moved, [RATE, 0, RATE], RATE / 2) or close(moved, [RATE] * 3, RATE / 2):
        raise Hint("adam: that is a single step. Asked for is the way after 100 of them.")
    if close(moved, [moved_by_adam(gradients, corrected=False) for gradients in GRADIENTS.values()], 0.005):
        raise Hint("adam: m and v begin at 0, and Adam corrects both for it: by 1 - 0.9^t and 1 - 0.999^t.")
    if close(moved / 100, right, 0.005) or close(moved * RATE, right, 0.005):
        raise Hint("adam: in each step the rate, 0.001, is multiplied by m / √v.")
    if close(moved, right_plain, 0.005):
        raise Hint("adam: the third gradient is small but steady. What are m and the root of v, and what their ratio?")
    if not close(moved[0], right[0], 0.005):
        raise Hint("adam: with a steady gradient, m / √v is 1, so each step is the rate itself. How many are there?")
    if not close(moved[1], right[1], 0.005):
        raise Hint("adam: v, the mean of squares, doesn't notice the sign, but m does. What is m near?")
    if not close(moved[2], right[2], 0.005):
        raise Hint(
            "adam: the third gradient never changes either. Divide its m by its √v: does the gradient's size remain?"
        )
    return f"By computation, Adam moves them by {', '.join(f'{way:.4f}' for way in right)}: steady counts, not large."


def run_of(function: Any, *arguments: Any) -> Any:
    """Return the run that `Run` or `load` makes; raise a Hint if it makes something else."""
    run = result_of(function, *arguments)
    if not all(hasattr(run, name) for name in ("w", "m", "v", "step", "epoch")):
        raise Hint(f"{getattr(function, '__name__', 'load')} should return a Run, and returns {described(run)}.")
    return run


def after(run: Any, epochs: int) -> Any:
    """Return the run after some epochs more."""
    for _ in range(epochs):
        run.epoch()
    return run


def size_of(saved: Mapping[str, Any]) -> int:
    """Return how many numbers a dictionary holds."""
    return sum(array_of(value, f"saved['{name}']", float).size for name, value in saved.items())


def saved_by(save: Any, run: Any) -> Any:
    """Return what `save` keeps of a run; raise a Hint if that isn't a dictionary of the run's attributes."""
    saved = result_of(save, run)
    if not isinstance(saved, Mapping) and not hasattr(saved, "items"):
        raise Hint(f"Expected a dictionary of numbers and arrays from save, found {described(saved)}.")
    return saved if isinstance(saved, Mapping) else dict(saved.items())  # a Series of pandas


def same_kinds(resumed: Any, run: Any) -> None:
    """Raise a Hint if an attribute of a resumed run is of another kind, or has fewer digits, than the run's own."""
    for name in ("w", "m", "v"):
        found, own = getattr(resumed, name), getattr(run, name)
        if not isinstance(found, np.ndarray):
            raise Hint(f"{name} comes back as {described(found)}, and epoch() needs an array: save run.{name}.copy().")
        if (
            np.shape(found) == np.shape(own)
            and found.dtype != own.dtype
            and close(found, own, 1e-2 * np.abs(own).max())
        ):
            raise Hint(f"{name} comes back as {found.dtype}, with fewer digits than the run's own. Save it as it is.")
    if not isinstance(resumed.step, int | np.integer) and resumed.step == run.step:
        raise Hint(f"step comes back as {described(resumed.step)}. It is a whole number, {run.step}: save it as it is.")


def carries_on(run: Any, save: Any, load: Any) -> None:
    """Raise a Hint unless each checkpoint stands for itself, and a run can be saved and loaded again and again."""
    early, late = after(run_of(run), 2), after(run_of(run), 4)
    w = early.w.copy()
    first = saved_by(save, early)
    kept = deepcopy(first)
    saved_by(save, late)
    if not close(run_of(load, first).w, w, 0):
        raise Hint(
            "A second run was saved, and now the first one's dictionary holds the second one's numbers. Make a new "
            "dictionary at each call, with nothing kept outside of save."
            if close(run_of(load, kept).w, w, 0)
            else "A second run was saved, and load brings it back in place of the first. All that load needs has to "
            "stand in the dictionary."
        )
    one, other = run_of(run), run_of(load, saved_by(save, run_of(run)))
    for _ in range(2):
        after(one, 1)
        other = after(run_of(load, saved_by(save, other)), 1)
    if not close(one.w, other.w, 1e-12):
        raise Hint("Saved and loaded after every epoch, from the first on, the run ends with other weights.")


@check
def resume(run: Any, save: Any, load: Any) -> str:
    """Check a checkpoint of a small run: what is kept, and whether a resumed run ends as one never stopped."""
    whole, other = after(run_of(run), 6), after(run_of(run), 3)
    then = deepcopy(other)
    saved = saved_by(save, other)
    unknown = [str(name) for name, _ in saved.items() if name not in vars(other)]
    if size_of(saved) > KEPT_NUMBERS:
        raise Hint(
            f"{size_of(saved)} numbers are saved, and {KEPT_NUMBERS} will do: leave out what never changes and what "
            "follows from the rest."
        )
    if unknown:
        raise Hint(f"load looks for the run's own names: {', '.join(vars(other))}. Found: {', '.join(unknown)}.")
    resumed = run_of(load, saved)
    same_kinds(resumed, then)
    if "w" not in saved:
        raise Hint("The weights, w, aren't saved: a loaded run begins at 0.")
    if not close(resumed.w, then.w, 0):
        raise Hint("The weights of the resumed run aren't those of the saved one.")
    if close(resumed.m, then.v, 0) and close(resumed.v, then.m, 0):
        raise Hint("m and v are exchanged: each comes back where the other belongs.")
    lost = [name for name in ("m", "v") if not close(getattr(resumed, name), getattr(then, name), 0)]
    if len(lost) == 1:
        raise Hint(f"The weights are back, but of Adam's two means {lost[0]} isn't: its next step is another one.")
    if lost:
        raise Hint("The weights are back, but Adam has forgotten its means: its next step is like a first one.")
    if resumed.step != then.step:
        raise Hint(
            f"step was {then.step} and is {resumed.step!r} after loading. It tells the rate, the order of the data and "
            "Adam's corrections."
        )
    saved_by(save, run_of(load, saved))  # a resumed run is saved again
    after(resumed, 3)
    after(other, 3)
    if not close(resumed.w, whole.w, 1e-12) or not close(run_of(load, saved).w, then.w, 0):
        raise Hint("What was saved has changed while the run went on: its arrays change in place, so save copies.")
    carries_on(run, save, load)
    return f"{size_of(saved)} numbers, and the resumed run ends with the weights of the one that never stopped."


Photographs = tuple[int, ...]  # which ones, in their order


def together(some_l: Any, some_ab: Any) -> Photographs:
    """Return which photographs these are; raise a Hint if L and ab are of different ones."""
    if np.ndim(some_l) == np.ndim(some_ab) + 1:
        raise Hint("L and ab are exchanged: `fit` and `error` get L before ab.")
    found, colors = (
        tuple(np.asarray(one).ravel().astype(int).tolist()) for one in (some_l, np.asarray(some_ab)[..., 0])
    )
    if found != colors:
        raise Hint(f"L of {len(found)} photographs comes with ab of others, or of {len(colors)}. Cut both alike.")
    return found


class Measured:
    """A fit that remembers what it was given, and errors that tell what was measured: the first is 1, and so on."""

    def __init__(self) -> None:
        """Begin with nothing fitted."""
        self.fitted: list[Photographs] = []
        self.pairs: list[tuple[Photographs, Photographs]] = []  # what a table was made of, and what it was measured on

    def fit(self, L: Any, ab: Any) -> np.ndarray:
        """Return the table of some photographs: an array, as in the notebook, that holds its number."""
        self.fitted.append(together(L, ab))
        return np.full((2, 2), len(self.fitted) - 1.0)

    def error(self, table: Any, L: Any, ab: Any) -> float:
        """Return a number that stands for this table and these photographs."""
        pair = self.fitted[int(np.ravel(table)[0])], together(L, ab)
        if pair not in self.pairs:
            self.pairs.append(pair)
        return float(self.pairs.index(pair) + 1)

    def of(self, value: float) -> tuple[Photographs, Photographs]:
        """Return the table and the photographs of an error; raise a Hint if it isn't one of those returned."""
        if not (1 <= value <= len(self.pairs) and float(value).is_integer()):
            raise Hint("Some of these numbers are none that `error` returned: hand on its numbers as they are.")
        return self.pairs[int(value) - 1]


@check
def curve(function: Any) -> str:
    """Check a learning curve over the number of photographs, with a fit that remembers what it was given."""
    counts, ids = [2, 5, 10], tuple(range(30))
    L = np.arange(30.0)[:, None, None]
    ab = np.repeat(L[..., None], 2, axis=-1)
    known = Measured()
    returned = result_of(function, known.fit, known.error, L, ab, counts)
    what = "two lists, the training errors and the validation errors"
    if np.shape(returned) == (3, 2):
        raise Hint(f"That is a pair for each count. Asked for are {what}.")
    found = [numbers(row, (3,), "the errors, for three counts") for row in several(returned, what, 2)]
    if set(ids[-10:]) & {i for table in known.fitted for i in table}:
        raise Hint("The last 10 photographs are for validation: something was fitted to them.")
    if {len(table) for table in known.fitted} != set(counts) or any(t != ids[: len(t)] for t in known.fitted):
        raise Hint("Each count n needs a table of its own, fitted to the first n photographs.")
    measured = [[known.of(value) for value in row] for row in found]
    training, validation = [(ids[:n], ids[:n]) for n in counts], [(ids[:n], ids[-10:]) for n in counts]
    if measured == [validation, training]:
        raise Hint("The two lists are swapped: training errors come first.")
    for name, row in (("Training", measured[0]), ("Validation", measured[1])):
        if [table for table, _ in row] != [ids[:n] for n in counts]:
            raise Hint(f"{name} error: each n has its own table; here one table serves for several, or for another n.")
    on, of = ([one for _, one in row] for row in measured)
    if not all(on + of):
        raise Hint("An error is measured on no photographs at all: where does this slice begin, and how long is L?")
    if on == [ids[-10:]] * 3:
        raise Hint("Training error: it is measured on the last 10 here, which is validation. Take the n of the table.")
    if on != [ids[:n] for n in counts]:
        raise Hint(
            f"Training error: measured on {len(on[0])} photographs, some of which the table of the first {counts[0]} "
            "hasn't seen. Take those that the table was made from: error(table, L[:n], ab[:n])."
        )
    if of == on:
        raise Hint("Validation error: this is the training error once more. Measure the last 10 photographs.")
    if len(set(of)) > 1:
        raise Hint("Validation changes with n, so its points don't compare. Measure all on the same last 10.")
    if of != [ids[-10:]] * 3:
        raise Hint(
            f"Validation error: measured on photographs {of[0][0]} to {of[0][-1]} of 0 to {ids[-1]}. The last ten are "
            "asked for: error(table, L[-10:], ab[-10:])."
        )
    return "Now the figure: what tells you whether more photographs would help?"


def estimate(recipe: Recipe) -> tuple[int, float, float]:
    """Return steps, minutes and gigabytes of maps of a recipe, by the task's assumptions."""
    steps, pixels = -(-PHOTOGRAPHS // recipe.batch_size), (recipe.size / 128) ** 2
    pace = PACE[recipe.precision] / pixels
    seconds = PHOTOGRAPHS / pace + steps * STEP_SECONDS + VALIDATION / (3 * pace)
    return (
        steps * recipe.epochs,
        seconds * recipe.epochs / 60,
        recipe.batch_size * pixels * MAPS_GIGABYTES[recipe.precision],
    )


@check
def design(recipe: Any, minutes: Any, gigabytes: Any) -> str:
    """Check a recipe for 90 minutes, and the estimate of its time and memory."""
    if not isinstance(recipe, Recipe):
        raise Hint(f"Expected a recipe, such as replace(RECIPES['ours'], epochs=..., ...), found {described(recipe)}.")
    if recipe.precision not in PACE:
        raise Hint(f"Precision {recipe.precision!r} can't be estimated beforehand: name one of {', '.join(PACE)}.")
    whole([recipe.batch_size, recipe.epochs, recipe.size], (3,), "batch_size, epochs and size of the recipe")
    if min(recipe.batch_size, recipe.epochs) < 1 or recipe.size < 128 or recipe.training_fraction != 1:
        raise Hint(
            f"All {PHOTOGRAPHS:,} photographs, 128 pixels or more, at least one epoch and one photograph a batch."
        )
    if recipe.schedule != "cosine":
        raise Hint("The run ends at a fixed epoch: use a schedule that comes down to 0 there.")
    steps, duration, maps = estimate(recipe)
    if maps > MOST_GIGABYTES:
        raise Hint(f"The maps of a batch take {maps:.2f} GB of {MOST_GIGABYTES:.2f}. Which setting do they depend on?")
    if recipe.epochs < LEAST_EPOCHS:
        raise Hint(f"Each photograph is seen {recipe.epochs} times; {LEAST_EPOCHS} are asked for.")
    if duration > MOST_MINUTES:
        raise Hint(f"This run takes {duration:.0f} minutes. Where does most of an epoch go: photographs, or steps?")
    if steps < LEAST_STEPS:
        raise Hint(f"The run has {steps:,} steps; {LEAST_STEPS:,} are asked for. What makes more steps of an epoch?")
    told, held = float(numbers(minutes, (), "minutes")), float(numbers(gigabytes, (), "gigabytes"))
    not_exchanged({"minutes": told, "gigabytes": held}, {"minutes": duration, "gigabytes": maps}, maps / 2)
    if abs(told - duration / 60) < 0.01 * duration / 60:
        raise Hint("minutes are asked for, and these are the hours.")
    if abs(held - 1000 * maps) < 10 * maps:
        raise Hint("gigabytes are asked for, and these are the megabytes.")
    if abs(told - duration * 60) < 0.01 * duration * 60:
        raise Hint("minutes are asked for, and these are the seconds.")
    if abs(told * recipe.epochs - duration) < 0.01 * duration:
        raise Hint("minutes: that is one epoch. Asked for is the whole run.")
    if abs(told - duration) > 0.01 * duration:
        far = "more" if told < duration else "less"
        raise Hint(f"The recipe keeps to all limits, but takes {far} than {told:.1f} minutes. Count steps, validation.")
    if recipe.batch_size > 1 and abs(held * recipe.batch_size - maps) < 0.01 * maps:
        raise Hint("gigabytes: that is one photograph. Asked for are the maps of a batch.")
    if abs(held - maps) > 0.01 * maps:
        raise Hint("The time is right. The memory: one batch, at this precision and size, in gigabytes.")
    return f"{steps:,} steps in {duration:.0f} minutes, with {maps:.2f} GB of maps."

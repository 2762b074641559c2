"""Checks for the exercises of chapter 07, training."""

import math
from typing import Any

import numpy as np

from colorize_lib.exercises.verdict import Hint, array_of, check, close, described, numbers, result_of, whole
from colorize_lib.recipes import Recipe

RATE, STEPS = 0.001, 100
SIGNS = (-1) ** np.arange(STEPS)
GRADIENTS = {"steady": np.ones(STEPS), "alternating": SIGNS, "tiny": np.full(STEPS, 0.001)}
KEPT_NUMBERS = 10  # three weights, Adam's six means, the number of steps

PHOTOGRAPHS, VALIDATION = 6000, 500
PACE = {"float32": 50.0, "mixed_bfloat16": 80.0}  # photographs a second at 128 x 128: the task's assumption
STEP_SECONDS = 0.05
MAPS_GIGABYTES = {"float32": 0.030, "mixed_bfloat16": 0.015}  # a photograph at 128 x 128
MOST_MINUTES, MOST_GIGABYTES, LEAST_STEPS, LEAST_EPOCHS = 90, 1.0, 10_000, 50


def pair(answer: Any, what: str) -> dict[str, float]:
    """Return the two numbers of a dictionary with the keys L1 and L2."""
    if not isinstance(answer, dict) or set(answer) != {"L1", "L2"}:
        raise Hint(f"Expected a dictionary with the keys 'L1' and 'L2' for {what}, found {described(answer)}.")
    if any(value is None for value in answer.values()):
        raise Hint(f"One of the two numbers of {what} is still missing.")
    return {loss: float(numbers(value, (), f"{what}['{loss}']")) for loss, value in answer.items()}


@check
def three(step: Any, rest: Any) -> str:
    """Check one gradient step for three pixels of one gray, and where training settles."""
    after, settled = pair(step, "step"), pair(rest, "rest")
    if min(after.values()) > 1:
        raise Hint("Two of the three predictions are too bright, and yet w grows: a step goes against the gradient.")
    if close(after["L2"], 0.97, 0.001):
        raise Hint("The loss is the mean over the three pixels: the three gradients are averaged, not summed.")
    if close(after["L2"], 0.98, 0.001):
        raise Hint("The gradient is taken for w, not for the prediction: the factor gray, 0.5, is missing.")
    if not close(after["L2"], 0.99, 0.001):
        raise Hint("L2: each pixel's gradient is 2 · error · gray. Take the mean of the three, and a tenth of that.")
    if close(after["L1"], 0.95, 0.001):
        raise Hint("L1: the third pixel is too dark and pulls the other way. Average the three signs, then times gray.")
    if not close(after["L1"], 1 - 0.1 / 6, 0.001):
        raise Hint("L1: each pixel's gradient is the sign of its error times gray, however large the error is.")
    if close([settled["L1"], settled["L2"]], [0.3, 0.4], 0.001):
        raise Hint("These are the reds. Asked for is w, and red is w · 0.5.")
    if close([settled["L1"], settled["L2"]], [0.8, 0.6], 0.001):
        raise Hint("The two losses are swapped: which of them does one far-off value pull along?")
    if not close([settled["L1"], settled["L2"]], [0.6, 0.8], 0.001):
        raise Hint(
            "At rest the three gradients cancel: under L2 at the mean of the reds, under L1 where signs balance."
        )
    return "The steps differ little, the goals much: one weight has to answer for three colors."


def moved_by_adam(gradients: np.ndarray) -> float:
    """Return how far Adam moves a weight down over these gradients."""
    m = v = moved = 0.0
    for t, gradient in enumerate(gradients, start=1):
        m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
        moved += RATE * (m / (1 - 0.9**t)) / (math.sqrt(v / (1 - 0.999**t)) + 1e-7)
    return moved


@check
def adam(sgd: Any, by_adam: Any) -> str:
    """Check how far three weights move under plain gradient descent and under Adam."""
    plain, moved = numbers(sgd, (3,), "sgd"), numbers(by_adam, (3,), "adam")
    right_plain = np.array([RATE * gradients.sum() for gradients in GRADIENTS.values()])
    right = np.array([moved_by_adam(gradients) for gradients in GRADIENTS.values()])
    if close(plain, right_plain / STEPS, 1e-9):
        raise Hint("That is a single step. Asked for is the way after 100 of them.")
    if plain[0] < 0 or moved[0] < 0:
        raise Hint("How far each has come down is asked for: start minus end, so 1 - 0.9 is 0.1.")
    if abs(plain[1]) > 1e-6:
        raise Hint("sgd: steps of opposite sign take each other back. Where is the second weight after two steps?")
    if not close(plain, right_plain, 1e-6):
        raise Hint("sgd: each step is the rate times the gradient; add up 100 of them.")
    if abs(moved[2] - right_plain[2]) < 0.01:
        raise Hint("adam: the third gradient is small but steady. What are m and the root of v, and what their ratio?")
    if abs(moved[1]) > 0.02:
        raise Hint("adam: v, the mean of squares, doesn't notice the sign, but m does. What is m near?")
    if abs(moved[0]) > 0.2:
        raise Hint("adam: with a steady gradient, m / √v is 1, so each step is the rate itself.")
    if not close(moved, right, 0.005):
        raise Hint("adam: work out m / √v for a gradient that never changes, times the rate, times 100.")
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


def size_of(saved: dict[str, Any]) -> int:
    """Return how many numbers a dictionary holds."""
    return sum(array_of(value, f"saved['{name}']", float).size for name, value in saved.items())


@check
def resume(run: Any, save: Any, load: Any) -> str:
    """Check a checkpoint of a small run: what is kept, and whether a resumed run ends as one never stopped."""
    whole, other = after(run_of(run), 6), after(run_of(run), 3)
    w, m, v, step = other.w.copy(), other.m.copy(), other.v.copy(), other.step
    saved = result_of(save, other)
    if not isinstance(saved, dict):
        raise Hint(f"Expected a dictionary of numbers and arrays from save, found {described(saved)}.")
    if not set(saved) <= set(vars(other)) and size_of(saved) <= KEPT_NUMBERS:
        raise Hint(
            f"load looks for the run's own names: {', '.join(vars(other))}. Found: {', '.join(map(str, saved))}."
        )
    if size_of(saved) > KEPT_NUMBERS:
        raise Hint(
            f"{size_of(saved)} numbers are saved, and {KEPT_NUMBERS} will do: leave out what never changes and what "
            "follows from the rest."
        )
    resumed = run_of(load, saved)
    if not close(resumed.w, w, 0):
        raise Hint("The weights of the resumed run aren't those of the saved one.")
    if not (close(resumed.m, m, 0) and close(resumed.v, v, 0)):
        raise Hint("The weights are back, but Adam has forgotten its means: its next step is like a first one.")
    if not isinstance(resumed.step, int | np.integer) or resumed.step != step:
        raise Hint(
            f"step was {step} and is {resumed.step!r} after loading. It tells the rate, the order of the data and "
            "Adam's corrections."
        )
    result_of(save, run_of(load, saved))  # a resumed run is saved again
    after(resumed, 3)
    saved = result_of(save, other)
    after(other, 3)
    if not close(resumed.w, whole.w, 1e-12) or not close(run_of(load, saved).w, w, 0):
        raise Hint("What was saved has changed while the run went on: its arrays change in place, so save copies.")
    one, other = run_of(run), run_of(load, result_of(save, run_of(run)))
    for _ in range(2):
        after(one, 1)
        other = after(run_of(load, result_of(save, other)), 1)
    if not close(one.w, other.w, 1e-12):
        raise Hint("Saved and loaded after every epoch, from the first on, the run ends with other weights.")
    return f"{size_of(saved)} numbers, and the resumed run ends with the weights of the one that never stopped."


@check
def curve(function: Any) -> str:
    """Check a learning curve over the number of photographs, with a fit that remembers what it was given."""
    L, ab = np.arange(30.0)[:, None, None], np.zeros((30, 1, 1, 2))
    fitted: list[tuple[int, ...]] = []

    def ids(photographs: np.ndarray) -> tuple[int, ...]:
        return tuple(np.asarray(photographs).ravel().astype(int).tolist())

    def fit(some_l: np.ndarray, some_ab: np.ndarray) -> tuple[int, ...]:
        fitted.append(ids(some_l))
        return fitted[-1]

    def error(table: tuple[int, ...], some_l: np.ndarray, some_ab: np.ndarray) -> float:
        measured = ids(some_l)
        return len(table) + 100 * len(measured) + 10_000 * (measured[0] if measured else 99)

    counts = [2, 5, 10]
    found = numbers(result_of(function, fit, error, L, ab, counts), (2, 3), "[training errors, validation errors]")
    if set(ids(L[-10:])) & {i for table in fitted for i in table}:
        raise Hint("The last 10 photographs are for validation: something was fitted to them.")
    if {len(table) for table in fitted} != set(counts) or any(table != ids(L[: len(table)]) for table in fitted):
        raise Hint("Each count n needs a table of its own, fitted to the first n photographs.")
    training = [float(n + 100 * n) for n in counts]
    validation = [float(n + 100 * 10 + 10_000 * 20) for n in counts]
    if close(found, [validation, training], 0):
        raise Hint("The two lists are swapped: training errors come first.")
    if close(found[0], [n + 100 * 20 for n in counts], 0):
        raise Hint("The training error is measured on photographs that this table hasn't seen: take the same n.")
    first_measured = (found[1] // 10_000).tolist()
    if first_measured == counts:
        raise Hint("Validation changes with n, so its points don't compare. Measure all on the same last 10.")
    if not close(found[0], training, 0):
        raise Hint("Training error: error(table, L[:n], ab[:n]), on the n photographs that the table was made from.")
    if not close(found[1], validation, 0):
        raise Hint("Validation error: error(table, L[-10:], ab[-10:]), the same photographs for every n.")
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
    if abs(told - duration * 60) < 0.01 * duration * 60:
        raise Hint("minutes are asked for, and these are the seconds.")
    if abs(told - duration) > 0.01 * duration:
        far = "more" if told < duration else "less"
        raise Hint(f"The recipe keeps to all limits, but takes {far} than {told:.1f} minutes. Count steps, validation.")
    if abs(held - maps) > 0.01 * maps:
        raise Hint("The time is right. The memory: one batch, at this precision and size, in gigabytes.")
    return f"{steps:,} steps in {duration:.0f} minutes, with {maps:.2f} GB of maps."

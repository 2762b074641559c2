"""Checks for the exercises of chapter 26, the bake-off."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from colorize_lib import bake_off, bake_off_table
from colorize_lib.exercises.verdict import (
    Hint,
    also,
    check,
    close,
    entries,
    first_wrong,
    not_exchanged,
    numbers,
    result_of,
    words,
)

LPIPS = {"V": 0.118, "W": 0.121, "X": 0.112, "Y": 0.137, "Z": 0.130}  # V to Z are in the order of their PSNR
RED = 0.8  # the share of red things, +1; the others are green, -1
PAINTERS = ("mean", "likeliest", "drawing")
WRONG_LINES = {"a": 2, "b": 1, "c": 1}
REACH = 1.96  # standard errors on each side of a mean
SCALED = "pretrained_scaled"  # whose colors are the bar in exercise 4
MEASURES = ("PSNR", "LPIPS", "KID")
SCORES = {"A": (26.0, 0.11, 4.0), "B": (25.0, 0.12, 3.0)}  # PSNR in dB, LPIPS, KID in thousandths
MORE = (True, False, False)
JOINED = ("C", "D")


@check
def tau(order: Any, disagree: Any, agreement: Any) -> str:
    """Check the ranks of five systems, how many pairs two rankings order differently, and Kendall's tau."""
    said = {name: float(numbers(value, (), f"order[{name!r}]")) for name, value in entries(order, LPIPS).items()}
    right = bake_off.ranks(LPIPS)
    if close(list(said.values()), [6 - rank for rank in right.values()], 1e-6):
        raise Hint("order: of LPIPS less is better. Rank 1 has the lowest.")
    for name, rank in right.items():
        if not close(said[name], rank, 1e-6):
            raise Hint(f"order: system {name} has {LPIPS[name]:g}. How many of the five have less?")
    by_psnr = {name: rank for rank, name in enumerate(LPIPS, 1)}
    wanted = bake_off.kendall(by_psnr, right)
    pairs = len(LPIPS) * (len(LPIPS) - 1) // 2
    apart = round(pairs * (1 - wanted) / 2)
    found = float(numbers(disagree, (), "disagree"))
    if close(found, pairs - apart, 1e-6):
        raise Hint("disagree: these are the pairs that stand alike in both rankings.", 1 / 3)
    if not close(found, apart, 1e-6):
        raise Hint(
            f"disagree: go through the {pairs} pairs. Which has the lower rank in one and the higher in the other?",
            1 / 3,
        )
    found = float(numbers(agreement, (), "agreement"))
    kinds = [
        ((pairs - apart) / pairs, "that is the share of pairs that agree. The others count -1, not 0"),
        (-wanted, "the sign is turned: pairs that agree count +1"),
        (pairs - 2 * apart, "that is the sum over the pairs. Tau is their mean"),
    ]
    for value, why in kinds:
        if close(found, value, 1e-3):
            raise Hint(f"agreement: {why}.", 2 / 3)
    if not close(found, wanted, 0.01):
        raise Hint("agreement: (pairs that agree - pairs that don't) / all pairs.", 2 / 3)
    return "Most pairs stand alike, and yet the two rankings name different winners."


def squared_errors(red: float) -> dict[str, float]:
    """Return the expected squared error of three painters where `red` of all things are +1 and the others -1."""
    return {"mean": 1 - (2 * red - 1) ** 2, "likeliest": 4 * (1 - red), "drawing": 8 * red * (1 - red)}


@check
def painters(predicted: Any, best: Any) -> str:
    """Check the squared errors of three painters, and which is the best by two other measures."""
    guess = {name: float(numbers(value, (), name)) for name, value in entries(predicted, PAINTERS).items()}
    right = squared_errors(RED)
    not_exchanged(guess, right, 0.005)
    if close(guess["mean"], 0, 0.005):
        raise Hint("mean: it is off at every thing, because no thing has the color between.")
    if not close(guess["mean"], right["mean"], 0.005):
        raise Hint(
            "mean: it paints everything the mean color. Square its distance to each color, weighted by their shares."
        )
    if close(guess["likeliest"], 1 - RED, 0.005):
        raise Hint("likeliest: this share is painted wrongly, but red and green are 2 apart. Square that.", 0.25)
    if not close(guess["likeliest"], right["likeliest"], 0.005):
        raise Hint(
            "likeliest: the green things are painted red. How many are they, and how far off is each, squared?", 0.25
        )
    if close(guess["drawing"], 0, 0.005):
        raise Hint("drawing: its shares are right, but often a red thing is painted green, and a green one red.", 0.5)
    if close(guess["drawing"], right["drawing"] / 2, 0.005):
        raise Hint("drawing: red painted green is one way to be wrong. There is another, as frequent.", 0.5)
    if not close(guess["drawing"], right["drawing"], 0.005):
        raise Hint("drawing: how often do two draws by the same odds differ? Then the squared error is 4.", 0.5)
    said = words(best, ("absolute error", "KID"), PAINTERS)
    first_wrong(
        said,
        {"absolute error": "likeliest", "KID": "drawing"},
        {
            "absolute error": "the median, not the mean, has the least absolute error. Which painter paints it?",
            "KID": "it compares sets: whose colors have the shares of the true ones?",
        },
    )
    return "Three measures, three winners, in one world."


def half_width(values: np.ndarray) -> float:
    """Return half of the 95 % interval of a mean."""
    return float(REACH * values.std(ddof=1) / np.sqrt(len(values)))


def measured(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return two systems' numbers on the same photographs, [count] each."""
    random = np.random.default_rng(seed)
    first = random.normal(25, 5, count)
    return first, first - 0.5 + random.normal(0, 0.3, count)


def squares(seed: int, count: int) -> np.ndarray:
    """Return squared errors, [count, 5, 4], of which some photographs have more than others."""
    random = np.random.default_rng(seed)
    return np.asarray(random.random((count, 5, 4)) * random.uniform(1, 9, count)[:, None, None])


def said(function: Any, *arguments: np.ndarray) -> float:
    """Return the number that a mended program gives."""
    return float(numbers(result_of(function, *arguments), (), "what the program returns"))


@check
def mended(lines: Any, program_a: Any, program_b: Any, program_c: Any) -> str:
    """Check which line of three programs is wrong, and the programs once they are mended."""
    why = {
        "a": "the number of photographs and the last step are right. What spreads: each system, or their difference?",
        "b": "the spread and the root are right for independent values. Are the pixels of one photograph independent?",
        "c": "what is returned is right. Which numbers may choose?",
    }
    for name, found in entries(lines, WRONG_LINES).items():
        if not close(float(numbers(found, (), f"line of program {name}")), WRONG_LINES[name], 1e-6):
            raise Hint(f"program_{name}: {why[name]}")
    pair = measured(1, 30)
    found = said(program_a, *pair)
    if close(found, np.hypot(half_width(pair[0]), half_width(pair[1])), 2e-3):
        raise Hint("program_a: the photographs still count as if each system had others.", 0.25)
    if close(found, abs(half_width(pair[0]) - half_width(pair[1])), 2e-3):
        raise Hint("program_a: the difference of two spreads isn't the spread of the differences.", 0.25)
    if not close(found, half_width(pair[0] - pair[1]), 2e-3):
        raise Hint("program_a: the standard deviation of first - second, photograph by photograph.", 0.25)
    also(program_a, *measured(2, 12), gives=half_width(np.subtract(*measured(2, 12))), within=2e-3)
    errors = squares(3, 20)
    found = said(program_b, errors)
    if close(found, half_width(errors.ravel()), 2e-3):
        raise Hint("program_b: every pixel still counts as a photograph of its own.", 0.5)
    if not close(found, half_width(errors.mean(axis=(1, 2))), 2e-3):
        raise Hint("program_b: one number a photograph first, the mean of its pixels; then as before.", 0.5)
    also(program_b, squares(4, 9), gives=half_width(squares(4, 9).mean(axis=(1, 2))), within=2e-3)
    validation, test = np.array([24.0, 25.5, 25.0]), np.array([23.0, 24.0, 25.0])
    found = said(program_c, validation, test)
    if close(found, test.max(), 2e-3):
        raise Hint("program_c: the best test score is still sought. Then the test photographs have chosen.", 0.75)
    if close(found, validation.max(), 2e-3):
        raise Hint("program_c: validation chooses the epoch, and the score of this epoch on test is returned.", 0.75)
    if not close(found, test[validation.argmax()], 2e-3):
        raise Hint("program_c: the test score of the epoch that is best on validation.", 0.75)
    also(program_c, test, validation, gives=validation[test.argmax()])
    return "Two intervals of the wrong width and a choice by the test: none of the three raises an error."


def made_up(seed: int, shift: Mapping[str, tuple[float, float]], count: int = 40) -> tuple[dict[str, np.ndarray], ...]:
    """Return color differences and KID parts of systems, [count] each; `shift`: by system, how far both are moved."""
    random = np.random.default_rng(seed)
    common, parts = random.normal(8, 3, count), random.normal(4, 6, count)
    noise = random.normal(0, 0.3, (2, len(shift), count))
    noise -= noise.mean(axis=-1, keepdims=True)  # so that means differ by `shift` alone
    color = {name: common + by + own for (name, (by, _)), own in zip(shift.items(), noise[0], strict=True)}
    return color, {name: parts + by + own for (name, (_, by)), own in zip(shift.items(), noise[1], strict=True)}


def ruled(color: Mapping[str, np.ndarray], kid: Mapping[str, np.ndarray], scaled: str, default: str) -> str:
    """Return what the rule of exercise 4 names."""
    admitted = [one for one in color if (gap := color[one] - color[scaled]).mean() <= half_width(gap) or one == scaled]
    best = min(admitted, key=lambda name: kid[name].mean())
    gap = kid[default] - kid[best]
    return default if default in admitted and (best == default or gap.mean() <= half_width(gap)) else best


CASES: dict[str, tuple[dict[str, tuple[float, float]], str]] = {
    "a system with the lowest KID is clearly farther from the true colors than the scaled row": (
        {"scaled": (0, 0), "default": (-0.5, -0.2), "far": (1, -3), "like": (-0.4, -1)},
        "it isn't admitted",
    ),
    "a system is a little better than the default in KID, and the interval holds 0": (
        {"scaled": (0, 0), "default": (-0.5, -1.0), "new": (-0.5, -1.05)},
        "the default stays",
    ),
    "the default is clearly worse than the scaled row in color": (
        {"scaled": (0, 0), "default": (1, -2), "like": (-0.1, -1)},
        "it isn't admitted, so it can't stay",
    ),
    "a system is clearly better than the default in KID": (
        {"scaled": (0, 0), "default": (-0.5, -0.2), "new": (-0.3, -1.5)},
        "it is named",
    ),
    "photographs differ much more than systems do": (
        {"scaled": (0, 0), "default": (-0.3, 0), "far": (0.4, -2), "new": (-0.3, -0.6)},
        "only differences on the same photograph tell them apart",
    ),
}


def named_here() -> str:
    """Return what the rule of exercise 4 names among the systems of the course, on the test photographs."""
    values = bake_off_table.measured(bake_off_table.complete()).values
    return ruled(values["ciede2000"], values["kid"], SCALED, bake_off.SITTING)


@check
def rule(function: Any, named: Any) -> str:
    """Check a rule that admits systems by color and names one by KID, and what it names among the course's."""
    for seed, (case, (shift, why)) in enumerate(CASES.items()):
        color, kid = made_up(seed, shift)
        found = result_of(function, color, kid, "scaled", "default")
        if not isinstance(found, str) or found not in shift:
            raise Hint(f"Return the name of one system, a text; found {str(found)[:40]!r}.", 0.75 * seed / len(CASES))
        if found != ruled(color, kid, "scaled", "default"):
            raise Hint(f"You name {found!r} where {case}: {why}.", 0.75 * seed / len(CASES))
    if str(named).strip() != named_here():
        raise Hint("named: the function is right. Run the lines below it again, with the course's systems.", 0.75)
    return "The rule admits, compares, and changes nothing without a reason."


def mean_ranks(scores: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Return the mean rank of each system over `MEASURES`, 1 for the best."""
    each = [
        bake_off.ranks({name: float(values[k]) for name, values in scores.items()}, more=MORE[k])
        for k in range(len(MEASURES))
    ]
    return {name: float(np.mean([one[name] for one in each])) for name in scores}


@check
def joined(systems: Any) -> str:
    """Check two systems that join, win nothing, and turn the winner by the mean rank."""
    new = {
        name: numbers(
            [float(numbers(one, (), f"{name} {key}")) for key, one in entries(values, MEASURES).items()], (3,)
        )
        for name, values in entries(systems, JOINED).items()
    }
    for name, values in new.items():
        if not np.all((values > 0) & (values < 100)):
            raise Hint(f"{name}: numbers such as those of A and B, please: above 0 and below 100.")
    scores = {name: np.array(values) for name, values in SCORES.items()} | new
    for k, measure in enumerate(MEASURES):
        if len({float(values[k]) for values in scores.values()}) < len(scores):
            raise Hint(f"Two systems have the same {measure}. Let all differ, so that ranks are clear.")
    for name in JOINED:
        if all((scores[name][k] > scores["A"][k]) == MORE[k] for k in range(len(MEASURES))):
            raise Hint(f"{name} is better than A by every measure, so it deserves to win. Let it be of no use.", 0.25)
    found = mean_ranks(scores)
    text = ", ".join(f"{name} {rank:.2f}" for name, rank in found.items())
    best = min(found.values())
    winners = [name for name, rank in found.items() if close(rank, best, 1e-9)]
    if winners == ["A"]:
        raise Hint(f"A still wins: the mean ranks are {text}. By which measure is A behind B? Push A back there.", 0.25)
    if len(winners) > 1:
        raise Hint(f"A tie: the mean ranks are {text}.", 0.5)
    if winners[0] in JOINED:
        raise Hint(f"{winners[0]} itself wins: the mean ranks are {text}. It should only change who else does.", 0.5)
    return f"The mean ranks are {text}. Nothing about A and B has changed, and the winner has."

"""Checks for the exercises of chapter 11, the paper's claims."""

import itertools
import math
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np

from colorize_lib.exercises.verdict import (
    Hint,
    alike,
    also,
    check,
    close,
    described,
    entries,
    listed,
    numbers,
    result_of,
    whole,
)

STRETCH, ENDED = (8, 10), 5
TRIALS = {"coin": 0.5, "copies": 1.0, "opposite": 0.0, "together": 0.5}
BATCH, ALL, SMALL = 50, 6000, 600
FEWEST_STEPS, MOST_STEPS, FEWEST_SIZES, FEWEST_SEEDS, WITHIN = 1000, 15_000, 3, 3, 0.02


@check
def stretch(answer: Any, ended: Any) -> str:
    """Check the best three epochs in a row, and the end with a patience of 2."""
    first, last = found = numbers(answer, (2,), "stretch")
    stop = float(numbers(ended, (), "ended"))
    if close(found[::-1], STRETCH, 0):
        raise Hint("stretch: the two are exchanged. The first epoch comes first.")
    if close(found, (7, 9), 0):
        raise Hint("Epochs count from 1 here. And compare the means of 7 to 9 and of 8 to 10.")
    if last - first != 2:
        raise Hint("Three epochs in a row are asked for, as (first, last): the last is the first plus 2.")
    if close(found, (5, 7), 0):
        raise Hint("The best single epoch has bad neighbors. Compare the means of three, also without that epoch.")
    if not close(found, STRETCH, 0):
        raise Hint(f"Epochs {first:.0f} to {last:.0f} have a lower mean than three others in a row. Add up each three.")
    if stop == 3:
        raise Hint("Epoch 3 is the best so far, and early stopping can't know that yet. How long does it wait?")
    if stop > ENDED:
        raise Hint("Patience counts epochs without a new best, whether or not they are better than the one before.")
    if stop != ENDED:
        raise Hint("Go through the epochs and note the best so far. After two epochs without a new best, the run ends.")
    return "Patience would have ended the run before the stretch that was best."


@check
def leak(predicted: Any) -> str:
    """Check what is predicted for labels by coin: without a leak, with one, and with opposite labels."""
    guess = {name: float(numbers(value, (), name)) for name, value in entries(predicted, TRIALS).items()}
    if max(guess.values()) > 1.15:
        raise Hint("Parts of 1 are asked for, not percentages: .5, not 50.")
    right = {name: close(guess[name], expected, 0.15) for name, expected in TRIALS.items()}
    if not right["coin"]:
        raise Hint("'coin': it may know the labels of 26 photographs by heart. What does that tell of the others?")
    if not right["copies"]:
        raise Hint(
            "'copies': more inputs than photographs, so any labels can be learned by heart. Does a copy look new?"
        )
    if not right["opposite"] and guess["opposite"] > 0.65:
        raise Hint("'opposite': it recognizes the photograph and names the label that it learned. Is that the copy's?")
    if not right["opposite"]:
        raise Hint(
            "'opposite': it knows each original's label by heart. What will it say of the copy, and is that right?"
        )
    if not right["together"]:
        raise Hint("'together': which of the tested photographs has it met in either version?")
    return "Far below one half is a leak as well as far above."


def flipped(base: np.ndarray, up: int, down: int, seed: int) -> np.ndarray:
    """Return `base` (0 and 1) with `up` zeros turned to one and `down` ones to zero."""
    rng, changed = np.random.default_rng(seed), base.copy()
    changed[rng.choice(np.flatnonzero(base == 0), up, replace=False)] = 1
    changed[rng.choice(np.flatnonzero(base == 1), down, replace=False)] = 0
    return changed


@check
def rule(function: Any) -> str:
    """Check a verdict from paired differences against several comparisons."""
    base = np.random.default_rng(0).permutation(np.repeat([1.0, 0.0], [140, 60]))
    little, better, weak = flipped(base, 12, 1, 1), flipped(base, 11, 9, 2), flipped(base, 5, 60, 3)
    strong = flipped(base, 30, 5, 4)

    def said(right: np.ndarray, **others: np.ndarray) -> str:
        found = result_of(function, right, others)
        word = found.strip().lower().replace("\u2019", "'") if isinstance(found, str) else ""
        if word not in ("holds", "refuted", "can't be told"):
            raise Hint(f"Expected 'holds', 'refuted' or \"can't be told\", found {described(found)}.")
        return str(word)

    unclear = said(better, base=base)
    if unclear == "holds":
        raise Hint("A gap of 1 point whose interval goes from below 0 to above was said to hold. Use the interval.")
    if unclear == "refuted":
        raise Hint("A gap of 1 point whose interval holds 0 was said to be refuted. Nothing shown is nothing refuted.")
    ahead, behind = said(little, base=base), said(base, little=little)
    if ahead == "refuted" or behind == "holds":
        raise Hint("Ahead and behind are the wrong way around: subtract the comparison from the probe.")
    if ahead != "holds":
        raise Hint(
            "A probe right on 12 photographs more and on 1 fewer isn't told apart: subtract photograph by photograph, "
            "and take no more than 95 %."
        )
    if behind != "refuted":
        raise Hint("A probe right on 1 photograph more and on 12 fewer is clearly behind, which refutes the claim.")
    several_comparisons(said, {"ahead": weak, "level": better, "behind": strong}, base)
    if said(base, itself=base.copy()) != "can't be told":
        raise Hint(
            "Beside another that is right on the very same photographs, a probe's interval goes from 0 to 0. That "
            "doesn't leave out 0, so neither is ahead."
        )
    half = np.tile([0.0, 1.0], 100)
    if said(half, other=1 - half) != "can't be told":
        raise Hint("Two probes right on a hundred photographs each, on different ones: neither is clearly ahead.")
    few, fewer = np.repeat([1.0, 0.0, 1.0], [9, 6, 15]), np.repeat([0.0, 1.0], [9, 21])
    if said(few, other=fewer) != "can't be told":
        raise Hint(
            "On 30 photographs a probe is right on 9 more and on 6 fewer. That is 10 points ahead, and its interval "
            "holds 0 all the same: no fixed number of points decides."
        )
    many = np.zeros(1600)
    if said(flipped(many, 16, 0, 5), other=many) != "holds":
        raise Hint(
            "On 1,600 photographs a probe is right on 16 more and on none fewer. That is 1 point, and its interval "
            "lies above 0 all the same: no fixed number of points decides."
        )
    often, seldom = flipped(many, 200, 0, 6), np.roll(flipped(many, 200, 0, 6), 1)
    seldom[np.flatnonzero(seldom)[:20]] = 0
    if said(often, other=seldom) != "can't be told":
        raise Hint(
            "On 1,600 photographs a probe is right 200 times, and its comparison 180 times, mostly on others. The "
            "interval holds 0: no fixed number of photographs decides."
        )
    if said(base, near=flipped(base, 0, 12, 7), level=flipped(base, 40, 55, 8)) != "can't be told":
        raise Hint(
            "Of two comparisons, one has fewer right, mostly on other photographs, and its interval holds 0. Ask each "
            "of them, and not only the best."
        )
    averaged = np.ones(200)
    averaged[:60] = 0.75  # right under three of four seeds
    if said(np.ones(200), averaged=averaged) != "holds" or said(averaged, probe=np.ones(200)) != "refuted":
        raise Hint("A comparison averaged over four seeds holds values such as 0.75: subtract its numbers as they are.")
    return "A rule that can say no, and that can say it doesn't know."


def several_comparisons(said: Callable[..., str], others: dict[str, np.ndarray], base: np.ndarray) -> None:
    """Raise a Hint unless `base` is judged right beside two comparisons, whichever of them comes first."""
    lies = {"ahead": "clearly ahead of", "level": "level with", "behind": "clearly behind"}
    for one, other in itertools.permutations(lies, 2):
        right = "refuted" if "behind" in (one, other) else "can't be told"
        found = said(base, **{one: others[one], other: others[other]})
        if found == right:
            continue
        probe = f"A probe {lies[one]} one comparison and {lies[other]} the next"
        if said(base, **{other: others[other], one: others[one]}) == right:
            raise Hint(f"{probe} is '{found}', and the other way around '{right}'. Look at all before you answer.")
        if right == "refuted":
            raise Hint(f"{probe}: being behind any of them refutes it.")
        raise Hint(f"{probe}: it has to be ahead of every one.")
    twice = {"one": others["ahead"], "other": others["ahead"]}
    if said(base, **twice) != "holds":
        raise Hint("Clearly ahead of both of two comparisons has to hold.")


def between(ab: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums of squares between groups and in all, one for each channel."""
    means = np.array([ab[groups == g].mean(axis=0) for g in groups])
    return ((means - ab.mean(axis=0)) ** 2).sum(axis=0), ((ab - ab.mean(axis=0)) ** 2).sum(axis=0)


def around_medians(ab: np.ndarray, groups: np.ndarray) -> list[float]:
    """Return what comes out if medians stand for the means of the groups, of the whole, or of both."""
    inner = {middle: np.array([middle(ab[groups == g], axis=0) for g in groups]) for middle in (np.mean, np.median)}
    found = []
    for of_group, of_all in ((np.median, np.mean), (np.mean, np.median), (np.median, np.median)):
        whole = ((ab - of_all(ab, axis=0)) ** 2).sum()
        within, apart = ((ab - inner[of_group]) ** 2).sum(), ((inner[of_group] - of_all(ab, axis=0)) ** 2).sum()
        found += [1 - within / whole, apart / whole]
    return found


def other_parts(ab: np.ndarray, groups: np.ndarray) -> list[tuple[float, str]]:
    """Return what comes out if something else than squared distances from means is added up, and what to say of it."""
    inside, outside = ab - np.array([ab[groups == g].mean(axis=0) for g in groups]), ab - ab.mean(axis=0)
    spreads = sum(np.mean(groups == g) * ab[groups == g].std(axis=0).sum() for g in np.unique(groups))
    heaps = sum(np.mean(groups == g) * ab[groups == g].var() for g in np.unique(groups))
    unsquared = "Distances are added up as they are. Variances are means of squares: square each one first."
    one = "That is the part of one channel. The variance of a and that of b are added."
    return [
        (1 - np.abs(inside).sum() / np.abs(outside).sum(), unsquared),
        (1 - np.hypot(*inside.T).sum() / np.hypot(*outside.T).sum(), unsquared),
        (
            1 - spreads / ab.std(axis=0).sum(),
            "These are standard deviations. Add up variances: squares, without a root.",
        ),
        (1 - heaps / ab.var(), "a and b are thrown into one heap: each has a mean of its own, along axis 0."),
        (1 - (inside[:, 0] ** 2).sum() / (outside[:, 0] ** 2).sum(), one),
        (1 - (inside[:, 1] ** 2).sum() / (outside[:, 1] ** 2).sum(), one),
        (1 - (inside**2).sum() / (ab**2).sum(), "The whole is measured from 0. A variance is measured from the mean."),
    ]


@check
def explained(function: Any) -> str:
    """Check the part of the variance of a and b that lies between groups, on groups of unequal size."""
    rng = np.random.default_rng(0)
    groups = rng.permutation(np.repeat([2, 5, 11], [300, 60, 15]))
    centers = {2: (0, 0), 5: (12, 3), 11: (-20, -2)}
    ab = np.array([centers[g] for g in groups.tolist()]) + rng.exponential([6, 2], (len(groups), 2))
    ab[groups == 11] += rng.exponential(20, (15, 2))  # long tails on one side: medians lie elsewhere than means
    found = float(numbers(result_of(function, ab, groups), (), "the part"))
    apart, total = between(ab, groups)
    part = apart.sum() / total.sum()
    spreads = np.mean([ab[groups == g].var(axis=0).sum() for g in (2, 5, 11)])
    if alike(found, 1 - part):
        raise Hint("That is the part within the groups. The part between them is what is left of 1.")
    if alike(found, 1 - spreads / ab.var(axis=0).sum()):
        raise Hint("Each group's variance counts the same here. Weigh it by the number of its pixels.")
    if alike(found, (apart / total).mean()):
        raise Hint("These are the parts of a and of b, averaged. Add the variances of a and b first, then divide.")
    if alike(found, math.sqrt(part)):
        raise Hint("This is a ratio of standard deviations: don't take the root.")
    if any(alike(found, other) for other in around_medians(ab, groups)):
        raise Hint("The distances are taken from medians. A variance is the mean squared distance from the mean.")
    for other, why in other_parts(ab, groups):
        if alike(found, other):
            raise Hint(why)
    inside = {g: ((ab[groups == g] - ab[groups == g].mean(axis=0)) ** 2).sum() for g in (2, 5, 11)}
    if any(alike(found, 1 - sum(inside[g] for g in some) / total.sum()) for some in ((2,), (2, 5), (5, 11))):
        raise Hint(
            "The labels were 2, 5 and 11, and some were passed over. np.unique(groups) gives those that there are."
        )
    if alike(found, 100 * part):
        raise Hint("That is a percentage. Give a part of 1: .25, not 25.")
    if not 0 <= found <= 1:
        raise Hint(
            f"Found {found:.2f}: a part lies between 0 and 1, so no percentages. Does each group weigh as much as it "
            "has pixels, and do the groups add up to the whole?"
        )
    if not close(found, part, 0.005):
        raise Hint(
            f"Found {found:.2f} where {part:.2f} is right. Sum squared distances to the group's mean, over all pixels."
        )
    four = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 6.0], [2.0, 6.0]])
    also(function, four, np.array([7, 7, 3, 3]), gives=0.9)
    also(function, four, np.array([1, 2, 1, 2]), gives=0.1)
    return "Beside as many shuffled groups this number means something; beside more groups it doesn't."


@check
def runs(answer: Any) -> str:
    """Check a plan of runs (photographs, epochs, seed) that asks whether more photographs help."""
    plan = whole(listed(answer), (None, 3), "the runs")
    if (plan[:, :2] < 1).any():
        raise Hint("Photographs, epochs and seeds are whole numbers; photographs and epochs, 1 or more.")
    steps, seeds = {}, defaultdict(list)
    for photographs, epochs, seed in plan.tolist():
        steps[photographs, epochs] = math.ceil(photographs / BATCH) * epochs
        seeds[photographs].append(seed)
    if max(seeds) != ALL:
        raise Hint(f"The largest number of photographs is {max(seeds):,}; go up to {ALL:,}, which is all there are.")
    if min(seeds) > SMALL:
        raise Hint(f"The smallest number of photographs is {min(seeds):,}; at most {SMALL} are asked for.")
    if len(seeds) < FEWEST_SIZES:
        raise Hint(f"Only {len(seeds)} numbers of photographs: a third shows whether the effect goes on or levels off.")
    if max(steps.values()) > (1 + 2 * WITHIN) * min(steps.values()):
        raise Hint(
            f"The runs take from {min(steps.values()):,} to {max(steps.values()):,} steps, and so differ in more "
            f"than data. An epoch of {SMALL} photographs has {SMALL // BATCH} steps; how many has one of {ALL:,}?"
        )
    if min(steps.values()) < FEWEST_STEPS:
        raise Hint(f"A run of {min(steps.values()):,} steps is short; take {FEWEST_STEPS:,} or more.")
    for photographs, used in seeds.items():
        if len(used) > len(set(used)):
            if len(set(used)) == 1:
                raise Hint(
                    f"With {photographs:,} photographs each run has seed {used[0]}: one run, {len(used)} times over."
                )
            twice = max(used, key=used.count)
            raise Hint(f"With {photographs:,} photographs seed {twice} is used twice: that is the same run again.")
        if len(set(used)) < FEWEST_SEEDS:
            raise Hint(f"With {photographs:,} photographs only seeds {sorted(used)}. How far apart do equal runs lie?")
    total = sum(math.ceil(n / BATCH) * epochs for n, epochs, _ in plan.tolist())
    if total > MOST_STEPS:
        raise Hint(f"The plan takes {total:,} steps; {MOST_STEPS:,} are there. Where can runs be shorter?")
    return f"{len(plan)} runs, {total:,} steps, and nothing differs but the photographs and the seed."

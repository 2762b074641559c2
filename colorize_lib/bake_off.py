"""The bake-off: ranks, how far they agree, and the rule that chooses a system for a purpose (taught in chapter 26).

A rule compares systems on the same photographs, pair by pair. It was written before the systems were compared on the
sample and on the plates; the test numbers of most of them had been seen by then.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from colorize_lib import results, two_samples
from colorize_lib.schema import Interval

# More is better of these; of all other measures less is.
MORE = ("psnr", "psnr_pooled", "ssim", "auc", "auc_rebalanced")
WHOLE_SETS = ("kid", "kid_matched")  # whose values are the parts of a jackknife
SITTING = "pretrained"  # the default when the rule was written, which stays if nothing is clearly better

Values = Mapping[str, np.ndarray]  # by system: one number a photograph


def ranks(values: Mapping[str, float], more: bool = False) -> dict[str, int]:
    """Return the rank of each system, 1 for the best; `more` says that more is better. Defined in chapter 26."""
    ordered = sorted(values, key=lambda name: values[name], reverse=more)
    return {name: rank for rank, name in enumerate(ordered, 1)}


def kendall(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    """Return Kendall's tau of two ranks: 1 if all pairs of systems stand alike in both, -1 if none do.

    No two systems may share a rank. Defined in chapter 26.
    """
    signs = [np.sign((first[a] - first[b]) * (second[a] - second[b])) for a, b in combinations(first, 2)]
    return float(np.mean(signs))


def difference(values: Values, name: str, other: str, measure: str) -> Interval:
    """Return by how much `name` is above `other` on the same photographs: mean, and 95 % interval.

    Defined in chapter 26.
    """
    gap = values[name] - values[other]
    return two_samples.jackknife(gap) if measure in WHOLE_SETS else results.mean_and_interval(gap)


def equals(values: Values, measure: str, names: Iterable[str]) -> list[str]:
    """Return the best of `names` by the mean of `measure`, and behind it those that are not clearly worse, by rank.

    Clearly worse is a system whose difference from the best, photograph by photograph, has an interval without 0.
    Defined in chapter 26.
    """
    sign = -1 if measure in MORE else 1
    order = sorted(names, key=lambda name: sign * float(values[name].mean()))
    gaps = {name: difference(values, name, order[0], measure) for name in order[1:]}
    return order[:1] + [name for name, one in gaps.items() if one["low"] <= 0 <= one["high"]]


def no_worse(values: Values, names: Iterable[str], other: str, measure: str = "ciede2000") -> list[str]:
    """Return those of `names` that are not shown to be worse than `other` by a measure of which less is better.

    The interval of the difference begins at 0 or below. This doesn't show that they are as good: the interval may be
    wide. Defined in chapter 26.
    """
    return [name for name in names if name == other or difference(values, name, other, measure)["low"] <= 0]


@dataclass(frozen=True)
class Purpose:
    """What somebody wants of a system, as a rule: the least (or most) of one measure among those that are admitted."""

    wish: str
    measure: str
    # Names of sets of photographs on which a system must not be worse than `than` by CIEDE2000.
    no_worse_on: tuple[str, ...] = ()
    than: str = "pretrained_scaled"
    colorfulness: tuple[float, float] = (0.0, np.inf)  # the means' ratio to the truth's, from and to
    ahead_of: str = ""  # a system that has to be beaten by CIEDE2000, interval clear of 0


PURPOSES = {
    "to look at": Purpose("a photograph for people to look at", "kid", no_worse_on=("test", "sample", "plates")),
    "near the truth": Purpose("colors as near to the true ones as can be", "ciede2000"),
    "decibels": Purpose("a high PSNR", "psnr"),
    "vivid": Purpose("colors as strong as those of photographs", "ciede2000", colorfulness=(0.85, 1.15)),
    "small": Purpose("as few numbers as can be, and nearer to the truth than gray", "parameters", ahead_of="gray"),
}


@dataclass(frozen=True)
class Measured:
    """What a rule reads: `values` by measure and system, `sets` of CIEDE2000 by set and system, and single numbers."""

    values: Mapping[str, Values]
    sets: Mapping[str, Values]
    parameters: Mapping[str, int]
    colorfulness: Mapping[str, float]

    def admitted(self, purpose: Purpose, names: Sequence[str]) -> list[str]:
        """Return those of `names` that fulfil every condition of a purpose."""
        low, high = purpose.colorfulness
        found = [name for name in names if low <= self.colorfulness[name] <= high]
        for one in purpose.no_worse_on:
            found = no_worse(self.sets[one], found, purpose.than)
        if purpose.ahead_of:
            test = self.sets["test"]
            gaps = {name: difference(test, name, purpose.ahead_of, "ciede2000") for name in found}
            found = [name for name, one in gaps.items() if one["high"] < 0]
        return found

    def choose(self, purpose: Purpose, names: Sequence[str], sitting: str = SITTING) -> list[str]:
        """Return the system that the rule names, and behind it those that are not clearly worse.

        Of systems that are not clearly apart the `sitting` one stays, because a change without a reason helps nobody;
        without it, the one with the fewest parameters is named, and of equally large ones the better. Where the fewest
        parameters are the wish, CIEDE2000 decides between those that have equally many.
        """
        found = self.admitted(purpose, names)
        if purpose.measure == "parameters":
            least = min(self.parameters[name] for name in found)
            of_size = [name for name in found if self.parameters[name] == least]
            return equals(self.values["ciede2000"], "ciede2000", of_size)
        alike = equals(self.values[purpose.measure], purpose.measure, found)
        named = sitting if sitting in alike else min(alike, key=lambda name: self.parameters[name])
        return [named] + [name for name in alike if name != named]


def condition(purpose: Purpose) -> str:
    """Return in words which systems a purpose admits."""
    low, high = purpose.colorfulness
    said = []
    if purpose.no_worse_on:
        said.append(f"not shown to be worse than {purpose.than} in CIEDE2000 on {', '.join(purpose.no_worse_on)}")
    if low > 0:
        said.append(f"{low:.0%} to {high:.0%} of the truth's colorfulness")
    if purpose.ahead_of:
        said.append(f"better than {purpose.ahead_of} in CIEDE2000")
    return "; ".join(said) or "all"

"""Turing: the answers to the color Turing test, counted (taught in chapter 10).

A person sees pairs of one photograph, once with its own colors and once with those of a
network, and says which is the fake. Where they choose the real one, they are fooled. The
protocol follows Zhang et al. 2016. `turing.files` reads the answers.
"""

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

FORMS = {"short": {"practice": 4, "test": 12, "catch": 1}, "long": {"practice": 8, "test": 36, "catch": 4}}
SIDES = ("left", "right")
SHOWN = 1.0  # seconds that a pair is seen, as published
Z = 1.959964  # of a standard normal variable, 95 % lie within this many standard deviations
FEWEST = 3  # people from which on an interval over people means anything


@dataclass(frozen=True)
class Trial:
    """One pair: what was shown, and what was chosen as the fake (None: no answer in time)."""

    part: str  # practice, test or catch
    photograph: str
    fake: str  # left or right
    chosen: str | None = None
    seconds: float | None = None

    @property
    def fooled(self) -> bool:
        """Whether the real photograph was taken for the fake."""
        return self.chosen not in (None, self.fake)


@dataclass(frozen=True)
class Answers:
    """The answers of one person."""

    name: str  # the file's, without its ending
    model: str
    form: str
    trials: tuple[Trial, ...]
    shown: float | None = SHOWN  # seconds that each pair was seen; None: until the answer

    @property
    def condition(self) -> str:
        """What was measured: the model, and how long pairs were seen where that isn't as published."""
        if self.shown == SHOWN:
            return self.model
        return f"{self.model}, " + ("no time limit" if self.shown is None else f"{self.shown:g} s")

    @property
    def answered(self) -> list[Trial]:
        """The test trials that have an answer: what rates are counted on."""
        return [trial for trial in self.trials if trial.part == "test" and trial.chosen]

    @property
    def fooled(self) -> int:
        """In how many of them the person was fooled."""
        return sum(trial.fooled for trial in self.answered)

    @property
    def catches(self) -> tuple[int, int]:
        """Catch trials passed, and how many there were; no answer is no pass."""
        catch = [trial for trial in self.trials if trial.part == "catch"]
        return sum(trial.chosen == trial.fake for trial in catch), len(catch)

    @property
    def attentive(self) -> bool:
        """Whether at most a quarter of the catch trials was missed: one of four, or none of one."""
        passed, count = self.catches
        return 4 * (count - passed) <= count


def wilson(fooled: int, trials: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a rate, in [0, 1].

    With p = fooled / trials and n = trials, ``(p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)``
    (Wilson 1927). It supposes that the trials are independent. Defined in
    chapter 10.
    """
    if trials < 1 or not 0 <= fooled <= trials:
        raise ValueError(f"{fooled} of {trials} trials; expected at least one trial, and no more fooled than trials.")
    rate, extra = fooled / trials, Z**2 / trials
    middle, reach = (rate + extra / 2) / (1 + extra), half_width(rate, trials)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def half_width(rate: float, trials: int) -> float:
    """Return how far Wilson's 95 % interval reaches to either side of its middle."""
    extra = Z**2 / trials
    return Z * math.sqrt(rate * (1 - rate) / trials + extra / (4 * trials)) / (1 + extra)


def trials_needed(reach: float, rate: float = 0.5) -> int:
    """Return how many trials make Wilson's interval around `rate` reach `reach` to either side, or less."""
    if not 0 < reach < 0.5 or not 0 <= rate <= 1:
        raise ValueError(f"half width {reach}, rate {rate}; expected above 0 and below .5, and from 0 to 1.")
    return 1 + bisect.bisect_left(range(1, 10**12), True, key=lambda trials: half_width(rate, trials) <= reach)


def pooled(answers: Sequence[tuple[int, int]], seed: int = 0, repeats: int = 2000) -> tuple[float, float]:
    """Return a 95 % interval of the rate of several people, given (fooled, trials) of each.

    The answers of one person belong together: who knows the buildings, knows them in every
    trial. From three people on, people are drawn with replacement (bootstrap), all their
    trials with them; the interval is never narrower than Wilson's, to which fewer people and
    equal ones would shrink it. For fewer people it is Wilson's.
    """
    counts = np.array(answers)
    low, high = wilson(*map(int, counts.sum(axis=0)))
    if len(counts) < FEWEST:
        return low, high
    drawn = np.random.default_rng(seed).integers(len(counts), size=(repeats, len(counts)))
    fooled, trials = counts[drawn].sum(axis=1).T
    over_people = np.percentile(fooled / trials, [2.5, 97.5])
    return min(low, float(over_people[0])), max(high, float(over_people[1]))


def table(answers: Sequence[Answers]) -> "pd.DataFrame":
    """Return the class's table: a row a person, and for each condition a row of all and one of the attentive.

    Answers under another time limit are another measurement and get rows of their own.
    """
    import pandas as pd

    rows = [_row(one.name, [one]) for one in answers]
    for condition in sorted({one.condition for one in answers}):
        everyone = [one for one in answers if one.condition == condition]
        attentive = [one for one in everyone if one.attentive]
        rows.append(_row(f"all of {condition}", everyone))
        if len(attentive) < len(everyone):
            rows.append(_row(f"attentive only, {condition}", attentive))
    return pd.DataFrame(rows).set_index("person")


def _row(label: str, people: Sequence[Answers]) -> dict[str, Any]:
    """Return one row of the table; people who answered nothing can't be counted."""
    counts = [(one.fooled, len(one.answered)) for one in people if one.answered]
    fooled, trials = (sum(values) for values in zip(*counts, strict=True)) if counts else (0, 0)
    low, high = pooled(counts) if counts else (math.nan, math.nan)
    passed, catches = (
        (sum(values) for values in zip(*(one.catches for one in people), strict=True)) if people else (0, 0)
    )
    return {
        "person": label,
        "model": ", ".join(sorted({one.condition for one in people})),
        "people": len(people),
        "trials": trials,
        "fooled": fooled,
        "rate, %": round(100 * fooled / trials, 1) if trials else math.nan,
        "95 % from": round(100 * low, 1),
        "to": round(100 * high, 1),
        "interval over": "people" if len(counts) >= FEWEST else "trials",
        "catch": f"{passed}/{catches}",
        "attentive": f"{sum(one.attentive for one in people)}/{len(people)}",
    }


def simulate(people: int, trials: int, rate: float, spread: float = 0.0, seed: int = 0) -> np.ndarray:
    """Return how often each of `people` would be fooled in `trials`, int [people]: for planning.

    Everyone has a rate of their own, drawn from the Beta distribution with mean `rate` and
    standard deviation `spread`.
    """
    if not 0 < rate < 1 or not 0 <= spread**2 < rate * (1 - rate):
        raise ValueError(
            f"rate {rate}, spread {spread}; expected a rate between 0 and 1, spread^2 below rate (1 - rate)."
        )
    rng = np.random.default_rng(seed)
    rates = np.full(people, rate)
    if spread:
        size = rate * (1 - rate) / spread**2 - 1
        rates = rng.beta(rate * size, (1 - rate) * size, people)
    return rng.binomial(trials, rates)


def simulated_answers(fooled: Sequence[int], form: str = "long", careless: int = 0, seed: int = 0) -> list[Answers]:
    """Return made-up answers, to learn reading a class's table: nobody gave them, and their model says so.

    The person at each place is fooled in as many test trials as `fooled` says and passes every catch trial,
    but for the last `careless` ones, who choose by coin in all of them.
    """
    rng = np.random.default_rng(seed)
    class_ = []
    for number, count in enumerate(fooled, 1):
        coin = number > len(fooled) - careless
        trials = []
        for part, pairs in FORMS[form].items():
            wrong = rng.permutation(pairs) < (count if part == "test" else 0)
            for i in range(pairs):
                fake = int(rng.integers(2))
                chosen = int(rng.integers(2)) if coin else fake ^ int(wrong[i])
                trials.append(Trial(part, f"{part}_{i + 1}.jpg", SIDES[fake], SIDES[chosen], 1.5))
        class_.append(Answers(f"simulated_{number:02}", "simulated", form, tuple(trials)))
    return class_

"""Checks for the exercises of chapter 10, plausibility."""

import math
from typing import Any

import numpy as np

from colorize_lib.exercises.verdict import (
    Hint,
    also,
    array_of,
    check,
    close,
    described,
    entries,
    not_exchanged,
    numbers,
    on_used_memory,
    result_of,
)
from colorize_lib.turing import Z

GREEN, COIN = (0.4, 0.2), (0.35, 0.5)  # part fooled and squared error of exercise 1's painters
NEAR = 0.0055  # half a hundredth, and what rounding adds
NEAR_ODDS = 0.0015
PRACTICE, SECONDS_A_PAIR, MOST_SECONDS = 8, 6, 300
MOST_PEOPLE, LEFT_OUT = 25, 2
RATE, SPREAD, REACH = 0.3, 0.12, 0.07
COIN_PASSES, SLIP, LOOKER_PASSES = 0.05, 0.05, 0.90
STEPS = 20
FOUR_PEOPLE = (
    0.7,
    0.95,
)  # how wide the interval of four is, one of whom is always fooled: three or five give 0.67, 0.6
DEALT = 400  # pixels for each of four known ones; dealt out, each comes so often, and drawn hardly ever


def part(answer: Any, what: str) -> float:
    """Return a part of 1; percentages get a hint."""
    value = float(numbers(answer, (), what))
    if not 0 <= value <= 1:
        raise Hint(f"Expected {what} as a part of 1, between 0 and 1, found {value:g}.")
    return value


@check
def odds(always_green: Any, coin: Any) -> str:
    """Check how often two painters fool the best judge, and their squared errors."""
    green, tossed = numbers(always_green, (2,), "always_green"), numbers(coin, (2,), "coin")
    not_exchanged({"always_green": green, "coin": tossed}, {"always_green": GREEN, "coin": COIN}, NEAR)
    if close(green[::-1], GREEN, NEAR) or close(tossed[::-1], COIN, NEAR):
        raise Hint("The two numbers of a painter are exchanged: first the part fooled, then the squared error.")
    if max(green.max(), tossed.max()) > 1:
        raise Hint("Give parts of 1, not percentages: .25 for 25 %.")
    if max(green[0], tossed[0]) > 0.5 + NEAR:
        raise Hint("Nobody fools the best judge in more than half of the pairs: between two equal cars it is a guess.")
    if not close(green[0], 0.4, NEAR):
        raise Hint("Always green: how often are both cars green, and what can the judge do then? If one is blue?")
    if close(tossed[0], 0.5, NEAR):
        raise Hint(
            "The coin's blue cars are too many, and the judge knows it: of a green and a blue car, which is real?"
        )
    if close(tossed[0], 0.25, NEAR):
        raise Hint("The equal pairs are right. Of a green and a blue car the judge picks blue as painted: never wrong?")
    if not close(tossed[0], 0.35, NEAR):
        raise Hint(
            "The coin: list four pairs, (real, painted), with their odds. Where does the judge guess, where err?"
        )
    if close([green[1], tossed[1]], [0.04, 0.25], NEAR):
        raise Hint(
            "You have squared the odds. The distance is 1 where the colors differ, 0 where not; its square, too."
        )
    if not close([green[1], tossed[1]], [0.2, 0.5], NEAR):
        raise Hint("A squared error is 1 in a pair of different colors, and 0 otherwise. How often do they differ?")
    return "To paint by chance is not enough: the coin is further from the truth and fools less."


def pass_odds(catch: int, may_miss: int, miss: float) -> float:
    """Return how likely at most `may_miss` of `catch` trials are missed, each with odds `miss`."""
    return sum(math.comb(catch, k) * miss**k * (1 - miss) ** (catch - k) for k in range(may_miss + 1))


def three_digits(what: str, found: float, right: float) -> None:
    """Raise a Hint if an answer is right, but rounded to two digits after the point."""
    if close(found, right, NEAR) and not close(found, right, NEAR_ODDS):
        raise Hint(f"{what}: close, and perhaps rounded. Give three digits after the point.")


@check
def catch(rate: Any, passing: Any) -> str:
    """Check what catch trials leave of inattention."""
    reported, coins = part(rate, "rate"), part(passing, "passing")
    right = {"rate": (0.6 * 0.3 + 0.125 * 0.5) / 0.725, "passing": pass_odds(8, 2, 0.5)}
    not_exchanged({"rate": reported, "passing": coins}, right, NEAR)
    if close(reported, 0.38, NEAR_ODDS):
        raise Hint("That is the rate of everyone. Leave those out who fail the catch trials.")
    if close(reported, 0.30, NEAR_ODDS):
        raise Hint("That would be without any coin. Five of sixteen of them pass, and are counted.")
    if close(reported, 0.40, NEAR_ODDS):
        raise Hint("Coins and lookers are not equally many: weigh each rate by how many of them are counted.")
    three_digits("rate", reported, right["rate"])
    if not close(reported, right["rate"], NEAR_ODDS):
        raise Hint("Who is counted: .6 who looked, and 5/16 of .4 with a rate of one half. Divide by all counted.")
    if close(coins, 5 / 32, NEAR_ODDS):
        raise Hint("Not half as many: list in how many of 256 ways eight coins show none, one or two misses.")
    if close(coins, (5 / 16) ** 2, NEAR_ODDS):
        raise Hint(
            "This asks for at most one miss in each half. Two misses in one half and none in the other pass, too."
        )
    if close(coins, 28 / 256, NEAR_ODDS):
        raise Hint("These miss exactly two. At most two may be missed.")
    three_digits("passing", coins, right["passing"])
    if not close(coins, right["passing"], NEAR_ODDS):
        raise Hint("Of 2^8 ways that eight coins can fall, count those with at most two misses.")
    return f"{pass_odds(8, 2, 0.5):.1%} of the coins pass eight catch trials, {pass_odds(4, 1, 0.5):.1%} pass four."


def drawn_people(fooled: np.ndarray, trials: np.ndarray, by_rate: bool = False) -> np.ndarray:
    """Return the ends of the bootstrap interval over people; `by_rate` takes the mean of their rates."""
    drawn = np.random.default_rng(7).integers(len(fooled), size=(8000, len(fooled)))
    pooled, single = fooled[drawn].sum(axis=1) / trials[drawn].sum(axis=1), (fooled / trials)[drawn].mean(axis=1)
    return np.asarray(np.percentile(single if by_rate else pooled, [2.5, 97.5]))


@check
def people(function: Any) -> str:
    """Check a bootstrap over people on a class in which who answers less is fooled less."""
    trials = np.array([40] * 12 + [8] * 8)
    rates = np.concatenate([np.linspace(0.3, 0.7, 12), np.linspace(0, 0.5, 8)])
    fooled = np.rint(rates * trials).astype(int)
    low, high = found = numbers(result_of(function, fooled, trials), (2,), "the interval")
    expected = drawn_people(fooled, trials)
    wide = expected[1] - expected[0]
    if high > 1:
        raise Hint("Return rates in [0, 1], not percentages or counts.")
    overall, error = fooled.sum() / trials.sum(), wide / (2 * Z)
    if close(found, [overall, error], 0.3 * error) or close(found, [overall, Z * error], 0.3 * error):
        raise Hint("That is the middle, and how far the rates of drawn classes spread. Asked for are the two ends.")
    if high < low:
        raise Hint("The lower end comes first.")
    if high - low < 1e-9:
        raise Hint(
            "All rates that you draw are the same. Draw with replacement, some people twice, others not at all, and "
            "make the random generator once, before the loop: one made anew from a seed draws the same people again."
        )
    if close(found, np.percentile(fooled / trials, [2.5, 97.5]), 0.02):
        raise Hint("That is how far single people lie apart. Draw whole classes, and take a rate of each.")
    if high - low > 1.5 * wide:
        raise Hint(
            "Too wide. Does each class drawn have as many people as the real one? Are fooled and trials of the same "
            "people? Is there one rate a class, all its fooled answers over all its own?"
        )
    if close(found, drawn_people(fooled, trials, by_rate=True), 0.065 * wide):
        raise Hint("Everyone's rate counts the same here. Who has 40 answers counts more: add up first, then divide.")
    if close(found, [overall - error, overall + error], 0.12 * error):
        raise Hint(f"One standard error to either side holds two classes in three. For 95 % it is {Z:.2f} of them.")
    if close(high - low, 2 * Z * np.sqrt(overall * (1 - overall) / trials.sum()), 0.1 * wide):
        raise Hint("This is as narrow as if all trials were independent. Draw people, each with all their trials.")
    if not close(found, expected, 0.065 * wide):
        raise Hint(
            f"Expected about {expected[0]:.2f} to {expected[1]:.2f} for a class of twenty, found {low:.2f} to "
            f"{high:.2f}. Are twenty people drawn, fooled and trials of the same ones? Percentiles 2.5 and 97.5?"
        )
    also(function, [3, 3, 3, 3], [10] * 4, gives=[0.3, 0.3])
    low, high = numbers(result_of(function, [0, 0, 0, 10, 10, 10], [10] * 6), (2,), "the interval of six people")
    if low >= 0.2 or high <= 0.8:
        raise Hint(f"Three people of six always fooled, three never: found {low:.2f} to {high:.2f}, which is too sure.")
    for place, who in ((0, "first"), (3, "last")):
        fooled = [0, 0, 0, 0]
        fooled[place] = 10
        low, high = numbers(result_of(function, fooled, [10] * 4), (2,), "the interval of four people")
        if not FOUR_PEOPLE[0] <= high - low <= FOUR_PEOPLE[1]:
            raise Hint(
                f"Of four people only the {who} one is fooled, in each trial: found {low:.2f} to {high:.2f}, about 0 "
                "to 0.75 is right. Are four people drawn, and can each of the four be drawn?"
            )
    return "It grows when people differ, which an interval over trials can't."


def painted_world() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return L to paint, and L and ab of known pixels; a tells the step and which of its four colors b must be, too."""
    rng = np.random.default_rng(3)
    known_L = np.concatenate([rng.uniform(0, 100, 6000), [0, 100]])
    step = np.minimum(known_L // 5, STEPS - 1).astype(int)
    which = rng.choice(4, len(known_L), p=[0.6, 0.2, 0.1, 0.1])
    known_ab = np.stack([4 * step + which - 40, 10 * which - step], axis=-1) + 0.25  # no whole numbers: rounding shows
    return np.concatenate([rng.uniform(0, 100, 2000), [0, 100]]), known_L, known_ab


@check
def painters(function: Any) -> str:
    """Check a painter who draws the color of a known pixel of the same brightness."""
    L, known_L, known_ab = painted_world()
    what = f"the colors of {len(L)} pixels"
    step, known_step = steps_of(L), steps_of(known_L)
    found = array_of(result_of(on_used_memory(function, (len(L), 2)), L, known_L, known_ab), what, float)
    means = np.array([known_ab[known_step == s].mean(axis=0) for s in range(STEPS)])
    known = {tuple(pair): s for pair, s in zip(known_ab.tolist(), known_step.tolist(), strict=True)}
    of_step = np.array([known.get(tuple(pair), -1) for pair in found.tolist()]) if found.shape == (len(L), 2) else step
    never = [s for s in range(STEPS) if (of_step[step == s] < 0).all()]
    if 0 < len(never) < STEPS / 2:
        raise Hint(
            f"Pixels of step {', '.join(map(str, never))} get no color of a known pixel, and all others do. The "
            f"{STEPS} steps go from 0 to {STEPS - 1}: is each of them painted?"
        )
    found = numbers(found, (len(L), 2), what)
    if close(found, means[step], 0.05):
        raise Hint("Each pixel gets the mean of its step, a color that no known pixel has. Draw one of those known.")
    if all(len(np.unique(found[step == s], axis=0)) == 1 for s in range(STEPS)):
        raise Hint("All pixels of a step get one color. Draw anew for each pixel.")
    if (of_step < 0).any():
        single = all(np.isin(found[:, i], known_ab[:, i]).all() for i in (0, 1))
        why = "a and b each occur: draw both from the same pixel." if single else "Take the known values as they are."
        raise Hint(f"{np.mean(of_step < 0):.0%} of the painted colors belong to no known pixel. {why}")
    if (of_step != step).any():
        wrong = int((of_step != step).sum())
        raise Hint(f"{wrong:,} of {len(L):,} colors come from pixels of another step of brightness.")
    often = np.mean(np.floor(found[:, 0] + 40) % 4 == 0)
    if not close(often, 0.6, 0.05):
        raise Hint(
            f"A color that 60 % of the known pixels have is painted in {often:.0%}. Draw pixels, not distinct colors."
        )
    drawn_anew(function)
    return "Each color is a real one at this brightness. Now look at the picture: are they together?"


def steps_of(L: np.ndarray) -> np.ndarray:
    """Return in which step of brightness each L lies."""
    return np.minimum(L // (100 / STEPS), STEPS - 1).astype(int)


def drawn_anew(function: Any) -> None:
    """Raise a Hint if the colors of four known pixels are dealt out in turn, or each is taken only so many times."""
    four = np.array([[0.0, 8.0], [1.0, 6.0], [2.0, 4.0], [3.0, 2.0]])
    try:
        found = numbers(result_of(function, np.full(4 * DEALT, 51.0), np.full(4, 52.0), four), (4 * DEALT, 2), "colors")
    except Hint:
        raise Hint(
            f"It fails where more pixels are to be painted, {4 * DEALT:,}, than are known, 4. Draw with replacement: a "
            "known pixel may be drawn again and again."
        ) from None
    times = np.bincount(np.clip(found[:, 0], 0, 3).astype(int), minlength=4)
    if np.abs(times - DEALT).max() > DEALT / 4:
        raise Hint(
            f"Of four known pixels of one step, the first is drawn {times[0]:,} times, the others {times[1]:,}, "
            f"{times[2]:,} and {times[3]:,}. Each should be as likely as the others: which positions can be drawn?"
        )
    if np.abs(times - DEALT).max() <= 1 or (np.diff(found[:, 0]) != 0).all():
        raise Hint(
            f"{4 * DEALT:,} pixels get the colors of four known ones in turn, {times.tolist()} times each. Draw for "
            "each pixel anew, whatever the others got."
        )


def reach_of(people_counted: int, pairs: int, both: bool) -> float:
    """Return how far the 95 % interval of the difference between two rates reaches."""
    m = people_counted if both else people_counted / 2
    shared = 0.0 if both else SPREAD**2 / m
    return Z * math.sqrt(2 * (shared + (RATE * (1 - RATE) - SPREAD**2) / (m * pairs)))


@check
def plan(answer: Any) -> str:
    """Check the plan of a class's color Turing test."""
    wanted = ("people", "pairs", "catch", "may_miss", "both")
    answer = entries(answer, wanted)
    counts = [float(numbers(answer[key], (), key)) for key in wanted[:4]]
    if any(not value.is_integer() or value < 0 for value in counts) or min(counts[:2]) < 1:
        raise Hint(
            "People, pairs, catch trials and those that may be missed are whole numbers; people and pairs, 1 or more."
        )
    if not isinstance(answer["both"], bool | np.bool_):
        raise Hint(f"Expected True or False for both, found {described(answer['both'])}.")
    present, pairs, trials, may_miss = map(int, counts)
    if may_miss > trials:
        raise Hint(f"{may_miss:g} of {trials} catch trials can't be missed.")
    both = bool(answer["both"])
    if not LEFT_OUT < present <= MOST_PEOPLE:
        raise Hint(f"At most {MOST_PEOPLE} people, and more than the {LEFT_OUT} who are left out; found {present}.")
    seconds = SECONDS_A_PAIR * (PRACTICE + trials + pairs * (2 if both else 1))
    if seconds > MOST_SECONDS:
        raise Hint(
            f"This takes each person {seconds} seconds, practice and catch trials included; {MOST_SECONDS} are there."
        )
    coin, looker = pass_odds(trials, may_miss, 0.5), pass_odds(trials, may_miss, SLIP)
    if coin > COIN_PASSES:
        raise Hint(f"{coin:.1%} of those who toss coins pass these catch trials; at most {COIN_PASSES:.0%} may.")
    if looker < LOOKER_PASSES:
        enough = "one slip is" if may_miss == 0 else f"{may_miss + 1} slips are"
        raise Hint(
            f"Only {looker:.1%} of those who look pass, because {enough} enough to fail; at least {LOOKER_PASSES:.0%} "
            "should."
        )
    reach = reach_of(present - LEFT_OUT, pairs, both)
    if reach > REACH:
        why = (
            "Would more pairs fit?"
            if both
            else "People differ, and half of them saw each network: what would cancel that?"
        )
        raise Hint(
            f"The interval of the difference reaches {100 * reach:.1f} points to either side; {100 * REACH:.0f} are "
            f"asked for. {why}"
        )
    passing = f"{coin:.1%} of the coins pass, and {looker:.1%} of those who look"
    return f"{100 * reach:.1f} points to either side, {seconds} seconds a person; {passing}."

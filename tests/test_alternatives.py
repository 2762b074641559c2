"""Three ways to color one photograph: tilted odds, places that are undecided, hints that each side asks for."""

import numpy as np
import pytest

from colorize_lib import alternatives, hints
from colorize_lib.networks import color_odds

COLORS = color_odds.colors().ab


def scores_of(*colors, height=3, width=4):
    """Return scores by which all these colors have the same odds at each place, and others nearly none."""
    scores = np.full((height, width, len(COLORS)), -30, "float32")
    for ab in colors:
        scores[..., ((COLORS - ab) ** 2).sum(axis=-1).argmin()] = 0
    return scores


def test_a_place_that_knows_its_color_keeps_it_and_an_undecided_one_moves():
    known, undecided = scores_of((20, 30))[0, 0], scores_of((20, 30), (0, -40))[0, 0]
    for degrees in alternatives.SIDES.values():
        np.testing.assert_allclose(alternatives.tilted_mean(known, degrees), [20, 30], atol=1e-3)
    warm, blue = (alternatives.tilted_mean(undecided, degrees) for degrees in (45, 270))
    odds = np.exp(0.035 * np.array([50 / np.sqrt(2), -40 / np.sqrt(2)]))
    np.testing.assert_allclose(warm, odds / odds.sum() @ [[20, 30], [0, -40]], atol=1e-3)
    assert warm[1] > 20
    assert blue[1] < -25


def test_places_come_where_the_odds_are_undecided_and_apart():
    L, ab = np.full((64, 64), 50, "float32"), np.zeros((64, 64, 2), "float32")
    scores = scores_of((20, 30), height=16, width=16)
    scores[4, 3:5] = scores_of((20, 30), (0, -40))[0, 0]
    scores[12, 14] = scores_of((20, 30), (10, 30))[0, 0] - [[0]]
    scores[12, 14, 0] = 0.1
    first, second, *rest = alternatives.places(L, ab, scores)
    assert first == (12, 14)
    assert second in {(4, 3), (4, 4)}
    assert len(rest) == alternatives.PLACES - 2


def test_each_side_asks_for_colors_that_differ_at_the_same_places():
    rng = np.random.default_rng(0)
    L = rng.uniform(40, 60, (32, 48)).astype("float32")
    ab = rng.uniform(-5, 5, (32, 48, 2)).astype("float32")
    found = alternatives.alternatives(L, ab, rng.normal(0, 1, (8, 12, len(COLORS))))
    for asked in found.values():
        assert [(one.x, one.y) for one in asked] == [(one.x, one.y) for one in found["warmer"]]
        rows, columns = zip(*(one.pixel(32, 48) for one in asked), strict=True)
        assert {row % 4 for row in rows} == {column % 4 for column in columns} == {2}
    means = {side: hints.follow(L, ab, asked).mean(axis=(0, 1)) for side, asked in found.items()}
    assert means["warmer"][0] > means["bluer"][0] > means["greener"][0]
    assert means["bluer"][1] < min(means["warmer"][1], means["greener"][1]) - 5


def test_likelihood_is_the_mean_log_odds_of_the_nearest_colors():
    scores = scores_of((20, 30), (0, -40))
    picture = np.broadcast_to(np.float32([19, 28]), (12, 16, 2))
    assert alternatives.likelihood(picture, scores) == pytest.approx(np.log(0.5), abs=1e-4)
    assert alternatives.likelihood(-picture, scores) < -20

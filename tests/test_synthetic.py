"""In the little worlds theory is right by brute force, and a small network learns what theory says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorize_lib import losses, synthetic
from colorize_lib.color import CHROMA_SCALE, fit_gamut
from colorize_lib.synthetic import World, draw, expected, huber, learn, mean, quantiles, rewarded, stripes

ODDS, GRAYS = (0.6, 0.7, 0.9), (0.5, 0.6, 0.7)
BAR = 0.02  # of the scale of the network, or of probability
COSTS = {
    "l2": np.square,
    "l1": np.abs,
    "huber": lambda e: np.where(abs(e) < 0.1, e**2 / 2, 0.1 * (abs(e) - 0.05)),
}
BEST = {"l2": mean, "l1": lambda world: quantiles(world)[0], "huber": huber}


@st.composite
def worlds(draw_from):
    """Two to five colors on a grid of hundredths, with odds in twentieths."""
    k = draw_from(st.integers(2, 5))
    cuts = sorted(draw_from(st.lists(st.integers(1, 19), min_size=k - 1, max_size=k - 1, unique=True)))
    odds = np.diff([0, *cuts, 20]) / 20
    number = st.integers(-60, 60)
    colors = draw_from(st.lists(st.tuples(number, number), min_size=k, max_size=k))
    return World(np.array(colors) / 100, odds)


@pytest.mark.parametrize("name", COSTS)
@given(world=worlds())
def test_no_answer_costs_less_than_the_theorys(name, world):
    grid = np.linspace(-0.7, 0.7, 281)
    tried = np.stack(np.meshgrid(grid, grid), axis=-1)
    best = expected(COSTS[name], world, BEST[name](world))
    assert best <= expected(COSTS[name], world, tried).min() + 1e-9


@given(worlds(), st.integers(1, 19))
def test_quantiles_are_the_best_answers_to_the_tilted_l1(world, part):
    """Between the lowest and the highest it costs the same, outside it costs more."""
    part = part / 20
    low, high = quantiles(world, part)

    def cost(answers):
        return expected(lambda e: np.where(e > 0, (1 - part) * e, -part * e), world, answers)

    inside = low + np.linspace(0, 1, 5)[:, None] * (high - low)
    np.testing.assert_allclose(cost(inside), cost(low), atol=1e-9)
    for channel in np.eye(2) / 200:
        assert cost(low - channel) > cost(low) + 1e-6
        assert cost(high + channel) > cost(low) + 1e-6


@pytest.mark.parametrize("part", [0, 1])
def test_a_quantile_that_nothing_bounds_is_refused(part):
    with pytest.raises(ValueError, match=f"part is {part}; expected more than 0 and less than 1"):
        quantiles(synthetic.two_colors(0.7), part)


@pytest.mark.parametrize("odds", ODDS)
def test_the_answers_by_hand(odds):
    world = synthetic.two_colors(odds)
    green, blue = np.array(synthetic.GREEN), np.array(synthetic.BLUE)
    np.testing.assert_allclose(mean(world), odds * green + (1 - odds) * blue)
    for median in quantiles(world):
        np.testing.assert_array_equal(median, green)
    # Huber's slope towards green is p (x - green) while it is short, that towards blue (1 - p) delta.
    step = np.sign(blue - green) * synthetic.DELTA * (1 - odds) / odds
    np.testing.assert_allclose(huber(world), green + step)


@given(worlds())
def test_hubers_answer_is_a_mean_with_far_colors_pulled_near(world):
    answer = huber(world)
    near = np.clip(world.colors, answer - synthetic.DELTA, answer + synthetic.DELTA)
    np.testing.assert_allclose(world.odds @ near, answer, atol=1e-9)


def test_hubers_answer_need_not_lie_between_median_and_mean():
    world = synthetic.three_colors()
    assert mean(world)[0] < quantiles(world)[1][0] < huber(world)[0]


def test_at_even_odds_l1_leaves_the_answer_open():
    low, high = quantiles(synthetic.two_colors(0.5))
    assert (high - low > 0.5).all()


def test_colors_are_equally_bright_and_inside_srgb():
    """`fit_gamut` leaves alone what sRGB can show."""
    ab = np.array([synthetic.GREEN, synthetic.BLUE, synthetic.RED]) * CHROMA_SCALE
    lab = np.concatenate([np.full((3, 1), 100 * synthetic.GRAY), ab], axis=1)
    np.testing.assert_allclose(fit_gamut(lab), lab)


@pytest.mark.parametrize(
    ("colors", "odds"),
    [([(0, 0), (1, 1)], [0.5, 0.6]), ([(0, 0), (1, 1)], [1.5, -0.5]), ([(0, 0)], [0.5, 0.5]), ([0, 1], [0.5, 0.5])],
)
def test_what_is_no_world_is_refused(colors, odds):
    with pytest.raises(ValueError, match="add up to 1"):
        World(np.array(colors), np.array(odds))


def test_draws_follow_the_odds_and_the_seed():
    both = [synthetic.two_colors(0.7, 0.4), synthetic.three_colors(gray=0.6)]
    gray, ab, which = draw(both, 20_000, seed=3)
    assert (gray.shape, ab.shape, which.shape) == ((20_000, 1, 2, 1), (20_000, 1, 2, 2), (20_000, 1, 2))
    assert gray.dtype == ab.dtype == np.float32
    for i, world in enumerate(both):
        assert np.unique(gray[:, 0, i]) == np.float32(world.gray)
        np.testing.assert_allclose(np.bincount(which[:, 0, i]) / 20_000, world.odds, atol=0.02)
        np.testing.assert_array_equal(ab[:, 0, i], np.asarray(world.colors, "float32")[which[:, 0, i]])
    assert abs(np.corrcoef(which[:, 0].T)[0, 1]) < 0.03  # one pixel does not tell of the other
    for drawn, same, other in zip((gray, ab, which), draw(both, 20_000, 3), draw(both, 20_000, 4), strict=True):
        np.testing.assert_array_equal(drawn, same)
        assert drawn is gray or not np.array_equal(drawn, other)


def test_what_a_loss_of_the_library_costs_is_expected():
    world = synthetic.three_colors()
    _, ab, _ = draw([world], 50_000, seed=0)
    answer = np.array([0.1, -0.2])
    for name, cost in COSTS.items():
        measured = losses.LOSSES[name](ab.astype("float64"), np.broadcast_to(answer, ab.shape))
        assert np.mean(measured) == pytest.approx(expected(cost, world, answer), abs=0.005)


def test_in_stripes_a_pixel_says_nothing_and_its_neighbors_all():
    gray, ab = stripes(4000, 6, 0.7, seed=0)
    green = ab[..., 0] == np.float32(synthetic.GREEN[0])
    for value in np.unique(gray):
        assert green[gray[..., 0] == value].mean() == pytest.approx(0.7, abs=0.02)
    upright = (gray[:, 0] == gray[:, 1]).all(axis=(1, 2))
    assert upright.mean() == pytest.approx(0.7, abs=0.02)
    assert set(gray[:, 0, 0].ravel()) == set(gray.ravel())  # nor does the place
    np.testing.assert_array_equal(green, np.broadcast_to(upright[:, None, None], green.shape))


@pytest.fixture(scope="module")
def drawn():
    """Three worlds, told apart by their gray, and pixels of each."""
    all_three = [synthetic.two_colors(odds, gray) for odds, gray in zip(ODDS, GRAYS, strict=True)]
    return all_three, *draw(all_three, 102_400, seed=0)


def test_theories_differ_by_more_than_the_bar():
    """Otherwise the next test could not tell one loss from another."""
    for odds in ODDS:
        answers = [best(synthetic.two_colors(odds)) for best in BEST.values()]
        pairs = [(0, 1), (0, 2), (1, 2)] if odds < 0.9 else [(0, 1), (0, 2)]  # Huber: .011 from the median there
        assert all(np.abs(answers[i] - answers[j]).max() > BAR for i, j in pairs)


@pytest.mark.parametrize("name", COSTS)
def test_a_network_learns_the_best_answer(drawn, name):
    all_three, gray, ab, _ = drawn
    learned = np.asarray(learn(losses.LOSSES[name], gray, ab)(gray[:1]))[0, 0]
    assert np.abs(learned - [BEST[name](world) for world in all_three]).max() < BAR


def test_a_network_learns_the_odds(drawn):
    import keras

    all_three, gray, _, which = drawn
    scores = learn(keras.losses.SparseCategoricalCrossentropy(from_logits=True), gray, which)(gray[:1])
    learned = np.asarray(keras.ops.softmax(scores))[0, 0]
    assert np.abs(learned - [world.odds for world in all_three]).max() < BAR


def test_a_reward_for_color_asks_for_a_higher_quantile():
    steps = np.stack([np.arange(5) / 10, np.zeros(5)], axis=1)
    odds = np.array([0.3, 0.25, 0.15, 0.15, 0.15])
    both = [World(steps, odds, 0.5), World(-steps, odds, 0.7)]
    gray, ab, _ = draw(both, 51_200, seed=0)
    learned = np.asarray(learn(lambda y, p: rewarded(y, p, 0.5), gray, ab)(gray[:1]))[0, 0]
    wanted = quantiles(both[0], 0.75)[0]
    np.testing.assert_allclose(wanted, [0.3, 0])
    assert np.abs(wanted - quantiles(both[0])[0]).max() > BAR
    assert np.abs(learned - [wanted, -wanted]).max() < BAR


def test_only_a_network_that_sees_the_neighbors_knows_the_stripes():
    gray, ab = stripes(8192, 8, 0.6, seed=0)
    new_gray, new_ab = stripes(200, 8, 0.6, seed=1)
    alone, around = (np.asarray(learn("mse", gray, ab, sees=n, batch_size=32)(new_gray)) for n in (1, 3))
    assert np.abs(alone - mean(synthetic.two_colors(0.6))).max() < BAR
    assert np.abs(around - new_ab).mean() < BAR

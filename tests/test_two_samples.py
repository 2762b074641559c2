"""Distances of sets: by their formulas, and each with the mistake that is made with it."""

import numpy as np
import pytest

from colorize_lib import two_samples

COUNT, WIDTH = 60, 8


def pairs(apart=0.0, noise=0.3, count=COUNT, width=WIDTH, seed=0):
    """Features of `count` photographs and of their colored forms: what a photograph shows, and a little of its own.

    With `apart` 0, both come from one distribution.
    """
    random = np.random.default_rng(seed)
    shows = random.normal(size=(count, width))
    truth, colored = (shows + noise * random.normal(size=(count, width)) for _ in range(2))
    return truth, colored + apart


def as_published(x, y):
    """KID as it is written for sets that have nothing to do with each other: i = j is left out within a set only."""
    count = len(x)
    inner = sum(two_samples.kernel(one, one).sum() - np.trace(two_samples.kernel(one, one)) for one in (x, y))
    return inner / (count * (count - 1)) - 2 * two_samples.kernel(x, y).mean()


def by_hand(x, y):
    """KID term by term."""

    def k(one, other):
        return (float(one @ other) / len(one) + 1) ** 3

    terms = [
        k(x[i], x[j]) + k(y[i], y[j]) - k(x[i], y[j]) - k(x[j], y[i])
        for i in range(len(x))
        for j in range(len(x))
        if i != j
    ]
    return np.mean(terms)


def test_kid_is_its_formula():
    truth, colored = pairs(0.5, count=7, width=3)
    assert two_samples.kid(truth, colored) == pytest.approx(by_hand(truth, colored))
    one, other = np.eye(2)
    assert two_samples.kernel(one[None], np.array([one, other])).tolist() == [[1.5**3, 1.0]]


def test_a_part_is_what_kid_without_the_photograph_leaves():
    truth, colored = pairs(0.5, count=9)
    parts = two_samples.kid_parts(truth, colored)
    for left_out in (0, 8):
        without = two_samples.kid(np.delete(truth, left_out, 0), np.delete(colored, left_out, 0))
        assert parts[left_out] == pytest.approx(9 * parts.mean() - 8 * without)


def test_the_usual_kid_of_paired_sets_is_below_0_and_ours_is_not():
    """Photographs are compared with their own colored forms there, which are alike."""
    drawn = [pairs(seed=seed) for seed in range(200)]
    usual, ours = (np.array([one(*sets) for sets in drawn]) for one in (as_published, two_samples.kid))
    error = ours.std() / len(ours) ** 0.5
    assert abs(ours.mean()) < 3 * error
    assert usual.mean() < -10 * error
    assert (usual < 0).mean() > 0.9


def test_kid_is_the_usual_one_where_the_sets_are_not_paired():
    apart = [pairs(0.5, seed=seed) for seed in range(400)]
    unpaired = [(apart[i][0], apart[i + 1][1]) for i in range(0, 400, 2)]
    ours, usual = ([one(*sets) for sets in unpaired] for one in (two_samples.kid, as_published))
    assert np.mean(ours) == pytest.approx(np.mean(usual), rel=0.02)


def test_the_interval_holds_the_distance_as_often_as_it_says():
    parts = [two_samples.kid_parts(*pairs(0.5, seed=seed)) for seed in range(300)]
    distance = np.mean([one.mean() for one in parts])
    held = [found["low"] < distance < found["high"] for found in map(two_samples.jackknife, parts)]
    assert 0.9 <= np.mean(held) <= 0.99


def test_a_bootstrap_that_compares_a_photograph_with_itself_is_too_high():
    truth, colored = pairs(0.5, noise=1.0)
    random = np.random.default_rng(1)
    draws = [random.integers(COUNT, size=COUNT) for _ in range(200)]
    naive = np.mean([two_samples.kid(truth[drawn], colored[drawn]) for drawn in draws])
    found = two_samples.jackknife(two_samples.kid_parts(truth, colored))
    assert found["mean"] == pytest.approx(two_samples.kid(truth, colored))
    assert naive > 1.2 * found["mean"]


def test_a_difference_of_two_systems_has_a_narrower_interval_than_each():
    truth, better = pairs(0.5)
    worse = better + 0.1
    parts = [two_samples.kid_parts(truth, one) for one in (worse, better)]
    gap = two_samples.jackknife(parts[0] - parts[1])
    assert gap["mean"] == pytest.approx(two_samples.kid(truth, worse) - two_samples.kid(truth, better))
    assert gap["low"] > 0
    single = two_samples.jackknife(parts[1])
    assert gap["high"] - gap["low"] < 0.7 * (single["high"] - single["low"])


def test_fid_is_its_formula():
    from scipy.linalg import sqrtm

    truth, colored = pairs(0.5)
    root = sqrtm(np.cov(truth.T) @ np.cov(colored.T)).real
    expected = ((truth.mean(0) - colored.mean(0)) ** 2).sum() + np.trace(np.cov(truth.T) + np.cov(colored.T) - 2 * root)
    assert two_samples.fid(truth, colored) == pytest.approx(expected)
    assert two_samples.fid(truth, truth) == pytest.approx(0, abs=1e-9)


def test_fid_falls_with_the_number_of_photographs_where_nothing_else_differs():
    truth, other = np.random.default_rng(0).normal(size=(2, 400, 64))
    found = two_samples.fid_by_count(truth, other, (50, 100, 200, 400))
    assert list(found) == ["50", "100", "200", "400"]
    assert (np.diff(list(found.values())) < 0).all()
    assert found["50"] > 4 * found["400"]


def test_what_is_alike_is_not_told_apart_and_what_differs_is():
    assert two_samples.told_apart(*pairs(count=200)).mean() == pytest.approx(0.5, abs=0.08)
    right = two_samples.told_apart(*pairs(2.0, count=200))
    assert right.mean() > 0.95
    assert set(right) <= {0, 0.5, 1}


def test_a_judge_who_has_seen_the_other_form_is_given_away(monkeypatch):
    """With the forms of one photograph on two sides, sets that are alike seem to be told apart: below one half."""
    truth, colored = pairs(noise=0.05, count=40, width=100)
    assert two_samples.told_apart(truth, colored).mean() == pytest.approx(0.5, abs=0.2)
    from sklearn.linear_model import LogisticRegression

    seen = np.random.default_rng(0).permutation(80)
    features, labels = np.concatenate([truth, colored]), np.repeat([0, 1], 40)
    judge = LogisticRegression().fit(features[seen[:60]], labels[seen[:60]])
    assert judge.score(features[seen[60:]], labels[seen[60:]]) < 0.2


@pytest.mark.parametrize("wrong", [np.zeros((4, 3)), np.zeros((5, 2)), np.zeros(5)])
def test_features_of_other_photographs_are_refused(wrong):
    with pytest.raises(ValueError, match=r"expected \[N, d\] of the same photographs"):
        two_samples.kid(np.zeros((5, 3)), wrong)

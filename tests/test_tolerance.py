"""The accuracy of pixels within a tolerance: what the file of chapter 23 holds, and that it is current."""

import numpy as np

from colorize_lib import auc, metrics, results, tolerance


def test_shares_have_intervals_and_what_is_paired_is_of_each_photograph():
    truth = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), np.uint8)
    painted = np.roll(truth, 1, axis=0)
    painted[2] = truth[2]  # one photograph is right
    found = tolerance.row(truth, painted)
    for percent in tolerance.PERCENTS:
        share = found[f"within_{percent}"]
        assert 1 / 3 <= share["mean"] < 0.5
        assert share["low"] < share["mean"] < share["high"]
    paired = tolerance.each(truth, painted)
    np.testing.assert_allclose(paired["psnr"], metrics.psnr(truth, painted), atol=1e-4)
    np.testing.assert_allclose(paired["ciede2000"], metrics.ciede2000(truth, painted), atol=1e-4)


def test_the_shipped_file_is_current_and_whole():
    found = results.measurement(tolerance.NAME)
    assert found["code"] == tolerance.code_version(), "run python -m colorize_lib.tolerance"
    assert list(found["test"]) == [*tolerance.ROWS, *map(auc.as_colorful_as, tolerance.GANS)]
    for name in tolerance.ROWS:
        stored = results.read(name)
        assert found["data"]["test"] == stored["data"]["fingerprint"]
        ratio = stored["metrics"]["colorfulness_ratio"]["mean"]
        np.testing.assert_allclose(found["test"][name]["colorfulness_ratio"], ratio, atol=1e-3)
    for name in tolerance.GANS:
        scaled = found["test"][auc.as_colorful_as(name)]
        assert abs(scaled["colorfulness_ratio"] - found["test"][name]["colorfulness_ratio"]) < 0.05  # of validation
        gap = tolerance.above_equally_colorful(name, "psnr")
        own = results.means(results.read(name))["psnr"]
        np.testing.assert_allclose(gap["mean"], own - np.mean(scaled["each"]["psnr"]), atol=1e-3)

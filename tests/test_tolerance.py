"""The accuracy of pixels within a tolerance: what the file of chapter 23 holds, and that it is current."""

import numpy as np

from colorize_lib import auc, metrics, provenance, results, tolerance


def test_a_row_holds_shares_and_what_is_paired():
    truth = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), np.uint8)
    painted = np.roll(truth, 1, axis=0)
    painted[2] = truth[2]  # one photograph is right
    found = tolerance.row(truth, painted)
    for percent in tolerance.PERCENTS:
        share = found[f"within_{percent}"]
        assert 1 / 3 <= share["mean"] < 0.5
        assert share["low"] < share["mean"] < share["high"]
    np.testing.assert_allclose(found["each"]["psnr"], metrics.psnr(truth, painted), atol=1e-4)
    np.testing.assert_allclose(found["each"]["ciede2000"], metrics.ciede2000(truth, painted), atol=1e-4)


def test_the_shipped_file_is_current_and_whole():
    found = results.measurement(tolerance.NAME)
    assert found["code"] == provenance.code_hash(metrics.pixel_accuracy, tolerance.row), (
        "run python -m colorize_lib.tolerance"
    )
    assert list(found["test"]) == [*tolerance.ROWS, *map(auc.as_colorful_as, tolerance.GANS)]
    for name in tolerance.ROWS:
        stored = results.read(name)
        assert found["data"]["test"] == stored["data"]["fingerprint"]
        np.testing.assert_allclose(found["test"][name]["each"]["psnr"], stored["each"]["psnr"], atol=0.02)
    for name in tolerance.GANS:
        ratios = [found["test"][one]["colorfulness_ratio"] for one in (name, auc.as_colorful_as(name))]
        assert abs(ratios[0] - ratios[1]) < 0.05  # the factor was chosen on validation

"""Plausibility by machine: colors matched, sets summed up, rows merged; and the shipped numbers are current."""

import numpy as np
import pytest

from colorize_lib import auc, data, inception, metrics, plausibility, recipes, results, two_samples


@pytest.fixture(scope="module")
def sample():
    return data.load("sample", 32).select(slice(0, 12))


def seen(pictures):
    """Stand in for Inception: means and spreads of the colors of a uint8 picture's quarters, [N, 24]."""
    quarters = pictures.reshape(len(pictures), 2, 16, 2, 16, 3).astype(float) / 255
    found = np.stack([quarters.mean(axis=(2, 4)), quarters.std(axis=(2, 4))], axis=1)
    return found.reshape(len(pictures), -1)


def test_pictures_are_made_as_colorful_as_their_truths(sample):
    truth = sample.rgb
    pale = plausibility.scaled(truth, np.linspace(0.4, 1.3, len(truth)))
    wanted = metrics.colorfulness(truth)
    found = metrics.colorfulness(plausibility.matched(truth, pale))
    assert (np.abs(metrics.colorfulness(pale) / wanted - 1) > 0.03).sum() > 8
    np.testing.assert_allclose(found, wanted, rtol=0.03)


def test_gray_stays_gray_and_gray_truths_make_gray(sample):
    gray = recipes.find("gray").system.predict(None, sample)
    assert metrics.colorfulness(plausibility.matched(sample.rgb, gray)).max() < 3
    assert metrics.colorfulness(plausibility.matched(gray, sample.rgb)).max() < 1


def test_colorfulness_both_ways():
    """Half of the pictures too vivid, half too pale: the mean is right, and no picture is."""
    truth = np.full(10, 40.0)
    own = truth + np.tile([12.0, -12.0], 5)
    each = {"colorfulness": own, "truth_colorfulness": truth, "lpips": own, "told_apart": own}
    found = plausibility.summary(each | {"kid": own, "kid_matched": own})
    assert found["colorfulness_of_means"]["mean"] == pytest.approx(0)
    assert found["colorfulness_ratio"]["mean"] == pytest.approx(1)
    assert found["colorfulness_of_each"]["mean"] == pytest.approx(12)
    for one in found.values():
        assert one["low"] <= one["mean"] <= one["high"]


@pytest.fixture
def elsewhere(tmp_path, sample, monkeypatch):
    """Results go into a folder of their own; the sample stands in for the landscapes."""
    for module in (plausibility, results):
        monkeypatch.setattr(module, "data_dir", lambda: tmp_path)
    monkeypatch.setattr(inception, "features", seen)
    monkeypatch.setattr(metrics, "lpips", lambda truth, predicted: np.abs(truth - 1.0 * predicted).mean(axis=(1, 2, 3)))
    monkeypatch.setattr(data, "load", lambda *_, **__: sample)
    monkeypatch.setattr(data, "split", lambda photographs: dict.fromkeys(("val", "test"), photographs))
    return tmp_path


def test_rows_are_measured_and_merged(elsewhere, sample):
    plausibility.main(["gray", "pretrained"])
    before = plausibility.read()
    plausibility.main(["--beside", "ours"])
    after = plausibility.read()
    label = auc.as_colorful_as("ours")
    assert list(after["rows"]) == ["gray", "pretrained", label]
    assert {name: after["rows"][name] for name in before["rows"]} == before["rows"]
    gap = plausibility.paired("gray", "pretrained")
    apart = [after["rows"][name]["metrics"]["kid"]["mean"] for name in ("gray", "pretrained")]
    assert gap["mean"] == pytest.approx(apart[0] - apart[1], abs=1e-6)
    assert gap["low"] < gap["mean"] < gap["high"]
    own = metrics.colorfulness(plausibility.colored(recipes.find("ours"), sample)).mean()
    scaled = plausibility.colored(recipes.find("pretrained"), sample, after["rows"][label]["chroma_gain"])
    assert metrics.colorfulness(scaled).mean() == pytest.approx(own, rel=0.01)
    table = plausibility.table(["gray", label])
    assert list(table.columns) == list(plausibility.HEADINGS.values())


def test_rows_of_other_photographs_do_not_stay(elsewhere, sample):
    plausibility.main(["gray"])
    row = plausibility.read()["rows"]["gray"]
    plausibility.merge(sample.select(slice(0, 10)), {"other": row}, {})
    assert list(plausibility.read()["rows"]) == ["other"]


def test_a_file_that_is_no_measurement_is_refused(elsewhere):
    (elsewhere / "results").mkdir()
    (elsewhere / "results" / "plausibility.json").write_text("{}")
    with pytest.raises(ValueError, match="lacks data, fid_truth, rows"):
        plausibility.read()


class Session:
    """Stands in for onnxruntime's: gives each picture's mean color, and counts the pictures."""

    def __init__(self):
        self.asked = 0

    def run(self, _, given):
        self.asked += len(given["x"])
        return [given["x"].mean(axis=(2, 3))]


def test_what_was_seen_once_is_not_computed_again(tmp_path, monkeypatch):
    monkeypatch.setattr(inception, "folder", lambda: tmp_path)
    pictures = np.random.default_rng(0).integers(0, 256, (inception.BATCH + 3, 8, 8, 3), np.uint8)
    with pytest.raises(FileNotFoundError, match="how to make it"):
        inception.features(pictures)
    session = Session()
    monkeypatch.setattr(inception, "network", lambda path: session)
    found = [inception.features(pictures) for _ in range(2)]
    np.testing.assert_array_equal(*found)
    assert found[0].shape == (len(pictures), 3)
    assert session.asked == len(pictures)
    inception.features(pictures[: inception.BATCH + 2])  # its first batch is known
    assert session.asked == len(pictures) + 2


def test_a_photograph_is_prepared_for_the_network():
    picture = np.zeros((8, 8, 3), np.uint8)
    picture[..., 0] = 255
    found = inception.prepared(picture)
    assert (found.shape, found.dtype) == ((3, inception.SIZE, inception.SIZE), np.float32)
    assert [float(channel.mean()) for channel in found] == [1, -1, -1]


# What is shipped


def test_the_shipped_rows_are_of_the_weights_the_code_and_the_photographs_as_they_stand():
    found = plausibility.read()
    beside = {*plausibility.BESIDE, *map(auc.as_colorful_as, plausibility.BESIDE)}
    assert set(found["rows"]) >= {"pretrained", "pretrained_scaled", *beside}  # chapter 21 shows these
    for name, row in found["rows"].items():
        recipe = recipes.find(row["recipe"])
        shipped = results.read(recipe.name)
        at_size = recipe.size == found["data"]["size"]  # one that learned smaller has its results at that size
        assert (shipped["data"] == found["data"]) == at_size, name
        again = f"run python -m colorize_lib.plausibility {name}"
        assert row["weights"] == plausibility.weights_hash(recipe), again
        assert row["code"] == plausibility.code_version(recipe), again
        for metric, values in row["each"].items():
            assert len(values) == found["data"]["photographs"]
            assert np.mean(values) == pytest.approx(row["metrics"][metric]["mean"], abs=1e-5)
        if row["chroma_gain"] == 1 and at_size:
            ratio = shipped["metrics"]["colorfulness_ratio"]["mean"]
            assert row["metrics"]["colorfulness_ratio"]["mean"] == pytest.approx(ratio, abs=1e-3)


def test_the_shipped_intervals_are_those_of_the_parts():
    rows = plausibility.read()["rows"]
    for row in rows.values():
        for metric in plausibility.JACKKNIFED:
            again = two_samples.jackknife(np.array(row["each"][metric]))
            assert row["metrics"][metric] == pytest.approx(again, abs=1e-6)


def test_the_scaled_row_is_as_colorful_as_the_one_it_stands_beside():
    rows = plausibility.read()["rows"]
    for name in plausibility.BESIDE:
        ratios = [rows[one]["metrics"]["colorfulness_ratio"]["mean"] for one in (name, auc.as_colorful_as(name))]
        assert ratios[0] == pytest.approx(ratios[1], abs=0.03)

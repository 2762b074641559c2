"""Shipped results: what the files say is what the shipped weights do, and what the recipes ask for."""

from dataclasses import asdict

import numpy as np
import pytest

from colorize_lib import data, metrics, recipes, results, zoo

SHIPPED = ["gray", "plain", "paper", "ours"]


@pytest.fixture(scope="module")
def ours():
    return zoo.load_model("ours")


@pytest.mark.parametrize("name", SHIPPED)
def test_results_are_of_the_recipe_as_it_stands(name):
    result = results.read(name)
    assert result["recipe"] == asdict(recipes.find(name)), "the recipe changed since it was run; run it again"
    assert result["data"]["photographs"] == 629
    assert result["data"]["split"] == "test"


@pytest.mark.parametrize("name", ["plain", "paper", "ours"])
def test_a_history_has_a_number_an_epoch(name):
    history = results.read(name)["history"]
    epochs = recipes.find(name).epochs
    assert {key: len(values) for key, values in history.items()} == dict.fromkeys(history, epochs)


def test_all_rows_were_measured_on_the_same_photographs():
    read = [results.read(name) for name in SHIPPED]
    assert len({result["data"]["fingerprint"] for result in read}) == 1
    assert all(result["gray"] == read[0]["metrics"] for result in read)


def test_ours_is_ahead_of_gray_and_no_paler_than_promised():
    result = results.read("ours")
    gain = result["metrics"]["psnr"]["mean"] - result["gray"]["psnr"]["mean"]
    assert gain >= 1
    sample, gray = result["sample"], results.read("gray")["sample"]
    assert sample["ciede2000"]["mean"] < gray["ciede2000"]["mean"]
    assert sample["colorfulness_ratio"]["mean"] >= 0.4


def test_ours_measured_again_on_the_sample_gives_its_results(ours):
    sample = data.load("sample")
    predicted = recipes.find("ours").predict(ours, sample)
    assert metrics.psnr(sample.rgb, predicted).mean() == pytest.approx(
        results.read("ours")["sample"]["psnr"]["mean"], abs=0.01
    )
    pictures, titles = results.pictures("ours")
    assert titles == results.shown(sample).titles
    apart = np.abs(pictures.astype(int) - predicted[::5].astype(int))
    assert apart.max() <= 1


def test_ours_measured_again_on_the_landscapes_gives_its_results(ours, landscapes, monkeypatch):
    monkeypatch.setenv("COLORIZE_DATA", str(landscapes))
    test = data.split(data.load("landscape"))["test"]
    result = results.read("ours")
    assert data.fingerprint(test) == result["data"]["fingerprint"]
    psnr = metrics.psnr(test.rgb, recipes.find("ours").predict(ours, test)).mean()
    assert psnr == pytest.approx(result["metrics"]["psnr"]["mean"], abs=0.01)


def test_a_table_has_a_row_a_recipe_and_reads_its_numbers_from_the_files():
    table = results.table(["gray", "ours"], columns=("psnr", "colorfulness"))
    assert list(table.index) == ["gray", "ours"]
    assert table.loc["ours", "PSNR, dB (mean)"] == f"{results.read('ours')['metrics']['psnr']['mean']:.2f}"
    assert table.loc["ours", "Parameters"] == f"{zoo.load_model('ours').count_params():,}"

"""Shipped results: what the files say is what the shipped weights do, and what the recipes ask for."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colorize_lib import cli, data, metrics, recipes, results, settings, zoo
from colorize_lib.networks import alexnet, classifier
from colorize_lib.photo.colorizer import Colorizer
from colorize_lib.storage import weights_files

SHIPPED = [name for name in recipes.RECIPES if (settings.data_dir() / "results" / f"{name}.json").is_file()]
TRAINED = [name for name in SHIPPED if recipes.find(name).learns]
WEIGHTS = [name.removesuffix(weights_files.SUFFIX) for name in weights_files.registry()]


@pytest.fixture(scope="module")
def ours():
    return zoo.load_model("ours")


@pytest.mark.parametrize("name", SHIPPED)
def test_results_are_of_the_recipe_as_it_stands(name):
    result = results.read(name)
    assert "recipe" not in results.outdated(result), "the recipe changed since it was run; run it again"
    if not recipes.find(name).system.has_network or name in WEIGHTS:
        assert not results.outdated(result), "the code changed since it was measured; run make results"
    assert result["data"]["photographs"] == 629
    assert result["data"]["split"] == "test"


def test_the_lead_over_paper_is_no_matter_of_color_profiles():
    """What `bench_profiles` measured is of the same results, and the promise holds either way."""
    found = results.measurement("profiles")
    assert found["data"]["fingerprint"] == results.read("paper")["data"]["fingerprint"]
    assert found["paper"]["gray file"] == pytest.approx(results.read("paper")["metrics"]["psnr"]["mean"], abs=0.01)
    for name, gaps in found["ahead"].items():
        assert gaps["gray file"]["mean"] == pytest.approx(results.paired(name, "paper")["mean"], abs=0.01)
    assert found["ahead"]["pretrained_decibels"]["converted"]["mean"] >= 1.5


@pytest.mark.parametrize("name", TRAINED)
def test_a_history_has_a_number_an_epoch(name):
    history = results.read(name)["history"]
    epochs = recipes.find(name).epochs
    assert {key: len(values) for key, values in history.items()} == dict.fromkeys(history, epochs)


def test_all_rows_of_one_size_were_measured_on_the_same_photographs():
    read = [results.read(name) for name in SHIPPED]
    first = {result["data"]["size"]: result for result in reversed(read)}
    for result in read:
        same = first[result["data"]["size"]]
        assert result["data"]["fingerprint"] == same["data"]["fingerprint"]
        for metric, values in result["gray"].items():  # measured on different processors, so not to the last bit
            assert values == pytest.approx(same["gray"][metric], rel=1e-5, abs=1e-4), metric
    assert results.read("gray")["metrics"] == results.read("gray")["gray"]


@pytest.mark.parametrize(
    "name", [name for name in SHIPPED if recipes.find(name).weights_name in WEIGHTS or name == "gray"]
)
def test_every_photograph_has_its_scores(name):
    result = results.read(name)
    assert list(result["each"]) == list(results.PAIRED)
    for metric, values in result["each"].items():
        assert len(values) == 629
        assert np.mean(values) == pytest.approx(result["metrics"][metric]["mean"], abs=1e-4)


@pytest.mark.parametrize(
    ("name", "other", "least", "pooled"),
    [
        ("ours", "gray", 1.2, 2.2),
        ("ours", "paper", 1.0, 0.8),
        ("pretrained", "gray", 1.5, 2.5),
        ("pretrained", "paper", 1.5, 1.2),
        ("pretrained_decibels", "paper", 1.5, 1.2),
        ("pretrained_decibels", "pretrained", 0.1, 0.1),
    ],
)
def test_a_network_is_as_far_ahead_as_the_course_says(name, other, least, pooled):
    """Decibels, on the test photographs; every measure that the tables show must be better, too."""
    ahead, behind = (results.means(results.read(one)) for one in (name, other))
    gap = results.paired(name, other)
    assert gap["mean"] >= least
    assert gap["low"] > 0
    assert ahead["psnr_pooled"] - behind["psnr_pooled"] >= pooled
    assert results.paired(name, other, "ssim")["low"] > 0
    assert results.paired(name, other, "mae")["high"] < 0
    assert results.paired(name, other, "ciede2000")["high"] < 0


def test_the_vivid_row_is_as_colorful_as_the_truth_and_nearer_to_it_than_a_constant_factor():
    vivid, scaled = results.read("ours_vivid"), results.read("ours_scaled")
    ratio, other = (one["metrics"]["colorfulness"]["mean"] / one["truth_colorfulness"] for one in (vivid, scaled))
    assert 0.85 <= ratio <= 1.05
    assert ratio == pytest.approx(other, abs=0.03)
    assert results.paired("ours_vivid", "ours_scaled", "ciede2000")["high"] < 0


def test_ours_is_as_good_as_paper_in_a_tenth_of_the_time():
    """Both at the seconds of their fastest epoch; paper's machine was the faster one."""
    paper, ours = (results.read(name)["history"] for name in ("paper", "ours"))
    best = int(np.argmax(paper["val_psnr"]))
    reached = int(np.argmax(np.array(ours["val_psnr"]) >= paper["val_psnr"][best]))
    assert ours["val_psnr"][reached] >= paper["val_psnr"][best]
    assert (reached + 1) * min(ours["seconds"]) <= 0.1 * (best + 1) * min(paper["seconds"])


def test_weights_and_pictures_stay_small():
    """The networks that color; frozen ones, to measure with or to ask, may be larger."""
    sizes = {name: (weights_files.models_dir() / f"{name}{weights_files.SUFFIX}").stat().st_size for name in WEIGHTS}
    assert sizes.pop(alexnet.NAME) < 6e6
    assert sizes.pop(classifier.NAME) < 8.5e6
    assert sizes.pop(classifier.HEAD) < 3e6
    assert sum(sizes.values()) <= 65e6
    assert max(size for name, size in sizes.items() if name != "paper") < 3e6
    by_epoch = [path for path in (settings.data_dir() / "results").glob("*/epochs/*") if path.is_file()]
    assert 0 < sum(path.stat().st_size for path in by_epoch) < 2e6


def test_ours_is_better_than_gray_on_the_sample():
    sample, gray = results.read("ours")["sample"], results.read("gray")["sample"]
    assert sample["ciede2000"]["mean"] < gray["ciede2000"]["mean"]
    assert sample["colorfulness_ratio"]["mean"] >= 0.4


def test_ours_measured_again_on_the_sample_gives_its_results(ours):
    sample = data.load("sample")
    predicted = recipes.find("ours").system.predict(ours, sample)
    assert metrics.psnr(sample.rgb, predicted).mean() == pytest.approx(
        results.read("ours")["sample"]["psnr"]["mean"], abs=0.01
    )
    pictures, titles = results.pictures("ours")
    assert titles == results.shown(sample).titles
    apart = np.abs(pictures.astype(int) - predicted[::5].astype(int))
    assert apart.max() <= 1


def test_side_by_side_stand_what_the_shipped_weights_give_and_the_truth(ours):
    photographs = results.shown(data.load("sample")).select([10, 0])
    columns = results.side_by_side({"Gray": "gray", "Ours": "ours"}, photographs)
    assert list(columns) == ["Gray", "Ours", "Truth"]
    larger = data.for_showing(photographs)
    np.testing.assert_array_equal(columns["Truth"], larger.rgb)
    np.testing.assert_allclose(columns["Ours"], recipes.find("ours").system.predict(ours, larger), atol=1)
    colored = [np.asarray(Colorizer("ours").colorize(Image.fromarray(rgb))) for rgb in larger.rgb]
    apart = np.abs(columns["Ours"].astype(int) - colored)
    assert (apart > 1).mean() < 1e-3  # only where sRGB can't hold a color, which a colorizer makes grayer
    assert np.abs(columns["Ours"].astype(int) - columns["Gray"]).mean() > 2


@pytest.mark.parametrize("name", ["plain", "paper_l2"])
def test_without_shipped_weights_the_stored_pictures_stand_beside_the_truth(name):
    shown = results.shown(data.load("sample"))
    columns = results.side_by_side({"Stored": name}, shown.select([9, 2]))
    np.testing.assert_array_equal(columns["Stored"], results.pictures(name)[0][[9, 2]])
    assert columns["Truth"].shape == (2, data.SHOWN, data.SHOWN, 3)


@pytest.mark.long
def test_every_shipped_weight_gives_its_results(landscapes, monkeypatch, capsys):
    monkeypatch.setenv("COLORIZE_DATA", str(landscapes))
    names = [name for name in SHIPPED if name == "gray" or recipes.find(name).weights_name in WEIGHTS]
    assert cli.main(["results", *names]) == cli.DONE
    print(capsys.readouterr().out)


def test_what_changed_since_a_measurement_is_named():
    result = results.read("ours")
    assert results.outdated(result) == []
    assert results.outdated(result | {"recipe": result["recipe"] | {"learning_rate": 1.0}}) == ["recipe"]
    assert results.outdated(result | {"recipe": result["recipe"] | {"precision": "mixed_bfloat16"}}) == []
    assert results.outdated(result | {"code": "0"}) == ["code"]
    assert results.outdated(result, data.load("sample", 32)) == ["data"]


HASHES = """
from colorize_lib import recipes, results
print(*(results.code_version(recipes.find(name)) for name in ("gray", "paper", "ours", "ours_vivid", "pretrained")))
"""


@pytest.fixture(scope="module")
def hashes_with(tmp_path_factory):
    """Return the hashes of gray, paper, ours, ours_vivid and pretrained by a copy of the library with one change."""
    copy = tmp_path_factory.mktemp("copy")
    shutil.copytree(Path(results.__file__).parent, copy / "colorize_lib", ignore=shutil.ignore_patterns("__pycache__"))

    def hashes(file="color.py", before="", after=""):
        path = copy / "colorize_lib" / file
        source = path.read_text(encoding="utf-8")
        assert before in source
        path.write_text(source.replace(before, after, 1) if before else source, encoding="utf-8")
        command = [sys.executable, "-B", "-c", HASHES]
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True)
        path.write_text(source, encoding="utf-8")
        assert done.returncode == 0, done.stderr
        return dict(zip(("gray", "paper", "ours", "ours_vivid", "pretrained"), done.stdout.split(), strict=True))

    return hashes


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("metrics.py", "PEAK = 255.0", "# a comment\nPEAK = 255.0"),
        ("metrics.py", '"""Return the peak signal-to-noise ratio', '"""Return in other words the ratio'),
        ("metrics.py", "import numpy as np", "import collections\nimport numpy as np"),
        ("metrics.py", "def mae(truth: np.ndarray", "def mae(truth: object"),
        ("metrics.py", "METRICS: dict", "def another(truth, predicted):\n    return truth\n\n\nMETRICS: dict"),
        ("networks/unet.py", "def unet(", "def wider():\n    return unet(filters=(64, 96))\n\n\ndef unet("),
        (
            "systems/regression.py",
            '"unet_half": Network(',
            '"wide": Network(partial(unet.unet, filters=(64, 96)), 4),\n        "unet_half": Network(',
        ),
        ("training/devices.py", "WARM_UP = 0.05", "WARM_UP = 0.1"),
        ("losses.py", "delta: float = 0.1", "delta: float = 0.2"),
    ],
)
def test_what_no_number_depends_on_outdates_none(hashes_with, file, before, after):
    assert hashes_with(file, before, after) == hashes_with()


@pytest.mark.parametrize(
    ("file", "before", "after", "outdated"),
    [
        ("metrics.py", "PEAK = 255.0", "PEAK = 4095.0", "all"),
        ("color.py", "0.412453", "0.412454", "all"),
        ("systems/base.py", "merge(inputs * 100,", "merge(inputs * 99,", {"gray", "ours", "ours_vivid", "pretrained"}),
        ("data/__init__.py", '.convert("L"))', '.convert("L")) // 2', {"paper"}),
        ("networks/paper.py", "SLOPE = 0.3", "SLOPE = 0.2", {"paper"}),
        ("networks/unet.py", "UNET_FILTERS = (32,", "UNET_FILTERS = (33,", {"ours", "ours_vivid"}),
        ("networks/unet.py", "layers.ReLU()(", "layers.ELU()(", {"ours", "ours_vivid", "pretrained"}),
        ("systems/regression.py", "ab / color.CHROMA_SCALE", "ab / 100", {"ours_vivid"}),
        ("networks/efficientnet.py", "CODE = 128", "CODE = 96", {"pretrained"}),
        ("color.py", "middle: float = 20.0", "middle: float = 30.0", {"ours_vivid"}),
    ],
)
def test_what_numbers_depend_on_outdates_them(hashes_with, file, before, after, outdated):
    now, then = hashes_with(file, before, after), hashes_with()
    assert {name for name in now if now[name] != then[name]} == (set(now) if outdated == "all" else outdated)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda result: result.pop("code"), "it lacks code"),
        (lambda result: result.update(speed=1), "it holds unknown speed"),
        (lambda result: result["metrics"].update(psnr=25.0), "/metrics/psnr is not an object"),
        (lambda result: result["each"]["ssim"].append("1.0"), "/each/ssim/629 is str, expected float"),
        (lambda result: result["data"].update(size=True), "/data/size is bool, expected int"),
    ],
)
def test_a_file_that_is_no_results_file_is_named(tmp_path, monkeypatch, change, said):
    (tmp_path / "results").mkdir()
    monkeypatch.setattr(results, "data_dir", lambda: tmp_path)
    path, whole = tmp_path / "results" / "ours.json", results_file("ours")
    path.write_text(whole)
    changed = results.read("ours")
    change(changed)
    path.write_text(json.dumps(changed))
    with pytest.raises(ValueError, match=re.escape(f"{path}: not the results of a recipe ({said}); run")):
        results.read("ours")
    path.write_text(whole[:1000])
    with pytest.raises(ValueError, match=r"ours\.json: damaged, not JSON"):
        results.read("ours")


def results_file(name):
    return (settings.data_dir() / "results" / f"{name}.json").read_text(encoding="utf-8")


def test_differences_are_paired(monkeypatch):
    gap = results.paired("ours", "gray")
    means = [results.read(name)["metrics"]["psnr"]["mean"] for name in ("ours", "gray")]
    assert gap["mean"] == pytest.approx(means[0] - means[1], abs=0.001)
    assert gap["low"] < gap["mean"] < gap["high"]
    apart = (results.read("ours")["metrics"]["psnr"], results.read("gray")["metrics"]["psnr"])
    assert gap["high"] - gap["low"] < sum(one["high"] - one["low"] for one in apart)
    other = results.read("gray") | {"data": {"fingerprint": "0"}}
    monkeypatch.setattr(results, "read", {"ours": results.read("ours"), "gray": other}.get)
    with pytest.raises(ValueError, match="'ours' and 'gray' were measured on different photographs"):
        results.paired("ours", "gray")


@pytest.mark.parametrize("name", [name for name in SHIPPED if recipes.find(name).seeds > 1])
def test_a_recipe_of_several_seeds_ships_the_scores_of_each(name):
    result = results.read(name)
    recipe = recipes.find(name)
    assert list(result["seeds"]) == [str(seed) for seed in range(recipe.seed, recipe.seed + recipe.seeds)]
    first, *others = result["seeds"].values()
    assert first == results.means(result)
    assert all(other.keys() == first.keys() and other["psnr"] != first["psnr"] for other in others)


def test_runs_are_compared_seed_by_seed():
    gaps = results.by_seed("small_100", "small_10", "ciede2000")
    more, less = (results.read(name)["seeds"] for name in ("small_100", "small_10"))
    assert gaps == {seed: more[seed]["ciede2000"] - less[seed]["ciede2000"] for seed in ("1", "2", "3")}
    assert results.by_seed("small_100", "small_10")["1"] == pytest.approx(
        results.paired("small_100", "small_10")["mean"], abs=0.001
    )
    with pytest.raises(ValueError, match="'ours' and 'gray' were not both run with several seeds"):
        results.by_seed("ours", "gray")


def test_scenes_add_up_to_the_whole():
    result = results.read("ours")
    assert len(result["scenes"]) == 6
    means = [scene["psnr"]["mean"] for scene in result["scenes"].values()]
    assert min(means) < result["metrics"]["psnr"]["mean"] < max(means)
    assert len(result["each"]["psnr"]) == result["data"]["photographs"]
    assert np.mean(result["each"]["psnr"]) == pytest.approx(result["metrics"]["psnr"]["mean"], abs=0.001)


def test_a_table_has_a_row_a_recipe_and_reads_its_numbers_from_the_files():
    table = results.table(["gray", "ours"], columns=("psnr", "colorfulness"))
    assert list(table.index) == ["gray", "ours"]
    assert table.loc["ours", "PSNR, dB (mean)"] == f"{results.read('ours')['metrics']['psnr']['mean']:.2f}"
    assert table.loc["ours", "Parameters"] == f"{zoo.load_model('ours').count_params():,}"


def test_a_recipe_that_kept_its_best_epoch_has_a_row_for_its_last_one_too(monkeypatch):
    gray, ours = results.read("gray"), results.read("ours")
    monkeypatch.setattr(results, "read", lambda _: ours | {"other": {"epoch": 50, "metrics": gray["metrics"]}})
    table = results.table(["ours"], columns=("psnr",))
    assert list(table.index) == ["ours", "ours, epoch 50"]
    assert table["PSNR, dB (mean)"].tolist() == [f"{one['metrics']['psnr']['mean']:.2f}" for one in (ours, gray)]
    assert list(results.table(["ours"], part="sample").index) == ["ours"]

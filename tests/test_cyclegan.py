"""CycleGAN: halves without a pair, pools, what each loss asks for, whose step moves what, and what ships."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from colorize_lib import color, data, recipes, results, unpaired
from colorize_lib.networks import picture_unet
from colorize_lib.storage import weights_files
from colorize_lib.systems import cyclegan
from colorize_lib.training import devices

RECIPE = recipes.find("cyclegan")
SYSTEM = replace(RECIPE.system, side=32, width=4, receptive_field=16, critic_filters=4, pool=5)
TINY = replace(RECIPE, system=SYSTEM, size=32, stored_size=32)
RUNS = [name for name in recipes.RECIPES if name.startswith("cyclegan")]


def numbered(ids, side=16):
    """Photographs each of which has its id as its red, in 8 bits, and noise beside it."""
    rgb = np.random.default_rng(0).integers(0, 256, (len(ids), side, side, 3)).astype("uint8")
    rgb[..., 0] = np.array(ids)[:, None, None]
    return replace(data.of_arrays(rgb), ids=np.array(ids))


def values(network):
    return [np.array(one) for one in network.get_weights()]


def moved(before, network):
    return any(not np.array_equal(one, other) for one, other in zip(before, values(network), strict=True))


def learner_of(recipe):
    learner = devices.new_learner(recipe, 10)
    learner.run_eagerly = True
    return learner


def batch(count=3, side=32):
    rgb = np.random.default_rng(1).integers(0, 256, (2 * count, side, side, 3)).astype("uint8")
    return (tf.constant(one) for one in SYSTEM.training_arrays(data.of_arrays(rgb)))


@pytest.mark.parametrize("ids", [range(6000), [0, 1, 2, 3, 5, 8, 9, 11, 12, 13, 200, 255]], ids=["all", "with gaps"])
def test_no_id_stands_in_both_halves(ids):
    photographs = replace(data.of_arrays(np.zeros((len(ids), 1, 1, 3), "uint8")), ids=np.array(ids))
    gray, colored = cyclegan.halves(photographs)
    assert len(gray) == len(colored) > 0
    assert not set(gray.ids) & set(colored.ids)
    assert set(gray.ids) | set(colored.ids) <= set(ids)
    assert (np.abs(gray.ids - colored.ids) > 1).any()


def test_what_is_learned_from_comes_from_its_own_half():
    photographs = numbered([0, 1, 2, 3, 6, 7, 8, 9])
    x, y = SYSTEM.training_arrays(photographs, compact=True)
    assert {*y[:, 0, 0, 0]} == {1, 3, 7, 9}
    even = photographs.select(photographs.ids % 2 == 0)
    np.testing.assert_array_equal(x, cyclegan.in_gray(even))
    assert x.dtype == y.dtype == np.uint8
    again = SYSTEM.training_arrays(photographs)
    np.testing.assert_allclose(again[0] * 255, x, atol=1e-4)
    paired = replace(SYSTEM, paired=True).training_arrays(photographs, compact=True)
    np.testing.assert_array_equal(paired[1], y)
    np.testing.assert_array_equal(paired[0], cyclegan.in_gray(data.of_arrays(y)))


def test_photographs_of_one_kind_of_id_can_not_be_halved():
    with pytest.raises(ValueError, match="2 photographs have even ids and 0 odd ones"):
        cyclegan.halves(numbered([2, 4]))


def test_gray_is_as_light_as_the_color():
    rgb = data.load("sample", 16).rgb
    gray = np.repeat(color.gray_as_light(rgb), 3, axis=-1)
    np.testing.assert_allclose(color.lightness(gray), color.lightness(rgb), atol=2e-3)
    np.testing.assert_allclose(color.gray_of_lightness(color.lightness(rgb)), gray[..., :1], atol=1e-4)
    stored = cyclegan.in_gray(data.of_arrays(rgb))
    assert (stored == stored[..., :1]).all()
    assert np.abs(color.lightness(stored) - color.lightness(rgb)).max() < 0.5


def test_the_untrained_colorizer_leaves_gray():
    x = np.random.default_rng(0).random((1, 32, 48, 1)).astype("float32")
    assert np.abs(np.asarray(RECIPE.build()(x))).max() < 1e-3


def test_what_ships_gives_a_and_b_of_what_is_painted():
    colorizer = SYSTEM.build()
    generator = picture_unet.generator_of(colorizer)
    random = np.random.default_rng(2)
    for weight in generator.weights:
        weight.assign(random.normal(0, 0.2, weight.shape))
    L = random.random((1, 32, 32, 1)).astype("float32")
    gray = np.repeat(color.gray_of_lightness(100 * L), 3, axis=-1)
    painted = np.asarray(generator(gray))
    assert painted.min() < 0 < 1 < painted.max()  # what has to be clipped
    ab = color.rgb_to_lab(np.clip(painted, 0, 1))[..., 1:] / color.CHROMA_SCALE
    np.testing.assert_allclose(np.asarray(colorizer(L)), ab, atol=1e-4)
    assert RECIPE.build().count_params() == 263_523


def test_the_pool_gives_new_pictures_or_old_ones():
    pool, given, returned = cyclegan.Pool(4, 2, seed=0), [], []
    for k in range(1, 31):
        new = np.full((2, 2, 2, 3), [[[[2 * k]]], [[[2 * k + 1]]]], "float32")
        out = np.asarray(pool.exchange(new))[:, 0, 0, 0]
        assert all(one in [*given, 2 * k, 2 * k + 1] for one in out)
        if k <= 2:  # while the pool is filled
            assert list(out) == [2 * k, 2 * k + 1]
        returned += [one < 2 * k for one in out]
        given += [2 * k, 2 * k + 1]
        assert len({*np.asarray(pool.pictures)[:, 0, 0, 0]}) == 4 or k == 1
    assert 0.25 < np.mean(returned[8:]) < 0.75
    assert set(pool.memory("critic")) == {"critic/pictures", "critic/held", "critic/draws"}


def test_pools_are_in_the_checkpoint():
    state = learner_of(TINY).state()
    for name in ("critic", "gray_critic"):
        assert state[f"memory/{name}/pictures"].shape == (5, 32, 32, 3)
        assert {f"memory/{name}/held", f"memory/{name}/draws"} <= state.keys()


def test_generators_that_change_nothing_have_a_cycle_and_an_identity_of_zero():
    gray, colors = batch()
    parts = learner_of(TINY).parts(gray, colors)
    for name in ("cycle", "identity", "color"):
        assert float(parts[name]) == pytest.approx(0, abs=1e-5)
    assert float(parts["fooling"]) > 0.1


def test_each_loss_compares_what_it_should():
    """With generators that add a constant, every loss is known."""
    learner = learner_of(TINY)
    gray, colors = batch()
    for network, added in (("colorizer", 0.1), ("grayer", -0.3)):
        own = learner.networks[network]
        (own.get_layer("generator") if network == "colorizer" else own).get_layer("change").bias.assign([added] * 3)
    parts = learner.parts(gray, colors)
    assert float(parts["cycle"]) == pytest.approx(2 * 0.2, abs=1e-5)
    assert float(parts["identity"]) == pytest.approx(0.1 + 0.3, abs=1e-5)
    grays = [np.asarray(color.gray_as_light(one)) for one in (gray + 0.1, gray, colors - 0.3, colors)]
    known = np.abs(grays[0] - grays[1]).mean() + np.abs(grays[2] - grays[3]).mean()
    assert float(parts["color"]) == pytest.approx(known, abs=1e-4)


@pytest.mark.parametrize("off", ["cycle", "color", "identity"])
def test_a_loss_that_is_switched_off_is_not_there(off):
    recipe = recipes.find(f"cyclegan_no_{off}")
    weights = {name: getattr(recipe.system, name) for name in ("cycle", "color", "identity")}
    assert weights == {"cycle": 10.0, "color": 10.0, "identity": 5.0} | {off: 0.0}
    learner = learner_of(replace(TINY, system=replace(SYSTEM, **{off: 0.0})))
    for network in (picture_unet.generator_of(learner.networks["colorizer"]), learner.networks["grayer"]):
        network.get_layer("change").bias.assign([0.2] * 3)
    parts = learner.parts(*batch())
    assert [name for name in ("cycle", "color", "identity") if float(parts[name]) == 0] == [off]


def test_generators_and_critics_move_in_their_own_steps():
    learner = learner_of(TINY)
    gray, colors = batch()
    before = {name: values(network) for name, network in learner.networks.items()}
    learner.critics_step("critic", colors, gray)
    assert [name for name, one in learner.networks.items() if moved(before[name], one)] == ["critic"]
    rates = {name: one.learning_rate for name, one in learner.by_network.items()}
    for name in ("critic", "gray_critic"):
        learner.by_network[name].learning_rate = 0.0
    between = {name: values(network) for name, network in learner.networks.items()}
    learner.step(gray, colors)
    assert [name for name, one in learner.networks.items() if moved(between[name], one)] == list(cyclegan.GENERATORS)
    assert len(rates) == 4


def test_the_control_has_no_critic_and_learns_the_true_colors():
    recipe = replace(TINY, system=replace(SYSTEM, paired=True))
    learner = learner_of(recipe)
    assert list(learner.networks) == ["colorizer"]
    x, y = recipe.system.training_arrays(numbered(range(8), 32))
    first = learner.train_on_batch(x, y, return_dict=True)["loss"]
    assert float(first) == pytest.approx(np.abs(x - y).mean(), rel=1e-4)


def test_the_runs_differ_in_one_thing():
    assert RUNS[0] == "cyclegan"
    assert set(RUNS[1:]) == {*(f"cyclegan_no_{one}" for one in ("cycle", "color", "identity")), "cyclegan_pairs"}
    for name in RUNS[1:]:
        apart = {"name": "", "about": "", "options": {}, "epochs": 0}  # where runs are shorter, a moment is compared
        assert recipes.find(name).to_json() | apart == RECIPE.to_json() | apart
        other = RECIPE.system.options()
        assert sum(value != other[key] for key, value in recipes.find(name).system.options().items()) == 1


@pytest.mark.parametrize(("option", "value"), [("receptive_field", 20), ("pool", 0), ("cycle", -1.0), ("width", 0)])
def test_impossible_options_are_refused(option, value):
    with pytest.raises(ValueError, match=rf"system 'cyclegan': {option} is '?{value}'?; expected"):
        replace(SYSTEM, **{option: value})


def test_a_trace_is_amplified_and_taken_away():
    picture = np.array([[[0.5, 0.5, 0.5], [0.52, 0.5, 0.48]]])
    gray, colored = unpaired.amplified(picture, 8)[0]
    assert {*gray} == {128}
    assert list(colored) == [168, 128, 87]
    np.testing.assert_allclose(unpaired.without_color(picture), 0.5)
    grain = unpaired.noisy(np.zeros((50, 50, 3)), 4)
    assert grain.std() == pytest.approx(4 / 255, rel=0.05)
    assert abs(np.corrcoef(grain[..., 0].ravel(), grain[..., 1].ravel())[0, 1]) < 0.1


def test_what_a_hider_loses_without_its_trace():
    """Generators made by hand: one writes the color, 64 times smaller, into what it paints, the other reads it."""

    class Made:
        def __init__(self, paint):
            self.predict_on_batch = paint

    def hide(rgb):
        gray = color.gray_as_light(rgb)
        return gray + (rgb - gray - (rgb - gray).mean(axis=-1, keepdims=True)) / 64

    def read(picture):
        middle = picture.mean(axis=-1, keepdims=True)
        return middle + 64 * (picture - middle)

    found = unpaired.measured(data.load("sample", 16).rgb[:6], Made(read), Made(hide))
    psnr = {kind: one["psnr"]["mean"] for kind, one in found["rows"].items()}
    assert psnr["painted"] > psnr["painted, three equal channels"] + 3
    assert psnr["true"] == pytest.approx(psnr["painted, three equal channels"], abs=0.05)
    assert found["rows"]["true"]["colorfulness_ratio"] < 0.01 < found["rows"]["painted"]["colorfulness_ratio"]
    assert 0 < found["trace"] < 2
    assert found["gray_psnr"] > 45


def test_the_shipped_generators_and_what_was_measured_are_current():
    found = results.measurement(unpaired.NAME)
    assert found["code"] == unpaired.code_version(), "run python -m colorize_lib.unpaired"
    assert f"{unpaired.GENERATORS}{weights_files.SUFFIX}" in weights_files.registry()
    for generator in unpaired.shipped():
        assert generator.count_params() == RECIPE.build().count_params()
    assert set(found["val"]["rows"]) == set(
        unpaired.painted_grays(np.zeros((1, 2, 2, 3), "uint8"), np.zeros((1, 2, 2, 3)))
    )

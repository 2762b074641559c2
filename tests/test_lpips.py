"""LPIPS: the published distances, a pair of the tests' own, and weights that come from others."""

import pickle
import re
from pathlib import Path

import numpy as np
import pytest

from colorize_lib import metrics
from colorize_lib.color import as_float
from colorize_lib.data.reading import open_photo
from colorize_lib.networks import alexnet
from colorize_lib.storage import weights_files

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "lpips"
SYNTHETIC = 0.5082  # of `pair`


@pytest.fixture(scope="module")
def pair():
    """A picture of smooth colors and the same in gray, uint8 [1, 64, 64, 3] each."""
    across, down = np.meshgrid(np.linspace(0, 6, 64), np.linspace(0, 9, 64))
    waves = np.stack([np.sin(across) + np.cos(down), np.sin(across + down), np.cos(across - 2 * down)], axis=-1)
    rgb = np.rint(127.5 + 60 * waves).clip(0, 255).astype("uint8")[None]
    return rgb, rgb.mean(axis=-1, keepdims=True).repeat(3, axis=-1).astype("uint8")


@pytest.mark.skipif(not SHARED.is_dir(), reason="no shared folder with the published examples beside this checkout")
@pytest.mark.parametrize(("name", "published"), [("ex_p0", 0.7219), ("ex_p1", 0.1376)])
def test_the_published_distances(name, published):
    truth, predicted = (np.asarray(open_photo(SHARED / f"{one}.png"))[None] for one in ("ex_ref", name))
    assert metrics.lpips(truth, predicted)[0] == pytest.approx(published, abs=1e-3)


def test_a_pair_of_our_own(pair):
    assert metrics.lpips(*pair)[0] == pytest.approx(SYNTHETIC, abs=1e-3)


def test_equal_pictures_are_0_apart_and_order_does_not_count(pair):
    truth, predicted = (np.concatenate([pair[0], pair[1], side]) for side in pair)
    found = metrics.lpips(truth, predicted, batch_size=2)
    assert found.shape == (3,)
    np.testing.assert_allclose(found[:2], 0, atol=1e-6)  # the first two pairs are equal
    assert found[2] == pytest.approx(metrics.lpips(*pair[::-1])[0], abs=1e-5)


def test_the_network_wants_numbers_from_minus_1_to_1(pair):
    """A known mistake: given numbers in [0, 1] it sees pale, bright pictures. Ours makes them of 8 bits itself."""
    halved = [(as_float(one) + 1) / 2 for one in pair]
    assert abs(float(np.asarray(alexnet.lpips()(halved))[0]) - SYNTHETIC) > 0.02


def test_pictures_too_small_to_be_halved_are_refused(pair):
    smallest = [one[:, : alexnet.SMALLEST, : alexnet.SMALLEST] for one in pair]
    assert np.isfinite(metrics.lpips(*smallest)).all()
    with pytest.raises(ValueError, match="31 pixels or more"):
        metrics.lpips(*(one[:, 1:] for one in smallest))


def test_nothing_seen_has_a_direction_and_a_gradient():
    import tensorflow as tf

    x = tf.Variable(np.zeros((1, 2, 2, 4), "float32"))
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(alexnet.directions(x))
    np.testing.assert_array_equal(alexnet.directions(x), 0)
    assert np.isfinite(tape.gradient(total, x)).all()


def test_each_layer_gets_its_own_numbers_from_the_packages_file():
    random = np.random.default_rng(0)
    state, channels = {"AlexNet_0": {}}, 3
    for i, (filters, kernel) in enumerate(alexnet.LAYERS):
        numbers = random.normal(size=(kernel, kernel, channels, filters)), random.normal(size=filters)
        state["AlexNet_0"][f"Conv_{i}"] = dict(zip(("kernel", "bias"), numbers, strict=True))
        state[f"NetLinLayer_{i}"] = {"Conv_0": {"kernel": random.normal(size=(1, 1, filters, 1))}}
        channels = filters
    network = alexnet.with_weights(state)
    for i in range(len(alexnet.LAYERS)):
        kernel, bias = network.get_layer("alexnet").get_layer(f"conv_{i}").get_weights()
        np.testing.assert_allclose(kernel, state["AlexNet_0"][f"Conv_{i}"]["kernel"], rtol=1e-6)
        np.testing.assert_allclose(bias, state["AlexNet_0"][f"Conv_{i}"]["bias"], rtol=1e-6)
        (weights,) = network.get_layer(f"weights_{i}").get_weights()
        np.testing.assert_allclose(weights, state[f"NetLinLayer_{i}"]["Conv_0"]["kernel"], rtol=1e-6)


def test_a_pickle_is_read_for_its_arrays_alone(tmp_path):
    file = tmp_path / "some.ckpt"
    file.write_bytes(pickle.dumps({"a": np.arange(3.0)}))
    with file.open("rb") as opened:
        np.testing.assert_array_equal(alexnet.ArraysOnly(opened).load()["a"], np.arange(3.0))
    for other in (print, np.load, Path("x")):
        file.write_bytes(pickle.dumps(other))
        with file.open("rb") as opened, pytest.raises(pickle.UnpicklingError, match="nothing but NumPy arrays"):
            alexnet.ArraysOnly(opened).load()


def test_its_weights_come_with_the_licenses_of_their_authors():
    assert (weights_files.models_dir() / alexnet.FILE).stat().st_size < 6e6
    license, credits, about = (
        (ROOT / name).read_text(encoding="utf-8") for name in ("LICENSE", "book/credits.md", "data/README.md")
    )
    assert f"data/models/{alexnet.FILE}" in license
    text = (weights_files.models_dir() / "LICENSE-BSD.txt").read_text(encoding="utf-8")
    assert "LICENSE-BSD.txt" in license
    assert "LICENSE-BSD.txt" in about
    for author in ("Richard Zhang, Phillip Isola, Alexei A. Efros, Eli Shechtman, Oliver Wang", "Soumith Chintala"):
        assert author in text
    assert re.search(r"^\| The weights of `lpips` \| \[BSD\]", credits, flags=re.MULTILINE)

"""ChromaGAN: the penalty and the classes by hand, where the branch begins, and whose numbers a step moves."""

from dataclasses import replace

import keras
import killing
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from colorize_lib import data, recipes, zoo
from colorize_lib.networks import class_branch, classifier, efficientnet
from colorize_lib.systems.chromagan import ChromaGAN, class_loss, gradient_penalty, mixed
from colorize_lib.training import devices

RECIPE = recipes.find("chromagan")
TINY = killing.TINY_CHROMA
CONTROLS = {"chromagan_no_critic": "fooling", "chromagan_no_classes": "classes"}


@pytest.fixture(autouse=True)
def few_blocks(request, monkeypatch):
    """An encoder of four blocks, which takes a fifth of the time, but for what has shipped."""
    if "shipped" in request.node.name:
        return
    few = [efficientnet.BLOCKS[k] for k in (0, 1, 3, 5)]
    for module in (efficientnet, class_branch):
        monkeypatch.setattr(module, "BLOCKS", few)


def as_array(tensor):
    return keras.ops.convert_to_numpy(tensor)


def values(network):
    return [np.array(one) for one in network.get_weights()]


def moved(before, network):
    return any(not np.array_equal(one, other) for one, other in zip(before, values(network), strict=True))


def linear_critic(a, b):
    """A critic that says a times a plus b times b at each pixel, whatever L is."""
    light, colors = keras.Input((None, None, 1)), keras.Input((None, None, 2))
    says = layers.Conv2D(1, 1, use_bias=False)
    model = keras.Model([light, colors], says(layers.Concatenate()([light, colors])))
    says.kernel.assign(np.array([0, a, b], "float32").reshape(1, 1, 3, 1))
    return model


def two_photographs(height=2, width=2):
    rng = np.random.default_rng(0)
    return (tf.constant(rng.random((2, height, width, channels)), "float32") for channels in (1, 2))


@pytest.mark.parametrize(
    ("slopes", "pixels", "wanted"),
    [
        ((0.3, 0.4), (2, 2), 0.0),  # .5 a pixel, four pixels: a length of 1
        ((0.6, 0.8), (2, 2), 1.0),  # a length of 2
        ((0.3, 0.4), (4, 4), 1.0),  # sixteen pixels: a length of 2
        ((0.0, 0.0), (2, 2), 1.0),  # no slope at all
    ],
)
def test_the_penalty_of_a_linear_critic_by_hand(slopes, pixels, wanted):
    light, colors = two_photographs(*pixels)
    assert float(gradient_penalty(linear_critic(*slopes), light, colors)) == pytest.approx(wanted, abs=1e-5)


def test_the_penalty_has_a_gradient_for_the_critics_weights_by_hand():
    """For a length of 2 sqrt(a^2 + b^2), which is 2 at (.6, .8), the slope of (length - 1)^2 is 2 * 1 * 2 (.6, .8)."""
    judge = linear_critic(0.6, 0.8)
    with tf.GradientTape() as tape:
        penalty = gradient_penalty(judge, *two_photographs())
    (slope,) = tape.gradient(penalty, [one.value for one in judge.trainable_variables])
    np.testing.assert_allclose(as_array(slope).ravel(), [0, 2.4, 3.2], atol=1e-5)


def test_a_critic_without_any_slope_has_a_finite_gradient():
    judge = linear_critic(0, 0)
    with tf.GradientTape() as tape:
        penalty = gradient_penalty(judge, *two_photographs())
    (slope,) = tape.gradient(penalty, [one.value for one in judge.trainable_variables])
    assert np.isfinite(as_array(slope)).all()


def test_a_mixture_lies_on_the_line():
    truth, painted = np.full((2, 1, 1, 2), 1.0), np.full((2, 1, 1, 2), 3.0)
    found = mixed(truth, painted, np.array([0.25, 1.0]).reshape(2, 1, 1, 1))
    np.testing.assert_allclose(found[:, 0, 0, 0], [2.5, 1.0])


def test_the_classes_loss_by_hand():
    taught = np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]], "float32")
    odds = np.array([[0.25, 0.5, 0.25], [0.5, 0.25, 0.25]], "float32")
    # .5 ln(.5 / .25) + .5 ln(.5 / .5), and ln(1 / .5)
    assert float(class_loss(taught, np.log(odds))) == pytest.approx((0.5 * np.log(2) + np.log(2)) / 2, abs=1e-5)
    assert float(class_loss(odds, np.log(odds) + 7)) == pytest.approx(0, abs=1e-5)


def test_the_first_answer_is_that_of_the_network_it_begins_with():
    rng = np.random.default_rng(0)
    start, colorizer = efficientnet.efficientnet_unet(), class_branch.chroma_unet()
    start.set_weights([0.05 * rng.normal(size=one.shape) for one in start.get_weights()])
    RECIPE.system.begin(colorizer, start)
    x = rng.random((2, 32, 48, 1)).astype("float32")
    painted = as_array(colorizer(x))
    assert np.abs(painted).max() > 1e-3
    np.testing.assert_allclose(painted, as_array(start(x)), atol=1e-6)

    ab, whole = class_branch.seen(colorizer)(x)
    assert whole.shape == (2, 1, 1, class_branch.WHOLE)
    np.testing.assert_array_equal(as_array(ab), painted)
    assert class_branch.namer()(whole).shape == (2, classifier.CLASSES)

    colorizer.set_weights([0.05 * rng.normal(size=one.shape) for one in colorizer.get_weights()])
    again = class_branch.chroma_unet()
    RECIPE.system.begin(again, colorizer)
    np.testing.assert_array_equal(*(as_array(one(x)) for one in (again, colorizer)))
    assert moved([0 * one for one in values(again.get_layer("meaning"))], again.get_layer("meaning"))


def learner_of(recipe):
    """A learner whose steps aren't compiled: a few of them take less time than compiling."""
    learner = devices.new_learner(recipe, 10)
    learner.run_eagerly = True
    return learner


def batch(count=2):
    """Photographs of noise with odds of the classes: x, what is beside it, and y, as a learner takes them."""
    rng = np.random.default_rng(0)
    x, y = RECIPE.system.training_arrays(data.of_arrays(rng.integers(0, 256, (count, 32, 32, 3)).astype("uint8")))
    return x, rng.dirichlet(np.ones(classifier.CLASSES), count).astype("float32"), y


def test_each_step_moves_its_own_networks_alone_by_the_published_loss():
    learner = learner_of(TINY)
    x, taught, y = (tf.constant(one) for one in batch())
    before = {name: values(network) for name, network in learner.networks.items()}
    painted, _ = class_branch.seen(learner.colorizer)(x)
    learner.critics_step(x, y, painted)
    assert [name for name in before if moved(before[name], learner.networks[name])] == ["critic"]

    between, rate = values(learner.networks["critic"]), learner.by_network["critic"]
    rate.learning_rate = 0.0  # a whole step, in which the critic stays where it is
    said = {name: float(value) for name, value in learner.train_on_batch((x, taught), y, return_dict=True).items()}
    assert said["loss"] == pytest.approx(said["mse"] + 0.003 * said["classes"] + 0.1 * said["fooling"], rel=1e-4)
    assert said["critic_loss"] == pytest.approx(10 * said["penalty"] - said["distance"], rel=1e-4)
    assert not moved(between, learner.networks["critic"])
    assert all(moved(before[name], learner.networks[name]) for name in ("colorizer", "names"))


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_lacks_one_part_and_nothing_else(name):
    control, off = recipes.find(name), CONTROLS[name]
    assert control == replace(RECIPE, name=name, about=control.about, system=replace(RECIPE.system, **{off: 0.0}))
    learner = learner_of(replace(TINY, system=replace(TINY.system, **{off: 0.0})))
    left = {"fooling": {"classes"}, "classes": {"fooling", "critic_loss", "distance", "penalty"}}[off]
    assert set(learner.trackers) == {"loss", "mse"} | left
    assert set(learner.networks) == {"colorizer", {"fooling": "names", "classes": "critic"}[off]}
    x, taught, y = batch()
    learner.train_on_batch((x, taught) if off == "fooling" else x, y)  # a step reports what was announced


def test_the_teacher_sees_each_photograph_once_and_whole():
    rgb = np.random.default_rng(0).integers(0, 256, (3, 36, 36, 3)).astype("uint8")
    x, _ = RECIPE.system.training_arrays(data.of_arrays(rgb), compact=True)
    odds = TINY.system.beside(x, 32)
    assert odds.shape == (3, classifier.CLASSES)
    np.testing.assert_allclose(odds.sum(axis=1), 1, rtol=1e-4)
    assert replace(TINY.system, classes=0.0).beside(x, 32) is None


def test_the_head_is_read_as_pytorch_keeps_it():
    rng = np.random.default_rng(0)
    state = {"_fc.weight": rng.normal(size=(1000, 1280)), "_fc.bias": rng.normal(size=1000)}
    head = efficientnet.filled(classifier.head(), classifier.head_weights(state))
    embedding = rng.random((1, 1, 1, classifier.NUMBERS)).astype("float32")
    logits = state["_fc.weight"] @ embedding[0, 0, 0] + state["_fc.bias"]
    assert int(as_array(head(embedding)).argmax()) == int(logits.argmax())
    assert not head.trainable_variables


@pytest.mark.parametrize(
    "wrong",
    [
        {"receptive_field": 35},
        {"critic_filters": 0},
        {"classes": -1.0},
        {"fooling": -0.1},
        {"penalty": -1.0},
        {"enlarge": 0},
    ],
    ids=str,
)
def test_impossible_options_are_refused(wrong):
    ((option, value),) = wrong.items()
    with pytest.raises(ValueError, match=rf"system 'chromagan': {option} is '?{value}'?; expected"):
        ChromaGAN(**wrong)


def test_the_shipped_colorizer_listens_to_its_branch_and_is_exported_as_it_is(tmp_path):
    import onnxruntime

    from colorize_lib.photo import onnx_export

    onnx_export.export("chromagan", tmp_path / "model.onnx")
    session, colorizer = onnxruntime.InferenceSession(tmp_path / "model.onnx"), zoo.load_model("chromagan")
    L = np.random.default_rng(0).random((2, 64, 96, 1)).astype("float32")
    (found,) = session.run(None, {session.get_inputs()[0].name: L})
    np.testing.assert_allclose(found, as_array(colorizer(L, training=False)), atol=5e-4)  # float16
    deaf = zoo.load_model("chromagan")
    deaf.get_layer("meaning").set_weights([0 * one for one in deaf.get_layer("meaning").get_weights()])
    assert np.abs(as_array(deaf(L, training=False)) - found).max() > 5e-3

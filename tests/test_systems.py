"""Every system, and a toy of two networks: built, trained, resumed, saved and exported by the code that knows none."""

import json
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import toys
from PIL import Image

from colorize_lib import data, networks, recipes, systems, training, zoo
from colorize_lib.networks import class_branch, classifier, efficientnet
from colorize_lib.photo.colorizer import Colorizer
from colorize_lib.recipes import Recipe
from colorize_lib.storage import weights_files
from colorize_lib.systems.base import LToAb
from colorize_lib.systems.chromagan import ChromaGAN
from colorize_lib.systems.classification import Classification
from colorize_lib.systems.learner import Adversarial, Supervised
from colorize_lib.systems.regression import EnlargedRegression
from colorize_lib.training import checkpoints, devices, workers

# A recipe of each system.
TRY = {
    "paper": "plain",
    "regression": "small_100",
    "enlarged_regression": "pretrained_enlarged",
    "classification": "classification_plain",
    "conditional_gan": "dcgan",
    "semantic_fusion": "fusion",
    "cyclegan": "cyclegan",
    "chromagan": "chromagan",
}
SMALL = {"size": 32, "stored_size": 32, "batch_size": 16, "precision": "float32", "epochs": 2}
GAN = replace(  # its critic is alone for one step, the only one of the epoch after which the run is resumed
    recipes.find("dcgan").system,
    network="unet_half",
    receptive_field=16,
    critic_filters=8,
    warm_up=1,
    colorizer_steps=1,
)
LIGHTER = {  # where there is one
    "enlarged_regression": {"system": EnlargedRegression("unet_half", side=48), "initial_weights": ""},
    "classification": {"system": Classification("unet_half"), "initial_weights": ""},
    "conditional_gan": {"system": GAN, "initial_weights": ""},
    "semantic_fusion": {"initial_weights": ""},
    "cyclegan": {
        "system": replace(recipes.find("cyclegan").system, side=32, width=4, receptive_field=16, critic_filters=4),
        "batch_size": 8,
        "epochs_per_pass": 1,
    },
    "chromagan": {
        "system": replace(recipes.find("chromagan").system, receptive_field=16, critic_filters=4),
        "initial_weights": "",
        "epochs_per_pass": 1,
    },
}
TRIED = {
    name: replace(recipes.find(TRY[name]), **SMALL | LIGHTER.get(name, {}))
    for name in systems.SYSTEMS
    if name != "gray"
} | toys.RECIPES
ADVERSARIAL = [name for name, recipe in TRIED.items() if not recipe.system.one_loss]


@pytest.fixture(scope="module")
def parts():
    return data.split(data.load("sample", 32))


@pytest.fixture(autouse=True)
def small_chromagan(monkeypatch):
    """An encoder of four blocks, and odds of the classes that no teacher is asked for: see test_chromagan.py."""
    monkeypatch.setattr(class_branch, "BLOCKS", [efficientnet.BLOCKS[k] for k in (0, 1, 3, 5)])
    odds = np.random.default_rng(0).dirichlet(np.ones(classifier.CLASSES), 100).astype("float32")
    monkeypatch.setattr(ChromaGAN, "beside", lambda self, x, size: odds[: len(x)])


@pytest.fixture(params=TRIED)
def recipe(request, monkeypatch):
    """A small recipe of each system."""
    found = TRIED[request.param]
    monkeypatch.setitem(systems.SYSTEMS, found.system.name, type(found.system))
    monkeypatch.setitem(recipes.RECIPES, found.name, found)
    return found


def test_every_system_is_tried():
    assert set(systems.SYSTEMS) == {"gray", *TRY}


def test_a_system_is_served_from_its_first_step_to_a_photograph(recipe, parts, tmp_path, monkeypatch):
    assert recipe.system.one_loss == isinstance(devices.new_learner(recipe, 1), Supervised)
    stride = recipe.system.stride
    for shape in ((stride, 2 * stride), (2 * stride, stride)):  # one network serves every size
        x = recipe.system.representation.inputs(data.of_arrays(np.zeros((1, *shape, 3), "uint8")))
        assert recipe.system.representation.ab(np.asarray(recipe.build()(x))).shape == (1, *shape, 2)
    with pytest.raises(ValueError, match="multiple of"):
        recipe.build(stride + 1)
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe

    training.train(recipe, parts["train"], parts["val"], tmp_path, epochs=1, verbose=False)
    recipe.build()  # Keras counts names up: a checkpoint must not depend on them
    resumed, again = training.train(recipe, parts["train"], parts["val"], tmp_path, epochs=2, verbose=False)
    del again["seconds"]
    assert {key: len(values) for key, values in again.items()} == dict.fromkeys(again, 2)
    if recipe.schedule == "constant":  # a cosine that is told of one epoch has another rate in it
        whole, history = training.train(recipe, parts["train"], parts["val"], verbose=False)
        del history["seconds"]
        assert again == pytest.approx({key: pytest.approx(values, rel=1e-3) for key, values in history.items()})
        for one, other in zip(whole.get_weights(), resumed.get_weights(), strict=True):
            np.testing.assert_allclose(one, other, atol=1e-4)

    file = tmp_path / f"{recipe.name}{weights_files.SUFFIX}"
    weights_files.save(resumed, file, recipe.name)
    kept = zoo.load_model(file)
    few = parts["test"].select(slice(2))
    apart = recipe.system.predict(resumed, few).astype(int) - recipe.system.predict(kept, few)
    assert np.abs(apart).max() <= 1  # the file holds float16
    photograph = Image.fromarray(few.rgb[0]).resize((70, 50))
    assert Colorizer(file).colorize(photograph).size == (70, 50)


def test_a_colorizer_from_l_is_exported_as_it_is(recipe, tmp_path):
    from colorize_lib.photo import onnx_export

    file = tmp_path / f"{recipe.name}{weights_files.SUFFIX}"
    weights_files.save(recipe.build(), file, recipe.name)
    if recipe.system.representation is not LToAb:
        with pytest.raises(ValueError, match="predicts R, G, B"):
            onnx_export.export(file, tmp_path / "model.onnx")
        return
    import onnxruntime

    onnx_export.export(file, tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    L = np.random.default_rng(0).random((1, 64, 96, 1)).astype("float32")
    (found,) = session.run(None, {session.get_inputs()[0].name: L})
    np.testing.assert_allclose(found, np.asarray(zoo.load_model(file)(L, training=False)), atol=5e-4)  # float16


def values(network):
    return [np.array(one) for one in network.get_weights()]


def same(before, network):
    return all(np.array_equal(one, other) for one, other in zip(before, values(network), strict=True))


def not_compiled(recipe):
    """A learner of which a step or two take less time than compiling."""
    learner = devices.new_learner(recipe, 10)
    learner.run_eagerly = True
    return learner


def seen(name, photographs):
    """What a learner takes of photographs: x, with what belongs beside it, and y."""
    x, y = TRIED[name].system.training_arrays(photographs)
    beside = TRIED[name].system.beside(x, SMALL["size"])
    return (x if beside is None else (x, beside)), y


@pytest.mark.parametrize("name", ADVERSARIAL)
def test_a_step_of_one_network_leaves_the_other_as_it_was(name, parts):
    learner = devices.new_learner(TRIED[name], 10)

    def all_numbers():
        """A loss that depends on the numbers of every network."""
        weights = (one for network in learner.networks.values() for one in network.trainable_variables)
        return sum(keras.ops.sum(keras.ops.square(one)) for one in weights)

    for moving in learner.optimizers():
        before = {name: values(network) for name, network in learner.networks.items()}
        assert np.isfinite(float(learner.descend(moving, all_numbers)))
        assert [name for name, network in learner.networks.items() if not same(before[name], network)] == [moving]


@pytest.mark.parametrize("name", ADVERSARIAL)
def test_a_whole_step_moves_every_network_by_its_own_gradient(name, parts):
    """The step of one must not reach another's numbers, batch normalization's averages and dropout's seeds included."""
    learner, alone = (not_compiled(TRIED[name]) for _ in range(2))
    x, y = seen(name, parts["val"])
    frozen = {other: values(network) for other, network in alone.networks.items() if other != "colorizer"}
    for other in frozen:
        alone.by_network[other].learning_rate = 0.0
    learner.train_on_batch(x, y)
    alone.train_on_batch(x, y)
    for other, before in frozen.items():
        trainable = [k for k, one in enumerate(alone.networks[other].weights) if one.trainable]
        after = values(alone.networks[other])
        assert all(np.array_equal(before[k], after[k]) for k in trainable)
        assert not same(before, learner.networks[other])


@pytest.mark.parametrize("name", ADVERSARIAL)
@pytest.mark.parametrize("level", [0, 128, 255])
def test_no_number_becomes_nan_at_black_gray_and_white(name, level):
    learner = not_compiled(TRIED[name])
    x, y = seen(name, data.of_arrays(np.full((4, 32, 32, 3), level, "uint8")))
    for _ in range(2):
        learner.train_on_batch(x, y)
    for path, variable in learner.state().items():
        assert np.isfinite(np.asarray(variable)).all(), path


@pytest.mark.parametrize("name", ADVERSARIAL)
def test_what_several_networks_can_not_do_is_refused_in_one_sentence(name, parts):
    with pytest.raises(ValueError, match="not supported on several devices; train it on one device of one machine"):
        training.train(TRIED[name], parts["train"], parts["val"], strategy=object())
    with pytest.raises(ValueError, match="not supported on several machines"):
        workers.train(TRIED[name], parts["train"], None, 1)
    with pytest.raises(ValueError, match="precision is 'mixed_bfloat16'; expected one of: float32"):
        replace(TRIED[name], precision="mixed_bfloat16")


def test_other_backends_than_tensorflow_are_refused_where_networks_compete(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(ValueError, match="KERAS_BACKEND is 'jax'; networks that learn against each other"):
        toys.make_learner(toys.toy_network(32), toys.toy_critic(), keras.optimizers.Adam, 0.0)


def test_paths_in_a_checkpoint_depend_on_the_learner_alone():
    first, second = (devices.new_learner(toys.RECIPES["toy_gan"], 10).state() for _ in range(2))
    assert list(first) == list(second)
    assert "critic/01_Conv2D/0_kernel" in first
    assert "colorizer/01_Conv2D/0_kernel" in first
    assert "memory/draws" in first
    assert any("seed" in path for path in first), "dropout's seeds"
    assert any("moving_mean" in path for path in first)
    nested = networks.variable_paths(recipes.find("plain").build(32))
    assert "01_Functional/01_Conv2D/0_kernel" in nested


def test_variables_outside_of_layers_are_refused():
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.number = self.add_weight(name="number", shape=())

    with pytest.raises(ValueError, match="holds variables outside of its layers"):
        networks.variable_paths(Own())


def test_unknown_systems_and_options_are_named():
    with pytest.raises(
        ValueError, match=rf"there is no system 'no_such'; expected one of: {', '.join(systems.SYSTEMS)}\."
    ):
        systems.find("no_such", {})
    said = r"the system 'paper' has no option 'chroma_gain'; expected some of: network, loss\."
    with pytest.raises(ValueError, match=said):
        systems.find("paper", {"chroma_gain": 2.0})
    with pytest.raises(ValueError, match=r"the system 'gray' has no option 'loss'; it has none\."):
        systems.find("gray", {"loss": "l1"})


def test_a_recipe_of_an_earlier_version_is_read():
    now = recipes.find("small_10").to_json()
    earlier = {key: value for key, value in now.items() if key not in ("seeds", "jit")}
    earlier["share"], earlier["keep"] = earlier.pop("training_fraction"), earlier.pop("kept_epoch")
    del earlier["options"]["chroma_power"]
    assert Recipe.from_json(earlier) == replace(recipes.find("small_10"), seeds=1)
    with pytest.raises(
        ValueError, match=r"recipe 'small_10': this version of the course knows no dropout; a newer one"
    ):
        Recipe.from_json(now | {"dropout": 0.5})
    with pytest.raises(ValueError, match=r"this version of the course knows no blur; a newer one"):
        Recipe.from_json(now | {"augmentation": {"blur": 1.0}})


@pytest.mark.parametrize("wrong", [{"seeds": 0}, {"batch_size": 0}, {"epochs": -1}, {"training_fraction": 1.5}])
def test_impossible_numbers_are_refused(wrong):
    ((setting, found),) = wrong.items()
    with pytest.raises(ValueError, match=rf"recipe 'ours': {setting} is {found}; expected "):
        replace(recipes.find("ours"), **wrong)


def test_a_learner_says_what_it_needs():
    colorizer, critic = toys.toy_network(32), toys.toy_critic()
    optimizers = {"critic": keras.optimizers.Adam()}
    with pytest.raises(ValueError, match="expected 'loss' among them"):
        Adversarial(colorizer, {"critic": critic}, optimizers, ("critic_loss",))
    with pytest.raises(ValueError, match="can't be called 'memory'"):
        Adversarial(colorizer, {"memory": critic}, {}, ("loss",))
    learner = Adversarial(colorizer, {"critic": critic}, optimizers, ("loss", "other"))
    learner.step = lambda x, y: {"loss": 0.0}
    with pytest.raises(ValueError, match="the step reports loss; announced were loss, other"):
        learner.train_step((0, 0))


def test_an_old_checkpoint_is_of_the_same_run_when_a_field_was_added(parts, tmp_path):
    recipe = TRIED["regression"]
    checkpoints.same_run(tmp_path, recipe, parts["train"], resumed=False)
    path = tmp_path / checkpoints.SETTINGS
    settings = json.loads(path.read_text())
    del settings["recipe"]["jit"], settings["recipe"]["options"]["chroma_gain"]
    path.write_text(json.dumps(settings))
    checkpoints.same_run(tmp_path, recipe, parts["train"], resumed=True)
    path.unlink()
    with pytest.raises(ValueError, match=r"settings\.json: missing, so nobody can say which run"):
        checkpoints.same_run(tmp_path, recipe, parts["train"], resumed=True)
    path.write_text(json.dumps(settings["recipe"]))
    with pytest.raises(ValueError, match=r"settings\.json: of an earlier version of the course"):
        checkpoints.same_run(tmp_path, recipe, parts["train"], resumed=True)


@pytest.mark.parametrize("recipe", recipes.RECIPES.values(), ids=lambda recipe: recipe.name)
def test_what_a_recipe_holds_is_the_same_after_json(recipe):
    scalars = recipe.to_json()
    assert Recipe.from_json(json.loads(json.dumps(scalars))) == recipe
    for part in (scalars.pop("options"), scalars.pop("augmentation"), scalars):
        assert all(value is None or isinstance(value, str | int | float | bool) for value in part.values())


def test_what_ships_is_what_was_measured():
    """The command sees the gray that the metrics were measured with, and gives the same a and b."""
    small = data.load("sample", 256).select(slice(1))
    for name in ("paper", "ours"):
        colorizer, recipe = Colorizer(name), recipes.find(name)
        given = recipe.system.representation.inputs(small)
        measured = recipe.system.representation.ab(np.asarray(colorizer.model(given, training=False)))
        np.testing.assert_array_equal(colorizer.predict_ab(Image.fromarray(small.rgb[0])), measured[0])


def test_the_table_of_systems_is_all_that_names_them():
    """Command, pages, zoo, results and Turing test know no system; what writes out each kind of network does."""
    root = Path(systems.__file__).parents[1]
    knowing = {"systems", "networks", "recipes.py", "exercises"}
    for path in root.rglob("*.py"):
        if path.relative_to(root).parts[0] not in knowing and path.name != "network_steps.py":
            classes = {
                "Regression",
                "PaperRegression",
                "Classification",
                "ConditionalGAN",
                "SemanticFusion",
                "CycleGAN",
                "ChromaGAN",
            }
            assert not classes & set(path.read_text(encoding="utf-8").split()), path

"""Probes: what an encoder knows besides color (taught in chapter 11).

The encoder stays as it is; only a linear classifier learns, from its features to the scene. `measure` sets that
beside an untrained encoder, plain pixels, and the same encoder trained on the scenes themselves.
"""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

from colorize_lib import color, data, metrics, provenance, results, zoo
from colorize_lib.backend import start_keras
from colorize_lib.networks import labels as label_learning
from colorize_lib.recipes import Recipe, find
from colorize_lib.settings import data_dir
from colorize_lib.storage import writing

Model = Any  # keras.Model
Parts = dict[str, Any]  # "train", "val" and "test"
SIZE = 64  # pixels a side: a quarter of the work of 128
GRID = 2  # the code is averaged over 2 x 2 parts of the picture
STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1)  # scikit-learn's C: the smaller, the simpler the classifier must be
SEEDS = (1, 2, 3)  # of the untrained encoders
EPOCHS = 10  # of an encoder trained on the scenes


def levels(model: Model) -> list[Any]:
    """Return what the encoder of a colorizer gives at each level, from 1/2 of the size down to the code."""
    import keras

    names = [layer.name for layer in model.layers]
    if "encoder" in names:  # the paper's networks
        return list(model.get_layer("encoder")(model.inputs[0]))
    grows = [isinstance(layer, keras.layers.UpSampling2D) for layer in model.layers].index(True)
    ends = (layer.output for layer in model.layers[:grows] if isinstance(layer, keras.layers.ReLU))
    return list({output.shape[-1]: output for output in ends}.values())  # the last of each width


def pooled_encoder(model: Model, size: int = SIZE, grid: int = GRID) -> Model:
    """Return the network from a picture to its features: the code, averaged over grid x grid parts.

    [batch, size, size, channels] to [batch, grid * grid * filters]. It shares its weights with `model`.
    """
    import keras
    from keras import layers

    inputs = keras.Input((size, size, model.input_shape[-1]))
    code = keras.Model(model.inputs, levels(model)[-1])(inputs)
    pooled = layers.AveragePooling2D(max(1, code.shape[1] // grid))(code)
    return keras.Model(inputs, layers.Flatten()(pooled))


def features(model: Model, recipe: Recipe, photographs: data.Photographs, grid: int = GRID) -> np.ndarray:
    """Return what the encoder of `model`, left as it is, says of photographs: float32 [N, features]."""
    network = pooled_encoder(model, photographs.rgb.shape[1], grid)
    found = (network.predict_on_batch(recipe.system.representation.inputs(batch)) for batch in photographs.batches(100))
    return np.concatenate([np.asarray(one, "float32") for one in found])


def pixels(photographs: data.Photographs, side: int = 16) -> np.ndarray:
    """Return L of photographs squashed to side x side, float32 [N, side * side]: what is known without a network."""
    L = color.lightness(photographs.rgb)
    count, step = len(L), L.shape[1] // side
    return L.reshape(count, side, step, side, step).mean(axis=(2, 4)).reshape(count, -1)


def probe(x: Parts, labels: Parts) -> np.ndarray:
    """Fit a linear classifier to features and return what it says of "test", [N].

    `x` and `labels` hold "train" to learn from, "val" to choose how simple the classifier must be, and "test":
    [N, features] and [N]. Defined in chapter 11.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    choices = [make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=1000)) for c in STRENGTHS]
    fitted = [classifier.fit(x["train"], labels["train"]) for classifier in choices]
    best = max(fitted, key=lambda classifier: classifier.score(x["val"], labels["val"]))
    return best.predict(x["test"])


def accuracy(truth: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """Return the part that is right, and its 95 % interval over photographs: labels [N], and [N] or [seeds, N]."""
    right = np.atleast_2d(predicted == truth).mean(axis=0)
    low, high = metrics.interval(right)
    return {"mean": float(right.mean()), "low": low, "high": high}


def learn_labels(model: Model, recipe: Recipe, parts: Parts, labels: Parts, epochs: int = EPOCHS) -> np.ndarray:
    """Train the whole encoder of `model`, which changes, on labels 0, 1, ...; return what it says of "test", [N].

    Photographs are mirrored at random; the weights of the epoch that is best on "val" are used.
    """
    import keras

    keras.utils.set_random_seed(SEEDS[0])
    network = pooled_encoder(model, parts["train"].rgb.shape[1])
    mirrored = keras.layers.RandomFlip("horizontal")(network.input)
    classifier = keras.Model(network.input, keras.layers.Dense(len(set(labels["train"])))(network(mirrored)))
    x = {part: recipe.system.representation.inputs(photographs) for part, photographs in parts.items()}
    label_learning.learn(classifier, x, labels, epochs)
    return classifier.predict(x["test"], verbose=0).argmax(axis=-1)


def segments(model: Model, recipe: Recipe, photographs: data.Photographs, count: int = 5, seed: int = 0) -> np.ndarray:
    """Return a segment's number, 0 to count - 1, for each pixel, [N, size, size]: k-means on the encoder's levels.

    The levels from 1/4 of the size on are laid over one another at 1/4, each place's features scaled to length 1, so
    that it counts which channels speak and not how loudly. One clustering serves all photographs.
    """
    import keras
    from sklearn.cluster import KMeans

    directions = [keras.layers.UnitNormalization()(one) for one in levels(model)[1:]]
    stretched = [keras.layers.UpSampling2D(2**k)(one) for k, one in enumerate(directions)]
    network = keras.Model(model.inputs, keras.layers.Concatenate()(stretched))
    # Mirrored borders: at a border of zeros every photograph would show the same segment.
    x = np.pad(recipe.system.representation.inputs(photographs), ((0, 0), (32, 32), (32, 32), (0, 0)), "reflect")
    maps = np.asarray(network.predict_on_batch(x))[:, 8:-8, 8:-8]
    found = KMeans(count, n_init=4, random_state=seed).fit_predict(maps.reshape(-1, maps.shape[-1]))
    return found.reshape(maps.shape[:3]).repeat(4, axis=1).repeat(4, axis=2)


def frozen(model: Model, recipe: Recipe, parts: Parts, labels: Parts) -> np.ndarray:
    """Return what a probe of the encoder of `model`, left as it is, says of "test", [N]."""
    return probe({part: features(model, recipe, photographs) for part, photographs in parts.items()}, labels)


def compare(name: str, parts: Parts, labels: Parts, epochs: int) -> dict[str, list[np.ndarray]]:
    """Return what is said of "test" with an encoder untrained, as shipped, and trained on the labels, [N] a seed."""
    import keras

    recipe, trained, untrained = find(name), zoo.load_model(name), []
    for seed in SEEDS:
        keras.utils.set_random_seed(seed)
        untrained.append(recipe.build())
    said = {
        f"{name}_random": [frozen(model, recipe, parts, labels) for model in untrained],
        name: [frozen(trained, recipe, parts, labels)],
    }
    if epochs:
        said[f"{name}_labels"] = [learn_labels(untrained[0], recipe, parts, labels, epochs)]
        said[f"{name}_further"] = [learn_labels(trained, recipe, parts, labels, epochs)]
    return said


def measure(
    names: Sequence[str] = ("ours",),
    source: str = "landscape",
    size: int = SIZE,
    epochs: int = EPOCHS,
    alike: Sequence[str] = (),
) -> dict[str, Any]:
    """Probe the encoders of the recipes `names`, whose weights must be there; write data/results/probes.json.

    A row of its ``rows`` holds the accuracy and what was said of each test photograph: a digit, the scene's place in
    ``scenes``; one string a seed. Rows of other recipes stay if they were measured in the same way. No `epochs`: no
    encoder is trained on the scenes, which takes most of the time; those that were keep their rows. Recipes `alike`
    are only probed as shipped: untrained, their encoder is that of one of the `names`.
    """
    start_keras()
    parts = data.split(data.load(source, size))
    scenes = sorted(set(parts["test"].scenes or []))
    if not scenes:
        raise ValueError(f"{source}: its photographs have no scenes to tell apart; take a source with a classes.csv.")
    labels = {part: np.searchsorted(scenes, photographs.scenes or []) for part, photographs in parts.items()}
    said = {"pixels": [probe({part: pixels(photographs) for part, photographs in parts.items()}, labels)]}
    for name in names:
        said |= compare(name, parts, labels, epochs)
    for name in alike:
        said[name] = [frozen(zoo.load_model(name), find(name), parts, labels)]
    result: dict[str, Any] = {
        "size": size,
        "epochs": epochs,
        "seeds": list(SEEDS),
        "scenes": scenes,
        "truth": _digits(labels["test"]),
        "data": {"source": source, "fingerprint": data.fingerprint(parts["test"])}
        | {part: len(photographs) for part, photographs in parts.items()},
        "code": provenance.code_hash(probe, features, accuracy),
        "made_with": provenance.made_with() | {"scikit-learn": version("scikit-learn")},
        "rows": {
            row: {"accuracy": accuracy(labels["test"], np.array(one)), "predicted": [_digits(seed) for seed in one]}
            for row, one in said.items()
        },
    }
    path = data_dir() / "results" / "probes.json"
    before = results.measurement("probes") if path.is_file() else {}
    if not epochs:
        result["epochs"] = before.get("epochs", 0)  # of rows that this measurement leaves as they are
    if all(before.get(key) == result[key] for key in ("size", "epochs", "data")):
        result["rows"] = before["rows"] | result["rows"]
    writing.write_json(path, result)
    return result


def _digits(classes: np.ndarray) -> str:
    return "".join(map(str, classes))

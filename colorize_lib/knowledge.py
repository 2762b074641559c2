"""What the class branch of `chromagan` has learned from its teacher (taught in chapter 25).

    python -m colorize_lib.knowledge --runs DIR

measures on the landscapes and writes data/results/knowledge.json: on the test photographs what the teacher and the
branch name, and how far the branch's odds are from the teacher's; and how well a linear classifier tells the scene from
the branch's 256 numbers. DIR holds the folders of the runs `TAUGHT` and `SILENT`, whose last checkpoints are read.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from colorize_lib import data, probes, provenance, results, schema, zoo
from colorize_lib.backend import start_keras
from colorize_lib.networks import Model, class_branch, variable_paths
from colorize_lib.recipes import RECIPES
from colorize_lib.settings import data_dir
from colorize_lib.storage import weights_files, writing
from colorize_lib.systems import chromagan
from colorize_lib.systems.base import LToAb
from colorize_lib.training.checkpoints import CHECKPOINT

NAME = "knowledge"  # of the file in data/results
TAUGHT = "chromagan"  # the run in which a teacher was asked
SILENT = "chromagan_no_classes"  # the run in which none was
START = "start"  # the branch as it begins, on the encoder of `pretrained`
ANY = "one answer for all"  # the teacher's mean odds on validation, in place of a branch
AT_ONCE = 25  # photographs
LEARNED_FROM = 1200  # training photographs that the linear classifier of scenes learns from


def from_checkpoint(runs: Path, name: str) -> tuple[Model, Model | None]:
    """Return the colorizer of a run after its last step, and what names its classes, None where nothing does."""
    start_keras()
    networks = {"colorizer": RECIPES[name].build()}
    if name == TAUGHT:
        networks["names"] = class_branch.namer()
    with np.load(runs / name / CHECKPOINT) as stored:
        for part, network in networks.items():
            for path, variable in variable_paths(network).items():
                variable.assign(stored[f"{part}/{path}"])
    return networks["colorizer"], networks.get("names")


def beginning() -> Model:
    """Return a colorizer with the encoder of `pretrained` and a branch that has learned nothing, seeded."""
    import keras

    recipe = RECIPES[TAUGHT]
    keras.utils.set_random_seed(recipe.seed)
    colorizer = recipe.build()
    recipe.system.begin(colorizer, zoo.load_model(recipe.initial_weights))
    return colorizer


def numbers_of(colorizer: Model, photographs: data.Photographs) -> np.ndarray:
    """Return the branch's numbers of whole photographs, float32 [N, `class_branch.WHOLE`]."""
    import keras

    branch = keras.Model(colorizer.input, colorizer.get_layer("whole").output)
    parts = [branch.predict_on_batch(LToAb.inputs(part)) for part in photographs.batches(AT_ONCE)]
    return np.concatenate(parts)[:, 0, 0]


def teachers(photographs: data.Photographs) -> np.ndarray:
    """Return the teacher's odds of the classes as `chromagan` learns from them, float32 [N, classes]."""
    enlarge = RECIPES[TAUGHT].system.options()["enlarge"]
    parts = photographs.batches(AT_ONCE)
    return np.concatenate([chromagan.teachers_odds(LToAb.inputs(part), int(enlarge)) for part in parts])


def odds_of(names: Model, numbers: np.ndarray) -> np.ndarray:
    """Return the branch's odds of the classes, float32 [N, classes], for its `numbers`."""
    logits = np.asarray(names.predict_on_batch(numbers[:, None, None]), "float32")
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def divergences(taught: np.ndarray, named: np.ndarray) -> np.ndarray:
    """Return `chromagan.class_loss` of each photograph, nats, float32 [N]; odds [N, classes] both."""
    least = chromagan.LEAST
    return (taught * (np.log(np.maximum(taught, least)) - np.log(np.maximum(named, least)))).sum(axis=1)


def named(taught: np.ndarray, answers: dict[str, np.ndarray], scenes: Sequence[str]) -> dict[str, Any]:
    """Return each photograph's most likely class by the teacher and by each of the `answers`, and their distance."""
    return {
        "scenes": list(scenes),
        "teacher": taught.argmax(axis=1).tolist(),
        "classes": {name: odds.argmax(axis=1).tolist() for name, odds in answers.items()},
        "divergence": {
            name: divergences(taught, odds).astype(float).round(4).tolist() for name, odds in answers.items()
        },
    }


def agreement(name: str) -> dict[str, schema.Interval]:
    """Return in which part of the test photographs the teacher and `name` name the same class: "all", then by scene.

    `name` is `TAUGHT` or `ANY`. The intervals are over photographs.
    """
    test = results.measurement(NAME)["test"]
    same = np.array(test["teacher"]) == np.array(test["classes"][name])
    kinds = np.array(test["scenes"])
    parts = {"all": np.ones(len(same), bool)} | {scene: kinds == scene for scene in sorted(set(test["scenes"]))}
    return {one: results.mean_and_interval(same[part].astype(float)) for one, part in parts.items()}


def measure(runs: Path) -> dict[str, Any]:
    """Return what is written into the file."""
    start_keras()
    parts = data.split(data.load("landscape", first=data.SPLIT["val"][0]))
    parts = {"train": data.load("landscape", last=LEARNED_FROM), **{one: parts[one] for one in ("val", "test")}}
    scenes = {part: np.array(photographs.scenes) for part, photographs in parts.items()}
    branches = {START: (beginning(), None), **{name: from_checkpoint(runs, name) for name in (TAUGHT, SILENT)}}
    taught = {part: teachers(parts[part]) for part in ("val", "test")}
    answers = {ANY: np.tile(taught["val"].mean(axis=0), (len(taught["test"]), 1))}
    right: dict[str, Any] = {}
    for name, (colorizer, names) in branches.items():
        numbers = {part: numbers_of(colorizer, photographs) for part, photographs in parts.items()}
        right[name] = probes.accuracy(scenes["test"], probes.probe(numbers, scenes))
        if names is not None:
            answers[name] = odds_of(names, numbers["test"])
    return {
        "test": named(taught["test"], answers, parts["test"].scenes or []),
        "scenes": right,
        "learned_from": len(parts["train"]),
        "data": {part: data.fingerprint(photographs) for part, photographs in parts.items()},
        "code": code_version(),
        "made_with": provenance.made_with(),
    }


def code_version() -> str:
    """Return 16 hexadecimal digits that change with the code that measures; see `provenance.code_hash`."""
    return provenance.code_hash(numbers_of, teachers, odds_of, divergences, probes.probe, class_branch.chroma_unet)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure everything, write the file, and ship what names the classes of `chromagan`."""
    parser = argparse.ArgumentParser(prog=f"python -m {__name__}", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=Path, required=True, metavar="DIR")
    runs = parser.parse_args(arguments).runs
    writing.write_json(data_dir() / "results" / f"{NAME}.json", measure(runs))
    _, names = from_checkpoint(runs, TAUGHT)
    weights_files.save(names, weights_files.models_dir() / class_branch.NAMER_FILE, class_branch.NAMER)
    weights_files.register(class_branch.NAMER)


if __name__ == "__main__":
    main()

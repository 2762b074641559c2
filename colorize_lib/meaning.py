"""What a classifier's embedding is worth to a colorizer (taught in chapter 22).

    python -m colorize_lib.meaning --runs DIR

measures on the landscapes and writes data/results/meaning.json: on the test photographs the PSNR of `fusion` with each
photograph's own embedding, with others' and with zeros; on validation how it depends on the size at which the
classifier sees a photograph; and each scene's mean embedding. DIR holds the folders of the runs `WITH` and `WITHOUT`,
whose seeds are read from there.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from colorize_lib import data, metrics, provenance, results, schema, zoo
from colorize_lib.networks import Model
from colorize_lib.recipes import RECIPES, find
from colorize_lib.settings import data_dir
from colorize_lib.storage import weights_files, writing
from colorize_lib.systems import semantic_fusion
from colorize_lib.systems.base import LToAb

NAME = "meaning"  # of the file in data/results
MEASURED = "fusion"
WITH, WITHOUT = "small_fusion", "small_fusion_control"  # one network with and without the embedding
METRICS = ("psnr", "ciede2000")  # of the runs
SIZES = (64, 128, 224, 256)  # pixels a side of what the classifier sees
AT_ONCE = 10  # photographs of the largest size
SEED = 1  # of who gets whose embedding
TYPICAL = 1200  # training photographs of which each scene's mean embedding is made


def embeddings_of(photographs: data.Photographs) -> np.ndarray:
    """Return the embeddings of photographs as they are, float32 [N, 1, 1, numbers]."""
    parts = photographs.batches(AT_ONCE)
    return np.concatenate([semantic_fusion.embeddings(LToAb.inputs(part)) for part in parts])


def painted(learned: Model, photographs: data.Photographs, embeddings: np.ndarray) -> np.ndarray:
    """Color photographs, each with the embedding at its place: uint8 sRGB [N, H, W, 3]."""
    pictures = [photographs.rgb[:0]]
    for first in range(0, len(photographs), AT_ONCE):
        few = slice(first, first + AT_ONCE)
        L = LToAb.inputs(photographs.select(few))
        pictures.append(LToAb.picture(L, np.asarray(learned.predict_on_batch([L, embeddings[few]]), "float32")))
    return np.concatenate(pictures)


def givers(scenes: Sequence[str], same: bool, seed: int = SEED) -> np.ndarray:
    """Return for each photograph another one, drawn from its own scene or from the other scenes, int [N].

    A photograph for which there is none keeps itself.
    """
    rng, kinds = np.random.default_rng(seed), np.asarray(scenes)
    chosen = np.arange(len(kinds))
    for i, kind in enumerate(kinds):
        others = np.flatnonzero((kinds == kind) == same)
        others = others[others != i]
        if len(others):
            chosen[i] = rng.choice(others)
    return chosen


def given(embeddings: np.ndarray, scenes: Sequence[str]) -> dict[str, np.ndarray]:
    """Return what photographs are given in place of their own embeddings, by its name."""
    return {
        "own": embeddings,
        "same scene": embeddings[givers(scenes, same=True)],
        "other scene": embeddings[givers(scenes, same=False)],
        "zeros": np.zeros_like(embeddings),
    }


def at_answer_time(photographs: data.Photographs) -> dict[str, list[float]]:
    """Return the PSNR of `MEASURED` on each photograph, by what it is given."""
    learned = weights_files.learned(zoo.load_model(MEASURED))
    offered = given(embeddings_of(photographs), photographs.scenes or [])
    return {
        name: _rounded(metrics.psnr(photographs.rgb, painted(learned, photographs, one)))
        for name, one in offered.items()
    }


def by_size(photographs: data.Photographs) -> dict[str, list[float]]:
    """Return the PSNR of `MEASURED` on each photograph, by the size at which the classifier sees it."""
    learned, found = weights_files.learned(zoo.load_model(MEASURED)), {}
    for size in SIZES:
        first, last = int(photographs.ids.min()), int(photographs.ids.max()) + 1
        seen = embeddings_of(data.load(photographs.source, size, first, last))
        found[str(size)] = _rounded(metrics.psnr(photographs.rgb, painted(learned, photographs, seen)))
    return found


def typical(photographs: data.Photographs) -> dict[str, list[float]]:
    """Return each scene's mean embedding, its photographs' divided by their lengths, rounded for a file."""
    seen = embeddings_of(photographs)[:, 0, 0]
    unit, kinds = seen / np.linalg.norm(seen, axis=1, keepdims=True), np.asarray(photographs.scenes)
    return {scene: _rounded(unit[kinds == scene].mean(axis=0)) for scene in sorted(set(kinds.tolist()))}


def as_scene(scene: str, count: int) -> np.ndarray:
    """Return the shipped mean embedding of a scene, once for each of `count` photographs, [count, 1, 1, numbers]."""
    mean = np.array(results.measurement(NAME)["typical"][scene], "float32")
    return np.broadcast_to(mean, (count, 1, 1, len(mean)))


def of_runs(folder: Path, name: str, metric: str = "psnr") -> dict[str, list[float]]:
    """Return a metric on each test photograph of every seed of a run in ``folder/name``, by seed."""
    first = RECIPES[name].seed
    files = {first: folder / name / f"{name}.json"}
    for seed in range(first + 1, first + RECIPES[name].seeds):
        files[seed] = folder / name / f"seed_{seed}" / f"{name}.json"
    return {str(seed): json.loads(file.read_text(encoding="utf-8"))["each"][metric] for seed, file in files.items()}


def _rounded(values: np.ndarray) -> list[float]:
    return [float(value) for value in values.astype("float64").round(5)]


def gaps(first: np.ndarray, second: np.ndarray, scenes: Sequence[str]) -> dict[str, schema.Interval]:
    """Return by how much `first` is above `second`, [N] each: over all photographs ("all"), then scene by scene."""
    apart, kinds = np.asarray(first) - np.asarray(second), np.asarray(scenes)
    parts = {"all": np.ones(len(apart), bool)} | {scene: kinds == scene for scene in sorted(set(scenes))}
    return {name: results.mean_and_interval(apart[part]) for name, part in parts.items()}


def worth(metric: str = "psnr") -> dict[str, schema.Interval]:
    """Return by how much the network with the embedding is above the one without: "all", then by scene.

    `metric` is ``psnr``, dB, or ``ciede2000``, of which less is better. Each photograph's number is the mean over the
    seeds, so the intervals are over photographs.
    """
    test = results.measurement(NAME)["test"]
    one, other = (np.mean(list(test[f"seeds_{metric}"][name].values()), axis=0) for name in (WITH, WITHOUT))
    return gaps(one, other, test["scenes"])


def lost(instead: str) -> dict[str, schema.Interval]:
    """Return by how much `MEASURED` falls where it is given something `instead` of its own embedding, as in `worth`."""
    test = results.measurement(NAME)["test"]
    return gaps(test["given"][instead], test["given"]["own"], test["scenes"])


def code_version() -> str:
    """Return 16 hexadecimal digits that change with the code that measures; see `provenance.code_hash`."""
    return provenance.code_hash(at_answer_time, by_size, *results.coloring(find(MEASURED)))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure everything and write the file."""
    parser = argparse.ArgumentParser(prog=f"python -m {__name__}", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=Path, required=True, metavar="DIR")
    runs = parser.parse_args(arguments).runs
    parts = data.split(data.load("landscape", first=data.SPLIT["val"][0]))
    found: dict[str, Any] = {
        "test": {
            "scenes": parts["test"].scenes,
            "given": at_answer_time(parts["test"]),
            **{
                f"seeds_{metric}": {name: of_runs(runs, name, metric) for name in (WITH, WITHOUT)} for metric in METRICS
            },
        },
        "validation": {"by_size": by_size(parts["val"])},
        "typical": typical(data.load("landscape", last=TYPICAL)),
        "data": {part: data.fingerprint(parts[part]) for part in ("val", "test")},
        "code": code_version(),
        "made_with": provenance.made_with(),
    }
    writing.write_json(data_dir() / "results" / f"{NAME}.json", found)


if __name__ == "__main__":
    main()

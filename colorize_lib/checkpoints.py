"""Checkpoints that survive anything (taught in chapter 07).

After every epoch the whole state (weights, optimizer, history) is written to one
file and renamed into place, so a run that is cut off goes on from its last
epoch and ends with the weights of a run that never stopped.
"""

import json
import os
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from colorize_lib import data, results, writing
from colorize_lib.recipes import Recipe

History = dict[str, list[float]]
CHECKPOINT = "checkpoint.npz"
SETTINGS = "settings.json"  # beside the checkpoint: which run it is of


def save_checkpoint(folder: Path, model: Any, history: History) -> None:
    """Write weights, optimizer and history to one file; the last good one stays until this one is whole."""
    state: dict[str, Any] = {
        f"{i:05d}": np.asarray(v) for i, v in enumerate([*model.variables, *model.optimizer.variables])
    }
    try:
        with writing.whole_file(folder / CHECKPOINT) as part, open(part, "wb") as file:
            np.savez(file, history=json.dumps(history), **state)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OSError(f"{error} Here the last one is kept: the same run, started again, goes on from it.") from error


def load_checkpoint(folder: Path, model: Any) -> History:
    """Put `model` and its optimizer back to the last checkpoint in `folder`; return the history, empty if none."""
    path = folder / CHECKPOINT
    if not path.is_file():
        return {}
    variables = [*model.variables, *model.optimizer.variables]
    try:
        with np.load(path) as stored:
            state = {name: stored[name] for name in stored.files}
        history: History = json.loads(str(state.pop("history")))
    except (ValueError, EOFError, KeyError, BadZipFile, zlib.error):
        raise ValueError(f"{path}: a damaged checkpoint. Delete it to begin again, or copy a whole one.") from None
    shapes = {f"{i:05d}": tuple(variable.shape) for i, variable in enumerate(variables)}
    if shapes != {name: values.shape for name, values in state.items()}:
        raise ValueError(f"{path}: this checkpoint is of another network. Choose an empty folder for this run.")
    for name, variable in zip(shapes, variables, strict=True):
        variable.assign(state[name])
    return history


def same_run(folder: Path, recipe: Recipe, training: data.Photographs, resumed: bool) -> None:
    """Keep in `folder` what is run on what; a ValueError says if the checkpoint there is of another run.

    The number of epochs may differ: a finished run can be made longer.
    """
    settings = {**asdict(recipe), "data": data.fingerprint(training)}
    for key in ("about", "epochs", "keep", "seeds"):
        del settings[key]
    before = (read_settings(folder) if resumed else {}) or settings
    changed = sorted(key for key in settings if before.get(key) != settings[key])
    if changed:
        raise ValueError(
            f"{folder / CHECKPOINT}: this checkpoint is of another run (not the same: {', '.join(changed)}). "
            "Choose an empty folder for this run."
        )
    results.write(folder / SETTINGS, settings)


def read_settings(folder: Path) -> dict[str, Any]:
    """Return the recipe of the run in `folder`, as `same_run` kept it; empty if there is none."""
    path = folder / SETTINGS
    try:
        settings: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except ValueError:
        raise ValueError(f"{path}: damaged. Delete it and {CHECKPOINT} to begin again.") from None
    return settings

"""Checkpoints that survive anything (taught in chapter 07).

After every epoch the whole state (weights, optimizer, history) is written to one
file and renamed into place, so a run that is cut off goes on from its last
epoch and ends with the weights of a run that never stopped.
"""

import json
import os
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
        state = np.load(path)
    except (ValueError, EOFError, BadZipFile):
        raise ValueError(f"{path}: a damaged checkpoint. Delete it to begin again, or copy a whole one.") from None
    with state:
        fits = len(state.files) == len(variables) + 1 and all(
            state[f"{i:05d}"].shape == tuple(v.shape) for i, v in enumerate(variables)
        )
        if not fits:
            raise ValueError(f"{path}: this checkpoint is of another network. Choose an empty folder for this run.")
        for i, variable in enumerate(variables):
            variable.assign(state[f"{i:05d}"])
        history: History = json.loads(str(state["history"]))
    return history


def same_run(folder: Path, recipe: Recipe, training: data.Photographs, resumed: bool) -> None:
    """Keep in `folder` what is run on what; a ValueError says if the checkpoint there is of another run.

    The number of epochs may differ: a finished run can be made longer.
    """
    path = folder / SETTINGS
    settings = {**asdict(recipe), "data": data.fingerprint(training)}
    for key in ("about", "epochs", "keep", "seeds"):
        del settings[key]
    before = json.loads(path.read_text(encoding="utf-8")) if resumed and path.is_file() else settings
    changed = sorted(key for key in settings if before.get(key) != settings[key])
    if changed:
        raise ValueError(
            f"{folder / CHECKPOINT}: this checkpoint is of another run (not the same: {', '.join(changed)}). "
            "Choose an empty folder for this run."
        )
    results.write(path, settings)

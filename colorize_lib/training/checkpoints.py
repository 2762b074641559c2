"""Checkpoints that survive anything (taught in chapter 07).

After every epoch the whole state (weights, optimizers, history) is written to one
file and renamed into place, so a run that is cut off goes on from its last
epoch and ends with the weights of a run that never stopped.
"""

import fcntl
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from colorize_lib import data
from colorize_lib.recipes import Recipe
from colorize_lib.storage import writing

History = dict[str, list[float]]
CHECKPOINT = "checkpoint.npz"
SETTINGS = "settings.json"  # beside the checkpoint: which run it is of
FREE = ("about", "epochs", "kept_epoch", "seeds")  # fields of a recipe that may change before a run goes on


def save_checkpoint(folder: Path, learner: Any, history: History) -> None:
    """Write the learner's state and the history to one file; the last good one stays until this one is whole."""
    state: dict[str, Any] = {path: np.asarray(variable) for path, variable in learner.state().items()}
    state["history"] = json.dumps(history)
    try:
        with writing.whole_file(folder / CHECKPOINT) as part, open(part, "wb") as file:
            np.savez(file, **state)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OSError(
            f"{error} The checkpoint of the epoch before, if there is one, is whole: the same run goes on from it."
        ) from error


def load_checkpoint(folder: Path, learner: Any) -> History:
    """Put `learner` back to the last checkpoint in `folder`; return the history, empty if there is none."""
    path = folder / CHECKPOINT
    if not path.is_file():
        return {}
    variables = learner.state()
    try:
        with np.load(path) as stored:
            state = {name: stored[name] for name in stored.files}
        history: History = json.loads(str(state.pop("history")))
    except (ValueError, EOFError, KeyError, BadZipFile, zlib.error):
        raise ValueError(f"{path}: a damaged checkpoint. Delete it to begin again, or copy a whole one.") from None
    expected = {name: tuple(variable.shape) for name, variable in variables.items()}
    if expected != {name: values.shape for name, values in state.items()}:
        raise ValueError(f"{path}: this checkpoint is of another network. Choose an empty folder for this run.")
    for name, variable in variables.items():
        variable.assign(state[name])
    return history


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other runs out of `folder`; a ValueError says if one is at work there. The folder is made.

    What a run that was killed had half written goes away. The system lifts the lock when a run ends, however it does;
    a file system that knows no locks keeps nobody out.
    """
    writing.make_folder(folder)
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ValueError(
                f"{folder}: another run is at work in this folder; wait for its end, or choose another folder."
            ) from None
        except OSError:  # such as a network drive's
            pass
        for part in (*folder.glob(f"*{writing.PART}"), *folder.glob(f"*/*{writing.PART}")):
            others = part.parent != folder and (part.parent / SETTINGS).exists()  # a run in a folder below
            if writing.is_part(part) and not others:
                part.unlink(missing_ok=True)
        yield
    finally:
        os.close(handle)


def same_run(folder: Path, recipe: Recipe, training: data.Photographs, resumed: bool) -> None:
    """Keep in `folder` what is run on what; a ValueError says if the checkpoint there is of another run.

    The number of epochs may differ: a finished run can be made longer. With a cosine schedule that is another run,
    whose learning rate falls later.
    """
    fingerprint = data.fingerprint(training)
    if resumed:
        before = read_settings(folder)
        if not before:
            raise ValueError(
                f"{folder / SETTINGS}: missing, so nobody can say which run {CHECKPOINT} is of. "
                "Choose an empty folder for this run."
            )
        old, now = Recipe.from_json(before["recipe"]).to_json(), recipe.to_json()
        changed = sorted(key for key in now if key not in FREE and old[key] != now[key])
        changed += ["data"] if before["data"] != fingerprint else []
        if changed:
            raise ValueError(
                f"{folder / CHECKPOINT}: this checkpoint is of another run (not the same: {', '.join(changed)}). "
                "Choose an empty folder for this run."
            )
    writing.write_json(folder / SETTINGS, {"recipe": recipe.to_json(), "data": fingerprint})


def read_settings(folder: Path) -> dict[str, Any]:
    """Return what is run in `folder`, as `same_run` kept it: ``recipe`` and ``data``; empty if there is none."""
    path = folder / SETTINGS
    try:
        settings: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except ValueError:
        raise ValueError(f"{path}: damaged. Delete it and {CHECKPOINT} to begin again.") from None
    if settings and "recipe" not in settings:
        raise ValueError(f"{path}: of an earlier version of the course. Choose an empty folder for this run.")
    return settings


def begun_as(folder: Path, recipe: Recipe) -> str:
    """Return the precision in which the run of the recipe in `folder` began; the recipe's where there is none."""
    begun = read_settings(folder).get("recipe", {}) if recipe.precision == "fastest" else {}
    return begun["precision"] if begun.get("name") == recipe.name else recipe.precision

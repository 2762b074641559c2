"""What a run has come to: its history, and what is kept of it after each epoch (shown in chapter 07)."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from colorize_lib import data, results
from colorize_lib.networks import Model
from colorize_lib.recipes import Recipe
from colorize_lib.storage import weights_files
from colorize_lib.training.checkpoints import CHECKPOINT, History, load_checkpoint, same_run, save_checkpoint
from colorize_lib.training.devices import in_float32

BEST = "best.weights.h5"  # beside the checkpoint: the weights of the epoch that validation likes best
SNAPSHOT_PHOTOGRAPHS = ("aitzgorri.jpg", "linda_windmill_1.webp")  # of the sample, colored anew while a run learns
SNAPSHOTS = 16  # how many times, at epochs spaced geometrically


def snapshot_epochs(epochs: int, count: int = SNAPSHOTS) -> list[int]:
    """Return at most `count` epochs from 1 to `epochs`, spaced geometrically: much happens early, little late."""
    epoch, chosen = 0, []
    for left in range(count, 0, -1):
        if epoch >= epochs:
            break
        step = (epochs / max(epoch, 1)) ** (1 / max(left - (epoch == 0), 1))
        epoch = min(epochs, max(epoch + 1, round(epoch * step)))
        chosen.append(epoch)
    return chosen


def snapshot_photographs(size: int) -> data.Photographs:
    """Return the photographs of the sample that are colored anew while a run learns."""
    sample = data.load("sample", size)
    return sample.select([sample.names.index(name) for name in SNAPSHOT_PHOTOGRAPHS])


@dataclass
class Progress:
    """A run on its way.

    Parameters
    ----------
    recipe : Recipe
        What is run.
    learner : learner.Learner
        It holds the colorizer.
    validation : Photographs
        Measured after each epoch.
    epochs : int
        How many there will be.
    folder : Path or None
        Where the checkpoint, the best weights and pictures by epoch are kept; None keeps nothing.
    several_devices : bool
        Whether the learner lives on several devices.
    verbose : bool
        Whether to print a line an epoch.
    history : dict of str to list of float
        One number an epoch of everything measured so far.
    """

    recipe: Recipe
    learner: Any
    validation: data.Photographs
    epochs: int
    folder: Path | None = None
    several_devices: bool = False
    verbose: bool = True
    history: History = field(default_factory=dict)

    @property
    def done(self) -> int:
        """How many epochs lie behind."""
        return len(self.history.get("loss", []))

    def resume(self, training: data.Photographs) -> None:
        """Go back to the checkpoint in the folder, if there is one; a ValueError says if it is of another run."""
        if self.folder is not None:
            same_run(self.folder, self.recipe, training, resumed=(self.folder / CHECKPOINT).is_file())
            self.history = load_checkpoint(self.folder, self.learner)

    def keep(self, epoch: int, report: dict[str, float], seconds: float) -> None:
        """Measure the colorizer after an epoch that took `seconds`, write down what there is, and print a line."""
        start = time.perf_counter()
        # A copy is measured where its weights are averaged, and where the learner lives on several devices: there
        # Keras's predict_on_batch would give the whole batch to each of them.
        copied = self.several_devices or self.recipe.ema_momentum
        measured = in_float32(self.recipe, self.learner) if copied else self.learner.colorizer
        row = report | self.recipe.system.validate(measured, self.validation) | {"seconds": seconds}
        for key, value in row.items():
            self.history.setdefault(key, []).append(value)
        if self.folder is not None:
            self._write(self.folder, epoch, measured)
        if self.verbose:
            left = (seconds + time.perf_counter() - start) * (self.epochs - epoch) / 60
            figures = ", ".join(f"{key} {value:.4g}" for key, value in row.items())
            print(f"epoch {epoch}/{self.epochs}: {figures}; about {left:.0f} min left", flush=True)

    def _write(self, folder: Path, epoch: int, colorizer: Model) -> None:
        """Write best weights, pictures, and the checkpoint last: a run killed before that repeats the epoch."""
        measured = self.history[self.recipe.system.best_by]
        if measured[-1] > max(measured[:-1], default=-np.inf):
            weights_files.save(colorizer, folder / BEST, self.recipe.name)
        if epoch in snapshot_epochs(self.epochs):
            photographs = snapshot_photographs(self.recipe.size)
            pictures = self.recipe.system.predict(colorizer, photographs)
            results.write_pictures(folder / "epochs", pictures, photographs, ending=f"_{epoch:03d}")
        save_checkpoint(folder, self.learner, self.history)

"""What happens beside the steps of a training: a forecast, batches made ahead, and what is kept after each epoch.

This module is imported when a training begins, because it needs Keras.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import keras
import numpy as np

from colorize_lib.data.batches import Batches

TIMED_STEPS = 3  # after the first one, which compiles
Row = dict[str, float]


class Forecast(keras.callbacks.Callback):
    """Says how long a training is going to take on this device, a few steps into it.

    What has passed, compiling included, and for each step to come the fastest of those timed. Validation comes on top.
    """

    def on_train_begin(self, logs: Any = None) -> None:
        """Start the clock."""
        self.start, self.ends, self.steps = time.perf_counter(), list[float](), 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Count the steps to come."""
        self.steps = self.steps or (self.params["epochs"] - epoch) * self.params["steps"]

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Time the first steps, then print the forecast."""
        if len(self.ends) > TIMED_STEPS:
            return
        float(logs["loss"])  # a device may be behind; to read what it computed is to wait for it
        self.ends.append(time.perf_counter())
        if len(self.ends) > TIMED_STEPS:
            seconds = self.ends[-1] - self.start + (self.steps - len(self.ends)) * min(np.diff(self.ends))
            print(
                f"{self.steps} training steps: about {duration(seconds)} on this device (measured on {TIMED_STEPS})",
                flush=True,
            )


def duration(seconds: float) -> str:
    """Return a duration in the unit that suits it."""
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 90 * 60 else f"{seconds / 3600:.1f} hours"


class Prefetched(keras.utils.PyDataset):
    """The batches for ``fit``, each made while the device is busy with the one before it."""

    def __init__(self, batches: Batches) -> None:
        """Begin at the epoch that `batches` stand at."""
        super().__init__()
        self.batches, self.made = batches, dict[int, Future]()
        self.aside = ThreadPoolExecutor(1)

    def __len__(self) -> int:
        """Return the number of batches of an epoch."""
        return len(self.batches)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Return one batch, and begin to make the next one."""
        made = self.made.pop(index) if index in self.made else self._make(index)
        self.made.clear()
        if index + 1 < len(self):
            self.made[index + 1] = self._make(index + 1)
        return made.result()

    def _make(self, index: int) -> Future:
        return self.aside.submit(self.batches.__getitem__, index)

    def on_epoch_end(self) -> None:
        """Go on to the next epoch, which has another order and other crops."""
        self.batches.epoch += 1


class EachEpoch(keras.callbacks.Callback):
    """Hands what a learner reports of an epoch, and the seconds that it took, to `keep`."""

    def __init__(self, keep: Callable[[int, Row, float], None]) -> None:
        """Remember `keep`, which takes the epoch's number from 1 on, the report and the seconds."""
        super().__init__()
        self.keep = keep

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start the clock."""
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Stop the clock."""
        report = {key: float(value) for key, value in logs.items()}
        self.keep(epoch + 1, report, time.perf_counter() - self.start)

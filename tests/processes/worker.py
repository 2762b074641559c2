"""Run by tests/test_devices.py: `colorize_lib.workers` with a recipe small enough for a test, called ``tiny``."""

import functools
import sys
from dataclasses import replace

from colorize_lib import recipes
from colorize_lib.training import workers

TINY = replace(
    recipes.find("small_100"),
    name="tiny",
    size=32,
    stored_size=36,
    batch_size=16,
    epochs=7,
    precision="float32",
    ema_momentum=0.9,
)


def be_patient(milliseconds: int = 300_000) -> None:
    """Let a worker be silent for longer than TensorFlow's 10 seconds: on a busy machine its turn may come later."""
    from tensorflow.python.eager.context import Context

    configure = Context.configure_coordination_service
    Context.configure_coordination_service = functools.partialmethod(configure, heartbeat_timeout_in_ms=milliseconds)


if __name__ == "__main__":
    be_patient()
    recipes.RECIPES[TINY.name] = TINY
    workers.main(sys.argv[1:])

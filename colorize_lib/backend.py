"""Start Keras without the lines that TensorFlow writes while it starts."""

import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def stderr_held() -> Iterator[None]:
    """Hold back what is written to file descriptor 2; it is let out only if something goes wrong.

    TensorFlow's C++ writes there past Python's ``sys.stderr``.
    """
    with tempfile.TemporaryFile() as held:
        sys.stderr.flush()
        kept = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        except KeyboardInterrupt:  # nothing went wrong
            raise
        except BaseException:
            held.seek(0)
            os.write(kept, held.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)


class BackendError(ValueError):
    """Keras can't start on the backend that it is told to use."""


def start_keras() -> None:
    """Import Keras and its backend and compute something once, without their start-up lines.

    TF_CPP_MIN_LOG_LEVEL alone does not silence TensorFlow 2.21: some lines come with
    the import, some with the first operation. Once Keras has started, this costs nothing.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # One operation at a time, on all cores. Several at once keep more maps alive: the paper's network at 160x160 in
    # batches of 50 needs 0.7 GB less this way, at 1 % of the speed on two cores (tests/benchmarks/bench_memory.py).
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
    # TensorFlow takes oneDNN's convolutions of itself only where a CPU has the newer instructions. They are faster on
    # the others, too: a training step of the paper's network by a quarter, one of `pretrained` by a third.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    with stderr_held():
        try:
            import keras
            from keras import ops
        except ImportError as error:
            backend = os.environ.get("KERAS_BACKEND") or "the one in Keras's keras.json"
            raise BackendError(
                f"Keras's backend ({backend}) needs the package {error.name}, which can't be imported; install it, or "
                "set KERAS_BACKEND=tensorflow."
            ) from None
        keras.config.set_image_data_format("channels_last")  # whatever keras.json says: the course's arrays are so
        ops.convert_to_numpy(ops.ones((1, 1)) @ ops.ones((1, 1)))
    # Several networks one after another are meant here, and TensorFlow warns of "retracing" for each.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)

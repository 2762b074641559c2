"""What takes too long for every day (``make test-long``): large photographs and runs killed at any moment."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colorize_lib import color, training

pytestmark = pytest.mark.long

COLORIZE = [sys.executable, "-c", "from colorize_lib.cli import main; raise SystemExit(main())"]
# One thread and fixed algorithms: the same sums in the same order, so that weights can be compared to the bit.
ONE_THREAD = {
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "TF_DETERMINISTIC_OPS": "1",
}
KILLS = 6
EPOCHS = 10


def train_command(out: Path) -> list[str]:
    return [*COLORIZE, "train", "ours", "--data", "sample", "--epochs", str(EPOCHS), "--out", str(out)]


def weights(out: Path) -> list[np.ndarray]:
    with np.load(out / training.CHECKPOINT) as state:
        return [state[name] for name in state.files if name != "history"]


def history(out: Path) -> training.History:
    with np.load(out / training.CHECKPOINT) as state:
        kept: training.History = json.loads(str(state["history"]))
    return kept


def epoch_seconds(out: Path) -> float:
    return float(np.median(history(out)["seconds"]))


def test_a_run_killed_at_any_moment_ends_with_the_same_weights(tmp_path):
    environment = os.environ | ONE_THREAD
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    subprocess.run(train_command(whole), env=environment, check=True, capture_output=True)
    pause, moments, reached = epoch_seconds(whole), random.Random(0), []
    for _ in range(KILLS):
        process = subprocess.Popen(
            train_command(killed), env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert process.stdout
        next((line for line in process.stdout if line.startswith("epoch ")), None)  # one epoch further, then at random
        time.sleep(moments.uniform(0, 1.5) * pause)
        process.send_signal(signal.SIGKILL)
        process.wait()
        reached.append(len(history(killed)["loss"]))
    print("epochs kept after each kill:", reached)
    assert any(0 < done < EPOCHS for done in reached), "no kill fell into the run; choose other moments"
    subprocess.run(train_command(killed), env=environment, check=True, capture_output=True)
    for one, other in zip(weights(whole), weights(killed), strict=True):
        np.testing.assert_array_equal(one, other)


def test_24_megapixels_keep_their_size_and_luminance(tmp_path):
    rng = np.random.default_rng(0)
    small = rng.integers(0, 256, (50, 75, 3), np.uint8)
    photo = Image.fromarray(small).resize((6000, 4000), Image.Resampling.BICUBIC)
    photo.save(tmp_path / "large.png", compress_level=1)
    subprocess.run(
        [*COLORIZE, "photo", str(tmp_path / "large.png"), "-o", str(tmp_path / "colored.png")],
        check=True,
        capture_output=True,
    )
    colored = Image.open(tmp_path / "colored.png")
    assert colored.size == photo.size
    for top in range(0, 4000, 500):
        stripe = (0, top, 6000, top + 500)
        apart = color.luminance(np.asarray(photo.crop(stripe))) - color.luminance(np.asarray(colored.crop(stripe)))
        assert np.abs(apart).max() <= 100 / 255

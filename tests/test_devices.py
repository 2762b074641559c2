"""Several devices and several machines learn what one device learns."""

import ast
import io
import json
import os
import socket
import subprocess
import sys
import tokenize
from pathlib import Path

import h5py
import numpy as np
import pytest

from colorize_lib import data
from colorize_lib.data.batches import Batches
from colorize_lib.training import devices, workers

ROOT = Path(__file__).resolve().parents[1]
PROCESSES = ROOT / "tests" / "processes"
sys.path.insert(0, str(PROCESSES))
from worker import TINY  # noqa: E402

LIMIT = 900  # seconds, for a machine that is busy; alone it takes a tenth
TOLERANCE = 1e-5
STEPS = 20
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "PYTHONPATH": str(ROOT)}


def difference(one, other):
    assert len(one) == len(other) >= STEPS
    return float(np.abs(np.subtract(one, other))[:STEPS].max())


@pytest.fixture(scope="module")
def fitted():
    command = (sys.executable, PROCESSES / "two_devices.py")
    done = subprocess.run(command, env=os.environ | QUIET, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def test_fit_on_two_devices_learns_what_one_learns(fitted):
    assert fitted["devices"] == 2
    (one, averages), (two, averages_of_two) = fitted["small_100"]["one"], fitted["small_100"]["two"]
    assert difference(one, two) <= TOLERANCE
    np.testing.assert_allclose(averages_of_two, averages, rtol=1e-3, atol=1e-6)


def test_batch_normalization_differs_by_device_unless_it_is_synchronized(fitted, tell):
    losses = {how: steps for how, (steps, _) in fitted["paper"].items()}
    plain = difference(losses["one"], losses["two"])
    synchronized = difference(losses["one"], losses["synchronized"])
    tell(f"the paper's network on two devices: loss off by {plain:.1e}, synchronized by {synchronized:.1e}")
    assert synchronized <= TOLERANCE
    assert plain > max(TOLERANCE, 10 * synchronized)


def free_ports(count):
    """Return ports that nobody listens on, all different."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@pytest.fixture
def team(tmp_path):
    """The folders of two workers that have done their work, each in a process of its own."""
    cluster = {"worker": [f"127.0.0.1:{port}" for port in free_ports(2)]}
    folders, processes = [tmp_path / "0", tmp_path / "1"], []
    try:
        for index, folder in enumerate(folders):
            folder.mkdir()
            config = {"cluster": cluster, "task": {"type": "worker", "index": index}}
            command = (sys.executable, PROCESSES / "worker.py", TINY.name, "--data", "sample", "--out", folder / "out")
            with open(folder / "said.txt", "w") as said:
                processes.append(
                    subprocess.Popen(
                        command,
                        env=os.environ | QUIET | {"TF_CONFIG": json.dumps(config)},
                        stdout=said,
                        stderr=subprocess.STDOUT,
                    )
                )
        for process, folder in zip(processes, folders, strict=True):
            assert process.wait(LIMIT) == 0, (folder / "said.txt").read_text()[-3000:]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    return folders


def test_two_workers_learn_what_one_device_learns(team):
    chief, other = team
    assert not (other / "out").exists()
    said = [(folder / "said.txt").read_text() for folder in team]
    assert [line for line in said[0].splitlines() if line.startswith("epoch")] == [
        line for line in said[1].splitlines() if line.startswith("epoch")
    ]
    history = json.loads((chief / "out" / "tiny.losses.json").read_text())["loss"]
    expected, learner = alone()
    assert difference(np.concatenate(history), expected) <= TOLERANCE
    with h5py.File(chief / "out" / "tiny.weights.h5") as stored:
        assert stored.attrs["recipe"] == "tiny"
    learned = TINY.build()
    learned.load_weights(chief / "out" / "tiny.weights.h5")
    averaged = devices.in_float32(TINY, learner).get_weights()
    for one, two in zip(averaged, learned.get_weights(), strict=True):
        np.testing.assert_allclose(one, two, atol=1e-3)  # the file holds float16
    last = learner.colorizer.get_weights()
    assert max(np.abs(one - two).max() for one, two in zip(averaged, last, strict=True)) > 2e-3


def alone():
    """Train ``tiny`` batch by batch by Keras itself, on one device; return the losses and the learner."""
    photographs = data.split(data.load("sample", TINY.stored_size))["train"]
    x, y = TINY.system.training_arrays(photographs, compact=True)
    batches = Batches(x, y, TINY.batch_size, TINY.seed, TINY.augmentation, size=TINY.size)
    learner = devices.new_learner(TINY, TINY.epochs * len(batches))
    losses = []
    for batches.epoch in range(TINY.epochs):
        for batch in batches:
            learner.reset_metrics()
            losses.append(float(learner.train_on_batch(*batch)))
    return losses, learner


def test_the_loop_for_several_machines_stays_short():
    source = Path(workers.__file__).read_text(encoding="utf-8")
    documented = (ast.Module, ast.FunctionDef, ast.ClassDef)
    described = {
        number
        for node in ast.walk(ast.parse(source))
        if isinstance(node, documented) and ast.get_docstring(node) is not None
        for number in range(node.body[0].lineno, node.body[0].end_lineno + 1)
    }
    silent = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    lines = {n for token in tokens if token.type not in silent for n in range(token.start[0], token.end[0] + 1)}
    assert len(lines - described) <= 60

"""The other backends of Keras and its older releases: each in a place of its own below build/, made once."""

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from colorize_lib import data, results, zoo
from colorize_lib.storage import weights_files

ROOT = Path(__file__).resolve().parents[1]
PROCESSES = ROOT / "tests" / "processes"
sys.path.insert(0, str(PROCESSES))
import backend as computed  # noqa: E402
import shipped  # noqa: E402

pytestmark = pytest.mark.long

# torch with its version: without it pip takes the build for GPUs, several gigabytes. No TensorFlow.
REQUIREMENTS = ("torch==2.13.0", "jax", f"keras=={version('keras')}", "h5py", "numpy", "pillow", "pooch")
REQUIREMENTS += ("scikit-image", "tqdm")
RELEASES = ("3.10.0", "3.13.2")
LIMIT = 900  # seconds, for a machine that is busy; alone each takes a tenth
# One thread: on a busy machine the threads of PyTorch wait for each other most of the time.
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "OMP_NUM_THREADS": "1"}
# JAX would spend three times as long on making code fast that runs once.
QUIET["XLA_FLAGS"] = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"


def run(*command, paths, **more):
    """Run a command that must succeed with `paths` before all other packages; return what it printed."""
    environment = os.environ | QUIET | more | {"PYTHONPATH": os.pathsep.join(map(str, paths))}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done.stdout


def install(folder, requirements, python=sys.executable, *options):
    """Install `requirements`, unless `folder` holds them; skip, saying why, where nothing can be installed."""
    stamp = folder / "installed.txt"
    wanted = "\n".join((sys.version, *requirements))
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    shutil.rmtree(folder, ignore_errors=True)
    if not options:
        subprocess.run((sys.executable, "-m", "venv", folder), check=True)
    command = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile")
    done = subprocess.run((*command, *options, *requirements), capture_output=True, text=True, check=False)
    if done.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
        pytest.skip(f"NO {folder.name.upper()}: pip could not install {' '.join(requirements)} ({reason})")
    stamp.write_text(wanted)


@pytest.fixture(scope="module")
def python():
    """A Python with PyTorch and JAX and without TensorFlow."""
    folder = ROOT / "build" / "backends"
    executable = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    install(folder, REQUIREMENTS, executable)
    return executable


@pytest.fixture(scope="module", params=("torch", "jax"))
def trained(request, python, tmp_path_factory):
    """The name of a backend and the folder with everything it made."""
    folder = tmp_path_factory.mktemp(request.param)
    run(python, PROCESSES / "backend.py", folder, paths=[ROOT], KERAS_BACKEND=request.param)
    return request.param, folder


@pytest.fixture(scope="module")
def expected():
    """The same numbers by TensorFlow."""
    return computed.numbers()


def test_a_run_without_tensorflow_writes_everything(trained):
    name, folder = trained
    for recipe in computed.TRAINED:
        result = json.loads((folder / recipe / f"{recipe}.json").read_text())
        assert result["made_with"]["backend"] == name
        assert np.isfinite(result["history"]["loss"]).all()
        sample = results.shown(data.load("sample", computed.SIZE))
        assert len(list((folder / recipe / recipe).glob("*.webp"))) == len(sample)


@pytest.mark.parametrize("recipe", computed.TRAINED)
def test_its_weights_color_alike_under_tensorflow(trained, recipe):
    made = np.load(trained[1] / f"{recipe}.npz")
    model = zoo.load_model(trained[1] / recipe / (recipe + weights_files.SUFFIX))
    assert np.ptp(made["outputs"]) > 0.01
    np.testing.assert_allclose(model.predict_on_batch(made["inputs"]), made["outputs"], atol=1e-4)


def test_the_average_of_the_weights_is_kept_and_training_goes_on_from_the_weights(trained):
    found = np.load(trained[1] / "averages.npz")
    np.testing.assert_allclose(found["kept"], found["expected"], atol=1e-6)
    np.testing.assert_array_equal(found["after"], found["last"])
    assert np.abs(found["kept"] - found["last"]).max() > 1e-5


def test_losses_and_colors_are_those_of_tensorflow(trained, expected):
    found = np.load(trained[1] / "numbers.npz")
    assert set(found.files) == set(expected)
    for name, values in expected.items():
        assert np.isfinite(found[name]).all(), name
        assert np.isfinite(values).all(), name
        if not name.startswith("gradient"):
            np.testing.assert_allclose(found[name], values, atol=1e-5, err_msg=name)


@pytest.fixture(scope="module", params=RELEASES)
def release(request, tmp_path_factory):
    """An older release of Keras, and what the shipped networks give under it."""
    folder = ROOT / "build" / f"keras-{request.param}"
    install(folder, (f"keras=={request.param}",), sys.executable, "--no-deps", "--target", str(folder))
    outputs = tmp_path_factory.mktemp("shipped") / "outputs.npz"
    said = run(sys.executable, PROCESSES / "shipped.py", outputs, paths=[folder, ROOT], KERAS_BACKEND="tensorflow")
    assert said.split()[-1] == request.param
    return outputs


@pytest.fixture(scope="module")
def today():
    """What a shipped network gives under the Keras of this environment, by file name."""
    return {}


@pytest.mark.parametrize("file", sorted(weights_files.registry()))
def test_shipped_weights_load_under_older_releases(release, today, file):
    if not (weights_files.models_dir() / file).is_file():
        pytest.skip(f"{file} IS NOT IN data/models")
    if file not in today:
        today[file] = shipped.computed(file)
    np.testing.assert_allclose(np.load(release)[file], today[file], atol=1e-5)

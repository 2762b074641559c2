"""Runs that are killed, or that can't write: they lose nothing but the epoch they were in."""

import json
import os
import subprocess
from pathlib import Path

import killing
import numpy as np
import pytest

from colorize_lib import cli, recipes
from colorize_lib.training import checkpoints, progress

MEGABYTE = 2**20


@pytest.mark.parametrize("kills", [5, pytest.param(20, marks=pytest.mark.long)])
def test_a_run_killed_at_random_moments_ends_as_if_it_never_stopped(kills, tmp_path, tell):
    half = killing.survive(tmp_path, kills, epochs=2 * kills + 2)
    tell(f"{half} of {kills} kills fell into the writing of a checkpoint; every run ended as if there had been none")


@pytest.mark.parametrize("kills", [1, pytest.param(10, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    "name", ["toy_gan", "toy_wgan", *(pytest.param(one, marks=pytest.mark.long) for one in killing.SMALL_GANS)]
)
def test_two_networks_that_compete_are_resumed_as_exactly(name, kills, tmp_path, tell):
    """Both optimizers, batch normalization, dropout's seeds and what the gradient penalty draws are in a checkpoint."""
    half = killing.survive(tmp_path, kills, epochs=2 * kills + 2, name=name)
    tell(f"{name}: {half} of {kills} kills fell into the writing of a checkpoint; every run ended as one never killed")


@pytest.fixture
def tiny(monkeypatch):
    """The recipe `ours` so small that an epoch takes a moment."""
    monkeypatch.setitem(recipes.RECIPES, killing.TINY.name, killing.TINY)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of its own that is soon full."""
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", tmp_path], capture_output=True)
    if made.returncode:
        pytest.skip("NO SMALL DISK: only root can mount one, so neither a full disk nor a read-only one was tried")
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


def fill(disk: Path, left: int) -> None:
    """Fill a disk but for `left` bytes."""
    filler = disk / "filler"
    filler.unlink(missing_ok=True)
    free = os.statvfs(disk)
    filler.write_bytes(bytes(free.f_bavail * free.f_frsize - left))


def losses(out: Path) -> list[float]:
    with np.load(out / checkpoints.CHECKPOINT) as state:
        return json.loads(str(state["history"]))["loss"]


def complaint(capsys) -> str:
    """Return the only line on stderr."""
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.parametrize(
    ("left", "file"),
    [(0, checkpoints.SETTINGS), (MEGABYTE, progress.BEST), (8 * MEGABYTE, checkpoints.CHECKPOINT)],
    ids=["from the beginning", "at the weights", "at the checkpoint"],
)
def test_a_full_disk_costs_one_sentence_and_no_checkpoint(left, file, tiny, small_disk, capsys):
    out = small_disk / "run"
    assert cli.main(killing.arguments(out, epochs=1)) == 0
    good, first = (out / checkpoints.CHECKPOINT).read_bytes(), losses(out)
    fill(small_disk, left)
    capsys.readouterr()
    assert cli.main(killing.arguments(out, epochs=8)) == 1
    said = complaint(capsys)
    assert said.startswith(f"colorize: {out / file}: could not be written (No space left on device); free some space")
    assert (out / checkpoints.CHECKPOINT).read_bytes() == good
    assert killing.contents(out)
    (small_disk / "filler").unlink()
    assert cli.main(killing.arguments(out, epochs=2)) == 0
    assert losses(out)[:1] == first
    assert len(losses(out)) == 2
    assert not list(out.rglob("*.part"))


def test_a_read_only_disk_is_named_before_anything_is_trained(tiny, small_disk, capsys):
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    assert cli.main(killing.arguments(small_disk, epochs=1)) == 1
    assert complaint(capsys) == (
        f"colorize: {small_disk}: no folder to write into (Read-only file system); choose another one."
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write into every folder; a read-only disk is tried instead")
def test_a_folder_of_somebody_else_is_named_before_anything_is_trained(tiny, tmp_path, capsys):
    tmp_path.chmod(0o555)
    assert cli.main(killing.arguments(tmp_path / "run", epochs=1)) == 1
    assert "no folder to write into (Permission denied); choose another one." in complaint(capsys)

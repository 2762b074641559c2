"""What the benchmarks promise (``make test-long``), on made-up photographs and on the landscapes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

BENCHMARKS = Path(__file__).parent / "benchmarks"


def measured(name: str, *options: object) -> dict[str, dict[str, float]]:
    """Return what a benchmark prints as JSON."""
    command = (sys.executable, BENCHMARKS / f"{name}.py", "--json", *map(str, options))
    found: dict[str, dict[str, float]] = json.loads(subprocess.check_output(command, text=True).splitlines()[-1])
    return found


def test_a_photograph_takes_at_most_a_quarter_of_the_memory_of_the_notebooks_way(tell):
    """At few photographs TensorFlow is most of it, so this compares what 500 photographs more ask for."""
    few, more = 100, 600
    peak = measured("bench_memory", "-n", few, more, "--batch", 4, "--steps", 1)
    growth = {way: peak[str(more)][way] - peak[str(few)][way] for way in ("notebook", "course")}
    tell(f"gigabytes that 500 photographs more take: {growth}")
    assert growth["notebook"] > (more - few) * 2 * 160 * 160 * 3 * 4 / 1e9  # lists alone
    assert growth["course"] <= growth["notebook"] / 4


def test_an_epoch_takes_at_most_a_quarter_of_the_memory_of_the_notebooks_way(landscapes, tell):
    """With all of the notebook's 6,000 photographs its way needs 15 GB."""
    (peak,) = measured("bench_memory").values()
    tell(f"gigabytes at the peak of an epoch: {peak}")
    assert peak["course"] <= peak["notebook"] / 4

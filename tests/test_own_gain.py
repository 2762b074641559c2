"""What going on with photographs of one kind gains: which photographs train, and that the shipped numbers are these."""

import numpy as np
import pytest
from PIL import Image

from colorize_lib import own_gain, plates, recipes, results


@pytest.fixture
def folder(tmp_path):
    """Twelve pictures, two of which are one, and one that has the name of a plate."""
    rng = np.random.default_rng(0)
    for name in [f"{number}.png" for number in range(11)] + [plates.names()[0]]:
        Image.fromarray(rng.integers(0, 255, (40, 50, 3), "uint8")).save(tmp_path / name)
    (tmp_path / "11.png").write_bytes((tmp_path / "3.png").read_bytes())
    return tmp_path


def test_plates_and_doubles_do_not_train(folder):
    ids, dropped = own_gain.kept(folder)
    assert dropped == 1
    assert sorted(ids) == list(range(11))


def test_what_is_held_out_does_not_train(folder, monkeypatch):
    monkeypatch.setattr(own_gain, "HELD_OUT", 4)
    monkeypatch.setattr(own_gain, "VALIDATION", 2)
    parts, _ = own_gain.photographs_of(folder)
    names = [set(parts[name].names) for name in ("train", "val", "held_out")]
    assert [len(one) for one in names] == [5, 2, 4]
    assert len(set.union(*names)) == 11
    assert parts["train"].rgb.shape[1] == recipes.find(own_gain.BEGIN).stored_size


def test_runs_take_the_same_number_of_steps():
    steps = {own_gain.recipe_of(count, 1).epochs * count / own_gain.BATCH for count in own_gain.COUNTS}
    assert steps == {own_gain.SHOWN / own_gain.BATCH}


def test_the_shipped_numbers_are_of_this_code_and_recipe():
    found = results.measurement(own_gain.NAME)
    assert found["code"] == own_gain.code(), "run python -m colorize_lib.own_gain"
    assert recipes.Recipe.from_json(found["recipe"]) == own_gain.recipe_of(own_gain.COUNTS[-1], own_gain.SEEDS[0])
    assert {seed: list(runs) for seed, runs in found["runs"].items()} == {
        str(seed): [str(count) for count in own_gain.COUNTS] for seed in own_gain.SEEDS
    }
    for runs in found["runs"].values():
        for one in runs.values():
            for place in own_gain.MEASURED_ON:
                gained = np.array(one[place]["each"]) - found["before"][place]["each"]
                assert one[place]["gain"]["psnr"]["mean"] == pytest.approx(gained.mean(), abs=1e-4)

"""Reports: what was measured, printed; which shipped numbers are current (`colorize evaluate`, `colorize results`)."""

from colorize_lib import data, results, training, zoo
from colorize_lib.recipes import Recipe
from colorize_lib.results import DIGITS, HEADINGS
from colorize_lib.schema import Result
from colorize_lib.settings import data_dir
from colorize_lib.storage import weights_files, writing

TOLERANCE = 0.01  # dB between a results file and the same weights measured again


def report(result: Result) -> None:
    """Print what was measured, with 95 % intervals, beside the photograph unchanged."""
    about, name = result["data"], result["recipe"]["name"]
    size = f"{about['size']}x{about['size']}"
    print(f"{about['source']}, {about['split']}: {about['photographs']} photographs at {size}, mean [95 % interval]")
    columns = {name: result["metrics"], "gray, unchanged": result["gray"]}
    print(f"{'':24}" + "".join(f"{heading:>26}" for heading in columns))
    for key, heading in HEADINGS.items():
        cells = (
            "{mean:.{n}f} [{low:.{n}f}, {high:.{n}f}]".format(n=DIGITS.get(key, 3), **column[key])
            for column in columns.values()
        )
        print(f"{heading:24}" + "".join(f"{cell:>26}" for cell in cells))


def check(recipes: list[Recipe], write: bool) -> bool:
    """Print for each recipe whether its results file is current, measure it again; tell whether all is well."""
    photographs: dict[tuple[str, int], data.Photographs | str] = {}
    well = True
    for recipe in recipes:
        path = data_dir() / "results" / f"{recipe.name}.json"
        if not path.is_file() and (recipe.learns or not write):
            print(f"{recipe.name:16} no results file; {_makes(recipe)} makes one", flush=True)
            well = False
            continue
        if not path.is_file():
            training.run(recipe, path.parent)
        key = (recipe.source, recipe.size)
        if key not in photographs:
            photographs[key] = _test_photographs(*key)
        test, result = photographs[key], results.read(recipe.name)
        changed = results.outdated(result, None if isinstance(test, str) else test)
        state = f"changed since: {', '.join(changed)}" if changed else "current"
        again, agrees, sentence = (None, False, test) if isinstance(test, str) else _measure_again(recipe, result, test)
        print(f"{recipe.name:16} {state}; {sentence}", flush=True)
        if again and write:
            kept = {
                "made_with": result["made_with"],
                "measured_with": again["made_with"],
            }  # a run stays with its machine
            writing.write_json(path, {**result, **again, **(kept if recipe.learns else {})})
        well &= not changed and agrees
    return well


def _test_photographs(source: str, size: int) -> data.Photographs | str:
    """Return the test photographs of a source, or why they can't be had."""
    try:
        return data.split(data.load(source, size))["test"]
    except ValueError as error:
        return f"not measured again: {error}"


def _makes(recipe: Recipe) -> str:
    return f"'colorize train {recipe.name}'" if recipe.learns else f"'colorize results {recipe.name} --write'"


def _measure_again(recipe: Recipe, result: Result, test: data.Photographs) -> tuple[Result | None, bool, str]:
    """Measure a recipe from its shipped weights; return that, whether the file agrees with it, and a sentence."""
    if (
        recipe.system.has_network
        and not (weights_files.models_dir() / f"{recipe.weights_name}{weights_files.SUFFIX}").is_file()
    ):
        return None, True, "its weights are not shipped, so it can't be measured again"
    model = zoo.load_model(recipe.name) if recipe.system.has_network else None
    again = results.evaluate(recipe, model, test, "test")
    again["sample"] = results.evaluate(recipe, model, data.load("sample", recipe.size))["metrics"]
    again["recipe"] = result["recipe"]  # as it was trained, precision included
    before, now = (one["metrics"]["psnr"]["mean"] for one in (result, again))
    agrees = abs(now - before) <= TOLERANCE
    word = "agrees with" if agrees else "differs from"
    return again, agrees, f"measured again: {now:.3f} dB, {word} the file's {before:.3f} dB"

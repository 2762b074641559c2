"""The command `colorize`: photo, train, evaluate, results, turing, export-onnx (shown in the README).

Exit status: 0 all done, 1 something failed, 2 the command itself is wrong, 130 stopped by Ctrl-C.
"""

import argparse
import io
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from colorize_lib import __version__
from colorize_lib.photo.jobs import UsageError, color_one, free_name, jobs_of, names_a_file
from colorize_lib.settings import MODEL

DONE, FAILED, WRONG, STOPPED = 0, 1, 2, 130
SPLITS = ("train", "val", "test", "all")
WHICH = f"a recipe's name or a .weights.h5 file (default: {MODEL})"
SMALLEST = 7  # pixels a side: the window in which SSIM compares


def parser() -> argparse.ArgumentParser:
    """Return the parser of `colorize`."""
    top = argparse.ArgumentParser(prog="colorize", description="Color photographs; train and measure the networks.")
    top.add_argument("--version", action="version", version=f"colorize {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    photo = commands.add_parser(
        "photo",
        help="color photographs",
        description="Color photographs. Size, orientation, format and luminance stay; GIF becomes PNG. "
        "Results of an earlier run are replaced, photographs given as IN never.",
    )
    photo.add_argument("inputs", nargs="+", type=Path, metavar="IN", help="a photograph, or a folder of photographs")
    photo.add_argument("-o", "--out", required=True, type=Path, help="a folder, or for one photograph a file")
    photo.add_argument("--model", default=MODEL, help=WHICH)
    photo.set_defaults(command=color_photos)

    train = commands.add_parser(
        "train", help="train a recipe", description="Train a recipe; a run that was cut off goes on."
    )
    train.add_argument("recipe", metavar="RECIPE", help="a recipe's name; 'colorize results' lists them")
    train.add_argument("--data", metavar="SOURCE", help="landscape, intel, sample or a folder (default: the recipe's)")
    train.add_argument("--out", type=Path, metavar="DIR", help="where everything is written (default: runs/RECIPE)")
    train.add_argument("--epochs", type=_positive, metavar="N", help="default: the recipe's")
    train.add_argument(
        "--precision", choices=("fastest", "float32", "mixed_bfloat16", "mixed_float16"), help="default: the recipe's"
    )
    train.add_argument("--tensorboard", type=Path, metavar="DIR", help="write TensorBoard's logs there")
    train.set_defaults(command=train_recipe)

    evaluate = commands.add_parser(
        "evaluate", help="measure a trained network", description="Measure a trained network on photographs in color."
    )
    evaluate.add_argument("model", metavar="MODEL_OR_RECIPE", help="a recipe's name or a .weights.h5 file")
    evaluate.add_argument("--data", required=True, metavar="SOURCE", help="sample, landscape, intel or a folder")
    evaluate.add_argument(
        "--split", choices=SPLITS, help="default: test for the source that the recipe trains on, else all"
    )
    evaluate.add_argument("--size", type=_positive, metavar="N", help="pixels a side (default: the recipe's)")
    evaluate.add_argument("--json", type=Path, metavar="FILE", help="write everything measured as JSON, too")
    evaluate.set_defaults(command=evaluate_model)

    shipped = commands.add_parser(
        "results",
        help="check the shipped results",
        description="Say for every recipe whether its results file is current, and measure it again from the shipped "
        "weights where the photographs are at hand (landscape: downloaded, or in COLORIZE_DATA).",
    )
    shipped.add_argument("recipes", nargs="*", metavar="RECIPE", help="default: all")
    shipped.add_argument("--write", action="store_true", help="put what was measured into the results files")
    shipped.set_defaults(command=check_results)

    turing = commands.add_parser(
        "turing",
        help="count the answers of a class",
        description="Print the table of a class that took the color Turing test: a row a person, and all of them.",
    )
    turing.add_argument("inputs", nargs="+", type=Path, metavar="FILE", help="a result file, or a folder of them")
    turing.set_defaults(command=count_answers)

    exported = commands.add_parser(
        "export-onnx", help="write a network for the browser", description="Write a trained network as ONNX."
    )
    exported.add_argument("out", type=Path, metavar="OUT", help="a name that ends in .onnx; a .json goes beside it")
    exported.add_argument("--model", default=MODEL, help=WHICH)
    exported.set_defaults(command=export_onnx)
    return top


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `colorize` and return its exit status; a user's mistake gives one sentence, no traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a file's name may hold what the terminal can't show
    options = parser().parse_args(arguments)
    try:
        status: int = options.command(options)
    except UsageError as error:
        _complain(str(error))
        return WRONG
    except (ValueError, OSError, LookupError) as error:
        _complain(str(error))
        return FAILED
    except MemoryError as error:
        _complain(f"not enough memory ({error}); close other programs, or ask for fewer or smaller photographs.")
        return FAILED
    except KeyboardInterrupt:
        _complain("stopped.")
        return STOPPED
    except Exception as error:
        if type(error).__name__ != "ResourceExhaustedError":  # TensorFlow's, for the memory of a GPU
            raise
        _complain("not enough memory on the device; close other programs, or train with smaller batches.")
        return FAILED
    return status


def _complain(sentence: str) -> None:
    print(f"colorize: {sentence}", file=sys.stderr, flush=True)


def color_photos(options: argparse.Namespace) -> int:
    """Color every photograph that can be read; say what was skipped and why."""
    from colorize_lib.photo.colorizer import Colorizer

    to_file = names_a_file(options.out, options.inputs)
    colorizer = Colorizer(options.model)
    jobs, problems = jobs_of(options.inputs, options.out)
    for problem in problems:
        _complain(problem)
    if jobs:
        print(f"{len(jobs)} to color with '{colorizer.recipe.name}'; starting takes some seconds.", flush=True)
    start, done, taken = time.perf_counter(), 0, set[str]()
    inputs = {job.source.resolve() for job in jobs}
    for number, job in enumerate(jobs, 1):
        target = options.out if to_file else free_name(job, taken)
        done += color_one(colorizer, job.source, target, inputs, f"[{number}/{len(jobs)}]")
    failed = len(jobs) - done + len(problems)
    print(f"{done} colorized, {failed} failed, {time.perf_counter() - start:.0f} s.")
    return FAILED if failed else DONE


def train_recipe(options: argparse.Namespace) -> int:
    """Train a recipe and measure it; write checkpoint, weights, results and pictures."""
    from colorize_lib import reports, training
    from colorize_lib.backend import start_keras
    from colorize_lib.data import sources
    from colorize_lib.recipes import find
    from colorize_lib.storage import writing
    from colorize_lib.training import devices

    recipe = find(options.recipe)
    try:
        recipe.require_training()
    except ValueError as error:
        raise UsageError(str(error)) from None
    out = options.out or Path("runs") / recipe.name
    source, epochs = options.data or recipe.source, options.epochs or recipe.epochs
    sources.find(source)  # before the seconds that Keras takes to start
    writing.make_folder(out)  # before the hours that training takes
    print(f"Training '{recipe.name}' on {source} up to epoch {epochs}, into {out}; one line an epoch.", flush=True)
    start_keras()
    if options.precision:
        recipe = replace(recipe, precision=options.precision)
    try:
        callbacks = [training.tensorboard(options.tensorboard)] if options.tensorboard else []
        result = training.run(
            recipe, out, options.data, options.epochs, callbacks=callbacks, strategy=devices.all_devices()
        )
    except KeyboardInterrupt:
        _complain(f"stopped; the same command goes on from the last whole epoch, if there is one in {out}.")
        return STOPPED
    reports.report(result)
    print(f"Written to {out}: {recipe.name}.weights.h5 and {recipe.name}.json.")
    return DONE


def evaluate_model(options: argparse.Namespace) -> int:
    """Measure a trained network beside the photograph unchanged."""
    from colorize_lib import data, networks, reports, results, zoo
    from colorize_lib.recipes import RECIPES
    from colorize_lib.storage import writing

    if options.model == "gray":  # the photograph unchanged: a recipe without weights
        recipe, weights = RECIPES["gray"], None
    else:
        recipe, weights = zoo.locate(options.model)
    networks.check_size(options.size, recipe.system.stride)
    if options.size is not None and options.size < SMALLEST:
        raise UsageError(f"--size {options.size}: too small for SSIM; expected {SMALLEST} or more.")
    if options.json:
        if options.json.is_dir():
            raise UsageError(f"{options.json}: a folder, expected the name of a file for the results.")
        writing.make_folder(options.json.parent)
    split = options.split or ("test" if options.data == recipe.source else "all")
    photographs = data.load(options.data, options.size or recipe.size)
    if split != "all":
        photographs = data.split(photographs)[split]
    if not len(photographs):
        raise ValueError(f"{options.data}: no photographs in its {split} split; use --split all.")
    if not any((rgb != rgb[..., :1]).any() for rgb in photographs.rgb):
        raise ValueError(f"{options.data}: all photographs are gray; expected some in color to compare with.")
    model = zoo.load(recipe, weights) if weights else None
    result = results.evaluate(recipe, model, photographs, split)
    reports.report(result)
    if options.json:
        writing.write_json(options.json, result)
        print(f"Written to {options.json}.")
    return DONE


def check_results(options: argparse.Namespace) -> int:
    """Say for every recipe whether its results file is current, and measure it again; status 1 if one is not."""
    from colorize_lib import reports
    from colorize_lib.recipes import RECIPES, find

    chosen = [find(name) for name in options.recipes] or list(RECIPES.values())
    return DONE if reports.check(chosen, options.write) else FAILED


def count_answers(options: argparse.Namespace) -> int:
    """Print the class's table; say which files were skipped and why."""
    from colorize_lib import turing
    from colorize_lib.turing import files

    answers, problems, notes = files.gather(options.inputs)
    for note in notes:
        print(note)
    for problem in problems:
        _complain(problem)
    if answers:
        print(turing.table(answers).to_string())
        print(
            "Fooled: the real photograph was taken for the fake; 50 % would be chance. Trials without an answer are "
            f"not counted. From {turing.FEWEST} people on, the interval of all is a bootstrap over people, at least "
            "as wide as Wilson's over trials."
        )
    print(f"{len(answers)} counted, {len(problems)} skipped.")
    return FAILED if problems else DONE


def export_onnx(options: argparse.Namespace) -> int:
    """Write a trained network for the browser."""
    from colorize_lib.photo import onnx_export

    about = onnx_export.export(options.model, options.out)
    print(
        f"Written to {options.out}: {about['recipe']}, {about['bytes']:,} bytes; {options.out.stem}.json is beside it."
    )
    return DONE


if __name__ == "__main__":
    sys.exit(main())

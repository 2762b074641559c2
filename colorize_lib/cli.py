"""The command `colorize`: photo, train, evaluate, results, turing, export-onnx (shown in the README).

Exit status: 0 all done, 1 something failed, 2 the command itself is wrong, 130 stopped by Ctrl-C.
"""

import argparse
import contextlib
import io
import os
import signal
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from colorize_lib import __version__
from colorize_lib.menu import ON_THE_PAGE
from colorize_lib.photo.jobs import ENDINGS, Batch, UsageError, hints_of, jobs_of, names_a_file, sentence
from colorize_lib.settings import MODEL

DONE, FAILED, WRONG, STOPPED = 0, 1, 2, 130
SPLITS = ("train", "val", "test", "all")
WHICH = f"a recipe's name or a .weights.h5 file (default: {MODEL})"
SMALLEST = 7  # pixels a side: the window in which SSIM compares


class _Parser(argparse.ArgumentParser):
    """A parser whose help ends with what `after` returns, its lines as they are."""

    after: Callable[[], str] = staticmethod(str)

    def format_help(self) -> str:
        """Return the help, and below it what comes after."""
        return super().format_help() + self.after()


def _offered() -> str:
    """Return the networks that are offered, each with a sentence."""
    column = max(map(len, ON_THE_PAGE)) + 4
    lines = [
        textwrap.fill(f"  {name}".ljust(column) + about, 79, subsequent_indent=" " * column)
        for name, about in ON_THE_PAGE.items()
    ]
    return "\n".join(["", "models:", *lines, ""])


def parser() -> argparse.ArgumentParser:
    """Return the parser of `colorize`."""
    top = _Parser(prog="colorize", description="Color photographs; train and measure the networks.")
    top.add_argument("--version", action="version", version=f"colorize {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    photo = commands.add_parser(
        "photo",
        help="color photographs",
        description="Color photographs. Size, orientation, format and lightness stay; GIF and BMP become PNG. "
        "Results of an earlier run are replaced, any other file never.",
    )
    photo.after = _offered
    photo.add_argument("inputs", nargs="+", type=Path, metavar="IN", help="a photograph, or a folder of photographs")
    photo.add_argument("-o", "--out", required=True, type=Path, help="a folder, or for one photograph a file")
    photo.add_argument("--model", default=MODEL, help=WHICH)
    photo.add_argument(
        "--hint",
        action="append",
        default=[],
        type=_hint,
        metavar="X,Y,COLOR",
        help="a color that the photograph is to have at a pixel, counted from 0 at the left and the top: #rrggbb or a "
        "name of CSS, such as 120,80,#4080c0; can be repeated, for one photograph",
    )
    photo.add_argument("--hints", type=Path, metavar="FILE", help="a file of hints, as the course's page writes it")
    photo.set_defaults(command=color_photos)

    train = commands.add_parser(
        "train", help="train a recipe", description="Train a recipe; a run that was cut off goes on."
    )
    train.add_argument("recipe", metavar="RECIPE", help="a recipe's name; 'colorize results' lists them")
    train.add_argument("--data", metavar="SOURCE", help="landscape, intel, sample or a folder (default: the recipe's)")
    train.add_argument("--out", type=Path, metavar="DIR", help="where everything is written (default: runs/RECIPE)")
    train.add_argument("--begin", metavar="NAME", help="begin with the weights of this recipe (default: the recipe's)")
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
        "export-onnx",
        help="write a network as one file, for the course's page or other programs",
        description="Write a trained network as ONNX, a file that the course's page takes.",
    )
    exported.add_argument("out", type=Path, metavar="OUT", help="a name that ends in .onnx; it becomes the network's")
    exported.add_argument("--model", default=MODEL, help=WHICH)
    exported.set_defaults(command=export_onnx)
    return top


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _hint(text: str) -> Any:
    from colorize_lib.photo import hint_files

    try:
        return hint_files.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


class _Pipe(io.FileIO):
    """Where lines go whose reader may leave early, as `head` does: later ones go nowhere, and the work goes on."""

    def write(self, data: Any) -> int:
        """Write what somebody still reads."""
        with contextlib.suppress(BrokenPipeError):
            return super().write(data)
        return memoryview(data).nbytes


def _prepare_streams() -> None:
    """Let no lost reader, no closed stream and no odd name stop the work."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:  # closed, as by `2>&-`: the next file opened would take its place
            os.open(os.devnull, os.O_RDWR)
    for name, number in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif stream is getattr(sys, f"__{name}__"):
            stream.flush()
            raw = io.BufferedWriter(_Pipe(number, "w", closefd=False))
            # A file's name may hold what the terminal can't show.
            lines = io.TextIOWrapper(raw, stream.encoding, "backslashreplace", line_buffering=True)
            setattr(sys, name, lines)
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _plain(argument: str) -> str:
    """Return a photograph's name so that it isn't taken for an option."""
    dashed = argument.startswith("-") and Path(argument).suffix.lower() in ENDINGS and os.path.lexists(argument)
    return f"./{argument}" if dashed else argument


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `colorize` and return its exit status; a user's mistake gives one sentence, no traceback."""
    _prepare_streams()
    os.environ["MPLBACKEND"] = "agg"  # no command opens a window, so none needs the backend of the user's choice
    options = parser().parse_args([_plain(argument) for argument in (sys.argv[1:] if arguments is None else arguments)])
    interrupted = _heed_interrupts()
    try:
        return int(options.command(options))
    except (Exception, KeyboardInterrupt) as error:
        # A package that was being imported may have made something else of Ctrl-C.
        return _explain(KeyboardInterrupt() if interrupted else error)


def _explain(error: BaseException) -> int:
    """Say in one sentence what stopped the command and return its exit status; what is no user's mistake is raised."""
    if isinstance(error, UsageError):
        _complain(str(error))
        return WRONG
    if isinstance(error, KeyboardInterrupt):
        _complain("stopped.")
        return STOPPED
    if isinstance(error, ValueError | OSError | LookupError):
        _complain(sentence(error))
    elif isinstance(error, MemoryError):
        _complain(f"not enough memory ({error}); close other programs, or ask for fewer or smaller photographs.")
    elif type(error).__name__ == "ResourceExhaustedError":  # TensorFlow's, for the memory of a GPU
        _complain("not enough memory on the device; close other programs, or train with smaller batches.")
    else:
        raise error
    return FAILED


def _heed_interrupts() -> list[int]:
    """Return a list that is empty until Ctrl-C is pressed."""
    pressed = list[int]()

    def stop(number: int, frame: object) -> None:
        pressed.append(number)
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, stop)
    return pressed


def _complain(said: str) -> None:
    print(f"colorize: {said}", file=sys.stderr, flush=True)


def color_photos(options: argparse.Namespace) -> int:
    """Color every photograph that can be read; say what was skipped and why."""
    from colorize_lib.photo.colorizer import Colorizer

    to_file = names_a_file(options.out, options.inputs)
    asked = hints_of(options.hint, options.hints, options.inputs)
    colorizer = Colorizer(options.model)
    jobs, problems = jobs_of(options.inputs, options.out)
    for problem in problems:
        _complain(problem)
    if jobs:
        print(f"{len(jobs)} to color with '{colorizer.recipe.name}'; starting takes some seconds.", flush=True)
    start = time.perf_counter()
    done = Batch(colorizer, jobs, options.out if to_file else None, asked).run()
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
    if options.begin:
        recipe = replace(recipe, initial_weights=find(options.begin).name)
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
    data.require_color(photographs, "compare with")
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
    """Write a trained network as one file."""
    from colorize_lib.photo import onnx_export

    about = onnx_export.export(options.model, options.out)
    print(f"Written to {options.out}: '{about['name']}', recipe '{about['recipe']}', {about['bytes']:,} bytes.")
    return DONE


if __name__ == "__main__":
    sys.exit(main())

"""Which photographs `colorize photo` colors, where the results go, and one line about each."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from colorize_lib.photo.colorizer import Colorizer

# Endings that make a file in a folder a photograph; what can't be read among them is reported as a failure.
ENDINGS = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif"),
    *(".jp2", ".avif", ".heic", ".heif", ".ppm", ".pgm", ".tga"),
)


class UsageError(ValueError):
    """The command asks for something that can't be; nothing was done."""


class Job(NamedTuple):
    """One photograph to color, and the folder its result goes to."""

    source: Path
    folder: Path


def names_a_file(out: Path, inputs: list[Path]) -> bool:
    """Tell whether `out` is the name of one result rather than a folder."""
    from colorize_lib.photo.writer import format_of

    if out.is_dir() or out.suffix.lower() not in ENDINGS:
        if out.exists() and not out.is_dir():
            raise UsageError(f"{out}: a file, expected a folder or a name that ends in .jpg or .png.")
        if out.suffix and not out.exists() and not inputs[0].is_dir() and len(inputs) == 1:
            raise UsageError(f"{out}: unknown ending; expected .jpg or .png, or a folder that is there already.")
        return False
    if len(inputs) > 1 or inputs[0].is_dir():
        raise UsageError(f"{out}: the name of one file for several photographs; name a folder.")
    try:
        format_of(out)
    except ValueError as error:
        raise UsageError(str(error)) from None
    return True


def jobs_of(inputs: list[Path], out: Path) -> tuple[list[Job], list[str]]:
    """Return what to color and a sentence for each input that holds nothing to color; tell what is left out."""
    jobs, problems = dict[Path, Job](), []
    for path in inputs:
        if path.is_dir():
            found = list(_in_folder(path, out))
            if not found:
                problems.append(f"{path}: no photographs in this folder; check the path.")
        elif path.exists():
            found = [Job(path, out)]
        else:
            found = []
            problems.append(f"{path}: no such file or folder; check the path.")
        jobs |= {job.source.resolve(): job for job in found if job.source.resolve() not in jobs}
    return list(jobs.values()), problems


def _in_folder(folder: Path, out: Path) -> Iterator[Job]:
    """Yield the photographs below `folder` in natural order; hidden files and earlier results are passed over."""
    from colorize_lib.data.sources import natural_key

    below = out.resolve() != folder.resolve() and out.resolve().is_relative_to(folder.resolve())
    for path in sorted(folder.rglob("*"), key=lambda path: natural_key(str(path))):
        relative = path.relative_to(folder)
        earlier_result = below and path.resolve().is_relative_to(out.resolve())
        if path.is_dir() or earlier_result or any(part.startswith(".") for part in relative.parts):
            continue
        if path.suffix.lower() in ENDINGS:
            yield Job(path, out / relative.parent)
        else:
            print(f"{path}: passed over, because its ending is not a photograph's.")


def free_name(job: Job, taken: set[str]) -> Path:
    """Return the result's name; of two photographs with one name the second gets ``-2``."""
    from colorize_lib.photo.writer import result_name

    name = job.folder / result_name(job.source)
    target, number = name, 1
    while str(target).casefold() in taken:  # macOS holds A.jpg and a.jpg to be one file
        number += 1
        target = name.with_stem(f"{name.stem}-{number}")
    taken.add(str(target).casefold())
    return target


def color_one(colorizer: "Colorizer", source: Path, target: Path, inputs: set[Path], number: str) -> bool:
    """Color one photograph and print one line about it; tell whether it was done."""
    from colorize_lib.storage.weights_files import WeightsError

    try:
        if target.resolve() in inputs:
            raise ValueError(f"{target}: a photograph given as IN, which is never overwritten; choose another -o.")
        written = colorizer.colorize_file(source, target)
    except WeightsError:  # it would be the same for every photograph
        raise
    except (ValueError, OSError) as error:
        print(f"{number} skipped: {error}", file=sys.stderr, flush=True)
        return False
    notes = f" ({'; '.join(written.notes)})" if written.notes else ""
    print(f"{number} {source} -> {target}{notes}", flush=True)
    return True

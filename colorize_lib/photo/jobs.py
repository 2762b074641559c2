"""Which photographs `colorize photo` colors, where the results go, and one line about each."""

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from colorize_lib.hints import Hint
    from colorize_lib.photo.colorizer import Colorizer, Written
    from colorize_lib.photo.hint_files import PixelHint

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


def hints_of(options: Sequence["PixelHint"], file: Path | None, inputs: list[Path]) -> "list[Hint | PixelHint]":
    """Return the hints of the command: those of the file first, then those of its options, for one photograph."""
    from colorize_lib.photo import hint_files

    if not options and file is None:
        return []
    if len(inputs) > 1 or inputs[0].is_dir():
        raise UsageError("hints for several photographs; a hint is a place in one, so give one photograph as IN.")
    return [*(hint_files.read(file) if file else ()), *options]


def jobs_of(inputs: list[Path], out: Path) -> tuple[list[Job], list[str]]:
    """Return what to color and a sentence for each input that holds nothing to color; tell what is left out."""
    jobs, problems = dict[Path, Job](), list[str]()
    for path in inputs:
        found, before = list[Job](), len(problems)
        if path.is_dir():
            found = list(_in_folder(path, out, problems))
            if not found and len(problems) == before:
                problems.append(f"{path}: no photographs in this folder; check the path.")
        elif path.exists():
            found = [Job(path, out)]
        else:
            problems.append(f"{path}: no such file or folder; check the path.")
        for job in found:
            jobs.setdefault(_identity(job.source), job)
    return list(jobs.values()), problems


def _identity(path: Path) -> Path:
    """Return one name for all ways to a file; a pipe has no other."""
    return path.resolve() if path.is_file() else path


def _in_folder(folder: Path, out: Path, problems: list[str]) -> Iterator[Job]:
    """Yield the photographs below `folder` in natural order; hidden files and earlier results are passed over."""
    from colorize_lib.data.sources import natural_key, walk

    def unreadable(error: OSError) -> None:
        problems.append(
            f"{error.filename}: a folder that can't be read ({error.strerror}); change its permissions or leave it out."
        )

    below = out.resolve() != folder.resolve() and out.resolve().is_relative_to(folder.resolve())
    for path in sorted(walk(folder, unreadable), key=lambda path: natural_key(str(path))):
        if below and path.resolve().is_relative_to(out.resolve()):
            continue
        if path.suffix.lower() not in ENDINGS:
            print(f"{path}: passed over, because its ending is not a photograph's.")
        elif not path.is_file():
            print(f"{path}: passed over, because it is no file, or a link that leads nowhere.")
        else:
            yield Job(path, out / path.relative_to(folder).parent)


class Batch:
    """The photographs of one command: none of them is overwritten, and no two get one name.

    Parameters
    ----------
    colorizer : Colorizer
        Colors them.
    jobs : list of Job
        What to color.
    target : Path, optional
        The name of the one result; else each is named as its photograph.
    asked : sequence of Hint or PixelHint
        Colors that a person asks for in the one photograph; see `hints_of`.
    """

    def __init__(
        self,
        colorizer: "Colorizer",
        jobs: list[Job],
        target: Path | None = None,
        asked: "Sequence[Hint | PixelHint]" = (),
    ) -> None:
        """Remember the photographs: some may be where the results go."""
        self.colorizer, self.jobs, self.target, self.asked = colorizer, jobs, target, asked
        self.inputs = {_identity(job.source) for job in jobs}
        self.taken = set[str]()

    def run(self) -> int:
        """Color all, print one line about each, and return how many were done."""
        return sum(self._one(job, f"[{number}/{len(self.jobs)}]") for number, job in enumerate(self.jobs, 1))

    def _one(self, job: Job, number: str) -> bool:
        from colorize_lib.backend import BackendError
        from colorize_lib.storage.weights_files import WeightsError

        try:
            written = self._colored(job)
        except (WeightsError, BackendError):  # it would be the same for every photograph
            raise
        except (ValueError, OSError) as error:
            print(f"{number} skipped: {sentence(error)}", file=sys.stderr, flush=True)
            return False
        notes = f" ({'; '.join(written.notes)})" if written.notes else ""
        print(f"{number} {job.source} -> {written.path}{notes}", flush=True)
        return True

    def _colored(self, job: Job) -> "Written":
        from colorize_lib.data import reading
        from colorize_lib.photo import writer

        if self.target is not None:
            if self.target.resolve() in self.inputs:
                raise ValueError(
                    f"{self.target}: a photograph given as IN, which is never overwritten; choose another -o."
                )
            return self.colorizer.colorize_file(job.source, self.target, self.asked)
        if not job.source.is_file():
            raise ValueError(f"{job.source}: no file whose name the result could have; name it: -o result.png.")
        photo = reading.read(job.source)
        target, notes = self._free_name(job, writer.result_name(job.source, photo))
        written = self.colorizer.colorize_photo(photo, job.source, target, writer.format_of(target), self.asked)
        return replace(written, notes=written.notes + notes)

    def _free_name(self, job: Job, wanted: str) -> tuple[Path, list[str]]:
        """Return the result's name, numbered where another photograph has it, and a note if a foreign file has it."""
        from colorize_lib.photo.writer import is_result

        name = target = job.folder / wanted
        number, notes = 1, list[str]()
        while True:
            key = str(target).casefold()  # macOS holds A.jpg and a.jpg to be one file
            if key not in self.taken:
                if target.resolve() in self.inputs:
                    self.taken.add(key)
                    raise ValueError(
                        f"{target}: a photograph given as IN, which is never overwritten; choose another -o."
                    )
                if not os.path.lexists(target) or is_result(target):
                    break
                notes = [f"{name.name} was there and is no result of the course, so it stays"]
            number += 1
            target = name.with_stem(f"{name.stem}-{number}")
        self.taken.add(key)
        return target, notes


def sentence(error: Exception) -> str:
    """Return what went wrong as a sentence, also where the system said it in its own words."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}; choose another name or place."
    return str(error)

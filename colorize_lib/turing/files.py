"""Turing files: the results of the color Turing test, written, read and checked (taught in chapter 10).

The page of the test and `widget` write one JSON file a person; nothing here knows or asks who that is.
"""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from colorize_lib import __version__
from colorize_lib.storage import writing
from colorize_lib.turing import FORMS, SIDES, Answers, Trial

KIND, VERSION = "color-turing-test", 1
LARGEST = 1_000_000  # bytes of a file worth reading; a long test takes 6,000


class TuringError(ValueError):
    """A file that is no result of the test; the message says what was found and what to do."""


def write(path: Path, answers: Answers, seed: int, started: datetime | None = None) -> None:
    """Write the answers of one person as the test's page does; `seed` decided order and sides, `started` is now."""
    record = {
        "kind": KIND,
        "version": VERSION,
        "course": __version__,
        "form": answers.form,
        "model": answers.model,
        "seed": seed,
        "shown": answers.shown,
        "started": (started or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "trials": [asdict(trial) for trial in answers.trials],
    }
    with writing.whole_file(path) as part:
        part.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def read(path: Path | str) -> Answers:
    """Return the answers in a result file.

    Raises
    ------
    TuringError
        If the file is none, is cut off, or holds what no test can give; it is a ValueError, too.
    OSError
        If it can't be read.
    """
    return _checked(_load(Path(path)), Path(path))


def _load(path: Path) -> Any:
    if path.stat().st_size > LARGEST:
        raise TuringError(f"{path}: {path.stat().st_size:,} bytes, too many for a result file; check which file it is.")
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise TuringError(
            f"{path}: not text; expected the JSON file that the test offers; download it again."
        ) from None
    except json.JSONDecodeError as error:
        what = f"not whole JSON (line {error.lineno}, column {error.colno}: {error.msg})"
        raise TuringError(f"{path}: {what}; the file is cut off or changed; download it again.") from None
    except (RecursionError, ValueError):
        raise TuringError(f"{path}: JSON that no test writes; check which file it is.") from None


def _checked(record: Any, path: Path) -> Answers:
    """Return what `record` holds; a TuringError names the first thing that is wrong."""

    def fail(found: str, expected: str) -> TuringError:
        return TuringError(f"{path}: {found}; expected {expected}; use the file as the test wrote it.")

    if not isinstance(record, dict) or record.get("kind") != KIND:
        raise fail("not a result of the color Turing test", f'"kind": "{KIND}"')
    if record.get("version") != VERSION or isinstance(record["version"], bool):
        raise fail(f"version {record.get('version')!r} of the format", f"version {VERSION}")
    form, model, trials = (record.get(key) for key in ("form", "model", "trials"))
    if not isinstance(form, str) or form not in FORMS:
        raise fail(f"the form {form!r}", f"one of: {', '.join(FORMS)}")
    if not isinstance(model, str) or not model:
        raise fail(f"the model {model!r}", "a name")
    if not isinstance(record.get("seed"), int):
        raise fail(f"the seed {record.get('seed')!r}", "a whole number")
    shown = record.get("shown", 0)
    if shown is not None and not (_is_number(shown) and shown > 0):
        raise fail(f"pairs shown for {shown!r:.40} s", "a number above 0, or null where there was no limit")
    if not _is_time(record.get("started")):
        raise fail(f"it started at {record.get('started')!r}", "a time such as 2026-11-25T17:00:00Z")
    if not isinstance(trials, list):
        raise fail("no list of trials", "one")
    for number, trial in enumerate(trials, 1):
        if wrong := _wrong(trial):
            raise fail(f"trial {number} has {wrong[0]}", wrong[1])
    parts = Counter(trial["part"] for trial in trials)
    if dict(parts) != FORMS[form]:
        raise fail(f"{_counted(parts)} trials", f"{_counted(FORMS[form])} in the {form} form")
    photographs = Counter(trial["photograph"] for trial in trials)
    name, times = photographs.most_common(1)[0]
    if times > 1:
        raise fail(f"the photograph {name!r} {times} times", "each photograph once")
    keys = ("part", "photograph", "fake", "chosen", "seconds")
    done = tuple(Trial(**{key: trial[key] for key in keys}) for trial in trials)
    return Answers(path.stem, model, form, done, shown)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf


def _is_time(text: Any) -> bool:
    try:
        return bool(datetime.fromisoformat(text))
    except (TypeError, ValueError):
        return False


def _wrong(trial: Any) -> tuple[str, str] | None:
    """Return what is wrong with a trial and what was expected; None if nothing is."""
    if not isinstance(trial, dict):
        return f"{trial!r:.40}", "an object"
    allowed = {"part": tuple(FORMS["short"]), "fake": SIDES, "chosen": (*SIDES, None)}
    for key, values in allowed.items():
        if key not in trial or trial[key] not in values:
            return f"{key} {trial.get(key)!r:.40}", f"one of: {', '.join('null' if v is None else v for v in values)}"
    if not isinstance(trial.get("photograph"), str) or not trial["photograph"]:
        return f"the photograph {trial.get('photograph')!r:.40}", "a file's name"
    seconds = trial.get("seconds")
    if not _is_number(seconds) and not (seconds is None and trial["chosen"] is None):
        return f"{seconds!r:.40} seconds", "a number of at least 0"
    return None


def _counted(parts: dict[str, int]) -> str:
    return ", ".join(f"{parts.get(part, 0)} {part}" for part in FORMS["short"])


def gather(inputs: Sequence[Path]) -> tuple[list[Answers], list[str], list[str]]:
    """Read result files and folders of them.

    Returns
    -------
    answers, problems, notes
        One `Answers` a person; a sentence for each file that was skipped; a sentence for each
        file that holds the same as an earlier one, which counts once.
    """
    from colorize_lib.data.sources import natural_key

    files, problems, notes = dict[Path, Path](), list[str](), list[str]()
    for path in inputs:
        found = [path]
        if path.is_dir():
            found = [file for file in path.rglob("*.json") if not file.name.startswith(".")]
            if not found:
                problems.append(f"{path}: no .json files in this folder; check the path.")
        for file in sorted(found, key=lambda file: natural_key(str(file))):
            files.setdefault(file.resolve(), file)
    answers, known = list[Answers](), dict[str, Path]()
    for path in files.values():
        try:
            record = _load(path)
            one = _checked(record, path)
        except FileNotFoundError:
            problems.append(f"{path}: no such file or folder; check the path.")
        except (TuringError, OSError) as error:
            problems.append(str(error))
        else:
            first = known.setdefault(json.dumps(record, sort_keys=True), path)
            if first is path:
                answers.append(one)
            else:
                notes.append(f"{path}: the same as {first}; counted once.")
    return answers, problems, notes

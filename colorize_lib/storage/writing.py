"""Files written whole or not at all."""

import errno
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

PART = ".part"  # the ending of a file that is being written
NAME = 40  # letters of its own name that such a file shows: with four bytes each, they fit any file system
REMEDIES = {  # what to do, by the system's reason
    errno.ENOSPC: "free some space or choose another place",
    getattr(errno, "EDQUOT", -1): "free some space or choose another place",
    errno.ENAMETOOLONG: "choose a shorter name",
}


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give the path of a new file beside `path` to write to; it takes the name `path` once it is whole.

    Folders are made. The new file's name is nobody else's, so that two may write `path` at once: the later one stays.
    If the writing fails or is interrupted, what `path` held before stays and nothing is left beside it; an OSError
    says so in one sentence.
    """
    part = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = _new(path)
        yield part
        part.replace(path)
    except OSError as error:
        remedy = REMEDIES.get(error.errno or 0, "choose another place or name")
        raise OSError(f"{path}: could not be written ({_reason(error)}); {remedy}.") from error
    finally:
        if part is not None:
            with suppress(OSError):
                part.unlink(missing_ok=True)


def _new(path: Path) -> Path:
    """Make an empty file beside `path`, under a name that no other has, and return it."""
    while True:
        part = path.with_name(f"{path.name[:NAME]}.{os.urandom(4).hex()}{PART}")
        with suppress(FileExistsError):
            part.touch(exist_ok=False)
            return part


def is_part(path: Path) -> bool:
    """Tell whether this is the name of a file that `whole_file` was writing."""
    return re.search(rf"\.[0-9a-f]{{8}}{re.escape(PART)}$", path.name) is not None


def make_folder(folder: Path) -> None:
    """Make `folder` if need be; an OSError says in one sentence if nothing can be written into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise OSError(f"{folder}: no folder to write into ({_reason(error)}); choose another one.") from error


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write `content` as JSON, indented; the folder is made."""
    with whole_file(path) as part:
        part.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")

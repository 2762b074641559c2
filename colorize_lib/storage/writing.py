"""Files written whole or not at all."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give the path of a file beside `path` to write to; it takes the name `path` once it is whole.

    Folders are made. If the writing fails or is interrupted, what `path` held before stays and nothing is left
    beside it; an OSError says so in one sentence.
    """
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(path)
    except OSError as error:
        raise OSError(
            f"{path}: could not be written ({_reason(error)}); free some space or choose another place."
        ) from error
    finally:
        with suppress(OSError):  # such as a folder that is a file: told above
            part.unlink(missing_ok=True)


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

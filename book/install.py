"""Make .venv with the locked packages and the library (``make setup``).

Runs on the standard library alone, with whichever Python the Makefile found.
A stamp in .venv says what it was made from, so that it is made once only.
"""

import hashlib
import subprocess
import sys
import time
import venv
from collections import deque
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "made-from.txt"
LOCK = ROOT / "requirements.txt"
SECONDS_BETWEEN_LINES = 15


def fingerprint() -> str:
    """Return a hash of the lock, the project's settings, its place and this Python's version."""
    digest = hashlib.sha256(f"{sys.version_info[:3]} {ROOT}".encode())
    for name in ("requirements.txt", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def fail(sentence: str) -> None:
    """End with one sentence for the reader and a status that stops make."""
    sys.exit(f"Set-up stopped: {sentence}")


def make_venv() -> None:
    """Make .venv with this Python, unless this Python is the one in it."""
    if Path(sys.prefix).resolve() == VENV.resolve():
        return
    print(f"Making .venv with Python {sys.version.split()[0]} ({sys.executable})", flush=True)
    try:
        venv.create(VENV, clear=True, with_pip=True)
    except (subprocess.CalledProcessError, ImportError, OSError) as error:
        fail(
            f"{sys.executable} can't make a virtual environment ({error}); "
            "on Debian and Ubuntu install the package python3-venv, then run the command again."
        )


def pip(*arguments: str, packages: int = 0) -> None:
    """Run pip in .venv; of its many lines show a count now and then, and the last ones if it fails."""
    command = [str(VENV / "bin/python"), "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
    last: deque[str] = deque(maxlen=20)
    found, shown = 0, time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT) as process:
        for line in process.stdout or ():
            last.append(line)
            found += line.startswith(("Collecting ", "Processing ", "Requirement already satisfied"))
            if packages and line.startswith("Installing collected"):
                print("  unpacking them", flush=True)
                packages = 0
            elif packages and time.monotonic() - shown > SECONDS_BETWEEN_LINES:
                shown = time.monotonic()
                print(f"  {found} of about {packages} fetched", flush=True)
    if process.returncode:
        print("".join(last), end="", file=sys.stderr)
        fail(f"pip {' '.join(arguments)} failed; its last lines are above. Is there a network, and space on the disk?")


def main() -> None:
    """Bring .venv up to date, or say that it is."""
    if sys.platform in ("win32", "cygwin"):
        fail("on Windows, run this inside WSL (Windows Subsystem for Linux).")
    made_from = fingerprint()
    if STAMP.is_file() and STAMP.read_text() == made_from:
        return
    start = time.monotonic()
    make_venv()
    packages = sum(bool(line.strip()) for line in LOCK.read_text().splitlines())
    print(f"Installing {packages} locked packages (about 3 GB on the disk; minutes, once)", flush=True)
    # The lock names every package, so pip has nothing to work out.
    pip("install", "--no-deps", "-r", LOCK.name, packages=packages)
    print("Installing the library", flush=True)
    pip("install", "--no-deps", "--no-build-isolation", "--editable", ".")
    pip("check")
    STAMP.write_text(made_from)
    print(f"Set-up done in {time.monotonic() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()

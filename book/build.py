"""Run the chapters that changed and build the pages (``make book``).

A chapter's outputs are kept in a cache (jupyter-cache) and found there by its code.
That alone misses a change in the library or the data, so the cache is emptied
whenever the hash of everything that chapters depend on is another one. The pages are
always built from scratch, which takes seconds; if nothing at all changed, not even that.
"""

import asyncio
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import failure_pictures
import nbformat
import quizzes
import slides
import turing_pictures
import web_files
import yaml
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "_build"
CACHE = BUILD / ".jupyter_cache"  # where Jupyter Book looks, too
EXECUTED_WITH = BUILD / "executed-with.txt"
BUILT_FROM = BUILD / "built-from.txt"
MACHINE = BUILD / "machine.md"
INDEX = BUILD / "html" / "index.html"
SECONDS_PER_CELL = 600
AT_ONCE = 2  # chapters; much of a chapter's time goes into imports and drawing, which use one core
# What tells TensorFlow and NumPy how many threads to start: chapters that all want every core hinder each other.
THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"
# Runs after a chapter's last cell: the most memory that it ever held.
PEAK = """
from colorize_lib.training.devices import peak_memory_mb
print(round(peak_memory_mb()))
"""


def fingerprint(paths: Iterable[Path], *words: str) -> str:
    """Return the hash of the files at and below `paths`, their names, and `words`."""
    digest = hashlib.sha256(" ".join(words).encode())
    for path in sorted(file for top in paths for file in ([top] if top.is_file() else top.rglob("*"))):
        if path.is_file() and "__pycache__" not in path.parts and ".ipynb_checkpoints" not in path.parts:
            digest.update(f"{path.relative_to(ROOT)} {path.stat().st_size}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def chapters_depend_on() -> str:
    """Return the hash of what chapters compute with: library, data (not its texts), lock, profile, Python."""
    data = [path for path in (ROOT / "data").rglob("*") if path.is_file() and path.suffix != ".md"]
    checks = ROOT / "colorize_lib" / "exercises"  # chapters don't use them
    library = [path for path in (ROOT / "colorize_lib").rglob("*.py") if checks not in path.parents]
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return fingerprint(
        [*library, *data, ROOT / "requirements.txt"],
        os.environ["COLORIZE_PROFILE"],
        version,
    )


def pages_depend_on() -> str:
    """Return the hash of everything that the pages are made from."""
    tops = ("book", "notebooks", "data", "colorize_lib/exercises", "_config.yml", "_toc.yml", "pyproject.toml")
    return fingerprint([ROOT / top for top in tops if (ROOT / top).exists()], chapters_depend_on())


def pages_below(entries: Iterable[dict[str, Any]]) -> list[str]:
    """Return the pages that entries of the table of contents name, in its order: each before those folded under it."""
    return [name for entry in entries for name in (entry["file"], *pages_below(entry.get("sections", ())))]


def contents() -> list[str]:
    """Return the pages that the table of contents names, in its order, without the welcome page."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    return [name for part in toc["parts"] for name in pages_below(part["chapters"])]


def chapters() -> list[Path]:
    """Return the notebooks that the table of contents names, in its order."""
    return [ROOT / f"{name}.ipynb" for name in contents() if (ROOT / f"{name}.ipynb").is_file()]


def is_cached(cache: JupyterCacheAbstract, path: Path) -> bool:
    """Tell whether the outputs of the chapter's present code are in the cache, put there by `run`.

    Sphinx itself runs a chapter that is changed while the pages are built, and measures nothing.
    """
    try:
        return "peak_megabytes" in cache.match_cache_notebook(nbformat.read(path, as_version=4)).data
    except KeyError:
        return False


def plain(error: Exception) -> str:
    """Return an error's traceback without the codes that color it in a terminal."""
    return re.sub(r"\x1b\[[0-9;]*m", "", str(error))


async def run(cache: JupyterCacheAbstract, path: Path, turn: asyncio.Semaphore) -> bool:
    """Run a chapter and keep its outputs in the cache; where it fails, say where and return False."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(PEAK))
    client = NotebookClient(
        notebook,
        timeout=SECONDS_PER_CELL,
        store_widget_state=False,  # or it would travel into the page, where no widget is
        record_timing=False,  # or times in the cells' metadata, and the cache wouldn't find the chapter again
        extra_arguments=["--IPKernelApp.log_level=ERROR"],  # or a warning about unencrypted local sockets
        resources={"metadata": {"path": str(path.parent)}},
        on_notebook_start=interruptible,
    )
    threads = str(max(1, (os.cpu_count() or 1) // AT_ONCE))
    async with turn:
        start = time.monotonic()
        try:
            await client.async_execute(env=dict.fromkeys(THREADS, threads) | os.environ)
        except (CellControlSignal, DeadKernelError, TimeoutError) as error:
            after = f"FAILED after {time.monotonic() - start:.1f} s"
            print(f"  {path.stem:24}{after}\n\n{path.relative_to(ROOT)}: {plain(error)}", flush=True)
            return False
        seconds = time.monotonic() - start
    peak = int(notebook.cells.pop().outputs[0].text)
    facts = {"execution_seconds": seconds, "peak_megabytes": peak}
    cache.cache_notebook_bundle(CacheBundleIn(notebook, str(path), data=facts), check_validity=False, overwrite=True)
    print(f"  {path.stem:24}{seconds:6.1f} s {peak:6} MB", flush=True)
    return True


def interruptible(notebook: nbformat.NotebookNode) -> None:
    """Let Ctrl-C stop all chapters: nbclient would have it stop the one that began last."""
    asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)


async def run_all(cache: JupyterCacheAbstract, paths: list[Path]) -> bool:
    """Run chapters, two at once, all of them even where one fails; return whether all ran to their end."""
    turn = asyncio.Semaphore(AT_ONCE)
    return all(await asyncio.gather(*(run(cache, path, turn) for path in paths)))


def run_chapters() -> bool:
    """Run the chapters that the cache doesn't hold; return whether all ran to their end."""
    state = chapters_depend_on()
    if not EXECUTED_WITH.is_file() or EXECUTED_WITH.read_text() != state:
        if CACHE.exists():
            print("The library, the data, the lock or the profile changed: every chapter runs again.", flush=True)
            shutil.rmtree(CACHE)
        CACHE.mkdir(parents=True)
        EXECUTED_WITH.write_text(state)
    cache, paths = get_cache(CACHE), chapters()
    changed = [path for path in paths if not is_cached(cache, path)]
    print(f"Chapters to run: {len(changed)} of {len(paths)} (profile {os.environ['COLORIZE_PROFILE']})", flush=True)
    if not asyncio.run(run_all(cache, changed)):
        return False
    for path in (path for path in paths if not is_cached(cache, path)):
        print(f"{path.relative_to(ROOT)} was changed while the chapters ran; run the same command again.")
        return False
    if changed or not MACHINE.is_file():
        note_machine(cache, paths)
    return True


def note_machine(cache: JupyterCacheAbstract, paths: list[Path]) -> None:
    """Write down for the page of run times what ran how long, with what."""
    import machine  # starts Keras, which is needless where no chapter ran

    records = {path.stem: cache.match_cache_notebook(nbformat.read(path, as_version=4)) for path in paths}
    runs = {name: {**record.data, "date": f"{record.created:%Y-%m-%d}"} for name, record in records.items()}
    machine.write(BUILD, machine.facts(runs, os.environ["COLORIZE_PROFILE"]))


def make_web_files() -> bool:
    """Write what the pages' scripts load; return whether it went well."""
    try:
        state = chapters_depend_on()
        web_files.make(BUILD / "web", fingerprint(web_files.MADE_BY, state))
        failure_pictures.make(BUILD / "failures", fingerprint(failure_pictures.MADE_BY, state))
        turing_pictures.make(BUILD / "turing")
    except (ValueError, OSError) as error:
        print(f"What the pages' scripts load was not written: {error}")
        return False
    return True


def build_pages() -> bool:
    """Build the pages from scratch, warnings being errors; return whether it went well."""
    print("Building the pages", flush=True)
    for name in ("html", ".doctrees", "jupyter_execute"):
        shutil.rmtree(BUILD / name, ignore_errors=True)
    command = [sys.executable, "-c", JUPYTER_BOOK, "build", ".", "-W", "-n", "--keep-going", "-q"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        print(re.sub(r"\n{2,}", "\n", done.stdout))
    return not done.returncode


def make_slides() -> bool:
    """Write the chapters' slides into the built pages, from the outputs in the cache; return whether it went well."""
    print("Writing the slides", flush=True)
    cache = get_cache(CACHE)
    read = {path.stem: nbformat.read(path, as_version=4) for path in chapters()}
    try:
        executed = {stem: cache.merge_match_into_notebook(notebook)[1] for stem, notebook in read.items()}
    except KeyError:
        print("A chapter was changed while the pages were built; run the same command again.")
        return False
    slides.make(executed, BUILD / "html")
    return True


def make_quizzes() -> bool:
    """Write the quizzes' files for instructors into the built pages; return whether it went well."""
    try:
        quizzes.make(BUILD / "html" / "quizzes")
    except ValueError as error:
        print(f"The quizzes were not written: {error}")
        return False
    return True


def main() -> int:
    """Bring the book up to date; return the exit status."""
    os.environ.setdefault("COLORIZE_PROFILE", "quick")
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # the kernel of .venv, not one of the user's
    os.environ["NO_COLOR"] = "1"
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # a warning of the debugger that nobody uses here
    start = time.monotonic()
    state = pages_depend_on()
    if INDEX.is_file() and BUILT_FROM.is_file() and BUILT_FROM.read_text() == state:
        print("Nothing changed since the book was built.")
    else:
        BUILT_FROM.unlink(missing_ok=True)
        steps = (run_chapters, make_web_files, build_pages, make_slides, make_quizzes)
        if not all(step() for step in steps):  # up to the first that fails
            print(f"The book was not built ({time.monotonic() - start:.0f} s); what is wrong stands above.")
            return 1
        BUILT_FROM.write_text(state)
        print(f"Done in {time.monotonic() - start:.0f} s")
    print(f"The book is at {INDEX.relative_to(ROOT)}; to read it in a browser: make serve")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nStopped. The chapters that have run are kept; the same command goes on from there.")

"""Put into dist what a release holds: wheel, offline book, weights, and the SHA-256 of each (``make release``).

The weights are those that ``colorize_lib.zoo`` downloads from the release of its own version, under the names that
``data/models/registry.txt`` gives them. The licenses of those that come from others lie beside them.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import build

from colorize_lib import __version__, settings
from colorize_lib.storage import weights_files

ROOT = build.ROOT
DIST = ROOT / "dist"
SUMS = "SHA256SUMS"
WHEEL_FROM = ("pyproject.toml", "README.md", "LICENSE", "colorize_lib", "data")
# A note of Sphinx's to itself, and a page whose links begin at the site's root.
NOT_OFFLINE = (".buildinfo", "404.html")
README = """\
Image colorization with autoencoders, version {version}: the whole book, to read without a network
{line}

Open index.html in a browser: text, figures, formulas and search are all here.

What answers to clicks (sliders and figures that change, "Color your own photograph", the color
Turing test) is left still: browsers don't load such scripts from a file. To have it too, serve
this folder. In a terminal, in this folder:

    python3 -m http.server 8000 --bind 127.0.0.1

(on Windows: py -m http.server 8000 --bind 127.0.0.1), then open http://localhost:8000/ in the browser.

Licenses: LICENSE.txt and the page "Credits and licenses". Source: {repository}
"""


class ReleaseError(RuntimeError):
    """A release can't be made from what is there; the message says what to do."""


def check_tag(tag: str) -> None:
    """Refuse a tag that isn't the version's own: zoo and the chapters' first cell ask for that one."""
    if tag not in ("", f"v{__version__}"):
        raise ReleaseError(
            f"the tag is {tag}, but pyproject.toml says version {__version__}; "
            f"change the version there, or tag the commit v{__version__}."
        )


def check_book() -> None:
    """Refuse a book that isn't built, or that was built before something changed."""
    shown = build.INDEX.parent.relative_to(build.BUILD.parent)
    if not build.INDEX.is_file():
        raise ReleaseError(f"{shown} holds no book; build it with 'make book'.")
    if not build.BUILT_FROM.is_file() or build.BUILT_FROM.read_text() != build.pages_depend_on():
        raise ReleaseError(f"{shown} holds a book that is older than its sources; build it again with 'make book'.")


def weights() -> list[Path]:
    """Return the weights files; refuse those that the registry doesn't name by their hash."""
    folder, registry = weights_files.models_dir(), weights_files.registry()
    for name in sorted({path.name for path in folder.glob(f"*{weights_files.SUFFIX}")} | set(registry)):
        if name not in registry:
            raise ReleaseError(
                f"{folder / name}: {weights_files.REGISTRY} doesn't list this file; "
                f"call weights_files.register('{name.removesuffix(weights_files.SUFFIX)}'), or take the file away."
            )
        if not (folder / name).is_file():
            raise ReleaseError(
                f"{folder / name}: {weights_files.REGISTRY} lists this file, but it isn't there; "
                "put it back, or take its line out of the registry."
            )
    return [weights_files.published(name) for name in registry]


def make_wheel(folder: Path) -> Path:
    """Build the wheel from a copy, so that nothing from an earlier build gets into it, and return it."""
    with tempfile.TemporaryDirectory() as made:
        sources = Path(made) / "sources"
        sources.mkdir()
        for name in WHEEL_FROM:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, sources / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, sources / name)
        command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
        done = subprocess.run(command, cwd=sources, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise ReleaseError(f"the wheel was not built; the last lines were:\n{done.stdout[-2000:]}")
    (wheel,) = folder.glob("*.whl")
    return wheel


def make_offline_book(folder: Path) -> Path:
    """Zip the built book, with how to open it and its licenses, and return the file."""
    # Not as GitHub names the zip of the sources, which stands beside it on a release's page.
    name = f"{settings.repository().rsplit('/', 1)[1]}-book-{__version__}"
    html = build.INDEX.parent
    line = "=" * len(README.splitlines()[0].format(version=__version__))
    about = README.format(version=__version__, line=line, repository=settings.repository())
    with zipfile.ZipFile(folder / f"{name}.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr(f"{name}/README.txt", about)
        archive.write(ROOT / "LICENSE", f"{name}/LICENSE.txt")
        for path in sorted(html.rglob("*")):
            inside = path.relative_to(html).as_posix()
            if path.is_file() and inside not in NOT_OFFLINE:
                archive.write(path, f"{name}/{inside}")
    return folder / f"{name}.zip"


def make(folder: Path, tag: str = "") -> list[Path]:
    """Fill `folder` with a release of the present version and return its files.

    Parameters
    ----------
    folder : Path
        Emptied first, but only when nothing stands in the way of the release.
    tag : str
        The tag that it is made for, if there is one.

    Raises
    ------
    ReleaseError, WeightsError
        If the tag, the book or the weights aren't as they must be.
    """
    check_tag(tag)
    check_book()
    chosen = weights()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    copied = [*chosen, *sorted(weights_files.models_dir().glob("LICENSE-*.txt"))]
    files = [make_wheel(folder), make_offline_book(folder), *(Path(shutil.copy(path, folder)) for path in copied)]
    sums = folder / SUMS
    sums.write_text("".join(f"{weights_files.sha256(file)}  {file.name}\n" for file in files), encoding="ascii")
    return [*files, sums]


def main() -> int:
    """Make the release in dist, for the tag that the command line names; return the exit status."""
    os.environ.setdefault("COLORIZE_PROFILE", "quick")  # the book's own, which its fingerprint holds
    try:
        files = make(DIST, *sys.argv[1:2])
    except (ReleaseError, weights_files.WeightsError) as error:
        print(f"No release was made: {error}", file=sys.stderr)
        return 1
    for file in files:
        print(f"{file.stat().st_size / 1e6:8.2f} MB  {file.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What tests share: the built book, served; a browser; the landscapes where there is a copy of them."""

import functools
import http.server
import os
import shutil
import threading
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("course", deadline=None)  # first examples import scikit-image; machines are shared
settings.load_profile("course")
os.environ.setdefault("COLORIZE_PROFILE", "quick")  # also where there is a GPU

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "_build" / "html"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_BROWSER = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


# Files with few tests that take minutes. Where two processes share the files, the last ones should be short: else one
# process waits for the other.
LONGEST = [f"test_{name}" for name in ("full_profile", "kill", "systems", "devices", "results")]


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.path.stem not in LONGEST)


@pytest.fixture(scope="session")
def book():
    """The folder of the built book."""
    if not (BOOK / "index.html").is_file():
        pytest.fail("there is no built book: run 'make book' first", pytrace=False)
    return BOOK


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="session")
def site(book):
    """The address of the book on a plain static server, in a sub-path as project pages are hosted."""
    handler = functools.partial(QuietHandler, directory=book.parent)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{book.name}"
        server.shutdown()


@pytest.fixture(scope="session")
def browser():
    """One browser for all pages."""
    found = [path for path in (*map(shutil.which, BROWSERS), MAC_BROWSER) if path and os.path.exists(path)]
    if not found:
        pytest.skip(f"NO BROWSER FOUND (looked for {', '.join(BROWSERS)}): the pages were not opened")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        # Root needs --no-sandbox, containers a /dev/shm larger than theirs.
        chromium = driver.chromium.launch(
            executable_path=found[0], args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def tell(record_property):
    """Call it with a sentence about what a test measured: the run closes with these."""
    return functools.partial(record_property, "measured")


def pytest_terminal_summary(terminalreporter):
    """Print what tests told."""
    for report in terminalreporter.stats.get("passed", []) + terminalreporter.stats.get("failed", []):
        for _, sentence in report.user_properties if report.when == "call" else ():
            terminalreporter.write_line(f"measured: {sentence}")


@pytest.fixture(scope="session")
def landscapes():
    """The folder of a copy of the Landscape layout, named by COLORIZE_DATA."""
    folder = Path(os.environ.get("COLORIZE_DATA", ""))
    if not (folder / "landscape Images" / "color").is_dir():
        pytest.skip("NO LANDSCAPES FOUND: COLORIZE_DATA doesn't name a folder with 'landscape Images'")
    return folder

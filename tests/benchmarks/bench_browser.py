"""The page that colors photographs, in Debian's chromium on one machine: python tests/benchmarks/bench_browser.py.

Seconds from the file's arrival to the picture in color, model loaded, for photographs of 1024x768 and of 24
megapixels, as a ratio to Python's time for the same, and the longest task of the page's main thread, in milliseconds.
Then a hint is dragged over the photograph of 1024x768: how long after a move of the pointer the picture has followed.
At last the network's numbers are taken apart: every step is opened, and the ring is led over its map.
Needs a built book (make book) and a browser.
"""

import functools
import http.server
import io
import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from colorize_lib.data.reading import open_photo
from colorize_lib.photo.colorizer import Colorizer
from colorize_lib.settings import data_dir

BOOK = Path(__file__).resolve().parents[2] / "_build" / "html"
SIZES = ((1024, 768), (6000, 4000))
STATUS = "document.querySelector('.own-status').textContent"
WATCH = """() => {
    window.longest = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.longest = Math.max(window.longest, entry.duration);
    }).observe({entryTypes: ["longtask"]});
}"""
# Notes when the pointer moved, when a preview was asked for, and when it was on its way to the screen.
FOLLOW = """() => {
    Object.assign(window, { moves: [], asked: [], jobs: new WeakMap(), drawn: {} });
    window.Worker = class extends Worker {
        constructor(...given) {
            super(...given);
            this.addEventListener('message', ({ data }) => data.picture && jobs.set(data.picture, data.job));
        }
        postMessage(message, ...more) {
            if (message.type === 'preview') asked.push([performance.now(), message.job]);
            super.postMessage(message, ...more);
        }
    };
    const draw = ImageBitmapRenderingContext.prototype.transferFromImageBitmap;
    ImageBitmapRenderingContext.prototype.transferFromImageBitmap = function (picture) {
        const job = jobs.get(picture);
        draw.call(this, picture);
        requestAnimationFrame(() => drawn[job] = performance.now());
    };
    document.addEventListener('pointermove', ({ timeStamp }) => moves.push(timeStamp), true);
}"""
LATE = """() => moves.map(move => drawn[asked.find(([time, job]) => time >= move && job in drawn)?.[1]] - move)
    .filter(Number.isFinite)"""
HINTS = ((0.3, 0.7), (0.6, 0.3), (0.8, 0.8))  # places; the last one is dragged
STEPS, FRAME = 60, 0.016  # moves of the pointer, seconds between two


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """A server of files that writes no lines."""

    def log_message(self, *arguments: Any) -> None:
        """Write nothing."""


def photograph(size: tuple[int, int], folder: Path) -> Path:
    """Write a photograph of this size as JPEG and return its path."""
    path = folder / f"{size[0]}x{size[1]}.jpg"
    with Image.open(data_dir() / "sample" / "aitzgorri.jpg") as image:
        image.convert("RGB").resize(size, Image.Resampling.BICUBIC).save(path, quality=95)
    return path


def in_browser(page: Page, path: Path) -> tuple[float, float]:
    """Return the seconds until the photograph is in color, and the main thread's longest task in milliseconds."""
    page.evaluate(f"() => {{ window.longest = 0; {STATUS} = ''; }}")
    start = time.perf_counter()
    page.locator(".own-drop input[type=file]").first.set_input_files(path)
    page.wait_for_function(f"() => {STATUS}.startsWith('Colored')", timeout=120_000)
    seconds = time.perf_counter() - start
    page.wait_for_timeout(500)
    return seconds, page.evaluate("() => window.longest")


def drag_a_hint(page: Page) -> tuple[list[float], float]:
    """Return how long after each move the picture had followed, sorted, and the longest task, in milliseconds."""

    def inside(selector: str, across: float, down: float) -> tuple[float, float]:
        box = page.locator(selector).bounding_box()
        assert box is not None
        return box["x"] + across * box["width"], box["y"] + down * box["height"]

    page.get_by_role("button", name="Choose colors").click()
    for i, place in enumerate(HINTS):
        page.mouse.click(*inside(".hint-layer", *place))
        page.mouse.click(*inside(".hint-picker .plane", 0.4 + 0.1 * i, 0.4))
        page.wait_for_timeout(500)
    page.mouse.move(*inside(".hint-selected", 0.5, 0.5))
    page.mouse.down()
    page.evaluate("() => { longest = 0; moves.length = 0; }")
    for i in range(STEPS):
        page.mouse.move(*inside(".hint-layer", 0.8 - 0.5 * i / STEPS, 0.8 - 0.4 * i / STEPS))
        time.sleep(FRAME)
    page.mouse.up()
    page.wait_for_timeout(500)
    return sorted(page.evaluate(LATE)), page.evaluate("() => longest")


def take_apart(page: Page) -> tuple[float, float]:
    """Return the main thread's longest task while the steps arrive, and while each is opened, in milliseconds."""
    said = "document.querySelector('.own-zoom [role=status]')?.textContent"
    page.evaluate("() => { longest = 0; }")
    page.locator(".own-explained > summary").click()
    page.wait_for_function(f"() => {said} === 'Open a step.'", timeout=120_000)
    page.wait_for_timeout(500)
    arriving = page.evaluate("() => { const found = longest; longest = 0; return found; }")
    for i, step in enumerate(page.locator(".zoom-steps button").all()):
        step.click()
        page.wait_for_function(f"() => {said}.startsWith('Step {i},')", timeout=30_000)
        page.locator(".own-zoom .crosshair").press("ArrowRight")
        page.wait_for_timeout(200)
    return arriving, page.evaluate("() => longest")


def in_python(colorizer: Colorizer, path: Path) -> float:
    """Return the seconds of the same in Python: from the file to the encoded picture."""
    start = time.perf_counter()
    colorizer.colorize(open_photo(path)).save(io.BytesIO(), "BMP")
    return time.perf_counter() - start


def main() -> None:
    """Print one line for each size."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    handler = functools.partial(QuietHandler, directory=BOOK)
    with (
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server,
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as driver,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = driver.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        page = browser.new_page()
        page.add_init_script(f"({FOLLOW})()")
        page.goto(f"http://127.0.0.1:{server.server_port}/book/color_your_own.html")
        page.evaluate(WATCH)
        colorizer = Colorizer("ours")
        paths = [photograph(size, Path(folder)) for size in SIZES]
        in_browser(page, paths[0])  # loads the model
        in_python(colorizer, paths[0])
        for size, path in zip(SIZES, paths, strict=True):
            seconds, longest = in_browser(page, path)
            python = in_python(colorizer, path)
            print(
                f"{size[0]}x{size[1]}: {seconds:.2f} s, {seconds / python:.1f} times Python's; "
                f"longest task of the main thread {longest:.0f} ms",
                flush=True,
            )
        in_browser(page, paths[0])
        late, longest = drag_a_hint(page)
        median, most = late[len(late) // 2], late[int(0.95 * len(late))]
        print(f"a hint dragged at {SIZES[0][0]}x{SIZES[0][1]}: the picture follows after {median:.0f} ms,", end=" ")
        print(f"19 of 20 times within {most:.0f} ms; longest task of the main thread {longest:.0f} ms")
        arriving, opened = take_apart(page)
        print(f"taken apart: longest task of the main thread {arriving:.0f} ms while the steps arrive,", end=" ")
        print(f"{opened:.0f} ms while each of them is opened")
        browser.close()
        server.shutdown()


if __name__ == "__main__":
    main()

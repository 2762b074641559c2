"""The page that colors a reader's photograph in WebKit, which phones of one maker run: load, color, download."""

import base64
import contextlib
import glob
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import numpy as np
import pytest
from PIL import Image

from colorize_lib.settings import MODEL, data_dir

MINI_BROWSER = "/usr/lib/*/webkit2gtk-4.*/MiniBrowser"  # of Debian's package libwebkit2gtk
SECONDS = 90  # for the page to color a photograph, on a slow machine
# Colors a photograph of the sample, saves it, and keeps what was saved.
COLOR = """
const wait = async (done) => { while (!done()) await new Promise((resolve) => setTimeout(resolve, 100)); };
const said = () => document.querySelector(".own-status")?.textContent ?? "";
const back = arguments[arguments.length - 1];
(async () => {
  document.querySelector(".own-photograph").scrollIntoView();
  await wait(() => document.querySelector(".own-samples button"));
  [...document.querySelectorAll(".own-samples button")].find((b) => b.textContent.includes("Nagasaki")).click();
  await wait(() => /^Colored by |: /.test(said()) && !/^Loading/.test(said()));
  const colored = said();
  if (!colored.startsWith("Colored")) return back({ colored });
  const saved = new Promise((resolve) => { HTMLAnchorElement.prototype.click = function () { resolve(this); }; });
  [...document.querySelectorAll("button")].find((b) => b.textContent === "Download PNG").click();
  const link = await saved;
  const bytes = new Uint8Array(await (await fetch(link.href)).arrayBuffer());
  back({ colored, name: link.download, bytes: btoa([...bytes].map((byte) => String.fromCharCode(byte)).join("")) });
})().catch((error) => back({ colored: String(error) }));
"""


def ask(address, body=None, method="POST"):
    """Send a command of WebDriver (W3C) and return its value."""
    content = json.dumps(body or {}).encode() if method == "POST" else None
    request = urllib.request.Request(address, content, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=SECONDS + 30) as answer:
        return json.load(answer)["value"]


@pytest.fixture
def webkit():
    """The address of a session in WebKit's MiniBrowser, on a screen of its own."""
    browsers, driver, screen = glob.glob(MINI_BROWSER), shutil.which("WebKitWebDriver"), shutil.which("xvfb-run")
    if not (browsers and driver and screen):
        pytest.skip("NO WEBKIT FOUND: the page was not opened in it (Debian: apt install webkit2gtk-driver xvfb)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [screen, "--auto-servernum", driver, f"--port={port}"]
    running = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    options = {"webkitgtk:browserOptions": {"binary": browsers[-1], "args": ["--automation"]}}
    try:
        for _ in range(100):  # until the driver listens
            with contextlib.suppress(urllib.error.URLError):
                ask(f"http://127.0.0.1:{port}/status", method="GET")
                break
            time.sleep(0.2)
        session = ask(f"http://127.0.0.1:{port}/session", {"capabilities": {"alwaysMatch": options}})
        address = f"http://127.0.0.1:{port}/session/{session['sessionId']}"
        yield address
        ask(address, method="DELETE")
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait()


def test_the_page_colors_a_photograph_in_webkit(webkit, site):
    ask(f"{webkit}/timeouts", {"script": 1000 * SECONDS})
    ask(f"{webkit}/url", {"url": f"{site}/book/color_your_own.html"})
    found = ask(f"{webkit}/execute/async", {"script": COLOR, "args": []})
    assert found["colored"].startswith(f"Colored by {MODEL}, 320 \N{MULTIPLICATION SIGN} 256 pixels. ")
    assert "Your photograph was gray." in found["colored"]
    assert found["name"] == f"nagasaki_boats-colorized-{MODEL}.png"
    picture = Image.open(io.BytesIO(base64.b64decode(found["bytes"])))
    assert picture.size == Image.open(data_dir() / "sample" / "nagasaki_boats.jpg").size
    assert np.ptp(np.asarray(picture.convert("RGB"), dtype=int), axis=-1).max() > 10
    assert picture.text["Description"].startswith("Colorized")

"""The page that colors photographs, kept by a reader: whole, without a connection, replaced whole, removed."""

import contextlib
import functools
import http.server
import io
import json
import re
import shutil
import threading
from urllib.parse import urlsplit

import kept
import pytest
from conftest import QuietHandler
from pages import HTML, accessibility_faults, watched
from PIL import Image
from test_own_photograph import DONE, choose_model

from colorize_lib import menu

FIRST, OTHER = list(menu.ON_THE_PAGE)[:2]
STATE = """async () => [(await navigator.serviceWorker.getRegistrations()).length, (await caches.keys()).length]"""
# What the page shows of its version: in its HTML, and by its scripts.
VERSION = """() => [document.querySelector('h1').textContent, document.querySelector('.own-first').textContent]
    .map(said => said.includes('anew') ? 'new' : 'old')"""
# Looks for a new version; tells whether one waits when that has been decided.
UPDATE = """async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    await registration.update().catch(() => {});
    const { installing } = registration;
    if (installing) await new Promise(done => { installing.onstatechange = done; });
    return [Boolean(registration.waiting), (await caches.keys()).length];
}"""
UNTIL_KEPT = """async paths => {
    const kept = async path => Boolean(await caches.match(new URL(`../${path}`, location.href)));
    while (!(await Promise.all(paths.map(kept))).every(Boolean)) await new Promise(done => setTimeout(done, 50));
}"""
DONE_KEEPING = "() => /^(Kept|Not kept)/.test(document.querySelector('.own-keep [role=status]').textContent)"


class Fresh(QuietHandler):
    """Sends a file whenever it is asked for: by its time, a file that was changed within a second looks unchanged."""

    def send_head(self):
        """Forget what the browser has."""
        del self.headers["If-Modified-Since"]
        return super().send_head()


def listed(folder):
    """Return what the service worker of some pages lists."""
    return json.loads(
        (folder / kept.WORKER).read_text(encoding="utf-8").split(";\n", 1)[0].removeprefix("self.LISTED = ")
    )


@pytest.fixture
def copy(book, tmp_path):
    """Pages below a path of a site: nothing but what is kept, and the files of the models."""
    top = tmp_path / "site" / "course"
    facts = listed(book)
    for path in {kept.WORKER, *facts["files"], *(path for files in facts["models"].values() for path in files)}:
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(book / path, top / path)
    shutil.copytree(book / kept.SCRIPTS, top / kept.SCRIPTS, dirs_exist_ok=True)
    return top


def change(top, pairs):
    """Change words in some files of a copy."""
    for path, (before, after) in pairs.items():
        text = (top / path).read_text(encoding="utf-8")
        assert before in text
        (top / path).write_text(text.replace(before, after), encoding="utf-8")


@contextlib.contextmanager
def serving(folder, port=0):
    """Serve a folder; without a port, at one that is free."""
    handler = functools.partial(Fresh, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def load(page, address=None):
    """Load the page, or load it anew, until it can be used; return which version its HTML and its scripts are."""
    page.goto(address) if address else page.reload()
    page.locator(".own-photograph[data-alive]").wait_for()
    return page.evaluate(VERSION)


def keep(page):
    page.locator(".own-keep summary").click()
    page.get_by_role("button", name="Keep this page for use without a connection").click()
    page.wait_for_function(DONE_KEEPING, timeout=60_000)
    return page.locator(".own-keep [role=status]").inner_text()


def use(page):
    """Color a photograph of the page with a hint and download it."""
    page.locator(".own-samples summary").click()
    page.get_by_role("button", name=re.compile("Nagasaki")).click()
    page.wait_for_function(DONE, timeout=60_000)
    assert page.locator(".own-status").inner_text().startswith(f"Colored by {FIRST}, ")
    page.get_by_role("button", name="Choose colors").click()
    page.get_by_role("button", name="Add a hint in the middle").click()
    page.get_by_role("slider", name=re.compile("^a and b")).press("Shift+ArrowUp")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download PNG").click()
    with Image.open(io.BytesIO(download.value.path().read_bytes())) as file:
        file.load()
        return file.size, file.text["Comment"]


def test_a_kept_page_needs_no_connection_and_is_replaced_whole(browser, copy):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script("localStorage.mode = localStorage.theme = 'light'")
    page = context.new_page()
    complaints, requests = watched(page)
    files = list(listed(copy)["models"][OTHER])
    with serving(copy.parent) as port:
        address = f"http://127.0.0.1:{port}/course/{kept.PAGE}"
        assert load(page, address) == ["old", "old"]
        assert page.evaluate(STATE) == [0, 0]  # nothing before it is asked for
        said = sum(size for size, _ in listed(copy)["files"].values())
        assert f"{said / 1e6:.1f} MB" in page.locator(".own-keep p").first.text_content()
        assert keep(page).startswith("Kept")
        assert page.evaluate(STATE) == [1, 1]
        assert load(page) == ["old", "old"]
        page.locator(".own-models summary").click()
        page.get_by_role("button", name=OTHER, exact=True).click()
        page.evaluate(UNTIL_KEPT, files)
    assert load(page) == ["old", "old"]  # no server any more
    assert use(page)[0] == (320, 256)
    assert choose_model(page, OTHER).startswith(f"Colored by {OTHER}, ")
    change(copy, {kept.PAGE: ("Color your own photograph<", "Color your own photograph anew<")})
    change(copy, {f"{kept.SCRIPTS}/own-ways.js": ("Choose a photograph", "Choose a photograph anew")})
    worker = (copy / kept.WORKER).read_text(encoding="utf-8")
    kept.write(copy)
    finished = (copy / kept.WORKER).read_text(encoding="utf-8")
    assert finished != worker
    (copy / kept.WORKER).write_text(finished.replace(listed(copy)["files"][kept.PAGE][1], "0" * 64), encoding="utf-8")
    with serving(copy.parent, port):  # where some of the files are of another version, nothing is replaced
        assert load(page) == ["old", "old"]
        assert page.evaluate(UPDATE) == [False, 1]
        (copy / kept.WORKER).write_text(finished, encoding="utf-8")
        assert load(page) == ["old", "old"]
        assert page.evaluate(UPDATE) == [True, 2]
        assert load(page) == ["new", "new"]
        assert page.evaluate(STATE) == [1, 1]
        page.evaluate(UNTIL_KEPT, files)
    assert load(page) == ["new", "new"]
    page.locator(".own-keep summary").click()
    assert accessibility_faults(page, ".own-keep") == []
    page.get_by_role("button", name="Remove what is kept").click()
    page.wait_for_function("() => document.querySelector('.own-keep [role=status]').textContent.startsWith('Removed')")
    assert page.evaluate(STATE) == [0, 0]
    context.close()
    assert complaints == []
    assert {urlsplit(url).netloc for url in requests if not url.startswith(("blob:", "data:"))} == {f"127.0.0.1:{port}"}


def test_where_no_page_can_be_kept_it_says_so(browser, site):
    """By http from another machine browsers offer no service worker."""
    context = browser.new_context()
    context.add_init_script("localStorage.mode = localStorage.theme = 'light'")
    context.route(
        "http://course.example/**", lambda route: route.fulfill(path=HTML / urlsplit(route.request.url).path[1:])
    )
    page = context.new_page()
    complaints, _ = watched(page)
    load(page, f"http://course.example/{kept.PAGE}")
    page.locator(".own-keep summary").click()
    page.get_by_text("This page can't be kept here").wait_for()
    assert not page.locator(".own-keep button").is_visible()
    context.close()
    assert complaints == []

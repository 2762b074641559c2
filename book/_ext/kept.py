"""What the page that colors photographs needs without a connection: its files, listed for its service worker.

The list is made from the written pages, after everything else has changed them: what the page names, what its style
sheets and scripts name in turn, the model that it begins with and the photographs to try. It stands before
book/web/js/keep-worker.js in one file beside the page. So the worker is a new one, byte for byte, whenever a file is.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup
from sphinx.application import Sphinx

PAGE = "book/color_your_own.html"
WORKER = "book/color_your_own.kept.js"
SCRIPTS = "_static/js"
NAMED = "link:is([rel=stylesheet], [rel=icon], [rel=manifest], [rel=preload], [rel=modulepreload]), script[src], img"
IN_STYLE = re.compile(r"url\([\"']?(?!data:)([^\"')?#]+)|@import [\"']([^\"')?#]+)")
# What a script imports or starts: from "./a.js", import("./a.js"), new URL("./a.js", import.meta.url).
IN_SCRIPT = re.compile(r"""(?:from |import\(|new URL\()"\./([\w-]+\.js)\"""")
BYTES = re.compile(r'(?<=data-keep=")[^"]*')
MAIN = "main.js"  # imports what a page asks for, by its attributes
ON_DEMAND = "scrolling.js"  # of that: for tables that scroll


def below(out: Path, address: str, origin: Path) -> set[Path]:
    """Return the file of the book that an address in the file `origin` names, if there is one."""
    path = (origin.parent / unquote(urlsplit(address).path)).resolve()
    return {path} if not urlsplit(address).netloc and path.is_file() and path.is_relative_to(out) else set()


def of_style(out: Path, sheet: Path) -> set[Path]:
    """Return the files that a style sheet loads."""
    names = (one or other for one, other in IN_STYLE.findall(sheet.read_text(encoding="utf-8")))
    return {path for name in names for path in below(out, name, sheet)}


def of_scripts(scripts: set[Path]) -> set[Path]:
    """Return scripts with all that they import and start in turn, apart from what `MAIN` imports for other pages."""
    found, todo = set[Path](), set(scripts)
    while todo:
        script = todo.pop()
        found.add(script)
        if script.name != MAIN:
            names = IN_SCRIPT.findall(script.read_text(encoding="utf-8"))
            todo |= {script.parent / name for name in names} - found
    return found


def model_files(out: Path, name: str) -> set[Path]:
    """Return the files of a model of the page: its steps, its weights, the loop that runs it."""
    folder = out / "_static" / "model"
    steps = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["steps"]
    return {folder / file for file in (f"{name}.json", "convolution.wasm", *(s["file"] for s in steps if "file" in s))}


def page_files(out: Path, options: dict[str, Any], soup: BeautifulSoup) -> set[Path]:
    """Return all files that the page needs when it has nothing but them."""
    page = out / PAGE
    named = [str(tag.get("href") or tag.get("src")) for tag in soup.select(NAMED)]
    files = {page, *(path for address in named for path in below(out, address, page))}
    figures = {f"{tag['data-figure']}.js" for tag in soup.select("[data-figure]")}
    files |= of_scripts({out / SCRIPTS / name for name in (MAIN, ON_DEMAND, *figures)})
    for sheet in [path for path in files if path.suffix == ".css"]:
        files |= of_style(out, sheet)
    files |= {out / "_static" / "sample" / photo["file"] for photo in options["samples"]}
    return files | model_files(out, options["models"][0]["name"])


def listed(out: Path, files: set[Path]) -> dict[str, tuple[int, str]]:
    """Return files by their path from the top of the book: bytes and SHA-256."""
    found = {}
    for path in sorted(files):
        content = path.read_bytes()
        found[path.relative_to(out).as_posix()] = (len(content), hashlib.sha256(content).hexdigest())
    return found


def write(out: Path) -> None:
    """Write the service worker of the pages in `out`, and into the page how many bytes it keeps."""
    out, page = out.resolve(), out.resolve() / PAGE
    text = page.read_text(encoding="utf-8")
    soup = BeautifulSoup(text, "html.parser")
    options = json.loads(str(soup.select("[data-figure=color-your-own]")[0]["data-options"]))
    files = page_files(out, options, soup)
    page.write_text(BYTES.sub(str(sum(path.stat().st_size for path in files)), text), encoding="utf-8")
    models = {model["name"]: listed(out, model_files(out, model["name"])) for model in options["models"]}
    worker = (out / SCRIPTS / "keep-worker.js").read_text(encoding="utf-8")
    facts = {"files": listed(out, files), "models": models}
    version = hashlib.sha256((json.dumps(facts) + worker).encode()).hexdigest()[:16]
    line = json.dumps({"version": version, **facts}, separators=(",", ":"))
    (out / WORKER).write_text(f"self.LISTED = {line};\n{worker}", encoding="utf-8")


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Write the service worker when the pages are."""
    if not exception and app.builder.format == "html":
        write(Path(app.outdir))


def manifest(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Name the page's web manifest, by which a device can put the page among its applications."""
    if f"{page}.html" == PAGE:
        link = '<link rel="manifest" href="../_static/color_your_own.webmanifest">'
        context["metatags"] = context.get("metatags", "") + link


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect this extension, behind all that changes the written pages."""
    app.connect("html-page-context", manifest)
    app.connect("build-finished", finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

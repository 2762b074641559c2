"""What the repository says in several places is said alike, and nothing is in it that shouldn't be."""

import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
LOCK = [Requirement(line) for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()]
MOST_BYTES = 6_000_000
LARGE = ("data/models/paper", "data/models/classifier.")  # larger ones
# Written so that this file doesn't hold what it looks for.
REGISTRIES = ("py" + "pi.org", "python" + "hosted", "npm" + "js.", "deb." + "debian")
MACHINES = ("/work" + "/main", "/tmp" + "/course", "/home" + "/", "/Users" + "/")
LEFT_OPEN = re.compile(r"\b(TO" + "DO|FIX" + r"ME|X" + r"XX)\b")


def tracked(*patterns):
    listed = subprocess.run(["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, check=True)
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def texts(*patterns):
    """Return the tracked text files and what they hold."""
    found = {}
    for path in tracked(*patterns):
        try:
            found[str(path.relative_to(ROOT))] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


def targets():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


def make(*arguments):
    return subprocess.run(["make", *arguments], cwd=ROOT, capture_output=True, text=True)


# One set of versions


def test_the_lock_holds_what_pyproject_asks_for():
    asked = [*PROJECT["dependencies"], *PYPROJECT["dependency-groups"]["book"], *PYPROJECT["dependency-groups"]["test"]]
    locked = {}
    for requirement in LOCK:
        locked.setdefault(requirement.name.lower(), []).append(requirement)
    for wanted in map(Requirement, asked):
        versions = [str(found.specifier).removeprefix("==") for found in locked.get(wanted.name.lower(), [])]
        assert versions, f"{wanted.name} isn't in requirements.txt: run 'make lock'"
        assert [version for version in versions if version not in wanted.specifier] == []


def test_the_lock_is_exact_and_names_no_index():
    assert [str(line) for line in LOCK if not re.fullmatch(r"==[^*]+", str(line.specifier)) or line.url] == []


def test_tensorflow_is_the_plain_one():
    asked = {Requirement(line).name for line in PROJECT["dependencies"]}
    assert "tensorflow" in asked
    assert {line.name for line in LOCK if line.name.startswith("tensorflow")} == {"tensorflow"}


def test_conda_and_binder_get_the_same_environment():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python, pip, of_pip = environment["dependencies"]
    assert python.removeprefix("python=") in SpecifierSet(PROJECT["requires-python"])
    assert (pip, of_pip) == ("pip", {"pip": ["--requirement requirements.txt", "--editable ."]})


@pytest.mark.parametrize("minor", [11, 12, 13])
def test_the_lock_has_one_version_a_package_for_every_python(minor):
    here = {"python_version": f"3.{minor}", "python_full_version": f"3.{minor}.6", "sys_platform": "linux"}
    names = [line.name for line in LOCK if line.marker is None or line.marker.evaluate(here)]
    assert len(names) == len(set(names))
    assert f"3.{minor}" in SpecifierSet(PROJECT["requires-python"])


# One address, one version


def test_the_address_of_the_repository():
    owner, name = PROJECT["urls"]["Repository"].rsplit("/", 2)[1:]
    mentioned = re.compile(rf"github(?:\.com)?/([\w.-]+)/{re.escape(name)}\b")
    owners = {path: set(mentioned.findall(text)) for path, text in texts(":!tests").items()}
    assert {path: found for path, found in owners.items() if found - {owner}} == {}
    scripts = [path for path, found in owners.items() if found and path.endswith((".py", ".yml", ".css", ".js"))]
    assert scripts == [], "code reads the address from pyproject.toml"


def test_the_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert str(citation["version"]) == PROJECT["version"]
    assert citation["repository-code"] == PROJECT["urls"]["Repository"]


# Nothing that doesn't belong


def test_no_registry_and_no_machine_is_named():
    found = [(path, word) for path, text in texts().items() for word in (*REGISTRIES, *MACHINES) if word in text]
    assert found == []


def test_nothing_is_left_open():
    assert {path: found for path, text in texts().items() if (found := LEFT_OPEN.findall(text))} == {}


def test_the_checkout_stays_small():
    assert sum(path.stat().st_size for path in tracked()) <= 100e6


def test_no_large_files():
    large = {str(path.relative_to(ROOT)): path.stat().st_size for path in tracked() if path.stat().st_size > MOST_BYTES}
    assert {name: size for name, size in large.items() if not name.startswith(LARGE)} == {}


# The commands


def test_help_lists_every_target():
    told = re.findall(r"^make ([a-z-]+) ", make("help").stdout, re.MULTILINE)
    assert set(told) == targets()
    assert make().stdout == make("help").stdout


def test_make_refuses_other_pythons(tmp_path):
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    refused = make("setup", f"PYTHON={old}")
    assert refused.returncode
    assert "No Python 3.11, 3.12 or 3.13 found" in refused.stderr
    assert "Traceback" not in refused.stderr


def commands(text):
    """Return the command lines that a page shows: its indented and fenced blocks."""
    return re.findall(r"^    ((?:make |git |\.venv/bin/)\S.*?)(?:\s+#.*)?$", text, re.MULTILINE)


def test_pages_name_only_targets_that_exist():
    pages = texts("*.md")
    shown = {(path, line.split()[1]) for path, text in pages.items() for line in commands(text) if line[:5] == "make "}
    inline = {(path, name) for path, text in pages.items() for name in re.findall(r"`make ([a-z-]+)", text)}
    assert ("README.md", "book") in shown
    assert [found for found in shown | inline if found[1] not in targets()] == []


def test_the_readmes_photograph_command(tmp_path):
    shown = [line for line in commands((ROOT / "README.md").read_text(encoding="utf-8")) if "colorize photo" in line]
    assert shown
    for line in shown:
        program, *arguments = shlex.split(line)
        result = tmp_path / arguments[-1]
        arguments[-1] = str(result)
        done = subprocess.run([ROOT / program, *arguments], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert result.is_file()


def test_hooks_need_nothing_from_the_network():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert [source["repo"] for source in hooks] == ["local"]
    assert {hook["id"] for hook in hooks[0]["hooks"]} == {"notebooks", "ruff", "ruff-format", "mypy"}


def test_test_files_have_names_of_their_own():
    """Else pytest, started on the whole folder (`make test-long`), stops at the second."""
    names = [path.name for path in tracked("tests/*.py") if path.name != "conftest.py"]  # pytest tells these apart
    assert sorted(set(names)) == sorted(names)

"""The links that open or fetch a notebook: each leads to a file of the repository, and every chapter has them all."""

import re
import subprocess
import tomllib
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup
from pages import HTML, PAGES, ROOT

CHAPTERS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def links(name):
    """Return all addresses that a page links to."""
    page = BeautifulSoup((HTML / name).read_text(encoding="utf-8"), "html.parser")
    return [a["href"] for a in page.find_all("a", href=True)]


def launched(address):
    """Return what a launch link opens: service, repository, ref, path in the repository; None for another link."""
    parts = urlsplit(address)
    if parts.hostname == "colab.research.google.com":
        found = re.fullmatch(r"/github/([^/]+/[^/]+)/blob/([^/]+)/(.+)", parts.path)
        return ("Colab", *found.groups()) if found else ("Colab", None, None, parts.path)
    if parts.hostname == "mybinder.org":
        found = re.fullmatch(r"/v2/gh/([^/]+/[^/]+)/([^/]+)", parts.path)
        query = parse_qs(parts.query)
        path = query.get("urlpath", query.get("labpath", [""]))[0].removeprefix("lab/tree/")
        return ("Binder", *found.groups(), path) if found else ("Binder", None, None, parts.path)
    return None


def tracked():
    """Return the files of the repository: what is committed, and what would be with the next commit."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return {name for name in listed.split("\0") if name and (ROOT / name).is_file()}


def test_links_are_understood():
    colab = "https://colab.research.google.com/github/owner/course/blob/main/notebooks/01_one.ipynb"
    binder = "https://mybinder.org/v2/gh/owner/course/main?urlpath=lab/tree/notebooks/01_one.ipynb"
    assert launched(colab) == ("Colab", "owner/course", "main", "notebooks/01_one.ipynb")
    assert launched(binder) == ("Binder", "owner/course", "main", "notebooks/01_one.ipynb")
    assert launched("https://colab.research.google.com/drive/1") == ("Colab", None, None, "/drive/1")
    assert launched("https://example.org/github/owner/course/blob/main/a.ipynb") is None


def test_every_launch_link_leads_to_a_file(book):
    repository = PROJECT["urls"]["Repository"].removeprefix("https://github.com/")
    branch = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]["branch"]
    files = tracked()
    found = {(page, opened) for page in PAGES for address in links(page) if (opened := launched(address))}
    assert found
    wrong = [(page, opened) for page, opened in found if opened[1:3] != (repository, branch) or opened[3] not in files]
    assert wrong == []


@pytest.mark.parametrize("stem", CHAPTERS)
def test_a_chapter_opens_everywhere_and_can_be_downloaded(book, stem):
    addresses = links(f"notebooks/{stem}.html")
    opened = {what[0] for address in addresses if (what := launched(address)) and what[3] == f"notebooks/{stem}.ipynb"}
    assert opened == {"Colab", "Binder"}
    downloads = {unquote(address) for address in addresses if address.endswith(f"_sources/notebooks/{stem}.ipynb")}
    assert downloads == {f"../_sources/notebooks/{stem}.ipynb"}
    assert (book / "_sources" / "notebooks" / f"{stem}.ipynb").is_file()

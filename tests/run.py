"""Run everything that ``make test`` stands for, part by part, with the seconds that each took.

With ``--cov``: only the library's and repository's part, counting which lines of the library it reaches.
"""

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ROOT / "_build" / "tests"
TWO_AT_ONCE = ("-n", "2", "--dist", "loadfile")  # most tests keep one core busy; each file stays in one process
LIBRARY = "library and repository"
PARTS: dict[str, tuple[str, ...]] = {
    "style, types, stored notebooks": ("-m", "pre_commit", "run", "--all-files"),
    LIBRARY: (
        "-m",
        "pytest",
        "tests",
        "--ignore=tests/book",
        "--ignore=tests/colab",
        "--durations=15",
        *TWO_AT_ONCE,
        "--no-loadscope-reorder",
    ),
    "the book": ("book/build.py",),
    "notebooks as in Colab": ("-m", "pytest", "-q", "tests/colab", "-n", "2", "--dist", "worksteal"),
    "pages": ("-m", "pytest", "-q", "tests/book", *TWO_AT_ONCE),
}

# Meanwhile pip installs what the notebooks as in Colab need, on the core that the first part leaves idle; whoever asks
# for the same environment waits for it, and tells what went wrong.
COLAB = ("tests/colab/environment.py", "current")


def run(name: str, command: tuple[str, ...]) -> tuple[bool, float, Path]:
    """Run one part; return whether it went well, its seconds and where pytest's report is."""
    print(f"\n=== {name} ===", flush=True)
    report = REPORTS / f"{name.split(',')[0].replace(' ', '-')}.xml"
    report.unlink(missing_ok=True)
    if "pytest" in command:
        command = (*command, f"--junitxml={report}")
    start = time.monotonic()
    done = subprocess.run((sys.executable, *command), cwd=ROOT)
    return done.returncode == 0, time.monotonic() - start, report


def count(reports: list[Path]) -> tuple[Counter[str], list[str]]:
    """Return how many tests passed, failed and were skipped, and why they were skipped."""
    total: Counter[str] = Counter()
    reasons = []
    for case in (case for path in reports if path.is_file() for case in ElementTree.parse(path).iter("testcase")):
        skipped = case.find("skipped")
        if skipped is not None:
            total["skipped"] += 1
            reasons.append(skipped.get("message", ""))
        else:
            total["passed" if case.find("failure") is None and case.find("error") is None else "failed"] += 1
    return total, reasons


def main() -> int:
    """Run all parts, whatever fails, and close with the sum; return the exit status."""
    if sys.argv[1:] == ["--cov"]:
        return subprocess.run((sys.executable, *PARTS[LIBRARY], "--cov", "--cov-report=term"), cwd=ROOT).returncode
    REPORTS.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("COLORIZE_PROFILE", "quick")
    with subprocess.Popen((sys.executable, *COLAB), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        outcomes = {name: run(name, command) for name, command in PARTS.items()}
    total, reasons = count([report for _, _, report in outcomes.values()])
    print("\n=== all parts ===")
    for name, (good, seconds, _) in outcomes.items():
        print(f"{'ok    ' if good else 'FAILED'} {seconds:7.0f} s  {name}")
    print(f"       {sum(seconds for _, seconds, _ in outcomes.values()):7.0f} s  together")
    for reason, times in Counter(reasons).items():
        print(f"SKIPPED {times} of the tests: {reason}")
    print(f"\n{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return 0 if all(good for good, _, _ in outcomes.values()) and total["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())

"""What the page of run times shows: chapters, versions, device, data."""

import json
from pathlib import Path
from typing import Any

from colorize_lib import backend, data, provenance


def facts(chapters: dict[str, dict[str, Any]], profile: str) -> dict[str, Any]:
    """Return what the page needs to know about this machine and the run of these chapters."""
    backend.start_keras()
    sample = data.load("sample")
    return {
        "chapters": chapters,
        "made with": {**provenance.made_with(), "profile": profile},
        "sample": f"{len(sample)} color photographs, fingerprint `{data.fingerprint(sample)}`",
    }


def page(found: dict[str, Any]) -> str:
    """Return the page's tables in Markdown."""
    rows = ["| Chapter | Seconds | Memory, MB | Run on |", "|---|---:|---:|---|"]
    for name, run in found["chapters"].items():
        link = f"[](../notebooks/{name}.ipynb)"
        rows.append(f"| {link} | {run['execution_seconds']:.0f} | {run['peak_megabytes']} | {run['date']} |")
    together = sum(run["execution_seconds"] for run in found["chapters"].values())
    rows += [f"| Together | {together:.0f} | | |", "", "| What | Which |", "|---|---|"]
    rows += [f"| {name} | {value} |" for name, value in found["made with"].items()]
    rows.append(f"| sample photographs | {found['sample']} |")
    return "\n".join(rows) + "\n"


def write(folder: Path, found: dict[str, Any]) -> None:
    """Keep the facts as JSON and as the Markdown that the page includes."""
    (folder / "machine.json").write_text(json.dumps(found, indent=1))
    (folder / "machine.md").write_text(page(found))

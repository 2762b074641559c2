"""What color profiles cost the networks that read the gray file: python tests/benchmarks/bench_profiles.py.

The library converts colors to sRGB from the profile in a file. The landscapes' gray files have none: they were made
of the stored numbers. So where a profile changes a photograph, its gray file and its colors don't match, and a network
that reads the gray file (`paper`) is measured against a lightness that it never saw. This measures `paper` again on
the test photographs, with Pillow's gray of the converted colors where the profile changed something. With ``--write``
the figures go into data/results/profiles.json. It needs the landscapes (COLORIZE_DATA) and takes two minutes.
"""

import argparse
from dataclasses import replace

import numpy as np
from PIL import Image

from colorize_lib import data, metrics, recipes, results, zoo
from colorize_lib.data import sources
from colorize_lib.settings import data_dir
from colorize_lib.storage import writing

FILE = data_dir() / "results" / "profiles.json"
CHANGED = 1.0  # of 255, mean over a photograph: from here on a profile counts as having changed it
AHEAD = ("ours", "pretrained", "pretrained_decibels")


def change(test: data.Photographs) -> np.ndarray:
    """Return by how much the profile changed each photograph: mean over its pixels, of 255."""
    paths = {entry.name: entry.color for entry in sources.find(test.source)}
    size = test.rgb.shape[1:3]
    moved = []
    for name, rgb in zip(test.names, test.rgb, strict=True):
        with Image.open(paths[name]) as photo:
            stored = np.asarray(photo.convert("RGB").resize(size, Image.Resampling.BICUBIC))
        moved.append(np.abs(stored.astype(int) - rgb).mean())
    return np.array(moved)


def main() -> None:
    """Print the figures, and write them with ``--write``."""
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("--write", action="store_true", help=f"write {FILE.name}")
    options = parser.parse_args()
    test = data.split(data.load("landscape"))["test"]
    changed = change(test) > CHANGED
    paper, model = recipes.find("paper"), zoo.load_model("paper")
    assert test.gray is not None
    converted = data.gray_of(replace(test, gray=None))
    matched = replace(test, gray=np.where(changed[:, None, None], converted, test.gray))
    psnr = {
        "gray file": metrics.psnr(test.rgb, paper.system.predict(model, test)),
        "converted": metrics.psnr(test.rgb, paper.system.predict(model, matched)),
    }
    result = {
        "photographs": len(test),
        "changed": int(changed.sum()),
        "threshold": CHANGED,
        "paper": {way: float(values.mean()) for way, values in psnr.items()},
        "paper, changed ones": {way: float(values[changed].mean()) for way, values in psnr.items()},
        "ahead": {
            name: {
                way: results.mean_and_interval(np.array(results.read(name)["each"]["psnr"]) - values)
                for way, values in psnr.items()
            }
            for name in AHEAD
        },
        "data": {"source": test.source, "fingerprint": data.fingerprint(test)},
        "made_with": results.made_with(),
    }
    print(f"{result['changed']} of {len(test)} photographs are changed by their profile.")
    print("paper:", result["paper"], "where changed:", result["paper, changed ones"])
    for name, ways in result["ahead"].items():
        print(name, *(f"{way}: +{g['mean']:.3f} dB [{g['low']:.3f}, {g['high']:.3f}]" for way, g in ways.items()))
    if options.write:
        writing.write_json(FILE, result)
        print(f"Written to {FILE}.")


if __name__ == "__main__":
    main()

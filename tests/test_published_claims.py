"""The page of published claims says what its numbers are computed from, and they come out as it says."""

from functools import cache
from pathlib import Path

import numpy as np

from colorize_lib import data, metrics, results

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "book/published_claims.md").read_text(encoding="utf-8")
BIBLIOGRAPHY = (ROOT / "book/references.bib").read_text(encoding="utf-8")
PUBLISHED = 7129  # photographs of the data set


def wrapped(truth, predicted):
    """Mean PSNR as the tutorials compute it, in 8 bits."""
    return (10 * np.log10(255**2 / ((truth - predicted) ** 2).mean(axis=(1, 2, 3)))).mean()


@cache
def noise():
    """Every pair of values once."""
    one, other = np.meshgrid(*[np.arange(256, dtype=np.uint8)] * 2)
    return tuple(np.stack([side] * 3, axis=-1)[None] for side in (one, other))


@cache
def neighbors():
    sample = data.load("sample", 64).rgb
    return sample, np.roll(sample, 1, axis=0)


def reach(count):
    """Half of the 95 % interval of a mean over `count` photographs."""
    return 1.96 * np.std(results.read("pretrained")["each"]["psnr"]) / count**0.5


def mean(name, metric):
    return results.read(name)["metrics"][metric]["mean"]


def by_text():
    return sum(f"{number}.jpg" < "6000.jpg" for number in range(PUBLISHED))


COMPUTED = {
    "adds {:.1f} dB": lambda: 20 * np.log10(4095),
    "leaves {:.1f} dB": lambda: 96.2 - 20 * np.log10(4095),
    "noise get {:.1f} dB": lambda: wrapped(*noise()),
    "instead of {:.1f}, and each": lambda: metrics.psnr(*noise()).mean(),
    "the next one {:.1f} dB": lambda: wrapped(*neighbors()),
    "instead of {:.1f}, on average": lambda: metrics.psnr(*neighbors()).mean(),
    "sample have {:.1f} dB": lambda: metrics.psnr(*neighbors()).mean(),
    "any color has {:.1f} dB": lambda: mean("gray", "psnr"),
    "goes from {:.1f} to": lambda: min(results.read("pretrained")["each"]["psnr"]),
    "to {:.1f} dB; one photograph": lambda: max(results.read("pretrained")["each"]["psnr"]),
    "part has {:,} photographs": by_text,
    "the rest {:,} |": lambda: PUBLISHED - by_text(),
    "gray has {:.1f} dB as a mean": lambda: mean("gray", "psnr"),
    "and {:.1f} dB pooled": lambda: mean("gray", "psnr_pooled"),
    "gray has {:.3f} and": lambda: mean("gray", "mae"),
    "`pretrained` {:.3f}.": lambda: mean("pretrained", "mae"),
    ": {:.1f} steps of 255": lambda: 0.006477 * 255,
    "± {:.2f} dB from 629": lambda: reach(629),
    "± {:.2f} dB from 150": lambda: reach(150),
    "lie {:.1f} dB apart": lambda: mean("gray", "psnr") - mean("gray", "psnr_pooled"),
}


def test_a_number_is_what_it_is_computed_from():
    computed = [said.format(value()) for said, value in COMPUTED.items()]
    assert [said for said in computed if said not in PAGE] == []


def test_every_source_stands_in_the_bibliography():
    links = [part.split(")")[0] for part in PAGE.split("](http")[1:]]
    assert len(links) >= 7
    assert [link for link in links if f"{{http{link}}}" not in BIBLIOGRAPHY] == []

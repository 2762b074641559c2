"""The pages of the built book, for the tests beside this file."""

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
NOT_FOUND = "404.html"  # shown at any address, without the theme
PAGES = sorted(
    str(path.relative_to(HTML)) for path in HTML.rglob("*.html") if not {"_static", "slides"} & set(path.parts)
)
MOVED = yaml.safe_load((ROOT / "book" / "redirects.yml").read_text(encoding="utf-8")) or {}
PAGES = [name for name in PAGES if name != NOT_FOUND and name.removesuffix(".html") not in MOVED]

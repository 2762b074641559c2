"""The pages of the built book, for the tests beside this file."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
NOT_FOUND = "404.html"  # shown at any address, without the theme
PAGES = sorted(str(path.relative_to(HTML)) for path in HTML.rglob("*.html") if "_static" not in path.parts)
PAGES = [name for name in PAGES if name != NOT_FOUND]

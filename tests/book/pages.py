"""The pages of the built book, for the tests beside this file."""

from pathlib import Path

import vendored
import yaml

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
NOT_FOUND = "404.html"  # shown at any address, so that its links begin at the root
PAGES = sorted(
    str(path.relative_to(HTML))
    for path in HTML.rglob("*.html")
    if not {"_static", "slides", "quizzes"} & set(path.parts)
)
MOVED = yaml.safe_load((ROOT / "book" / "redirects.yml").read_text(encoding="utf-8")) or {}
PAGES = [name for name in PAGES if name != NOT_FOUND and name.removesuffix(".html") not in MOVED]

# Run before a page: results aren't covered, as for a reader who has said so.
UNCOVERED = """localStorage.setItem("course-progress", '{"uncovered": true}')"""

GUIDELINES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
AXE = """([within, rules]) => axe.run(within, {preload: false, runOnly: rules})
    .then(found => found.violations.flatMap(v => v.nodes.map(n => [v.id, n.target.join(' '), n.failureSummary])))"""
WIDER = """() => {
    const wide = document.documentElement.clientWidth;
    if (document.scrollingElement.scrollWidth <= wide) return [];
    return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > wide + 1)
        .map(e => e.tagName + '.' + e.className).slice(0, 5).concat(['(page)']);
}"""


def watched(page):
    """Return two lists that fill: what a page complains about, and the addresses that it asks for."""
    complaints, requests = [], []
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else 0)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda sent: requests.append(sent.url))
    page.on("response", lambda got: complaints.append(f"{got.status} {got.url}") if got.status >= 400 else 0)
    return complaints, requests


def accessibility_faults(page, within=":root", rules=GUIDELINES):
    """Return what axe finds in a part of an open page, as it is shown now; by all these rules or by some."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate((vendored.fetch("axe-core") / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    return page.evaluate(AXE, [within, rules])


def mount_figures(page):
    """Scroll to each figure of an open page and wait until its script has filled it."""
    for figure in page.locator("[data-figure]").element_handles():
        figure.scroll_into_view_if_needed()
        page.wait_for_function("figure => figure.dataset.alive", arg=figure)

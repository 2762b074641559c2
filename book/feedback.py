"""A student's feedback page: what the checks said, pictures, points, and what a person judges (used by make grade).

A page needs nothing beside it, runs nothing, is as wide as the screen and at most `MOST_BYTES` large.
"""

import base64
import html
import re
from typing import Any

import bleach

MOST_BYTES = 5_000_000
FOR_OUTPUTS = MOST_BYTES - 500_000  # the rest is text
MOST_LINES, LONGEST_LINE = 120, 500  # of a printed text or an answer
MOST_MARKUP, MOST_TAGS = 100_000, 4_000  # of one display, without its pictures
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml")
TAGS = {"table", "thead", "tbody", "tr", "th", "td", "caption", "img", "div", "p", "strong", "em", "b", "i", "br"}
TAGS |= {"h1", "h2", "h3", "h4", "ul", "ol", "li", "code", "pre", "sub", "sup"}
DROPPED = re.compile(r"<(script|style|template|noscript|iframe)\b.*?(</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+")
WITHOUT_SOURCE = re.compile(r"<img(?![^>]* src=)[^>]*>")
STYLE = """\
:root { color-scheme: light }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; color: #1d1d1f;
  background: #fff; overflow-wrap: anywhere }
h1, h2 { line-height: 1.25 } h2 { margin-top: 2.5rem; font-size: 1.25rem }
pre { white-space: pre-wrap; background: #f5f5f7; padding: .6rem; font-size: .875rem; margin: .5rem 0 }
img { max-width: 100%; height: auto }
table { border-collapse: collapse; max-width: 100% } th, td { padding: .2rem .5rem .2rem 0; text-align: left;
  vertical-align: top; font-size: .875rem }
.strip { table-layout: auto } .strip td { padding: 0 .3rem .3rem 0 }
.said { border-left: 4px solid #b35900; padding: .3rem .8rem; margin: .5rem 0 } .right { border-color: #1a7f4b }
.person { border-color: #5a4fcf } .note { color: #55555a }
"""
PAGE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}: {student}</title><style>{style}</style></head><body>
<h1>{title}</h1>
<p>{student}</p>
{body}
</body></html>
"""


def page(row: dict[str, Any], parts: list[dict[str, Any]], title: str, hidden: bool = False) -> str:
    """Return a student's page: `row` of the table, and `parts`, what became of each exercise."""
    body = [summary(row)]
    room = FOR_OUTPUTS
    for part in parts:
        text, room = exercise(part, room, hidden)
        body.append(text)
    return PAGE.format(title=html.escape(title), student=html.escape(row["student"]), style=STYLE, body="\n".join(body))


def summary(row: dict[str, Any]) -> str:
    """Return what stands on top: points and what was unusual."""
    so_far = ", so far" if row["open"] else ""
    told = [f"<strong>{row['total']:g} of {row['total_of']} points{so_far}.</strong>"]
    told.append(f"The checks gave {row['points']:g} of {row['of']}")
    told[-1] += f", a person {row['by_hand']:g}." if row["by_hand"] else "."
    if row["open"]:
        told.append(f"In words, {row['open']} answers are still to be judged.")
    if row["late"]:
        told.append(f"Handed in {row['late']}.")
    note = f'<p class="note">{html.escape(row["note"])}.</p>' if row["note"] else ""
    return f"<p>{' '.join(told)}</p>{note}"


def exercise(part: dict[str, Any], room: int, hidden: bool) -> tuple[str, int]:
    """Return an exercise's part of the page, and how much room it leaves for pictures."""
    word, kind = ("Right.", " right") if part["passed"] else ("Not yet.", "")
    lines = [
        f"<h2>{html.escape(part['title'])}</h2>",
        f"<p>{part['points']:g} of {part['of']} points by the check</p>",
        f'<div class="said{kind}"><strong>{word}</strong> {html.escape(part["message"])}</div>',
    ]
    lines += [f'<p class="note">{html.escape(note)}</p>' for note in part["notes"]]
    if part["question"]:
        lines += words(part)
    if part["comment"] and not part["question"]:
        lines.append(f'<div class="said person">{html.escape(part["comment"])} ({part["by_hand"]:g} points)</div>')
    lines += [f"<p>Your answer:</p><pre>{html.escape(cut(part['answer']))}</pre>"]
    lines += [f"<p>You added:</p><pre>{html.escape(cut(text))}</pre>" for text in part["added"]]
    for output in part["outputs"]:
        size = largest(output)
        text = shown(output) if size <= room else ""
        if size > room or len(text) > room:
            text = f'<p class="note">An output of {size / 1e6:.1f} MB is left out; a page holds 5 MB.</p>'
        room -= len(text)
        lines.append(text)
    if hidden and part["hidden"]:
        lines.append(f"<details><summary>Further tests</summary><pre>{html.escape(part['hidden'])}</pre></details>")
    return "\n".join(lines), room


def largest(output: dict[str, Any]) -> int:
    """Return how many characters an output has that isn't printed text, which is cut: reading it costs time, too."""
    return max((len(str(held)) for kind, held in output.get("data", {}).items() if kind != "text/plain"), default=0)


def words(part: dict[str, Any]) -> list[str]:
    """Return what was asked in words, what was written, and what a person said of it."""
    judged = "A person judges this." if part["by_hand"] is None else f"{part['by_hand']:g} points."
    written = f"<pre>{html.escape(cut(part['words']))}</pre>" if part["words"] else "<p>Nothing is written here.</p>"
    return [
        f"<p><em>In words:</em> {html.escape(part['question'])}</p>{written}",
        f'<div class="said person">{judged} {html.escape(part["comment"])}</div>',
    ]


def cut(text: str) -> str:
    """Return a text without its further lines, and without the ends of long ones."""
    lines = text.splitlines()
    kept = [line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + " [...]" for line in lines[:MOST_LINES]]
    return "\n".join(kept + [f"[{len(lines) - MOST_LINES} lines more]"] * (len(lines) > MOST_LINES))


def shown(output: dict[str, Any]) -> str:
    """Return one output of a cell as HTML that runs nothing and loads nothing."""
    if output["output_type"] == "stream":
        return f"<pre>{html.escape(cut(output['text']))}</pre>"
    data = output.get("data", {})
    for kind in PICTURES:
        if kind in data:
            held = data[kind] if kind != "image/svg+xml" else base64.b64encode(str(data[kind]).encode()).decode()
            held = "".join(str(held).split())
            named = output.get("metadata", {}).get(kind, {})
            alt = named.get("alt", "") if isinstance(named, dict) else ""
            return f'<p><img src="data:{kind};base64,{html.escape(held)}" alt="{html.escape(str(alt))}"></p>'
    if "text/html" in data:
        return clean(str(data["text/html"]))
    text = data.get("text/markdown", data.get("text/plain", ""))
    return f"<pre>{html.escape(cut(str(text)))}</pre>" if text else ""


def clean(markup: str) -> str:
    """Return HTML that a notebook displayed with only tables, text and pictures left; those are held in it."""
    bare = PICTURE.sub("", markup)
    if len(bare) > MOST_MARKUP or bare.count("<") > MOST_TAGS:  # tags in tags take time that grows with their square
        return '<p class="note">A display is left out: it holds too much that is neither text nor picture.</p>'
    kept = bleach.clean(DROPPED.sub("", markup), tags=TAGS, attributes=allowed, protocols={"data"}, strip=True)
    return WITHOUT_SOURCE.sub("", kept)


def allowed(tag: str, name: str, value: str) -> bool:
    """Tell whether a tag may keep an attribute."""
    if tag == "img":
        return name in ("alt", "width", "height") or (name == "src" and bool(PICTURE.fullmatch(value)))
    if tag == "table":
        return name == "class" and value in ("strip", "dataframe")
    return tag in ("th", "td") and name in ("colspan", "rowspan", "scope")

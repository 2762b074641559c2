"""The sections of a chapter and what they say: their prose, their questions, their points (for `slides`)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import predictions
from nbformat import NotebookNode, from_dict
from predictions import Prediction

MOST_POINTS = 5
LONGEST_QUESTION = 40  # words
# A sentence ends at a mark, perhaps with a quote, a bracket or asterisks behind it, before what may begin the next one.
SENTENCE_END = re.compile(
    r"(?<!et al\.)(?<!Predict\.)(?<!Predict\.\*\*)(?:(?<=[.?!])|(?<=[.?!][\"”*)])|(?<=[.?!]\*\*))\s+(?=[^\sa-z0-9])"
)
ASKS = re.compile(r"\?[\"”*)]*$|\bpredict\b", re.IGNORECASE)
NOT_PROSE = re.compile(r"#|\||\$\$|[-*] |\d+\. |```|>")  # how a block begins that is no paragraph
NUMBER = re.compile(r"(\d\d)_")  # how the name of a chapter's file begins
LIST_MARK = re.compile(r"^([-*]|\d+\.) ", re.MULTILINE)


@dataclass
class Section:
    """A part of a chapter: its heading, and its cells without the heading."""

    heading: str
    cells: list[NotebookNode]

    @property
    def prose(self) -> list[str]:
        """What the section says, in Markdown, by cell: its text, options listed, and what its cells displayed."""
        texts = [
            text
            for cell in self.cells
            for text in (said(cell) if cell.cell_type == "code" else [predictions.unfolded(cell.source)])
        ]
        return [text for text in texts if text.strip()]


def numbered(stem: str, title: str) -> str:
    """Return the title of the chapter in the file `stem`, its number before it, as pages and slides show it."""
    number = NUMBER.match(stem)
    return f"{number[1]} · {title}" if number else title


def split(notebook: NotebookNode) -> list[Section]:
    """Return the sections of a chapter, the first one being its beginning under the title."""
    found: list[Section] = []
    for cell in notebook.cells:
        head = re.match(r"##? (.+)\n*", cell.source) if cell.cell_type == "markdown" else None
        if head:
            found.append(Section(head[1], [from_dict({**cell, "source": cell.source[head.end() :]})]))
        elif found and "remove-cell" not in tags(cell):
            found[-1].cells.append(cell)
    return found


def merge(parts: list[Section], most: int) -> list[Section]:
    """Join the two neighbors with the fewest words until there are at most `most` sections."""
    parts = list(parts)
    while len(parts) > most:
        words = [sum(len(text.split()) for text in part.prose) for part in parts]
        i = min(range(len(parts) - 1), key=lambda i: words[i] + words[i + 1])
        one, two = parts[i : i + 2]
        parts[i : i + 2] = [Section(f"{one.heading} · {two.heading}", one.cells + two.cells)]
    return parts


def tags(cell: NotebookNode) -> list[str]:
    """Return a cell's tags."""
    return list(cell.metadata.get("tags", []))


def displayed_markdown(output: NotebookNode) -> str:
    """Return the Markdown that an output displays, if it does."""
    return str(output.get("data", {}).get("text/markdown", ""))


def said(cell: NotebookNode) -> list[str]:
    """Return the sentences that a code cell displayed, in Markdown; tables are no sentences."""
    texts = [displayed_markdown(output) for output in cell.get("outputs", [])]
    return [text for text in texts if text and not text.startswith("|")]


def blocks(text: str) -> list[str]:
    """Return the blocks of a Markdown text: paragraphs, tables, lists, formulas."""
    return [block.strip() for block in re.split(r"\n\s*\n", text) if block.strip()]


def paragraphs(texts: Iterable[str]) -> list[list[str]]:
    """Return the paragraphs of prose in Markdown texts, each as its sentences."""
    return [SENTENCE_END.split(block) for text in texts for block in blocks(text) if not NOT_PROSE.match(block)]


def predictions_of(section: Section) -> list[tuple[Prediction, range]]:
    """Return a section's predictions, each with the places of the code cells below it, which show its result."""
    found = []
    for place, cell in enumerate(section.cells):
        if cell.cell_type == "markdown" and (asked := predictions.find(cell.source)):
            below = (i for i in range(place + 1, len(section.cells)) if section.cells[i].cell_type == "markdown")
            found.append((asked, range(place + 1, next(below, len(section.cells)))))
    return found


def question(section: Section, before: int | None) -> str:
    """Return what a section asks before its cell number `before` (None: anywhere), or its first sentence.

    It is asked by the last paragraph that asks or says "predict": from the first sentence that does to the last one,
    or, if that is long, the last of them; a paragraph that begins with "Predict." asks as a whole.
    """
    cells = [cell for cell in section.cells[:before] if cell.cell_type == "markdown"]
    texts = [predictions.without_options(cell.source) for cell in cells]
    prose = paragraphs(texts) or paragraphs(section.prose)
    for sentences in reversed(prose):
        asking = [i for i, sentence in enumerate(sentences) if ASKS.search(sentence)]
        if asking:
            end = len(sentences) if sentences[0].startswith("**Predict.**") else asking[-1] + 1
            start = asking[0]
            while start < asking[-1] and len(" ".join(sentences[start:end]).split()) > LONGEST_QUESTION:
                start += 1
            return balanced(" ".join(sentences[start:end]))
    return balanced(prose[0][0]) if prose else ""


def points(section: Section) -> list[str]:
    """Return what stands for a section in short: first sentences, and what its cells displayed as sentences.

    First sentences of its paragraphs and of the items of its lists; if that is only one, all sentences.
    """
    found: list[str] = []
    for cell in section.cells:
        if cell.cell_type == "markdown":
            text = predictions.without_options(cell.source)
            found += [sentences[0] for sentences in paragraphs([LIST_MARK.sub(r"\n", text)])]
        found += [LIST_MARK.sub("", text) for text in said(cell)]
    if len(found) < 2:
        found = [sentence for sentences in paragraphs(section.prose) for sentence in sentences]
    return [balanced(point) for point in found[:MOST_POINTS]]


def balanced(text: str) -> str:
    """Return Markdown without its bold marks where one of a pair was cut off."""
    return text if text.count("**") % 2 == 0 else text.replace("**", "")

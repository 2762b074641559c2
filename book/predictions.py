"""Predictions and quiz questions as Markdown that works everywhere: each option is a <details> that holds its sentence.

    **Predict.** Which of the two paints is brighter in gray?

    <details class="choice"><summary>The steel blue</summary>

    Not this one: blue has the smallest weight.

    </details>
    <details class="choice right"><summary>The sea green</summary>

    Right: green has the largest weight.

    </details>

Instead of choices there may be a number: ``<details class="number" data-answer="117.3" data-within="1">``. Choices
may be places in the photograph shown last above them: ``<details class="choice right" data-area="40 30 20 25">`` says
where, as left, top, width and height in percent. On a page ``book/web/js/predict.js`` makes buttons of the options and
covers the result until the reader has chosen, and ``places.js`` lets a place be tapped in the photograph.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

ASKED = re.compile(r"^\*\*Predict[.:]\*\*", re.MULTILINE)
OPTION = re.compile(
    r'^<details class="(?P<kind>choice|choice right|number)"(?P<facts>[^>]*)><summary>(?P<text>.*?)</summary>\n'
    r"\s*(?P<why>(?:(?!<details).)*?)\s*^</details>$",
    re.MULTILINE | re.DOTALL,
)
FOLDED = re.compile(r"<details.*</details>", re.DOTALL)
FACT = re.compile(r'data-(answer|within)="([^"]*)"')
AREA = re.compile(r'data-area="([^"]*)"')


@dataclass(frozen=True)
class Option:
    """What a reader may choose: its text, whether it is right, the sentence that follows, and its place, if it is one.

    A place is an area of a photograph: left, top, width and height in percent of the photograph's.
    """

    text: str
    why: str
    right: bool
    area: tuple[float, ...] = ()

    @property
    def markdown(self) -> str:
        """The option as it stands in a notebook."""
        kind = "choice right" if self.right else "choice"
        place = f' data-area="{" ".join(f"{part:g}" for part in self.area)}"' if self.area else ""
        return f'<details class="{kind}"{place}><summary>{self.text}</summary>\n\n{self.why}\n\n</details>'


@dataclass(frozen=True)
class Prediction:
    """A question with options, all of which may be places, or with a number that may be off by `within`."""

    question: str
    options: tuple[Option, ...]
    answer: float | None = None
    within: float = 0


def options(text: str) -> tuple[Option, ...]:
    """Return the options in a Markdown text, in order; a number is one option, and right."""
    return tuple(
        Option(one["text"], one["why"], one["kind"] != "choice", area(one["facts"])) for one in OPTION.finditer(text)
    )


def area(facts: str) -> tuple[float, ...]:
    """Return the place that an option's attributes name, if they name one."""
    found = AREA.search(facts)
    return tuple(float(part) for part in found[1].split()) if found else ()


def find(text: str) -> Prediction | None:
    """Return the prediction that a Markdown cell asks for, if it asks for one."""
    asked, folded = ASKED.search(text), FOLDED.search(text)
    if not asked or not folded:
        return None
    facts = {name: float(value) for name, value in FACT.findall(folded[0])}
    question = text[asked.start() : folded.start()].strip()
    return Prediction(question, options(folded[0]), facts.get("answer"), facts.get("within", 0))


def markdown(choices: Sequence[Option]) -> str:
    """Return options as they stand in a notebook, one below the other."""
    return "\n".join(choice.markdown for choice in choices)


def unfolded(text: str) -> str:
    """Return a Markdown text with its options as a list, for who reads it where nothing unfolds."""
    return OPTION.sub(lambda one: f"- {one['text']}: {' '.join(one['why'].split())}", text)


def without_options(text: str) -> str:
    """Return a Markdown text without the options, and what else it folds."""
    return FOLDED.sub("", text).rstrip() if "<details" in text else text

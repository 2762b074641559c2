"""What readers are asked: predictions that are answered, and a quiz for each chapter in every form."""

import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import nbformat
import predictions
import pytest
import quizzes
import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PREDICTIONS = (5, 8)  # in a chapter
CHOICES = (2, 4)
QUESTIONS, OPTIONS = 8, (3, 4)  # of a quiz
MOST_ALIKE = 5  # of the eight right answers: at one place, or the longest
BOLD = re.compile(r"\*\*Predict")
SENTENCE = re.compile(r"[^\s<][^<]*[.?]\S?$", re.DOTALL)

every_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=[path.stem for path in CHAPTERS])
every_quiz = pytest.mark.parametrize("stem", quizzes.stems())


def read(path):
    return nbformat.read(path, as_version=4)


def asking(path):
    """Return the cells of a chapter that say "Predict", with what is read from them."""
    cells = [cell for cell in read(path).cells if cell.cell_type == "markdown" and BOLD.search(cell.source)]
    return [(cell, predictions.find(cell.source)) for cell in cells]


def is_sentence(text):
    """Tell whether a text is prose that ends; formulas and marks count as prose."""
    return bool(SENTENCE.search(text)) and len(text.split()) >= 4


# Predictions


@every_chapter
def test_a_chapter_asks_for_a_few_predictions(path):
    asked = asking(path)
    assert [cell.id for cell, found in asked if not found] == [], "no options, or 'Predict' in another form"
    assert [cell.id for cell, _ in asked if len(BOLD.findall(cell.source)) != 1] == []
    assert PREDICTIONS[0] <= len(asked) <= PREDICTIONS[1]


@every_chapter
def test_a_prediction_ends_its_cell_and_is_whole(path):
    for cell, found in asking(path):
        assert cell.source.endswith("</details>"), cell.id
        assert cell.source.count("<details") == len(found.options), f"{cell.id}: an option isn't in the form"
        assert found.question.rstrip().endswith(("?", ".", ":", "|", "$$")), cell.id
        if found.answer is None:
            assert CHOICES[0] <= len(found.options) <= CHOICES[1], cell.id
            assert sum(option.right for option in found.options) == 1, cell.id
            assert len({option.text for option in found.options}) == len(found.options), cell.id
        else:
            assert len(found.options) == 1, cell.id
            assert found.within >= 0, cell.id
        assert [option.text for option in found.options if not is_sentence(option.why)] == [], cell.id


@every_chapter
def test_places_lie_apart_in_a_photograph_that_is_shown(path):
    cells = read(path).cells
    for cell, found in asking(path):
        areas = [option.area for option in found.options]
        if not any(areas):
            continue
        assert [len(area) for area in areas] == [4] * len(areas), f"{cell.id}: not every option is a place"
        assert all(min(one) >= 0 and one[0] + one[2] <= 100 and one[1] + one[3] <= 100 for one in areas), cell.id
        assert not any(overlap(*pair) for pair in combinations(areas, 2)), cell.id
        above = cells[cells.index(cell) - 1]
        assert above.cell_type == "code", f"{cell.id}: a photograph has to stand above the question"
        assert "plots.strip(" in above.source, cell.id
        assert "compare=False" in above.source, cell.id  # a tap is an answer here


def overlap(one, other):
    """Tell whether two areas, each left, top, width and height, share a point."""
    return all(max(one[i], other[i]) < min(one[i] + one[i + 2], other[i] + other[i + 2]) for i in (0, 1))


def test_some_chapters_ask_for_a_place():
    assert sum(any(one.options[0].area for _, one in asking(path)) for path in CHAPTERS) >= 2


@every_chapter
def test_a_result_follows_each_prediction(path):
    cells = read(path).cells
    for cell, _ in asking(path):
        (following,) = cells[cells.index(cell) + 1 : cells.index(cell) + 2]
        assert following.cell_type == "code" or not following.source.startswith("#"), cell.id


@every_chapter
def test_right_choices_stand_at_different_places(path):
    choices = [found.options for _, found in asking(path) if found and found.answer is None]
    assert len({[option.right for option in options].index(True) for options in choices}) > 1


PAINTS = """\
A world of two paints.

**Predict.** Which is brighter in $Y$?

<details class="choice"><summary>The steel blue</summary>

Not this one: blue weighs least.

It has 7 %.

</details>
<details class="choice right"><summary>The sea green</summary>

Right: green weighs most.

</details>"""


def test_a_prediction_is_read():
    found = predictions.find(PAINTS)
    assert found.question == "**Predict.** Which is brighter in $Y$?"
    assert [(option.text, option.right) for option in found.options] == [
        ("The steel blue", False),
        ("The sea green", True),
    ]
    assert found.options[0].why == "Not this one: blue weighs least.\n\nIt has 7 %."
    assert (found.options[1].why, found.answer) == ("Right: green weighs most.", None)
    assert PAINTS.endswith(predictions.markdown(found.options))
    assert predictions.without_options(PAINTS) == "A world of two paints.\n\n**Predict.** Which is brighter in $Y$?"
    assert predictions.unfolded(PAINTS).endswith("It has 7 %.\n- The sea green: Right: green weighs most.")


def test_a_number_is_read():
    number = '<details class="number" data-answer="117.3" data-within="1"><summary>Yours</summary>'
    found = predictions.find(f"**Predict:** how much?\n\n{number}\n\n117.3.\n\n</details>")
    assert (found.answer, found.within, [option.why for option in found.options]) == (117.3, 1, ["117.3."])


def test_a_place_is_read_and_written():
    areas = {"The sea green": "0 50 100 50", "The steel blue": "12.5 0 50 25"}
    text = PAINTS
    for name, area in areas.items():
        text = re.sub(rf'"(><summary>{name})', rf'" data-area="{area}"\1', text)
    found = predictions.find(text)
    assert [option.area for option in found.options] == [(12.5, 0, 50, 25), (0, 50, 100, 50)]
    assert [option.right for option in found.options] == [False, True]
    assert text.endswith(predictions.markdown(found.options))
    assert predictions.unfolded(text) == predictions.unfolded(PAINTS)
    assert overlap((0, 0, 50, 50), (49, 49, 5, 5))
    assert not overlap((0, 0, 50, 50), (50, 0, 5, 50))


@pytest.mark.parametrize("text", ["It is so.", "**Predict:** is it?", PAINTS.replace("**Predict.**", "Predict.")])
def test_what_is_no_prediction_is_not_read(text):
    assert predictions.find(text) is None


# Quizzes


def test_every_chapter_has_a_quiz():
    assert quizzes.stems() == [path.stem for path in CHAPTERS]


@every_quiz
def test_a_quiz_has_eight_questions_on_all_objectives(stem):
    questions = quizzes.read(stem)
    opening = read(ROOT / "notebooks" / f"{stem}.ipynb").cells[0].source.split("**You need**")[0]
    objectives = re.findall(r"^[-*] ", opening, re.MULTILINE)
    assert len(questions) == QUESTIONS
    assert {one.objective for one in questions} == set(range(1, len(objectives) + 1))
    assert len({one.text for one in questions}) == QUESTIONS
    assert [one.text for one in questions if not OPTIONS[0] <= len(one.options) <= OPTIONS[1]] == []
    assert [option.text for one in questions for option in one.options if not is_sentence(option.why)] == []
    assert [one.text for one in questions if len({option.text for option in one.options}) < len(one.options)] == []


@every_quiz
def test_the_right_answer_cannot_be_told_by_its_look(stem):
    questions = quizzes.read(stem)
    places = Counter([option.right for option in one.options].index(True) for one in questions)
    longest = sum(max(one.options, key=lambda option: len(option.text)).right for one in questions)
    assert max(places.values()) <= MOST_ALIKE, places
    assert longest <= MOST_ALIKE, f"the right answer is the longest in {longest} questions"


@every_quiz
def test_the_chapter_holds_its_quiz(stem):
    cells = {cell.id: cell.source for cell in read(ROOT / "notebooks" / f"{stem}.ipynb").cells}
    assert cells[quizzes.CELL] == quizzes.cell_source(quizzes.read(stem)), "run 'make tidy'"
    options = predictions.options(cells[quizzes.CELL])
    assert len(options) == sum(len(one.options) for one in quizzes.read(stem))
    assert sum(option.right for option in options) == QUESTIONS


SPECIAL = """\
- question: "Which is it in `{a: 1}` with $x_{1} = \\\\frac{1}{2}$ ~ #1?"
  objective: 1
  options:
    - text: "*One*: `a = {b}` and $a < b$"
      why: "No: 1 = 1 & 2 # {3}."
    - text: "C:\\\\new ~ 2"
      why: "Right: so it is."
      right: true
"""


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A function that puts a quiz of chapter 04 in the place of the course's."""
    monkeypatch.setattr(quizzes, "SOURCES", tmp_path)
    return (tmp_path / "04_encoder.yml").write_text


def test_a_quiz_becomes_a_cell(source):
    source(SPECIAL)
    (asked,) = quizzes.read("04_encoder")
    cell = quizzes.cell_source([asked])
    assert cell.startswith(
        '## Quiz\n\n<details class="quiz"><summary>A quiz of 1 questions</summary>\n\n**Question 1.** '
    )
    assert "<summary><em>One</em>: <code>a = {b}</code> and $a &lt; b$</summary>" in cell
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("x", id=name) for name in ("key-points", "quiz", "exercises", "next")]
    )
    for _ in range(2):
        quizzes.on_chapter(notebook, "04_encoder")
        assert [one.id for one in notebook.cells] == ["key-points", "quiz", "exercises", "next"]
    assert notebook.cells[1].source == cell
    quizzes.on_chapter(notebook, "05_decoder")  # has none
    assert [one.id for one in notebook.cells] == ["key-points", "exercises", "next"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda entry: entry.pop("objective"), "question 1: expected question, objective and options"),
        (lambda entry: entry["options"][0].pop("why"), "question 1: expected text, why"),
        (lambda entry: entry["options"][0].update(right=True), "exactly one option"),
        (lambda entry: entry["options"][1].pop("right"), "exactly one option"),
        (lambda entry: entry["options"][1].update(rigth=True), "question 1: expected text, why"),
    ],
)
def test_a_quiz_that_is_not_in_the_form_is_refused(source, change, said):
    entries = yaml.safe_load(SPECIAL)
    change(entries[0])
    source(yaml.safe_dump(entries))
    with pytest.raises(ValueError, match=said):
        quizzes.read("04_encoder")


def gift_questions(text):
    """Read GIFT by its own rules, as a platform would: names, texts, and answers as (right, text, feedback)."""
    marked = re.sub(r"\\(.)", lambda one: f"<<{ord(one[1])}>>", text)  # what is escaped means nothing
    plain = lambda part: re.sub(r"<<(\d+)>>", lambda one: chr(int(one[1])), part).strip()  # noqa: E731
    found = []
    for block in re.split(r"\n\s*\n", marked.strip()):
        if block.startswith("$CATEGORY:"):
            continue
        name, asked, answers = re.fullmatch(r"::([^:]+)::\[html\]([^{}]*)\{([^{}]*)\}", block).groups()
        answers = re.findall(r"([=~])([^=~#]*)#([^=~#]*)", answers)
        found.append((name, plain(asked), [(kind == "=", plain(one), plain(said)) for kind, one, said in answers]))
    return found


def words(page):
    """Return the words of HTML."""
    return BeautifulSoup(page, "html.parser").get_text().split()


@every_quiz
def test_a_platform_reads_the_quiz(stem):
    questions = quizzes.read(stem)
    found = gift_questions(quizzes.gift(stem))
    assert len(found) == len(questions)
    for one, (_, asked, answers) in zip(questions, found, strict=True):
        assert words(asked) == words(quizzes.MARKDOWN.render(one.text))
        assert [right for right, _, _ in answers] == [option.right for option in one.options]
        assert [words(text) for _, text, _ in answers] == [words(quizzes.inline(option.text)) for option in one.options]
        assert [words(said) for _, _, said in answers] == [words(quizzes.inline(option.why)) for option in one.options]


def test_what_means_something_in_gift_is_escaped(source):
    source(SPECIAL)
    ((name, asked, answers),) = gift_questions(quizzes.gift("04_encoder"))
    assert name == "04-1"
    assert asked == r"<p>Which is it in <code>{a: 1}</code> with \(x_{1} = \frac{1}{2}\) ~ #1?</p>"
    assert answers == [
        (False, r"<em>One</em>: <code>a = {b}</code> and \(a &lt; b\)", "No: 1 = 1 &amp; 2 # {3}."),
        (True, r"C:\new ~ 2", "Right: so it is."),
    ]


@every_quiz
def test_the_page_to_print_gives_no_answer_away(stem):
    page, questions = quizzes.page(stem), quizzes.read(stem)
    soup = BeautifulSoup(page, "html.parser")
    assert len(soup.select("section")) == len(questions)
    shown = [item.get_text() for item in soup.select("li")]
    assert shown == [soup_of(quizzes.inline(option.text)) for one in questions for option in one.options]
    text = soup.get_text()
    assert [
        option.why for one in questions for option in one.options if soup_of(quizzes.inline(option.why)) in text
    ] == []
    assert {tag.get("class", [""])[0] for tag in soup.select("main *")} <= {"", "name"}


def soup_of(page):
    return BeautifulSoup(page, "html.parser").get_text()

"""The slides of the built book: few, whole, from nowhere else, nothing runs off them; and the rule that fills them."""

import json
import re

import pytest
import quizzes
import sections
import slides
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from pages import HTML, ROOT, accessibility_faults, watched

CHAPTERS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
READY = "() => window.Reveal && Reveal.isReady()"
# Of the slide that is shown: boxes whose content is larger than they are, and pictures that lie outside the slide.
OVERFLOWING = """() => {
    const slide = Reveal.getCurrentSlide().querySelector('.slide'), edge = slide.getBoundingClientRect();
    const boxes = [slide, ...slide.querySelectorAll('.row > *')];
    const inside = r => r.left >= edge.left && r.right <= edge.right + 1 && r.top >= 0 && r.bottom <= edge.bottom + 1;
    const over = boxes.filter(b => b.scrollHeight > b.clientHeight || b.scrollWidth > b.clientWidth)
        .concat([...slide.querySelectorAll('img, pre, table, li, p:not(aside *)')].filter(e =>
            e.getClientRects().length && !inside(e.getBoundingClientRect())));
    return over.map(b => `${Reveal.getIndices().h + 1}: ${b.tagName} ${b.className} ${b.textContent.slice(0, 40)}`);
}"""
SEEN = """() => [...Reveal.getCurrentSlide().querySelectorAll('img')].filter(i => !i.naturalWidth || i.width < 20 ||
    getComputedStyle(i).filter !== 'none').map(i => i.alt)"""
HIDDEN = """() => [...Reveal.getCurrentSlide().querySelectorAll('.fragment')].filter(e =>
    getComputedStyle(e).visibility !== 'visible').length"""


@pytest.fixture(scope="module")
def present(browser, site):
    """A function that opens a chapter's slides and returns the page with what it complained about."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    complaints, requests = watched(page)

    def open_slides(stem, query=""):
        complaints.clear()
        requests.clear()
        page.goto("about:blank")
        page.goto(f"{site}/slides/{stem}.html{query}")
        page.wait_for_function(READY)
        return page, complaints, requests

    yield open_slides
    context.close()


def soup(stem):
    return BeautifulSoup((HTML / "slides" / f"{stem}.html").read_text(encoding="utf-8"), "html.parser")


def texts_of(stem):
    """Return the Markdown of a chapter's stored notebook by cell, less the quiz, which is on no slide."""
    cells = json.loads((ROOT / "notebooks" / f"{stem}.ipynb").read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown" and cell["id"] != quizzes.CELL]


def headings(stem):
    """Return the headings of a chapter's stored notebook."""
    texts = texts_of(stem)
    return [re.sub(r"^##? ", "", text.split("\n")[0]) for text in texts if re.match("##? ", text)]


def test_every_chapter_has_slides(book):
    assert len(CHAPTERS) >= 12
    assert sorted(path.stem for path in (book / "slides").glob("*.html")) == CHAPTERS


@pytest.mark.parametrize("stem", CHAPTERS)
def test_slides_are_accessible(present, stem):
    page, _, _ = present(stem)
    for _ in range(3):
        assert accessibility_faults(page, ".slides section.present") == []
        page.keyboard.press("ArrowRight")


@pytest.mark.parametrize("stem", CHAPTERS)
def test_slides_are_few_and_complete(stem):
    page = soup(stem)
    assert page.html["lang"] == "en"
    assert page.title.get_text() == f"{stem[:2]} · {headings(stem)[0]}: slides"
    assert (HTML / "slides" / page.select_one("a.chapter")["href"]).resolve() == HTML / "notebooks" / f"{stem}.html"
    found = page.select("section")
    assert 5 <= len(found) <= slides.MOST_SLIDES
    assert all(section.select_one("aside.notes").get_text(strip=True) for section in found)
    shown = [name.strip() for head in page.select("section h1, section h2") for name in head.get_text("").split("·")]
    assert shown == [stem[:2], *headings(stem)]


@pytest.mark.parametrize("stem", CHAPTERS)
def test_notes_hold_the_prose(stem):
    notes = " ".join(note.get_text(" ") for note in soup(stem).select("aside.notes"))
    prose = re.sub(r"^#.*$|^```\w*|\]\([^)]*\)|\$[^$]*\$|<[^>]+>", " ", "\n\n".join(texts_of(stem)), flags=re.MULTILINE)
    words = [re.findall(r"[A-Za-z]{3,}", text) for text in (prose, notes)]
    missing = set(words[0]) - set(words[1])
    assert len(words[0]) > 1000
    assert missing == set()


@pytest.mark.parametrize("stem", CHAPTERS)
def test_every_picture_has_words_and_is_the_pages_own(stem):
    page = soup(stem)
    assert page.select("section img")
    assert [str(img)[:80] for img in page.find_all("img") if len(img.get("alt", "")) < 4] == []
    assert [img["alt"] for img in page.find_all("img") if img["alt"].startswith("No description")] == []
    files = [(HTML / "slides" / img["src"]).resolve() for img in page.find_all("img")]
    assert [file for file in files if not (file.is_file() and file.parent == HTML / "_images")] == []


@pytest.mark.parametrize("stem", CHAPTERS)
def test_links_lead_somewhere(stem):
    links = [link["href"].split("#")[0] for link in soup(stem).find_all("a", href=True)]
    inside = [link for link in links if link and not re.match(r"\w+:", link)]
    assert inside
    assert [link for link in inside if not (HTML / "slides" / link).resolve().is_file()] == []


@pytest.mark.parametrize("stem", CHAPTERS)
def test_nothing_runs_off_a_slide(present, site, stem):
    page, complaints, requests = present(stem)
    total = page.evaluate("() => Reveal.getTotalSlides()")
    assert total == len(soup(stem).select("section"))
    for number in range(total):
        assert page.evaluate("() => Reveal.getIndices().h") == number
        assert page.evaluate(OVERFLOWING) == []
        assert page.evaluate(SEEN) == [], "pictures that don't load, are too small, or whose colors are changed"
        page.evaluate("() => { while (Reveal.nextFragment()); }")
        assert page.evaluate(HIDDEN) == 0
        page.keyboard.press("ArrowRight")
    assert page.locator("section mjx-merror, aside.notes merror").count() == 0
    assert page.locator("aside.notes", has_text=re.compile(r"\$[^$ ][^$]*\$")).count() == 0, "formulas that aren't set"
    assert complaints == []
    assert [url for url in requests if not url.startswith((site, "data:", "blob:"))] == []


def asking(stem):
    """Return the slides of a chapter that ask for a prediction."""
    return [section for section in soup(stem).select("section") if section.select(".fragment")]


@pytest.mark.parametrize("stem", CHAPTERS)
def test_the_question_is_shown_before_the_answer(present, stem):
    """What is not yet seen: the answer, and what the slide shows in large."""
    assert asking(stem)
    for section in asking(stem):
        head = section.select_one(".head")
        assert re.search(r"Predict[.:]", head.get_text())
        assert not head.select(".fragment")
        assert [part for part in section.select(".row, .said") if "fragment" not in part["class"]] == []
    page, _, _ = present(stem, f"#/{soup(stem).select('section').index(asking(stem)[0])}")
    hidden = page.evaluate(HIDDEN)
    assert hidden >= 1
    place = page.evaluate("() => Reveal.getIndices().h")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("() => Reveal.getIndices().h") == place
    assert page.evaluate(HIDDEN) == 0


def test_the_speakers_window_shows_the_notes(present):
    page, complaints, _ = present("01_colorization", "#/2")
    with page.context.expect_page() as opened:
        page.keyboard.press("s")
    window = opened.value
    window.wait_for_function(
        "() => document.querySelector('.speaker-controls-notes .value')?.textContent.includes('BT.601')"
    )
    assert window.locator(".speaker-controls-notes math").count()
    window.close()
    assert complaints == []


def test_slides_print_one_a_page(present):
    page, _, _ = present("01_colorization", "?print-pdf")
    page.wait_for_selector(".pdf-page")
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type ?/Page\b(?!s)", printed)) == len(soup("01_colorization").select("section"))


# The rule


def picture(alt="A figure"):
    return new_output("display_data", {"image/png": "iVBORw0KGgo="}, metadata={"image/png": {"alt": alt}})


def table(columns=3, rows=3):
    row = "<tr>" + "<th>x</th>" * columns + "</tr>"
    return new_output("execute_result", {"text/html": f"<table>{row * rows}</table>", "text/plain": "x"})


def said(text):
    return new_output("display_data", {"text/markdown": text, "text/plain": "<Markdown>"})


def printed(text="1"):
    return new_output("stream", name="stdout", text=text)


def code(source, *outputs, tags=()):
    return new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


def shown(*cells):
    return [(one.role, one.cell.source) for one in slides.chosen(sections.Section("A section", list(cells)))]


def test_the_last_picture_and_a_narrow_table_are_shown():
    assert shown(code("a", picture()), code("b", picture()), code("c", table())) == [("picture", "b"), ("table", "c")]
    assert shown(code("a", table(columns=slides.WIDE_TABLE)), code("b", picture())) == [("picture", "b")]
    assert shown(code("a", picture()), code("b", table(columns=slides.WIDE_TABLE))) == [("table", "b")]
    assert shown(code("a", table(rows=slides.LONGEST_TABLE + 1)), code("b", picture())) == [("picture", "b")]


def test_code_is_shown_where_no_picture_is():
    define, long = code("short = 1", tags=["defines:short"]), code("x\n" * 14, tags=["defines:long"])
    assert shown(define, code("a", table())) == [("definition", "short = 1"), ("table", "a")]
    assert shown(define, code("a", picture())) == [("picture", "a")]
    assert shown(long, code("a", table())) == [("table", "a")]
    assert shown(define, code("a", printed())) == [("definition", "short = 1"), ("code", "a")]
    assert [role for role, _ in shown(long, code("a", printed()))] == ["definition"]
    assert shown(code("x\n" * slides.LONGEST_CODE, printed()), code("import os", printed())) == []


def test_tags_correct_the_rule():
    assert shown(code("a", picture(), tags=["slide"]), code("b", picture())) == [("picture", "a")]
    assert shown(code("a", picture()), code("b", picture(), tags=["skip-slide"])) == [("picture", "a")]


PREDICTION = """\
It has two paints. **Bold.**

**Predict:** which is brighter?

<details class="choice right"><summary>The <code>green</code></summary>

Right: green weighs most.

</details>
<details class="choice"><summary>The blue</summary>

Not this one: it weighs least.

</details>"""


def test_a_prediction_stands_before_what_the_slide_shows():
    cells = [new_markdown_cell(PREDICTION), code("a", picture(), said("It was **3**."))]
    head, answer, result, notes = slides.section_slide(sections.Section("Paints", cells))
    assert head.source == ("## Paints\n\n**Predict:** which is brighter?\n\n- The <code>green</code>\n- The blue")
    assert answer.source == "**The <code>green</code>.** Right: green weighs most."
    assert answer.metadata.later
    assert result.metadata.later
    assert "later" not in head.metadata
    assert "- The blue: Not this one: it weighs least." in notes.source
    assert "<details" not in notes.source


def test_a_slide_shows_the_result_of_the_prediction_it_asks_for():
    asks, text = new_markdown_cell(PREDICTION), new_markdown_cell("It is so. Why?")

    def leads(*cells):
        row, asked = slides.with_prediction(sections.Section("Paints", list(cells)))
        return [one.cell.source for one in row], bool(asked)

    assert leads(asks, code("a", table()), text, code("b", table())) == (["a"], True)
    assert leads(asks, code("a", printed()), text, code("b", picture())) == (["b"], False)
    assert leads(code("a", picture()), asks, text) == (["a"], False)
    assert leads(asks, code("a"), code("b", picture()), text, code("c", table())) == (["b"], True)


def test_a_quiz_is_on_no_slide():
    cells = [new_markdown_cell(text) for text in ("# Title", "## Section\n\nWhy?", "## Quiz\n\nWhat?", "## Key points")]
    assert "What?" not in "".join(cell.source for cell in slides.deck("01_one", new_notebook(cells=cells)).cells)


def test_figures_that_answer_back_are_left_out():
    figure = new_output("display_data", {"text/html": '<div data-figure="loss-explorer"><table></table></div>'})
    assert shown(code("a", figure)) == []


def test_a_strip_keeps_its_first_and_last_photograph():
    rows = "".join(
        f'<tbody><tr><td><img src="{i}" alt="" width="128" height="64"></td></tr><tr><td>{i}</td></tr></tbody>'
        for i in range(4)
    )
    page = slides.measured(f'<table class="strip"><thead><tr><th scope="col">A</th></tr></thead>{rows}</table>')
    assert re.findall(r'src="(\d)"', page) == ["0", "3"]
    assert "--rows: 2; --columns: 1; --height: 64; --ratio: 2" in page
    assert slides.measured("<table></table>") == "<table></table>"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("It is so. Will it rain? It will.", "Will it rain?"),
        ("First.\n\n**Predict:** which is larger? And why?\n\nThe end.", "**Predict:** which is larger? And why?"),
        ("**Predict.** Cover it. Name a color.", "**Predict.** Cover it. Name a color."),
        ("As Levin et al. (2004) say, it is so. No more.", "As Levin et al. (2004) say, it is so."),
        ("**Bold? No.** Not bold. Or is it?", "Bold? No. Not bold. Or is it?"),
        ("| a table? |\n|---|\n\nIt is so.", "It is so."),
    ],
)
def test_a_section_asks(text, asked):
    section = sections.Section("A section", [new_markdown_cell(text), code("a"), new_markdown_cell("Who asks?")])
    assert sections.question(section, 1).replace("**", "") == asked.replace("**", "")


def test_a_long_question_is_cut_to_its_end():
    text = "Is it so? " + "It is " * 40 + ". Or not?"
    assert sections.question(sections.Section("A section", [new_markdown_cell(text)]), None) == "Or not?"


def test_neighbors_with_the_fewest_words_share_a_slide():
    lengths = {"One": 50, "Two": 5, "Three": 20, "Four": 4, "Five": 3}
    parts = [sections.Section(name, [new_markdown_cell("word " * n)]) for name, n in lengths.items()]
    assert [part.heading for part in sections.merge(parts, 4)] == ["One", "Two", "Three", "Four · Five"]
    assert [part.heading for part in sections.merge(parts, 3)] == ["One", "Two · Three", "Four · Five"]


def test_a_deck_from_a_notebook():
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# Title\n\n**You will be able to**\n\n- see.\n\n**You need** eyes."),
            code("import sys", tags=["remove-cell"]),
            new_markdown_cell("## Section\n\nSee [next](02_next.ipynb#a) and [log](../book/log.md). Why?"),
            code("a", picture(), said("It has **3** parts.")),
            new_markdown_cell("## Key points\n\n- One."),
            new_markdown_cell("## Exercises\n\n1. Two."),
            new_markdown_cell("## The next question\n\nThree?"),
        ]
    )
    cells = slides.deck("01_one", notebook).cells
    kinds = [cell.metadata.get("slideshow", {}).get("slide_type", "shown") for cell in cells]
    assert kinds == ["slide", "notes", "slide", "shown", "-", "notes", "slide", "notes", "slide", "notes"]
    assert "You need" not in cells[0].source
    assert "You need" in cells[1].source
    assert cells[2].source == "## Section\n\nWhy?"
    assert cells[4].source == "It has **3** parts."
    assert "[next](../notebooks/02_next.html#a) and [log](../book/log.html)" in cells[5].source
    assert "It has **3** parts." in cells[5].source
    assert cells[8].source == "## Exercises\n\n1. Two.\n\n## The next question\n\nThree?"

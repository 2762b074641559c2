"""The figures used as readers use them: by keyboard, pointer and touch, on paper, and without JavaScript."""

import io
import itertools
import json
import re

import numpy as np
import pytest
from bs4 import BeautifulSoup
from pages import HTML, UNCOVERED, WIDER, accessibility_faults, mount_figures
from PIL import Image

from colorize_lib import data, results, synthetic
from colorize_lib.color import CHROMA_SCALE, as_uint8, fit_gamut, lab_to_rgb, lightness, merge, rgb_to_lab
from colorize_lib.data.reading import open_photo
from colorize_lib.figures import arithmetic, html
from colorize_lib.networks import color_odds
from colorize_lib.networks.paper import ENCODER_FILTERS
from colorize_lib.photo.colorizer import Colorizer, working_size
from colorize_lib.settings import data_dir

PAGES = {
    "pixel-inspector": "notebooks/01_colorization.html",
    "convolution": "notebooks/04_encoder.html",
    "upsampling": "notebooks/05_decoder.html",
    "watch-it-learn": "notebooks/07_training.html",
    "loss-explorer": "notebooks/09_loss_analysis.html",
    "temperature": "notebooks/21_color_classification.html",
    "color-your-own": "book/color_your_own.html",
    "turing": "book/turing_test.html",
}
STRIPS = "notebooks/08_results.html"
WORSE = ("error", "warning")
SCREENS = {
    "desk": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "theme": "dark"},
}
NUMBERS = """table => [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.textContent))"""
BOX = "element => { const { x, y, width, height } = element.getBoundingClientRect(); return [x, y, width, height]; }"
# Waits until the enlarged photograph has not moved for ten frames.
AT_REST = """async () => {
    const frame = document.querySelector('.compare-frame');
    for (let still = 0, left = frame.scrollLeft; still < 10; left = frame.scrollLeft) {
        await new Promise(requestAnimationFrame);
        still = frame.scrollLeft === left ? still + 1 : 0;
    }
}"""
# Each picture over the other: its own shape, the place it fills, and what changes its colors on the way to the screen.
PICTURES = """stage => [...stage.querySelectorAll(':scope > img')].map(picture => {
    const box = picture.getBoundingClientRect(), frame = stage.getBoundingClientRect();
    const changed = [];
    for (let at = picture; at; at = at.parentElement) {
        const { filter, mixBlendMode, opacity } = getComputedStyle(at);
        if (filter !== 'none' || mixBlendMode !== 'normal' || opacity !== '1') changed.push(at.className);
    }
    const stretched = (box.width / picture.naturalWidth) / (box.height / picture.naturalHeight);
    const apart = Math.max(...['x', 'y', 'width', 'height'].map(side => Math.abs(box[side] - frame[side])));
    return { stretched, apart, changed };
})"""


def open_in(browser, theme="light", **options):
    """Open a page in a context of its own that notes what it complains about."""
    context = browser.new_context(**options)
    context.add_init_script(f"localStorage.mode = localStorage.theme = '{theme}'")
    context.add_init_script(UNCOVERED)
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.complaints = []
    page.on("console", lambda said: page.complaints.append(said.text) if said.type in WORSE else 0)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    return page


@pytest.fixture(scope="module")
def screens(browser):
    """A page at a desk, used by keyboard and mouse, and one on a phone, used by touch, in the dark."""
    pages = {name: open_in(browser, **options) for name, options in SCREENS.items()}
    yield pages
    for page in pages.values():
        page.context.close()


@pytest.fixture
def visit(screens, site):
    """A function that opens the page of a figure at the desk or on the phone, and returns the page and the figure."""
    opened = {}

    def go(name, screen="desk", address=None):
        page = screens[screen]
        page.goto(f"{site}/{address or PAGES[name]}", wait_until="load")
        figure = page.locator(f"[data-figure={name}]").first
        figure.scroll_into_view_if_needed()
        page.wait_for_function("figure => figure.dataset.alive", arg=figure.element_handle())
        opened[screen] = f"[data-figure={name}]"
        return page, figure

    yield go
    for screen, figure in opened.items():  # as the test left it
        assert accessibility_faults(screens[screen], figure) == []
    for page in screens.values():
        said, page.complaints[:] = list(page.complaints), []
        assert said == []


def press(page, key, times=1):
    """Press a key some times."""
    for _ in range(times):
        page.keyboard.press(key)


def choose(page, figure, label, name):
    """Choose from a list by the arrow keys, which go past what can't be chosen."""
    chosen = figure.get_by_role("combobox", name=label, exact=True)
    options = chosen.locator("option:enabled").all_inner_texts()
    steps = options.index(name) - options.index(chosen.evaluate("list => list.selectedOptions[0].text"))
    chosen.focus()
    press(page, "ArrowDown" if steps > 0 else "ArrowUp", abs(steps))
    assert chosen.evaluate("list => list.selectedOptions[0].text") == name


def point_in(element, across, down):
    """Return a point of an element, given in parts of its width and height, in the window."""
    element.scroll_into_view_if_needed()
    x, y, width, height = element.evaluate(BOX)
    return x + across * width, y + down * height


def drag(page, *points):
    """Press the mouse's button at the first point, go over the others, let go."""
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=4)
    page.mouse.up()


def swipe(page, *points):
    """Put a finger down at the first point, go over the others, lift it."""
    session = page.context.new_cdp_session(page)
    for kind, at in [("touchStart", points[0]), *(("touchMove", point) for point in points[1:]), ("touchEnd", None)]:
        touches = [{"x": at[0], "y": at[1]}] if at else []
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
    session.detach()


def spoken(page, name):
    """Return what a screen reader is told of the sliders of a name: their value and the words for it.

    The words come from the attribute: in Chromium 156 the tools for developers show the bare value in their place.
    """
    told = "all => all.map(e => [e.valueAsNumber ?? Number(e.ariaValueNow), e.getAttribute('aria-valuetext')])"
    return [tuple(one) for one in page.get_by_role("slider", name=name, exact=True).evaluate_all(told)]


def pixels(element):
    """Return what an element looks like, uint8 [height, width, 3], without what the theme may lay over it."""
    over = ".bd-header, .bd-header-article, #pst-back-to-top { visibility: hidden !important; }"
    return np.asarray(Image.open(io.BytesIO(element.screenshot(style=over))).convert("RGB"))


def file_of(page, address):
    """Return the picture at an address."""
    return Image.open(io.BytesIO(page.request.get(address).body())).convert("RGB")


def numbers(figure, caption):
    """Return a table of a figure as numbers; where none is known yet stands NaN."""
    cells = figure.get_by_role("table", name=caption, exact=True).evaluate(NUMBERS)
    return np.array([[value_of(cell) for cell in row] for row in cells])


def value_of(text):
    """Return a number as the figures write it."""
    top, _, bottom = text.replace(html.MINUS, "-").partition("/")
    return np.nan if text == "·" else float(top) / float(bottom or 1)


def check_divider(page, stage, percent, left, right):
    """Compare where the divider is, and what is said of it, with a share in percent."""
    [(value, words)] = spoken(page, "Divider")
    assert abs(value - percent) <= 1
    assert words == f"{value:.0f} % {left}, {100 - value:.0f} % {right}"
    x, _, width, _ = stage.evaluate(BOX)
    line, _, thick, _ = stage.locator(".compare-line").evaluate(BOX)
    assert abs(line + thick / 2 - x - width * value / 100) < 0.6
    clipped = stage.locator(".compare-over").evaluate("picture => getComputedStyle(picture).clipPath")
    assert clipped.replace("calc(", "").startswith(f"inset(0px {100 - value:.0f}%")


def check_pictures(stage):
    """No picture is stretched, shifted against the other, or changed in its colors."""
    stage.evaluate("stage => Promise.all([...stage.querySelectorAll('img')].map(picture => picture.decode()))")
    found = stage.evaluate(PICTURES)
    assert len(found) == 2
    assert [one["stretched"] for one in found] == pytest.approx([1, 1], abs=0.005)
    assert max(one["apart"] for one in found) < 1
    assert [one["changed"] for one in found] == [[], []]


def apart(stage, picture, columns):
    """Return how far an enlarged picture on the screen is from its file at most, in some columns, in steps of 1/255."""
    seen, (x, y, width, height) = pixels(stage), stage.evaluate(BOX)
    down, across = ((np.arange(n) + 0.5) * size / n for n, size in zip(picture.shape, (height, width), strict=False))
    tries = []
    for up, on in itertools.product((-0.5, 0, 0.5), repeat=2):  # a stage may begin between two pixels of the screen
        rows, places = (down + y % 1 + up).astype(int), (across + x % 1 + on).astype(int)
        rows, places = rows[rows < len(seen)], places[places < seen.shape[1]]  # the last may be outside
        off = np.abs(seen[np.ix_(rows, places)].astype(int) - picture[: len(rows), : len(places)])
        tries.append(off[1:-1, columns].max())  # the frame may cut a row at its edge in two
    return min(tries)


def is_gray(seen):
    """Tell whether a piece of a screenshot is without color."""
    return np.ptp(seen.astype(int), axis=-1).mean() < 1


def open_strip(page, site):
    """Open a comparison of a strip of three or more columns; return it."""
    page.goto(f"{site}/{STRIPS}", wait_until="load")
    mount_figures(page)
    table = page.locator("table.strip").filter(has=page.locator("td[data-column] ~ td[data-column] ~ td[data-column]"))
    button = table.get_by_role("button", name="Compare").first
    button.press("Enter")
    return page.locator(".compare").filter(has=page.locator(".compare-stage")).first


def sides(figure):
    """Return what a comparison shows on the left and on the right."""
    return figure.locator("select").evaluate_all("all => all.map(one => one.selectedOptions[0].textContent)")


def test_compare_other_versions(screens, site):
    page = screens["desk"]
    figure = open_strip(page, site)
    stage = figure.locator(".compare-stage")
    left, right = sides(figure)
    names = figure.locator("select").first.locator("option").all_inner_texts()
    third = next(name for name in names if name not in (left, right))
    choose(page, figure, "Right", third)
    check_divider(page, stage, 50, left, third)
    choose(page, figure, "Left", right)
    check_divider(page, stage, 50, right, third)
    choose(page, figure, "Right", left)  # goes past the version on the left, which stays
    check_divider(page, stage, 50, right, left)
    figure.get_by_role("button", name="Zoom").press("Enter")
    assert stage.evaluate(BOX)[2] >= 380
    check_pictures(stage)
    assert page.evaluate(WIDER) == []


def test_compare_by_touch(screens, site):
    page = screens["phone"]
    figure = open_strip(page, site)
    stage = figure.locator(".compare-stage")
    names = sides(figure)
    page.touchscreen.tap(*point_in(stage, 0.25, 0.5))
    check_divider(page, stage, 25, *names)
    swipe(page, *(point_in(stage, across, 0.5) for across in (0.3, 0.4, 0.6, 0.8)))
    check_divider(page, stage, 80, *names)
    before = page.evaluate("scrollY")
    x, y = point_in(stage, 0.5, 0.5)
    swipe(page, *((x, y - by) for by in (0, 20, 60, 120)))  # up and down the page scrolls
    page.wait_for_function("before => scrollY > before", arg=before)
    check_pictures(stage)
    divider = figure.get_by_role("slider", name="Divider")
    page.touchscreen.tap(*point_in(divider, 0.3, 0.5))
    check_divider(page, stage, float(divider.input_value()), *names)
    assert 25 <= float(divider.input_value()) <= 35
    held = divider.input_value()
    figure.get_by_role("button", name="Zoom").tap()  # enlarged, a finger moves the picture, and a tap the divider
    frame = figure.locator(".compare-frame")
    left = frame.evaluate("frame => frame.scrollLeft")
    swipe(page, *(point_in(frame, across, 0.5) for across in (0.8, 0.7, 0.5, 0.2)))
    page.wait_for_function("left => document.querySelector('.compare-frame').scrollLeft > left + 50", arg=left)
    assert divider.input_value() == held
    page.evaluate(AT_REST)  # it glides on, and a tap would only stop it
    page.touchscreen.tap(*point_in(frame, 0.5, 0.5))
    assert divider.input_value() != held
    assert page.evaluate(WIDER) == []


@pytest.mark.parametrize("screen", SCREENS)
def test_compare_in_a_strip(screens, site, screen):
    page = screens[screen]
    page.goto(f"{site}/{STRIPS}", wait_until="load")
    table = page.locator("table.strip").filter(has=page.locator("td[data-column] ~ td[data-column]")).first
    table.scroll_into_view_if_needed()
    button = table.get_by_role("button", name="Compare").first
    button.press("Enter")
    assert button.get_attribute("aria-expanded") == "true"
    stage = table.locator(".compare-stage").first
    row = table.locator("tr").filter(has=page.locator("td[data-column]")).first
    names = row.locator("td").evaluate_all("cells => cells.map(cell => cell.dataset.column)")
    sources = row.locator("img").evaluate_all("all => all.map(picture => picture.src)")
    assert len(sources) == len(names) >= 2
    names, sources = names[-2:], sources[-2:]  # the truth stands last, and before it what is compared with it
    check_divider(page, stage, 50, names[0], names[-1])
    assert table.locator(".compare-names span").all_inner_texts() == names
    table.get_by_role("slider", name="Divider").focus()
    press(page, "ArrowRight")
    check_divider(page, stage, 51, names[0], names[-1])
    path = [point_in(stage, across, 0.5) for across in (0.2, 0.4, 0.6)]
    (swipe if screen == "phone" else drag)(page, *path)
    check_divider(page, stage, 60, names[0], names[-1])
    check_pictures(stage)
    left, right = (np.asarray(file_of(page, address)) for address in (sources[0], sources[-1]))
    assert stage.evaluate(BOX)[2:] == list(left.shape[1::-1]), "pixel for pixel"
    edge = round(0.6 * left.shape[1])
    assert apart(stage, left, slice(0, edge - 3)) <= 1
    assert apart(stage, right, slice(edge + 3, None)) <= 1
    button.press("Enter")
    assert not stage.is_visible()


def test_a_strip_with_the_truth_begins_with_it_and_with_the_networks_colors(screens, site):
    """Not with gray: what is asked above a strip is how far the colors are from the truth."""
    page = screens["desk"]
    page.goto(f"{site}/notebooks/08_results.html", wait_until="load")
    mount_figures(page)
    seen = set()
    for table in page.locator("table.strip").filter(has=page.locator("td[data-column=Truth]")).all():
        table.get_by_role("button", name="Compare").first.click()
        sides = table.locator("select").evaluate_all("all => all.map(one => one.selectedOptions[0].textContent)")
        assert sides[1] == "Truth"
        seen.add(sides[0])
    assert {"Paper", "Ours"} <= seen
    assert "Gray" not in seen


def test_a_strip_of_different_photographs_offers_nothing_to_compare(screens, site):
    page = screens["desk"]
    for name in ("01_colorization", "09_loss_analysis"):
        page.goto(f"{site}/notebooks/{name}.html", wait_until="load")
        mount_figures(page)
        apart = page.locator('table.strip[data-compare="no"]')
        assert apart.count() >= 1
        assert apart.get_by_role("button").count() == 0
        assert page.locator("table.strip").get_by_role("button", name="Compare").count() > 0


def check_pixel(figure, picture, column, row):
    """Compare all that the pixel inspector shows of a pixel with the library."""
    table = figure.get_by_role("table", name=f"The pixel at column {column}, row {row}")
    lab = rgb_to_lab(picture[row, column]).astype(float)
    shown = [value_of(cell) for cell in table.evaluate(NUMBERS)[0]]
    assert shown[:3] == picture[row, column].tolist()
    assert shown[3:] == pytest.approx(lab, abs=0.051)
    own, changed = colors(figure)
    assert own == changed == html.css(lab)
    dot = figure.locator("circle.dot")
    place = [float(dot.get_attribute(name)) for name in ("cx", "cy")]
    assert place == pytest.approx([lab[1], -lab[2]], abs=0.01)


def colors(figure):
    """Return the colors of a figure's patches, as CSS writes them."""
    found = figure.locator(".patch").evaluate_all("all => all.map(one => getComputedStyle(one).backgroundColor)")
    return [color.replace(",", "") for color in found]


def in_plane(figure, a, b):
    """Return the point of the window at which the plane of the pixel inspector has a color."""
    return point_in(figure.locator(".plane svg"), (a + 150) / 300, (145 - b) / 290)


def check_plane(page, figure, a, b):
    """Compare with a color, to half a step of a and b on the screen, where the ring is and what the sliders say."""
    [(_, words)] = spoken(page, "a and b: arrow keys move the color, with Shift by ten")
    said = [float(word) for word in re.findall(r"[-\d.]+", words.replace(html.MINUS, "-"))]
    shown = [figure.get_by_role("slider", name=name, exact=True).evaluate("one => one.valueAsNumber") for name in "ab"]
    assert said == shown == pytest.approx([a, b], abs=1.5)
    ring = figure.locator("circle.ring")
    assert [float(ring.get_attribute("cx")), -float(ring.get_attribute("cy"))] == pytest.approx(shown, abs=0.06)


def test_the_plane_of_the_pixel_inspector_is_dragged(visit):
    page, figure = visit("pixel-inspector")
    page.mouse.click(*in_plane(figure, 20, -30))
    check_plane(page, figure, 20, -30)
    drag(page, in_plane(figure, 20, -30), in_plane(figure, 0, 0), in_plane(figure, -40, 50))
    check_plane(page, figure, -40, 50)
    assert colors(figure)[0] != colors(figure)[1]
    at = spoken(page, "a and b: arrow keys move the color, with Shift by ten")[0][0]
    press(page, "ArrowRight", 3)  # the ring has the focus
    press(page, "Shift+ArrowDown", 2)
    check_plane(page, figure, at + 3, 30)
    press(page, "Shift+ArrowLeft", 20)  # stops where a ends
    check_plane(page, figure, -110, 30)
    figure.get_by_role("button", name="Back to the pixel").press("Enter")
    check_pixel(figure, dome(), 64, 64)

    page, figure = visit("pixel-inspector", "phone")
    photograph, plane = (figure.locator(what).evaluate(BOX) for what in (".photograph", ".plane"))
    assert photograph[0] + photograph[2] <= plane[0], "side by side"
    assert abs(photograph[1] - plane[1]) < 1
    page.touchscreen.tap(*in_plane(figure, -70, 70))  # far from the ring, or the browser takes the ring to be meant
    check_plane(page, figure, -70, 70)
    swipe(page, *(in_plane(figure, a, -a) for a in (-70, -40, 0, 40)))
    check_plane(page, figure, 40, -40)
    assert page.evaluate(WIDER) == []


def dome():
    """Return the photograph that chapter 01 looks into."""
    sample = data.load("sample", size=128)
    return sample.rgb[next(i for i, name in enumerate(sample.names) if "dome_of_the_rock" in name)]


def test_pixel_inspector_by_keyboard_and_pointer(visit):
    page, figure = visit("pixel-inspector")
    picture, photograph = dome(), figure.locator(".photograph img")
    check_pixel(figure, picture, 64, 64)
    page.mouse.click(*point_in(photograph, 100.5 / 128, 20.5 / 128))
    check_pixel(figure, picture, 100, 20)
    press(page, "ArrowLeft")  # the click has put the focus on the crosshair
    press(page, "ArrowDown", 2)
    check_pixel(figure, picture, 99, 22)
    press(page, "Shift+ArrowUp", 3)  # stops at the border
    press(page, "Shift+ArrowRight", 2)
    check_pixel(figure, picture, 119, 0)
    [(value, words)] = spoken(page, "Pixel: arrow keys move it, with Shift by ten")
    red, green, blue = picture[0, 119]
    assert (value, words) == (119, f"column 119, row 0: R {red}, G {green}, B {blue}")
    drag(page, point_in(photograph, 0.5, 0.5), point_in(photograph, 60.5 / 128, 40.5 / 128))
    check_pixel(figure, picture, 60, 40)

    lab = rgb_to_lab(picture[40, 60]).astype(float).round(1)
    for i, (name, key, times) in enumerate([("L", "ArrowRight", 30), ("a", "ArrowLeft", 40), ("b", "ArrowRight", 25)]):
        figure.get_by_role("slider", name=name, exact=True).focus()
        press(page, key, times)
        lab[i] += (1 if key == "ArrowRight" else -1) * times / 10
        own, changed = colors(figure)
        assert own == html.css(rgb_to_lab(picture[40, 60]))
        assert changed == html.css(lab) != own
    assert figure.locator("p[role=status]").inner_text() == html.gamut_said(lab) == "sRGB can show this color."
    figure.get_by_role("slider", name="b", exact=True).focus()
    press(page, "Home")
    lab[2] = -110
    assert colors(figure)[1] == html.css(lab)
    assert figure.locator("p[role=status]").inner_text() == html.gamut_said(lab)
    ring = figure.locator("circle.ring")
    place = [float(ring.get_attribute(name)) for name in ("cx", "cy")]
    assert place == pytest.approx([lab[1], -lab[2]], abs=0.01)
    figure.get_by_role("button", name="Back to the pixel").press("Enter")
    check_pixel(figure, picture, 60, 40)


def test_pixel_inspector_by_touch(visit):
    page, figure = visit("pixel-inspector", "phone")
    picture, photograph = dome(), figure.locator(".photograph img")
    page.touchscreen.tap(*point_in(photograph, 30.5 / 128, 90.5 / 128))
    check_pixel(figure, picture, 30, 90)
    swipe(page, *(point_in(photograph, column / 128, 90.5 / 128) for column in (30.5, 50.5, 80.5, 90.5)))
    check_pixel(figure, picture, 90, 90)
    slider = figure.get_by_role("slider", name="a", exact=True)
    page.touchscreen.tap(*point_in(slider, 0.8, 0.5))
    lab = rgb_to_lab(picture[90, 90]).astype(float).round(1)
    lab[1] = float(slider.input_value())
    assert 50 < lab[1] < 80
    assert colors(figure)[1] == html.css(lab)


# What stands on the canvas of a figure: R, G, B and alpha of all pixels.
CANVAS = """canvas => [canvas.width, canvas.height,
    ...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data]"""


def wanted_at(name, temperature):
    """Return the odds of a sample photograph, [H / 4, W / 4, Q], and the photograph colored, as Python makes them."""
    python = Colorizer("classification")
    photo = open_photo(data_dir() / "sample" / name).convert("RGB")
    small = photo.resize(working_size(*photo.size), Image.Resampling.BICUBIC)
    L = lightness(np.asarray(small)[None])
    scores = np.asarray(color_odds.scoring(python.model)(L / 100))
    ab = np.asarray(color_odds.enlarge(color_odds.annealed_mean(scores, temperature)))
    lab = merge(L, CHROMA_SCALE * ab)
    return scores[0], as_uint8(lab_to_rgb(fit_gamut(lab)))[0]


def test_temperature_by_keyboard_and_pointer(visit):
    """The network comes when a photograph is touched; the picture and the odds are Python's."""
    page, figure = visit("temperature")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    assert figure.get_by_role("slider").filter(visible=True).count() == 0
    # Room is made at once, while the network is still to come.
    pressed = "button => { button.click(); return button.closest('[data-figure]').getBoundingClientRect().height; }"
    height = figure.get_by_role("group", name="Photograph").get_by_role("button").first.evaluate(pressed)
    canvas = figure.locator("canvas")
    canvas.wait_for()
    assert figure.evaluate(BOX)[3] == height, "nothing below it has moved"
    assert [url.rsplit("/")[-1] for url in asked if url.endswith(".bin")] == ["classification.bin"]
    figure.get_by_role("slider", name="Temperature T").focus()
    press(page, "End")
    name = json.loads(figure.get_attribute("data-options"))["photographs"][0]["file"]
    scores, picture = wanted_at(name, 1.0)
    page.wait_for_function(
        """([canvas, [r, g, b], at]) => [r, g, b].every((value, c) =>
            Math.abs(canvas.getContext('2d').getImageData(...at, 1, 1).data[c] - value) <= 2)""",
        arg=[canvas.element_handle(), picture[7, 5].tolist(), [5, 7]],
    )
    width, high, *numbers = canvas.evaluate(CANVAS)
    found = np.reshape(numbers, (high, width, 4))[..., :3]
    assert found.shape == picture.shape
    assert (np.abs(found - picture.astype(int)).max(axis=-1) <= 2).mean() >= 0.999

    page.mouse.click(*point_in(canvas, 40.5 / width, 60.5 / high))
    press(page, "ArrowRight", 4)
    odds = arithmetic.sharpened(scores[15, 11], 1.0)
    mean = ", ".join(f"{n} {value:.1f}" for n, value in zip("ab", odds @ color_odds.colors().ab, strict=True))
    said = figure.locator(".said").inner_text()
    assert said.startswith("Column 44, row 60, T = 1.00. Likeliest: ")
    assert said.endswith(f"with {100 * odds.max():.0f} % of the odds. Their mean: {mean}.".replace("-", html.MINUS))
    assert figure.locator("svg.odds g circle").count() == (odds >= 1e-4).sum()
    figure.get_by_role("slider", name="Temperature T").focus()
    press(page, "Home")
    assert figure.locator("svg.odds g circle").count() == 1
    assert "with 100 % of the odds" in figure.locator(".said").inner_text()


def test_temperature_by_touch(visit):
    page, figure = visit("temperature", "phone")
    figure.get_by_role("group", name="Photograph").get_by_role("button").last.tap()
    figure.locator("canvas").wait_for()
    page.touchscreen.tap(*point_in(figure.locator("canvas"), 0.2, 0.3))
    before = figure.locator(".said").inner_text()
    page.touchscreen.tap(*point_in(figure.get_by_role("slider", name="Temperature T"), 0.1, 0.5))
    assert figure.locator(".said").inner_text() != before
    assert page.evaluate(WIDER) == []


def convolved(image, kernel, stride, padding):
    """Return a convolution, product by product."""
    size = len(image)
    count = -(-size // stride) if padding == "same" else (size - 3) // stride + 1
    missing = max((count - 1) * stride + 3 - size, 0) if padding == "same" else 0
    padded = np.pad(image, (missing // 2, missing - missing // 2))
    starts = range(0, stride * count, stride)
    return padded, np.array([[np.sum(padded[i : i + 3, j : j + 3] * kernel) for j in starts] for i in starts])


def test_convolution_by_keyboard(visit):
    page, figure = visit("convolution")
    given = json.loads(figure.get_attribute("data-options"))
    step = figure.get_by_role("button", name="Step", exact=True)
    for picture, kernel, stride, padding in [
        ("4 by 4", "vertical edges", 1, "valid"),
        ("4 by 4", "blur", 1, "same"),
        ("5 by 5", "vertical edges", 2, "valid"),
        ("6 by 6", "vertical edges", 2, "same"),
    ]:
        for label, name in {"Picture": picture, "Filter": kernel, "Stride": str(stride), "Padding": padding}.items():
            choose(page, figure, label, name)
        image, weights = np.array(given["pictures"][picture]), np.array(given["filters"][kernel])
        padded, outputs = convolved(image, weights, stride, padding)
        assert f"= {len(outputs)}" in figure.locator("p").first.inner_text()
        assert np.isnan(numbers(figure, "Output")).all()
        np.testing.assert_array_equal(numbers(figure, "Picture"), padded)
        step.focus()
        for done in range(1, outputs.size + 1):
            press(page, "Enter" if done % 2 else "ArrowRight")
            expected = np.where(np.arange(outputs.size).reshape(outputs.shape) < done, outputs, np.nan)
            np.testing.assert_allclose(numbers(figure, "Output"), expected, atol=0.0051)
        assert figure.locator("output").inner_text() == f"{outputs.size} of {outputs.size}"
        row, column = divmod(outputs.size - 1, len(outputs))
        said = figure.locator("p[role=status]").inner_text()
        assert said.startswith(f"Row {row + 1}, column {column + 1}: ")
        assert value_of(said.rsplit("= ")[1]) == pytest.approx(outputs[-1, -1], abs=0.0051)
        under = figure.get_by_role("table", name="Picture", exact=True).locator("td.now").all_inner_texts()
        window = padded[row * stride : row * stride + 3, column * stride : column * stride + 3]
        assert [value_of(text) for text in under] == window.ravel().tolist()
    assert step.get_attribute("aria-disabled") == "true"
    press(page, "Enter")  # past the end nothing happens, and the focus stays
    assert step.evaluate("button => button === document.activeElement")
    figure.get_by_role("button", name="Start").press("Enter")
    assert np.isnan(numbers(figure, "Output")).all()
    figure.get_by_role("button", name="All").press("Enter")
    np.testing.assert_allclose(numbers(figure, "Output"), outputs, atol=0.0051)
    figure.get_by_role("button", name="Back").press("Enter")
    assert np.isnan(numbers(figure, "Output")).sum() == 1


def enlarged(way, code, stamp, stride=2, padding="same"):
    """Return a code at twice its height and width, or as a transposed convolution's stride and padding say."""
    size = len(code)
    if way == "nearest":
        return np.kron(code, np.ones((2, 2)))
    if way == "bilinear":
        at = (np.arange(2 * size) + 0.5) / 2 - 0.5
        rows = np.array([np.interp(at, np.arange(size), row) for row in code])
        return np.array([np.interp(at, np.arange(size), column) for column in rows.T]).T
    outputs = np.zeros(((size - 1) * stride + 3,) * 2)
    for i, j in np.ndindex(size, size):
        outputs[stride * i : stride * i + 3, stride * j : stride * j + 3] += code[i, j] * stamp
    cut = slice(int(stride == 1), int(stride == 1) + size * stride) if padding == "same" else slice(None)
    return outputs[cut, cut]


def test_upsampling_by_keyboard(visit):
    page, figure = visit("upsampling")
    given = json.loads(figure.get_attribute("data-options"))
    for way, code, stamp, *layout in [
        ("transposed", "2 by 2", "1 2 1"),
        ("nearest", "2 by 2", ""),
        ("bilinear", "3 by 3", ""),
        ("transposed", "all ones", "all ones"),
        ("transposed", "2 by 2", "1 2 1", 1, "same"),
        ("transposed", "2 by 2", "1 2 1", 3, "same"),
        ("transposed", "3 by 3", "1 2 1", 2, "valid"),
    ]:
        choose(page, figure, "Way", way)
        choose(page, figure, "Input", code)
        assert figure.get_by_role("combobox", name="Stamp").is_visible() == bool(stamp)
        if stamp:
            choose(page, figure, "Stamp", stamp)
        for label, name in zip(("Stride", "Padding"), layout, strict=False):
            choose(page, figure, label, str(name))
        values = np.array(given["codes"][code])
        assert np.isnan(numbers(figure, "Output so far")).all()
        figure.get_by_role("button", name="Step", exact=True).focus()
        for done in range(1, values.size + 1):
            press(page, "ArrowRight" if done % 2 else "Enter")
            sofar = np.where(np.arange(values.size).reshape(values.shape) < done, values, 0)
            expected = enlarged(way, sofar, np.array(given["stamps"].get(stamp, np.ones((3, 3)))), *layout)
            np.testing.assert_allclose(np.nan_to_num(numbers(figure, "Output so far")), expected, atol=0.0051)
        counts = sum(
            enlarged(way, np.eye(1, values.size, k).reshape(values.shape), np.ones((3, 3)), *layout) > 0
            for k in range(values.size)
        )
        np.testing.assert_array_equal(numbers(figure, "Inputs that reached it"), counts)
        if counts.min() == counts.max():
            assert f"Every output is reached by {counts.min()}." in figure.locator("p[role=status]").inner_text()
        else:
            assert "unevenly" in figure.locator("p[role=status]").inner_text()


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("name", ["convolution", "upsampling"])
def test_steppers_by_pointer_and_touch(visit, name, screen):
    _, figure = visit(name, screen)
    for name, said in {"Step": "1 of 4", "All": "4 of 4", "Back": "3 of 4", "Start": "0 of 4"}.items():
        button = figure.get_by_role("button", name=name, exact=True)
        button.tap() if screen == "phone" else button.click()
        assert figure.locator("output").inner_text() == said


def check_moment(page, figure, names, photograph, step):
    """Compare pictures, markers and labels with what the runs of data/results left."""
    panels = figure.locator("figure").all()
    assert json.loads(figure.get_attribute("data-options"))["recipes"] == names
    for name, panel in zip(names, panels, strict=True):
        files, psnr = results.by_epoch(name)[photograph], results.read(name)["history"]["val_psnr"]
        epoch = list(files)[step]
        caption = panel.locator("figcaption").inner_text()
        assert re.fullmatch(rf"{name}, epoch {epoch} of {len(psnr)}: {psnr[epoch - 1]:.1f}.dB", caption)
        picture = panel.locator("img")
        assert page.request.get(picture.get_attribute("src")).body() == files[epoch].read_bytes()
        assert f"after epoch {epoch}" in picture.get_attribute("alt")
        points = [point.split(",") for point in panel.locator("polyline").get_attribute("points").split()]
        marker = [float(panel.locator("circle").get_attribute(at)) for at in ("cx", "cy")]
        assert marker == pytest.approx([float(at) for at in points[epoch - 1]])
        heights = np.array(points, float)[:, 1]  # the curve falls where PSNR rises
        assert np.corrcoef(heights, psnr)[0, 1] == pytest.approx(-1, abs=1e-3)
    [(value, words)] = spoken(page, "Moment")
    assert value == step
    assert words == "; ".join(f"{name}: epoch {list(results.by_epoch(name)[photograph])[step]}" for name in names)


WATCHED = {
    "notebooks/05_decoder.html": ["plain"],
    "notebooks/06_skip_connections.html": ["plain", "paper"],
    "notebooks/07_training.html": ["paper", "ours"],
}


@pytest.mark.parametrize(("address", "names"), WATCHED.items())
def test_watch_it_learn_by_keyboard_pointer_and_touch(visit, address, names):
    page, figure = visit("watch-it-learn", address=address)
    slider = figure.get_by_role("slider", name="Moment")
    drag(page, *(point_in(slider, across, 0.5) for across in (0.5, 0.8, 1.0)))
    check_moment(page, figure, names, "aitzgorri", 15)
    slider.focus()
    press(page, "Home")
    check_moment(page, figure, names, "aitzgorri", 0)
    press(page, "ArrowRight", 7)
    check_moment(page, figure, names, "aitzgorri", 7)
    press(page, "End")
    check_moment(page, figure, names, "aitzgorri", 15)
    choose(page, figure, "Photograph", "Windmill at Linda")
    check_moment(page, figure, names, "linda_windmill_1", 15)

    page, figure = visit("watch-it-learn", "phone", address)
    slider = figure.get_by_role("slider", name="Moment")
    page.touchscreen.tap(*point_in(slider, 0.5, 0.5))
    middle = int(slider.input_value())
    assert middle in (7, 8)
    check_moment(page, figure, names, "aitzgorri", middle)
    swipe(page, *(point_in(slider, across, 0.5) for across in (0.5, 0.6, 0.8, 1.0)))
    check_moment(page, figure, names, "aitzgorri", 15)


def test_watch_it_learn_plays_to_its_end_and_stops_where_the_reader_moves(visit):
    _, figure = visit("watch-it-learn")
    slider = figure.get_by_role("slider", name="Moment")
    slider.focus()
    press(figure.page, "End")
    press(figure.page, "ArrowLeft")
    figure.get_by_role("button", name="Play").press("Enter")
    figure.get_by_role("button", name="Play").wait_for()  # it says "Pause" meanwhile
    assert slider.input_value() == "15"
    figure.get_by_role("button", name="Play").press("Enter")  # from the end it begins anew
    figure.get_by_role("button", name="Pause").wait_for()
    slider.focus()
    press(figure.page, "ArrowRight")
    figure.get_by_role("button", name="Play").wait_for()
    assert int(slider.input_value()) < 15


def check_odds(page, figure, odds):
    """Compare the three answers with those of `synthetic`."""
    [(value, _)] = spoken(page, "Odds of green")
    assert value == pytest.approx(odds)
    check_as_in_a_notebook(figure, odds)
    world = synthetic.two_colors(odds)
    mean, (low, high) = synthetic.mean(world), synthetic.quantiles(world)
    tie, greener = bool(np.any(low != high)), bool(np.all(low == synthetic.GREEN))
    panels = figure.locator(".panels > div").all()
    said = [panel.locator("figcaption").first.inner_text() for panel in panels]
    found = [value_of(number) for number in re.findall(r"\N{MINUS SIGN}?[\d.]+", said[0])]
    assert found == pytest.approx([*mean, CHROMA_SCALE * np.hypot(*mean)], abs=0.051)
    winner = "green" if greener else "blue"
    assert said[1] == ("no single median: the cost is flat" if tie else f"the median of each channel: {winner}")
    assert said[2].endswith("neither is likelier" if tie else f"the likelier is {winner}")
    green, blue, between = (in_css(ab) for ab in (synthetic.GREEN, synthetic.BLUE, mean))
    grounds = figure.locator(".patch").evaluate_all("all => all.map(one => one.style.background.replaceAll(',', ''))")
    assert grounds[:3] == [green, blue, between]
    assert grounds[3].startswith("linear-gradient") == tie
    assert tie or grounds[3] == winner_color(greener, green, blue)
    share = f"{100 * (1 - odds):.0f}%"
    assert grounds[4] == f"linear-gradient(to right {blue} {share} {green} {share})"
    ends = [[float(dot.get_attribute("cx")) for dot in panel.locator("circle").all()] for panel in panels]
    median = [0, 1] if tie else [float(greener)] * 2
    for places, best in zip(ends, ([odds] * 2, median, [odds] * 2), strict=True):
        assert [(at - 10) / 180 for at in places] == pytest.approx(best)


def check_as_in_a_notebook(figure, odds):
    """Compare sentences and curves with those that Python draws, for notebooks and paper."""
    drawn = BeautifulSoup(html.loss_html(odds), "html.parser")
    assert figure.locator("p").first.inner_text() == drawn.p.get_text()
    captions = figure.locator("figcaption").all_inner_texts()
    assert captions == [caption.get_text() for caption in drawn.find_all("figcaption")]
    curves = figure.locator("svg").all()
    assert [curve.get_attribute("aria-label") for curve in curves] == [curve["aria-label"] for curve in drawn("svg")]
    for curve, other in zip(curves, drawn("svg"), strict=True):
        points = (curve.locator("polyline").get_attribute("points"), other.polyline["points"])
        found, wanted = (np.array([point.split(",") for point in text.split()], float) for text in points)
        np.testing.assert_allclose(found, wanted, atol=0.101)
        assert curve.locator("rect").count() == len(other("rect"))
        dots = curve.locator("circle").evaluate_all(
            "all => all.map(dot => [dot.getAttribute('cx'), dot.getAttribute('cy')])"
        )
        np.testing.assert_allclose(
            np.array(dots, float), [[float(dot["cx"]), float(dot["cy"])] for dot in other("circle")], atol=0.3
        )


def in_css(ab):
    """Return the color of a car as style sheets write it."""
    return html.css([100 * synthetic.GRAY, *(CHROMA_SCALE * np.asarray(ab))])


def winner_color(greener, green, blue):
    """Return the color that L1 answers."""
    return green if greener else blue


def test_loss_explorer_by_keyboard_pointer_and_touch(visit):
    page, figure = visit("loss-explorer")
    slider = figure.get_by_role("slider", name="Odds of green")
    check_odds(page, figure, 0.7)
    drag(page, *(point_in(slider, across, 0.5) for across in (0.7, 0.5, 0.2)))
    assert 0.1 < float(slider.input_value()) < 0.3
    check_odds(page, figure, float(slider.input_value()))
    slider.fill("0.7")
    slider.focus()
    press(page, "ArrowLeft", 19)
    check_odds(page, figure, 0.51)
    press(page, "ArrowLeft")
    check_odds(page, figure, 0.5)
    press(page, "ArrowLeft")
    check_odds(page, figure, 0.49)
    for key, odds in {"Home": 0, "End": 1}.items():
        press(page, key)
        check_odds(page, figure, odds)

    page, figure = visit("loss-explorer", "phone")
    slider = figure.get_by_role("slider", name="Odds of green")
    page.touchscreen.tap(*point_in(slider, 0.3, 0.5))
    assert 0.2 < float(slider.input_value()) < 0.4
    check_odds(page, figure, float(slider.input_value()))


# What a reader would try to use and can't.
DEAD = "() => [...document.querySelectorAll('article :is(button, select, input, [role=slider])')]" + (
    ".filter(e => e.checkVisibility()).map(e => e.outerHTML.slice(0, 100))"
)
LOADED = "all => all.filter(picture => picture.checkVisibility()).every(picture => picture.naturalWidth)"


def stands(place):
    """Tell whether a piece of a page holds a sentence, a table or a loaded picture that can be seen."""
    assert place.locator("img").evaluate_all(LOADED)
    return place.is_visible() and bool(place.inner_text().strip() or place.locator("img:visible").count())


def test_layers_are_touched_and_their_maps_turned(visit):
    """The numbers behind the maps are compared with Keras's by tests/test_javascript.py."""
    page, figure = visit("layers", "phone", "notebooks/04_encoder.html")
    layers, photographs = (figure.get_by_role("group", name=name).get_by_role("button") for name in ("Layer", "Photo"))
    words = [f"Encoder, block {i + 1}: {64 >> i}² {count}" for i, count in enumerate(ENCODER_FILTERS)]
    assert [" ".join(text.split()) for text in layers.all_inner_texts()] == words
    said = figure.get_by_role("status")
    layers.nth(1).tap()
    page.wait_for_function("figure => figure.querySelector('canvas')", arg=figure.element_handle())
    assert said.inner_text().startswith("Encoder, block 2: 128 maps of 32 by 32; here are 1 to 12.")
    seen = maps_of(figure)
    assert len(seen) == len(set(seen)) == 12
    figure.get_by_role("button", name="Next 12").press("Enter")
    assert figure.get_by_role("img", name="Map 13 of 128").is_visible()
    assert figure.get_by_role("button", name="Next 12").evaluate("button => button === document.activeElement")
    figure.get_by_role("button", name="Previous 12").press("Enter")
    assert maps_of(figure) == seen
    page.route("**/layers/*.bin", lambda route: route.abort())
    photographs.nth(1).press("Enter")  # no weights are needed anew
    page.wait_for_function(f"([figure, seen]) => ({MAPS})(figure)[0] !== seen", arg=[figure.element_handle(), seen[0]])
    assert page.evaluate(WIDER) == []
    page.unroute("**/layers/*.bin")


MAPS = "figure => [...figure.querySelectorAll('canvas')].map(one => one.toDataURL())"


def maps_of(figure):
    """Return the pictures of the maps that a figure of layers shows."""
    return figure.evaluate(MAPS)


@pytest.mark.parametrize("name", PAGES)
def test_on_paper_and_on_a_wide_screen(screens, site, name):
    page = screens["desk"]
    page.goto(f"{site}/{PAGES[name]}", wait_until="load")
    written = BeautifulSoup((HTML / PAGES[name]).read_text(encoding="utf-8"), "html.parser")
    fallback = written.select_one(f"[data-figure={name}]").get_text()
    mount_figures(page)
    figure = page.locator(f"[data-figure={name}]")
    before = figure.inner_html()
    try:
        page.set_viewport_size({"width": 1920, "height": 1080})
        assert page.evaluate(WIDER) == []
        inside, outside = figure.evaluate(BOX), page.locator("article").evaluate(BOX)
        assert outside[0] <= inside[0] + 7 < inside[0] + inside[2] <= outside[0] + outside[2] + 7
        page.emulate_media(media="print")
        page.wait_for_function(f"picture => ({LOADED})([...document.querySelectorAll('.as-printed img')])")
        assert page.evaluate(DEAD) == []
        paper = figure.locator("xpath=following-sibling::*[1]")
        assert stands(paper)
        assert paper.text_content().split() == fallback.split()
        assert not figure.is_visible()
    finally:
        page.emulate_media(media="screen")
        page.set_viewport_size(SCREENS["desk"]["viewport"])
    assert figure.is_visible()
    assert figure.evaluate("figure => figure.getAnimations({ subtree: true }).length") == 0
    assert figure.inner_html() == before, "it moves by itself"


def test_a_strip_on_paper_is_the_table(screens, site):
    page = screens["desk"]
    page.goto(f"{site}/{STRIPS}", wait_until="load")
    mount_figures(page)
    table = page.locator("table.strip").first
    table.get_by_role("button", name="Compare").first.click()
    page.emulate_media(media="print")
    assert page.evaluate(DEAD) == []
    assert not table.locator(".compare").first.is_visible()
    assert stands(table)
    page.emulate_media(media="screen")


def test_without_javascript_the_fallback_stands(browser, site):
    page = open_in(browser, java_script_enabled=False)
    for name, address in PAGES.items():
        page.goto(f"{site}/{address}", wait_until="load")
        figure = page.locator(f"[data-figure={name}]")
        assert stands(figure)
        assert figure.locator("button, select, input").count() == 0
    page.context.close()


def test_nothing_moves_where_motion_is_reduced(browser, site):
    page = open_in(browser, reduced_motion="reduce", viewport=SCREENS["desk"]["viewport"])
    page.goto(f"{site}/{PAGES['watch-it-learn']}", wait_until="load")
    mount_figures(page)
    moving = """() => [...document.querySelectorAll('[data-figure], [data-figure] *')].filter(element => {
        const { animationName, transitionDuration } = getComputedStyle(element);
        return animationName !== 'none' || parseFloat(transitionDuration) > 0.01;
    }).length"""
    assert page.evaluate(moving) == 0
    page.context.close()

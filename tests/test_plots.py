"""Pictures of the course: exact to the pixel, each with words for those who do not see it."""

import base64
import io
import re

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from PIL import Image

from colorize_lib import plots


@pytest.fixture
def displayed(monkeypatch):
    """What the functions display: (object, metadata) in order."""
    import IPython.display

    shown = []
    monkeypatch.setattr(IPython.display, "display", lambda thing, metadata=None: shown.append((thing, metadata)))
    return shown


def pictures(count=2, channels=(3,)):
    return np.random.default_rng(0).integers(0, 256, (count, 8, 12, *channels), np.uint8)


def decoded(address):
    kind, _, data = address.partition(",")
    assert kind == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


def test_columns_of_words_begin_at_the_left():
    table = plots.worded(pd.DataFrame({"count": [1, 2], "what": ["one", 2], "mean": [0.5, 1.5], "who": ["a", "b"]}))
    rules = BeautifulSoup(table.to_html(), "html.parser").style.string
    assert re.findall(r"\.col(\d)", rules) == ["1", "3"]
    assert set(re.findall(r"\{(.*?)\}", rules, re.DOTALL)) == {"\n  text-align: left;\n"}


def test_a_strip_keeps_every_pixel_and_names_every_picture():
    color, gray = pictures(), pictures(channels=())
    soup = BeautifulSoup(plots.strip_html({"Gray": gray, "Truth": color}, ["A <mill>", "A bridge"]), "html.parser")
    assert [cell.text for cell in soup.select("thead th")] == ["Gray", "Truth"]
    images = soup.find_all("img")
    assert [image["alt"] for image in images] == [
        "A <mill>: Gray", "A <mill>: Truth", "A bridge: Gray", "A bridge: Truth"
    ]  # fmt: skip
    for image, picture in zip(images, [gray[0], color[0], gray[1], color[1]], strict=True):
        np.testing.assert_array_equal(decoded(image["src"]), picture)
        assert (int(image["width"]), int(image["height"])) == (12, 8)


@pytest.mark.parametrize("wrong", [pictures().astype("float32"), pictures(3)])
def test_a_strip_names_the_column_that_does_not_fit(wrong):
    with pytest.raises(ValueError, match=r"column 'Ours' has . pictures of .* for 2 titles"):
        plots.strip_html({"Ours": wrong}, ["A mill", "A bridge"])


def test_a_strip_of_different_photographs_says_so():
    page = plots.strip_html({"A mill": pictures(), "A bridge": pictures()}, ["A", "B"], compare=False)
    assert BeautifulSoup(page, "html.parser").table["data-compare"] == "no"


def test_what_is_enlarged_beside_larger_photographs_says_its_size():
    wide, tall = np.zeros((1, 256, 256, 3), np.uint8), np.zeros((1, 128, 64), np.uint8)
    soup = BeautifulSoup(plots.strip_html({"Truth": wide, "Plain": tall}, ["A mill"]), "html.parser")
    assert [cell.text for cell in soup.select("thead th")] == ["Truth", "Plain, 64 px"]
    assert [(image["width"], image["height"]) for image in soup.find_all("img")] == [("256", "256"), ("256", "512")]
    assert decoded(soup.find_all("img")[1]["src"]).shape == (128, 64)
    small = BeautifulSoup(plots.strip_html({"Truth": wide[:, :160, :160], "Half": tall}, ["A mill"]), "html.parser")
    assert [cell.text for cell in small.select("thead th")] == ["Truth", "Half"]
    assert [image["width"] for image in small.find_all("img")] == ["160", "64"]


def test_an_error_map_has_its_scale():
    soup = BeautifulSoup(plots.strip_html({"Truth": pictures(), "Error": pictures()}, ["A", "B"]), "html.parser")
    assert " ".join(soup.tfoot.text.split()) == f"Error: 0 {plots.PEAK:.0f} and more, in CIEDE2000"
    colors = re.findall(r"rgb\((\d+), (\d+), (\d+)\)", soup.select_one(".strip-ramp")["style"])
    black, white = np.zeros((1, 1, 1, 3), np.uint8), np.full((1, 1, 1, 3), 255, np.uint8)
    ends = [plots.error_map(black, other)[0, 0, 0] for other in (black, white)]  # no difference, and the largest
    assert [colors[0], colors[-1]] == [tuple(map(str, end)) for end in ends]
    assert BeautifulSoup(plots.strip_html({"Truth": pictures()}, ["A", "B"]), "html.parser").tfoot is None


def test_a_strip_is_displayed_as_html(displayed):
    plots.strip({"Truth": pictures()}, ["A mill", "A bridge"])
    assert displayed[0][0].data == plots.strip_html({"Truth": pictures()}, ["A mill", "A bridge"])


def test_a_sentence_is_displayed_as_markdown(displayed):
    plots.say("**24.1 dB**")
    assert displayed[0][0].data == "**24.1 dB**"


def test_a_figure_is_displayed_with_its_alt_text_and_closed(displayed):
    import matplotlib.pyplot as plt

    fig, _ = plots.axes(1, 2)
    plots.show(fig, "Two empty axes.")
    assert displayed == [(fig, {"image/png": {"alt": "Two empty axes."}})]
    assert not plt.fignum_exists(fig.number)
    assert fig.get_figwidth() == plots.WIDTH


def test_curves_begin_at_epoch_one_and_show_the_marks(displayed):
    plots.curves({"paper": [3.0, 2.0, 1.5], "ours": [2.0, 1.0]}, "Loss", "Two falling lines.", marks={"gray": 1.2})
    ax = displayed[0][0].axes[0]
    paper, ours, mark = ax.lines
    np.testing.assert_array_equal(paper.get_xdata(), [1, 2, 3])
    np.testing.assert_array_equal(ours.get_ydata(), [2.0, 1.0])
    assert list(mark.get_ydata()) == [1.2, 1.2]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["paper", "ours"]


def test_histograms_share_their_bins_and_have_area_one(displayed):
    plots.histogram({"a": np.array([0.0, 1.0]), "b": np.array([4.0])}, "a, b", "Two outlines.", bins=4)
    outlines = [patch.get_xy() for patch in displayed[0][0].axes[0].patches]
    for outline in outlines:
        assert set(np.unique(outline[:, 0])) <= {0.0, 1.0, 2.0, 3.0, 4.0}
    heights = outlines[1][:, 1]
    assert heights.max() == pytest.approx(1)  # one value in a bin of width 1


def test_an_error_map_is_black_where_the_pictures_agree():
    truth = pictures()
    other = truth.copy()
    other[0, :4] = 255 - other[0, :4]
    errors = plots.error_map(truth, other)
    assert errors.shape == truth.shape
    assert errors.dtype == np.uint8
    black = errors[1, 0, 0]
    assert (errors[1] == black).all()
    assert (errors[0, 4:] == black).all()
    assert errors[0, :4].mean() > black.mean() + 50


def test_boxes_draws_every_layer_and_every_link():
    import matplotlib.pyplot as plt

    fig = plots.boxes([("in", 8, 1), ("code", 2, 3), ("out", 8, 1)], links=[(0, 2)])
    (ax,) = fig.axes
    assert [text.get_text() for text in ax.texts] == ["in", "code", "out"]
    assert [patch.get_height() for patch in ax.patches] == [8, 2, 8]
    assert len(ax.lines) == 1
    plt.close(fig)

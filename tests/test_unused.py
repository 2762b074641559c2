"""A page loads the styles and scripts of what it holds, and no others."""

import pytest
import unused

FILES = {
    "sphinx-design.min.css": '<div class="docutils sd-card">',
    "mystnb.0f3a.css": '<div class="cell docutils container">',
    "copybutton.css": '<div class="highlight-python notranslate"><div class="highlight"><pre>',
    "togglebutton.css": '<div class="admonition tip dropdown">',
}
KEPT = '<link rel="stylesheet" href="../_static/course.css?v=1" />\n<script src="../_static/js/main.js"></script>\n'
LINKS = {name: f'<link rel="stylesheet" type="text/css" href="../_static/{name}?v=1" />\n' for name in FILES}
SCRIPT = '<script defer src="../_static/clipboard.min.js?v=1"></script>\n'
WORDS = '<p class="sidebar-toggle">cell, highlight, dropdown and sd-card are words here</p>'
PAGE = KEPT + "".join(LINKS.values()) + SCRIPT


def test_a_page_without_code_and_boxes_is_lighter():
    assert unused.lighter(PAGE + WORDS) == KEPT + WORDS


@pytest.mark.parametrize("name", FILES)
def test_what_a_page_holds_keeps_its_style(name):
    page = unused.lighter(PAGE + FILES[name])
    assert [link for link in LINKS.values() if link in page] == [LINKS[name]]
    assert (SCRIPT in page) == (name == "copybutton.css")
    assert page.startswith(KEPT)

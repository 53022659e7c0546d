"""A drawing takes the page's theme, and looks as drawn wherever there is none."""

import re

from lxml import etree

from resartus.reporting.figures.canvas import ACCENT, INK, PAPER, draw
from resartus.reporting.figures.theme import follow_theme


def drawn() -> str:
    with draw(width_cm=4, height_cm=3) as canvas:
        axes = canvas.page()
        axes.plot([0, 4], [0, 3], color=ACCENT)
        axes.text(1, 1, "word")
        return canvas.finish(alt="a line").svg


def test_every_colour_of_the_house_may_change_and_keeps_its_own_as_fallback() -> None:
    svg = drawn()
    themed = follow_theme(svg)
    etree.fromstring(themed.encode())
    for colour in (INK, ACCENT, PAPER):
        assert svg.count(colour) > 0
        assert themed.count(f"var(--c{colour[1:]}, {colour})") == svg.count(colour)
    assert "@media (prefers-color-scheme: dark)" in themed


def test_without_its_variables_it_is_the_drawing_it_was() -> None:
    svg = drawn()
    plain = re.sub(r"var\(--c\w+, (#\w+)\)", r"\1", follow_theme(svg))
    assert re.sub(r"<style>@media.*?</style>", "", plain) == svg


def test_a_colour_that_begins_a_longer_name_is_left_alone() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><use href="#1d2731ab"/></svg>'
    assert 'href="#1d2731ab"' in follow_theme(svg)


def contrast(one: str, other: str) -> float:
    """Return WCAG 2.2's contrast ratio of two colours."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    a, b = sorted((light(one), light(other)))
    return (b + 0.05) / (a + 0.05)


def test_letters_and_marks_stand_out_on_the_dark_sheet() -> None:
    themed = follow_theme(drawn())
    dark = dict(re.findall(r"--c(\w{6}): (#\w{6})", themed))
    paper = dark[PAPER[1:]]
    for colour, least in (("1d2731", 7), ("56636f", 4.5), ("0b5c6b", 4.5), ("a8501b", 4.5)):
        assert contrast(dark[colour], paper) >= least

"""The sheet that bars are drawn on: places, escapes, and nothing left over from the drawing before."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from salesnb.show.canvas import NARROW, WIDE, Sheet
from salesnb.show.palette import ACCENT, GRID, INK
from salesnb.show.render import evidence_html
from tests import show_frames


@pytest.fixture
def on() -> Sheet:
    """Axes of 400 by 100 pixels for values from -100 to 300 and four rows."""
    return Sheet(WIDE, 150, left=200, right=80, top=20, bottom=30, across=(-100, 300), down=(-0.5, 3.5))


def drawn(on: Sheet, tag: str) -> list[dict[str, str]]:
    return [dict(e.attrib) for e in ElementTree.fromstring(on.svg("x")).iter() if e.tag.endswith(tag)]


def test_a_bar_stands_between_its_values_in_the_middle_of_its_row(on: Sheet) -> None:
    on.bar(0, 200, 1, 0.6, ACCENT)
    on.bar(0, -50, 3, 0.6, "#123456")
    right, left = drawn(on, "rect")
    assert right == {"x": "300", "y": "50", "width": "200", "height": "15", "fill": "var(--accent,#1d5a96)"}
    assert (left["x"], left["y"], left["width"], left["fill"]) == ("250", "100", "50", "#123456")


def test_lines_at_the_edge_stay_within_the_axes(on: Sheet) -> None:
    for value in (-100, 0, 300):
        on.upright(value, INK, thick=3)
    first, middle, last = drawn(on, "rect")
    assert [(r["x"], r["width"]) for r in (first, middle, last)] == [("200", "1.5"), ("298.5", "3"), ("598.5", "1.5")]
    assert {(r["y"], r["height"]) for r in (first, middle, last)} == {("20", "100")}


def test_text_is_escaped_and_stands_at_its_place(on: Sheet) -> None:
    on.put(100, 0, "<a> & 'b'", anchor="end", dx=-6)
    on.put(5, 0, "name", bold=True, absolute=True)
    on.head(0, "above")
    value, name, above = drawn(on, "text")
    assert "&lt;a&gt; &amp;" in on.svg("x")
    assert (value["x"], value["y"], value["text-anchor"]) == ("394", "38.66", "end")
    assert (name["x"], name["font-weight"], name["font-size"]) == ("5", "600", "14")
    assert (above["x"], above["y"], above["font-size"]) == ("300", "10", "13")


def test_the_axis_of_values_has_a_line_and_a_label_for_each(on: Sheet) -> None:
    on.value_axis([0, 100], lambda v: f"{v}K")
    lines, labels = drawn(on, "rect"), drawn(on, "text")
    assert [line["fill"] for line in lines] == [f"var(--grid,{GRID})"] * 2
    assert [label["x"] for label in labels] == ["300", "400"]
    assert ">100K</text>" in on.svg("x")


def test_text_is_smaller_for_a_phone() -> None:
    wide, narrow = (Sheet(w, 100, left=0, right=0, top=0, bottom=0) for w in (WIDE, NARROW))
    assert (wide.size, wide.small, narrow.size, narrow.small) == (14, 13, 13, 12)
    assert 'class="snb-narrow" display="none"' in narrow.svg("x")


@pytest.mark.parametrize("word", show_frames.FORMS)
def test_what_was_drawn_before_changes_nothing(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    show_frames.install(monkeypatch)
    first = evidence_html(show_frames.every()[word], "en")
    for other in show_frames.every().values():
        evidence_html(other, "zh")
    assert evidence_html(show_frames.every()[word], "en") == first


def test_a_run_is_one_line_through_its_points():
    on = Sheet(110, 60, 10, 0, top=10, bottom=0, across=(0.0, 2.0), down=(10.0, 0.0))
    on.run([(0, 0), (1, 10), (2, 5)], INK, 1.5, "6 4")
    assert on.parts == [
        '<polyline points="10,60 60,10 110,35" fill="none" stroke="var(--ink,#1b1d20)" stroke-width="1.5"'
        ' stroke-dasharray="6 4"/>'
    ]

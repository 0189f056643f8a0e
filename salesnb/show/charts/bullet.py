"""Actual against target: the bar is what was reached, the ink line the target, the gap stands at the right."""

from __future__ import annotations

from salesnb import words
from salesnb.findings.finding import Finding, number_of
from salesnb.show.canvas import Sheet
from salesnb.show.charts.bars import bars
from salesnb.show.charts.marks import (
    Mark,
    axis_title,
    chart_of,
    label_room,
    marks,
    nice_ticks,
    put_label,
    row_height,
    span,
    tick,
    value_of,
)
from salesnb.show.numbers import figure
from salesnb.show.palette import INK
from salesnb.show.sentence import column_name

_TOP, _BOTTOM, _LINE = 26, 24, 0.42


def draw(finding: Finding, lang: str, width: int, label: str) -> str:
    """Return the drawing for one width."""
    found = marks(finding, lang)
    targets = [value_of(finding, "target", m.position) for m in found]
    left = label_room(found, width)
    right = 62 if width < 400 else 84
    height = _TOP + _BOTTOM + row_height(found) * len(found)
    on = Sheet(width, height, left, right, top=_TOP, bottom=_BOTTOM, down=(-0.5, len(found) - 0.5))
    low, high = span([*(m.value for m in found), *targets])
    on.across = (low, high * 1.02)
    column = chart_of(finding).columns["value"]
    unit = finding.unit(column, found[0].position) if found else ""
    on.value_axis(nice_ticks(low, high, 3 if on.narrow else 5), lambda t: tick(t, unit, lang))
    bars(on, found)
    for y, target in enumerate(targets):
        if target is not None:
            on.stroke(target, y - _LINE, y + _LINE, INK, thick=2)
    _labels(on, finding, found, left, lang)
    _heads(on, finding, column, lang)
    return on.svg(label)


def _labels(on: Sheet, finding: Finding, found: list[Mark], left: float, lang: str) -> None:
    """Write names at the left and gaps at the right edge."""
    for y, mark in enumerate(found):
        put_label(on, y, mark, left, bold=mark.accent)
        text = mark.text
        if "gap" in finding.rows.columns:
            gap = number_of(finding.rows["gap"].iloc[mark.position])
            text = figure(gap, finding.unit("gap", mark.position), lang, "signed")
        on.put(on.width, y, text, bold=mark.accent, anchor="end", absolute=True)


def _heads(on: Sheet, finding: Finding, column: str, lang: str) -> None:
    """Say above the marks what the bar, the line and the figures at the right are."""
    last = column_name("gap" if "gap" in finding.rows.columns else column, lang)
    bar = f"▬ {axis_title(finding, column, lang)} ┃ {words.text('show', 'target', lang)}"
    on.head(on.width, last, anchor="end", absolute=True)
    on.head(0, bar)

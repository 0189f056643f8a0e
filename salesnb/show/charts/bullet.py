"""Actual against target: the bar is what was reached, the ink line the target, the gap stands at the right."""

from __future__ import annotations

from salesnb import words
from salesnb.findings.finding import Finding, number_of
from salesnb.show.canvas import Sheet, sheet, svg, value_axis
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
from salesnb.show.palette import INK, MUTED
from salesnb.show.sentence import column_name

_TOP, _BOTTOM, _LINE = 26, 24, 0.42


def draw(finding: Finding, lang: str, width: int, label: str) -> str:
    """Return the drawing for one width."""
    found = marks(finding, lang)
    targets = [value_of(finding, "target", m.position) for m in found]
    left = label_room(found, width)
    right = 62 if width < 400 else 84
    height = _TOP + _BOTTOM + row_height(found) * len(found)
    with sheet(width, height, left=left, right=right, top=_TOP, bottom=_BOTTOM) as on:
        low, high = span([*(m.value for m in found), *targets])
        column = chart_of(finding).columns["value"]
        unit = finding.unit(column, found[0].position) if found else ""
        bars(on, found)
        on.axes.set(xlim=(low, high * 1.02), ylim=(len(found) - 0.5, -0.5), xlabel="", ylabel="")
        value_axis(on, nice_ticks(low, high, 3 if on.narrow else 5), lambda t: tick(t, unit, lang))
        _lines(on, targets)
        _labels(on, finding, found, left, lang)
        _heads(on, finding, column, lang)
        return svg(on, label, "narrow" if on.narrow else "wide")


def _lines(on: Sheet, targets: list[float | None]) -> None:
    for y, target in enumerate(targets):
        if target is not None:
            on.axes.plot(
                [target, target],
                [y - _LINE, y + _LINE],
                color=INK,
                linewidth=2,
                solid_capstyle="butt",
                clip_on=False,
            )


def _labels(on: Sheet, finding: Finding, found: list[Mark], left: float, lang: str) -> None:
    """Write names at the left and gaps at the right edge."""
    for y, mark in enumerate(found):
        put_label(on, y, mark, left, bold=mark.accent)
        text = mark.text
        if "gap" in finding.rows.columns:
            gap = number_of(finding.rows["gap"].iloc[mark.position])
            text = figure(gap, finding.unit("gap", mark.position), lang, "signed")
        on.put(on.width, y, text, bold=mark.accent, ha="right", across=True)


def _heads(on: Sheet, finding: Finding, column: str, lang: str) -> None:
    """Say above the marks what the bar, the line and the figures at the right are."""
    last = column_name("gap" if "gap" in finding.rows.columns else column, lang)
    on.put(on.width, -0.5, last, colour=MUTED, size=on.small, ha="right", across=True, dy=10, va="baseline")
    bar = axis_title(finding, column, lang)
    target = words.text("show", "target", lang)
    on.put(0, -0.5, f"▬ {bar}   ┃ {target}", colour=MUTED, size=on.small, dy=10, va="baseline")

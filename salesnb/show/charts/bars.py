"""Ranked horizontal bars from zero, signed."""

from salesnb import words
from salesnb.findings.columns import column_of
from salesnb.findings.finding import Finding
from salesnb.show.canvas import Sheet
from salesnb.show.charts.marks import (
    Mark,
    axis_title,
    chart_of,
    label_room,
    marks,
    nice_ticks,
    put_label,
    put_value,
    row_height,
    span,
    tick,
)
from salesnb.show.palette import INK
from salesnb.show.text import width as text_width

_TOP, _BOTTOM, _BAR = 24, 24, 0.58


def draw(finding: Finding, lang: str, width: int, label: str) -> str:
    """Return the drawing for one width."""
    column = chart_of(finding).columns["value"]
    found = marks(finding, lang)
    left = label_room(found, width)
    height = _TOP + _BOTTOM + row_height(found) * len(found)
    on = Sheet(width, height, left, right=2, top=_TOP, bottom=_BOTTOM, down=(-0.5, len(found) - 0.5))
    on.across = _limits(on, found, column, width - left - 2)
    unit = finding.unit(column, found[0].position) if found else ""
    low, high = _span(found, column)
    on.value_axis(nice_ticks(low, high, 3 if on.narrow else 5, unit), lambda t: tick(t, unit, lang))
    bars(on, found)
    on.upright(0, INK)
    if (goal := column_of(column).par) is not None:
        on.upright(goal, INK, thick=2)
        on.head(goal, words.text("show", "target", lang), anchor="end")
    for y, mark in enumerate(found):
        put_label(on, y, mark, left, bold=mark.accent)
        end = mark.value or 0.0
        put_value(on, _clear_of(end, goal, on), y, mark, before=end < 0, bold=mark.accent)
    on.head(0, axis_title(finding, column, lang))
    return on.svg(label)


def _span(found: list[Mark], column: str) -> tuple[float, float]:
    """Return what the axis must reach: zero, all values, and the target where it is the same for all."""
    return span([*(m.value for m in found), column_of(column).par])


def _clear_of(end: float, goal: float | None, on: Sheet) -> float:
    """Return where a bar's figure begins: beyond the target's line where it would stand on it."""
    return goal if goal is not None and end < goal < on.value_at(on.x(end) + 52) else end


def bars(on: Sheet, found: list[Mark]) -> None:
    """Draw the bars from zero; the accent is the mark that the title names."""
    for y, mark in enumerate(found):
        on.bar(0.0, mark.value or 0.0, y, _BAR, mark.colour)


def _limits(on: Sheet, found: list[Mark], column: str, pixels: float) -> tuple[float, float]:
    """Return the limits of the axis that leave room for what is written at the ends of the bars."""
    low, high = _span(found, column)
    before = max((text_width(m.text) * on.size + 10 for m in found if (m.value or 0) < 0), default=0.0)
    after = max((text_width(m.text) * on.size + 10 for m in found if (m.value or 0) >= 0), default=0.0)
    scale = (high - low) / max(pixels - before - after, 40)
    return low - before * scale, high + after * scale

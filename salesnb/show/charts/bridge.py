"""Parts that add up: each begins where the one before ended, and the last bar is their sum, from zero."""

from __future__ import annotations

from itertools import accumulate

from salesnb.findings.finding import Finding
from salesnb.show.canvas import Sheet, sheet, svg, value_axis
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
)
from salesnb.show.palette import BARS, INK, MUTED, PAPER
from salesnb.show.text import width as text_width

_ROW, _TOP, _BOTTOM, _BAR = 34, 26, 24, 0.5


def draw(finding: Finding, lang: str, width: int, label: str) -> str:
    """Return the drawing for one width."""
    chart = chart_of(finding)
    found = marks(finding, lang)
    left = label_room(found, width)
    height = _TOP + _BOTTOM + max(row_height(found), _ROW) * len(found)
    with sheet(width, height, left=left, right=2, top=_TOP, bottom=_BOTTOM) as on:
        ends = _ends(found, chart.total)
        low, high = span([e for pair in ends for e in pair])
        room = max((text_width(m.text) * on.size + 12 for m in found), default=0)
        scale = (high - low) / max(width - left - 2 - 2 * room, 40)
        on.axes.set(xlim=(low - room * scale, high + room * scale), ylim=(len(found) - 0.5, -0.5))
        column = chart.columns["value"]
        unit = finding.unit(column, found[0].position) if found else ""
        value_axis(on, nice_ticks(low, high, 3 if on.narrow else 5), lambda t: tick(t, unit, lang))
        on.axes.axvline(0, color=INK, linewidth=1.5)
        for y, (mark, (start, end)) in enumerate(zip(found, ends, strict=True)):
            _part(on, y, mark, start, end, is_total=mark.position == chart.total, last=y == len(found) - 1)
            put_label(on, y, mark, left, bold=mark.accent or mark.position == chart.total)
        on.put(
            0,
            -0.5,
            axis_title(finding, column, lang),
            colour=MUTED,
            size=on.small,
            dy=10,
            va="baseline",
            ha=_side(low, high),
        )
        return svg(on, label, "narrow" if on.narrow else "wide")


def _side(low: float, high: float) -> str:
    return "right" if -low > high else "left"


def _ends(found: list[Mark], total: int | None) -> list[tuple[float, float]]:
    """Return where each bar starts and ends on the axis; the total starts from zero."""
    parts = [m.value or 0.0 for m in found if m.position != total]
    reached = iter([0.0, *accumulate(parts)])
    following = iter(accumulate(parts))
    return [(0.0, m.value or 0.0) if m.position == total else (next(reached), next(following)) for m in found]


def _part(on: Sheet, y: int, mark: Mark, start: float, end: float, *, is_total: bool, last: bool) -> None:
    gain = end > start and not is_total
    fill = INK if is_total else PAPER if gain else mark.colour
    on.axes.barh(
        y,
        end - start,
        left=start,
        height=_BAR,
        color=fill,
        edgecolor=mark.colour if gain else fill,
        linewidth=1.5 if gain else 0,
    )
    if not is_total and not last:
        on.axes.plot([end, end], [y + _BAR / 2, y + 1 - _BAR / 2], color=BARS, linewidth=1)
    behind = end < start
    on.put(
        end,
        y,
        mark.text,
        bold=mark.accent or is_total,
        ha="right" if behind else "left",
        dx=-7 if behind else 7,
    )

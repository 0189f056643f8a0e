"""Parts that add up: each begins where the one before ended, and the last bar is their sum, from zero."""

from itertools import accumulate

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
from salesnb.show.palette import BARS, INK, PAPER
from salesnb.show.text import width as text_width

_ROW, _TOP, _BOTTOM, _BAR = 34, 26, 24, 0.5


def draw(finding: Finding, lang: str, width: int, label: str) -> str:
    """Return the drawing for one width."""
    chart = chart_of(finding)
    found = marks(finding, lang)
    left = label_room(found, width)
    height = _TOP + _BOTTOM + max(row_height(found), _ROW) * len(found)
    on = Sheet(width, height, left, right=2, top=_TOP, bottom=_BOTTOM, down=(-0.5, len(found) - 0.5))
    ends = _ends(found, chart.total)
    low, high = span([e for pair in ends for e in pair])
    room = max((text_width(m.text) * on.size + 12 for m in found), default=0)
    scale = (high - low) / max(width - left - 2 - 2 * room, 40)
    on.across = (low - room * scale, high + room * scale)
    column = chart.columns["value"]
    unit = finding.unit(column, found[0].position) if found else ""
    on.value_axis(nice_ticks(low, high, 3 if on.narrow else 5, unit), lambda t: tick(t, unit, lang))
    _parts(on, found, ends, chart.total)
    for y, (mark, (start, end)) in enumerate(zip(found, ends, strict=True)):
        bold = mark.accent or mark.position == chart.total
        put_label(on, y, mark, left, bold=bold)
        put_value(on, end, y, mark, before=end < start, bold=bold, apart=7)
    on.head(0, axis_title(finding, column, lang), anchor="end" if -low > high else "start")
    return on.svg(label)


def _ends(found: list[Mark], total: int | None) -> list[tuple[float, float]]:
    """Return where each bar starts and ends on the axis; the total starts from zero."""
    parts = [m.value or 0.0 for m in found if m.position != total]
    reached = iter([0.0, *accumulate(parts)])
    following = iter(accumulate(parts))
    return [(0.0, m.value or 0.0) if m.position == total else (next(reached), next(following)) for m in found]


def _parts(on: Sheet, found: list[Mark], ends: list[tuple[float, float]], total: int | None) -> None:
    """Draw the bars, the line they start from, and what leads from the end of one to the start of the next."""
    for y, (mark, (start, end)) in enumerate(zip(found, ends, strict=True)):
        if mark.position == total:
            on.bar(start, end, y, _BAR, INK)
        elif end > start:
            on.bar(start, end, y, _BAR, PAPER, edge=mark.colour, thick=1.5)
        else:
            on.bar(start, end, y, _BAR, mark.colour)
    on.upright(0, INK, thick=1.5)
    for y, (mark, (_, end)) in enumerate(zip(found[:-1], ends, strict=False)):
        if mark.position != total:
            on.stroke(end, y + _BAR / 2, y + 1 - _BAR / 2, BARS, thick=1)

"""Actual against target: the bar is what was reached, the ink line the target, the gap stands at the right.

Where rows carry a light they stand under it, so that who is behind is told by place, word and shape.
"""

from dataclasses import dataclass

from salesnb import words
from salesnb.findings.columns import column_of
from salesnb.findings.finding import Finding, number_of, text_of
from salesnb.show.canvas import Sheet
from salesnb.show.charts.marks import (
    Mark,
    axis_title,
    chart_of,
    label_room,
    marks,
    nice_ticks,
    put_label,
    row_height,
    short_name,
    span,
    tick,
    values_of,
)
from salesnb.show.light import mark_of
from salesnb.show.numbers import stacked
from salesnb.show.palette import BARS, INK
from salesnb.show.text import shortened
from salesnb.show.text import width as text_width

_TOP, _BOTTOM, _BAR, _LINE = 28, 24, 0.58, 0.42
_KEY = 22
"""Pixels that the drawn sign of a key takes, with the space after it."""


@dataclass(frozen=True)
class _Line:
    """One line of the drawing: a mark with its target and what stands at its right, or the light above some."""

    mark: Mark | None
    target: float | None = None
    aside: str = ""
    light: str = ""


def draw(finding: Finding, lang: str, width: int, label: str) -> str:
    """Return the drawing for one width."""
    found = marks(finding, lang)
    lines = _lines(finding, found, lang)
    left = label_room(found, width)
    heads = short_name(_aside(finding), lang)
    wanted = [text_width(line.aside) * (13 if width < 400 else 14) for line in lines]
    right = max(*wanted, text_width(heads) * 13 if width >= 400 else 0.0, 40.0) + 16
    height = _TOP + _BOTTOM + row_height(found) * len(lines)
    on = Sheet(width, height, left, right, top=_TOP, bottom=_BOTTOM, down=(-0.5, len(lines) - 0.5))
    low, high = span([*(m.value for m in found), *(line.target for line in lines)])
    on.across = (low, high * 1.02)
    column = chart_of(finding).columns["value"]
    unit = finding.unit(column, found[0].position) if found else ""
    on.value_axis(nice_ticks(low, high, 3 if on.narrow else 5, unit), lambda t: tick(t, unit, lang))
    for y, line in enumerate(lines):
        _put(on, y, line, left, lang)
    _heads(on, finding, heads, right, lang)
    return on.svg(label)


def _aside(finding: Finding) -> str:
    """Return the column that stands at the right: the one named for it, else the gap, else the bar's own."""
    columns = chart_of(finding).columns
    return columns.get("aside") or ("gap" if "gap" in finding.rows.columns else columns["value"])


def _lines(finding: Finding, found: list[Mark], lang: str) -> list[_Line]:
    column = _aside(finding)
    numbers = finding.rows[column].tolist()
    values = [number_of(numbers[m.position]) for m in found]
    unit = finding.unit(column, found[0].position) if found else ""
    asides = stacked(values, unit, lang, signed=column_of(column).signed)
    lights = _lights(finding, found)
    lines: list[_Line] = []
    targets = values_of(finding, "target", found)
    for mark, target, aside, light in zip(found, targets, asides, lights, strict=True):
        if light and light not in {line.light for line in lines}:
            lines.append(_Line(None, light=light))
        lines.append(_Line(mark, target, aside))
    return lines


def _lights(finding: Finding, found: list[Mark]) -> list[str]:
    """Return the rows' lights; none where rows of one light do not stand together."""
    column = chart_of(finding).columns.get("light")
    codes = finding.rows[column].tolist() if column else []
    lights = [text_of(codes[m.position]) for m in found] if column else []
    changes = sum(now != before for now, before in zip(lights[1:], lights[:-1], strict=True))
    return lights if lights and changes == len(set(lights)) - 1 else [""] * len(found)


def _put(on: Sheet, y: int, line: _Line, left: float, lang: str) -> None:
    if line.mark is None:
        colour, shape = mark_of(line.light)
        on.shape(0, y + 0.1, shape, colour)
        word = words.text("show", f"light.{line.light}", lang)
        on.put(18, y + 0.1, word, colour=colour, bold=line.light not in {"met", "green"}, absolute=True)
        return
    on.bar(0.0, line.mark.value or 0.0, y, _BAR, line.mark.colour)
    if line.target is not None:
        on.stroke(line.target, y - _LINE, y + _LINE, INK, thick=2)
    put_label(on, y, line.mark, left, bold=line.mark.accent)
    on.put(on.width, y, line.aside, bold=line.mark.accent, anchor="end", absolute=True)


def _heads(on: Sheet, finding: Finding, aside: str, right: float, lang: str) -> None:
    """Say above the marks what the bar, the line and the figures at the right are."""
    columns = chart_of(finding).columns
    bar = axis_title(finding, columns["value"], lang)
    aside = shortened(aside, (max(right, 0.3 * on.width) if on.narrow else right) / on.small)
    on.head(on.width, aside, anchor="end", absolute=True, above=12)
    middle = on.top - 12 - 0.36 * on.small
    begin = 0.0 if on.narrow else on.left  # on a phone the names' room is needed too
    on.box(begin, middle - 4, 16, 8, BARS)
    on.head(begin + _KEY, bar, absolute=True, above=12)
    if "target" in columns:
        named = columns["target"]
        line = words.text("show", "target", lang) if named == "target" else short_name(named, lang)
        x = begin + _KEY + text_width(bar) * on.small + 18
        on.box(x, middle - 7, 2, 14, INK)
        room = on.width - x - 8 - text_width(aside) * on.small - 8
        on.head(x + 8, shortened(line, room / on.small), absolute=True, above=12)

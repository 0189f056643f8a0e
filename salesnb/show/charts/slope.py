"""Before and after: a line a member from what it was to what it is, with both figures at its ends."""

from collections.abc import Sequence

from salesnb import words
from salesnb.findings.finding import Finding
from salesnb.show.canvas import Sheet
from salesnb.show.charts.marks import Mark, axis_title, chart_of, marks, span, values_of
from salesnb.show.numbers import figure
from salesnb.show.palette import GRID, INK, MUTED
from salesnb.show.text import shortened
from salesnb.show.text import width as text_width

_TOP, _BOTTOM, _LINE = 56, 12, 18
_LEAST = 170


def draw(finding: Finding, lang: str, width: int, label: str) -> str:
    """Return the drawing for one width."""
    found = marks(finding, lang)
    before = values_of(finding, "before", found)
    after = [m.value for m in found]
    column = chart_of(finding).columns["value"]
    unit = finding.unit(column, found[0].position) if found else ""
    texts = [figure(v, unit, lang) for v in (*before, *after)]
    names = [shortened(m.label, width * 0.26 / 14) for m in found]
    sides = [f"{n}  {t}" for n, t in zip(names, texts, strict=False)], texts[len(found) :]
    left, right = (max((text_width(t) for t in side), default=0) * 14 + 20 for side in sides)
    height = _TOP + _BOTTOM + max(_LEAST, 2 * _LINE * len(found))
    on = Sheet(width, height, left, max(right, width * 0.16), top=_TOP, bottom=_BOTTOM)
    low, high = span([*before, *after])
    on.down = (high, low)
    on.upright(0, GRID)
    on.upright(1, GRID)
    _lines(on, found, before, after)
    for x, side, values in ((0, sides[0], before), (1, sides[1], after)):
        _labels(on, found, side, values, x)
    on.head(0, axis_title(finding, column, lang), absolute=True, above=40)
    for x, role in ((0, "before"), (1, "value")):
        name = words.text("show", f"at.{chart_of(finding).columns[role]}", lang)
        on.head(x, name, anchor="middle", above=18)
    return on.svg(label)


def _lines(on: Sheet, found: list[Mark], before: Sequence[float | None], after: Sequence[float | None]) -> None:
    """Draw the lines, what the title names above the others."""
    for mark, old, now in sorted(zip(found, before, after, strict=True), key=lambda line: line[0].accent):
        thick = 2.5 if mark.accent else 1.5
        if old is not None and now is not None:
            on.slant((0, old), (1, now), mark.colour, thick)
        for x, value in ((0, old), (1, now)):
            if value is not None:
                on.dot(x, value, mark.colour, 4 if mark.accent else 3)


def _labels(on: Sheet, found: list[Mark], texts: Sequence[str], values: Sequence[float | None], x: int) -> None:
    """Write names and figures beside the ends of the lines, apart from each other where lines end close together."""
    known = sorted((i for i, v in enumerate(values) if v is not None), key=lambda i: -(values[i] or 0.0))
    wanted = [on.y(values[i] or 0.0) for i in known]
    for i, y in zip(known, spread(wanted, _LINE, on.top, on.height - on.bottom), strict=True):
        anchor, apart = ("end", -10) if x == 0 else ("start", 10)
        colour = INK if found[i].accent or x == 0 else MUTED
        on.put_at(on.x(x) + apart, y, texts[i], anchor=anchor, bold=found[i].accent, colour=colour)


def spread(places: Sequence[float], apart: float, first: float, last: float) -> list[float]:
    """Return places, given from the top down, moved as little as it takes to stand apart and within limits."""
    found: list[float] = []
    for place in places:
        found.append(max(place, found[-1] + apart if found else first))
    limit = last
    for i in range(len(found) - 1, -1, -1):
        found[i] = min(found[i], limit)
        limit = found[i] - apart
    return found

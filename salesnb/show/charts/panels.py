"""Small multiples: one row a member, one narrow panel a figure, all bars on one scale.

Panels of a deal's stages make a funnel that is read from left to right; panels of several targets show what a score
is made of.
"""

from dataclasses import dataclass

from salesnb.findings.columns import column_of
from salesnb.findings.finding import Finding, text_of
from salesnb.show.canvas import Sheet
from salesnb.show.charts.marks import Mark, chart_of, figures, label_room, marks, put_label, short_name, tick
from salesnb.show.palette import ACCENT, BARS, GRID, INK
from salesnb.show.sentence import capitalised, member
from salesnb.show.text import shortened
from salesnb.show.text import width as text_width

_TOP, _BOTTOM, _BARE, _APART = 44, 24, 4, 20
_STAGES = ("first", "second", "third", "fourth")


@dataclass(frozen=True)
class _Panel:
    """One figure of all members: its head, and value and text for each of them."""

    head: str
    column: str
    cells: list[tuple[float | None, str]]

    @property
    def goal(self) -> float | None:
        """Where all that was asked is reached, where that is the same for all."""
        return column_of(self.column).par


def draw(finding: Finding, lang: str, width: int, label: str) -> str:
    """Return the drawing for one width."""
    found = marks(finding, lang)
    panels = _panels(finding, found, lang)
    aside = _aside(finding, found, lang)
    least, apart = (64.0, 12) if width >= 400 else (50.0, 6)
    right = max(least, *(text_width(t) * 14 + apart for t in aside)) if aside else _APART / 2 + 2
    on, across = _sheet(found, panels, width, right)
    highest = max((v for p in panels for v, _ in p.cells if v is not None), default=0.0)
    goals = [p.goal for p in panels if p.goal is not None]
    scale = _Scale(across - _APART, _room(on, panels, across - _APART), max([highest, *goals]) or 1.0)
    for number, panel in enumerate(panels):
        _panel(on, panel, found, on.left + number * across, scale, lang)
    for y, mark in enumerate(found):
        put_label(on, y, mark, on.left, bold=mark.accent)
    for y, text in enumerate(aside):
        on.put(width, y, text, bold=found[y].accent, anchor="end", absolute=True)
    if aside:
        name = short_name(chart_of(finding).columns["aside"], lang)
        _head(on, name, width, right + _APART, anchor="end")
    return on.svg(label)


def _sheet(found: list[Mark], panels: list[_Panel], width: int, right: float) -> tuple[Sheet, float]:
    """Return the sheet and the pixels from panel to panel; heads that do not fit have two lines."""
    left = label_room(found, width)
    across = (width - left - right + _APART) / max(len(panels), 1)
    small = 12 if width < 400 else 13
    two = any(text_width(p.head) * small > across - _APART / 2 for p in panels)
    top = _TOP if two else _TOP - 15
    bottom = _BOTTOM if any(p.goal is not None for p in panels) else _BARE
    height = top + bottom + (40 if width < 400 else 28) * len(found)
    on = Sheet(width, round(height), left, right, top=top, bottom=bottom, down=(-0.5, len(found) - 0.5))
    return on, across


@dataclass(frozen=True)
class _Scale:
    """How wide a panel is, how much of that its longest bar may take, and which value that is: the same for all."""

    wide: float
    room: float
    highest: float

    def pixels(self, value: float) -> float:
        """Return how long the bar of a value is."""
        return max(value, 0.0) / self.highest * self.room


def _room(on: Sheet, panels: list[_Panel], wide: float) -> float:
    """Return the pixels for bars: on a phone all, since figures stand above them, else what figures leave."""
    texts = [text for panel in panels for _, text in panel.cells]
    return wide if on.narrow else wide - max((text_width(t) for t in texts), default=0.0) * on.size - 8


def _panels(finding: Finding, found: list[Mark], lang: str) -> list[_Panel]:
    columns = chart_of(finding).columns
    if "panel" not in columns:
        return [_whole(finding, columns[s], found, lang) for s in _STAGES if s in columns]
    parts = [p for p in _parts(finding, found, lang) if any(v is not None for v, _ in p.cells)]
    return [_whole(finding, columns["value"], found, lang), *parts]


def _whole(finding: Finding, column: str, found: list[Mark], lang: str) -> _Panel:
    told = figures(finding, column, lang)
    return _Panel(short_name(column, lang), column, [told[m.position] for m in found])


def _parts(finding: Finding, found: list[Mark], lang: str) -> list[_Panel]:
    """Return a panel for each part, such as a KPI: rows of the same member that name one."""
    columns, rows = chart_of(finding).columns, finding.rows
    labels, parts = ([text_of(v) for v in rows[columns[r]].tolist()] for r in ("label", "panel"))
    told = figures(finding, columns["part"], lang)
    rows_of_parts = zip(labels, parts, told, strict=True)
    cells = {(who, part): cell for who, part, cell in rows_of_parts if who and part}
    return [
        _Panel(
            capitalised(member(columns["panel"], part, lang)), columns["part"],
            [cells.get((labels[m.position], part), (None, "")) for m in found],
        )
        for part in dict.fromkeys(part for _, part in cells)
    ]  # fmt: skip


def _aside(finding: Finding, found: list[Mark], lang: str) -> list[str]:
    column = chart_of(finding).columns.get("aside")
    told = figures(finding, column, lang) if column else []
    return [told[m.position][1] for m in found] if told else []


def _panel(on: Sheet, panel: _Panel, found: list[Mark], x: float, scale: _Scale, lang: str) -> None:
    """Draw one panel from a place on: its head, its bars from zero, the line of its goal, what is at both."""
    _head(on, panel.head, x, scale.wide + _APART / 2)
    bottom = on.height - on.bottom
    on.box(x, on.top, 1, bottom - on.top, GRID)
    for y, (value, text) in enumerate(panel.cells):
        long = scale.pixels(value or 0.0)
        colour, bold = (ACCENT, True) if found[y].accent else (BARS, False)
        middle = on.y(y)
        if on.narrow:
            on.box(x, middle + 6, long, 7, colour)
            on.put(x, y, text, bold=bold, absolute=True, dy=-5)
        else:
            on.box(x, middle - 8, long, 16, colour)
            on.put(x, y, text, bold=bold, absolute=True, dx=max(long, scale.pixels(panel.goal or 0.0)) + 6)
    if panel.goal is not None:
        at = x + scale.pixels(panel.goal)
        for y in range(len(found)):
            middle = on.y(y)
            top, tall = (middle + 3, 13) if on.narrow else (middle - 11, 22)
            on.box(at - 1, top, 2, tall, INK)
        on.foot_at(at, tick(panel.goal, "rate", lang))


def _head(on: Sheet, text: str, x: float, room: float, anchor: str = "start") -> None:
    """Write a panel's head in at most two lines above it."""
    most = room / on.small
    if " " not in text and text.isascii():  # a word is not broken: it may come near to the next panel's
        most += (_APART / 2 - 2) / on.small
    first, second = _two_lines(text, most)
    lines = [first, second] if second else [first]
    for number, line in enumerate(reversed(lines)):
        on.head(x, shortened(line, most), anchor=anchor, absolute=True, above=8 + 15 * number)


def _two_lines(text: str, ems: float) -> tuple[str, str]:
    """Break text once where it is too wide: at a space, or anywhere in a language without them."""
    if text_width(text) <= ems:
        return text, ""
    bracket = text.find("（")
    if bracket > 0:
        return text[:bracket], text[bracket:]
    words = text.split(" ")
    if len(words) == 1:
        kept = next((i for i in range(len(text), 0, -1) if text_width(text[:i]) <= ems), 1)
        return text[:kept], text[kept:]
    kept = next((i for i in range(len(words) - 1, 0, -1) if text_width(" ".join(words[:i])) <= ems), 1)
    return " ".join(words[:kept]), " ".join(words[kept:])

"""What the drawn forms share: which rows are drawn, what is written at them, how wide the label column is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from salesnb import words
from salesnb.findings.columns import column_of
from salesnb.findings.finding import Chart, Finding, number_of, text_of
from salesnb.show.canvas import NARROW, Sheet
from salesnb.show.numbers import currency_unit, figure, unit_told
from salesnb.show.palette import ACCENT, BARS, MUTED
from salesnb.show.sentence import capitalised, column_name, member, member_text
from salesnb.show.text import fact_link, shortened, width

MOST = 20
"""Marks drawn at most; the table beneath has all rows, and the drawing says how many more there are."""


@dataclass(frozen=True)
class Mark:
    """One row as it is drawn: its label, its value (None: not available) and the value as written."""

    position: int
    label: str
    group: str
    value: float | None
    text: str
    accent: bool

    @property
    def colour(self) -> str:
        """Accent where the title names it, else the grey of bars."""
        return ACCENT if self.accent else BARS


def chart_of(finding: Finding) -> Chart:
    """Return the finding's chart; a drawn form is never asked for one without."""
    assert finding.chart is not None
    return finding.chart


def drawn(finding: Finding) -> tuple[int, ...]:
    """Return the positions of the rows to draw."""
    rows = chart_of(finding).rows
    return tuple(range(len(finding.rows))) if rows is None else rows


def marks(finding: Finding, lang: str) -> list[Mark]:
    """Return the rows to draw, in order, at most `MOST`."""
    chart, places = chart_of(finding), drawn(finding)[:MOST]
    values = figures(finding, chart.columns["value"], lang)
    labels = _labels(finding, places, lang)
    return [Mark(p, *names, *values[p], accent=p in chart.accent) for p, names in zip(places, labels, strict=True)]


def figures(finding: Finding, column: str, lang: str) -> list[tuple[float | None, str]]:
    """Return every row's figure and how a mark carries it: signed where it is a difference.

    Where it rests on too few cases it is their number that is written, and no figure is drawn.
    """
    style, found = style_of(column), []
    rows = zip(finding.rows[column].tolist(), finding.units(column), strict=True)
    for position, (value, unit) in enumerate(rows):
        few = finding.too_few(column, position)
        number = number_of(value) if few is None else None
        text = figure(number, unit, lang, style)
        found.append((number, text if few is None else words.text("show", "cases", lang, count=few)))
    return found


def style_of(column: str) -> str:
    """Return the style in which a figure is written: with its sign where it is a difference."""
    return "signed" if column_of(column).signed else ""


def amount(finding: Finding, column: str, position: int, lang: str, *, fine: bool = False) -> str:
    """Return one figure as written, blank where it is not available; of a first screen it leads to its proof."""
    number = number_of(finding.rows[column].iloc[position]) if column in finding.rows.columns else None
    if number is None:
        return ""
    style = style_of(column) + ("-fine" if fine else "")
    written = figure(number, finding.unit(column, position), lang, style)
    return f"{fact_link(finding.fact_name(column, position))}{written}</a>" if finding.front else written


def short_name(column: str, lang: str) -> str:
    """Return the name of a column as there is room for it above marks."""
    short = words.has("show", f"at.{column}")
    return words.text("show", f"at.{column}", lang) if short else column_name(column, lang)


def left_over(finding: Finding) -> int:
    """Return how many rows a drawn form leaves to the table."""
    return max(len(drawn(finding)) - MOST, 0)


def _labels(finding: Finding, places: Sequence[int], lang: str) -> list[tuple[str, str]]:
    """Return rows' labels and, blank where they have none, their groups."""
    labels, groups = (_members(finding, role, places, lang) for role in ("label", "group"))
    total = words.text("show", "total", lang)
    return [(label, group) if label else (group or total, "") for label, group in zip(labels, groups, strict=True)]


def _members(finding: Finding, role: str, places: Sequence[int], lang: str) -> list[str]:
    column = chart_of(finding).columns.get(role)
    if not column:
        return [""] * len(places)
    if column == "member":  # all that identifies a row, where no single dimension does
        return [capitalised(member_text(finding, p, lang)) for p in places]
    texts = [text_of(v) for v in finding.rows[column].tolist()]
    return [capitalised(member(column, texts[p], lang)) if texts[p] else "" for p in places]


def values_of(finding: Finding, role: str, found: Sequence[Mark]) -> list[float | None]:
    """Return the figures that play a role in some rows, None where the role is not given."""
    column = chart_of(finding).columns.get(role)
    numbers = finding.rows[column].tolist() if column else [None] * len(finding.rows)
    return [number_of(numbers[m.position]) for m in found]


def label_room(found: Sequence[Mark], sheet_width: int) -> float:
    """Return the pixels for the column of labels: what they take, at most two fifths of the sheet."""
    size = 13 if sheet_width == NARROW else 14
    sides = ((width(m.label) * _heavy(m.accent), width(m.group) * _heavy(False)) for m in found)
    widest = max((w for pair in sides for w in pair), default=0.0)
    return min(widest * size + 16, sheet_width * 0.38)


def _heavy(bold: bool) -> float:
    """Return how much wider than usual text runs in the widest of the fonts that pages may be read in."""
    return 1.2 if bold else 1.08


def put_label(on: Sheet, y: float, mark: Mark, room: float, *, bold: bool = False) -> None:
    """Write a row's label at the left edge, its group beneath, both shortened to their room."""
    least = (room - 10) / on.size
    label, group = (shortened(t, least / _heavy(b)) for t, b in ((mark.label, bold), (mark.group, False)))
    if not group:
        on.put(0, y, label, bold=bold, absolute=True)
        return
    on.put(0, y, label, bold=bold, absolute=True, dy=-8)
    on.put(0, y, group, absolute=True, dy=8, size=on.small, colour=MUTED)


def put_value(on: Sheet, x: float, y: float, mark: Mark, *, before: bool, bold: bool, apart: float = 6) -> None:
    """Write a row's value beyond the end of its bar: ``before`` it where the bar points to the left."""
    on.put(x, y, mark.text, bold=bold, anchor="end" if before else "start", dx=-apart if before else apart)


def row_height(found: Sequence[Mark]) -> int:
    """Return the pixels from row to row: more where labels have two lines."""
    return 40 if any(m.group for m in found) else 28


def axis_title(finding: Finding, column: str, lang: str) -> str:
    """Return the name of a figure with its unit, e.g. ``Sales, CNY``."""
    name = column_name(column, lang)
    positions = drawn(finding)
    unit = finding.unit(column, positions[0]) if positions else ""
    if unit == "money":
        unit = currency_unit(finding.scope.settings.company.currency, "", lang)
    else:
        unit = words.text("show", f"unit.{unit}", lang) if words.has("show", f"unit.{unit}") else ""
    if not unit or unit_told(name, unit):
        return name
    return words.text("show", "unit_in_head", lang, name=name, unit=unit)


def nice_ticks(low: float, high: float, most: int, unit: str = "") -> list[float]:
    """Return round values between two others, at most ``most`` + 1 of them; whole ones where what counts is whole."""
    if high <= low:
        return [low]
    from matplotlib.ticker import MaxNLocator  # a second that only what draws an axis waits for

    whole = unit in _WHOLE
    found = MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10], integer=whole).tick_values(low, high)
    return [0.0 if abs(t) < 1e-12 * (high - low) else float(t) for t in found if low <= t <= high * (1 + 1e-9)]


_WHOLE = frozenset({"count", "days"})


def tick(value: float, unit: str, lang: str) -> str:
    """Write a value on an axis: round ones without decimals."""
    return figure(value, unit, lang).replace(".0", "") if unit in {"rate", "score"} else figure(value, unit, lang)


def span(values: Sequence[float | None]) -> tuple[float, float]:
    """Return the lowest and highest value, zero within."""
    known = [v for v in values if v is not None and math.isfinite(v)]
    return min([0.0, *known]), max([0.0, *known]) or (1.0 if not any(known) else 0.0)

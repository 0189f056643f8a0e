"""The one table: a finding's rows with their units in the heads, digits aligned, reasons where a figure is absent."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from salesnb import words
from salesnb.findings.columns import LABELS, column_of
from salesnb.findings.finding import NOT_ASKED, Finding, number_of, text_of
from salesnb.show.light import rated
from salesnb.show.numbers import NOT_AVAILABLE, Scale, currency_unit, figure, money_scale
from salesnb.show.sentence import column_name, member
from salesnb.show.text import escaped, width

MOST_ROWS = 50
"""Rows shown at most; a line counts the others."""

_LONG = 18
"""Ems above which text may wrap; names and figures never do."""

_SHARES = frozenset({"rate", "score"})
"""Units that are written in percent."""


@dataclass(frozen=True)
class _Column:
    """What one column holds and how it is written: by a money scale of the whole table, or each figure by itself."""

    name: str
    values: Sequence[Any]
    units: Sequence[str]
    scale: Scale | None
    digits: int | None = None
    """Decimals of counts and the like, the same in all rows; None where rows measure different things."""

    @property
    def unit(self) -> str:
        """The unit of all its figures, which then stands in its head; blank where they differ."""
        return self.units[0] if len(set(self.units)) == 1 else ""

    @property
    def is_figure(self) -> bool:
        """Whether it holds figures, which have units, not text."""
        return bool(self.units)


def table_html(finding: Finding, lang: str, label: str) -> str:
    """Return the table in a box of its own that scrolls sideways and can be reached by keyboard; '' without rows."""
    shown = shown_columns(finding)
    if not len(finding.rows) or not shown:
        return ""
    columns = _columns(finding, shown, lang)
    heads = [_head(finding, column, lang) for column in columns]
    drawn = _markup(columns, heads, _body(finding, columns, lang), label)
    more = len(_shown(finding)) - MOST_ROWS
    note = words.text("show", "more_rows", lang, count=f"{more:,}") if more > 0 else ""
    box = f'<div class="snb-scroll" tabindex="0" role="group" aria-label="{escaped(label)}">{drawn}</div>'
    return f'{box}<p class="snb-more">{note}</p>' if note else box


def shown_columns(finding: Finding) -> list[str]:
    """Return the columns of the table, without dimensions that no row uses: these would be empty."""
    asked = finding.table or tuple(finding.rows.columns)
    known = [c for c in asked if c in finding.rows.columns]
    return [c for c in known if c in finding.figures or any(text_of(value) for value in finding.rows[c])]


def _body(finding: Finding, columns: Sequence[_Column], lang: str) -> list[tuple[bool, list[str]]]:
    """Return the rows: whether the title names it where the table is all there is to see, and its cells as written."""
    chart = finding.chart
    named = chart.accent if chart and chart.form == "table" else ()
    shown = _shown(finding)[:MOST_ROWS]
    rows = [(p in named, [_cell(finding, column, p, lang) for column in columns]) for p in shown]
    # A row that has nothing in these columns was made for other figures; its label alone would say nothing.
    told = [row for row in rows if any(row[1][1:] if len(row[1]) > 1 else row[1])] or rows
    _fill_heads([cells for _, cells in told], columns, lang)
    return told


def _shown(finding: Finding) -> Sequence[int]:
    """Return the rows of the table: all, or where the table is all there is to see, those that it is to show."""
    chart = finding.chart
    if chart is None or chart.form != "table" or chart.rows is None:
        return range(len(finding.rows))
    return chart.rows


def _fill_heads(cells: list[list[str]], columns: Sequence[_Column], lang: str) -> None:
    """Fill blank row heads: a blank dimension is all of it, and a head that says nothing helps nobody."""
    head = _row_head(columns)
    if head is None:
        return
    word = NOT_AVAILABLE if columns[head].name in LABELS else words.text("show", "all_of_it", lang)
    for row in cells:
        row[head] = row[head] or f'<span class="snb-muted">{word}</span>'


def _row_head(columns: Sequence[_Column]) -> int | None:
    """Return which column names the rows: the first that is text."""
    return next((i for i, c in enumerate(columns) if not c.is_figure), None)


def _markup(
    columns: Sequence[_Column], heads: Sequence[str], body: Sequence[tuple[bool, list[str]]], label: str
) -> str:
    """Return the table's markup; heads and cells are escaped already.

    Every cell names its heads, by ids that no other table has and that are the same whenever it is made.
    """
    own = "t" + hashlib.sha256(repr((label, body)).encode()).hexdigest()[:8]
    stub = _row_head(columns)
    order = sorted(range(len(columns)), key=lambda i: i != stub)
    sides = [' class="snb-right"' if c.is_figure else "" for c in columns]
    top = "".join(f'<th{sides[i]} scope="col" id="{own}-c{i}">{heads[i]}</th>' for i in order)
    lines = []
    for number, (named, cells) in enumerate(body, start=1):
        row = f"{own}-stub-{number} " if stub is not None else ""
        made = "".join(
            f'<th scope="row" id="{own}-stub-{number}">{cells[i]}</th>'
            if i == stub
            else f'<td headers="{row}{own}-c{i}"{sides[i]}>{cells[i]}</td>'
            for i in order
        )
        lines.append(f'<tr class="snb-named">{made}</tr>' if named else f"<tr>{made}</tr>")
    return f'<table class="snb-table"><thead><tr>{top}</tr></thead><tbody>{"".join(lines)}</tbody></table>'


def _columns(finding: Finding, shown: Sequence[str], lang: str) -> list[_Column]:
    values = {c: finding.rows[c].tolist() for c in shown}
    units = {c: finding.units(c) for c in shown if c in finding.figures}
    money = [c for c, found in units.items() if set(found) == {"money"}]
    amounts = [abs(v) for c in money for x in values[c] if (v := number_of(x)) is not None]
    scale = money_scale(max(amounts, default=0.0), lang)
    return [
        _Column(c, values[c], own, scale if c in money else None, _digits(values[c], own))
        for c in shown
        for own in (units.get(c, ()),)
    ]


def _digits(values: Sequence[Any], units: Sequence[str]) -> int | None:
    """Return the decimals that the figures of a plain column need, as `figure` would write the one that needs most."""
    if len(set(units)) != 1 or units[0] in {"money", *_SHARES}:
        return None
    known = [abs(v) for x in values if (v := number_of(x)) is not None]
    if all(v == round(v) for v in known):
        return 0
    return 2 if max(known) < 10 else 1


def _head(finding: Finding, column: _Column, lang: str) -> str:
    name = escaped(column_name(column.name, lang))
    if column.scale:
        unit = currency_unit(finding.scope.settings.company.currency, column.scale.letter, lang)
    else:
        known = words.has("show", f"unit.{column.unit}")
        unit = words.text("show", f"unit.{column.unit}", lang) if known else ""
    return f'{name} <span class="snb-unit">{escaped(unit)}</span>' if unit else name


def _cell(finding: Finding, column: _Column, position: int, lang: str) -> str:
    value = column.values[position]
    if not column.is_figure:
        return _text(finding, column.name, text_of(value), position, lang)
    number = number_of(value)
    if number is None:
        return _absent(finding, column.name, position, lang)
    if (few := finding.too_few(column.name, position)) is not None:
        return _few(few, lang)
    signed = column_of(column.name).signed
    if column.scale:
        return column.scale.write(number, signed=signed)
    return _plain(column, number, position, lang, "signed" if signed else "")


def _plain(column: _Column, number: float, position: int, lang: str, style: str) -> str:
    """Return a figure that is no money: without its unit where the head has it, digits beneath each other."""
    unit = column.units[position]
    if column.unit in {*_SHARES, "points"}:
        return figure(number, "rate", lang, style).removesuffix("%")
    if column.digits is None:
        return figure(number, unit, lang, style)
    return Scale(1.0, "", column.digits).write(number, signed=bool(style))


def _text(finding: Finding, column: str, value: str, position: int, lang: str) -> str:
    if column == "light":
        return rated(value, lang) if value else ""
    if value:
        written = member(column, value, lang)
        return (
            f'<span class="snb-long">{escaped(written)}</span>'
            if width(written) > _LONG
            else escaped(written)
        )
    return words.text("show", "total", lang) if _is_first_dimension(finding, column, position) else ""


def _is_first_dimension(finding: Finding, column: str, position: int) -> bool:
    """Tell whether a blank here means the total: the row has no member at all and this is its first dimension."""
    blank = all(not text_of(finding.rows[d].iloc[position]) for d in finding.dimensions)
    return blank and column == finding.dimensions[0]


def _few(count: int, lang: str) -> str:
    """Return the count in place of a rate that rests on too few cases."""
    reason = escaped(words.text("reasons", "small_n", lang))
    shown = words.text("show", "cases", lang, count=count)
    return f'<span class="snb-muted" title="{reason}">{shown}</span>'


def _absent(finding: Finding, column: str, position: int, lang: str) -> str:
    code = finding.reason(column, position)
    if code == NOT_ASKED:
        return ""
    reason = escaped(words.text("reasons", code, lang))
    return f'<span title="{reason}" aria-hidden="true">{NOT_AVAILABLE}</span><span class="snb-hide">{reason}</span>'

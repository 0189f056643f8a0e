"""The one table: a finding's rows with their units in the heads, digits aligned, reasons where a figure is absent."""

import hashlib
from collections.abc import Sequence

from salesnb import words
from salesnb.findings.finding import Finding
from salesnb.show.cells import Cell, Column, Table
from salesnb.show.light import rated
from salesnb.show.rows import rows_of
from salesnb.show.text import escaped, width

MOST_ROWS = 50
"""Rows shown at most; a line counts the others."""

VERDICTS = frozenset({"light", "status", "verdict"})
"""Columns that stand after the first two that name a row: on a phone only the first ones are seen."""

_LONG = 18
"""Ems above which text may wrap; names and figures never do."""


def table_of(finding: Finding, lang: str) -> Table:
    """Return the table of a finding."""
    return Table(rows_of(finding), finding.scope.settings.company.currency, lang)


def table_html(finding: Finding, lang: str, label: str, most: int = MOST_ROWS) -> str:
    """Return the table in a box of its own that scrolls sideways and can be reached by keyboard; '' without rows.

    It has at most so many rows; a line counts the others.
    """
    table = table_of(finding, lang)
    if not len(finding.rows) or not table.columns:
        return ""
    # What the title names is marked where the table is all there is to see.
    named = finding.chart.accent if finding.chart and finding.chart.form == "table" else ()
    body = table.body(_shown(finding)[:most])
    drawn = _markup(table, [(p in named, [_cell(cell, lang) for cell in cells]) for p, cells in body], label)
    more = len(_shown(finding)) - most
    note = words.text("show", "more_rows", lang, count=f"{more:,}") if more > 0 else ""
    box = f'<div class="snb-scroll" tabindex="0" role="group" aria-label="{escaped(label)}">{drawn}</div>'
    return f'{box}<p class="snb-more">{note}</p>' if note else box


def _shown(finding: Finding) -> Sequence[int]:
    """Return the rows of the table: all, or where the table is all there is to see, those that it is to show."""
    chart = finding.chart
    if chart is None or chart.form != "table" or chart.rows is None:
        return range(len(finding.rows))
    return chart.rows


def _markup(table: Table, body: Sequence[tuple[bool, list[str]]], label: str) -> str:
    """Return the table's markup; cells are escaped already.

    Every cell names its heads, by ids that no other table has and that are the same whenever it is made.
    """
    own = "t" + hashlib.sha256(repr((label, body)).encode()).hexdigest()[:8]
    stub, columns, heads = table.stub, table.columns, [_head(table, c) for c in table.columns]
    order = _order(columns, stub)
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


def _order(columns: Sequence[Column], stub: int | None) -> list[int]:
    """Return the places of columns as they are shown: heads of rows, verdicts, then the others."""
    order = sorted(range(len(columns)), key=lambda i: i != stub)
    second = order[1:2] if len(order) > 1 and not columns[order[1]].is_figure else []
    heads = [i for i in (*order[:1], *second) if columns[i].name not in VERDICTS]
    verdicts = [i for i in order if columns[i].name in VERDICTS]
    return [*heads, *verdicts, *(i for i in order if i not in {*heads, *verdicts})]


def _head(table: Table, column: Column) -> str:
    name, unit = (escaped(text) for text in table.head(column))
    return f'{name} <span class="snb-unit">{unit}</span>' if unit else name


def _cell(cell: Cell, lang: str) -> str:
    text, why = escaped(cell.text), escaped(cell.why)
    if cell.kind == "light":
        return rated(str(cell.value), lang)
    if cell.kind == "absent" and why:
        return f'<span title="{why}" aria-hidden="true">{text}</span><span class="snb-hide">{why}</span>'
    if cell.kind == "few":  # the count in place of a rate that rests on too few cases
        return f'<span class="snb-muted" title="{why}">{text}</span>'
    if cell.kind == "whole":
        return f'<span class="snb-muted">{text}</span>'
    return f'<span class="snb-long">{text}</span>' if cell.kind != "figure" and width(cell.text) > _LONG else text

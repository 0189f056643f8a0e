"""A finding's rows as plain values: what a spreadsheet, a calendar entry or a check takes, in no language."""

from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import east_asian_width

from salesnb.findings.finding import NOT_ASKED, Finding, number_of, text_of
from salesnb.show.numbers import NOT_AVAILABLE

_MANY, _WIDEST = 50, 28


def rows_of(finding: Finding) -> dict[str, Any]:
    """Return the rows behind chart and table.

    ``columns`` name the columns in the order of ``rows``, each with ``kind`` (``figure``, ``dimension`` or ``label``)
    and, for a figure, ``unit`` (one, or a list of one a row where they differ). A figure is a number in its unit,
    money in currency units, None where it is not available or rests on too few cases to be shown; the rest is text,
    dates in ISO format. ``absent`` lists figures that are asked for and not shown as row, column and the reason's code,
    or the number of cases where these are too few. ``shown`` names the columns of the table on the page, ``chart`` the
    form and the columns of the drawing, None without one.
    """
    chart = finding.chart
    columns = [_column(finding, name) for name in finding.rows.columns]
    values, absent = [], []
    for place, name in enumerate(finding.rows.columns):
        own, hidden = _values(finding, str(name))
        values.append(own)
        absent += [[row, place, why] for row, why in hidden]
    return {
        "finding": finding.id,
        "columns": columns,
        "rows": [list(row) for row in zip(*values, strict=True)],
        "absent": absent,
        "shown": [c for c in finding.table or finding.rows.columns if c in finding.rows.columns],
        "chart": {"form": chart.form, "columns": dict(chart.columns)} if chart else None,
    }


def told_apart_by(rows: Mapping[str, Any]) -> list[str]:
    """Return the dimensions that tell rows as plain values apart: those that have more than one member."""
    kinds = [(i, column["name"]) for i, column in enumerate(rows["columns"]) if column["kind"] == "dimension"]
    return [name for i, name in kinds if len({row[i] for row in rows["rows"]} - {"", None}) > 1]


def _column(finding: Finding, name: str) -> dict[str, Any]:
    if name not in finding.figures:
        return {"name": name, "kind": "label" if finding.is_label(name) else "dimension"}
    units = finding.units(name)
    same = len(set(units)) <= 1
    return {"name": name, "kind": "figure", "unit": (units or [""])[0] if same else units}


def _values(finding: Finding, name: str) -> tuple[Sequence[float | str | None], Sequence[tuple[int, str | int]]]:
    """Return the values of a column, and by row why a figure of it is not shown."""
    values = finding.rows[name].tolist()
    if name not in finding.figures:
        return [text_of(v) for v in values], ()
    shown, hidden = [number_of(v) for v in values], list[tuple[int, str | int]]()
    for row, value in enumerate(shown):
        why = finding.reason(name, row) if value is None else finding.too_few(name, row)
        if why is not None and why != NOT_ASKED:
            shown[row] = None
            hidden.append((row, why))
    return shown, hidden


def rows_text(finding: Finding, most: int = _MANY) -> str:
    """Return the first rows of a finding as aligned text, by the names of their columns."""
    rows = finding.rows.iloc[:most]
    columns = {str(name): rows[name].tolist() for name in rows.columns}
    figures = set(finding.figures)
    named = {name: values for name, values in columns.items() if name in figures or any(map(text_of, values))}
    cells = [["", *(map(str, rows.index))]]
    for name, values in named.items():
        cells.append([name, *(_figure(v) if name in figures else text_of(v)[:_WIDEST] for v in values)])
    more = len(finding.rows) - most
    return aligned(cells) + (f"\n… +{more:,}" if more > 0 else "")


def _figure(value: Any) -> str:
    number = number_of(value)
    if number is None:
        return NOT_AVAILABLE
    if number == round(number):
        return f"{number:,.0f}"
    return f"{number:,.2f}" if abs(number) >= 100 else f"{number:.4g}"


def aligned(columns: Sequence[Sequence[str]]) -> str:
    """Return columns of cells as lines, each column as wide as its widest cell; Chinese letters are two wide."""
    made = []
    for cells in columns:
        wide = [sum(1 + (east_asian_width(c) in "WF") for c in cell) for cell in cells]
        made.append([" " * (max(wide) - own) + cell for cell, own in zip(cells, wide, strict=True)])
    return "\n".join("  ".join(line).rstrip() for line in zip(*made, strict=True))

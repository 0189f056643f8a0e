"""A finding's rows as plain values: what a spreadsheet, a calendar entry or a check takes, in no language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from salesnb.findings.finding import NOT_ASKED, Finding, number_of, text_of


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


def _column(finding: Finding, name: str) -> dict[str, Any]:
    if name not in finding.figures:
        return {"name": name, "kind": "label" if finding.is_label(name) else "dimension"}
    units = finding.units(name)
    same = len(set(units)) <= 1
    return {"name": name, "kind": "figure", "unit": (units or [""])[0] if same else units}


def _values(
    finding: Finding, name: str
) -> tuple[Sequence[float | str | None], Sequence[tuple[int, str | int]]]:
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

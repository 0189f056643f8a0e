"""Periods that are written as a day: which ones they are, told by the calendar and by the whole column.

A day names the period of the calendar table that begins on it. Spreadsheets write months as their first days, so a
column of nothing else is one of months. Any other day names no period: it is not the month that it lies in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from salesnb.calendar import Calendar, month
from salesnb.data.reading import row_files
from salesnb.data.taking.staging import Staged
from salesnb.data.taking.validation import ROW, Fault
from salesnb.errors import ScopeError

_FINEST_FIRST = ("week", "month", "quarter", "year")
_STAMPED = frozenset({"actions", "issued"})
"""Tables whose period tells when something was said: any day of it will do."""


def settle(staged: Staged, calendar: Calendar) -> None:
    """Give the days among a table's periods the names of periods; set rows aside whose period does not exist."""
    for column in (c.name for c in staged.table.columns.values() if c.type == "period"):
        parts = list(staged.batches())
        rows = pa.concat_tables(parts) if parts else None
        if rows is None or not rows.num_rows:
            continue
        written = [w for w in pc.unique(rows.column(column)).to_pylist() if w is not None]
        named = _named(written, calendar, staged.table.name)
        if any(name != own for own, name in named.items()):
            _rewrite(staged, rows, column, named)


def _named(written: Iterable[str], calendar: Calendar, table: str) -> dict[str, str]:
    """Return the name of each period as it is written; blank where there is none."""
    days = {text: day for text in written if (day := _day(text)) is not None}
    if table in _STAMPED:
        return {text: month(day.year, day.month).name for text, day in days.items()}
    starts = {
        level: {p.start: p.name for p in calendar.fiscal if p.level == level} for level in _FINEST_FIRST
    }
    whole = next((own for own in starts.values() if days and all(d in own for d in days.values())), None)
    anywhere = {day: name for level in reversed(_FINEST_FIRST) for day, name in starts[level].items()}
    known = anywhere if whole is None else whole
    months = whole is None and not starts["month"] and all(day.day == 1 for day in days.values())
    found = {
        text: month(day.year, day.month).name if months else known.get(day, "") for text, day in days.items()
    }
    return {text: found.get(text, text if _exists(text, calendar) else "") for text in written}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2025-09-01") else None
    except ValueError:
        return None


def _exists(name: str, calendar: Calendar) -> bool:
    try:
        calendar.period(name)
    except ScopeError:
        return False
    return True


def _rewrite(staged: Staged, rows: pa.Table, column: str, named: Mapping[str, str]) -> None:
    header = next((plan.header(column) for plan in staged.plans if column in plan.provided), column)
    cells, positions = rows.column(column).to_pylist(), rows.column(ROW).to_pylist()
    gone = []
    for text, position in zip(cells, positions, strict=True):
        if text is not None and not named.get(text, text):
            ledger, place = staged.place(position)
            reason = "period_unknown" if _day(text) is None else "period_is_a_day"
            ledger.faults.setdefault(place, []).append(Fault(header, text, reason))
            gone.append(position)
    names = pa.array([None if text is None else named.get(text, text) for text in cells], pa.string())
    made = rows.set_column(rows.schema.get_field_index(column), column, names)
    with row_files.writer(staged.path, made.schema) as writer:
        writer.write_table(made)
    staged.drop(gone)

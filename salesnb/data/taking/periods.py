"""Periods in tables: days that stand for one get its name; the calendar table is judged as a whole."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc

from salesnb.calendar import LEVELS, Calendar, Period, from_rows, month
from salesnb.data.reading import row_files
from salesnb.data.reading.remarks import Remark
from salesnb.data.taking.staging import Staged
from salesnb.data.taking.validation import ROW, Fault
from salesnb.errors import Problem, ScopeError, problem

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
    starts = {level: {p.start: p.name for p in calendar.fiscal if p.level == level} for level in _FINEST_FIRST}
    whole = next((own for own in starts.values() if days and all(d in own for d in days.values())), None)
    anywhere = {day: name for level in reversed(_FINEST_FIRST) for day, name in starts[level].items()}
    known = anywhere if whole is None else whole
    months = whole is None and not starts["month"] and all(day.day == 1 for day in days.values())
    found = {text: month(day.year, day.month).name if months else known.get(day, "") for text, day in days.items()}
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


# -- the calendar table as a whole: periods that overlap, end before they begin or stand in no order; gaps


@dataclass(frozen=True)
class _Row:
    period: Period
    file: str
    row: int

    @property
    def told(self) -> str:
        p = self.period
        return f"{p.name} {p.start} - {p.end} ({self.file}:{self.row})"


def problems_of(staged: Staged) -> list[Problem]:
    """Return what is wrong with the periods of a calendar table, each with the rows it is about."""
    rows = _rows(staged)
    found = [problem("calendar_backwards", row=r.told) for r in rows if r.period.end < r.period.start]
    names: dict[str, _Row] = {}
    for row in rows:
        if (first := names.setdefault(row.period.name, row)) is not row:
            found.append(problem("calendar_name_twice", row=row.told, other=first.told))
    for before, after in _neighbours(rows):
        if after.period.start <= before.period.end:
            found.append(problem("calendar_overlap", row=after.told, other=before.told))
        elif (after.period.year, after.period.number) <= (before.period.year, before.period.number):
            found.append(problem("calendar_order", row=after.told, other=before.told))
    return found


def gaps_of(staged: Staged) -> list[Remark]:
    """Return a remark for each stretch of days between two periods of a level that belongs to neither."""
    return [
        Remark(
            "calendar_gap",
            staged.table.name,
            after.file,
            "",
            f"{before.period.end + timedelta(days=1)} - {after.period.start - timedelta(days=1)}",
            (after.period.start - before.period.end).days - 1,
        )
        for before, after in _neighbours(_rows(staged))
        if after.period.start > before.period.end + timedelta(days=1)
    ]


def _rows(staged: Staged) -> list[_Row]:
    made = []
    for batch in staged.batches():
        cells = batch.to_pylist()
        for period, row in zip(from_rows(cells), cells, strict=True):
            ledger, place = staged.place(row[ROW])
            made.append(_Row(period, ledger.file, ledger.numbers.at(place)))
    return made


def _neighbours(rows: list[_Row]) -> Iterator[tuple[_Row, _Row]]:
    """Yield the periods of each level that follow one another."""
    for level in LEVELS:
        of_level = [r for r in rows if r.period.level == level and r.period.start <= r.period.end]
        yield from pairwise(sorted(of_level, key=lambda r: (r.period.start, r.period.end)))

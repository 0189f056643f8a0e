"""The calendar table as a whole: periods that overlap, end before they begin or stand in no order; gaps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from salesnb.calendar import LEVELS, Period, from_rows
from salesnb.data.reading.remarks import Remark
from salesnb.data.taking.staging import Staged
from salesnb.data.taking.validation import ROW
from salesnb.errors import Problem, problem


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

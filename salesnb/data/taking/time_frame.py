"""The frame of time: the first and the newest day, set by the bulk of all dates of what has happened.

One mistyped year must not move the newest day, the latest period or the beginning of the history. Few rows that lie
far from all others, farther than the usual pauses of the data, are outside: they are set aside and named.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data.reading.remarks import Remark
from salesnb.data.taking.quarantine import Ledger
from salesnb.data.taking.staging import Staged
from salesnb.data.taking.validation import ROW, Fault

_HAPPENED = {"orders": ("order_date",), "opportunities": ("created_date", "close_date"),
            "activities": ("activity_date",), "receipts": ("received_date",)}  # fmt: skip

_SOLD = {"signed": "signed_date", "invoiced": "invoiced_date"}
"""The date of a sale where it is not that of the order, by basis."""

_LOGGED = {"stage_history": ("entered_date",), "snapshots": ("snapshot_date",), "notes": ("note_date",)}
"""Further dates of the past; they do not move the end of the data, but lie within it or far from it like the others."""

_EPOCH = date(1970, 1, 1)
_DAYS = (date(2100, 12, 31) - _EPOCH).days + 1
"""Dates lie between these, see ``salesnb.data.cells.values``."""

_NAMED = 3

_MONTHS = 3
"""Two orders may fall on first days by chance."""

_PAUSES = 5
"""Rows are outside where what parts them from the others is longer than so many of the longest usual pauses."""


@dataclass(frozen=True)
class _Rule:
    """How many rows, beyond how many days without any, may be outside, from how many dates on that can be told."""

    days: int
    share: float
    most: int
    least: int

    def allowed(self, dates: int) -> int:
        """Return how many rows at most may be outside."""
        return min(self.most, max(1, int(self.share * dates))) if dates >= self.least else 0


_YEARS = _Rule(days=2 * 365, share=0.02, most=_DAYS, least=5)
_AHEAD = (_Rule(days=75, share=0.005, most=20, least=30), _YEARS)
"""A summer break is shorter."""
_BEFORE = (_Rule(days=180, share=0.005, most=20, least=30), _YEARS)
"""The first orders of a young company may lie alone."""


def happened(basis: str) -> dict[str, tuple[str, ...]]:
    """Return by table the dates of what has happened, sales under a basis too; the newest is the end of the data."""
    sold = (_SOLD[basis],) if basis in _SOLD else ()
    return {**_HAPPENED, "orders": (*_HAPPENED["orders"], *sold)}


def settle(tables: Mapping[str, Staged], basis: str, first: date | None = None, last: date | None = None) -> None:
    """Set aside the rows whose date lies outside the frame of time of all tables together.

    Of a deal that is closed within the frame only an odd date of creation is left out.

    Parameters
    ----------
    tables
        The staged tables by name.
    basis
        Which date makes a sale, see ``sales.basis`` of the settings.
    first, last
        First and last day by hand, in place of what the bulk of the dates says.
    """
    found = {(n, c): _counted(tables[n], c) for n, c in _sources(tables, basis)}
    low, high = limits(list(found.values()))
    low = low if first is None else (first - _EPOCH).days
    high = high if last is None else (last - _EPOCH).days
    for (name, column), counts in found.items():
        if counts[:low].any() or counts[high + 1 :].any():
            _leave_out(tables[name], column, low, high)


def by_months(tables: Mapping[str, Staged], basis: str) -> bool:
    """Tell whether all that has happened is dated by first days of months, three or more: each stands for its month."""
    days: set[date] = set()
    for name, columns in happened(basis).items():
        for column in columns if name in tables else ():
            for rows in _happened(tables[name], column):
                days.update(pc.unique(rows.column(column)).to_pylist())
                if any(day.day != 1 for day in days):
                    return False
    return len(days) >= _MONTHS


def _sources(tables: Mapping[str, Staged], basis: str) -> Iterator[tuple[str, str]]:
    for name, columns in (happened(basis) | _LOGGED).items():
        yield from ((name, column) for column in columns if name in tables)


def _counted(staged: Staged, column: str) -> np.ndarray:
    """Return how many rows have each day since 1970."""
    counts = np.zeros(_DAYS, dtype=np.int64)
    for rows in _happened(staged, column):
        counts += np.bincount(_days(rows, column), minlength=_DAYS)
    return counts


def _happened(staged: Staged, column: str) -> Iterator[pa.Table]:
    """Yield the rows that have a date; that of an open deal's close has not happened."""
    deals = staged.table.name == "opportunities"
    for rows in staged.batches([column, *(_OF_DEALS - {column} if deals else ())]):
        kept = rows.filter(pc.is_valid(rows.column(column)))
        yield kept.filter(_closed(kept)) if column == "close_date" else kept


_OF_DEALS = {"status", "close_date"}


def _closed(deals: pa.Table) -> pa.ChunkedArray:
    return pc.not_equal(deals.column("status"), "open")


def _days(rows: pa.Table, column: str) -> np.ndarray:
    return rows.column(column).cast(pa.int32()).to_numpy()


# -- where the bulk of the dates ends


def limits(sources: list[np.ndarray]) -> tuple[int, int]:
    """Return the first and the last day that are inside, both as days since 1970.

    ``sources`` has for each column of dates how many rows each day since 1970 has, up to the end of 2100.
    """
    last = _last(sources, _AHEAD)
    first = _last([counts[::-1] for counts in sources], _BEFORE)
    return _DAYS - 1 - first, last


def _last(sources: list[np.ndarray], rules: tuple[_Rule, ...]) -> int:
    """Return the day after which only few rows come, far from all others; the very last day where there is none."""
    last = _DAYS - 1
    while (day := _cut(sources, rules)) is not None:  # without the farthest, those before them may be far
        last = day
        sources = [np.where(np.arange(_DAYS) <= day, counts, 0) for counts in sources]
    return last


def _cut(sources: list[np.ndarray], rules: tuple[_Rule, ...]) -> int | None:
    counts = sum(sources, np.zeros(_DAYS, dtype=np.int64))
    days, dates = np.flatnonzero(counts), int(counts.sum())
    beyond = dates - np.cumsum(counts[days])[:-1]
    for day, gap, rows in zip(days[:-1].tolist(), np.diff(days).tolist(), beyond.tolist(), strict=True):
        if any(gap > rule.days and rows <= rule.allowed(dates) for rule in rules):
            own = [source for source in sources if source[day + 1 :].any()]
            if gap > _PAUSES * max(_usual_pause(source[: day + 1]) for source in (counts, *own)):
                return day
    return None


def _usual_pause(counts: np.ndarray) -> int:
    """Return the longest stretch between two days with rows, apart from the few rows at the other end."""
    days = np.flatnonzero(counts)
    if len(days) < 2:
        return 0
    few = max(1, int(_YEARS.share * counts.sum()))
    inside = np.cumsum(counts[days])[:-1] > few
    return int(np.diff(days)[inside].max(initial=0))


# -- rows outside


def _leave_out(staged: Staged, column: str, low: int, high: int) -> None:
    for odd in [_outside(rows, column, low, high) for rows in _happened(staged, column)]:
        places, days = odd.column(ROW).to_numpy(), _days(odd, column)
        kept = _dated_otherwise(odd, low, high) if column == "created_date" else np.zeros(len(days), bool)
        _blank(staged, column, places[kept], days[kept])
        _quarantine(staged, column, places[~kept], days[~kept], high)


def _outside(rows: pa.Table, column: str, low: int, high: int) -> pa.Table:
    days = _days(rows, column)
    return rows.filter(pa.array((days < low) | (days > high)))


def _dated_otherwise(deals: pa.Table, low: int, high: int) -> np.ndarray:
    """Tell which deals are closed on a day inside: that day places them."""
    closed = pc.fill_null(deals.column("close_date").cast(pa.int32()), -1).to_numpy()
    return np.asarray(_closed(deals)) & (closed >= low) & (closed <= high)


def _blank(staged: Staged, column: str, places: np.ndarray, days: np.ndarray) -> None:
    """Leave the dates out and tell of each file how many, with a few of them."""
    staged.blank(column, places)
    told: dict[str, list[str]] = {}
    headers: dict[str, str] = {}
    for position, day in zip(places.tolist(), days.tolist(), strict=True):
        ledger, place = staged.place(position)
        told.setdefault(ledger.file, []).append(f"{_shown(day)} (:{ledger.numbers.at(place)})")
        headers[ledger.file] = _header(staged, ledger, column)
    for file, found in told.items():
        few = ", ".join(found[:_NAMED])
        staged.remarks.append(Remark("date_left_out", staged.table.name, file, headers[file], few, len(found)))


def _shown(day: int) -> str:
    return (_EPOCH + timedelta(days=day)).isoformat()


def _quarantine(staged: Staged, column: str, places: np.ndarray, days: np.ndarray, high: int) -> None:
    for position, day in zip(places.tolist(), days.tolist(), strict=True):
        ledger, place = staged.place(position)
        reason = "date_far_ahead" if day > high else "date_far_before"
        ledger.faults[place] = [Fault(_header(staged, ledger, column), _shown(day), reason)]
    staged.drop(places.tolist())


def _header(staged: Staged, ledger: Ledger, column: str) -> str:
    plans = zip(staged.plans, staged.ledgers, strict=True)
    return next(plan for plan, kept in plans if kept is ledger).header(column)

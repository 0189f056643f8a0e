"""Since when, and until when, things are recorded: logs, lost deals, receipts, told once by the whole company's data.

A log that begins in mid-year says nothing of the days before: they are not known, and they are not zero. A team's
slice could not tell whether nobody logged then or only this team did not.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesnb.calendar import Window
from salesnb.data.reading.remarks import Remark
from salesnb.data.taking.staging import Staged

Records = Mapping[str, Window | None]
"""What is recorded, e.g. ``activities.call``, and on which days; None: never. What is not named always is."""

LOSSES, RECEIVED, AMOUNTS = "losses", "receipts.received", "amounts"

_LOGS = {"activities": ("activity_date", "kind"), "notes": ("note_date", "kind"), "stage_history": ("entered_date", "")}
_TABLES = {"activities": "activity_date", "opportunities": "close_date", "receipts": "due_date"}
_EPOCH = date(1970, 1, 1)
_LONG_AGO, _NEVER_ENDS = date.min, date.max
_ALWAYS = Window(_LONG_AGO, _NEVER_ENDS)

_STOPPED = 3
"""A log has stopped where nothing came for longer than so many of its longest pauses, a week at least."""

_WEEK = 7
_LATE_PAYMENT = 60
"""Days after the first due date within which the first payment may come in."""

_CHANCE, _Z = 1e-3, 1.96
"""Chance of as many wins in a row, at the rate of the other days, below which losses were not recorded in them."""


def told_by(tables: Mapping[str, Staged], first: date, last: date) -> dict[str, Window | None]:
    """Return since when and until when what a company records is recorded.

    Parameters
    ----------
    tables
        Staged tables by name.
    first, last
        First day of the sales history, and newest day of the data.

    Returns
    -------
    dict
        ``activities``, ``receipts`` and ``opportunities`` (closes) where they are there, ``activities.<kind>``,
        ``notes.<kind>`` and ``stage_history`` for the logs; ``losses`` where any deal was closed;
        ``receipts.received``; ``amounts``, None where deals stand for orders and no won one carries both an amount and
        a day.
    """
    found: dict[str, Window | None] = {}
    for name, (column, kind) in _LOGS.items():
        for member, days in _days_by(tables, name, column, kind):
            found[member] = _stretch(days, _number(first), _number(last))
    for name, column in _TABLES.items():
        for member, days in _days_by(tables, name, column, ""):
            found[member] = _stretch(days, _number(first), _number(last))
    found |= _losses(tables)
    if "receipts" in tables:
        found[RECEIVED] = _received(tables["receipts"], _number(last))
    if "orders" not in tables and _any(deals := tables["opportunities"], _is_won) and not _any(deals, _is_sale):
        found[AMOUNTS] = None
    return found


def to_manifest(records: Records) -> dict[str, list[str] | None]:
    """Return records as JSON holds them."""
    return {name: w and [w.start.isoformat(), w.end.isoformat()] for name, w in sorted(records.items())}


def from_manifest(kept: Mapping[str, list[str] | None]) -> dict[str, Window | None]:
    """Return the records that `to_manifest` gave."""
    return {name: Window(*map(date.fromisoformat, w)) if w else None for name, w in kept.items()}


# -- logs


def _days_by(tables: Mapping[str, Staged], name: str, column: str, kind: str) -> Iterator[tuple[str, np.ndarray]]:
    """Yield for each kind of entry of a log the days that have any, in order."""
    if name not in tables:
        return
    found: dict[str, set[int]] = {}
    for rows in tables[name].batches([column, *([kind] if kind else [])]):
        rows = rows.filter(pc.is_valid(rows.column(column)))
        keys = rows.column(kind).to_pylist() if kind else [""] * rows.num_rows
        for key, day in zip(keys, _numbers(rows, column).tolist(), strict=True):
            found.setdefault(f"{name}.{key}" if kind else name, set()).add(day)
    yield from ((member, np.array(sorted(days))) for member, days in sorted(found.items()))


def _stretch(days: np.ndarray, first: int, last: int) -> Window:
    """Return the days on which a log is kept; one that begins within a usual pause, or a week, has always been."""
    pause = int(np.diff(days).max(initial=0))
    begins, ends = int(days[0]), int(days[-1])
    late, stopped = begins - first > max(pause, _WEEK), last - ends > _STOPPED * max(pause, _WEEK)
    return Window(_day(begins) if late else _LONG_AGO, _day(ends) if stopped else _NEVER_ENDS)


# -- deals


def _losses(tables: Mapping[str, Staged]) -> dict[str, Window | None]:
    """Return on which days lost deals are recorded, by their close; nothing where no deal is closed at all."""
    if "opportunities" not in tables:
        return {}
    deals = tables["opportunities"]
    won, lost = (_closes(deals, status) for status in ("won", "lost"))
    if not len(lost) or not len(won):
        alone = len(won) or (len(lost) and _any(deals, _is_won))  # wins alone, or losses beside wins without a day
        return {LOSSES: None} if alone else {}
    rate = _at_most(int(((won >= lost[0]) & (won <= lost[-1])).sum()), len(lost) - 1)
    early, late = int((won < lost[0]).sum()), int((won > lost[-1]).sum())
    begins = _day(int(lost[0])) if rate**early < _CHANCE else _LONG_AGO
    return {LOSSES: Window(begins, _day(int(lost[-1])) if rate**late < _CHANCE else _NEVER_ENDS)}


def _at_most(won: int, lost: int) -> float:
    """Return the highest win rate that as many wins and losses leave likely (Wilson, 95 %); 1 without any."""
    if not (every := won + lost):
        return 1.0
    share, spread = won / every, _Z**2 / every
    return (share + spread / 2 + _Z * ((share * (1 - share) + spread / 4) / every) ** 0.5) / (1 + spread)


def _closes(deals: Staged, status: str) -> np.ndarray:
    """Return the days on which deals were closed with a status, in order, one for each deal."""
    parts = [np.empty(0, dtype=np.int64)]
    for rows in deals.batches(["status", "close_date"]):
        dated = pc.and_(pc.equal(rows.column("status"), status), pc.is_valid(rows.column("close_date")))
        parts.append(_numbers(rows.filter(dated), "close_date"))
    return np.sort(np.concatenate(parts))


def _any(deals: Staged, fits: Callable[[pa.Table], pa.ChunkedArray]) -> bool:
    return any(pc.any(fits(rows)).as_py() for rows in deals.batches(["status", "close_date", "amount"]))


def _is_won(deals: pa.Table) -> pa.ChunkedArray:
    return pc.equal(deals.column("status"), "won")


def _is_sale(deals: pa.Table) -> pa.ChunkedArray:
    known = pc.and_(pc.is_valid(deals.column("amount")), pc.is_valid(deals.column("close_date")))
    return pc.and_(_is_won(deals), known)


def losses_recorded(closed: pa.Array, records: Records) -> pa.Array:
    """Tell of each close whether lost deals were recorded on that day; an open deal has none."""
    kept = records.get(LOSSES, _ALWAYS)
    if kept is None:
        return pa.array(np.zeros(len(closed), dtype=bool))
    known = pc.and_(pc.greater_equal(closed, _scalar(kept.start)), pc.less_equal(closed, _scalar(kept.end)))
    return pc.fill_null(known, False)


# -- receipts


def _received(receipts: Staged, last: int) -> Window | None:
    """Return on which days it is recorded that money came in; None where it came in and no day is given."""
    days, due, undated = [], [], 0
    for rows in receipts.batches(["due_date", "received_date", "received_amount"]):
        came = rows.filter(pc.is_valid(rows.column("received_date")))
        days.append(_numbers(came, "received_date"))
        due.append(_numbers(rows.filter(pc.is_valid(rows.column("due_date"))), "due_date"))
        undated += _undated(rows).num_rows
    came_in, owed = (np.unique(np.concatenate(d)) if d else np.empty(0, dtype=np.int64) for d in (days, due))
    if not len(came_in):
        return None if undated else _ALWAYS
    first = int(owed[0]) + _LATE_PAYMENT if len(owed) else int(came_in[0])
    return _stretch(came_in, first, last)


def _undated(rows: pa.Table) -> pa.Table:
    some = pc.fill_null(pc.not_equal(rows.column("received_amount"), 0), False)
    return rows.filter(pc.and_(some, pc.is_null(rows.column("received_date"))))


# -- what is told of it


def remarks(tables: Mapping[str, Staged], records: Records, first: date, last: date) -> Iterator[Remark]:
    """Yield what must be known of it: what is recorded in part only, and rows without the date that places them."""
    if LOSSES in records:
        yield from _of_losses(records[LOSSES], first, last)
    for name, kept in records.items():
        table, _, kind = name.partition(".")
        if kept is None or name in {LOSSES, *_TABLES}:
            continue
        if kept.start > first:
            yield Remark("recorded_since", table, column=kind, value=kept.start.isoformat())
        if kept.end < last:
            yield Remark("recorded_until", table, column=kind, value=kept.end.isoformat())
    if "opportunities" in tables:
        yield from _of_deals(tables["opportunities"], "orders" not in tables)
    if "receipts" in tables:
        parts = [_undated(rows) for rows in tables["receipts"].batches(["received_date", "received_amount"])]
        if rows := sum(part.num_rows for part in parts):
            money = sum(pc.sum(part.column("received_amount")).as_py() or 0 for part in parts)
            yield Remark("received_undated", "receipts", rows=rows, money=money)


def _of_losses(kept: Window | None, first: date, last: date) -> Iterator[Remark]:
    if kept is None:
        yield Remark("losses_never", "opportunities")
        return
    if kept.start > first:
        yield Remark("losses_since", "opportunities", value=kept.start.isoformat())
    if kept.end < last:
        yield Remark("losses_until", "opportunities", value=kept.end.isoformat())


def _of_deals(deals: Staged, sold: bool) -> Iterator[Remark]:
    """Yield how many closed deals lie in no period, and how many won ones have no amount."""
    undated, unpriced, won = {"won": 0, "lost": 0}, 0, 0
    for rows in deals.batches(["status", "close_date", "amount"]):
        status, nowhere = rows.column("status"), pc.is_null(rows.column("close_date"))
        for name in undated:
            undated[name] += pc.sum(pc.and_(pc.equal(status, name), nowhere)).as_py() or 0
        is_won = pc.equal(status, "won")
        won += pc.sum(is_won).as_py() or 0
        unpriced += pc.sum(pc.and_(is_won, pc.is_null(rows.column("amount")))).as_py() or 0
    for name, count in undated.items():
        if count:
            yield Remark(f"{name}_undated", "opportunities", column="close_date", rows=count)
    if unpriced:
        code = "won_unpriced_all" if unpriced == won else "won_unpriced_sales" if sold else "won_unpriced"
        yield Remark(code, "opportunities", column="amount", value=str(won), rows=unpriced)


def _numbers(rows: pa.Table, column: str) -> np.ndarray:
    return rows.column(column).cast(pa.int32()).to_numpy().astype(np.int64)


def _number(day: date) -> int:
    return (day - _EPOCH).days


def _day(number: int) -> date:
    return _EPOCH + timedelta(days=number)


def _scalar(day: date) -> pa.Scalar:
    return pa.scalar(day, pa.date32())

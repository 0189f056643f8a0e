"""One table taken in: its files read, mapped, parsed and validated into one staged Parquet file.

Memory stays small for any number of rows: a batch at a time, 8 bytes a row for finding repeats.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from salesnb.data import duplicates, headers, mapping
from salesnb.data.duplicates import Hasher
from salesnb.data.mapping import Plan
from salesnb.data.quarantine import Ledger, Reason
from salesnb.data.remarks import Remark
from salesnb.data.schema import Table
from salesnb.data.sheets import Batch
from salesnb.data.validation import ROW, Fault, Validator, schema
from salesnb.errors import Problem, problem

KEPT_ASIDE = {
    "orders": ("amount", "status", "order_date", "signed_date", "invoiced_date", "rep", "team"),
    "opportunities": ("amount", "status", "close_date", "rep", "team"),
    "targets": ("amount", "metric", "period", "rep", "team"),
}
"""Columns that are kept of rows set aside, by table: what they could be worth, when and whose."""


@dataclass
class Staged:
    """A table after validation: good rows in ``path``, ``dropped`` positions that turned out to be repeats."""

    table: Table
    path: Path
    plans: Sequence[Plan]
    ledgers: list[Ledger] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    spellings: Counter[tuple[str, str]] = field(default_factory=Counter)
    dropped: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    remarks: list[Remark] = field(default_factory=list)
    aside: list[pa.Table] = field(default_factory=list)
    """What could be read of rows set aside, see ``KEPT_ASIDE``."""
    blanked: dict[str, np.ndarray] = field(default_factory=dict)
    """Positions of accepted rows of which one cell is not used, by column."""

    @property
    def unknown(self) -> Iterator[tuple[str, str, str, int]]:
        """Keys that lookup files did not have, with the rows that named them."""
        for plan in self.plans:
            for join in plan.joins:
                for value, rows in sorted(join.unknown.items()):
                    yield self.table.name, join.label, value, rows

    @property
    def told(self) -> Iterator[Remark]:
        """All remarks on the table and its files."""
        for plan in self.plans:
            yield from plan.sheet.remarks
        yield from self.remarks

    def batches(self, columns: Sequence[str] | None = None, *, coded: bool = False) -> Iterator[pa.Table]:
        """Yield the accepted rows in the order of the files, without repeats; ``coded`` columns are dictionaries."""
        names = None if columns is None else [*columns, ROW]
        with pq.ParquetFile(self.path, read_dictionary=columns if coded else None) as file:
            for block in file.iter_batches(batch_size=1 << 17, columns=names):
                rows = pa.Table.from_batches([block])
                if len(self.dropped):
                    kept = ~np.isin(rows.column(ROW).to_numpy(), self.dropped)
                    rows = rows.filter(pa.array(kept))
                for column in self.blanked.keys() & set(rows.column_names):
                    rows = _without(rows, column, self.blanked[column])
                yield rows

    def place(self, position: int) -> tuple[Ledger, int]:
        """Return the file that a position lies in and the position within it."""
        which = bisect_right(self.offsets, position) - 1
        return self.ledgers[which], position - self.offsets[which]

    def drop(self, positions: Sequence[int]) -> None:
        """Take rows out of the accepted ones."""
        self.dropped = np.union1d(self.dropped, np.asarray(positions, dtype=np.int64))

    def blank(self, column: str, positions: np.ndarray) -> None:
        """Leave one cell of accepted rows out."""
        if len(positions):
            self.blanked[column] = np.union1d(self.blanked.get(column, positions), positions)


def _without(rows: pa.Table, column: str, positions: np.ndarray) -> pa.Table:
    """Return rows without what a column holds in those at some positions."""
    cells = rows.column(column)
    odd = pa.array(np.isin(rows.column(ROW).to_numpy(), positions))
    place = rows.schema.get_field_index(column)
    return rows.set_column(place, rows.field(place), pc.if_else(odd, pa.scalar(None, cells.type), cells))


def stage(
    table: Table,
    plans: Sequence[Plan],
    folder: Path,
    period_names: frozenset[str],
    hasher: Hasher,
    currency: str = "",
) -> Staged:
    """Read all files of a table and stage their good rows in ``folder``; ``currency`` is the company's."""
    staged = Staged(table, folder / f"{table.name}.parquet", plans)
    codes: list[np.ndarray] = []
    with pq.ParquetWriter(staged.path, schema(table)) as writer:
        for plan in plans:
            validator = Validator(plan, period_names, currency)
            staged.ledgers.append(_ledger(plan))
            staged.offsets.append(sum(ledger.numbers.count for ledger in staged.ledgers))
            for batch in plan.batches():
                if not table.repeats:
                    codes.append(hasher.hashes(_ordered(plan, batch)))
                writer.write_table(_checked(validator, batch, staged))
            _close(staged.ledgers[-1], plan)
            staged.spellings.update(validator.spellings)
            staged.remarks += validator.told()
    staged.remarks += mapping.remarks(plans)
    if codes:
        _mark_duplicates(staged, np.concatenate(codes))
    return staged


def _ledger(plan: Plan) -> Ledger:
    sheet = plan.sheet
    return Ledger(plan.table.name, sheet.name, sheet.encoding, sheet.header_number, preamble=sheet.preamble)


def _close(ledger: Ledger, plan: Plan) -> None:
    ledger.ragged = list(plan.sheet.ragged)
    ledger.blank = plan.sheet.blank
    ledger.skipped = plan.selection.skipped


def _ordered(plan: Plan, batch: Batch) -> list[pa.ChunkedArray]:
    return [batch.columns.column(str(i)) for i in _order(plan)]


def _order(plan: Plan) -> list[int]:
    names = plan.sheet.headers
    return sorted(range(len(names)), key=lambda i: (headers.normal(names[i]), i))


def _checked(validator: Validator, batch: Batch, staged: Staged) -> pa.Table:
    ledger = staged.ledgers[-1]
    checked = validator.check(batch)
    start = ledger.numbers.count
    ledger.numbers.extend(batch.rows)
    ledger.faults.update((start + p, f) for p, f in checked.faults.items())
    if checked.aside.num_rows and staged.table.name in KEPT_ASIDE:
        kept = checked.aside.select([*KEPT_ASIDE[staged.table.name], ROW])
        staged.aside.append(_moved(kept, staged.offsets[-1] + start))
    return _moved(checked.clean, staged.offsets[-1] + start)


def _moved(rows: pa.Table, by: int) -> pa.Table:
    return rows.set_column(rows.schema.get_field_index(ROW), ROW, pc.add(rows.column(ROW), by))


def _mark_duplicates(staged: Staged, codes: np.ndarray) -> None:
    wanted = duplicates.repeated(codes)
    if not len(wanted):
        return
    found = duplicates.confirmed(_again(staged, wanted, codes))
    for position in found:
        ledger, place = staged.place(position)
        ledger.faults.pop(place, None)
        ledger.duplicates += 1
    staged.drop(list(found))
    for ledger in staged.ledgers:
        if ledger.duplicates:
            staged.remarks.append(
                Remark("repeats_dropped", ledger.table, ledger.file, rows=ledger.duplicates)
            )


def _again(
    staged: Staged, wanted: np.ndarray, codes: np.ndarray
) -> Iterator[tuple[int, int, duplicates.Row]]:
    for plan, start, ledger in zip(staged.plans, staged.offsets, staged.ledgers, strict=True):
        end = start + ledger.numbers.count
        inside = wanted[(wanted >= start) & (wanted < end)] - start
        if not len(inside):
            continue
        names = (plan.sheet.headers[i] for i in _order(plan))
        shape = tuple(headers.normal(n) for n in names)
        for position, code, row in duplicates.picked(
            plan.batches(),
            inside,
            codes[start:end],
            lambda _, plan=plan: _order(plan),  # type: ignore[misc]
        ):
            yield start + position, code, (*shape, *row)


def mark_conflicts(staged: Staged, hasher: Hasher) -> None:
    """Quarantine rows whose key an earlier, different row has; for orders only where every part of it is filled."""
    key = staged.table.key
    if not key or not all(any(k in p.provided for p in staged.plans) for k in _needed(staged.table)):
        return
    positions, codes = [], []
    for rows in staged.batches(key):
        columns = duplicates.key_columns(rows, key)
        positions.append(_filled(staged.table, rows))
        codes.append(hasher.hashes(columns))
    if not codes:  # no row could be read
        return
    place, code = np.concatenate(positions), np.concatenate(codes)
    code = code[place >= 0]
    place = place[place >= 0]
    twice = duplicates.repeated(code)
    if len(twice):
        _quarantine_conflicts(staged, np.unique(place[twice]))


def _needed(table: Table) -> tuple[str, ...]:
    return table.key if table.name == "orders" else ()


def _filled(table: Table, rows: pa.Table) -> np.ndarray:
    """Return the rows' positions, -1 where a part of the key is needed and blank."""
    positions = rows.column(ROW).to_numpy().copy()
    for name in _needed(table):
        positions[np.asarray(pc.is_null(rows.column(name)))] = -1
    return positions


def _quarantine_conflicts(staged: Staged, suspects: np.ndarray) -> None:
    key = staged.table.key
    first: dict[duplicates.Row, int] = {}
    later: dict[int, tuple[duplicates.Row, int]] = {}
    for rows in staged.batches(key):
        part = rows.filter(pa.array(np.isin(_filled(staged.table, rows), suspects)))
        columns = [column.to_pylist() for column in duplicates.key_columns(part, key)]
        for position, *values in zip(part.column(ROW).to_pylist(), *columns, strict=True):
            earlier = first.setdefault(tuple(values), position)
            if earlier != position:
                later.setdefault(position, (tuple(values), earlier))
    for position, (values_of, earlier) in later.items():
        ledger, place = staged.place(position)
        there, at = staged.place(earlier)
        names = [k for k, v in zip(key, values_of, strict=True) if v]
        shown = "|".join(v for v in values_of if v)
        origin = f"{there.file}:{there.numbers.at(at)}"
        ledger.faults[place] = [Fault(", ".join(names), f"{shown} ({origin})", "duplicate_id")]
    staged.drop(list(later))


def refused(staged: Staged, share: float, *, currency_said: bool = True) -> Iterator[Problem]:
    """Yield a problem for each file of which more than ``share`` of the rows cannot be read.

    ``currency_said``: whether settings name the company's currency; if not, a file of another one is refused.
    """
    for ledger in staged.ledgers:
        meant, unreadable = ledger.read - ledger.skipped, ledger.unreadable(currency_said=currency_said)
        if meant and unreadable > share * meant:
            reason, example = ledger.commonest()
            yield problem(
                "file_refused", file=ledger.file, table=ledger.table, rows=unreadable, read=meant,
                reason=Reason(reason, {}), column=example.column or "-", example=" ".join(example.value.split()) or "-",
            )  # fmt: skip

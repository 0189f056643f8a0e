"""A team's slice of the store, as it was on a day."""

import mmap
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from salesnb.data.masks.known_names import FILE as NAMES
from salesnb.data.store.opened import Store
from salesnb.data.store.writing import schema_of
from salesnb.schema import SCALE, tables
from salesnb.schema import table as schema_table
from salesnb.scope import WHOLE_COMPANY

_OF_DEALS = frozenset({"stage_history", "snapshots"})
_WHOLE = frozenset({"actions"})
"""Dated by when they are due: what is due after the day is what matters."""


@dataclass
class Cut:
    """Frames of all tables, and the store's files they were read from."""

    frames: dict[str, Any] = field(default_factory=dict)
    partitions: tuple[str, ...] = ()


def cut(found: Store, team: str, day: date) -> Cut:
    """Return all tables for a team, as seen on a day."""
    made = Cut(partitions=tuple(found.reads(team)))
    found.fetch(made.partitions)
    deals: pa.Array | None = None
    seen = day if day < found.data_end else None
    for name in tables():
        files = [found.folder / f for f in found.files(name, team)]
        if name == "orders":
            made.frames[name] = to_pandas(OrderColumns(files, day, whole=seen is None), name)
            continue
        table = _of_team(name, _read(name, files), team, deals)
        if name == "opportunities":
            deals = table.column("opportunity_id").combine_chunks()
        made.frames[name] = to_pandas(Columns(as_of(name, table, seen) if seen else table), name)
    return made


def _read(name: str, files: list[Path]) -> pa.Table:
    parts = [_open(f).read(use_threads=False) for f in files]
    return pa.concat_tables(parts) if parts else schema_of(name).empty_table()


def _open(path: Path) -> pq.ParquetFile:
    """Open one file without what a dataset of many would need.

    Over a buffer Arrow reads in the thread that asks; over a file of its own it would start others.
    """
    with path.open("rb") as file:
        return pq.ParquetFile(pa.BufferReader(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))


def _of_team(name: str, table: pa.Table, team: str, deals: pa.Array | None) -> pa.Table:
    if team == WHOLE_COMPANY:
        return table
    if name in _OF_DEALS and deals is not None:
        return table.filter(pc.is_in(table.column("opportunity_id"), value_set=deals))
    return table.filter(pc.equal(table.column("team"), team)) if "team" in table.column_names else table


def rows(found: Store, name: str) -> list[dict[str, Any]]:
    """Return the rows of a small clean table."""
    found.fetch([f"{name}.parquet"])
    return _open(found.folder / f"{name}.parquet").read(use_threads=False).to_pylist()


def known_names(found: Store) -> list[tuple[str, str, date | None]]:
    """Return whose each name of the store is, the name, and the day it was first seen."""
    found.fetch([NAMES])
    columns = _open(found.folder / NAMES).read(use_threads=False).to_pydict()
    return list(zip(*columns.values(), strict=True))


def as_of(name: str, rows: pa.Table, day: date) -> pa.Table:
    """Return a table as it was on a day: later rows are gone, later closes and receipts have not happened."""
    if name in _WHOLE or schema_table(name).date is None:
        return rows
    if name == "opportunities":
        return _deals(rows, day)
    if name == "receipts":
        return _receipts(rows, day)
    return rows.filter(_by(rows.column(schema_table(name).date), day))


def _deals(rows: pa.Table, day: date) -> pa.Table:
    kept = rows.filter(_by(rows.column("created_date"), day))
    later = pc.fill_null(pc.greater(kept.column("close_date"), _scalar(day)), False)
    status = pc.if_else(later, "open", kept.column("status"))
    kept = kept.set_column(kept.schema.get_field_index("status"), "status", status)
    return _emptied(kept, ["close_date", "lost_reason"], later)


def _receipts(rows: pa.Table, day: date) -> pa.Table:
    due, received = rows.column("due_date"), rows.column("received_date")
    some = pc.is_valid(received)
    kept = rows.filter(pc.or_(_by(due, day), pc.and_(some, _by(received, day))))
    return _emptied(kept, ["received_date", "received_amount"], pc.greater(kept.column("received_date"), _scalar(day)))


def _by(dates: pa.ChunkedArray, day: date) -> pa.ChunkedArray:
    return pc.fill_null(pc.less_equal(dates, _scalar(day)), True)


def _scalar(day: date) -> pa.Scalar:
    return pa.scalar(day, pa.date32())


def _emptied(table: pa.Table, names: list[str], where: pa.ChunkedArray) -> pa.Table:
    where = pc.fill_null(where, False)
    for name in names:
        kind = table.schema.field(name).type
        cells = pc.if_else(where, pa.scalar(None, kind), table.column(name))
        table = table.set_column(table.schema.get_field_index(name), name, cells)
    return table


_TYPES: Mapping[pa.DataType, Any] = {
    pa.string(): pd.StringDtype(na_value=np.nan), pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype(),
}  # fmt: skip


class Columns:
    """The columns of a table by name."""

    def __init__(self, table: pa.Table) -> None:
        self.names: list[str] = table.column_names
        self._table = table

    def take(self, name: str) -> pa.ChunkedArray:
        """Return a column."""
        return self._table.column(name)


_MAPPED_FILES = 200
"""A mapped file counts among the open ones, of which a system allows a process about a thousand."""


class _Whole:
    """Many small files read one after the other, each opened once, in place of files kept open."""

    def __init__(self, files: list[Path]) -> None:
        self._table = pa.concat_tables([_open(f).read(use_threads=False) for f in files])

    def read(self, names: list[str], use_threads: bool) -> pa.Table:
        """Return some of the columns, as a Parquet file does."""
        return self._table.select(names)


class OrderColumns(Columns):
    """The columns of order files, read one by one: ten million rows are then never in memory twice.

    Sales of a later day than the one given do not count yet; orders of a later one are left out unless ``whole`` says
    that there are none.
    """

    def __init__(self, files: list[Path], day: date, *, whole: bool = False) -> None:
        schema = schema_of("orders")
        self.names = schema.names
        self._day = day
        self._sources: list[Any] = [_open(f) for f in files] if len(files) <= _MAPPED_FILES else [_Whole(files)]
        self._empty = schema.empty_table()
        self._kept = None if whole else _by(self._column("order_date"), day)

    def take(self, name: str) -> pa.ChunkedArray:
        """Return a column of the orders that are there on the day."""
        column = self._column(name)
        if self._kept is not None:
            column = column.filter(self._kept)
        if name == "sales_date":
            later = pc.fill_null(pc.greater(column, _scalar(self._day)), False)
            return pc.if_else(later, pa.scalar(None, pa.date32()), column)
        return column

    def _column(self, name: str) -> pa.ChunkedArray:
        parts = [s.read([name], use_threads=False).column(0) for s in self._sources]
        return pa.chunked_array([c for p in parts for c in p.chunks], self._empty.schema.field(name).type)


def to_pandas(columns: Columns, name: str) -> pd.DataFrame:
    """Return a clean table as a frame: text as str, dates as datetime64, whole numbers as Int64, money as float64.

    Money is in the currency's unit, as in every frame; the store has it in whole numbers of 1/10,000.
    """
    money = schema_table(name).money
    return pd.DataFrame(
        {c: _array(_units(columns.take(c)) if c in money else columns.take(c)) for c in columns.names}, copy=False
    )


def _units(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.divide(column.cast(pa.float64(), safe=False), float(SCALE))


def _array(column: pa.ChunkedArray) -> Any:
    """Return a column as an array of pandas; unlike series, arrays need not be aligned to make a frame."""
    if kind := _TYPES.get(column.type):
        return kind.__from_arrow__(column)
    if pa.types.is_date(column.type):
        column = column.cast(pa.timestamp("s"))
    return column.to_pandas(use_threads=False).array

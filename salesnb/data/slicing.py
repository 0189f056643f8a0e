"""A team's slice of the store, as it was on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from salesnb.data.schema import table as schema_table
from salesnb.data.schema import tables
from salesnb.data.store import Stock
from salesnb.data.writing import schema_of
from salesnb.scope import WHOLE_COMPANY

_OF_DEALS = frozenset({"stage_history", "snapshots"})
_WHOLE = frozenset({"actions"})
"""Dated by when they are due: what is due after the day is what matters."""


@dataclass
class Cut:
    """Frames of all tables, and the store's files they were read from."""

    frames: dict[str, Any] = field(default_factory=dict)
    partitions: tuple[str, ...] = ()


def cut(found: Stock, team: str, day: date) -> Cut:
    """Return all tables for a team, as seen on a day."""
    made, read = Cut(), []
    deals: pa.Array | None = None
    for name in tables():
        files = _files(found, name, team)
        read += files
        parts = [pq.read_table(found.folder / f) for f in files]
        rows = pa.concat_tables(parts) if parts else schema_of(name).empty_table()
        if team != WHOLE_COMPANY and name in _OF_DEALS and deals is not None:
            rows = rows.filter(pc.is_in(rows.column("opportunity_id"), value_set=deals))
        elif team != WHOLE_COMPANY and "team" in rows.column_names:
            rows = rows.filter(pc.equal(rows.column("team"), team))
        if name == "opportunities":
            deals = rows.column("opportunity_id").combine_chunks()
        made.frames[name] = to_pandas(as_of(name, rows, day) if day < found.data_end else rows)
    made.partitions = tuple(read)
    return made


def rows(found: Stock, name: str) -> list[dict[str, Any]]:
    """Return the rows of a small clean table."""
    return pq.read_table(found.folder / f"{name}.parquet").to_pylist()


def _files(found: Stock, name: str, team: str) -> list[str]:
    if name == "orders":
        wanted = found.orders if team == WHOLE_COMPANY else [t for t in (team,) if t in found.orders]
        return [found.orders[t] for t in wanted]
    return [f"{name}.parquet"] if name in found.tables else []


def as_of(name: str, rows: pa.Table, day: date) -> pa.Table:
    """Return a table as it was on a day: later rows are gone, later closes and receipts have not happened."""
    if name in _WHOLE or schema_table(name).date is None:
        return rows
    if name == "opportunities":
        return _deals(rows, day)
    if name == "receipts":
        return _receipts(rows, day)
    kept = rows.filter(_by(rows.column(schema_table(name).date), day))
    if name == "orders":
        return _emptied(kept, ["sales_date"], pc.greater(kept.column("sales_date"), _scalar(day)))
    return kept


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
    return _emptied(
        kept, ["received_date", "received_amount"], pc.greater(kept.column("received_date"), _scalar(day))
    )


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


_TYPES: Mapping[pa.DataType, Any] = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """Return a clean table as a frame: text as str, dates as datetime64, whole numbers as Int64."""
    fields = [
        pa.field(f.name, pa.timestamp("s") if pa.types.is_date(f.type) else f.type) for f in table.schema
    ]
    made = table.cast(pa.schema(fields)).to_pandas(
        types_mapper=_TYPES.get, split_blocks=True, self_destruct=True
    )
    return made.reset_index(drop=True)

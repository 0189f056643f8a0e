"""All names of customers and persons in a store, each with the day it is first seen: what masks are made from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data.schema import table as schema_table

FILE = "names.parquet"
SCHEMA = pa.schema([("holds", pa.string()), ("name", pa.string()), ("first_day", pa.date32())])
NAMED = ("customer", "person")

_FIRST_SEEN = {
    "orders": "order_date",
    "opportunities": "created_date",
    "activities": "activity_date",
    "reps": "valid_from",
}
"""Dates that do not change once they are known: a mask's number must not, either."""


class KnownNames:
    """Names gathered from clean tables, batch by batch."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], date | None] = {}

    def note(self, table: str, rows: pa.Table) -> None:
        """Take the names of a batch of a table."""
        day = _FIRST_SEEN.get(table)
        for column, holds in named_columns(table):
            if column not in rows.column_names:
                continue
            for name, first in _first_days(rows.column(column), rows.column(day) if day else None):
                known = self._first.get((holds, name))
                self._first[holds, name] = first if known is None else min(known, first or known)

    def table(self) -> pa.Table:
        """Return one row per name."""
        rows = [
            {"holds": holds, "name": name, "first_day": day}
            for (holds, name), day in sorted(self._first.items(), key=lambda entry: entry[0])
        ]
        return pa.Table.from_pylist(rows, schema=SCHEMA)


def named_columns(table: str) -> list[tuple[str, str]]:
    """Return the columns of a table that hold names, each with whose they are."""
    return [(c.name, c.holds) for c in schema_table(table).columns.values() if c.holds in NAMED]


def _first_days(names: pa.ChunkedArray, days: pa.ChunkedArray | None) -> Iterator[tuple[str, date | None]]:
    if days is None:
        yield from ((name, None) for name in pc.unique(names).to_pylist() if name)
        return
    rows = pa.table({"name": names, "day": days})
    found = rows.group_by("name", use_threads=False).aggregate([("day", "min")]).to_pydict()
    yield from ((n, day) for n, day in zip(found["name"], found["day_min"], strict=True) if n)

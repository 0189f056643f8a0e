"""All names of customers and persons in a store, each with the day it is first seen: what masks are made from."""

import pyarrow as pa
import pyarrow.compute as pc

from salesnb.schema import table as schema_table

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

_HELD_ROWS = 1 << 20


class KnownNames:
    """Names gathered from clean tables, batch by batch."""

    def __init__(self) -> None:
        self._found: dict[str, list[pa.Table]] = {holds: [] for holds in NAMED}

    def note(self, table: str, rows: pa.Table) -> None:
        """Take the names of a batch of a table."""
        day = _FIRST_SEEN.get(table)
        for column, holds in named_columns(table):
            if column in rows.column_names:
                days = rows.column(day) if day else pa.nulls(rows.num_rows, pa.date32())
                self._add(holds, _first_days(pa.table({"name": rows.column(column), "first_day": days})))

    def table(self) -> pa.Table:
        """Return one row per name, in order."""
        parts = [SCHEMA.empty_table()]
        for holds, found in self._found.items():
            names = _first_days(pa.concat_tables(found)) if found else SCHEMA.empty_table()
            whose = pa.array([holds] * names.num_rows, pa.string())
            parts.append(pa.table([whose, *names.select(SCHEMA.names[1:]).columns], SCHEMA))
        whole = pa.concat_tables(parts)
        named = whole.filter(pc.not_equal(pc.fill_null(whole.column("name"), ""), ""))
        return named.sort_by([("holds", "ascending"), ("name", "ascending")])

    def _add(self, holds: str, names: pa.Table) -> None:
        """Hold a batch's names; put all together where too many are held."""
        self._found[holds].append(names)
        if sum(t.num_rows for t in self._found[holds]) > _HELD_ROWS:
            self._found[holds] = [_first_days(pa.concat_tables(self._found[holds]))]


def named_columns(table: str) -> list[tuple[str, str]]:
    """Return the columns of a table that hold names, each with whose they are."""
    return [(c.name, c.holds) for c in schema_table(table).columns.values() if c.holds in NAMED]


def _first_days(names: pa.Table) -> pa.Table:
    """Return each name once, with its first day."""
    found = names.group_by("name", use_threads=False).aggregate([("first_day", "min")])
    return found.rename_columns({"first_day_min": "first_day"}).select(["name", "first_day"])

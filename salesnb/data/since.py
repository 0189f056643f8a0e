"""Since when a customer has been one: the first ever sale in the whole company, or the first after a long pause."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_BETWEEN = "\x1f"
_HELD_ROWS = 1 << 21


@dataclass(frozen=True)
class Since:
    """The day each customer became new; ``by_day`` where that depends on the day of the sale."""

    keys: pa.Array
    days: pa.Array
    by_day: bool

    def of(self, customers: pa.Array, sold: pa.Array) -> pa.Array:
        """Return the day for each row; null for rows without customer or, with ``by_day``, without sale."""
        keys = _pair(customers, sold) if self.by_day else customers
        return self.days.take(pc.index_in(keys, value_set=self.keys))


def first_sales(batches: Iterable[pa.Table], months: int) -> Since | None:
    """Return since when each customer has been one, from rows of ``customer`` and ``day`` of sale.

    With ``months`` 0 that is the day of the first ever sale; otherwise a customer who bought nothing for that many
    months is new again on the day of return. None where there is no sale at all.
    """
    how = _distinct if months else _earliest
    parts: list[pa.Table] = []
    for rows in batches:
        parts.append(how(rows.filter(pc.and_(pc.is_valid(rows["customer"]), pc.is_valid(rows["day"])))))
        if sum(part.num_rows for part in parts) > _HELD_ROWS:
            parts = [how(pa.concat_tables(parts))]
    if not parts:
        return None
    found = how(pa.concat_tables(parts))
    if not found.num_rows:
        return None
    customers, days = found["customer"].combine_chunks(), found["day"].combine_chunks()
    if not months:
        return Since(customers, days, by_day=False)
    return _with_returns(customers, days, months)


def _with_returns(customers: pa.Array, days: pa.Array, months: int) -> Since:
    sales = pd.DataFrame({"customer": customers.to_pandas(), "day": pd.to_datetime(days.to_pandas())})
    sales = sales.sort_values(["customer", "day"], ignore_index=True)
    before = sales.groupby("customer")["day"].shift()
    fresh = before.isna() | (before + pd.DateOffset(months=months) < sales["day"])
    since = sales["day"].where(fresh).ffill()
    day = pa.array(sales["day"].to_numpy().astype("datetime64[D]"), pa.date32())
    return Since(
        _pair(pa.array(sales["customer"], pa.string()), day),
        pa.array(since.to_numpy().astype("datetime64[D]").astype(np.int32), pa.int32()).cast(pa.date32()),
        by_day=True,
    )


def _pair(customers: pa.Array, days: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(customers, pc.cast(days, pa.string()), _BETWEEN)


def _earliest(rows: pa.Table) -> pa.Table:
    return rows.group_by("customer").aggregate([("day", "min")]).rename_columns({"day_min": "day"})


def _distinct(rows: pa.Table) -> pa.Table:
    return rows.group_by(["customer", "day"]).aggregate([])

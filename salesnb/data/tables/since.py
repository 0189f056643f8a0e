"""Since when a customer has been one: the first ever order in the whole company, or the first after a long pause.

A day on which a customer returned as much as he bought has no order of his: a return makes nobody a customer.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

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


def first_sales(sold: Callable[[], Iterable[pa.Table]], months: int) -> Since | None:
    """Return since when each customer has been one, from rows of ``customer``, ``day`` of sale and ``amount``.

    With ``months`` 0 that is the day of the first ever order; otherwise a customer who bought nothing for that many
    months is new again on the day of return. Of whom only returns are known, he bought before the data begin: the day
    before their first. None where there is no sale at all. ``sold`` gives the rows as often as they are asked for.
    """
    if months:
        days = _added_up(_known(sold()), _by_day)
        return _with_pauses(days, months) if days.num_rows else None
    return _ever_first(sold)


def _ever_first(sold: Callable[[], Iterable[pa.Table]]) -> Since | None:
    returned: set[str] = set()
    begin: list[date] = []

    def bought() -> Iterator[pa.Table]:
        for rows in _known(sold()):
            if rows.num_rows:
                begin.append(pc.min(rows["day"]).as_py())
            more = pc.fill_null(pc.greater(rows["amount"], 0), False)
            returned.update(pc.unique(rows["customer"].filter(pc.invert(more))).to_pylist())
            yield rows.filter(more)

    first = _added_up(bought(), _earliest)
    if not begin:
        return None
    if returned:  # few as a rule: only theirs are added up day by day
        them = pa.array(sorted(returned), pa.string())
        theirs = (rows.filter(pc.is_in(rows["customer"], value_set=them)) for rows in _known(sold()))
        days = _added_up(theirs, _by_day)
        earliest = _earliest(days.filter(pc.greater(days["amount"], 0)))
        found = earliest["day"].take(pc.index_in(them, value_set=earliest["customer"].combine_chunks()))
        before = pa.scalar(min(begin) - timedelta(days=1), pa.date32())
        others = first.filter(pc.invert(pc.is_in(first["customer"], value_set=them)))
        first = pa.concat_tables([others, pa.table({"customer": them, "day": pc.fill_null(found, before)})])
    return Since(first["customer"].combine_chunks(), first["day"].combine_chunks(), by_day=False)


def _with_pauses(days: pa.Table, months: int) -> Since:
    sales = pd.DataFrame({"customer": days["customer"].to_pandas(), "day": pd.to_datetime(days["day"].to_pandas())})
    sales["amount"] = days["amount"].to_pandas()
    sales = sales.sort_values(["customer", "day"], ignore_index=True)
    bought = sales[sales["amount"] > 0]
    before = bought.groupby("customer")["day"].shift()
    fresh = before.isna() | (before + pd.DateOffset(months=months) < bought["day"])
    since = bought["day"].where(fresh).reindex(sales.index).groupby(sales["customer"]).ffill()
    since = since.fillna(sales["day"].min() - pd.Timedelta(days=1))
    day = pa.array(sales["day"].to_numpy().astype("datetime64[D]"), pa.date32())
    return Since(
        _pair(pa.array(sales["customer"], pa.string()), day),
        pa.array(since.to_numpy().astype("datetime64[D]").astype(np.int32), pa.int32()).cast(pa.date32()),
        by_day=True,
    )


def _pair(customers: pa.Array, days: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(customers, pc.cast(days, pa.string()), _BETWEEN)


def _known(batches: Iterable[pa.Table]) -> Iterator[pa.Table]:
    for rows in batches:
        yield rows.filter(pc.and_(pc.is_valid(rows["customer"]), pc.is_valid(rows["day"])))


def _added_up(batches: Iterable[pa.Table], how: Callable[[pa.Table], pa.Table]) -> pa.Table:
    """Reduce batches one by one and together, so that no more is held than comes out of it."""
    parts: list[pa.Table] = [how(_NOTHING)]
    limit = _HELD_ROWS
    for rows in batches:
        parts.append(how(rows))
        if sum(part.num_rows for part in parts) > limit:
            parts = [how(pa.concat_tables(parts))]
            limit = max(_HELD_ROWS, 2 * parts[0].num_rows)
    return how(pa.concat_tables(parts))


_NOTHING = pa.schema([("customer", pa.string()), ("day", pa.date32()), ("amount", pa.int64())]).empty_table()


def _earliest(rows: pa.Table) -> pa.Table:
    return (
        rows.group_by("customer")
        .aggregate([("day", "min")])
        .rename_columns({"day_min": "day"})
        .select(["customer", "day"])
    )


def _by_day(rows: pa.Table) -> pa.Table:
    added = rows.group_by(["customer", "day"]).aggregate([("amount", "sum")])
    return added.rename_columns({"amount_sum": "amount"})

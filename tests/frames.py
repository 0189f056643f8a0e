"""The kit of test frames: literal rows become tables as the loader gives them, by the schema.

A row says only what matters: columns by their names, or by a short word (``day``, ``money``, ...).
Money is in currency units; what is not said is blank, as in a file that does not say it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from salesnb.calendar import Calendar
from salesnb.schema import tables
from salesnb.scope import Scope
from salesnb.settings import Settings

Row = Mapping[str, Any]

SHORT = {
    "orders": {"day": "order_date", "money": "amount"},
    "opportunities": {"day": "close_date", "begun": "created_date", "money": "amount"},
    "activities": {"day": "activity_date"},
    "receipts": {"due": "due_date", "paid": "received_date", "owed": "due_amount", "got": "received_amount"},
    "reps": {"begin": "valid_from", "end": "valid_to"},
    "notes": {"day": "note_date"},
    "stage_history": {"day": "entered_date"},
}
"""Short words of columns, by table."""

ADDED = {"orders": {"sales_date": "date", "customer_since": "date", "tags": "text"}}
"""What the loader adds to a table's own columns."""

IDS = {"orders": "order_id", "opportunities": "opportunity_id", "receipts": "receipt_id"}
"""Columns that are numbered where a row does not say them: o0, d0, r0."""

MARK = {"orders": "o", "opportunities": "d", "receipts": "r"}
USUAL: dict[str, dict[str, Any]] = {"activities": {"count": 1}, "targets": {"metric": "sales"}}
"""What a row has that does not say otherwise."""


def frame(name: str, *rows: Row, **every: Any) -> pd.DataFrame:
    """Return a table of the schema from literal rows; ``every`` is said of all rows, columns of no schema stay."""
    short, usual = SHORT.get(name, {}), USUAL.get(name, {})
    said = [{short.get(k, k): v for k, v in {**usual, **every, **row}.items()} for row in rows]
    own = {c.name: c.type for c in tables()[name].columns.values()}
    dimensions = dict.fromkeys(tables()[name].dimensions, "text")
    kinds = {**own, **dimensions, **ADDED.get(name, {})}
    kinds |= {k: "" for row in said for k in row if k not in kinds}
    made = pd.DataFrame({c: _column([r.get(c) for r in said], kind) for c, kind in kinds.items()})
    if number := IDS.get(name):
        numbered = pd.Series([f"{MARK[name]}{i}" for i in made.index], dtype="str")
        made[number] = made[number].fillna(numbered)
    return _as_loaded(made) if name == "orders" else made


def _column(cells: list[Any], kind: str) -> pd.Series:
    if kind in {"date", "datetime"}:
        return pd.to_datetime(pd.Series(cells, dtype="object")).astype("datetime64[s]")
    if kind == "money":
        return pd.Series(cells, dtype="float64")
    if kind == "count":
        return pd.Series(cells, dtype="Int64")
    if kind in {"quantity", "measure"}:
        return pd.Series(cells, dtype="float64")
    return pd.Series(cells, dtype="boolean" if kind == "bool" else "str" if kind else None)


def _as_loaded(orders: pd.DataFrame) -> pd.DataFrame:
    """Sales fall on the day of the order; a customer is known since the first of them."""
    day = orders["sales_date"].fillna(orders["order_date"])
    orders = orders.assign(sales_date=day)
    first = orders.groupby("customer")["sales_date"].transform("min").astype("datetime64[s]")
    return orders.assign(customer_since=orders["customer_since"].fillna(first))


def scope_of(
    period: str, as_of: date = date(2025, 12, 31), begin: date = date(2023, 1, 2), team: str = "all", **rules: object
) -> Scope:
    """Return the scope of a period by its name; ``rules`` are settings by section."""
    calendar, settings = Calendar(), Settings.model_validate(rules)
    return Scope(team, calendar.period(period), as_of, begin, settings=settings, calendar=calendar)

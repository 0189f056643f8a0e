"""The kit of test frames: literal rows become tables as the loader gives them, with all columns of the schema.

A row says only what matters: columns by their names or by a short word (``day``, ``money``, ...), or a tuple of what
the table's rows mostly say. Money is in currency units; what is not said is blank, as in a file that does not say it.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache, partial
from typing import Any

import pandas as pd

from salesnb.calendar import Calendar
from salesnb.data.store.slicing import Columns, to_pandas
from salesnb.data.store.writing import schema_of
from salesnb.schema import tables
from salesnb.scope import Scope
from salesnb.settings import Settings
from salesnb.views.slices import SLICE

Row = Mapping[str, Any] | tuple[Any, ...]

SHORT = {
    "orders": {"day": "order_date", "money": "amount"},
    "opportunities": {"day": "close_date", "begun": "created_date", "money": "amount"},
    "activities": {"day": "activity_date"},
    "receipts": {"due": "due_date", "paid": "received_date", "owed": "due_amount", "got": "received_amount"},
    "reps": {"begin": "valid_from", "end": "valid_to"},
    "notes": {"day": "note_date"},
    "stage_history": {"deal": "opportunity_id", "day": "entered_date"},
}
"""Short words of columns, by table."""

PLACES = {
    "orders": ("day", "money", "customer", "rep", "product_line", "team", "customer_since", "status"),
    "notes": ("day", "kind", "text", "customer"),
    "stage_history": ("deal", "stage", "day"),
}
"""What a tuple says, by table."""

USUAL = {"targets": {"period": "2025-09"}}
"""What a row is about that does not say otherwise: the month of ``scope_of``."""

IDS = {"orders": ("order_id", "o"), "opportunities": ("opportunity_id", "d"), "receipts": ("receipt_id", "r"),
       "actions": ("action_id", "A")}  # fmt: skip
"""Columns that are numbered where a row does not say them: o0, d0, r0, A0."""


def frame(name: str, *rows: Row, **every: Any) -> pd.DataFrame:
    """Return a table of the schema from literal rows; ``every`` is said of all rows, columns of no schema stay."""
    short, usual = SHORT.get(name, {}), USUAL.get(name, {})
    said = [{short.get(k, k): v for k, v in {**usual, **every, **_named(name, row)}.items()} for row in rows]
    kinds = _kinds(name) | {k: None for row in said for k in row if k not in _kinds(name)}
    made = pd.DataFrame({c: _column([row.get(c) for row in said], kind) for c, kind in kinds.items()})
    for column, default in _defaults(name).items():
        made[column] = made[column].fillna(default)
    if name in IDS:
        column, mark = IDS[name]
        made[column] = made[column].fillna(pd.Series([f"{mark}{i}" for i in made.index], dtype="str"))
    return _enriched(name, made)


orders, targets = partial(frame, "orders"), partial(frame, "targets")
deals, history, notes = partial(frame, "opportunities"), partial(frame, "stage_history"), partial(frame, "notes")
"""The tables that tests make most, by a short name."""


def _named(name: str, row: Row) -> Mapping[str, Any]:
    return row if isinstance(row, Mapping) else dict(zip(PLACES[name], row, strict=False))


@cache
def _kinds(name: str) -> dict[str, Any]:
    """Return the loader's columns of a table with their types."""
    return dict(to_pandas(Columns(schema_of(name).empty_table()), name).dtypes)


def _column(cells: list[Any], kind: Any) -> pd.Series:
    if getattr(kind, "kind", "") == "M":
        return pd.to_datetime(pd.Series(cells, dtype="object")).astype(kind)
    return pd.Series(cells, dtype=kind)


@cache
def _defaults(name: str) -> dict[str, Any]:
    """Return what the loader reads a blank cell as."""
    said = {c.name: c.default for c in tables()[name].columns.values() if c.default}
    return {c: int(v) if v.isdigit() else v for c, v in said.items()}


def _enriched(name: str, made: pd.DataFrame) -> pd.DataFrame:
    """Add what the loader knows of a row beyond its file, where nothing else is given and all is recorded."""
    if name in {"orders", "opportunities"}:
        made["team"] = made["team"].fillna("")
    if name == "opportunities":
        made["losses_recorded"] = made["losses_recorded"].fillna(made["close_date"].notna())
    if name == "orders":
        made["sales_date"] = made["sales_date"].fillna(made["order_date"])
        first = made.groupby("customer")["sales_date"].transform("min").astype("datetime64[s]")
        made["customer_since"] = made["customer_since"].fillna(first)
    return made


def scope_of(
    period: str = "2025-09",
    as_of: date | None = None,
    begin: date = date(2023, 1, 1),
    team: str = "all",
    **rules: object,
) -> Scope:
    """Return the scope of a period by its name, seen on its last day; ``rules`` are settings by section."""
    calendar, settings = Calendar(), Settings.model_validate(rules)
    of = calendar.period(period)
    return Scope(team, of, as_of or of.window.end, begin, settings=settings, calendar=calendar)


def workdays(first: str, last: str) -> list[date]:
    """Return the days from Monday to Friday between two days."""
    return [d.date() for d in pd.bdate_range(first, last)]


def problems(*rows: Mapping[str, Any]) -> pd.DataFrame:
    """Return problems as the diagnosis gives them, sized by sales that came to nothing where a row does not say."""
    usual = {"gap_share": 0.5, "surprise": 4.0, "confidence": "high", "evidence": "measured", "kpi": "sales",
             "actual": 0.0, "worth": 1.0, "cases": float("nan"), "effect": 0.0}  # fmt: skip
    columns = ["problem", *SLICE]
    said = [{**dict.fromkeys(columns, ""), **usual, **row} for row in rows]
    sized = [{"expected": row["actual"] - row["effect"] / row["worth"], **row} for row in said]
    return pd.DataFrame(sized, columns=None if rows else [*columns, *usual, "expected"])

"""Deals and their stages as small frames, as the loader gives them."""

from __future__ import annotations

from datetime import date

import pandas as pd

from salesnb.calendar import Calendar
from salesnb.scope import Scope
from salesnb.settings import Settings

TEXTS = ("opportunity_id", "status", "customer", "rep", "team", "product", "product_line", "lead_source", "lost_reason",
         "competitor", "stage")  # fmt: skip
DATES = ("created_date", "proposal_date", "close_date")


def scope_of(
    period: str = "2025-09", as_of: date = date(2025, 9, 30), begin: date = date(2023, 1, 1), **rules: object
) -> Scope:
    calendar, settings = Calendar(), Settings.model_validate(rules)
    return Scope("all", calendar.period(period), as_of, begin, settings=settings, calendar=calendar)


def deals(*rows: dict[str, object]) -> pd.DataFrame:
    """Deals from dicts; ``money`` in currency units."""
    frame = pd.DataFrame(list(rows), index=range(len(rows)))
    made = {c: _texts(frame, c) for c in TEXTS}
    made |= {c: _dates(frame, c) for c in DATES}
    made["opportunity_id"] = made["opportunity_id"].fillna(pd.Series([f"d{i}" for i in frame.index], dtype="str"))
    money = frame["money"] if "money" in frame else pd.Series(None, index=frame.index, dtype="float64")
    made["amount"] = money.astype("float64")
    return pd.DataFrame(made)


def history(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Stages entered, from (deal, stage, day)."""
    made = pd.DataFrame(list(rows), columns=["opportunity_id", "stage", "entered_date"])
    made["entered_date"] = pd.to_datetime(made["entered_date"]).astype("datetime64[s]")
    return made.astype({"opportunity_id": "str", "stage": "str"})


def notes(*rows: tuple[str, str, str, str | None]) -> pd.DataFrame:
    """Field notes from (day, kind, text, customer)."""
    made = pd.DataFrame(list(rows), columns=["note_date", "kind", "text", "customer"])
    made["note_date"] = pd.to_datetime(made["note_date"]).astype("datetime64[s]")
    return made.astype({"kind": "str", "text": "str", "customer": "str"}).assign(rep="Li")


def orders(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    """Orders from (day, product, customer, money)."""
    made = pd.DataFrame(list(rows), columns=["sales_date", "product", "customer", "money"])
    made["sales_date"] = pd.to_datetime(made["sales_date"]).astype("datetime64[s]")
    made["amount"] = made.pop("money").astype("float64")
    return made.astype({"product": "str", "customer": "str"})


def _texts(frame: pd.DataFrame, column: str) -> pd.Series:
    given = frame[column] if column in frame else [None] * len(frame)
    return pd.Series(list(given), index=frame.index, dtype="str")


def _dates(frame: pd.DataFrame, column: str) -> pd.Series:
    given = frame[column] if column in frame else [None] * len(frame)
    return pd.to_datetime(pd.Series(list(given), index=frame.index)).astype("datetime64[s]")

"""Small frames, as the loader gives them."""

from datetime import date

import pandas as pd

from salesnb.calendar import Calendar
from salesnb.scope import Scope

ORDER_TEXTS = ("order_id", "customer", "rep", "team", "manager", "region", "channel", "product_line", "product",
               "customer_type", "tags")  # fmt: skip
DEAL_TEXTS = ("opportunity_id", "status", "customer", "rep", "team", "manager", "region", "channel", "product_line",
              "product", "customer_type")  # fmt: skip
TARGET_TEXTS = ("period", "metric", "team", "rep", "region", "channel", "product_line", "customer_type")


def scope_of(period: str, as_of: date = date(2025, 12, 31), begin: date = date(2023, 1, 2), team: str = "all") -> Scope:
    calendar = Calendar()
    return Scope(team, calendar.period(period), as_of, begin, calendar=calendar)


def texts(frame: pd.DataFrame, column: str) -> pd.Series:
    given = frame[column] if column in frame else [None] * len(frame)
    return pd.Series(list(given), index=frame.index, dtype="str")


def orders_of(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Order lines as the loader gives them; ``day`` and ``money`` (currency units), anything else optional."""
    frame = pd.DataFrame(rows, columns=sorted({"day", "money", *(k for row in rows for k in row)}))
    made = pd.DataFrame({c: texts(frame, c) for c in ORDER_TEXTS}, index=frame.index)
    made["order_id"] = made["order_id"].fillna(
        pd.Series([f"o{i}" for i in frame.index], index=frame.index, dtype="str")
    )
    made["sales_date"] = pd.to_datetime(frame["day"]).astype("datetime64[s]")
    made["order_date"] = made["sales_date"]
    made["amount"] = frame["money"].astype("float64")
    made["quantity"] = frame["quantity"].astype("float64") if "quantity" in frame else float("nan")
    since = made.groupby("customer")["sales_date"].transform("min")
    made["customer_since"] = since.astype("datetime64[s]")
    return made


def deals_of(rows: list[dict[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=sorted({"day", "money", *(k for row in rows for k in row)}))
    made = pd.DataFrame({c: texts(frame, c) for c in DEAL_TEXTS}, index=frame.index)
    made["opportunity_id"] = [f"d{i}" for i in frame.index]
    made["close_date"] = pd.to_datetime(frame["day"]).astype("datetime64[s]")
    begun = frame["begun"] if "begun" in frame else [None] * len(frame)
    made["created_date"] = pd.to_datetime(pd.Series(list(begun), index=frame.index)).astype("datetime64[s]")
    proposed = frame["proposal_date"] if "proposal_date" in frame else [None] * len(frame)
    made["proposal_date"] = pd.to_datetime(pd.Series(list(proposed), index=frame.index)).astype("datetime64[s]")
    made["amount"] = frame["money"].astype("float64")
    return made


def targets_of(rows: list[dict[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame([{"metric": "sales", **dict.fromkeys(TARGET_TEXTS[2:]), **row} for row in rows],
                         columns=[*TARGET_TEXTS, "amount"])  # fmt: skip
    return frame.astype({**dict.fromkeys(TARGET_TEXTS, "str"), "amount": "float64"})


def receipts_of() -> pd.DataFrame:
    columns = {"team": "str", "due_date": "datetime64[s]", "due_amount": "float64", "received_date": "datetime64[s]",
               "received_amount": "float64"}  # fmt: skip
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})

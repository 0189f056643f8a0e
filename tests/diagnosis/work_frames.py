"""Small frames of daily work, the roster and receipts, as the loader gives them."""

from datetime import date

import pandas as pd

ACTIVITY_TEXTS = ("rep", "kind", "customer", "team")
REP_TEXTS = ("rep", "team", "manager", "region")
RECEIPT_TEXTS = ("receipt_id", "order_id", "customer", "rep", "team")


def days_of(frame: pd.DataFrame, column: str) -> pd.Series:
    given = frame[column] if column in frame else [None] * len(frame)
    return pd.to_datetime(pd.Series(list(given), index=frame.index)).astype("datetime64[s]")


def texts_of(frame: pd.DataFrame, columns: tuple[str, ...]) -> dict[str, pd.Series]:
    return {
        c: pd.Series(list(frame[c]) if c in frame else [None] * len(frame), index=frame.index, dtype="str")
        for c in columns
    }


def activities_of(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Activities: ``day``, ``rep``, ``kind``; ``count`` is 1 unless given."""
    frame = pd.DataFrame(rows, columns=sorted({"day", "count", *ACTIVITY_TEXTS, *(k for r in rows for k in r)}))
    made = pd.DataFrame({"activity_date": days_of(frame, "day"), **texts_of(frame, ACTIVITY_TEXTS)})
    made["count"] = frame["count"].astype("Float64").fillna(1).astype("Int64")
    return made


def reps_of(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Roster: ``rep``; ``begin`` and ``end`` where they are known."""
    frame = pd.DataFrame(rows, columns=sorted({"begin", "end", *REP_TEXTS, *(k for r in rows for k in r)}))
    begin, end = days_of(frame, "begin"), days_of(frame, "end")
    return pd.DataFrame({**texts_of(frame, REP_TEXTS), "valid_from": begin, "valid_to": end})


def receipts_of(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Receipts: ``due`` and ``paid`` are days, ``owed`` and ``got`` currency units."""
    names = {"due", "paid", "owed", "got", *RECEIPT_TEXTS}
    frame = pd.DataFrame(rows, columns=sorted({*names, *(k for r in rows for k in r)}))
    made = pd.DataFrame(texts_of(frame, RECEIPT_TEXTS), index=frame.index)
    made["receipt_id"] = [f"r{i}" for i in frame.index]
    made["due_date"], made["received_date"] = days_of(frame, "due"), days_of(frame, "paid")
    for column, given in (("due_amount", "owed"), ("received_amount", "got")):
        made[column] = frame[given].astype("float64")
    return made


def owners_of(owners: dict[str, str]) -> pd.DataFrame:
    """Customers with their owners."""
    columns = {"customer": list(owners), "owner": list(owners.values())}
    return pd.DataFrame({c: pd.Series(v, dtype="str") for c, v in columns.items()})


def workdays(first: str, last: str) -> list[date]:
    return [d.date() for d in pd.bdate_range(first, last)]

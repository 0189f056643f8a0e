"""What came in against what was due."""

from __future__ import annotations

import pandas as pd

from salesnb.data.schema import SCALE
from salesnb.metrics.registry import base, derived, ratio, total


@base("receivable", "money", table="receipts", date="due_date", absent="no_receipts")
def receivable(rows: pd.DataFrame, by: list[str]) -> pd.Series:
    """Sum what is due in the window."""
    return total(rows, by, "due_amount", "sum") / SCALE


@base("received", "money", table="receipts", date="received_date", absent="no_receipts")
def received(rows: pd.DataFrame, by: list[str]) -> pd.Series:
    """Sum what came in during the window, whenever it was due."""
    return total(rows, by, "received_amount", "sum") / SCALE


@derived("collection_rate", "rate", of=("received", "receivable"), absent="no_receipts")
def collection_rate(frame: pd.DataFrame) -> pd.Series:
    """Divide what came in by what was due in the window; may exceed 100 %."""
    return ratio(frame["received"], frame["receivable"])

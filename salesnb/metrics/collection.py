"""What came in against what was due."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from salesnb.calendar import Window
from salesnb.metrics.grouped import UNASSIGNED, Member, Rows, coded, exact, inside
from salesnb.metrics.registry import Figures, Tables, base, derived, measured_by, only, ratio, whole
from salesnb.schema import SCALE
from salesnb.scope import Scope


@base("receivable", "money", table="receipts", date="due_date", absent="no_receipts")
def receivable(rows: Rows) -> np.ndarray:
    """Sum what is due in the window."""
    return rows.money("due_amount")


@base("received", "money", table="receipts", date="received_date", absent="no_receipts")
def received(rows: Rows) -> np.ndarray:
    """Sum what came in during the window, whenever it was due."""
    return rows.money("received_amount")


@base("undated_receipts", "count", table="receipts", date="due_date", absent="no_receipts")
def undated_receipts(rows: Rows) -> np.ndarray:
    """Count instalments that fall due in the window and for which money came in on no known day."""
    return rows.without("received_date").above("received_amount", 0).distinct("receipt_id")


@base("undated_due", "money", table="receipts", date="due_date", absent="no_receipts")
def undated_due(rows: Rows) -> np.ndarray:
    """Sum what is due in the window of instalments for which money came in on no known day."""
    return rows.without("received_date").above("received_amount", 0).money("due_amount")


@derived(
    "collection_rate", "rate", of=("received", "receivable", "undated_receipts", "undated_due"), absent="no_receipts",
    needs="receipts.received", definition=2,
)  # fmt: skip
def collection_rate(figures: Figures) -> np.ndarray:
    """Divide what came in by what was due in the window; may exceed 100 %.

    Instalments for which money came in on no known day are in neither; where no other money came in, nothing is known.
    """
    rate = ratio(figures["received"], figures["receivable"] - figures["undated_due"])
    return only(rate, (figures["undated_receipts"] == 0) | (figures["received"] > 0))


@base("instalments", "count", table="receipts", date="due_date", absent="no_receipts")
def instalments(rows: Rows) -> np.ndarray:
    """Count instalments that fall due in the window."""
    return rows.distinct("receipt_id")


measured_by("diagnosis.collection", "money", "overdue_previous", absent="no_base", less_is_better=True)


def due_in_time(receipts: pd.DataFrame, window: Window, by: str = "") -> dict[str, float]:
    """Return what of the money due in a window had come in by its end, as a share, by the members of a dimension.

    Money due at other times is left out, so that old debts that come in cannot hide new ones that do not; nothing
    counts for more than was due. Without a dimension there is one member, blank; who had nothing due is left out.
    Instalments for which money came in on no known day are left out too.
    """
    receipts = dated(receipts)
    due, came = (exact(receipts[c]) for c in ("due_amount", "received_amount"))
    at = np.flatnonzero(inside(receipts["due_date"], window) & (due > 0))
    paid_on = receipts["received_date"].to_numpy().astype("datetime64[D]")[at]
    paid = paid_on <= np.datetime64(window.end)
    codes, names = np.zeros(len(at), dtype="int64"), [""] if len(at) else []
    if by:
        codes, names = coded(receipts[by].array.take(at), UNASSIGNED)
    asked = np.bincount(codes, due[at], len(names))
    kept = np.bincount(codes, np.where(paid, np.minimum(came, due)[at], 0.0), len(names))
    return {name: float(kept[i] / asked[i]) for i, name in enumerate(names) if asked[i] > 0}


def dated(receipts: pd.DataFrame) -> pd.DataFrame:
    """Return receipts without those for which money came in on no known day: whether it was in time is not known."""
    came = exact(receipts["received_amount"]) != 0
    return receipts[~(came & receipts["received_date"].isna().to_numpy(dtype=bool))]


def rate_on_sales(received: float, sales: float) -> float:
    """Divide what came in by sales: the collection rate where no due dates are given."""
    return float(ratio(np.array([received]), np.array([sales]))[0])


def overdue_items(receipts: pd.DataFrame, day: date) -> pd.DataFrame:
    """Return what was due before a day and had not come in by then, one row per instalment.

    What came in by then counts against its own instalment only. A credit note (a negative amount due) lowers what is
    overdue. An amount that came in without a date counts as come in.

    Parameters
    ----------
    receipts
        Clean receipts; instalments without a due date are never overdue.
    day
        The day as of which is asked.

    Returns
    -------
    DataFrame
        Columns ``team``, ``rep``, ``customer``, ``units`` (1/10,000 of the unit, int64), ``days`` since the due date.
    """
    at, units, days = _overdue(receipts, day)
    who = receipts[["team", "rep", "customer"]].iloc[at].fillna("").astype("str").reset_index(drop=True)
    return who.assign(units=units, days=days)


def overdue_sum(receipts: pd.DataFrame, day: date) -> float:
    """Add up what `overdue_items` lists, in currency units."""
    return int(_overdue(receipts, day)[1].sum()) / SCALE


@whole("money", "overdue", tables=("receipts",), absent="no_receipts", less_is_better=True)
def overdue(tables: Tables, scope: Scope, by: Sequence[str]) -> dict[Member, dict[str, float]]:
    """Add up what is overdue at the window's end; of the whole."""
    return {} if by else {(): {"overdue": overdue_sum(tables["receipts"], scope.window.end)}}


def _overdue(receipts: pd.DataFrame, day: date) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which instalments are overdue, by how much, and since how many days."""
    on_day = np.datetime64(day)
    due_on = receipts["due_date"].to_numpy().astype("datetime64[D]")
    days = np.where(np.isnat(due_on), 0, on_day.astype("int64") - due_on.astype("int64"))
    paid_on = receipts["received_date"].to_numpy()
    paid = np.isnat(paid_on) | (paid_on <= on_day)
    due, got = (exact(receipts[c]) for c in ("due_amount", "received_amount"))
    left = due - np.where(paid, got, 0)
    left = np.where(due > 0, np.maximum(left, 0), np.minimum(left, 0))
    at = np.flatnonzero((days > 0) & (left != 0) & (due != 0))
    return at, left[at], days[at]

"""New and returning customers: who is new in the period that holds a sale or the close of a deal.

A customer is new in the period that the first ever order lies in, or the first after the pause that makes it a new one;
all sales of that period are then a new customer's. A period is one of the length that is looked at: of a quarter the
months before it are parts of quarters too, and who is new in one is new in all three.
"""

import numpy as np
import pandas as pd

from salesnb.metrics.grouped import KINDS, kinds
from salesnb.scope import Scope

_NAMES = pd.Index(["", *KINDS[1:]], dtype="str")
"""Members of ``new_existing``, blank where no customer is named."""


def sales_with_kinds(orders: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return clean orders with ``new_existing``, of their customers in the periods that hold them."""
    first, last = _periods(orders["sales_date"], scope)
    codes = kinds(orders["customer_since"].to_numpy(), first, last)
    return orders.assign(new_existing=pd.Categorical.from_codes(codes, _NAMES))


def deals_with_kinds(opportunities: pd.DataFrame, orders: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return deals with ``new_existing``, of their customers in the periods in which they closed.

    Who had not bought by the end of that period is new as well.
    """
    first, last = _periods(opportunities["close_date"], scope)
    known = orders[["customer", "customer_since"]].dropna().drop_duplicates().sort_values("customer_since")
    asked = pd.DataFrame({"customer": opportunities["customer"].array, "last": last, "at": np.arange(len(last))})
    asked = asked.dropna(subset=["customer"]).sort_values("last")
    since = pd.merge_asof(asked, known, left_on="last", right_on="customer_since", by="customer")
    at, codes = since["at"].to_numpy(), np.zeros(len(last), dtype=np.int64)
    codes[at] = kinds(since["customer_since"].fillna(since["last"]).to_numpy(), first[at], last[at])
    return opportunities.assign(new_existing=pd.Categorical.from_codes(codes, _NAMES))


def begun_with_kinds(opportunities: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """Return deals with ``new_existing`` as of the day they were begun: new is who had not bought before it."""
    first = orders.dropna(subset=["customer"]).groupby("customer", observed=True)["customer_since"].min()
    since = pd.to_datetime(opportunities["customer"].map(first.to_dict()))
    bought = (since < opportunities["created_date"]).to_numpy(dtype=bool)
    codes = np.where(bought, KINDS.index("existing"), KINDS.index("new"))
    codes = np.where(opportunities["customer"].isna() | opportunities["created_date"].isna(), 0, codes)
    return opportunities.assign(new_existing=pd.Categorical.from_codes(codes, _NAMES))


def _periods(days: pd.Series, scope: Scope) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and the last day of the period, as long as the scope's, that holds each day.

    Where the periods of a fiscal table begin later, that is its calendar month.
    """
    run = [scope.period]
    while run[-1].start > scope.history_start and (before := scope.calendar.previous(run[-1])) is not None:
        run.append(before)
    starts = np.array([p.start for p in run[::-1]], dtype="datetime64[s]")
    ends = np.array([p.end for p in run[:0:-1]] + [scope.window.end], dtype="datetime64[s]")
    dates = days.to_numpy().astype("datetime64[s]")
    place, month = np.searchsorted(starts, dates, side="right") - 1, dates.astype("datetime64[M]")
    first, last = np.where(place < 0, month, starts[place]), np.where(place < 0, month + 1, ends[place])
    return first, np.where(place < 0, last - np.timedelta64(1, "D"), last)

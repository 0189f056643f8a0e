"""Customers that a period begins with, and how many of them buy again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from salesnb.calendar import Window
from salesnb.metrics.grouped import Member, exact, inside, parts_of_one
from salesnb.metrics.registry import Figures, Tables, derived, ratio, whole
from salesnb.scope import Scope


@derived(
    "repurchase_rate", "rate", definition=2, of=("returning_customers", "existing_customers"), absent="no_customers",
    counted_by="existing_customers",
)  # fmt: skip
def repurchase_rate(figures: Figures) -> np.ndarray:
    """Divide existing customers who order in the period by all existing customers at its start."""
    return ratio(figures["returning_customers"], figures["existing_customers"])


@derived(
    "churn_rate", "rate", of=("lost_customers", "earlier_customers"), definition=2, absent="no_customers",
    less_is_better=True, counted_by="earlier_customers",
)  # fmt: skip
def churn_rate(figures: Figures) -> np.ndarray:
    """Divide the customers of the window before who are none of this one by all customers of the window before."""
    return ratio(figures["lost_customers"], figures["earlier_customers"])


def looked_back(window: Window, months: int) -> Window:
    """Return the days before a window in which a customer must have ordered to be an existing one."""
    start = (pd.Timestamp(window.start) - pd.DateOffset(months=months)).date()
    return Window(start, window.start - timedelta(days=1))


def existing(orders: pd.DataFrame, window: Window, months: int) -> dict[str, str]:
    """Return the existing customers at the start of a window, each with the rep of its last order (blank: none).

    Who returned as much as he bought in those days is none.

    Parameters
    ----------
    orders
        Clean orders, those from before the window included.
    months
        How far back an order makes a customer an existing one.
    """
    at = np.flatnonzero(inside(orders["sales_date"], looked_back(window, months)))
    sold = orders.iloc[at][["sales_date", "customer", "rep", "amount"]].dropna(subset=["customer"])
    codes = pd.factorize(sold["customer"].array)[0]
    sold = sold[parts_of_one(codes, exact(sold["amount"])) > 0]
    last = sold.sort_values("sales_date", kind="stable").drop_duplicates("customer", keep="last")
    return dict(zip(last["customer"].astype("str"), last["rep"].fillna("").astype("str"), strict=True))


def repurchase(orders: pd.DataFrame, window: Window, months: int) -> dict[str, float]:
    """Return ``existing_customers``, ``returning_customers`` and ``repurchase_rate`` of a window."""
    known, bought = _active(orders, (looked_back(window, months), window))
    counts = {"existing_customers": known.sum(), "returning_customers": (known & bought).sum()}
    return _with_rate(counts, "repurchase_rate", repurchase_rate)


def churn(orders: pd.DataFrame, window: Window, months: int) -> dict[str, float]:
    """Return ``earlier_customers``, ``lost_customers`` and ``churn_rate``.

    The months up to the window's end are held against as many before them.
    """
    now = _months_up_to(window.end, months)
    before, still = _active(orders, (looked_back(now, months), now))
    counts = {"earlier_customers": before.sum(), "lost_customers": (before & ~still).sum()}
    return _with_rate(counts, "churn_rate", churn_rate)


@whole("count", "existing_customers", "returning_customers", tables=("orders",), definition=2, absent="no_customers")
def bought_again(tables: Tables, scope: Scope, by: Sequence[str]) -> dict[Member, dict[str, float]]:
    """Count existing customers and those who bought again; of the whole, where the data reach back far enough."""
    months = scope.settings.sales.existing_customer_months
    if by or not scope.holds(looked_back(scope.window, months)):
        return {}
    return {(): repurchase(tables["orders"], scope.window, months)}


@whole("count", "lost_customers", tables=("orders",), absent="no_customers", less_is_better=True)
@whole("count", "earlier_customers", tables=("orders",), absent="no_customers")
def not_back(tables: Tables, scope: Scope, by: Sequence[str]) -> dict[Member, dict[str, float]]:
    """Count customers of the months before and those lost since; of the whole, where the data reach back far enough."""
    months = scope.settings.sales.existing_customer_months
    if by or not scope.holds(churned_from(scope.window, months)):
        return {}
    return {(): churn(tables["orders"], scope.window, months)}


def _active(orders: pd.DataFrame, windows: Sequence[Window]) -> Iterator[np.ndarray]:
    """Tell for each window of every customer whether he bought more than he returned."""
    codes, names = pd.factorize(orders["customer"].array)
    days, amounts = orders["sales_date"], exact(orders["amount"])
    for window in windows:
        at = np.flatnonzero(inside(days, window) & (codes >= 0))
        yield np.bincount(codes[at], amounts[at], minlength=len(names)) > 0


def _with_rate(counts: Mapping[str, int], name: str, formula: Callable[[Figures], np.ndarray]) -> dict[str, float]:
    figures = {id: np.array([count], dtype="float64") for id, count in counts.items()}
    return {**{id: float(v[0]) for id, v in figures.items()}, name: float(formula(figures)[0])}


def churned_from(window: Window, months: int) -> Window:
    """Return the days whose customers `churn` looks for later."""
    return looked_back(_months_up_to(window.end, months), months)


def _months_up_to(day: date, months: int) -> Window:
    start = pd.Timestamp(day) + pd.Timedelta(days=1) - pd.DateOffset(months=months)
    return Window(start.date(), day)

"""Customers that a period begins with, and how many of them buy again."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from salesnb.calendar import Window
from salesnb.metrics.grouped import inside, parts_of_one
from salesnb.metrics.registry import Figures, derived, plain, ratio

plain("returning_customers", "count", definition=2, absent="no_customers")


@derived(
    "repurchase_rate",
    "rate",
    definition=2,
    of=("returning_customers", "existing_customers"),
    absent="no_customers",
    counted_by="existing_customers",
)
def repurchase_rate(figures: Figures) -> np.ndarray:
    """Divide existing customers who order in the period by all existing customers at its start."""
    return ratio(figures["returning_customers"], figures["existing_customers"])


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
    sold = sold[parts_of_one(codes, sold["amount"].to_numpy(dtype="float64", na_value=0.0)) > 0]
    last = sold.sort_values("sales_date", kind="stable").drop_duplicates("customer", keep="last")
    return dict(zip(last["customer"].astype("str"), last["rep"].fillna("").astype("str"), strict=True))


def repurchase(orders: pd.DataFrame, window: Window, months: int) -> dict[str, float]:
    """Return ``existing_customers``, ``returning_customers`` and ``repurchase_rate`` of a window."""
    codes, names = pd.factorize(orders["customer"].array)
    days, amounts = orders["sales_date"], orders["amount"].to_numpy(dtype="float64", na_value=0.0)
    at = [np.flatnonzero(inside(days, w) & (codes >= 0)) for w in (looked_back(window, months), window)]
    known, bought = (np.bincount(codes[rows], amounts[rows], minlength=len(names)) > 0 for rows in at)
    counts = {"existing_customers": known.sum(), "returning_customers": (known & bought).sum()}
    figures = {name: np.array([count], dtype="float64") for name, count in counts.items()}
    return {
        **{k: float(v[0]) for k, v in figures.items()},
        "repurchase_rate": float(repurchase_rate(figures)[0]),
    }

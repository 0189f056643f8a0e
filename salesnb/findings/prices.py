"""Prices of a period against the usual ones, product by product."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from salesnb.calendar import Window
from salesnb.metrics.grouped import inside

PRICED = frozenset({"lower_prices", "smaller_orders"})
"""Problems that may lie in prices: orders may be smaller since fewer units, or since cheaper ones, were sold."""

CHEAPER = 0.97
"""Prices at less than this share of the usual ones are a fall."""


def at_usual_prices(orders: pd.DataFrame, usual: Sequence[Window]) -> pd.DataFrame:
    """Return order lines with what was paid and what the same units would have brought at usual prices.

    A product's usual price is its amount over its units in the usual time, so that selling other products is no
    change of price. Products without a usual price are left out.

    Parameters
    ----------
    orders
        Order lines with ``product``, ``quantity`` and ``amount``.
    usual
        Windows of the usual time, oldest first.

    Returns
    -------
    DataFrame
        Columns ``sales_date``, ``rep`` (blank: none), ``paid``, ``usual``.
    """
    sold = orders[(orders["quantity"] > 0) & orders["product"].notna()]
    days = sold["sales_date"]
    past = sold[inside(days, Window(usual[0].start, usual[-1].end))] if usual else sold.iloc[:0]
    sums = past.groupby("product")[["amount", "quantity"]].sum().astype("float64")
    made = pd.DataFrame(
        {"sales_date": days, "rep": sold["rep"].fillna(""), "paid": sold["amount"].astype("float64"),
         "usual": sold["product"].map(sums["amount"] / sums["quantity"]) * sold["quantity"]}
    )  # fmt: skip
    return made[made["usual"] > 0]


def price_level(lines: pd.DataFrame, window: Window) -> float:
    """Return what was paid in a window over what its units would have brought at usual prices, NaN without any."""
    own = lines[inside(lines["sales_date"], window)]
    return float(own["paid"].sum() / own["usual"].sum()) if len(own) else float("nan")


def levels_by_rep(lines: pd.DataFrame, window: Window) -> dict[str, float]:
    """Return the price level of each rep who sold in a window."""
    own = lines[inside(lines["sales_date"], window) & (lines["rep"] != "").to_numpy()]
    sums = own.groupby("rep")[["paid", "usual"]].sum()
    return {str(rep): float(level) for rep, level in (sums["paid"] / sums["usual"]).items()}

"""The one usual price of what was sold: problems of prices are found, sized, shown and asked about by it alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesnb.calendar import Window
from salesnb.data.schema import SCALE
from salesnb.metrics.grouped import inside

PRICED = frozenset({"lower_prices", "smaller_orders"})
"""Problems that may lie in prices: orders may be smaller since fewer units, or since cheaper ones, were sold."""

CHEAPER = 0.97
"""Prices at less than this share of the usual ones are a fall."""

BELIEVABLE = 5.0
"""A price that many times as high or low as usual is taken for a slip of the pen, not for a price."""


def at_usual_prices(orders: pd.DataFrame, usual: Sequence[Window]) -> np.ndarray:
    """Return what each order line would have brought at usual prices, 0 where there is no usual price.

    The usual price of a product is what the customer paid for a unit of it in the usual time, all its lines together;
    where it bought none, what all customers of its type paid. So neither other products nor other customers are a
    change of price. Lines of no product or no units have no price, nor have those at a price that nobody believes.

    Parameters
    ----------
    orders
        Order lines with ``sales_date``, ``product``, ``quantity``, ``amount`` (1/10,000), ``customer`` and
        ``customer_type``.
    usual
        Windows of the usual time.
    """
    amount = orders["amount"].to_numpy(dtype="float64", na_value=0.0) / SCALE
    quantity = orders["quantity"].to_numpy(dtype="float64", na_value=np.nan)
    past = np.zeros(len(orders), dtype=bool)
    for window in usual:
        past |= inside(orders["sales_date"], window)
    past &= quantity > 0
    product, price = _codes(orders, "product"), np.full(len(orders), np.nan)
    customer, kind = (_codes(orders, who) for who in ("customer", "customer_type"))
    # A blank customer is nobody in particular; those of no known type are all of one.
    for payer, known in ((customer, customer >= 0), (kind, np.ones(len(orders), dtype=bool))):
        rows = known & (product >= 0)
        pair = _pairs(payer, product)
        price = np.where(np.isnan(price) & rows, _paid(pair, rows & past, amount, quantity)[pair], price)
    worth = price * quantity
    return np.where((worth > 0) & (amount * BELIEVABLE > worth) & (amount < worth * BELIEVABLE), worth, 0.0)


def _codes(orders: pd.DataFrame, column: str) -> np.ndarray:
    """Return each line's member of a column as a number, -1 for none or a blank one."""
    if column not in orders:
        return np.full(len(orders), -1, dtype=np.int64)
    codes, found = pd.factorize(orders[column].array)
    blank = np.array([name == "" for name in found], dtype=bool)
    return np.where(np.append(blank, True)[codes], -1, codes).astype(np.int64)


def _pairs(payer: np.ndarray, product: np.ndarray) -> np.ndarray:
    """Return the pair of payer and product of each line as a number."""
    return pd.factorize((payer + 1) * (product.max(initial=0) + 2) + product + 1)[0]


def _paid(pair: np.ndarray, rows: np.ndarray, amount: np.ndarray, quantity: np.ndarray) -> np.ndarray:
    """Return the price of a unit by pair of payer and product over some rows, NaN where none was sold."""
    size = int(pair.max(initial=0)) + 1
    paid, units = (np.bincount(pair[rows], column[rows], size) for column in (amount, quantity))
    return np.divide(paid, units, out=np.full(size, np.nan), where=units > 0)


def price_level(lines: pd.DataFrame, window: Window) -> float:
    """Return what was paid in a window over what its units would have brought at usual prices, NaN without any.

    Parameters
    ----------
    lines
        Order lines with ``sales_date``, ``amount`` and ``usual``, the amount at usual prices of `at_usual_prices`.
    window
        First and last day.
    """
    own = _priced(lines, window)
    return float(own["amount"].sum() / SCALE / own["usual"].sum()) if len(own) else float("nan")


def levels_by_rep(lines: pd.DataFrame, window: Window) -> dict[str, float]:
    """Return the price level of each rep who sold in a window; ``lines`` as for `price_level`, with ``rep``."""
    own = _priced(lines, window)
    sums = own[(own["rep"].fillna("") != "").to_numpy()].groupby("rep")[["amount", "usual"]].sum()
    levels = sums["amount"] / SCALE / sums["usual"]
    return {str(rep): float(level) for rep, level in levels.items()}


def _priced(lines: pd.DataFrame, window: Window) -> pd.DataFrame:
    return lines[inside(lines["sales_date"], window) & (lines["usual"] > 0).to_numpy()]

"""The one usual price of what was sold: problems of prices are found, sized, shown and asked about by it alone."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesnb.calendar import Window
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
        Order lines with ``sales_date``, ``product``, ``quantity``, ``amount``, ``customer`` and
        ``customer_type``.
    usual
        Windows of the usual time.
    """
    amount, quantity = _figures(orders)
    past = np.zeros(len(orders), dtype=bool)
    for window in usual:
        past |= inside(orders["sales_date"], window)
    past &= quantity > 0
    price = np.full(len(orders), np.nan)
    for pair, rows in _payers(orders):
        price = np.where(np.isnan(price) & rows, _paid(pair, rows & past, amount, quantity)[pair], price)
    return _believed(amount, price * quantity)


def at_prices_before(orders: pd.DataFrame, place: np.ndarray, back: int) -> np.ndarray:
    """Return what each order line would have brought at the prices known when it was sold; 0 where none was.

    As `at_usual_prices`, but each line's usual time are the ``back`` bins before its own. So it tells how far prices
    stray where nothing happens: a price that is learnt from a month cannot be strayed from in it.

    Parameters
    ----------
    orders
        Order lines as for `at_usual_prices`.
    place
        The bin of each line, -1 for none.
    back
        Bins before a line's own from which its price is learnt.
    """
    amount, quantity = _figures(orders)
    price, bins = np.full(len(orders), np.nan), int(place.max(initial=0)) + 1
    for pair, rows in _payers(orders):
        key = pair * (bins + 1) + place + 1
        sold = np.flatnonzero(rows & (quantity > 0) & (place >= 0))
        sold = sold[np.argsort(key[sold], kind="stable")]
        # Lines of one payer and product lie together, by bin: sums of some bins are differences of running sums.
        first = np.searchsorted(key[sold], pair * (bins + 1) + np.maximum(place - back, 0) + 1)
        last = np.searchsorted(key[sold], key)
        paid, units = (np.append(0.0, np.cumsum(column[sold])) for column in (amount, quantity))
        known = np.isnan(price) & rows & (last > first)
        price[known] = (paid[last] - paid[first])[known] / (units[last] - units[first])[known]
    return _believed(amount, price * quantity)


def _figures(orders: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the amount of each line in currency units, and its quantity."""
    amount = orders["amount"].to_numpy(dtype="float64", na_value=0.0)
    return amount, orders["quantity"].to_numpy(dtype="float64", na_value=np.nan)


def _payers(orders: pd.DataFrame) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the pair of payer and product of each line and whether it has one: by customer, then by its type."""
    product, customer, kind = (_codes(orders, c) for c in ("product", "customer", "customer_type"))
    # A blank customer is nobody in particular; those of no known type are all of one.
    return [(_pairs(customer, product), (product >= 0) & (customer >= 0)), (_pairs(kind, product), product >= 0)]


def _believed(amount: np.ndarray, worth: np.ndarray) -> np.ndarray:
    """Return amounts at usual prices, 0 where there is none or nobody believes the price that was paid."""
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
    return float(own["amount"].sum() / own["usual"].sum()) if len(own) else float("nan")


def levels_by_rep(lines: pd.DataFrame, window: Window) -> dict[str, float]:
    """Return the price level of each rep who sold in a window; ``lines`` as for `price_level`, with ``rep``."""
    own = _priced(lines, window)
    sums = own[(own["rep"].fillna("") != "").to_numpy()].groupby("rep")[["amount", "usual"]].sum()
    levels = sums["amount"] / sums["usual"]
    return {str(rep): float(level) for rep, level in levels.items()}


def _priced(lines: pd.DataFrame, window: Window) -> pd.DataFrame:
    return lines[inside(lines["sales_date"], window) & (lines["usual"] > 0).to_numpy()]

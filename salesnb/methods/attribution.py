"""Split the change of a product or a sum into the parts of its factors, exactly and whatever their order."""

from collections.abc import Sequence
from itertools import combinations
from math import factorial, isnan, log, log1p, prod

import numpy as np
import pandas as pd


def logarithmic_mean(a: float, b: float) -> float:
    """Return (a - b) / ln(a / b), its limit a where a equals b; both must be positive."""
    low, high = min(a, b), max(a, b)
    # Of the ratio of two that hardly differ rounding leaves little; of their difference it takes nothing.
    return low if low == high else (high - low) / log1p((high - low) / low)


def product_change(before: Sequence[float], after: Sequence[float]) -> list[float]:
    """Attribute the change of a product to its factors, so that the parts add up to the whole change.

    The logarithmic mean Divisia index (LMDI-I; Ang, 2004, Energy Policy 32, 1131-1139) where every factor is
    positive before and after. With a zero or negative factor the logarithm does not exist: then the Shapley value,
    the mean over all orders of substitution. Neither depends on the order of the factors.

    Parameters
    ----------
    before, after
        The factors, in the same order. NaN on one side means that the factor does not exist there (the value of an
        order where there was none): it counts as unchanged, and the factor that made it vanish bears the change.

    Returns
    -------
    list of float
        One part per factor, in the unit of the product.
    """
    pairs = [_known(a, b) for a, b in zip(before, after, strict=True)]
    old, new = [a for a, _ in pairs], [b for _, b in pairs]
    if all(x > 0 for x in (*old, *new)):
        mean = logarithmic_mean(prod(new), prod(old))
        return [mean * log(b / a) for a, b in pairs]
    return _shapley(old, new)


def _known(a: float, b: float) -> tuple[float, float]:
    if isnan(a):
        a = 0.0 if isnan(b) else b
    return (a, a) if isnan(b) else (a, b)


def _shapley(before: Sequence[float], after: Sequence[float]) -> list[float]:
    count, parts = len(before), []
    for i in range(count):
        others = [j for j in range(count) if j != i]
        part = 0.0
        for size in range(count):
            weight = factorial(size) * factorial(count - size - 1) / factorial(count)
            for changed in combinations(others, size):
                rest = prod(after[j] if j in changed else before[j] for j in others)
                part += weight * rest * (after[i] - before[i])
        parts.append(part)
    return parts


def mix_change(items: pd.DataFrame) -> dict[str, float]:
    """Split the change of a sum of quantity x price into volume, mix and price, for items present in both periods.

    With Q the quantities, P the average prices, s0 an item's share of the old quantity:
    volume = (Q1 - Q0) x P0 average; mix = sum of (Q1_i - Q1 x s0_i) x (P0_i - P0 average);
    price = sum of (P1_i - P0_i) x Q1_i. The three add up to the change.

    Parameters
    ----------
    items
        Columns ``quantity_before``, ``amount_before``, ``quantity_after``, ``amount_after``, one row per item; all
        quantities positive.
    """
    if items.empty:
        return {"volume": 0.0, "mix": 0.0, "price": 0.0}
    q0, q1 = items["quantity_before"].to_numpy(), items["quantity_after"].to_numpy()
    p0, p1 = items["amount_before"].to_numpy() / q0, items["amount_after"].to_numpy() / q1
    average = items["amount_before"].sum() / q0.sum()
    usual = q1.sum() * q0 / q0.sum()
    return {
        "volume": float((q1.sum() - q0.sum()) * average),
        "mix": float(np.sum((q1 - usual) * (p0 - average))),
        "price": float(np.sum((p1 - p0) * q1)),
    }


def to_whole(parts: Sequence[float], total: int) -> list[int]:
    """Round parts to whole units so that they add up to ``total`` (largest remainder).

    Parameters
    ----------
    parts
        Real parts whose sum is ``total`` but for rounding.
    total
        The sum that the whole parts must have, e.g. a change of money in 1/10,000.

    Raises
    ------
    ValueError
        Where the parts do not make up the total: the remainder is not spread over them in silence.
    """
    if abs(sum(parts) - total) > len(parts) + 1e-9 * sum(abs(part) for part in parts):
        raise ValueError(f"the parts add up to {sum(parts)}, not to {total}")
    floors = [int(part // 1) for part in parts]
    left = total - sum(floors)
    order = sorted(range(len(parts)), key=lambda i: (floors[i] - parts[i], i))
    step = 1 if left >= 0 else -1
    order = order if left >= 0 else order[::-1]
    for n in range(abs(left)):
        floors[order[n % len(order)]] += step
    return floors


def change_table(
    before: pd.Series, after: pd.Series, factors: Sequence[str], whole: str, smallest: int
) -> pd.DataFrame:
    """Attribute the change of a product that stands beside its factors, exact in the smallest unit.

    Parameters
    ----------
    before, after
        The factors and their product, by name.
    factors, whole
        Names of the factors and of their product.
    smallest
        How many smallest units make one unit, e.g. 10,000.

    Returns
    -------
    DataFrame
        One row per factor: ``kpi`` (its name), ``effect`` (in the unit of the product), ``before``, ``after`` (NaN
        where the factor does not exist).
    """
    change = round(after[whole] * smallest) - round(before[whole] * smallest)
    parts = product_change([before[f] for f in factors], [after[f] for f in factors])
    exact = to_whole([part * smallest for part in parts], change)
    return pd.DataFrame(
        {
            "kpi": list(factors),
            "effect": [part / smallest for part in exact],
            "before": [before[f] for f in factors],
            "after": [after[f] for f in factors],
        }
    )

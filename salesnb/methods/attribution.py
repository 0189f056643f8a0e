"""Split the change of a product or a sum into the parts of its factors, exactly and whatever their order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import factorial, log, prod


def logarithmic_mean(a: float, b: float) -> float:
    """Return (a - b) / ln(a / b), its limit a where a equals b; both must be positive."""
    if abs(a - b) <= 1e-12 * max(a, b):
        return a
    return (a - b) / log(a / b)


def product_change(before: Sequence[float], after: Sequence[float]) -> list[float]:
    """Attribute the change of a product to its factors, so that the parts add up to the whole change.

    The logarithmic mean Divisia index (LMDI-I; Ang, 2004, Energy Policy 32, 1131-1139) where every factor is
    positive before and after. With a zero or negative factor the logarithm does not exist: then the Shapley value, the mean over all
    orders of substitution. Neither depends on the order of the factors.

    Parameters
    ----------
    before, after
        The factors, in the same order.

    Returns
    -------
    list of float
        One part per factor, in the unit of the product.
    """
    if all(x > 0 for x in (*before, *after)):
        mean = logarithmic_mean(prod(after), prod(before))
        return [mean * log(b / a) for a, b in zip(before, after, strict=True)]
    return _shapley(before, after)


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


def to_whole(parts: Sequence[float], total: int) -> list[int]:
    """Round parts to whole units so that they add up to ``total`` (largest remainder).

    Parameters
    ----------
    parts
        Real parts whose sum is ``total`` but for rounding.
    total
        The sum that the whole parts must have, e.g. a change of money in 1/10,000.
    """
    floors = [int(part // 1) for part in parts]
    left = total - sum(floors)
    order = sorted(range(len(parts)), key=lambda i: (floors[i] - parts[i], i))
    step = 1 if left >= 0 else -1
    order = order if left >= 0 else order[::-1]
    for n in range(abs(left)):
        floors[order[n % len(order)]] += step
    return floors

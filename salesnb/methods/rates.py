"""Rates of few cases: intervals, the difference of two, and the chance that two are the same.

Formulas: Wilson (1927) for one rate; Newcombe (1998), method 10, for a difference; the pooled score test, or Fisher's
exact test where a cell is expected to hold fewer than twenty cases, since at small chances the normal curve is too
generous there; Holm (1979) for several tests at once.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.special import betaln, chdtrc, ndtr, ndtri

RARE = 0.01
"""A difference is worth naming where chance alone would make one as large less often than this."""

_LEAST_EXPECTED = 20.0

_TRIED = 12
"""Pairs whose chance is computed: those furthest apart in standard errors."""


Hits = tuple[float, float]
"""How often, out of how many cases."""


class Interval(NamedTuple):
    """Lower and upper bound; NaN where there are no cases."""

    low: np.ndarray
    high: np.ndarray


def wilson(hits: Any, cases: Any, level: float = 0.95) -> Interval:
    """Return the Wilson score interval of rates.

    Parameters
    ----------
    hits, cases
        How often, out of how many: numbers or arrays alike.
    level
        Coverage, e.g. 0.95.
    """
    hits, cases = np.asarray(hits, dtype="float64"), np.asarray(cases, dtype="float64")
    z = ndtri((1 + level) / 2)
    some = np.where(cases > 0, cases, np.nan)
    rate = hits / some
    middle = (rate + z**2 / (2 * some)) / (1 + z**2 / some)
    half = z / (1 + z**2 / some) * np.sqrt(rate * (1 - rate) / some + z**2 / (4 * some**2))
    # No or all hits: the bound is 0 or 1, but for rounding.
    low, high = np.clip(middle - half, 0.0, 1.0), np.clip(middle + half, 0.0, 1.0)
    return Interval(np.where(hits == 0, 0.0 * low, low), np.where(hits == cases, 1.0 + 0.0 * high, high))


def difference(first: Hits, second: Hits, level: float = 0.95) -> Interval:
    """Return Newcombe's interval of the first rate minus the second, each given as hits and cases."""
    (a, n), (b, m) = first, second
    if not n or not m:
        return Interval(np.array(np.nan), np.array(np.nan))
    one, two, change = wilson(a, n, level), wilson(b, m, level), a / n - b / m
    down = math.hypot(a / n - float(one.low), float(two.high) - b / m)
    up = math.hypot(float(one.high) - a / n, b / m - float(two.low))
    return Interval(np.array(change - down), np.array(change + up))


def chance_equal(first: Hits, second: Hits) -> float:
    """Return the two-sided chance of a difference at least this large between two rates that are the same.

    Each rate is given as hits and cases; NaN without cases, 1 where all or none are hits.
    """
    (a, n), (b, m) = first, second
    if n <= 0 or m <= 0:
        return math.nan
    hits, whole = a + b, n + m
    if hits in (0, whole):
        return 1.0
    expected = [side * part / whole for side in (n, m) for part in (hits, whole - hits)]
    if min(expected) < _LEAST_EXPECTED:
        return _fisher(round(a), round(n), round(b), round(m))
    pooled = hits / whole
    z = (a / n - b / m) / math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return float(2 * ndtr(-abs(z)))


def _fisher(a: int, n: int, b: int, m: int) -> float:
    """Add up the chances of all tables with the same margins that are no likelier than the one found."""
    hits = a + b
    drawn = np.arange(max(0, hits - m), min(n, hits) + 1)
    # Of the logarithms of n over k the parts that differ; scipy's own test sums alike, fifteen times slower.
    ways = -betaln(n - drawn + 1, drawn + 1) - betaln(m - hits + drawn + 1, hits - drawn + 1)
    chances = np.exp(ways - ways.max())
    found = chances[a - drawn[0]]
    # Tables as likely as the one found differ from it by rounding only.
    return float(min(chances[chances <= found * (1 + 1e-9)].sum() / chances.sum(), 1.0))


def holm(chances: Sequence[float]) -> list[float]:
    """Return chances allowing for how many were looked at; NaN stays and counts as none."""
    values = np.asarray(chances, dtype="float64")
    known = np.flatnonzero(~np.isnan(values))
    order = known[np.argsort(values[known], kind="stable")]
    found, highest = values.copy(), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, float(values[place]) * (len(order) - rank)))
        found[place] = highest
    return [float(v) for v in found]


def furthest(rates: Sequence[Hits], *, rare: float = RARE) -> tuple[int, int] | None:
    """Return the places of the two of several rates that differ most surely, the higher first.

    None where no two differ by more than chance explains, allowing for all pairs that could have been picked.
    """
    hits, cases = np.array(rates, dtype="float64").reshape(-1, 2).T
    some = np.flatnonzero(cases > 0)
    if len(some) < 2:
        return None
    share, pooled = hits[some] / cases[some], hits[some].sum() / cases[some].sum()
    error = np.sqrt(max(pooled * (1 - pooled), 1e-12) * (1 / cases[some] + 1 / cases[some][:, None]))
    first, second = np.triu_indices(len(some), 1)
    nearest = np.argsort(-np.abs((share - share[:, None]) / error)[first, second], kind="stable")[:_TRIED]
    chances = {
        (int(some[i]), int(some[j])): chance_equal(rates[some[i]], rates[some[j]])
        for i, j in zip(first[nearest], second[nearest], strict=True)
    }
    one, other = min(chances, key=lambda pair: chances[pair])
    if not chances[one, other] * len(first) < rare:
        return None
    higher = hits[one] / cases[one] > hits[other] / cases[other]
    return (one, other) if higher else (other, one)


def chance_alike(rates: Sequence[Hits]) -> float:
    """Return the chance that rates which are all the same differ at least as widely as these; 1 for fewer than two.

    Pearson's chi-square over all of them.
    """
    known = [(a, n) for a, n in rates if n > 0]
    hits, cases = sum(a for a, _ in known), sum(n for _, n in known)
    if len(known) < 2 or hits in (0, cases):
        return 1.0
    pooled = hits / cases
    square = sum((a - n * pooled) ** 2 / (n * pooled * (1 - pooled)) for a, n in known)
    return float(chdtrc(len(known) - 1, square))


def surest(pairs: Sequence[tuple[Hits, Hits] | None], *, higher: bool, rare: float = RARE) -> list[int]:
    """Return the places of pairs whose first rate is higher, or lower, than the second by more than chance explains.

    Parameters
    ----------
    pairs
        Two rates each, as hits and cases; None for what cannot be compared. All that can be compared count as looked
        at, on whichever side they lie.
    higher
        Which side is asked for.
    rare
        The chance, allowing for all looked at, below which a difference is named.

    Returns
    -------
    list
        Places in ``pairs``, the surest first.
    """
    known = [pair if pair and min(pair[0][1], pair[1][1]) > 0 else None for pair in pairs]
    chances = holm([chance_equal(*pair) if pair else math.nan for pair in known])
    found = []
    for place, (pair, chance) in enumerate(zip(known, chances, strict=True)):
        if pair is None or not chance < rare:
            continue
        (a, n), (b, m) = pair
        if (a / n > b / m) == higher:
            found.append((chance, place))
    return [place for _, place in sorted(found)]

"""Student's distribution: its quantile for whole degrees of freedom, its tail for any."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

_NORMAL = NormalDist()
_MANY = 12
_HALVINGS = 60


def quantile(chance: float, freedom: int) -> float:
    """Return Student's quantile of a chance of a half or more.

    By the expansion of Abramowitz and Stegun, 26.7.5, which is good to four digits from `_MANY` degrees on; of fewer
    it misses up to a twentieth, so there the quantile is sought in the finite sums for whole degrees (26.7.3, 26.7.4).
    """
    z = _NORMAL.inv_cdf(chance)
    if freedom < _MANY:
        return _sought(chance, freedom, z)
    parts = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return float(sum(part / freedom**power for power, part in enumerate(parts)))


def _sought(chance: float, freedom: int, low: float) -> float:
    """Return the quantile between that of the normal curve and that of one degree, by halving."""
    high = max(math.tan(math.pi * (chance - 0.5)), low)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < 2 * chance - 1 else (low, middle)
    return (low + high) / 2


def _within(t: float, freedom: int) -> float:
    """Return the chance that Student's variable of whole degrees lies within t of zero."""
    angle, odd = math.atan2(t, math.sqrt(freedom)), freedom % 2
    term, total = (math.cos(angle), 0.0) if odd else (1.0, 0.0)
    for step in range(2 + odd, freedom + 1, 2):
        total += term
        term *= math.cos(angle) ** 2 * (step - 1) / step
    return 2 / math.pi * (angle + math.sin(angle) * total) if odd else math.sin(angle) * total


def tails(surprise: np.ndarray, freedom: np.ndarray) -> np.ndarray:
    """Return the chances of straying at least so far to one side, by Wallace's normal approximation (1959).

    It is good to a fiftieth up to three deviations; further out up to a tenth too large, of three degrees a fifth.
    """
    far = np.sqrt(freedom * np.log1p(surprise**2 / freedom)) * (8 * freedom + 1) / (8 * freedom + 3)
    return np.array([_NORMAL.cdf(-z) for z in far.tolist()])


def tail(surprise: float, freedom: float) -> float:
    """Return one of `tails`."""
    return float(tails(np.array([surprise]), np.array([freedom]))[0])

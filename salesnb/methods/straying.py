"""How far the figures of slices stray from what their own past lets expect, and how unlikely that is."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

BACK = 12
"""Bins from which an expectation is made."""

FEWEST = 6
"""Bins needed before a past expectation counts as one."""

PAST = 18
"""Bins that tell how far a slice normally strays."""

PRIOR = 15.0
"""Weight of what is normal for slices of a kind, in bins of the slice's own past."""

ENOUGH = 3.0
"""Events to be expected before a count is judged; fewer can hardly be missed."""

CHANCE = 0.6
"""Least spread of a count, in units of pure chance."""

_NORMAL = NormalDist()


@dataclass(frozen=True)
class Sums:
    """Sums per slice and bin: what is judged, what it is held against, and what it is worth."""

    values: np.ndarray
    bases: np.ndarray
    sizes: np.ndarray

    def at(self, rows: np.ndarray) -> Sums:
        """Return those of some of the slices."""
        return Sums(self.values[rows], self.bases[rows], self.sizes[rows])


@dataclass(frozen=True)
class Judged:
    """Slices judged over the bins from ``start`` on.

    ``rows`` are their rows among the sums, ``surprise`` how far each strays in units of what is normal, ``chance``
    that of the single slice to stray so far, ``actual`` and ``expected`` what the last bin was and should have been,
    ``worth`` what one unit of it was worth.
    """

    rows: np.ndarray
    start: int
    surprise: np.ndarray
    chance: np.ndarray
    actual: np.ndarray
    expected: np.ndarray
    worth: np.ndarray


def judge(sums: Sums, past: np.ndarray, start: int, fit: np.ndarray, counts: bool) -> Judged:
    """Judge slices over the bins from ``start`` on.

    Parameters
    ----------
    sums
        Sums per slice and bin.
    past
        How far their bins strayed, see `strays`.
    fit
        Which slices are to be judged; those of which too little is known are left out too.
    counts
        Whether the values count events, so that chance alone spreads them.
    """
    span, past = past.shape[1] - start, past[:, max(FEWEST, start - PAST) : start]
    rate = _rate(sums, start)
    expected = rate * sums.bases[:, start:].sum(axis=1)
    fit = fit & (expected > (ENOUGH if counts else 0.0)) & (np.isfinite(past).sum(axis=1) >= FEWEST)
    rows = np.flatnonzero(fit)
    now = _deviance(sums.values[rows, start:].sum(axis=1), expected[rows])
    centre, spread, freedom = _normal_stray(past[rows])
    spread = np.maximum(spread, CHANCE if counts else 1e-9)
    # The expectation itself rests on BACK bins.
    surprise = (now - centre * np.sqrt(span)) / (spread * np.sqrt(1 + span / BACK))
    last = (rate * sums.bases[:, -1])[rows]
    kept = (sums.values[rows, -1] < last) | (surprise > 0)
    rows, surprise, last, chance = (
        rows[kept],
        surprise[kept],
        last[kept],
        _tail(surprise[kept], freedom[kept]),
    )
    return Judged(rows, start, surprise, chance, sums.values[rows, -1], last, _worth(sums.at(rows), start))


def _worth(sums: Sums, start: int) -> np.ndarray:
    """What one unit of a slice's value was worth before ``start``."""
    values = sums.values[:, :start].sum(axis=1)
    return np.divide(sums.sizes[:, :start].sum(axis=1), values, out=np.zeros_like(values), where=values > 0)


def _rate(sums: Sums, until: int) -> np.ndarray:
    """Ratio of sums over the bins before ``until``."""
    back = slice(max(0, until - BACK), until)
    above, below = sums.values[:, back].sum(axis=1), sums.bases[:, back].sum(axis=1)
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def strays(sums: Sums) -> np.ndarray:
    """How far each bin strayed from what was to be expected before it; NaN where nothing was."""
    expected = np.zeros_like(sums.values)
    for t in range(FEWEST, expected.shape[1]):
        expected[:, t] = _rate(sums, t) * sums.bases[:, t]
    return np.where(expected > 0, _deviance(sums.values, expected), np.nan)


def _deviance(actual: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Signed root of the Poisson deviance: evenly spread where the variance grows with the expectation."""
    actual, expected = np.maximum(actual, 0.0), np.maximum(expected, 0.0)
    safe = np.where((actual > 0) & (expected > 0), actual / np.where(expected > 0, expected, 1.0), 1.0)
    root = np.sqrt(np.maximum(2 * (actual * np.log(safe) - (actual - expected)), 0.0))
    return np.where(expected > 0, np.sign(actual - expected) * root, 0.0)


def _normal_stray(strays: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centre, spread and freedom of each slice's strays, robust, drawn towards those of the slices together."""
    if not len(strays):
        return np.zeros(0), np.zeros(0), np.zeros(0)
    count = 0.6 * np.isfinite(strays).sum(axis=1)
    centre = _median(strays)
    from_centre = np.abs(strays - centre[:, None])
    cut = 2.5 * 1.4826 * _median(from_centre)
    own = 1.1 * np.sqrt(np.nanmean(np.minimum(from_centre, cut[:, None]) ** 2, axis=1))
    spread = np.sqrt((PRIOR * np.median(own) ** 2 + count * own**2) / (PRIOR + count))
    # A past that strayed on average is half chance: the centre is drawn to zero.
    return centre * count / (PRIOR + count), spread, PRIOR + count


def _median(rows: np.ndarray) -> np.ndarray:
    """Median of each row's numbers; every row has some."""
    ordered, count = np.sort(rows, axis=1), np.isfinite(rows).sum(axis=1)  # NaN comes last
    each = np.arange(len(rows))
    return (ordered[each, (count - 1) // 2] + ordered[each, count // 2]) / 2


def _tail(surprise: np.ndarray, freedom: np.ndarray) -> np.ndarray:
    """Chance of a value at least this far from zero on one side, Student's t (Wallace's normal approximation)."""
    normal = np.sqrt(freedom * np.log1p(surprise**2 / freedom)) * (8 * freedom + 1) / (8 * freedom + 3)
    return np.array([_NORMAL.cdf(-z) for z in normal.tolist()])

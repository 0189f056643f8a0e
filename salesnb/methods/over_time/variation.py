"""How far a slice normally strays from its share of the whole, and how unlikely it is to stray as far as it did.

The expectation of a bin is the slice's usual ratio to everything else times everything else. What is normal is
measured twice: on the slice's own past strays, and on the size of its single lumps (a sum of few large amounts strays
further than one of many small ones, whatever a short past has shown). Both are drawn together. Knows no sales.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BACK = 12
"""Bins from which an expectation is made."""

FEWEST = 6
"""Bins needed before an expectation counts as one, and strays needed before they tell what is normal."""

LUMPS = 6.0
"""Weight of what the size of single amounts lets expect, in bins of the slice's own past."""

SEASON = 4.0
"""Variance that a season may have beside chance, in units of chance: how far earlier years are believed."""

_CUT = 3.5


@dataclass(frozen=True)
class Normal:
    """What is normal for a slice.

    Attributes
    ----------
    rate
        The slice's usual ratio to everything else.
    square
        Variance per unit of expectation, of what is known beside a rest that strays as well.
    freedom
        How many observations it rests on.
    habits
        How far the slice strays as a rule at each place of a cycle (of a quarter, say), in normal deviations.
    strays
        Each past bin's distance from expectation beyond that, in normal deviations; NaN where nothing was expected.
    """

    rate: float
    square: float
    freedom: float
    habits: dict[int, float]
    strays: np.ndarray
    ours: np.ndarray
    rest: np.ndarray

    def deviation(self, expected: float) -> float:
        """Return the normal deviation of a sum of which so much is expected."""
        return float(np.sqrt(self.square * max(expected, 0.0) * (1 + self.rate)))

    def season(self, bins: np.ndarray, times: int, place: int) -> float:
        """Return how far a season moves the slice, in normal deviations, drawn to none where few years show it.

        Parameters
        ----------
        bins
            Which past bins lie in that season.
        times
            How many bins one season has; more than one are taken to hold a whole cycle.
        place
            Its place in the cycle.
        """
        seen = self.strays[bins]
        seen = seen[np.isfinite(seen)]
        habit = self.habits.get(place, 0.0) if times == 1 else 0.0
        if not len(seen):
            return habit
        believed = SEASON * len(seen) / (SEASON * len(seen) + times)
        return habit + believed * float(seen.mean()) * float(np.sqrt(times))

    def lasting(self, actual: float, rest: float, span: int) -> float:
        """Return how far the last ``span`` bins, one with these sums the last of them, stray taken together."""
        start = len(self.ours) - (span - 1)
        rate = _rate(self.ours, self.rest, start)
        if rate is None:
            return 0.0
        ours, others = self.ours[start:].sum() + actual, self.rest[start:].sum() + rest
        expected = rate * others
        square = self.square * self._drifting(span)
        spread = np.sqrt(square * max(expected, 0.0) * (1 + rate) * (1 + span / BACK))
        return standing_out(ours, expected, spread) if spread > 0 else 0.0

    def _drifting(self, span: int) -> float:
        """Return how many times the variance of a run of bins is what chance in each would make it; at least once.

        Where customers come and go a share drifts: what is a little high in one bin is so in the next.
        """
        strays = []
        judged = len(self.ours) - (span - 1)
        for end in range(FEWEST + span, judged + 1) if span > 1 else ():
            rate = _rate(self.ours, self.rest, end - span)
            ours, rest = (float(v[end - span : end].sum()) for v in (self.ours, self.rest))
            if rate is not None and rest > 0:
                strays.append((ours - rate * rest) / np.sqrt(rate * rest * (1 + rate)))
        if len(strays) < FEWEST:
            return 1.0
        runs = len(strays) / span  # they overlap
        seen = _square(np.array(strays)) / (self.square * (1 + span / BACK))
        return max(1.0, (LUMPS + runs * seen) / (LUMPS + runs))


def normal(ours: np.ndarray, whole: np.ndarray, lumps: float, cycle: np.ndarray | None = None) -> Normal | None:
    """Learn what is normal for a slice from its past; None where the past is too short or held too little of it.

    Parameters
    ----------
    ours, whole
        The slice's sums and those of everything, per bin, oldest first.
    lumps
        Sum of the squares of the slice's single amounts over the sum of these amounts.
    cycle
        Each bin's place in a cycle that repeats, e.g. the first, second, third month of a quarter.
    """
    rest = whole - ours
    rates = [_rate(ours, rest, until) for until in range(len(ours) + 1)]
    strays = np.full(len(ours), np.nan)
    for t, rate in enumerate(rates[:-1]):
        if rate is not None and rate * rest[t] > 0:
            strays[t] = (ours[t] - rate * rest[t]) / np.sqrt(rate * rest[t] * (1 + rate))
    if rates[-1] is None or np.isfinite(strays).sum() < FEWEST:
        return None
    cycle = np.zeros(len(ours), dtype=np.int64) if cycle is None else cycle
    habits = {int(place): _habit(strays[cycle == place]) for place in np.unique(cycle)}
    strays = strays - np.array([habits[int(place)] for place in cycle])
    seen = strays[np.isfinite(strays)]
    freedom = LUMPS + max(len(seen) - len(habits), 1)
    square = (LUMPS * lumps + len(seen) * _square(seen)) / freedom
    if square <= 0:
        return None
    unit = float(np.sqrt(square))
    habits = {place: habit / unit for place, habit in habits.items()}
    return Normal(rates[-1], square, freedom, habits, strays / unit, ours, rest)


def _habit(strays: np.ndarray) -> float:
    """Mean of the strays at one place of a cycle, drawn to none where few show it."""
    seen = strays[np.isfinite(strays)]
    return float(seen.sum()) / (len(seen) + 1 / SEASON) if len(seen) else 0.0


def _rate(ours: np.ndarray, rest: np.ndarray, until: int) -> float | None:
    """Ratio of the slice to everything else before a bin; None where too little of either was there."""
    back = slice(max(0, until - BACK), until)
    if until < FEWEST or ours[back].sum() <= 0 or rest[back].sum() <= 0:
        return None
    return float(ours[back].sum() / rest[back].sum())


def _square(strays: np.ndarray) -> float:
    """Mean square, a single wild bin cut to what the others make believable."""
    cut = _CUT * 1.4826 * float(np.median(np.abs(strays)))
    return float(np.mean(np.minimum(np.abs(strays), cut) ** 2)) if cut > 0 else float(np.mean(strays**2))


def standing_out(actual: float, expected: float, deviation: float) -> float:
    """Return how far a sum of lumps lies from its expectation, in normal deviations.

    Sums of few lumps are skew: one large amount lifts them far, none can bring them below zero. So what lies above is
    read on a gamma distribution of that mean and deviation (Wilson and Hilferty, 1931, PNAS 17, 684-688).
    """
    if actual <= expected or expected <= 0:
        return (actual - expected) / deviation
    shape = (expected / deviation) ** 2
    root = (actual / expected) ** (1 / 3)
    skew = (root - (1 - 1 / (9 * shape))) * 3 * float(np.sqrt(shape))
    return min(skew, (actual - expected) / deviation)


def weakest(surprises: Sequence[float]) -> float:
    """Return the surprise nearest to zero, 0 where they differ in sign: what holds whichever way it is looked at."""
    low, high = min(surprises), max(surprises)
    return low if low > 0 else high if high < 0 else 0.0

"""How long until something ends, where some have not ended yet: what is still open counts as open, not as missing.

Times are waiting times from a start of one's own, in any unit; a case ends, or is last seen not ended. A case that
came under observation only later (data that begin late hold of the older cases those alone that had not ended by
then) is counted from there on: ``entry``, the time after which it is at risk. Where two things end a case, such as
a deal that is won or lost, the chance of one of them by a time is `incidence`; one minus `kaplan_meier` of that one
alone would take the cases that ended otherwise for cases that may still end so, and is never that chance.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, ndtri

NOT_ENDED = 0
"""Code of a case that was last seen not ended."""

_TOLERANCE = 1e-9
"""A product of fractions that is a half may come out a hair above it, and a sum of them a hair below 1."""


@dataclass(frozen=True)
class Quantile:
    """The time by which a share has ended, with its interval; NaN where a curve does not come that far."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Curve:
    """A step function of time with its standard error and interval at each of its steps.

    ``level`` is its value before the first step: 1 for a share not ended, 0 for a share ended.
    """

    times: np.ndarray
    at_risk: np.ndarray
    ended: np.ndarray
    """Cases that ended at each time, of the kind the curve is about."""
    values: np.ndarray
    errors: np.ndarray
    low: np.ndarray
    high: np.ndarray
    level: float

    def at(self, times: np.ndarray) -> np.ndarray:
        """Return the curve's value at some times."""
        return self._stepped(self.values, times, self.level)

    def error_at(self, times: np.ndarray) -> np.ndarray:
        """Return the standard error at some times; 0 before the first step, where nothing has ended."""
        return self._stepped(self.errors, times, 0.0)

    def interval_at(self, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the interval's ends at some times; NaN before the first step."""
        return self._stepped(self.low, times, np.nan), self._stepped(self.high, times, np.nan)

    def quantile(self, share: float = 0.5) -> Quantile:
        """Return the first time by which a share has ended, for a curve of shares not ended.

        The interval holds the times at which the curve's own interval reaches that share (Brookmeyer and Crowley,
        1982, Biometrics 38, 29-41).
        """
        left = 1.0 - share
        return Quantile(*(self._first(of, left) for of in (self.values, self.low, self.high)))

    def _first(self, values: np.ndarray, left: float) -> float:
        reached = np.flatnonzero(values <= left + _TOLERANCE)
        return float(self.times[reached[0]]) if len(reached) else float("nan")

    def _stepped(self, values: np.ndarray, times: np.ndarray, before: float) -> np.ndarray:
        place = np.searchsorted(self.times, np.asarray(times, dtype="float64"), side="right")
        return np.concatenate(([before], values))[place]


@dataclass(frozen=True)
class Difference:
    """Whether groups end at different times: a chi-square of so many degrees, and the chance of it without cause."""

    chi_square: float
    degrees: int
    chance: float


def kaplan_meier(
    times: np.ndarray, ended: np.ndarray, entry: np.ndarray | None = None, *, confidence: float = 0.95
) -> Curve:
    """Estimate the share not ended by each time (Kaplan and Meier, 1958, JASA 53, 457-481).

    Parameters
    ----------
    times
        When each case ended, or was last seen not ended. What ends at a time is still at risk then.
    ended
        Whether it ended.
    entry
        After which time each case was under observation; None: from the start. A case that was not before it ended
        says nothing and is left out.
    confidence
        Of the intervals, which are those of log(-log(share)) and so stay within 0 and 1.

    Returns
    -------
    Curve
        One step for each time at which any case ended; errors by Greenwood's formula.
    """
    codes = np.asarray(ended, dtype=bool).astype(np.int64)
    table = _life_table(times, codes, entry)
    left = np.cumprod(1.0 - table.all_ended / table.at_risk)
    errors = left * np.sqrt(np.cumsum(_greenwood(table)))
    low, high = _log_log(left, errors, confidence)
    return Curve(table.times, table.at_risk, table.all_ended, left, errors, low, high, 1.0)


def incidence(
    times: np.ndarray, kinds: np.ndarray, kind: int, entry: np.ndarray | None = None, *, confidence: float = 0.95
) -> Curve:
    """Estimate the share that has ended in one way by each time, where cases may end in others (competing risks).

    The estimator is that of Aalen and Johansen (1978, Scandinavian Journal of Statistics 5, 141-150). The shares of
    all kinds and what `kaplan_meier` has as not ended add up to 1 at every time.

    Parameters
    ----------
    times, entry
        As for `kaplan_meier`.
    kinds
        How each case ended, as a number above 0; 0: not ended.
    kind
        The one that is asked about.
    confidence
        Of the intervals, which are those of log(-log(share)).

    Returns
    -------
    Curve
        One step for each time at which any case ended in any way; errors by the delta method (Marubini and
        Valsecchi, 1995, Analysing Survival Data, section 10.3), which for a single kind are Greenwood's.
    """
    codes = np.asarray(kinds, dtype=np.int64)
    table = _life_table(times, codes, entry, kind)
    left = np.cumprod(1.0 - table.all_ended / table.at_risk)
    before = np.concatenate(([1.0], left[:-1]))
    share = np.cumsum(before * table.ended / table.at_risk)
    errors = np.sqrt(np.clip(_incidence_variance(table, before, share), 0.0, None))
    low, high = _log_log(share, errors, confidence)
    return Curve(table.times, table.at_risk, table.ended, share, errors, low, high, 0.0)


def log_rank(times: np.ndarray, ended: np.ndarray, groups: np.ndarray, entry: np.ndarray | None = None) -> Difference:
    """Test whether groups end at the same times (Mantel, 1966; Peto and Peto, 1972).

    Parameters
    ----------
    times, ended, entry
        As for `kaplan_meier`.
    groups
        The group of each case, in any coding.

    Returns
    -------
    Difference
        With one degree fewer than groups that were ever at risk; chance 1 where there is but one.
    """
    times, entered, codes = _observed(times, np.asarray(ended, dtype=bool).astype(np.int64), entry)
    groups = np.asarray(groups)[_kept(times, entered)]
    times, entered, codes = (a[_kept(times, entered)] for a in (times, entered, codes))
    members = np.unique(groups)
    steps = np.unique(times[codes > 0])
    at_risk, events = (np.empty((len(members), len(steps))) for _ in range(2))
    for i, member in enumerate(members):
        own = groups == member
        at_risk[i] = _at_risk(steps, times[own], entered[own])
        events[i] = _count(steps, times[own & (codes > 0)])
    return _compared(at_risk, events)


# -- the table that all of them are made from


@dataclass(frozen=True)
class _LifeTable:
    """At each time at which a case ended: how many were at risk, ended in any way, and in the way asked about."""

    times: np.ndarray
    at_risk: np.ndarray
    all_ended: np.ndarray
    ended: np.ndarray


def _life_table(times: np.ndarray, codes: np.ndarray, entry: np.ndarray | None, kind: int | None = None) -> _LifeTable:
    times, entered, codes = _observed(times, codes, entry)
    kept = _kept(times, entered)
    times, entered, codes = times[kept], entered[kept], codes[kept]
    steps = np.unique(times[codes != NOT_ENDED])
    every = _count(steps, times[codes != NOT_ENDED])
    own = every if kind is None else _count(steps, times[codes == kind])
    return _LifeTable(steps, _at_risk(steps, times, entered), every, own)


def _observed(
    times: np.ndarray, codes: np.ndarray, entry: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    ends = np.asarray(times, dtype="float64")
    entered = np.full(len(ends), -np.inf) if entry is None else np.asarray(entry, dtype="float64")
    if not len(ends) == len(entered) == len(codes) or np.isnan(ends).any() or np.isnan(entered).any():
        raise ValueError("times, ends and entries must be known and as many")
    return ends, entered, codes


def _kept(times: np.ndarray, entered: np.ndarray) -> np.ndarray:
    return entered < times


def _at_risk(steps: np.ndarray, times: np.ndarray, entered: np.ndarray) -> np.ndarray:
    """Count at each time the cases that have come under observation and have not ended before."""
    begun = np.searchsorted(np.sort(entered), steps, side="left")
    over = np.searchsorted(np.sort(times), steps, side="left")
    return (begun - over).astype("float64")


def _count(steps: np.ndarray, times: np.ndarray) -> np.ndarray:
    return np.bincount(np.searchsorted(steps, times), minlength=len(steps)).astype("float64")


# -- variances


def _greenwood(table: _LifeTable) -> np.ndarray:
    """Return the terms of Greenwood's sum; none where all at risk end, since the share left is 0 from there on."""
    left = table.at_risk - table.all_ended
    terms = np.zeros(len(left))
    return np.divide(table.all_ended, table.at_risk * left, out=terms, where=left > 0)


def _incidence_variance(table: _LifeTable, before: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return the delta-method variance of an incidence at each step, sums over the steps up to it.

    With I the incidence, n at risk, d ended, e ended in the way asked about and S the share left just before:
    sum (I_t - I)^2 d / (n (n - d)) + sum S^2 e (n - e) / n^3 - 2 sum (I_t - I) S e / n^2.
    """
    spread = _greenwood(table)
    own = before**2 * table.ended * (table.at_risk - table.ended) / table.at_risk**3
    cross = before * table.ended / table.at_risk**2
    squares = share**2 * np.cumsum(spread) - 2 * share * np.cumsum(share * spread)
    squares += np.cumsum(share**2 * spread)
    return squares + np.cumsum(own) - 2 * (share * np.cumsum(cross) - np.cumsum(share * cross))


def _log_log(share: np.ndarray, errors: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the interval of log(-log(share)), turned back; NaN where the share is 0 or 1."""
    z = ndtri(0.5 + confidence / 2)
    inside = (share > _TOLERANCE) & (share < 1 - _TOLERANCE)
    logs = np.log(np.where(inside, share, 0.5))
    width = z * np.where(inside, errors, 0.0) / np.abs(np.where(inside, share, 0.5) * logs)
    ends = [np.where(inside, np.exp(logs * np.exp(sign * width)), np.nan) for sign in (1, -1)]
    return ends[0], ends[1]


def _compared(at_risk: np.ndarray, events: np.ndarray) -> Difference:
    """Hold each group's ends against what they would be if all groups ended alike."""
    everyone, all_events = at_risk.sum(axis=0), events.sum(axis=0)
    present = at_risk.sum(axis=1) > 0
    degrees = int(present.sum()) - 1
    if degrees < 1:
        return Difference(0.0, 0, 1.0)
    share = at_risk / everyone
    apart = (events - share * all_events).sum(axis=1)
    loose = np.divide(
        all_events * (everyone - all_events), everyone - 1, out=np.zeros(len(everyone)), where=everyone > 1
    )
    covariance = np.diag((share * loose).sum(axis=1)) - (share * loose) @ share.T
    value = float(apart @ np.linalg.pinv(covariance, hermitian=True) @ apart)
    return Difference(value, degrees, float(chdtrc(degrees, max(value, 0.0))))

"""How far the figures of slices stray from what their own past lets expect, and how unlikely that is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import stdtr

BACK = 12
"""Bins from which an expectation is made."""

FEWEST = 6
"""Bins needed before a past expectation counts as one."""

PAST = 18
"""Bins that tell how far a slice normally strays."""

LEAST_PRIOR, MOST_PRIOR = 3.0, 60.0
"""Least and most weight of what is normal for slices of a kind, in bins of a slice's own past."""

PEERS = 4
"""Slices from which what is normal for slices of a kind can be learnt."""

SEASON = 12
"""Bins after which a season comes again."""

SAME_SEASON = 3.0
"""A slice must stray that far from the same bins of the season before as well, in units of what is normal."""

ENOUGH = 3.0
"""Events to be expected before a count is judged; fewer can hardly be missed."""

OFTEN = 3.0
"""Median errors of the usual ratio by which its expectation may be corrected."""

LUMPS = 0.2
"""Least spread where values come in lumps: as if one in 25 went missing by itself."""

FEW = 5.0
"""Events up to which nothing less than pure chance is believed."""

CHANCE = 0.4
"""Least spread of a count, in units of pure chance."""

NOTHING = 1e-6
"""Differences of running sums below this are rounding."""

ALIKE = 12.0
"""Weight of how far runs of all slices drift, in runs of a slice's own."""


@dataclass(frozen=True)
class Sums:
    """Sums per slice and bin: what is judged, what it is held against, and what it is worth."""

    values: np.ndarray
    bases: np.ndarray
    sizes: np.ndarray
    squares: np.ndarray | None = None
    """Sums of the squares of what makes up the bases, where they come in lumps."""
    single: np.ndarray | None = None
    """Which slices are a single customer, say: nobody comes to it, nobody leaves it."""
    length: int = 1
    """How many bins the last one stands for: a quarter after months is three."""

    def at(self, rows: np.ndarray) -> Sums:
        """Return those of some of the slices."""
        squares, single = (None if f is None else f[rows] for f in (self.squares, self.single))
        return replace(
            self, values=self.values[rows], bases=self.bases[rows], sizes=self.sizes[rows], squares=squares,
            single=single,
        )  # fmt: skip

    def rate(self, until: int) -> np.ndarray:
        """Ratio of values to bases over the bins before ``until``."""
        back = slice(max(0, until - BACK), until)
        above, below = self.values[:, back].sum(axis=1), self.bases[:, back].sum(axis=1)
        return np.divide(above, below, out=np.zeros_like(above), where=below > 0)

    def worth(self, until: int) -> np.ndarray:
        """What one unit of a slice's value was worth before ``until``."""
        back = slice(max(0, until - BACK), until)
        values, sizes = self.values[:, back].sum(axis=1), self.sizes[:, back].sum(axis=1)
        return np.divide(sizes, values, out=np.zeros_like(values), where=values > 0)


@dataclass(frozen=True)
class Judged:
    """Slices judged over the bins from ``start`` on.

    ``looked`` are all slices that were looked at, ``rows`` those that stray and are told of; both are rows among the
    sums. ``surprise`` is how far each strays in units of what is normal, ``chance`` that of the single slice to stray
    so far, ``actual`` and ``expected`` what the last bin was and should have been, ``worth`` what one unit was worth.
    """

    looked: np.ndarray
    over: np.ndarray
    """Actual and expected sums over all judged bins of ``rows``."""
    normal: np.ndarray
    """How far a slice of that kind normally strays over them; of counts, no less than by pure chance."""
    rows: np.ndarray
    start: int
    surprise: np.ndarray
    chance: np.ndarray
    actual: np.ndarray
    expected: np.ndarray
    worth: np.ndarray


def judge(
    sums: Sums, past: np.ndarray, start: int, fit: np.ndarray, counts: bool, known: Sums | None = None,
    season: bool = True,
) -> Judged:  # fmt: skip
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
    known
        Sums that tell what is normal, where those judged cannot.
    season
        Whether those are left out that strayed as far a season before.
    """
    span, past = _span(sums, start), past[:, max(FEWEST, start - PAST) : start]
    rate = sums.rate(start)
    expected = rate * sums.bases[:, start:].sum(axis=1)
    fit = fit & (expected > (ENOUGH if counts else 0.0)) & (np.isfinite(past).sum(axis=1) >= FEWEST)
    rows = np.flatnonzero(fit)
    now = deviance(sums.values[rows, start:].sum(axis=1), expected[rows])
    centre, spread, freedom = _normal_stray(past[rows])
    spread = spread * _drifting((known or sums).at(rows), start)
    spread = np.maximum(spread, _by_chance(expected[rows]) if counts else _lumpy(sums.at(rows), start))
    # The expectation itself rests on BACK bins.
    surprise = (now - centre * np.sqrt(span)) / (spread * np.sqrt(1 + span / BACK))
    last = (rate * sums.bases[:, -1])[rows]
    kept = (sums.values[rows, -1] < last) | (surprise > 0)
    if season:
        kept &= _out_of_season(sums.at(rows), start, surprise, spread)
    normal = np.maximum(spread, 1.0 if counts else 0.0) * np.sqrt(1 + span / BACK)
    looked, over = rows, np.column_stack([sums.values[rows, start:].sum(axis=1), expected[rows]])
    rows, surprise, last, chance = (
        rows[kept],
        surprise[kept],
        last[kept],
        stdtr(freedom[kept], -np.abs(surprise[kept])),
    )
    return Judged(
        looked,
        over[kept],
        normal[kept],
        rows,
        start,
        surprise,
        chance,
        sums.values[rows, -1],
        last,
        sums.at(rows).worth(start),
    )


def _span(sums: Sums, start: int) -> int:
    """Return how many bins those from ``start`` on stand for."""
    return sums.values.shape[1] - start - 1 + sums.length


def _out_of_season(sums: Sums, start: int, surprise: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Tell which slices stray from the same bins of the season before as well: a habit of the season is no surprise."""
    now, then = slice(start, None), slice(start - SEASON, start - SEASON + _span(sums, start))
    if start < SEASON:
        return np.ones(len(surprise), dtype=bool)
    above, below = sums.values[:, then].sum(axis=1), sums.bases[:, then].sum(axis=1)
    rate = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
    stray = deviance(sums.values[:, now].sum(axis=1), rate * sums.bases[:, now].sum(axis=1))
    # Both ends of this comparison vary.
    return np.asarray((below <= 0) | (stray * np.sign(surprise) >= SAME_SEASON * spread * np.sqrt(2)))


def _by_chance(expected: np.ndarray) -> np.ndarray:
    """Return the least spread of counts: where few events are expected, no past proves that they come regularly."""
    return np.clip(FEW / np.maximum(expected, 1e-9), CHANCE, 1.0)


def _lumpy(sums: Sums, start: int) -> np.ndarray:
    """Return the spread of values that come in lumps of which one in some goes missing by itself."""
    if sums.squares is None:
        return np.full(len(sums.values), 1e-9)
    bases = sums.bases[:, start:].sum(axis=1)
    return np.asarray(LUMPS * np.sqrt(sums.squares[:, start:].sum(axis=1) / np.maximum(bases, 1e-9)))


def seasonal(sums: Sums, start: int, lengths: np.ndarray | None) -> np.ndarray:
    """Return by which factor what a slice's usual ratio lets expect in the last bin is to be corrected.

    Next to that ratio, the mean of ``BACK`` bins, stand that of the same bin a season before and, with ``lengths`` of
    the bins, the slice's mean per length. Each is weighed by how little it would have erred before ``start``; none
    moves the expectation further than the usual ratio itself has often erred.
    """
    ratios = np.divide(sums.values, sums.bases, out=np.full(sums.values.shape, np.nan), where=sums.bases > 0)
    places = range(SEASON, start)
    if len(places) < FEWEST:
        return np.ones(len(ratios))
    then = ratios[:, : start - SEASON]
    told = [(np.column_stack([sums.rate(t) for t in places]), sums.rate(start)), (then, _season_before(sums))]
    if lengths is not None:
        each = Sums(sums.values, np.broadcast_to(lengths, sums.values.shape), sums.sizes)
        share = lengths / np.where(sums.bases > 0, sums.bases, np.nan)
        own = np.column_stack([each.rate(t) for t in places]) * share[:, SEASON:start]
        told.append((own, each.rate(start) * share[:, -1]))
    errors = [np.abs(ratios[:, SEASON:start] - before) for before, _ in told]
    known = np.isfinite(errors[1]).sum(axis=1) >= FEWEST
    middle = np.column_stack([_median(np.where(known[:, None], e, 1.0)) for e in errors])
    weights = 1 / np.maximum(middle, 1e-9) ** 2
    now = np.column_stack([last for _, last in told])
    fit = known & np.isfinite(now).all(axis=1) & (now[:, 0] > 0)
    usual = np.where(fit, now[:, 0], 1.0)
    mixed = np.where(fit[:, None], now, 1.0) * weights
    error = OFTEN * middle[:, 0] / usual
    return np.where(fit, np.clip(mixed.sum(axis=1) / weights.sum(axis=1) / usual, 1 - error, 1 + error), 1.0)


def _season_before(sums: Sums) -> np.ndarray:
    """Return the ratio of the bins a season before the last one, as many as it stands for; NaN where there is none."""
    begin = sums.values.shape[1] - 1 - SEASON
    above, below = (v[:, begin : begin + sums.length].sum(axis=1) for v in (sums.values, sums.bases))
    return np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)


def strays(sums: Sums) -> np.ndarray:
    """How far each bin strayed from what was to be expected before it; NaN where nothing was."""
    expected = np.zeros_like(sums.values)
    for t in range(FEWEST, expected.shape[1]):
        expected[:, t] = sums.rate(t) * sums.bases[:, t]
    return np.where(expected > 0, deviance(sums.values, expected), np.nan)


def _drifting(sums: Sums, start: int) -> np.ndarray:
    """Return, per slice, how many times as far runs of bins stray as chance in each bin would make them; at least once.

    Where customers come and go, shares drift: what is a little low in one bin is so in the next. Learnt from runs as
    long as the judged one before ``start``: each slice shows few, so its own are drawn towards those of all.
    """
    span, once = _span(sums, start), np.ones(len(sums.values))
    ends = np.arange(FEWEST + span, start + 1)
    if span == 1 or len(ends) < FEWEST:
        return once
    runs, bins = (_runs(sums, ends, length) ** 2 / (1 + length / BACK) for length in (span, 1))
    seen = np.isfinite(runs) & np.isfinite(bins)
    far, near = (np.where(seen, squares, 0.0).sum(axis=1) for squares in (runs, bins))
    many = np.ones(len(far), dtype=bool) if sums.single is None else ~sums.single
    if near[many].sum() <= 0:
        return once
    all_alike = far[many].sum() / near[many].sum()
    own = np.divide(far, near, out=np.full(len(far), all_alike), where=near > 0)
    count = seen.sum(axis=1) / span  # runs overlap: so many of them tell as much as one in ``span``
    drift = np.sqrt(np.maximum((ALIKE * all_alike + count * own) / (ALIKE + count), 1.0))
    return np.where(many, drift, 1.0)


def _runs(sums: Sums, ends: np.ndarray, length: int) -> np.ndarray:
    """Return how far the ``length`` bins before each end strayed together; NaN where nothing was expected."""
    begins, nothing = ends - length, np.zeros((len(sums.values), 1))
    backs = np.maximum(begins - BACK, 0)
    # Sums of bins are differences of running sums.
    values, bases = (np.hstack([nothing, np.cumsum(v, axis=1)]) for v in (sums.values, sums.bases))
    above, below = (v[:, begins] - v[:, backs] for v in (values, bases))
    rate = np.divide(above, below, out=np.zeros_like(above), where=below > NOTHING)
    expected = rate * (bases[:, ends] - bases[:, begins])
    stray = deviance(values[:, ends] - values[:, begins], expected)
    return np.where(expected > NOTHING, stray, np.nan)


def deviance(actual: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Signed root of the Poisson deviance: evenly spread where the variance grows with the expectation."""
    actual, expected = np.maximum(actual, 0.0), np.maximum(expected, 0.0)
    safe = np.where((actual > 0) & (expected > 0), actual / np.where(expected > 0, expected, 1.0), 1.0)
    root = np.sqrt(np.maximum(2 * (actual * np.log(safe) - (actual - expected)), 0.0))
    return np.where(expected > 0, np.sign(actual - expected) * root, 0.0)


def _normal_stray(strays: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centre, spread and freedom of each slice's strays, robust, drawn towards those of the slices together.

    How strongly they are drawn is learnt from how much the spreads of the slices differ: an empirical Bayes estimate
    (Smyth 2004, "Linear models and empirical Bayes methods", section 6.2).
    """
    if not len(strays):
        return np.zeros(0), np.zeros(0), np.zeros(0)
    count = 0.6 * np.isfinite(strays).sum(axis=1)
    centre = _median(strays)
    from_centre = np.abs(strays - centre[:, None])
    if len(strays) < PEERS:
        # With none like it to learn from, every stray of its own counts in full.
        return centre * count / (PAST + count), 1.1 * np.sqrt(np.nanmean(from_centre**2, axis=1)), count
    cut = 2.5 * 1.4826 * _median(from_centre)
    own = 1.1 * np.sqrt(np.nanmean(np.minimum(from_centre, cut[:, None]) ** 2, axis=1))
    prior, usual = _prior(own, count)
    spread = np.sqrt((prior * usual**2 + count * own**2) / (prior + count))
    # A past that strayed on average is half chance: the centre is drawn to zero.
    return centre * count / (PAST + count), spread, prior + count


def _prior(own: np.ndarray, count: np.ndarray) -> tuple[float, float]:
    """Return how many bins what is normal for all is worth, and that spread."""
    seen = own > 0
    if seen.sum() < PEERS:
        return LEAST_PRIOR, float(np.median(own))
    logs = 2 * np.log(own[seen])
    # The log of a variance estimated from n free bins varies by the trigamma function of n / 2 by itself.
    apart = float(np.var(logs, ddof=1) - np.mean(_trigamma(count[seen] / 2)))
    prior = min(max(2 * _inverse_trigamma(apart), LEAST_PRIOR), MOST_PRIOR) if apart > 0 else MOST_PRIOR
    return prior, float(np.median(own[seen]))


def _trigamma(x: np.ndarray) -> np.ndarray:
    """Trigamma function by its recurrence and asymptotic series (Abramowitz and Stegun 6.4.12)."""
    total, x = np.zeros_like(x), x.astype(float)
    for _ in range(6):
        total, x = total + 1 / x**2, x + 1
    return np.asarray(total + 1 / x + 1 / (2 * x**2) + 1 / (6 * x**3) - 1 / (30 * x**5))


_FREE = np.exp(np.linspace(np.log(1e-3), np.log(1e4), 2000))
_TRIGAMMAS = _trigamma(_FREE)


def _inverse_trigamma(y: float) -> float:
    """Number whose trigamma is y, read from a table: trigamma falls."""
    return float(np.exp(np.interp(np.log(y), np.log(_TRIGAMMAS[::-1]), np.log(_FREE[::-1]))))


def _median(rows: np.ndarray) -> np.ndarray:
    """Median of each row's numbers; every row has some."""
    ordered, count = np.sort(rows, axis=1), np.isfinite(rows).sum(axis=1)  # NaN comes last
    each = np.arange(len(rows))
    return (ordered[each, (count - 1) // 2] + ordered[each, count // 2]) / 2

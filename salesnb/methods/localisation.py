"""Find the few slices of a table whose figures fell further than their own past explains.

Every slice (a member of a dimension, or a crossing of two) is judged against an expectation made from its own past:
its usual share of everything else, or its usual ratio of two columns. How far its figures normally stray from such
an expectation is measured on its past too, drawn towards what is normal for slices of its kind. The chance that the
most surprising of so many slices is surprising by luck is bounded by their number. What is found is taken out of the
table before the next is sought, so that nothing is counted twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import NormalDist

import numpy as np
import pandas as pd

BACK = 12
"""Bins from which an expectation is made."""

FEWEST = 6
"""Bins needed before a past expectation counts as one."""

SMALLEST, LARGEST = 0.02, 0.6
"""Shares of the whole between which a slice is judged; the complement of a larger one is easier to name."""

PRIOR = 15.0
"""Weight of what is normal for slices of a kind, in bins of the slice's own past."""

NEARLY = 0.85
"""Part of a slice's surprise that a larger one around it must have to be named instead."""

ENOUGH = 3.0
"""Events to be expected before a count is judged; fewer can hardly be missed."""

CHANCE = 0.6
"""Least spread of a count, in units of pure chance."""

_NORMAL = NormalDist()


@dataclass(frozen=True)
class Signal:
    """One figure to watch: a column of ``cells``, as a share of the rest or, with ``base``, as a ratio to a column.

    ``cells`` has a column per dimension (blank: in no slice of it), ``bin`` (0, 1, ...; the last one is judged) and
    the two columns.
    """

    name: str
    cells: pd.DataFrame
    value: str
    base: str = ""
    dimensions: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    """Dimensions that are not crossed with others."""
    whole: bool = False
    """Whether the whole is judged too (a ratio has no rest to be compared with)."""
    counts: bool = False
    """Whether the value counts events, so that chance alone spreads it."""
    size: str = ""
    """Column that tells what the value is worth, in the unit of ``least``; the value itself where none is given."""


@dataclass(frozen=True)
class Slice:
    """A slice that strays: its members, by which signal, and how far.

    ``actual`` and ``expected`` are those of the last bin, ``worth`` is what one unit of them is worth in this slice;
    ``chance`` allows for all slices looked at, ``bins`` is how many of the last ones were judged together.
    """

    signal: str
    members: Mapping[str, str]
    actual: float
    expected: float
    surprise: float
    chance: float
    bins: int
    worth: float = 1.0


def localise(
    signals: Sequence[Signal],
    bins: int,
    spans: Sequence[int] = (1,),
    most: int = 3,
    limit: float = 0.01,
    least: float = 0.0,
    fixed: Sequence[str] = (),
) -> list[Slice]:
    """Return at most ``most`` slices that fell, most surprising first.

    Parameters
    ----------
    signals
        What to watch; figures are sums of cells.
    bins
        Number of bins, the judged one included.
    spans
        How many of the last bins are judged together; a small loss that lasts shows only over several.
    limit
        Chance of any false slice that is accepted.
    least
        Losses worth less than this do not matter, however surprising.
    fixed
        Names of signals whose slices leave the other signals' cells alone.
    """
    found: list[Slice] = []
    known = [[s for span in spans for s in _judge(signal, bins, span)] for signal in signals]
    for _ in range(2 * most):
        likely: list[Slice] = []
        for judged in known:
            # Every signal gets an equal part of the accepted chance, spread over its slices.
            allowed = [replace(s, chance=min(1.0, s.chance * len(judged) * len(signals))) for s in judged]
            matter = (s for s in allowed if abs(s.expected - s.actual) * s.worth >= least)
            likely += [s for s in matter if s.chance < limit]
        if not likely or len(found) == most:
            break
        best = _simplest(likely)
        if best.surprise < 0:
            found.append(best)
        for i, signal in enumerate(signals):
            if _touched(signal, best, fixed):
                signals = [*signals[:i], _without(signal, best), *signals[i + 1 :]]
                known[i] = [s for span in spans for s in _judge(signals[i], bins, span)]
    return found


def _simplest(likely: Sequence[Slice]) -> Slice:
    """The most surprising slice, or the one around it that is nearly as surprising and easier to name."""
    best = max(likely, key=lambda s: (abs(s.surprise) - 0.25 * len(s.members), sorted(s.members.items())))
    around = [
        s
        for s in likely
        if (s.signal, s.bins) == (best.signal, best.bins)
        and s.members.items() <= best.members.items()
        and s.surprise / best.surprise >= NEARLY
    ]
    return min(around, key=lambda s: (len(s.members), -abs(s.surprise)))


def _touched(signal: Signal, found: Slice, fixed: Sequence[str]) -> bool:
    if signal.name == found.signal:
        return True
    shares = all(d in signal.cells for d in found.members)
    return found.signal not in fixed and signal.name not in fixed and shares and bool(found.members)


def _without(signal: Signal, found: Slice) -> Signal:
    inside = np.ones(len(signal.cells), dtype=bool)
    for dimension, member in found.members.items():
        inside &= (signal.cells[dimension] == member).to_numpy()
    return replace(signal, cells=signal.cells[~inside])


def _judge(signal: Signal, bins: int, span: int) -> list[Slice]:
    """Judge all slices of a signal over the last ``span`` bins; ``chance`` is that of the single slice."""
    if signal.cells.empty or bins - span < BACK:
        return []
    members, values, bases, sizes = _slices(signal, bins)
    if not members:
        return []
    start = bins - span
    past = slice(start - BACK, start)
    rate = _rate(values, bases, start)
    actual, expected = values[:, start:].sum(axis=1), rate * bases[:, start:].sum(axis=1)
    weight = signal.cells[signal.size or signal.base or signal.value].to_numpy(dtype=float)
    whole = weight[(signal.cells["bin"] >= past.start) & (signal.cells["bin"] < start)].sum()
    share = (sizes if signal.size or not signal.base else bases)[:, past].sum(axis=1) / max(whole, 1e-9)
    strays = _strays(values, bases, start)
    fit = (share >= SMALLEST) & (share <= (1.0 if signal.whole else LARGEST))
    fit &= (expected > (ENOUGH if signal.counts else 0.0)) & (np.isfinite(strays).sum(axis=1) >= FEWEST)
    if not fit.any():
        return []
    now, (centre, spread, freedom) = _deviance(actual, expected)[fit], _normal_stray(strays[fit])
    spread = np.maximum(spread, CHANCE if signal.counts else 1e-9)
    # The expectation itself rests on BACK bins.
    surprise = (now - centre * np.sqrt(span)) / (spread * np.sqrt(1 + span / BACK))
    last, sums = rate * bases[:, -1], values[:, :start].sum(axis=1)
    worth = np.divide(sizes[:, :start].sum(axis=1), sums, out=np.zeros_like(sums), where=sums > 0)
    return [
        Slice(signal.name, members[i], float(values[i, -1]), float(last[i]), float(z), _tail(float(z), free), span,
              float(worth[i]))
        for i, z, free in zip(np.flatnonzero(fit), surprise, freedom, strict=True)
        if values[i, -1] < last[i] or z > 0
    ]  # fmt: skip


def _whole(signal: Signal, bins: int) -> np.ndarray:
    cells = signal.cells
    return np.bincount(cells["bin"].to_numpy(), cells[signal.value].to_numpy(dtype=float), minlength=bins)


def _slices(signal: Signal, bins: int) -> tuple[list[dict[str, str]], np.ndarray, np.ndarray, np.ndarray]:
    """Members of every slice, with values, bases and sizes per bin; slices of the same rows appear once."""
    cells, when = signal.cells, signal.cells["bin"].to_numpy()
    coded = {d: pd.factorize(cells[d], sort=True) for d in (*signal.dimensions, *signal.alone)}
    columns = [signal.value, signal.size or signal.value, *([signal.base] if signal.base else [])]
    weights = [cells[c].to_numpy(dtype=float) for c in columns]
    cuboids: list[tuple[str, ...]] = [*((d,) for d in coded), *combinations(signal.dimensions, 2)]
    members: list[dict[str, str]] = []
    sums: list[list[np.ndarray]] = [[], [], []]
    for cuboid in [(), *cuboids] if signal.whole else cuboids:
        named, group = _groups(cuboid, coded, len(cells))
        members += named
        for place, weight in enumerate(weights):
            flat = np.bincount(group * bins + when, weight, minlength=len(named) * bins)
            sums[place].append(flat.reshape(len(named), bins))
    values, sizes = np.concatenate(sums[0]), np.concatenate(sums[1])
    bases = np.concatenate(sums[2]) if signal.base else _whole(signal, bins)[None, :] - values
    _, first = np.unique(np.round(np.hstack([values, bases]), 6), axis=0, return_index=True)
    # The same rows under two names: the one with fewer dimensions comes first.
    keep = [i for i in np.sort(first) if all(members[i].values())]
    return [members[i] for i in keep], values[keep], bases[keep], sizes[keep]


def _groups(
    cuboid: tuple[str, ...], coded: Mapping[str, tuple[np.ndarray, pd.Index]], rows: int
) -> tuple[list[dict[str, str]], np.ndarray]:
    if not cuboid:
        return [{}], np.zeros(rows, dtype=np.int64)
    codes, width = np.zeros(rows, dtype=np.int64), 1
    for dimension in cuboid:
        code, found = coded[dimension]
        codes, width = codes * len(found) + code, width * len(found)
    kept, group = np.unique(codes, return_inverse=True)
    named: list[dict[str, str]] = []
    for code in kept:
        parts, left = {}, int(code)
        for dimension in reversed(cuboid):
            left, part = divmod(left, len(coded[dimension][1]))
            parts[dimension] = str(coded[dimension][1][part])
        named.append(dict(reversed(parts.items())))
    return named, group


def _rate(values: np.ndarray, bases: np.ndarray, until: int) -> np.ndarray:
    """Ratio of sums over the bins before ``until``."""
    back = slice(max(0, until - BACK), until)
    above, below = values[:, back].sum(axis=1), bases[:, back].sum(axis=1)
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _strays(values: np.ndarray, bases: np.ndarray, until: int) -> np.ndarray:
    """How far past bins strayed from what was to be expected before them; NaN where nothing was."""
    past = []
    for t in range(max(FEWEST, until - 18), until):
        expected = _rate(values, bases, t) * bases[:, t]
        past.append(np.where(expected > 0, _deviance(values[:, t], expected), np.nan))
    return np.array(past).T


def _deviance(actual: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Signed root of the Poisson deviance: evenly spread where the variance grows with the expectation."""
    actual, expected = np.maximum(actual, 0.0), np.maximum(expected, 0.0)
    safe = np.where((actual > 0) & (expected > 0), actual / np.where(expected > 0, expected, 1.0), 1.0)
    root = np.sqrt(np.maximum(2 * (actual * np.log(safe) - (actual - expected)), 0.0))
    return np.where(expected > 0, np.sign(actual - expected) * root, 0.0)


def _normal_stray(strays: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centre, spread and freedom of each slice's strays, robust, drawn towards those of the slices together."""
    count = 0.6 * np.isfinite(strays).sum(axis=1)
    centre = np.nanmedian(strays, axis=1)
    from_centre = np.abs(strays - centre[:, None])
    cut = 2.5 * 1.4826 * np.nanmedian(from_centre, axis=1)
    own = 1.1 * np.sqrt(np.nanmean(np.minimum(from_centre, cut[:, None]) ** 2, axis=1))
    spread = np.sqrt((PRIOR * np.median(own) ** 2 + count * own**2) / (PRIOR + count))
    # A past that strayed on average is half chance: the centre is drawn to zero.
    return centre * count / (PRIOR + count), spread, PRIOR + count


def _tail(surprise: float, freedom: float) -> float:
    """Chance of a value at least this far from zero on one side, Student's t (Wallace's normal approximation)."""
    normal = np.sqrt(freedom * np.log1p(surprise**2 / freedom)) * (8 * freedom + 1) / (8 * freedom + 3)
    return _NORMAL.cdf(-float(normal))

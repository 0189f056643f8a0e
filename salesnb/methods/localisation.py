"""Find the few slices of a table whose figures fell further than their own past explains.

Every slice (a member of a dimension, or a crossing of two) is judged against an expectation made from its own past:
its usual share of everything else, or its usual ratio of two columns. How far its figures normally stray from such
an expectation is measured on its past too, drawn towards what is normal for slices of its kind. The chance that the
most surprising of so many slices is surprising by luck is bounded by their number. What is found is taken out of the
table before the next is sought, so that nothing is counted twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from salesnb.methods.cuboids import Coded, Slices, coded, slices
from salesnb.methods.straying import BACK, Sums, judge, strays

SMALLEST, LARGEST = 0.02, 0.6
"""Shares of the whole between which a slice is judged; the complement of a larger one is easier to name."""

NEARLY = 0.85
"""Part of a slice's surprise that a larger one around it must have to be named instead."""


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
    left = [_coded(signal, bins) for signal in signals]
    # Every signal gets an equal part of the accepted chance, spread over its slices.
    look = partial(_unlikely, spans=spans, times=len(signals), limit=limit, least=least)
    known = [look(signal, rows) for signal, rows in zip(signals, left, strict=True)]
    for _ in range(2 * most):
        likely = [s for judged in known for s in judged]
        if not likely or len(found) == most:
            break
        best = _simplest(likely)
        if best.surprise < 0:
            found.append(best)
        for i, signal in enumerate(signals):
            if _touched(signal, best, fixed):
                left[i] = left[i].without(best.members)
                known[i] = look(signal, left[i])
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


def _coded(signal: Signal, bins: int) -> Coded:
    columns = dict.fromkeys((signal.value, signal.size or signal.value, signal.base or signal.value))
    return coded(signal.cells, (*signal.dimensions, *signal.alone), tuple(columns), bins)


def _unlikely(
    signal: Signal, left: Coded, spans: Sequence[int], times: int, limit: float, least: float
) -> list[Slice]:
    """Return a signal's slices that stray and matter; their ``chance`` allows for all that were looked at."""
    starts = [left.bins - span for span in spans if left.bins - span >= BACK]
    if not len(left.at) or not starts:
        return []
    every = slices(left, signal.dimensions, signal.alone, signal.whole)
    sums = _sums(signal, left, every)
    sized = {start: _sized(signal, left, sums, start) for start in starts}
    places = _different(np.flatnonzero(np.logical_or.reduce(list(sized.values()))), every, sums)
    sums = sums.at(places)
    past = strays(sums)
    judged = [judge(sums, past, start, sized[start][places], signal.counts) for start in starts]
    times *= sum(len(j.rows) for j in judged)
    found = []
    for j in judged:
        chance = np.minimum(1.0, j.chance * times)
        fit = (chance < limit) & (np.abs(j.expected - j.actual) * j.worth >= least)
        columns = (places[j.rows], j.actual, j.expected, j.surprise, chance, j.worth)
        for place, actual, expected, surprise, p, worth in zip(
            *(c[fit].tolist() for c in columns), strict=True
        ):
            members, bins = every.members(place), left.bins - j.start
            found.append(Slice(signal.name, members, actual, expected, surprise, p, bins, worth))
    return found


def _sums(signal: Signal, left: Coded, every: Slices) -> Sums:
    values = every.sums[signal.value]
    bases = every.sums[signal.base] if signal.base else left.sums(signal.value)[None, :] - values
    return Sums(values, bases, every.sums[signal.size or signal.value])


def _different(places: np.ndarray, every: Slices, sums: Sums) -> np.ndarray:
    """Return the named slices that differ in their rows: of the same rows under two names the one that comes first."""
    figures = np.round(np.hstack([sums.values[places], sums.bases[places]]), 6) + 0.0  # no -0.0
    first: dict[bytes, int] = {}
    for place, row in zip(places.tolist(), figures, strict=True):
        first.setdefault(row.tobytes(), place)
    return np.array([place for place in first.values() if not every.blank[place]], dtype=np.int64)


def _sized(signal: Signal, left: Coded, sums: Sums, start: int) -> np.ndarray:
    """Tell which slices are neither too small nor too large to be judged over the bins from ``start`` on."""
    past = slice(start - BACK, start)
    weight = left.weights[signal.size or signal.base or signal.value]
    whole = weight[(left.when >= past.start) & (left.when < start)].sum()
    sizes = sums.sizes if signal.size or not signal.base else sums.bases
    share = sizes[:, past].sum(axis=1) / max(whole, 1e-9)
    return (share >= SMALLEST) & (share <= (1.0 if signal.whole else LARGEST))

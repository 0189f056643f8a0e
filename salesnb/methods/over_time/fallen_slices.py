"""Find the few slices of a table whose figures fell further than their own past explains.

Every slice (a member of a dimension, or a crossing of two) is judged against an expectation made from its own past:
its usual share of everything else, or its usual ratio of two columns. How far its figures normally stray from such
an expectation is measured on its past too, drawn towards what is normal for slices of its kind. The chance that the
most surprising of so many slices is surprising by luck is bounded by their number. What is found is taken out of the
table before the next is sought, so that nothing is counted twice; a slice around one that was found before takes it in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pandas as pd

from salesnb.methods.over_time.cuboids import Coded, Slices, coded, slices
from salesnb.methods.over_time.readable_name import Slice, named
from salesnb.methods.over_time.straying import BACK, Sums, judge, seasonal, strays

__all__ = ["BACK", "Signal", "Slice", "apart", "find_fallen", "judged"]

SMALLEST, LARGEST = 0.02, 0.6
"""Shares of the whole between which a slice is judged; the complement of a larger one is easier to name."""


LASTS = 0.5
"""Part of a slice's surprise that it must have over more bins to have fallen that early."""


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
    against: str = ""
    """Column whose sum over all cells is the base, instead of the value outside the slice."""
    marks: Mapping[str, str] = field(default_factory=dict)
    """Members that its slices have besides their own: the value counts in their cells only."""
    squares: str = ""
    """Column of the squares of what makes up the base, where it comes in lumps."""
    once: tuple[str, str] | tuple[()] = ()
    """Value and base as they could have been told before each bin, where the base is learnt from bins that are past:
    only on these it is seen how far such a ratio normally strays."""
    length: int = 1
    """How many bins the last one stands for."""
    lately: str = ""
    """Column that tells cells of what only began: no slice is judged by them, nor held against them."""
    telling: int = 0
    """Of signals that show the same loss the one with the highest number names it."""


def find_fallen(
    signals: Sequence[Signal],
    bins: int,
    spans: Sequence[int] = (1,),
    most: int = 3,
    limit: float = 0.01,
    least: float = 0.0,
    fixed: Sequence[str] = (),
    lengths: Sequence[float] | None = None,
    known: Sequence[Slice] = (),
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
    lengths
        Working days of the bins, say: what a steady slice goes by.
    known
        Slices that have fallen as is known already: they are taken out first, and not among those returned.
    """
    found: list[Slice] = []
    left = [_coded(_steady(signal), bins) for signal in signals]
    left = [
        _without(rows, [one.members for one in known if _touched(signal, one, fixed)])
        for signal, rows in zip(signals, left, strict=True)
    ]
    telling = {signal.name: signal.telling for signal in signals}
    # Every signal gets an equal part of the accepted chance, spread over its slices.
    look = partial(_unlikely, spans=spans, times=len(signals), limit=limit, least=least)
    judged_now = [look(signal, rows) for signal, rows in zip(signals, left, strict=True)]
    for _ in range(2 * most):
        likely = [s for judged_ in judged_now for s in judged_]
        if not likely or len(found) == most:
            break
        best = named(likely, telling, fixed)
        lasting = _lasting(best, likely)
        if best.surprise < 0 and -apart(lasting, [*known, *found], signals, bins, fixed, lengths).effect >= least:
            found.append(lasting)
        for i, signal in enumerate(signals):
            if _touched(signal, best, fixed):
                left[i] = left[i].without(best.members)
                judged_now[i] = look(signal, left[i])
    whole = [s for s in found if not any(_holds(other, s) for other in found)]
    return [apart(s, [*known, *whole], signals, bins, fixed, lengths) for s in whole]


def _holds(outer: Slice, inner: Slice) -> bool:
    """Tell whether a slice lies within another of the same figure: its loss is a part of that one's."""
    return outer.signal == inner.signal and outer.members.items() < inner.members.items()


def _lasting(found: Slice, likely: Sequence[Slice]) -> Slice:
    """The slice with the most bins over which it strays clearly as well: its past is to end before its fall."""
    same = [s for s in likely if (s.signal, s.members) == (found.signal, found.members)]
    return replace(found, ends=max(s.bins for s in same if s.surprise / found.surprise >= LASTS))


def judged(signals: Sequence[Signal], bins: int, spans: Sequence[int] = (1,)) -> list[Slice]:
    """Return every slice that is judged, whatever its chance, by every signal and number of last bins.

    Parameters are those of `find_fallen`; nothing is taken out of the tables.
    """
    coded_ = ((signal, _coded(_steady(signal), bins)) for signal in signals)
    look = partial(_unlikely, spans=spans, times=len(signals), limit=np.inf, least=0.0)
    return [s for signal, rows in coded_ for s in look(signal, rows)]


def apart(
    found: Slice, others: Sequence[Slice], signals: Sequence[Signal], bins: int, fixed: Sequence[str],
    lengths: Sequence[float] | None = None,
) -> Slice:  # fmt: skip
    """Return a slice with what is to be expected of it beside a business without the other slices found.

    Its expectation is corrected by its season. Parameters other than the slices are those of `find_fallen`; slices are
    told apart as objects.
    """
    signal = next(s for s in signals if s.name == found.signal)
    # Slices are told by their names here: no dimension needs its members coded.
    plain, own = (
        replace(signal, dimensions=(), alone=()),
        {d: m for d, m in found.members.items() if d not in signal.marks},
    )
    taken = [other.members for other in others if other is not found and _touched(signal, other, fixed)]
    rows, steady = (_without(_coded(one, bins), taken) for one in (plain, _steady(plain)))
    sums = _sums(signal, rows, rows.only(own))
    if signal.lately:  # it is told with all that it sold, but held against what was there before
        sums = replace(sums, bases=_sums(signal, steady, steady.only(own)).bases)
    start = bins - max(found.ends, found.bins)
    # A ratio of two columns does not go by the length of a bin.
    days = None if signal.base or lengths is None else np.asarray(lengths, dtype=float)
    expected = sums.rate(start) * sums.bases[:, -1] * seasonal(sums, start, days)
    return replace(
        found, actual=float(sums.values[0, -1]), expected=float(expected[0]), worth=float(sums.worth(start)[0])
    )


def _without(rows: Coded, taken: Sequence[Mapping[str, str]]) -> Coded:
    for members in taken:
        rows = rows.without(members)
    return rows


def _steady(signal: Signal) -> Signal:
    """Return a signal without the cells of what only began."""
    return replace(signal, cells=signal.cells[~signal.cells[signal.lately]], lately="") if signal.lately else signal


def _touched(signal: Signal, found: Slice, fixed: Sequence[str]) -> bool:
    if signal.name == found.signal:
        return True
    shares = all(d in signal.cells for d in found.members)
    return found.signal not in fixed and signal.name not in fixed and shares and bool(found.members)


def _coded(signal: Signal, bins: int) -> Coded:
    columns = dict.fromkeys(
        column
        for column in (signal.value, signal.size, signal.base, signal.against, signal.squares, *signal.once)
        if column
    )
    return coded(signal.cells, (*signal.dimensions, *signal.alone), tuple(columns), bins)


def _unlikely(signal: Signal, left: Coded, spans: Sequence[int], times: int, limit: float, least: float) -> list[Slice]:
    """Return a signal's slices that stray and matter; their ``chance`` allows for all that were looked at."""
    starts = [left.bins - span for span in spans if left.bins - span >= BACK]
    if not len(left.at) or not starts:
        return []
    every = slices(left, signal.dimensions, signal.alone, signal.whole)
    sums = _sums(signal, left, every.sums)
    sums = replace(sums, single=np.array([len(c) == 1 and c[0] in signal.alone for c in every.cuboid]))
    sized = {start: _sized(signal, left, sums, start) for start in starts}
    places = _different(np.flatnonzero(np.logical_or.reduce(list(sized.values()))), every, sums)
    sums = sums.at(places)
    known = _known(signal, every.sums, sums, places)
    past = strays(known)
    judged = [judge(sums, past, start, sized[start][places], signal.counts, known) for start in starts]
    # Half of the chance is for members, half for the many more crossings.
    depth = np.array([len(every.cuboid[place]) > 1 for place in places])
    looked = [sum(int((depth[j.looked] == crossed).sum()) for j in judged) for crossed in (False, True)]
    found = []
    for j in judged:
        chance = np.minimum(1.0, j.chance * times * 2 * np.array(looked)[depth[j.rows].astype(int)])
        fit = (chance < limit) & (np.abs(j.expected - j.actual) * j.worth >= least)
        columns = (places[j.rows], j.actual, j.expected, j.surprise, chance, j.worth, j.over, j.normal)
        for place, actual, expected, surprise, p, worth, over, normal in zip(
            *(c[fit].tolist() for c in columns), strict=True
        ):
            members, bins = {**every.members(place), **signal.marks}, left.bins - j.start
            found.append(Slice(signal.name, members, actual, expected, surprise, p, bins, worth, tuple(over), normal))
    return found


def _sums(signal: Signal, left: Coded, every: Mapping[str, np.ndarray]) -> Sums:
    values = every[signal.value]
    if signal.base:
        bases = every[signal.base]
    elif signal.against:
        bases = np.broadcast_to(left.sums(signal.against), values.shape)
    else:
        bases = left.sums(signal.value)[None, :] - values
    squares = every[signal.squares] if signal.squares else None
    return Sums(values, bases, every[signal.size or signal.value], squares, length=signal.length)


def _known(signal: Signal, every: Mapping[str, np.ndarray], sums: Sums, places: np.ndarray) -> Sums:
    """Return the sums on which it is seen how far a signal's slices normally stray."""
    if not signal.once:
        return sums
    values, bases = (every[column][places] for column in signal.once)
    return replace(sums, values=values, bases=bases)


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
    return (share >= SMALLEST) & (share <= (1.0 + 1e-9 if signal.base or signal.whole else LARGEST))

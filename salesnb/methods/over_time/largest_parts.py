"""The largest parts of a gap: a few slices of a table that fell short, exact sums without overlap.

A part says where the gap lies and claims nothing of chance. Of all that fell short, those come first that fell against
their usual ratio to the rest and strayed from it further than they normally do; where the past is too short to tell,
what all the rest did in the same bin is the measure. What only fell short along with all else fills up, by its size.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from salesnb.methods.over_time.cuboids import Slices, coded, slices
from salesnb.methods.over_time.straying import BACK, Sums, deviance, judge, strays

NEARLY_ALL = 0.95
"""A slice with this share of what was expected, or of what came, only repeats the whole."""

CROSSED = 0.65
"""Weight of a crossing beside a single member: there are many more of them, so that one looks strange by chance."""

MONEY = 0.6
"""Weight of how far money strays beside how far the number of events does."""

SMALLEST = 0.02
"""Slices that made less of the whole before tell nothing by how far they stray."""

COLUMNS = ("actual", "expected", "amount", "events")

_MARK = "mark"
"""Column of a number that each row has for itself: slices with the same sum of these hold the same rows."""


@dataclass(frozen=True)
class Part:
    """A slice that fell short: what it came to, what it is held against."""

    members: Mapping[str, str]
    actual: float
    expected: float


def largest_parts(
    cells: pd.DataFrame,
    bins: int,
    dimensions: Sequence[str],
    alone: Sequence[str] = (),
    *,
    most: int = 3,
    least: float = 0.0,
    taken: Collection[np.ndarray] = (),
    length: int = 1,
) -> list[Part]:
    """Return at most ``most`` slices of one and two dimensions that fell short, the most telling first.

    Parameters
    ----------
    cells
        A column per dimension (blank: in no slice of it), ``bin`` (0, 1, ...; the last one is now), ``actual`` and
        ``expected``, whose difference is the gap, and what tells the past: ``amount`` and the ``events`` behind it.
    bins
        Number of bins, the last one included.
    dimensions, alone
        Dimensions that are crossed with each other, and those that are not.
    least
        Parts smaller than this are none.
    taken
        Rows that belong to something told already; a part holds none of them.
    length
        How many bins the last one stands for.
    """
    if not (dimensions or alone):
        return []
    cells = cells.assign(**{_MARK: np.random.default_rng(0).random(len(cells))})
    every = slices(coded(cells, (*dimensions, *alone), (*COLUMNS, _MARK), bins), dimensions, alone, whole=False)
    actual, expected = (every.sums[column].sum(axis=1) for column in COLUMNS[:2])
    whole = [float(cells[column].sum()) for column in COLUMNS[:2]]
    part = np.max([np.abs(s) / max(abs(w), 1e-9) for s, w in zip((actual, expected), whole, strict=True)], axis=0)
    fit = ~every.blank & (actual - expected < -max(least, 1e-9)) & (part < NEARLY_ALL)
    places = _different(np.flatnonzero(fit), every)
    order = np.lexsort(((actual - expected)[places], -_telling(every, bins, length)[places]))
    found: list[Part] = []
    rows = [np.asarray(one, dtype=bool) for one in taken]
    counts = (cells["actual"].to_numpy() != 0) | (cells["expected"].to_numpy() != 0)
    for place in places[order].tolist():
        if len(found) == most:
            break
        members = every.members(place)
        own = counts & np.logical_and.reduce([(cells[d] == m).to_numpy(dtype=bool) for d, m in members.items()])
        if not any((own & other).any() for other in rows):
            found.append(Part(members, float(actual[place]), float(expected[place])))
            rows.append(own)
    return found


def _different(places: np.ndarray, every: Slices) -> np.ndarray:
    """Return slices that differ in their rows: of the same rows under two names the simpler one."""
    marks = np.round(every.sums[_MARK][places].sum(axis=1), 6)
    return places[np.sort(np.unique(marks, return_index=True)[1])]


def _telling(every: Slices, bins: int, length: int) -> np.ndarray:
    """Return how much each slice lost against its usual ratio to the rest, times how far that strays from its past.

    The loss is taken in money and in events at their usual worth: few large ones make money a poor witness of how many
    did not come.
    """
    last = bins - 1
    if last < 1:
        return _beside_peers(every)
    amount, events = (_sums(every, column, length) for column in ("amount", "events"))
    back = slice(max(0, last - BACK), last)
    whole = float(every.coded.sums("amount")[back].sum())
    sized = ~every.blank & (amount.values[:, back].sum(axis=1) >= SMALLEST * whole)
    worth = replace(events, sizes=amount.values).worth(last)
    lost = _lost(amount, last) + _lost(events, last) * worth
    far = np.maximum(_far_below(events, last, sized, True), MONEY * _far_below(amount, last, sized, False))
    crossed = np.array([len(dimensions) > 1 for dimensions in every.cuboid])
    return lost * far * sized * np.where(crossed, CROSSED, 1.0)


def _lost(sums: Sums, last: int) -> np.ndarray:
    return np.maximum(sums.rate(last) * sums.bases[:, last] - sums.values[:, last], 0.0)


def _sums(every: Slices, column: str, length: int) -> Sums:
    values = every.sums[column]
    bases = every.coded.sums(column)[None, :] - values
    return Sums(values, bases, values, length=length)


def _far_below(sums: Sums, last: int, fit: np.ndarray, counts: bool) -> np.ndarray:
    """Return how far below the usual slices lie, in units of what is normal; where the past is short, of chance."""
    found = np.zeros(len(sums.values))
    if last >= BACK:
        judged = judge(sums, strays(sums), last, fit, counts, season=False)
        found[judged.rows] = judged.surprise
    elif counts:
        found = deviance(sums.values[:, last], sums.rate(last) * sums.bases[:, last])
    return np.maximum(-found, 0.0)


def _beside_peers(every: Slices) -> np.ndarray:
    """The same without any past: what was expected goes with what came to all the rest."""
    actual, expected = ((s := every.sums[c].sum(axis=1), every.coded.weights[c].sum() - s) for c in COLUMNS[:2])
    rate = np.divide(actual[1], expected[1], out=np.zeros(len(expected[1])), where=expected[1] > 0)
    due = rate * expected[0]
    return np.maximum(due - actual[0], 0.0) * np.maximum(-deviance(actual[0], due), 0.0)

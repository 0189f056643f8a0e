"""Find the few slices that explain why a figure is not what was expected, in one period and without its history.

Every leaf of a table (a crossing of all dimensions) has an actual figure and an expected one: its target, its
last period, its last year. What moved everything alike is the drift. A cause is a slice, of one to ``depth``
dimensions, whose leaves stray together from the drift, more than leaves do by themselves. How sure that is comes
from the leaves alone (`leaf_noise`), how slices are told apart from `peeling`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import copysign, sqrt

import numpy as np
import pandas as pd

from salesnb.methods.at_once.leaf_noise import Differences, evidence
from salesnb.methods.at_once.leaves import coded_leaves
from salesnb.methods.at_once.peeling import Evidence, Found, Strays, cells, peeled

STANDS = 0.1
"""Chance below which a slice may be told in place of one within it."""


@dataclass(frozen=True)
class Cause:
    """A slice that strays from the drift, in the unit of the figure.

    No leaf counts in two causes: one that lies in several counts in the one that tells it best. A slice within another
    that strayed the same way is no cause of its own: it is one of the other's ``parts``.
    """

    members: Mapping[str, str]
    actual: float
    expected: float
    """Before the drift."""
    drifted: float
    """Expected times drift."""
    effect: float
    """Actual less drifted: below zero a loss, above zero an upside."""
    surprise: float
    """Standard deviations by which its leaves stray together; below zero they fell."""
    chance: float
    """Chance that the most surprising of all slices looks like this by luck."""
    leaves: int
    """How many leaves count in it."""
    parts: tuple["Cause", ...] = ()
    """Slices within it that strayed further than the rest of it, costliest first: their effects are of its own."""


@dataclass(frozen=True)
class Scan:
    """What was found: the drift of all that is in no cause, the usual relative noise of a leaf, and the causes."""

    drift: float
    noise: float
    causes: tuple[Cause, ...]
    """Most surprising first."""


def scan(
    leaves: pd.DataFrame,
    dimensions: Sequence[str],
    *,
    actual: str = "actual",
    expected: str = "expected",
    variance: str = "",
    depth: int = 3,
    most: int = 5,
    limit: float = 0.01,
    least: float = 0.0,
) -> Scan:
    """Return the slices that explain why ``actual`` is not ``expected``.

    Parameters
    ----------
    leaves
        A row per leaf with a column per dimension; a blank or missing member is in no slice of that dimension.
    dimensions
        Columns to cross; nested ones (team and rep) may stand side by side.
    actual, expected
        Columns of the figure, in the same unit; they add up over leaves. A missing one counts as zero.
    variance
        Column with what is normal for the square of a leaf's difference; without it the leaves tell.
    depth
        Most dimensions of a slice.
    most
        Most causes.
    limit
        Chance of any false cause that is accepted; 1 or more returns the best slices, however likely.
    least
        Causes with a smaller effect do not matter.

    Raises
    ------
    ValueError
        Where a figure is infinite.
    """
    frame = leaves.reset_index(drop=True)
    figures = {c: frame[c].to_numpy(dtype=float, na_value=0.0) for c in (actual, expected)}
    if not all(np.isfinite(given).all() for given in figures.values()):
        raise ValueError("figures must be finite")
    some = np.flatnonzero((figures[actual] != 0) | (figures[expected] != 0))
    was, now = figures[expected][some], figures[actual][some]
    if not len(some) or was.sum() <= 0:
        return Scan(1.0, 0.0, ())
    coded = coded_leaves(frame.iloc[some], dimensions, depth)
    how: Evidence = evidence(coded, now, was)
    if variance:
        how = Differences(coded, now, was, frame[variance].to_numpy(dtype=float, na_value=0.0)[some])
    found = peeled(coded, how, most, limit, least)
    last = how.given([f.covers for f in found], careful=True)
    told = causes_of(
        found, last, lambda one, own: _cause(coded.members(one.cuboid, one.place), one, own, now, was, last.drift)
    )
    return Scan(last.drift, last.noise, tuple(c for c in told if c.leaves and abs(c.effect) >= least))


def causes_of(found: Sequence[Found], last: Strays, cause: Callable[[Found, np.ndarray], Cause]) -> list[Cause]:
    """Return slices as causes, each with its parts: of a slice and the leaves that count in it ``cause`` makes one."""
    around = [_outermost(place, found) for place in range(len(found))]
    outer = sorted(set(around))
    owner, told = owners([found[i] for i in outer], last), []
    for number, place in enumerate(outer):
        own = owner == number
        inner = [found[i] for i, out in enumerate(around) if out == place != i]
        within = owners(inner, last)
        parts = [cause(one, own & (within == i)) for i, one in enumerate(inner)]
        told.append(replace(cause(found[place], own), parts=tuple(sorted(parts, key=lambda c: -abs(c.effect)))))
    return told


def _outermost(place: int, found: Sequence[Found]) -> int:
    """Return the place of the widest slice that holds all of another and strays the same way; its own, if none.

    Where the best slices are asked for however likely, one that chance may have made holds none that is sure.
    """
    own = found[place]
    covers = own.covers
    wider = [
        i for i, f in enumerate(found)
        if f.chance < STANDS and f.shift * own.shift > 0
        and int(f.covers.sum()) > int(covers.sum()) and not (covers & ~f.covers).any()
    ]  # fmt: skip
    return max(wider, key=lambda i: (int(found[i].covers.sum()), -i), default=place)


def owners(found: Sequence[Found], last: Strays) -> np.ndarray:
    """Return the number of the slice in which each leaf counts, -1 for none.

    Of the slices over a cell it is one that moved as the cell did, and of those the smallest.
    """
    cell, inside = cells([f.covers for f in found], len(last.cell))
    moved = np.bincount(cell, last.money, len(inside))
    sizes = [int(f.covers.sum()) for f in found]
    owner = np.full(len(inside), -1)
    for number, slices in enumerate(inside):
        if slices:
            along = [i for i in slices if found[i].shift * moved[number] > 0]
            owner[number] = min(along or slices, key=lambda i: (sizes[i], i))
    return owner[cell]


def _cause(
    members: Mapping[str, str], found: Found, own: np.ndarray, now: np.ndarray, was: np.ndarray, drift: float
) -> Cause:
    actual, expected = float(now[own].sum()), float(was[own].sum())
    drifted = expected * drift
    surprise = copysign(sqrt(2 * max(found.gain, 0.0)), found.shift)
    return Cause(members, actual, expected, drifted, actual - drifted, surprise, found.chance, int(own.sum()))

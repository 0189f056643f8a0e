"""The leaves of a table and all slices they form: every crossing of up to so many dimensions, coded once.

A leaf is a row with one member per dimension. A cuboid is a crossing of some dimensions, a slice is one of its
groups of leaves. Cuboids that only repeat the slices of a simpler one (team and rep, where every rep has one team)
are left out, so that every slice has the simplest of its names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

_DENSE = 8
"""Where a crossing has so many times more pairs than leaves, a table of all pairs would be too large."""


@dataclass(frozen=True)
class Cuboid:
    """A crossing of dimensions; leaves with a blank member in one of them are in no slice of it."""

    dimensions: tuple[str, ...]
    group: np.ndarray
    """Each leaf's slice; of leaves that are in none it is ``count``."""
    count: int
    unlikely: float
    """Natural logarithm of the number of slices that were as likely, before any figure was seen, as one of these:
    depths, cuboids of the same depth, and slices of the same cuboid count as equally likely."""

    def sums(self, weights: np.ndarray) -> np.ndarray:
        """Return a sum per slice."""
        return np.bincount(self.group, weights, self.count + 1)[: self.count]

    def covers(self, place: int) -> np.ndarray:
        """Tell which leaves a slice covers."""
        return np.asarray(self.group == place)


@dataclass(frozen=True)
class Leaves:
    """Leaves as whole numbers per dimension, and the cuboids they form, simple ones first."""

    size: int
    codes: dict[str, np.ndarray]
    names: dict[str, list[str]]
    cuboids: tuple[Cuboid, ...]

    def members(self, cuboid: Cuboid, place: int) -> dict[str, str]:
        """Return the member of each dimension of a slice."""
        leaf = int(np.argmax(cuboid.group == place))
        return {d: self.names[d][int(self.codes[d][leaf])] for d in cuboid.dimensions}

    def simplest(self, cuboid: Cuboid, place: int) -> tuple[Cuboid, int]:
        """Return the first cuboid, and the place in it, whose slice covers the very same leaves."""
        covers = cuboid.covers(place)
        inside = np.flatnonzero(covers)
        for other in self.cuboids:
            if len(other.dimensions) > len(cuboid.dimensions):
                break
            at = int(other.group[inside[0]])
            if at < other.count and np.array_equal(other.covers(at), covers):
                return other, at
        return cuboid, place


def coded_leaves(frame: pd.DataFrame, dimensions: Sequence[str], depth: int) -> Leaves:
    """Code the leaves of a table and form all crossings of at most ``depth`` dimensions.

    Parameters
    ----------
    frame
        A row per leaf with a column per dimension; a blank or missing member is in no slice of that dimension.
    dimensions
        Columns to cross. Of two names of the same leaves the one with the earlier dimensions is kept.
    depth
        Most dimensions of a slice.
    """
    codes, names = {}, {}
    for dimension in dimensions:
        code, found = pd.factorize(members_of(frame[dimension]), sort=True)
        codes[dimension], names[dimension] = code.astype(np.int32), [str(name) for name in found]
    formed = _formed(codes, names, len(frame), depth)
    cuboids = []
    for level in formed:
        for crossed, (group, count) in level.items():
            named, left = _without_blank(group, count, crossed, codes, names)
            if left:
                unlikely = np.log(len(formed)) + np.log(len(level)) + np.log(left)
                cuboids.append(Cuboid(crossed, named, left, float(unlikely)))
    return Leaves(len(frame), codes, names, tuple(cuboids))


def members_of(column: pd.Series) -> pd.Series:
    """Return a dimension's members as text, blank where there is none."""
    return column.astype("object").where(column.notna(), "").astype("str")


_Formed = dict[tuple[str, ...], tuple[np.ndarray, int]]


def _formed(codes: dict[str, np.ndarray], names: dict[str, list[str]], size: int, depth: int) -> list[_Formed]:
    """Return per depth the groups of each crossing that tells more leaves apart than any simpler one does."""
    counts: dict[tuple[str, ...], int] = {(): min(size, 1)}
    before: _Formed = {(): (np.zeros(size, dtype=np.int32), 1)}
    levels: list[_Formed] = []
    for level in range(1, depth + 1):
        now: _Formed = {}
        for crossed in combinations(codes, level):
            simpler = [tuple(d for d in crossed if d != left) for left in crossed]
            if not all(s in counts for s in simpler):
                continue
            last = crossed[-1]
            group, count = _crossed(*before[crossed[:-1]], codes[last], len(names[last]))
            if count > max(counts[s] for s in simpler):
                now[crossed], counts[crossed] = (group, count), count
        if not now:
            break
        levels.append(now)
        before = now
    return levels


def _crossed(group: np.ndarray, count: int, code: np.ndarray, members: int) -> tuple[np.ndarray, int]:
    """Number the pairs of group and member that occur, in the order of both."""
    pair = group.astype(np.int64) * members + code
    if count * members > _DENSE * len(pair) + _DENSE:
        kept, place = np.unique(pair, return_inverse=True)
        return place.astype(np.int32), len(kept)
    there = np.zeros(count * members, dtype=bool)
    there[pair] = True
    places = np.cumsum(there, dtype=np.int32) - np.int32(1)
    return places[pair], int(there.sum())


def _without_blank(
    group: np.ndarray, count: int, crossed: tuple[str, ...], codes: dict[str, np.ndarray], names: dict[str, list[str]]
) -> tuple[np.ndarray, int]:
    """Renumber the groups, those with a blank member after all others as one."""
    blank = np.zeros(len(group), dtype=bool)
    for dimension in crossed:
        if "" in names[dimension]:
            blank |= codes[dimension] == names[dimension].index("")
    if not blank.any():
        return group, count
    named = np.ones(count, dtype=bool)
    named[group[blank]] = False
    places = np.where(named, np.cumsum(named) - 1, named.sum()).astype(np.int32)
    return places[group], int(named.sum())

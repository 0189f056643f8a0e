"""Sums of a table's columns, bin by bin, over all its slices: members of a dimension and crossings of two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import prod

import numpy as np
import pandas as pd

from salesnb.methods.at_once.leaves import members_of

_DENSE = 4
"""Where a crossing has so many times more pairs than rows, a table of all pairs would be too large."""


@dataclass(frozen=True)
class Coded:
    """The rows of ``cells`` that are left, their dimensions as whole numbers beside the ``names`` they stand for."""

    cells: pd.DataFrame
    at: np.ndarray
    bins: int
    when: np.ndarray
    weights: Mapping[str, np.ndarray]
    codes: Mapping[str, np.ndarray]
    names: Mapping[str, Sequence[str]]

    def without(self, members: Mapping[str, str]) -> Coded:
        """Return what is left when the rows of a slice are taken out."""
        left = ~self._inside(members)
        return replace(
            self, at=self.at[left], when=self.when[left],
            weights={name: weight[left] for name, weight in self.weights.items()},
            codes={name: code[left] for name, code in self.codes.items()},
        )  # fmt: skip

    def only(self, members: Mapping[str, str]) -> dict[str, np.ndarray]:
        """Return each column's sums per bin over the rows of a slice, as its only row."""
        inside = self._inside(members)
        when = self.when[inside]
        return {c: _summed(when, w[inside], self.bins)[None, :] for c, w in self.weights.items()}

    def _inside(self, members: Mapping[str, str]) -> np.ndarray:
        inside = np.ones(len(self.at), dtype=bool)
        for dimension, member in members.items():
            if dimension in self.codes:
                names = list(self.names[dimension])
                inside &= self.codes[dimension] == (names.index(member) if member in names else -1)
            else:
                fit = (self.cells[dimension] == member).fillna(False)  # who has no member is in no slice
                inside &= fit.to_numpy(dtype=bool)[self.at]
        return inside

    def sums(self, column: str) -> np.ndarray:
        """Return a column's sum per bin."""
        return _summed(self.when, self.weights[column], self.bins)


def _summed(at: np.ndarray, weights: np.ndarray, count: int) -> np.ndarray:
    """Add weights up by place; of no rows numpy makes whole zeros, by which nothing could be divided into."""
    return np.bincount(at, weights, count).astype("float64", copy=False)


def coded(cells: pd.DataFrame, dimensions: Sequence[str], columns: Sequence[str], bins: int) -> Coded:
    """Code the dimensions of a table with a column ``bin``; ``columns`` are those to be added up.

    A row without a member of a dimension has a blank one.
    """
    pairs = {d: _coded(cells[d]) for d in dimensions}
    return Coded(
        cells, np.arange(len(cells)), bins, cells["bin"].to_numpy(),
        {c: cells[c].to_numpy(dtype=float) for c in columns},
        {d: code for d, (code, _) in pairs.items()}, {d: names for d, (_, names) in pairs.items()},
    )  # fmt: skip


def _coded(column: pd.Series) -> tuple[np.ndarray, Sequence[str]]:
    if (
        isinstance(column.dtype, pd.CategoricalDtype)
        and column.cat.categories.is_monotonic_increasing
        and not column.hasnans
    ):
        return column.cat.codes.to_numpy(), column.cat.categories.astype("str").tolist()
    code, found = pd.factorize(members_of(column), sort=True)
    return code.astype(np.min_scalar_type(-max(len(found), 1))), [str(name) for name in found]


@dataclass(frozen=True)
class Slices:
    """Slices of a table and, per column, a row of sums per slice, one for each bin."""

    coded: Coded
    cuboid: Sequence[tuple[str, ...]]
    """The dimensions of each slice."""
    number: np.ndarray
    """Each slice's place among all crossings of its dimensions' members."""
    blank: np.ndarray
    """Whether a slice names no member in one of its dimensions."""
    sums: Mapping[str, np.ndarray]

    def members(self, place: int) -> dict[str, str]:
        """Return the members of a slice by dimension."""
        named = [self.coded.names[d] for d in self.cuboid[place]]
        parts = np.unravel_index(int(self.number[place]), [len(names) for names in named]) if named else ()
        return {d: names[int(i)] for d, names, i in zip(self.cuboid[place], named, parts, strict=True)}


def slices(of: Coded, crossed: Sequence[str], alone: Sequence[str], whole: bool) -> Slices:
    """Add up all members of the dimensions and all crossings of two of ``crossed``, before them the ``whole``."""
    cuboids: list[tuple[str, ...]] = [*((d,) for d in (*crossed, *alone)), *combinations(crossed, 2)]
    owner: list[tuple[str, ...]] = []
    sums: dict[str, list[np.ndarray]] = {column: [] for column in of.weights}
    numbers, blanks = [], []
    for cuboid in [(), *cuboids] if whole else cuboids:
        number, group, blank = _groups(of, cuboid)
        owner += [cuboid] * len(number)
        numbers.append(number)
        blanks.append(blank)
        cell = group * of.bins + of.when
        for column, weight in of.weights.items():
            flat = _summed(cell, weight, len(number) * of.bins)
            sums[column].append(flat.reshape(len(number), of.bins))
    together = {column: np.concatenate(parts) for column, parts in sums.items()}
    return Slices(of, owner, np.concatenate(numbers), np.concatenate(blanks), together)


def _groups(of: Coded, cuboid: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the numbers of a cuboid's slices that have rows, each row's place among them, and which are blank."""
    if not cuboid:
        return np.zeros(1, dtype=np.int64), np.zeros(len(of.at), dtype=np.int64), np.zeros(1, dtype=bool)
    shape = tuple(len(of.names[d]) for d in cuboid)
    number = np.ravel_multi_index([of.codes[d] for d in cuboid], shape)
    if prod(shape) > _DENSE * len(of.at) + _DENSE:
        kept, group = np.unique(number, return_inverse=True)
    else:
        there = np.zeros(prod(shape), dtype=bool)
        there[number] = True
        kept, group = np.flatnonzero(there), (np.cumsum(there) - 1)[number]
    parts = zip(cuboid, np.unravel_index(kept, shape), strict=True)
    blank = np.logical_or.reduce([np.array([not n for n in of.names[d]])[part] for d, part in parts])
    return kept, group, blank

"""Explain how leaves stray by as few slices as possible: take the best one, look again, and mend what was taken.

Whatever tells how far each leaf strays (`Evidence`) is asked again after every slice taken, so that its notion of
what is normal is made from the leaves left. What a slice gains is the likelihood ratio of a common shift of its
leaves, ``(sum of toward)^2 / (2 * sum of spread)``; from it goes ``unlikely``, the logarithm of the number of slices
that were as likely beforehand, so that a simple name wins over a narrow one and the chance of a false slice can be
told for all slices together. Greedy choice errs where two slices share a member: their union gains more than
either. So every slice taken is afterwards chosen once more, given all others.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import exp, log, sqrt
from typing import Protocol

import numpy as np
from scipy.special import log_ndtr

from salesnb.methods.at_once.leaves import Cuboid, Leaves

ROUNDS = 3
"""How often all slices are chosen once more, at most."""

DOUBT = 2.0
"""By what chances are multiplied, as the noise they are judged by is an estimate too."""

OVERLAP = 2.0
"""What a slice must gain beyond another if it lies over what is explained already (a factor of seven in odds)."""

NOTHING_BESIDE = 0.05
"""Part of what is unexplained that must lie beside a slice: what strays from nothing does not stray."""

BACK = 0.9
"""Part of its gain that counts for a slice that strays less than what it lies in: of two halves of a slice that fell,
the one that fell further is told, not the one that fell less."""

AGAINST = 8.0
"""What a slice can lose at most by leaves of it that are explained already and do not follow it."""


def normal_gain(toward: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Return the likelihood ratio of a shift by its first derivative and its information."""
    # Without any noise the least shift would gain without end.
    return np.asarray(toward**2 / (2 * np.maximum(spread, 1e-12 * toward**2 + 1e-300)))


@dataclass(frozen=True)
class Strays:
    """How far leaves stray, given some slices that explain a part of it.

    ``toward`` and ``spread`` are, per leaf, the first derivative and the information of a common shift: for deviations
    ``x`` of precision ``w`` they are ``w * x`` and ``w``; for plain differences ``d`` of variance ``v`` they are ``d``
    and ``v``. Leaves are in the same ``cell`` if the same slices explain them (0: none); within a cell other than 0
    ``toward`` adds up to zero.
    """

    toward: np.ndarray
    spread: np.ndarray
    cell: np.ndarray
    shifts: np.ndarray
    """How far each cell strays as a whole; only the signs matter."""
    money: np.ndarray
    """Actual less drifted expectation of each leaf."""
    drift: float = 1.0
    noise: float = 0.0
    own: np.ndarray | None = None
    """A second measure of ``spread``, from the leaves themselves; the larger one of a slice counts."""
    gain: Callable[[np.ndarray, np.ndarray], np.ndarray] = normal_gain
    """What slices gain by their sums of ``toward`` and ``spread``."""


class Evidence(Protocol):
    """Anything that tells how far leaves stray."""

    def given(self, covers: Sequence[np.ndarray], careful: bool, beside: Sequence[np.ndarray] = ()) -> Strays:
        """Return how leaves stray from what is normal outside of some slices.

        ``careful``: most of what is to be found is found, so the tails of what is left tell what noise can do.
        Slices ``beside`` are not explained, but what is normal is not learned from them.
        """
        ...


@dataclass(frozen=True)
class Found:
    """A slice, its shift in the unit of ``toward / spread``, and the chance of it among all slices."""

    cuboid: Cuboid
    place: int
    shift: float
    gain: float
    chance: float

    @property
    def covers(self) -> np.ndarray:
        """Tell which leaves it covers."""
        return self.cuboid.covers(self.place)


def peeled(leaves: Leaves, evidence: Evidence, most: int, limit: float = 0.01, least: float = 0.0) -> list[Found]:
    """Return at most ``most`` slices that explain how leaves stray, most surprising first.

    Parameters
    ----------
    leaves
        The leaves with all their slices.
    evidence
        How far leaves stray, given slices.
    most
        Largest number of slices, those within others not counted.
    limit
        Chance of any false slice that is accepted; 1 or more returns the best slices, however likely.
    least
        Slices whose actual figure differs by less from their drifted expectation do not matter.
    """
    search = _Search(leaves, evidence, most, limit, least)
    taken: list[_Taken] = []
    for careful in (False, True):
        taken = search.grown(taken, careful)
        taken = search.mended(taken, careful)
        taken = search.grown(taken, careful)
    return search.judged(taken)


_Taken = tuple[int, int]
"""A slice as the number of its cuboid and its place there."""


@dataclass
class _Search:
    leaves: Leaves
    evidence: Evidence
    most: int
    limit: float
    least: float

    def covers(self, taken: Sequence[_Taken]) -> list[np.ndarray]:
        return [self.leaves.cuboids[number].covers(place) for number, place in taken]

    def grown(self, taken: list[_Taken], careful: bool) -> list[_Taken]:
        while self.apart(taken) < self.most and len(taken) < 2 * self.most:
            best = self.best(taken, careful)
            if best is None:
                break
            taken = [*taken, best]
        return taken

    def apart(self, taken: Sequence[_Taken]) -> int:
        """Count the slices that lie in no other: one within another is a part of it, and takes none of the places.

        Where the best slices are asked for however likely, each takes one: chance finds wide ones over every sure one.
        """
        if self.limit >= 1:
            return len(taken)
        covers = self.covers(taken)
        return sum(not any(one.sum() < other.sum() and not (one & ~other).any() for other in covers) for one in covers)

    def mended(self, taken: list[_Taken], careful: bool) -> list[_Taken]:
        """Choose every slice once more, given all others; drop those that explain nothing any more."""
        for _ in range(ROUNDS):
            before = taken
            for one in before:
                rest = [other for other in taken if other != one]
                best = self.best(rest, careful, [one])
                if best is None:
                    taken = rest
                elif best != one:
                    taken = [best if other == one else other for other in taken]
            if taken == before:
                break
        return taken

    def best(self, taken: Sequence[_Taken], careful: bool, beside: Sequence[_Taken] = ()) -> _Taken | None:
        """Return the slice that gains most, given those taken, unless chance may have made it."""
        strays = self.evidence.given(self.covers(taken), careful, self.covers(beside))
        best: tuple[float, _Taken] | None = None
        for number, cuboid in enumerate(self.leaves.cuboids):
            gains = _gains(cuboid, strays, bool(beside)) - cuboid.unlikely
            gains[[place for other, place in taken if other == number]] = -np.inf
            if self.least:
                gains[np.abs(cuboid.sums(strays.money)) < self.least] = -np.inf
            # Rounded, so that the order of rows does not decide between slices that gain the same.
            place = int(np.argmax(np.round(gains, 6)))
            if best is None or gains[place] > best[0] + 1e-6:
                best = (float(gains[place]), (number, place))
        if best is None or best[0] == -np.inf:
            return None
        gain = best[0] + self.leaves.cuboids[best[1][0]].unlikely
        unlikely = _unlikely(self.leaves.cuboids[best[1][0]], any(best[1][0] == number for number, _ in taken))
        # Twice the accepted chance while slices are still being sorted out.
        certain = chance_of(gain, unlikely) < 2 * self.limit
        return best[1] if certain or self.limit >= 1 else None

    def judged(self, taken: list[_Taken]) -> list[Found]:
        """Judge every slice given the others, and drop one after the other those that chance may have made."""
        while taken:
            found = self._weighed([self._judged(one, [o for o in taken if o != one]) for one in taken])
            worst = max(range(len(found)), key=lambda i: (found[i].chance, -found[i].gain))
            if found[worst].chance < self.limit or self.limit >= 1:
                return sorted(found, key=lambda f: f.cuboid.unlikely - f.gain)
            taken = [one for i, one in enumerate(taken) if i != worst]
        return []

    def _weighed(self, found: list[Found]) -> list[Found]:
        """Count what was as likely beforehand: for slices of a crossing that a surer one is of, fewer."""
        surest: dict[tuple[str, ...], float] = {}
        for one in found:
            score = one.gain - one.cuboid.unlikely
            surest[one.cuboid.dimensions] = max(score, surest.get(one.cuboid.dimensions, score))
        return [
            replace(
                one,
                chance=chance_of(
                    one.gain, _unlikely(one.cuboid, one.gain - one.cuboid.unlikely < surest[one.cuboid.dimensions])
                ),
            )
            for one in found
        ]

    def _judged(self, one: _Taken, others: Sequence[_Taken]) -> Found:
        cuboid = self.leaves.cuboids[one[0]]
        strays = self.evidence.given(self.covers(others), True, self.covers([one]))
        gain = float(_gains(cuboid, strays, learned_beside=True)[one[1]])
        inside = cuboid.covers(one[1]) & (strays.cell == 0)
        if not inside.any():
            inside = cuboid.covers(one[1])
        shift = float(strays.toward[inside].sum() / max(strays.spread[inside].sum(), 1e-12))
        cuboid, place = self.leaves.simplest(cuboid, one[1])
        return Found(cuboid, place, shift, gain, chance_of(gain, cuboid.unlikely))


def _gains(cuboid: Cuboid, strays: Strays, learned_beside: bool = False) -> np.ndarray:
    """Return what every slice of a cuboid gains.

    Where the drift was ``learned_beside`` a slice, from the other leaves only, it is less sure the fewer they are.

    Within a cell that is explained already, only differences from the cell's own shift tell something: a slice that
    covers all of it tells nothing there. A slice may also gain by its unexplained leaves alone (two problems need
    not add up where they meet), at a price; it is higher where the explained ones speak against it.
    """
    cells = len(strays.shifts)
    if cells == 1:
        alone = _larger(cuboid, strays, None, 1)[0]
        return strays.gain(cuboid.sums(strays.toward), _unsure(alone, float(strays.spread.sum()), learned_beside))
    key = cuboid.group.astype(np.int64) * cells + strays.cell
    spread, first = _larger(cuboid, strays, key, cells)
    toward = _table(key, strays.toward, cuboid.count, cells)
    whole = np.maximum(np.bincount(strays.cell, strays.spread, cells), 1e-300)
    told = spread[:, 1:] * (1 - first[:, 1:] / whole[1:])
    alone = _unsure(spread[:, 0], whole[0], learned_beside)
    informed = alone + told.sum(axis=1)
    some = informed > 1e-9 * spread.sum(axis=1)
    over = np.where(some, strays.gain(toward.sum(axis=1), np.where(some, informed, 1.0)), 0.0)
    # Over the whole of a cell the sum is zero but for rounding.
    back = toward[:, 1:] @ np.sign(strays.shifts[1:]) < -1e-6 * np.sqrt(spread.sum(axis=1))
    shift = toward[:, 0] / np.maximum(spread[:, 0], 1e-300)
    most = 3 / np.sqrt(max(float(np.median(strays.spread)), 1e-300))
    shift = np.clip(shift, -most, most)[:, None]
    against = np.clip((shift**2 / 2 * told - shift * toward[:, 1:]).sum(axis=1), 0.0, AGAINST)
    beside = strays.gain(toward[:, 0], alone) - against - OVERLAP * (told.sum(axis=1) > 0)
    return np.asarray(np.maximum(np.where(back, BACK * over - OVERLAP, over), beside))


def _unsure(spread: np.ndarray, whole: float, learned_beside: bool) -> np.ndarray:
    """Return the spread of slices and of the drift, which leaves beside them tell, few or (of the whole) none."""
    rest = 1 - spread / max(whole, 1e-300)
    return np.asarray(spread / np.maximum(rest if learned_beside else rest > NOTHING_BESIDE, 1e-3))


def _larger(cuboid: Cuboid, strays: Strays, key: np.ndarray | None, cells: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the spread of each slice (by cell): the larger of the two measures, and the first one."""

    def sums(weights: np.ndarray) -> np.ndarray:
        return cuboid.sums(weights) if key is None else _table(key, weights, cuboid.count, cells)

    spread = sums(strays.spread)
    if strays.own is None:
        return spread, spread
    return np.maximum(spread, sums(strays.own)), spread


def _table(key: np.ndarray, weights: np.ndarray, slices: int, cells: int) -> np.ndarray:
    return np.bincount(key, weights, (slices + 1) * cells)[: slices * cells].reshape(slices, cells)


def _unlikely(cuboid: Cuboid, told: bool) -> float:
    """Return the logarithm of the number of slices as likely beforehand; the crossing may be ``told`` by others."""
    return log(cuboid.count) if told else cuboid.unlikely


def chance_of(gain: float, unlikely: float) -> float:
    """Return the chance of a gain like this in any slice: that of a normal deviate, times the slices it stands for."""
    tails = log(2) + float(log_ndtr(-sqrt(2 * max(gain, 0.0))))
    return exp(min(tails + unlikely + log(DOUBT), 0.0))


def cells(covers: Sequence[np.ndarray], size: int) -> tuple[np.ndarray, list[tuple[int, ...]]]:
    """Return each leaf's cell, 0 for those that no slice covers, and the slices of every cell."""
    cell = np.zeros(size, dtype=np.int64)
    inside: list[tuple[int, ...]] = [()]
    for number, cover in enumerate(covers):
        split = 2 * cell + cover
        there = np.bincount(split, minlength=2 * len(inside)) > 0
        there[0] = True
        cell = (np.cumsum(there) - 1)[split]
        inside = [(*inside[old // 2], number) if old % 2 else inside[old // 2] for old in np.flatnonzero(there)]
    return cell, inside

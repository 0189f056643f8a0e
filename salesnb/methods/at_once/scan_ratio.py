"""Find the few slices in which a ratio strayed from what was usual there: deals won of deals decided, money an order.

What a leaf should have had is its base times its usual rate, so that a slice whose base fell or whose mix changed is
no problem of the ratio. What all leaves share is drift. Leaves stray by chance, the less the more is counted in them,
and by something of their own; both are estimated from what no slice explains. A slice gains what a rate of its own
explains (quasi-likelihood: of counts where the value is a part of the base, of a lognormal amount where it is not).
Amounts of one member may be spread more widely than those of another; a slice of them must be borne out by their mean.
How slices are told apart is `peeling`'s.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from salesnb.methods.at_once.leaf_noise import SMALLEST_NOISE
from salesnb.methods.at_once.leaves import Leaves, coded_leaves
from salesnb.methods.at_once.peeling import Found, Strays, cells, chance_of, normal_gain, peeled
from salesnb.methods.at_once.scan import Cause, Scan, causes_of
from salesnb.methods.at_once.spread import Spread, fit_spread, widths
from salesnb.methods.at_once.usual_rates import usual_rates

_LOW, _HIGH = -5.0, 3.0
"""Standard deviations at which an amount's stray is cut: one giant order is no slice, and no order falls as far."""

_NOTHING = 1e-3
"""Smallest part of what was usual, where nothing came of an amount: its logarithm must exist."""

_SURE = 0.05
"""Part of the spread of a rare event that is left to one that nearly always happens."""

_FEWEST = 8
"""Leaves below which nothing can be told apart."""

_LOWEST = 0.02
"""Smallest factor of one step, where nothing at all came of the value."""

_BLURRED = 0.4
"""Part of its effect that a large slice shows at least, while the drift still has its share of it."""

_WIDEST = 20.0
"""Variance of a logarithm beyond which the mean amount is lost anyway."""

_ROUNDS, _STILL = 15, 1e-3


def scan_ratio(
    leaves: pd.DataFrame,
    dimensions: Sequence[str],
    *,
    value: str,
    base: str,
    expected_value: str,
    expected_base: str,
    part: bool = True,
    sampled: bool = False,
    squares: str = "",
    depth: int = 3,
    most: int = 5,
    limit: float = 0.01,
    least: float = 0.0,
) -> Scan:
    """Return the slices in which a ratio strayed, most surprising first: falls and rises.

    Parameters
    ----------
    leaves
        A row per leaf: a column per dimension (blank: in no slice of it) and the four figures. A leaf without a base
        says nothing about the ratio; missing figures count as zero.
    dimensions
        Columns to cross; of nested ones (team, rep) the wider first.
    value, base
        Columns of the ratio's numerator and denominator in the period judged.
    expected_value, expected_base
        Columns of the two that tell the usual ratio; a leaf without an expected base takes what its members let
        expect.
    part
        Whether the value is a part of the base (won of decided, collected of due) rather than an amount of a
        count (money an order).
    sampled
        Whether the expected figures are those of a past, one draw of what is usual, rather than known.
    squares
        Column with the sum of the squares of the amounts that a base is made of (invoices due), each of which comes
        as a whole or not; without it a base is a number of cases.
    depth
        Most dimensions of a slice.
    most
        Most slices returned.
    limit
        Chance of any false slice that is accepted; 1 or more returns the best slices, however likely.
    least
        Effects below this do not matter, in the unit of the value.

    Returns
    -------
    Scan
        ``actual`` of a cause is its value, ``expected`` its base at usual rates, ``effect`` the value beyond that at
        the drift, of the sign of ``surprise``; ``noise`` is the leaves' own relative spread beside chance.
    """
    columns = (value, base, expected_value, expected_base, *([squares] if squares else []))
    ratio = _ratio(leaves, dimensions, columns, part, sampled, depth)
    return Scan(1.0, 0.0, ()) if ratio is None else _scanned(ratio, most, limit, least)


@dataclass(frozen=True)
class _Fit:
    """Logarithm of each cell's rate beside the usual, each leaf's variance, and the part that is its own."""

    shifts: np.ndarray
    variance: np.ndarray
    own: float


@dataclass(frozen=True)
class _Ratio:
    """Leaves with a base: the value, what was usual for that base, and how uncertain that is; `peeling`'s evidence."""

    leaves: Leaves
    value: np.ndarray
    base: np.ndarray
    cases: np.ndarray
    """How many equal cases are as sure as the amounts of which the base is made."""
    usual: np.ndarray
    unsure: np.ndarray
    part: bool
    trust: float
    """What a gain is worth where the past that tells the usual is itself one draw."""

    def given(self, covers: Sequence[np.ndarray], careful: bool, beside: Sequence[np.ndarray] = ()) -> Strays:
        """Fit the drift of what no slice explains, a rate for every crossing of slices, and the spread."""
        strays = self._given(covers, beside)
        if careful or beside or not self.leaves.cuboids:
            return strays
        # A large problem hides itself: it moves the drift and widens the spread. So neither is learned from the slice
        # that is most suspect; whether it is a problem is judged later.
        return self._given(covers, [self._suspect(strays)])

    def _suspect(self, strays: Strays) -> np.ndarray:
        """Return which leaves the slice covers that gains most."""
        gains = [strays.gain(c.sums(strays.toward), c.sums(strays.spread)) - c.unlikely for c in self.leaves.cuboids]
        best = int(np.argmax([gain.max() for gain in gains]))
        return self.leaves.cuboids[best].covers(int(np.argmax(gains[best])))

    def borne_out(self, found: Sequence[Found], limit: float) -> list[Found]:
        """Return the slices, each as likely to be chance as its logarithms or the amounts themselves say at least.

        Logarithms tell most, but where amounts are spread more widely than elsewhere they lie lower though the mean
        does not. So the mean amount beside the usual (leaves weighted by how sure they are) must lie apart as well from
        that of the leaves in no slice, and further than any slice does by chance.
        """
        strays, times = self.given([one.covers for one in found], careful=True), np.zeros(self.leaves.size)
        for one in found:
            times += one.covers
        others = times == 0 if (times == 0).any() else np.ones(self.leaves.size, dtype=bool)
        usual, unsure = self._mean(others, 1 / strays.spread)
        kept = []
        for one in found:
            alone = one.covers & (times == 1)
            mean, error = self._mean(alone if alone.any() else one.covers, 1 / strays.spread)
            apart = (mean - usual) * math.copysign(1.0, one.shift) / math.hypot(error, unsure)
            chance = chance_of(apart**2 / 2 if apart > 0 else 0.0, one.cuboid.unlikely)
            kept.append(replace(one, chance=max(one.chance, chance)))
        return [one for one in kept if one.chance < limit or limit >= 1]

    def _mean(self, some: np.ndarray, variance: np.ndarray) -> tuple[float, float]:
        """Return the mean of some leaves' amounts beside the usual and its error: the leaves' own or what is usual."""
        beside, weight = self.value[some] / self.usual[some], 1 / variance[some]
        mean = float(np.average(beside, weights=weight))
        # Of a lognormal amount whose logarithm has the variance v the mean's square has exp(v) - 1 times as much.
        usually = mean**2 * np.expm1(np.minimum(variance[some], _WIDEST))
        squares = max(float((weight**2 * s).sum()) for s in ((beside - mean) ** 2, usually))
        return mean, math.sqrt(squares) / float(weight.sum()) + 1e-12

    def _given(self, covers: Sequence[np.ndarray], beside: Sequence[np.ndarray]) -> Strays:
        cell, inside = cells(covers, self.leaves.size)
        told = self._told(cell, beside)
        fit = self._fitted(cell, len(inside), told)
        stray, drift = self._strays(fit.shifts[cell], fit.variance), self._drift(cell == 0, fit.shifts[0])
        money, own = self.value - drift * self.usual, math.sqrt(fit.own)
        return Strays(
            stray / fit.variance,
            1 / fit.variance,
            cell,
            fit.shifts - fit.shifts[0],
            money,
            drift,
            own,
            gain=partial(self._gain, leaves=int(told.sum())),
        )

    def _fitted(self, cell: np.ndarray, count: int, told: np.ndarray) -> _Fit:
        """Return the rate of each cell and how widely leaves are spread; of amounts that may differ by member."""
        alike = np.ones(self.leaves.size)
        fit = self._settled(np.zeros(count), cell, told, alike)
        if self.part:
            return fit
        deviates = self._strays(fit.shifts[cell], fit.variance) / np.sqrt(fit.variance)
        wide = widths(self.leaves, deviates, told)
        return self._settled(fit.shifts, cell, told, wide) if (wide != 1).any() else fit

    def _settled(self, shifts: np.ndarray, cell: np.ndarray, told: np.ndarray, wide: np.ndarray) -> _Fit:
        """Fit the rates and the spread in turns, from some rates on."""
        spread = self._spread(self._strays(shifts[cell], 0 * wide), shifts[cell], told, wide)
        for _ in range(_ROUNDS):
            variance = self._variance(spread, shifts[cell], wide)
            steps = self._steps(self._strays(shifts[cell], variance), variance, np.where(told, cell, -1), len(shifts))
            shifts = shifts + steps
            variance = self._variance(spread, shifts[cell], wide)
            spread = self._spread(self._strays(shifts[cell], variance), shifts[cell], told, wide)
            if np.abs(steps).max() < _STILL:
                break
        return _Fit(shifts, self._variance(spread, shifts[cell], wide), spread.own)

    def _told(self, cell: np.ndarray, beside: Sequence[np.ndarray]) -> np.ndarray:
        """Tell from which leaves drift and spread are learned: not from slices that are in question."""
        told = ~np.logical_or.reduce([np.zeros(self.leaves.size, dtype=bool), *beside]) | (cell > 0)
        left = told & (cell == 0)
        return told if left.sum() >= _FEWEST else np.ones(self.leaves.size, dtype=bool)

    def _drift(self, outside: np.ndarray, shift: float) -> float:
        """Return the ratio of the sums of what no slice explains, so that effects and drift add up to the whole."""
        usual = float(self.usual[outside].sum())
        return float(self.value[outside].sum()) / usual if usual > 0 else math.exp(shift)

    def _gain(self, toward: np.ndarray, spread: np.ndarray, leaves: int) -> np.ndarray:
        """Return what slices gain, less where few leaves tell the spread (as in Student's t)."""
        gain = self.trust * (self._of_tries(toward, spread) if self.part else normal_gain(toward, spread))
        return np.asarray((leaves + 1) / 2 * np.log1p(2 * gain / leaves))

    def _of_tries(self, toward: np.ndarray, spread: np.ndarray) -> np.ndarray:
        """Return the gain of events of tries, as many as have this much information at the overall rate.

        The more careful likelihood counts: a binomial one for falls (of likely events few are left out), a Poisson one
        for rises (a leaf's own rate spreads upwards, and where it is far below the overall one it may rise far).
        """
        some = np.maximum(spread, 1e-300)
        rate = min(float(self.usual.sum() / self.base.sum()), 1 - _SURE)
        factor = np.maximum(1 + toward / some, 1e-12)
        now = np.clip(rate * factor, 1e-12, 1 - 1e-12)
        tries = now * np.log(now / rate) + (1 - now) * np.log((1 - now) / (1 - rate))
        events = factor * np.log(factor) - factor + 1
        return np.asarray(some * np.where(factor < 1, (1 - rate) / rate * tries, events))

    def _strays(self, shift: np.ndarray, variance: np.ndarray) -> np.ndarray:
        """Return how far each leaf strays from the usual at its shift, as a part of that; ``variance`` 0: not known."""
        if self.part:
            return np.asarray(self.value / (self.usual * np.exp(shift)) - 1)
        # The mean of a lognormal amount lies half its variance above the mean of its logarithm.
        stray = np.log(np.maximum(self.value / self.usual, _NOTHING)) - shift + variance / 2
        known = np.where(variance > 0, np.sqrt(variance), np.inf)
        return np.asarray(np.clip(stray, _LOW * known, _HIGH * known))

    def _steps(self, stray: np.ndarray, variance: np.ndarray, cell: np.ndarray, count: int) -> np.ndarray:
        """Return by how much the logarithm of each cell's rate is off; a cell without leaves (-1: in none) is not."""
        weight = np.bincount(cell + 1, 1 / variance, count + 1)[1:]
        mean = np.bincount(cell + 1, stray / variance, count + 1)[1:] / np.where(weight > 0, weight, 1.0)
        return np.asarray(np.log(np.maximum(1 + mean, _LOWEST)) if self.part else mean)

    def _thin(self, shift: np.ndarray) -> np.ndarray:
        """Return one over what is counted: the base of an amount, or the value that is likely (binomial)."""
        if not self.part:
            return 1 / self.cases
        rate = self.usual * np.exp(shift) / self.base
        return np.maximum(1 - rate, _SURE) / (rate * self.cases)

    def _spread(self, stray: np.ndarray, shift: np.ndarray, told: np.ndarray, wide: np.ndarray) -> Spread:
        least, thin = 1.0 if self.part else 0.0, wide * self._thin(shift)
        return fit_spread(stray[told] ** 2, thin[told], self.unsure[told], least, logs=not self.part)

    def _variance(self, spread: Spread, shift: np.ndarray, wide: np.ndarray) -> np.ndarray:
        # Where all leaves move by the very same, a rounding error must not look like a move of some.
        return np.maximum(spread.variance(wide * self._thin(shift)) + self.unsure, SMALLEST_NOISE**2)


def _ratio(
    leaves: pd.DataFrame, dimensions: Sequence[str], columns: Sequence[str], part: bool, sampled: bool, depth: int
) -> _Ratio | None:
    """Code the leaves and set what was usual; None where too few leaves have anything to be compared with."""
    leaves = leaves.reset_index(drop=True)
    value, base, past, past_base, *lumps = (leaves[c].to_numpy(dtype=float, na_value=0.0) for c in columns)
    coded = coded_leaves(leaves, dimensions, 1)
    usual = usual_rates(coded, past, past_base, sampled, part)
    some = (base > 0) & (usual.rate > 0)
    if some.sum() < _FEWEST:
        return None
    trust = 1 / (1 + base[some].sum() / past_base[past_base > 0].sum()) if sampled else 1.0
    cases = _cases(base, lumps[0]) if lumps else base
    coded, likely = coded_leaves(leaves[some], dimensions, depth), base * usual.rate
    return _Ratio(coded, value[some], base[some], cases[some], likely[some], usual.unsure[some], part, trust)


def _cases(base: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """Return how many equal amounts are as sure as those of which a base is made; one where nothing is told of them."""
    return np.divide(base**2, squares, out=np.ones(len(base)), where=squares > 0)


def _scanned(ratio: _Ratio, most: int, limit: float, least: float) -> Scan:
    found = peeled(ratio.leaves, ratio, most, limit, _BLURRED * least)
    if found and not ratio.part:
        found = ratio.borne_out(found, limit)
    last = ratio.given([f.covers for f in found], careful=True)
    causes = causes_of(found, last, lambda one, own: _cause(ratio, one, own, last.drift))
    return Scan(last.drift, last.noise, tuple(c for c in causes if c.leaves and _matters(c, least)))


def _matters(cause: Cause, least: float) -> bool:
    """Tell whether a slice lost or won enough; not one that lost by most of its amounts and won by one, or reversed."""
    return abs(cause.effect) >= least and cause.effect * cause.surprise > 0


def _cause(ratio: _Ratio, found: Found, own: np.ndarray, drift: float) -> Cause:
    actual, expected = float(ratio.value[own].sum()), float(ratio.usual[own].sum())
    members = ratio.leaves.members(found.cuboid, found.place)
    surprise = math.copysign(math.sqrt(2 * max(found.gain, 0.0)), found.shift)
    drifted = expected * drift
    return Cause(members, actual, expected, drifted, actual - drifted, surprise, found.chance, int(own.sum()))

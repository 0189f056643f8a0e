"""What a ratio usually is in each leaf, where the past that tells it is thin.

A leaf's own past ratio is drawn towards what its members let expect: the ratio of each member beside those of all
others (of parts their odds), fitted by iterative proportional scaling (Deming and Stephan 1940). The thinner the leaf's
past and the better members alone explain the past, the further it is drawn. That is the linear empirical Bayes rule;
the two kinds of spread that it weighs are estimated from the past itself.
"""

from dataclasses import dataclass

import numpy as np

from salesnb.methods.at_once.leaves import Leaves
from salesnb.methods.at_once.spread import fit_spread

_ROUNDS = 12

_RARE, _SURE = 1e-9, 0.999
"""Rates beyond which odds are no longer told apart."""


@dataclass(frozen=True)
class Usual:
    """Per leaf the usual ``rate`` and how uncertain it is: a variance beside the rate's square."""

    rate: np.ndarray
    unsure: np.ndarray


def usual_rates(leaves: Leaves, value: np.ndarray, base: np.ndarray, sampled: bool, part: bool) -> Usual:
    """Return the usual rate of each leaf from the value and the base that were expected.

    Parameters
    ----------
    leaves
        The leaves, coded.
    value, base
        Expected value and base of each leaf. A leaf without a base tells nothing; less than nothing counts as none.
    sampled
        Whether these happened in some past, so that they are one draw of what is usual.
    part
        Whether the value is a part of the base: then no rate is above one.
    """
    some = base > 0
    value, base = np.where(some, np.maximum(value, 0.0), 0.0), np.where(some, base, 0.0)
    overall = float(value.sum() / base.sum()) if base.sum() > 0 else 0.0
    if overall <= 0:
        return Usual(np.zeros(leaves.size), np.zeros(leaves.size))
    own = np.divide(value, base, out=np.zeros(leaves.size), where=some)
    own = np.minimum(own, 1.0) if part else own
    if not sampled and some.all():
        return Usual(own, np.zeros(leaves.size))
    likely = _of_members(leaves, value, base, overall, part)
    if not sampled:
        return Usual(np.where(some, own, likely), np.zeros(leaves.size))
    # What is counted: the base of an amount, or the value that is likely, whose chance is binomial.
    events = np.maximum(base * likely / (1 - likely) if part else base, 1e-9)
    stray = np.where(some, own / np.maximum(likely, 1e-12) - 1.0, 0.0)
    spread = fit_spread(stray[some] ** 2, 1.0 / events[some])
    chance = np.where(some, spread.chance / events, np.inf)
    belief = spread.own / (spread.own + chance) if spread.own else np.zeros(leaves.size)
    beside = 1.0 + belief * stray
    rate = likely * beside
    # As after a gamma distribution of rates: what happened less often than expected is known less well.
    unsure = spread.own * (1.0 - belief) / np.maximum(beside, 1e-12)
    return Usual(np.minimum(rate, 1.0) if part else rate, unsure)


def _of_members(leaves: Leaves, value: np.ndarray, base: np.ndarray, overall: float, part: bool) -> np.ndarray:
    """Return the rate of each leaf (the odds, where the value is a part) as a product of one factor for each member."""
    rate = np.full(leaves.size, min(overall, _SURE) if part else overall)
    # A member of whom hardly anything is known stays near the others: one leaf's worth of the usual is added.
    more = float(base[base > 0].mean())
    for _ in range(_ROUNDS):
        for dimension, code in leaves.codes.items():
            count = len(leaves.names[dimension])
            cases = np.bincount(code, base, count) + more
            seen = np.bincount(code, value, count) + more * overall
            likely = np.bincount(code, base * rate, count) + more * overall
            rate = _scaled(rate, (seen / cases)[code], (likely / cases)[code], part)
    return rate


def _scaled(rate: np.ndarray, seen: np.ndarray, likely: np.ndarray, part: bool) -> np.ndarray:
    """Return rates, or their odds, times what was seen beside what was likely."""
    if not part:
        return rate * seen / likely
    seen, likely = np.clip(seen, _RARE, _SURE), np.clip(likely, _RARE, _SURE)
    odds = rate / (1 - rate) * seen / (1 - seen) * (1 - likely) / likely
    return np.asarray(np.minimum(odds / (1 + odds), _SURE))

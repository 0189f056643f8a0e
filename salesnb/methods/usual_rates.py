"""What a ratio usually is in each leaf, where the past that tells it is thin.

A leaf's own past ratio is drawn towards what its members let expect (the ratio of each member beside those of all
others, fitted by iterative proportional scaling, Deming and Stephan 1940): the thinner the leaf's past and the better
members alone explain the past, the further. That is the linear empirical Bayes rule; the two kinds of spread that it
weighs are estimated from the past itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from salesnb.methods.leaves import Leaves
from salesnb.methods.spread import fit_spread

_ROUNDS = 12


@dataclass(frozen=True)
class Usual:
    """Per leaf the usual ``rate`` and how uncertain it is: a relative variance."""

    rate: np.ndarray
    unsure: np.ndarray


def usual_rates(leaves: Leaves, value: np.ndarray, base: np.ndarray, sampled: bool, part: bool) -> Usual:
    """Return the usual rate of each leaf from the value and the base that were expected.

    Parameters
    ----------
    leaves
        The leaves, coded.
    value, base
        Expected value and base of each leaf.
    sampled
        Whether these happened in some past, so that they are one draw of what is usual.
    part
        Whether the value is a part of the base: then no rate is above one.
    """
    overall = float(value.sum() / base.sum()) if base.sum() > 0 else 0.0
    if overall <= 0:
        return Usual(np.zeros(leaves.size), np.zeros(leaves.size))
    some = base > 0
    own = np.divide(value, base, out=np.zeros(leaves.size), where=some)
    if not sampled and some.all():
        return Usual(own, np.zeros(leaves.size))
    likely = _of_members(leaves, value, base, overall, part)
    if not sampled:
        return Usual(np.where(some, own, likely), np.zeros(leaves.size))
    events = np.maximum(base * likely if part else base, 1e-9)
    stray = np.where(some, own / np.maximum(likely, 1e-12) - 1.0, 0.0)
    spread = fit_spread(stray[some] ** 2, 1.0 / events[some])
    chance = np.where(some, spread.chance / events, np.inf)
    belief = spread.own / (spread.own + chance) if spread.own else np.zeros(leaves.size)
    rate = likely * (1.0 + belief * stray)
    return Usual(np.minimum(rate, 1.0) if part else rate, spread.own * (1.0 - belief))


def _of_members(
    leaves: Leaves, value: np.ndarray, base: np.ndarray, overall: float, part: bool
) -> np.ndarray:
    """Return the rate of each leaf as a product of factors, one for each of its members."""
    rate = np.full(leaves.size, overall)
    # A member of whom hardly anything is known stays near the others: one leaf's worth of the usual is added.
    typical = float(value[value > 0].mean())
    for _ in range(_ROUNDS):
        for dimension, code in leaves.codes.items():
            count = len(leaves.names[dimension])
            seen = np.bincount(code, value, count) + typical
            expected = np.bincount(code, base * rate, count) + typical
            rate = rate * (seen / expected)[code]
    return np.minimum(rate, 1.0) if part else rate

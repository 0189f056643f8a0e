"""How far figures of different size stray: a variance of two parts, of which one shrinks with size.

What is counted strays less, relatively, the more of it there is; beside that every leaf has something of its own.
Both are estimated at once by weighted least squares on squared strays (the estimating equation that a variance
function of two terms gives), neither ever below zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_LEAST = 0.05
"""Part of all spread that chance is left with: what is counted cannot be free of it."""

_ROUNDS = 8


@dataclass(frozen=True)
class Spread:
    """``chance`` is the variance of one unit of size, ``own`` what does not shrink with size."""

    chance: float
    own: float

    def variance(self, thin: np.ndarray) -> np.ndarray:
        """Return the variance of leaves; ``thin`` is one over their size."""
        return self.chance * thin + self.own


def fit_spread(
    squares: np.ndarray, thin: np.ndarray, known: np.ndarray | float = 0.0, least: float = 0.0
) -> Spread:
    """Return the spread that squared strays show.

    Parameters
    ----------
    squares
        Squared strays from what was expected, relative ones.
    thin
        One over the size of each leaf.
    known
        Variance that is there for a known reason and belongs to neither part.
    least
        What chance is at least: one unit, where single cases are counted.
    """
    left, known = squares - known, np.broadcast_to(np.asarray(known, dtype=float), squares.shape)
    chance, own = max(float(squares.sum() / thin.sum()), 1e-12), 0.0
    for _ in range(_ROUNDS):
        weight = 1.0 / (chance * thin + own + known) ** 2
        tt, t, one = (weight * thin * thin).sum(), (weight * thin).sum(), weight.sum()
        p, q = (weight * thin * left).sum(), (weight * left).sum()
        alone = max(p / tt, 1e-12)
        det = tt * one - t * t
        # Where all leaves are of one size the two parts cannot be told apart: all counts as chance.
        pair = ((p * one - q * t) / det, (q * tt - p * t) / det) if det > 1e-9 * tt * one else (alone, 0.0)
        chance, own = pair if pair[1] >= 0 else (alone, 0.0)
        lowest = max(_LEAST * alone, least)
        if chance < lowest:
            chance = lowest
            own = max(0.0, float((q - t * chance) / one))
    return Spread(float(chance), float(own))

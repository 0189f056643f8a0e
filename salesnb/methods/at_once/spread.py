"""How far figures of different size stray: a variance of two parts, of which one shrinks with size.

What is counted strays less, relatively, the more of it there is; beside that every leaf has something of its own.
Both are estimated at once by weighted least squares on squared strays (the estimating equation that a variance
function of two terms gives), neither ever below zero.

Of amounts the logarithms stray. A mean of n lognormal amounts, each of relative variance c, is nearly lognormal itself
with the relative variance c / n (Fenton 1960), so that its logarithm has the variance log(1 + c / n): of a single
amount clearly less than c.
"""

from dataclasses import dataclass

import numpy as np

from salesnb.methods.at_once.leaves import Leaves

_LEAST = 0.05
"""Part of all spread that chance is left with: what is counted cannot be free of it."""

_FEWEST = 5
"""Leaves from which a member tells how widely it is spread."""

_NARROWEST = 0.05
"""Smallest width of a member."""

_ROUNDS, _SAME = 8, 1e-9
"""Rounds of a fit at most, and the part of itself by which it may still move at the end."""

_TURNS = 2
"""How often members' widths are worked out, each dimension given the others."""


@dataclass(frozen=True)
class Spread:
    """``chance`` is the relative variance of one unit of size, ``own`` what does not shrink with size."""

    chance: float
    own: float
    logs: bool = False
    """Whether the strays are those of logarithms of mean amounts."""

    def variance(self, thin: np.ndarray) -> np.ndarray:
        """Return the variance of leaves; ``thin`` is one over their size."""
        return self._of_chance(thin) + self.own

    def _of_chance(self, thin: np.ndarray) -> np.ndarray:
        relative = self.chance * thin
        return np.log1p(relative) if self.logs else relative

    def line(self, thin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return height at zero and slope of the line in ``chance`` that is nearest to chance's variance here."""
        slope = thin / (1 + self.chance * thin) if self.logs else thin
        return self._of_chance(thin) - self.chance * slope, slope


def fit_spread(
    squares: np.ndarray, thin: np.ndarray, known: np.ndarray | float = 0.0, least: float = 0.0, logs: bool = False
) -> Spread:
    """Return the spread that squared strays show.

    Parameters
    ----------
    squares
        Squared strays from what was expected: relative ones, or with ``logs`` those of logarithms.
    thin
        One over the size of each leaf.
    known
        Variance that is there for a known reason and belongs to neither part.
    least
        What chance is at least: one unit, where single cases are counted.
    logs
        Whether they are strays of logarithms of mean amounts.
    """
    known = np.broadcast_to(np.asarray(known, dtype=float), squares.shape)
    spread = Spread(max(float(squares.sum() / thin.sum()), 1e-12), 0.0, logs)
    for _ in range(_ROUNDS):
        weight = 1.0 / (spread.variance(thin) + known) ** 2
        height, slope = spread.line(thin)
        left = squares - known - height
        sloped = weight * slope
        tt, t, one, p, q = sloped @ slope, sloped.sum(), weight.sum(), sloped @ left, weight @ left
        alone = max(p / tt, 1e-12)
        det = tt * one - t * t
        # Where all leaves are of one size the two parts cannot be told apart: all counts as chance.
        pair = ((p * one - q * t) / det, (q * tt - p * t) / det) if det > 1e-9 * tt * one else (alone, 0.0)
        chance, own = pair if pair[1] >= 0 else (alone, 0.0)
        lowest = max(_LEAST * alone, least)
        if chance < lowest:
            chance = lowest
            own = max(0.0, float((q - t * chance) / one))
        before, spread = spread, Spread(float(chance), float(own), logs)
        if abs(chance - before.chance) + abs(own - before.own) < _SAME * (chance + own):
            break
    return spread


def widths(leaves: Leaves, deviates: np.ndarray, told: np.ndarray) -> np.ndarray:
    """Return by how much each leaf is spread more widely than all are: a factor of its variance, one where none.

    A product of one factor for each member, from the variance of the member's deviates around their own mean. It is
    drawn towards one, the further the fewer leaves it has and the less members differ beyond chance (the moments
    estimate of DerSimonian and Laird 1986), so that members that are alike get one exactly or nearly.

    Parameters
    ----------
    leaves
        The leaves, coded.
    deviates
        How far each leaf strays, in standard deviations that are the same for all.
    told
        Leaves from which this is learned.
    """
    wide = np.ones(leaves.size)
    for _ in range(_TURNS):
        for dimension, code in leaves.codes.items():
            now = np.where(told, deviates / np.sqrt(wide), 0.0)
            wide = wide * _of_members(now, np.bincount(code, told, len(leaves.names[dimension])), code)[code]
    return wide


def _of_members(deviates: np.ndarray, count: np.ndarray, code: np.ndarray) -> np.ndarray:
    """Return how wide each member of a dimension is beside all, drawn towards one."""
    some = count >= _FEWEST
    sums, total = (np.bincount(code, w, len(count))[some] for w in (deviates**2, deviates))
    within, free = sums - total**2 / count[some], count[some] - 1
    if some.sum() < 2 or within.sum() <= 0:
        return np.ones(len(count))
    usual = float(within.sum() / free.sum())
    beside = within / free / usual - 1
    # A mean of so many squares errs by their own variance over their number.
    tails = float((deviates**4).sum()) * float(count.sum()) / float((deviates**2).sum()) ** 2
    sure = count[some] / max(tails - 1, 1.0)
    spread = (sure * beside**2).sum() - (len(sure) - 1)
    own = max(0.0, float(spread / (sure.sum() - (sure**2).sum() / sure.sum())))
    wide = np.ones(len(count))
    wide[some] = np.maximum(1 + own / (own + 1 / sure) * beside, _NARROWEST)
    return wide

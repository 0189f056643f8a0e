"""Under which name a loss is told: of slices that hold it, the one that a reader would name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from salesnb.methods.over_time.straying import deviance

NEARLY = 0.85
"""Part of a slice's surprise that a larger one around it must have to be named instead."""

MOST_OF = 0.75
"""Part of a slice's loss that must lie in one inside it for that one to be named instead, ..."""

SPARED = 1.5
"""... and how far the rest of it may have fallen, in units of what is normal."""

TRIFLE = 0.1
"""Part of a slice that is too small to tell it from one inside it."""

SAME = 0.5
"""Part of a loss that a more telling signal must show to name it."""


@dataclass(frozen=True)
class Slice:
    """A slice that strays: its members, by which signal, and how far.

    ``actual`` and ``expected`` are those of the last bin, ``worth`` is what one unit of them is worth in this slice;
    ``chance`` allows for all slices looked at, ``bins`` is how many of the last ones were judged together.
    """

    signal: str
    members: Mapping[str, str]
    actual: float
    expected: float
    surprise: float
    chance: float
    bins: int
    worth: float = 1.0
    over: tuple[float, float] = (0.0, 0.0)
    """Actual and expected of all bins that were judged together."""
    ends: int = 0
    """How many of the last bins are no part of its past."""
    normal: float = 1.0
    """How far a slice of this kind normally strays over them, as a signed root of the deviance."""

    @property
    def stray(self) -> float:
        """How much more there is than expected, less negative."""
        return self.actual - self.expected

    @property
    def effect(self) -> float:
        """What was gained against expectation, a loss negative."""
        return self.stray * self.worth


def named(likely: Sequence[Slice], telling: Mapping[str, int], fixed: Sequence[str] = ()) -> Slice:
    """Return the most surprising slice under the name that tells it best.

    Parameters
    ----------
    likely
        Slices that stray; at least one.
    telling
        Of signals that show the same loss the one with the highest number names it.
    fixed
        Names of signals whose losses are of another kind than the others'.
    """
    best = max(likely, key=lambda s: (abs(s.surprise) - 0.25 * len(s.members), sorted(s.members.items())))
    best = _narrowed(_around(best, likely), likely)
    if best.signal in fixed or best.surprise > 0:
        return best
    same = [s for s in likely if telling[s.signal] > telling[best.signal] and _same_loss(s, best)]
    return _narrowed(_around(max(same, key=_surprise), same), same) if same else best


def _surprise(s: Slice) -> tuple[float, list[tuple[str, str]]]:
    return abs(s.surprise), sorted(s.members.items())


def _alike(one: Slice, other: Slice) -> bool:
    return (one.signal, one.bins) == (other.signal, other.bins)


def _around(best: Slice, likely: Sequence[Slice]) -> Slice:
    """The slice around another that is nearly as surprising and easier to name; itself where there is none."""
    around = [
        s
        for s in likely
        if _alike(s, best)
        and s.members.items() <= best.members.items()
        and s.surprise / best.surprise >= NEARLY
        and (s is best or not _spares(s, best))
    ]
    return min(around, key=lambda s: (len(s.members), -abs(s.surprise)))


def _narrowed(found: Slice, likely: Sequence[Slice]) -> Slice:
    """The slice inside another in which nearly all of its loss lies, but clearly less of the business; else itself."""
    inside = [s for s in likely if _alike(s, found) and s.members.items() > found.members.items() and _spares(found, s)]
    return max(inside, key=_surprise, default=found)


def _spares(found: Slice, inside: Slice) -> bool:
    """Tell whether nearly all that a slice strays lies in the one inside it, and what lies beside hardly strays."""
    (actual, expected), (part, part_expected) = found.over, inside.over
    rest, rest_expected = actual - part, expected - part_expected
    if (part - part_expected) / (actual - expected) < MOST_OF or rest_expected < TRIFLE * expected:
        return False
    stray = deviance(np.array([rest]), np.array([rest_expected]))[0] * np.sign(found.surprise)
    return bool(stray < SPARED * found.normal)


def _same_loss(one: Slice, other: Slice) -> bool:
    """Tell whether a slice, the same or one inside the other, shows most of its loss."""
    inside = one.members.items() >= other.members.items()
    return inside and one.effect * other.effect >= SAME * other.effect**2

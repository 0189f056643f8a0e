"""Is a run of figures below what it is compared with, further than such figures usually differ?

Each figure is compared with a base that shares its season (the same month of last year, or of the quarter before), so
that a pattern which comes back in both is none of the answer. The logarithms of these ratios are what is judged.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr, stdtrit

LEAST = 5
"""Comparisons from which normal variation can be known."""

_NARROWEST = 0.02
"""No business repeats itself closer than this, even where a short record happens to."""

_NOTHING = 0.01

_SWELL = 4
"""Earlier comparisons from which their own spread is asked."""


@dataclass(frozen=True)
class Decline:
    """The last comparisons in a row that lie below their base.

    ``change`` is the run's average change (-0.1: a tenth below), ``usual`` what such a change was before the run,
    ``scatter`` how far a single comparison usually strays (as a logarithm). ``beyond``: the run is at least two long
    and further below than normal variation explains.
    """

    run: int
    change: float
    usual: float
    scatter: float
    beyond: bool


def decline(ratios: Sequence[float], chance: float = 0.001) -> Decline | None:
    """Judge the run of ratios below 1 that a series ends with.

    The mean of its last months, two or more, is held against no change, or against the usual growth where there is
    some: what grew by a tenth and now falls short of last year has lost more than the shortfall. Scatter comes from the
    differences between neighbours, but for the step down into those months, so that a lasting fall does not hide itself
    by widening it. The limit is Student's quantile for as many degrees of freedom as the differences carry.

    Parameters
    ----------
    ratios
        Figure over base, oldest first; NaN where there is no base, which ends a run. Nothing at all counts as a
        hundredth of the base.
    chance
        Tail of Student's distribution. A run ends where it suits it, which makes false alarms likelier: at the default
        at most one in a hundred series without a decline is called one where months are independent, some six in a
        hundred where neighbours are correlated by a half.

    Returns
    -------
    Decline
        None where fewer than `LEAST` comparisons can be made.
    """
    logs = np.log(np.maximum(np.asarray(ratios, dtype="float64"), _NOTHING))
    known = logs[~np.isnan(logs)]
    if len(known) < LEAST:
        return None
    run = run_below(ratios)
    mean = float(np.nan_to_num(logs[len(logs) - max(run, 1) :].mean()))
    before = known[: len(known) - run]
    usual = float(np.median(before)) if len(before) >= 3 else 0.0
    # The fall may have begun later than the run: a month that was a little low by chance must not hide it.
    lengths = range(2, min(run, len(known) - 3) + 1)
    beyond = any(_far(known, length, max(usual, 0.0), chance) for length in lengths)
    return Decline(run, float(np.expm1(mean)), float(np.expm1(usual)), _scatter(known, run)[0], beyond)


def _far(known: np.ndarray, length: int, usual: float, chance: float) -> bool:
    """Tell whether the last months lie further below than the others differ among themselves."""
    scatter, freedom = _scatter(known, length)
    far = (known[-length:].mean() - usual) * np.sqrt(length) / scatter
    return bool(far < stdtrit(freedom, chance))


def _scatter(known: np.ndarray, length: int) -> tuple[float, int]:
    """Return how far a single comparison strays, and the degrees of freedom; the step into the last ones is left out.

    Differences of neighbours share a value each, so that three of them carry about two degrees of freedom. Where the
    earlier ones lie further apart than neighbours do, since they came in swells, that counts.
    """
    steps, before = np.diff(known), known[: len(known) - length]
    steps = np.delete(steps, len(known) - length - 1) if 0 < length < len(known) else steps
    swell = float(before.std(ddof=1)) if len(before) >= _SWELL else 0.0
    return max(float(np.sqrt(np.mean(steps**2) / 2)), swell, _NARROWEST), max(2 * len(steps) // 3, 1)


def run_below(ratios: Sequence[float]) -> int:
    """Count the last ratios in a row that lie below 1."""
    run = 0
    for ratio in reversed(ratios):
        if not ratio < 1:
            break
        run += 1
    return run


@dataclass(frozen=True)
class Dispersion:
    """Variance of rates from month to month in units of their mean, as of counts; known to ``freedom`` degrees."""

    ratio: float
    freedom: int


def dispersion(series: Iterable[Sequence[float]]) -> Dispersion:
    """Return how far rates differ from month to month, pooled over several series of them (quasi-Poisson).

    A single series of a year is a poor judge of its own variation; reps who do the same work share theirs.

    Parameters
    ----------
    series
        Rates of months, NaN where there is none; series of one month, or of nothing at all, tell nothing.
    """
    squares, freedom = 0.0, 0
    for one in series:
        rates = np.asarray([r for r in one if not np.isnan(r)], dtype="float64")
        if len(rates) > 1 and rates.mean() > 0:
            squares += float(((rates - rates.mean()) ** 2).sum() / rates.mean())
            freedom += len(rates) - 1
    return Dispersion(squares / freedom if freedom else np.nan, freedom)


def fallen(
    now: float, before: Sequence[float], usual: Dispersion | None = None, *, share: float = 1.0, chance: float = 0.0025
) -> bool:
    """Tell whether a rate lies further below those of earlier months than these usually differ.

    The limit is that of a prediction interval: mean - t x s x sqrt(1 / share + 1 / n).

    Parameters
    ----------
    before
        Rates of at least `LEAST` earlier months; fewer tell nothing.
    usual
        How far such rates differ; without it, as far as these do.
    share
        How much of a month the rate now rests on: a part of a month varies more.
    chance
        How often a rate that did not fall may be called fallen.
    """
    rates = np.asarray([r for r in before if not np.isnan(r)], dtype="float64")
    usual = usual or dispersion([rates.tolist()])
    if len(rates) < LEAST or np.isnan(now) or share <= 0 or not usual.freedom:
        return False
    mean = float(rates.mean())
    width = max(np.sqrt(usual.ratio * mean), _NARROWEST * mean)
    spread = width * np.sqrt(1 / min(share, 1.0) + 1 / len(rates))
    return bool(now < mean + stdtrit(usual.freedom, chance) * spread)


def chance_fewer(now: int, before: int, share: float) -> float:
    """Return the chance of so few events or fewer, given how many there were before: the conditional binomial test.

    Parameters
    ----------
    now, before
        Events of both times.
    share
        Exposure now divided by that of both times, e.g. working days.
    """
    whole = now + before
    if not 0 < share < 1 or not whole:
        return 1.0
    return float(bdtr(now, whole, share))

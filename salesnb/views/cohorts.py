"""Months in which deals began, and which of them are old enough to be judged.

Of deals that began lately many are still open; a rate of those that were won would be too low. A month is *ripe* when
all its deals are older than most closed deals were at their close.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from salesnb.calendar import Period
from salesnb.scope import Scope
from salesnb.views.periods import months_to
from salesnb.views.recorded import outcomes_from

_LOOKED_BACK = 40
"""Months that are looked at: two years of ripe ones, and what is not ripe after them."""

POOLED = 12
"""Months whose deals are counted together: a year, so that seasons are out of it."""


@dataclass(frozen=True)
class Cohorts:
    """Months up to the period's own, oldest first; ``ripe_days`` NaN where too few deals were closed to tell."""

    months: tuple[Period, ...]
    ripe: tuple[bool, ...]
    ripe_days: float

    def recent(self) -> list[Period]:
        """Return the last twelve ripe months; where none is ripe, the last twelve."""
        ripe = self.ripened()
        return (ripe or list(self.months))[-POOLED:]

    def since(self, day: date) -> Cohorts:
        """Return the months from a day on; all of them where there are none."""
        kept = [(m, ripe) for m, ripe in zip(self.months, self.ripe, strict=True) if m.start >= day]
        months, ripe = zip(*kept, strict=True) if kept else (self.months, self.ripe)
        return Cohorts(months, ripe, self.ripe_days)

    def ripened(self) -> list[Period]:
        """Return the ripe months."""
        return [m for m, ripe in zip(self.months, self.ripe, strict=True) if ripe]


def cohorts(deals: pd.DataFrame, scope: Scope) -> Cohorts:
    """Return the months in which deals began, up to the period's, and whether each is ripe on the scope's day.

    Months that began before the data did, or before losses were recorded, are left out: of their deals those are
    missing that ended soon.
    """
    first = outcomes_from(scope)
    run = [m for m in months_to(scope, _LOOKED_BACK) if first and m.start >= first]
    days = ripe_days(deals, scope)
    ripe = tuple(bool(m.end + timedelta(days=days) <= scope.as_of) if days == days else False for m in run)
    return Cohorts(tuple(run), ripe, days)


def ripe_days(deals: pd.DataFrame, scope: Scope) -> float:
    """Return the days within which most deals that closed did so (``funnel.ripe_share``); NaN for too few."""
    closed = deals[deals["status"].isin(["won", "lost"])]
    length = (closed["close_date"] - closed["created_date"]).dropna().dt.days.to_numpy()
    length = length[length >= 0]
    if len(length) < scope.settings.sales.small_n:
        return float("nan")
    return float(np.ceil(np.quantile(length, scope.settings.funnel.ripe_share)))

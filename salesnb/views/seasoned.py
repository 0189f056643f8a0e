"""How the sales of months compare in a row with those of the same season."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesnb.calendar import Period
from salesnb.methods.over_time.decline import Decline, decline, run_below
from salesnb.metrics.grouped import exact
from salesnb.metrics.registry import ratio
from salesnb.scope import Scope
from salesnb.views.past import LAST_YEAR, QUARTER_BEFORE, Past
from salesnb.views.periods import finished

_MONTHS, _QUARTER = 26, 3
"""Months that are looked at, a year of comparisons and two more; months to the same month of the quarter before."""


@dataclass(frozen=True)
class Seasoned:
    """Sales per working day of the months up to the last finished one, beside those of months of the same season.

    ``basis`` is what they are compared with: the year before, or where the history is shorter the same month of the
    quarter before, or blank where it holds neither. ``judged`` is None where it is too short to know what is normal.
    """

    months: tuple[Period, ...]
    basis: str
    per_day: np.ndarray
    base: np.ndarray
    judged: Decline | None

    @property
    def below(self) -> int:
        """Months in a row, up to the last one, that lie below their base."""
        return run_below(ratio(self.per_day, self.base).tolist())

    @property
    def others(self) -> int:
        """Months that can be compared and are none of those in a row: by them it is told how far such months differ."""
        return int(np.isfinite(ratio(self.per_day, self.base)).sum()) - self.below

    @property
    def falls(self) -> int:
        """Months in a row, up to the last one, that lie below the month before: season is in it."""
        rises = np.flatnonzero(~(np.diff(self.per_day) < 0))
        steps = max(len(self.per_day) - 1, 0)
        return steps - int(rises[-1]) - 1 if len(rises) else steps


def seasoned(orders: pd.DataFrame, scope: Scope) -> Seasoned | None:
    """Compare the sales of the months up to the scope's day with the same months of the year before.

    Sales are taken per working day, so that a month is not below another one for its holidays. None where no month
    is over or the data hold none.
    """
    run = finished(scope, "month", _MONTHS)
    if not run:
        return None
    past = Past(scope.at(run[-1]), tuple(p.window for p in run[:-1]))
    per_day = _per_day(orders, past)
    place = {p.name: i for i, p in enumerate(run)}
    years = [place.get(before.name, -1) if (before := scope.calendar.last_year(p)) else -1 for p in run]
    quarters = [i - _QUARTER for i in range(len(run))]
    for basis, places in ((LAST_YEAR, years), (QUARTER_BEFORE, quarters)):
        base = np.array([per_day[i] if i >= 0 else np.nan for i in places])
        base = np.where(base > 0, base, np.nan)
        if not np.isnan(base[-2:]).any() and len(run) > 1:
            return Seasoned(tuple(run), basis, per_day, base, decline(list(ratio(per_day, base))))
    return Seasoned(tuple(run), "", per_day, np.full(len(run), np.nan), None)


def _per_day(orders: pd.DataFrame, past: Past) -> np.ndarray:
    """Return sales per working day of each month, in 1/10,000 of the unit."""
    place = past.place(orders["sales_date"])
    at = np.flatnonzero(place >= 0)
    amounts = exact(orders["amount"].array.take(at))
    sums = np.bincount(place[at], amounts, minlength=len(past.windows))
    return ratio(sums, np.array(past.lengths))

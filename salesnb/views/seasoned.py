"""What a period is compared with so that its season is out of the comparison, and how months compare in a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from salesnb.calendar import Period, Window
from salesnb.errors import ScopeError
from salesnb.methods.over_time.decline import LEAST, Decline, decline, run_below
from salesnb.metrics import truncated
from salesnb.metrics.registry import ratio
from salesnb.scope import Scope

LAST_YEAR, QUARTER_BEFORE = "last_year", "quarter_before"
_QUARTER = 3
"""Months to the same month of the quarter before."""

_MONTHS = 26
"""Months that are looked at: a year of comparisons with the year before it, and two more."""


@dataclass(frozen=True)
class Base:
    """What a period is compared with: of last year, or of the quarter before; ``window`` are the days of it."""

    basis: str
    period: Period
    window: Window


def base_of(scope: Scope) -> Base | None:
    """Return what a period is compared with: its last year, else for a month the same month of the quarter before.

    Both are cut after as many working days as the period has had. None where the data hold neither whole.
    """
    calendar, before, window = scope.calendar, scope.calendar.last_year(scope.period), scope.last_year
    if before and window and not truncated(scope, window):
        return Base(LAST_YEAR, before, window)
    run = calendar.run_up(scope.period, _QUARTER + 1) if scope.period.level == "month" else []
    if len(run) <= _QUARTER or truncated(scope, run[0].window):
        return None
    window = run[0].window
    if not scope.complete:
        window = calendar.cut(window, calendar.working_days(scope.window))
    return Base(QUARTER_BEFORE, run[0], window)


def month_of(scope: Scope, day: date) -> Period | None:
    """Return the month that holds a day; None where a fiscal table of months does not reach it."""
    try:
        return scope.calendar.holding(day, "month")
    except ScopeError:
        return None


def last_finished_month(scope: Scope) -> Period | None:
    """Return the last month that was over by the end of the scope's window; None at the start of a fiscal table."""
    month = month_of(scope, scope.window.end)
    if month is None:
        return None
    over = scope.calendar.last_working_day(month.window) <= scope.window.end
    return month if over else scope.calendar.previous(month)


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
    last = last_finished_month(scope)
    run = scope.calendar.run_up(last, _MONTHS) if last else []
    run = [p for p in run if p.end >= scope.history_start and not truncated(scope, p.window)]
    if not run:
        return None
    per_day = _per_day(orders, run, scope)
    place = {p.name: i for i, p in enumerate(run)}
    years = [place.get(before.name, -1) if (before := scope.calendar.last_year(p)) else -1 for p in run]
    quarters = [i - _QUARTER for i in range(len(run))]
    for basis, places in ((LAST_YEAR, years), (QUARTER_BEFORE, quarters)):
        base = np.array([per_day[i] if i >= 0 else np.nan for i in places])
        base = np.where(base > 0, base, np.nan)
        if not np.isnan(base[-2:]).any() and len(run) > 1:
            return Seasoned(tuple(run), basis, per_day, base, decline(list(ratio(per_day, base))))
    return Seasoned(tuple(run), "", per_day, np.full(len(run), np.nan), None)


def _per_day(orders: pd.DataFrame, run: list[Period], scope: Scope) -> np.ndarray:
    """Return sales per working day of each month, in 1/10,000 of the unit."""
    starts = np.array([p.start for p in run], dtype="datetime64[s]")
    ends = np.array([p.end for p in run], dtype="datetime64[s]")
    day = orders["sales_date"].to_numpy().astype("datetime64[s]")
    place = np.searchsorted(starts, day, side="right") - 1
    at = np.flatnonzero((place >= 0) & (day <= ends[place]) & ~np.isnat(day))
    amounts = orders["amount"].array.take(at).to_numpy(dtype="float64", na_value=0.0)
    sums = np.bincount(place[at], amounts, minlength=len(run))
    days = np.array([scope.calendar.working_days(p.window) for p in run], dtype="float64")
    return ratio(sums, days)


def few_comparisons(found: Seasoned) -> bool:
    """Tell whether there are too few comparisons to know how far such months usually differ."""
    return int(np.count_nonzero(~np.isnan(found.base))) < LEAST

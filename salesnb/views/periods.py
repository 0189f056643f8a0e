"""Runs of periods up to a scope's day or before its period, and stretches of months that stand for it."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from salesnb.calendar import Period, Window
from salesnb.errors import ScopeError
from salesnb.scope import Scope

LONGEST_MONTH = 45
"""Days above which a period is longer than a month of any calendar."""

LATELY, YEAR = 3, 12
"""Months up to the period's end that stand for it where it is shorter than a quarter; months of a year."""

_QUARTER = 80
"""Days from which on a period is long enough by itself."""


def days_of(window: Window) -> int:
    """Count the days of a window."""
    return (window.end - window.start).days + 1


def place_in(windows: Sequence[Window], days: pd.Series) -> np.ndarray:
    """Return which of some windows, in order and apart, holds each day; -1 for none."""
    dates = days.to_numpy().astype("datetime64[s]")
    starts = np.array([window.start for window in windows], dtype="datetime64[s]")
    after = np.array([window.end + timedelta(days=1) for window in windows], dtype="datetime64[s]")
    found = np.searchsorted(starts, dates, side="right") - 1
    return np.where((found >= 0) & (dates < after[found]), found, -1).astype(np.int16)


# -- runs


def holding(scope: Scope, day: date, level: str) -> Period | None:
    """Return the period of a level that holds a day; None where a fiscal table does not reach it."""
    own = scope.period
    if level == own.level and own.start <= day <= own.end:
        return own
    try:
        return scope.calendar.holding(day, level)
    except ScopeError:
        return None


def unit_of(scope: Scope) -> str:
    """Return the level that a period is told by: months of a longer one where the calendar has them, else its own."""
    months = days_of(scope.period.window) > LONGEST_MONTH and holding(scope, scope.window.end, "month")
    return "month" if months else scope.period.level


def run_to(scope: Scope, level: str, count: int) -> list[Period]:
    """Return so many periods of a level up to the one in which the scope's days end, oldest first."""
    last = holding(scope, scope.window.end, level)
    return scope.calendar.run_up(last, count) if last else []


def run_before(scope: Scope, level: str, count: int, apart: int = 0) -> list[Period]:
    """Return the last periods of a level that are over before the scope's begins, oldest first.

    At most ``count`` of those before the ``apart`` last ones, and of these only what the history holds.
    """
    last = holding(scope, scope.period.start, level)
    run = scope.calendar.run_up(last, count + apart + 1)[:-1] if last else []
    return [p for p in run[: max(len(run) - apart, 0)] if scope.holds(p.window)]


def finished(scope: Scope, level: str, count: int) -> list[Period]:
    """Return the last periods of a level that were over by the scope's day and that the history holds, oldest first."""
    run = run_to(scope, level, count + 1)
    over = bool(run) and scope.calendar.last_working_day(run[-1].window) <= scope.window.end
    return [p for p in (run[-count:] if over else run[:-1]) if scope.holds(p.window)]


# -- stretches of months


def months_to(scope: Scope, count: int) -> list[Period]:
    """Return so many months up to the scope's day; the period itself where a fiscal table of months ends before."""
    return run_to(scope, "month", count) or [scope.period]


def window_of(months: Sequence[Period]) -> Window:
    """Return the days from the first to the last of some months."""
    return Window(months[0].start, months[-1].end)


def name_of(months: Sequence[Period]) -> str:
    """Return the name of some months in a row: that of the one, or ``2024-06..2025-05``."""
    return months[0].name if len(months) == 1 else f"{months[0].name}..{months[-1].name}"


def lately(scope: Scope) -> tuple[Window, str]:
    """Return the days that stand for the period, and their name: its own or those of three months up to its end."""
    if days_of(scope.period.window) >= _QUARTER:
        return scope.window, scope.period.name
    return months_of(scope, LATELY)


def months_of(scope: Scope, count: int = YEAR) -> tuple[Window, str]:
    """Return the days of so many months up to the scope's day, and their name."""
    run = months_to(scope, count)
    return Window(run[0].start, scope.window.end), name_of(run)


def year_before(window: Window, scope: Scope) -> Window | None:
    """Return the twelve months before a window, as far as the history goes; None where it holds none of them."""
    run = [m for m in months_to(scope, 4 * YEAR) if m.end < window.start and m.end >= scope.history_start]
    return window_of(run[-YEAR:]) if run else None


def cut_off(scope: Scope) -> str:
    """Return the day on which months end that are looked at, where they end before they are over; else blank."""
    over = scope.window.end >= scope.calendar.last_working_day(months_to(scope, 1)[0].window)
    return "" if over else scope.window.end.isoformat()

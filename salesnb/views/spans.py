"""Stretches of months that are looked at together where a single period holds too few cases."""

from __future__ import annotations

from collections.abc import Sequence

from salesnb.calendar import Period, Window
from salesnb.errors import ScopeError
from salesnb.scope import Scope

LATELY, YEAR = 3, 12
"""Months up to the period's end that stand for it where it is shorter than a quarter; months of a year."""

_QUARTER = 80
"""Days from which on a period is long enough by itself."""


def run_of(scope: Scope, count: int) -> list[Period]:
    """Return so many months up to the one in which the scope's days end, oldest first."""
    try:
        return scope.calendar.run_up(scope.calendar.holding(scope.window.end, "month"), count)
    except ScopeError:  # a calendar table whose months end before the period does
        return [scope.period]


def window_of(months: Sequence[Period]) -> Window:
    """Return the days from the first to the last of some months."""
    return Window(months[0].start, months[-1].end)


def name_of(months: Sequence[Period]) -> str:
    """Return the name of some months in a row: that of the one, or ``2024-06..2025-05``."""
    return months[0].name if len(months) == 1 else f"{months[0].name}..{months[-1].name}"


def lately(scope: Scope) -> tuple[Window, str]:
    """Return the days that stand for the period, and their name: its own or those of three months up to its end."""
    own = scope.period
    if (own.end - own.start).days + 1 >= _QUARTER:
        return scope.window, own.name
    run = run_of(scope, LATELY)
    return Window(run[0].start, scope.window.end), name_of(run)


def last_year_of(scope: Scope) -> tuple[Window, str]:
    """Return the twelve months up to the period's end, and their name."""
    run = run_of(scope, YEAR)
    return Window(run[0].start, scope.window.end), name_of(run)


def before(window: Window, scope: Scope) -> Window | None:
    """Return the twelve months before a window, as far as the history goes; None where it holds none of them."""
    months = [m for m in run_of(scope, 4 * YEAR) if m.end < window.start and m.end >= scope.history_start][
        -YEAR:
    ]
    return window_of(months) if months else None


def cut_off(scope: Scope) -> str:
    """Return the day on which months end that are looked at, where they end before they are over; else blank."""
    over = scope.window.end >= scope.calendar.last_working_day(run_of(scope, 1)[0].window)
    return "" if over else scope.window.end.isoformat()

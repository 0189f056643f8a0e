"""How far the period is, and what the days that are left must bring."""

from __future__ import annotations

from salesnb.metrics.registry import plain
from salesnb.scope import Scope

plain("time_progress", "rate", absent="no_working_days")
plain("pace", "points", absent="no_target")
plain("required_rate", "money", absent="no_days_left")


def time_progress(scope: Scope) -> float:
    """Divide working days elapsed by working days of the period; NaN where the period has none."""
    days = scope.calendar.working_days(scope.period.window)
    return scope.calendar.working_days(scope.window) / days if days else float("nan")


def days_left(scope: Scope) -> int:
    """Count the working days of the period after ``as_of``."""
    return scope.calendar.working_days(scope.period.window) - scope.calendar.working_days(scope.window)


def required_rate(gap: float, scope: Scope) -> float:
    """Spread what is missing (``gap`` negative) over the working days left; NaN where none is left."""
    left = days_left(scope)
    return -gap / left if left else float("nan")

"""How far the period is, and what the days that are left must bring."""

from salesnb.metrics.registry import measured_by
from salesnb.scope import Scope

measured_by("review.verdict", "rate", "time_progress", absent="no_working_days")
measured_by("review.verdict", "points", "pace", absent="no_target")
measured_by("review.verdict", "rate", "yoy_daily", "mom_daily", absent="no_base", signed=True)
measured_by("review.verdict", "money", "required_rate", absent="no_days_left")


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

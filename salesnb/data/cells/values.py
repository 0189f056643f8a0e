"""One written value at a time, as real exports spell them: yes and no, periods; numbers and dates have modules of
their own.

Each reader returns the value, or raises `Unreadable` with a reason code of ``words/reasons.toml``. The fast paths for
whole columns are in ``parsing``; what they cannot read comes here, once per distinct spelling.
"""

import re
from decimal import Decimal

from salesnb import calendar
from salesnb.data.cells.days import UNTOLD, Order, day
from salesnb.data.cells.written import BLANKS, Unreadable, figures, plain

__all__ = ["BLANKS", "Unreadable", "boolean", "factor", "period", "plain"]

_YES = frozenset(["yes", "y", "true", "1", "是", "对", "有", "√", "✓", "✔", "1.0"])
_NO = frozenset(["no", "n", "false", "0", "否", "无", "没有", "×", "x", "✗", "0.0"])


def boolean(written: str) -> bool:
    """Read yes or no in either language."""
    text = plain(written)
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise Unreadable("bool_unreadable")


# -- periods

_PERIOD_YEAR = re.compile(r"(\d{4})\s*年?")
_PERIOD_QUARTER = re.compile(r"(\d{4})\s*[-/.年]?\s*(?:q([1-4])|第?([1-4一二三四])季度?)|q([1-4])[\s-]*(\d{4})")
_PERIOD_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?|(\d{4})(\d{2})")
_PERIOD_NAMED = re.compile(r"[a-z]{3,9}\.?[\s-]*\d{4}")
_PERIOD_WEEK = re.compile(r"(\d{4})\s*[-/.年]?\s*(?:w(\d{1,2})|第?(\d{1,2})周)")


def period(written: str, names: frozenset[str] = frozenset(), weekly: bool = False, order: Order = UNTOLD) -> str:
    """Read a period and return its canonical name, e.g. ``2025-09`` for ``2025年9月``.

    ``names`` are those of the fiscal calendar, taken as they are; a full date stays that day (which period it names
    is told by `day_periods`), or is its week where the column is ``weekly``; ``order`` is that of its
    day, month and year.
    """
    stripped = written.strip(BLANKS)
    if stripped in names:
        return stripped
    text = figures(written, "period_unreadable")
    try:
        return _period(text, weekly, order)
    except ValueError:
        raise Unreadable("period_unreadable") from None


def _period(text: str, weekly: bool, order: Order) -> str:
    if match := _PERIOD_YEAR.fullmatch(text):
        return calendar.year(int(match[1])).name
    if match := _PERIOD_QUARTER.fullmatch(text):
        number = match[2] or match[3] or match[4]
        return calendar.quarter(
            int(match[1] or match[5]), int({"一": 1, "二": 2, "三": 3, "四": 4}.get(number, number))
        ).name
    if match := _PERIOD_WEEK.fullmatch(text):
        return calendar.week(int(match[1]), int(match[2] or match[3])).name
    if match := _PERIOD_MONTH.fullmatch(text):
        return calendar.month(int(match[1] or match[3]), int(match[2] or match[4])).name
    try:
        found = day(text, order)
    except Unreadable as fault:
        if fault.reason == "date_unreadable":
            raise ValueError(text) from None
        raise
    if weekly:
        iso = found.isocalendar()
        return calendar.week(iso.year, iso.week).name
    if _PERIOD_NAMED.fullmatch(text):
        return calendar.month(found.year, found.month).name
    return found.isoformat()


def factor(value: float) -> Decimal:
    """Return a unit's factor exactly as it is written in the settings."""
    return Decimal(str(value))

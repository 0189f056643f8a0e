"""Periods and working days.

Calendar years, quarters, months and ISO weeks exist by default; any fiscal periods come from the ``calendar`` table
(level, year, number, start, end, name). The period before is the one with the number before; the same period of
last year is the same level and number, whatever its dates.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from salesnb.errors import ScopeError, nearest, problem

LEVELS = ("year", "quarter", "month", "week")


class Window(NamedTuple):
    """Days from ``start`` to ``end``, both included."""

    start: date
    end: date


@dataclass(frozen=True)
class Period:
    """A named stretch of days, e.g. ``2025-09``; ``number`` counts within the year."""

    name: str
    level: str
    year: int
    number: int
    start: date
    end: date

    @property
    def window(self) -> Window:
        """The period's days."""
        return Window(self.start, self.end)


_PATTERNS = {
    "year": re.compile(r"(\d{4})"),
    "quarter": re.compile(r"(\d{4})-?Q(0?[1-4])", re.IGNORECASE),
    "month": re.compile(r"(\d{4})-(\d{2})"),
    "week": re.compile(r"(\d{4})-?W(\d{1,2})", re.IGNORECASE),
}


def _month_end(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)


def year(number: int) -> Period:
    """Return a calendar year."""
    return Period(f"{number:04d}", "year", number, 1, date(number, 1, 1), date(number, 12, 31))


def quarter(of_year: int, number: int) -> Period:
    """Return a calendar quarter."""
    first = 3 * number - 2
    start = date(of_year, first, 1)
    return Period(f"{of_year:04d}-Q{number}", "quarter", of_year, number, start, _month_end(of_year, first + 2))


def month(of_year: int, number: int) -> Period:
    """Return a calendar month."""
    start = date(of_year, number, 1)
    return Period(f"{of_year:04d}-{number:02d}", "month", of_year, number, start, _month_end(of_year, number))


def week(of_year: int, number: int) -> Period:
    """Return an ISO week; ValueError where the year has no such week."""
    start = date.fromisocalendar(of_year, number, 1)
    return Period(f"{of_year:04d}-W{number:02d}", "week", of_year, number, start, start + timedelta(days=6))


_MAKE = {"quarter": quarter, "month": month, "week": week}


class Calendar:
    """All periods a company knows, and its working days.

    Parameters
    ----------
    fiscal
        Periods of the ``calendar`` table. A level given there replaces the calendar's own level, but for ``week``
        and names of other levels, which are added.
    holidays, workdays
        Days off beside weekends; weekend days that are worked (调休).
    """

    def __init__(
        self, fiscal: Iterable[Period] = (), holidays: Iterable[date] = (), workdays: Iterable[date] = ()
    ) -> None:
        self.fiscal: tuple[Period, ...] = tuple(sorted(fiscal, key=lambda p: (p.level, p.start)))
        self._by_name = {p.name: p for p in self.fiscal}
        self._fiscal_levels = {p.level for p in self.fiscal}
        self._holidays = sorted(set(holidays))
        self._workdays = sorted(set(workdays))

    # -- finding periods

    def period(self, name: str) -> Period:
        """Return the period of that name: ``2025``, ``2025-Q3``, ``2025-09``, ``2025-W36`` or a fiscal name.

        Raises ScopeError, with the forms that are understood and the nearest fiscal names, for anything else.
        """
        name = name.strip()
        if name in self._by_name:
            return self._by_name[name]
        for level, pattern in _PATTERNS.items():
            if match := pattern.fullmatch(name):
                numbers = [int(g) for g in match.groups()]
                if level in self._fiscal_levels:
                    if (plain := plain_name(level, *numbers)) in self._by_name:
                        return self._by_name[plain]
                    continue
                try:
                    return year(*numbers) if level == "year" else _MAKE[level](*numbers)
                except ValueError:
                    break
        raise ScopeError(problem("period_unknown", found=repr(name), near=nearest(name, self._by_name)))

    def expand(self, text: str, data_end: date | None = None) -> list[Period]:
        """Return the periods that a text names: one, a range ``2025-01..2025-09``, or ``latest``."""
        if text.strip() == "latest":
            if data_end is None:
                raise ScopeError(problem("period_no_data"))
            return [self.latest(data_end)]
        if ".." not in text:
            return [self.period(text)]
        first, last = (self.period(part) for part in text.split("..", 1))
        if first.level != last.level or first.start > last.start:
            raise ScopeError(problem("period_range", found=repr(text)))
        found = [first]
        while found[-1].start < last.start:
            found.append(self._next(found[-1]))
        return found

    def latest(self, data_end: date, level: str = "month") -> Period:
        """Return the last period of a level whose last working day the data reach."""
        period = self.holding(data_end, level)
        if self.last_working_day(period.window) <= data_end:
            return period
        before = self.previous(period)
        if before is None:
            raise ScopeError(problem("period_no_data"))
        return before

    def holding(self, day: date, level: str) -> Period:
        """Return the period of a level that holds a day."""
        if level in self._fiscal_levels:
            for p in self.fiscal:
                if p.level == level and p.start <= day <= p.end:
                    return p
            raise ScopeError(problem("period_day_outside", day=day, level=level))
        if level == "year":
            return year(day.year)
        if level == "quarter":
            return quarter(day.year, (day.month + 2) // 3)
        if level == "week":
            iso = day.isocalendar()
            return week(iso.year, iso.week)
        return month(day.year, day.month)

    def previous(self, period: Period) -> Period | None:
        """Return the period before, or None at the start of a fiscal table."""
        if period.name in self._by_name:
            before = [p for p in self.fiscal if p.level == period.level and p.start < period.start]
            return before[-1] if before else None
        return self.holding(period.start - timedelta(days=1), period.level)

    def last_year(self, period: Period) -> Period | None:
        """Return the period of the same level and number a year earlier, or None where there is none."""
        if period.name in self._by_name:
            same = (p for p in self.fiscal if (p.level, p.number) == (period.level, period.number))
            return next((p for p in same if p.year == period.year - 1), None)
        if period.level == "year":
            return year(period.year - 1)
        try:
            return _MAKE[period.level](period.year - 1, period.number)
        except ValueError:  # week 53
            return None

    def parts(self, period: Period, level: str) -> list[Period]:
        """Return the periods of a finer level that begin inside ``period``, in order."""
        found, day = [], period.start
        while day <= period.end:
            part = self.holding(day, level)
            if period.start <= part.start:
                found.append(part)
            day = part.end + timedelta(days=1)
        return found

    def tiles(self, period: Period, level: str) -> list[Period]:
        """Return the periods of a finer level that fill ``period`` exactly, in order; none where they do not."""
        found, day = [], period.start
        while day <= period.end:
            try:
                part = self.holding(day, level)
            except ScopeError:
                return []
            if part.start != day or part.end > period.end:
                return []
            found.append(part)
            day = part.end + timedelta(days=1)
        return found

    def run_up(self, period: Period, count: int) -> list[Period]:
        """Return ``count`` periods of the same level that end with ``period``, oldest first, fewer at a start."""
        found = [period]
        while len(found) < count and (before := self.previous(found[0])) is not None:
            found.insert(0, before)
        return found

    def _next(self, period: Period) -> Period:
        return self.holding(period.end + timedelta(days=1), period.level)

    # -- working days

    def working_days(self, window: Window) -> int:
        """Count the working days of a window: Monday to Friday less holidays, and weekend days that are worked."""
        if window.end < window.start:
            return 0
        count = int(np.busday_count(window.start, window.end + timedelta(days=1), holidays=self._holidays))
        extra = (d for d in self._workdays if window.start <= d <= window.end and not self._plain(d))
        return count + sum(1 for _ in extra)

    def is_working_day(self, day: date) -> bool:
        """Tell whether a day is worked."""
        return day in self._workdays or self._plain(day)

    def last_working_day(self, window: Window) -> date:
        """Return the last working day of a window, or its end when it has none."""
        day = window.end
        while day >= window.start:
            if self.is_working_day(day):
                return day
            day -= timedelta(days=1)
        return window.end

    def cut(self, window: Window, days: int) -> Window:
        """Cut a window after its first ``days`` working days, so that unfinished periods compare like with like."""
        day, seen = window.start, 0
        while day <= window.end:
            seen += self.is_working_day(day)
            following = day + timedelta(days=1)
            if seen >= days and self.is_working_day(following):
                return Window(window.start, day)
            day = following
        return window

    def after(self, day: date, days: int) -> date:
        """Return the day that lies ``days`` working days after ``day``."""
        while days > 0:
            day += timedelta(days=1)
            days -= self.is_working_day(day)
        return day

    def _plain(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self._holidays


def from_rows(rows: Sequence[dict[str, object]]) -> list[Period]:
    """Return fiscal periods from the rows of a clean ``calendar`` table (level, year, number, start, end, name)."""
    periods = []
    for row in rows:
        made = Period(
            str(row.get("name") or ""), str(row["level"]), int(str(row["year"])), int(str(row["number"])),
            row["start"], row["end"],  # type: ignore[arg-type]
        )  # fmt: skip
        periods.append(made if made.name else replace(made, name=plain_name(made.level, made.year, made.number)))
    return periods


def plain_name(level: str, of_year: int, number: int = 1) -> str:
    """Return the name that a period has where nobody gave it one: ``2025``, ``2025-Q3``, ``2025-09``, ``2025-W36``."""
    if level == "year":
        return f"{of_year:04d}" + (f"-Y{number}" if number > 1 else "")
    return f"{of_year:04d}-" + {"quarter": "Q{}", "month": "{:02d}", "week": "W{:02d}"}[level].format(number)

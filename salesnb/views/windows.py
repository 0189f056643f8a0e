"""The windows in which a period's sales are looked at: itself, what it is held against, and the past before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from salesnb.calendar import Period, Window
from salesnb.errors import ScopeError
from salesnb.metrics import truncated
from salesnb.scope import Scope

MONTHS, BINS = 24, 26
"""Past months, or past periods of a shorter level, that tell what is normal."""

_LONG, _SHORT = 45, 20
"""Days above which a period's past is told by months, and below which earlier years show no season."""


@dataclass(frozen=True)
class Windows:
    """All windows of a scope.

    Attributes
    ----------
    now, previous, last_year
        The period up to the scope's day, and what it is compared with; None where there is no such period.
    usual
        Whole periods of the year before: what each slice usually makes of the whole.
    past
        Shorter whole windows before the period, oldest first: how far slices normally stray.
    steps
        The step from the period before into this one, as earlier years made it: pairs of (before, period).
    begins
        From when on a customer who begins is new, by window of the past (`begin_of`).
    """

    now: Window
    previous: Window | None
    last_year: Window | None
    usual: tuple[Window, ...]
    past: tuple[Window, ...]
    steps: tuple[tuple[Window, Window], ...]
    begins: Mapping[Window, date]

    @property
    def times(self) -> int:
        """How many past windows one period is as long as."""
        if not self.past:
            return 1
        days = [(w.end - w.start).days + 1 for w in (self.now, *self.past)]
        return max(round(days[0] / (sum(days[1:]) / len(self.past))), 1)

    @property
    def cycle(self) -> np.ndarray:
        """Each past window's place in its quarter where these are months; they are alike otherwise."""
        months = all(27 <= (w.end - w.start).days <= 30 and w.start.day == 1 for w in self.past)
        return np.array([place_of(w) if months else 0 for w in self.past], dtype=np.int64)

    @property
    def distinct(self) -> tuple[Window, ...]:
        """Every window once."""
        earlier = [w for w in (self.previous, self.last_year) if w is not None]
        steps = [w for pair in self.steps for w in pair]
        return tuple(dict.fromkeys((self.now, *earlier, *self.usual, *self.past, *steps)))


def place_of(window: Window) -> int:
    """Return which month of its quarter a window begins in: 0, 1, 2."""
    return (window.start.month - 1) % 3


def windows_of(scope: Scope) -> Windows:
    """Lay out the windows of a scope, as far as the history holds them whole."""
    calendar, period = scope.calendar, scope.period
    days = (period.end - period.start).days + 1
    shorter = calendar.holding(period.start, "month") if days > _LONG else period
    past = tuple(_run(scope, shorter, MONTHS if days > _SHORT else BINS))
    return Windows(
        scope.window,
        scope.previous,
        scope.last_year,
        tuple(_year_before(scope, days)),
        past,
        tuple(_steps(scope)) if _SHORT < days < 300 else (),
        {w: begin_of(scope, w) for w in past},
    )


def _year_before(scope: Scope, days: int) -> list[Window]:
    """Return the whole periods from the same one of last year to the last one before the scope's."""
    earlier, run = scope.calendar.last_year(scope.period), _run(scope, scope.period, 365 // days + 2)
    return [w for w in run if w.start >= earlier.start] if earlier else run[-max(round(365 / days), 1) :]


def begin_of(scope: Scope, window: Window) -> date:
    """Return from when on a customer who begins is new in a window of the past.

    Where the scope's period has several months, and the window is one of them, that is the first day of the period of
    this level that holds it: in a quarter those are new who began in any of its months.
    """
    if (scope.period.end - scope.period.start).days + 1 <= _LONG:
        return window.start
    try:
        return scope.calendar.holding(window.start, scope.period.level).start
    except ScopeError:  # a fiscal table that begins later
        return window.start


def same_season(scope: Scope, period: Period | None, windows: Sequence[Window]) -> np.ndarray:
    """Tell which windows lie in the same season as a period of less than a year, in earlier years."""
    seasons, at = [], period
    while at is not None and (at.end - at.start).days < 300:
        at = scope.calendar.last_year(at)
        if at is None or at.end < scope.history_start:
            break
        seasons.append(at)
    found = [any(s.start <= w.start and w.end <= s.end for s in seasons) for w in windows]
    return np.array(found, dtype=bool)


def _run(scope: Scope, period: Period, count: int) -> list[Window]:
    """Return the whole windows of at most so many periods that end before the scope's begins."""
    run = [p for p in scope.calendar.run_up(period, count + 1) if p.end < scope.period.start]
    return [p.window for p in run[-count:] if p.end >= scope.history_start and not truncated(scope, p.window)]


def _steps(scope: Scope) -> list[tuple[Window, Window]]:
    calendar, found = scope.calendar, []
    earlier = calendar.last_year(scope.period)
    while earlier is not None and (before := calendar.previous(earlier)) is not None:
        if before.start < scope.history_start:
            break
        pair = (before.window, earlier.window)
        if not scope.complete:
            elapsed = calendar.working_days(scope.window)
            pair = (calendar.cut(pair[0], elapsed), calendar.cut(pair[1], elapsed))
        found.append(pair)
        earlier = calendar.last_year(earlier)
    return found

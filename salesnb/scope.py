"""What a finding speaks about: which team, which period, seen as of which day, under which rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from salesnb.calendar import Calendar, Period, Window
from salesnb.settings import Audience, Settings

WHOLE_COMPANY = "all"


def rights_of(settings: Settings, audience: str, team: str) -> Audience:
    """Return what an audience may see on a team's pages; KeyError for one that the settings do not know."""
    own = settings.audience[audience]
    return own.everywhere() if team == WHOLE_COMPANY else own


@dataclass(frozen=True)
class Scope:
    """Team, period and rules of one notebook run.

    ``window`` are the period's days up to ``as_of``. Where that cuts the period short, ``previous`` and
    ``last_year`` are cut after the same number of working days, so that like is compared with like. They are None
    where there is no such period or the data begin after it.
    """

    team: str
    period: Period
    as_of: date
    history_start: date
    settings: Settings = field(default_factory=Settings, repr=False)
    calendar: Calendar = field(default_factory=Calendar, repr=False)
    langs: tuple[str, ...] = ("en",)
    audience: str = "leadership"
    records: Mapping[str, Window | None] = field(default_factory=dict, repr=False)
    """Since when what is recorded in the whole company, see ``data.taking.records``; what is not named always is."""

    @property
    def rights(self) -> Audience:
        """What the audience may see."""
        return rights_of(self.settings, self.audience, self.team)

    @property
    def window(self) -> Window:
        """The period's days up to ``as_of``."""
        return Window(self.period.start, min(self.period.end, self.as_of))

    @property
    def complete(self) -> bool:
        """Whether the period is over as of ``as_of``."""
        return self.as_of >= self.calendar.last_working_day(self.period.window)

    @property
    def previous(self) -> Window | None:
        """Days of the period before that this one is compared with."""
        return self._earlier(self.calendar.previous(self.period))

    @property
    def last_year(self) -> Window | None:
        """Days of the same period of last year that this one is compared with."""
        return self._earlier(self.calendar.last_year(self.period))

    def holds(self, window: Window | None) -> bool:
        """Tell whether the history holds a window, but for a tenth of its working days at most.

        A shop's first sale of a year need not fall on its first day; where more is missing, a change against it says
        little.
        """
        if window is None or window.end < self.history_start:
            return False
        before = Window(window.start, self.history_start - timedelta(days=1))
        days = self.calendar.working_days
        return before.end < before.start or days(before) <= 0.1 * days(window)

    def recorded(self, what: str, window: Window | None = None) -> Window | None:
        """Return the part of a window (None: the scope's own) in which something is recorded; None for no part.

        ``what`` is e.g. ``activities.call`` or ``losses``. Days on which it is not are not known: they are no zeros.
        """
        asked = window or self.window
        kept = self.records.get(what, asked)
        if kept is None or kept.end < asked.start or kept.start > asked.end:
            return None
        return Window(max(kept.start, asked.start), min(kept.end, asked.end))

    def at(self, period: Period) -> Scope:
        """Return the scope of another period, with everything else unchanged."""
        return replace(self, period=period)

    def before(self) -> Scope:
        """Return the scope of the period before; this one where a fiscal table begins with it."""
        return self.at(self.calendar.previous(self.period) or self.period)

    def alike(self, period: Period) -> Window:
        """Return the days of another period that this one is compared with: while it runs, as many working days."""
        if self.complete:
            return period.window
        return self.calendar.cut(period.window, self.calendar.working_days(self.window))

    def _earlier(self, period: Period | None) -> Window | None:
        return self.alike(period) if period and period.end >= self.history_start else None

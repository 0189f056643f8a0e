"""The past of a figure in bins: the periods before, those that are usual, and what a period is compared with."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from salesnb.calendar import Period, Window
from salesnb.scope import Scope
from salesnb.views.periods import LONGEST_MONTH, days_of, holding, place_in, run_before, run_to, unit_of

MONTHS, SHORT = 24, 26
"""Bins of a past: months, or periods of a level too short to show a season."""

USUAL = {"week": (26, 13), "month": (12, 3), "quarter": (4, 0), "year": (1, 0)}
"""By level, how many periods are usual, and how many just before the period are left out of them: a problem is judged
over up to four months, which must not be called usual."""

SPANS = (1, 2, 3, 4)
"""How many months are judged together: a loss that is small in one month shows over several."""

FEWEST_MONTHS = 6
"""Months that are needed to tell what is usual in one."""

LENGTHS = {"month": 1, "quarter": 3, "year": 12}
"""Months of a period."""

LAST_YEAR, QUARTER_BEFORE = "last_year", "quarter_before"

_HALF_YEAR, _QUARTER, _FORTNIGHT = 182, 91, 28
"""Days; below the last one a period of a company's own level is a short one, such as two weeks."""

_SHORT = 20
"""Days up to which earlier years show no season of a period."""


@dataclass(frozen=True)
class Past:
    """A period and what lies before it.

    Attributes
    ----------
    scope
        The scope of the period.
    bins
        Whole windows before it, oldest first, those only that the history holds.
    """

    scope: Scope
    bins: tuple[Window, ...]

    @property
    def now(self) -> Window:
        """The period up to the scope's day."""
        return self.scope.window

    @property
    def windows(self) -> tuple[Window, ...]:
        """The bins, and the period as the last of them."""
        return (*self.bins, self.now)

    @property
    def lengths(self) -> list[float]:
        """The working days of each bin and of the period."""
        return [float(self.scope.calendar.working_days(window)) for window in self.windows]

    def place(self, days: pd.Series) -> np.ndarray:
        """Return the bin of each day, the period's the last one, -1 for none."""
        return place_in(self.windows, days)

    # -- how the bins lie

    @property
    def whole(self) -> bool:
        """Whether the period is made of whole months, over as of the scope's day."""
        return self.scope.complete and self.scope.period.level in LENGTHS

    @property
    def length(self) -> int:
        """How many months the period has."""
        return LENGTHS.get(self.scope.period.level, 1)

    @property
    def spans(self) -> tuple[int, ...]:
        """Numbers of last bins that are judged together."""
        return SPANS if self.whole and days_of(self.now) <= LONGEST_MONTH else (1,)

    @property
    def tell_newcomers(self) -> bool:
        """Whether new customers are watched.

        In the first year of a history nearly every customer seems new, and ever fewer do as it grows: over a quarter
        or a year that would look like a loss.
        """
        return len(self.bins) >= MONTHS and days_of(self.now) <= LONGEST_MONTH

    @property
    def times(self) -> int:
        """How many bins the period is as long as."""
        days = sum(days_of(window) for window in self.bins)
        return max(round(days_of(self.now) / (days / len(self.bins))), 1) if days else 1

    @property
    def cycle(self) -> np.ndarray:
        """Each bin's place in its quarter where these are months; they are alike otherwise."""
        months = all(28 <= days_of(w) <= 31 and w.start.day == 1 for w in self.bins)
        return np.array([place_of(w) if months else 0 for w in self.bins], dtype=np.int64)

    def season(self, period: Period) -> np.ndarray:
        """Tell which bins lie in the same season as a period of less than a year, in earlier years."""
        seasons: list[Period] = []
        at: Period | None = period
        while at is not None and days_of(at.window) <= 300:
            at = self.scope.calendar.last_year(at)
            if at is None or at.end < self.scope.history_start:
                break
            seasons.append(at)
        return np.array([any(s.start <= w.start and w.end <= s.end for s in seasons) for w in self.bins], dtype=bool)

    # -- what the period is held against

    @cached_property
    def usual(self) -> tuple[Window, ...]:
        """Usual periods of its level, before all that is judged together; cut like an unfinished one."""
        count, apart = _reach(self.scope.period)
        run = run_before(self.scope, self.scope.period.level, count, apart)
        return tuple(self.scope.alike(p) for p in run)

    @cached_property
    def together(self) -> tuple[Window, ...]:
        """The periods just before that are judged together with this one, oldest first, and this one."""
        run = self.scope.calendar.run_up(self.scope.period, _reach(self.scope.period)[1] + 1)[:-1]
        return (*(p.window for p in run if p.end >= self.scope.history_start), self.now)

    @property
    def by_months(self) -> tuple[tuple[Window, ...], tuple[Window, ...]] | None:
        """The usual months and those that are judged together, of a period of whole months; None where they are few."""
        if not self.whole or len(self.bins) < FEWEST_MONTHS:
            return None
        recent = run_to(self.scope, "month", self.length)
        apart = () if self.length > 1 else self.bins[-USUAL["month"][1] :]
        usual = self.bins[: len(self.bins) - len(apart)][-USUAL["month"][0] :]
        return (usual, (*apart, *(m.window for m in recent))) if len(usual) >= FEWEST_MONTHS else None

    @property
    def recent(self) -> Window:
        """All days that are judged together."""
        return Window(max(self.together[0].start, self.scope.history_start), self.now.end)

    @cached_property
    def year(self) -> tuple[Window, ...]:
        """Whole periods from the same one of last year to the last one before: what each slice makes of the whole."""
        period, days = self.scope.period, days_of(self.scope.period.window)
        earlier, run = (self.scope.calendar.last_year(period), run_before(self.scope, period.level, 365 // days + 2))
        run = [p for p in run if p.start >= earlier.start] if earlier else run[-max(round(365 / days), 1) :]
        return tuple(p.window for p in run)

    @cached_property
    def steps(self) -> tuple[tuple[Window, Window], ...]:
        """The step from the period before into this one, as earlier years made it: pairs, those of last year first."""
        calendar, found = self.scope.calendar, []
        earlier = calendar.last_year(self.scope.period)
        while earlier is not None and (before := calendar.previous(earlier)) is not None:
            if not self.scope.holds(before.window):
                break
            found.append((self.scope.alike(before), self.scope.alike(earlier)))
            earlier = calendar.last_year(earlier)
        return tuple(found)

    @cached_property
    def seasonal(self) -> tuple[tuple[Window, Window], ...]:
        """The steps of a period that has a season: a few days show none, and a year holds all of them."""
        return self.steps if _SHORT < days_of(self.scope.period.window) < 300 else ()

    @cached_property
    def distinct(self) -> tuple[Window, ...]:
        """Every window once, the period's first."""
        earlier = [w for w in (self.scope.previous, self.scope.last_year) if w is not None]
        steps = [w for pair in self.seasonal for w in pair]
        return tuple(dict.fromkeys((self.now, *earlier, *self.year, *self.bins, *steps)))


def past_of(scope: Scope, level: str = "month") -> Past:
    """Lay out the periods of a level before the scope's, as far as the history holds them whole."""
    last = holding(scope, scope.period.start, level)
    count = SHORT if last and days_of(last.window) <= _SHORT else MONTHS
    return Past(scope, tuple(p.window for p in run_before(scope, level, count)))


def own_past(scope: Scope) -> Past:
    """Lay out the periods of the scope's own level before it, those of a longer one by months."""
    return past_of(scope, unit_of(scope))


def _reach(period: Period) -> tuple[int, int]:
    """Return how far back what is usual reaches; of a company's own short periods, such as two weeks, as for weeks."""
    days = days_of(period.window)
    own = (round(_HALF_YEAR / days), round(_QUARTER / days)) if days < _FORTNIGHT else (1, 0)
    return USUAL.get(period.level, own)


def place_of(window: Window) -> int:
    """Return which month of its quarter a window begins in: 0, 1, 2."""
    return (window.start.month - 1) % 3


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
    before, window = scope.calendar.last_year(scope.period), scope.last_year
    if before and window and scope.holds(window):
        return Base(LAST_YEAR, before, window)
    quarters = run_before(scope, "month", 1, apart=2) if scope.period.level == "month" else []
    return Base(QUARTER_BEFORE, quarters[0], scope.alike(quarters[0])) if quarters else None

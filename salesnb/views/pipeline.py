"""Deals as they stood on a day: which were begun, how long they have run, and how each has ended by then.

What happened after the day has not happened. A deal without a first contact has no age; one that was won or lost
without a date of close, or closed before it began, has no duration: both are left out and counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from salesnb.calendar import Window
from salesnb.methods.survival import kaplan_meier
from salesnb.metrics.deals import judged
from salesnb.metrics.grouped import Member, inside, named
from salesnb.metrics.registry import Tables, measures
from salesnb.scope import Scope
from salesnb.views.recorded import outcomes_from

OPEN, WON, LOST = 0, 1, 2
"""How a deal has ended by the day."""

ALWAYS = -1.0
"""Entry of a deal that was under observation from its first day on, that day included."""

BEGUN, CLOSED = "created_date", "close_date"


@dataclass(frozen=True)
class Deals:
    """Every deal begun up to a day, in the order of the table.

    ``at`` are their positions in ``table``; ``days`` is how long each has run by the day, or took until its close;
    ``outcome`` is one of `OPEN`, `WON`, `LOST`; ``entry`` the days after which it was under observation: the data hold
    closes from the start of the history on only, so that of deals begun before it those are missing that had closed by
    then.
    """

    table: pd.DataFrame
    at: np.ndarray
    begun: np.ndarray
    days: np.ndarray
    outcome: np.ndarray
    entry: np.ndarray

    def kept(self, fit: np.ndarray) -> Deals:
        """Return some of the deals."""
        parts = (self.at, self.begun, self.days, self.outcome, self.entry)
        return Deals(self.table, *(part[fit] for part in parts))

    def begun_within(self, window: Window) -> Deals:
        """Return the deals whose first contact lies in a window."""
        first, last = np.datetime64(window.start), np.datetime64(window.end)
        return self.kept((self.begun >= first) & (self.begun <= last))

    def named(self, dimension: str) -> np.ndarray:
        """Return the member of a dimension that each names, ``(none)`` where it names none."""
        return named(self.table[dimension].array.take(self.at))

    @property
    def closed(self) -> np.ndarray:
        """Whether each has been won or lost by the day."""
        return self.outcome != OPEN

    def __len__(self) -> int:
        return len(self.days)


@dataclass(frozen=True)
class Seen:
    """What a table of opportunities held on a day: its deals with a duration or age, and how many have none."""

    deals: Deals
    undated: pd.DataFrame
    """Rows of deals begun or closed on no known day."""
    reversed: pd.DataFrame
    """Rows of deals that closed before they began."""


def look_back(scope: Scope, day: date) -> Window:
    """Return the stretch up to a day whose deals a cycle is about: so many months, at least a period as long."""
    months = pd.DateOffset(months=scope.settings.sales.cycle_months)
    start = (pd.Timestamp(day + timedelta(days=1)) - months).date()
    return Window(min(start, day - (scope.window.end - scope.window.start)), day)


def year_before(day: date) -> date:
    """Return the same day of last year."""
    return (pd.Timestamp(day) - pd.DateOffset(years=1)).date()


def seen_on(opportunities: pd.DataFrame, day: date, history_start: date) -> Seen:
    """Return the deals of a table as they stood at the end of a day.

    Parameters
    ----------
    opportunities
        Clean opportunities with ``created_date``, ``close_date`` and ``status``.
    day
        Whatever happened later is not looked at.
    history_start
        First day from which the data hold closes.
    """
    begun, closed = (opportunities[c].to_numpy().astype("datetime64[D]") for c in (BEGUN, CLOSED))
    status = opportunities["status"].to_numpy(dtype="object", na_value="")
    today, first = np.datetime64(day), np.datetime64(history_start)
    ended = np.isin(status, ("won", "lost"))
    there = ~(begun > today)  # without a first contact a deal may have been there
    over = there & ended & (closed <= today)
    undated = there & (np.isnat(begun) | (ended & np.isnat(closed)))
    backwards = over & (closed < begun)
    kept = there & ~undated & ~backwards
    days = (np.where(over, closed, today) - begun).astype("float64")
    late = (first - begun).astype("float64")
    outcome = np.where(over, np.where(status == "won", WON, LOST), OPEN)
    entry = np.where(begun < first, late, ALWAYS)
    deals = Deals(opportunities, np.arange(len(begun)), begun, days, outcome, entry).kept(kept)
    return Seen(deals, opportunities[undated], opportunities[backwards])


def dated_within(rows: pd.DataFrame, window: Window) -> int:
    """Count rows of deals whose close, else first contact, lies in a window; one without either may lie there."""
    known = rows[CLOSED].fillna(rows[BEGUN])
    return int((inside(known, window) | known.isna().to_numpy()).sum())


def observed(deals: Deals) -> Deals:
    """Return the deals that were under observation at any time: those that closed on the very first day were not."""
    return deals.kept(deals.entry < deals.days)


def followed(opportunities: pd.DataFrame, scope: Scope, day: date) -> Deals:
    """Return the deals begun in the look-back up to a day, followed to that day, that were ever under observation."""
    first = outcomes_from(scope)
    known = judged(opportunities) if first else opportunities  # where none is ever recorded, deals won alone
    seen = seen_on(known, day, first or scope.history_start)
    return observed(seen.deals.begun_within(look_back(scope, day)))


def followed_year_before(opportunities: pd.DataFrame, scope: Scope) -> Deals:
    """Return the deals of the same look-back a year before, as they stood then.

    None where the data begin inside it, or where it reaches into this year's: deals would be compared with themselves.
    """
    day = year_before(scope.window.end)
    before = look_back(scope, day)
    deals = followed(opportunities, scope, day)
    apart = look_back(scope, scope.window.end).start > before.end
    return deals.kept(np.full(len(deals), apart and scope.holds(before)))


@measures("followed_deals", "cycle", tables=("opportunities",))
def typical(tables: Tables, scope: Scope, by: Sequence[str]) -> dict[Member, dict[str, float]]:
    """Estimate the days from first contact to close, deals that are still open counted as such; of the whole."""
    day = scope.window.end
    seen = seen_on(tables["opportunities"], day, scope.history_start)
    deals = observed(seen.deals.begun_within(look_back(scope, day)))
    if by or not len(deals):
        return {}
    found = kaplan_meier(deals.days, deals.closed, deals.entry).quantile()
    return {(): {"followed_deals": float(len(deals)), "cycle": found.value}}

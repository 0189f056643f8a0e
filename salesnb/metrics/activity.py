"""What reps did, as they logged it, and the working days they had for it."""

from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np
import pandas as pd

from salesnb.calendar import Calendar, Window
from salesnb.metrics.grouped import Member, Rows, named
from salesnb.metrics.registry import Figures, base, derived, measured_by, ratio

WEEK = 5.0
"""Working days that make a week, so that a week with holidays asks for less."""


@base("calls", "count", table="activities", date="activity_date", absent="not_logged")
def calls(rows: Rows) -> np.ndarray:
    """Count calls logged."""
    return rows.where("kind", "call").sum("count")


@base("visits", "count", table="activities", date="activity_date", absent="not_logged")
def visits(rows: Rows) -> np.ndarray:
    """Count visits logged."""
    return rows.where("kind", "visit").sum("count")


@base("followups", "count", table="activities", date="activity_date", absent="not_logged")
def followups(rows: Rows) -> np.ndarray:
    """Count follow-ups logged."""
    return rows.where("kind", "followup").sum("count")


@base("proposals", "count", table="activities", date="activity_date", absent="not_logged")
def proposals(rows: Rows) -> np.ndarray:
    """Count proposals logged as handed in."""
    return rows.where("kind", "proposal").sum("count")


@base("meetings", "count", table="activities", date="activity_date", absent="not_logged")
def meetings(rows: Rows) -> np.ndarray:
    """Count meetings logged."""
    return rows.where("kind", "meeting").sum("count")


PROCESS = "diagnosis.process"
measured_by(PROCESS, "count", "working_days", absent="no_working_days")
measured_by(PROCESS, "count", "contacts", "reps_on_norm", absent="not_logged")
measured_by(PROCESS, "count", "customer_months", absent="no_customers")
measured_by(PROCESS, "ratio", "calls_norm", "contacts_norm")
measured_by(PROCESS, "count", "reps", "reps_logging")


@derived("calls_per_day", "ratio", of=("calls", "working_days"), absent="not_logged", definition=2)
def calls_per_day(figures: Figures) -> np.ndarray:
    """Divide calls by the working days that their reps were there."""
    return ratio(figures["calls"], figures["working_days"])


@derived("visits_per_week", "ratio", of=("visits", "working_days"), absent="not_logged", definition=2)
def visits_per_week(figures: Figures) -> np.ndarray:
    """Divide visits by weeks of five working days that their reps were there."""
    return ratio(figures["visits"], figures["working_days"] / WEEK)


@derived("followups_per_week", "ratio", of=("followups", "working_days"), absent="not_logged", definition=2)
def followups_per_week(figures: Figures) -> np.ndarray:
    """Divide follow-ups by weeks of five working days that their reps were there."""
    return ratio(figures["followups"], figures["working_days"] / WEEK)


@derived("proposals_per_week", "ratio", of=("proposals", "working_days"), absent="not_logged", definition=2)
def proposals_per_week(figures: Figures) -> np.ndarray:
    """Divide proposals by weeks of five working days that their reps were there."""
    return ratio(figures["proposals"], figures["working_days"] / WEEK)


@derived("contacts_per_customer", "ratio", of=("contacts", "customer_months"), absent="no_customers", definition=2)
def contacts_per_customer(figures: Figures) -> np.ndarray:
    """Divide contacts by existing customers times the months that their rep was there."""
    return ratio(figures["contacts"], figures["customer_months"])


def stints(reps: pd.DataFrame, window: Window) -> dict[Member, list[Window]]:
    """Return for each team and rep of the roster the stretches of a window in which they were there.

    Parameters
    ----------
    reps
        Clean roster; a stretch without a first day lasts since ever, one without a last day still lasts. Who has no
        team is under ``(none)``.
    """
    found: dict[Member, list[Window]] = {}
    teams, names = (named(reps[column].array).tolist() for column in ("team", "rep"))
    begins, ends = (_days(reps[column]) for column in ("valid_from", "valid_to"))
    for team, rep, begin, end in zip(teams, names, begins, ends, strict=True):
        there = Window(max(begin or window.start, window.start), min(end or window.end, window.end))
        if there.start <= there.end:
            found.setdefault((team, rep), []).append(there)
    return found


def _days(column: pd.Series) -> list[date | None]:
    return [None if pd.isna(day) else pd.Timestamp(day).date() for day in column.tolist()]


def working_days(there: Iterable[Window], calendar: Calendar) -> int:
    """Count the working days of stretches that do not overlap."""
    return sum(calendar.working_days(window) for window in there)


def months_worked(there: Iterable[Window], calendar: Calendar) -> float:
    """Add up of each calendar month the share of its working days that stretches hold: 1.0 for a whole month."""
    total = 0.0
    for window in there:
        for first in pd.date_range(pd.Timestamp(window.start).replace(day=1), window.end, freq="MS"):
            month = Window(first.date(), (first + pd.offsets.MonthEnd(0)).date())
            part = Window(max(month.start, window.start), min(month.end, window.end))
            days = calendar.working_days(month)
            total += calendar.working_days(part) / days if days else 0.0
    return total


def joined(reps: pd.DataFrame, day: date) -> dict[Member, date | None]:
    """Return each team and rep on the roster on a day, and the first day of their unbroken time in that team.

    None stands for since ever. A change of manager or region within the team does not make a rep new.
    """
    there = stints(reps, Window(day, day))
    known = reps.assign(team=named(reps["team"].array), rep=reps["rep"].astype("str"))
    found: dict[Member, date | None] = {}
    for team, rep in sorted(there):
        own = known[(known["team"] == team) & (known["rep"] == rep)]
        spans = zip(_days(own["valid_from"]), _days(own["valid_to"]), strict=True)
        begin: date | None = day
        for first, last in sorted(spans, key=lambda span: span[0] or date.min, reverse=True):
            if begin is None or (first and first > day) or (last and last < begin - _GAP):
                continue
            begin = min(first, begin) if first else None
        found[team, rep] = begin
    return found


_GAP = timedelta(days=7)
"""Days between two stretches that do not part them."""

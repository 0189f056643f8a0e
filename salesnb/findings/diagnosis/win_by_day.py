"""The chance to win a deal by a day after its first contact, beside that to lose it."""

import numpy as np
import pandas as pd

from salesnb.findings.finding import Chart, Finding, Missing, Say
from salesnb.findings.recorded import NO_LOSSES
from salesnb.methods.survival import Curve, incidence, kaplan_meier
from salesnb.scope import Scope
from salesnb.views.pipeline import BEGUN, LOST, WON, Deals, followed, followed_year_before, look_back
from salesnb.views.recorded import outcomes_from

FIGURES = ("followed_deals", "at_risk", "won_by", "won_by_low", "won_by_high", "lost_by", "open_by", "won_by_last_year")
STEPS = (5, 10, 15, 30, 60, 90, 180, 360)
"""Days from row to row, the finest that needs no more than `MOST` rows."""

MOST = 13
NEARLY_ALL = 0.99
"""Part of the wins after which hardly any follow."""

APART = 2.576
"""Standard errors by which a year must lie apart from the one before: a chance of 1 in 100 by itself."""


def win_by_day(opportunities: pd.DataFrame, *, scope: Scope) -> Finding:
    """Estimate the share of deals won, lost and still open by each day after the first contact.

    Winning and losing compete: the share won is that of Aalen and Johansen. One minus the share not won of Kaplan and
    Meier would count lost deals as such that may still be won, and is not used. The deals are those of the cycle:
    begun within ``sales.cycle_months`` up to the last day of the window and followed to that day.

    Parameters
    ----------
    opportunities
        Clean opportunities with ``created_date``.

    Returns
    -------
    Finding
        One row per ``since_contact``, days since the first contact, as far as ``sales.small_n`` deals could still be
        seen open or closing; the shares of a row add up to 1. ``won_by_last_year`` is the same of a year before.
    """
    if opportunities.empty or opportunities[BEGUN].isna().all():
        needed = Missing("opportunities", ("opportunity_id", "created_date", "close_date", "status"))
        empty = pd.DataFrame(columns=["since_contact", *FIGURES])
        return Finding("diagnosis.win_by_day", scope, empty, Say("no_dates"), missing=(needed,))
    if outcomes_from(scope) is None:
        empty = pd.DataFrame(columns=["since_contact", *FIGURES])
        return Finding("diagnosis.win_by_day", scope, empty, NO_LOSSES, quiet=True)
    limit = scope.settings.sales.small_n
    now = followed(opportunities, scope, scope.window.end)
    before = followed_year_before(opportunities, scope)
    before = before.kept(np.full(len(before), len(before) >= limit))
    if not (now.closed.any() and len(now) >= limit):
        empty = pd.DataFrame(columns=["since_contact", *FIGURES])
        return Finding("diagnosis.win_by_day", scope, empty, Say("few"), quiet=True)
    return _finding(now, before, scope)


def _finding(now: Deals, before: Deals, scope: Scope) -> Finding:
    days = _days(now, scope.settings.sales.small_n)
    won, past = (incidence(d.days, d.outcome, WON, d.entry) for d in (now, before))
    window = look_back(scope, scope.window.end)
    rows = _rows(now, won, days).assign(start=window.start.isoformat(), last_date=window.end.isoformat())
    if len(before):
        seen = _days(before, scope.settings.sales.small_n)[-1]
        rows["won_by_last_year"] = np.where(days <= seen, past.at(days), np.nan)
    last, early = _reaching(rows, NEARLY_ALL), _reaching(rows, 0.5)
    key = ("chance_once" if early == last else "chance") + ("_flat" if last + 2 < len(rows) else "")
    roles = {"x": "since_contact", "value": "won_by"}
    compared = bool(rows["won_by_last_year"].notna().any())
    return Finding(
        "diagnosis.win_by_day",
        scope,
        rows,
        Say(key, {"early": early, "last": last}),
        notes=_notes(rows, won, past, scope),
        chart=Chart("line", {**roles, "compare": "won_by_last_year"} if compared else roles),
        table=(
            "since_contact", "at_risk", "won_by", "won_by_low", "won_by_high", "lost_by", "open_by",
            *(["won_by_last_year"] if compared else []),
        ),
    )  # fmt: skip


def _days(deals: Deals, least: int) -> np.ndarray:
    """Return the days of the rows: from the first contact, in even steps, as long as enough deals are at risk."""
    risk = np.sort(deals.days)[::-1]
    horizon = max(float(risk[min(least, len(risk)) - 1]), float(STEPS[0]))
    step = next((s for s in STEPS if horizon / s <= MOST - 1), STEPS[-1])
    return np.arange(0.0, horizon + 1e-9, step)[: 10 * MOST]


def _rows(deals: Deals, won: Curve, days: np.ndarray) -> pd.DataFrame:
    lost = incidence(deals.days, deals.outcome, LOST, deals.entry)
    left = kaplan_meier(deals.days, deals.closed, deals.entry)
    low, high = won.interval_at(days)
    at_risk = (deals.entry < days[:, None]) & (deals.days >= days[:, None])
    made = {
        "since_contact": pd.array([f"{day:.0f}" for day in days], dtype="str"),
        "followed_deals": float(len(deals)),
        "at_risk": at_risk.sum(axis=1).astype("float64"),
        "won_by": won.at(days), "won_by_low": low, "won_by_high": high,
        "lost_by": lost.at(days), "open_by": left.at(days), "won_by_last_year": np.nan,
    }  # fmt: skip
    return pd.DataFrame(made)


def _reaching(rows: pd.DataFrame, part: float) -> int:
    """Return the first row in which a part of those is won that are won by the last."""
    return int(np.flatnonzero(rows["won_by"] >= part * rows["won_by"].iloc[-1])[0])


def _notes(rows: pd.DataFrame, won: Curve, past: Curve, scope: Scope) -> tuple[Say, ...]:
    end = len(rows) - 1
    known = np.flatnonzero(rows["won_by_last_year"].notna())
    notes = [Say("about", {"end": end}), Say("left", {"end": end})]
    if len(known) and known[-1]:
        at = int(known[-1])
        day = float(rows["since_contact"].iloc[at])
        error = float(np.hypot(won.error_at(np.array([day]))[0], past.error_at(np.array([day]))[0]))
        change = rows["won_by"].iloc[at] - rows["won_by_last_year"].iloc[at]
        far = error > 0 and abs(change) > APART * error
        notes.append(Say(("lower" if change < 0 else "higher") if far else "as_last_year", {"at": at}))
    return tuple(notes)

"""The key figures of the memo: value, target, gap, whether it is met, and the last half year."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pandas as pd

from salesnb.calendar import Period
from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Say
from salesnb.metrics import measure, metric, targets_for
from salesnb.metrics.against import gap
from salesnb.metrics.pace import time_progress
from salesnb.metrics.scorecard import item_attainment
from salesnb.scope import Scope

CARDS = ("sales", "attainment", "new_customers", "win_rate", "aov", "spend_per_customer", "collection_rate")
"""At most seven: more are not read."""

TREND = 6
COLUMNS = ["kpi", "month", "actual", "cases", "target", "gap", "attainment", "light"]


def kpis(tables: Mapping[str, pd.DataFrame], targets: pd.DataFrame, *, scope: Scope) -> Finding:
    """Set the key figures beside their targets and their last six periods.

    Parameters
    ----------
    tables
        Clean tables the figures are computed from: orders, opportunities, receipts.
    targets
        Clean targets; a figure without one there has that of the settings, if any.

    Returns
    -------
    Finding
        One row per figure (blank ``month``), then one per figure and finished period up to this one. The target of
        attainment is all of it; in an unfinished period, the share of its working days that have passed. ``light`` is
        ``met``, ``missed`` or ``none``: not judged, for want of a target or because the period still runs.
    """
    now = _judged(_cards(tables, targets, scope.period, scope), scope, scope.complete).assign(month="")
    past = [_past(tables, targets, period, scope) for period in _run(scope)]
    rows = pd.concat([now, *past], ignore_index=True)[COLUMNS]
    return Finding(
        "review.kpis", scope, rows, _headline(rows), notes=_notes(rows, scope),
        chart=Chart("cards", {"kpi": "kpi", "value": "actual", "target": "target", "light": "light"}),
        table=("kpi", "month", "actual", "target", "gap", "attainment", "light"),
        reasons={"gap": "no_target", "attainment": "no_target", "cases": NOT_ASKED},
    )  # fmt: skip


def _run(scope: Scope) -> list[Period]:
    """Return the finished periods of the trend: a month that still runs would look like a fall."""
    found = scope.calendar.run_up(scope.period, TREND + 1)
    chosen = found[-TREND:] if scope.complete else found[:-1]
    return [p for p in chosen if scope.covered(p.window)]


def _past(
    tables: Mapping[str, pd.DataFrame], targets: pd.DataFrame, period: Period, scope: Scope
) -> pd.DataFrame:
    cards = _judged(_cards(tables, targets, period, scope.at(period)), scope, True)
    return cards.assign(month=period.name)


def _cards(
    tables: Mapping[str, pd.DataFrame], targets: pd.DataFrame, period: Period, scope: Scope
) -> pd.DataFrame:
    found = {
        kpi: (_measured(kpi, tables, scope), _target(kpi, targets, period, scope))
        for kpi in CARDS
        if kpi != "attainment"
    }
    sold = pd.DataFrame([found["sales"]], columns=["actual", "target"]).assign(kpi="sales")
    attained = float(item_attainment(sold).iloc[0])
    due = 1.0 if scope.complete else time_progress(scope)
    found["attainment"] = (attained, due if pd.notna(attained) else float("nan"))
    cards = pd.DataFrame([(kpi, *found[kpi]) for kpi in CARDS], columns=["kpi", "actual", "target"])
    counted = [metric(kpi).counted_by for kpi in CARDS]
    return cards.assign(cases=[_measured(c, tables, scope) if c else float("nan") for c in counted])


def _measured(kpi: str, tables: Mapping[str, pd.DataFrame], scope: Scope) -> float:
    """Measure a figure; without any row to measure it from it is unknown, not zero."""
    sources = {metric(part).table for part in (metric(kpi).of or (kpi,))} - {""}
    if any(tables.get(s, pd.DataFrame()).empty for s in sources):
        return float("nan")
    usable = {name: frame for name, frame in tables.items() if not frame.empty}
    return float(measure([kpi], usable, scope.window)[kpi].iloc[0])


def _target(kpi: str, targets: pd.DataFrame, period: Period, scope: Scope) -> float:
    given = targets_for(targets, period, scope.calendar, kpi)
    if len(given):
        return float(given["target"].iloc[0])
    own = [k.target for k in scope.settings.kpis if k.metric == kpi and k.target is not None]
    return own[0] if own else float("nan")


def _judged(cards: pd.DataFrame, scope: Scope, complete: bool) -> pd.DataFrame:
    """Add gap, attainment and light; while the period runs a target may be met already, but not yet missed.

    A rate of too few cases is not judged.
    """
    reached = item_attainment(cards)
    met = reached >= 1
    if complete:
        light = pd.Series("none", index=cards.index).mask(reached < 1, "missed").mask(met, "met")
    else:
        on_pace_only = (cards["kpi"] == "attainment") & (cards["actual"] < 1)
        light = pd.Series("none", index=cards.index).mask(met & ~on_pace_only, "met")
    light = light.mask(cards["cases"] < scope.settings.sales.small_n, "none")
    return cards.assign(gap=gap(cards), attainment=reached, light=light)


def _headline(rows: pd.DataFrame) -> Say:
    now = rows[rows["month"] == ""]
    met, missed = (
        tuple(i for i in range(len(now)) if now["light"].iloc[i] == code) for code in ("met", "missed")
    )
    if met and missed:
        return Say("mixed", {"met": met, "missed": missed})
    if missed:
        return Say("all_missed", {"missed": missed})
    return Say("all_met", {"met": met}) if met else Say("not_judged", {"sales": 0})


def _notes(rows: pd.DataFrame, scope: Scope) -> tuple[Say, ...]:
    count = len(CARDS)
    absent = tuple(i for i in range(count) if pd.isna(rows["actual"].iloc[i]))
    bare = tuple(i for i in range(count) if i not in absent and pd.isna(rows["target"].iloc[i]))
    notes = [] if scope.complete else [Say("to_date")]
    if scope.history_start > scope.period.start - timedelta(days=365):
        notes.append(Say("new_truncated"))
    notes += [Say("no_targets", {"bare": bare})] if bare else []
    return tuple(notes + ([Say("not_available", {"absent": absent})] if absent else []))

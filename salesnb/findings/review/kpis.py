"""The key figures of the memo: value, target, gap, whether it is met, and the last half year."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

import numpy as np
import pandas as pd

from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Say
from salesnb.metrics import metric
from salesnb.metrics.against import attainment, gap
from salesnb.metrics.collection import due_in_time
from salesnb.metrics.covered import NOT_HELD, Held, held, sources_of
from salesnb.metrics.pace import time_progress
from salesnb.metrics.registry import measured
from salesnb.metrics.scorecard import item_attainment
from salesnb.scope import Scope
from salesnb.views.lights import covered_column, enough
from salesnb.views.periods import finished

CARDS = ("sales", "attainment", "new_customers", "win_rate", "aov", "spend_per_customer", "collection_rate")
"""At most seven: more are not read."""

TREND = 6
COLUMNS = ["kpi", "month", "actual", "cases", "target", "gap", "attainment", "covered", "light"]


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
        ``met``, ``missed``, ``open`` while the period still runs, or ``none``: not judged, for want of a target. Last,
        where a collection rate that is met hides that of what fell due less came in, the share of that.
    """
    cards = _cards(tables, targets, scope, "")
    # A period that still runs would look like a fall.
    for period in finished(scope, scope.period.level, TREND):
        cards += _cards(tables, targets, scope.at(period), period.name)
    rows = _judged(
        pd.DataFrame(cards, columns=["kpi", "month", "actual", "cases", "target", "reached", "covered"]), scope
    )[COLUMNS]
    rows = _with_late(rows, tables, scope)
    return Finding(
        "review.kpis", scope, rows, _headline(rows), notes=_notes(rows, scope),
        chart=Chart("cards", {"kpi": "kpi", "value": "actual", "target": "target", "light": "light"}, _drawn(rows)),
        table=("kpi", "month", "actual", "target", "gap", "attainment", *covered_column(rows), "light"),
        reasons={"gap": "no_target", "attainment": "no_target", "cases": NOT_ASKED, "covered": NOT_ASKED},
        front="figure",
    )  # fmt: skip


def _cards(
    tables: Mapping[str, pd.DataFrame], targets: pd.DataFrame, scope: Scope, month: str
) -> list[tuple[str, str, float, float, float, float, float]]:
    """Return the cards of one period: figure, month, value, cases, target, what it is held against, its share."""
    actual = _measured(tables, scope)
    usable = {name: frame for name, frame in tables.items() if not frame.empty}
    asked = {kpi: _held(kpi, actual[kpi], usable, targets, scope) for kpi in CARDS if kpi != "attainment"}
    sold = {"actual": np.array([asked["sales"].actual]), "target": np.array([asked["sales"].target])}
    actual["attainment"] = share = float(attainment(sold)[0])
    progress = 1.0 if scope.complete else time_progress(scope)
    asked["attainment"] = NOT_HELD if pd.isna(share) else Held(progress, share, asked["sales"].covered)
    return [(k, month, actual[k], actual.get(metric(k).counted_by, float("nan")), *_last(asked[k])) for k in CARDS]


def _last(asked: Held) -> tuple[float, float, float]:
    return asked.target, asked.actual, asked.covered


def _measured(tables: Mapping[str, pd.DataFrame], scope: Scope) -> dict[str, float]:
    """Measure the figures and the cases they rest on; without any row to measure one from it is unknown, not zero."""
    usable = {name: frame for name, frame in tables.items() if not frame.empty}
    asked = {id for kpi in CARDS if kpi != "attainment" for id in (kpi, metric(kpi).counted_by)} - {""}
    known = sorted(id for id in asked if sources_of(id) <= usable.keys())
    figures = measured(known, usable, scope.window)[1]
    return {id: float(figures[id][0]) if id in known else float("nan") for id in asked}


def _held(kpi: str, actual: float, tables: Mapping[str, pd.DataFrame], targets: pd.DataFrame, scope: Scope) -> Held:
    """Hold a figure against the target given for it, else against that of the settings, which is for all of it."""
    if given := held(kpi, tables, targets, scope):
        return given[()]
    own = [k.target for k in scope.settings.kpis if k.metric == kpi and k.target is not None]
    return Held(own[0], actual, 1.0) if own else NOT_HELD


def _judged(cards: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Add gap, attainment and light; while the period runs a target may be met already, but not yet missed.

    A rate of too few cases is not judged, nor what targets cover too little of.
    """
    against = cards.assign(actual=cards["reached"])
    reached = item_attainment(against)
    over = (cards["month"] != "") | scope.complete
    on_pace_only = (cards["kpi"] == "attainment") & (cards["reached"] < 1) & ~over
    few = (cards["cases"] < scope.settings.sales.small_n) | ~enough(cards["covered"], scope)
    light = np.select(
        [few, (reached >= 1) & ~on_pace_only, (reached < 1) & over, reached.notna() & ~over],
        ["none", "met", "missed", "open"], "none",
    )  # fmt: skip
    return cards.assign(gap=gap(against), attainment=reached, light=light)


def _with_late(rows: pd.DataFrame, tables: Mapping[str, pd.DataFrame], scope: Scope) -> pd.DataFrame:
    """Add what came in of what fell due in the period itself, where the rate is met by money due at other times."""
    rate = rows.iloc[CARDS.index("collection_rate")]
    if rate["light"] != "met" or not scope.complete or tables["receipts"].empty:
        return rows
    share = due_in_time(tables["receipts"], scope.window, "").get("", np.nan)
    if not share < rate["target"]:
        return rows
    late = {"kpi": "due_collection", "month": "", "actual": share, "light": "none"}
    return pd.concat([rows, pd.DataFrame([late])], ignore_index=True)


def _headline(rows: pd.DataFrame) -> Say:
    now = rows[rows["month"] == ""]
    met, missed = (_named(i for i in range(len(now)) if now["light"].iloc[i] == code) for code in ("met", "missed"))
    if met and missed:
        return Say("mixed", {"met": met, "missed": missed})
    if missed:
        return Say("all_missed", {"missed": missed})
    if met:
        return Say("all_met", {"met": met})
    return Say("not_judged", {"sales": 0}) if pd.notna(now["actual"].iloc[0]) else Say("none_judged")


def _named(places: Iterable[int]) -> tuple[int, ...]:
    """Leave out attainment beside sales: it is sales against their target, and would say the same twice."""
    found = tuple(places)
    return tuple(i for i in found if CARDS[i] != "attainment" or CARDS.index("sales") not in found)


def _drawn(rows: pd.DataFrame) -> tuple[int, ...] | None:
    """Return the cards that hold a figure: an empty one tells less than the note that names what is not available."""
    return tuple(i for i in range(len(CARDS)) if pd.notna(rows["actual"].iloc[i])) or None


def _notes(rows: pd.DataFrame, scope: Scope) -> tuple[Say, ...]:
    count = len(CARDS)
    absent = tuple(i for i in range(count) if pd.isna(rows["actual"].iloc[i]))
    bare = _named(i for i in range(count) if i not in absent and pd.isna(rows["target"].iloc[i]))
    notes = [] if scope.complete else [Say("to_date")]
    if scope.history_start > scope.period.start - timedelta(days=365):
        notes.append(Say("new_truncated"))
    late = np.flatnonzero(rows["kpi"] == "due_collection")
    notes += [Say("late", {"late": int(late[0]), "rate": CARDS.index("collection_rate")})] if len(late) else []
    notes += [Say("no_targets", {"bare": bare})] if bare else []
    return tuple(notes + ([Say("not_available", {"absent": absent})] if absent else []))

"""The memo's first sentence: sales against target, and the largest problem."""

from __future__ import annotations

import pandas as pd

from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Say
from salesnb.findings.signals import can_tell
from salesnb.findings.slices import SLICE, used, with_slice
from salesnb.metrics import four_figures, truncated
from salesnb.metrics.pace import required_rate, time_progress
from salesnb.scope import Scope

WHOLE = ["sales", "target", "gap", "attainment", "mom", "yoy"]
CASH = ("lower_collection",)
"""Problems of money that does not come in: no part of a gap in sales, so they do not explain it."""

EVIDENCE = ("measured", "associated", "hypothesis", "none", "untold")
RUNNING = ["time_progress", "pace", "required_rate"]


def verdict(orders: pd.DataFrame, targets: pd.DataFrame, problems: pd.DataFrame, *, scope: Scope) -> Finding:
    """Say where the period stands and what hurts most.

    A finished period is short of its target or ahead of it. An unfinished one is told to date, beside the time
    elapsed and the daily rate that the days left must bring; nothing is forecast.

    Parameters
    ----------
    orders, targets
        Clean tables.
    problems
        Rows of the diagnosis, largest loss first.

    Returns
    -------
    Finding
        Row 0 is the whole; row 1, where there is one, the largest problem of sales with its
        ``effect``; then the largest of collection.
    """
    whole = four_figures(orders, targets, scope)[WHOLE]
    if not scope.complete:
        whole = whole.assign(**_running(whole, scope))
    cash = problems["problem"].isin(CASH)
    chosen = pd.concat([problems[~cash].head(1), problems[cash].head(1)])
    worst = with_slice(chosen).reindex(columns=["problem", *SLICE, "effect", "evidence"])
    rows = pd.concat([whole, worst], ignore_index=True)
    texts = ["problem", *SLICE, "evidence"]
    rows = rows.assign(**{c: rows[c].fillna("").astype("str") for c in texts})
    figures = [*WHOLE, *([] if scope.complete else RUNNING), *(["effect"] if len(worst) else [])]
    shown = ("problem", *used(rows), "effect") if len(worst) else ()
    return Finding(
        "review.verdict", scope, rows[["problem", *SLICE, *figures, "evidence"]], _headline(rows, scope),
        notes=_notes(rows, scope), chart=Chart("folded", rows=(0,)),
        table=(*shown, *(f for f in figures if f != "effect")), reasons=_reasons(rows, figures),
    )  # fmt: skip


def _running(whole: pd.DataFrame, scope: Scope) -> dict[str, float]:
    elapsed = time_progress(scope)
    gap, attained = float(whole["gap"].iloc[0]), float(whole["attainment"].iloc[0])
    return {"time_progress": elapsed, "pace": attained - elapsed, "required_rate": required_rate(gap, scope)}


def _headline(rows: pd.DataFrame, scope: Scope) -> Say:
    gap = rows["gap"].iloc[0]
    key = "no_target" if pd.isna(gap) else "short" if gap < 0 else "ahead" if gap > 0 else "met"
    if not scope.complete:
        key = f"to_date_{key}"
    picks: dict[str, int | tuple[int, ...]] = {"total": 0}
    if len(rows) > 1:
        key += "_cash" if rows["problem"].iloc[1] in CASH else "_problem"
        picks["worst"] = 1
    return Say(key, picks)


def _notes(rows: pd.DataFrame, scope: Scope) -> tuple[Say, ...]:
    bases = {"yoy": scope.last_year, "mom": scope.previous}
    known = [n for n, base in bases.items() if pd.notna(rows[n].iloc[0]) and not truncated(scope, base)]
    notes = [Say("_".join(["changes", *known]), {"total": 0})] if known else [Say("no_base")]
    if len(rows) > 2:
        notes.append(Say("cash", {"worst": 2}))
    evidence = rows["evidence"].iloc[1] if len(rows) > 1 else "none"
    if evidence == "none" and not can_tell(scope):
        evidence = "untold"
    if evidence in EVIDENCE:
        notes.append(Say(f"evidence_{evidence}"))
    if not scope.complete:
        notes.append(Say("not_over"))
    return tuple(notes)


def _reasons(rows: pd.DataFrame, figures: list[str]) -> dict[str, str]:
    """A figure of the whole is not asked of a problem, nor the other way round; what the whole lacks has its reason."""
    return {c: NOT_ASKED for c in figures if len(rows) > 1 and (c == "effect" or pd.notna(rows[c].iloc[0]))}

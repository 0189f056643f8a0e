"""The top problems: the few slices that fell further than normal variation explains, sized in money."""

from dataclasses import asdict

import numpy as np
import pandas as pd

from salesnb.causes.fallen import MEASURED, Fallen, fallen
from salesnb.causes.signals import can_tell
from salesnb.causes.sizing import FIXED
from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Say
from salesnb.metrics import four_figures
from salesnb.metrics.covered import ALL
from salesnb.scope import Scope
from salesnb.views.customers import sales_with_kinds
from salesnb.views.slices import FURTHER, SLICE, TOP, compared, members_of, without_removed

MOST = 3
"""So many are told first; what is less is counted and named after them."""

HIGH, MEDIUM = 0.001, 0.01
"""Chances of a false problem below which confidence is high or medium: low is what is left."""

CERTAIN = {"high": 1.0, "medium": 0.9, "low": 0.6}
UNTOLD = 0.5
"""What money counts for when the three problems are chosen: by confidence, and where no driver is told."""

COLUMNS = (
    "problem", *SLICE, "kpi", "actual", "expected", "cases", "worth", "start", "effect", "gap_share", "gap", "yoy",
    "mom", "surprise", "confidence", "evidence", "rank",
)  # fmt: skip
TABLE = tuple(c for c in COLUMNS if c not in ("cases", "worth"))


def problems(
    orders: pd.DataFrame, targets: pd.DataFrame, opportunities: pd.DataFrame, receipts: pd.DataFrame, *, scope: Scope
) -> Finding:
    """Name the slices that fell further than their own past explains, the three that matter most first.

    Sales, orders, prices, new customers, order frequency, win rate and collection of every slice, and of crossings of
    two, are held against what the slice usually makes of the whole (or its usual ratio) over the months before; how far
    it normally strays decides, and it must have strayed from the same months of last year too. What all slices share,
    a season or a market that falls, is no problem of any of them. A quarter or a year names what its months name, a
    month that runs what the last one named and what has not come back. Money counts for less where it is uncertain.

    Parameters
    ----------
    orders, targets, opportunities, receipts
        Clean tables; empty ones are left out. Twelve months before the period are needed.

    Returns
    -------
    Finding
        One row per problem: its code, its slice (blank: all), ``effect`` (the period's loss against expectation, of
        collection what came late), ``gap_share`` of the gap to target, the slice's own ``gap``, ``yoy`` and ``mom``,
        ``surprise`` and, as labels, since when (``start``), confidence, evidence and ``rank``: ``top`` or ``further``.
    """
    if not can_tell(scope):
        return _finding(scope, pd.DataFrame(columns=[*COLUMNS]), "short")
    whole = four_figures(orders, targets, scope).iloc[0]
    # A loss is a part of the gap only where targets cover all that is watched.
    gap = whole["gap"] if whole["covered"] >= ALL else np.nan
    found = fallen((orders, targets, opportunities, receipts), scope)
    rows = without_removed(pd.DataFrame([_row(one, gap) for one in found], columns=[*COLUMNS]), scope)
    rows = ranked(rows)
    orders = sales_with_kinds(orders, scope)
    beside = [_beside(row, orders, targets, scope) for _, row in rows.iterrows()]
    rows[["gap", "yoy", "mom"]] = np.array(beside, dtype=float).reshape(len(rows), 3)
    return _finding(scope, rows, "more" if len(rows) > MOST else ("none", "one", "two", "three")[len(rows)])


def _finding(scope: Scope, rows: pd.DataFrame, key: str) -> Finding:
    top = len(rows) if "rank" not in rows else int((rows["rank"] == TOP).sum())
    picks = dict(zip(("first", "second", "third"), range(top), strict=False))
    notes = [] if scope.complete else [Say("unfinished")]
    if top and pd.notna(rows["gap_share"].iloc[0]):
        notes.append(Say("share" if top > 1 else "share_alone", {"first": 0}))
    if top > 1 and rows["gap_share"].iloc[:top].sum() > 1:
        notes.append(Say("offset"))
    if len(rows) > top:
        notes.append(Say("further" if len(rows) > top + 1 else "further_one", {"next": top}))
    drawn = Chart("list", {"title": "problem", "value": "effect"}, tuple(range(top)), accent=(0,)) if top else None
    return Finding(
        "diagnosis.problems", scope, rows, Say(key, picks), notes=tuple(notes), chart=drawn, labels=("kpi",),
        of_sales=("gap",), reasons={"cases": NOT_ASKED}, table=TABLE,
    )  # fmt: skip


def _row(found: Fallen, gap: float) -> dict[str, object]:
    shares = found.slice.signal not in FIXED and pd.notna(gap) and gap <= found.size.effect < 0
    return {
        **dict.fromkeys(SLICE, ""),
        **found.slice.members,
        **asdict(found.size),
        "problem": found.problem,
        "gap_share": found.size.effect / gap if shares else np.nan,
        "surprise": abs(found.slice.surprise),
        "start": str(found.start),
        "confidence": "low" if found.young else _confidence(found.slice.chance),
        "evidence": "measured" if found.slice.signal in MEASURED else "associated",
        "rank": TOP,
    }


def _confidence(chance: float) -> str:
    return "high" if chance < HIGH else "medium" if chance < MEDIUM else "low"


def ranked(rows: pd.DataFrame) -> pd.DataFrame:
    """Rank the problems: nothing of low confidence stands above what is surer; then the largest loss comes first."""
    low = rows["confidence"] == "low"
    by_worth = pd.DataFrame({"low": low, "worth": -_priority(rows)}).sort_values(["low", "worth"], kind="stable")
    rows = rows.assign(rank=np.where(rows.index.isin(by_worth.index[:MOST]), TOP, FURTHER))
    order = rows.assign(low=low).sort_values(["rank", "low", "effect"], ascending=[False, True, True], kind="stable")
    return rows.loc[order.index].reset_index(drop=True)


def _priority(rows: pd.DataFrame) -> pd.Series:
    """What a problem is worth looking at: its money, less where it is uncertain or tells no driver to act on."""
    certain = rows["confidence"].map(CERTAIN).astype(float)
    told = (rows["problem"] != "unexplained") * (1 - UNTOLD) + UNTOLD
    return -rows["effect"].astype(float) * certain * told


def _beside(row: pd.Series, orders: pd.DataFrame, targets: pd.DataFrame, scope: Scope) -> list[float]:
    """The slice's sales against target, last year and last period at once; late money is none of sales."""
    if row["problem"] == MEASURED["collection"]:
        return [np.nan] * 3
    found = compared(members_of(row.to_dict()), orders, targets, scope)
    return [found["gap"], found["yoy"], found["mom"]]

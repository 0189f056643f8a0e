"""The monthly tracking table: rep by product line."""

from __future__ import annotations

import pandas as pd

from salesnb.findings.finding import Chart, Finding, Missing, Say, with_total
from salesnb.metrics import four_figures
from salesnb.scope import Scope

KEYS = ["rep", "product_line"]
FIGURES = ["target", "sales", "gap", "attainment", "yoy", "mom"]


def tracking(orders: pd.DataFrame, targets: pd.DataFrame, *, scope: Scope) -> Finding:
    """Give the four figures and both changes for each rep and product line; the remark is left to people.

    Parameters
    ----------
    orders, targets
        Clean tables.

    Returns
    -------
    Finding
        Row 0 is the total; then the reps, the product lines, and their crossing, each largest shortfall first.
    """
    if (orders["rep"].fillna("").astype("str") == "").all() and (
        targets["rep"].fillna("").astype("str") == ""
    ).all():
        missing = (Missing("orders", ("rep", "product_line")),)
        empty = pd.DataFrame(columns=[*KEYS, *FIGURES, "remark"])
        return Finding("review.tracking", scope, empty, Say("no_reps"), missing=missing)
    sums = [four_figures(orders, targets, scope, [key]) for key in KEYS]
    cells = four_figures(orders, targets, scope, KEYS)
    parts = pd.concat([*sums, cells], ignore_index=True)
    parts = parts.assign(**{k: parts[k].fillna("").astype("str") for k in KEYS})
    rows = with_total(four_figures(orders, targets, scope), parts, KEYS)[[*KEYS, *FIGURES]]
    rows = rows.assign(remark=["" if i == 0 else "fill_in" for i in range(len(rows))])
    crossed = [i for i in range(len(rows)) if rows["rep"].iloc[i] and rows["product_line"].iloc[i]]
    judged = [i for i in crossed if pd.notna(rows["gap"].iloc[i])]
    value = "gap" if judged else "sales"
    return Finding(
        "review.tracking", scope, rows, _headline(rows, crossed, judged),
        chart=Chart("heat", {"row": "rep", "column": "product_line", "value": value}),
        table=(*KEYS, *FIGURES, "remark"),
    )  # fmt: skip


def _headline(rows: pd.DataFrame, crossed: list[int], judged: list[int]) -> Say:
    if not crossed:
        return Say("none")
    if not judged:
        return Say("no_target", {"best": max(crossed, key=lambda i: float(rows["sales"].iloc[i]))})
    worst = min(judged, key=lambda i: float(rows["gap"].iloc[i]))
    best = max(judged, key=lambda i: float(rows["gap"].iloc[i]))
    if rows["gap"].iloc[worst] >= 0:
        return Say("all_met", {"best": best})
    return Say("worst_best" if rows["gap"].iloc[best] > 0 else "worst", {"worst": worst, "best": best})

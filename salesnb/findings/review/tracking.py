"""The monthly tracking table: rep (for the whole company: team) by product line."""

import pandas as pd

from salesnb.findings.finding import Chart, Finding, Missing, Say, with_total
from salesnb.metrics import four_figures
from salesnb.scope import WHOLE_COMPANY, Scope
from salesnb.views.lights import covered_column
from salesnb.views.margins import without_idle

FIGURES = ["target", "sales", "gap", "attainment", "covered", "yoy", "mom"]


def tracking(orders: pd.DataFrame, targets: pd.DataFrame, *, scope: Scope) -> Finding:
    """Give the four figures and both changes for each rep and product line; the remark is left to people.

    For the whole company the rows are teams: a list of all reps belongs on the teams' own pages.

    Parameters
    ----------
    orders, targets
        Clean tables.

    Returns
    -------
    Finding
        Row 0 is the total; then the reps (teams), the product lines, and their crossing, each largest shortfall first.
    """
    keys = ["team" if scope.team == WHOLE_COMPANY and _named(orders, "team") else "rep", "product_line"]
    if not _named(orders, keys[0]) and not _named(targets, keys[0]):
        missing = (Missing("orders", ("rep", "product_line")),)
        empty = pd.DataFrame(columns=[*keys, *FIGURES, "remark"])
        return Finding("review.tracking", scope, empty, Say("no_reps"), missing=missing)
    sums = [four_figures(orders, targets, scope, [key]) for key in keys]
    cells = four_figures(orders, targets, scope, keys)
    parts = pd.concat([*sums, cells], ignore_index=True)
    parts = parts.assign(**{k: parts[k].fillna("").astype("str") for k in keys})
    rows = with_total(four_figures(orders, targets, scope), parts, keys)[[*keys, *FIGURES]]
    rows = rows.assign(remark=["" if i == 0 else "fill_in" for i in range(len(rows))])
    crossed = [i for i in range(len(rows)) if rows[keys[0]].iloc[i] and rows["product_line"].iloc[i]]
    judged = [i for i in crossed if pd.notna(rows["gap"].iloc[i])]
    value = "gap" if judged else "sales"
    return Finding(
        "review.tracking", scope, rows, _headline(rows, crossed, judged),
        chart=Chart("heat", {"row": keys[0], "column": "product_line", "value": value}, _drawn(rows, keys, value)),
        table=(*keys, *(f for f in FIGURES if f != "covered" or covered_column(rows)), "remark"),
    )  # fmt: skip


def _drawn(rows: pd.DataFrame, keys: list[str], value: str) -> tuple[int, ...] | None:
    """Leave who has neither sales nor a target out of the drawing; the table lists them."""
    return without_idle(rows, keys) if value == "gap" else None


def _named(rows: pd.DataFrame, column: str) -> bool:
    return bool((rows[column].fillna("").astype("str") != "").any())


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

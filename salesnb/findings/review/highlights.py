"""Who and what is ahead, with the figures that show it."""

import pandas as pd

from salesnb.findings.finding import Chart, Finding, Say
from salesnb.metrics import UNASSIGNED, four_figures
from salesnb.scope import Scope
from salesnb.views.lights import covered_column
from salesnb.views.slices import without_removed

DIMENSIONS = ["team", "rep", "product_line", "region", "channel", "customer_type"]
FIGURES = ["sales", "target", "gap", "attainment", "covered", "yoy", "mom"]
COUNT = 5


def highlights(orders: pd.DataFrame, targets: pd.DataFrame, *, scope: Scope) -> Finding:
    """Name the members of any dimension that are furthest ahead of their target, or, without targets, of last year.

    Parameters
    ----------
    orders, targets
        Clean tables.

    Returns
    -------
    Finding
        At most five rows, furthest ahead first; a dimension with a single member says nothing new and is left out.
    """
    blocks = [_block(orders, targets, scope, d) for d in DIMENSIONS]
    rows = pd.concat(blocks, ignore_index=True)
    rows = rows.assign(**{d: rows[d].fillna("").astype("str") if d in rows else "" for d in DIMENSIONS})
    rows = rows.drop_duplicates(["sales", "target", "sales_last_year"])  # a team that is a region is told once
    by_target = bool(rows["gap"].notna().any())
    rows["lead"] = rows["gap"] if by_target else rows["sales"] - rows["sales_last_year"].where(rows["yoy"].notna())
    ahead = without_removed(rows[rows["lead"] > 0], scope).sort_values(
        ["lead", *DIMENSIONS], ascending=[False, *[True] * len(DIMENSIONS)]
    )
    ahead = ahead[[*DIMENSIONS, *FIGURES]].head(COUNT).reset_index(drop=True)
    if ahead.empty:
        known = bool(rows["lead"].notna().any())
        return Finding("review.highlights", scope, ahead, Say("none" if known else "cannot_tell"), quiet=True)
    shown = [f for f in FIGURES if f != "covered" or covered_column(ahead)]
    key = ("ahead" if by_target else "growth") + ("_one" if len(ahead) == 1 else "")
    return Finding(
        "review.highlights", scope, ahead, Say(key, {"first": 0, "second": min(1, len(ahead) - 1)}),
        chart=Chart("table", accent=(0,)),
        table=(*[d for d in DIMENSIONS if (ahead[d] != "").any()], *shown),
    )  # fmt: skip


def _block(orders: pd.DataFrame, targets: pd.DataFrame, scope: Scope, dimension: str) -> pd.DataFrame:
    found = four_figures(orders, targets, scope, [dimension])
    named = found[found[dimension] != UNASSIGNED]
    return named if len(named) > 1 else named.iloc[:0]

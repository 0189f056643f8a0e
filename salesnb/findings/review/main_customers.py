"""The three main customers of each rep (for the whole company: team): how much, and how far the order is."""

import pandas as pd

from salesnb.findings.finding import Chart, Finding, Missing, Say
from salesnb.metrics import UNASSIGNED, within
from salesnb.metrics.grouped import exact
from salesnb.schema import SCALE
from salesnb.scope import WHOLE_COMPANY, Scope

PER_REP = 3
TOP = 8
"""So many are drawn; the table has three of each rep."""


def main_customers(orders: pd.DataFrame, *, scope: Scope) -> Finding:
    """List each rep's three largest customers of the period, with the status of the newest order.

    Parameters
    ----------
    orders
        Clean orders.

    Returns
    -------
    Finding
        One row per rep (team) and customer, reps with the largest main customer first.
    """
    whole = scope.team == WHOLE_COMPANY and (orders["team"].fillna("").astype("str") != "").any()
    who = "team" if whole else "rep"
    empty = pd.DataFrame(columns=[who, "customer", "sales", "status"])
    named = orders[orders["customer"].fillna("").astype("str") != ""]
    if named.empty:
        missing = (Missing("orders", ("customer", "rep")),)
        return Finding("review.main_customers", scope, empty, Say("no_customers"), missing=missing)
    sold = within(named, "sales_date", scope.window)
    if sold.empty:
        return Finding("review.main_customers", scope, empty, Say("none"), quiet=True)
    rows = _largest(sold, who)
    largest = rows["sales"].sort_values(ascending=False, kind="stable").index[:TOP]
    key = "largest_alone" if rows[who].iloc[0] == UNASSIGNED else f"largest_{who}"
    return Finding(
        "review.main_customers", scope, rows, Say(key, {"first": 0}),
        chart=Chart("bars", {"label": "customer", "value": "sales"}, tuple(int(i) for i in largest), accent=(0,)),
        table=(who, "customer", "sales", "status", "remark"),
    )  # fmt: skip


def _largest(sold: pd.DataFrame, who: str) -> pd.DataFrame:
    keys = [who, "customer"]
    named = sold[who].fillna("").astype("str")
    ordered = sold.assign(amount=exact(sold["amount"]), **{who: named.where(named != "", UNASSIGNED)}).sort_values(
        ["sales_date", "order_id"], kind="stable"
    )
    parts = ordered.groupby(keys).agg(sales=("amount", "sum"), status=("status", "last")).reset_index()
    parts["sales"] = parts["sales"].astype("float64") / SCALE
    parts = parts.sort_values(["sales", *keys], ascending=[False, True, True])
    parts = parts[parts.groupby(who).cumcount() < PER_REP]
    top = parts.groupby(who)["sales"].transform("max")
    order = ["top", who, "sales", "customer"]
    parts = parts.assign(top=top).sort_values(order, ascending=[False, True, False, True])
    return parts.drop(columns="top").assign(remark="fill_in").reset_index(drop=True)

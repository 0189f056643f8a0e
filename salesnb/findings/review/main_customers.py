"""The three main customers of each rep: how much, and how far the order is."""

from __future__ import annotations

import pandas as pd

from salesnb.data.schema import SCALE
from salesnb.findings.finding import Chart, Finding, Missing, Say
from salesnb.metrics import UNASSIGNED, within
from salesnb.scope import Scope

KEYS = ["rep", "customer"]
PER_REP = 3


def main_customers(orders: pd.DataFrame, *, scope: Scope) -> Finding:
    """List each rep's three largest customers of the period, with the status of the newest order.

    Parameters
    ----------
    orders
        Clean orders.

    Returns
    -------
    Finding
        One row per rep and customer, reps with the largest main customer first.
    """
    empty = pd.DataFrame(columns=[*KEYS, "sales", "status"])
    named = orders[orders["customer"].fillna("").astype("str") != ""]
    if named.empty:
        missing = (Missing("orders", ("customer", "rep")),)
        return Finding("review.main_customers", scope, empty, Say("no_customers"), missing=missing)
    sold = within(named, "sales_date", scope.window)
    if sold.empty:
        return Finding("review.main_customers", scope, empty, Say("none"))
    rows = _largest(sold)
    key = "largest_alone" if rows["rep"].iloc[0] == UNASSIGNED else "largest"
    return Finding(
        "review.main_customers", scope, rows, Say(key, {"first": 0}), chart=Chart("table"),
        table=(*KEYS, "sales", "status", "remark"),
    )  # fmt: skip


def _largest(sold: pd.DataFrame) -> pd.DataFrame:
    rep = sold["rep"].fillna("").astype("str")
    ordered = sold.assign(rep=rep.where(rep != "", UNASSIGNED)).sort_values(
        ["sales_date", "order_id"], kind="stable"
    )
    parts = ordered.groupby(KEYS).agg(sales=("amount", "sum"), status=("status", "last")).reset_index()
    parts["sales"] = parts["sales"].astype("float64") / SCALE
    parts = parts.sort_values(["sales", *KEYS], ascending=[False, True, True])
    parts = parts[parts.groupby("rep").cumcount() < PER_REP]
    top = parts.groupby("rep")["sales"].transform("max")
    order = ["top", "rep", "sales", "customer"]
    parts = parts.assign(top=top).sort_values(order, ascending=[False, True, False, True])
    return parts.drop(columns="top").assign(remark="fill_in").reset_index(drop=True)

"""Figures: one id, one formula, one unit each."""

from salesnb.metrics import (
    actions,
    activity,
    against,
    collection,
    covered,
    customers,
    cycle,
    deals,
    drivers,
    funnel,
    losses,
    pace,
    rows,
    sales,
    scorecard,
    trends,
)
from salesnb.metrics.against import change, four_figures, targets_for, truncated
from salesnb.metrics.grouped import UNASSIGNED, rows_in, within
from salesnb.metrics.registry import Metric, measure, metric, metrics, plain

__all__ = [
    "UNASSIGNED",
    "Metric",
    "actions",
    "activity",
    "against",
    "change",
    "collection",
    "covered",
    "customers",
    "cycle",
    "deals",
    "drivers",
    "four_figures",
    "funnel",
    "losses",
    "measure",
    "metric",
    "metrics",
    "pace",
    "plain",
    "rows",
    "rows_in",
    "sales",
    "scorecard",
    "targets_for",
    "trends",
    "truncated",
    "within",
]

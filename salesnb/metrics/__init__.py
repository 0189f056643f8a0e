"""Figures: one id, one formula, one unit each."""

from salesnb.metrics import (
    actions,
    against,
    collection,
    cycle,
    deals,
    drivers,
    funnel,
    losses,
    pace,
    rows,
    sales,
    scorecard,
)
from salesnb.metrics.against import change, four_figures, targets_for, truncated
from salesnb.metrics.grouped import UNASSIGNED, rows_in, within
from salesnb.metrics.registry import Metric, measure, metric, metrics, plain

__all__ = [
    "UNASSIGNED",
    "Metric",
    "actions",
    "against",
    "change",
    "collection",
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
    "truncated",
    "within",
]

"""Figures: one id, one formula, one unit each."""

from salesnb.metrics import actions, against, collection, deals, drivers, pace, rows, sales, scorecard
from salesnb.metrics.against import change, four_figures, targets_for, truncated
from salesnb.metrics.registry import UNASSIGNED, Metric, measure, members, metric, metrics, plain, within

__all__ = [
    "UNASSIGNED",
    "Metric",
    "actions",
    "against",
    "change",
    "collection",
    "deals",
    "drivers",
    "four_figures",
    "measure",
    "members",
    "metric",
    "metrics",
    "pace",
    "plain",
    "rows",
    "sales",
    "scorecard",
    "targets_for",
    "truncated",
    "within",
]

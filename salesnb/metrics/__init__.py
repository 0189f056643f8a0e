"""Figures: one id, one formula, one unit each."""

from salesnb.metrics import against, collection, deals, drivers, sales
from salesnb.metrics.against import change, four_figures, targets_for
from salesnb.metrics.registry import UNASSIGNED, Metric, measure, members, metric, metrics, plain, within

__all__ = [
    "UNASSIGNED",
    "Metric",
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
    "plain",
    "sales",
    "targets_for",
    "within",
]

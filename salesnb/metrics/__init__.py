"""Figures: one id, one formula, one unit each. Every module of this folder is found by itself."""

from importlib import import_module
from pkgutil import iter_modules

from salesnb.metrics.against import change, four_figures, targets_for
from salesnb.metrics.grouped import UNASSIGNED, rows_in, within
from salesnb.metrics.registry import Metric, measure, metric, metrics

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = [
    "UNASSIGNED",
    "Metric",
    "change",
    "four_figures",
    "measure",
    "metric",
    "metrics",
    "rows_in",
    "targets_for",
    "truncated",
    "within",
]

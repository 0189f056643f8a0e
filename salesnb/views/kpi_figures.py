"""Every figure that a target may be set for, measured from whatever it takes."""

from collections.abc import Sequence

import numpy as np

from salesnb.metrics.covered import sources_of
from salesnb.metrics.grouped import Member
from salesnb.metrics.registry import Metric, Tables, made_of, measured, metric, metrics, parts_of
from salesnb.scope import Scope
from salesnb.views import contracts, pipeline, workload  # noqa: F401 - they measure figures


def figure_of(kpi: str, tables: Tables, scope: Scope, by: Sequence[str] = ()) -> dict[Member, float]:
    """Return a figure by the members of a level; nobody has it where there are no rows to measure it from.

    Parameters
    ----------
    kpi
        Id of a figure.
    tables
        Clean tables by name; those that a figure needs: orders, opportunities, receipts, activities with reps.
    by
        Dimensions; of figures that are no sums of rows only the whole is told, of activity each rep too.
    """
    usable = {name: frame for name, frame in tables.items() if not frame.empty}
    return _told(metric(kpi), usable, scope, by) if kpi in metrics() else {}


def _told(figure: Metric, tables: Tables, scope: Scope, by: Sequence[str]) -> dict[Member, float]:
    if figure.whole:
        found = figure.whole(tables, scope, by) if tables.keys() >= {*figure.tables} else {}
        own = {member: figures.get(figure.id, np.nan) for member, figures in found.items()}
        return {member: value for member, value in own.items() if not np.isnan(value)}
    if sources := sources_of(figure.id):
        if not sources <= tables.keys():
            return {}
        members, figures = measured([figure.id], tables, scope.window, by)
        return dict(zip(members, figures[figure.id].tolist(), strict=True))
    if not figure.derived:
        return {}
    parts = {part.id: _told(part, tables, scope, by) for part in parts_of(figure.id)}
    members = sorted(set.intersection(*({*values} for values in parts.values())))
    beside = {part: np.array([values[m] for m in members]) for part, values in parts.items()}
    told = dict(zip(members, made_of(figure.id, beside).tolist(), strict=True))
    return {member: value for member, value in told.items() if not np.isnan(value)}

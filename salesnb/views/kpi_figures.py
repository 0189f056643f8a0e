"""Every figure that a target may be set for, measured from whatever it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from salesnb.methods.survival import kaplan_meier
from salesnb.metrics import truncated
from salesnb.metrics.collection import overdue_sum
from salesnb.metrics.covered import sources_of
from salesnb.metrics.customers import churn, churned_from, looked_back, repurchase
from salesnb.metrics.grouped import Member
from salesnb.metrics.registry import measured
from salesnb.scope import Scope
from salesnb.views.contracts import contract_days
from salesnb.views.workload import RATES, rates, staff

Tables = Mapping[str, pd.DataFrame]


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
    if kpi in RATES:
        return _activity(kpi, usable, scope, by)
    sources = sources_of(kpi)
    if sources:
        return _measured(kpi, usable, scope, by) if sources <= usable.keys() else {}
    if by or kpi not in _OF_THE_WHOLE:
        return {}
    value = _OF_THE_WHOLE[kpi](usable, scope).get(kpi, np.nan)
    return {} if np.isnan(value) else {(): float(value)}


def _measured(kpi: str, tables: Tables, scope: Scope, by: Sequence[str]) -> dict[Member, float]:
    members, figures = measured([kpi], tables, scope.window, by)
    return dict(zip(members, figures[kpi].tolist(), strict=True))


def _activity(kpi: str, tables: Tables, scope: Scope, by: Sequence[str]) -> dict[Member, float]:
    """Measure work over the days that each rep was there."""
    if "activities" not in tables or tuple(by) not in {(), ("rep",)}:
        return {}
    roster = tables.get("reps", pd.DataFrame(columns=["rep", "team", "valid_from", "valid_to"]))
    (people,) = staff(tables["activities"], roster, scope, [scope.window])
    parts = {(str(rep),): own for rep, own in people.groupby("rep")} if by else {(): people}
    found = {member: rates(own).get(kpi, np.nan) for member, own in parts.items()}
    return {member: value for member, value in found.items() if not np.isnan(value)}


def _repurchase(tables: Tables, scope: Scope) -> dict[str, float]:
    months, orders = scope.settings.sales.existing_customer_months, tables.get("orders")
    if orders is None or truncated(scope, looked_back(scope.window, months)):
        return {}
    return repurchase(orders, scope.window, months)


def _churn(tables: Tables, scope: Scope) -> dict[str, float]:
    months, orders = scope.settings.sales.existing_customer_months, tables.get("orders")
    if orders is None or truncated(scope, churned_from(scope.window, months)):
        return {}
    return churn(orders, scope.window, months)


def _overdue(tables: Tables, scope: Scope) -> dict[str, float]:
    receipts = tables.get("receipts")
    return {} if receipts is None else {"overdue": overdue_sum(receipts, scope.window.end)}


def _contracts(tables: Tables, scope: Scope) -> dict[str, float]:
    orders = tables.get("orders")
    if orders is None or "signed_date" not in orders:
        return {}
    days = contract_days(orders, scope.window)
    if days.empty:
        return {}
    typical = kaplan_meier(days["days"].to_numpy(), days["signed"].to_numpy()).quantile().value
    return {"contracts": float(len(days)), "contract_cycle": typical}


_OF_THE_WHOLE: Mapping[str, Callable[[Tables, Scope], dict[str, float]]] = {
    **dict.fromkeys(("existing_customers", "returning_customers", "repurchase_rate"), _repurchase),
    **dict.fromkeys(("earlier_customers", "lost_customers", "churn_rate"), _churn),
    "overdue": _overdue,
    **dict.fromkeys(("contracts", "contract_cycle"), _contracts),
}

"""Driver tree: sales = customers x orders per customer x average order value, new and existing customers apart."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from salesnb.calendar import Window
from salesnb.data.schema import SCALE
from salesnb.findings.finding import Chart, Finding, Missing, Say
from salesnb.methods.attribution import product_change, to_whole
from salesnb.metrics import measure
from salesnb.scope import Scope

FACTORS = ("customers", "orders_per_customer", "aov")


def drivers(orders: pd.DataFrame, *, scope: Scope, against: Literal["previous", "last_year"] = "previous") -> Finding:
    """Attribute the change of sales to its drivers, so that the parts add up to the change to the last minor unit.

    Parameters
    ----------
    orders
        Clean orders.
    against
        The period that this one is compared with.

    Returns
    -------
    Finding
        One row per driver and kind of customer (``effect`` in money, ``before`` and ``after`` the driver itself);
        the last row, with blank driver, is the whole change, ``before`` and ``after`` being sales.
    """
    base = scope.previous if against == "previous" else scope.last_year
    if base is None or not scope.covered(base) and base.end < scope.history_start:
        return Finding(
            "diagnosis.drivers", scope, pd.DataFrame(columns=["kpi", "effect"]), Say("no_base"),
            missing=(Missing("orders", ("order_date", "amount")),),
        )  # fmt: skip
    before, after = _factors(orders, base), _factors(orders, scope.window)
    rows = _rows(before, after)
    worst = int(rows["effect"].iloc[:-1].idxmin()) if rows["effect"].iloc[-1] < 0 else int(rows["effect"].iloc[:-1].idxmax())
    key = "fell" if rows["effect"].iloc[-1] < 0 else "rose"
    return Finding(
        "diagnosis.drivers", scope, rows, Say(f"{key}_{against}", {"change": len(rows) - 1, "most": worst}),
        chart=Chart("bridge", {"label": "kpi", "group": "new_existing", "value": "effect"}, accent=(worst,), total=len(rows) - 1),
    )  # fmt: skip


def _factors(orders: pd.DataFrame, window: Window) -> pd.DataFrame:
    frame = measure(["sales", *FACTORS], {"orders": orders}, window, ["new_existing"])
    return frame.set_index("new_existing")


def _rows(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    kinds = sorted({*before.index, *after.index}, reverse=True)
    before, after = before.reindex(kinds).fillna(0.0), after.reindex(kinds).fillna(0.0)
    table = []
    for kind in kinds:
        old, new = before.loc[kind], after.loc[kind]
        parts = product_change([old[f] for f in FACTORS], [new[f] for f in FACTORS])
        whole = to_whole([p * SCALE for p in parts], round(new["sales"] * SCALE) - round(old["sales"] * SCALE))
        for factor, effect in zip(FACTORS, whole, strict=True):
            table.append((kind, factor, effect / SCALE, old[factor], new[factor]))
    change = (round(after["sales"].sum() * SCALE) - round(before["sales"].sum() * SCALE)) / SCALE
    table.append(("", "sales", change, before["sales"].sum(), after["sales"].sum()))
    return pd.DataFrame(table, columns=["new_existing", "kpi", "effect", "before", "after"])

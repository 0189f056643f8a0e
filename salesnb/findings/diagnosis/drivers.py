"""Driver tree: sales = customers x orders per customer x average order value, new and existing customers apart."""

import pandas as pd

from salesnb.calendar import Window
from salesnb.findings.diagnosis._comparisons import BASES, Against, Base, both
from salesnb.findings.finding import Chart, Finding, Missing, Say
from salesnb.methods.attribution import change_table
from salesnb.metrics import UNASSIGNED, measure
from salesnb.schema import SCALE
from salesnb.scope import Scope

FACTORS = ("customers", "orders_per_customer", "aov")
KINDS = ("new", "existing", UNASSIGNED)
COLUMNS = ("against", "new_existing", "kpi", "effect", "before", "after")


def drivers(orders: pd.DataFrame, *, scope: Scope, against: Against = "previous") -> Finding:
    """Attribute the change of sales to its drivers, so that the parts add up to the change to the last minor unit.

    Parameters
    ----------
    orders
        Clean orders.
    against
        The period that this one is compared with; ``both``: one after the other, in one table.

    Returns
    -------
    Finding
        One row per kind of customer and driver (``effect`` in money, ``before`` and ``after`` the driver itself);
        the last row, with blank kind, is the whole change, ``before`` and ``after`` being sales. Sales that name no
        customer are one row of their own.
    """
    if against == "both":
        return both(*(_compared(orders, scope, base) for base in BASES))
    return _compared(orders, scope, against)


def _compared(orders: pd.DataFrame, scope: Scope, against: Base) -> Finding:
    base = scope.previous if against == "previous" else scope.last_year
    if orders["customer"].isna().all():
        return _without(scope, "no_customers", (Missing("orders", ("customer",)),))
    if base is None or not scope.holds(base):
        return _without(scope, "truncated" if base else f"no_base_{against}")
    if against == "last_year" and base == scope.previous:
        return _without(scope, "told_above")
    rows = _rows(_figures(orders, base), _figures(orders, scope.window)).assign(against=against)[[*COLUMNS]]
    last, effects = len(rows) - 1, rows["effect"].iloc[:-1]
    if effects.empty or not rows["effect"].iloc[-1]:
        return Finding("diagnosis.drivers", scope, rows, Say(f"same_{against}", {"change": last}))
    fell = rows["effect"].iloc[-1] < 0
    most = int(effects.to_numpy().argmin() if fell else effects.to_numpy().argmax())
    kind = "_all" if rows["new_existing"].iloc[most] == UNASSIGNED else ""
    return Finding(
        "diagnosis.drivers",
        scope,
        rows,
        Say(f"{'fell' if fell else 'rose'}{kind}_{against}", {"change": last, "most": most}),
        notes=tuple(_notes(scope, base, rows, against)),
        chart=Chart(
            "bridge",
            {"label": "kpi", "group": "new_existing", "value": "effect"},
            rows=(*(i for i, effect in enumerate(effects) if effect), last),
            accent=(most,),
            total=last,
        ),
    )


def _without(scope: Scope, key: str, missing: tuple[Missing, ...] = ()) -> Finding:
    return Finding("diagnosis.drivers", scope, pd.DataFrame(columns=[*COLUMNS]), Say(key), missing=missing, quiet=True)


def _notes(scope: Scope, base: Window, rows: pd.DataFrame, against: str) -> list[Say]:
    notes = [] if scope.complete else [Say("unfinished")]
    months = scope.settings.sales.existing_customer_months
    if base.start < (pd.Timestamp(scope.history_start) + pd.DateOffset(months=months)).date():
        notes.append(Say("young"))
    new = rows[(rows["new_existing"] == "new") & (rows["kpi"] == "customers")].index
    if len(new) and rows["before"].iloc[new[0]] == 0:
        notes.append(Say("no_new_before"))
    return notes


def _figures(orders: pd.DataFrame, window: Window) -> pd.DataFrame:
    frame = measure(["sales", "named_sales", *FACTORS], {"orders": orders}, window, ["new_existing"])
    return frame.set_index("new_existing")


def _rows(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    kinds = [kind for kind in KINDS if kind in before.index or kind in after.index]
    pairs = zip(*(frame.reindex(kinds).iterrows() for frame in (before, after)), strict=True)
    tables = [_kind(old, now, str(kind)) for (kind, old), (_, now) in pairs]
    whole = [round(frame["sales"].mul(SCALE).round().sum()) for frame in (before, after)]
    total = {"new_existing": "", "kpi": "sales", "effect": (whole[1] - whole[0]) / SCALE}
    tables.append(pd.DataFrame([{**total, "before": whole[0] / SCALE, "after": whole[1] / SCALE}]))
    return pd.concat(tables, ignore_index=True)


def _kind(before: pd.Series, after: pd.Series, kind: str) -> pd.DataFrame:
    none = {"sales": 0.0, "customers": 0.0, "named_sales": 0.0}
    before, after = (side.fillna(none) for side in (before, after))
    counted = all(
        (side["customers"] > 0 or side["sales"] == 0) and side["named_sales"] == side["sales"]
        for side in (before, after)
    )
    if not counted:  # sales that name no customer cannot be split further
        made = change_table(before, after, ["sales"], "sales", SCALE)
    else:
        made = change_table(before, after, FACTORS, "sales", SCALE)
    return made.assign(new_existing=kind)

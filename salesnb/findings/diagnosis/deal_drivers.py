"""Driver tree of deals: won value = deals closed x win rate x average value of a won deal."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from salesnb.data.schema import SCALE
from salesnb.findings.finding import Chart, Finding, Missing, Say
from salesnb.methods.attribution import change_table
from salesnb.metrics import measure, truncated
from salesnb.scope import Scope

FACTORS = ("closed_deals", "win_rate", "deal_value")
COLUMNS = ("against", "kpi", "effect", "before", "after")


def deal_drivers(
    opportunities: pd.DataFrame, *, scope: Scope, against: Literal["previous", "last_year"] = "previous"
) -> Finding:
    """Attribute the change of won value to deals closed, win rate and deal value, exact to the last minor unit.

    Parameters
    ----------
    opportunities
        Clean opportunities; those closed in the period and in the one compared with are used.
    against
        The period that this one is compared with.

    Returns
    -------
    Finding
        One row per driver (``effect`` in money, ``before`` and ``after`` the driver itself); the last row is the
        whole change of the won value.
    """
    base = scope.previous if against == "previous" else scope.last_year
    if opportunities.empty:
        needed = Missing("opportunities", ("opportunity_id", "status", "close_date", "amount"))
        return _without(scope, "no_deals", (needed,))
    if base is None:
        return _without(scope, f"no_base_{against}")
    ids, tables = ["won_value", *FACTORS], {"opportunities": opportunities}
    before, after = (measure(ids, tables, window).iloc[0] for window in (base, scope.window))
    if before["closed_deals"] == 0 and after["closed_deals"] == 0:
        return _without(scope, "no_closed")
    parts = change_table(before, after, FACTORS, "won_value", SCALE)
    change = (round(after["won_value"] * SCALE) - round(before["won_value"] * SCALE)) / SCALE
    total = {"kpi": "won_value", "effect": change, "before": before["won_value"], "after": after["won_value"]}
    rows = pd.concat([parts, pd.DataFrame([total])], ignore_index=True).assign(against=against)[[*COLUMNS]]
    return Finding(
        "diagnosis.deal_drivers",
        scope,
        rows,
        _headline(rows, against),
        notes=tuple(_notes(scope, before, after, truncated(scope, base))),
        chart=Chart("bridge", {"label": "kpi", "value": "effect"}, accent=_most(rows), total=len(rows) - 1),
    )


def _without(scope: Scope, key: str, missing: tuple[Missing, ...] = ()) -> Finding:
    rows = pd.DataFrame(columns=[*COLUMNS])
    return Finding("diagnosis.deal_drivers", scope, rows, Say(key), missing=missing)


def _most(rows: pd.DataFrame) -> tuple[int, ...]:
    effects = rows["effect"].iloc[:-1]
    if not effects.any():
        return ()
    return (int(effects.to_numpy().argmin() if rows["effect"].iloc[-1] < 0 else effects.to_numpy().argmax()),)


def _headline(rows: pd.DataFrame, against: str) -> Say:
    picks, most = {"change": len(rows) - 1}, _most(rows)
    if not most:
        return Say(f"same_{against}", picks)
    side = "fell" if rows["effect"].iloc[-1] < 0 else "rose"
    return Say(f"{side}_{against}", {**picks, "most": most[0]})


def _notes(scope: Scope, before: pd.Series, after: pd.Series, cut: bool) -> list[Say]:
    notes = [] if scope.complete else [Say("unfinished")]
    if cut:
        notes.append(Say("truncated"))
    if min(before["closed_deals"], after["closed_deals"]) < scope.settings.sales.small_n:
        notes.append(Say("few"))
    return notes

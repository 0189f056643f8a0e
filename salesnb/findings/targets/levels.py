"""Target, actual, gap, attainment, and change at one level: in total and by the members of a dimension."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from salesnb.findings.finding import Chart, Finding, Missing, Say, with_total
from salesnb.metrics import four_figures
from salesnb.scope import Scope


def levels(
    orders: pd.DataFrame, targets: pd.DataFrame, *, scope: Scope, by: Sequence[str] = ("rep",)
) -> Finding:
    """Hold sales against the targets given at a level.

    Parameters
    ----------
    orders, targets
        Clean tables.
    by
        Dimensions of the level: team, rep, product_line, region, channel, customer_type, or several.

    Returns
    -------
    Finding
        Row 0 is the total; then one row per member, largest shortfall first. A member with a target and no sales
        is a row; one with sales and no target has no gap.
    """
    keys = list(by)
    rows = with_total(four_figures(orders, targets, scope), four_figures(orders, targets, scope, keys), keys)
    parts = rows.iloc[1:]
    set_for = parts.index[parts["target"].notna()]
    if len(set_for) == 0:
        missing = (Missing("targets", ("period", *keys, "amount")),) if targets.empty else ()
        key = "no_level" if pd.notna(rows["target"].iloc[0]) else "no_target"
        return Finding(
            "targets.levels", scope, rows, Say(key, {"total": 0}),
            chart=_bars(keys, rows), missing=missing,
        )  # fmt: skip
    return Finding(
        "targets.levels", scope, rows, _headline(parts.loc[set_for]), notes=_notes(rows, set_for, scope),
        chart=Chart(
            "bullet", {"label": keys[0], "value": "sales", "target": "target"}, tuple(int(p) for p in set_for),
            accent=(int(set_for[0]),) if parts.loc[set_for[0], "gap"] < 0 else (),
        ),
    )  # fmt: skip


def _headline(parts: pd.DataFrame) -> Say:
    behind = parts[parts["gap"] < 0]
    worst, best = int(parts.index[0]), int(parts["gap"].idxmax())
    if len(parts) == 1:
        return Say("only_behind" if len(behind) else "only_met", {"one": worst})
    if behind.empty:
        return Say("all_met", {"best": best})
    key = "all_behind" if len(behind) == len(parts) else "spread"
    return Say(key, {"worst": worst, "best": best})


def _notes(rows: pd.DataFrame, set_for: pd.Index, scope: Scope) -> tuple[Say, ...]:
    notes = () if scope.complete else (Say("to_date"),)
    bare = [int(p) for p in rows.index[1:] if p not in set_for and rows.loc[p, "sales"] != 0]
    if bare:
        largest = max(bare, key=lambda p: float(rows.loc[p, "sales"]))
        notes += (Say("without_target", {"largest": largest}),)
    whole, parts = rows["target"].iloc[0], rows["target"].iloc[1:].sum()
    if pd.notna(whole) and abs(whole - parts) >= scope.settings.company.smallest_unit:
        notes += (Say("differs", {"total": 0}),)
    return notes


def _bars(keys: list[str], rows: pd.DataFrame) -> Chart:
    return Chart("bars", {"label": keys[0], "value": "sales"}, tuple(range(1, len(rows))))

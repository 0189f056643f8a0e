"""Which rows were set aside, and why."""

import pandas as pd

from salesnb.findings.finding import WITHHELD, Chart, Finding, Say, with_total
from salesnb.scope import Scope


def quarantine(quarantined: pd.DataFrame, *, scope: Scope) -> Finding:
    """Count quarantined rows by table and reason, with the place of the first of each.

    Parameters
    ----------
    quarantined
        One row per bad row: ``table``, ``file``, ``row``, ``column``, ``value``, ``reason`` (code).

    Returns
    -------
    Finding
        Row 0 is the total; then one row per table and ``fault``, most rows first; ``example`` names file, row,
        column and value.
    """
    if quarantined.empty:
        rows = pd.DataFrame({"table": [""], "fault": [""], "rows": [0], "example": [""]})
        return Finding("intake.quarantine", scope, rows, Say("none"))
    placed = quarantined.assign(fault=quarantined["reason"], example=_places(quarantined))
    placed = placed.sort_values(["file", "row"], kind="stable")
    grouped = placed.groupby(["table", "fault"], sort=True)
    parts = grouped.agg(rows=("row", "size"), example=("example", "first")).reset_index()
    parts = parts.sort_values(["rows", "table", "fault"], ascending=[False, True, True])
    total = pd.DataFrame({"rows": [len(placed)], "example": [""]})
    rows = with_total(total, parts, ["table", "fault"])
    raw = () if scope.rights.sees_all else (Say(f"{WITHHELD}raw_values"),)
    return Finding(
        "intake.quarantine", scope, rows, Say("one" if len(parts) == 1 else "some", {"total": 0, "most": 1}), notes=raw,
        chart=Chart("bars", {"label": "fault", "group": "table", "value": "rows"}, tuple(range(1, len(rows))), (1,)),
        table=("table", "fault", "rows", "example"),
    )  # fmt: skip


def _places(rows: pd.DataFrame) -> pd.Series:
    value = rows["value"].fillna("").astype("str").str.slice(0, 40)
    place = rows["file"].astype("str") + ":" + rows["row"].astype("str")
    return place + " " + rows["column"].fillna("").astype("str") + " = " + value.where(value != "", '""')

"""What the field reports: needs, competitors, stock, reasons to leave, suggestions."""

import pandas as pd

from salesnb.findings.finding import Chart, Finding, Missing, Say, with_total
from salesnb.metrics import UNASSIGNED, within
from salesnb.scope import Scope

KEYS = ["kind", "department"]


def notes(field_notes: pd.DataFrame, *, scope: Scope) -> Finding:
    """Count the period's field notes by kind and department: how many, how many still open, the latest date.

    Parameters
    ----------
    field_notes
        Clean notes: ``note_date``, ``kind``, ``department``, ``status``.

    Returns
    -------
    Finding
        Row 0 is the total; then one row per kind and department, most open first.
    """
    if field_notes.empty:
        wanted = (Missing("notes", ("note_date", "rep", "kind", "text", "department", "status")),)
        return Finding("intake.notes", scope, pd.DataFrame(columns=["rows"]), Say("no_table"), missing=wanted)
    seen = within(field_notes, "note_date", scope.window)
    if seen.empty:
        rows = pd.DataFrame({"kind": [""], "department": [""], "rows": [0], "rows_open": [0], "last_date": [""]})
        return Finding("intake.notes", scope, rows, Say("none"))
    parts = _counted(seen)
    latest = pd.Timestamp(seen["note_date"].max()).date().isoformat()
    total = pd.DataFrame({"rows": [len(seen)], "rows_open": [parts["rows_open"].sum()], "last_date": [latest]})
    rows = with_total(total, parts, KEYS)
    key = "open" if rows["rows_open"].iloc[0] else "done"
    return Finding(
        "intake.notes", scope, rows, Say(key, {"total": 0, "most": 1}),
        chart=Chart("bars", {"label": "kind", "group": "department", "value": "rows_open" if key == "open" else "rows"},
                    tuple(range(1, len(rows))), (1,)),
        table=(*KEYS, "rows", "rows_open", "last_date"),
    )  # fmt: skip


def _counted(seen: pd.DataFrame) -> pd.DataFrame:
    filled = {k: seen[k].fillna("").astype("str").replace("", UNASSIGNED) for k in KEYS}
    marked = seen.assign(**filled, still_open=(seen["status"] == "open").astype("int64"))
    grouped = marked.groupby(KEYS, sort=True)
    parts = grouped.agg(rows=("kind", "size"), rows_open=("still_open", "sum"), last=("note_date", "max")).reset_index()
    parts["last_date"] = parts.pop("last").map(lambda day: pd.Timestamp(day).date().isoformat())
    return parts.sort_values(["rows_open", "rows", *KEYS], ascending=[False, False, True, True])

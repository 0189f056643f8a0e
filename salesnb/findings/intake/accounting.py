"""What became of every row that was read: accepted, quarantined, a repeat, or skipped by settings."""

import pandas as pd

from salesnb.findings.finding import Chart, Finding, Missing, Say, with_total
from salesnb.scope import Scope

COUNTS = ["rows_read", "rows_accepted", "rows_quarantined", "rows_duplicate", "rows_skipped"]


def accounting(files: pd.DataFrame, *, scope: Scope) -> Finding:
    """Account for every row read, per file, and say whether the sum is right.

    Parameters
    ----------
    files
        One row per file: ``table``, ``file``, ``encoding``, ``rows_read``, ``rows_accepted``, ``rows_quarantined``,
        ``rows_duplicate``, ``rows_skipped``.

    Returns
    -------
    Finding
        Row 0 is the total; then one row per table and file. ``rows_unexplained`` must be 0 in each.
    """
    if files.empty:
        wanted = (Missing("orders", ("order_id", "order_date", "amount")),)
        return Finding("intake.accounting", scope, pd.DataFrame(columns=COUNTS), Say("none"), missing=wanted)
    parts = files.groupby(["table", "file"], as_index=False, sort=True)[COUNTS].sum()
    spelled = files.groupby(["table", "file"], as_index=False, sort=True)["encoding"].first()
    parts["encoding"] = spelled["encoding"]
    total = pd.DataFrame([{**parts[COUNTS].sum().to_dict(), "encoding": ""}])
    rows = _explained(with_total(total, parts, ["table", "file"]))
    off = rows.index[1:][rows["rows_unexplained"].iloc[1:] != 0]
    if len(off):
        say = Say("unbalanced", {"total": 0, "first": int(off[0])})
    else:
        left = rows[COUNTS[2:]].iloc[0]
        say = Say("skipped" if left["rows_skipped"] else "balanced" if left.sum() else "clean", {"total": 0})
    return Finding(
        "intake.accounting", scope, rows, say,
        chart=Chart("table", accent=tuple(int(p) for p in off)),
        table=("table", "file", "encoding", *COUNTS, "rows_unexplained"),
    )  # fmt: skip


def _explained(rows: pd.DataFrame) -> pd.DataFrame:
    """Add what no rule explains, file by file; the total adds sizes, so that opposite errors do not cancel."""
    open_rows = rows["rows_read"] - rows[COUNTS[1:]].sum(axis=1)
    open_rows.iloc[0] = open_rows.iloc[1:].abs().sum()
    return rows.assign(rows_unexplained=open_rows)

"""The team's own action table: is every action complete, and is it on time?"""

import pandas as pd

from salesnb import schema, words
from salesnb.findings.finding import Chart, Finding, Missing, Say
from salesnb.scope import Scope

PARTS = ["problem", "action", "owner", "due_date", "resources", "expected_effect"]
"""What every action must have."""

COUNTS = ["actions", "actions_done", "actions_incomplete", "parts_missing", "actions_overdue"]
OVER = ("done", "dropped")


def register(table: pd.DataFrame, *, scope: Scope) -> Finding:
    """Check the action register row by row: missing parts named, overdue actions counted.

    Parameters
    ----------
    table
        The actions table: ``action_id``, the six parts of an action, ``status``.

    Returns
    -------
    Finding
        Row 0 is the total over all actions; then one row per action that is open or lacks a part, those lacking
        most first, then the longest overdue. ``columns`` names the missing parts.
    """
    if table.empty:
        missing = (Missing("actions", ("action_id", *PARTS, "status")),)
        return Finding("strategy.register", scope, pd.DataFrame(columns=COUNTS), Say("no_table"), missing=missing)
    checked = _checked(table, scope)
    total = pd.DataFrame([checked[COUNTS].sum().to_dict()])
    shown = checked[(checked["parts_missing"] > 0) | ~checked["status"].isin(OVER)]
    order = ["parts_missing", "days_overdue", "action_id"]
    shown = shown.sort_values(order, ascending=[False, False, True], na_position="last")
    rows = pd.concat([total, shown], ignore_index=True)
    texts = ["action_id", "action", "owner", "due", "status", "columns"]
    rows = rows.assign(**{c: rows[c].fillna("").astype("str") for c in texts})
    return Finding(
        "strategy.register", scope, rows[["action_id", *COUNTS, "days_overdue", *texts[1:]]], _headline(rows),
        notes=_notes(rows), chart=Chart("table", rows=tuple(range(1, len(rows)))),
        table=("action_id", "action", "owner", "due", "status", "days_overdue", "columns"),
        reasons={"days_overdue": "not_overdue"},
    )  # fmt: skip


def _checked(table: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    blank = pd.DataFrame({p: _blank(table[p]) for p in PARTS})
    status = table["status"].fillna("open").astype("str")
    late = ~status.isin(OVER) & (table["due_date"] < pd.Timestamp(scope.as_of))
    days = (pd.Timestamp(scope.as_of) - table["due_date"]).dt.days.where(late).astype("float64")
    return table[["action_id", "action", "owner"]].assign(
        due=table["due_date"].dt.strftime("%Y-%m-%d").fillna(""), status=status, actions=1,
        actions_done=(status == "done").astype("int64"), actions_overdue=late.fillna(False).astype("int64"),
        parts_missing=blank.sum(axis=1), actions_incomplete=blank.any(axis=1).astype("int64"),
        days_overdue=days, columns=[_listed(row) for _, row in blank.iterrows()],
    )  # fmt: skip


def _blank(column: pd.Series) -> pd.Series:
    return column.isna() | (column.astype("str").str.strip() == "")


def _listed(blank: pd.Series) -> str:
    """Name missing parts as the headers of the table name them, in both languages."""
    columns = [schema.table("actions").columns[p] for p in PARTS if blank[p]]
    return words.both(", ".join(c.en[0].lower() for c in columns), "、".join(c.zh[0] for c in columns))


def _headline(rows: pd.DataFrame) -> Say:
    faulty = rows["actions_incomplete"].iloc[0] > 0
    if not faulty:
        return Say("complete", {"total": 0})
    return Say("incomplete_one" if rows["actions_incomplete"].iloc[0] == 1 else "incomplete", {"total": 0, "first": 1})


def _notes(rows: pd.DataFrame) -> tuple[Say, ...]:
    if rows["actions_overdue"].iloc[0] == 0:
        return (Say("on_time"),)
    latest = max(range(1, len(rows)), key=lambda i: (float(rows["days_overdue"].fillna(-1).iloc[i]), -i))
    return (Say("overdue", {"total": 0, "latest": latest}),)

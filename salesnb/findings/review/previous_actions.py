"""What became of the actions that the last review decided."""

import pandas as pd

from salesnb.data.tables.roster import TO_BE_NAMED
from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Missing, Say
from salesnb.scope import Scope

COUNTS = ["actions", "actions_done", "actions_overdue"]
OVER = ("done", "dropped")
LABELS = ["action", "owner", "due", "status"]


def previous_actions(register: pd.DataFrame, *, scope: Scope) -> Finding:
    """Tell which of the last review's actions are done or open, and which of the whole register are overdue.

    Parameters
    ----------
    register
        The actions table; ``period`` is the period whose review decided an action.

    Returns
    -------
    Finding
        Row 0 is the total: of the last review's actions how many there are and are done, of all how many are overdue;
        then one row per action, overdue ones first.
    """
    empty = pd.DataFrame(columns=["action_id", "problem", *COUNTS, *LABELS])
    if register.empty:
        wanted = ("action_id", "period", "problem", "action", "owner", "due_date", "status")
        return Finding("review.previous_actions", scope, empty, Say("no_table"), missing=(Missing("actions", wanted),))
    decided = register["period"].astype("str").isin(_names(scope))
    parts = _stood(register[decided | overdue(register, scope)], scope)
    parts[COUNTS[:2]] = parts[COUNTS[:2]].where(decided)
    parts = parts.sort_values(["order", "due", "action_id"]).drop(columns="order")
    if parts.empty:
        return Finding("review.previous_actions", scope, empty, Say("none"), quiet=True)
    total = pd.DataFrame([parts[COUNTS].sum().to_dict()])
    rows = pd.concat([total, parts], ignore_index=True).reindex(columns=empty.columns)
    texts = ["action_id", "problem", *LABELS]
    rows = rows.assign(**{c: rows[c].fillna("").astype("str") for c in texts})
    late = rows["actions_overdue"].iloc[0]
    done = rows["actions_done"].iloc[0] == rows["actions"].iloc[0]
    late_key = "late" if decided.any() else "late_earlier"
    key = late_key if late else "all_done" if done else "in_time"
    return Finding(
        "review.previous_actions", scope, rows, Say(key, {"total": 0, "first": 1}),
        chart=Chart("actions", {"title": "action"}, tuple(range(1, len(rows)))),
        table=("action_id", "problem", *LABELS), reasons=dict.fromkeys(COUNTS, NOT_ASKED),
    )  # fmt: skip


def _names(scope: Scope) -> set[str]:
    """Return the name of the period before and of the finer periods in it."""
    before = scope.calendar.previous(scope.period)
    if before is None:
        return set()
    finer = {"year": ("quarter", "month"), "quarter": ("month",)}.get(before.level, ())
    return {before.name, *(p.name for level in finer for p in scope.calendar.parts(before, level))}


def _stood(decided: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    status = decided["status"].fillna("open").astype("str")
    late = overdue(decided, scope)
    owner = decided["owner"].fillna("").astype("str")
    stood = decided[["action_id", "problem", "action"]].assign(owner=owner.mask(owner == "", TO_BE_NAMED),
        due=decided["due_date"].dt.strftime("%Y-%m-%d").fillna(""),
        status=status.mask(late & (status == "open"), "overdue"),  # what is blocked is that first of all
        actions=1, actions_done=(status == "done").astype("int64"), actions_overdue=late.astype("int64"),
    )  # fmt: skip
    order = stood["status"].map({"overdue": 0, "blocked": 1, "open": 2, "dropped": 3, "done": 4})
    return stood.assign(order=order.mask(late, 0))


def overdue(register: pd.DataFrame, scope: Scope) -> pd.Series:
    """Tell which actions are past their date on the day of the report, and neither done nor dropped."""
    over = register["status"].fillna("open").astype("str").isin(OVER)
    return (~over & (register["due_date"] < pd.Timestamp(scope.as_of))).fillna(False).astype("bool")

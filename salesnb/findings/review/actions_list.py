"""What happens next: the proposed actions with owner and date."""

import pandas as pd

from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Say
from salesnb.scope import Scope
from salesnb.views.slices import SLICE

FIGURES = ["expected_effect", "expected_low", "expected_high"]
SUMS = ["expected_sales", "expected_cash", "gap", "gap_left"]
PART = "covered"
LABELS = ["action", "owner", "due", "resources", "status", "evidence"]
TOP = 8
"""So many stand on the first screen; of more it is said that they stand in the table."""


def actions_list(actions: pd.DataFrame, *, scope: Scope) -> Finding:
    """Put the proposed actions on the memo, unchanged.

    Parameters
    ----------
    actions
        Rows of the strategy: first the total, then one row per action, decided or proposed.

    Returns
    -------
    Finding
        The same rows.
    """
    columns = ["problem", *SLICE, "play", "action_id", *FIGURES, *SUMS, PART, "days_overdue", *LABELS]
    rows = actions.reindex(columns=columns).reset_index(drop=True)
    rows["action_id"] = rows["action_id"].astype("object").fillna("").astype("str")
    if len(rows) < 2:
        return _none(rows, scope)
    gap, left = rows["gap"].iloc[0], rows["gap_left"].iloc[0]
    no_gap = pd.isna(gap) or gap >= 0 or not scope.complete
    key = "no_gap" if no_gap else "leaves" if left < 0 else "closes"
    if rows["expected_sales"].iloc[0] == 0:
        key = "cash"
    reason = "no_target" if pd.isna(gap) else NOT_ASKED
    first = tuple(range(1, min(len(rows), TOP + 1)))
    return Finding(
        "review.actions_list", scope, rows, Say(key, {"total": 0}), notes=_notes(rows), front="both",
        chart=Chart("actions", {"title": "action", "value": "expected_effect"}, first),
        table=("problem", "action", "owner", "due", "status", "resources", *FIGURES),
        reasons={
            **dict.fromkeys((*FIGURES, "days_overdue"), NOT_ASKED), **dict.fromkeys(("gap", "gap_left", PART), reason)
        },
    )  # fmt: skip


def _none(rows: pd.DataFrame, scope: Scope) -> Finding:
    short = scope.complete and len(rows) > 0 and rows["gap"].iloc[0] < 0
    say = Say("none_gap", {"total": 0}) if short else Say("none")
    reason = NOT_ASKED if len(rows) and pd.notna(rows["gap"].iloc[0]) else "no_target"
    return Finding(
        "review.actions_list", scope, rows, say, table=tuple(SUMS), front="both",
        reasons={
            **dict.fromkeys((*FIGURES, "days_overdue"), NOT_ASKED), "gap": reason, "gap_left": reason, PART: reason
        },
    )  # fmt: skip


def _notes(rows: pd.DataFrame) -> tuple[Say, ...]:
    both = rows["expected_cash"].iloc[0] > 0 and rows["expected_sales"].iloc[0] > 0
    cut = (Say("cut", {"next": TOP + 1}),) if len(rows) > TOP + 1 else ()
    return (*cut, Say("hypothesis"), *((Say("besides", {"total": 0}),) if both else ()))

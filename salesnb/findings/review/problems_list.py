"""The top problems, as the diagnosis found them."""

import pandas as pd

from salesnb.causes.signals import can_tell
from salesnb.findings.finding import Chart, Finding, Say
from salesnb.scope import Scope
from salesnb.views.slices import SLICE, used, with_parts

TOP = 3
"""So many stand on the first screen; the table has all."""

EVIDENCE = ("measured", "associated", "hypothesis")


def problems_list(problems: pd.DataFrame, parts: pd.DataFrame | None = None, *, scope: Scope) -> Finding:
    """Put the problems of the diagnosis on the memo, unchanged, after them the parts of the gap that fill the list.

    Parameters
    ----------
    problems
        Rows of the diagnosis: ``problem``, dimensions, ``effect`` (money, negative: loss), ``evidence``,
        ``confidence``, largest loss first.
    parts
        Rows of the same kind that say where the rest of the gap lies.

    Returns
    -------
    Finding
        The same rows, numbered by ``priority``.
    """
    columns = ["problem", *SLICE, "effect", "confidence", "evidence"]
    rows = with_parts(problems, parts).reindex(columns=columns).reset_index(drop=True)
    rows = rows.assign(priority=range(1, len(rows) + 1))  # facts have no order of their own
    if rows.empty:
        say = Say("none" if can_tell(scope) else "untold")
        return Finding("review.problems_list", scope, rows, say, front="figure")
    shown, found = min(len(rows), TOP), min(len(problems), TOP)
    alone = "parts" if can_tell(scope) else "parts_untold"
    key = "more" if len(problems) > TOP else ("one", "two", "three")[found - 1] if found else alone
    return Finding(
        "review.problems_list", scope, rows, Say(key, {"first": 0}), notes=_notes(rows, len(problems)), front="figure",
        chart=Chart("list", {"title": "problem", "value": "effect"}, tuple(range(shown)), accent=(0,)),
        table=("problem", *used(rows), "effect", "confidence", "evidence"),
    )  # fmt: skip


def _notes(rows: pd.DataFrame, found: int) -> tuple[Say, ...]:
    """Say what the evidence of the largest problem is worth, and that parts of the gap are no problems."""
    evidence = rows["evidence"].iloc[0]
    notes = (Say(f"evidence_{evidence}"),) if evidence in EVIDENCE else ()
    if found > TOP:
        notes = (*notes, Say("further" if found > TOP + 1 else "further_one", {"next": TOP}))
    if len(rows) == found:
        return notes
    return (*notes, Say("parts_beside" if found else "parts_alone", {"part": found}))

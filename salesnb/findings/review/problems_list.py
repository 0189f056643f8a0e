"""The top problems, as the diagnosis found them."""

import pandas as pd

from salesnb.causes.signals import can_tell
from salesnb.findings.finding import Chart, Finding, Say
from salesnb.scope import Scope
from salesnb.views.slices import SLICE, used, with_slice

TOP = 3
"""So many stand on the first screen; the table has all."""

EVIDENCE = ("measured", "associated", "hypothesis")


def problems_list(problems: pd.DataFrame, *, scope: Scope) -> Finding:
    """Put the problems of the diagnosis on the memo, unchanged.

    Parameters
    ----------
    problems
        Rows of the diagnosis: ``problem``, dimensions, ``effect`` (money, negative: loss), ``evidence``,
        ``confidence``, largest loss first.

    Returns
    -------
    Finding
        The same rows.
    """
    columns = ["problem", *SLICE, "effect", "confidence", "evidence"]
    rows = with_slice(problems).reindex(columns=columns).reset_index(drop=True)
    if rows.empty:
        say = Say("none" if can_tell(scope) else "untold")
        return Finding("review.problems_list", scope, rows, say, front="figure")
    shown = min(len(rows), TOP)
    return Finding(
        "review.problems_list", scope, rows, Say(("one", "two", "three")[shown - 1], {"first": 0}),
        notes=_notes(rows), front="figure",
        chart=Chart("list", {"title": "problem", "value": "effect"}, tuple(range(shown)), accent=(0,)),
        table=("problem", *used(rows), "effect", "confidence", "evidence"),
    )  # fmt: skip


def _notes(rows: pd.DataFrame) -> tuple[Say, ...]:
    """Say what the evidence of the largest problem is worth."""
    evidence = rows["evidence"].iloc[0]
    return (Say(f"evidence_{evidence}"),) if evidence in EVIDENCE else ()

"""The top problems, as the diagnosis found them."""

from __future__ import annotations

import pandas as pd

from salesnb.findings.finding import Chart, Finding, Say
from salesnb.findings.signals import can_tell
from salesnb.findings.slices import SLICE, used, with_slice
from salesnb.scope import Scope


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
        return Finding("review.problems_list", scope, rows, Say("none" if can_tell(scope) else "untold"))
    shown = min(len(rows), 3)
    picks: dict[str, int | tuple[int, ...]] = dict(
        zip(("first", "second", "third"), range(shown), strict=False)
    )
    return Finding(
        "review.problems_list", scope, rows, Say(("one", "two", "three")[shown - 1], picks),
        chart=Chart("list", {"title": "problem", "value": "effect"}, accent=(0,)),
        table=("problem", *used(rows), "effect", "confidence", "evidence"),
    )  # fmt: skip

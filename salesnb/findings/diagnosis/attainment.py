"""Target, actual, gap, attainment, and change: in total and by one dimension or a crossing of several."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from salesnb.findings.finding import Chart, Finding, Say, with_total
from salesnb.metrics import four_figures
from salesnb.scope import Scope


def attainment(orders: pd.DataFrame, targets: pd.DataFrame, *, scope: Scope, by: Sequence[str] = ("rep",)) -> Finding:
    """Compare sales with target, last period and last year, in total and by the members of dimensions.

    Parameters
    ----------
    orders, targets
        Clean tables.
    by
        Dimensions to break down by; several give their crossing.

    Returns
    -------
    Finding
        Row 0 is the total; then one row per member, largest shortfall first.
    """
    whole = four_figures(orders, targets, scope)
    parts = four_figures(orders, targets, scope, by)
    rows = with_total(whole, parts, by)
    has_target = pd.notna(rows["gap"].iloc[0])
    picks: dict[str, int | tuple[int, ...]] = {"total": 0}
    key = "no_target"
    if has_target:
        key = "behind" if rows["gap"].iloc[0] < 0 else "ahead"
        if len(parts) and pd.notna(rows["gap"].iloc[1]) and rows["gap"].iloc[1] < 0:
            picks["worst"] = 1
            key += "_worst"
    return Finding(
        id="diagnosis.attainment",
        scope=scope,
        rows=rows,
        headline=Say(key, picks),
        chart=Chart(
            "bullet" if has_target else "bars",
            {"label": by[0], "value": "sales", "target": "target"},
            rows=tuple(range(1, len(rows))),
            accent=(1,) if "worst" in picks else (),
        ),
    )

"""Driver tree of proposals: won value = deals closed x proposals per deal x wins per proposal x value of a deal."""

from dataclasses import replace
from typing import Literal

import pandas as pd

from salesnb.findings.diagnosis._deal_tree import deal_tree
from salesnb.findings.finding import NOT_ASKED, Finding, Missing, Say
from salesnb.methods.attribution import product_change
from salesnb.scope import Scope

FACTORS = ("closed_deals", "proposal_rate", "wins_per_proposal", "deal_value")


def proposals(
    opportunities: pd.DataFrame, *, scope: Scope, against: Literal["previous", "last_year"] = "previous"
) -> Finding:
    """Attribute the change of the value won to how often a proposal was made and how often it won.

    The deals are those closed in the period, so that proposals and wins are of the same deals.

    Parameters
    ----------
    opportunities
        Clean opportunities with ``proposal_date``.
    against
        The period that this one is compared with.

    Returns
    -------
    Finding
        One row per driver (``effect`` in money, ``before`` and ``after`` the driver itself), then the whole change of
        the value won. The last row is the win rate; ``win_rate_effect`` is its change and what each half did to it.
    """
    needed = Missing("opportunities", ("proposal_date", "close_date", "amount"))
    found = deal_tree("proposals", FACTORS, opportunities, needed, scope, against)
    return _halves(found, against)


def _halves(found: Finding, against: str) -> Finding:
    """Say how each half of the win rate moved, which is what is asked here; the whole is told by the deals' drivers."""
    made, won = FACTORS.index("proposal_rate"), FACTORS.index("wins_per_proposal")
    halves = found.rows.iloc[[made, won]] if found.chart else found.rows.iloc[:0]
    if found.chart is None or halves.isna().any(axis=None) or not halves["effect"].any():
        return found
    effects = found.rows["effect"]
    more = made if abs(effects.iloc[made]) >= abs(effects.iloc[won]) else won
    key = "made" if more == made else "won"
    side = "less" if effects.iloc[more] < 0 else "more"
    say = Say(f"{key}_{side}_{against}", {"most": more, "other": won if more == made else made})
    rows, last = _with_rate(found.rows, made, won, against), len(found.rows)
    chart = replace(found.chart, accent=(more,), rows=tuple(range(last)))
    points = Say(f"points_{against}", {"rate": last, "made": made, "won": won})
    return replace(
        found, rows=rows, headline=say, notes=(*found.notes, points), chart=chart,
        reasons={**found.reasons, "effect": NOT_ASKED, "win_rate_effect": NOT_ASKED, "win_rate_change": NOT_ASKED},
    )  # fmt: skip


def _with_rate(rows: pd.DataFrame, made: int, won: int, against: str) -> pd.DataFrame:
    """Add what each half did to the win rate, in points, and the win rate itself as the last row."""
    sides = [(float(rows[side].iloc[made]), float(rows[side].iloc[won])) for side in ("before", "after")]
    before, after = (a * b for a, b in sides)
    points = dict(zip((made, won), product_change(*sides), strict=True))
    change = after / before - 1 if before > 0 else float("nan")
    whole = {"against": against, "kpi": "win_rate", "before": before, "after": after, "win_rate_change": change}
    rows = rows.assign(win_rate_effect=[points.get(place, float("nan")) for place in range(len(rows))])
    return pd.concat([rows, pd.DataFrame([{**whole, "win_rate_effect": after - before}])], ignore_index=True)

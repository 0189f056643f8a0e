"""Driver tree of proposals: won value = deals closed x proposals per deal x wins per proposal x value of a deal."""

from dataclasses import replace
from typing import Literal

import pandas as pd

from salesnb.findings.diagnosis._deal_tree import deal_tree
from salesnb.findings.finding import Finding, Missing, Say
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
        One row per driver (``effect`` in money, ``before`` and ``after`` the driver itself); the last row is the
        whole change of the value won.
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
    return replace(found, headline=say, chart=replace(found.chart, accent=(more,)))

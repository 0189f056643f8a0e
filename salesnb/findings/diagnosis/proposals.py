"""Driver tree of proposals: won value = deals closed x proposals per deal x wins per proposal x value of a deal."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from salesnb.findings.deal_tree import deal_tree
from salesnb.findings.finding import Finding, Missing
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
    return deal_tree("proposals", FACTORS, opportunities, needed, scope, against)

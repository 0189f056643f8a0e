"""Driver tree of deals: won value = deals closed x win rate x average value of a won deal."""

import pandas as pd

from salesnb.findings.diagnosis._comparisons import Against
from salesnb.findings.diagnosis._deal_tree import deal_tree
from salesnb.findings.finding import Finding, Missing
from salesnb.scope import Scope

FACTORS = ("closed_deals", "win_rate", "deal_value")


def deal_drivers(opportunities: pd.DataFrame, *, scope: Scope, against: Against = "previous") -> Finding:
    """Attribute the change of the value won to deals closed, win rate and deal value, exact to the last minor unit.

    Parameters
    ----------
    opportunities
        Clean opportunities; those closed in the period and in the one compared with are used.
    against
        The period that this one is compared with; ``both``: one after the other, in one table.

    Returns
    -------
    Finding
        One row per driver (``effect`` in money, ``before`` and ``after`` the driver itself); the last row is the
        whole change of the value won.
    """
    needed = Missing("opportunities", ("opportunity_id", "status", "close_date", "amount"))
    return deal_tree("deal_drivers", FACTORS, opportunities, needed, scope, against)

"""Deals closed in a period: won, lost, how often and how large. Open deals are out."""

import numpy as np
import pandas as pd

from salesnb.metrics.grouped import Rows
from salesnb.metrics.registry import Figures, base, derived, measured_by, ratio


@base("won_deals", "count", table="opportunities", date="close_date")
def won_deals(rows: Rows) -> np.ndarray:
    """Count deals won, closed in the window."""
    return rows.where("status", "won").distinct("opportunity_id")


@base("lost_deals", "count", table="opportunities", date="close_date", less_is_better=True)
def lost_deals(rows: Rows) -> np.ndarray:
    """Count deals lost, closed in the window."""
    return rows.where("status", "lost").distinct("opportunity_id")


@base("priced_wins", "count", table="opportunities", date="close_date")
def priced_wins(rows: Rows) -> np.ndarray:
    """Count deals won in the window that carry an amount."""
    return rows.where("status", "won").known("amount").distinct("opportunity_id")


@base("won_value", "money", table="opportunities", date="close_date", absent="no_amount", definition=2)
def won_value(rows: Rows) -> np.ndarray:
    """Sum the value of deals won in the window; not known where none of them carries an amount."""
    return rows.where("status", "won").money_known("amount")


@derived("priced_share", "rate", of=("priced_wins", "won_deals"), absent="no_won_deals")
def priced_share(figures: Figures) -> np.ndarray:
    """Divide deals won that carry an amount by all deals won."""
    return ratio(figures["priced_wins"], figures["won_deals"])


@derived("closed_deals", "count", of=("won_deals", "lost_deals"))
def closed_deals(figures: Figures) -> np.ndarray:
    """Add deals won and lost."""
    return figures["won_deals"] + figures["lost_deals"]


def judged(deals: pd.DataFrame) -> pd.DataFrame:
    """Return deals without those closed on days on which no losses are recorded: no rate can be told from these.

    Open deals stay. A table that does not say when losses are recorded has them recorded all along.
    """
    if "losses_recorded" not in deals:
        return deals
    return deals[(deals["status"] == "open") | deals["losses_recorded"].fillna(False).astype("bool")]


def _judged(rows: Rows) -> Rows:
    return rows.where("losses_recorded", True) if "losses_recorded" in rows.table else rows


@base("judged_wins", "count", table="opportunities", date="close_date")
def judged_wins(rows: Rows) -> np.ndarray:
    """Count deals won in the window on days on which losses are recorded too."""
    return _judged(rows.where("status", "won")).distinct("opportunity_id")


@base("judged_deals", "count", table="opportunities", date="close_date")
def judged_deals(rows: Rows) -> np.ndarray:
    """Count deals won and lost in the window on days on which losses are recorded."""
    return _judged(rows.where("status", "won", "lost")).distinct("opportunity_id")


@derived(
    "win_rate", "rate", of=("judged_wins", "judged_deals", "closed_deals"), absent="no_closed_deals",
    counted_by="closed_deals", definition=2, needs="losses",
)  # fmt: skip
def win_rate(figures: Figures) -> np.ndarray:
    """Divide deals won by deals closed, by count, of the days on which losses are recorded."""
    return ratio(figures["judged_wins"], figures["judged_deals"])


@derived("deal_value", "money", of=("won_value", "priced_wins"), absent="no_won_deals", definition=2)
def deal_value(figures: Figures) -> np.ndarray:
    """Divide the value of deals won by the number of those that carry one; lost deals have none worth averaging."""
    return ratio(figures["won_value"], figures["priced_wins"])


@base("proposed_deals", "count", table="opportunities", date="close_date")
def proposed_deals(rows: Rows) -> np.ndarray:
    """Count closed deals for which a proposal had been made."""
    return rows.where("status", "won", "lost").known("proposal_date").distinct("opportunity_id")


@base("judged_proposals", "count", table="opportunities", date="close_date")
def judged_proposals(rows: Rows) -> np.ndarray:
    """Count closed deals for which a proposal had been made, of the days on which losses are recorded."""
    return _judged(rows.where("status", "won", "lost")).known("proposal_date").distinct("opportunity_id")


@derived(
    "proposal_rate", "rate", of=("judged_proposals", "judged_deals", "closed_deals"), absent="no_closed_deals",
    counted_by="closed_deals", definition=2, needs="losses",
)  # fmt: skip
def proposal_rate(figures: Figures) -> np.ndarray:
    """Divide deals with a proposal by all deals, both closed in the window on days on which losses are recorded."""
    return ratio(figures["judged_proposals"], figures["judged_deals"])


@derived(
    "wins_per_proposal", "rate", of=("judged_wins", "judged_proposals", "proposed_deals"), absent="no_proposals",
    counted_by="proposed_deals", definition=2, needs="losses",
)  # fmt: skip
def wins_per_proposal(figures: Figures) -> np.ndarray:
    """Divide deals won by deals with a proposal, both of the days on which losses are recorded.

    Deals won without one make it exceed 100 %.
    """
    return ratio(figures["judged_wins"], figures["judged_proposals"])


PROPOSALS = "diagnosis.proposals"
measured_by(PROPOSALS, "points", "win_rate_effect", absent="no_closed_deals")
measured_by(PROPOSALS, "rate", "win_rate_change", absent="no_base", signed=True)

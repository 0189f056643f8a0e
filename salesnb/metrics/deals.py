"""Deals closed in a period: won, lost, how often and how large. Open deals are out."""

from __future__ import annotations

import numpy as np

from salesnb.data.schema import SCALE
from salesnb.metrics.grouped import Rows
from salesnb.metrics.registry import Figures, base, derived, ratio


@base("won_deals", "count", table="opportunities", date="close_date")
def won_deals(rows: Rows) -> np.ndarray:
    """Count deals won, closed in the window."""
    return rows.where("status", "won").distinct("opportunity_id")


@base("lost_deals", "count", table="opportunities", date="close_date")
def lost_deals(rows: Rows) -> np.ndarray:
    """Count deals lost, closed in the window."""
    return rows.where("status", "lost").distinct("opportunity_id")


@base("won_value", "money", table="opportunities", date="close_date")
def won_value(rows: Rows) -> np.ndarray:
    """Sum the value of deals won in the window."""
    return rows.where("status", "won").sum("amount") / SCALE


@derived("closed_deals", "count", of=("won_deals", "lost_deals"))
def closed_deals(figures: Figures) -> np.ndarray:
    """Add deals won and lost."""
    return figures["won_deals"] + figures["lost_deals"]


@derived(
    "win_rate", "rate", of=("won_deals", "closed_deals"), absent="no_closed_deals", counted_by="closed_deals"
)
def win_rate(figures: Figures) -> np.ndarray:
    """Divide deals won by deals closed, by count."""
    return ratio(figures["won_deals"], figures["closed_deals"])


@derived("deal_value", "money", of=("won_value", "won_deals"), absent="no_won_deals")
def deal_value(figures: Figures) -> np.ndarray:
    """Divide the value of deals won by their number; lost deals carry no value worth averaging."""
    return ratio(figures["won_value"], figures["won_deals"])


@base("proposed_deals", "count", table="opportunities", date="close_date")
def proposed_deals(rows: Rows) -> np.ndarray:
    """Count closed deals for which a proposal had been made."""
    return rows.where("status", "won", "lost").known("proposal_date").distinct("opportunity_id")


@derived(
    "proposal_rate",
    "rate",
    of=("proposed_deals", "closed_deals"),
    absent="no_closed_deals",
    counted_by="closed_deals",
)
def proposal_rate(figures: Figures) -> np.ndarray:
    """Divide deals with a proposal by all deals, both closed in the window."""
    return ratio(figures["proposed_deals"], figures["closed_deals"])


@derived(
    "wins_per_proposal",
    "rate",
    of=("won_deals", "proposed_deals"),
    absent="no_proposals",
    counted_by="proposed_deals",
)
def wins_per_proposal(figures: Figures) -> np.ndarray:
    """Divide deals won by deals with a proposal; deals won without one make it exceed 100 %."""
    return ratio(figures["won_deals"], figures["proposed_deals"])

"""Deals closed in a period: won, lost, how often and how large. Open deals are out."""

from __future__ import annotations

import pandas as pd

from salesnb.data.schema import SCALE
from salesnb.metrics.registry import base, derived, ratio, total


@base("won_deals", "count", table="opportunities", date="close_date")
def won_deals(rows: pd.DataFrame, by: list[str]) -> pd.Series:
    """Count deals won, closed in the window."""
    return total(rows[rows["status"] == "won"], by, "opportunity_id", "nunique")


@base("lost_deals", "count", table="opportunities", date="close_date")
def lost_deals(rows: pd.DataFrame, by: list[str]) -> pd.Series:
    """Count deals lost, closed in the window."""
    return total(rows[rows["status"] == "lost"], by, "opportunity_id", "nunique")


@base("won_value", "money", table="opportunities", date="close_date")
def won_value(rows: pd.DataFrame, by: list[str]) -> pd.Series:
    """Sum the value of deals won in the window."""
    return total(rows[rows["status"] == "won"], by, "amount", "sum") / SCALE


@derived("closed_deals", "count", of=("won_deals", "lost_deals"))
def closed_deals(frame: pd.DataFrame) -> pd.Series:
    """Add deals won and lost."""
    return frame["won_deals"] + frame["lost_deals"]


@derived(
    "win_rate", "rate", of=("won_deals", "closed_deals"), absent="no_closed_deals", counted_by="closed_deals"
)
def win_rate(frame: pd.DataFrame) -> pd.Series:
    """Divide deals won by deals closed, by count."""
    return ratio(frame["won_deals"], frame["closed_deals"])


@derived("deal_value", "money", of=("won_value", "won_deals"), absent="no_won_deals")
def deal_value(frame: pd.DataFrame) -> pd.Series:
    """Divide the value of deals won by their number; lost deals carry no value worth averaging."""
    return ratio(frame["won_value"], frame["won_deals"])


@base("proposed_deals", "count", table="opportunities", date="close_date")
def proposed_deals(rows: pd.DataFrame, by: list[str]) -> pd.Series:
    """Count closed deals for which a proposal had been made."""
    closed = rows[rows["status"].isin(["won", "lost"])]
    return total(closed[closed["proposal_date"].notna()], by, "opportunity_id", "nunique")


@derived(
    "proposal_rate",
    "rate",
    of=("proposed_deals", "closed_deals"),
    absent="no_closed_deals",
    counted_by="closed_deals",
)
def proposal_rate(frame: pd.DataFrame) -> pd.Series:
    """Divide deals with a proposal by all deals, both closed in the window."""
    return ratio(frame["proposed_deals"], frame["closed_deals"])


@derived(
    "wins_per_proposal",
    "rate",
    of=("won_deals", "proposed_deals"),
    absent="no_proposals",
    counted_by="proposed_deals",
)
def wins_per_proposal(frame: pd.DataFrame) -> pd.Series:
    """Divide deals won by deals with a proposal; deals won without one make it exceed 100 %."""
    return ratio(frame["won_deals"], frame["proposed_deals"])

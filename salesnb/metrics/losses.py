"""Deals lost: what was asked for, for which reasons, to whom; and what the field reports of competitors and stock."""

import numpy as np

from salesnb.metrics.grouped import Rows
from salesnb.metrics.registry import base, measured_by


@base("lost_value", "money", table="opportunities", date="close_date", absent="no_amount", less_is_better=True)
def lost_value(rows: Rows) -> np.ndarray:
    """Sum what was asked for the deals lost in the window."""
    return rows.where("status", "lost").money("amount")


@base("priced_deals", "count", table="opportunities", date="close_date")
def priced_deals(rows: Rows) -> np.ndarray:
    """Count deals lost in the window that carry an amount above zero."""
    return rows.where("status", "lost").above("amount", 0).distinct("opportunity_id")


LOST, RIVALS, STOCK = "diagnosis.lost_deals", "diagnosis.competitors", "diagnosis.stock"
measured_by(
    LOST, "rate", "loss_share", "loss_share_low", "loss_share_high", absent="small_n", counted_by="lost_deals_all"
)
measured_by(LOST, "rate", "loss_share_before", absent="no_base", counted_by="lost_deals_before")
measured_by(LOST, "points", "loss_share_change", absent="no_base", counted_by="lost_deals_before")
measured_by(LOST, "count", "lost_deals_all")
measured_by(LOST, "count", "lost_deals_before", absent="no_base")
measured_by(RIVALS, "rate", "win_low", "win_high", absent="no_closed_deals", counted_by="closed_deals")
measured_by(RIVALS, "count", "competitor_notes")
measured_by(STOCK, "count", "stock_notes", "stock_customers", "stock_customers_served")

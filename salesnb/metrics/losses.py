"""Deals lost: what was asked for, for which reasons, to whom; and what the field reports of competitors and stock."""

from __future__ import annotations

import numpy as np

from salesnb.data.tables.schema import SCALE
from salesnb.metrics.grouped import Rows
from salesnb.metrics.registry import base, plain


@base("lost_value", "money", table="opportunities", date="close_date", absent="no_amount")
def lost_value(rows: Rows) -> np.ndarray:
    """Sum what was asked for the deals lost in the window."""
    return rows.where("status", "lost").sum("amount") / SCALE


@base("priced_deals", "count", table="opportunities", date="close_date")
def priced_deals(rows: Rows) -> np.ndarray:
    """Count deals lost in the window that carry an amount above zero."""
    return rows.where("status", "lost").above("amount", 0).distinct("opportunity_id")


plain("loss_share", "rate", absent="small_n", counted_by="lost_deals_all")
plain("loss_share_low", "rate", absent="small_n", counted_by="lost_deals_all")
plain("loss_share_high", "rate", absent="small_n", counted_by="lost_deals_all")
plain("loss_share_before", "rate", absent="no_base", counted_by="lost_deals_before")
plain("loss_share_change", "points", absent="no_base", counted_by="lost_deals_before")
plain("lost_deals_all", "count")
plain("lost_deals_before", "count", absent="no_base")
plain("win_low", "rate", absent="no_closed_deals", counted_by="closed_deals")
plain("win_high", "rate", absent="no_closed_deals", counted_by="closed_deals")
plain("competitor_notes", "count")
plain("stock_notes", "count")
plain("stock_customers", "count")
plain("stock_customers_served", "count")

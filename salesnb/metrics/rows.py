"""Figures of the intake: how many rows came, and what became of them."""

from __future__ import annotations

from salesnb.metrics.registry import plain

plain("rows_read", "count")
plain("rows_accepted", "count")
plain("rows_quarantined", "count")
plain("rows_duplicate", "count")
plain("rows_skipped", "count")
plain("rows_unexplained", "count")
plain("rows_in_doubt", "count")
plain("rows_in_doubt_share", "rate")
plain("money_in_doubt", "money", absent="amount_unread")
plain("money_in_doubt_share", "rate", absent="amount_unread")
plain("rows", "count")
plain("rows_open", "count")
plain("remarks", "count")
plain("tables_given", "count")
plain("tables_absent", "count")

"""Figures of actions: what they are expected to win back, and how complete and timely their register is."""

from __future__ import annotations

from salesnb.metrics.registry import plain

plain("expected_effect", "money", absent="no_estimate")
plain("expected_low", "money", absent="no_estimate")
plain("expected_high", "money", absent="no_estimate")
plain("expected_sales", "money", absent="no_estimate")
plain("expected_cash", "money", absent="no_estimate")
plain("recovers_low", "rate", absent="no_estimate")
plain("recovers_high", "rate", absent="no_estimate")
plain("gap_left", "money", absent="no_target")
plain("actions", "count")
plain("actions_done", "count")
plain("actions_overdue", "count")
plain("actions_incomplete", "count")
plain("parts_missing", "count")
plain("days_overdue", "days")
plain("problems", "count")
plain("problems_open", "count")
plain("problems_solved", "count")

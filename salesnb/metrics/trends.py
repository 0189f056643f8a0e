"""A figure of several periods side by side, and what it is held against."""

from __future__ import annotations

from salesnb.metrics.registry import plain

plain("two_before", "kpi", absent="no_data")
plain("one_before", "kpi", absent="no_data")
plain("compared", "kpi", absent="no_base")
plain("growth", "rate", absent="no_base")
plain("three_months", "kpi", absent="no_data")
plain("three_months_compared", "kpi", absent="no_base")
plain("limit", "kpi", absent="no_base")
plain("sales_per_day", "money", absent="no_data")
plain("new_reps", "count")
plain("days_left", "days", absent="no_days_left")

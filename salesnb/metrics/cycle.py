"""How long deals take, how likely they are won by a day, and what lies open: figures in days and of deals by age.

Days run from the first contact (``created_date``) to the close. Deals without these dates, and such as closed before
they began, have no duration and count in none.
"""

from __future__ import annotations

import numpy as np

from salesnb.metrics.grouped import Rows
from salesnb.metrics.registry import base, plain

BEGUN, CLOSED = "created_date", "close_date"


@base("won_cycle", "days", table="opportunities", date=CLOSED, absent="no_won_deals", counted_by="won_deals")
def won_cycle(rows: Rows) -> np.ndarray:
    """Average the days from first contact to close of deals won in the window; what is still open is left out."""
    return rows.where("status", "won").durations(BEGUN, CLOSED).mean_days(BEGUN, CLOSED)


@base(
    "won_cycle_median",
    "days",
    table="opportunities",
    date=CLOSED,
    absent="no_won_deals",
    counted_by="won_deals",
)
def won_cycle_median(rows: Rows) -> np.ndarray:
    """Take the middle of the days from first contact to close of deals won in the window."""
    return rows.where("status", "won").durations(BEGUN, CLOSED).median_days(BEGUN, CLOSED)


# Deals begun in a stretch of time and followed to a day; see ``findings.pipeline``.
plain("followed_deals", "count")
plain("followed_open", "count")
plain("cycle", "days", absent="half_still_open", counted_by="followed_deals")
plain("cycle_low", "days", absent="half_still_open", counted_by="followed_deals")
plain("cycle_high", "days", absent="half_still_open", counted_by="followed_deals")
plain("cycle_last_year", "days", absent="no_base")
plain("contracts", "count")
plain("late_entries", "count")
plain("undated_deals", "count")
plain("reversed_deals", "count")

plain("at_risk", "count")
for _share in ("won_by", "won_by_low", "won_by_high", "lost_by", "open_by"):
    plain(_share, "rate", counted_by="followed_deals")
plain("won_by_last_year", "rate", absent="no_base")

# The pipeline as it lies open on a day.
plain("open_deals", "count")
plain("open_value", "money", absent="no_open_value")
plain("open_age", "days", absent="no_first_contact")
plain("open_age_median", "days", absent="no_first_contact")
plain("longest_cycle", "days", absent="no_closed_deals")
plain("slow_limit", "days", absent="no_closed_deals")
plain("ever_closed", "count")
plain("slow_deals", "count")
plain("slow_value", "money", absent="no_open_value")
plain("zombie_deals", "count")
plain("zombie_value", "money", absent="no_open_value")
plain("unpriced_deals", "count")
plain("listed_deals", "count")

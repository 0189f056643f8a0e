"""How long deals take, how likely they are won by a day, and what lies open: figures in days and of deals by age.

Days run from the first contact (``created_date``) to the close. Deals without these dates, and such as closed before
they began, have no duration and count in none.
"""

import numpy as np

from salesnb.metrics.grouped import Rows
from salesnb.metrics.registry import base, measured_by

BEGUN, CLOSED = "created_date", "close_date"


@base(
    "won_cycle", "days", table="opportunities", date=CLOSED, absent="no_won_deals", counted_by="won_deals",
    less_is_better=True,
)  # fmt: skip
def won_cycle(rows: Rows) -> np.ndarray:
    """Average the days from first contact to close of deals won in the window; what is still open is left out."""
    return rows.where("status", "won").durations(BEGUN, CLOSED).mean_days(BEGUN, CLOSED)


@base(
    "won_cycle_median", "days", table="opportunities", date=CLOSED, absent="no_won_deals", counted_by="won_deals",
    less_is_better=True,
)  # fmt: skip
def won_cycle_median(rows: Rows) -> np.ndarray:
    """Take the middle of the days from first contact to close of deals won in the window."""
    return rows.where("status", "won").durations(BEGUN, CLOSED).median_days(BEGUN, CLOSED)


# Deals begun in a stretch of time and followed to a day; see ``views.pipeline``.
CYCLE, WINNING, OPEN = "diagnosis.cycle", "diagnosis.win_by_day", "diagnosis.stalled"
measured_by(
    CYCLE, "count", "followed_deals", "followed_open", "contracts", "late_entries", "undated_deals", "reversed_deals"
)
measured_by(
    CYCLE, "days", "cycle", "cycle_low", "cycle_high", absent="half_still_open", counted_by="followed_deals",
    less_is_better=True,
)  # fmt: skip
measured_by(CYCLE, "days", "cycle_last_year", absent="no_base")
measured_by(CYCLE, "days", "contract_cycle", less_is_better=True, counted_by="contracts")
measured_by(WINNING, "count", "at_risk")
measured_by(WINNING, "rate", "won_by", "won_by_low", "won_by_high", "lost_by", "open_by", counted_by="followed_deals")
measured_by(WINNING, "rate", "won_by_last_year", absent="no_base")

# The pipeline as it lies open on a day.
measured_by(OPEN, "count", "open_deals", "ever_closed", "slow_deals", "zombie_deals", "unpriced_deals", "listed_deals")
measured_by(OPEN, "money", "open_value", "slow_value", "zombie_value", absent="no_open_value")
measured_by(OPEN, "days", "open_age", "open_age_median", absent="no_first_contact")
measured_by(OPEN, "days", "longest_cycle", "slow_limit", absent="no_closed_deals")

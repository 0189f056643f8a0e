"""How far deals came: of those begun in a window, how many went on, were won, are still open.

Deals are counted in the cohort of their first contact, so that those above and below the line of a rate are the same.
Rates of stages come from a table with one row for each deal and stage that it reached (`salesnb.views.stages`).
"""

import numpy as np

from salesnb.metrics.grouped import Rows
from salesnb.metrics.registry import Figures, base, derived, measured_by, ratio

STAGES = "stage_entries"
"""Table of stages reached: ``opportunity_id``, ``begun``, ``stage``, ``passed`` and ``qualified`` (yes or no)."""


@base("cohort_deals", "count", table="opportunities", date="created_date")
def cohort_deals(rows: Rows) -> np.ndarray:
    """Count deals begun in the window."""
    return rows.distinct("opportunity_id")


@base("cohort_won", "count", table="opportunities", date="created_date")
def cohort_won(rows: Rows) -> np.ndarray:
    """Count deals begun in the window that were won by now."""
    return rows.where("status", "won").distinct("opportunity_id")


@base("cohort_lost", "count", table="opportunities", date="created_date")
def cohort_lost(rows: Rows) -> np.ndarray:
    """Count deals begun in the window that were lost by now."""
    return rows.where("status", "lost").distinct("opportunity_id")


@base("cohort_open", "count", table="opportunities", date="created_date")
def cohort_open(rows: Rows) -> np.ndarray:
    """Count deals begun in the window that are still open."""
    return rows.where("status", "open").distinct("opportunity_id")


@derived("close_rate", "rate", of=("cohort_won", "cohort_deals"), absent="not_ripe", counted_by="cohort_deals")
def close_rate(figures: Figures) -> np.ndarray:
    """Divide deals won by deals begun, both of the same cohort."""
    return ratio(figures["cohort_won"], figures["cohort_deals"])


@base("reached_deals", "count", table=STAGES, date="begun")
def reached_deals(rows: Rows) -> np.ndarray:
    """Count deals that entered a stage or one beyond it."""
    return rows.distinct("opportunity_id")


@base("passed_deals", "count", table=STAGES, date="begun")
def passed_deals(rows: Rows) -> np.ndarray:
    """Count deals that went on from a stage: to one beyond it or, from the last one, to being won."""
    return rows.where("passed", "yes").distinct("opportunity_id")


@derived("conversion", "rate", of=("passed_deals", "reached_deals"), absent="no_deals", counted_by="reached_deals")
def conversion(figures: Figures) -> np.ndarray:
    """Divide deals that went on by deals that had come so far, both of the same cohort."""
    return ratio(figures["passed_deals"], figures["reached_deals"])


@base("qualified_deals", "count", table=STAGES, date="begun")
def qualified_deals(rows: Rows) -> np.ndarray:
    """Count leads that became opportunities: reached the stage from which one is spoken of."""
    return rows.where("qualified", "yes").distinct("opportunity_id")


@derived(
    "intent_conversion", "rate", of=("qualified_deals", "reached_deals"), absent="no_stage_history",
    counted_by="reached_deals",
)  # fmt: skip
def intent_conversion(figures: Figures) -> np.ndarray:
    """Divide opportunities by leads, both of the same cohort."""
    return ratio(figures["qualified_deals"], figures["reached_deals"])


FUNNEL = "diagnosis.funnel"
measured_by(FUNNEL, "rate", "close_low", "close_high", absent="not_ripe", counted_by="cohort_deals")
measured_by(FUNNEL, "rate", "conversion_low", "conversion_high", absent="no_deals", counted_by="reached_deals")
measured_by(FUNNEL, "rate", "conversion_before", absent="no_base", counted_by="reached_before")
measured_by(FUNNEL, "points", "conversion_change", absent="no_base", counted_by="reached_before")
measured_by(FUNNEL, "count", "reached_before", "waiting_before", absent="no_base")
measured_by(FUNNEL, "count", "waiting_deals", "unplaced_deals", "untracked_deals")
measured_by(FUNNEL, "days", "stage_days", "ripe_days", absent="no_estimate")

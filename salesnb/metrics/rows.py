"""Figures of the intake: how many rows came, and what became of them."""

from salesnb.metrics.registry import measured_by

measured_by(
    "intake.accounting", "count", "rows_read", "rows_accepted", "rows_quarantined", "rows_duplicate", "rows_skipped",
    "rows_unexplained",
)  # fmt: skip
measured_by("intake.quarantine", "count", "rows")
measured_by("intake.notes", "count", "rows_open")
measured_by("intake.remarks", "count", "remarks")
measured_by("intake.tables", "count", "tables_given", "tables_absent")
measured_by("review.stands_on", "count", "rows_in_doubt")
measured_by("review.stands_on", "rate", "rows_in_doubt_share")
measured_by("review.stands_on", "money", "money_in_doubt", absent="amount_unread")
measured_by("review.stands_on", "rate", "money_in_doubt_share", absent="amount_unread")

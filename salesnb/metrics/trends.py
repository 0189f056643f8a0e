"""A figure of several periods side by side, and what it is held against."""

from salesnb.metrics.registry import measured_by

KEY_FIGURES, SITUATIONS = "diagnosis.key_figures", "diagnosis.situations"

measured_by(KEY_FIGURES, "kpi", "two_before", "one_before", "three_months")
measured_by(KEY_FIGURES, "kpi", "compared", "three_months_compared", absent="no_base")
measured_by(KEY_FIGURES, "rate", "growth", absent="no_base", signed=True)
measured_by(SITUATIONS, "kpi", "limit", absent="no_base")
measured_by(SITUATIONS, "money", "sales_per_day")
measured_by(SITUATIONS, "count", "new_reps")
measured_by(SITUATIONS, "days", "days_left", absent="no_days_left")

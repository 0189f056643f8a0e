"""Figures of a change: how much of it each driver carries."""

from salesnb.metrics.registry import measured_by

measured_by("diagnosis.drivers", "money", "effect", absent="no_base", signed=True)
measured_by("diagnosis.drivers", "kpi", "before", absent="no_base")
measured_by("diagnosis.drivers", "kpi", "after")
measured_by("review.changes", "kpi", "change", absent="no_base", signed=True)
measured_by("review.kpis", "count", "cases")
measured_by("diagnosis.trend", "count", "streak", absent="no_base", signed=True)
measured_by("diagnosis.problems", "rate", "gap_share", absent="no_share")
measured_by("diagnosis.problems", "ratio", "surprise", absent="no_base", signed=True)
measured_by("diagnosis.problems", "kpi", "expected", absent="no_base")
measured_by("diagnosis.problems", "money", "worth", absent="no_base")
measured_by("diagnosis.ruled_out", "money", "explained", absent="no_base", signed=True)
measured_by("diagnosis.slice_drivers", "rate", "part_share", absent="no_part")
measured_by("diagnosis.collection", "rate", "due_collection", absent="no_receipts")
measured_by("diagnosis.five_whys", "rate", "share", absent="no_share")
measured_by("diagnosis.five_whys", "rate", "price_level", definition=2, absent="no_quantity")

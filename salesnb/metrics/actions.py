"""Figures of actions: what they are expected to win back, and how complete and timely their register is."""

from salesnb.metrics.registry import measured_by

ACTIONS, REGISTER, PROBLEMS = "strategy.actions", "strategy.register", "review.previous_problems"

measured_by(ACTIONS, "money", "expected_effect", absent="no_estimate", signed=True)
measured_by(ACTIONS, "money", "expected_low", "expected_high", "expected_sales", "expected_cash", absent="no_estimate")
measured_by(ACTIONS, "money", "gap_left", absent="no_target", signed=True)
measured_by("strategy.candidates", "rate", "recovers_low", "recovers_high", absent="no_estimate")
measured_by(REGISTER, "count", "actions", "actions_done", "actions_overdue", "actions_incomplete", "parts_missing")
measured_by(REGISTER, "days", "days_overdue")
measured_by(PROBLEMS, "count", "problems", "problems_open", "problems_solved")
measured_by("review.problems_list", "count", "priority")

"""What is recorded all along, and what only from some day on: absent is no zero."""

from datetime import date

from salesnb.calendar import Window
from salesnb.scope import Scope

LOSSES, RECEIVED, AMOUNTS = "losses", "receipts.received", "amounts"
"""What may be recorded in part; see ``salesnb.data.taking.records``."""


def outcomes_from(scope: Scope) -> date | None:
    """Return the first day from which closes of either kind are in the data; None where losses are never recorded."""
    kept = scope.recorded(LOSSES, Window(scope.history_start, scope.as_of))
    return kept.start if kept else None


def judged_all(scope: Scope, *windows: Window) -> bool:
    """Tell whether losses are recorded on every day of some windows."""
    return all(scope.recorded(LOSSES, window) == window for window in windows)

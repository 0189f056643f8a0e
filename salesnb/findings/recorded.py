"""What findings say where lost deals or amounts are not recorded all along: absent is no zero."""

from __future__ import annotations

from datetime import date

from salesnb.calendar import Window
from salesnb.findings.finding import RECORDED, Say
from salesnb.scope import Scope

LOSSES, RECEIVED, AMOUNTS = "losses", "receipts.received", "amounts"
"""What may be recorded in part; see ``salesnb.data.records``."""

NO_LOSSES, NO_BASE, NO_LOG, LOG_PART = (
    Say(RECORDED + key) for key in ("losses", "losses_base", "log", "log_part")
)


def unrecorded(scope: Scope, *windows: Window) -> tuple[Say, ...]:
    """Return what is to be said of win rates over some windows; nothing where losses are recorded all along."""
    kept = [scope.recorded(LOSSES, window) for window in windows]
    if all(part == window for part, window in zip(kept, windows, strict=True)):
        return ()
    if not any(kept):
        return (NO_LOSSES,)
    return (Say(RECORDED + "losses_part"),)


def outcomes_from(scope: Scope) -> date | None:
    """Return the first day from which closes of either kind are in the data; None where losses are never recorded."""
    kept = scope.recorded(LOSSES, Window(scope.history_start, scope.as_of))
    return kept.start if kept else None


def judged_all(scope: Scope, *windows: Window) -> bool:
    """Tell whether losses are recorded on every day of some windows."""
    return all(scope.recorded(LOSSES, window) == window for window in windows)

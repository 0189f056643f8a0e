"""What findings say where lost deals or amounts are not recorded all along."""

from salesnb.calendar import Window
from salesnb.findings.finding import RECORDED, Say
from salesnb.scope import Scope
from salesnb.views.recorded import LOSSES

NO_LOSSES, NO_BASE, NO_LOG, LOG_PART = (Say(RECORDED + key) for key in ("losses", "losses_base", "log", "log_part"))


def unrecorded(scope: Scope, *windows: Window) -> tuple[Say, ...]:
    """Return what is to be said of win rates over some windows; nothing where losses are recorded all along."""
    kept = [scope.recorded(LOSSES, window) for window in windows]
    if all(part == window for part, window in zip(kept, windows, strict=True)):
        return ()
    if not any(kept):
        return (NO_LOSSES,)
    return (Say(RECORDED + "losses_part"),)

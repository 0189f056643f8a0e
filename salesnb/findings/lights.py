"""Whether a target was met, told when there is nothing left to come."""

from __future__ import annotations

import pandas as pd

from salesnb.scope import Scope


def lights(gaps: pd.Series, scope: Scope) -> list[str]:
    """Return for each gap the code of its light: met or missed; blank without a target and while the period runs."""
    if not scope.complete:
        return [""] * len(gaps)
    return ["" if pd.isna(gap) else "missed" if gap < 0 else "met" for gap in gaps]

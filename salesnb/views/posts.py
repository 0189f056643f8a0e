"""Who is there: a rep who sold nothing in a time, but has a target for a part of it, has not left."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salesnb.errors import ScopeError
from salesnb.scope import Scope


def with_target(targets: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return the targets set for any time that shares a day with the scope's period.

    Targets stand by month in most companies, whatever period is looked at: a week has none of its own, a quarter three.
    """
    names = targets["period"].array
    wanted = {name for name in pd.unique(names.dropna()) if _shares_a_day(str(name), scope)}
    return targets[np.asarray(names.isin(list(wanted)), dtype=bool)]


def _shares_a_day(name: str, scope: Scope) -> bool:
    try:
        period = scope.calendar.period(name)
    except ScopeError:  # not a period of this calendar
        return False
    return period.start <= scope.period.end and period.end >= scope.period.start

"""Whether a target was met, told when nothing is left to come and targets cover enough to speak of the whole."""

import numpy as np
import pandas as pd

from salesnb.metrics.covered import ALL
from salesnb.scope import Scope


def lights(rows: pd.DataFrame, scope: Scope) -> list[str]:
    """Return for each row the code of its light: met or missed; blank without a target and while the period runs.

    ``rows`` have ``gap`` and ``covered``: where targets cover too little of the sales there is no light either.
    """
    if not scope.complete:
        return [""] * len(rows)
    judged = enough(rows["covered"], scope)
    return [
        "" if pd.isna(gap) or not fit else "missed" if gap < 0 else "met"
        for gap, fit in zip(rows["gap"], judged, strict=True)
    ]


def enough(covered: pd.Series, scope: Scope) -> np.ndarray:
    """Tell whether targets cover so much that the whole is judged by them; where that is not known they do."""
    return ~(covered.to_numpy(dtype="float64") < scope.settings.lights.covered)


def covered_column(rows: pd.DataFrame) -> tuple[str, ...]:
    """Return the column to be shown where targets cover only a part of what a row has sold."""
    return ("covered",) if bool((rows["covered"] < ALL).any()) else ()


def drawn_sales(rows: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return rows and the column that is drawn against the target: what it covers, where that is not all sales."""
    if not covered_column(rows):
        return rows, "sales"
    held = (rows["gap"] + rows["target"]).fillna(rows["sales"])
    return rows.assign(covered_sales=held), "covered_sales"

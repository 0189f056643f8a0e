"""The slice of the business a problem sits in: the dimensions that identify it, blank where it is all of one."""

from __future__ import annotations

import pandas as pd

from salesnb.data.masking import removed_dimensions
from salesnb.scope import Scope

SLICE = ["team", "rep", "product_line", "region", "channel", "customer_type", "new_existing", "customer"]


def with_slice(problems: pd.DataFrame) -> pd.DataFrame:
    """Return problems with every dimension of a slice as text, blank where it does not cut."""
    filled = {d: problems[d].fillna("").astype("str") if d in problems else "" for d in SLICE}
    return problems.assign(**filled)


def without_removed(rows: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return rows without those of single persons or customers of whom the audience sees no figure."""
    for dimensions in removed_dimensions(scope.rights).values():
        for d in dimensions & set(rows.columns):
            rows = rows[rows[d].fillna("").astype("str") == ""]
    return rows


def used(rows: pd.DataFrame) -> list[str]:
    """Return the dimensions that cut at least one row; the others only widen a table."""
    return [d for d in SLICE if (rows[d] != "").any()]


def fitting(problem: pd.Series, playbook: pd.DataFrame) -> pd.DataFrame:
    """Return the playbook's entries for a problem: those made for its kind of slice, else the general ones."""
    plays = playbook[playbook["problem"] == problem["problem"]]
    special = plays[[bool(where) and problem[where] != "" for where in plays["where"]]]
    return special if len(special) else plays[plays["where"] == ""]

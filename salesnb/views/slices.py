"""The slice of the business a problem sits in: the dimensions that identify it, blank where it is all of one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from salesnb.data.masks.masking import removed_dimensions
from salesnb.metrics import four_figures
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


def compared(
    members: Mapping[str, str], orders: pd.DataFrame, targets: pd.DataFrame, scope: Scope
) -> dict[str, float]:
    """Return a slice's ``gap`` to its target and its change on last year (``yoy``) and on the last period (``mom``).

    NaN where the slice has no target of its own, or there is nothing to compare with.
    """
    due = _of(targets, members) if set(members) <= set(targets.columns) else targets.iloc[:0]
    sold = four_figures(_of(orders, members), due, scope)
    return {name: float(sold[name].iloc[0]) if len(sold) else np.nan for name in ("gap", "yoy", "mom")}


def _of(rows: pd.DataFrame, members: Mapping[str, str]) -> pd.DataFrame:
    inside = np.ones(len(rows), dtype=bool)
    for dimension, member in members.items():
        if dimension == "new_existing":
            begun = rows["customer_since"].to_numpy().astype("datetime64[M]")
            new = begun == rows["sales_date"].to_numpy().astype("datetime64[M]")
            inside &= new if member == "new" else ~new & ~np.isnat(begun)
        else:
            inside &= (rows[dimension] == member).fillna(False).to_numpy(dtype=bool)
    return rows[inside]

"""The slice of the business a problem sits in: the dimensions that identify it, blank where it is all of one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from salesnb.data.masks.masking import removed_dimensions
from salesnb.data.tables.playbook import GAP_PART
from salesnb.metrics import UNASSIGNED, four_figures
from salesnb.metrics.grouped import coded
from salesnb.scope import Scope

SLICE = ["team", "rep", "product_line", "region", "channel", "customer_type", "new_existing", "customer"]

BEGINNING = ("product_line", "channel")
"""Dimensions of which a member can begin; a new rep, region or team may only have taken over what was there."""


def in_slice(rows: pd.DataFrame, members: Mapping[str, str]) -> np.ndarray:
    """Tell which rows lie in a slice: those that name each of its members; ``(none)`` is the member of blank cells.

    Raises KeyError for a dimension that the rows do not have: what they say of it is not known.
    """
    fit = np.ones(len(rows), dtype=bool)
    for dimension, member in members.items():
        cells = rows[dimension].array
        own = np.asarray(cells == member, dtype=bool)
        fit &= own if member != UNASSIGNED else own | pd.isna(cells) | np.asarray(cells == "", dtype=bool)
    return fit


def coded_members(rows: pd.DataFrame, at: np.ndarray, dimensions: Iterable[str]) -> pd.DataFrame:
    """Return the dimensions of some rows as categories, blank where a row names no member."""
    return pd.DataFrame({d: category(*coded(rows[d].array.take(at), "")) for d in dimensions})


def category(codes: np.ndarray, names: Sequence[str]) -> pd.Categorical:
    """Return members as categories in the order of their names."""
    return pd.Categorical.from_codes(codes, categories=pd.Index(list(names), dtype="str"))


def told_by_customers(rows: pd.DataFrame, members: Mapping[str, str], customers: pd.DataFrame) -> pd.DataFrame | None:
    """Return rows with all dimensions of a slice, what they lack as their customers have it; None where untold."""
    lacking = [d for d in members if d not in rows]
    if lacking and not ("customer" in rows and len(customers) and {*lacking} <= {*customers}):
        return None
    places = customers.drop_duplicates("customer").set_index("customer") if lacking else customers
    return rows.assign(**{d: rows["customer"].map(places[d]) for d in lacking})


def members_of(problem: Mapping[Any, object]) -> dict[str, str]:
    """Return the members of a problem's slice by dimension."""
    return {d: str(problem[d]) for d in SLICE if problem.get(d)}


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


OF_WHICH = "of_which"
"""Part of a bridge that is none: a slice within the one above it, whose effect holds its own."""

TOP, FURTHER = "top", "further"
"""Ranks of problems: those told first, with their evidence and actions, and those that are named after them."""


def top_of(problems: pd.DataFrame) -> pd.DataFrame:
    """Return the problems that are told first; all, where they have no rank."""
    return problems[problems["rank"] != FURTHER] if "rank" in problems else problems


GAP_PARTS = frozenset({"short_of_target", "short_of_share", "below_last_year", "below_period_before"})
"""Codes of what is no problem told beyond chance, but a part of the gap: where it lies."""


def with_parts(problems: pd.DataFrame, parts: pd.DataFrame | None) -> pd.DataFrame:
    """Return problems with every dimension of a slice, after them the parts of the gap that fill their list."""
    rows = with_slice(problems)
    return rows if parts is None or parts.empty else pd.concat([rows, with_slice(parts)], ignore_index=True)


def fitting(problem: pd.Series, playbook: pd.DataFrame) -> pd.DataFrame:
    """Return the playbook's entries for a problem: those made for its kind of slice, else the general ones."""
    code = GAP_PART if problem["problem"] in GAP_PARTS else problem["problem"]
    plays = playbook[playbook["problem"] == code]
    special = plays[[bool(where) and problem[where] != "" for where in plays["where"]]]
    return special if len(special) else plays[plays["where"] == ""]


def compared(members: Mapping[str, str], orders: pd.DataFrame, targets: pd.DataFrame, scope: Scope) -> dict[str, float]:
    """Return a slice's ``gap`` to its target and its change on last year (``yoy``) and on the last period (``mom``).

    NaN where the slice has no target of its own, or there is nothing to compare with.
    """
    due = targets[in_slice(targets, members)] if set(members) <= set(targets) else targets.iloc[:0]
    sold = four_figures(orders[in_slice(orders, members)], due, scope)
    return {name: float(sold[name].iloc[0]) if len(sold) else np.nan for name in ("gap", "yoy", "mom")}

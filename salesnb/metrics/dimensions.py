"""What figures are asked by: dimensions of a table; what there is not is refused with what there is."""

from collections.abc import Collection, Sequence

import pandas as pd

from salesnb.errors import ScopeError, nearest, problem
from salesnb.schema import tables

_DERIVED = {"new_existing": "customer_since", "tag": "tags"}
"""Dimensions that no table has, and the column that each is made from."""


def dimensions_of(by: str | Sequence[str], table: pd.DataFrame) -> list[str]:
    """Return the dimensions that are asked for, of which one may be given bare, e.g. ``"channel"``.

    Raises ScopeError for those that the table has no column for, with what it has and the nearest.
    """
    asked = listed(by)
    if wrong := [d for d in asked if _DERIVED.get(d, d) not in table.columns and d not in table.columns]:
        known = {*_DERIVED, *(d for of in tables().values() for d in of.dimensions)}
        refuse(wrong, sorted(d for d in known if _DERIVED.get(d, d) in table.columns))
    return asked


def listed(by: str | Sequence[str]) -> list[str]:
    """Return dimensions as a list, one that is given bare too."""
    return [by] if isinstance(by, str) else list(by)


def refuse(asked: Collection[str], known: Collection[str]) -> None:
    """Raise ScopeError for all that is asked by, with what there is and the nearest; nothing asked, nothing raised."""
    wrong = [problem("by_unknown", found=repr(d), near=nearest(str(d), known), known=", ".join(known)) for d in asked]
    if wrong:
        raise ScopeError(*wrong)

"""Who answers for a slice, by the roster of the day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from salesnb.scope import WHOLE_COMPANY

TO_BE_NAMED = "to_be_named"


def owner(role: str, where: Mapping[str, str], team: str, roster: pd.DataFrame) -> str:
    """Return the person who plays a role for a slice.

    Parameters
    ----------
    role
        ``rep``, ``manager``, ``team_lead`` or ``head_of_sales``.
    where
        The problem's dimensions. A rep's own problem is the rep's; else it is the manager's of its team or region.
    team
        The scope's team.
    roster
        Roster rows of the day, as `on_day` gives them.

    Returns
    -------
    str
        A name; ``head_of_sales`` where the slice spans several managers; ``to_be_named`` where the roster names
        nobody.
    """
    rep = where.get("rep", "")
    if role == "rep" and rep:
        return rep
    rows = roster
    named = {d: where.get(d, "") for d in ("rep", "team", "region")}
    if not named["team"] and team != WHOLE_COMPANY:
        named["team"] = team
    for column, value in named.items():
        if value:
            rows = rows[rows[column] == value]
    managers = sorted(set(rows["manager"]) - {""})
    if len(managers) == 1 and role != "head_of_sales":
        return managers[0]
    return "head_of_sales" if len(managers) > 1 or role == "head_of_sales" else TO_BE_NAMED


def on_day(roster: pd.DataFrame, day: date) -> pd.DataFrame:
    """Return who was where on a day: ``rep``, ``team``, ``manager``, ``region``, blanks for what is not known."""
    at = pd.Timestamp(day)
    begun = roster["valid_from"].isna() | (roster["valid_from"] <= at)
    going = roster["valid_to"].isna() | (roster["valid_to"] >= at)
    columns = ["rep", "team", "manager", "region"]
    return roster.loc[begun & going, columns].fillna("").astype("str")

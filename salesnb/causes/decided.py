"""What people did about a problem already: the actions of their register that speak of it, the answers they gave."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from salesnb.causes.answers import members_in, placed, spoken_of
from salesnb.data.tables.roster import TO_BE_NAMED
from salesnb.scope import Scope
from salesnb.views.slices import in_slice, members_of, with_slice

OVER = frozenset({"done", "dropped"})
"""States of an action that nothing more is done about."""

COLUMNS = ("action_id", "action", "owner", "due", "status", "resources", "days_overdue", "place")


@dataclass(frozen=True)
class Decided:
    """``actions`` of the register that are not over, each with the ``place`` of the problem that it is against.

    ``answered`` are the places of problems of which people told why.
    """

    actions: pd.DataFrame
    answered: frozenset[int]


def decided(
    problems: pd.DataFrame, register: pd.DataFrame, whys: pd.DataFrame, orders: pd.DataFrame, scope: Scope
) -> Decided:
    """Return what has been decided against the period's problems, and which of them were answered.

    Parameters
    ----------
    problems
        The problems, in their order; places count them from 0.
    register, whys
        Clean tables of actions and of answers; both name a problem in people's own words.
    orders
        Clean orders: they tell the members that a text could name, and since when a customer buys no more.
    """
    if problems.empty or (register.empty and whys.empty):
        return Decided(pd.DataFrame(columns=[*COLUMNS]), frozenset())
    named = _with_teams(problems, orders)
    members = members_in([orders])
    answered: frozenset[int] = frozenset()
    if len(whys):
        since = [_last(row, orders, scope) for row in named.to_dict("records")]
        places = placed(whys, named, members, since, scope)["place"]
        answered = frozenset(int(place) for place in places if place >= 0)
    running = _running(register, named, members, scope) if len(register) else pd.DataFrame(columns=[*COLUMNS])
    return Decided(running, answered)


def _with_teams(problems: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """Name the one team in which a problem lies, where only one sells there."""
    named = with_slice(problems).reset_index(drop=True)
    teams = []
    for row in named.to_dict("records"):
        own = orders[in_slice(orders, _of_orders(row, orders))]["team"].dropna().unique()
        teams.append(row["team"] or (str(own[0]) if len(own) == 1 else ""))
    return named.assign(team=teams)


def _of_orders(problem: Mapping[Any, Any], orders: pd.DataFrame) -> dict[str, str]:
    return {d: m for d, m in members_of(problem).items() if d in orders}


def _last(problem: Mapping[Any, Any], orders: pd.DataFrame, scope: Scope) -> pd.Timestamp | None:
    """Return the last order of a customer that stopped: what was said before cannot be about it."""
    if problem["problem"] != "customer_stopped":
        return None
    days = orders.loc[in_slice(orders, _of_orders(problem, orders)), "sales_date"]
    days = days[days <= pd.Timestamp(scope.window.end)]
    return pd.Timestamp(days.max()) if len(days) else None


def _running(
    register: pd.DataFrame, problems: pd.DataFrame, members: Mapping[str, Collection[str]], scope: Scope
) -> pd.DataFrame:
    status = register["status"].fillna("open").astype("str")
    begun = register["start_date"].fillna(pd.Timestamp(scope.as_of))
    kept = ~status.isin(OVER) & (begun <= pd.Timestamp(scope.as_of)) & register["problem"].notna()
    rows, day = register[kept], begun[kept]
    told = rows[["problem", "team"]].assign(day=day)
    places = [place for place, _ in spoken_of(told, problems, members, [None] * len(problems), scope)]
    late = rows["due_date"] < pd.Timestamp(scope.as_of)
    days = (pd.Timestamp(scope.as_of) - rows["due_date"]).dt.days.where(late).astype("float64")
    found = pd.DataFrame(
        {
            "action_id": rows["action_id"].astype("str"),
            "action": rows["action"].fillna("").astype("str"),
            "owner": rows["owner"].fillna(TO_BE_NAMED).astype("str"),
            "due": rows["due_date"].dt.strftime("%Y-%m-%d").fillna(""),
            "status": status[kept].where(~(late & (status[kept] == "open")), "overdue"),
            "resources": rows["resources"].fillna("").astype("str"),
            "days_overdue": days,
            "place": places,
        }
    )
    return found[found["place"] >= 0].sort_values(["place", "action_id"], kind="stable", ignore_index=True)

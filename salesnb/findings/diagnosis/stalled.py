"""The open pipeline on the day: how old it is, and which deals are older than any that ever closed."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from salesnb.findings.finding import Chart, Finding, Missing, Say, text_of
from salesnb.metrics import UNASSIGNED
from salesnb.metrics.dimensions import dimensions_of
from salesnb.metrics.grouped import exact
from salesnb.schema import SCALE
from salesnb.scope import Scope
from salesnb.views.pipeline import CLOSED, OPEN, Seen, seen_on
from salesnb.views.slices import without_removed

FIGURES = ("open_deals", "open_value", "zombie_deals", "zombie_value", "slow_deals", "slow_value", "open_age",
           "open_age_median", "longest_cycle", "slow_limit", "undated_deals", "unpriced_deals", "listed_deals",
           "ever_closed")  # fmt: skip
NAMED = ("rep", "customer", "opportunity_id")
LIMITS = ("slow_limit", "longest_cycle", "ever_closed")
"""Figures of the whole only."""

MOST = 10
"""Deals named, the largest of the oldest kind."""

FEW = 100
"""Closed deals below which a healthy deal may well outlive them all: of so many, 1 in 101 does."""

SLOW = 0.9
"""Share of closed deals that closed sooner than a slow one has been open."""


@dataclass(frozen=True)
class _Limits:
    """Days that closed deals took: nine in ten at most ``slow``, all at most ``longest``; NaN where none closed."""

    slow: float
    longest: float
    closed: int


def stalled(opportunities: pd.DataFrame, products: pd.DataFrame, *, scope: Scope, by: str = "rep") -> Finding:
    """Describe the deals open at the end of the window by age and value, and name those that are most likely dead.

    A zombie deal has been open longer than any deal in the data took that ever closed, won or lost. A slow one has
    been open longer than nine in ten took. A deal's value is its amount or, where it has none, the list price of its
    product; deals with neither are counted.

    Parameters
    ----------
    opportunities
        Clean opportunities; ``created_date`` gives the age.
    products
        Clean products with ``list_price``; may be empty.
    by
        Dimension to break down by: whoever should look through the deals.

    Returns
    -------
    Finding
        Row 0 is the total, then at most ten deals: zombies, or slow ones where there is none, the largest first; then
        one row per member, largest zombie value first. ``open_age`` is the mean of deals with a first contact.
    """
    (by,) = dimensions_of(by, opportunities)
    named = [by, *(d for d in NAMED if d != by)]
    columns = [*named, *FIGURES]
    if opportunities.empty:
        needed = Missing("opportunities", ("opportunity_id", "status", "created_date", "amount", "rep"))
        return Finding("diagnosis.stalled", scope, pd.DataFrame(columns=columns), Say("no_deals"), missing=(needed,))
    seen = seen_on(opportunities, scope.window.end, scope.history_start)
    limits = _limits(seen)
    deals = _open(seen, products, limits, named, scope)
    total = {
        **_figures(deals),
        "slow_limit": limits.slow,
        "longest_cycle": limits.longest,
        "ever_closed": float(limits.closed),
    }
    members = [{by: member, **_figures(own)} for member, own in deals.groupby(by, sort=True)]
    members = [] if [m[by] for m in members] == [UNASSIGNED] else members
    rows = pd.DataFrame([total, *_worst(deals, named), *_ranked(members, by)]).reindex(columns=columns)
    rows = rows.assign(**{c: rows[c].astype("object").fillna("").astype("str") for c in named})
    rows = without_removed(rows.astype(dict.fromkeys(FIGURES, "float64")), scope).reset_index(drop=True)
    return _finding(rows, scope, by)


def _limits(seen: Seen) -> _Limits:
    took = seen.deals.days[seen.deals.closed]
    if not len(took):
        return _Limits(np.nan, np.nan, 0)
    return _Limits(float(np.quantile(took, SLOW, method="inverted_cdf")), float(took.max()), len(took))


def _open(seen: Seen, products: pd.DataFrame, limits: _Limits, named: list[str], scope: Scope) -> pd.DataFrame:
    """Return the open deals with age (NaN: no first contact), value (NaN: none) and of which kind each is."""
    still = seen.deals.outcome == OPEN
    later = seen.undated[CLOSED] > pd.Timestamp(scope.window.end)
    dated, undated = (
        seen.deals.table.iloc[seen.deals.at[still]],
        seen.undated[(seen.undated["status"] == "open") | later],
    )
    rows = pd.concat([dated, undated])
    age = np.concatenate([seen.deals.days[still], np.full(len(undated), np.nan)])
    made = {c: rows[c].to_numpy(dtype="object", na_value="") for c in named}
    made[named[0]] = np.where(made[named[0]] == "", UNASSIGNED, made[named[0]])
    unvalued = rows["amount"].isna().to_numpy(dtype=bool)
    return pd.DataFrame(made).assign(
        listed=unvalued, age=age, value=_value(rows, products), slow=age > limits.slow, zombie=age > limits.longest
    )


def _value(rows: pd.DataFrame, products: pd.DataFrame) -> np.ndarray:
    """Return what each deal is worth, in 1/10,000, whole: its amount, else its product's list price."""
    amount = _money(rows["amount"])
    if products.empty:
        return amount
    prices = products.drop_duplicates("product").set_index("product")["list_price"]
    listed = _money(rows["product"].map(prices))
    return np.where(np.isnan(amount), listed, amount)


def _money(amounts: pd.Series) -> np.ndarray:
    return np.where(amounts.isna(), np.nan, exact(amounts))


def _figures(deals: pd.DataFrame) -> dict[str, float]:
    ages, value = deals["age"].dropna(), deals["value"]
    return {
        "open_deals": float(len(deals)),
        "open_value": _sum(value),
        "open_age": float(ages.mean()) if len(ages) else np.nan,
        "open_age_median": float(ages.median()) if len(ages) else np.nan,
        "slow_deals": float(deals["slow"].sum()),
        "slow_value": _sum(value[deals["slow"]]),
        "zombie_deals": float(deals["zombie"].sum()),
        "zombie_value": _sum(value[deals["zombie"]]),
        "undated_deals": float(deals["age"].isna().sum()),
        "unpriced_deals": float(value.isna().sum()),
        "listed_deals": float((deals["listed"] & value.notna()).sum()),
    }


def _sum(value: pd.Series) -> float:
    """Add up values in currency units; not available where there are deals and none has any."""
    known = value.dropna()
    return float(known.sum()) / SCALE if len(known) or not len(value) else np.nan


def _ranked(members: list[dict[str, Any]], by: str) -> list[dict[str, Any]]:
    """Put those first that hold the most value in zombies, then in slow deals, then in all."""
    order = ("zombie_value", "zombie_deals", "slow_value", "slow_deals", "open_value")
    return sorted(members, key=lambda m: (*(-float(np.nan_to_num(m[c])) for c in order), m[by]))


def _worst(deals: pd.DataFrame, named: list[str]) -> list[dict[str, Any]]:
    """Name the largest zombies, or the largest slow deals where there is no zombie."""
    kind = "zombie" if deals["zombie"].any() else "slow"
    order = {"value": False, "age": False, "opportunity_id": True}
    worst = deals[deals[kind]].sort_values(list(order), ascending=list(order.values()), na_position="last")
    places = range(min(len(worst), MOST))
    return [{**{c: text_of(worst[c].iloc[i]) for c in named}, **_figures(worst.iloc[[i]])} for i in places]


def _finding(rows: pd.DataFrame, scope: Scope, by: str) -> Finding:
    total = rows.iloc[0]
    members = np.flatnonzero((rows[by] != "") & (rows["opportunity_id"] == "")).tolist()
    kind = "zombie" if total["zombie_deals"] else "slow" if total["slow_deals"] else "open"
    shown = f"{kind}_value" if rows[f"{kind}_value"].iloc[members].fillna(0).any() else f"{kind}_deals"
    drawn = tuple(p for p in members if rows[shown].iloc[p] > 0)
    headline = _headline(total, rows, members)
    top = headline.picks.get("top")
    roles = {"value": shown, "label": by}
    return Finding(
        "diagnosis.stalled",
        scope,
        rows,
        headline,
        notes=_notes(total, rows),
        chart=Chart("bars", roles, drawn, drawn[:1] if top is not None else ()) if len(drawn) > 1 else None,
        table=tuple(c for c in rows.columns if c not in _empty(total)),
        reasons=dict.fromkeys(LIMITS, "not_asked") if len(rows) > 1 else {},
        quiet=not total["open_deals"],
    )


def _empty(total: pd.Series) -> set[str]:
    """Return the figures that no row has, so that columns of nothing but zeros stay away."""
    kinds = {"slow": ("slow_deals", "slow_value"), "zombie": ("zombie_deals", "zombie_value")}
    gone = {"ever_closed"} | {f for kind, figures in kinds.items() for f in figures if not total[f"{kind}_deals"]}
    if total["zombie_deals"]:
        gone.add("slow_limit")
    return gone | {c for c in ("undated_deals", "unpriced_deals", "listed_deals") if not total[c]}


def _headline(total: pd.Series, rows: pd.DataFrame, members: list[int]) -> Say:
    here = {"total": 0}
    if not total["open_deals"]:
        return Say("none")
    if np.isnan(total["open_age"]) or np.isnan(total["longest_cycle"]):
        return Say("ageless", here)
    kind = "zombies" if total["zombie_deals"] else "slow" if total["slow_deals"] else "fresh"
    held = rows["zombie_value" if kind == "zombies" else "slow_value"].iloc[members]
    if kind == "fresh" or len(members) < 2 or not held.iloc[0] > 0:
        return Say(kind, here)
    whole = total["zombie_value" if kind == "zombies" else "slow_value"]
    return Say(f"{kind}_{'all' if held.iloc[0] == whole else 'held'}", {**here, "top": members[0]})


def _notes(total: pd.Series, rows: pd.DataFrame) -> tuple[Say, ...]:
    named = np.flatnonzero(rows["opportunity_id"] != "").tolist()
    keys = [
        ("age", total["open_age"] >= 0),
        ("undated", total["undated_deals"] > 0 and total["open_age"] >= 0),
        ("listed", total["listed_deals"] > 0),
        ("few_closed", 0 < total["ever_closed"] < FEW and total["zombie_deals"] > 0),
        ("unpriced", total["unpriced_deals"] > 0),
    ]
    notes = [Say(key, {"total": 0}) for key, said in keys if said]
    if named:
        key = "oldest" if total["zombie_deals"] else "oldest_slow"
        bare = "" if rows["customer"].iloc[named[0]] else "_bare"
        notes.insert(0, Say(key + bare, {"first": named[0], "total": 0}))
    return tuple(notes)

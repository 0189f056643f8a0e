"""Stock: which products the field reports as missing, and how their sales go beside those of the others."""

import numpy as np
import pandas as pd

from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Missing, Say
from salesnb.metrics import UNASSIGNED, four_figures, within
from salesnb.metrics.against import TARGET_DIMENSIONS
from salesnb.scope import Scope
from salesnb.views.naming import named_in
from salesnb.views.periods import lately, months_of

OTHERS = "(others)"
"""Member for all products that nobody reported as missing."""

REPORTED = ("stock_notes", "stock_customers", "stock_customers_served")
SALES = ("sales", "sales_previous", "mom", "sales_last_year", "yoy")


def stock(notes: pd.DataFrame, orders: pd.DataFrame, products: pd.DataFrame, *, scope: Scope) -> Finding:
    """Hold the field's reports of missing stock against the sales of what was missing.

    Notes of the twelve months up to the period's end are read; a product is known by its name or the first word of it.
    That sales fell after a report is an association: who had no stock may also have had no demand.

    Parameters
    ----------
    notes
        Clean field notes; those of kind ``stock`` count.
    orders, products
        Clean tables: products by name, their sales, and whether the customers named in the notes bought them since.

    Returns
    -------
    Finding
        Row 0 is the total; then one row per product reported, most notes first, then all other products. Notes that
        name no product stand under ``(none)``.
    """
    keys = ["period", "product"]
    window, name = months_of(scope)
    told = within(notes[notes["kind"] == "stock"], "note_date", window)
    if notes.empty:
        needed = (Missing("notes", ("note_date", "rep", "kind", "text")),)
        return _without(keys, scope, "no_notes", needed)
    if told.empty:
        return _without(keys, scope, "none", ())
    known = pd.concat([products["product"], orders["product"]]).dropna().unique()
    which = named_in(told["text"].fillna(""), known)
    told = told.assign(product=pd.array([w or UNASSIGNED for w in which], dtype="str"))
    rows = _reported(told, orders, scope).merge(_sold(told, orders, scope), on="product", how="outer")
    rows = _ordered(rows).assign(period=name)
    rows = rows.assign(evidence=np.where(rows["product"].isin(["", OTHERS, UNASSIGNED]), "", "associated"))
    headline = _headline(rows, lately(scope)[0].start.isoformat())
    drawn = tuple(i for i in range(1, len(rows)) if rows["product"].iloc[i] != UNASSIGNED)
    accent = tuple(int(str(p)) for role, p in headline.picks.items() if role == "top")
    roles = {"label": "product", "before": "sales_last_year", "value": "sales"}
    both = rows["sales_last_year"].iloc[list(drawn)].notna().any()
    return Finding(
        "diagnosis.stock",
        scope,
        rows[[*keys, *REPORTED, *SALES, "last_date", "evidence"]],
        headline,
        notes=tuple(_notes(rows, headline, scope)),
        chart=Chart("slope", roles, drawn, accent) if both else None,
        table=("product", *REPORTED, *SALES, "last_date", "evidence"),
        reasons=dict.fromkeys((*REPORTED, "sales"), NOT_ASKED),
    )


def _without(keys: list[str], scope: Scope, key: str, missing: tuple[Missing, ...]) -> Finding:
    empty = pd.DataFrame(columns=[*keys, *REPORTED, *SALES])
    return Finding("diagnosis.stock", scope, empty, Say(key), missing=missing, quiet=True)


def _reported(told: pd.DataFrame, orders: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return per product, and in all, the notes, the customers they name, and how many of these bought it since."""
    until = orders["sales_date"] <= pd.Timestamp(scope.window.end)
    bought = orders.loc[until, ["customer", "product", "sales_date"]]
    rows = []
    for product, own in [("", told), *told.groupby("product")]:
        asked = product not in ("", UNASSIGNED)
        served = _served(own, bought[bought["product"] == product]) if asked else np.nan
        last = own["note_date"].max().date().isoformat()
        rows.append((product, float(len(own)), float(own["customer"].nunique()), served, last))
    return pd.DataFrame(rows, columns=["product", *REPORTED, "last_date"])


def _served(notes: pd.DataFrame, bought: pd.DataFrame) -> float:
    """Count the customers named in notes who bought since the first one that names them."""
    first = notes.groupby("customer", as_index=False)["note_date"].min()
    both = bought.merge(first, on="customer")
    return float(both.loc[both["sales_date"] >= both["note_date"], "customer"].nunique())


def _sold(told: pd.DataFrame, orders: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return the sales of the period of each product reported, of all others together, and in all."""
    short = [p for p in told["product"].unique() if p != UNASSIGNED]
    marked = orders.assign(product=orders["product"].where(orders["product"].isin(short), OTHERS))
    none = pd.DataFrame(columns=["period", "metric", "amount", *TARGET_DIMENSIONS])
    parts = four_figures(marked, none, scope, ["product"]) if short else four_figures(orders, none, scope).iloc[:0]
    whole = four_figures(orders, none, scope).assign(product="")
    found = pd.concat([whole, parts], ignore_index=True)[["product", *SALES]]
    found["product"] = found["product"].astype("str")
    missing = pd.DataFrame({"product": [p for p in short if p not in set(found["product"])]}).assign(sales=0.0)
    return pd.concat([found, missing], ignore_index=True)


def _ordered(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the total first, then products by notes and latest report, the others, and what names none."""
    last = rows["product"].map({"": 0, OTHERS: 2, UNASSIGNED: 3}).fillna(1)
    order = rows.assign(place=last).sort_values(
        ["place", "stock_notes", "last_date", "product"], ascending=[True, False, False, True]
    )
    return order.drop(columns="place").reset_index(drop=True)


def _headline(rows: pd.DataFrame, since: str) -> Say:
    """Hold the sales of what is missing lately against last year; of older reports say when they were."""
    named = [i for i in range(1, len(rows)) if rows["product"].iloc[i] not in (OTHERS, UNASSIGNED)]
    others = [i for i in range(1, len(rows)) if rows["product"].iloc[i] == OTHERS]
    if not named:
        return Say("unnamed", {"total": 0})
    if max(rows["last_date"].iloc[i] for i in named) < since:
        return Say("past", {"top": max(named, key=lambda i: (rows["last_date"].iloc[i], -i))})
    top = next(i for i in named if rows["last_date"].iloc[i] >= since)
    picks: dict[str, int | tuple[int, ...]] = {"top": top}
    change = rows["yoy"].iloc[top]
    if pd.isna(change) or not others or pd.isna(rows["yoy"].iloc[others[0]]):
        return Say("reported", picks)
    picks["others"] = others[0]
    return Say("behind_others" if change < min(rows["yoy"].iloc[others[0]], 0.0) else "held", picks)


def _notes(rows: pd.DataFrame, headline: Say, scope: Scope) -> list[Say]:
    named = [i for i in range(1, len(rows)) if rows["product"].iloc[i] not in (OTHERS, UNASSIGNED)]
    top = int(str(headline.picks.get("top", 0)))
    notes = [Say("served", {"top": top})] if top and rows["stock_customers"].iloc[top] else []
    blank = np.flatnonzero((rows["product"] == UNASSIGNED).to_numpy())
    if len(blank) and named:
        notes.append(Say("some_unnamed", {"blank": int(blank[0])}))
    return notes if scope.complete else [*notes, Say("unfinished")]

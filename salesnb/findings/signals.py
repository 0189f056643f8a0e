"""What is watched for problems: figures of orders, deals and receipts, laid out in months before the period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesnb.calendar import Window
from salesnb.data.schema import SCALE
from salesnb.methods.localisation import BACK, Signal
from salesnb.metrics import truncated
from salesnb.scope import WHOLE_COMPANY, Scope

DIMENSIONS = ("rep", "product_line", "region", "channel", "customer_type")
CLIENTS = ("rep", "region", "channel", "customer_type")
"""Dimensions of which an order has one member only, so that orders per customer mean something."""

MONTHS = 24
SPANS = (1, 2, 4)
"""How many months are judged together: a loss that is small in one month shows over several."""


@dataclass(frozen=True)
class Bins:
    """The months before the period, oldest first, and the period as the last bin."""

    windows: tuple[Window, ...]
    whole: bool
    """Whether the period is made of whole months, over as of the scope's day."""

    @property
    def spans(self) -> tuple[int, ...]:
        """Numbers of last bins that are judged together."""
        last = self.windows[-1]
        return SPANS if self.whole and (last.end - last.start).days < 32 else (1,)

    def place(self, days: pd.Series) -> np.ndarray:
        """Return the bin of each day, -1 for none."""
        found = np.full(len(days), -1)
        for i, window in enumerate(self.windows):
            inside = (days >= pd.Timestamp(window.start)) & (
                days < pd.Timestamp(window.end) + pd.Timedelta(days=1)
            )
            found[inside.to_numpy(dtype=bool)] = i
        return found


def bins_of(scope: Scope) -> Bins:
    """Lay out the months before the scope's period, those only that the history holds."""
    calendar = scope.calendar
    month = calendar.holding(scope.period.start, "month")
    run = [p for p in calendar.run_up(month, MONTHS + 1)[:-1] if p.end < scope.period.start]
    before = [p.window for p in run if p.end >= scope.history_start and not truncated(scope, p.window)]
    whole = scope.complete and scope.period.level in {"month", "quarter", "year"}
    return Bins((*before, scope.window), whole)


def can_tell(scope: Scope) -> bool:
    """Tell whether the months before the period are enough to know normal variation."""
    return len(bins_of(scope).windows) > BACK


def order_cells(orders: pd.DataFrame, targets: pd.DataFrame, bins: Bins, scope: Scope) -> pd.DataFrame:
    """Return order lines with ``bin``, ``amount``, ``orders``, ``customers``, ``usual`` (amount at usual prices).

    ``orders`` and ``customers`` are parts of one, so that they can be added: a line's part of its order, and of its
    customer in the month. Reps who are gone are blank: their customers are served by others now.
    """
    place = bins.place(orders["sales_date"])
    cells = _named(orders[place >= 0]).assign(bin=place[place >= 0])
    cells["amount"] = cells["amount"].fillna(0).astype("float64") / SCALE
    cells["orders"] = 1.0 / cells.groupby("order_id")["order_id"].transform("size")
    month = cells["sales_date"].dt.to_period("M")
    cells["customers"] = 1.0 / cells.groupby(["customer", month])["order_id"].transform("size")
    cells["new_existing"] = _new_or_existing(cells, month)
    here = _here(cells, targets, bins, scope)
    cells["rep"] = cells["rep"].where(cells["rep"].isin(here), "")
    cells["usual"] = _at_usual_prices(cells, len(bins.windows) - max(bins.spans))
    return cells


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    columns = ["team", *DIMENSIONS, "customer", "product"]
    return rows.assign(**{c: rows[c].fillna("").astype("str") for c in columns if c in rows})


def _new_or_existing(cells: pd.DataFrame, month: pd.Series) -> pd.Series:
    since = cells["customer_since"]
    kind = pd.Series(np.where(since.dt.to_period("M") == month, "new", "existing"), index=cells.index)
    return kind.where(since.notna(), "")


def _here(cells: pd.DataFrame, targets: pd.DataFrame, bins: Bins, scope: Scope) -> set[str]:
    """Reps who are there: they sold in the period, or have a target for it."""
    sold = cells.loc[cells["bin"] == len(bins.windows) - 1, "rep"]
    due = targets.loc[targets["period"] == scope.period.name, "rep"].dropna()
    return {*sold, *due.astype("str")}


def _at_usual_prices(cells: pd.DataFrame, until: int) -> pd.Series:
    """Amounts at the price a customer paid for the product before, or else customers of that type did."""
    past = cells[(cells["bin"] < until) & (cells["bin"] >= until - BACK) & (cells["quantity"] > 0)]
    price = pd.Series(np.nan, index=cells.index)
    for keys in (["product", "customer"], ["product", "customer_type"]):
        sums = past.groupby(keys)[["amount", "quantity"]].sum()
        known = (sums["amount"] / sums["quantity"]).rename("price")
        price = price.fillna(cells[keys].join(known, on=keys)["price"])
    usual = price * cells["quantity"]
    return usual.where((usual > 0) & (cells["product"] != "")).fillna(0.0)


def signals(
    cells: pd.DataFrame, opportunities: pd.DataFrame, receipts: pd.DataFrame, bins: Bins, scope: Scope
) -> list[Signal]:
    """Return the figures to watch, as far as the tables hold them; money is worth itself, events what they bring."""
    team = ("team",) if scope.team == WHOLE_COMPANY else ()
    dimensions = (*team, *DIMENSIONS)
    # In the first year of a history nearly every customer seems new.
    crossed = (*dimensions, "new_existing") if len(bins.windows) > MONTHS else dimensions
    watched = [
        Signal("sales", cells, "amount", "", crossed, ("customer",)),
        Signal("orders", cells, "orders", "", crossed, ("customer",), counts=True, size="amount"),
        Signal("price", cells[cells["usual"] > 0], "amount", "usual", dimensions, whole=True),
    ]
    deals = deal_cells(opportunities, cells, bins)
    watched.append(
        Signal("wins", deals, "won", "closed", dimensions, whole=True, counts=True, size="won_value")
    )
    if bins.whole:
        clients, named = (*team, *CLIENTS), cells[cells["customer"] != ""]
        watched.append(
            Signal("frequency", named, "orders", "customers", clients, whole=True, counts=True, size="amount")
        )
        watched.append(
            Signal("collection", receipt_cells(receipts, bins), "received", "due", team, whole=True)
        )
    return [signal for signal in watched if len(signal.cells)]


def deal_cells(opportunities: pd.DataFrame, cells: pd.DataFrame, bins: Bins) -> pd.DataFrame:
    """Return closed deals with ``bin``, ``won``, ``closed`` and ``won_value``."""
    closed = opportunities[opportunities["status"].isin(["won", "lost"])]
    place = bins.place(closed["close_date"])
    deals = _named(closed[place >= 0]).assign(bin=place[place >= 0], closed=1.0)
    deals["won"] = (deals["status"] == "won").astype("float64")
    deals["won_value"] = deals["won"] * deals["amount"].fillna(0).astype("float64") / SCALE
    here = set(cells["rep"]) if len(cells) else set(deals["rep"])
    return deals.assign(rep=deals["rep"].where(deals["rep"].isin(here), ""))


def receipt_cells(receipts: pd.DataFrame, bins: Bins) -> pd.DataFrame:
    """Return what was due and what came in, each in the month of its own date."""
    sides = []
    for date, column, name in (
        ("due_date", "due_amount", "due"),
        ("received_date", "received_amount", "received"),
    ):
        money = receipts[column].fillna(0).astype("float64") / SCALE
        sides.append(
            pd.DataFrame(
                {"bin": bins.place(receipts[date]), "team": receipts["team"].fillna(""), name: money}
            )
        )
    cells = pd.concat(sides, ignore_index=True).fillna({"due": 0.0, "received": 0.0})
    cells = cells[cells["bin"] >= 0]
    # The first month of a record holds little that was due before it.
    return cells[cells["bin"] > cells["bin"].min()] if len(cells) else cells

"""What is watched for problems: figures of orders, deals and receipts, laid out in months before the period."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salesnb.calendar import Window
from salesnb.data.schema import SCALE
from salesnb.methods.localisation import BACK, Signal
from salesnb.metrics import truncated
from salesnb.metrics.grouped import coded, in_order, inside
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
        found = np.full(len(days), -1, dtype=np.int16)
        for i, window in enumerate(self.windows):
            found[inside(days, window)] = i
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
    at = np.flatnonzero(place >= 0)
    cells = _named(orders, at).assign(bin=place[at], amount=_money(orders["amount"], at))
    order, customer = _codes(orders["order_id"], at), cells["customer"].cat.codes.to_numpy()
    month = orders["sales_date"].to_numpy()[at].astype("datetime64[M]")
    cells["orders"] = 1.0 / _sizes(order)
    cells["customers"] = 1.0 / _sizes(_pairs(customer, month.astype("int64")))
    cells["new_existing"] = _new_or_existing(orders["customer_since"].to_numpy()[at], month)
    here = _here(cells, targets, bins, scope)
    cells["rep"] = _only(cells["rep"], here)
    quantity = orders["quantity"].array.take(at).to_numpy(dtype="float64", na_value=np.nan)
    product, names = coded(orders["product"].array.take(at), "")
    usual = _at_usual_prices(cells, product, quantity, len(bins.windows) - max(bins.spans))
    return cells.assign(
        usual=np.where(np.array([name != "" for name in names], dtype=bool)[product], usual, 0.0)
    )


def _named(rows: pd.DataFrame, at: np.ndarray) -> pd.DataFrame:
    """Dimensions of some rows, blank where a row names no member."""
    columns = [c for c in ("team", *DIMENSIONS, "customer") if c in rows]
    return pd.DataFrame({c: _category(*coded(rows[c].array.take(at), "")) for c in columns})


def _category(codes: np.ndarray, names: Sequence[str]) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, categories=pd.Index(list(names), dtype="str"))


def _only(column: pd.Series, members: Collection[str]) -> pd.Categorical:
    """Return a column that is blank where it names another member."""
    names = [name if name in members else "" for name in column.cat.categories]
    return _category(*in_order(column.cat.codes.to_numpy(), names))


def _money(amounts: pd.Series, at: np.ndarray) -> np.ndarray:
    return amounts.array.take(at).to_numpy(dtype="float64", na_value=0.0) / SCALE


def _codes(column: pd.Series, at: np.ndarray) -> np.ndarray:
    return pd.factorize(column.array.take(at), use_na_sentinel=False)[0]


def _pairs(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the codes of pairs."""
    least = other.min(initial=0)
    return pd.factorize(one.astype("int64") * (other.max(initial=0) - least + 1) + (other - least))[0]


def _sizes(codes: np.ndarray) -> np.ndarray:
    """Return how many rows have each row's code."""
    return np.bincount(codes)[codes]


def _new_or_existing(since: np.ndarray, month: np.ndarray) -> pd.Categorical:
    kind = np.where(since.astype("datetime64[M]") == month, 2, 1)
    return _category(np.where(np.isnat(since), 0, kind), ["", "existing", "new"])


def _here(cells: pd.DataFrame, targets: pd.DataFrame, bins: Bins, scope: Scope) -> set[str]:
    """Reps who are there: they sold in the period, or have a target for it."""
    sold = cells.loc[cells["bin"] == len(bins.windows) - 1, "rep"].unique()
    due = targets.loc[targets["period"] == scope.period.name, "rep"].dropna()
    return {*sold, *due.astype("str")}


def _at_usual_prices(
    cells: pd.DataFrame, product: np.ndarray, quantity: np.ndarray, until: int
) -> np.ndarray:
    """Amounts at the price a customer paid for the product before, or else customers of that type did; 0 for none."""
    when = cells["bin"].to_numpy()
    past = (when < until) & (when >= until - BACK) & (quantity > 0)
    sold = pd.DataFrame({"amount": cells["amount"], "quantity": quantity})[past]
    price = np.full(len(cells), np.nan)
    for who in ("customer", "customer_type"):
        codes = _pairs(cells[who].cat.codes.to_numpy(), product)
        sums = sold.groupby(codes[past])[["amount", "quantity"]].sum()
        known = np.full(codes.max(initial=-1) + 1, np.nan)
        known[sums.index] = sums["amount"] / sums["quantity"]
        price = np.where(np.isnan(price), known[codes], price)
    usual = price * quantity
    return np.where(usual > 0, usual, 0.0)


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
    status = opportunities["status"].array
    won, place = np.asarray(status == "won", dtype=bool), bins.place(opportunities["close_date"])
    at = np.flatnonzero((place >= 0) & (won | np.asarray(status == "lost", dtype=bool)))
    deals = _named(opportunities, at).assign(bin=place[at], closed=1.0, won=won[at].astype("float64"))
    deals["won_value"] = deals["won"] * _money(opportunities["amount"], at)
    here = set(cells["rep"].unique()) if len(cells) else set(deals["rep"].unique())
    return deals.assign(rep=_only(deals["rep"], here))


def receipt_cells(receipts: pd.DataFrame, bins: Bins) -> pd.DataFrame:
    """Return what was due and what came in, each in the month of its own date."""
    place = np.concatenate([bins.place(receipts[date]) for date in ("due_date", "received_date")])
    # The first month of a record holds little that was due before it.
    first = place.min(initial=len(bins.windows), where=place >= 0)
    kept = np.flatnonzero(place > first)
    team, names = coded(receipts["team"].array, "")
    every, nothing = np.arange(len(receipts)), np.zeros(len(receipts))
    due, received = (_money(receipts[column], every) for column in ("due_amount", "received_amount"))
    return pd.DataFrame(
        {"bin": place[kept], "team": _category(np.tile(team, 2)[kept], names),
         "due": np.concatenate([due, nothing])[kept], "received": np.concatenate([nothing, received])[kept]}
    )  # fmt: skip

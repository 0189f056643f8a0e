"""What is watched for problems: figures of orders, deals and receipts, laid out in months before the period."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from salesnb.calendar import Window
from salesnb.errors import ScopeError
from salesnb.methods.over_time.fallen_slices import BACK, Signal
from salesnb.methods.over_time.lately import began_lately
from salesnb.metrics.collection import dated
from salesnb.metrics.deals import judged
from salesnb.metrics.grouped import coded, in_order, inside, order_codes, parts_of_one
from salesnb.scope import WHOLE_COMPANY, Scope
from salesnb.views.customers import sales_with_kinds
from salesnb.views.past import Past, past_of
from salesnb.views.periods import LONGEST_MONTH, days_of
from salesnb.views.prices import at_prices_before, at_usual_prices
from salesnb.views.slices import BEGINNING, category, coded_members, in_slice
from salesnb.views.workload import with_target

DIMENSIONS = ("rep", "product_line", "region", "channel", "customer_type")
CLIENTS = ("rep", "channel", "customer_type", "region")
"""Dimensions of which an order has one member only, so that orders per customer mean something."""

OFTEN = 3.0
"""Orders in a month in which a customer buys, from which on their number goes with the month's working days."""


def can_tell(scope: Scope) -> bool:
    """Tell whether the months before the period are enough to know normal variation."""
    return len(past_of(scope).bins) >= BACK


def price_windows(scope: Scope) -> tuple[Window, ...]:
    """Return the months whose prices are the usual ones: twelve, before all that is judged together."""
    past = past_of(scope)
    until = len(past.windows) - max(past.spans)
    return past.bins[max(0, until - BACK) : max(0, until)]


def order_cells(orders: pd.DataFrame, targets: pd.DataFrame, past: Past, scope: Scope) -> pd.DataFrame:
    """Return order lines with ``bin``, ``amount``, ``orders``, ``customers``, ``usual`` (amount at usual prices).

    ``beforehand`` is the amount at the prices known before its own bin, as far as there were any, ``foretold`` what was
    paid for the same.

    ``orders`` and ``customers`` are parts of one, so that they can be added: a line's part of its order, and of its
    customer in the bin (``client``; in a bin longer than a month, in each month of it), nothing where these bought for
    no more than they returned; ``newcomers`` are those of
    customers in their first one, ``begun`` their amounts, and ``again`` the orders of all others; ``days`` are the
    working days that its part of a customer stands for, of the bin's ``length``. The rep is the one who serves the
    customer now, so that an account handed over is no loss of anyone; reps who are gone are blank. ``lately`` tells
    lines of what only began, such as a product line.
    """
    orders, place = sales_with_kinds(orders, scope), past.place(orders["sales_date"])
    at = np.flatnonzero(place >= 0)
    cells = _named(orders, at).assign(bin=place[at], amount=_money(orders["amount"], at))
    customer, day = cells["customer"].cat.codes.to_numpy(), orders["sales_date"].to_numpy()[at]
    span, days = _spans(day, cells["bin"].to_numpy(), past, scope)
    order, client = order_codes(orders, at), _pairs(customer, span)
    cells["order"], cells["client"] = order, client
    cells["orders"], cells["customers"] = (parts_of_one(c, cells["amount"].to_numpy()) for c in (order, client))
    new = in_slice(cells, {"new_existing": "new"})
    cells["buyer"] = _pairs(customer, cells["bin"].to_numpy())  # who is new in a period is so once, in all its months
    begun = parts_of_one(2 * cells["buyer"].to_numpy() + new, cells["amount"].to_numpy())
    cells["newcomers"], cells["begun"] = np.where(new, begun, 0.0), np.where(new, cells["amount"], 0.0)
    cells["again"] = np.where(new, 0.0, cells["orders"])
    cells["length"], cells["days"] = days, cells["customers"] * days
    now = _serving(cells)
    cells["rep"], cells["region"] = cells["rep"].array[now], cells["region"].array[now]
    # Who sells in the period, or has a target for it, is still there.
    selling = cells[inside(orders["sales_date"].iloc[at], scope.window)]
    cells["rep"] = _only(cells, {*_posts(selling), *_posts(with_target(targets, scope))})
    usual, before = at_usual_prices(orders, price_windows(scope)), at_prices_before(orders, place, BACK)
    judged = place >= len(past.windows) - max(past.spans)
    told = [d for d in (*BEGINNING, "rep", "region") if d in cells]  # accounts have taken their past along
    cells["lately"] = began_lately(cells, told, "amount", len(past.windows))
    cells = cells.assign(usual=usual[at], beforehand=np.where(judged, usual, before)[at])
    return cells.assign(foretold=np.where(cells["beforehand"] > 0, cells["amount"], 0.0))


def _named(rows: pd.DataFrame, at: np.ndarray) -> pd.DataFrame:
    return coded_members(rows, at, [c for c in ("team", *DIMENSIONS, "new_existing", "customer") if c in rows])


def _only(rows: pd.DataFrame, posts: Collection[tuple[str, str]]) -> pd.Categorical:
    """Return the rep of each row, blank where it is no rep of that team any more."""
    teams, reps = (rows[c].cat.categories.tolist() for c in ("team", "rep"))
    code, team = rows["rep"].cat.codes.to_numpy(), rows["team"].cat.codes.to_numpy()
    there = np.array([[(one, rep) in posts for rep in reps] for one in teams], dtype=bool).reshape(
        len(teams), len(reps)
    )
    return category(*in_order(np.where(there[team, code], code, len(reps)), [*reps, ""]))


def _money(amounts: pd.Series, at: np.ndarray) -> np.ndarray:
    return amounts.array.take(at).to_numpy(dtype="float64", na_value=0.0)


def _pairs(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the codes of pairs."""
    least = other.min(initial=0)
    return pd.factorize(one.astype("int64") * (other.max(initial=0) - least + 1) + (other - least))[0]


def _spans(day: np.ndarray, place: np.ndarray, past: Past, scope: Scope) -> tuple[np.ndarray, np.ndarray]:
    """Return in which bin, or month of a longer one, each row counts its customer, and the working days of that.

    A customer who buys in every month of a quarter stands for the days of each month once, not for three quarters.
    """
    span, days = place.astype("int64"), np.array(past.lengths)[place]
    for i, window in enumerate(past.windows):
        if days_of(window) <= LONGEST_MONTH:
            continue
        rows = np.flatnonzero(place == i)
        months, each = np.unique(day[rows].astype("datetime64[M]"), return_inverse=True)
        lengths = [scope.calendar.working_days(_part(window, month)) for month in months]
        span[rows], days[rows] = len(past.windows) + each, np.array(lengths, dtype="float64")[each]
    return span, days


def _part(window: Window, month: np.datetime64) -> Window:
    """Return the days of a window that lie in a calendar month."""
    first, after = month.astype("datetime64[D]").item(), (month + 1).astype("datetime64[D]").item()
    return Window(max(window.start, first), min(window.end, after - timedelta(days=1)))


def _serving(cells: pd.DataFrame) -> np.ndarray:
    """Return for each row a row of the rep who serves its customer now: sold most when this one last bought.

    An account that is handed over takes its past along, and its region where regions go with reps.
    """
    team, customer, rep = (cells[c].cat.codes.to_numpy() for c in ("team", "customer", "rep"))
    account = _pairs(team, customer)
    keys = {"account": account, "bin": cells["bin"], "rep": rep, "region": cells["region"].cat.codes}
    sold = pd.DataFrame({**keys, "amount": cells["amount"], "at": np.arange(len(cells))})
    sums = sold.groupby([*keys], as_index=False).agg({"amount": "sum", "at": "first"})
    last = sums.sort_values(["account", "bin", "amount", "rep"]).drop_duplicates("account", keep="last")
    known = np.asarray(cells["customer"] != "", dtype=bool)
    return np.where(known, last["at"].to_numpy()[account], np.arange(len(cells)))


def _posts(rows: pd.DataFrame) -> set[tuple[str, str]]:
    """Pairs of team and rep that rows name."""
    pairs = rows[["team", "rep"]].dropna().astype("str").drop_duplicates()
    return set(zip(pairs["team"], pairs["rep"], strict=True))


def signals(
    cells: pd.DataFrame, opportunities: pd.DataFrame, receipts: pd.DataFrame, past: Past, scope: Scope
) -> list[Signal]:
    """Return the figures to watch, as far as the tables hold them; money is worth itself, events what they bring."""
    team = ("team",) if scope.team == WHOLE_COMPANY else ()
    dimensions = (*team, *DIMENSIONS)
    crossed = (*dimensions, "new_existing") if past.tell_newcomers else dimensions
    watched = [
        Signal("sales", cells, "amount", "", crossed, ("customer",), lately="lately"),
        Signal(
            "orders",
            cells,
            "orders",
            "",
            crossed,
            ("customer",),
            counts=True,
            size="amount",
            lately="lately",
            telling=1,
        ),
        Signal(
            "price",
            cells[(cells["usual"] > 0) & ~cells["lately"]],
            "amount",
            "usual",
            dimensions,
            whole=True,
            telling=3,
            once=("foretold", "beforehand"),
        ),
    ]
    if crossed != dimensions:
        watched.append(newcomers(cells, dimensions))
    deals = deal_cells(opportunities, cells, past)
    watched.append(
        Signal("wins", deals, "won", "closed", dimensions, whole=True, counts=True, size="won_value", telling=3)
    )
    if past.whole:
        before = _there_before(cells)
        clients, named = (*team, *CLIENTS), before[_often(before)]
        watched.append(Signal("frequency", named, "orders", "days", clients, counts=True, size="amount", telling=2))
        watched.append(
            Signal(
                "collection",
                receipt_cells(receipts, past, scope),
                "in_time",
                "due",
                team,
                whole=True,
                squares="squares",
            )
        )
    return [replace(signal, length=past.length) for signal in watched if len(signal.cells)]


def newcomers(cells: pd.DataFrame, dimensions: tuple[str, ...] = ()) -> Signal:
    """Return the number of new customers as a figure to watch, or to show where it is not watched."""
    return Signal("newcomers", cells, "newcomers", "", dimensions, whole=True, counts=True, size="begun",
                  against="again", marks={"new_existing": "new"}, telling=3)  # fmt: skip


def _there_before(cells: pd.DataFrame) -> pd.DataFrame:
    """Return cells without what only began: who buys a new line too does not buy the others more often."""
    if not cells["lately"].any():
        return cells
    rows = cells[~cells["lately"]]
    customers = parts_of_one(rows["client"].to_numpy(), rows["amount"].to_numpy())
    return rows.assign(customers=customers, days=customers * rows["length"])


def _often(cells: pd.DataFrame) -> np.ndarray:
    """Tell which rows are of customers who buy more than once in a month in which they buy: of others it says little.

    Only of these the orders of a month go with its working days.
    """
    customer = cells["customer"].cat.codes.to_numpy()
    sums = [np.bincount(customer, cells[c], len(cells["customer"].cat.categories)) for c in ("orders", "customers")]
    often = (sums[1] > 0) & (sums[0] >= OFTEN * sums[1])
    return np.asarray(often[customer] & (cells["customer"] != "").to_numpy())


def deal_cells(opportunities: pd.DataFrame, cells: pd.DataFrame, past: Past) -> pd.DataFrame:
    """Return closed deals with ``bin``, ``won``, ``closed`` and ``won_value``."""
    opportunities = judged(opportunities)
    status = opportunities["status"].array
    won, place = np.asarray(status == "won", dtype=bool), past.place(opportunities["close_date"])
    at = np.flatnonzero((place >= 0) & (won | np.asarray(status == "lost", dtype=bool)))
    deals = _named(opportunities, at).assign(bin=place[at], closed=1.0, won=won[at].astype("float64"))
    deals["won_value"] = deals["won"] * _money(opportunities["amount"], at)
    return deals.assign(rep=_only(deals, _posts(cells if len(cells) else deals)))


def receipt_cells(receipts: pd.DataFrame, past: Past, scope: Scope) -> pd.DataFrame:
    """Return what was due with its ``bin``, and what of it was there in time (``in_time``).

    In time is by the end of the month in which it was due; for a longer period by the end of the one of its length,
    before it as well. Money of earlier times that comes in late is no success of this one, so it is left out.
    """
    receipts = dated(receipts)
    place = past.place(receipts["due_date"])
    at = np.flatnonzero(place >= 0)
    ends = np.array([_end_of(window, scope) for window in past.windows], dtype="datetime64[D]")[place[at]]
    paid = receipts["received_date"].to_numpy()[at].astype("datetime64[D]")
    team, names = coded(receipts["team"].array.take(at), "")
    due, received = (_money(receipts[column], at) for column in ("due_amount", "received_amount"))
    return pd.DataFrame(
        {
            "squares": due**2,
            "bin": place[at],
            "team": category(team, names),
            "due": due,
            "in_time": np.where(paid <= ends, received, 0.0),
        }
    )


def _end_of(window: Window, scope: Scope) -> date:
    """Return the end of the period of the scope's length that holds a bin, at most the day up to which is known."""
    try:
        period = scope.calendar.holding(window.start, scope.period.level)
    except ScopeError:
        return window.end
    return max(window.end, min(period.end, scope.as_of))

"""Who is a new customer: one rule, whoever asks, in every period."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import salesnb
from salesnb.causes.signals import order_cells
from salesnb.metrics import measure
from salesnb.metrics.registry import measured
from salesnb.views.customers import deals_with_kinds, sales_with_kinds
from salesnb.views.lines import lines_of
from salesnb.views.past import past_of
from salesnb.views.slices import compared, in_slice
from salesnb.views.usual import SliceView
from tests.frames import frame, scope_of

NEW = {"new_existing": "new"}
PERIODS = {
    "2025-Q3": (270, 2),  # N buys twice, the second time in a later month; P returns after a pause
    "2025-07": (100, 1),  # N only: T had bought from another team, R has only returned
    "2025-08": (70, 1),
    "2025-09": (0, 0),  # N is no longer new
    "2025-W28": (100, 1),
    "2025-W36": (0, 0),
    "2025": (330, 4),  # T began in the year as well, and so did R, whose return of 10 lies in it
}


def sold():
    """South's orders: N, P, T and R of the notes above, E who buys for 40 a month, and a sale without a name."""
    steady = [{"day": d, "money": 40, "customer": "E"} for d in pd.date_range("2023-01-05", "2025-12-05", freq="31D")]
    named = [("2025-07-10", 100, "N"), ("2025-09-05", 100, "N"), ("2024-01-10", 5, "P"), ("2025-08-02", 70, "P"),
             ("2025-07-20", 50, "T"), ("2025-07-02", -10, "R"), ("2025-10-06", 20, "R"),
             ("2025-08-08", 30, None)]  # fmt: skip
    rows = [*steady, *({"day": day, "money": money, "customer": name} for day, money, name in named)]
    orders = frame("orders", *[{"team": "South", "rep": "Ma", **row} for row in rows])
    began = {"E": "2023-01-05", "N": "2025-07-10", "T": "2025-02-01", "R": "2025-10-06", "P": "2024-01-10"}
    since = pd.to_datetime(orders["customer"].map(began)).astype("datetime64[s]")
    returned = (orders["customer"] == "P") & (orders["sales_date"] >= "2025-08-02")
    return orders.assign(customer_since=since.mask(returned, pd.Timestamp("2025-08-02")))


def by_registry(orders, scope):
    by_kind = measure(["sales"], {"orders": orders}, scope.window, ["new_existing"]).set_index("new_existing")
    found = measured(["new_customer_sales"], {"orders": orders}, scope.window)[1]["new_customer_sales"][0]
    assert found == by_kind["sales"].get("new", 0.0)
    return found


def by_view(orders, scope):
    view = SliceView({"orders": sales_with_kinds(orders, scope)}, NEW, past_of(scope))
    return view.figure("sales", [scope.window])


def by_lines(orders, scope):
    lines = lines_of(orders, frame("targets"), scope)
    return lines.amount[in_slice(lines.members, NEW) & (lines.slot == 0)].sum() / 10_000


def by_signals(orders, scope):
    cells = order_cells(orders, frame("targets"), past_of(scope), scope)
    return cells.loc[in_slice(cells, NEW) & (cells["bin"] == cells["bin"].max()), "amount"].sum()


def test_nobody_else_looks_at_the_day_on_which_a_customer_began():
    folder = Path(salesnb.__file__).parent
    above = [p for room in ("metrics", "views", "causes", "findings") for p in (folder / room).rglob("*.py")]
    found = {p.relative_to(folder).as_posix() for p in above if "customer_since" in p.read_text("utf-8")}
    found.remove("metrics/dimensions.py")  # says which column the dimension takes, and decides nothing by it
    assert found == {"metrics/grouped.py", "views/customers.py"}


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("asked", [by_registry, by_view, by_lines, by_signals])
def test_who_is_new_is_so_whoever_asks(period, asked):
    assert asked(sold(), scope_of(period)) == PERIODS[period][0]


@pytest.mark.parametrize("period", PERIODS)
def test_new_customers_are_counted_alike(period):
    scope, orders = scope_of(period), sold()
    view = SliceView({"orders": sales_with_kinds(orders, scope)}, {}, past_of(scope))
    assert view.figure("new_customers", [scope.window]) == PERIODS[period][1]
    assert measure(["new_customers"], {"orders": orders}, scope.window)["new_customers"][0] == PERIODS[period][1]


def test_new_and_existing_of_a_quarter_are_compared_with_a_quarter():
    scope = scope_of("2025-Q3")
    orders = sales_with_kinds(sold(), scope)
    existing = {kind: compared({"new_existing": kind}, orders, frame("targets"), scope) for kind in ("new", "existing")}
    whole = measure(["sales"], {"orders": sold()}, scope.previous, ["new_existing"])
    assert whole["new_existing"].tolist() == ["existing"]
    assert pd.isna(existing["new"]["mom"])
    assert existing["existing"]["mom"] == pytest.approx((120 + 50 - 10) / 120 - 1)


def test_months_before_a_quarter_are_parts_of_quarters():
    orders = frame(
        "orders", *[{"day": d, "money": 10, "customer": "a"} for d in ("2025-04-02", "2025-06-20", "2025-07-01")]
    )
    assert list(sales_with_kinds(orders, scope_of("2025-Q3"))["new_existing"]) == ["new", "new", "existing"]
    assert list(sales_with_kinds(orders, scope_of("2025-09"))["new_existing"]) == ["new", "existing", "existing"]


def test_a_deal_is_with_a_new_customer_who_had_not_bought_before_the_period():
    deals = frame(
        "opportunities",
        *[{"day": "2025-09-20", "money": 1, "customer": c} for c in ("N", "P", "T", "E", "never", None)],
    )
    kinds = ["new", "new", "existing", "existing", "new", ""]
    assert list(deals_with_kinds(deals, sold(), scope_of("2025-Q3"))["new_existing"]) == kinds
    assert list(deals_with_kinds(deals, sold(), scope_of("2025-09"))["new_existing"])[:2] == ["existing"] * 2
    assert scope_of("2025-Q3").window.end == date(2025, 9, 30)

"""Drivers of slices that stand out: worked by hand, exact, the same whichever way the rows lie."""

import pandas as pd
import pytest

from salesnb.findings.diagnosis.slice_drivers import slice_drivers
from salesnb.show.sentence import sentence_text
from salesnb.views.slices import SLICE
from tests.frames import frame, scope_of

SCOPE = scope_of("2025-09")
MONTHS = [f"{year}-{month:02d}" for year in (2023, 2024, 2025) for month in range(1, 13)][6:33]


def slices_of(*members, effect=-1.0, **columns):
    rows = [{**dict.fromkeys(SLICE, ""), **m, "effect": effect, **columns} for m in members]
    return pd.DataFrame(rows, columns=[*SLICE, "effect", *columns])


def sold(months, customers, each, *, money, line="Pumps", rep="Wu"):
    """So many customers with so many orders each, every month."""
    return [
        {"day": f"{month}-{10 + n:02d}", "money": money, "customer": f"{line}{c}", "order_id": f"{line}{month}{c}{n}",
         "product_line": line, "rep": rep}
        for month in months for c in range(customers) for n in range(each)
    ]  # fmt: skip


def closed(months, won, lost, *, money, proposed, line="Pumps"):
    return [{"day": f"{m}-15", "money": money, "status": "won" if n < won else "lost", "product_line": line,
              "proposal_date": f"{m}-01" if n < proposed else None}
             for m in months for n in range(won + lost)]  # fmt: skip


def of(found, kpis):
    return found.rows[found.rows["kpi"].isin(kpis)].set_index("kpi")


def test_customers_and_value_share_the_fall_of_a_slice():
    orders = frame(
        "orders",
        *sold(MONTHS[:-1], 8, 1, money=100)
        + sold(MONTHS[-1:], 4, 1, money=50)
        + sold(MONTHS, 5, 2, money=70, line="Valves"),
    )
    found = slice_drivers(orders, frame("opportunities"), slices_of({"product_line": "Pumps"}), scope=SCOPE)
    rows = of(found, ["customers", "orders_per_customer", "aov", ""])
    assert rows["before"].tolist() == [8.0, 1.0, 100.0, 800.0]
    assert rows["after"].tolist() == [4.0, 1.0, 50.0, 200.0]
    assert rows["effect"].tolist() == [-300.0, 0.0, -300.0, -600.0]  # both halved: equal parts
    assert rows["part_share"].tolist()[0] == 0.5
    assert sentence_text(found, found.headline, "en") == (
        "Pumps sold 200 against a usual 800: 50.0% of the fall is active customers (8 before, 4 now), "
        "50.0% is average order value (100 before, 50 now)."
    )
    assert "amounts" not in {n.key for n in found.notes}
    told = slice_drivers(
        orders, frame("opportunities"), slices_of({"product_line": "Pumps"}, problem="fewer_customers"), scope=SCOPE
    )
    assert "amounts" in {n.key for n in told.notes}  # as a problem it was told with another amount


def test_deals_of_the_slice_have_a_tree_of_their_own():
    deals = frame(
        "opportunities",
        *closed(MONTHS[:-1], 4, 12, money=50, proposed=8)
        + closed(MONTHS[-1:], 2, 14, money=50, proposed=4)
        + closed(MONTHS, 9, 9, money=10, proposed=9, line="Valves"),
    )
    orders = frame("orders", *sold(MONTHS, 3, 1, money=100))
    found = slice_drivers(orders, deals, slices_of({"product_line": "Pumps"}, problem="lower_win_rate"), scope=SCOPE)
    rows = of(found, ["closed_deals", "proposal_rate", "wins_per_proposal", "deal_value", "won_value"])
    assert rows["before"].tolist() == [16.0, 0.5, 0.5, 50.0, 200.0]
    assert rows["effect"].tolist() == [0.0, -100.0, 0.0, 0.0, -100.0]
    assert found.headline.key == "deals_one"
    assert sentence_text(found, found.headline, "en") == (
        "Deals of Pumps brought 100 against a usual 200: proposals per deal −100 (50.0% before, 25.0% now)."
    )
    assert found.chart.total == len(found.rows) - 1  # what is drawn is the tree that the headline tells of


def test_deals_with_new_customers_are_those_who_never_bought_before():
    deals = closed(MONTHS[:-1], 2, 2, money=50, proposed=4) + closed(MONTHS[-1:], 0, 4, money=50, proposed=4)
    fresh = [{**deal, "customer": f"fresh {i}"} for i, deal in enumerate(deals)]
    old = [{**deal, "customer": "Pumps0"} for deal in closed(MONTHS, 5, 5, money=999, proposed=10)]
    orders = sold(MONTHS, 1, 1, money=100)
    orders += [{"day": f"{m}-20", "money": 10, "customer": f"one of {m}", "product_line": "Pumps"} for m in MONTHS]
    slices = slices_of({"product_line": "Pumps", "new_existing": "new"}, problem="lower_win_rate")
    found = slice_drivers(frame("orders", *orders), frame("opportunities", *fresh + old), slices, scope=SCOPE)
    assert of(found, ["closed_deals"])["before"].tolist() == [4.0]
    assert of(found, ["won_value"])["after"].tolist() == [0.0]
    assert of(found, ["customers"])["before"].tolist() == [1.0]
    assert found.headline.key == "deals_stopped"


def test_a_customer_who_bought_nothing():
    orders = frame("orders", *sold(MONTHS[:-1], 1, 2, money=100) + sold(MONTHS, 3, 1, money=40, line="Valves"))
    found = slice_drivers(orders, frame("opportunities"), slices_of({"customer": "Pumps0"}), scope=SCOPE)
    assert found.headline.key == "stopped"
    assert found.rows["effect"].iloc[-1] == -200.0
    assert sentence_text(found, found.headline, "zh") == "Pumps0本期没有销售，平时为200。"


def test_a_slice_that_sells_as_usual_is_not_said_to_have_fallen():
    orders = frame("orders", *sold(MONTHS, 3, 1, money=40))
    found = slice_drivers(orders, frame("opportunities"), slices_of({"product_line": "Pumps"}), scope=SCOPE)
    assert found.headline.key == "held"


def test_without_slices_or_history_there_is_nothing_to_tell():
    orders = frame("orders", *sold(MONTHS, 3, 1, money=40))
    assert slice_drivers(orders, frame("opportunities"), slices_of(), scope=SCOPE).quiet
    gains = slices_of({"product_line": "Pumps"}, effect=5.0)
    assert slice_drivers(orders, frame("opportunities"), gains, scope=SCOPE).headline.key == "none"
    late = slices_of({"team": "South"}, problem="lower_collection")
    assert slice_drivers(orders, frame("opportunities"), late, scope=SCOPE).quiet
    young = scope_of("2025-09", begin=pd.Timestamp("2025-07-01").date())
    found = slice_drivers(orders, frame("opportunities"), slices_of({"product_line": "Pumps"}), scope=young)
    assert found.headline.key == "short"


def test_slices_named_twice_are_told_once_and_at_most_three_are():
    orders = frame(
        "orders", *[row for n in range(5) for row in sold(MONTHS[:-1], 1 + n, 1, money=10, line=f"line {n}")]
    )
    every = slices_of(*({"product_line": f"line {n}"} for n in range(5)))
    found = slice_drivers(orders, frame("opportunities"), every.iloc[:2], every, scope=SCOPE)
    assert found.rows["product_line"].unique().tolist() == ["line 0", "line 1", "line 2"]


@pytest.mark.parametrize("seed", range(5))
def test_neither_the_order_of_rows_nor_of_slices_changes_a_figure(seed):
    orders = frame("orders", *sold(MONTHS[:-1], 8, 1, money=100) + sold(MONTHS[-1:], 4, 2, money=33.33))
    before = orders.copy()
    slices = slices_of({"product_line": "Pumps"}, {"rep": "Wu"})
    found = slice_drivers(orders, frame("opportunities"), slices, scope=SCOPE)
    pd.testing.assert_frame_equal(orders, before)
    mixed = slice_drivers(
        orders.sample(frac=1, random_state=seed), frame("opportunities"), slices.iloc[::-1], scope=SCOPE
    )
    key = [*SLICE, "kpi"]
    pd.testing.assert_frame_equal(
        found.rows.sort_values(key).reset_index(drop=True), mixed.rows.sort_values(key).reset_index(drop=True)
    )

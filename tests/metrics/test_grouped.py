"""Rows in a window and in groups: what is summed and counted, exactly, without touching the table."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesnb.calendar import Window
from salesnb.metrics import measure, rows_in, within
from salesnb.metrics.grouped import exact, order_codes, parts_of_one
from salesnb.schema import SCALE
from tests.frames import deals, orders

SEPTEMBER = Window(date(2025, 9, 1), date(2025, 9, 30))


def sold(day: str, rep: object = "A", amount: object = 1.0, **more: object) -> dict[str, object]:
    return {"order_id": "1", "sales_date": day, "rep": rep, "amount": amount, "quantity": 1.0, **more}


def test_both_ends_of_a_window_count_and_a_missing_day_does_not():
    table = orders(sold("2025-08-31"), sold("2025-09-01"), sold("2025-09-30"), sold("2025-10-01"), sold(None))
    assert rows_in(table, "sales_date", SEPTEMBER).at.tolist() == [1, 2]
    assert within(table, "sales_date", SEPTEMBER).index.tolist() == [1, 2]


def test_a_moment_of_the_last_day_counts():
    moments = pd.DataFrame({"at": pd.to_datetime(["2025-09-30 23:59:59", "2025-10-01 00:00:00"])})
    assert within(moments, "at", SEPTEMBER).index.tolist() == [0]


def test_money_is_added_up_exactly_where_floats_would_not():
    rows = rows_in(orders(*(sold("2025-09-01", amount=a) for a in (0.1, 0.2, -0.3))), "sales_date", SEPTEMBER, ["rep"])
    assert sum(rows.table["amount"].tolist()) != 0
    assert rows.money("amount").tolist() == [0.0]


@given(st.integers(1 - 2**51, 2**51 - 1))
def test_an_amount_gives_back_the_ten_thousandths_that_were_read(units):
    assert exact(pd.Series([units / SCALE, None])).tolist() == [units, 0]


def test_members_without_a_name_are_one_and_a_missing_amount_adds_nothing():
    table = orders(sold("2025-09-01", None, 3.0), sold("2025-09-01", "", 2.0), sold("2025-09-01", "A", None))
    found = measure(["sales"], {"orders": table}, SEPTEMBER, ["rep"])
    assert found.to_dict("list") == {"rep": ["(none)", "A"], "sales": [5.0, 0.0]}


def test_a_crossing_holds_only_pairs_that_are_there_in_order():
    table = orders(
        sold("2025-09-01", "B", line="x"), sold("2025-09-01", "A", line="y"), sold("2025-09-01", "B", line="x")
    )
    found = measure(["sales"], {"orders": table}, SEPTEMBER, ["rep", "line"])
    assert found.to_numpy().tolist() == [["A", "y", 1.0], ["B", "x", 2.0]]


def test_a_row_counts_under_each_of_its_tags():
    table = orders(sold("2025-09-01", tags="key；VIP"), sold("2025-09-02", tags="VIP"), sold("2025-09-03", tags=None))
    found = measure(["sales"], {"orders": table}, SEPTEMBER, ["tag"])
    assert found.to_dict("list") == {"tag": ["(none)", "VIP", "key"], "sales": [1.0, 2.0, 1.0]}


def test_new_customers_are_those_whose_first_sale_lies_in_the_window():
    table = orders(
        sold("2025-09-02", customer="N", customer_since="2025-09-02"),
        sold("2025-09-03", customer="N", customer_since="2025-09-02"),
        sold("2025-09-02", customer="E", customer_since="2025-08-31"), sold("2025-09-02", customer="?"),
    )  # fmt: skip
    table.loc[3, "customer_since"] = pd.NaT
    tables = {"orders": table}
    assert measure(["new_customers"], tables, SEPTEMBER)["new_customers"].tolist() == [1.0]
    found = measure(["customers", "sales"], tables, SEPTEMBER, ["new_existing"])
    assert found["new_existing"].tolist() == ["(none)", "existing", "new"]
    assert found["sales"].tolist() == [1.0, 1.0, 2.0]


def test_a_member_without_rows_for_any_figure_asked_for_is_no_row():
    table = orders(sold("2025-09-02", "A", customer="E", customer_since="2025-08-31"),
                  sold("2025-09-02", "B", customer="N", customer_since="2025-09-02"))  # fmt: skip
    assert measure(["new_customers"], {"orders": table}, SEPTEMBER, ["rep"])["rep"].tolist() == ["B"]
    both = measure(["new_customers", "customers"], {"orders": table}, SEPTEMBER, ["rep"])
    assert both.to_numpy().tolist() == [["A", 0.0, 1.0], ["B", 1.0, 1.0]]


def test_nothing_sold_is_one_total_of_zero_and_no_member():
    empty = orders(sold("2025-01-01"))
    total = measure(["sales", "orders", "aov"], {"orders": empty}, SEPTEMBER)
    assert total.to_numpy()[0, :2].tolist() == [0.0, 0.0]
    assert np.isnan(total["aov"].iloc[0])
    assert measure(["sales"], {"orders": empty}, SEPTEMBER, ["rep"]).empty


def test_a_deal_counts_once_and_only_in_its_status():
    told = deals(
        {"opportunity_id": "1", "status": "won", "money": 5, "proposal_date": "2025-09-01"},
        {"opportunity_id": "1", "status": "won", "money": 5}, {"opportunity_id": "2", "status": "lost", "money": 7},
        {"opportunity_id": "3", "status": "open", "money": 9}, day="2025-09-05",
    )  # fmt: skip
    found = measure(["win_rate", "proposed_deals"], {"opportunities": told}, SEPTEMBER).iloc[0]
    assert found[["won_deals", "closed_deals", "win_rate", "proposed_deals"]].tolist() == [1.0, 2.0, 0.5, 1.0]


def test_a_figure_says_which_table_it_lacks():
    with pytest.raises(KeyError, match="orders"):
        measure(["sales"], {}, SEPTEMBER)


def test_the_table_stays_as_it_was():
    table = orders(sold("2025-09-01", None, None, quantity=None), sold("2025-09-02", "B", tags="a;b"))
    before = table.copy(deep=True)
    measure(["sales", "quantity", "new_customers"], {"orders": table}, SEPTEMBER, ["rep", "tag", "new_existing"])
    pd.testing.assert_frame_equal(table, before)


def test_a_return_is_no_order_no_customer_and_no_new_one():
    table = orders(
        sold("2025-09-01", "A", 100, order_id="1", customer="K", customer_since="2025-01-01", line="x"),
        sold("2025-09-01", "A", -20, order_id="1", customer="K", customer_since="2025-01-01", line="y"),
        sold("2025-09-09", "B", -300, order_id="2", customer="R", customer_since="2025-09-09", line="x"),
        sold("2025-09-09", "B", 0, order_id="3", customer="Z", customer_since="2025-09-09", line="x"),
    )
    found = measure(["orders", "customers", "new_customers", "sales"], {"orders": table}, SEPTEMBER)
    assert found.iloc[0].tolist() == [1.0, 1.0, 0.0, -220.0]
    by_line = measure(["orders", "customers"], {"orders": table}, SEPTEMBER, ["line"])
    assert by_line.to_numpy().tolist() == [["x", 1.0, 1.0], ["y", 0.0, 0.0]]
    assert measure(["aov"], {"orders": table}, SEPTEMBER, ["rep"])["aov"].isna().tolist() == [False, True]


def test_an_order_is_a_number_and_a_customer():
    table = orders(
        sold("2025-09-05", "A", order_id="1", customer="K"), sold("2025-09-05", "B", order_id="1", customer="L"),
        sold("2025-09-05", "B", order_id="1", customer=None),  # of the number's first customer
        sold("2025-09-06", "A", order_id="2", customer=None), sold("2025-09-06", "A", order_id="2", customer=None),
    )  # fmt: skip
    assert measure(["orders"], {"orders": table}, SEPTEMBER)["orders"].tolist() == [3.0]
    by_rep = measure(["orders"], {"orders": table}, SEPTEMBER, ["rep"])
    assert by_rep.to_numpy().tolist() == [["A", 2.0], ["B", 2.0]]
    codes = order_codes(table, np.arange(5))
    assert codes.tolist() == [0, 1, 0, 2, 2]
    assert parts_of_one(codes, np.array([1, 5, -2, 1, 1])).tolist() == [0, 1, 0, 0.5, 0.5]
    assert order_codes(table.drop(columns="customer"), np.array([4, 0, 1])).tolist() == [0, 1, 1]


def test_customers_are_not_known_where_no_sale_names_one_and_zero_where_nothing_was_sold():
    table = orders(sold("2025-09-02", "A", order_id="1"), sold("2025-09-03", "B", order_id="2", customer="x"))
    table = table.assign(customer=table["customer"].where(table["customer"] != "nan"))
    counts = measure(["customers", "new_customers"], {"orders": table}, SEPTEMBER, ["rep"]).set_index("rep")
    assert counts["customers"].isna().to_dict() == {"A": True, "B": False}
    whole = measure(["customers", "spend_per_customer"], {"orders": table}, SEPTEMBER)
    assert whole["customers"].tolist() == [1.0]
    assert whole["spend_per_customer"].tolist() == [float(table["amount"].iloc[1])]  # A's sale names nobody
    nobody = measure(["customers", "new_customers"], {"orders": table.iloc[:1]}, SEPTEMBER)
    assert nobody.isna().all(axis=None)
    before = measure(["customers"], {"orders": table}, Window(date(2025, 8, 1), date(2025, 8, 31)))
    assert before["customers"].tolist() == [0]


def test_what_a_customer_buys_and_a_unit_costs_is_asked_of_the_sales_that_say_so():
    table = orders(
        sold("2025-09-02", "A", order_id="1", customer="K"), sold("2025-09-03", "A", order_id="2", customer="K"),
        sold("2025-09-04", "A", order_id="3", customer=None), sold("2025-09-05", "A", order_id="4", customer=None),
    ).assign(amount=[100.0, 60.0, 900.0, 40.0], quantity=[2.0, None, None, 3.0])  # fmt: skip
    ids = ["sales", "spend_per_customer", "orders_per_customer", "unit_price", "quantity"]
    found = measure(ids, {"orders": table}, SEPTEMBER)[ids].iloc[0]
    assert found.tolist() == [1100.0, 160.0, 2.0, 28.0, 5.0]
    unsaid = measure(ids, {"orders": table.assign(customer=None, quantity=float("nan"))}, SEPTEMBER).iloc[0]
    assert unsaid[ids[1:]].isna().all()

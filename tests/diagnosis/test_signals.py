"""What is watched for problems, on order lines and receipts worked out by hand: months, quarters, years, weeks."""

from datetime import date

import pandas as pd
import pytest

from salesnb.calendar import Window
from salesnb.causes.signals import order_cells, receipt_cells
from salesnb.findings import diagnosis
from salesnb.views.past import Past, past_of
from tests.diagnosis.test_problems import MONTHS, NONE, business, named
from tests.frames import frame, orders, scope_of, targets

BEGIN = date(2023, 8, 1)
SALE = {"team": "S", "customer": "A", "rep": "Ma", "product": "P", "quantity": 1.0, "money": 10.0}


def scope(period):
    return scope_of(period, date(2025, 9, 30), BEGIN, team="S")


def cells(rows, period):
    scope_ = scope(period)
    return order_cells(orders(*rows), frame("targets"), past_of(scope_), scope_)


@pytest.mark.parametrize(("period", "days"), [("2025-09", 22), ("2025-Q3", 23 + 21 + 22), ("2025-Q2", 22 + 21 + 21)])
def test_a_customer_of_every_month_stands_for_each_working_day_once(period, days):
    rows = [{**SALE, "day": f"{m}-{d}"} for m in MONTHS for d in ("03", "10", "24")]
    found = cells(rows, period)
    last = found[found["bin"] == found["bin"].max()]
    calendar = scope(period).calendar
    assert last["days"].sum() == pytest.approx(calendar.working_days(scope(period).window))
    assert abs(last["days"].sum() - days) <= 8  # holidays beside
    assert last["customers"].sum() == pytest.approx(len(set(last["client"])))


def test_a_customer_who_bought_in_one_month_of_a_quarter_stands_for_that_month_alone():
    rows = [{**SALE, "day": f"{m}-03"} for m in MONTHS if m < "2025-08"]
    found = cells(rows, "2025-Q3")
    last = found[found["bin"] == found["bin"].max()]
    july = Window(date(2025, 7, 1), date(2025, 7, 31))
    assert last["days"].tolist() == [scope("2025-Q3").calendar.working_days(july)]


@pytest.mark.parametrize("period", ["2025-Q2", "2025-Q3", "2024", "2025"])
def test_longer_periods_of_noise_alone_have_no_fewer_orders(period):
    # Everyone buys often enough to be judged by working days.
    rows = business(0) + [{**row, "day": row["day"][:8] + "20"} for row in business(0)]
    found = diagnosis.problems(orders(*rows), *NONE, scope=scope(period))
    assert [p for p in named(found) if p["problem"] == "fewer_orders"] == []


def receipts(rows):
    made = [{"due": due, "owed": 1.0, "paid": paid, "got": 1.0 if paid else None} for due, paid in rows]
    return frame("receipts", *made, team="S")


def test_what_is_in_by_the_end_of_a_quarter_is_in_time_for_quarters_before_as_well():
    late = receipts([("2025-05-10", "2025-06-20"), ("2025-06-10", "2025-07-02"), ("2025-07-10", "2025-09-29"),
                     ("2025-08-10", None), ("2025-09-10", "2025-09-10")])  # fmt: skip
    quarter = receipt_cells(late, past_of(scope("2025-Q3")), scope("2025-Q3"))
    assert quarter["in_time"].tolist() == [1.0, 0.0, 1.0, 0.0, 1.0]
    month = receipt_cells(late, past_of(scope("2025-09")), scope("2025-09"))
    assert month["in_time"].tolist() == [0.0, 0.0, 0.0, 0.0, 1.0]


def test_slower_collection_of_a_quarter_is_held_against_what_is_in_by_the_end_of_quarters():
    def paid(month):
        """Of ten dues two are always paid a month late; from July on five are not paid at all."""
        after = str(pd.Period(month, "M") + 1)
        unpaid = 5 if month >= "2025-07" else 0
        days = [None] * unpaid + [f"{after}-05"] * 2 + [f"{month}-27"] * (8 - unpaid)
        return [(f"{month}-{10 + i}", day) for i, day in enumerate(days)]

    rows = receipts([pair for month in MONTHS for pair in paid(month)])
    rows[["due_amount", "received_amount"]] *= 100_000
    tables = orders(*business(4)), targets(), NONE[1], rows
    found = diagnosis.problems(*tables, scope=scope("2025-Q3")).rows
    slow = found[found["problem"] == "lower_collection"].iloc[0]
    # By a quarter's end all are in but two of its last month's; by each month's end eight of ten are.
    assert slow["expected"] == pytest.approx(28 / 30, abs=0.01)
    assert slow["actual"] == pytest.approx(13 / 30)


def test_who_is_new_in_a_week_has_its_first_order_in_it():
    sold = {"2025-01-02": "C", "2025-09-01": "A", "2025-09-10": "A", "2025-09-11": "B", "2025-09-12": "C"}
    rows = [{**SALE, "day": day, "customer": customer} for day, customer in sold.items()]
    found = cells(rows, "2025-W37")
    week = found[found["bin"] == found["bin"].max()]
    assert dict(zip(week["customer"], week["new_existing"], strict=True)) == (
        {"A": "existing", "B": "new", "C": "existing"}
    )
    month = cells(rows, "2025-09")
    now = month[month["bin"] == month["bin"].max()].drop_duplicates("customer")
    assert dict(zip(now["customer"], now["new_existing"], strict=True)) == ({"A": "new", "B": "new", "C": "existing"})


def test_a_rep_who_sold_in_the_quarter_is_there_even_without_sales_in_its_last_month():
    rows = [{**SALE, "day": f"{m}-03", "rep": "Ma" if m < "2025-09" else "Li", "customer": f"{m}"} for m in MONTHS]
    found = cells(rows, "2025-Q3")
    assert set(found["rep"]) == {"Ma", "Li"}
    quarter = scope("2025-Q3")
    *before, last = (quarter.calendar.period(m) for m in MONTHS)
    months = Past(quarter.at(last), tuple(m.window for m in before))
    shown = order_cells(orders(*rows), frame("targets"), months, quarter)
    assert set(shown["rep"]) == {"Ma", "Li"}

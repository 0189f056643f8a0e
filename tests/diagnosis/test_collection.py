"""What is overdue, to the last minor unit, as of a day; and rates that are ranked only where enough was due."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from salesnb.findings import diagnosis
from salesnb.metrics.collection import overdue_items
from salesnb.show.sentence import sentence_text
from tests.frames import frame, scope_of

AUGUST = [
    {"rep": "A", "customer": "x", "due": "2025-08-10", "owed": 100, "paid": "2025-08-12", "got": 100},
    {"rep": "A", "customer": "x", "due": "2025-08-20", "owed": 50},
    {"rep": "A", "customer": "y", "due": "2025-05-01", "owed": 80, "paid": "2025-06-01", "got": 30},
    {"rep": "B", "customer": "z", "due": "2025-07-15", "owed": 40, "paid": "2025-09-02", "got": 40},
    {"rep": "B", "customer": "z", "due": "2025-09-15", "owed": 500},
]


def collection(rows, orders=None, period="2025-08", **more):
    orders = frame("orders") if orders is None else orders
    return diagnosis.collection(frame("receipts", *rows), orders, scope=scope_of(period, team="South", **more))


def cell(found, column, **where):
    rows = found.rows
    for name in ("rep", "customer", "ageing"):
        rows = rows[rows[name] == where.get(name, "")]
    return rows[column].iloc[0]


def test_overdue_by_hand():
    """50 since eleven days, 50 of 80 since four months, 40 that came in after the day; what is due later is not."""
    found = collection(AUGUST)
    assert found.rows["overdue"].iloc[0] == 140.0
    assert cell(found, "overdue", rep="A") == 100.0
    assert cell(found, "overdue", rep="B") == 40.0
    assert cell(found, "days_overdue", rep="A") == (date(2025, 8, 31) - date(2025, 5, 1)).days
    ages = {a: cell(found, "overdue", ageing=a) for a in ("days_30", "days_60", "days_90", "over_90")}
    assert ages == {"days_30": 50.0, "days_60": 40.0, "days_90": 0.0, "over_90": 50.0}
    assert cell(found, "overdue_previous", rep="B") == 40.0
    assert found.rows["overdue_previous"].iloc[0] == 90.0


def test_what_came_in_later_is_not_known_on_the_day():
    assert collection(AUGUST, as_of=date(2025, 8, 11)).rows["overdue"].iloc[0] == 50.0 + 40.0 + 100.0
    later = collection(AUGUST, period="2025-09")
    assert later.rows["overdue"].iloc[0] == 50.0 + 50.0 + 500.0


def test_due_and_received_of_the_period():
    found = collection(AUGUST)
    assert found.rows[["receivable", "received", "collection_rate"]].iloc[0].tolist() == [150.0, 100.0, 100 / 150]
    assert cell(found, "received", rep="A") == 100.0


def test_sentences():
    found = collection(AUGUST)
    assert sentence_text(found, found.headline, "en") == (
        "On 31 Aug 2025, 140 was overdue, against 90 a period before; most with A, 100."
    )
    assert sentence_text(found, found.headline, "zh") == "截至2025年8月31日，逾期140，上期同一时点为90；A最多，为100。"
    said = [sentence_text(found, note, "en") for note in found.notes]
    assert said == [
        "100 came in, against 150 due in the period: 66.7%.",
        "The largest single sum is with x: 50, the oldest part 11 days overdue.",
        "50 has been overdue for more than 90 days.",
    ]


def test_old_debts_that_come_in_do_not_hide_new_ones_that_do_not():
    """Of 100 due in August 20 came in by its end, 70 later; beside it came 90 that were due in May."""
    rows = [
        {"rep": "A", "customer": "x", "due": "2025-08-10", "owed": 20, "paid": "2025-08-30", "got": 25},
        {"rep": "A", "customer": "x", "due": "2025-08-11", "owed": 70, "paid": "2025-09-01", "got": 70},
        {"rep": "B", "customer": "z", "due": "2025-08-12", "owed": 10},
        {"rep": "B", "customer": "z", "due": "2025-05-11", "owed": 90, "paid": "2025-08-09", "got": 90},
    ]
    found = collection(rows)
    assert found.rows[["collection_rate", "due_collection"]].iloc[0].tolist() == [1.15, 0.2]
    assert cell(found, "due_collection", rep="A") == 20 / 90
    assert cell(found, "due_collection", rep="B") == 0.0
    said = {n.key: (sentence_text(found, n, "en"), sentence_text(found, n, "zh")) for n in found.notes}
    assert said["in_time"] == (
        "Of what fell due in the period itself, 20.0% had come in by its end; the collection rate also counts money "
        "due earlier or later.",
        "本期到期的款项，到期末已收20.0%；回款率还包括其他时间到期的款项。",
    )
    assert "in_time" not in {n.key for n in collection(AUGUST).notes}


def test_parts_add_up_in_minor_units_whatever_their_order():
    rows = [
        {"rep": "ABC"[i % 3], "customer": f"c{i % 5}", "due": f"2025-0{1 + i % 8}-1{i % 9}", "owed": 0.1 * i + 0.03}
        for i in range(1, 60)
    ]
    found, turned = collection(rows), collection(rows[::-1])
    pd.testing.assert_frame_equal(found.rows, turned.rows)
    units = found.rows.assign(units=(found.rows["overdue"] * 10_000).round().astype("int64"))
    whole = units["units"].iloc[0]
    for level in (["rep"], ["ageing"], ["rep", "customer"], ["rep", "ageing"]):
        cut = [units[d] != "" if d in level else units[d] == "" for d in ("rep", "customer", "ageing")]
        assert units.loc[cut[0] & cut[1] & cut[2], "units"].sum() == whole > 0


def test_credit_notes_overpayments_and_payments_without_a_date():
    rows = [
        {"due": "2025-08-01", "owed": 100, "got": 100},  # came in, nobody knows when
        {"due": "2025-08-01", "owed": 100, "paid": "2025-08-03", "got": 130},
        {"due": "2025-08-01", "owed": 60},
        {"due": "2025-08-01", "owed": -20},
        {"due": None, "owed": 999},
    ]
    items = overdue_items(frame("receipts", *rows), date(2025, 8, 31))
    assert sorted(items["units"].tolist()) == [-200_000, 600_000]


def test_the_day_it_is_due_is_not_overdue():
    rows = [{"due": "2025-08-30", "owed": 5}, {"due": "2025-08-31", "owed": 7}]
    assert overdue_items(frame("receipts", *rows), date(2025, 8, 31))["days"].tolist() == [1]


def test_a_record_that_begins_with_the_period_says_nothing_of_the_one_before():
    found = collection([{"rep": "A", "due": "2025-08-01", "owed": 10}, {"rep": "B", "due": "2025-08-02", "owed": 5}])
    assert found.rows["overdue_previous"].isna().all()
    assert found.headline.key == "overdue_most"


def test_nobody_is_called_lowest_by_the_rate_of_a_few_instalments():
    """Instalments are few, uneven and of the same customers: the table shows the rates, no sentence ranks them."""
    rows = [{"rep": r, "due": f"2025-08-{d:02d}", "owed": 10, "paid": f"2025-08-{d:02d}", "got": g}
            for r, g in (("A", 10), ("B", 2)) for d in range(1, 22)]  # fmt: skip
    found = collection(rows)
    assert "rate" in {n.key for n in found.notes}
    told = [sentence_text(found, n, "en") for n in found.notes if n.key == "rate"]
    assert told == ["252 came in, against 420 due in the period: 60.0%."]
    assert found.rows.set_index("rep").loc["B", "collection_rate"].iloc[0] == pytest.approx(0.2)


def test_without_due_dates_sales_stand_in():
    orders = frame("orders", {"day": "2025-08-05", "money": 200, "customer": "x", "rep": "A"})
    found = collection([{"rep": "A", "customer": "x", "paid": "2025-08-09", "got": 50}], orders)
    assert found.headline.key == "on_sales"
    assert found.rows["collection_rate"].iloc[0] == 0.25
    assert found.rows["overdue"].isna().all()
    assert sentence_text(found, found.headline, "en") == (
        "The receipts have no due dates: 50 came in, 25.0% of the sales of the period. What is overdue cannot be told."
    )


def test_nothing_overdue_and_nothing_given():
    paid = collection([{"rep": "A", "due": "2025-08-10", "owed": 100, "paid": "2025-08-10", "got": 100}])
    assert paid.headline.key == "none_overdue"
    assert paid.chart is None
    assert collection([]).missing[0].table == "receipts"


@pytest.mark.parametrize("audience", ["public", "team"])
def test_single_customers_and_persons_only_for_those_who_may_see_them(audience):
    scope = scope_of("2025-08", team="South")
    found = diagnosis.collection(frame("receipts", *AUGUST), frame("orders"), scope=replace(scope, audience=audience))
    assert not found.quiet
    assert found.rows["overdue"].iloc[0] == 140.0
    assert (found.rows["rep"] != "").any() == (audience == "team")

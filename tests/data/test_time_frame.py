"""The frame of time is set by the bulk of the dates; few dates far from all others are named, and real ones stay."""

from datetime import date, timedelta

import numpy as np
import pytest

from salesnb.data import load
from salesnb.data.taking import time_frame
from salesnb.errors import SettingsError

NEVER = (date(1970, 1, 1), date(2100, 12, 31))


def counts(*days):
    """How many rows each day since 1970 has."""
    numbers = [(d - NEVER[0]).days for d in days]
    return np.bincount(numbers, minlength=(NEVER[1] - NEVER[0]).days + 1)


def limits(*sources):
    return tuple(NEVER[0] + timedelta(days=d) for d in time_frame.limits([counts(*s) for s in sources]))


def every(step, start, count):
    return [start + timedelta(days=step * i) for i in range(count)]


DAILY = every(1, date(2024, 1, 1), 300)
"""Up to 2024-10-26."""


@pytest.mark.parametrize("stray", [date(2025, 3, 1), date(2026, 6, 1), date(2052, 1, 1)])
def test_a_date_far_ahead_is_outside(stray):
    assert limits([*DAILY, stray])[1] == date(2024, 10, 26)


@pytest.mark.parametrize("stray", [date(2023, 1, 5), date(1990, 1, 1)])
def test_a_date_far_before_is_outside(stray):
    assert limits([*DAILY, stray])[0] == date(2024, 1, 1)


def test_strays_at_both_ends_and_in_another_table():
    assert limits([*DAILY, date(1990, 1, 1), date(2052, 1, 1)], [date(2051, 1, 1)]) == (
        date(2024, 1, 1),
        date(2024, 10, 26),
    )


def test_two_dates_ahead_are_outside_together():
    many = DAILY * 2
    assert limits([*many, date(2025, 3, 1), date(2052, 1, 1)])[1] == date(2024, 10, 26)


def test_one_far_and_one_farther():
    few = every(1, date(2024, 7, 19), 100)  # up to 2024-10-26
    assert limits([*few, date(2025, 3, 1), date(2052, 1, 1)])[1] == date(2024, 10, 26)


@pytest.mark.parametrize(
    "real",
    [
        [*DAILY, date(2025, 1, 1)],  # a break of two months
        [*DAILY, *[date(2025, 6, 1)] * 5],  # they are back
        every(31, date(2020, 1, 1), 40),  # one order a month
        [*every(31, date(2020, 1, 1), 40), date(2023, 9, 1)],  # and four months without any
        [*every(1, date(2023, 6, 1), 90), *every(1, date(2024, 6, 1), 90), date(2025, 6, 1)],  # summers only
        every(120, date(2015, 1, 1), 9),  # hardly any rows
        [date(2015, 1, 1), date(2018, 5, 1), date(2018, 6, 1), date(2021, 5, 1)],
        [date(2025, 1, 1)],
        [],
    ],
)
def test_real_histories_are_whole(real):
    assert limits(real) == NEVER


def test_the_pauses_of_a_table_of_its_own_are_no_sign():
    quarterly = every(91, date(2022, 1, 1), 12)  # up to 2024-09-27
    assert limits(quarterly, every(1, date(2022, 1, 1), 900)) == NEVER  # up to 2024-06-18


def test_rows_of_few_dates_years_ahead():
    assert limits([*every(7, date(2024, 1, 1), 12), date(2052, 1, 1)])[1] == date(2024, 3, 18)


def orders(*more):
    rows = [f"{i},2025-{i % 9 + 1:02d}-{i % 28 + 1:02d},10,C{i % 7}" for i in range(126)]
    return "\n".join(["Order ID,Date,Amount,Customer", *rows, *more, ""])


def test_rows_outside_are_named_and_all_else_stays(folder, tmp_path):
    folder.write("orders.csv", orders())
    before = load(str(folder))
    folder.write("orders.csv", orders("a,2052-01-01,7,C1", "b,1990-01-01,7,C2", "c,1925-01-01,7,C3"))
    after = load(str(folder))
    assert after.scope.as_of == before.scope.as_of == date(2025, 9, 27)
    assert after.scope.history_start == before.scope.history_start == date(2025, 1, 1)
    assert after.scope.period.name == before.scope.period.name == "2025-08"
    assert after.orders.equals(before.orders)
    assert after.intake.quarantine[["row", "column", "value", "reason"]].values.tolist() == [
        [128, "Date", "2052-01-01", "date_far_ahead"],
        [129, "Date", "1990-01-01", "date_far_before"],
        [130, "Date", "1925-01-01", "date_out_of_range"],
    ]


def test_a_deal_keeps_its_close_where_its_creation_is_odd(folder):
    rows = "".join(f"d{i},10,won,2025-08-{i % 28 + 1:02d},2025-09-{i % 28 + 1:02d}\n" for i in range(120))
    folder.write(
        "opportunities.csv",
        f"opportunity_id,amount,status,created_date,close_date\n{rows}97,5,won,2052-08-01,2025-09-03\n"
        "98,6,open,2052-08-01,\n99,5,lost,2025-08-01,2028-09-01\n",
    )
    case = load(str(folder), period="2025-09")
    assert case.scope.as_of == date(2025, 9, 28)
    deals = case.opportunities.set_index("opportunity_id")
    assert deals.loc["97", "amount"] == 5
    assert deals["created_date"].isna().sum() == 1
    assert case.intake.quarantine[["row", "value"]].values.tolist() == [[123, "2052-08-01"], [124, "2028-09-01"]]
    told = case.intake.remarks[["code", "column", "value", "rows"]].values.tolist()
    assert ["date_left_out", "created_date", "2052-08-01 (:122)", 1] in told
    assert [code for code, *_ in told].count("date_left_out") == 1


def test_the_frame_by_hand(folder):
    folder.write("orders.csv", orders("a,2052-01-01,7,C1", "b,1990-01-01,7,C2"))
    folder.settings("[quality]\nfirst_day = 1990-01-01\nlast_day = 2025-06-30\n")
    case = load(str(folder))
    assert (case.scope.history_start, case.scope.as_of) == (date(1990, 1, 1), date(2025, 6, 24))
    assert set(case.intake.quarantine.reason) == {"date_far_ahead"}
    folder.settings("[quality]\nfirst_day = 2025-06-30\nlast_day = 2025-01-01\n")
    with pytest.raises(SettingsError, match="last_day"):
        load(str(folder))


def test_what_is_invoiced_after_the_last_order_has_happened(folder):
    folder.write("orders.csv", "Order ID,Date,Amount,Invoice Date\n1,2025-09-01,10,2025-10-31\n2,2025-09-02,20,\n")
    assert load(str(folder)).scope.as_of == date(2025, 9, 2)
    folder.settings('[sales]\nbasis = "invoiced"\n')
    case = load(str(folder))
    assert (case.scope.as_of, case.scope.period.name) == (date(2025, 10, 31), "2025-10")
    before = load(str(folder), as_of="2025-10-30", period="2025-10")
    assert before.orders.sales_date.notna().sum() == 0


def months_of(folder, days, quality="", amount=10):
    rows = "".join(f"{i},{d},{amount}\n" for i, d in enumerate(days))
    folder.write("orders.csv", f"Order ID,Date,Amount\n{rows}")
    folder.settings(f"[quality]\n{quality}")
    found = load(str(folder))
    said = [r for r in found.intake.remarks["code"] if r == "days_are_months"]
    scope = found.scope
    return scope.as_of, scope.calendar.latest(scope.as_of).name, len(said)


FIRSTS = ["2025-06-01", "2025-07-01", "2025-07-01", "2025-08-01", "2025-09-01"]


@pytest.mark.parametrize(
    ("days", "quality", "end", "latest", "said"),
    [
        (FIRSTS, "", "2025-09-30", "2025-09", 1),
        (FIRSTS, "last_day = 2025-09-15", "2025-09-15", "2025-08", 1),
        ([*FIRSTS, "2025-08-02"], "", "2025-09-01", "2025-08", 0),
        (["2025-08-01", "2025-09-01"], "", "2025-09-01", "2025-08", 0),  # two may be chance
    ],
)
def test_first_days_of_months_stand_for_months(folder, days, quality, end, latest, said):
    assert months_of(folder, days, quality) == (date.fromisoformat(end), latest, said)

"""Periods written as days, and the calendar table as a whole."""

import pytest

from salesnb.data import check, load
from salesnb.errors import InputError

ORDERS = "Order ID,Date,Customer,Rep,Amount\nA1,2025-05-31,c1,r1,50\nA2,2025-06-15,c2,r1,300\nA3,2025-08-31,c2,r1,1\n"
HEAD = "level,year,number,start,end,name\n"
QUARTERS = (
    HEAD + "quarter,2026,1,2025-05-30,2025-08-29,FY26-Q1\nquarter,2026,2,2025-08-30,2025-11-29,FY26-Q2\n"
    "year,2026,1,2025-05-30,2026-05-29,FY26\n"
)


def periods(folder, *days, calendar=""):
    folder.write("orders.csv", ORDERS)
    folder.write("targets.csv", "Period,Rep,Target\n" + "".join(f"{day},r1,{i}\n" for i, day in enumerate(days)))
    if calendar:
        folder.write("calendar.csv", calendar)
    return load(str(folder), period="2025-06").targets["period"].tolist()


def test_a_column_of_first_days_of_months_is_one_of_months(folder):
    assert periods(folder, "2025-08-01", "2025/9/1", "2025-10-01 00:00:00") == ["2025-08", "2025-09", "2025-10"]


def test_a_day_that_begins_a_period_of_the_calendar_is_that_period(folder):
    assert periods(folder, "2025-05-30", "2025-08-30", calendar=QUARTERS) == ["FY26-Q1", "FY26-Q2"]


def test_any_other_day_is_no_period_and_is_told_with_what_to_do(folder):
    with pytest.raises(InputError, match="a day is no period"):
        periods(folder, "2025-05-30", "2025-06-01")
    assert periods(folder, "2025-05-30", "2025-06-01", "2025-07", "2025-08", calendar=QUARTERS) == [
        "FY26-Q1", "2025-07", "2025-08",
    ]  # fmt: skip
    assert check(str(folder)).quarantine["reason"].tolist() == ["period_is_a_day"]


def test_a_name_that_the_calendar_does_not_have_is_set_aside(folder):
    assert periods(folder, "FY26-Q1", "2025-Q3", "FY26-Q2", "2025-07", calendar=QUARTERS) == [
        "FY26-Q1",
        "FY26-Q2",
        "2025-07",
    ]
    assert check(str(folder)).quarantine["reason"].tolist() == ["period_unknown"]


def test_all_that_is_wrong_with_a_calendar_is_said_at_once_with_the_rows(folder):
    folder.write("orders.csv", ORDERS)
    folder.write(
        "calendar.csv",
        HEAD + "quarter,2026,1,2025-05-30,2025-08-29,A\nquarter,2026,2,2025-08-15,2025-11-29,B\n"
        "month,2026,1,2025-06-30,2025-06-01,C\nmonth,2026,3,2025-07-01,2025-07-31,D\n"
        "month,2026,2,2025-08-01,2025-08-31,D\n",
    )
    with pytest.raises(InputError) as told:
        load(str(folder), period="2025")
    text = str(told.value)
    assert "overlap" in text
    assert "B 2025-08-15 - 2025-11-29 (calendar.csv:3) and A 2025-05-30 - 2025-08-29 (calendar.csv:2)" in text
    assert "ends before it begins: C" in text
    assert "one name: D" in text
    assert "another order than their numbers: D 2025-08-01" in text


def test_a_gap_of_the_calendar_is_told(folder):
    folder.write("orders.csv", ORDERS)
    folder.write("calendar.csv", HEAD + "month,2026,1,2025-06-01,2025-06-28,A\nmonth,2026,2,2025-07-01,2025-07-31,B\n")
    (told,) = check(str(folder)).remarks.query("code == 'calendar_gap'").to_dict("records")
    assert (told["value"], told["rows"]) == ("2025-06-29 - 2025-06-30", 2)

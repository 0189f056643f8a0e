"""Periods, comparisons and working days."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesnb import calendar as cal
from salesnb.calendar import Calendar, Period, Window
from salesnb.errors import ScopeError

PLAIN = Calendar()


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("2025-Q3", date(2025, 7, 1), date(2025, 9, 30)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-12", date(2025, 12, 1), date(2025, 12, 31)),
        ("2025-W01", date(2024, 12, 30), date(2025, 1, 5)),
    ],
)
def test_a_name_gives_its_days(name, start, end):
    assert PLAIN.period(name).window == Window(start, end)


@pytest.mark.parametrize("name", ["2025-13", "2025-Q5", "2025-W54", "Sept", "", "2025-9", "../x"])
def test_a_name_that_is_no_period_is_refused_with_the_forms_that_are(name):
    with pytest.raises(ScopeError, match="2025-Q3"):
        PLAIN.period(name)


@pytest.mark.parametrize(
    ("name", "previous", "last_year"),
    [
        ("2025-01", "2024-12", "2024-01"),
        ("2025-Q1", "2024-Q4", "2024-Q1"),
        ("2025", "2024", "2024"),
        ("2025-W36", "2025-W35", "2024-W36"),
        ("2021-W01", "2020-W53", "2020-W01"),
    ],
)
def test_the_period_before_and_a_year_before(name, previous, last_year):
    period = PLAIN.period(name)
    assert PLAIN.previous(period).name == previous
    assert PLAIN.last_year(period).name == last_year


def test_week_53_has_no_last_year():
    assert PLAIN.last_year(PLAIN.period("2020-W53")) is None


def test_a_range_crosses_the_year():
    assert [p.name for p in PLAIN.expand("2025-11..2026-02")] == ["2025-11", "2025-12", "2026-01", "2026-02"]


@pytest.mark.parametrize("text", ["2025-03..2025-01", "2025-01..2025-Q2"])
def test_a_range_must_run_forward_on_one_level(text):
    with pytest.raises(ScopeError, match="one level"):
        PLAIN.expand(text)


def test_latest_is_the_last_month_whose_last_working_day_the_data_reach():
    # 2025-08-29 is a Friday, the last working day of August
    assert PLAIN.expand("latest", date(2025, 8, 29))[0].name == "2025-08"
    assert PLAIN.expand("latest", date(2025, 8, 28))[0].name == "2025-07"


def test_holidays_and_worked_weekends_change_the_working_days():
    china = Calendar(holidays=[date(2025, 10, d) for d in range(1, 9)], workdays=[date(2025, 10, 11)])
    october = Window(date(2025, 10, 1), date(2025, 10, 31))
    assert PLAIN.working_days(october) == 23
    assert china.working_days(october) == 23 - 6 + 1
    assert china.is_working_day(date(2025, 10, 11))
    assert china.after(date(2025, 9, 30), 1) == date(2025, 10, 9)


def test_a_window_is_cut_after_so_many_working_days_and_keeps_the_days_off_that_follow():
    september = cal.month(2025, 9).window
    assert PLAIN.cut(september, 5) == Window(date(2025, 9, 1), date(2025, 9, 7))
    assert PLAIN.cut(september, 22) == september


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.sampled_from(cal.LEVELS))
def test_every_day_lies_in_one_period_of_each_level_and_before_follows_on(day, level):
    period = PLAIN.holding(day, level)
    assert period.start <= day <= period.end
    assert PLAIN.period(period.name) == period
    assert (period.start - PLAIN.previous(period).end).days == 1


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)))
def test_the_parts_of_a_year_cover_it(day):
    year = PLAIN.holding(day, "year")
    for level in ("quarter", "month"):
        parts = PLAIN.parts(year, level)
        assert (parts[0].start, parts[-1].end) == (year.start, year.end)
        assert sum((p.end - p.start).days + 1 for p in parts) == (year.end - year.start).days + 1


def fiscal() -> Calendar:
    """Return quarters of 13 weeks that begin on odd days; the second year has only the first."""
    rows = [
        {"level": "quarter", "year": y, "number": n, "start": start, "end": end, "name": ""}
        for y, n, start, end in [
            (2024, 1, date(2024, 2, 4), date(2024, 5, 4)),
            (2024, 2, date(2024, 5, 5), date(2024, 8, 3)),
            (2024, 3, date(2024, 8, 4), date(2024, 11, 2)),
            (2025, 1, date(2025, 2, 2), date(2025, 5, 3)),
        ]
    ]
    return Calendar(cal.from_rows(rows))


def test_fiscal_quarters_replace_calendar_ones_and_compare_by_number():
    calendar = fiscal()
    first = calendar.period("2025-Q1")
    assert first == Period("2025-Q1", "quarter", 2025, 1, date(2025, 2, 2), date(2025, 5, 3))
    assert calendar.last_year(first).start == date(2024, 2, 4)
    assert calendar.previous(first).name == "2024-Q3"
    assert calendar.previous(calendar.period("2024-Q1")) is None
    assert calendar.last_year(calendar.period("2024-Q2")) is None


def test_fiscal_periods_without_a_name_bear_the_plain_ones():
    spans = {"year": (1,), "quarter": (1, 4), "month": (1, 12), "week": (1, 36)}
    rows = [
        {"level": level, "year": 2025, "number": n, "start": date(2025, 2, 2), "end": date(2025, 2, 3), "name": ""}
        for level, numbers in spans.items() for n in numbers
    ]  # fmt: skip
    calendar = Calendar(cal.from_rows(rows))
    names = ["2025", "2025-01", "2025-12", "2025-Q1", "2025-Q4", "2025-W01", "2025-W36"]
    assert sorted(p.name for p in calendar.fiscal) == names
    assert [calendar.period(n).name for n in ("2025Q4", "2025-q04", "2025-w1", "2025-12")] == [
        "2025-Q4", "2025-Q4", "2025-W01", "2025-12",
    ]  # fmt: skip
    with pytest.raises(ScopeError):
        calendar.period("2025-Q2")


def test_a_day_outside_the_fiscal_table_is_an_error_that_says_so():
    with pytest.raises(ScopeError, match="calendar table has no quarter"):
        fiscal().holding(date(2023, 1, 1), "quarter")

"""The past of a figure: its bins, what is usual, what a period is compared with, on scopes worked out by hand."""

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest

from salesnb.calendar import Calendar, Period, Window
from salesnb.scope import Scope
from salesnb.views.past import LAST_YEAR, QUARTER_BEFORE, Past, base_of, own_past, past_of
from salesnb.views.periods import finished, run_before, run_to, unit_of
from tests.frames import scope_of


def days(*windows):
    return [(str(w.start), str(w.end)) for w in windows]


@pytest.mark.parametrize(
    ("period", "count", "first"),
    [
        ("2025-02", 12, "2024-02-01"),  # the shortest month has no thirteenth
        ("2025-09", 12, "2024-09-01"),
        ("2025-Q3", 4, "2024-07-01"),
        ("2025-W36", 52, "2024-09-02"),
        ("2025", 1, "2024-01-01"),
    ],
)
def test_what_is_usual_is_one_year_that_ends_where_the_period_begins(period, count, first):
    found = own_past(scope_of(period))
    assert len(found.year) == count
    assert str(found.year[0].start) == first
    assert found.year[-1].end + timedelta(days=1) == found.now.start
    for one, other in zip(found.year[:-1], found.year[1:], strict=True):
        assert one.end + timedelta(days=1) == other.start


def test_of_fiscal_months_of_four_and_five_weeks_a_year_has_twelve():
    day, fiscal = date(2023, 10, 2), []
    for number, weeks in enumerate((4, 4, 5) * 8):
        end = day + timedelta(weeks=weeks, days=-1)
        year, month = 2024 + number // 12, number % 12 + 1
        fiscal.append(Period(f"FY{year}-P{month:02d}", "month", year, month, day, end))
        day = end + timedelta(days=1)
    for name in ("FY2025-P11", "FY2025-P12"):  # of 28 days and of 35
        calendar = Calendar(fiscal)
        scope = Scope("all", calendar.period(name), date(2025, 12, 1), date(2023, 10, 2), calendar=calendar)
        assert len(own_past(scope).year) == 12


def test_the_past_of_a_quarter_is_told_by_months_each_in_its_place():
    found = own_past(scope_of("2025-Q3"))
    assert days(found.bins[0], found.bins[-1]) == [("2023-07-01", "2023-07-31"), ("2025-06-01", "2025-06-30")]
    assert (len(found.bins), found.times) == (24, 3)
    assert found.cycle.tolist() == [0, 1, 2] * 8
    assert days(*found.seasonal[0], *found.seasonal[1]) == [
        ("2024-04-01", "2024-06-30"), ("2024-07-01", "2024-09-30"),
        ("2023-04-01", "2023-06-30"), ("2023-07-01", "2023-09-30"),
    ]  # fmt: skip


def test_a_past_that_the_history_does_not_hold_whole_is_left_out():
    found = own_past(scope_of("2025-09", begin=date(2025, 3, 17)))
    assert days(found.bins[0], found.bins[-1]) == [("2025-04-01", "2025-04-30"), ("2025-08-01", "2025-08-31")]
    assert found.seasonal == ()


def test_steps_of_an_unfinished_month_have_as_many_working_days():
    found = own_past(scope_of("2025-09", as_of=date(2025, 9, 12)))
    assert Calendar().working_days(found.now) == 10
    assert {Calendar().working_days(w) for pair in found.seasonal for w in pair} == {10}


def test_the_same_season_lies_in_earlier_years_only():
    scope = scope_of("2025-Q3")
    found = own_past(scope)
    seasons = found.season(scope.period)
    assert [str(w.start)[:7] for w, fit in zip(found.bins, seasons, strict=True) if fit] == [
        "2023-07", "2023-08", "2023-09", "2024-07", "2024-08", "2024-09"
    ]  # fmt: skip
    year = scope_of("2025")
    assert not own_past(year).season(year.period).any()


@pytest.mark.parametrize(
    ("period", "count", "first", "last", "recent"),
    [
        ("2025-09", 12, "2024-06-01", "2025-05-31", "2025-06-01"),  # June to August are judged with September
        ("2025-Q3", 4, "2024-07-01", "2025-06-30", "2025-07-01"),
        ("2025", 1, "2024-01-01", "2024-12-31", "2025-01-01"),
        ("2025-W36", 26, "2024-12-02", "2025-06-01", "2025-06-02"),
    ],
)
def test_the_usual_periods_end_where_what_is_judged_begins(period, count, first, last, recent):
    found = past_of(scope_of(period))
    assert len(found.usual) == count
    assert (str(found.usual[0].start), str(found.usual[-1].end)) == (first, last)
    assert str(found.recent.start) == recent
    assert found.recent.end == found.now.end


def test_periods_of_two_weeks_have_half_a_year_that_is_usual_and_a_quarter_that_is_judged():
    day, sprints = date(2024, 1, 1), []
    for number in range(50):
        sprints.append(Period(f"sprint {number}", "sprint", 2024, number, day, day + timedelta(days=13)))
        day += timedelta(days=14)
    calendar = Calendar(sprints)
    scope = replace(scope_of("2025-09"), calendar=calendar, period=calendar.period("sprint 44"))
    found = past_of(scope)
    assert len(found.usual) == 13
    assert (found.now.start - found.recent.start).days == 6 * 14
    assert found.usual[-1].end + timedelta(days=1) == found.recent.start


def test_usual_periods_of_an_unfinished_one_have_as_many_working_days():
    found = past_of(scope_of("2025-09", as_of=date(2025, 9, 12)))
    assert {Calendar().working_days(w) for w in (found.now, *found.usual)} == {10}
    assert {w.start.day for w in found.usual} == {1}


def test_what_the_history_does_not_hold_whole_is_not_usual():
    found = past_of(scope_of("2025-09", begin=date(2025, 2, 10)))
    assert [str(w.start) for w in found.usual] == ["2025-03-01", "2025-04-01", "2025-05-01"]


def held(scope):
    base = base_of(scope)
    return base and (base.basis, base.period.name, str(base.window.start), str(base.window.end))


@pytest.mark.parametrize(
    ("period", "begin", "expected"),
    [
        ("2025-09", "2024-09-01", (LAST_YEAR, "2024-09", "2024-09-01", "2024-09-30")),
        # Of last September the data hold a part, of June all.
        ("2025-09", "2024-09-16", (QUARTER_BEFORE, "2025-06", "2025-06-01", "2025-06-30")),
        ("2025-09", "2025-06-01", (QUARTER_BEFORE, "2025-06", "2025-06-01", "2025-06-30")),
        ("2025-09", "2025-06-17", None),
        ("2025-Q3", "2024-07-01", (LAST_YEAR, "2024-Q3", "2024-07-01", "2024-09-30")),
        ("2025-Q3", "2024-08-01", None),
        ("2025", "2023-01-02", (LAST_YEAR, "2024", "2024-01-01", "2024-12-31")),
        ("2025-W36", "2023-01-02", (LAST_YEAR, "2024-W36", "2024-09-02", "2024-09-08")),
    ],
)
def test_the_base_is_last_year_else_the_same_month_of_the_quarter_before(period, begin, expected):
    assert held(scope_of(period, begin=date.fromisoformat(begin))) == expected


@pytest.mark.parametrize("begin", ["2023-01-02", "2025-01-01"])
def test_the_base_of_an_unfinished_month_has_as_many_working_days(begin):
    scope = scope_of("2025-09", as_of=date(2025, 9, 12), begin=date.fromisoformat(begin))
    base = base_of(scope)
    assert Calendar().working_days(base.window) == Calendar().working_days(scope.window) == 10
    assert base.window.start.day == 1


@pytest.mark.parametrize(
    ("period", "as_of", "month"),
    [("2025-09", "2025-09-30", "2025-09"), ("2025-09", "2025-09-29", "2025-08"), ("2025-Q3", "2025-12-31", "2025-09"),
     ("2025-W36", "2025-12-31", "2025-08"), ("2025-08", "2025-12-31", "2025-08"), ("2025-11", "2025-11-28", "2025-11")],
)  # fmt: skip
def test_the_last_month_that_was_over(period, as_of, month):
    """30 November 2025 is a Sunday: with the 28th the month is over."""
    assert finished(scope_of(period, as_of=date.fromisoformat(as_of)), "month", 3)[-1].name == month


def test_days_fall_into_the_bin_that_holds_them_and_gaps_into_none():
    past = Past(scope_of("2025-03", as_of=date(2025, 3, 9)), (Window(date(2025, 1, 1), date(2025, 1, 31)),))
    days = pd.Series(pd.to_datetime(
        ["2024-12-31", "2025-01-01", "2025-01-31", "2025-02-01", "2025-03-01", "2025-03-09", "2025-03-10", None]
    ))  # fmt: skip
    assert past.place(days).tolist() == [-1, 0, 0, -1, 1, 1, -1, -1]
    with_hours = pd.Series(pd.to_datetime(["2025-01-31 23:59:59", "2025-03-09 12:00:00"]))
    assert past.place(with_hours).tolist() == [0, 1]


def names(periods):
    return [p.name for p in periods]


def test_a_run_ends_with_the_scope_s_day_and_one_before_it_where_the_period_begins():
    running = scope_of("2025-Q3", as_of=date(2025, 8, 12))
    assert names(run_to(running, "month", 3)) == ["2025-06", "2025-07", "2025-08"]
    assert names(run_before(running, "month", 3)) == ["2025-04", "2025-05", "2025-06"]
    assert names(run_before(running, "month", 2, apart=3)) == ["2025-02", "2025-03"]
    assert names(run_before(running, "quarter", 2)) == ["2025-Q1", "2025-Q2"]
    assert names(finished(running, "month", 2)) == ["2025-06", "2025-07"]
    week = scope_of("2025-W36", as_of=date(2025, 9, 30))
    assert names(run_before(week, "month", 1)) == ["2025-08"]  # the week begins in September
    assert names(run_to(week, "week", 2)) == ["2025-W35", "2025-W36"]


def test_a_run_holds_what_the_history_holds_but_for_a_tenth_of_its_days():
    late = scope_of("2025-09", begin=date(2025, 6, 3))  # of 21 working days of June one is missing
    assert names(run_before(late, "month", 12)) == ["2025-06", "2025-07", "2025-08"]
    assert names(run_before(scope_of("2025-09", begin=date(2025, 6, 5)), "month", 12)) == ["2025-07", "2025-08"]
    assert run_before(late, "month", 12, apart=5) == []
    assert names(finished(late, "month", 12)) == ["2025-06", "2025-07", "2025-08", "2025-09"]


def test_a_fiscal_table_that_does_not_reach_a_period_has_no_run_and_no_past():
    only = [Period("P09", "month", 2025, 9, date(2025, 9, 1), date(2025, 9, 28))]
    scope = replace(scope_of("2025-Q4", as_of=date(2025, 12, 31)), calendar=Calendar(only))
    assert run_to(scope, "month", 3) == run_before(scope, "month", 3) == finished(scope, "month", 3) == []
    assert (past_of(scope).bins, past_of(scope).times) == ((), 1)
    assert unit_of(scope) == "quarter"
    assert days(own_past(scope).bins[-1]) == [("2025-07-01", "2025-09-30")]


@pytest.mark.parametrize(
    ("period", "as_of", "count", "length", "spans", "whole"),
    [
        ("2025-09", "2025-09-30", 24, 1, (1, 2, 3, 4), True),
        ("2025-09", "2025-09-12", 24, 1, (1,), False),
        ("2025-Q3", "2025-09-30", 24, 3, (1,), True),
        ("2025-W36", "2025-09-30", 24, 1, (1,), False),
    ],
)
def test_the_bins_of_a_period_are_the_months_before_it(period, as_of, count, length, spans, whole):
    found = past_of(scope_of(period, as_of=date.fromisoformat(as_of), begin=date(2021, 1, 1)))
    assert (len(found.bins), found.length, found.spans, found.whole) == (count, length, spans, whole)
    assert found.bins[-1].end < found.now.start
    assert found.windows == (*found.bins, found.now)
    assert found.lengths[-1] == Calendar().working_days(found.now)


def test_a_week_s_own_past_is_half_a_year_of_weeks():
    found = own_past(scope_of("2025-W36"))
    assert (len(found.bins), found.times, found.seasonal) == (26, 1, ())
    assert days(found.bins[-1]) == [("2025-08-25", "2025-08-31")]


def test_what_is_judged_together_begins_with_the_history_at_the_earliest():
    found = past_of(scope_of("2025-09", begin=date(2025, 7, 20)))
    assert days(*found.together) == [
        ("2025-07-01", "2025-07-31"), ("2025-08-01", "2025-08-31"), ("2025-09-01", "2025-09-30"),
    ]  # fmt: skip
    assert days(found.recent) == [("2025-07-20", "2025-09-30")]


def test_a_step_of_earlier_years_counts_where_the_history_lacks_a_tenth_of_its_first_period():
    """Trade of 2023 begins on its second working day: the step from April to July is one all the same."""
    told = past_of(scope_of("2025-Q3", begin=date(2023, 4, 4))).steps
    assert [str(before.start) for before, _ in told] == ["2024-04-01", "2023-04-01"]
    assert len(past_of(scope_of("2025-Q3", begin=date(2023, 5, 4))).steps) == 1


def test_a_fiscal_month_of_five_weeks_is_a_month_like_one_of_four():
    day, fiscal = date(2023, 1, 2), []
    for number, weeks in enumerate((4, 4, 5) * 12):
        end = day + timedelta(weeks=weeks, days=-1)
        year, month = 2023 + number // 12, number % 12 + 1
        fiscal.append(Period(f"FY{year}-P{month:02d}", "month", year, month, day, end))
        day = end + timedelta(days=1)
    calendar = Calendar(fiscal)
    for name in ("FY2025-P08", "FY2025-P09"):
        scope = Scope("all", calendar.period(name), date(2025, 12, 1), date(2023, 1, 2), calendar=calendar)
        found = past_of(scope)
        assert (found.spans, found.tell_newcomers) == ((1, 2, 3, 4), True)


def test_a_company_s_own_long_periods_are_told_by_months_like_quarters():
    halves = [
        Period("H1", "half", 2025, 1, date(2025, 1, 1), date(2025, 6, 30)),
        Period("H2", "half", 2025, 2, date(2025, 7, 1), date(2025, 12, 31)),
    ]
    scope = replace(scope_of("2025-09"), calendar=Calendar(halves), period=halves[0])
    assert unit_of(scope) == "month"
    assert days(own_past(scope).bins[-1]) == [("2024-12-01", "2024-12-31")]
    assert unit_of(scope_of("2025-09")) == "month"
    assert unit_of(scope_of("2025-W36")) == "week"

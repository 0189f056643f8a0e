"""The windows in which sales are looked at, and the lines laid out in them: whole, once, and alike."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from salesnb.calendar import Calendar, Period, Window
from salesnb.causes.baselines import LAST_YEAR, PREVIOUS, TARGET, baselines
from salesnb.scope import Scope
from salesnb.views.lines import lines_of
from salesnb.views.posts import with_target
from salesnb.views.slices import in_slice
from salesnb.views.windows import same_season, windows_of
from tests.diagnosis.diagnosis_frames import orders_of, scope_of, targets_of


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
    found = windows_of(scope_of(period))
    assert len(found.usual) == count
    assert str(found.usual[0].start) == first
    assert found.usual[-1].end + timedelta(days=1) == found.now.start
    for one, other in zip(found.usual[:-1], found.usual[1:], strict=True):
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
        assert len(windows_of(scope).usual) == 12


def test_the_past_of_a_quarter_is_told_by_months_each_in_its_place():
    found = windows_of(scope_of("2025-Q3"))
    assert days(found.past[0], found.past[-1]) == [("2023-07-01", "2023-07-31"), ("2025-06-01", "2025-06-30")]
    assert (len(found.past), found.times) == (24, 3)
    assert found.cycle.tolist() == [0, 1, 2] * 8
    assert days(*found.steps[0], *found.steps[1]) == [
        ("2024-04-01", "2024-06-30"), ("2024-07-01", "2024-09-30"),
        ("2023-04-01", "2023-06-30"), ("2023-07-01", "2023-09-30"),
    ]  # fmt: skip


def test_a_past_that_the_history_does_not_hold_whole_is_left_out():
    found = windows_of(scope_of("2025-09", begin=date(2025, 3, 17)))
    assert days(found.past[0], found.past[-1]) == [("2025-04-01", "2025-04-30"), ("2025-08-01", "2025-08-31")]
    assert found.steps == ()
    assert found.last_year is None


def test_steps_of_an_unfinished_month_have_as_many_working_days():
    found = windows_of(scope_of("2025-09", as_of=date(2025, 9, 12)))
    assert Calendar().working_days(found.now) == 10
    assert {Calendar().working_days(w) for pair in found.steps for w in pair} == {10}


def test_the_same_season_lies_in_earlier_years_only():
    scope = scope_of("2025-Q3")
    found = windows_of(scope)
    seasons = same_season(scope, scope.period, found.past)
    assert [str(w.start)[:7] for w, fit in zip(found.past, seasons, strict=True) if fit] == [
        "2023-07", "2023-08", "2023-09", "2024-07", "2024-08", "2024-09"
    ]  # fmt: skip
    year = scope_of("2025")
    assert not same_season(year, year.period, windows_of(year).past).any()


def newcomers(quarters=8):
    """Every month a customer of its own begins and buys for 10 ever after; ten old ones buy as much each."""
    months = [str(m) for m in pd.period_range("2022-01", "2025-09", freq="M")]
    rows = [
        {"day": f"{m}-05", "money": 10, "customer": f"old{n}", "team": "South"}
        for m in months
        for n in range(10)
    ]
    rows += [
        {"day": f"{m}-09", "money": 10, "customer": f"of {begun}", "team": "South"}
        for begun in months
        for m in months
        if begun <= m < str(pd.Period(begun) + 3)
    ]
    return orders_of(rows)


@pytest.mark.parametrize(("period", "now"), [("2025-09", 10.0), ("2025-Q3", 60.0), ("2025", 240.0)])
def test_who_is_new_in_the_past_is_new_as_in_the_period(period, now):
    """In a quarter a customer who began in its first month is new in all three; so is he in a quarter of the past."""
    scope = scope_of(period, as_of=date(2025, 9, 30), begin=date(2022, 1, 1))
    lines = lines_of(newcomers(), targets_of([]), scope)
    new = in_slice(lines.members, {"new_existing": "new"})
    assert lines.amount[new & (lines.slot == 0)].sum() / 10_000 == now
    in_period = lines.amount[new & (lines.slot == 0)].sum() / lines.total(lines.windows.now)
    if period != "2025":
        past = lines.run(new)[-12:].sum() / lines.run()[-12:].sum()
        assert past == pytest.approx(in_period)
    assert lines.run(new)[-3:].tolist() == {
        "2025-09": [100_000.0] * 3, "2025-Q3": [100_000.0, 200_000.0, 300_000.0], "2025": [300_000.0] * 3,
    }[period]  # fmt: skip


def sold(*rows):
    kinds = ("day", "rep", "money", "product_line")
    return orders_of(
        [{"customer": "c", "team": "South", **dict(zip(kinds, row, strict=True))} for row in rows]
    )


STEADY = [(f"{m}-05", rep, 30, line) for m in pd.period_range("2024-01", "2025-09", freq="M").astype(str)
          for rep in ("Wu", "Li") for line in ("Pumps", "Valves")]  # fmt: skip


@pytest.mark.parametrize(
    ("period", "given"),
    [("2025-09", "2025-09"), ("2025-W36", "2025-09"), ("2025-Q3", "2025-08"), ("2025", "2025-09"),
     ("2025-09", "2025-Q3"), ("2025-W36", "2025"), ("2025-W36", "2025-W36")],
)  # fmt: skip
def test_who_has_a_target_for_a_part_of_the_time_is_there_though_he_sold_nothing(period, given):
    scope = scope_of(period, as_of=date(2025, 9, 30), team="South")
    orders = sold(*(row for row in STEADY if row[1] != "Wu" or row[0] < str(scope.period.start)))
    goals = targets_of([{"period": given, "team": "South", "rep": "Wu", "amount": 100}])
    assert with_target(goals, scope)["rep"].tolist() == ["Wu"]
    assert "Wu" in lines_of(orders, goals, scope).members["rep"].cat.categories
    gone = targets_of([{"period": "2024-09", "team": "South", "rep": "Wu", "amount": 100}])
    assert with_target(gone, scope).empty
    assert "Wu" not in lines_of(orders, gone, scope).members["rep"].cat.categories


def test_targets_of_unknown_periods_are_nobodys():
    goals = targets_of(
        [{"period": "spring", "rep": "Wu", "amount": 1}, {"period": None, "rep": "Li", "amount": 1}]
    )
    assert with_target(goals, scope_of("2025-09")).empty


def test_before_the_first_working_day_the_whole_target_is_still_to_come():
    calendar = Calendar(holidays=[date(2025, 9, d) for d in range(1, 6)])
    scope = Scope("South", calendar.period("2025-09"), date(2025, 9, 4), date(2024, 1, 1), calendar=calendar)
    orders = sold(*(row for row in STEADY if row[0] < "2025-09"), ("2025-09-03", "Wu", 2, "Pumps"))
    goals = targets_of([{"period": "2025-09", "team": "South", "amount": 120}])
    found = baselines(lines_of(orders, goals, scope), goals, scope)
    assert [f.against for f in found] == [TARGET]
    assert (found[0].parts, found[0].expected, found[0].actual) == (
        (("days_left", -1_200_000),),
        1_200_000,
        20_000,
    )
    assert found[0].leaves["expected"].sum() == 0


def test_parts_of_leaves_are_the_whole_and_squares_those_of_orders():
    orders = sold(*STEADY, ("2025-08-05", "Li", 40, "Valves"), ("2025-08-06", "Li", -5, "Valves"))
    orders["order_id"] = [*orders["order_id"].iloc[:-2], orders["order_id"].iloc[-3], "back"]
    scope = scope_of("2025-09", as_of=date(2025, 9, 30), begin=date(2024, 1, 1), team="South")
    lines = lines_of(orders, targets_of([]), scope)
    august = Window(date(2025, 8, 1), date(2025, 8, 31))
    leaves = lines.leaves({"now": [lines.windows.now], "august": [august]}, ["rep", "product_line"])
    told = leaves.set_index(["rep", "product_line"])
    assert told["now"].sum() == lines.total(lines.windows.now) == 1_200_000
    assert told.loc[("Li", "Valves"), "august"] == 650_000
    # Twenty past months of an order of 30 each; the one of September's Valves of Li is not among them.
    squares = told["squares"] / 10_000**2
    assert squares[("Wu", "Pumps")] == pytest.approx(20 * 900)
    assert squares[("Li", "Valves")] == pytest.approx(20 * 900 + 40**2 + 5**2)
    backwards = lines_of(orders.iloc[::-1], targets_of([]), scope)
    other = backwards.leaves({"now": [lines.windows.now], "august": [august]}, ["rep", "product_line"])
    pd.testing.assert_frame_equal(
        leaves.sort_values(["rep", "product_line"], ignore_index=True),
        other.sort_values(["rep", "product_line"], ignore_index=True),
    )


def test_what_the_calendar_explains_is_worked_out_by_hand():
    """120 a month, 240 in August, 100 in September 2024; September has 22 working days, 21 a year before."""
    size = {"2024-08": 2.0, "2025-08": 2.0, "2024-09": 100 / 120}
    rows = [(d, rep, money * size.get(d[:7], 1.0), line) for d, rep, money, line in STEADY]
    scope = scope_of("2025-09", as_of=date(2025, 9, 30), begin=date(2024, 1, 1), team="South")
    found = {
        b.against: b for b in baselines(lines_of(sold(*rows), targets_of([]), scope), targets_of([]), scope)
    }
    assert set(found) == {LAST_YEAR, PREVIOUS}
    year, before = found[LAST_YEAR], found[PREVIOUS]
    assert (year.expected, year.actual) == (1_000_000, 1_200_000)
    assert dict(year.parts) == {"working_days": round(1_000_000 * (22 / 21 - 1))}
    assert year.leaves["expected"].sum() == pytest.approx(1_000_000 * 22 / 21)
    # August 2025 has 21 working days; from August to September 2024 a working day brought (100 / 21) / (240 / 22).
    step = (100 / 21) / (240 / 22)
    parts = dict(before.parts)
    assert parts["working_days"] == round(2_400_000 * (22 / 21 - 1))
    assert parts["season"] == pytest.approx(2_400_000 * 22 / 21 * (step - 1), abs=1)
    assert before.leaves["expected"].sum() == pytest.approx(2_400_000 * 22 / 21 * step)
    assert np.allclose(before.leaves["variance"], before.leaves["variance"].iloc[0])
    assert before.noisy
    assert year.noisy

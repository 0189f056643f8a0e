"""Order lines laid out in the windows of a past: whole, once, and alike."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from salesnb.calendar import Calendar, Window
from salesnb.causes.baselines import LAST_YEAR, PREVIOUS, TARGET, baselines
from salesnb.scope import Scope
from salesnb.views.lines import lines_of
from salesnb.views.slices import in_slice
from salesnb.views.workload import with_target
from tests.frames import frame, scope_of


def newcomers(quarters=8):
    """Every month a customer of its own begins and buys for 10 ever after; ten old ones buy as much each."""
    months = [str(m) for m in pd.period_range("2022-01", "2025-09", freq="M")]
    rows = [{"day": f"{m}-05", "money": 10, "customer": f"old{n}", "team": "South"} for m in months for n in range(10)]
    rows += [
        {"day": f"{m}-09", "money": 10, "customer": f"of {begun}", "team": "South"}
        for begun in months
        for m in months
        if begun <= m < str(pd.Period(begun) + 3)
    ]
    return frame("orders", *rows)


@pytest.mark.parametrize(("period", "now"), [("2025-09", 10.0), ("2025-Q3", 60.0), ("2025", 240.0)])
def test_who_is_new_in_the_past_is_new_as_in_the_period(period, now):
    """In a quarter a customer who began in its first month is new in all three; so is he in a quarter of the past."""
    scope = scope_of(period, as_of=date(2025, 9, 30), begin=date(2022, 1, 1))
    lines = lines_of(newcomers(), frame("targets"), scope)
    new = in_slice(lines.members, {"new_existing": "new"})
    assert lines.amount[new & (lines.slot == 0)].sum() / 10_000 == now
    in_period = lines.amount[new & (lines.slot == 0)].sum() / lines.total(lines.past.now)
    if period != "2025":
        past = lines.run(new)[-12:].sum() / lines.run()[-12:].sum()
        assert past == pytest.approx(in_period)
    assert lines.run(new)[-3:].tolist() == {
        "2025-09": [100_000.0] * 3, "2025-Q3": [100_000.0, 200_000.0, 300_000.0], "2025": [300_000.0] * 3,
    }[period]  # fmt: skip


def sold(*rows):
    kinds = ("day", "rep", "money", "product_line")
    return frame("orders", *[{"customer": "c", "team": "South", **dict(zip(kinds, row, strict=True))} for row in rows])


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
    goals = frame("targets", {"period": given, "team": "South", "rep": "Wu", "amount": 100})
    assert with_target(goals, scope)["rep"].tolist() == ["Wu"]
    assert "Wu" in lines_of(orders, goals, scope).members["rep"].cat.categories
    gone = frame("targets", {"period": "2024-09", "team": "South", "rep": "Wu", "amount": 100})
    assert with_target(gone, scope).empty
    assert "Wu" not in lines_of(orders, gone, scope).members["rep"].cat.categories


def test_targets_of_unknown_periods_are_nobodys():
    goals = frame("targets", {"period": "spring", "rep": "Wu", "amount": 1}, {"period": None, "rep": "Li", "amount": 1})
    assert with_target(goals, scope_of("2025-09")).empty


def test_before_the_first_working_day_the_whole_target_is_still_to_come():
    calendar = Calendar(holidays=[date(2025, 9, d) for d in range(1, 6)])
    scope = Scope("South", calendar.period("2025-09"), date(2025, 9, 4), date(2024, 1, 1), calendar=calendar)
    orders = sold(*(row for row in STEADY if row[0] < "2025-09"), ("2025-09-03", "Wu", 2, "Pumps"))
    goals = frame("targets", {"period": "2025-09", "team": "South", "amount": 120})
    found = baselines(lines_of(orders, goals, scope), goals, scope)
    assert [f.against for f in found] == [TARGET]
    assert (found[0].parts, found[0].expected, found[0].actual) == ((("days_left", -1_200_000),), 1_200_000, 20_000)
    assert found[0].leaves["expected"].sum() == 0


def test_parts_of_leaves_are_the_whole_and_squares_those_of_orders():
    orders = sold(*STEADY, ("2025-08-05", "Li", 40, "Valves"), ("2025-08-06", "Li", -5, "Valves"))
    orders["order_id"] = [*orders["order_id"].iloc[:-2], orders["order_id"].iloc[-3], "back"]
    scope = scope_of("2025-09", as_of=date(2025, 9, 30), begin=date(2024, 1, 1), team="South")
    lines = lines_of(orders, frame("targets"), scope)
    august = Window(date(2025, 8, 1), date(2025, 8, 31))
    leaves = lines.leaves({"now": [lines.past.now], "august": [august]}, ["rep", "product_line"])
    told = leaves.set_index(["rep", "product_line"])
    assert told["now"].sum() == lines.total(lines.past.now) == 1_200_000
    assert told.loc[("Li", "Valves"), "august"] == 650_000
    # Twenty past months of an order of 30 each; the one of September's Valves of Li is not among them.
    squares = told["squares"] / 10_000**2
    assert squares[("Wu", "Pumps")] == pytest.approx(20 * 900)
    assert squares[("Li", "Valves")] == pytest.approx(20 * 900 + 40**2 + 5**2)
    backwards = lines_of(orders.iloc[::-1], frame("targets"), scope)
    other = backwards.leaves({"now": [lines.past.now], "august": [august]}, ["rep", "product_line"])
    pd.testing.assert_frame_equal(
        leaves.sort_values(["rep", "product_line"], ignore_index=True),
        other.sort_values(["rep", "product_line"], ignore_index=True),
    )


def test_what_the_calendar_explains_is_worked_out_by_hand():
    """120 a month, 240 in August, 100 in September 2024; September has 22 working days, 21 a year before."""
    size = {"2024-08": 2.0, "2025-08": 2.0, "2024-09": 100 / 120}
    rows = [(d, rep, money * size.get(d[:7], 1.0), line) for d, rep, money, line in STEADY]
    scope = scope_of("2025-09", as_of=date(2025, 9, 30), begin=date(2024, 1, 1), team="South")
    found = {b.against: b for b in baselines(lines_of(sold(*rows), frame("targets"), scope), frame("targets"), scope)}
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

"""Shortfalls that are no problem of their own, each reason on months made for it."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from salesnb.calendar import Calendar, Period
from salesnb.findings import diagnosis
from salesnb.scope import Scope
from salesnb.settings import Settings
from tests.frames import frame, problems, scope_of
from tests.reading import said

MONTHS = [str(m) for m in pd.period_range("2023-08", "2025-09", freq="M")]
SCOPE = scope_of("2025-09", date(2025, 9, 30), date(2023, 8, 1), team="S")
LINES = ("Pumps", "Valves", "Sensors")


def business(size=lambda month, line: 100.0, rep=lambda month, line: "r", lines=LINES, times=10):
    """Ten orders a month of each line, all of one size."""
    return frame(
        "orders",
        *[{"day": f"{m}-{d + 1:02d}", "product_line": line, "rep": rep(m, line), "money": size(m, line), "team": "S"}
         for m in MONTHS for line in lines for d in range(times)]
    )  # fmt: skip


def ruled_out(orders, targets=None, *found, scope=SCOPE):
    aims = frame("targets", *[{"period": "2025-09", "team": "S", **t} for t in targets or []])
    return diagnosis.ruled_out(problems(*found) if found else problems(), orders, aims, scope=scope)


def reason(finding, against, **member):
    rows = finding.rows[finding.rows["against"] == against]
    for column, name in member.items():
        rows = rows[rows[column] == name]
    (row,) = rows.to_dict("records")
    return row


def wavy(month, seed=1, wide=0.3):
    """A size that strays from month to month."""
    place = MONTHS.index(month)
    return float(np.random.default_rng(seed).lognormal(0, wide, len(MONTHS))[place])


def test_what_lies_in_a_problem_is_part_of_it():
    lost = lambda m, line: 40.0 if line == "Pumps" and m >= "2025-09" else 100.0  # noqa: E731
    orders = business(lost, rep=lambda m, line: "Ma" if line == "Pumps" else "Bo")
    found = ruled_out(orders, None, {"problem": "smaller_orders", "product_line": "Pumps", "effect": -600.0})
    row = reason(found, "last_year", rep="Ma")
    assert (row["reason"], row["chain"], row["effect"], row["explained"]) == ("part_of_problem", "1", -600.0, -600.0)
    assert not (found.rows["product_line"] == "Pumps").any()  # the problem itself is not ruled out


def test_a_problem_of_collection_explains_no_sales():
    lost = lambda m, line: 40.0 if line == "Pumps" and m >= "2025-09" else 100.0  # noqa: E731
    found = ruled_out(business(lost), None, {"problem": "lower_collection", "effect": -9e9})
    assert "part_of_problem" not in set(found.rows["reason"])


def test_what_fell_everywhere_alike_is_the_whole_market():
    found = ruled_out(business(lambda m, line: 80.0 if m == "2025-09" else 100.0 + LINES.index(line)))
    assert set(found.rows["reason"]) == {"whole_market"}
    row = reason(found, "last_year", product_line="Sensors")
    assert (row["effect"], row["before"], row["actual"]) == (-220.0, 1020.0, 800.0)


def test_a_market_that_explains_a_small_part_is_no_reason():
    def size(month, line):
        return 100.0 if month < "2025-09" else 40.0 if line == "Pumps" else 95.0

    row = reason(ruled_out(business(size)), "last_year", product_line="Pumps")
    assert (row["reason"], row["effect"]) == ("not_certain", -600.0)


def test_what_fell_last_year_at_this_time_is_season():
    def size(month, line):
        return 100.0 if line != "Pumps" else 50.0 if month[-2:] == "09" else 100.0

    row = reason(ruled_out(business(size)), "previous", product_line="Pumps")
    assert (row["reason"], row["effect"], row["explained"]) == ("same_season", -500.0, -500.0)


def test_fewer_working_days_come_before_other_reasons():
    calendar = scope_of("2025-02", date(2025, 2, 28), date(2023, 8, 1), team="S")
    assert [calendar.calendar.working_days(w) for w in (calendar.window, calendar.previous)] == [20, 23]
    orders = business(lambda m, line: 100.0 * (20 / 23 if m == "2025-02" and line == "Pumps" else 1.0))
    row = reason(ruled_out(orders, scope=calendar), "previous", product_line="Pumps")
    assert (row["reason"], row["explained"]) == ("working_days", pytest.approx(-1000 * 3 / 23))


def test_a_target_above_what_the_past_makes_is_said():
    targets = [{"product_line": "Pumps", "amount": 1500.0}, {"product_line": "Valves", "amount": 900.0}]
    row = reason(ruled_out(business(), targets), "target", product_line="Pumps")
    assert (row["reason"], row["effect"], row["expected"]) == ("target_above_past", -500.0, pytest.approx(1000.0))


def test_a_fall_that_is_older_than_a_year_of_months_is_no_news():
    old = business(lambda m, line: 100.0 if line != "Pumps" else 200.0 if m <= "2024-09" else 100.0)
    row = reason(ruled_out(old), "last_year", product_line="Pumps")
    assert row["reason"] == "no_more_expected"
    assert -1000.0 < row["explained"] <= -500.0


def test_a_month_like_others_before_is_normal_variation_and_one_like_none_is_not_certain():
    def size(month, line):
        return 60.0 if (month, line) == ("2025-09", "Pumps") else 100.0 * wavy(month, LINES.index(line))

    row = reason(ruled_out(business(size)), "last_year", product_line="Pumps")
    assert (row["reason"], row["surprise"] > -2) == ("normal_variation", True)
    steady = business(lambda m, line: 100.0 + 5 * wavy(m) if line != "Pumps" or m < "2025-09" else 60.0)
    row = reason(ruled_out(steady), "last_year", product_line="Pumps")
    assert (row["reason"], row["surprise"] < -2) == ("not_certain", True)


def test_few_orders_are_not_judged_and_a_rep_who_left_is_gone():
    few = business(lambda m, line: 100.0 if m < "2025-09" or line != "Pumps" else 10.0, times=2)
    assert reason(ruled_out(few), "last_year", product_line="Pumps")["reason"] == "few_cases"
    handed = business(rep=lambda m, line: "Old" if line == "Pumps" and m < "2025-06" else line)
    month_off = business(rep=lambda m, line: "Old" if line == "Pumps" and m < "2025-09" else line)
    assert reason(ruled_out(month_off), "last_year", rep="Old")["reason"] != "gone"
    assert reason(ruled_out(handed), "last_year", rep="Old")["reason"] == "gone"
    assert ruled_out(handed).headline.key == "first_gone"  # nothing else is behind
    both = business(lambda m, line: 70.0 if (m, line) == ("2025-09", "Valves") else 100.0,
                    rep=lambda m, line: "Old" if line == "Pumps" and m < "2025-06" else line)  # fmt: skip
    found = ruled_out(both)
    assert (found.headline.key != "first_gone", found.rows["reason"].iloc[0]) == (True, "gone")
    with_target = ruled_out(handed, [{"rep": "Old", "amount": 900.0}, {"rep": "Pumps", "amount": 900.0}])
    assert reason(with_target, "last_year", rep="Old")["reason"] != "gone"


def newcomers(count, size):
    """Five customers with four orders a month each, and every month some that are new."""
    return frame(
        "orders", *[{"day": f"{m}-{d + 1:02d}", "customer": f"old {c}", "money": 100.0, "team": "S"}
         for m in MONTHS for c in range(5) for d in range(4)]
        + [{"day": f"{m}-20", "customer": f"new {m} {i}", "money": size(m), "team": "S"}
           for m in MONTHS for i in range(count(m))]
    )  # fmt: skip


def test_new_customers_of_a_quarter_are_not_called_normal_where_nobody_looked():
    """They are watched by month; of September alone it is not certain, so the quarter must not call it normal."""
    orders = newcomers(lambda m: 3 if m > "2025-07" else 12, lambda m: 100.0 * wavy(m, 4, 0.5))
    row = reason(ruled_out(orders, scope=scope_of("2025-Q3", date(2025, 9, 30), date(2023, 8, 1), team="S")),
                 "previous", new_existing="new")  # fmt: skip
    assert (row["reason"], round(row["effect"])) == ("judged_by_month", -1288)
    assert reason(ruled_out(orders), "last_year", new_existing="new")["reason"] == "not_certain"


def test_a_short_history_says_so():
    young = scope_of("2025-09", date(2025, 9, 30), date(2025, 3, 1), team="S")
    orders = business(lambda m, line: 60.0 if m == "2025-09" and line == "Pumps" else 100.0)
    found = ruled_out(orders[orders["sales_date"] >= "2025-03-01"], scope=young)
    assert reason(found, "previous", product_line="Pumps")["reason"] == "short_history"
    assert set(found.rows["against"]) == {"previous"}


def test_the_largest_come_first_and_trifles_not_at_all():
    small = business(lambda m, line: 99.0 if m == "2025-09" and line == "Pumps" else 100.0)
    assert ruled_out(small).quiet
    sizes = {"Pumps": 50.0, "Valves": 70.0, "Sensors": 100.0}
    found = ruled_out(business(lambda m, line: sizes[line] if m == "2025-09" else 100.0))
    assert found.rows["effect"].is_monotonic_increasing
    assert found.headline.picks["first"] == 0
    for texts in said(found).values():
        assert "500" in texts[0]


def test_no_more_than_three_of_each_comparison():
    lines = tuple("ABCDEFGH")
    found = ruled_out(business(lambda m, line: 50.0 + ord(line) if m == "2025-09" else 200.0, lines=lines))
    assert found.rows["against"].value_counts().max() == 3


def test_every_reason_has_its_words_in_both_languages():
    from salesnb import words

    reasons = words.entry("dimensions", "members.reason")
    book = words.catalogue("diagnosis")["ruled_out"]
    assert {f"first_{code}" for code in reasons} == {key for key in book if key.startswith("first_")}


def test_an_audience_sees_no_single_person_or_customer():
    strict = type(SCOPE)(SCOPE.team, SCOPE.period, SCOPE.as_of, SCOPE.history_start, Settings(), SCOPE.calendar,
                         audience="public")  # fmt: skip
    orders = business(lambda m, line: 40.0 if line == "Pumps" and m >= "2025-09" else 100.0,
                      rep=lambda m, line: "Bo" if line == "Sensors" else "Ma")  # fmt: skip
    assert (ruled_out(orders).rows["rep"] != "").any()
    found = ruled_out(orders, scope=strict)
    assert not found.quiet
    assert set(found.rows["rep"]) | set(found.rows["customer"]) == {""}


def test_rows_have_no_order_and_frames_are_not_changed():
    orders = business(lambda m, line: 100.0 * wavy(m, LINES.index(line)))
    kept = orders.copy(deep=True)
    once = ruled_out(orders)
    pd.testing.assert_frame_equal(orders, kept)
    pd.testing.assert_frame_equal(once.rows, ruled_out(orders.sample(frac=1, random_state=2)).rows)


def test_a_fiscal_table_whose_months_end_early_leaves_pasts_out():
    months = [Period(f"P{n}", "month", 2024, n, *fiscal(n, 28)) for n in range(14)]
    quarters = [Period(f"Q{n}", "quarter", 2024 + n // 4, n % 4, *fiscal(n, 91)) for n in range(8)]
    calendar = Calendar([*months, *quarters])
    scope = Scope("S", quarters[-1], quarters[-1].end, date(2023, 8, 1), calendar=calendar)
    found = ruled_out(business(lambda m, line: 50.0 if m >= "2025-05" and line == "Pumps" else 100.0), scope=scope)
    assert reason(found, "previous", product_line="Pumps")["reason"] == "short_history"
    said(found)


def fiscal(number, days):
    begin = date(2023, 8, 7) + timedelta(days=days * number)
    return begin, begin + timedelta(days=days - 1)


def test_a_slice_behind_in_several_comparisons_is_drawn_once():
    """Pumps makes half of what it made: behind target, last year and the period before; so is what it belongs to."""
    fell = lambda m, line: 50.0 if line == "Pumps" and m == "2025-09" else 100.0  # noqa: E731
    orders = business(fell, rep=lambda m, line: "Ma" if line == "Pumps" else "Bo")
    found = ruled_out(orders, [{"product_line": line, "amount": 1200.0} for line in LINES])
    named = found.rows[found.rows["product_line"] == "Pumps"]
    assert len(named) == 3
    drawn = found.rows.iloc[list(found.chart.rows)]
    assert (drawn["product_line"] == "Pumps").sum() == 1
    assert drawn["effect"][drawn["product_line"] == "Pumps"].item() == named["effect"].min()
    assert found.chart.accent[0] in found.chart.rows


def test_a_year_has_no_period_before_but_last_year():
    orders = business(lambda m, line: 50.0 if line == "Pumps" and m >= "2025-01" else 100.0)
    year = Scope("S", Calendar().period("2025"), date(2025, 12, 31), date(2023, 8, 1), Settings(), Calendar())
    assert set(ruled_out(orders, None, scope=year).rows["against"]) == {"last_year"}

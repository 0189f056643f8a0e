"""Three months of every key figure: beside last year where there is one, and no alarm for the rhythm of a quarter."""

from datetime import date, timedelta

import pandas as pd
import pytest

from salesnb.calendar import Calendar, from_rows
from salesnb.findings import diagnosis
from salesnb.scope import Scope
from salesnb.show.sentence import sentence_text
from tests.frames import frame, scope_of, workdays

NO_TARGETS = frame("targets")
MAVEN = (1134672, 721932, 1025713, 1338466, 696932, 1050059, 1235264, 731980, 938943, 1131573)


def monthly(amounts, first: str = "2023-01") -> pd.DataFrame:
    months = pd.period_range(first, periods=len(amounts), freq="M")
    pairs = zip(months, amounts, strict=True)
    return frame("orders", *[{"day": f"{m}-10", "money": a, "customer": "a"} for m, a in pairs])


def key_figures(period, targets=NO_TARGETS, **more):
    tables = {name: more.pop(name) for name in list(more) if name not in {"begin", "as_of"}}
    return diagnosis.key_figures(tables, targets, scope=scope_of(period, team="South", **more))


def row(found, kpi: str) -> pd.Series:
    return found.rows[found.rows["kpi"] == kpi].iloc[0]


def test_three_months_beside_last_year():
    orders = monthly([*range(101, 113), *range(201, 213), *range(301, 313)])
    found = row(key_figures("2025-09", orders=orders), "sales")
    assert found[["two_before", "one_before", "actual", "compared"]].tolist() == [307.0, 308.0, 309.0, 209.0]
    assert found["change"] == 100.0
    assert found["growth"] == pytest.approx(100 / 209)
    assert found[["three_months", "three_months_compared"]].tolist() == [307.0 + 308 + 309, 207.0 + 208 + 209]
    assert found[["verdict", "source"]].tolist() == ["better", "last_year"]


def test_worse_is_what_was_worse_in_each_of_the_three():
    fell = monthly([*[100] * 24, *[100] * 6, 80, 80, 80])
    assert row(key_figures("2025-09", orders=fell), "sales")["verdict"] == "worse"
    mixed = monthly([*[100] * 24, *[100] * 6, 80, 105, 80])
    assert row(key_figures("2025-09", orders=mixed), "sales")["verdict"] == "level"
    little = monthly([*[100] * 24, *[100] * 6, 98, 98, 98])
    assert row(key_figures("2025-09", orders=little), "sales")["verdict"] == "level"


def test_fewer_working_days_are_no_fall():
    """June 2025 has 21 working days, June 2024 has 20: sales a day are what is judged."""
    days = workdays("2023-01-02", "2025-12-31")
    orders = frame("orders", *[{"day": d, "money": 10, "customer": "a"} for d in days])
    for month in range(3, 13):
        assert row(key_figures(f"2025-{month:02d}", orders=orders), "sales")["verdict"] == "level"


@pytest.mark.parametrize("more", [60, 32])
def test_a_verdict_that_only_holds_by_the_working_day_says_so(more):
    """September 2025 has 22 working days, a year before 21: more in total or as much, less by the day."""
    days = workdays("2023-01-02", "2025-10-31")
    rows = [{"day": d, "money": 100 if d.year < 2025 else 94, "customer": "a"} for d in days]
    found = key_figures("2025-09", orders=frame("orders", *rows, {"day": "2025-09-30", "money": more, "customer": "a"}))
    sales = row(found, "sales")
    assert sales[["actual", "compared", "verdict"]].tolist() == [22 * 94 + more, 2_100, "worse"]
    note = next(n for n in found.notes if n.key == "per_day")
    assert sentence_text(found, note, "en") == "Judged by the working day, not by the total: sales."


def test_the_rhythm_of_a_quarter_raises_no_alarm_and_the_basis_is_said():
    orders = monthly(MAVEN, "2017-03")
    for period in ("2017-07", "2017-10", "2017-11", "2017-12", "2017-Q4"):
        found = key_figures(period, orders=orders, begin=date(2017, 3, 1), as_of=date(2017, 12, 31))
        assert row(found, "sales")["verdict"] != "worse", period
    assert row(found, "sales")["source"] == "quarter_before"
    assert row(found, "sales")["compared"] == 1235264
    notes = [n.key for n in found.notes]
    assert "no_year" in notes
    assert "young" in notes


def test_nothing_before_is_said():
    found = key_figures("2017-04", orders=monthly(MAVEN, "2017-03"), begin=date(2017, 3, 1), as_of=date(2017, 12, 31))
    assert found.headline.key == "no_base"
    assert row(found, "sales")["two_before"] != row(found, "sales")["two_before"]
    assert "new_customers" not in set(found.rows["kpi"])


def test_a_quarter_shows_its_last_three_months_and_a_week_three_weeks():
    orders = monthly(range(101, 137))
    quarter = row(key_figures("2025-Q2", orders=orders), "sales")
    assert quarter[["two_before", "one_before", "actual"]].tolist() == [128.0, 129.0, 130.0]
    year = row(key_figures("2024", orders=orders), "sales")
    assert year[["two_before", "one_before", "actual"]].tolist() == [122.0, 123.0, 124.0]
    week = row(key_figures("2025-W41", orders=orders), "sales")
    assert week[["two_before", "one_before", "actual"]].tolist() == [0.0, 0.0, 134.0]


def test_a_table_that_begins_later_has_no_base_of_its_own():
    orders = monthly([100] * 36)
    deals = frame("opportunities", *[{"day": f"2025-{m:02d}-05", "money": 5, "status": "won"} for m in range(1, 10)])
    found = key_figures("2025-09", orders=orders, opportunities=deals)
    assert row(found, "won_deals")["actual"] == 1.0
    assert pd.isna(row(found, "won_deals")["compared"])
    assert row(found, "won_deals")["verdict"] == "no_base"
    assert row(found, "sales")["verdict"] == "level"


def test_rates_of_few_cases_are_not_judged():
    rows = [{"day": f"{y}-{m:02d}-05", "money": 5, "status": s}
            for y, s in ((2024, "won"), (2025, "lost")) for m in (7, 8, 9)]  # fmt: skip
    early = [{"day": "2023-01-05", "money": 5, "status": "won"}]
    found = key_figures("2025-09", orders=monthly([100] * 36), opportunities=frame("opportunities", *early + rows))
    assert row(found, "win_rate")["verdict"] == "few"
    few = next(n for n in found.notes if n.key == "few")
    assert "win rate" in sentence_text(found, few, "en")


def test_activity_is_that_of_those_who_log_and_overdue_is_a_state():
    orders, reps = monthly([100] * 36), frame("reps", *[{"rep": r, "team": "South"} for r in ("A", "B")])
    logged = [{"day": d, "rep": "A", "kind": "call", "count": 20 if d.year == 2024 else 10, "team": "South"}
              for d in workdays("2024-01-01", "2025-09-30")]  # fmt: skip
    owing = [
        {"rep": "A", "due": f"{y}-{m:02d}-05", "owed": 10 * (y - 2022)}
        for y in (2023, 2024, 2025)
        for m in range(1, 10)
    ]
    found = key_figures(
        "2025-09", orders=orders, activities=frame("activities", *logged), reps=reps, receipts=frame("receipts", *owing)
    )
    calls = row(found, "calls_per_day")
    assert calls[["actual", "compared", "three_months", "verdict"]].tolist() == [10.0, 20.0, 10.0, "worse"]
    overdue = row(found, "overdue")
    assert overdue[["actual", "three_months"]].tolist() == [90.0 + 180 + 270] * 2
    assert overdue[["compared", "verdict"]].tolist() == [90.0 + 180, "worse"]


def test_attainment_of_three_months_is_that_of_their_sums():
    targets = frame("targets", *[{"period": f"{y}-{m:02d}", "amount": 200} for y in (2024, 2025) for m in (7, 8, 9)])
    found = row(key_figures("2025-09", targets, orders=monthly([100] * 30 + [50, 100, 150])), "attainment")
    assert found[["two_before", "one_before", "actual", "compared"]].tolist() == [0.25, 0.5, 0.75, 0.5]
    assert found["three_months"] == 0.5


def test_an_unfinished_month_is_compared_with_as_many_working_days():
    orders = frame("orders", *[{"day": d, "money": 10, "customer": "a"} for d in workdays("2023-01-02", "2025-09-09")])
    found = key_figures("2025-09", orders=orders, as_of=date(2025, 9, 9))
    assert row(found, "sales")[["actual", "compared"]].tolist() == [70.0, 70.0]
    assert "unfinished" in [n.key for n in found.notes]


def test_nothing_is_changed_and_order_does_not_matter():
    orders = monthly(range(101, 134))
    copy = orders.copy()
    found = key_figures("2025-09", orders=orders)
    pd.testing.assert_frame_equal(orders, copy)
    turned = key_figures("2025-09", orders=orders.iloc[::-1].reset_index(drop=True))
    pd.testing.assert_frame_equal(found.rows, turned.rows)
    assert key_figures("2025-09", orders=frame("orders")).quiet


FISCAL = from_rows(
    [{"level": "month", "year": 2025, "number": n + 1, "start": date(2025, 1, 6) + timedelta(weeks=4 * n),
      "end": date(2025, 1, 5) + timedelta(weeks=4 * n + 4), "name": f"P{n + 1:02d}"} for n in range(9)]
)  # fmt: skip
"""Nine fiscal months of four weeks, and none before or after."""


@pytest.mark.parametrize("period", ["P01", "P05", "P09", "2025-W01", "2025-W20", "2025-W50"])
def test_a_fiscal_table_that_begins_late_and_ends_early_breaks_nothing(period):
    calendar = Calendar(FISCAL)
    orders = monthly([100] * 36)
    scope = Scope("South", calendar.period(period), date(2025, 12, 31), date(2023, 1, 2), calendar=calendar)
    logged = frame(
        "activities",
        *[{"day": d, "rep": "A", "kind": "call", "team": "South"} for d in workdays("2023-01-02", "2025-12-30")],
    )
    tables = {"orders": orders, "activities": logged, "reps": frame("reps", {"rep": "A", "team": "South"})}
    for found in (
        diagnosis.key_figures(tables, NO_TARGETS, scope=scope),
        diagnosis.situations(tables, NO_TARGETS, scope=scope),
        diagnosis.trend(orders, NO_TARGETS, frame("opportunities"), scope=scope),
    ):
        for note in (found.headline, *found.notes):
            assert "nan" not in sentence_text(found, note, "en")

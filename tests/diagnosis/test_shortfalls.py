"""Members behind a comparison: like is held against like, whatever the period is."""

from datetime import date

import pandas as pd
import pytest

from salesnb.calendar import Calendar
from salesnb.causes.baselines import baselines
from salesnb.causes.shortfalls import LAST_YEAR, PREVIOUS, TARGET, pasts, shortfalls
from salesnb.findings import diagnosis
from salesnb.scope import Scope
from salesnb.views.customers import sales_with_kinds
from salesnb.views.lines import lines_of
from tests.frames import frame, problems, scope_of

DAYS = [d for d in pd.bdate_range("2023-08-01", "2025-09-30") if d.day <= 28]


def sold(size=lambda day, line: 10.0, lines=("Pumps", "Valves"), last="2025-09-30"):
    """An order of each line on each working day."""
    return frame(
        "orders",
        *[{"day": str(day.date()), "product_line": line, "money": money, "customer": line, "team": "S", "rep": "r"}
         for day in DAYS if str(day.date()) <= last for line in lines if (money := size(day, line))]
    )  # fmt: skip


def scope(period="2025-09", as_of="2025-09-30"):
    return scope_of(period, date.fromisoformat(as_of), date(2023, 8, 1), team="S")


def goals(amount, period="2025-09"):
    return frame(
        "targets",
        *[{"period": period, "team": "S", "product_line": line, "amount": amount} for line in ("Pumps", "Valves")],
    )


def only(found, against, member, dimension="product_line"):
    return [s for s in found if (s.against, s.member, s.dimension) == (against, member, dimension)]


def test_in_an_unfinished_period_a_member_is_behind_what_is_due_by_now():
    """Ten of 22 working days are over: of 220 are due 100, and so much was sold."""
    now = scope(as_of="2025-09-12")
    assert only(shortfalls(sold(last="2025-09-12"), goals(220.0), now), TARGET, "Pumps") == []
    (short,) = only(shortfalls(sold(last="2025-09-12"), goals(264.0), now), TARGET, "Pumps")
    assert (short.actual, short.base, short.rest, short.rest_base) == (100.0, 120.0, 100.0, 120.0)
    whole = scope()
    (short,) = only(shortfalls(sold(), goals(264.0), whole), TARGET, "Pumps")
    assert (short.actual, short.base) == (200.0, 264.0)  # the last two days of the month brought nothing


def test_days_still_to_come_are_no_market_that_fell():
    found = diagnosis.ruled_out(problems(), sold(last="2025-09-12"), goals(220.0), scope=scope(as_of="2025-09-12"))
    assert found.rows.empty


def test_of_a_week_without_a_working_day_nothing_is_due_before_it_is_over():
    calendar = Calendar(holidays=[date(2025, 9, d) for d in range(15, 20)])
    week = Scope("S", calendar.period("2025-W38"), date(2025, 9, 16), date(2023, 8, 1), calendar=calendar)
    orders = sold(last="2025-09-12")
    assert [s for s in shortfalls(orders, goals(220.0, "2025-W38"), week) if s.against == TARGET] == []
    (baseline,) = [
        b
        for b in baselines(lines_of(orders, goals(220.0, "2025-W38"), week), goals(220.0, "2025-W38"), week)
        if b.against == TARGET
    ]
    assert baseline.parts == (("days_left", -4_400_000),)


def test_of_an_unfinished_period_the_season_is_that_of_as_many_days():
    """August 2024 brought as much a day as September 2024, so the season moved nothing."""
    fallen = sold(lambda day, line: 5.0 if str(day)[:7] == "2025-09" and line == "Pumps" else 10.0, last="2025-09-12")
    (short,) = only(shortfalls(fallen, goals(1.0), scope(as_of="2025-09-12")), PREVIOUS, "Pumps")
    assert (short.actual, short.base) == (50.0, 100.0)
    assert short.season == pytest.approx(1.0)
    found = diagnosis.ruled_out(problems(), fallen, frame("targets"), scope=scope(as_of="2025-09-12"))
    rows = found.rows[(found.rows["against"] == PREVIOUS) & (found.rows["product_line"] == "Pumps")]
    assert "same_season" not in set(rows["reason"])


def newcomers():
    """Each month a new customer buys for 10 on the 5th of it and of the two months after; old ones for 100."""
    months = [str(m) for m in pd.period_range("2023-08", "2025-09", freq="M")]
    rows = [{"day": f"{m}-05", "money": 100, "customer": "old", "team": "S"} for m in months]
    rows += [
        {"day": f"{m}-05", "money": 10, "customer": f"of {first}", "team": "S"}
        for first in months for m in months if first <= m < str(pd.Period(first) + 3)
    ]  # fmt: skip
    return frame("orders", *rows)


@pytest.mark.parametrize("period", ["2025-09", "2025-Q3"])
def test_new_and_existing_customers_of_the_past_are_counted_as_in_the_period(period):
    """Nothing changed from year to year, so what the past lets expect is what was sold."""
    orders, now = newcomers(), scope(period)
    short = shortfalls(orders, frame("targets", {"period": period, "team": "S", "amount": 1e6}), now)
    wanted = [type("Asked", (), {"dimension": "new_existing", "member": m})() for m in ("new", "existing")]
    past = pasts(sales_with_kinds(orders, now), wanted, now)
    # 10 of a month's newcomer and 120 of others; over a quarter 10 + 20 + 30 and 120 + 110 + 100.
    made = {"2025-09": (10.0, 120.0), "2025-Q3": (60.0, 330.0)}[period]
    for member, actual in zip(("new", "existing"), made, strict=True):
        assert past["new_existing", member].expected == pytest.approx(actual, rel=0.02)
    assert not only(short, LAST_YEAR, "existing", "new_existing")


def test_a_fall_as_far_as_last_years_at_this_time_is_told_as_far_as_it_is():
    """Pumps bring a tenth of the usual in September of both years: that strays far from the past, and so it is told."""

    def size(day, line):
        month, wave = str(day.date())[:7], 1 + 0.05 * ((day.month * 7) % 5 - 2)
        low = {"2024-09": 0.1, "2025-09": 0.1}.get(month, 1.0) if line == "Pumps" else 1.0
        return 10.0 * low * wave

    orders = sold(size, lines=("Pumps", "Valves", "Sensors", "Meters", "Seals"))
    asked = [type("Asked", (), {"dimension": "product_line", "member": m})() for m in ("Pumps", "Valves")]
    past = pasts(orders, asked, scope())
    assert past["product_line", "Pumps"].surprise < -5
    assert past["product_line", "Valves"].surprise > -2


def test_orders_of_a_quarter_are_as_many_as_a_quarter_has():
    """Two orders a month are six a quarter: enough to be judged there."""
    keep = {4, 5}
    orders = sold(lambda day, line: 10.0 if day.day in keep or line == "Valves" else 0.0)
    asked = [type("Asked", (), {"dimension": "product_line", "member": "Pumps"})()]
    month = pasts(orders, asked, scope())["product_line", "Pumps"].orders
    quarter = pasts(orders, asked, scope("2025-Q3"))["product_line", "Pumps"].orders
    assert 1.0 < month < 2.0
    assert quarter == pytest.approx(3 * month, rel=0.1)

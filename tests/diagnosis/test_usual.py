"""What is usual for a slice: which periods tell it, what a figure was in them, and how far a count strays."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from salesnb.views.customers import sales_with_kinds
from salesnb.views.past import past_of
from salesnb.views.slices import members_of
from salesnb.views.usual import SliceView, adds_up
from tests.frames import frame, scope_of


def rows():
    """Ma sells one pump for 10 and one valve for 20 a month until May 2025, then two pumps; Bo one valve for 5."""
    made = []
    ma, bo = {"rep": "Ma", "team": "S"}, {"rep": "Bo", "team": "N"}
    for month in pd.period_range("2024-06", "2025-09", freq="M").astype(str):
        pump = {**ma, "day": f"{month}-02", "money": 10, "product_line": "Pumps", "customer": "a"}
        made += [pump] * (1 if month < "2025-06" else 2)
        made.append({**ma, "day": f"{month}-09", "money": 20, "product_line": "Valves", "customer": "b"})
        made.append({**bo, "day": f"{month}-09", "money": 5, "product_line": "Valves", "customer": "c"})
    return frame("orders", *made)


def view(members, **tables):
    scope = scope_of("2025-09")
    return SliceView({"orders": sales_with_kinds(rows(), scope), **tables}, members, past_of(scope))


def test_amounts_and_counts_are_per_period_and_averages_over_all_of_them():
    ma = view({"rep": "Ma"})
    assert ma.figure("sales", ma.past.usual) == 30.0
    assert ma.figure("orders", ma.past.usual) == 2.0
    assert ma.figure("aov", ma.past.usual) == 15.0
    assert (ma.figure("sales", [ma.past.now]), ma.figure("orders", [ma.past.now])) == (40.0, 3.0)
    assert ma.figure("aov", [ma.past.now]) == pytest.approx(40 / 3)
    assert [adds_up(id) for id in ("sales", "orders", "closed_deals", "aov", "win_rate")] == [True] * 3 + [False] * 2
    assert ma.by_member("product_line", ma.past.usual) == {"Pumps": 10.0, "Valves": 20.0}
    assert ma.within({"product_line": "Pumps"}).figure("sales", [ma.past.now]) == 20.0
    deals = frame("opportunities")
    assert (view({"rep": "Ma"}, opportunities=deals).team, view({}, opportunities=deals).team) == ("S", "")


def test_a_count_strays_by_what_its_months_differ_and_no_less_than_by_chance():
    found = view({"rep": "Ma"}).usually("orders")
    # Twelve months of two: chance alone spreads them by the root of two, and the mean rests on twelve.
    assert (found.now, found.usual) == (3.0, 2.0)
    assert found.far == pytest.approx(1 / np.sqrt(2 * (1 + 1 / 12)))
    one = past_of(scope_of("2025-09", begin=date(2025, 5, 1)))
    short = SliceView({"orders": rows()}, {"rep": "Ma"}, one)
    assert np.isnan(short.usually("orders").far)
    assert np.isnan(view({"rep": "Ma"}).usually("aov").far)


def test_a_table_that_does_not_say_is_asked_by_its_customers_or_not_at_all():
    logged = frame("activities", *({"customer": c} for c in ("a", "c", None)), day="2025-09-02")
    customers = frame(
        "customers", *({"customer": c, "region": r} for c, r in zip("abc", ("East", "East", "West"), strict=True))
    )
    east = view({"region": "East"}, activities=logged, customers=customers)
    assert east.rows("activities")["customer"].tolist() == ["a"]
    assert view({"region": "East"}, activities=logged).rows("activities") is None
    assert np.isnan(view({"channel": "direct"}, receipts=logged).figure("receivable", [view({}).past.now]))


def test_who_began_in_a_month_is_new_in_it():
    new = view({"new_existing": "new"})
    assert new.figure("sales", new.past.usual) == pytest.approx(35 / 12)  # all three begin in June 2024
    assert new.figure("sales", [new.past.now]) == 0.0


def test_the_members_of_a_problem_are_those_that_cut():
    assert members_of({"rep": "Ma", "team": "", "product_line": None, "problem": "x"}) == {"rep": "Ma"}

"""A target is held against the sales of just what it covers; the share of these stands beside it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from salesnb.calendar import Calendar, Period
from salesnb.metrics import four_figures, targets_for
from salesnb.metrics.covered import held
from salesnb.scope import Scope
from tests.frames import frame, orders, targets

CALENDAR = Calendar()
COLUMNS = ["day", "money", "rep", "team", "channel", "product_line", "customer"]


def sold(*rows: tuple[object, ...]) -> pd.DataFrame:
    return orders(*({c: v for c, v in zip(COLUMNS, row, strict=False) if v != ""} for row in rows))


def asked(*rows: dict[str, object]) -> pd.DataFrame:
    return targets(*rows, period="2025-05")


def scope(period: str = "2025-05", calendar: Calendar = CALENDAR, team: str = "all") -> Scope:
    return Scope(team, calendar.period(period), date(2025, 12, 31), date(2024, 1, 1), calendar=calendar)


def told(orders, targets, by=(), **of) -> pd.DataFrame:
    rows = four_figures(orders, targets, scope(**of), by)
    return rows.set_index(list(by)) if by else rows.iloc[0]


def figures(row: pd.Series) -> list[float]:
    return [round(float(row[c]), 9) for c in ("target", "gap", "attainment", "covered")]


PAIR = sold(("2025-05-05", 800, "Ann", "", "Reseller"), ("2025-05-06", 900, "", "", "Online"))


def test_a_reps_target_for_one_channel_is_held_against_that_channel():
    aim = asked({"rep": "Ann", "channel": "Reseller", "amount": 1000.0})
    assert figures(told(PAIR, aim)) == [1000, -200, 0.8, round(800 / 1700, 9)]
    assert figures(told(PAIR, aim, ["rep"]).loc["Ann"]) == [1000, -200, 0.8, 1.0]
    more = pd.concat([PAIR, sold(("2025-05-07", 200, "Ann", "", "Online"))], ignore_index=True)
    assert figures(told(more, aim, ["rep"]).loc["Ann"]) == [1000, -200, 0.8, 0.8]
    assert figures(told(more, aim, ["channel"]).loc["Reseller"]) == [1000, -200, 0.8, 1.0]


def test_a_house_sale_changes_what_is_covered_and_nothing_else():
    aims = asked({"rep": "Ann", "amount": 1000.0}, {"rep": "Bo", "amount": 500.0})
    without, bo = PAIR.iloc[:1], sold(("2025-05-09", 400, "Bo"))
    before = told(pd.concat([without, bo]), aims)
    after = told(pd.concat([PAIR, bo]), aims)
    assert figures(before) == [1500, -300, 0.8, 1.0]
    assert figures(after) == [1500, -300, 0.8, round(1200 / 2100, 9)]
    assert after["sales"] == 2100


def test_a_company_target_covers_everything_also_where_returns_outweigh_sales():
    assert figures(told(PAIR, asked({"amount": 2000.0}))) == [2000, -300, 0.85, 1.0]
    returned = pd.concat([PAIR, sold(("2025-05-08", -2000, "Bo"))], ignore_index=True)
    assert figures(told(returned, asked({"amount": 2000.0})))[1::2] == [-2300, 1.0]
    part = told(returned, asked({"rep": "Ann", "amount": 1000.0}))
    assert figures(part)[:3] == [1000, -200, 0.8]
    assert np.isnan(part["covered"])  # no share of what is less than nothing


def test_a_rep_without_a_team_is_neither_the_company_nor_lost():
    three = sold(("2025-08-05", 130, "Ann", "East"), ("2025-08-06", 60, "Bo"), ("2025-08-07", 66, "Cy", "South"))
    aims = asked(
        {"period": "2025-08", "team": "East", "rep": "Ann", "amount": 120.0},
        {"period": "2025-08", "rep": "Bo", "amount": 90.0},
        {"period": "2025-08", "team": "South", "rep": "Cy", "amount": 60.0},
    )
    assert figures(told(three, aims, period="2025-08")) == [270, -14, round(256 / 270, 9), 1.0]
    teams = told(three, aims, ["team"], period="2025-08")
    assert teams["target"].to_dict() == {"East": 120, "(none)": 90, "South": 60}
    assert teams["covered"].tolist() == [1.0, 1.0, 1.0]


def test_a_teams_total_covers_its_reps_where_orders_do_not_name_the_team():
    """Half a roster: the targets say that Bo is of East, so his sales belong to East's target in the company's sum."""
    orders = sold(("2025-05-05", 130, "Ann", "East"), ("2025-05-06", 60, "Bo"))
    aims = asked(
        {"team": "East", "amount": 200.0},
        {"team": "East", "rep": "Ann", "amount": 120.0},
        {"team": "East", "rep": "Bo", "amount": 90.0},
    )
    assert figures(told(orders, aims)) == [200, -10, 0.95, 1.0]


def test_months_of_a_quarter_cover_their_own_days():
    orders = sold(
        ("2025-04-05", 10, "Ann"), ("2025-05-05", 20, "Ann"), ("2025-06-05", 70, "Ann"), ("2025-06-06", 5, "Bo")
    )
    aims = asked(
        *({"period": f"2025-0{m}", "rep": "Ann", "amount": 10.0} for m in (4, 5)),
        *({"period": f"2025-0{m}", "rep": "Bo", "amount": 10.0} for m in (4, 5, 6)),
    )
    reps = told(orders, aims, ["rep"], period="2025-Q2")
    assert figures(reps.loc["Ann"]) == [20, 10, 1.5, 0.3]
    assert figures(told(orders, aims, period="2025-Q2")) == [50, -15, 0.7, round(35 / 105, 9)]
    mixed = asked(
        {"period": "2025-Q2", "rep": "Ann", "amount": 90.0},
        *({"period": f"2025-0{m}", "rep": rep, "amount": 10.0} for m in (4, 5, 6) for rep in ("Ann", "Bo")),
    )
    assert figures(told(orders, mixed, period="2025-Q2")) == [120, -15, 0.875, 1.0]


def test_customers_have_targets_of_their_own_and_none_is_lost():
    orders = sold(("2025-09-05", 60, "", "", "", "", "Acme"), ("2025-09-30", 30, "", "", "", "", "Bolt"))
    aims = asked(
        {"period": "2025-09", "customer": "Acme", "amount": 50.0},
        {"period": "2025-09", "customer": "Bolt", "amount": 150.0},
    )
    assert figures(told(orders, aims, period="2025-09")) == [200, -110, 0.45, 1.0]


def test_a_dimension_that_no_sale_names_is_not_sold_at_zero():
    lines = asked(
        {"rep": "Ann", "product_line": "A", "amount": 600.0}, {"rep": "Ann", "product_line": "B", "amount": 400.0}
    )
    assert four_figures(PAIR, lines, scope(), ["product_line"])["target"].isna().all()
    ann = told(PAIR, lines, ["rep"]).loc["Ann"]
    assert (ann["target"], ann["gap"]) == (1000, -200)  # all lines together are all she sells
    assert np.isnan(ann["covered"])
    one = told(PAIR, lines.iloc[:1])
    assert one["target"] == 600
    assert np.isnan([one["gap"], one["attainment"]]).all()


def test_levels_that_lie_apart_are_added_and_others_not():
    kinds = asked(
        {"customer_type": "wholesale", "amount": 100.0},
        {"customer_type": "retail", "channel": "Online", "amount": 50.0},
        {"channel": "Reseller", "product_line": "A", "amount": 70.0},
    )
    assert targets_for(kinds, scope().period, CALENDAR)["target"].tolist() == [150.0]


def test_odd_quarters_leak_into_no_month_and_no_year():
    quarters = [
        Period(name, "quarter", year, number, date.fromisoformat(start), date.fromisoformat(end))
        for name, year, number, start, end in (
            ("FY25-Q4", 2025, 4, "2025-02-28", "2025-05-29"), ("FY26-Q1", 2026, 1, "2025-05-30", "2025-08-29"),
            ("FY26-Q2", 2026, 2, "2025-08-30", "2025-11-29"),
        )
    ]  # fmt: skip
    odd = Calendar(quarters)
    aims = asked(*({"period": q.name, "rep": "Ann", "amount": 900.0} for q in quarters))
    for name in ("2025-05", "2025", "2026"):
        assert targets_for(aims, odd.period(name), odd).empty
    assert targets_for(aims, quarters[1], odd)["target"].tolist() == [900.0]
    weeks = asked(*({"period": f"2025-W{n}", "amount": 1.0} for n in range(36, 41)))
    assert targets_for(weeks, CALENDAR.period("2025-09"), CALENDAR).empty  # W40 ends in October


@pytest.mark.parametrize(
    ("aims", "found"),
    [
        (({"rep": "Ann", "amount": 2.0},), (2.0, 1.0, 0.5)),
        (({"amount": 4.0}, {"rep": "Ann", "amount": 2.0}), (4.0, 2.0, 1.0)),
    ],
)
def test_counts_are_held_like_with_like_too(aims, found):
    orders = sold(("2025-05-05", 1, "Ann", "", "", "", "a"), ("2025-05-06", 1, "Bo", "", "", "", "b"))
    aims = asked(*({"metric": "new_customers", **aim} for aim in aims))
    assert tuple(held("new_customers", {"orders": orders}, aims, scope())[()]) == found


def test_a_rate_asked_of_one_rep_is_measured_on_that_rep():
    due = {"rep": "Ann", "owed": 100.0, "got": 90.0}, {"rep": "Bo", "owed": 300.0, "got": 0.0}
    receipts = frame("receipts", *due, due="2025-05-05", paid="2025-05-06")
    aim = asked({"metric": "collection_rate", "rep": "Ann", "amount": 0.95})
    assert tuple(held("collection_rate", {"receipts": receipts}, aim, scope())[()]) == (0.95, 0.9, 0.25)

"""What is expected does not assume that all else stood still: lines begin and end, prices and reps change."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from salesnb.causes.shortfalls import PREVIOUS, pasts, shortfalls
from salesnb.findings import diagnosis
from salesnb.views.customers import sales_with_kinds
from tests.diagnosis.test_problems import NONE, SCOPE, business, named, problems
from tests.frames import frame, scope_of


def gone(row: dict[str, object]) -> bool:
    """All but a tenth of what distributors buy is missing in September."""
    return not (row["channel"] == "distributor" and row["month"] == "2025-09" and float(str(row["chance"])) < 0.9)


def with_robots(rows: list[dict[str, object]], since: str, part: float = 0.6) -> list[dict[str, object]]:
    """Add a line that sells more than half as often as all others together, from a month on."""
    draws = np.random.default_rng(5)
    new = [r for r in rows if str(r["day"])[:7] >= since and draws.random() < part]
    return [*rows, *({**r, "product_line": "Robots", "product": "Robots"} for r in new)]


@pytest.mark.parametrize("since", ["2025-09", "2025-07", "2025-05", "2025-02"])
def test_a_line_that_begins_makes_no_other_one_short(since):
    assert [named(problems(with_robots(business(seed), since))) for seed in range(3)] == [[]] * 3


@pytest.mark.parametrize("since", ["2025-09", "2025-07"])
def test_what_fell_beside_it_is_found_as_without_it(since):
    """Distributors buy no robots, so their own figures are what they were."""
    rows = business(3, keep=gone)
    extra = [r for r in with_robots(rows, since) if r["product_line"] != "Robots" or r["channel"] == "direct"]
    alone, beside = problems(rows), problems(extra)
    assert named(beside) == named(alone) == [{"channel": "distributor", "problem": named(alone)[0]["problem"]}]
    figures = ["actual", "expected", "effect"]
    assert beside.rows[figures].to_numpy(float) == pytest.approx(alone.rows[figures].to_numpy(float))


def test_what_a_rep_sells_of_the_new_line_makes_up_for_the_old_ones():
    """One rep sells robots in place of pumps: as much money as ever, so nothing is missing with this rep."""
    rows = business(2)
    own = [r["rep"] == "rep1" and str(r["day"]) >= "2025-09" and r["product_line"] == "Pumps" for r in rows]
    swapped = [{**r, "product_line": "Robots"} if new else r for r, new in zip(rows, own, strict=True)]
    assert {r.get("rep") for r in named(problems(swapped)) if "product_line" not in r} <= {None}


def test_a_line_that_ended_is_told_once_and_no_other_rose_or_fell():
    rows = [r for r in business(4) if not (r["product_line"] == "Pumps" and str(r["day"]) >= "2025-06")]
    found = problems(rows)
    assert [r["product_line"] for r in named(found)] == ["Pumps"]
    assert found.rows["actual"].tolist() == [0.0]
    assert found.rows["start"].tolist() == ["2025-06-01"]


def test_a_price_list_that_rises_for_all_is_nobodys_problem():
    dearer = lambda row: 1.2 if row["month"] >= "2025-09" else 1.0  # noqa: E731
    assert [named(problems(business(seed, price=dearer))) for seed in range(3)] == [[]] * 3


def test_of_a_price_list_that_rises_for_all_but_one_line_that_one_did_not_fall():
    dearer = lambda row: 1.15 if row["month"] >= "2025-09" and row["product_line"] != "Pumps" else 1.0  # noqa: E731
    for seed in range(3):
        assert [r for r in named(problems(business(seed, price=dearer))) if "Pumps" in r.values()] == []


def test_the_usual_share_of_the_rest_is_told_without_what_began():
    """Two lines of 10 a day, of which one sells 5 in the last month while a third begins with 20."""
    days = [d for d in pd.bdate_range("2023-08-01", "2025-09-30") if d.day <= 28]
    rows = [
        {"day": str(d.date()), "product_line": line, "money": money, "customer": line, "team": "S", "rep": "r"}
        for d in days
        for line, money in (("Pumps", 5.0 if d >= pd.Timestamp("2025-09-01") else 10.0), ("Valves", 10.0))
    ]
    robots = [{**r, "product_line": "Robots", "money": 20.0} for r in rows if str(r["day"]) >= "2025-09"]
    for sold in (rows, [*rows, *robots]):
        orders = frame("orders", *sold)
        short = [s for s in shortfalls(orders, NONE[0], SCOPE) if s.against == PREVIOUS]
        told = pasts(sales_with_kinds(orders, SCOPE), short, SCOPE)["product_line", "Pumps"]
        assert told.expected == pytest.approx(20 * 10.0)  # as many working days as valves, that sold as ever


def test_where_the_gap_lies_does_not_move_when_a_line_begins():
    thin, first = business(3, keep=gone), []
    for rows in (thin, with_robots(thin, "2025-09")):
        goal = frame("targets", {"period": "2025-09", "team": "S", "amount": 600_000.0})
        found = diagnosis.gap_parts(
            frame("orders", *rows), goal, NONE[1], scope=SCOPE, problems=problems(thin).rows.iloc[:0]
        )
        first.append(found.rows[["channel", "product_line"]].iloc[0].tolist())
    assert first[0] == first[1] == ["distributor", ""]


def test_of_a_short_past_nothing_is_said_to_have_begun():
    """With two months of data, robots that did not sell in August may sell now and then."""
    rows = [r for r in with_robots(business(1), "2025-09") if str(r["day"]) >= "2025-08"]
    short = scope_of("2025-09", begin=date(2025, 8, 1), team="S")
    found = diagnosis.localisation(frame("orders", *rows), NONE[0], scope=short).rows
    assert found.empty or "Robots" not in found["product_line"].tolist()


def test_a_line_that_begins_is_a_gain_in_the_bridge_and_drains_no_other():
    rows = with_robots(business(1), "2025-09")
    found = diagnosis.localisation(frame("orders", *rows), NONE[0], scope=SCOPE)
    slices = found.rows[found.rows["part"] == ""]
    assert {r for r in slices["product_line"] if r} == {"Robots"}

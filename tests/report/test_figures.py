"""What an index needs of a team's facts, from literal facts."""

from __future__ import annotations

from typing import Any

from salesnb.report.figures import BEST_REPS, figures_of


def fact(stage: str, finding: str, metric: str, dims: str, value: float | None, **fields: Any) -> dict[str, Any]:
    common = {"period": "2025-09", "team": "South", "reason": "", "unit": "money", "definition": 1}
    return {**common, "stage": stage, "finding": finding, "metric": metric, "dims": dims, "value": value, **fields}


def whole(stage: str, finding: str, sales: float, target: float | None) -> list[dict[str, Any]]:
    known = target is not None
    values = {"sales": sales, "target": target, "gap": sales - target if known else None,
              "attainment": sales / target if known else None}  # fmt: skip
    return [fact(stage, finding, metric, "", value) for metric, value in values.items()]


def test_totals_come_from_the_page_that_gives_most_of_them():
    facts = [*whole("diagnosis", "attainment", 80.0, 100.0), *whole("review", "verdict", 80.0, None)]
    found = figures_of(facts, "2025-09")
    assert (found["sales"], found["target"], found["gap"], found["attainment"]) == (80.0, 100.0, -20.0, 0.8)
    nothing = figures_of(facts, "2025-08")
    assert (nothing["sales"], nothing["gap"], nothing["tallies"], nothing["reps"]) == (None, None, {}, [])


def test_the_first_problem_is_the_first_of_the_memo_s_list_whatever_the_order_of_facts():
    """Facts are kept sorted by their dimensions, and a problem of low confidence may have lost more."""
    stopped, cheaper = "problem=customer_stopped|customer=Alder %26 Co%7C", "problem=lower_prices|product_line=Pumps"
    facts = [
        fact("diagnosis", "problems", "effect", "problem=lower_prices", -900.0),
        *(fact("review", "problems_list", *one) for one in (
            ("effect", cheaper, -400.0), ("effect", stopped, -300.0), ("priority", cheaper, 2.0),
            ("priority", stopped, 1.0), ("effect", "problem=short_of_target|rep=A", -900.0),
            ("priority", "problem=short_of_target|rep=A", 3.0),
        )),
    ]  # fmt: skip
    where = {"problem": "customer_stopped", "customer": "Alder & Co|"}
    for order in (facts, facts[::-1]):
        assert figures_of(order, "2025-09")["first"] == {"where": where, "effect": -300.0}
    assert "first" not in figures_of(facts[:1], "2025-09")


def test_targets_are_counted_stage_by_stage():
    facts = [
        *whole("review", "verdict", 80.0, 100.0),
        fact("targets", "score", "attainment", "kpi=sales", 0.8),
        fact("targets", "score", "attainment", "kpi=new_customers", 1.0),
        fact("targets", "score", "attainment", "kpi=win_rate", None),
        fact("targets", "score", "attainment", "kpi=sales|rep=He Bin", 0.1),
        fact("diagnosis", "attainment", "attainment", "team=South", 0.8),
        fact("diagnosis", "attainment", "attainment", "rep=He Bin", 0.1),
        fact("diagnosis", "attainment", "attainment", "rep=Mo Kai", 1.2),
        fact("diagnosis", "attainment", "attainment", "rep=Ou Ting", 0.9),
        fact("strategy", "actions", "gap_left", "", 0.0),
        fact("outlook", "landing", "gap", "", -5.0),
    ]
    assert figures_of(facts, "2025-09")["tallies"] == {
        "targets": {"judged": 2, "missed": 1},
        "diagnosis": {"judged": 3, "missed": 2},
        "strategy": {"judged": 1, "missed": 0},
        "review": {"judged": 1, "missed": 1},
    }


def test_the_whole_company_is_diagnosed_by_team_and_has_the_accounting():
    facts = [
        fact("diagnosis", "attainment", "attainment", "team=South", 0.8, team="all"),
        fact("diagnosis", "attainment", "attainment", "team=(none)", None, team="all"),
        fact("diagnosis", "attainment", "attainment", "rep=He Bin", 0.1, team="all"),
        fact("diagnosis", "attainment", "attainment", "rep=Mo Kai", 0.1, team="all"),
        fact("intake", "accounting", "rows_unexplained", "", 2.0, team="all"),
        fact("intake", "accounting", "rows_read", "", 100.0, team="all"),
        fact("intake", "accounting", "rows_quarantined", "", 3.0, team="all"),
        fact("intake", "accounting", "rows_quarantined", "file=a.csv|table=orders", 3.0, team="all"),
    ]
    found = figures_of(facts, "2025-09")
    assert found["tallies"] == {"intake": {"judged": 1, "missed": 1}, "diagnosis": {"judged": 1, "missed": 1}}
    assert found["rows"] == {"read": 100.0, "quarantined": 3.0}


def test_without_targets_of_reps_the_team_s_own_is_counted():
    facts = [
        *whole("diagnosis", "attainment", 80.0, 80.0),
        fact("diagnosis", "attainment", "attainment", "rep=A", None),
    ]
    assert figures_of(facts, "2025-09")["tallies"] == {"diagnosis": {"judged": 1, "missed": 0}}


def test_the_best_reps_are_those_with_the_highest_attainment_then_the_largest_gap():
    shares = {"He Bin": 0.9, "A|=b%": 1.5, "Mo Kai": 0.9, "New": None, **{f"R{i:02}": 0.5 - i / 100 for i in range(12)}}
    gaps = {"He Bin": -20.0, "A|=b%": 50.0, "Mo Kai": -10.0}
    dims = {"A|=b%": "rep=A%7C%3Db%25"}
    facts = [
        fact("diagnosis", "attainment", metric, dims.get(rep, f"rep={rep}"), value)
        for rep, share in shares.items()
        for metric, value in (("attainment", share), ("gap", None if share is None else gaps.get(rep, -1.0)))
    ]
    facts.append(fact("diagnosis", "attainment", "target", dims["A|=b%"], 100.0))
    reps = figures_of(facts, "2025-09")["reps"]
    assert reps[:3] == [
        {"rep": "A|=b%", "attainment": 1.5, "gap": 50.0, "target": 100.0},
        {"rep": "Mo Kai", "attainment": 0.9, "gap": -10.0, "target": None},
        {"rep": "He Bin", "attainment": 0.9, "gap": -20.0, "target": None},
    ]
    assert [r["rep"] for r in reps[3:]] == [f"R{i:02}" for i in range(BEST_REPS - 3)]


def test_a_memo_that_tells_what_it_rests_on_is_known():
    facts = whole("review", "verdict", 80.0, 100.0)
    assert "uncounted" not in figures_of(facts, "2025-09")
    facts.append(fact("review", "stands_on", "rows_in_doubt", "part=uncounted_sales", 3.0))
    assert figures_of(facts, "2025-09")["uncounted"] is True

"""Targets at every level: the four figures, and who is named."""

from datetime import date
from functools import partial

import pandas as pd
import pytest

from salesnb.findings import review
from salesnb.findings import targets as stage
from salesnb.show.sentence import sentence_text
from tests.frames import frame, problems, scope_of, targets
from tests.reading import said

scope, orders = partial(scope_of, team="South"), partial(frame, "orders", team="South")


def levels(sold, aims, by=("rep",), **more):
    return stage.levels(sold, aims, scope=scope(**more), by=by)


def test_worked_examples_of_two_reps():
    """张*: 85,000 of 100,000; 李*: 96,000 of 80,000; with last year and last month."""
    sold = orders(
        ("2025-09-02", 85_000, "C", "张"), ("2024-09-02", 80_952, "C", "张"), ("2025-08-04", 94_444, "C", "张"),
        ("2025-09-03", 96_000, "D", "李"), ("2024-09-03", 83_478, "D", "李"), ("2025-08-05", 80_000, "D", "李"),
    )  # fmt: skip
    found = levels(sold, targets({"rep": "张", "amount": 100_000}, {"rep": "李", "amount": 80_000}))
    rows = found.rows.set_index("rep")
    assert rows.loc["张", ["gap", "attainment"]].tolist() == [-15_000, 0.85]
    assert rows.loc["李", ["gap", "attainment"]].tolist() == [16_000, 1.2]
    assert rows.loc[["张", "李"], "yoy"].round(2).tolist() == [0.05, 0.15]
    assert rows.loc[["张", "李"], "mom"].round(2).tolist() == [-0.10, 0.20]
    assert said(found)["zh"][0] == "差额最大的是张，差1.5万，完成率85.0%；最好的是李，超1.6万，完成率120.0%。"


def test_together_is_a_rate_of_sums_not_a_mean_of_rates():
    sold = orders(("2025-09-01", 120, "C", "a", "", "East"), ("2025-09-01", 60, "C", "b", "", "South"))
    found = levels(
        sold, targets({"team": "East", "amount": 100}, {"team": "South", "amount": 100}), by=("team",), team="all"
    )
    assert found.rows["attainment"].tolist() == [0.9, 0.6, 1.2]
    assert found.rows["sales"].iloc[0] == found.rows["sales"].iloc[1:].sum()


@pytest.mark.parametrize(
    ("amounts", "key"), [((100, 100), "all_met"), ((200, 300), "all_behind"), ((200, 50), "spread")]
)
def test_who_is_named(amounts, key):
    sold = orders(("2025-09-01", 100, "C", "a"), ("2025-09-01", 100, "D", "b"))
    found = levels(sold, targets(*({"rep": r, "amount": x} for r, x in zip("ab", amounts, strict=True))))
    assert found.headline.key == key
    said(found)


def test_one_member_alone():
    sold = orders(("2025-09-01", 100, "C", "a"))
    assert "超50" in said(levels(sold, targets({"rep": "a", "amount": 50})))["zh"][0]
    assert "50 short" in said(levels(sold, targets({"rep": "a", "amount": 150})))["en"][0]


def test_a_level_without_targets_makes_no_gap():
    sold = orders(("2025-09-01", 100, "C", "a", "P"))
    found = levels(sold, targets({"team": "South", "amount": 150}), by=("product_line",))
    assert found.headline.key == "no_level"
    assert found.rows["gap"].iloc[1:].isna().all()
    assert said(found)["en"][0] == "No targets are given at this level. P sold most: 100."


def test_no_targets_at_all_names_the_table_and_does_not_fail():
    found = levels(orders(("2025-09-01", 100, "C", "a")), frame("targets"))
    assert found.missing[0].table == "targets"
    assert found.rows["attainment"].isna().all()
    said(found)
    said(levels(orders(), frame("targets")))
    said(levels(orders(), targets({"team": "South", "amount": 150}), by=("region",)))


def test_sales_without_a_target_and_parts_that_differ_are_noted():
    sold = orders(("2025-09-01", 100, "C", "a"), ("2025-09-01", 70, "D", "b"))
    aims = targets({"team": "South", "amount": 500}, {"team": "South", "rep": "a", "amount": 90})
    found = levels(sold, aims)
    assert [n.key for n in found.notes] == ["without_target", "differs"]
    said(found)


def test_an_unfinished_period_says_so():
    found = levels(orders(("2025-09-01", 100, "C", "a")), targets({"rep": "a", "amount": 900}), as_of=date(2025, 9, 10))
    assert found.notes[0].key == "to_date"
    said(found)


def test_inputs_are_unchanged_and_order_of_rows_does_not_matter():
    sold = orders(("2025-09-01", 100, "C", "a"), ("2025-09-02", 70, "D", "b"), ("2025-09-02", 5, "E", "a"))
    aims = targets({"rep": "a", "amount": 90}, {"rep": "b", "amount": 90})
    kept = sold.copy(), aims.copy()
    found = levels(sold, aims)
    pd.testing.assert_frame_equal(sold, kept[0])
    pd.testing.assert_frame_equal(aims, kept[1])
    pd.testing.assert_frame_equal(found.rows, levels(sold.iloc[::-1], aims.iloc[::-1]).rows)


def test_growth_against_a_year_the_data_hold_in_part_is_not_told():
    sold = orders(("2025-09-03", 50, "C", "a"), ("2025-09-03", 20, "D", "b"), ("2024-09-20", 40, "C", "a"))
    aims = targets({"team": "South", "amount": 100})
    whole = stage.levels(sold, aims, scope=scope())
    assert whole.headline.key == "no_level_yoy"
    assert said(whole)["en"][0].endswith("A sold most: 50, +25.0% on last year.")
    part = stage.levels(sold, aims, scope=scope(begin=date(2024, 9, 16)))
    assert part.headline.key == "no_level"
    assert said(part)["en"][0].endswith("A sold most: 50.")


def test_a_target_of_a_part_is_told_and_drawn_against_that_part():
    """One of two reps has a target: 20 of 100 is reached, by 2 % of the sales, so the whole wears no light."""
    sold = orders(("2025-09-02", 20, "C", "a"), ("2025-09-03", 980, "D", "b"))
    found = stage.levels(sold, targets({"rep": "a", "amount": 100}), scope=scope())
    whole = found.rows.iloc[0]
    assert whole[["sales", "covered_sales", "target", "gap", "attainment", "covered"]].tolist() == [
        1000, 20, 100, -80, 0.2, 0.02,
    ]  # fmt: skip
    assert found.rows["light"].tolist() == ["", "missed", ""]
    assert found.chart.columns["value"] == "covered_sales"
    assert "covered" in found.table
    told = review.verdict(sold, targets({"rep": "a", "amount": 100}), problems(), scope=scope())
    assert told.light == "none"
    text = sentence_text(told, told.headline, "en")
    assert text == "1K (of which 2.0% has a target) sold against a target of 100: 80 short."
    attained = next(n for n in told.notes if n.key == "attained")
    assert sentence_text(told, attained, "en") == "20.0% attained (targets cover 2.0% of the sales)."
    assert sentence_text(told, told.headline, "zh") == "销售额1,000（其中2.0%有目标），目标100，差80。"


def test_a_target_that_sales_do_not_tell_apart_is_said_to_be_so():
    sold = orders(("2025-09-02", 20, "C", "a"))
    told = review.verdict(sold, targets({"channel": "Reseller", "amount": 100}), problems(), scope=scope())
    assert told.headline.key == "target_apart"
    reasons = {f["metric"]: f["reason"] for f in told.facts()}
    assert (reasons["gap"], reasons["attainment"]) == ("target_apart", "target_apart")
    zero = review.verdict(sold, targets({"amount": 0}), problems(), scope=scope())
    facts = {f["metric"]: (f["value"], f["reason"]) for f in zero.facts()}
    assert (facts["gap"], facts["attainment"]) == ((20, ""), (None, "target_zero"))


def test_sales_far_from_the_target_are_no_verdict_but_a_question():
    sold = orders(("2025-09-02", 50_000, "C", "a"))
    told = review.verdict(sold, targets({"amount": 5}), problems(), scope=scope())
    assert (told.light, told.notes[0].key) == ("none", "scale")

"""The four figures by dimension: hand-worked, with margins, without targets, without the dimension."""

from datetime import date

import pandas as pd
import pytest

from salesnb.findings import diagnosis
from salesnb.show.render import needs_text
from salesnb.show.sentence import sentence_text
from tests.frames import frame, problems, scope_of

ORDERS = frame(
    "orders",
    {"day": "2025-09-03", "money": 60, "rep": "Wu", "product_line": "Pumps", "customer": "a"},
    {"day": "2025-09-04", "money": 30, "rep": "Wu", "product_line": "Valves", "customer": "b"},
    {"day": "2025-09-05", "money": 50, "rep": "Li", "product_line": "Pumps", "customer": "c"},
    {"day": "2025-08-05", "money": 100, "rep": "Li", "product_line": "Pumps", "customer": "c"},
    {"day": "2024-09-05", "money": 70, "rep": "Li", "product_line": "Pumps", "customer": "c"},
)
TARGETS = frame(
    "targets",
    {"period": "2025-09", "team": "S", "rep": "Wu", "amount": 80},
    {"period": "2025-09", "team": "S", "rep": "Li", "amount": 90},
)
SCOPE = scope_of("2025-09")


def test_the_total_and_the_reps_largest_shortfall_first():
    found = diagnosis.attainment(ORDERS, TARGETS, scope=SCOPE)
    assert found.rows["rep"].tolist() == ["", "Li", "Wu"]
    assert found.rows["gap"].tolist() == [-30.0, -40.0, 10.0]
    assert found.rows["mom"].iloc[0] == pytest.approx(0.4)
    assert found.rows["yoy"].iloc[:2].tolist() == [1.0, 50 / 70 - 1]
    assert sentence_text(found, found.headline, "en") == (
        "140 sold against a target of 170: 30 short. Li is furthest behind, by 40."
    )
    assert sentence_text(found, found.headline, "zh") == "销售额140，目标170，差30。差额最大的是Li，差40。"


def test_facts_carry_the_reason_of_what_is_missing():
    facts = diagnosis.attainment(ORDERS, TARGETS, scope=SCOPE, by=["product_line"]).facts()
    pumps = {f["metric"]: f for f in facts if f["dims"] == "product_line=Pumps"}
    assert (pumps["gap"]["value"], pumps["gap"]["reason"]) == (None, "no_target")
    assert pumps["sales"]["value"] == 110.0


def test_a_crossing_has_its_margins_and_they_are_those_of_the_single_dimensions():
    crossing = diagnosis.attainment(ORDERS, TARGETS, scope=SCOPE, by=["rep", "product_line"])
    facts = {(f["dims"], f["metric"]): f["value"] for f in crossing.facts()}
    for dimension in ("rep", "product_line"):
        for fact in diagnosis.attainment(ORDERS, TARGETS, scope=SCOPE, by=[dimension]).facts():
            assert facts[fact["dims"], fact["metric"]] == fact["value"]
    assert facts["product_line=Valves|rep=Wu", "sales"] == 30.0
    assert crossing.chart.form == "heat"


def test_without_targets_the_largest_and_the_largest_fall_are_named():
    found = diagnosis.attainment(ORDERS, frame("targets"), scope=SCOPE, by=["rep"])
    assert found.headline.key == "whole_fell_last_year"
    assert found.rows["rep"].iloc[found.headline.picks["fell"]] == "Li"
    assert (found.chart.form, found.chart.accent) == ("slope", (found.headline.picks["fell"],))
    assert found.chart.columns["before"] == "sales_last_year"
    said = {lang: [sentence_text(found, s, lang) for s in (found.headline, *found.notes)] for lang in ("en", "zh")}
    assert said["en"] == [
        "140 sold, +100.0% on last year; Li lost the most: 70 then, 50 now.",
        "The largest is Wu: 90 of 140 sold.",
        "No target is set at this level.",
    ]
    assert said["zh"] == [
        "销售额140，同比+100.0%；Li减少最多，由70降至50。",
        "最高的是Wu，销售额90（全部140）。",
        "该层级没有目标。",
    ]


def test_where_nobody_fell_on_last_year_that_is_said():
    found = fell(("2025-09-03", 60, "a"), ("2024-09-04", 50, "a"), ("2025-09-03", 9, "b"), by="channel")
    assert sentence_text(found, found.headline, "en") == ("No notable fall on last year; the largest is a, 60 of 69.")
    assert sentence_text(found, found.headline, "zh") == "同比没有明显下降；最高的是a，销售额60（全部69）。"


def test_who_has_neither_sales_nor_a_target_is_listed_but_not_drawn():
    gone = frame("orders", {"day": "2024-09-02", "money": 9, "rep": "Old"})
    found = diagnosis.attainment(pd.concat([ORDERS, gone], ignore_index=True), TARGETS, scope=SCOPE)
    assert "Old" in found.rows["rep"].tolist()
    assert found.rows["rep"].iloc[list(found.chart.rows)].tolist() == ["Li", "Wu"]
    aims = [{"period": "2025-09", "team": "S", "rep": r, "product_line": "Pumps", "amount": 90} for r in ("Wu", "Li")]
    crossing = diagnosis.attainment(
        pd.concat([ORDERS, gone.assign(product_line="Pumps")], ignore_index=True), frame("targets", *aims), scope=SCOPE,
        by=["rep", "product_line"],
    )  # fmt: skip
    drawn = crossing.rows.iloc[list(crossing.chart.rows)]
    assert set(drawn["rep"]) == {"", "Li", "Wu"}
    assert len(drawn) == len(crossing.rows) - 2  # his margin and his one cell


def test_many_who_rose_and_fell_are_drawn_as_bars_with_what_was_before():
    sold = [(day, 10 * n, f"M{n}") for n in range(1, 9) for day in ("2025-08-04", "2025-09-03")]
    found = fell(*sold, ("2025-08-05", 50, "M1"))
    assert found.headline.key == "whole_fell_previous"
    assert (found.chart.form, found.chart.columns["target"]) == ("bullet", "sales_previous")


def test_a_breakdown_says_what_part_of_the_gap_is_where():
    """30 + 20 + 20 against 110 + 30 + 10: Wu misses 80 of 80; with nothing of Wu and 5 more of each, 110 of 100."""
    goals = {"Wu": 110, "Li": 30, "Xu": 10}
    lines = frame("targets", *[{"period": "2025-09", "product_line": w, "amount": a} for w, a in goals.items()])
    sold = [("2025-09-03", 30, "Wu"), ("2025-09-03", 20, "Li"), ("2025-09-03", 20, "Xu")]
    bought = frame("orders", *[{"day": d, "money": m, "product_line": who} for d, m, who in sold])
    found = diagnosis.attainment(bought, lines, scope=SCOPE, by=["product_line"])
    assert sentence_text(found, found.headline, "en") == "80 of the 80 gap lies with Wu."
    more = frame("orders", *[{"day": d, "money": m + 5, "product_line": who} for d, m, who in sold[1:]])
    found = diagnosis.attainment(more, lines, scope=SCOPE, by=["product_line"])
    assert sentence_text(found, found.headline, "zh") == "Wu差110，超过合计差额100；其余有超额，抵消了一部分。"


STOPPED = {"problem": "customer_stopped", "customer": "Big", "effect": -80.0}


def told_with(*found):
    """Wu sold 20 of 120 in September, and a Big customer of his, who bought for 80 a month, nothing more."""
    months = [f"2024-{m:02}" for m in range(9, 13)] + [f"2025-{m:02}" for m in range(1, 9)]
    rows = [{"day": f"{m}-05", "money": 80, "rep": "Wu", "customer": "Big"} for m in months]
    rows += [{"day": f"{m}-06", "money": 20, "rep": "Wu", "customer": "Small"} for m in [*months, "2025-09"]]
    rows += [{"day": f"{m}-07", "money": 60, "rep": "Li", "customer": "Other"} for m in [*months, "2025-09"]]
    aims = frame("targets", *({"period": "2025-09", "rep": r, "amount": a} for r, a in (("Wu", 120), ("Li", 50))))
    return diagnosis.attainment(frame("orders", *rows), aims, scope=scope_of("2025-09"), problems=problems(*found))


def test_who_is_furthest_behind_is_told_with_a_problem_as_large_as_most_of_it():
    found = told_with(STOPPED)
    assert sentence_text(found, found.headline, "en") == (
        "80 sold against a target of 170: 90 short. Wu is furthest behind, by 100, mostly through one problem:"
        " customer stopped ordering (Big), 80 below its own past."
    )
    assert sentence_text(found, found.headline, "zh").endswith(
        "差100，主要来自一个问题：客户停止下单（Big），比自身以往少80。"
    )
    assert [f["dims"] for f in found.facts() if f["metric"] == "effect"] == ["customer=Big|problem=customer_stopped"]
    assert 3 not in (found.chart.rows or ())
    assert {"problem", "customer", "effect"} <= set(found.table)
    dearer = told_with({**STOPPED, "effect": -130.0})
    assert ", mostly through one problem: customer stopped ordering" in sentence_text(dearer, dearer.headline, "en")


@pytest.mark.parametrize(
    "problem",
    [
        {**STOPPED, "effect": -40.0},  # less than half of it
        {**STOPPED, "customer": "Other"},  # another rep's
        {"problem": "fewer_orders", "product_line": "Pumps", "effect": -80.0},  # of others as well
        {**STOPPED, "problem": "lower_collection"},  # no part of sales
    ],
)
def test_no_other_problem_is_told_with_who_is_furthest_behind(problem):
    found = told_with(problem)
    assert found.headline.key == "behind_worst"
    assert "effect" not in found.rows
    assert sentence_text(found, found.headline, "en").endswith("Wu is furthest behind, by 100.")


def test_what_is_met_and_missed_is_told_when_the_month_is_over():
    done = diagnosis.attainment(ORDERS, TARGETS, scope=SCOPE)
    assert set(done.rows["light"]) <= {"met", "missed", ""}
    assert dict(zip(done.rows["rep"], done.rows["light"], strict=True))["Li"] == "missed"
    running = diagnosis.attainment(ORDERS, TARGETS, scope=scope_of("2025-09", as_of=date(2025, 9, 4)))
    assert set(running.rows["light"]) == {""}


def test_a_dimension_nobody_filled_in_is_asked_for():
    found = diagnosis.attainment(ORDERS, TARGETS, scope=SCOPE, by=["channel"])
    assert [(m.table, m.columns) for m in found.missing] == [("orders", ("channel",))]
    assert len(found.rows) == 1


def test_without_any_rep_the_first_section_still_tells_how_sales_went():
    """It heads the page: 140 this month, 100 the month before, 70 a year ago; the target of all is 170."""
    nobody = ORDERS.assign(rep=pd.Series([None] * len(ORDERS), index=ORDERS.index, dtype="str"))
    found = diagnosis.attainment(nobody, frame("targets"), scope=SCOPE)
    assert found.missing
    assert sentence_text(found, found.headline, "en") == (
        "140 sold, +100.0% on last year; the data do not say by whom."
    )
    assert sentence_text(found, found.headline, "zh") == "销售额140，同比+100.0%；数据中没有销售人员，无法拆分。"
    recent = nobody[nobody["sales_date"] >= "2025-01-01"]
    found = diagnosis.attainment(recent, frame("targets"), scope=scope_of("2025-09", begin=date(2025, 1, 1)))
    assert found.headline.key == "unnamed_previous"
    aim = frame("targets", {"period": "2025-09", "team": "S", "amount": 170})
    assert diagnosis.attainment(nobody.assign(team="S"), aim, scope=SCOPE).headline.key == "behind"
    assert diagnosis.attainment(nobody[:3], frame("targets"), scope=SCOPE, by=["region"]).headline.key == "not_given"


def test_some_rows_without_a_member_stand_apart():
    more = frame(
        "orders", {"day": "2025-09-03", "money": 5, "rep": None}, {"day": "2025-09-03", "money": 6, "rep": "Wu"}
    )
    found = diagnosis.attainment(more, frame("targets"), scope=SCOPE)
    assert dict(zip(found.rows["rep"], found.rows["sales"], strict=True)) == {"": 11.0, "Wu": 6.0, "(none)": 5.0}


def test_one_member_and_no_member():
    one = diagnosis.attainment(ORDERS[:2], TARGETS, scope=SCOPE, by=["rep"])
    assert one.headline.key == "behind_worst"  # Li sold nothing against a target
    none = diagnosis.attainment(ORDERS[:0], frame("targets"), scope=SCOPE, by=["rep"])
    assert none.headline.key == "nothing"
    single = diagnosis.attainment(ORDERS[:2], frame("targets"), scope=SCOPE, by=["rep"])
    assert single.headline.key == "single"


def test_an_unfinished_month_is_compared_with_as_many_working_days():
    found = diagnosis.attainment(ORDERS, TARGETS, scope=scope_of("2025-09", as_of=date(2025, 9, 4)))
    total = found.rows.iloc[0]
    assert total["sales"] == 90.0
    assert total["sales_previous"] == 100.0  # four working days of August end on the 6th
    earlier = diagnosis.attainment(ORDERS, TARGETS, scope=scope_of("2025-09", as_of=date(2025, 9, 2)))
    assert earlier.rows["sales_previous"].iloc[0] == 0.0  # two of them end on the 4th
    assert "unfinished" in [note.key for note in found.notes]


def test_a_base_the_history_cuts_short_is_told():
    found = diagnosis.attainment(ORDERS, TARGETS, scope=scope_of("2025-Q3", begin=date(2025, 6, 2)))
    assert [note.key for note in found.notes] == ["no_level_target", "previous_truncated"]


def test_new_or_existing_without_customers_asks_for_the_customer():
    orders = frame("orders", {"day": "2025-09-01", "money": 4}, {"day": "2025-08-01", "money": 3})
    found = diagnosis.attainment(orders, frame("targets"), scope=SCOPE, by=["new_existing"])
    assert found.missing[0].columns == ("customer",)
    for lang in ("en", "zh"):
        assert needs_text(found, lang)


def fell(*rows, by="rep", period="2025-09", **more):
    """What is said of (day, money, member) without targets."""
    sold = frame("orders", *[{"day": day, "money": money, by: member} for day, money, member in rows])
    return diagnosis.attainment(sold, frame("targets"), scope=scope_of(period, **more), by=[by])


def test_the_largest_that_also_fell_most_is_told_once():
    found = fell(("2025-09-03", 60, "Wu"), ("2025-08-04", 90, "Wu"), ("2025-09-03", 10, "Li"))
    assert found.headline.key == "whole_top_fell_previous"
    said = sentence_text(found, found.headline, "en")
    assert said == "70 sold, −22.2% on the period before; Wu, the largest, lost the most: 90 then, 60 now."
    assert sentence_text(found, found.headline, "zh") == "销售额70，环比−22.2%；Wu销售额最高，减少也最多，由90降至60。"


def test_rows_that_name_no_member_are_not_said_to_fall():
    rows = [("2025-09-03", 60, "Wu"), ("2025-09-04", 5, "Li"), ("2025-08-04", 90, None), ("2025-08-05", 9, "Li")]
    assert fell(*rows).headline.key == "whole"
    assert fell(*rows, ("2025-08-05", 99, "Li")).headline.key == "whole_fell_previous"


def test_nobody_falls_against_a_base_the_data_hold_in_part():
    rows = [("2025-08-03", 60, "Wu"), ("2025-08-04", 5, "Li"), ("2025-06-12", 90, "Li")]
    assert fell(*rows, period="2025-Q3").headline.key == "whole_fell_previous"
    assert fell(*rows, period="2025-Q3", begin=date(2025, 6, 2)).headline.key == "whole"


def test_a_year_whose_period_before_is_last_year_is_warned_of_once():
    found = diagnosis.attainment(ORDERS, TARGETS, scope=scope_of("2025", begin=date(2024, 7, 1)))
    assert [note.key for note in found.notes] == ["no_level_target", "last_year_truncated"]

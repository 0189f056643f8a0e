"""Review: the memo's sentences, each from hand-worked rows."""

from datetime import date
from functools import partial

import pandas as pd
import pytest

from salesnb.calendar import Calendar, Period
from salesnb.data.tables import playbook
from salesnb.findings import review, strategy
from salesnb.metrics.pace import days_left, required_rate, time_progress
from salesnb.scope import Scope
from salesnb.settings import Settings
from tests.frames import deals, frame, problems, scope_of, targets
from tests.reading import said

scope, orders = partial(scope_of, team="South"), partial(frame, "orders", team="South")
SOLD = orders(
    ("2025-09-01", 800_000, "Acme", "Ann", "Pumps"), ("2025-08-05", 500_000, "Acme", "Ann", "Pumps"),
    ("2024-09-10", 640_000, "Bolt", "Bob", "Valves"),
)  # fmt: skip
AIMS = targets({"team": "South", "amount": 1_000_000})
LOSS = {"problem": "fewer_orders", "product_line": "Pumps", "effect": -120_000.0}
SLOW = {"problem": "lower_collection", "effect": -300_000.0}


def verdict(sold=SOLD, aims=AIMS, found=None, **more):
    return review.verdict(sold, aims, problems() if found is None else found, scope=scope(**more))


def test_worked_example_of_a_gap():
    """Target 1,000,000, actual 800,000: gap -200,000, attainment 80 %."""
    found = verdict()
    total = found.rows.iloc[0]
    assert (total["gap"], total["attainment"]) == (-200_000.0, 0.8)
    assert total[["yoy", "mom"]].tolist() == pytest.approx([0.25, 0.6])
    assert said(found)["en"][:2] == ["800K sold against a target of 1M: 200K short.", "80.0% attained."]
    assert said(found)["zh"][:2] == ["销售额80万，目标100万，差20万。", "完成率80.0%。"]
    assert found.light == "missed"


def test_the_largest_problem_of_sales_is_named_and_cash_only_where_there_is_none():
    found = verdict(found=problems(SLOW, LOSS))
    assert said(found)["en"][0].endswith(" Top sales problem: fewer orders per customer (Pumps), 120K.")
    assert said(found)["zh"][0].endswith("首要销售问题是客户下单减少（Pumps），影响12万。")
    assert found.rows["problem"].tolist() == ["", "fewer_orders", "lower_collection"]
    assert said(found)["en"][-1] == (
        "Apart from sales: slower collection; of what fell due, 300K less than usual has come in."
    )
    assert said(found)["zh"][-1] == "销售之外：回款变慢，到期款比平时少收30万。"
    alone = verdict(found=problems(SLOW))
    assert said(alone)["en"][0].endswith(" Apart from sales: slower collection, 300K.")


def test_a_long_name_is_cut_in_the_verdict_and_whole_in_the_list():
    loss = {"problem": "customer_stopped", "customer": "Very Long Name " * 9, "effect": -5_000.0}
    headline = said(verdict(found=problems(loss)))["en"][0]
    assert len(headline) < 136
    assert "…), 5K." in headline
    assert "Very Long Name " * 8 in said(review.problems_list(problems(loss), scope=scope()))["en"][0]


def test_a_month_with_more_or_fewer_working_days_is_compared_by_the_day_too():
    """February 2025 has 20 working days, January 23, February 2024 21: 50 a day, as in January, against 40."""
    sold = orders(("2025-02-03", 1_000, "C", "Ann"), ("2025-01-06", 1_150, "C", "Ann"), ("2024-02-05", 840, "C", "Ann"))
    found = review.verdict(sold, AIMS.iloc[:0], problems(), scope=scope("2025-02", date(2025, 2, 28), date(2023, 1, 1)))
    assert found.rows[["mom_daily", "yoy_daily"]].iloc[0].tolist() == pytest.approx([0.0, 0.25])
    assert said(found)["en"][1:] == [
        "Sales +19.0% on last year, −13.0% on the period before.",
        "By the working day: +25.0% on last year, 0.0% on the period before.",
    ]
    assert "按工作日计算：同比+25.0%，环比0.0%。" in said(found)["zh"]
    assert not [n for n in verdict().notes if n.key.startswith("daily")]  # 22 days after 21 are no difference


def test_a_change_against_a_base_the_data_hold_in_part_is_not_told():
    assert said(verdict())["en"][2] == "Sales +25.0% on last year, +60.0% on the period before."
    late = verdict(begin=date(2024, 9, 16))
    assert late.notes[1].key == "changes_mom"
    assert verdict(begin=date(2025, 8, 18)).notes[1].key == "no_base"


def test_a_year_is_compared_once_with_the_year_before():
    calendar = Calendar()
    year = Scope("South", calendar.period("2025"), date(2025, 12, 31), date(2023, 1, 1), Settings(), calendar)
    found = review.verdict(SOLD, frame("targets"), problems(), scope=year)
    assert [note.key for note in found.notes] == ["changes_year"]
    assert said(found)["en"][-1] == "Sales +103.1% on the year before."
    assert said(found)["zh"][-1] == "销售额同比+103.1%。"


def test_facts_hold_no_figure_that_belongs_to_another_row():
    facts = verdict(found=problems(LOSS)).facts()
    assert {f["metric"] for f in facts if f["dims"]} == {"effect"}
    assert "effect" not in {f["metric"] for f in facts if not f["dims"]}


@pytest.mark.parametrize("evidence", ["measured", "associated", "hypothesis", ""])
@pytest.mark.parametrize("aim", [None, 700_000, 800_000, 900_000])
@pytest.mark.parametrize("as_of", [date(2025, 9, 10), date(2025, 9, 30)])
@pytest.mark.parametrize("found", [(), (LOSS,), (SLOW,), (LOSS, SLOW)])
def test_every_verdict_reads_well(evidence, aim, as_of, found):
    aims = targets({"team": "South", "amount": aim}) if aim else frame("targets")
    rows = problems(*({**row, "evidence": evidence} for row in found))
    made = verdict(aims=aims, found=rows, as_of=as_of)
    lines = said(made)
    if as_of.day < 30:
        assert "to date" in lines["en"][0]
        assert made.headline.key.startswith("to_date")


def test_an_unfinished_period_shows_pace_and_no_forecast():
    """September 2025 has 22 working days; on Wednesday the 10th, 8 are gone and 14 left."""
    found = verdict(as_of=date(2025, 9, 10))
    total = found.rows.iloc[0]
    assert total["time_progress"] == pytest.approx(8 / 22)
    assert total["pace"] == pytest.approx(0.8 - 8 / 22)
    assert total["required_rate"] == pytest.approx(200_000 / 14)
    assert said(found)["en"][:2] == [
        "800K sold to date against a target of 1M: 200K to go.",
        "80.0% attained with 36.4% of the time gone.",
    ]
    assert said(found)["en"][-1] == "Needed on each working day left: 14.3K."
    assert found.light == "open"
    assert verdict(as_of=date(2025, 9, 10), aims=targets({"team": "South", "amount": 700_000})).light == "met"


def test_no_required_rate_when_no_day_is_left():
    done = scope()
    assert (time_progress(done), days_left(done)) == (1.0, 0)
    assert pd.isna(required_rate(-5.0, done))


def test_no_sales_and_no_history():
    found = verdict(sold=orders(), aims=frame("targets"), begin=date(2025, 9, 1))
    assert found.notes[0].key == "no_base"
    said(found)


def tables(sold=SOLD):
    closed = [("won", "2025-09-03"), ("lost", "2025-09-03"), ("lost", "2025-09-03"), ("won", "2025-08-05")]
    told = deals(*({"status": status, "day": day} for status, day in closed), team="South", money=1.0)
    return {"orders": sold, "opportunities": told, "receipts": frame("receipts")}


def test_key_figures_with_targets_lights_and_trend():
    aims = targets({"team": "South", "amount": 1_000_000}, {"team": "South", "metric": "win_rate", "amount": 0.25},
                   {"team": "South", "period": "2025-08", "amount": 400_000})  # fmt: skip
    found = review.kpis(tables(), aims, scope=scope())
    now = found.rows[found.rows["month"] == ""].set_index("kpi")
    assert len(now) == 7
    assert now.loc["win_rate", ["actual", "target", "light"]].tolist() == [1 / 3, 0.25, "none"]  # of 3 deals
    assert now.loc["sales", ["gap", "light"]].tolist() == [-200_000.0, "missed"]
    assert now.loc["attainment", ["actual", "target", "light"]].tolist() == [0.8, 1.0, "missed"]
    assert now.loc["aov", "light"] == "none"
    assert pd.isna(now.loc["collection_rate", "actual"])
    drawn = found.rows["kpi"].iloc[list(found.chart.rows)].tolist()
    assert drawn == [kpi for kpi in now.index if kpi != "collection_rate"]  # named beneath as not available
    assert said(found)["en"][-1] == "Not available from the data: collection rate."
    trend = found.rows[(found.rows["kpi"] == "sales") & (found.rows["month"] != "")]
    assert trend["month"].tolist() == ["2025-04", "2025-05", "2025-06", "2025-07", "2025-08", "2025-09"]
    assert trend["actual"].tolist()[-2:] == [500_000.0, 800_000.0]
    assert trend["light"].tolist()[-2:] == ["met", "missed"]
    assert said(found)["en"][0] == "Missed: sales; none is met."  # attainment would say the same twice
    assert said(found)["zh"][0] == "全部未达成：销售额。"


@pytest.mark.parametrize(("new_money", "told"), [(20.0, True), (100.0, False)])
def test_a_collection_rate_that_is_met_by_old_debts_says_what_came_in_of_new_ones(new_money, told):
    """100 fell due in September; 90 due in July came in besides."""
    due = (("2025-09-05", 100.0, new_money), ("2025-07-05", 90.0, 90.0))
    paid = frame(
        "receipts",
        *({"due_date": day, "due_amount": asked, "received_amount": came} for day, asked, came in due),
        received_date="2025-09-20",
        team="South",
    )
    aims = targets({"team": "South", "metric": "collection_rate", "amount": 0.95})
    found = review.kpis({**tables(), "receipts": paid}, aims, scope=scope())
    now = found.rows[found.rows["month"] == ""].set_index("kpi")
    assert now.loc["collection_rate", "light"] == "met"
    late = [line for line in said(found)["en"] if "had come in by its end" in line]
    assert bool(late) == told == ("due_collection" in now.index)
    if told:
        assert late == [
            "The collection rate of 110.0% counts money whenever it was due; of what fell due in this period, 20.0%"
            " had come in by its end."
        ]
        assert len(found.chart.rows) <= 7


def test_while_a_period_runs_nothing_is_missed_and_the_trend_ends_before():
    aims = targets({"team": "South", "amount": 1_000_000}, {"team": "South", "metric": "win_rate", "amount": 0.25})
    found = review.kpis(tables(), aims, scope=scope(as_of=date(2025, 9, 10)))
    now = found.rows[found.rows["month"] == ""].set_index("kpi")
    assert "missed" not in set(now["light"])
    assert now.loc["attainment", "light"] == "open"  # ahead of the time elapsed is not met
    assert now.loc["aov", "light"] == "none"  # it has no target
    assert found.rows["month"].max() == "2025-08"
    said(found)


def test_a_month_of_which_the_data_lack_a_day_is_in_the_trend_and_is_compared():
    begun = scope(begin=date(2025, 8, 4))  # of 21 working days of August one is missing
    found = review.kpis(tables(), AIMS, scope=begun).rows
    assert found[found["kpi"] == "sales"]["month"].tolist() == ["", "2025-08", "2025-09"]
    assert not review.changes(SOLD, TWO_MONTHS, frame("issued"), scope=begun).quiet
    assert review.previous_problems(problems(LOSS), problems(LOSS), scope=begun).headline.key == "one_open"


def test_a_short_history_says_what_new_means():
    for start, told in ((date(2025, 1, 1), True), (date(2024, 8, 1), False)):
        found = review.kpis(tables(), AIMS, scope=scope(begin=start))
        assert ("new_truncated" in [n.key for n in found.notes]) is told
        said(found)


def test_key_figures_without_data():
    bare = {name: frame(name) for name in ("opportunities", "receipts")} | {"orders": orders()}
    found = review.kpis(bare, frame("targets"), scope=scope())
    assert found.headline.key == "none_judged"
    said(found)


def test_problems_are_passed_on_unchanged():
    rows = problems(SLOW, LOSS)
    for count in (0, 1, 2):
        found = review.problems_list(rows.head(count), scope=scope())
        assert found.rows["effect"].tolist() == rows["effect"].tolist()[:count]
        said(found)
    said(review.problems_list(problems(SLOW, LOSS, {"problem": "unexplained", "effect": -1.0}), scope=scope()))


PART = {"problem": "short_of_target", "rep": "Bob", "effect": -900.0, "confidence": "low", "evidence": "sum"}


def test_of_more_than_three_problems_the_fourth_is_named_and_no_number_is_told_that_is_not_so():
    """The table holds them all; a part of the gap needs no room beside them."""
    every = [{**LOSS, "product_line": f"L{n}", "effect": -100.0 * (9 - n)} for n in range(5)]
    for count, notes in ((3, []), (4, ["further_one"]), (5, ["further"])):
        found = review.problems_list(problems(*every[:count]), scope=scope())
        assert found.headline.key == ("three" if count == 3 else "more")
        assert [n.key for n in found.notes if n.key.startswith("further")] == notes
        assert len(found.rows) == count
        assert found.chart.rows == (0, 1, 2)
        assert [n.picks for n in found.notes if n.key in notes] == [{"next": 3}] * len(notes)
        said(found)


def test_parts_of_the_gap_stand_beneath_the_problems_however_large_they_are():
    found = review.problems_list(problems(LOSS), problems(PART), scope=scope())
    assert found.rows["confidence"].tolist() == ["high", "low"]
    assert found.headline.key == "one"
    assert "parts_beside" in [n.key for n in found.notes]
    assert "From short of target (Bob) on" in " ".join(said(found)["en"])
    alone = review.problems_list(problems(LOSS), problems(), scope=scope())
    assert not any(n.key.startswith("parts") for n in alone.notes)


def test_without_a_problem_parts_of_the_gap_are_what_to_look_at_and_called_chance():
    for start, key in ((date(2023, 1, 1), "parts"), (date(2025, 1, 1), "parts_untold")):
        found = review.problems_list(problems(), problems(PART), scope=scope(begin=start))
        assert (found.headline.key, [n.key for n in found.notes]) == (key, ["parts_alone"])
        assert "To look at first: short of target (Bob), 900." in said(found)["en"][0]


@pytest.mark.parametrize("rows", [(), (LOSS,), (SLOW,), (LOSS, SLOW)])
@pytest.mark.parametrize("sold", [800_000, 995_000, 1_200_000])
def test_actions_are_passed_on_unchanged(rows, sold):
    booked = orders(("2025-09-01", sold, "Acme", "Ann", "Pumps"))
    roster = frame("reps", {"rep": "Ann", "team": "South", "manager": "May"})
    made = strategy.actions(problems(*rows), playbook.default(), roster, booked, AIMS, scope=scope())
    found = review.actions_list(made.rows, scope=scope())
    assert {(f["metric"], f["dims"], f["value"]) for f in found.facts()} == {
        (f["metric"], f["dims"], f["value"]) for f in made.facts()
    }
    said(found)


def issue(*rows):
    """Figures already issued, from (day, period, metric, value)."""
    said = [dict(zip(("issued_on", "period", "metric", "value"), row, strict=True)) for row in rows]
    return frame("issued", *said, team="South", finding="verdict")


TWO_MONTHS = targets({"team": "South", "amount": 1_000_000}, {"team": "South", "amount": 400_000, "period": "2025-08"})


def compared(found):
    return found.rows.set_index("kpi")[["before", "after", "change", "source"]].T.to_dict("list")


def test_without_an_issue_the_review_of_the_period_before_is_recomputed():
    """August: 500,000 of 400,000; September: 800,000 of 1,000,000."""
    found = review.changes(SOLD, TWO_MONTHS, frame("issued"), scope=scope())
    assert compared(found) == {
        "sales": [500_000.0, 800_000.0, 300_000.0, "recomputed"],
        "target": [400_000.0, 1_000_000.0, 600_000.0, "recomputed"],
        "gap": [100_000.0, -200_000.0, -300_000.0, "recomputed"],
        "attainment": [1.25, 0.8, pytest.approx(-0.45), "recomputed"],
    }
    assert said(found)["en"] == ["Against August 2025, sales went from 500K to 800K."]
    assert [f["unit"] for f in found.facts() if f["metric"] == "change"] == ["money", "money", "money", "points"]


def test_what_the_period_before_was_issued_with_counts_and_is_said():
    told = issue(("2025-09-03", "2025-08", "target", 450_000), ("2025-08-20", "2025-08", "target", 1))
    found = review.changes(SOLD, TWO_MONTHS, told, scope=scope())
    assert compared(found)["target"] == [450_000.0, 1_000_000.0, 550_000.0, "issued"]
    assert compared(found)["sales"][-1] == "recomputed"
    assert said(found)["en"] == [
        "Since the review of August 2025, sales went from 500K to 800K.",
        "Target as issued on 3 Sep 2025; the rest from today's data.",
    ]


def test_an_issue_of_the_same_period_counts_first_and_alone():
    told = issue(
        ("2025-09-15", "2025-09", "sales", 600_000), ("2025-09-22", "2025-09", "sales", 700_000),
        ("2025-09-30", "2025-09", "sales", 5), ("2025-09-03", "2025-08", "target", 450_000),
    )  # fmt: skip
    found = review.changes(SOLD, TWO_MONTHS, told, scope=scope())
    assert compared(found) == {"sales": [700_000.0, 800_000.0, 100_000.0, "issued"]}
    assert said(found)["en"] == ["Since the issue of 22 Sep 2025, sales went from 700K to 800K."]
    other = told.assign(team="North")
    assert compared(review.changes(SOLD, TWO_MONTHS, other, scope=scope()))["sales"][-1] == "recomputed"


def test_while_a_period_runs_only_as_many_working_days_are_compared():
    """On 10 September 8 working days are gone; in August the 8th is the 12th: 500,000 of 5 August is in."""
    found = review.changes(SOLD, TWO_MONTHS, frame("issued"), scope=scope(as_of=date(2025, 9, 10)))
    assert compared(found) == {"sales": [500_000.0, 800_000.0, 300_000.0, "recomputed"]}
    assert said(found)["en"][0].startswith("After as many working days of August 2025, sales stood at 500K")


def test_with_nothing_earlier_nothing_is_compared():
    found = review.changes(SOLD, TWO_MONTHS, frame("issued"), scope=scope(begin=date(2025, 8, 20)))
    assert found.quiet
    assert found.rows.empty
    said(found)


def register(*rows):
    usual = {
        "period": "2025-08",
        "problem": "p",
        "action": "a",
        "owner": "Ann",
        "due_date": "2025-10-31",
        "resources": "r",
        "expected_effect": 1.0,
    }
    return frame("actions", *rows, **usual)


def test_previous_actions_done_open_overdue():
    table = register(
        {"status": "done"},
        {},
        {"due_date": "2025-09-01", "owner": None},
        {"period": "2025-07", "due_date": "2025-07-01"},
    )
    found = review.previous_actions(table, scope=scope())
    assert found.rows["action_id"].tolist() == ["", "A3", "A2", "A1", "A0"]
    assert found.rows["status"].tolist() == ["", "overdue", "overdue", "open", "done"]
    assert found.rows[["actions", "actions_done", "actions_overdue"]].iloc[0].tolist() == [3, 1, 2]
    assert said(found)["zh"][0] == "上次复盘定了3项措施，已完成1项；整个台账逾期2项，最久的是A3（Ann）。"
    assert found.rows["owner"].iloc[2] == "to_be_named"


@pytest.mark.parametrize(
    ("rows", "key"),
    [
        ([{"status": "done"}], "all_done"),
        ([{}], "in_time"),
        ([{"period": "2025-01"}], "none"),
        ([{"period": "2025-01", "due_date": "2025-03-01"}], "late_earlier"),
        ([{"period": "2025-01", "due_date": "2025-03-01", "status": "done"}], "none"),
        ([{"due_date": None}], "in_time"),
    ],
)
def test_previous_actions_otherwise(rows, key):
    found = review.previous_actions(register(*rows), scope=scope())
    assert found.headline.key == key
    said(found)


def test_previous_actions_without_a_register():
    found = review.previous_actions(frame("actions"), scope=scope())
    assert found.missing[0].table == "actions"
    said(found)


def test_previous_problems_solved_or_still_open():
    then = problems(LOSS, {"problem": "lower_win_rate", "effect": -50.0})
    now = problems(
        {"problem": "fewer_orders", "product_line": "Pumps", "rep": "Ann", "effect": -90.0}
    )  # a part of the slice
    found = review.previous_problems(then, now, scope=scope())
    assert found.rows["status"].tolist() == ["", "still_open", "solved"]
    assert found.rows.iloc[0][["problems", "problems_open", "problems_solved"]].tolist() == [2, 1, 1]
    assert found.rows["after"].tolist()[1] == -90.0
    assert found.rows["before"].iloc[0] == found.rows["before"].iloc[1:].sum()
    said(found)


@pytest.mark.parametrize(
    ("then", "now", "key"),
    [
        ((LOSS,), (), "one_solved"), ((LOSS,), (LOSS,), "one_open"), ((LOSS, SLOW), (SLOW, LOSS), "all_open"),
        ((LOSS, SLOW), ({**LOSS, "product_line": "Valves"},), "solved"), ((), (LOSS,), "none"),
    ],
)  # fmt: skip
def test_previous_problems_otherwise(then, now, key):
    found = review.previous_problems(problems(*then), problems(*now), scope=scope())
    assert found.headline.key == key
    said(found)


def test_a_problem_that_does_not_show_in_an_unfinished_period_is_not_called_solved():
    running = scope(as_of=date(2025, 9, 15))
    one = review.previous_problems(problems(SLOW), problems(), scope=running)
    assert one.headline.key == "one_running"
    assert one.rows["status"].tolist() == ["", "not_judged"]
    assert one.rows["problems_solved"].tolist() == [0, 0]
    assert "shows when this period is over" in said(one)["en"][0]
    two = review.previous_problems(problems(SLOW, LOSS), problems(LOSS), scope=running)
    assert (two.headline.key, two.rows["status"].tolist()) == ("running", ["", "not_judged", "still_open"])
    assert said(two)["zh"][0].startswith("上期的问题是否解决，要等本期结束才能判断")
    again = review.previous_problems(problems(SLOW), problems(SLOW), scope=running)
    assert again.headline.key == "one_open"


def test_previous_problems_before_the_data_begin():
    assert (
        review.previous_problems(problems(LOSS), problems(), scope=scope(begin=date(2025, 8, 20))).headline.key
        == "no_base"
    )
    first = Period("P1", "month", 2025, 1, date(2025, 9, 1), date(2025, 9, 30))
    fiscal = Scope("South", first, date(2025, 9, 30), date(2025, 1, 1), calendar=Calendar([first]))
    assert fiscal.before() == fiscal
    found = review.previous_problems(problems(LOSS), problems(LOSS), scope=fiscal)
    assert found.headline.key == "no_base"
    said(found)
    assert review.previous_actions(register({}), scope=fiscal).headline.key == "none"


GRID = orders(
    ("2025-09-01", 100, "Acme", "Ann", "Pumps"), ("2025-09-02", 50, "Bolt", "Ann", "Valves"),
    ("2025-09-03", 70, "Acme", "Bob", "Pumps"),
    ("2025-09-04", 10, "Cogs", "Ann", "Pumps"), ("2025-09-05", 5, "Dent", "Ann", "Pumps", "South", None, "signed"),
)  # fmt: skip


def test_tracking_adds_up_to_the_total():
    aims = targets(
        {"rep": "Ann", "product_line": "Pumps", "amount": 150},
        {"rep": "Ann", "product_line": "Valves", "amount": 30},
        {"rep": "Bob", "product_line": "Pumps", "amount": 55},
    )
    found = review.tracking(GRID, aims, scope=scope())
    rows = found.rows
    crossed = rows[(rows["rep"] != "") & (rows["product_line"] != "")]
    for part in (
        crossed,
        rows[(rows["rep"] != "") & (rows["product_line"] == "")],
        rows[(rows["rep"] == "") & (rows["product_line"] != "")],
    ):
        assert part["sales"].sum() == rows["sales"].iloc[0] == 235
        assert part["gap"].sum() == rows["gap"].iloc[0] == 0
    assert said(found)["en"][0] == "Ann × Pumps is furthest behind, 35 short; Ann × Valves is furthest ahead, by 20."


@pytest.mark.parametrize("factor", [0, 1, 1000])
def test_tracking_otherwise(factor):
    pairs = [("Ann", "Pumps", 115), ("Ann", "Valves", 50), ("Bob", "Pumps", 70)]
    aims = (
        targets(*({"rep": r, "product_line": p, "amount": x * factor} for r, p, x in pairs))
        if factor
        else frame("targets")
    )
    found = review.tracking(GRID, aims, scope=scope())
    assert found.headline.key == {0: "no_target", 1: "all_met", 1000: "worst"}[factor]
    said(found)
    said(review.tracking(orders(), frame("targets"), scope=scope()))
    nobody = review.tracking(GRID.assign(rep=""), frame("targets"), scope=scope())
    assert nobody.missing[0].columns == ("rep", "product_line")
    said(nobody)


def test_three_main_customers_per_rep():
    found = review.main_customers(GRID, scope=scope())
    assert found.rows[["rep", "customer", "sales"]].to_numpy().tolist() == [
        ["Ann", "Acme", 100.0], ["Ann", "Bolt", 50.0], ["Ann", "Cogs", 10.0], ["Bob", "Acme", 70.0]
    ]  # fmt: skip
    assert said(found)["zh"][0] == "按销售看，单个客户成交最多的是Ann的Acme：100，已成交。"
    pd.testing.assert_frame_equal(found.rows, review.main_customers(GRID.iloc[::-1], scope=scope()).rows)


def test_main_customers_none():
    assert review.main_customers(GRID.assign(customer=""), scope=scope()).missing
    for sold in (orders(), GRID.assign(customer=""), orders(("2025-01-01", 5, "Acme", "Ann"))):
        said(review.main_customers(sold, scope=scope()))
    nobody = review.main_customers(GRID.assign(rep=""), scope=scope())
    assert said(nobody)["en"][0] == "The largest customer is Acme: 170, won."


def test_highlights_are_ahead_of_target():
    aims = targets({"rep": "Ann", "amount": 100}, {"rep": "Bob", "amount": 90})
    found = review.highlights(GRID, aims, scope=scope())
    assert found.rows["rep"].tolist() == ["Ann"]
    assert said(found)["en"][0] == "Only Ann is ahead of target, by 65 (165.0%)."
    both = review.highlights(GRID, targets({"rep": "Ann", "amount": 100}, {"rep": "Bob", "amount": 60}), scope=scope())
    assert said(both)["en"][0] == "Ann is 65 ahead of target (165.0%), then Bob, 10 ahead."


def test_highlights_without_targets_are_growth_in_money():
    past = orders(("2024-09-01", 50, "Acme", "Ann", "Pumps"), ("2024-09-02", 80, "Acme", "Bob", "Pumps"))
    sold = pd.concat([GRID.assign(order_id=GRID["order_id"] + "n"), past], ignore_index=True)
    found = review.highlights(sold, frame("targets"), scope=scope())
    assert found.headline.key.startswith("growth")
    assert found.rows["rep"].iloc[0] == "Ann"
    said(found)


def test_a_team_that_is_a_region_is_told_once():
    sold = orders(("2025-09-01", 100, "Acme", "Ann", "", "East"), ("2025-09-01", 10, "Acme", "Bob", "", "West"))
    sold = pd.concat(
        [sold, sold.assign(sales_date=pd.Timestamp("2024-09-01"), amount=sold["amount"] // 2, order_id="p")]
    )
    found = review.highlights(sold.assign(region=sold["team"]), frame("targets"), scope=scope(team="all"))
    assert found.rows["team"].tolist() == ["East", "West"]
    assert said(found)["en"][0].startswith("East grew most on last year in money, +100.0%, then West")


def test_highlights_none():
    for sold, aims in (
        (GRID, targets({"rep": "Ann", "amount": 900}, {"rep": "Bob", "amount": 900})),
        (GRID, frame("targets")),
        (orders(), frame("targets")),
    ):
        found = review.highlights(sold, aims, scope=scope())
        assert found.rows.empty
        said(found)


def test_the_record_is_left_to_people():
    found = review.record(scope=scope())
    assert set(found.rows["remark"]) == {"fill_in"}
    assert found.facts() == []
    said(found)


def test_inputs_are_unchanged():
    kept = GRID.copy()
    for made in (review.tracking, review.highlights):
        made(GRID, AIMS, scope=scope())
    review.main_customers(GRID, scope=scope())
    pd.testing.assert_frame_equal(GRID, kept)


def test_a_history_too_short_to_tell_is_not_called_free_of_problems():
    young, old = scope(begin=date(2025, 1, 1)), scope()
    none = problems()
    listed = review.problems_list(none, scope=young)
    assert "cannot be told yet" in said(listed)["en"][0]
    assert "names no problem" in said(review.problems_list(none, scope=old))["en"][0]
    assert "too short" in said(strategy.candidates(none, playbook.default(), scope=young))["en"][0]
    assert "it could not be told" in said(review.previous_problems(none, none, scope=young))["en"][0]

"""Where teams stand: order, lights, sums and sentences, worked out by hand."""

from __future__ import annotations

import re

import pytest

from salesnb.report.company_verdict import verdict
from salesnb.report.standing import roll_up, split, standings
from tests.report.index_runs import fail, figures, run, tally

SOUTH, EAST, NORTH = figures(8.54e6, 9.6e6), figures(12.7e6, 12.4e6), figures(8.02e6, 8.1e6)
NONE = figures(None, None)


def said(record, lang="en"):
    return verdict(standings(record), lang)


def test_failures_come_first_then_the_largest_gap_then_those_without_a_target_then_the_company():
    teams = {"all": figures(1.0, 2.0), "East": EAST, "South": SOUTH, "Export": figures(5.0, None), "North": NORTH}
    record = fail(run("2025-09", teams | {"West": NONE}), "West", "review")
    assert [s.team for s in standings(record)] == ["West", "South", "North", "East", "Export", "all"]


@pytest.mark.parametrize(
    ("counts", "complete", "light"),
    [
        ((1, 0), True, "met"),
        ((3, 0), False, "met"),
        ((3, 1), True, "some"),
        ((2, 1), True, "missed"),
        ((3, 2), True, "missed"),
        ((1, 1), True, "missed"),
        ((3, 3), False, "open"),
    ],
)
def test_a_light_follows_from_the_targets_on_the_page(counts, complete, light):
    own = figures(1.0, 1.0, tallies={"review": tally(*counts)})
    (standing,) = standings(run("2025-09", {"South": own}, ("review",), complete=complete))
    assert standing.light("review") == light


def test_without_targets_no_light_is_green():
    own = figures(1.0, None, tallies={"intake": tally(1, 1)})
    stages = ("intake", "targets", "people", "outlook", "review")
    record = run("2025-09", {"South": own}, stages, complete=False)
    record = fail(fail(record, "South", "outlook"), "South", "review", status="not run")
    (standing,) = standings(record)
    assert [standing.light(s) for s in stages] == ["missed", "none", "done", "failed", "waiting"]


def test_the_sum_is_exact_and_names_who_is_left_out():
    teams = {"A": figures(0.1, 0.3), "B": figures(0.2, 0.3), "C": figures(4.0, None), "D": NONE}
    together = roll_up(split(standings(run("2025-09", teams)))[0])
    assert (together.sales, together.target, together.gap, together.attainment) == (0.3, 0.6, -0.3, 0.5)
    assert [s.team for s in together.teams] == ["A", "B"]
    assert [s.team for s in together.left_out] == ["C", "D"]
    beyond = roll_up(standings(run("2025-09", {"all": figures(0.4, 0.6)}))).beyond(together)
    assert (beyond.sales, beyond.target, beyond.gap) == (0.1, 0.0, 0.1)


def test_some_missed():
    record = run("2025-09", {"South": SOUTH, "East": EAST, "North": NORTH, "all": figures(50.0e6, 60.0e6)})
    assert said(record) == (
        "2 of 3 teams missed their target; the 3 together are 840K short of 30.1M."
        " South is furthest behind, 1.06M short."
    )
    assert said(record, "zh") == "3个团队中2个未达标，合计目标3,010万，差84万。差距最大的是South，差106万。"


def test_one_missed_is_named_once():
    assert said(run("2025-09", {"East": EAST, "North": NORTH})) == (
        "North alone missed its target, by 80K; the 2 teams together are 220K ahead of 20.5M."
    )
    assert said(run("2025-09", {"East": EAST, "North": NORTH}), "zh") == (
        "2个团队中只有North未达标，差8万；合计目标2,050万，超22万。"
    )


def test_all_missed_and_all_met():
    assert said(run("2025-09", {"South": SOUTH, "North": NORTH})) == (
        "Both teams missed their target; together they are 1.14M short of 17.7M. South is furthest behind, 1.06M short."
    )
    assert said(run("2025-09", {"A": figures(5.0, 5.0), "B": figures(9.0, 9.0)})) == (
        "Both teams met their target; together they are exactly on 14."
    )
    assert said(run("2025-09", {"East": EAST})) == "East met its target: 300K ahead of 12.4M."
    assert said(run("2025-09", {"all": SOUTH}), "zh") == "全公司未达标，目标960万，差106万。"


def test_nothing_is_missed_while_the_period_runs():
    record = run("2025-09", {"South": SOUTH, "East": EAST, "North": NORTH}, complete=False)
    assert said(record) == (
        "Only 1 of 3 teams has met its target so far; the 3 together are 840K short of 30.1M,"
        " with the period still running."
        " South has the most still to sell, 1.06M."
    )
    assert said(record, "zh") == "期间未结束，3个团队中仅1个达标，合计目标3,010万，差84万。South尚差最多，为106万。"
    two = run("2025-09", {"South": SOUTH, "East": EAST, "Key": EAST}, complete=False)
    assert said(two).startswith("2 of 3 teams have met their target so far; the 3 together are 460K short of 34.4M")
    none = run("2025-09", {"South": SOUTH, "North": NORTH}, complete=False)
    assert said(none).startswith("No team of 2 has met its target yet; together they are 1.14M short of 17.7M")
    assert "missed" not in said(run("2025-09", {"South": SOUTH}, complete=False))
    assert said(run("2025-09", {"East": EAST}, complete=False), "zh") == "East达标，目标1,240万，超30万。"


def test_failures_and_absent_targets_are_said():
    teams = {"South": SOUTH, "East": EAST, "Export": figures(5.0e5, None), "West": NONE}
    record = fail(run("2025-09", teams), "West", "review")
    assert said(record) == (
        "South alone missed its target, by 1.06M; the 2 teams together are 760K short of 22M."
        " Export has no target. Pages of West failed."
    )
    assert said(record, "zh").endswith("Export没有目标。West有页面未成功。")
    many = run("2025-09", {name: figures(1.0, None) for name in "ABCD"} | {"South": SOUTH})
    for name in "ABCD":
        many = fail(many, name, "review")
    assert said(many).endswith("short of 9.6M. 4 teams have no target. Pages of 4 teams failed.")


def test_without_any_target_sales_are_said_and_without_sales_nothing_is():
    assert said(run("2025-09", {"A": figures(1.5e6, None), "B": figures(5e5, None)})) == (
        "2M sold; there is no target to hold it against."
    )
    assert said(run("2025-09", {"A": NONE}), "zh") == "本期尚无页面给出销售额。"
    assert said(run("2025-09", {})) == "No page of this period gives sales yet."


@pytest.mark.parametrize("complete", [True, False])
def test_both_languages_say_the_same_figures(complete):
    """Each amount in one language is the same in the other, to the digits that are shown."""
    record = run("2025-09", {"South": SOUTH, "East": EAST, "North": NORTH}, complete=complete)
    units = {"K": 1e3, "M": 1e6, "万": 1e4, "": 1.0}
    amounts = [
        sorted(float(n.replace(",", "")) * units[u] for n, u in re.findall(r"([\d.,]*\d)([KM万]?)", said(record, lang)))
        for lang in ("en", "zh")
    ]
    assert set(amounts[1]) == set(amounts[0])


def test_a_name_that_would_fill_the_sentence_is_cut_there():
    (said_of,) = (said(run("2025-09", {"W" * 200: SOUTH})),)
    assert len(said_of) < 100
    assert "W… missed its target" in said_of


def test_whose_verdict_rests_on_a_part_of_the_data_is_named():
    teams = {"all": figures(1.0, 2.0), "East": EAST, "South": SOUTH}
    assert "in doubt" not in said(run("2025-09", teams))
    part = run("2025-09", teams | {"South": {**SOUTH, "uncounted": True}, "all": figures(1.0, 2.0, uncounted=True)})
    end = " South and The whole company: data in doubt matter to the verdict; see the memos."
    assert said(part).endswith(end)
    assert said(part, "zh").endswith("South和全公司有影响结论的存疑数据，见复盘页。")

"""Lost deals by reason, department and rep, from deals worked out by hand."""

from datetime import date

import pandas as pd
import pytest

from salesnb.findings.diagnosis import funnel, lost_deals
from salesnb.settings import Settings
from salesnb.views.departments import owners
from tests.frames import deals, scope_of
from tests.reading import said


def lost(count, reason, month="2025-08", money=100.0, **more):
    one = {"status": "lost", "close_date": f"{month}-12", "lost_reason": reason, "money": money, **more}
    return [dict(one) for _ in range(count)]


def named(found):
    return found.rows.iloc[found.headline.picks["named"]]


def test_reasons_are_counted_with_their_money_and_their_department():
    rows = lost(6, "price") + lost(3, "slow follow-up", money=50.0) + lost(1, "late delivery", money=1000.0)
    found = lost_deals(deals(*rows, {"status": "won", "close_date": "2025-08-09", "money": 9e6}), scope=scope_of())
    total = found.rows.iloc[0]
    assert (total["lost_deals"], total["lost_value"], total["priced_deals"]) == (10, 1750.0, 10)
    by = found.rows[found.rows["lost_reason"] != ""].set_index("lost_reason")
    assert by["lost_deals"].to_dict() == {"price": 6, "slow follow-up": 3, "late delivery": 1}
    assert by["department"].to_dict() == {"price": "price", "slow follow-up": "sales", "late delivery": "delivery"}
    assert by["loss_share"].to_dict() == {"price": 0.6, "slow follow-up": 0.3, "late delivery": 0.1}
    assert by.loc["late delivery", "lost_value"] == 1000.0
    assert set(by["evidence"]) == {"associated"}
    assert found.headline.key == "most"
    assert named(found)["lost_reason"] == "price"
    assert "1.75K" in said(found)["en"][1]
    assert (total["won_deals"], total["won_value"]) == (1, 9e6)
    assert "9M" in said(found)["en"][2]


def test_deals_won_beside_are_told_where_there_are_some():
    rows = lost(3, "price")
    for more, key in (((), "won_none"), (({"status": "won", "close_date": "2025-08-09", "money": 9.0},), "won")):
        notes = {note.key for note in lost_deals(deals(*rows, *more), scope=scope_of()).notes}
        assert notes & {"won", "won_none"} == {key}


def test_parts_add_up_whatever_the_order_of_rows():
    rows = lost(6, "price") + lost(3, "slow follow-up") + lost(2, None) + lost(4, "aliens")
    told = deals(*rows)
    copy = told.copy(deep=True)
    found = lost_deals(told, scope=scope_of()).rows
    pd.testing.assert_frame_equal(found, lost_deals(told[::-1], scope=scope_of()).rows)
    pd.testing.assert_frame_equal(told, copy)
    for part in (found[(found["department"] != "") & (found["lost_reason"] == "")], found[found["lost_reason"] != ""]):
        assert part[["lost_deals", "lost_value"]].sum().tolist() == [15, 1500.0]
    # What is not given comes last, although one of the two is more than a known reason.
    assert found[found["lost_reason"] != ""]["lost_reason"].tolist()[-1] == "(none)"


def test_most_is_said_of_more_than_half_and_of_no_reason_that_others_equal():
    def said_of(*rows):
        return lost_deals(deals(*rows), scope=scope_of())

    # Of whatever department, or of none: what the reps gave most often comes first.
    found = said_of(*lost(12, "price"), *lost(60, "no answer"))
    assert (found.headline.key, named(found)["lost_reason"]) == ("most_unowned", "no answer")
    part = said_of(*lost(6, "price"), *lost(5, "late delivery"), *lost(4, None))
    assert said(part)["en"][0] == (
        "For 15 deals lost from July to September 2025, the reason given most often is price: 6 (40.0%); "
        "department in charge: pricing."
    )
    tied = said_of(*lost(6, "price"), *lost(6, "late delivery"), *lost(3, "service"))
    assert said(tied)["en"][0].endswith("no reason is given most often: late delivery and price are equal.")


def test_money_that_is_zero_or_absent_is_said_to_be_unknown():
    none = lost_deals(deals(*lost(12, "price", money=0.0)), scope=scope_of())
    assert pd.isna(none.rows["lost_value"].iloc[0])
    assert "unpriced" in {n.key for n in none.notes}
    fact = next(f for f in none.facts() if f["metric"] == "lost_value")
    assert (fact["value"], fact["reason"]) == (None, "no_amount")
    part = lost_deals(deals(*lost(10, "price"), *lost(2, "price", money=None)), scope=scope_of())
    assert "asked_part" in {n.key for n in part.notes}
    assert part.rows["priced_deals"].iloc[0] == 10


def test_a_reason_that_rose_by_more_than_chance_is_named_before_a_larger_one():
    before = [
        row for m in range(1, 13) for row in lost(7, "price", f"2024-{m:02d}") + lost(1, "service", f"2024-{m:02d}")
    ]
    now = lost(24, "price", "2025-02") + lost(20, "service", "2025-03")
    found = lost_deals(deals(*before, *now), scope=scope_of("2025-03", date(2025, 3, 31)))
    assert found.headline.key == "risen"
    row = named(found)
    assert (row["lost_reason"], row["department"], row["loss_share_before"]) == ("service", "service", 0.125)
    assert row["loss_share_change"] == pytest.approx(20 / 44 - 1 / 8)
    same = lost(28, "price", "2025-02") + lost(4, "service", "2025-03")
    assert lost_deals(deals(*before, *same), scope=scope_of("2025-03", date(2025, 3, 31))).headline.key == "most"


def test_a_month_is_looked_at_with_the_two_before_it_and_a_quarter_by_itself():
    rows = lost(11, "price", "2025-07") + lost(2, "price", "2025-09") + lost(5, "price", "2025-06")
    month, quarter = (lost_deals(deals(*rows), scope=scope_of(p)) for p in ("2025-09", "2025-Q3"))
    assert month.rows["period"].iloc[0] == "2025-07..2025-09"
    assert quarter.rows["period"].iloc[0] == "2025-Q3"
    assert month.rows["lost_deals"].iloc[0] == quarter.rows["lost_deals"].iloc[0] == 13
    week = lost_deals(deals(*rows), scope=scope_of("2025-W36"))
    assert week.rows["lost_deals"].iloc[0] == 11
    assert "7 Sep 2025" in said(week)["en"][-1]


def test_a_rep_who_loses_for_the_reason_more_often_than_the_others_is_named():
    rows = [r for rep in "ABCD" for r in lost(4, "price", rep=rep) + lost(16, "service", rep=rep)]
    rows += lost(18, "price", rep="Ma") + lost(2, "service", rep="Ma")
    found = lost_deals(deals(*rows, *lost(40, "price", rep=None)), scope=scope_of())
    who = found.rows[found.rows["rep"] != ""]
    assert who["rep"].tolist() == ["Ma"]
    assert (who["lost_deals"].iloc[0], who["lost_deals_all"].iloc[0], who["loss_share"].iloc[0]) == (18, 20, 0.9)
    even = [r for rep in "ABCD" for r in lost(10, "price", rep=rep) + lost(9, "service", rep=rep)]
    assert not (lost_deals(deals(*even), scope=scope_of()).rows["rep"] != "").any()


def test_a_rep_is_held_against_the_own_year_before_where_there_is_hardly_anyone_else():
    before = [
        r
        for m in range(1, 13)
        for r in lost(1, "service", f"2024-{m:02d}", rep="Ma") + lost(4, "price", f"2024-{m:02d}", rep="Ma")
    ]
    now = (
        lost(30, "service", "2025-02", rep="Ma")
        + lost(20, "price", "2025-02", rep="Ma")
        + lost(1, "price", "2025-02", rep="Li")
    )
    found = lost_deals(deals(*before, *now), scope=scope_of("2025-03", date(2025, 3, 31)))
    who = found.rows[found.rows["rep"] != ""].iloc[0]
    assert (who["rep"], who["loss_share"], who["loss_share_before"], who["lost_deals_before"]) == ("Ma", 0.6, 0.2, 60)
    assert "rep_before" in {n.key for n in found.notes}
    assert "20.0%" in " ".join(said(found)["en"])


def test_who_may_not_see_persons_sees_none():
    rows = [r for rep in "ABCD" for r in lost(4, "price", rep=rep) + lost(16, "service", rep=rep)]
    rows += lost(18, "price", rep="Ma") + lost(2, "service", rep="Ma") + lost(60, "price")
    at = scope_of()
    public = type(at)(at.team, at.period, at.as_of, at.history_start, at.settings, at.calendar, audience="public")
    found = lost_deals(deals(*rows), scope=public)
    assert not (found.rows["rep"] != "").any()
    assert len(found.rows) > 3
    assert "rep" not in {n.key for n in found.notes}


def test_few_lost_deals_give_no_share():
    found = lost_deals(deals(*lost(3, "price"), *lost(2, "service")), scope=scope_of())
    assert found.headline.key == "few"
    assert "%" not in " ".join(said(found)["en"])
    assert found.too_few("loss_share", found.headline.picks["named"]) == 5


def test_what_is_absent_is_said():
    assert lost_deals(deals(), scope=scope_of()).missing
    bare = lost_deals(deals(*lost(20, None)), scope=scope_of())
    assert bare.missing[0].columns == ("lost_reason",)
    assert "20" in said(bare)["en"][0]
    won = lost_deals(deals({"status": "won", "close_date": "2025-08-01", "money": 1.0}), scope=scope_of())
    assert (won.headline.key, won.quiet) == ("no_lost", True)
    old = deals(*lost(20, None), *lost(5, "price", "2024-01"))
    assert lost_deals(old, scope=scope_of()).headline.key == "unentered"
    assert said(lost_deals(old, scope=scope_of()))


def test_the_sample_companys_slow_follow_up_is_found_with_its_rep_and_nothing_before_it_began(sample):
    case = sample("West", "2025-09")
    found = lost_deals(case.opportunities, scope=case.scope)
    assert found.headline.key == "risen"
    assert (named(found)["lost_reason"], named(found)["department"]) == ("slow follow-up", "sales")
    assert found.rows[found.rows["rep"] != ""]["rep"].tolist() == ["Ma Xiaolong"]
    steps = funnel(case.opportunities, case.stage_history, scope=case.scope)
    assert steps.headline.key in {"fell", "narrowest"}
    assert steps.rows["stage"].iloc[steps.headline.picks["worst"]] == "Proposal"
    for period in ("2024-08", "2024-11", "2025-02"):
        case = sample("West", period)
        assert lost_deals(case.opportunities, scope=case.scope).headline.key == "often"


@pytest.mark.parametrize(
    ("reason", "owner"),
    [("Price too high", "price"), ("价格太高", "price"), ("交期太长", "delivery"), ("no budget", "sales"),
     ("slow follow-up", "sales"), ("售后服务差", "service"), ("产品缺少防爆认证", "product"), ("Lead time", "delivery"),
     ("aliens", "(none)"), ("", "(none)"), ("(none)", "(none)"), ("accost", "(none)")],
)  # fmt: skip
def test_a_reason_has_its_department_in_both_languages(reason, owner):
    assert owners([reason], Settings()) == {reason: owner}


def test_the_settings_words_come_first_and_a_department_may_have_any_name():
    rules = Settings.model_validate({"losses": {"departments": {"price": "commercial", "外星人": "研发部"}}})
    found = owners(["Price too high", "外星人入侵", "交期"], rules)
    assert found == {"Price too high": "commercial", "外星人入侵": "研发部", "交期": "delivery"}

"""The funnel on deals worked out by hand: stages in order, cohorts that are ripe, steps that fell."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from salesnb.findings.diagnosis import funnel
from salesnb.views.stages import in_order, journey
from tests.frames import deals, history, scope_of
from tests.reading import said

EMPTY = history()


def step(found, stage):
    return found.rows[found.rows["stage"] == stage].iloc[0]


def led(count, meetings, won, month="2025-01", start=0, source=None):
    """So many leads of a month, of which some had a meeting and some were won, the rest lost after ten days."""
    rows, seen = [], []
    for i in range(count):
        name, status = f"{month}-{start + i}", "won" if i < won else "lost"
        row = {"opportunity_id": name, "status": status, "created_date": f"{month}-01", "close_date": f"{month}-21",
               "lead_source": source}  # fmt: skip
        rows.append(row)
        seen.append((name, "Lead", f"{month}-01"))
        if i < meetings:
            seen.append((name, "Meeting", f"{month}-05"))
    return rows, seen


def test_a_lead_of_ten_becomes_a_deal_when_one_of_five_meets_and_half_of_these_buy():
    rows, seen = led(100, 20, 10)
    found = funnel(deals(*rows), history(*seen), scope=scope_of())
    assert list(found.rows["stage"]) == ["", "Lead", "Meeting", "(won)"]
    lead, meeting, total = step(found, "Lead"), step(found, "Meeting"), found.rows.iloc[0]
    assert (lead["reached_deals"], lead["passed_deals"], lead["conversion"]) == (100, 20, 0.2)
    assert (meeting["reached_deals"], meeting["passed_deals"], meeting["conversion"]) == (20, 10, 0.5)
    assert total["close_rate"] == pytest.approx(lead["conversion"] * meeting["conversion"]) == 0.1
    assert total["intent_conversion"] == 0.2
    assert lead["conversion_low"] == pytest.approx(0.1334, abs=1e-4)  # Wilson: 20 of 100
    assert lead["conversion_high"] == pytest.approx(0.2888, abs=1e-4)
    assert found.headline.key == "narrowest"
    assert found.rows["stage"].iloc[found.headline.picks["worst"]] == "Lead"
    assert found.chart.accent == (found.headline.picks["worst"],)


def test_stages_are_ordered_by_how_deals_went_whatever_their_names_and_the_order_of_rows():
    seen = [("a", "报价", "2025-01-09"), ("a", "初访", "2025-01-02"), ("a", "Z", "2025-01-20"),
            ("b", "初访", "2025-01-02"), ("b", "报价", "2025-01-03"),
            ("c", "报价", "2025-01-04"), ("c", "初访", "2025-01-08"),  # one that was entered backwards
            ("d", "Z", "2025-01-05")]  # fmt: skip
    told = deals(*({"opportunity_id": n, "status": "open", "created_date": "2025-01-01"} for n in "abcd"))
    for rows in (seen, seen[::-1]):
        assert journey(told, history(*rows), scope_of()).stages == ("初访", "报价", "Z")


def test_an_order_of_the_settings_counts_and_what_it_does_not_name_is_left_out_and_said():
    rows, seen = led(12, 6, 3)
    seen += [(r["opportunity_id"], "On hold", "2025-01-02") for r in rows]
    at = scope_of(funnel={"stages": ["Meeting", "Lead", "Contract"]})
    found = funnel(deals(*rows), history(*seen), scope=at)
    assert list(found.rows["stage"])[1:] == ["Meeting", "Lead", "(won)"]
    assert {"order_given", "left_out"} <= {n.key for n in found.notes}


def test_stages_never_entered_together_are_ordered_by_when_they_come():
    entered = np.array([[1.0, np.nan, 9.0], [np.nan, 3.0, np.nan], [2.0, np.nan, np.nan]])
    assert in_order(entered) in ([0, 1, 2], [1, 0, 2])
    assert in_order(np.empty((3, 0))) == []


def test_stages_that_only_tell_the_outcome_are_no_steps():
    rows, seen = led(12, 6, 3)
    for r in rows:
        ending = "签单成功" if r["status"] == "won" else "丢单"
        seen.append((r["opportunity_id"], ending, r["close_date"]))
    found = funnel(deals(*rows), history(*seen), scope=scope_of())
    assert list(found.rows["stage"]) == ["", "Lead", "Meeting", "(won)"]


def test_who_skips_a_stage_has_passed_it_and_who_won_has_passed_all():
    days = {"created_date": "2025-01-01", "close_date": "2025-01-09"}
    ended = {"a": "won", "b": "lost", "c": "lost", "x": "won"}
    told = deals(*({"opportunity_id": n, "status": status, **days} for n, status in ended.items()))
    seen = history(("a", "Lead", "2025-01-01"), ("b", "Lead", "2025-01-01"), ("b", "Offer", "2025-01-05"),
                   ("c", "Lead", "2025-01-01"), ("c", "Talk", "2025-01-03"), ("c", "Offer", "2025-01-05"))  # fmt: skip
    found = funnel(told, seen, scope=scope_of())
    reached = dict(zip(found.rows["stage"], found.rows["reached_deals"], strict=True))
    assert (reached["Lead"], reached["Talk"], reached["Offer"]) == (3, 3, 3)
    assert step(found, "Offer")["passed_deals"] == 1
    assert found.rows["untracked_deals"].iloc[0] == 1  # of x nothing is known but that it was won
    assert found.rows["cohort_deals"].iloc[0] == 4


def test_months_too_young_to_judge_have_counts_but_no_rate():
    rows = []
    for month, days in (("2025-01", 40), ("2025-02", 40), ("2025-09", 10)):
        for i in range(12):
            begun = date.fromisoformat(f"{month}-01")
            rows.append({"status": "won" if i < 6 else "lost", "created_date": str(begun),
                         "close_date": str(begun + timedelta(days=days))})  # fmt: skip
    found = funnel(deals(*rows), EMPTY, scope=scope_of(), by="cohort")
    by = found.rows.set_index("cohort")
    assert by.loc["2025-01", "close_rate"] == 0.5
    assert by.loc["2025-09", ["cohort_deals", "cohort_won"]].tolist() == [12, 6]
    assert pd.isna(by.loc["2025-09", "close_rate"])
    assert by.loc["2025-09", "note"] == "not_ripe"
    assert {f["reason"] for f in found.facts() if f["metric"] == "close_rate" and f["value"] is None} >= {"not_ripe"}
    assert "not_ripe" in {n.key for n in found.notes}
    assert found.chart.rows is not None
    assert "2025-09" not in {found.rows["cohort"].iloc[i] for i in found.chart.rows}


def monthly(*shares, count=20, last="2025-03"):
    """Deals of consecutive months up to one, of which a share each is won after twenty days."""
    months = pd.period_range(end=last, periods=len(shares), freq="M")
    return [row for month, share in zip(months, shares, strict=True)
            for row in led(count, count, round(share * count), str(month))[0]]  # fmt: skip


@pytest.mark.parametrize(("lately", "key"), [(0.2, "cohort_fell"), (0.8, "cohort_rose"), (0.45, "cohort_steady")])
def test_the_last_ripe_months_are_held_against_the_year_before_them(lately, key):
    found = funnel(deals(*monthly(*[0.5] * 12, *[lately] * 3)), EMPTY, scope=scope_of("2025-03", date(2025, 6, 30)),
                   by="cohort")  # fmt: skip
    assert found.headline.key == key
    now, before = (found.rows.iloc[found.headline.picks[p]] for p in ("now", "before"))
    assert (now["cohort"], before["cohort"]) == ("2025-01..2025-03", "2024-01..2024-12")
    assert (now["cohort_deals"], before["cohort_deals"]) == (60, 240)
    assert now["close_rate"] == pytest.approx(lately)


def test_a_step_that_fell_by_more_than_chance_is_named_and_one_that_did_not_is_not():
    def case(lately):
        rows, seen = [], []
        for number, month in enumerate(pd.period_range("2023-09", "2025-08", freq="M")):
            share = lately if number >= 12 else 0.6
            one, two = led(20, round(20 * share), 4, str(month))
            rows, seen = rows + one, seen + two
        return funnel(deals(*rows), history(*seen), scope=scope_of())

    found = case(0.35)
    assert found.headline.key == "fell"
    worst = found.rows.iloc[found.headline.picks["worst"]]
    assert (worst["stage"], worst["conversion"], worst["conversion_before"]) == ("Lead", 0.35, 0.6)
    assert worst["conversion_change"] == pytest.approx(-0.25)
    assert case(0.6).headline.key != "fell"


def test_parts_add_up_rows_may_be_shuffled_and_the_input_stays_as_it_was():
    rows, seen = led(40, 25, 9, source="web")
    more, also = led(30, 12, 6, "2025-02", source="fair")
    told, entries = deals(*rows, *more), history(*seen, *also)
    copies = told.copy(deep=True), entries.copy(deep=True)
    for by in ("stage", "cohort", "lead_source"):
        found = funnel(told, entries, scope=scope_of(), by=by)
        shuffled = told.sample(frac=1, random_state=1), entries.sample(frac=1, random_state=2)
        again = funnel(*shuffled, scope=scope_of(), by=by)
        pd.testing.assert_frame_equal(found.rows, again.rows)
        for _, row in found.rows.dropna(subset=["cohort_deals"]).iterrows():
            assert row["cohort_won"] + row["cohort_lost"] + row["cohort_open"] == row["cohort_deals"]
    pd.testing.assert_frame_equal(told, copies[0])
    pd.testing.assert_frame_equal(entries, copies[1])


def test_a_source_is_named_only_where_it_differs_by_more_than_chance():
    apart = led(40, 40, 24, source="主动拓展")[0] + led(40, 40, 6, "2025-02", source="数据库挖掘")[0]
    found = funnel(deals(*apart), EMPTY, scope=scope_of(), by="lead_source")
    assert found.headline.key == "source_apart"
    best, worst = (found.rows.iloc[found.headline.picks[p]] for p in ("best", "worst"))
    assert (best["lead_source"], best["close_rate"]) == ("主动拓展", 0.6)
    assert (worst["lead_source"], worst["close_rate"]) == ("数据库挖掘", 0.15)
    alike = led(40, 40, 20, source="A")[0] + led(40, 40, 18, "2025-02", source="B")[0]
    assert funnel(deals(*alike), EMPTY, scope=scope_of(), by="lead_source").headline.key == "source_alike"
    # Two large ones differ, the small one with the highest rate from neither.
    given = (("A", 300, 90, "2025-01"), ("B", 300, 30, "2025-02"), ("C", 20, 7, "2025-03"))
    three = [row for name, n, won, month in given for row in led(n, n, won, month, source=name)[0]]
    found = funnel(deals(*three), EMPTY, scope=scope_of(), by="lead_source")
    best, worst = (found.rows.iloc[int(found.headline.picks[w])]["lead_source"] for w in ("best", "worst"))
    assert (found.headline.key, best, worst) == ("source_pair", "A", "B")
    few = led(5, 5, 4, source="A")[0] + led(5, 5, 0, "2025-02", source="B")[0]
    assert funnel(deals(*few), EMPTY, scope=scope_of(), by="lead_source").headline.key == "source_few"


def test_without_a_stage_history_the_deals_own_dates_are_followed_and_that_is_said():
    rows = led(20, 20, 5)[0]
    for row in rows[:12]:
        row["proposal_date"] = "2025-01-10"
    found = funnel(deals(*rows), EMPTY, scope=scope_of())
    assert list(found.rows["stage"]) == ["", "(first contact)", "(proposal)", "(won)"]
    assert found.rows["reached_deals"].tolist()[1:] == [20, 12, 5]
    assert found.rows["passed_deals"].tolist()[1:-1] == [12, 5]
    assert "no_history" in {n.key for n in found.notes}
    assert "intent_conversion" not in found.rows  # leads cannot be told from opportunities
    assert not found.missing


def test_time_in_a_stage_counts_deals_that_are_still_there():
    rows = [{"opportunity_id": f"d{i}", "status": "open", "created_date": "2025-01-01"} for i in range(11)]
    seen = [(f"d{i}", "Lead", "2025-01-01") for i in range(11)]
    seen += [(f"d{i}", "Offer", f"2025-01-{11 + i}") for i in range(4)]  # four went on after 10 to 13 days
    at = scope_of("2025-01", date(2025, 1, 31))
    lead = step(funnel(deals(*rows), history(*seen), scope=at), "Lead")
    assert np.isnan(lead["stage_days"])  # seven of eleven have not left by the 30th day: there is no median yet
    assert lead["waiting_deals"] == 7
    lost = {**rows[10], "status": "lost", "close_date": "2025-02-10"}  # after 40 days
    later = scope_of("2025-01", date(2025, 2, 28))
    lead = step(funnel(deals(*rows[:4], lost), history(*seen), scope=later), "Lead")
    assert (lead["stage_days"], lead["waiting_deals"]) == (12, 0)  # 10, 11, 12, 13, 40


def test_a_fall_that_lies_in_deals_still_open_is_told_as_such():
    """As many of those decided are won as before; only more are still open, however old they are."""
    rows = monthly(*[0.5] * 12, *[0.5] * 3)
    for row in [r for r in rows if r["created_date"] >= "2025-01-01"]:
        if int(row["opportunity_id"].split("-")[-1]) % 2:
            row |= {"status": "open", "close_date": None}
    at = scope_of("2025-03", date(2025, 9, 30))
    found = funnel(deals(*rows), EMPTY, scope=at, by="cohort")
    now, before = (found.rows.iloc[found.headline.picks[p]] for p in ("now", "before"))
    assert (now["close_rate"], before["close_rate"], now["cohort_open"]) == (0.25, 0.5, 30)
    assert found.headline.key == "cohort_open"
    assert "still_open" in {n.key for n in found.notes}
    steps = funnel(deals(*rows), EMPTY, scope=scope_of("2025-03", date(2025, 9, 30)))
    assert steps.notes[0].key == "ripe_all"  # the period itself is old enough by September
    assert steps.headline.key == "one_step"  # no step fell: who is still there may go on yet
    assert step(steps, "(first contact)")["waiting_deals"] == 30


def test_a_history_of_nothing_but_outcomes_is_none_and_settings_that_fit_nothing_do_not_count():
    rows, seen = led(12, 6, 3)
    only = history(*((r["opportunity_id"], "Lost", r["close_date"]) for r in rows if r["status"] == "lost"))
    assert "no_history" in {n.key for n in funnel(deals(*rows), only, scope=scope_of()).notes}
    at = scope_of(funnel={"stages": ["Erstkontakt"]})
    found = funnel(deals(*rows), history(*seen), scope=at)
    assert list(found.rows["stage"])[1:-1] == ["Lead", "Meeting"]
    assert "order_found" in {n.key for n in found.notes}


def test_few_deals_give_no_rates_in_the_sentence():
    rows, seen = led(6, 3, 1)
    found = funnel(deals(*rows), history(*seen), scope=scope_of())
    assert found.headline.key == "few"
    assert "%" not in said(found)["en"][0]


@pytest.mark.parametrize("by", ["stage", "cohort", "lead_source"])
def test_absent_data_are_said_to_be_absent(by):
    assert funnel(deals(), EMPTY, scope=scope_of(), by=by).missing
    undated = funnel(deals({"status": "open"}, {"status": "won", "close_date": "2025-08-01"}), EMPTY,
                     scope=scope_of(), by=by)  # fmt: skip
    assert undated.quiet
    assert undated.headline.key == "no_entry"
    assert said(undated)["zh"]


def test_later_stages_and_deals_of_years_ago_do_not_matter():
    """Deals of before the data begin would be those that took long: they belong to no ripe month."""
    rows, seen = led(20, 10, 5, "2025-01")
    old, also = led(20, 2, 1, "2024-01")
    at = scope_of(begin=date(2024, 12, 1))
    found = funnel(deals(*rows, *old), history(*seen, *also), scope=at)
    assert found.rows["cohort_deals"].iloc[0] == 20


def test_sentences_of_every_kind_have_no_holes():
    rows, seen = led(40, 25, 9, source="web")
    for by in ("stage", "cohort", "lead_source"):
        for day in (date(2025, 1, 31), date(2025, 9, 30)):
            assert said(funnel(deals(*rows), history(*seen), scope=scope_of("2025-01", day), by=by))

"""Absent is not zero: lost deals, amounts, days of receipt and logs that are not recorded, or not all along."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from salesnb.calendar import Window
from salesnb.findings import diagnosis, review
from salesnb.findings.finding import Finding, Say
from salesnb.metrics import measure
from tests.frames import frame, scope_of, workdays
from tests.reading import said

LAST = date(2025, 12, 31)
AUGUST, SEPTEMBER = (Window(date(2025, m, 1), date(2025, m, d)) for m, d in ((8, 31), (9, 30)))


def closed(day: str, status: str, count: int, money: float | None = 10, **more: object) -> list[dict[str, object]]:
    return [{"day": day, "status": status, "money": money, "begun": "2025-06-01", **more} for _ in range(count)]


def scope(period: str = "2025-09", **records: Window | None):
    """A scope in which these are recorded on some days only."""
    return replace(
        scope_of(period, begin=date(2025, 1, 1)), records={k.replace("__", "."): v for k, v in records.items()}
    )


def recorded(deals: pd.DataFrame, kept: Window | None) -> pd.DataFrame:
    days = deals["close_date"]
    known = days.between(*map(pd.Timestamp, kept)) if kept else pd.Series(False, deals.index)
    return deals.assign(losses_recorded=known.astype("boolean"))


DEALS = frame(
    "opportunities",
    *closed("2025-08-05", "won", 20)
    + closed("2025-09-05", "won", 12, rep="A")
    + closed("2025-09-20", "lost", 9, rep="A")
    + closed("2025-09-21", "won", 3, rep="B"),
)


def test_a_win_rate_is_of_the_days_on_which_losses_are_recorded():
    since = recorded(DEALS, Window(date(2025, 9, 20), LAST))
    rates = ["win_rate", "won_deals", "closed_deals"]
    figures = {
        w: measure(["win_rate"], {"opportunities": since}, w)[rates].iloc[0].tolist() for w in (AUGUST, SEPTEMBER)
    }
    assert figures[SEPTEMBER] == [0.25, 15, 24]  # 3 of 12, from the 20th on
    assert pd.isna(figures[AUGUST][0])
    assert figures[AUGUST][1:] == [20, 20]
    assert measure(["win_rate"], {"opportunities": DEALS}, AUGUST)["win_rate"].tolist() == [1.0]


def test_wins_alone_are_told_without_a_rate():
    deals, told = recorded(DEALS[DEALS["status"] == "won"], None), scope(losses=None)
    found = diagnosis.deals(deals, scope=told)
    assert said(found)["en"] == [
        "15 deals were won, worth 150; how often deals are won cannot be told, since lost deals are not recorded."
    ]
    facts = {f["metric"]: (f["value"], f["reason"]) for f in found.facts() if not f["dims"]}
    assert facts["win_rate"] == (None, "unrecorded_losses")
    nothing = "Won and lost deals are not both recorded for this time, so how often deals are won cannot be told."
    history = frame("stage_history")
    for of in (
        diagnosis.win_by_day(deals, scope=told),
        diagnosis.deal_drivers(deals, scope=told),
        diagnosis.funnel(deals.assign(lead_source="x"), history, scope=told),
        diagnosis.competitors(deals.assign(competitor="x"), frame("notes"), scope=told),
    ):
        assert said(of)["en"] == [nothing]
        assert of.quiet
    lost = diagnosis.lost_deals(deals.assign(lost_reason=None), scope=told)
    assert said(lost)["en"] == ["Lost deals are not recorded for these months: whether any was lost is not known."]
    cards = review.kpis(
        {"orders": frame("orders"), "opportunities": deals, "receipts": frame("receipts")}, frame("targets"), scope=told
    )
    own = [f for f in cards.facts() if f["dims"] == "kpi=win_rate" and f["metric"] == "actual"]
    assert [(f["value"], f["reason"]) for f in own] == [(None, "unrecorded_losses")]


def test_where_losses_are_recorded_in_part_only_that_is_said_and_no_change_is_told():
    deals, part = (recorded(DEALS, Window(date(2025, 9, 20), LAST)), scope(losses=Window(date(2025, 9, 20), LAST)))
    assert (
        "Lost deals are recorded for a part of this time only; win rates are of that part."
        in said(diagnosis.deals(deals, scope=part))["en"]
    )
    assert said(diagnosis.deal_drivers(deals, scope=part))["en"] == [
        "Lost deals are not recorded all along in both times, so how often deals are won cannot be compared."
    ]


def test_a_won_deal_without_an_amount_is_a_win_and_no_money():
    some = frame(
        "opportunities",
        *closed("2025-09-05", "won", 2) + closed("2025-09-06", "won", 1, None) + closed("2025-09-07", "lost", 2, None),
    )
    found = diagnosis.deals(some, scope=scope())
    total = found.rows.iloc[0]
    assert total[["won_deals", "win_rate", "won_value", "deal_value", "priced_wins"]].tolist() == [3, 0.6, 20, 10, 2]
    assert said(found)["en"][-1] == "2 of 3 won deals carry an amount; values are of these."
    none = diagnosis.deals(some.assign(amount=float("nan")), scope=scope())
    assert said(none)["en"][0] == "3 of 5 closed deals were won; too few for a rate, and none carries an amount."
    assert none.rows[["won_value", "deal_value"]].iloc[0].isna().all()


def test_the_tree_of_deals_stays_exact_where_some_wins_have_no_amount():
    before = closed("2025-08-05", "won", 3) + closed("2025-08-05", "lost", 2)
    now = closed("2025-09-05", "won", 2, 30) + closed("2025-09-05", "won", 2, None) + closed("2025-09-05", "lost", 4)
    rows = diagnosis.deal_drivers(frame("opportunities", *before + now), scope=scope()).rows.set_index("kpi")
    assert rows.loc["priced_share", ["before", "after"]].tolist() == [1.0, 0.5]
    assert rows["effect"].iloc[:-1].sum() == pytest.approx(rows.loc["won_value", "effect"]) == 30


def test_money_that_came_in_on_no_day_is_in_no_rate():
    half = frame(
        "receipts", {"due": "2025-09-10", "owed": 100, "paid": "2025-09-11", "got": 60, "rep": "A"},
        {"due": "2025-09-10", "owed": 100, "paid": None, "got": 90, "rep": "B"},
        {"due": "2025-09-10", "owed": 100, "paid": None, "got": 0, "rep": "A"},
    )  # fmt: skip
    found = diagnosis.collection(half, frame("orders"), scope=scope(receipts__received=Window(date.min, date.max)))
    total = found.rows.iloc[0]
    assert total[["receivable", "received", "collection_rate", "due_collection"]].tolist() == [300, 60, 0.3, 0.3]
    assert "For 1 of 3 instalments due, money came in on no known day; they are in no rate." in said(found)["en"]
    never = diagnosis.collection(half.iloc[1:], frame("orders"), scope=scope(receipts__received=None))
    assert never.rows[["received", "collection_rate"]].iloc[0].isna().all()
    assert said(never)["en"][1] == (
        "200 fell due in the period. Money came in, but no date says when, so the collection rate cannot be told."
    )
    unpaid = diagnosis.collection(half.iloc[2:], frame("orders"), scope=scope())  # then nothing came in
    assert unpaid.rows["collection_rate"].iloc[0] == 0


def test_without_any_amount_nothing_is_said_of_sales():
    nothing, told = frame("orders"), scope(amounts=None)
    for found in (
        diagnosis.attainment(nothing, frame("targets"), scope=told),
        diagnosis.drivers(nothing, scope=told),
        diagnosis.trend(nothing, frame("targets"), DEALS, scope=told),
    ):
        assert said(found)["en"] == [
            "No won deal carries both an amount and a close date, so what was sold cannot be told."
        ]
        assert {f["value"] for f in found.facts()} <= {None}
        assert {f["reason"] for f in found.facts()} <= {"unrecorded_amounts"}


def test_a_finding_of_figures_of_orders_alone_falls_silent_by_itself():
    """Those worked out from them too; beside a figure of anything else they are blank."""
    rows = pd.DataFrame({"channel": ["", "direct"], "sales": [10.0, 4.0], "unit_price": [2.0, 1.0]})
    made = Finding("diagnosis.own", scope(amounts=None), rows, Say("most", {"most": 1}))
    assert (made.headline.key, made.quiet) == ("recorded.amounts", True)
    assert {(f["value"], f["reason"]) for f in made.facts()} == {(None, "unrecorded_amounts")}
    beside = Finding("diagnosis.own", scope(amounts=None), rows.assign(won_deals=3.0), Say("most", {"most": 1}))
    assert beside.headline.key == "most"
    assert beside.rows[["sales", "unit_price"]].isna().all(axis=None)
    assert beside.rows["won_deals"].tolist() == [3.0, 3.0]
    known = Finding("diagnosis.own", scope(), rows, Say("most", {"most": 1}))
    assert known.rows["sales"].tolist() == [10.0, 4.0]


def calls(first: str, last: str, count: int) -> list[dict[str, object]]:
    return [{"day": d, "rep": "A", "kind": "call", "count": count, "team": "S"} for d in workdays(first, last)]


def work(log, **records: Window | None):
    told, none = scope(**records), frame("orders")
    reps = frame("reps", {"rep": "A", "team": "S"}, {"rep": "B", "team": "S"})
    return diagnosis.process(
        frame("activities", *log), none, frame("opportunities"), reps, frame("customers"), scope=told
    )


def test_rates_of_work_are_of_the_days_on_which_it_is_logged():
    log = calls("2025-09-15", "2025-09-30", 15)
    visits = [{"day": date(2025, 9, d), "rep": "A", "kind": "visit", "team": "S"} for d in (1, 8, 16, 23)]
    begun = Window(date(2025, 9, 15), date.max)
    found = work(log + visits, activities=Window(date.min, date.max), activities__call=begun)
    total = found.rows.iloc[0]
    assert total[["calls", "calls_per_day"]].tolist() == [180, 15.0]
    assert total["visits_per_week"] == pytest.approx(4 / (22 / 5))  # visits are logged all along
    assert any("for a part of this time only" in line for line in said(found)["en"])
    whole = work(log + visits)
    assert whole.rows["calls_per_day"].iloc[0] == pytest.approx(180 / 22)
    assert not any("for a part of this time only" in line for line in said(whole)["en"])


def test_a_month_before_the_log_is_not_known_and_nobody_is_silent_in_it():
    found = work(
        calls("2025-10-15", "2025-10-30", 15),
        activities=(kept := Window(date(2025, 10, 15), date.max)),
        activities__call=kept,
    )
    assert said(found)["en"] == ["No activities are logged for this time: what was done is not known."]
    assert found.rows["calls"].isna().all()


def test_key_figures_compare_only_months_that_are_recorded():
    frames = {"orders": frame("orders", {"day": "2025-07-01", "money": 1}), "opportunities": recorded(DEALS, SEPTEMBER)}
    frames |= {"activities": frame("activities", *calls("2025-09-15", "2025-09-30", 15)), "reps": frame("reps")}
    begun = Window(date(2025, 9, 15), date.max)
    told = scope(losses=SEPTEMBER, activities=begun, activities__call=begun)
    rows = diagnosis.key_figures(frames, frame("targets"), scope=told).rows.set_index("kpi")
    assert rows.loc["calls_per_day", "actual"] == 15.0
    assert rows.loc[["calls_per_day", "win_rate"], "one_before"].isna().all()


def test_what_a_log_does_not_cover_is_no_month_without_reports():
    rows = frame("opportunities", *[d for m in (7, 8, 9) for d in closed(f"2025-{m:02d}-05", "lost", 12)])
    note = frame("notes", ("2025-09-02", "competitor", "Acme"))
    told = scope(notes__competitor=Window(date(2025, 9, 2), date.max))
    months = [
        diagnosis.competitors(rows.assign(competitor="Acme"), note, scope=of, by="month").rows["month"].tolist()
        for of in (told, scope())
    ]
    assert months[0] == ["2025-09", "", ""]
    assert len(months[1]) > 3


def test_a_cycle_and_that_of_a_year_before_are_of_days_on_which_losses_are_recorded():
    """Losses are recorded from April 2025: of deals closed before only those won are known."""
    early = [{"day": "2025-03-20", "status": "won", "money": 10, "begun": "2025-03-10"}] * 20
    later = closed("2025-07-01", "won", 10) + closed("2025-07-11", "lost", 10)
    kept = Window(date(2025, 4, 1), LAST)
    deals = recorded(frame("opportunities", *early + later), kept)
    found = diagnosis.cycle(deals, frame("orders"), scope=scope(losses=kept)).rows.iloc[0]
    assert (found["followed_deals"], found["cycle"]) == (20, 30)

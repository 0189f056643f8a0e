"""Which of the five situations hold: each planted once and found, and none where a season or chance is all there is."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from salesnb import words
from salesnb.calendar import Calendar
from salesnb.findings import diagnosis
from salesnb.show.sentence import sentence_text
from salesnb.views.seasoned import seasoned
from tests.frames import frame, scope_of, workdays

NO_WORK, NO_ROSTER, NO_TARGETS = frame("activities"), frame("reps"), frame("targets")
MAVEN = (1134672, 721932, 1025713, 1338466, 696932, 1050059, 1235264, 731980, 938943, 1131573)
"""Sales of March to December 2017 of a real company: each quarter begins low and ends high."""


def monthly(amounts, first: str = "2023-01", customer: str = "a") -> pd.DataFrame:
    """One order on each working day, so that months of equal sales a day differ in total."""
    rows = []
    for month, amount in zip(pd.period_range(first, periods=len(amounts), freq="M"), amounts, strict=True):
        days = workdays(str(month.start_time.date()), str(month.end_time.date()))
        rows += [{"day": d, "money": amount / len(days), "customer": customer} for d in days]
    return frame("orders", *rows)


def check(orders, period, *, work=NO_WORK, reps=NO_ROSTER, targets=NO_TARGETS, **more):
    tables = {"orders": orders, "activities": work, "reps": reps}
    return diagnosis.situations(tables, targets, scope=scope_of(period, team="South", **more))


def of(found, situation: str, kpi: str = "", rep: str = "") -> pd.Series:
    rows = found.rows[(found.rows["situation"] == situation) & (found.rows["rep"] == rep)]
    return (rows[rows["kpi"] == kpi] if kpi else rows).iloc[0]


def said(found, lang: str = "en") -> list[str]:
    return [sentence_text(found, note, lang) for note in (found.headline, *found.notes)]


# -- decline


def test_the_rhythm_of_a_quarter_is_no_decline():
    """April, July and October look like collapses against the month before; they are none, in month or quarter."""
    orders = monthly(MAVEN, "2017-03")
    for period in ("2017-04", "2017-07", "2017-10", "2017-11", "2017-12", "2017-Q4", "2017"):
        found = check(orders, period, begin=date(2017, 3, 1), as_of=date(2017, 12, 31))
        assert of(found, "behind", "sales_per_day")["status"] != "holds", period
    last = check(orders, "2017-Q4", begin=date(2017, 3, 1), as_of=date(2017, 12, 31))
    row = of(last, "behind", "sales_per_day")
    assert row[["source", "note", "streak"]].tolist() == ["quarter_before", "within", -2.0]
    told = next(t for t in said(last) if "working day" in t)
    assert "same months of the quarter before for 2 months in a row" in told
    assert "There is no year before to judge by." in told


def test_a_season_that_comes_back_every_year_is_no_decline():
    wave = [100 + 40 * np.sin(2 * np.pi * m / 12) for m in range(12)]
    orders = monthly([1_000 * w for w in wave * 2 + wave], "2023-01")
    for month in range(1, 13):
        row = of(check(orders, f"2025-{month:02d}"), "behind", "sales_per_day")
        assert row["status"] == "not_now", month
    autumn = of(check(orders, "2025-09"), "behind", "sales_per_day")
    assert autumn["note"] in {"season", "one_month"}


def test_a_month_without_working_days_for_its_holidays_is_no_decline():
    """Spring Festival lies in January one year and in February the next: sales a working day stay the same."""
    eves = {2023: "2023-01-21", 2024: "2024-02-10", 2025: "2025-01-28"}
    holidays = [d.date() for eve in eves.values() for d in pd.date_range(eve, periods=9)]
    days = [d for d in workdays("2023-01-02", "2025-04-30") if d not in holidays]
    orders = frame("orders", *[{"day": d, "money": 1_000 + (i % 5), "customer": "a"} for i, d in enumerate(days)])
    calendar = Calendar(holidays=holidays)
    for period in ("2025-01", "2025-02", "2025-03"):
        scope = replace(scope_of(period, as_of=date(2025, 4, 30), team="South"), calendar=calendar)
        tables = {"orders": orders, "activities": NO_WORK, "reps": NO_ROSTER}
        found = diagnosis.situations(tables, NO_TARGETS, scope=scope)
        row = found.rows[found.rows["kpi"] == "sales_per_day"].iloc[0]
        assert row["status"] == "not_now", period


def test_two_months_with_more_days_off_than_last_year_are_no_decline():
    off = [d.date() for first in ("2025-05-05", "2025-06-02") for d in pd.bdate_range(first, periods=9)]
    days = [d for d in workdays("2023-01-02", "2025-06-30") if d not in off]
    orders = frame("orders", *[{"day": d, "money": 1_000 + 20 * (i % 3), "customer": "a"} for i, d in enumerate(days)])
    tables = {"orders": orders, "activities": NO_WORK, "reps": NO_ROSTER}
    for holidays, status in ((off, "not_now"), ([], "holds")):
        scope = replace(scope_of("2025-06", team="South"), calendar=Calendar(holidays=holidays))
        rows = diagnosis.situations(tables, NO_TARGETS, scope=scope).rows
        assert rows.loc[rows["kpi"] == "sales_per_day", "status"].tolist() == [status]


def test_a_real_decline_is_one():
    draws = np.random.default_rng(3)
    level = 1_000 * np.exp(draws.normal(0, 0.03, 33))
    level[-3:] *= 0.7
    found = check(monthly(level), "2025-09")
    row = of(found, "behind", "sales_per_day")
    assert row[["status", "source"]].tolist() == ["holds", "last_year"]
    assert row["streak"] <= -3
    assert row["actual"] < 0.8 * row["limit"]
    assert "missed target or decline" in said(found)[0]
    assert any("below the same months of last year for " in t and "months in a row" in t for t in said(found))
    assert any("个月低于去年同期" in t for t in said(found, "zh"))


def test_without_a_year_before_a_fall_cannot_be_told_from_a_season():
    draws = np.random.default_rng(4)
    level = 1_000 * np.exp(draws.normal(0, 0.02, 11))
    level[-3:] *= 0.5
    row = of(check(monthly(level, "2025-01"), "2025-11", begin=date(2025, 1, 1)), "behind", "sales_per_day")
    assert row[["status", "note", "source"]].tolist() == ["cannot_tell", "no_year", "quarter_before"]


@pytest.mark.parametrize(("months", "note"), [(1, "short"), (3, "no_season"), (6, "few_months")])
def test_a_short_history_says_that_it_cannot_tell(months, note):
    level = [1_000.0 * 0.6**m for m in range(months)]
    found = check(monthly(level, "2025-01"), f"2025-{months:02d}", begin=date(2025, 1, 1))
    row = of(found, "behind", "sales_per_day")
    assert row[["status", "note"]].tolist() == ["cannot_tell", note]
    assert said(found)


def test_six_months_in_a_row_with_one_beside_them_are_not_called_usual():
    """Seven months can be compared, and six of them are the fall: how far such months differ is not known."""
    level = [1_000.0, 1_300.0, 900.0, 1_100.0, 900.0, 780.0, 750.0, 750.0, 560.0, 600.0]
    found = check(monthly(level, "2025-01"), "2025-10", begin=date(2025, 1, 1))
    row = of(found, "behind", "sales_per_day")
    assert row[["status", "note", "streak"]].tolist() == ["cannot_tell", "few_months", -6.0]
    assert "the history is too short to know whether that is more than usual" in " ".join(said(found))


def test_one_month_below_its_season_is_no_decline_yet_and_said_to_be_below():
    level = [1_000.0] * 24 + [1_400.0, 1_300.0, 1_200.0, 900.0]
    found = check(monthly(level), "2025-04")
    row = of(found, "behind", "sales_per_day")
    assert row[["status", "note", "streak"]].tolist() == ["not_now", "one_month", -1.0]
    assert any("One month is no decline yet." in t for t in said(found))


def test_an_unfinished_month_is_not_among_the_months():
    orders = monthly([1_000.0] * 24 + [300.0])
    scope = scope_of("2025-01", as_of=date(2025, 1, 9), team="South")
    assert [p.name for p in seasoned(orders, scope).months][-1] == "2024-12"


def test_months_in_a_row_that_rise_or_fall_by_chance_are_no_decline():
    draws = np.random.default_rng(7)
    alarms = 0
    for _ in range(150):
        orders = monthly(1_000 * np.exp(draws.normal(0, 0.1, 27)), "2023-07")
        found = seasoned(orders, scope_of("2025-09", team="South"))
        alarms += found.judged.beyond
    assert alarms <= 4


# -- targets, the sprint, a new team


def test_a_missed_target_and_one_that_may_still_be_met():
    orders = monthly([1_000.0] * 24)
    targets = frame("targets", {"period": "2024-11", "amount": 1_200})
    missed = check(orders, "2024-11", targets=targets)
    assert of(missed, "behind", "sales")[["status", "actual", "limit"]].tolist() == [
        "holds",
        pytest.approx(1_000),
        1_200,
    ]
    open_still = of(check(orders, "2024-11", targets=targets, as_of=date(2024, 11, 12)), "behind", "sales")
    assert open_still[["status", "note"]].tolist() == ["cannot_tell", "not_over"]
    met = check(orders, "2024-11", targets=frame("targets", {"period": "2024-11", "amount": 900}))
    assert of(met, "behind", "sales")["status"] == "not_now"
    assert of(check(orders, "2024-11"), "behind", "sales")["note"] == "no_target"


@pytest.mark.parametrize(
    ("period", "as_of", "left", "status"),
    [("2025-07", date(2025, 7, 31), 43, "not_now"), ("2025-08", date(2025, 8, 31), 22, "not_now"),
     ("2025-09", date(2025, 9, 2), 20, "holds"), ("2025-09", date(2025, 9, 30), 0, "not_now"),
     ("2025-09", date(2025, 12, 31), 0, "not_now"), ("2025-08", date(2025, 9, 12), 12, "holds"),
     ("2025-Q3", date(2025, 9, 12), 12, "holds"), ("2025-Q3", date(2025, 12, 31), 0, "not_now"),
     ("2025-W38", date(2025, 9, 21), 7, "holds"), ("2025-W38", date(2025, 12, 31), 0, "not_now")],
)  # fmt: skip
def test_the_last_working_days_of_a_quarter_are_a_sprint(period, as_of, left, status):
    row = of(check(monthly([1_000.0] * 33), period, as_of=as_of), "sprint")
    assert row[["actual", "status"]].tolist() == [left, status]


def test_a_sprint_tells_how_far_the_quarter_is():
    targets = frame("targets", *[{"period": f"2025-0{m}", "amount": 1_500} for m in (7, 8, 9)])
    found = check(monthly([1_000.0] * 33), "2025-08", targets=targets, as_of=date(2025, 9, 12))
    row = of(found, "sprint", "sales")
    assert row[["actual", "limit", "note"]].tolist() == [pytest.approx(2_000), 4_500, "quarter_short"]
    assert "The quarter stands at 2K of its target of 4.5K." in said(found)
    over = check(monthly([1_000.0] * 33), "2025-09", targets=targets)
    assert not [line for line in said(over) if "quarter" in line]


def test_a_new_team_is_one_whose_reps_are_new_to_it():
    rows = [{"rep": "A", "team": "South"}, {"rep": "B", "team": "South", "begin": "2025-06-01"},
            {"rep": "C", "team": "South", "begin": "2025-07-01"},
            {"rep": "Gone", "team": "South", "begin": "2025-05-01", "end": "2025-06-30"}]  # fmt: skip
    found = check(monthly([1_000.0] * 33), "2025-08", reps=frame("reps", *rows))
    assert of(found, "new_team")[["status", "actual", "cases"]].tolist() == ["holds", 2.0, 3.0]
    assert "Of 3 reps, 2 joined after 28 Feb 2025." in said(found)
    later = check(monthly([1_000.0] * 36), "2025-12", reps=frame("reps", *rows))
    assert of(later, "new_team")["actual"] == 1.0
    assert of(later, "new_team")["status"] == "not_now"


def test_a_change_of_manager_does_not_make_a_rep_new_but_a_change_of_team_does():
    stayed = [{"rep": "A", "team": "South", "begin": "2020-01-01", "end": "2025-06-30"},
              {"rep": "A", "team": "South", "begin": "2025-07-01"}]  # fmt: skip
    moved = [{"rep": "A", "team": "North", "begin": "2020-01-01", "end": "2025-06-30"},
             {"rep": "A", "team": "South", "begin": "2025-07-01"}]  # fmt: skip
    orders = monthly([1_000.0] * 33)
    assert of(check(orders, "2025-08", reps=frame("reps", *stayed)), "new_team")["actual"] == 0.0
    south = frame("reps", *moved[1:])
    assert of(check(orders, "2025-08", reps=south), "new_team")["actual"] == 1.0


def test_a_roster_without_days_or_none_cannot_tell():
    orders = monthly([1_000.0] * 33)
    assert (
        of(check(orders, "2025-08", reps=frame("reps", {"rep": "A", "team": "South"})), "new_team")["note"] == "no_days"
    )
    assert of(check(orders, "2025-08"), "new_team")["note"] == "no_roster"


# -- customers


def bought(period: str, names: range, day: str = "10") -> list[dict[str, object]]:
    return [{"day": f"{period}-{day}", "money": 10, "customer": f"c{i}"} for i in names]


def test_low_repurchase_is_more_than_chance_below_the_same_month_of_last_year():
    rows = [one for month in ("2023-02", "2024-02", "2025-02") for one in bought(month, range(100))]
    rows += bought("2024-08", range(60))
    fell = check(frame("orders", *rows, *bought("2025-08", range(20))), "2025-08")
    assert of(fell, "customers", "repurchase_rate")[["status", "actual", "limit"]].tolist() == ["holds", 0.2, 0.6]
    same = check(frame("orders", *rows, *bought("2025-08", range(55))), "2025-08")
    row = of(same, "customers", "repurchase_rate")
    assert row[["status", "note", "cases"]].tolist() == ["not_now", "within", 100.0]


def test_too_few_new_customers_by_target_or_by_last_year():
    rows = [{"day": "2023-02-01", "money": 1, "customer": "old"}]
    rows += [{"day": f"2024-08-{d:02d}", "money": 1, "customer": f"n{d}"} for d in range(1, 21)]
    rows += [{"day": f"2025-08-{d:02d}", "money": 1, "customer": f"m{d}"} for d in range(1, 4)]
    orders = frame("orders", *rows)
    by_year = of(check(orders, "2025-08"), "customers", "new_customers")
    assert by_year[["status", "actual", "limit", "source"]].tolist() == ["holds", 3.0, 20.0, "last_year"]
    goal = frame("targets", {"period": "2025-08", "metric": "new_customers", "amount": 3})
    by_target = of(check(orders, "2025-08", targets=goal), "customers", "new_customers")
    assert by_target[["status", "source"]].tolist() == ["not_now", "target"]


def test_who_is_new_is_not_known_in_the_first_year_of_a_history():
    orders = frame("orders", *bought("2025-02", range(30)))
    row = of(check(orders, "2025-06", begin=date(2025, 2, 1)), "customers", "new_customers")
    assert row[["status", "note"]].tolist() == ["cannot_tell", "young"]


# -- activity


def work(slack: dict[tuple[str, str], float], until: str = "2025-08-31") -> pd.DataFrame:
    """Two reps' daily calls and follow-ups; ``slack`` (rep, kind) -> factor since June 2025."""
    draws, rows = np.random.default_rng(11), []
    for day in workdays("2024-01-01", until):
        for rep in ("A", "B"):
            for kind, usual in (("call", 16.0), ("followup", 4.0)):
                factor = slack.get((rep, kind), 1.0) if day >= date(2025, 6, 1) else 1.0
                rows.append({"day": day, "rep": rep, "kind": kind, "team": "South",
                             "count": int(draws.poisson(usual * factor))})  # fmt: skip
    return frame("activities", *rows)


TWO = frame("reps", {"rep": "A", "team": "South"}, {"rep": "B", "team": "South"})


def test_activity_that_fell_three_months_ago_is_still_seen_and_the_rep_named():
    found = check(monthly([1_000.0] * 33), "2025-08", work=work({("A", "followup"): 0.5}), reps=TWO)
    row = of(found, "activity", "followups_per_week", "A")
    assert row["status"] == "holds"
    assert row["actual"] == pytest.approx(0.5 * row["limit"], rel=0.2)
    assert found.rows.loc[(found.rows["rep"] == "B")].empty
    assert any(t.startswith("A, follow-ups per week:") for t in said(found))
    assert "falling activity" in said(found)[0]


def test_a_rep_is_named_only_to_those_who_may_see_persons():
    scope = replace(scope_of("2025-08", team="South"), audience="public")
    slack = work({("A", "followup"): 0.5})
    tables = {"orders": monthly([1_000.0] * 33), "activities": slack, "reps": TWO}
    found = diagnosis.situations(tables, NO_TARGETS, scope=scope)
    assert not found.quiet
    assert (found.rows["rep"] == "").all()


def test_activity_as_ever_is_no_situation():
    for period in ("2025-08", "2025-W33", "2025-07"):
        found = check(monthly([1_000.0] * 33), period, work=work({}), reps=TWO)
        rows = found.rows[found.rows["situation"] == "activity"]
        assert (rows["status"] == "not_now").all(), period


def test_who_left_makes_no_fall():
    reps = frame("reps", {"rep": "A", "team": "South"}, {"rep": "B", "team": "South", "end": "2025-05-31"})
    whole = work({})
    gone = whole[~((whole["rep"] == "B") & (whole["activity_date"] >= "2025-06-01"))]
    rows = check(monthly([1_000.0] * 33), "2025-08", work=gone.reset_index(drop=True), reps=reps).rows
    assert (rows.loc[rows["situation"] == "activity", "status"] == "not_now").all()


def test_what_is_no_longer_logged_is_not_a_fall_but_unknown():
    whole = work({})
    silent = whole[~((whole["kind"] == "followup") & (whole["activity_date"] >= "2025-08-01"))]
    every = check(monthly([1_000.0] * 33), "2025-08", work=whole[whole["activity_date"] < "2025-08-01"], reps=TWO)
    assert set(every.rows.loc[every.rows["situation"] == "activity", "note"]) == {"not_logged"}
    part = check(monthly([1_000.0] * 33), "2025-08", work=silent.reset_index(drop=True), reps=TWO)
    assert of(part, "activity", "followups_per_week")["actual"] == 0.0


def test_nothing_given_is_nothing_known():
    found = check(monthly([1_000.0] * 2, "2025-08"), "2025-09", begin=date(2025, 8, 1))
    assert found.headline.key in {"some", "none_untold"}
    assert of(found, "activity")["note"] == "no_log"
    for lang in ("en", "zh"):
        assert not [t for t in said(found, lang) if "nan" in t or "None" in t.replace("None of the five", "")]


def test_every_check_that_is_told_has_a_sentence_in_both_languages():
    """All combinations that the checks can come to, also those that no company here shows."""
    keys = set(words.catalogue("diagnosis")["situations"])
    wanted = {f"sales_per_day_{s}" for s in (
        "holds_last_year", "cannot_tell_quarter_before_no_year", "cannot_tell_last_year_few_months",
        "cannot_tell_quarter_before_few_months", "cannot_tell_no_season", "cannot_tell_short")}  # fmt: skip
    wanted |= {
        f"sales_per_day_not_now_{b}_{n}"
        for b in ("last_year", "quarter_before")
        for n in ("within", "season", "one_month")
    }
    for figure in ("repurchase_rate", "new_customers"):
        wanted |= {f"{figure}_not_now_{b}_within" for b in ("last_year", "quarter_before")}
        wanted |= {f"{figure}_holds_last_year", f"{figure}_cannot_tell_quarter_before_no_year"}
        wanted |= {f"{figure}_cannot_tell_young", f"{figure}_cannot_tell_no_season"}
    wanted |= {f"repurchase_rate_cannot_tell_{b}_few_cases" for b in ("last_year", "quarter_before")}
    wanted |= {"new_customers_holds_target", "new_customers_cannot_tell_target_not_over"}
    wanted |= {
        f"activity_{s}"
        for s in ("holds", "holds_rep", "cannot_tell_not_logged", "cannot_tell_no_log", "cannot_tell_short")
    }
    wanted |= {"behind_sales_holds", "behind_sales_cannot_tell_no_target", "behind_sales_cannot_tell_not_over"}
    wanted |= {"sprint_days_left_holds", "sprint_days_left_cannot_tell_no_quarter"}
    wanted |= {"sprint_sales_holds_quarter_short", "sprint_sales_holds_quarter_met"}
    wanted |= {"new_reps_holds", "new_reps_cannot_tell_no_roster", "new_reps_cannot_tell_no_days"}
    assert wanted <= keys


@pytest.mark.parametrize(("team", "named"), [("West", "Ma Xiaolong"), ("Central", "")])
def test_the_sample_company_where_one_rep_follows_up_half_as_often_since_june(sample, team, named):
    case = sample(team, "2025-09")
    tables = {"orders": case.orders, "activities": case.activities, "reps": case.reps}
    for period in case.scope.calendar.expand("2025-02..2025-09"):
        rows = diagnosis.situations(tables, case.targets, scope=case.scope.at(period)).rows
        fell = rows[(rows["situation"] == "activity") & (rows["status"] == "holds")]
        wanted = [(named, "followups_per_week")] if named and period.name >= "2025-06" else []
        assert list(zip(fell["rep"], fell["kpi"], strict=True)) == wanted, period.name

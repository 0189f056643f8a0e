"""Work against norms: by the days that each rep was there, and never a zero for what was not logged."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from salesnb.calendar import Calendar
from salesnb.findings import diagnosis
from salesnb.show.sentence import sentence_text
from tests.frames import frame, scope_of, workdays

AUGUST = 21
"""Working days of August 2025."""
NONE = frame("customers")


def process(activities, reps, *, orders=None, deals=None, customers=NONE, period="2025-08", **more):
    orders = frame("orders") if orders is None else orders
    deals = frame("opportunities") if deals is None else deals
    return diagnosis.process(activities, orders, deals, reps, customers, scope=scope_of(period, team="South", **more))


def daily(rep: str, calls: int, first: str = "2025-08-01", last: str = "2025-08-31") -> list[dict[str, object]]:
    return [{"day": d, "rep": rep, "kind": "call", "count": calls, "team": "South"} for d in workdays(first, last)]


def roster(*reps: str) -> pd.DataFrame:
    return frame("reps", *[{"rep": rep, "team": "South"} for rep in reps])


def row(found, rep: str) -> pd.Series:
    return found.rows[found.rows["rep"] == rep].iloc[0]


def test_calls_are_counted_by_working_day_and_held_against_the_norm():
    found = process(frame("activities", *daily("A", 25) + daily("B", 10)), roster("A", "B"))
    assert found.rows["rep"].tolist() == ["", "B", "A"]
    assert found.rows["calls_per_day"].tolist() == [17.5, 10.0, 25.0]
    assert found.rows[["reps", "reps_logging", "reps_on_norm"]].iloc[0].tolist() == [2, 2, 1]
    assert found.headline.key == "norm_some_low"
    assert sentence_text(found, found.headline, "en") == (
        "The norm of 20 calls a day is reached by 1 of 2 reps who log; the average is 17.5, B is far below it with 10."
    )
    assert sentence_text(found, found.headline, "zh") == (
        "有录入的2人中，1人达到日均20个电话的标准；人均17.5个，B明显偏低，仅10个。"
    )


def test_who_calls_a_little_less_than_others_is_not_named():
    for calls, key in ((17, "norm_some"), (21, "norm_all"), (12, "norm_some_low")):
        found = process(frame("activities", *daily("A", 22), *daily("B", calls)), roster("A", "B"))
        assert found.headline.key == key
        assert ("low" in found.headline.picks) == key.endswith("low")


def test_who_sells_most_stands_beside_who_calls_far_more_and_nobody_else():
    def told(busiest):
        made = frame("activities", *daily("A", 20), *daily("B", busiest), *daily("C", 10))
        orders = frame(
            "orders", *({"day": "2025-08-05", "rep": r, "money": m} for r, m in (("A", 900.0), ("B", 100.0)))
        )
        return {n.key for n in process(made, roster("A", "B", "C"), orders=orders).notes}

    assert "apart_sales" in told(25)
    assert not {key for key in told(24) if key.startswith(("apart", "same"))}


def test_who_logs_nothing_has_no_figures_and_no_part_in_the_average():
    found = process(frame("activities", *daily("A", 25)), roster("A", "B"))
    silent = row(found, "B")
    assert silent["status"] == "not_logged"
    assert silent[["calls", "visits", "calls_per_day", "contacts", "contacts_per_customer"]].isna().all()
    assert silent[["working_days", "existing_customers"]].tolist() == [AUGUST, 0]
    assert found.rows["calls_per_day"].iloc[0] == 25.0
    notes = {n.key: sentence_text(found, n, "en") for n in found.notes}
    assert notes["silent"] == "Nothing logged: B. What they did is not known."


def test_a_kind_that_a_rep_never_logs_is_unknown_and_one_not_logged_this_month_is_none():
    logged = [*daily("A", 20), {"day": "2025-07-02", "rep": "A", "kind": "visit", "team": "South"}, *daily("B", 20)]
    found = process(frame("activities", *logged), roster("A", "B"))
    assert row(found, "A")["visits"] == 0.0
    assert pd.isna(row(found, "B")["visits"])
    assert found.rows["visits_per_week"].iloc[0] == 0.0


def test_who_joined_or_left_in_mid_period_is_measured_by_the_days_there():
    reps = frame(
        "reps", {"rep": "A", "team": "South"}, {"rep": "New", "team": "South", "begin": "2025-08-18"},
         {"rep": "Old", "team": "South", "end": "2025-08-08"}
    )  # fmt: skip
    logged = daily("A", 20) + daily("New", 20, "2025-08-18") + daily("Old", 20, last="2025-08-08")
    found = process(frame("activities", *logged), reps)
    assert found.rows["calls_per_day"].tolist() == [20.0] * 4
    assert [row(found, r)["working_days"] for r in ("A", "New", "Old")] == [AUGUST, 10, 6]
    assert [row(found, r)["status"] for r in ("A", "New", "Old")] == ["", "joined", "left"]
    part = next(n for n in found.notes if n.key == "partly_there")
    assert sentence_text(found, part, "zh") == "仅部分时间在岗，按在岗时间计算：New和Old。"


def test_holidays_are_no_working_days():
    scope = scope_of("2025-08", team="South")
    scope = replace(scope, calendar=Calendar(holidays=[date(2025, 8, d) for d in (4, 5, 6, 7, 8)]))
    logged = [one for one in daily("A", 20) if not date(2025, 8, 4) <= one["day"] <= date(2025, 8, 8)]
    found = diagnosis.process(
        frame("activities", *logged), frame("orders"), frame("opportunities"), roster("A"), NONE, scope=scope
    )
    assert row(found, "A")["calls_per_day"] == 20.0
    assert row(found, "A")["working_days"] == AUGUST - 5


def test_contacts_of_existing_customers_against_three_a_month():
    orders = frame("orders", *[{"day": "2025-05-02", "money": 1, "customer": c, "rep": "A"} for c in ("x", "y")])
    care = [{"day": "2025-08-04", "rep": "A", "kind": "visit", "customer": "x"},
            {"day": "2025-08-04", "rep": "A", "kind": "call", "customer": "y"},
            {"day": "2025-08-05", "rep": "A", "kind": "followup", "count": 2},
            {"day": "2025-08-05", "rep": "A", "kind": "visit", "customer": "stranger"},
            {"day": "2025-08-05", "rep": "A", "kind": "call", "count": 40}]  # fmt: skip
    found = process(frame("activities", *[{"team": "South", **one} for one in care]), roster("A"), orders=orders)
    assert row(found, "A")[["contacts", "existing_customers", "contacts_per_customer"]].tolist() == [4.0, 2.0, 2.0]
    keys = [n.key for n in found.notes]
    assert "care_below" in keys
    assert "care_unnamed" in keys


def test_customers_of_a_rep_who_left_are_with_their_owner():
    orders = frame("orders", *[{"day": "2025-05-02", "money": 1, "customer": c, "rep": "Gone"} for c in ("x", "y")])
    found = process(
        frame("activities", *daily("A", 20)),
        roster("A"),
        orders=orders,
        customers=frame("customers", {"customer": "x", "owner": "A"}),
    )
    assert row(found, "A")["existing_customers"] == 1.0


def test_a_month_of_contacts_is_the_part_of_the_month_that_was_worked():
    orders = frame("orders", {"day": "2025-05-02", "money": 1, "customer": "x", "rep": "A"})
    visits = [{"day": "2025-08-05", "rep": "A", "kind": "visit", "customer": "x", "team": "South"}]
    week = process(frame("activities", *visits), roster("A"), orders=orders, period="2025-W32")
    assert row(week, "A")["contacts_per_customer"] == pytest.approx(AUGUST / 5)


def test_results_stand_beside_work():
    deals = frame(
        "opportunities", {"day": "2025-08-06", "money": 100, "status": "won", "rep": "A"},
         {"day": "2025-08-07", "money": 50, "status": "lost", "rep": "A"}
    )  # fmt: skip
    logged = daily("A", 5) + daily("B", 30) + daily("C", 10)
    found = process(frame("activities", *logged), roster("A", "B", "C"), deals=deals)
    assert row(found, "A")[["won_deals", "closed_deals", "win_rate", "won_value"]].tolist() == [1, 2, 0.5, 100]
    assert row(found, "B")[["won_deals", "won_value"]].tolist() == [0, 0]
    apart = next(n for n in found.notes if n.key == "apart_won_nothing")
    assert sentence_text(found, apart, "en") == (
        "A won the most, 100, with 5 calls a day; B makes the most calls, 30 a day, and won nothing."
    )
    both = frame(
        "opportunities",
        *[{"day": "2025-08-06", "money": m, "status": "won", "rep": r} for r, m in (("A", 100), ("B", 7))],
    )
    some = process(frame("activities", *logged), roster("A", "B", "C"), deals=both)
    apart = next(n for n in some.notes if n.key == "apart_won_value")
    assert sentence_text(some, apart, "en").endswith("30 a day, and won 7.")


def test_order_of_rows_does_not_matter_and_nothing_is_changed():
    logged = frame("activities", *daily("A", 25) + daily("B", 10))
    copy = logged.copy()
    turned = process(logged.iloc[::-1].reset_index(drop=True), roster("B", "A"))
    pd.testing.assert_frame_equal(turned.rows, process(logged, roster("A", "B")).rows)
    pd.testing.assert_frame_equal(logged, copy)


def test_without_activities_or_a_roster():
    assert process(frame("activities"), roster("A")).missing[0].table == "activities"
    found = process(frame("activities", *daily("A", 25)), frame("reps"))
    assert row(found, "A")["working_days"] == AUGUST
    assert "no_roster" in {n.key for n in found.notes}
    nothing = process(frame("activities", *daily("A", 25, "2025-07-01", "2025-07-31")), roster("A"))
    assert nothing.headline.key == "none_logged"


def test_the_whole_company_by_team():
    logged = [{**one, "team": "North" if one["rep"] == "N" else "South"} for one in daily("A", 20) + daily("N", 10)]
    reps = frame("reps", {"rep": "A", "team": "South"}, {"rep": "N", "team": "North"})
    orders = frame("orders", {"day": "2025-08-05", "money": 9, "customer": "x", "rep": "A", "team": "South"})
    found = diagnosis.process(
        frame("activities", *logged), orders, frame("opportunities"), reps, NONE, scope=scope_of("2025-08")
    )
    assert found.rows["team"].tolist() == ["", "North", "South"]
    assert found.rows["calls_per_day"].tolist() == [15.0, 10.0, 20.0]


def test_who_has_no_team_or_no_name_is_a_member_and_not_the_total():
    blank = [{"day": date(2025, 8, 4), "rep": None, "kind": "call", "count": 3, "team": None}]
    strange = [{**one, "team": None} for one in daily("Z", 30)]
    logged = frame("activities", *daily("A", 20) + strange + blank)
    orders = frame("orders", {"day": "2025-08-05", "money": 9, "customer": "x", "rep": "A", "team": "South"})
    scope = scope_of("2025-08")
    found = diagnosis.process(logged, orders, frame("opportunities"), roster("A"), NONE, scope=scope)
    assert found.rows["team"].tolist() == ["", "South", "(none)"]
    assert found.rows["calls"].tolist() == [20 * AUGUST + 30 * AUGUST + 3, 20 * AUGUST, 30 * AUGUST + 3]
    assert found.rows["working_days"].dropna().tolist() == [AUGUST, AUGUST]
    # Whose days the roster does not know is in no rate of days.
    assert found.rows["calls_per_day"].iloc[:2].tolist() == [20.0, 20.0]
    assert found.rows["sales"].tolist() == [9.0, 9.0, 0.0]
    assert found.headline.picks["low"] == 1
    assert found.notes[-1].key == "strangers"
    south = process(logged, roster("A"))
    assert south.rows["rep"].tolist() == ["", "A", "(none)", "Z"]
    assert not any("(none)" in south.rows["rep"].iloc[list(n.picks.get("who", ()))].tolist() for n in south.notes)


def test_half_a_roster_leaves_the_rates_of_the_others():
    orders = frame("orders", *[{"day": "2025-07-05", "money": 9, "customer": c, "rep": c.upper()} for c in "ab"])
    visits = [
        {"day": date(2025, 8, 4), "rep": r, "kind": "visit", "customer": r.lower(), "team": "South"} for r in "AB"
    ]
    logged = frame("activities", *daily("A", 20) + daily("B", 10) + visits)
    whole, half = (process(logged, reps, orders=orders).rows for reps in (roster("A", "B"), roster("A")))
    figures = ["calls", "calls_per_day", "visits_per_week", "contacts_per_customer"]
    assert half[half["rep"] == "A"][figures].equals(
        whole[whole["rep"] == "A"][figures].set_axis(half.index[half["rep"] == "A"])
    )
    assert half[figures].iloc[0].tolist() == [30 * AUGUST, 20.0, pytest.approx(5 / AUGUST), 1.0]


# -- who calls and does not sell

YEAR = ("2025-03-01", "2025-08-31")


def three():
    made = (("A", 10), ("B", 12), ("Dial", 80))
    return frame("activities", *(day for rep, calls in made for day in daily(rep, calls, *YEAR)))


def deal(status, day=None):
    return frame("opportunities", {"rep": "Dial", "status": status, "begun": "2025-04-01", "day": day})


LATELY = frame("activities", *daily("A", 10, *YEAR), *daily("Dial", 80))
"""One month of calls."""


def sold(*reps):
    return frame("orders", *({"day": "2025-08-05", "rep": rep, "money": 100.0 * i} for i, rep in enumerate(reps, 1)))


def keys(found):
    return [found.headline.key, *(n.key for n in found.notes)]


def test_who_calls_all_year_and_has_no_deal_is_named_as_such_and_compared_with_nobody():
    found = process(three(), roster("A", "B", "Dial"), orders=sold("A", "B"))
    assert found.rows.set_index("rep")["status"].to_dict() == {"": "", "A": "", "B": "", "Dial": "calls_only"}
    assert "calls_only" in keys(found)
    assert not {k for k in keys(found) if k.startswith(("apart", "same"))}  # of two sellers none is ranked
    (note,) = [n for n in found.notes if n.key == "calls_only"]
    assert sentence_text(found, note, "en") == (
        "Calls month after month and has no deal or order of their own, so is not compared with those who sell: Dial."
    )


@pytest.mark.parametrize(
    ("orders", "deals", "activities"), [
        (sold("A", "B", "Dial"), None, three()),
        (sold("A", "B"), deal("open"), three()),
        (sold("A", "B"), deal("lost", "2025-05-01"), three()),
        (sold("A", "B"), None, LATELY),
        (frame("orders"), None, three()),  # nobody sells: the tables do not tell who does
        (sold("A", "B", None), None, three()),  # one sale names nobody: it may be Dial's
        (sold("A", "B"), deal("open").assign(rep=pd.NA), three()),
    ],
)  # fmt: skip
def test_who_has_a_deal_or_began_lately_is_a_seller_as_any_other(orders, deals, activities):
    found = process(activities, roster("A", "B", "Dial"), orders=orders, deals=deals)
    assert "calls_only" not in keys(found)
    assert row(found, "Dial")["status"] == ""

"""Strategy: from problems to actions with owner, date and expected effect."""

import re
from datetime import date
from functools import partial

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesnb.data.tables import playbook
from salesnb.findings import review, strategy
from salesnb.findings.finding import LABELS
from salesnb.metrics import metrics
from salesnb.show.render import evidence_html
from salesnb.views import slices
from tests.frames import frame, problems, scope_of, targets
from tests.reading import said

scope, orders = partial(scope_of, team="South"), partial(frame, "orders", team="South")
PLAYS = pd.DataFrame(
    [
        ("call", "fewer_customers", "Call", "list", "rep", "low", 0.1, 0.3, "", False, ""),
        ("own", "fewer_customers", "Own", "time", "manager", "medium", 0.2, 0.2, "", False, ""),
        ("third", "fewer_customers", "Third", "time", "manager", "high", 0.0, 0.1, "", False, ""),
        ("visit", "fewer_customers", "Visit", "car", "manager", "low", 0.4, 0.6, "customer", False, ""),
        ("dun", "lower_collection", "Dun", "list", "rep", "low", 0.5, 0.5, "", False, ""),
    ],
    columns=list(playbook.COLUMNS),
)
SOUTH = {"team": "South", "manager": "May", "region": "S"}
ROSTER = frame(
    "reps", {**SOUTH, "rep": "Ann"}, {**SOUTH, "rep": "Bob"},
    {"rep": "Cid", "team": "North", "manager": "Ned", "region": "N"},
)  # fmt: skip
SOLD = orders(("2025-09-01", 9_000, "C", "Ann"))
AIMS = targets({"amount": 10_000})


def act(found, sold=SOLD, aims=AIMS, plays=PLAYS, roster=ROSTER, parts=None, register=None, whys=None, **more):
    return strategy.actions(found, plays, roster, sold, aims, parts, register, whys, scope=scope(**more))


def test_labels_are_no_figures():
    assert not LABELS & set(metrics())


def test_candidates_are_those_of_the_playbook():
    found = strategy.candidates(problems({"problem": "fewer_customers", "effect": -500.0}), PLAYS, scope=scope())
    assert found.rows["play"].tolist() == ["call", "own", "third"]
    assert "500 below expectation" in said(found)["en"][0]


def test_a_single_problem_is_not_called_the_largest():
    slow, few = ({"problem": p, "effect": -500.0} for p in ("lower_collection", "fewer_customers"))
    assert "largest" not in said(strategy.candidates(problems(few), PLAYS, scope=scope()))["en"][0]
    assert "the largest being" in said(strategy.candidates(problems(slow, few), PLAYS, scope=scope()))["en"][0]


def test_an_entry_for_an_account_stands_in_place_of_the_general_ones():
    found = strategy.candidates(
        problems({"problem": "fewer_customers", "customer": "Acme", "effect": -500.0}), PLAYS, scope=scope()
    )
    assert found.rows["play"].tolist() == ["visit"]


PART = {"problem": "short_of_target", "rep": "Bob", "effect": -800.0, "confidence": "low", "evidence": "sum"}


def test_a_part_of_the_gap_has_one_cheap_action_after_those_of_problems():
    found = act(
        problems({"problem": "fewer_customers", "effect": -500.0}), plays=playbook.default(), parts=problems(PART),
        sold=GONE,
    )  # fmt: skip
    rows = found.rows.iloc[1:]
    assert rows["problem"].tolist() == ["fewer_customers", "fewer_customers", "short_of_target"]
    assert rows["play"].iloc[-1] == "walk_through_open_deals"
    own = playbook.default().set_index("play").loc[rows["play"].iloc[-1]]
    assert (own["effort"], own["recovers_low"]) == ("low", 0.0)
    said(found)


def test_parts_alone_are_not_called_problems_and_nobody_is_left_without_an_action():
    for code in slices.GAP_PARTS:
        part = problems({**PART, "problem": code})
        found = strategy.candidates(problems(), playbook.default(), part, scope=scope())
        assert found.headline.key == "mapped_parts"
        assert len(act(problems(), plays=playbook.default(), parts=part).rows) == 2
        anywhere = problems({**PART, "problem": code, "rep": "", "region": "S"})
        for sold, play in ((SOLD, "ask_the_largest"), (GONE.assign(region="S"), "ask_who_is_missing")):
            told = act(problems(), plays=playbook.default(), parts=anywhere, sold=sold.assign(region="S"))
            assert told.rows["play"].tolist()[1:] == [play]
        said(found)
    named = strategy.candidates(problems({"problem": "fewer_customers", "effect": -500.0}), PLAYS, scope=scope())
    assert named.headline.key == "mapped_one"


def test_a_problem_without_an_action_is_named():
    rows = problems({"problem": "fewer_customers", "effect": -5.0}, {"problem": "lower_win_rate", "effect": -3.0})
    found = strategy.candidates(rows, PLAYS, scope=scope())
    assert found.rows["play"].tolist() == ["call", "own", "third", ""]
    assert said(found)["zh"][0] == "策略库中没有针对“赢单率下降”的措施，其他问题均有候选措施。"
    alone = strategy.candidates(rows.tail(1), PLAYS, scope=scope())
    assert alone.headline.key == "none"
    said(alone)


def test_effects_are_shares_of_what_earlier_actions_leave():
    found = act(problems({"problem": "fewer_customers", "rep": "Ann", "effect": -1_000.0}))
    parts = found.rows.iloc[1:]
    assert parts["play"].tolist() == ["call", "own"]  # 0.20 / 1 before 0.20 / 2; a third is not proposed
    assert parts["expected_effect"].tolist() == [200.0, 160.0]
    assert parts["expected_low"].tolist() == [100.0, 160.0]
    assert parts["expected_high"].tolist() == [300.0, 160.0]
    total = found.rows.iloc[0]
    assert (total["gap"], total["expected_sales"], total["gap_left"]) == (-1_000.0, 360.0, -640.0)
    assert said(found)["en"][0] == (
        "In a period like this one the proposed actions are expected to win back 360, "
        "against a gap of 1K; 640 stays open."
    )


def test_owner_is_the_rep_of_the_slice_or_the_manager_of_the_day():
    found = act(problems({"problem": "fewer_customers", "rep": "Ann", "effect": -10.0}))
    assert found.rows["owner"].tolist() == ["", "Ann", "May"]
    assert act(problems({"problem": "fewer_customers", "effect": -10.0})).rows["owner"].tolist() == ["", "May", "May"]
    company = problems(
        {"problem": "fewer_customers", "effect": -10.0}, {"problem": "fewer_customers", "team": "North", "effect": -5.0}
    )
    owners = act(company, team="all").rows["owner"].tolist()
    assert owners == ["", "head_of_sales", "head_of_sales", "Ned", "Ned"]


def test_a_roster_that_names_nobody_is_said():
    gone = ROSTER.assign(valid_to=pd.Timestamp("2025-01-01"))
    for roster in (gone, frame("reps")):
        found = act(problems({"problem": "fewer_customers", "effect": -10.0}), roster=roster)
        assert set(found.rows["owner"].iloc[1:]) == {"to_be_named"}
        assert "unnamed" in [n.key for n in found.notes]
        said(found)


def test_due_counts_working_days_from_the_day_of_the_report():
    row = problems({"problem": "fewer_customers", "effect": -10.0})
    assert act(row, as_of=date(2025, 9, 30)).rows["due"].iloc[1] == "2025-10-14"  # ten working days after Tue 30 Sep
    assert act(row, as_of=date(2025, 12, 1)).rows["due"].iloc[1] == "2025-12-15"  # never before it is proposed
    assert act(row, as_of=date(2025, 9, 5)).rows["due"].iloc[1] == "2025-09-19"


def test_cash_closes_no_gap_in_sales():
    found = act(
        problems({"problem": "lower_collection", "effect": -4_000.0}, {"problem": "fewer_customers", "effect": -100.0})
    )
    total = found.rows.iloc[0]
    assert (total["expected_cash"], total["expected_sales"], total["gap_left"]) == (2_000.0, 36.0, -964.0)
    assert [n.key for n in found.notes] == ["hypothesis", "cash"]
    said(found)
    only = act(problems({"problem": "lower_collection", "effect": -4_000.0}))
    assert only.headline.key == "cash_only"
    assert only.rows["gap_left"].iloc[0] == -1_000.0
    said(only)


@pytest.mark.parametrize(
    ("sold", "aims", "as_of", "key"),
    [
        (9_000, 10_000, date(2025, 9, 30), "leaves"), (9_950, 10_000, date(2025, 9, 30), "closes"),
        (12_000, 10_000, date(2025, 9, 30), "ahead"), (9_000, None, date(2025, 9, 30), "no_target"),
        (9_000, 10_000, date(2025, 9, 10), "running"),
    ],
)  # fmt: skip
def test_what_the_actions_close_and_what_they_do_not(sold, aims, as_of, key):
    given = targets({"amount": aims}) if aims else frame("targets")
    row = problems({"problem": "fewer_customers", "effect": -1_000.0})
    found = act(row, orders(("2025-09-01", sold, "C", "Ann")), given, as_of=as_of)
    assert found.headline.key == key
    said(found)


def test_without_problems_or_candidates_the_gap_is_told_all_the_same():
    nothing = problems({"problem": "lower_win_rate", "effect": -1.0})
    for rows, key in ((problems(), "no_problems"), (nothing, "no_candidates")):
        found = act(rows)
        assert found.headline.key == f"{key}_gap"
        assert found.rows[["gap", "gap_left", "expected_sales"]].to_numpy().tolist() == [[-1_000.0, -1_000.0, 0.0]]
        assert "gap of 1K stays as it is" in said(found)["en"][0]
        assert act(rows, orders(("2025-09-01", 20_000, "C", "Ann"))).headline.key == key
        said(act(rows, aims=frame("targets")))
    said(strategy.candidates(problems(), PLAYS, scope=scope()))


@given(
    st.lists(
        st.tuples(st.sampled_from(["fewer_customers", "lower_collection"]), st.floats(-1e7, 0)),
        min_size=1,
        max_size=3,
        unique_by=lambda p: p[0],
    )
)
@settings(max_examples=40, deadline=None)
def test_never_more_is_won_back_than_was_lost(rows):
    found = act(problems(*({"problem": p, "effect": e} for p, e in rows)))
    for problem, effect in rows:
        won = found.rows.loc[found.rows["problem"] == problem, "expected_effect"].sum()
        assert won <= -effect + 1e-6
    parts = found.rows.iloc[1:]
    assert parts[["expected_sales", "expected_cash"]].to_numpy().sum() == pytest.approx(parts["expected_effect"].sum())
    said(found)


def test_inputs_are_unchanged():
    given_rows, plays, roster = (problems({"problem": "fewer_customers", "effect": -10.0}), PLAYS.copy(), ROSTER.copy())
    kept = given_rows.copy()
    act(given_rows, plays=plays, roster=roster)
    pd.testing.assert_frame_equal(given_rows, kept)
    pd.testing.assert_frame_equal(plays, PLAYS)
    pd.testing.assert_frame_equal(roster, ROSTER)


def register(*rows):
    usual = {
        "problem": "p",
        "action": "a",
        "owner": "Ann",
        "due_date": "2025-10-31",
        "resources": "r",
        "expected_effect": 5,
        "period": "2025-08",
    }
    return frame("actions", *rows, **usual)


def test_a_complete_register():
    found = strategy.register(register({}, {"status": "done"}), scope=scope())
    assert said(found)["en"] == ["Actions in the register: 2, all complete; done: 1.", "No action is overdue."]


def test_missing_parts_are_named_row_by_row():
    table = register({}, {"owner": None, "resources": " "}, {"due_date": None}, {"expected_effect": None})
    found = strategy.register(table, scope=scope())
    total = found.rows.iloc[0]
    assert (total["actions"], total["actions_incomplete"], total["parts_missing"]) == (4, 3, 4)
    worst = found.rows.iloc[1]
    assert worst["action_id"] == "A1"
    assert said(found)["zh"][0] == "台账共4项措施，3项填写不全，共缺4处，例如A1缺负责人、资源支持。"
    assert "owner, resources of action A1" in said(found)["en"][0]
    assert "仅A0填写不全" in said(strategy.register(register({"owner": ""}), scope=scope()))["zh"][0]


def test_overdue_is_past_its_date_and_neither_done_nor_dropped():
    late = {"due_date": "2025-09-20"}
    table = register(
        late, {**late, "status": "done"}, {**late, "status": "dropped"}, {"due_date": "2025-09-30"},
        {"due_date": "2025-09-10", "status": "blocked"},
    )  # fmt: skip
    found = strategy.register(table, scope=scope())
    assert found.rows["actions_overdue"].iloc[0] == 2
    assert "longest A4, 20 days" in said(found)["en"][1]
    shown = set(found.rows["action_id"].iloc[1:])
    assert shown == {"A0", "A3", "A4"}
    shuffled = strategy.register(table.iloc[::-1], scope=scope())
    pd.testing.assert_frame_equal(found.rows, shuffled.rows)


def test_no_register_names_the_table():
    found = strategy.register(frame("actions"), scope=scope())
    assert found.missing[0].table == "actions"
    said(found)


# -- what people did already

STOPPED = {"problem": "customer_stopped", "customer": "Ax Steel", "effect": -1000.0}
GONE = orders(("2025-05-20", 500, "Ax Steel", "Ann"), ("2025-09-01", 9_000, "C", "Ann"))
LEARN = [
    *PLAYS.to_dict("records"),
    {**PLAYS.iloc[0], "play": "learn", "problem": "customer_stopped", "action": "Learn", "asks_why": True},
    {**PLAYS.iloc[0], "play": "offer", "problem": "customer_stopped", "action": "Offer", "effort": "high"},
]
BOOK = pd.DataFrame(LEARN, columns=list(playbook.COLUMNS))


def decided(*rows):
    given = {"team": "South", "problem": "Ax Steel has stopped ordering", "action": "Visit Ax", "owner": "Chen",
             "start_date": "2025-07-01", "due_date": "2025-08-31"}  # fmt: skip
    return frame("actions", *({**given, "action_id": f"A{i}", **row} for i, row in enumerate(rows)))


def told(text, day="2025-08-06"):
    return frame("whys", {"answered_on": day, "team": "South", "problem": text, "step": 1, "answer": "Late deliveries"})


def test_an_action_of_the_register_stands_with_its_problem_before_what_is_proposed():
    """Due on 31 August and open on 30 September: thirty days late. It is not added to what is proposed."""
    found = act(problems(STOPPED), sold=GONE, plays=BOOK, register=decided({}, {"status": "blocked"}))
    rows = found.rows.iloc[1:]
    assert rows["action_id"].tolist() == ["A0", "A1", "", ""]
    assert rows["play"].tolist() == ["", "", "learn", "offer"]
    assert rows["status"].tolist() == ["overdue", "blocked", "proposed", "proposed"]
    assert rows["days_overdue"].tolist()[:2] == [30.0, 30.0]
    assert rows["customer"].tolist() == ["Ax Steel"] * 4
    alone = act(problems(STOPPED), sold=GONE, plays=BOOK)
    assert found.rows["expected_sales"].iloc[0] == alone.rows["expected_sales"].iloc[0] > 0
    assert [n.key for n in found.notes] == ["late", "hypothesis"]
    late = "Customer stopped ordering (Ax Steel): decided already, and late: Visit Ax (A0, Chen), 30 days overdue"
    assert late in said(found)["en"][1]


@pytest.mark.parametrize(
    "row", [
        {"status": "done"}, {"status": "dropped"}, {"team": "North"}, {"problem": "Bolt has stopped ordering"},
        {"problem": "slower collection"}, {"problem": None}, {"start_date": "2025-10-05"}, {"start_date": "2023-05-05"},
    ],
)  # fmt: skip
def test_what_is_over_or_speaks_of_something_else_does_not_stand_with_it(row):
    sold = orders(("2025-05-20", 500, "Ax Steel", "Ann"), ("2025-09-01", 9_000, "Bolt", "Ann"))
    found = act(problems(STOPPED), sold=sold, plays=BOOK, register=decided(row))
    assert found.rows["action_id"].tolist() == ["", "", ""]
    assert [n.key for n in found.notes] == ["hypothesis"]


def test_an_action_that_is_not_due_yet_is_no_reproach():
    found = act(problems(STOPPED), sold=GONE, plays=BOOK, register=decided({"due_date": "2025-11-30", "owner": None}))
    assert found.rows["status"].tolist()[1:] == ["open", "proposed", "proposed"]
    assert [n.key for n in found.notes] == ["hypothesis"]
    late = act(problems(STOPPED), sold=GONE, plays=BOOK, register=decided({"owner": None}))
    assert late.rows["owner"].iloc[1] == "to_be_named"
    assert [n.key for n in late.notes] == ["late", "hypothesis"]
    blocked = act(problems(STOPPED), sold=GONE, plays=BOOK, register=decided({"status": "blocked"}))
    assert blocked.notes[0].key == "late_blocked"
    assert said(late)
    assert said(blocked)


def test_the_memo_shows_which_action_it_is_and_for_how_long_it_is_overdue():
    made = act(
        problems(STOPPED), sold=GONE, plays=BOOK, register=decided({"status": "blocked"}, {"due_date": "2025-12-31"})
    )
    found = review.actions_list(made.rows, scope=scope())
    shown = {lang: re.findall(r"<li>.*?</li>", evidence_html(found, lang), re.S) for lang in ("en", "zh")}
    for text in ("A0", "Chen", "30 days overdue", "Blocked"):
        assert text in shown["en"][0]
    assert "逾期30天" in shown["zh"][0]
    assert "overdue" not in "".join(shown["en"][1:])  # A1 is not due yet, and proposals never are


def test_nobody_is_sent_to_learn_what_was_told_already():
    asked = act(problems(STOPPED), sold=GONE, plays=BOOK, whys=told("something else altogether"))
    assert asked.rows["play"].tolist()[1:] == ["learn", "offer"]
    answered = act(problems(STOPPED), sold=GONE, plays=BOOK, whys=told("Ax Steel has stopped ordering"))
    assert answered.rows["play"].tolist()[1:] == ["offer"]
    before = act(problems(STOPPED), sold=GONE, plays=BOOK, whys=told("Ax Steel has stopped ordering", "2025-05-01"))
    assert before.rows["play"].tolist()[1:] == ["learn", "offer"]  # it still bought then


def test_no_list_is_asked_for_that_would_be_empty():
    """Ax bought in May and not in September; where everybody bought again there is nobody to call."""
    plays = BOOK.assign(needs=["lapsed", *[""] * (len(BOOK) - 1)])
    few = problems({"problem": "fewer_customers", "effect": -500.0})
    assert "call" in act(few, sold=GONE, plays=plays).rows["play"].tolist()
    again = pd.concat([GONE, orders(("2025-09-02", 10, "Ax Steel", "Ann"))], ignore_index=True)
    assert act(few, sold=again, plays=plays).rows["play"].tolist()[1:] == ["own", "third"]
    old = orders(("2024-05-20", 500, "Ax Steel", "Ann"), ("2025-09-01", 9_000, "C", "Ann"))
    assert "call" not in act(few, sold=old, plays=plays).rows["play"].tolist()  # longer ago than a year

"""Slices in which a rate strays: found where one does, quiet where none does, the whole told from its largest part."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from salesnb.findings import diagnosis
from salesnb.show.sentence import sentence_text
from salesnb.views.past import USUAL
from salesnb.views.slices import SLICE
from tests.frames import frame, scope_of

SCOPE = scope_of("2025-09", as_of=pd.Timestamp("2025-09-30").date())
MONTHS = [p.strftime("%Y-%m") for p in pd.period_range("2024-01", "2025-09", freq="M")]
REPS = ("Wu", "Li", "He", "Ma")
LATE = MONTHS[-4:]


def deals(seed, rate=lambda *_: 0.4, each=lambda *_: 12):
    random = np.random.default_rng(seed)
    return frame(
        "opportunities",
        *[{"day": f"{month}-{random.integers(1, 28):02d}", "money": 100, "rep": rep, "product_line": line,
          "status": "won" if random.random() < rate(month, rep, line) else "lost"}
         for month in MONTHS for rep in REPS for line in ("Pumps", "Valves") for _ in range(each(month, rep))]
    )  # fmt: skip


def told(found, kpi="win_rate"):
    rows = found.rows[(found.rows["kpi"] == kpi) & (found.rows["confidence"] != "")]
    return [{d: row[d] for d in SLICE if row[d]} for _, row in rows.iterrows()]


def of_deals(table):
    return diagnosis.ratio_slices(frame("orders"), table, frame("receipts"), scope=SCOPE)


def test_equal_rates_name_nobody():
    for seed in range(12):
        found = of_deals(deals(seed))
        assert told(found) == [], seed
        assert found.headline.key == "none"
        assert found.chart is None


def test_a_rep_who_wins_less_is_named_with_rates_of_what_is_judged():
    table = deals(1, lambda month, rep, line: 0.1 if rep == "Ma" and month in LATE else 0.45)
    found = of_deals(table)
    assert told(found) == [{"rep": "Ma"}]
    row = found.rows[found.rows["confidence"] != ""].iloc[0]
    his = table[table["rep"] == "Ma"]
    late = his["close_date"] >= "2025-06-01"
    year = ~late & (his["close_date"] >= "2024-06-01")
    assert row["after"] == pytest.approx((his["status"][late] == "won").mean())
    assert row["before"] == pytest.approx((his["status"][year] == "won").mean())
    assert row["cases"] == late.sum() == 96
    now = his["close_date"] >= "2025-09-01"
    lost = 100 * ((his["status"][now] == "won").sum() - 24 * row["before"])
    assert row["effect"] == pytest.approx(lost, rel=0.2)  # this month's 24 deals at the usual rate and drift
    assert sentence_text(found, found.headline, "en").startswith("Ma: win rate")


def test_missing_wins_are_worth_what_the_slice_wins_and_not_what_all_win():
    """Deals of Ma bring 10 each, all others 1,000: what he failed to win is lost at 10."""
    table = deals(1, lambda month, rep, line: 0.1 if rep == "Ma" and month in LATE else 0.45)
    small = (table["rep"] == "Ma").to_numpy()
    table["amount"] = np.where(small, 10.0, 1_000.0)
    row = of_deals(table).rows.query("confidence != ''").iloc[0]
    his = table[small & (table["close_date"] >= "2025-09-01").to_numpy()]
    lost = 10 * ((his["status"] == "won").sum() - len(his) * row["before"])
    assert row["effect"] == pytest.approx(lost, rel=0.2)


def test_the_sentence_tells_over_which_time_a_rate_is_judged():
    table = deals(1, lambda month, rep, line: 0.1 if rep == "Ma" and month in LATE else 0.45)
    found = of_deals(table)
    assert USUAL["month"] == (12, 3)
    assert USUAL["week"] == (26, 13)
    assert " over four months against a usual " in sentence_text(found, found.headline, "en")
    assert "近四个月赢单率" in sentence_text(found, found.headline, "zh")
    quarter = diagnosis.ratio_slices(frame("orders"), table, frame("receipts"), scope=scope_of("2025-Q3"))
    assert "over" not in sentence_text(quarter, quarter.headline, "en")


def test_a_rep_who_has_most_of_the_deals_does_not_pass_for_all():
    def many(month, rep):
        return 60 if rep == "Ma" and month in LATE else 8

    table = deals(2, lambda month, rep, line: 0.15 if rep == "Ma" and month in LATE else 0.45, many)
    assert told(of_deals(table)) == [{"rep": "Ma"}]


def test_what_falls_everywhere_is_told_of_the_whole():
    table = deals(3, lambda month, rep, line: 0.15 if month in LATE else 0.45)
    found = of_deals(table)
    assert told(found) == [{}]
    assert found.headline.key == "whole_fell_month"
    assert found.rows["effect"].iloc[0] < 0


def test_what_was_low_and_is_back_to_normal_is_no_news():
    table = deals(4, lambda month, rep, line: 0.05 if rep == "Ma" and month in LATE[:-1] else 0.45)
    assert {"rep": "Ma"} not in told(of_deals(table))


def test_fewer_cases_than_a_rate_needs_name_nobody():
    table = deals(5, lambda month, rep, line: 0.0 if rep == "Ma" and month in LATE else 0.6, lambda *_: 1)
    assert told(of_deals(table)) == []


def receipts(late):
    rows = [
        {"rep": rep, "customer": f"{rep}{n}", "due": f"{month}-10",
         "paid": date.fromisoformat(f"{month}-10") + timedelta(days=60 if late(month, rep) else 5)}
        for month in MONTHS for rep in REPS for n in range(10)
    ]  # fmt: skip
    return frame("receipts", *rows, team="South", owed=1_000.0, got=1_000.0)


def test_what_fell_due_and_came_late():
    table = receipts(lambda month, rep: rep == "Ma" and month in LATE)
    found = diagnosis.ratio_slices(frame("orders"), frame("opportunities"), table, scope=SCOPE)
    rows = found.rows[found.rows["kpi"] == "due_collection"]
    assert told(found, "due_collection") == [{"rep": "Ma"}]
    row = rows[rows["rep"] == "Ma"].iloc[0]
    assert (row["before"], row["cases"]) == (1.0, 40)
    assert row["effect"] == pytest.approx(-10_000, rel=0.05)


def test_one_large_instalment_that_comes_late_is_no_slice():
    """Money is no count: thirty times the usual amount is one payer who is late, not thirty."""
    table = receipts(lambda month, rep: False)
    large = table["customer"].eq("Ma0") & (table["due_date"] >= f"{LATE[-1]}-01")
    table.loc[large, ["due_amount", "received_amount"]] = 30_000.0
    table.loc[large, "received_date"] = pd.Timestamp("2025-12-01")
    found = diagnosis.ratio_slices(frame("orders"), frame("opportunities"), table, scope=SCOPE)
    assert told(found, "due_collection") == []
    table.loc[large, ["due_amount", "received_amount"]] = 1_000.0
    every = table["rep"].eq("Ma") & (table["due_date"] >= f"{LATE[0]}-01")
    table.loc[every, "received_date"] = pd.Timestamp("2025-12-01")
    assert told(
        diagnosis.ratio_slices(frame("orders"), frame("opportunities"), table, scope=SCOPE), "due_collection"
    ) == [{"rep": "Ma"}]


def test_of_each_month_only_what_came_by_its_own_end_counts():
    """One in five always comes 35 days late: no month before this one is given longer to collect than the others."""
    table = receipts(lambda month, rep: rep == "Ma")
    early = pd.to_timedelta(np.where(table["rep"] == "Ma", 25, 0), unit="D")
    table["received_date"] = (table["received_date"] - early).astype("datetime64[s]")
    found = diagnosis.ratio_slices(frame("orders"), frame("opportunities"), table, scope=SCOPE)
    rows = found.rows[found.rows["kpi"] == "due_collection"]
    assert rows[["before", "after"]].to_numpy().tolist() == [[0.75, 0.75]]


def test_without_any_rate_it_is_quiet():
    found = diagnosis.ratio_slices(frame("orders"), frame("opportunities"), frame("receipts"), scope=SCOPE)
    assert found.quiet
    assert found.headline.key == "not_given"
    young = scope_of("2025-09", begin=pd.Timestamp("2025-08-01").date())
    assert diagnosis.ratio_slices(frame("orders"), deals(6), frame("receipts"), scope=young).headline.key == "short"


def test_inputs_are_left_alone_and_the_order_of_rows_does_not_matter():
    table = deals(1, lambda month, rep, line: 0.1 if rep == "Ma" and month in LATE else 0.45)
    before = table.copy()
    found = of_deals(table)
    pd.testing.assert_frame_equal(table, before)
    pd.testing.assert_frame_equal(of_deals(table.sample(frac=1, random_state=3)).rows, found.rows, check_exact=False)

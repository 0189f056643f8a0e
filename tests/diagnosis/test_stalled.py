"""The open pipeline: ages and values by hand, the dead named, and nothing said of what has no age."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from salesnb.findings import diagnosis
from salesnb.show.sentence import sentence_text
from salesnb.words import LANGUAGES
from tests.frames import frame, scope_of

LAST = date(2025, 9, 30)
SCOPE = scope_of("2025-09", as_of=LAST, begin=date(2023, 1, 2))
NO_PRODUCTS = frame("products")
CLOSED = [
    {"begun": "2025-01-01", "day": (date(2025, 1, 1) + timedelta(days=10 * n)).isoformat(), "status": "won",
     "money": 100, "rep": "Wu"}
    for n in range(1, 11)
]  # fmt: skip
"""Ten deals that took 10, 20, ... 100 days: nine in ten at most 90."""


def still(age: int, money: float | None = 100, rep: str | None = "Wu", **more: object) -> dict[str, object]:
    """A deal open on the last day for so many days."""
    begun = (LAST - timedelta(days=age)).isoformat()
    return {
        "begun": begun,
        "day": None,
        "status": "open",
        "money": np.nan if money is None else money,
        "rep": rep,
        **more,
    }


def found_for(rows: list[dict[str, object]], products: pd.DataFrame = NO_PRODUCTS, scope=SCOPE, **more):
    return diagnosis.stalled(frame("opportunities", *rows), products, scope=scope, **more)


def test_figures_by_hand():
    rows = [still(20, 50), still(95, 70), still(100, 30, "Li"), still(101, 40, "Li"), still(300, 10, "Li")]
    found = found_for([*CLOSED, *rows])
    total = found.rows.iloc[0]
    assert total[["open_deals", "open_value", "open_age", "open_age_median"]].tolist() == [5, 200, 123.2, 100]
    assert total[["slow_limit", "longest_cycle"]].tolist() == [90, 100]
    assert total[["slow_deals", "slow_value"]].tolist() == [4, 150]
    assert total[["zombie_deals", "zombie_value"]].tolist() == [2, 50]  # 100 days is not older than 100
    members = found.rows[found.rows["opportunity_id"] == ""].iloc[1:].set_index("rep")
    assert members.index.tolist() == ["Li", "Wu"]
    assert members["zombie_value"].tolist() == [50, 0]
    for figure in ("open_deals", "open_value", "slow_value", "zombie_deals", "zombie_value"):
        assert members[figure].sum() == total[figure]


def test_the_dead_are_named_largest_first():
    rows = [still(101, 40, "Li", customer="Aqua"), still(300, 90, "Wu", customer="Brook"), still(20, 500)]
    found = found_for([*CLOSED, *rows])
    named = found.rows[found.rows["opportunity_id"] != ""]
    assert named[["rep", "customer", "open_value", "open_age"]].to_numpy().tolist() == [
        ["Wu", "Brook", 90, 300],
        ["Li", "Aqua", 40, 101],
    ]
    assert found.headline.key == "zombies_held"
    text = sentence_text(found, found.headline, "en")
    assert text == (
        "Older than any deal that ever closed (100 days): 2 of 3 open deals, worth 130; Wu holds the most, 90."
    )
    note = next(n for n in found.notes if n.key == "oldest")
    deal = found.rows["opportunity_id"].iloc[note.picks["first"]]
    assert sentence_text(found, note, "en") == f"The largest of them: {deal} with Brook (Wu), 90, open for 300 days."
    assert sentence_text(found, note, "zh") == f"其中金额最大的：Brook的{deal}（Wu），90，已跟进300天。"


def test_few_closed_deals_make_it_less_than_sure():
    few, many = (found_for([*CLOSED * n, still(200)]) for n in (9, 10))
    assert "few_closed" in [note.key for note in few.notes]
    assert "few_closed" not in [note.key for note in many.notes]


def test_at_most_ten_are_named():
    found = found_for([*CLOSED, *[still(200, n) for n in range(1, 15)]])
    named = found.rows[found.rows["opportunity_id"] != ""]
    assert named["open_value"].tolist() == list(range(14, 4, -1))
    assert found.rows["zombie_deals"].iloc[0] == 14


def test_slow_ones_where_none_is_dead_and_none_where_all_are_fresh():
    slow = found_for([*CLOSED, still(95, 70), still(10, 5, "Li")])
    assert slow.headline.key == "slow_all"  # nobody holds the most of what one holds alone
    assert sentence_text(slow, slow.headline, "en").endswith(": 1 of 2 deals, worth 70, all held by Wu.")
    assert "oldest_slow_bare" in [note.key for note in slow.notes]
    shared = found_for([*CLOSED, still(95, 70), still(95, 5, "Li", customer="Aqua")])
    assert shared.headline.key == "slow_held"
    fresh = found_for([*CLOSED, still(90), still(10)])
    assert fresh.headline.key == "fresh"
    assert (fresh.rows["opportunity_id"] == "").all()


def test_value_is_the_amount_or_else_the_list_price():
    products = frame("products", {"product": "KP-12", "list_price": 7.0})
    rows = [still(5, None, product="KP-12"), still(5, 30, product="KP-12"), still(5, None), still(5, None, product="?")]
    found = found_for([*CLOSED, *rows], products)
    total = found.rows.iloc[0]
    assert (total["open_value"], total["unpriced_deals"], total["listed_deals"]) == (37, 2, 1)
    assert {"unpriced", "listed"} <= {note.key for note in found.notes}
    without = found_for([*CLOSED, *rows[2:]])
    assert np.isnan(without.rows["open_value"].iloc[0])
    assert next(f["reason"] for f in without.facts() if f["metric"] == "open_value") == "no_open_value"


def test_without_a_first_contact_there_is_no_age():
    rows = [{"begun": None, "day": None, "status": "open", "money": 100, "rep": "Wu"}] * 3
    found = found_for([*CLOSED, *rows, still(200)])
    total = found.rows.iloc[0]
    assert (total["open_deals"], total["undated_deals"], total["open_age"]) == (4, 3, 200)
    assert total["zombie_deals"] == 1
    ageless = found_for([*CLOSED, *rows])
    assert ageless.headline.key == "ageless"
    none_closed = found_for([still(500)])
    assert none_closed.headline.key == "ageless"
    assert none_closed.rows["zombie_deals"].iloc[0] == 0


def test_the_day_is_that_of_the_period():
    """On 31 July the deal that closed in August was open, and the one begun in August was not there."""
    rows = [
        {"begun": "2025-03-01", "day": "2025-08-20", "status": "won", "money": 5, "rep": "Wu"},
        {"begun": "2025-08-10", "day": None, "status": "open", "money": 7, "rep": "Wu"},
    ]
    july = scope_of("2025-07", as_of=LAST, begin=date(2023, 1, 2))
    total = found_for([*CLOSED, *rows], scope=july).rows.iloc[0]
    assert total[["open_deals", "open_value", "open_age"]].tolist() == [1, 5, 152]
    assert total["longest_cycle"] == 100


def test_by_another_dimension():
    found = found_for([*CLOSED, still(200, 9, team="South"), still(20, 4, team="North")], by="team")
    members = found.rows[found.rows["opportunity_id"] == ""].iloc[1:]
    assert members["team"].tolist() == ["South", "North"]
    assert found.rows.columns[0] == "team"


def test_who_may_see_no_person_sees_the_whole_only():
    public = replace(SCOPE, audience="public")
    found = found_for([*CLOSED, still(200, 9), still(20, 4, "Li")], scope=public)
    assert len(found.rows) == 1
    assert (found.rows[["rep", "customer", "opportunity_id"]] == "").all(axis=None)
    assert found.headline.key == "zombies"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_open_and_nothing_at_all(lang):
    closed, nothing = found_for(CLOSED), found_for([])
    assert (closed.headline.key, closed.quiet) == ("none", True)
    assert nothing.missing
    for found in (closed, nothing):
        assert sentence_text(found, found.headline, lang)


def test_input_is_unchanged_and_the_order_of_rows_does_not_matter():
    deals = frame("opportunities", *CLOSED, *[still(200 + n, 5, rep) for n in range(3) for rep in ("Wu", "Li", None)])
    kept = deals.copy(deep=True)
    facts = diagnosis.stalled(deals, NO_PRODUCTS, scope=SCOPE).facts()
    pd.testing.assert_frame_equal(deals, kept)
    assert diagnosis.stalled(deals.iloc[::-1].reset_index(drop=True), NO_PRODUCTS, scope=SCOPE).facts() == facts

"""The chance to win by a day: shares by hand, losing as what it is, and a year before beside it."""

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


def deal(began: date, took: int | None, status: str) -> dict[str, object]:
    close = None if took is None else (began + timedelta(days=took)).isoformat()
    return {"begun": began.isoformat(), "day": close, "status": status, "money": 100}


def twenty(start: date = date(2025, 3, 3), wins: int = 10) -> list[dict[str, object]]:
    """Twenty deals that close after 3, 6, ... 60 days; the first ``wins`` of them are won."""
    return [deal(start, 3 * (i + 1), "won" if i < wins else "lost") for i in range(20)]


def found_for(rows: list[dict[str, object]], scope=SCOPE):
    return diagnosis.win_by_day(frame("opportunities", *rows), scope=scope)


def test_shares_by_hand():
    """Of twenty, five are won by day 15, ten by day 30; then ten are lost."""
    rows = found_for(twenty()).rows.set_index("since_contact")
    assert rows.loc["15", ["won_by", "lost_by", "open_by"]].tolist() == pytest.approx([0.25, 0, 0.75])
    assert rows.loc["30", ["won_by", "lost_by", "open_by"]].tolist() == pytest.approx([0.5, 0, 0.5])
    assert rows.loc["30", "at_risk"] == 11  # the tenth closes on that day
    assert rows.index[-1] == "30"  # beyond, fewer than ten could still be seen
    assert rows["won_by"].iloc[0] == 0


def test_open_deals_count_as_open_not_as_lost():
    """Begun 9 days before the end, ten more have been seen for 9 days: at risk 30 until then, 17 on day 12."""
    rows = [*twenty(), *[deal(LAST - timedelta(days=9), None, "open")] * 10]
    found = found_for(rows).rows.set_index("since_contact")
    assert found.loc["5", "won_by"] == pytest.approx(1 / 30)
    left = 1 - 3 / 30
    assert found.loc["15", "won_by"] == pytest.approx(3 / 30 + left * 2 / 17)


def test_losing_is_no_chance_still_to_come():
    """Half is won and half lost, by turns: one minus Kaplan-Meier of wins would come to .73 by day 30."""
    rows = [deal(date(2025, 3, 3), i + 1, "won" if i % 2 else "lost") for i in range(40)]
    won = found_for(rows).rows.set_index("since_contact")["won_by"]
    assert won.loc["30"] == pytest.approx(15 / 40)
    naive = 1 - np.prod([1 - 1 / (40 - i) for i in range(1, 30, 2)])
    assert naive > 0.48


def test_shares_add_up_and_only_grow():
    rng = np.random.default_rng(4)
    rows = [
        deal(date(2025, 1, 6) + timedelta(days=int(rng.integers(0, 200))), int(n), str(s))
        for n, s in zip(rng.integers(1, 90, 80), rng.choice(["won", "lost"], 80), strict=True)
    ]
    found = found_for(rows).rows
    assert found[["won_by", "lost_by", "open_by"]].sum(axis=1).to_numpy() == pytest.approx(1.0)
    assert (np.diff(found["won_by"]) >= 0).all()
    known = found["won_by_low"].notna()
    assert (found["won_by_low"][known] <= found["won_by"][known]).all()
    assert len(found) <= 13


def test_it_says_where_waiting_brings_nothing_more():
    found = found_for([*twenty(wins=6), *[deal(date(2025, 3, 3), None, "open")] * 12])
    assert sentence_text(found, found.headline, "en") == (
        "18.8% of deals are won within 30 days of first contact; after that hardly any."  # 6 of 32, by day 18
    )
    slower = found_for([*twenty(wins=20), *[deal(date(2025, 3, 3), None, "open")] * 12])
    assert slower.headline.key == "chance_flat"
    assert "within 60; after that hardly any" in sentence_text(slower, slower.headline, "en")


def test_a_year_before_is_compared_with_its_error():
    before = date(2024, 3, 4)
    same = found_for([*twenty(), *twenty(before)])
    assert same.rows["won_by_last_year"].tolist() == pytest.approx(same.rows["won_by"].tolist())
    assert "as_last_year" in [note.key for note in same.notes]
    worse = found_for([*twenty(wins=1) * 4, *twenty(before) * 4])
    assert "lower" in [note.key for note in worse.notes]
    better = found_for([*twenty() * 4, *twenty(before, wins=1) * 4])
    assert "higher" in [note.key for note in better.notes]
    a_little = found_for([*twenty(wins=9), *twenty(before)])
    assert "as_last_year" in [note.key for note in a_little.notes]
    young = scope_of("2025-09", as_of=LAST, begin=date(2024, 6, 3))
    assert found_for([*twenty(), *twenty(before)], scope=young).rows["won_by_last_year"].isna().all()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_too_little_to_tell_is_said(lang):
    few = found_for(twenty()[:9])
    assert (few.headline.key, few.quiet) == ("few", True)
    all_open = found_for([deal(date(2025, 3, 3), None, "open")] * 30)
    assert all_open.headline.key == "few"
    undated = found_for([{"begun": None, "day": "2025-09-05", "status": "won", "money": 1}])
    assert undated.missing
    for found in (few, all_open, undated):
        assert found.facts() == []
        assert sentence_text(found, found.headline, lang)


def test_none_is_won():
    found = found_for(twenty(wins=0))
    assert (found.rows["won_by"] == 0).all()
    assert "0.0%" in sentence_text(found, found.headline, "en")


def test_input_is_unchanged_and_the_order_of_rows_does_not_matter():
    deals = frame("opportunities", *twenty(), *twenty(date(2025, 6, 2), wins=4))
    kept = deals.copy(deep=True)
    facts = diagnosis.win_by_day(deals, scope=SCOPE).facts()
    pd.testing.assert_frame_equal(deals, kept)
    assert diagnosis.win_by_day(deals.iloc[::-1].reset_index(drop=True), scope=SCOPE).facts() == facts

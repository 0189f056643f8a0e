"""What only began is told from what has always been there, on frames that can be counted by hand."""

import pandas as pd

from salesnb.methods.over_time.lately import began_lately


def cells(*rows: tuple[str, int, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["line", "bin", "amount"])


def told(rows: pd.DataFrame, bins: int) -> list[str]:
    return sorted({*rows.loc[began_lately(rows, ["line"], "amount", bins), "line"]})


ALWAYS = [("old", when, 100.0) for when in range(13)]


def test_a_member_without_a_past_began():
    assert told(cells(*ALWAYS, ("new", 12, 50.0)), 13) == ["new"]
    assert told(cells(*ALWAYS, ("new", 6, 50.0), ("new", 12, 50.0)), 13) == ["new"]


def test_one_that_sold_more_than_half_a_year_ago_did_not():
    assert told(cells(*ALWAYS, ("rare", 5, 1.0), ("rare", 12, 50.0)), 13) == []


def test_one_that_ended_did_not_begin_and_a_small_one_moves_nothing():
    assert told(cells(*ALWAYS, ("ended", 0, 100.0)), 13) == []
    assert told(cells(*ALWAYS, ("small", 12, 2.0)), 13) == []  # 2 of 402 in the last four


def test_rows_without_a_member_are_of_none():
    assert told(cells(*ALWAYS, ("", 12, 90.0)), 13) == []
    missing = cells(*ALWAYS, ("new", 12, 90.0)).replace({"line": {"new": None}})
    assert told(missing, 13) == []


def test_of_a_single_bin_nothing_can_be_told():
    assert told(cells(("old", 0, 1.0)), 1) == []
    assert told(cells(), 5) == []


def test_of_a_short_past_what_was_not_in_its_first_bin_began():
    assert told(cells(("old", 0, 9.0), ("old", 1, 9.0), ("new", 1, 5.0)), 2) == ["new"]

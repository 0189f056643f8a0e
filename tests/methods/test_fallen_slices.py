"""A planted fall is found under its own name; noise alone is left alone."""

import numpy as np
import pandas as pd
import pytest

from salesnb.methods.over_time.fallen_slices import Signal, find_fallen

BINS = 25
DIMENSIONS = ("who", "what", "where")


def events(seed: int, rate: float = 12.0) -> pd.DataFrame:
    """Independent events of 5 x 4 x 3 leaves over 25 bins, heavy-tailed in size."""
    draws = np.random.default_rng(seed)
    leaves = [(f"p{i}", f"x{j}", f"r{k}") for i in range(5) for j in range(4) for k in range(3)]
    weight = draws.lognormal(0, 0.6, len(leaves))
    counts = draws.poisson(rate * weight[:, None], (len(leaves), BINS))
    place, when = np.nonzero(counts)
    times = counts[place, when]
    rows = pd.DataFrame([leaves[i] for i in np.repeat(place, times)], columns=list(DIMENSIONS))
    return rows.assign(bin=np.repeat(when, times), count=1.0, value=draws.lognormal(0, 1, int(times.sum())))


def signals(cells: pd.DataFrame) -> list[Signal]:
    return [
        Signal("value", cells, "value", "", DIMENSIONS),
        Signal("count", cells, "count", "", DIMENSIONS, counts=True),
    ]


def without(cells: pd.DataFrame, fall: float, seed: int = 0, **members: str) -> pd.DataFrame:
    """Take a part of a slice's events out of the last bin."""
    inside = (cells["bin"] == BINS - 1) & np.logical_and.reduce([cells[d] == m for d, m in members.items()])
    return cells[~(inside & (np.random.default_rng(seed).random(len(cells)) < fall))]


def test_noise_alone_names_nothing():
    named = [seed for seed in range(40) if find_fallen(signals(events(seed)), BINS, (1, 2, 3, 4), limit=0.02)]
    assert named == []


def test_a_fallen_slice_is_found_under_its_own_name():
    found = [
        find_fallen(signals(without(events(s, 30.0), 0.7, s, who="p2", what="x1")), BINS, limit=0.05) for s in range(20)
    ]
    first = [dict(f[0].members) if f else {} for f in found]
    assert sum(members == {"who": "p2", "what": "x1"} for members in first) >= 17
    assert sum(len(f) for f in found) <= 24  # and hardly anything beside it


def test_a_fallen_member_is_named_without_a_crossing():
    found = find_fallen(signals(without(events(1), 0.5, 1, where="r0")), BINS, limit=0.05)
    assert [dict(f.members) for f in found] == [{"where": "r0"}]
    assert found[0].actual < found[0].expected


def test_two_falls_are_both_found_and_counted_once():
    cells = without(without(events(4), 0.8, 4, who="p0"), 0.8, 5, what="x3")
    found = find_fallen(signals(cells), BINS, limit=0.05)
    assert {frozenset(f.members.items()) for f in found[:2]} == {
        frozenset({("who", "p0")}),
        frozenset({("what", "x3")}),
    }


def test_a_part_that_fell_further_is_told_within_the_whole_and_takes_nothing_from_it():
    """The part is found first, as it strays more; the whole is told with all its loss."""
    cells = without(without(events(5, 30.0), 0.35, 5, who="p0"), 0.95, 6, who="p0", what="x1")
    found = find_fallen(signals(cells), BINS, limit=0.05)
    assert [dict(f.members) for f in found] == [{"who": "p0"}]
    own, now = cells["who"] == "p0", cells["bin"] == BINS - 1
    column = found[0].signal
    assert found[0].actual == pytest.approx(cells.loc[own & now, column].sum())


def test_a_slice_that_rose_makes_no_problem_of_the_others():
    cells = events(6)
    extra = cells[(cells["bin"] == BINS - 1) & (cells["who"] == "p1")]
    assert find_fallen(signals(pd.concat([cells, extra, extra, extra])), BINS, limit=0.05) == []


def test_a_fall_of_everything_alike_is_nobodys_problem():
    cells = events(7, rate=30.0)
    half = (cells["bin"] == BINS - 1) & (np.random.default_rng(7).random(len(cells)) < 0.4)
    assert find_fallen(signals(cells[~half]), BINS, limit=0.05) == []


def test_a_ratio_is_judged_against_its_own_past():
    cells = events(8, rate=40.0).assign(base=lambda c: c["value"])
    cheap = (cells["bin"] == BINS - 1) & (cells["what"] == "x2")
    noise = np.random.default_rng(8).normal(1, 0.05, len(cells))
    cells["value"] = cells["value"] * noise * np.where(cheap, 0.9, 1.0)
    found = find_fallen([Signal("ratio", cells, "value", "base", DIMENSIONS, whole=True)], BINS, limit=0.05)
    assert [dict(f.members) for f in found] == [{"what": "x2"}]


def test_a_short_past_says_nothing():
    cells = events(9)
    assert find_fallen(signals(cells[cells["bin"] < 12]), 12) == []


@pytest.mark.parametrize("kind", ["object", "str", "category", "string[pyarrow]"])
def test_rows_without_a_member_are_in_no_slice_of_its_dimension(kind):
    """Missing or blank is the same, whatever the columns are made of."""
    cells = without(events(2), 0.7, 2, who="p2")
    lost = cells["who"] == "p4"
    blank, missing = (cells.assign(who=cells["who"].mask(lost, gone)) for gone in ("", None))
    found = [
        find_fallen(signals(c.astype(dict.fromkeys(DIMENSIONS, kind))), BINS, limit=0.05) for c in (blank, missing)
    ]
    assert [dict(f.members) for f in found[0]] == [{"who": "p2"}]
    assert found[0] == found[1]


def test_members_that_are_numbers_are_taken_out_once_found():
    cells = without(without(events(4), 0.8, 4, who="p0"), 0.8, 5, what="x3")
    numbers = cells.assign(**{d: cells[d].str[1:].astype(int) for d in DIMENSIONS})
    plain, found = (find_fallen(signals(c), BINS, limit=0.05) for c in (cells, numbers))
    assert [{d: m[1:] for d, m in f.members.items()} for f in plain] == [dict(f.members) for f in found]


def test_the_order_of_rows_changes_nothing_and_rows_are_not_changed():
    cells = without(events(2), 0.7, 2, who="p2")
    kept = cells.copy(deep=True)
    found = find_fallen(signals(cells), BINS, limit=0.05)
    shuffled = find_fallen(signals(cells.sample(frac=1, random_state=1)), BINS, limit=0.05)
    assert [dict(f.members) for f in found] == [dict(f.members) for f in shuffled] != []
    pd.testing.assert_frame_equal(cells, kept)

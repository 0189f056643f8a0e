"""The largest parts of a gap: exact, apart from each other, those first that strayed most from their past."""

import numpy as np
import pandas as pd

from salesnb.methods.over_time.largest_parts import largest_parts

BY = ("rep", "line")
BINS = 14


def cells(now: dict[tuple[str, str], float], past: float = 100.0, bins: int = BINS) -> pd.DataFrame:
    """Four events a bin in each of 2 x 3 slices; ``now`` is what is left in the last bin, by slice."""
    rows = []
    for rep in ("a", "b"):
        for line in ("x", "y", "z"):
            for at in range(bins):
                last, money = at == bins - 1, past + at % 3
                left = now.get((rep, line), 1.0) if last else 1.0
                rows.append({"rep": rep, "line": line, "bin": at, "amount": money * left, "events": 4 * left,
                             "actual": money * left if last else 0.0, "expected": money if last else 0.0})  # fmt: skip
    return pd.DataFrame(rows)


def named(found):
    return [dict(part.members) for part in found]


def test_the_slice_that_lost_is_named_with_its_exact_sums():
    table = cells({("a", "x"): 0.3, ("b", "x"): 0.3})
    found = largest_parts(table, BINS, BY)
    assert named(found) == [{"line": "x"}]
    own = table[(table["line"] == "x") & (table["bin"] == BINS - 1)]
    assert (found[0].actual, found[0].expected) == (own["actual"].sum(), own["expected"].sum())


def test_parts_share_no_row_with_each_other_nor_with_what_is_taken():
    table = cells({("a", "x"): 0.2, ("a", "y"): 0.8, ("b", "x"): 0.8, ("b", "z"): 0.6})
    taken = ((table["rep"] == "a") & (table["line"] == "x")).to_numpy()
    found = largest_parts(table, BINS, BY, taken=[taken])
    rows = [np.logical_and.reduce([table[d] == m for d, m in p.members.items()]) for p in found]
    assert len(found) == 3
    assert not any((one & other).any() for one in rows for other in [*rows, taken] if other is not one)


def test_what_holds_nearly_everything_only_repeats_the_whole():
    table = cells({})
    one = table.assign(rep="a", actual=table["actual"] * 0.8)
    assert {"rep": "a"} not in named(largest_parts(one, BINS, BY))


def test_a_blank_member_is_no_part():
    table = cells({("a", "x"): 0.1, ("b", "x"): 0.1}).replace({"line": {"x": ""}})
    assert all(part.members.get("line", "-") for part in largest_parts(table, BINS, BY))


def test_what_does_not_fall_short_is_no_part():
    assert largest_parts(cells({("a", "x"): 2.0}), BINS, BY) == []
    assert largest_parts(cells({("a", "x"): 0.9}), BINS, BY, least=50.0) == []


def test_a_short_past_is_told_by_the_rest_of_the_same_bin():
    for bins in (1, 2, 4):
        found = largest_parts(cells({("a", "y"): 0.2, ("b", "y"): 0.2}, bins=bins), bins, BY)
        assert named(found) == [{"line": "y"}]


def test_what_fell_along_with_all_else_fills_up_by_size():
    table = cells({(rep, line): 0.8 for rep in "ab" for line in "xyz"})
    found = largest_parts(table, BINS, BY)
    assert named(found)[0] in ({"rep": "a"}, {"rep": "b"})
    assert len(found) == 2  # both reps are everything

"""Slices of leaves: every crossing once, under its simplest name, blanks in none."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from salesnb.methods.at_once.leaves import coded_leaves


@pytest.fixture
def frame():
    """Two teams of two reps each; Ann sells in one region, and only she sells there."""
    rows = [
        ("North", "Ann", "coast", "A"), ("North", "Ann", "coast", "B"), ("North", "Bob", "hills", "A"),
        ("South", "Cid", "hills", "A"), ("South", "Cid", "hills", "B"), ("South", "Dee", "hills", ""),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["team", "rep", "region", "product"])


def slices(leaves, weights):
    return {
        tuple(sorted(leaves.members(cuboid, place).items())): float(total)
        for cuboid in leaves.cuboids
        for place, total in enumerate(cuboid.sums(weights))
    }


def test_sums_of_all_slices_by_hand(frame):
    found = slices(coded_leaves(frame, ["team", "rep", "product"], 2), np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0]))
    assert found == {
        (("team", "North"),): 7, (("team", "South"),): 56,
        (("rep", "Ann"),): 3, (("rep", "Bob"),): 4, (("rep", "Cid"),): 24, (("rep", "Dee"),): 32,
        (("product", "A"),): 13, (("product", "B"),): 18,
        (("product", "A"), ("team", "North")): 5, (("product", "B"), ("team", "North")): 2,
        (("product", "A"), ("team", "South")): 8, (("product", "B"), ("team", "South")): 16,
        (("product", "A"), ("rep", "Ann")): 1, (("product", "B"), ("rep", "Ann")): 2,
        (("product", "A"), ("rep", "Bob")): 4, (("product", "A"), ("rep", "Cid")): 8,
        (("product", "B"), ("rep", "Cid")): 16,
    }  # fmt: skip


def test_a_nested_dimension_makes_no_second_name(frame):
    crossed = [cuboid.dimensions for cuboid in coded_leaves(frame, ["team", "rep", "region"], 3).cuboids]
    assert crossed == [("team",), ("rep",), ("region",), ("team", "region")]


def test_a_slice_is_told_by_its_simplest_name(frame):
    leaves = coded_leaves(frame, ["rep", "product", "region", "team"], 2)
    crossed = next(c for c in leaves.cuboids if c.dimensions == ("region", "team"))
    place = next(p for p in range(crossed.count) if leaves.members(crossed, p) == {"region": "coast", "team": "North"})
    assert leaves.members(*leaves.simplest(crossed, place)) == {"rep": "Ann"}


def test_blank_and_missing_members_are_in_no_slice(frame):
    frame.loc[5, "product"] = None
    leaves = coded_leaves(frame, ["product"], 1)
    assert slices(leaves, np.ones(6)) == {(("product", "A"),): 3, (("product", "B"),): 2}
    assert coded_leaves(frame.iloc[5:], ["product"], 1).cuboids == ()


def test_dimensions_that_tell_nothing_apart_are_left_out(frame):
    assert coded_leaves(frame.assign(year="2025"), ["year"], 1).cuboids == ()
    assert coded_leaves(frame.iloc[:0], ["team", "rep"], 2).cuboids == ()


@pytest.mark.parametrize("seed", range(5))
def test_sums_are_those_of_a_plain_grouping(seed):
    rng = np.random.default_rng(seed)
    sizes = {"a": 3, "b": 40, "c": 50, "d": 60}
    frame = pd.DataFrame({d: rng.integers(0, n, 300).astype(str) for d, n in sizes.items()})
    weights = rng.integers(0, 100, 300).astype(float)
    found = slices(coded_leaves(frame, list(sizes), 3), weights)
    plain = {}
    for crossed in (list(c) for depth in (1, 2, 3) for c in combinations(sizes, depth)):
        for *members, total in frame.assign(w=weights).groupby(crossed, as_index=False)["w"].sum().to_numpy():
            plain[tuple(zip(crossed, members, strict=True))] = total
    assert found == {key: plain[key] for key in found}
    # What is missing has another, simpler name.
    assert {key for key in plain if len(key) < 3} <= set(found)


def test_the_chance_of_a_slice_before_any_figure_adds_up_to_one(frame):
    leaves = coded_leaves(frame, ["team", "rep", "product"], 2)
    assert sum(c.count * np.exp(-c.unlikely) for c in leaves.cuboids) == pytest.approx(1.0)

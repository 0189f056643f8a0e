"""Sums over slices: every member and crossing that has rows, bin by bin, whatever its dimension is made of."""

import pandas as pd
import pytest

from salesnb.methods.over_time.cuboids import coded, slices

CELLS = pd.DataFrame(
    {"who": ["b", "a", "b", ""], "what": ["x", "x", "y", "y"], "bin": [0, 1, 1, 0], "value": [1.0, 2.0, 4.0, 8.0]}
)


def summed(cells: pd.DataFrame, **asked: object) -> dict[tuple[tuple[str, str], ...], list[float]]:
    of = coded(cells, ("who", "what"), ("value",), 2)
    found = slices(of, ("who", "what"), (), **{"whole": False, **asked})
    return {tuple(found.members(i).items()): row.tolist() for i, row in enumerate(found.sums["value"])}


@pytest.mark.parametrize("kind", ["str", "object", "category"])
def test_members_and_crossings_are_added_up_per_bin(kind):
    found = summed(CELLS.astype({"who": kind, "what": kind}), whole=True)
    assert found == {
        (): [9.0, 6.0],
        (("who", ""),): [8.0, 0.0], (("who", "a"),): [0.0, 2.0], (("who", "b"),): [1.0, 4.0],
        (("what", "x"),): [1.0, 2.0], (("what", "y"),): [8.0, 4.0],
        (("who", ""), ("what", "y")): [8.0, 0.0], (("who", "a"), ("what", "x")): [0.0, 2.0],
        (("who", "b"), ("what", "x")): [1.0, 0.0], (("who", "b"), ("what", "y")): [0.0, 4.0],
    }  # fmt: skip


def test_a_slice_without_a_name_is_told_apart():
    of = coded(CELLS, ("who", "what"), ("value",), 2)
    found = slices(of, ("who", "what"), (), False)
    named = [all(found.members(i).values()) for i in range(len(found.blank))]
    assert named == (~found.blank).tolist()
    assert found.blank.sum() == 2


def test_what_is_taken_out_is_in_no_slice_any_more():
    of = coded(CELLS, ("who", "what"), ("value",), 2).without({"who": "b", "what": "y"})
    assert of.sums("value").tolist() == [9.0, 2.0]
    found = slices(of, ("who", "what"), (), False)
    assert {"who": "b", "what": "y"} not in [found.members(i) for i in range(len(found.number))]
    assert of.without({}).at.tolist() == []


def test_a_crossing_of_very_many_members_gives_the_same_sums():
    many = pd.DataFrame({"who": [f"p{i}" for i in range(60)], "what": [f"x{i}" for i in range(60)], "bin": 0})
    found = summed(many.assign(value=1.0))
    assert len(found) == 180  # of the 3,600 pairs only those that are there
    assert all(row == [1.0, 0.0] for row in found.values())


def test_sums_are_numbers_with_fractions_where_no_row_is_left():
    of = coded(CELLS, ("who", "what"), ("value",), 2)
    left = of.without({"who": "b"}).without({"who": "a"}).without({"who": ""})
    assert len(left.at) == 0
    assert left.sums("value").dtype == "float64"
    assert all(row.dtype == "float64" for row in slices(left, ("who", "what"), (), True).sums.values())
    assert all(part.dtype == "float64" for part in left.only({"who": "a"}).values())

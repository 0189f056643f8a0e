"""Causes found in one period: what was planted, under its simplest name, with its money, and nothing in noise."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from salesnb.methods.at_once.scan import scan

DIMENSIONS = ["team", "rep", "region", "product"]


@pytest.fixture
def leaves():
    """Six reps of three teams, four regions, ten products; every leaf is about 1 % above or below its 100."""
    rows = [
        (f"T{int(rep) // 2}", f"R{rep}", region, line) for rep, region, line in product("012345", "NESW", "ABCDEFGHIJ")
    ]
    frame = pd.DataFrame(rows, columns=DIMENSIONS)
    return frame.assign(expected=100.0, actual=100.0 + np.random.default_rng(1).normal(0, 1, 240))


def where(frame, **members):
    return np.logical_and.reduce([frame[d] == m for d, m in members.items()])


def members(found):
    return [dict(cause.members) for cause in getattr(found, "causes", found)]


def test_a_slice_that_fell_is_told_with_its_money(leaves):
    fell = where(leaves, region="N", product="B")
    leaves["actual"] = np.where(fell, 60.0, leaves["actual"])
    found = scan(leaves, DIMENSIONS)
    (cause,) = found.causes
    rest = leaves["actual"][~fell].sum() / 23_400
    assert cause.members == {"region": "N", "product": "B"}
    assert (cause.actual, cause.expected, cause.leaves) == (360.0, 600.0, 6)
    assert found.drift == pytest.approx(rest)
    assert cause.drifted == pytest.approx(600 * rest)
    assert cause.effect == pytest.approx(360 - 600 * rest)
    assert cause.surprise < -20
    assert cause.chance < 1e-6


def test_what_moves_everything_is_drift_and_no_cause(leaves):
    leaves["actual"] *= 0.8
    found = scan(leaves, DIMENSIONS)
    assert found.causes == ()
    assert found.drift == pytest.approx(leaves["actual"].sum() / 24_000)
    assert 0.005 < found.noise < 0.02


def test_a_local_loss_beside_a_falling_market_is_told_apart(leaves):
    fell = where(leaves, rep="R3")
    leaves["actual"] *= np.where(fell, 0.5, 1.0) * 0.8
    found = scan(leaves, DIMENSIONS)
    assert members(found) == [{"rep": "R3"}]
    assert found.drift == pytest.approx(0.8, rel=0.002)
    assert found.causes[0].effect == pytest.approx(4000 * (0.4 - 0.8), rel=0.01)


def test_an_upside_is_told_as_such_beside_a_loss(leaves):
    leaves["actual"] *= np.where(where(leaves, product="C"), 1.6, 1.0) * np.where(where(leaves, region="W"), 0.7, 1.0)
    found = {tuple(cause.members.items()): cause for cause in scan(leaves, DIMENSIONS).causes}
    assert set(found) == {(("product", "C"),), (("region", "W"),)}
    assert found[("product", "C"),].effect > 0 < found[("product", "C"),].surprise
    assert found[("region", "W"),].effect < 0 > found[("region", "W"),].surprise


def test_a_loss_within_a_loss_is_a_part_of_it_and_takes_no_money_from_it(leaves):
    leaves["actual"] *= np.where(where(leaves, team="T1"), 0.8, 1.0) * np.where(
        where(leaves, team="T1", product="D"), 0.4, 1.0
    )
    (cause,) = scan(leaves, DIMENSIONS).causes
    assert cause.members == {"team": "T1"}
    assert cause.effect == pytest.approx(-72 * 20 - 8 * 68, rel=0.02)
    assert cause.leaves == 80
    (part,) = cause.parts
    assert part.members == {"team": "T1", "product": "D"}
    assert part.effect == pytest.approx(-8 * 68, rel=0.02)
    assert (part.leaves, part.parts) == (8, ())


def test_a_part_takes_none_of_the_places_of_causes(leaves):
    leaves["actual"] *= np.where(where(leaves, team="T1"), 0.8, 1.0) * np.where(
        where(leaves, team="T1", product="D"), 0.4, 1.0
    )
    leaves["actual"] *= np.where(where(leaves, region="N"), 0.985, 1.0)
    found = scan(leaves, DIMENSIONS, most=2)
    assert members(found) == [{"team": "T1"}, {"region": "N"}]
    assert [members(cause.parts) for cause in found.causes] == [[{"team": "T1", "product": "D"}], []]


def test_a_rise_within_a_loss_is_no_part_of_it(leaves):
    leaves["actual"] *= np.where(where(leaves, team="T1"), 0.8, 1.0) * np.where(
        where(leaves, team="T1", product="D"), 2.0, 1.0
    )
    found = {tuple(cause.members.values()): cause for cause in scan(leaves, DIMENSIONS).causes}
    assert set(found) == {("T1",), ("T1", "D")}
    assert found["T1",].effect == pytest.approx(-72 * 20, rel=0.02)
    assert found["T1", "D"].effect == pytest.approx(8 * 60, rel=0.03)
    assert found["T1",].parts == ()


def test_a_slice_whose_halves_fell_not_quite_alike_is_told_as_one(leaves):
    leaves["half"] = np.where(leaves["region"].isin(["N", "E"]), "new", "existing")
    leaves["actual"] *= np.where(where(leaves, team="T0"), 0.40, 1.0)
    leaves["actual"] *= np.where(where(leaves, team="T0", half="new"), 0.93, 1.0)
    (cause,) = scan(leaves, ["team", "half", "product"]).causes
    assert cause.members == {"team": "T0"}
    assert members(cause.parts) == [{"team": "T0", "half": "new"}]


@pytest.mark.parametrize("sold_by", ["one rep", "whole team"])
def test_nested_dimensions_are_named_by_what_is_meant(leaves, sold_by):
    fell = where(leaves, rep="R2") if sold_by == "one rep" else where(leaves, team="T1")
    leaves["actual"] *= np.where(fell, 0.7, 1.0)
    assert members(scan(leaves, DIMENSIONS)) == [{"rep": "R2"} if sold_by == "one rep" else {"team": "T1"}]


def test_the_simplest_of_two_names_of_the_same_leaves_is_told(leaves):
    only = leaves[~(where(leaves, product="J") & ~where(leaves, rep="R5"))]
    fell = where(only, product="J")
    found = scan(only.assign(actual=only["actual"] * np.where(fell, 0.5, 1.0)), DIMENSIONS[::-1])
    assert members(found) == [{"product": "J"}]


def test_causes_drift_and_the_rest_add_up(leaves):
    rng = np.random.default_rng(2)
    leaves["actual"] *= rng.lognormal(0, 0.1, len(leaves)) * np.where(where(leaves, region="S"), 0.6, 0.95)
    leaves["actual"] *= np.where(where(leaves, product="A"), 1.5, 1.0)
    found = scan(leaves, DIMENSIONS)
    gap = leaves["actual"].sum() - leaves["expected"].sum()
    drifted = (found.drift - 1) * leaves["expected"].sum()
    assert len(found.causes) == 2
    assert drifted + sum(cause.effect for cause in found.causes) == pytest.approx(gap)
    assert sum(cause.leaves for cause in found.causes) == (where(leaves, region="S") | where(leaves, product="A")).sum()


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_does_not_matter_and_the_input_is_left_alone(leaves, seed):
    leaves["actual"] *= np.where(where(leaves, region="E"), 0.9, 1.0)
    before = leaves.copy()
    one = scan(leaves, DIMENSIONS)
    other = scan(leaves.sample(frac=1, random_state=seed), DIMENSIONS)
    assert members(one) == members(other) == [{"region": "E"}]
    assert one.causes[0].effect == pytest.approx(other.causes[0].effect)
    pd.testing.assert_frame_equal(leaves, before)


def test_blank_members_are_in_no_slice(leaves):
    leaves["actual"] *= np.where(where(leaves, product="A"), 0.5, 1.0)
    leaves["product"] = leaves["product"].where(leaves["product"] != "A")
    assert scan(leaves, ["product"]).causes == ()


def test_what_is_too_small_to_matter_is_not_told(leaves):
    leaves["actual"] *= np.where(where(leaves, region="N", product="B"), 0.6, 1.0) * np.where(
        where(leaves, rep="R0"), 0.7, 1.0
    )
    assert len(scan(leaves, DIMENSIONS).causes) == 2
    assert members(scan(leaves, DIMENSIONS, least=500)) == [{"rep": "R0"}]


def test_at_most_so_many_are_told_and_without_a_limit_exactly_so_many(leaves):
    leaves["actual"] *= np.where(where(leaves, region="N", product="B"), 0.6, 1.0) * np.where(
        where(leaves, rep="R0"), 0.7, 1.0
    )
    assert members(scan(leaves, DIMENSIONS, most=1)) in ([{"rep": "R0"}], [{"region": "N", "product": "B"}])
    found = scan(leaves, DIMENSIONS, most=4, limit=1.0)
    assert members(found)[:2] == members(scan(leaves, DIMENSIONS))
    assert len(found.causes) == 4
    assert found.causes[-1].chance > 0.01


def test_slices_are_no_deeper_than_asked(leaves):
    leaves["actual"] *= np.where(where(leaves, team="T0", region="N", product="B"), 0.2, 1.0)
    assert members(scan(leaves, DIMENSIONS)) == [{"team": "T0", "region": "N", "product": "B"}]
    assert all(len(cause.members) <= 2 for cause in scan(leaves, DIMENSIONS, depth=2).causes)


@pytest.mark.parametrize("level", [0.0, 0.02, 0.1])
def test_a_whole_that_fell_in_one_of_two_halves_is_told_by_the_half_that_left_its_target(leaves, level):
    leaves["half"] = np.where(leaves["region"].isin(["N", "E"]), "new", "existing")
    noise = np.random.default_rng(5).lognormal(0, level, len(leaves)) if level else 1.0
    leaves["actual"] = 100 * noise * np.where(leaves["half"] == "new", 0.4, 1.0)
    assert members(scan(leaves, ["team", "half", "product"])) == [{"half": "new"}]


@pytest.mark.parametrize(
    "empty",
    [
        pd.DataFrame(columns=[*DIMENSIONS, "actual", "expected"]),
        pd.DataFrame({d: ["x"] for d in DIMENSIONS} | {"actual": [5.0], "expected": [0.0]}),
        pd.DataFrame({d: ["x"] for d in DIMENSIONS} | {"actual": [np.nan], "expected": [np.nan]}),
        pd.DataFrame({d: ["x", "y"] for d in DIMENSIONS} | {"actual": [5.0, 0.0], "expected": [0.0, 5.0]}),
    ],
    ids=["no rows", "nothing expected", "no figures", "nothing in common"],
)
def test_where_nothing_can_be_told_nothing_is(empty):
    assert scan(empty, DIMENSIONS).causes == ()


def test_a_figure_without_end_is_refused(leaves):
    leaves.loc[3, "actual"] = np.inf
    with pytest.raises(ValueError, match="finite"):
        scan(leaves, DIMENSIONS)


def test_returns_that_make_a_leaf_negative_do_no_harm(leaves):
    leaves.loc[leaves.index[::50], "actual"] = -40.0
    leaves["actual"] *= np.where(where(leaves, region="W"), 0.6, 1.0)
    assert {"region": "W"} in members(scan(leaves, DIMENSIONS))


def sparse(seed, **lost):
    """Orders of a month: most leaves have none, each order is many times what a leaf's share of the year is."""
    rng = np.random.default_rng(seed)
    sizes = {"rep": 12, "region": 5, "product": 6, "channel": 3, "kind": 4}
    frame = pd.DataFrame(list(product(*(range(n) for n in sizes.values()))), columns=list(sizes))
    orders = rng.lognormal(0, 0.8, len(frame))
    orders *= 1500 / orders.sum()
    kept = 1 - 0.75 * (where(frame, **lost) if lost else 0)
    count = rng.poisson(orders * kept * 0.95)
    money = np.array([rng.lognormal(6.0, 1.0, n).sum() for n in count])
    frame = frame.astype(str)
    return frame.assign(expected=orders * np.exp(6.5), actual=money), list(sizes)


@pytest.mark.parametrize("seed", range(8))
def test_where_most_leaves_are_empty_sums_tell(seed):
    frame, dimensions = sparse(seed, product=2)
    found = scan(frame, dimensions)
    assert members(found)[:1] == [{"product": "2"}]
    assert found.causes[0].effect < 0
    assert 0.7 < found.drift < 1.25


@pytest.mark.parametrize("seed", range(8))
def test_chance_orders_are_no_cause(seed):
    frame, dimensions = sparse(100 + seed)
    assert scan(frame, dimensions).causes == ()


def test_what_is_normal_for_a_leaf_may_be_told(leaves):
    leaves["actual"] *= np.where(where(leaves, region="N", product="B"), 0.6, 1.0)
    assert members(scan(leaves.assign(usual=1.0), DIMENSIONS, variance="usual")) == [{"region": "N", "product": "B"}]
    assert scan(leaves.assign(usual=40.0**2), DIMENSIONS, variance="usual").causes == ()


@pytest.mark.parametrize("seed", range(120))
@pytest.mark.filterwarnings("error")
def test_whatever_the_table_figures_are_finite_and_no_leaf_counts_twice(seed):
    """Few leaves, empty ones, counts, leaves exactly as expected, returns, missing members and figures."""
    rng = np.random.default_rng(seed)
    size = int(rng.choice([1, 2, 3, 5, 12, 40, 200]))
    frame = pd.DataFrame({d: rng.integers(0, rng.integers(1, 8), size).astype(str) for d in "abc"})
    expected = np.round(rng.lognormal(3, 1, size) * (rng.random(size) < rng.choice([0.1, 0.5, 1.0])), 2)
    kinds = [expected, rng.poisson(expected) * 1.0, expected * rng.choice([0, 1, 1, 1.5, -1], size)]
    frame = frame.assign(expected=expected, actual=kinds[seed % 3], usual=(expected + 1) * (seed % 2))
    if size > 3 and seed % 4 == 0:
        frame.loc[0, "a"], frame.loc[1, "actual"] = None, np.nan
    for asked in ({}, {"limit": 1.0}, {"variance": "usual"}, {"least": 50.0}):
        found = scan(frame, list("abc"), **asked)
        told = [found.drift, found.noise]
        for cause in found.causes:
            told += [cause.actual, cause.expected, cause.drifted, cause.effect, cause.surprise, cause.chance]
        assert np.isfinite(told).all()
        assert sum(cause.leaves for cause in found.causes) <= size

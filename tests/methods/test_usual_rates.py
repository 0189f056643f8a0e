"""What is usual where the past is thin, and how figures of different size stray."""

import numpy as np
import pandas as pd
import pytest

from salesnb.methods.at_once.leaves import coded_leaves
from salesnb.methods.at_once.spread import fit_spread, widths
from salesnb.methods.at_once.usual_rates import usual_rates

FRAME = pd.DataFrame({"team": list("NNSS"), "product": list("ABAB")})
LEAVES = coded_leaves(FRAME, ("team", "product"), 1)


def test_a_known_past_is_taken_as_it_is():
    usual = usual_rates(LEAVES, np.array([10.0, 20, 5, 40]), np.full(4, 100.0), sampled=False, part=True)
    assert usual.rate == pytest.approx([0.1, 0.2, 0.05, 0.4])
    assert not usual.unsure.any()


def test_a_leaf_without_a_past_has_what_its_members_let_expect():
    # The South sells half as well, product B twice as well: 0.2 x 0.5 x 2 = 0.2.
    value, base = np.array([2000.0, 4000, 1000, 0]), np.array([10_000.0, 10_000, 10_000, 0])
    usual = usual_rates(LEAVES, value, base, sampled=False, part=True)
    assert usual.rate == pytest.approx([0.2, 0.4, 0.1, 0.2], abs=0.03)


def test_a_thin_past_is_drawn_towards_its_members_and_a_thick_one_is_believed():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"team": np.repeat([f"t{n:02}" for n in range(40)], 10), "product": list("ABCDEFGHIJ") * 40})
    true = 0.3 * np.exp(rng.normal(0, 0.3, 400))
    base = np.where(np.arange(400) % 2, 4, 4000)
    value = rng.binomial(base, true).astype(float)
    usual = usual_rates(coded_leaves(frame, ("team", "product"), 1), value, base.astype(float), True, True)
    thin, thick = base == 4, base == 4000
    assert np.abs(usual.rate - value / base)[thick].mean() < 0.01
    ours, raw = ((usual.rate - true)[thin] ** 2).mean(), ((value / base - true)[thin] ** 2).mean()
    assert ours < raw / 3
    assert usual.unsure[thin].mean() > 5 * usual.unsure[thick].mean()


def test_how_unsure_a_usual_rate_is_is_told_beside_that_rate():
    """Poisson counts at rates of a gamma distribution: after x of them the relative variance is 1 / (2 + x)."""
    rng = np.random.default_rng(7)
    true = rng.gamma(2.0, 0.5, 40_000)
    base = np.where(np.arange(len(true)) % 2, 2.0, 8.0)
    value = rng.poisson(base * true).astype(float)
    leaves = coded_leaves(pd.DataFrame({"one": np.full(len(true), "all")}), ("one",), 1)
    usual = usual_rates(leaves, value, base, sampled=True, part=False)
    for seen in (0, 2, 4):
        some = (value == seen) & (base == 2)
        assert usual.unsure[some].mean() == pytest.approx(1 / (2 + seen), rel=0.1)
        missed = ((true - usual.rate)[some] / usual.rate[some]) ** 2
        assert usual.unsure[some].mean() == pytest.approx(missed.mean(), rel=0.15)


def test_what_has_no_base_tells_nothing_and_what_came_back_counts_as_none():
    value, base = np.array([20.0, 40, -30, 20]), np.array([100.0, 100, 100, 0])
    usual = usual_rates(LEAVES, value, base, sampled=True, part=True)
    assert ((usual.rate > 0) & (usual.rate < 1)).all()
    assert usual_rates(LEAVES, value, base, sampled=False, part=True).rate[:3] == pytest.approx([0.2, 0.4, 0])
    other = usual_rates(LEAVES, np.array([20.0, 40, 0, 0]), base, sampled=True, part=True)
    assert usual.rate == pytest.approx(other.rate)


@pytest.mark.parametrize("sampled", [True, False])
def test_no_part_is_more_than_the_whole(sampled):
    value, base = np.array([90.0, 99, 50, 108]), np.full(4, 100.0)
    assert usual_rates(LEAVES, value, base, sampled, part=True).rate.max() <= 1


def test_without_any_past_nothing_is_usual():
    usual = usual_rates(LEAVES, np.zeros(4), np.zeros(4), sampled=True, part=True)
    assert usual.rate.tolist() == [0, 0, 0, 0]


def test_both_parts_of_a_spread_are_found():
    rng = np.random.default_rng(3)
    size = rng.lognormal(2, 1.5, 20_000)
    strays = rng.normal(0, np.sqrt(2 / size + 0.09))
    spread = fit_spread(strays**2, 1 / size)
    assert spread.chance == pytest.approx(2, rel=0.1)
    assert spread.own == pytest.approx(0.09, rel=0.1)


def test_logarithms_of_mean_amounts_stray_less_than_their_size_alone_lets_expect():
    # The mean of n lognormal amounts of relative variance c is nearly lognormal itself: log(1 + c / n) (Fenton 1960).
    rng = np.random.default_rng(3)
    size = rng.lognormal(2, 1.5, 20_000)
    strays = rng.normal(0, np.sqrt(np.log1p(2 / size) + 0.09))
    spread = fit_spread(strays**2, 1 / size, logs=True)
    assert spread.chance == pytest.approx(2, rel=0.1)
    assert spread.own == pytest.approx(0.09, rel=0.1)
    assert spread.variance(np.array([1.0, 0.0])) == pytest.approx([np.log(3) + 0.09, 0.09], rel=0.1)


def test_what_is_known_already_is_no_part_of_a_spread():
    rng = np.random.default_rng(4)
    size, known = rng.lognormal(2, 1, 20_000), rng.uniform(0, 0.2, 20_000)
    strays = rng.normal(0, np.sqrt(1 / size + 0.05 + known))
    assert fit_spread(strays**2, 1 / size, known).own == pytest.approx(0.05, rel=0.2)


def test_leaves_of_one_size_show_one_spread_only():
    spread = fit_spread(np.array([1.0, 3.0]), np.array([0.5, 0.5]))
    assert (spread.chance, spread.own) == (4.0, 0.0)


def spread_unlike(seed, product):
    """Leaves of four teams and two products as deviates, of which those of one product are spread otherwise."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"team": list("NSEW") * 500, "product": np.repeat(["A", "B"], 1000)})
    return coded_leaves(frame, ("team", "product"), 1), np.where(frame["product"] == "B", product, 1) * rng.normal(
        size=len(frame)
    )


def test_a_member_that_is_spread_more_widely_gets_a_larger_variance_and_members_alike_get_none():
    leaves, deviates = spread_unlike(5, 2.0)
    wide = widths(leaves, deviates, np.full(len(deviates), True))
    assert wide[-1] / wide[0] == pytest.approx(4, rel=0.2)
    assert np.ptp(wide[:1000]) < 0.2 * wide[0]
    for seed in range(5):
        assert np.abs(widths(*spread_unlike(seed, 1.0), np.full(2000, True)) - 1).max() < 0.1


def test_a_member_that_has_moved_is_no_wider_for_that_and_what_is_in_question_tells_nothing():
    leaves, deviates = spread_unlike(5, 1.0)
    second = np.arange(2000) >= 1000
    assert np.abs(widths(leaves, deviates + 3.0 * second, np.full(2000, True)) - 1).max() < 0.1
    wide = widths(leaves, np.where(second & (leaves.codes["team"] == 0), 50.0, deviates), leaves.codes["team"] > 0)
    assert np.abs(wide - 1).max() < 0.1


def test_where_nothing_strays_or_too_few_leaves_are_there_nothing_is_wider():
    leaves, _ = spread_unlike(5, 1.0)
    assert (widths(leaves, np.zeros(2000), np.full(2000, True)) == 1).all()
    assert (widths(LEAVES, np.array([1.0, -5, 0, 2]), np.full(4, True)) == 1).all()

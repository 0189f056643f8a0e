"""Survival methods against published figures, against what they must be by definition, and on cases worked by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesnb.methods.survival import incidence, kaplan_meier, log_rank

# Freireich et al. (1963), Blood 21, 699-716: weeks of remission of 21 pairs of children, 6-MP and placebo.
MP = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
MP_ENDED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def of(*numbers):
    return np.array(numbers, dtype="float64")


def freireich():
    times = of(*MP, *PLACEBO)
    ended = np.array([*MP_ENDED, *[1] * 21], dtype=bool)
    return times, ended, np.array(["6-MP"] * 21 + ["placebo"] * 21)


def test_freireich_as_published():
    """Klein and Moeschberger, Survival Analysis, 2nd edition, table 4.1."""
    found = kaplan_meier(of(*MP), np.array(MP_ENDED, dtype=bool))
    assert found.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert found.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert found.ended.tolist() == [3, 1, 1, 1, 1, 1, 1]
    assert found.values.round(3).tolist() == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    assert found.errors.round(4).tolist() == [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]


def test_freireich_intervals_as_stata_lists_them():
    """Stata's ``sts list``, whose intervals are those of log(-log) too."""
    found = kaplan_meier(of(*MP), np.array(MP_ENDED, dtype=bool))
    assert found.low.round(4).tolist() == [0.6197, 0.5631, 0.5032, 0.4316, 0.3675, 0.2678, 0.1881]
    assert found.high.round(4).tolist() == [0.9516, 0.9228, 0.8894, 0.8491, 0.8049, 0.7468, 0.6801]
    narrow = kaplan_meier(of(*MP), np.array(MP_ENDED, dtype=bool), confidence=0.5)
    assert (narrow.low > found.low).all()
    assert (narrow.high < found.high).all()


def test_intervals_hold_the_truth_as_often_as_they_say():
    """Deals won or lost at a constant rate each, open ones seen for 40 days: shares not ended and won by day 15."""
    draws, held = np.random.default_rng(12), np.zeros(2)
    for _ in range(600):
        ends, seen = draws.exponential(20, 80), draws.uniform(0, 40, 80)
        kinds = np.where(ends <= seen, np.where(draws.random(80) < 0.4, 1, 2), 0)
        times, day = np.minimum(ends, seen), of(15)
        left, won = kaplan_meier(times, kinds > 0), incidence(times, kinds, 1)
        truth = np.exp(-15 / 20), 0.4 * (1 - np.exp(-15 / 20))
        for place, (curve, share) in enumerate(zip((left, won), truth, strict=True)):
            low, high = curve.interval_at(day)
            held[place] += bool(low[0] <= share <= high[0])
    assert (held / 600 > 0.925).all()
    assert (held / 600 < 0.98).all()


def test_freireich_medians_and_their_intervals():
    """As R's survfit gives them with conf.type = "log-log": 23 (13, not reached) and 8 (4, 11)."""
    treated = kaplan_meier(of(*MP), np.array(MP_ENDED, dtype=bool)).quantile()
    placebo = kaplan_meier(of(*PLACEBO), np.ones(21, dtype=bool)).quantile()
    assert (treated.value, treated.low) == (23, 13)
    assert math.isnan(treated.high)
    assert (placebo.value, placebo.low, placebo.high) == (8, 4, 11)


def test_freireich_log_rank_is_16_793():
    found = log_rank(*freireich())
    assert found.chi_square == pytest.approx(16.793, abs=5e-4)
    assert found.degrees == 1
    assert found.chance == pytest.approx(4.17e-5, rel=2e-3)


def test_nothing_is_left_out_where_all_have_ended():
    """Then the share left is that of cases that ended later, and its error binomial."""
    times = of(3, 1, 4, 1, 5, 9, 2, 6)
    found = kaplan_meier(times, np.ones(8, dtype=bool))
    for at, share, error in zip(found.times, found.values, found.errors, strict=True):
        later = (times > at).mean()
        assert share == pytest.approx(later)
        assert error == pytest.approx(math.sqrt(later * (1 - later) / 8), abs=1e-12)
    assert found.quantile().value == 3
    assert found.at(of(0, 0.5, 1, 4.5, 100)).tolist() == pytest.approx([1, 1, 6 / 8, 3 / 8, 0])


def test_who_comes_under_observation_late_counts_from_there():
    """Three from the start, one seen after day 4 only: at risk 3 on day 2, and 3 again on day 5."""
    found = kaplan_meier(of(2, 5, 8, 6), np.array([1, 1, 0, 1], dtype=bool), of(-1, -1, -1, 4))
    assert found.at_risk.tolist() == [3, 3, 2]
    assert found.values.tolist() == pytest.approx([2 / 3, 4 / 9, 2 / 9])
    unseen = kaplan_meier(of(2, 5, 8, 6, 3), np.array([1, 1, 0, 1, 1], dtype=bool), of(-1, -1, -1, 4, 3))
    assert unseen.values.tolist() == found.values.tolist()  # ended before it was seen


def test_incidence_by_hand():
    """Six cases: won on day 1 and 4, lost on 2 and 4, open on 3 and 5. S: 5/6, 4/6, then 4/6 x 1/3."""
    times, kinds = of(1, 2, 3, 4, 4, 5), np.array([1, 2, 0, 1, 2, 0])
    won, lost = incidence(times, kinds, 1), incidence(times, kinds, 2)
    assert won.times.tolist() == [1, 2, 4]
    assert won.at_risk.tolist() == [6, 5, 3]
    assert won.ended.tolist() == [1, 0, 1]
    assert won.values.tolist() == pytest.approx([1 / 6, 1 / 6, 1 / 6 + 4 / 6 / 3])
    assert lost.values.tolist() == pytest.approx([0, 1 / 6, 1 / 6 + 4 / 6 / 3])
    assert won.at(of(0, 3, 99)).tolist() == pytest.approx([0, 1 / 6, 7 / 18])
    # Day 1 is a share of six: 1/6 x 5/6 / 6.
    assert won.error_at(of(0, 1)).tolist() == pytest.approx([0, math.sqrt(1 / 6 * 5 / 6 / 6)])


def test_incidence_is_a_plain_share_where_nothing_is_open():
    times, kinds = of(1, 2, 2, 3, 5, 8, 13, 21), np.array([1, 2, 1, 2, 1, 1, 2, 1])
    found = incidence(times, kinds, 1)
    for at, share, error in zip(found.times, found.values, found.errors, strict=True):
        plain = ((times <= at) & (kinds == 1)).mean()
        assert share == pytest.approx(plain)
        assert error == pytest.approx(math.sqrt(plain * (1 - plain) / 8), abs=1e-12)


def test_intervals_stay_within_0_and_1():
    rng = np.random.default_rng(5)
    times, kinds = rng.integers(0, 30, 12).astype("float64"), rng.integers(0, 3, 12)
    for found in (kaplan_meier(times, kinds > 0), incidence(times, kinds, 1)):
        known = ~np.isnan(found.low)
        assert known.any()
        assert (found.low[known] >= 0).all()
        assert (found.high[known] <= 1).all()
        assert (found.low[known] < found.values[known]).all()
        assert (found.values[known] < found.high[known]).all()


cases = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 2), st.integers(-1, 8)), min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@given(cases, st.randoms())
def test_shares_of_all_ways_add_up_whatever_the_order(given_cases, random):
    times, kinds, entry = (np.array(c) for c in zip(*given_cases, strict=True))
    entry = np.where(entry < 3, -1, entry).astype("float64")
    left = kaplan_meier(times, kinds > 0, entry)
    ways = [incidence(times, kinds, kind, entry) for kind in (1, 2)]
    assert left.values + ways[0].values + ways[1].values == pytest.approx(np.ones(len(left.times)))
    assert (np.diff(left.values) <= 1e-12).all()
    random.shuffle(given_cases)
    times, kinds, entry = (np.array(c) for c in zip(*given_cases, strict=True))
    again = incidence(times, kinds, 1, np.where(entry < 3, -1, entry))
    assert again.values.tolist() == ways[0].values.tolist()
    assert again.errors.tolist() == ways[0].errors.tolist()


@settings(max_examples=60, deadline=None)
@given(cases)
def test_a_single_way_is_what_kaplan_meier_leaves(given_cases):
    """So one minus Kaplan-Meier is the incidence, with the same error, where nothing else ends a case."""
    times, kinds, entry = (np.array(c) for c in zip(*given_cases, strict=True))
    entry = np.where(entry < 3, -1, entry).astype("float64")
    left, ended = kaplan_meier(times, kinds > 0, entry), incidence(times, (kinds > 0).astype(int), 1, entry)
    assert ended.values == pytest.approx(1 - left.values)
    kept = left.values > 1e-9  # where all at risk have ended, the two forms differ by what cannot be known
    assert ended.errors[kept] == pytest.approx(left.errors[kept], abs=1e-7)


def test_one_minus_kaplan_meier_of_wins_is_no_chance_to_win():
    times, kinds = np.repeat(of(1, 2, 3, 4), 5), np.tile([1, 2, 2, 2, 2], 4)
    naive = 1 - kaplan_meier(times, kinds == 1).values[-1]
    assert naive > 0.35
    assert incidence(times, kinds, 1).values[-1] == pytest.approx(0.2)


def test_log_rank_of_three_groups_by_hand():
    """Nine cases, all ended: observed 3 each, expected by the shares at risk."""
    times = of(1, 4, 7, 2, 5, 8, 3, 6, 9)
    groups = np.repeat([0, 1, 2], 3)
    found = log_rank(times, np.ones(9, dtype=bool), groups)
    expected, variance = np.zeros(3), np.zeros((3, 3))
    for at in range(1, 10):
        risk = np.array([((times >= at) & (groups == g)).sum() for g in range(3)])
        share = risk / risk.sum()
        expected += share
        variance += np.diag(share) - np.outer(share, share)
    apart = (3 - expected)[:2]
    by_hand = apart @ np.linalg.inv(variance[:2, :2]) @ apart
    assert found.degrees == 2
    assert found.chi_square == pytest.approx(by_hand)
    assert found.chance == pytest.approx(math.exp(-by_hand / 2))  # the tail of two degrees


def test_log_rank_without_anything_to_compare():
    alone = log_rank(of(1, 2), np.array([True, True]), np.array(["a", "a"]))
    assert (alone.degrees, alone.chance) == (0, 1.0)
    nothing = log_rank(of(1, 2), np.array([False, False]), np.array(["a", "b"]))
    assert nothing.chance == 1.0


def test_log_rank_raises_few_false_alarms():
    rng, alarms = np.random.default_rng(11), 0
    for _ in range(400):
        times = rng.exponential(10, 60).round()
        groups, late = rng.integers(0, 3, 60), rng.choice([-1.0, 3.0], 60)
        alarms += log_rank(times, rng.random(60) < 0.7, groups, late).chance < 0.05
    assert 8 <= alarms <= 34


def test_no_case_and_holes():
    empty = kaplan_meier(of(), np.array([], dtype=bool))
    assert math.isnan(empty.quantile().value)
    assert empty.at(of(3)).tolist() == [1.0]
    with pytest.raises(ValueError, match="known"):
        kaplan_meier(of(1, math.nan), np.array([True, True]))

"""What is normal for a slice: calibrated on noise, shifted by habits and seasons, read on a skew distribution."""

import numpy as np
import pytest

from salesnb.methods.over_time.variation import FEWEST, normal, standing_out, weakest


def sums(seed, bins=24, customers=40, share=0.3):
    """Poisson numbers of orders of lognormal size, of a slice and of the rest; one bin more than the past."""
    random = np.random.default_rng(seed)
    counts = random.poisson([[customers * share], [customers * (1 - share)]], (bins + 1, 2, 1))[..., 0]
    ours, rest = (np.array([random.lognormal(0, 0.6, n).sum() for n in counts[:, side]]) for side in (0, 1))
    return ours, ours + rest


def test_a_steady_slice_has_its_usual_ratio_and_little_spread():
    ours, whole = np.full(24, 30.0), np.full(24, 100.0)
    own = normal(ours, whole, lumps=1.0)
    assert own.rate == pytest.approx(30 / 70)
    assert own.square < 0.5  # the lumps alone would make it 1
    assert own.lasting(30.0, 70.0, 1) == pytest.approx(0.0)


def test_strays_are_as_large_as_claimed():
    """Of 400 periods of noise the one after stands out by two deviations in about one of twenty."""
    seen = []
    for seed in range(400):
        ours, whole = sums(seed)
        own = normal(ours[:-1], whole[:-1], lumps=np.exp(1.5 * 0.36))
        seen.append(own.lasting(ours[-1], whole[-1] - ours[-1], 1))
    assert 0.85 < np.std(seen) < 1.1
    assert np.mean(np.abs(seen) > 2) < 0.07


def test_several_bins_together_show_a_lasting_fall():
    ours, whole = sums(7)
    own = normal(ours[:-1], whole[:-1], lumps=1.7)
    ours = ours.copy()
    ours[-4:] *= 0.6
    whole = whole.copy()
    fallen = normal(ours[:-1], whole[:-1], lumps=1.7)
    rest = whole[-1] - ours[-1]
    assert fallen.lasting(ours[-1], rest, 4) < fallen.lasting(ours[-1], rest, 1) < 0
    assert fallen.lasting(ours[-1], rest, 4) < own.lasting(ours[-1] / 0.6, rest, 4) - 2


def test_too_short_or_empty_a_past_tells_nothing():
    assert normal(np.ones(2 * FEWEST - 1), np.full(2 * FEWEST - 1, 3.0), 1.0) is None
    assert normal(np.zeros(24), np.full(24, 3.0), 1.0) is None
    assert normal(np.full(24, 3.0), np.full(24, 3.0), 1.0) is None  # the whole has no rest


def test_a_rush_at_every_quarter_end_is_a_habit():
    cycle = np.arange(24) % 3
    ours = np.where(cycle == 2, 60.0, 30.0)
    own = normal(ours, np.full(24, 100.0) + (ours - 30), lumps=1.0, cycle=cycle)
    assert own.habits[2] > 0 > own.habits[0]
    assert own.season(np.zeros(24, dtype=bool), 1, 2) == own.habits[2]
    assert np.nanstd(own.strays) < abs(own.habits[2])


def test_what_last_year_did_in_the_same_month_is_its_season():
    ours = np.full(24, 30.0)
    ours[12] = 60.0
    bins = np.arange(24) == 12
    own = normal(ours, np.full(24, 100.0) + (ours - 30), lumps=1.0)
    assert own.season(bins, 1, 0) == pytest.approx(0.8 * own.strays[12] + own.habits[0])


def test_a_single_large_amount_stands_out_less_than_a_normal_curve_says():
    assert standing_out(9.0, 1.0, 1.0) < 4.0 < 8.0
    assert standing_out(0.0, 9.0, 3.0) == -3.0
    assert standing_out(101.0, 100.0, 1.0) == pytest.approx(1.0, abs=0.05)
    values = [standing_out(v, 1.0, 1.0) for v in np.linspace(1.0, 20.0, 50)]
    assert values == sorted(values)


def test_weakest_is_what_holds_either_way():
    assert weakest([3.0, 1.0]) == 1.0
    assert weakest([-3.0, -1.0]) == -1.0
    assert weakest([3.0, -1.0]) == 0.0


def test_what_lasts_is_held_against_the_drift_that_the_past_has_shown():
    """A share that wanders off and back for months surprises less when it lies off for four than one that jumps."""
    jumping = 100.0 + 20 * np.tile([1.0, -1.0], 12)
    wandering = 100.0 + 20 * np.tile([1.0] * 4 + [-1.0] * 4, 3)
    low = []
    for past in (jumping, wandering):
        ours = np.append(past, [60.0] * 3)  # with the last bin four that lie low
        found = normal(ours, np.full(27, 1000.0) + ours, lumps=1.0)
        assert found is not None
        low.append(found.lasting(60.0, 1000.0, 4))
    assert low[0] < 1.15 * low[1] < 0

"""How far slices stray from their own past: what is expected, normal, seasonal; and how rarely noise surprises."""

from dataclasses import replace

import numpy as np
import pytest

from salesnb.methods.over_time.straying import (
    BACK,
    FEWEST,
    PAST,
    SEASON,
    Sums,
    _drifting,
    _season_before,
    deviance,
    judge,
    seasonal,
    strays,
)

BINS = 37


def sums(values, bases=None, sizes=None, squares=None):
    values = np.atleast_2d(np.asarray(values, dtype=float))
    bases = np.full(values.shape, 100.0) if bases is None else np.atleast_2d(np.asarray(bases, dtype=float))
    return Sums(values, bases, values if sizes is None else np.atleast_2d(sizes), squares)


def judged(of, start, counts=False):
    return judge(of, strays(of), start, np.ones(len(of.values), dtype=bool), counts)


def without_season(values, bases=100.0, squares=None):
    """Sums of slices of which nothing is known in the bin a season before the last: it is not asked."""
    values = np.atleast_2d(np.asarray(values, dtype=float)).copy()
    bases = np.broadcast_to(np.asarray(bases, dtype=float), values.shape).copy()
    values[:, -1 - SEASON], bases[:, -1 - SEASON] = 0.0, 0.0
    return sums(values, bases, squares=squares)


def test_the_deviance_of_counts_by_hand():
    """Poisson: the sign of the difference times the root of 2 (a ln(a / e) - (a - e))."""
    assert deviance(np.array([4.0]), np.array([9.0]))[0] == pytest.approx(-np.sqrt(2 * (4 * np.log(4 / 9) + 5)))
    assert deviance(np.array([0.0]), np.array([8.0]))[0] == pytest.approx(-4.0)
    assert deviance(np.array([9.0, -3.0, 5.0]), np.array([9.0, 2.0, 0.0])).tolist() == [0.0, -2.0, 0.0]
    # Near its expectation it is the plain difference in units of the root of it.
    assert deviance(np.array([10_100.0]), np.array([10_000.0]))[0] == pytest.approx(1.0, rel=0.01)


def test_the_usual_ratio_is_that_of_the_last_twelve_bins_before():
    values, bases = np.zeros(20), np.full(20, 10.0)
    values[:6], values[6:18], values[18:] = 100.0, 2.0, 50.0
    of = sums(values, bases, sizes=values * 7)
    assert of.rate(18).tolist() == [0.2]
    assert of.rate(2).tolist() == [10.0]
    assert of.rate(0).tolist() == [0.0]
    assert of.worth(18).tolist() == [7.0]
    assert sums(np.zeros(20), np.zeros(20)).rate(18).tolist() == [0.0]


def test_a_bin_strays_from_what_the_bins_before_it_let_expect():
    values = np.full(15, 20.0)
    values[10] = 12.0
    found = strays(sums(values))[0]
    assert np.isnan(found[:FEWEST]).all()
    assert found[FEWEST:10].tolist() == [0.0] * (10 - FEWEST)
    assert found[10] == pytest.approx(deviance(np.array([12.0]), np.array([20.0]))[0])
    assert found[11] == pytest.approx(deviance(np.array([20.0]), np.array([20.0 - 8 / 11]))[0])


def test_noise_is_as_surprising_as_its_chance_says():
    """Slices of Poisson counts: a chance below a twentieth or a hundredth comes about as often, at most."""
    draws, chances, looked = np.random.default_rng(3), [], 0
    for _ in range(40):
        found = judged(without_season(draws.poisson(30.0, (30, 25)), 300.0), 24, counts=True)
        looked += len(found.looked)
        chances += found.chance[found.surprise < 0].tolist()
    assert looked == 1200
    assert np.mean(np.array(chances) < 0.05) * len(chances) / looked < 0.06
    assert np.mean(np.array(chances) < 0.01) * len(chances) / looked < 0.015


def test_a_fall_is_told_with_what_was_expected_and_what_it_was_worth():
    draws = np.random.default_rng(4)
    values = draws.poisson(40.0, (8, 25)).astype(float)
    values[2, -1] = 8.0
    of = sums(values, np.full((8, 25), 400.0), sizes=values * 50)
    found = judged(of, 24, counts=True)
    place = found.rows.tolist().index(2)
    assert found.surprise[place] < -4
    assert found.chance[place] < 1e-4
    assert found.actual[place] == 8.0
    assert found.expected[place] == pytest.approx(values[2, 12:24].mean())
    assert found.worth[place] == pytest.approx(50.0)
    assert found.over[place].tolist() == pytest.approx([8.0, values[2, 12:24].mean()])


def yearly(fall):
    """Slices of 60, the first of which has ``fall`` in every twelfth bin, the last one included."""
    values = np.full((6, BINS), 60.0) + np.random.default_rng(5).normal(0, 2.0, (6, BINS))
    values[0, BINS - 1 :: -SEASON] *= fall
    return values


def test_what_comes_with_every_season_is_no_surprise():
    assert 0 not in judged(sums(yearly(0.5)), BINS - 1).rows
    once = yearly(1.0)
    once[0, -1] *= 0.5
    assert 0 in judged(sums(once), BINS - 1).rows
    deeper = yearly(0.7)
    deeper[0, -1] *= 0.3
    assert 0 in judged(sums(deeper), BINS - 1).rows  # further than in the season before
    risen = yearly(0.5)
    risen[0, -1] *= 4
    assert judged(sums(risen), BINS - 1).surprise[judged(sums(risen), BINS - 1).rows.tolist().index(0)] > 0


def test_of_few_events_no_past_proves_that_they_come_regularly():
    """Four every month, then none: never normal by the past, but one in 55 by chance."""
    counted = judged(without_season(np.append(np.full(24, 4.0), 0.0)), 24, counts=True)
    assert -2.9 < counted.surprise[0] < -2.5  # the root of 8, and that the past varies too
    many = judged(without_season(np.append(np.full(24, 400.0), 300.0)), 24, counts=True)
    assert many.surprise[0] < -10
    assert not len(judged(sums(np.append(np.full(24, 3.0), 0.0)), 24, counts=True).looked)


def test_values_in_lumps_may_miss_one_of_some():
    """One payment makes all of the month: that it is missing is less of a surprise than one of a hundred."""
    paid, due = np.append(np.full(24, 95.0), 60.0), np.full(25, 100.0)
    one, many = (
        judge(of, strays(of), 24, np.ones(1, dtype=bool), counts=False)
        for of in (without_season(paid, due, np.full((1, 25), size)) for size in (100.0**2, 100.0))
    )
    assert many.surprise[0] < 3 * one.surprise[0] < 0
    # A fifth of one payment of 100, against a fall of some 3.7 in units of the root.
    assert one.surprise[0] == pytest.approx(-3.9 / (0.2 * 10) / np.sqrt(1 + 1 / BACK), rel=0.08)


def test_what_is_normal_is_learnt_from_the_last_bins_only():
    draws = np.random.default_rng(6)
    values = draws.normal(500.0, 3.0, (6, 60))
    values[:, : 60 - PAST - 12] = draws.normal(500.0, 120.0, (6, 60 - PAST - 12))
    values[1, -1] = 430.0
    found = judged(sums(values, np.full((6, 60), 5000.0)), 59)
    assert found.surprise[found.rows.tolist().index(1)] < -5


def test_a_season_corrects_what_is_expected_and_a_flat_past_nothing():
    flat = sums(np.random.default_rng(7).normal(60.0, 1.0, (3, BINS)))
    assert seasonal(flat, BINS - 1, None) == pytest.approx(np.ones(3), abs=0.03)
    dip = np.full((1, BINS), 60.0) + np.random.default_rng(8).normal(0, 0.5, (1, BINS))
    dip[0, BINS - 1 :: -SEASON] = 30.0
    factor = seasonal(sums(dip), BINS - 1, None)[0]
    assert 0.4 < factor <= 1.0
    waves = 60.0 + 25.0 * np.sin(2 * np.pi * np.arange(BINS) / SEASON)
    rate = sums(waves).rate(BINS - 1)[0] * 100.0
    assert seasonal(sums(waves), BINS - 1, None)[0] * rate == pytest.approx(waves[-1], rel=0.02)
    short = sums(np.full((2, SEASON + FEWEST - 1), 9.0))
    assert seasonal(short, SEASON + FEWEST - 2, None).tolist() == [1.0, 1.0]


def test_a_steady_slice_goes_by_the_working_days():
    """It sells 3 a day, whatever all else does: of eighteen days 54 are to be expected."""
    draws = np.random.default_rng(9)
    days = draws.integers(18, 24, BINS).astype(float)
    days[-1] = 18.0
    values, bases = 3.0 * days, 1000.0 * (1 + 0.3 * draws.random(BINS))
    of = sums(values, bases)
    plain = of.rate(BINS - 1)[0] * bases[-1]
    corrected = plain * seasonal(of, BINS - 1, days)[0]
    assert abs(corrected - 54.0) < 0.35 * abs(plain - 54.0)


@pytest.mark.parametrize("count", [1, 2, 3, 5])
@pytest.mark.filterwarnings("error")
def test_few_slices_holes_and_returns_do_no_harm(count):
    draws = np.random.default_rng(count)
    values = draws.poisson(6.0, (count, 30)).astype(float)
    values[:, 4:12:3], values[0, 7], values[-1, 20] = 0.0, -5.0, -40.0
    bases = np.where(draws.random((count, 30)) < 0.1, 0.0, 50.0)
    for counts in (True, False):
        found = judged(sums(values, bases), 28, counts=counts)
        for told in (found.surprise, found.chance, found.expected, found.normal, found.worth):
            assert np.isfinite(told).all()
        assert ((found.chance >= 0) & (found.chance <= 1)).all()


def drawn(seed: int, drift: float, rows: int = 30, bins: int = 25) -> Sums:
    """Counts of about 100 a bin, whose level is that of the bin before, but for a drift."""
    draws = np.random.default_rng(seed)
    level = np.exp(np.cumsum(draws.normal(0, drift, (rows, bins)), axis=1))
    values = draws.poisson(100 * level).astype(float)
    return Sums(values, np.broadcast_to(np.full(bins, 1000.0), values.shape), values)


def test_runs_of_bins_are_allowed_the_drift_that_the_past_has_shown():
    """Where levels drift by 6 % a bin, four bins together stray further than by chance; where they do not, hardly."""
    none, some = (float(np.mean([_drifting(drawn(seed, drift), 21) for seed in range(8)])) for drift in (0.0, 0.06))
    assert 1.0 <= none < 1.2
    assert 1.5 < some < 2.5
    assert _drifting(drawn(1, 0.06), 24).tolist() == [1.0] * 30  # a single bin is no run


def test_a_fall_of_the_last_bins_is_no_drift():
    """What is judged is not learnt from."""
    steady = drawn(3, 0.0)
    fallen = steady.values.copy()
    fallen[:, -4:] *= 0.5
    found = (_drifting(of, 21) for of in (Sums(fallen, steady.bases, fallen), steady))
    np.testing.assert_array_equal(*found)


def test_a_single_customer_is_no_share_that_drifts():
    """Nobody comes to it and nobody leaves it, and it tells nothing of slices that customers come to and leave."""
    of = drawn(1, 0.06)
    single = np.arange(30) < 10
    some = _drifting(Sums(of.values, of.bases, of.sizes, single=single), 21)
    assert some[:10].tolist() == [1.0] * 10
    np.testing.assert_allclose(some[10:], _drifting(of.at(np.arange(10, 30)), 21))


def test_a_quarter_after_months_is_held_against_the_same_quarter_of_the_year_before():
    """24 months of 10 of 100, but 40 in each July; then a quarter, July to September, of 60 of 300 as a year before."""
    months = np.where(np.arange(24) % 12 == 0, 40.0, 10.0)  # the history begins with a July
    of = sums(np.append(months, 60.0), np.append(np.full(24, 100.0), 300.0))
    quarter = replace(of, length=3)
    assert _season_before(quarter).tolist() == pytest.approx([0.2])
    assert _season_before(of).tolist() == pytest.approx([0.4])  # as if it were a July
    expected = quarter.rate(24)[0] * 300  # 150 of 1200 a year: 37.5 in three months
    assert seasonal(quarter, 24, None)[0] * expected == pytest.approx(60.0)
    judged_ = judge(quarter, strays(quarter), 24, np.array([True]), False)
    assert not len(judged_.rows)  # a habit of the season


def test_a_longer_bin_is_allowed_the_drift_of_as_many():
    """Without drift a quarter strays like a month in units of its expectation; with drift it does not."""
    of = drawn(1, 0.06, bins=26)
    assert (_drifting(of, 25) == 1.0).all()
    assert _drifting(replace(of, length=4), 25).tolist() == pytest.approx(
        _drifting(Sums(of.values[:, :-1], of.bases[:, :-1], of.sizes[:, :-1], length=4), 24).tolist(), rel=0.5
    )
    assert (_drifting(replace(of, length=4), 25) > 1.2).mean() > 0.9

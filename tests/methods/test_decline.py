"""Runs below a base of the same season: textbook quantiles, false alarms on noise, and falls that are found."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from salesnb.methods.over_time.decline import LEAST, chance_fewer, decline, dispersion, fallen, run_below


@pytest.mark.parametrize(
    ("ratios", "run"), [((), 0), ((1.1, 0.9, 0.8), 2), ((0.9, 1.0), 0), ((0.9, math.nan, 0.8), 1), ((0.9, math.nan), 0)]
)
def test_a_run_ends_where_it_is_not_below_or_not_known(ratios, run):
    assert run_below(ratios) == run


def test_too_few_comparisons_tell_nothing():
    assert decline([0.5] * (LEAST - 1)) is None
    assert decline([math.nan] * 20) is None


def test_a_fall_worked_out_by_hand():
    """Ten months in turn as last year and a tenth above; the step down to a fifth below is not among the scatter."""
    found = decline([1.0, 1.1] * 5 + [0.8, 0.8])
    assert found is not None
    assert found.run == 2
    assert found.usual == pytest.approx(math.sqrt(1.1) - 1)
    assert found.change == pytest.approx(-0.2)
    assert found.scatter == pytest.approx(math.log(1.1) * math.sqrt(9 / 10 / 2))
    assert found.beyond


def test_one_month_is_no_decline_however_deep():
    found = decline([1.0] * 11 + [0.3])
    assert found is not None
    assert found.run == 1
    assert not found.beyond


def test_a_month_without_any_sales_counts_as_very_low():
    found = decline([1.02, 0.98, 1.01, 1.0, 0.99, 1.01, 0.0, 0.0])
    assert found is not None
    assert found.run == 2


def test_a_steady_decline_is_found_by_its_length():
    draws = np.random.default_rng(5)
    ratios = np.exp(-0.08 + draws.normal(0, 0.03, 14))
    found = decline(list(ratios))
    assert found is not None
    assert found.beyond


def test_growth_that_turned_is_worse_than_it_looks():
    """Three per cent below last year is little, unless a fifth more was usual."""
    draws = np.random.default_rng(6)
    noise = np.exp(draws.normal(0, 0.02, 14))
    flat, grown = noise.copy(), noise * 1.2
    flat[-2:] = grown[-2:] = 0.97
    assert not decline(list(flat)).beyond
    assert decline(list(grown)).beyond


@pytest.mark.parametrize("growth", [0.0, 0.08])
@pytest.mark.parametrize("count", [6, 9, 14])
def test_noise_alone_is_called_a_decline_about_once_in_a_hundred(growth, count):
    draws = np.random.default_rng([count, round(100 * growth)])
    series = np.exp(growth + draws.normal(0, 0.1, (2_000, count)))
    alarms = sum(found.beyond for one in series if (found := decline(list(one))))
    assert alarms / len(series) <= 0.01


def test_what_comes_in_swells_is_called_a_decline_less_often_than_its_steps_alone_would():
    """Neighbours correlated by a half: judged by the steps between them, one in ten would be called a decline."""
    draws = np.random.default_rng(14)
    series = [draws.normal(0, 0.1, 4_000)]
    for _ in range(13):
        series.append(0.5 * series[-1] + np.sqrt(0.75) * draws.normal(0, 0.1, 4_000))
    alarms = sum(decline(list(one)).beyond for one in np.exp(np.array(series).T))
    assert alarms / 4_000 <= 0.075


def test_two_months_a_quarter_below_are_found_where_a_year_is_known():
    draws = np.random.default_rng(8)
    series = draws.normal(0, 0.1, (500, 14))
    series[:, -2:] -= 0.4
    found = sum(one.beyond for logs in series if (one := decline(list(np.exp(logs)))))
    assert found / len(series) > 0.7


def test_a_rate_that_fell_further_than_its_months_differ():
    before = [20.0, 21.0, 19.0, 20.5, 19.5, 20.0]
    assert fallen(15.0, before)
    assert not fallen(19.0, before)
    assert not fallen(25.0, before)
    assert not fallen(0.0, before[: LEAST - 1])
    assert not fallen(math.nan, before)


def test_a_part_of_a_month_must_fall_further():
    before = [20.0, 22.0, 18.0, 21.0, 19.0, 20.0]
    assert fallen(11.5, before)
    assert not fallen(11.5, before, share=0.2)


def test_rates_that_did_not_fall_are_rarely_called_fallen():
    draws = np.random.default_rng(9)
    series = draws.normal(20, 1.5, (4_000, 13))
    alarms = sum(fallen(float(one[-1]), list(one[:-1]), chance=0.01) for one in series)
    assert 0.004 < alarms / len(series) < 0.016


def test_dispersion_is_pooled_by_hand():
    """Squares over means: 2 / 10 of the first, 8 / 4 of the second, on one degree of freedom each."""
    found = dispersion([[9.0, 11.0], [2.0, math.nan, 6.0], [5.0], [0.0, 0.0]])
    assert found.freedom == 2
    assert found.ratio == pytest.approx((2 / 10 + 8 / 4) / 2)
    assert dispersion([]).freedom == 0


def test_a_pooled_dispersion_finds_what_a_single_series_is_too_short_for():
    draws = np.random.default_rng(12)
    series = [list(draws.poisson(85, 12) / 4.0) for _ in range(6)]
    usual = dispersion(series)
    assert usual.ratio == pytest.approx(0.25, rel=0.4)
    assert all(fallen(10.6, one, usual, chance=0.0005) for one in series)
    assert not any(fallen(one[0], one[1:], usual, chance=0.0005) for one in series)


def test_so_few_events_by_the_conditional_binomial():
    assert chance_fewer(0, 5, 0.5) == pytest.approx(1 / 32)
    assert chance_fewer(1, 4, 0.5) == pytest.approx(6 / 32)
    assert chance_fewer(0, 0, 0.5) == 1.0
    assert chance_fewer(3, 4, 1.0) == 1.0
    assert chance_fewer(11, 53, 0.5) < 1e-6


def test_very_many_events_are_no_obstacle():
    """As the normal curve has it, with half an event for continuity: (900.5 - 1050) / sqrt(525)."""
    assert chance_fewer(1_000, 1_100, 0.5) == pytest.approx(0.01541, rel=0.005)
    assert chance_fewer(900, 1_200, 0.5) == pytest.approx(NormalDist().cdf(-149.5 / 525**0.5), rel=0.1)
    assert chance_fewer(60_000, 60_000, 0.5) == pytest.approx(0.5, abs=0.002)
    assert chance_fewer(0, 100_000, 0.5) == 0.0

"""Rates of few cases against textbook values."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesnb.methods.rates import chance_alike, chance_equal, difference, furthest, holm, surest, wilson

# Newcombe 1998 (Statistics in Medicine 17:857), table I, method 3: the score interval without correction.
NEWCOMBE_ONE = [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
# Newcombe 1998 (17:873), table II, method 10.
NEWCOMBE_TWO = [
    ((56, 70), (48, 80), 0.0524, 0.3339),
    ((9, 10), (3, 10), 0.1705, 0.8090),
    ((6, 7), (2, 7), 0.0582, 0.8062),
    ((5, 56), (0, 29), -0.0381, 0.1926),
    ((0, 10), (0, 20), -0.1611, 0.2775),
    ((10, 10), (0, 20), 0.6791, 1.0),
]


@pytest.mark.parametrize(("hits", "cases", "low", "high"), NEWCOMBE_ONE)
def test_the_interval_of_one_rate_is_that_of_the_textbook(hits, cases, low, high):
    found = wilson(hits, cases)
    assert float(found.low) == pytest.approx(low, abs=5e-5)
    assert float(found.high) == pytest.approx(high, abs=5e-5)


@pytest.mark.parametrize(("first", "second", "low", "high"), NEWCOMBE_TWO)
def test_the_interval_of_a_difference_is_that_of_the_textbook(first, second, low, high):
    found = difference(first, second)
    assert float(found.low) == pytest.approx(low, abs=5e-5)
    assert float(found.high) == pytest.approx(high, abs=5e-5)


def test_no_cases_give_no_interval_and_no_chance():
    found = wilson([0, 3], [0, 3])
    assert np.isnan(found.low[0])
    assert np.isnan(found.high[0])
    assert found.high[1] == 1.0
    assert math.isnan(float(difference((0, 0), (1, 2)).low))
    assert math.isnan(chance_equal((0, 0), (1, 2)))


def test_large_samples_are_judged_by_the_pooled_score():
    # Half of 100 against 35 of 100: z = 0.15 / sqrt(0.425 x 0.575 x 0.02) = 2.1455.
    assert chance_equal((50, 100), (35, 100)) == pytest.approx(0.0319, abs=5e-5)
    assert chance_equal((50, 100), (50, 100)) == 1.0


def test_small_samples_are_judged_exactly():
    # Fisher's tea: three of four and one of four guessed; 1 + 16 + 16 + 1 of 70 tables are no likelier.
    assert chance_equal((3, 4), (1, 4)) == pytest.approx(34 / 70)
    # Eight of ten against one of six: 400 of 11440 tables.
    assert chance_equal((8, 10), (1, 6)) == pytest.approx(400 / 11440)
    assert chance_equal((0, 3), (0, 4)) == chance_equal((3, 3), (4, 4)) == 1.0
    # Sums of thirds come out a hair beside the whole number they are.
    assert chance_equal((3 - 1e-12, 4), (1 + 1e-12, 4)) == pytest.approx(34 / 70)


def test_several_looks_cost_something():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    found = holm([math.nan, 0.2, 0.9])
    assert math.isnan(found[0])
    assert found[1:] == pytest.approx([0.4, 0.9])
    assert holm([]) == []


def test_what_differs_by_more_than_chance_is_named_on_the_side_asked_for_the_surest_first():
    pairs = [((50, 100), (50, 100)), ((80, 100), (50, 100)), None, ((90, 100), (50, 100)), ((1, 100), (50, 100)),
             ((3, 0), (1, 2)), ((3, 4), (1, 4))]  # fmt: skip
    assert surest(pairs, higher=True) == [3, 1]
    assert surest(pairs, higher=False) == [4]
    assert surest([], higher=True) == []


def test_of_many_alike_one_is_named_at_most_as_often_as_said():
    draws, named, shares = np.random.default_rng(11), 0, [0.4, 0.25, 0.15, 0.1, 0.07, 0.03]
    for _ in range(1000):
        hits, earlier = draws.multinomial(60, shares), draws.multinomial(240, shares)
        pairs = [((float(a), 60.0), (float(b), 240.0)) for a, b in zip(hits, earlier, strict=True)]
        named += bool(surest(pairs, higher=True))
    assert named <= 15  # at most 10 of 1000 are to be expected; one side of them is asked for


counts = st.tuples(st.integers(0, 60), st.integers(1, 60)).map(lambda pair: (min(pair), pair[1]))


@given(counts, counts)
def test_bounds_enclose_and_sides_may_be_swapped(first, second):
    low, high = (float(v) for v in wilson(*first))
    assert 0 <= low <= first[0] / first[1] <= high <= 1
    there, back = difference(first, second), difference(second, first)
    change = first[0] / first[1] - second[0] / second[1]
    assert float(there.low) <= change + 1e-12
    assert change <= float(there.high) + 1e-12
    assert float(there.low) == pytest.approx(-float(back.high))
    assert chance_equal(first, second) == pytest.approx(chance_equal(second, first))
    assert 0 < chance_equal(first, second) <= 1


def test_equal_rates_are_called_different_no_oftener_than_said():
    draws = np.random.default_rng(20250930)
    for share, n, m in ((0.3, 40, 60), (0.1, 25, 90), (0.5, 12, 12)):
        first, second = draws.binomial(n, share, 2000), draws.binomial(m, share, 2000)
        called = np.mean([chance_equal((int(a), n), (int(b), m)) < 0.05 for a, b in zip(first, second, strict=True)])
        assert called < 0.065


def test_the_interval_covers_the_truth_as_often_as_said():
    draws = np.random.default_rng(7)
    for share, n in ((0.1, 40), (0.5, 20), (0.8, 75)):
        found = wilson(draws.binomial(n, share, 4000), n)
        assert 0.93 < np.mean((found.low <= share) & (share <= found.high)) < 0.98


def test_of_several_rates_the_two_that_differ_most_surely_are_named_the_higher_first():
    # 88 of 2,195 and 11 of 1,213 differ, and 2 of 38, the highest of all, differs from neither surely.
    assert furthest([(2, 38), (11, 1213), (88, 2195)]) == (2, 1)
    assert furthest([(0, 10), (1, 10)]) is None
    assert furthest([(10, 20), (18, 20)]) is None  # 0.014
    assert furthest([(30, 100), (50, 100)]) == (1, 0)  # 0.004
    assert furthest([(30, 100), (50, 100), *[(40, 100)] * 6]) is None  # one of 28 pairs
    assert furthest([(1, 2)]) is furthest([]) is furthest([(0, 0), (1, 2)]) is None


def test_rates_are_alike_where_all_together_differ_no_more_than_chance():
    assert chance_alike([(50, 100), (50, 100)]) > 0.9
    # 16 on 4 degrees of freedom: 9 exp(-8).
    five = [(40, 100), (60, 100), (40, 100), (60, 100), (50, 100)]
    assert chance_alike(five) == pytest.approx(9 * math.exp(-8), rel=0.1)
    assert chance_alike([(1, 2)]) == chance_alike([]) == chance_alike([(0, 3), (0, 4)]) == 1.0

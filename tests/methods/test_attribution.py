"""Parts of a change add up to it, in the smallest unit, whatever the order of factors and rows."""

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesnb.methods.attribution import change_table, logarithmic_mean, mix_change, product_change, to_whole

factor = st.floats(0.01, 1e4)
any_factor = st.one_of(st.just(0.0), st.floats(-1e3, 1e3).map(lambda x: round(x, 4)))


def test_close_rate_that_fell_because_fewer_proposals_went_out():
    # A fifth fewer proposals per opportunity; the close rate went from 20 % to 17 %.
    before, after = [1.0, 0.20], [0.8, 0.17 / 0.8]
    proposals, wins = product_change(before, after)
    relative = 0.17 / 0.20 - 1
    assert relative == pytest.approx(-0.15)
    assert proposals + wins == pytest.approx(-0.03)
    assert round(100 * proposals, 2) == -4.12
    assert round(100 * wins, 2) == 1.12


def test_a_hand_worked_product():
    # 10 x 5 = 50 -> 20 x 5 = 100: all of it lies in the first factor.
    assert product_change([10, 5], [20, 5]) == pytest.approx([50, 0])


@pytest.mark.parametrize("apart", [1e-3, 1e-6, 1e-9, 1e-11, 2e-12, 1e-14, 0.0])
def test_the_logarithmic_mean_of_two_that_hardly_differ_is_their_middle(apart):
    one, other = 1e6, 1e6 * (1 + apart)
    # Its series: a (1 + d / 2 - d^2 / 12 + ...).
    assert logarithmic_mean(one, other) == pytest.approx(1e6 * (1 + apart / 2 - apart**2 / 12), rel=1e-10)
    assert logarithmic_mean(other, one) == pytest.approx(logarithmic_mean(one, other), rel=1e-15)


@settings(deadline=None)
@given(st.lists(factor, min_size=3, max_size=3), st.lists(factor, min_size=2, max_size=2), st.integers(-9, 9))
def test_factors_that_make_up_for_each_other_get_parts_that_do_not_depend_on_their_order(before, changed, hair):
    """The product hardly moves, so rounding must not decide how large the parts are."""
    last = before[0] * before[1] * before[2] / (changed[0] * changed[1]) * (1 + hair * 1e-12)
    after = [*changed, last]
    parts = product_change(before, after)
    assert product_change(before[::-1], after[::-1])[::-1] == pytest.approx(
        parts, rel=1e-9, abs=1e-9 * max(map(abs, parts))
    )


def test_shapley_where_a_factor_vanishes():
    # 2 x 3 = 6 -> 0 x 5: half of the orders of substitution meet the second factor while the first is still 2.
    assert product_change([2, 3], [0, 5]) == pytest.approx([-8.0, 2.0])


def test_what_does_not_exist_on_one_side_bears_nothing():
    # No customers before: orders per customer and their value did not exist, so customers bear the whole change.
    parts = product_change([0.0, math.nan, math.nan], [4.0, 2.0, 100.0])
    assert parts == pytest.approx([800.0, 0.0, 0.0])


@settings(deadline=None)
@given(st.lists(st.tuples(factor, factor), min_size=2, max_size=4))
def test_parts_add_up_and_do_not_depend_on_the_order(pairs):
    before, after = [a for a, _ in pairs], [b for _, b in pairs]
    parts = product_change(before, after)
    scale = max(math.prod(before), math.prod(after))
    assert sum(parts) == pytest.approx(math.prod(after) - math.prod(before), abs=1e-7 * scale)
    assert product_change(before[::-1], after[::-1])[::-1] == pytest.approx(parts, abs=1e-7 * scale)


@settings(deadline=None)
@given(st.lists(st.tuples(any_factor, any_factor), min_size=2, max_size=4))
def test_parts_add_up_with_zeros_and_signs(pairs):
    before, after = [a for a, _ in pairs], [b for _, b in pairs]
    size = math.prod(1 + max(abs(a), abs(b)) for a, b in pairs)
    change = math.prod(after) - math.prod(before)
    assert sum(product_change(before, after)) == pytest.approx(change, abs=1e-9 * size)


def test_whole_parts_by_largest_remainder():
    assert to_whole([1.6, 2.7, -1.3], 3) == [1, 3, -1]


def test_parts_of_another_total_are_refused():
    with pytest.raises(ValueError, match=r"add up to 3\.0, not to 9"):
        to_whole([1.0, 2.0], 9)


@settings(deadline=None)
@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=12))
def test_whole_parts_make_the_total_and_stay_near(parts):
    total = round(sum(parts))
    whole = to_whole(parts, total)
    assert sum(whole) == total
    assert all(abs(w - p) <= 2 for w, p in zip(whole, parts, strict=True))


def test_a_change_table_is_exact_to_the_smallest_unit():
    before = pd.Series({"a": 3.0, "b": 7.0, "c": 1.1, "all": 23.1})
    after = pd.Series({"a": 4.0, "b": 6.0, "c": 1.3, "all": 31.2})
    table = change_table(before, after, ["a", "b", "c"], "all", 10_000)
    assert sum(round(effect * 10_000) for effect in table["effect"]) == 81_000


def test_price_volume_mix_worked_by_hand():
    # A: 10 at 10 -> 12 at 11; B: 10 at 20 -> 18 at 19. Average price before 15, units 20 -> 30.
    items = pd.DataFrame(
        {
            "quantity_before": [10.0, 10.0], "amount_before": [100.0, 200.0],
            "quantity_after": [12.0, 18.0], "amount_after": [132.0, 342.0],
        }
    )  # fmt: skip
    parts = mix_change(items)
    assert parts["volume"] == pytest.approx(150.0)  # 10 more units at 15
    assert parts["mix"] == pytest.approx(30.0)  # (12 - 15) x (10 - 15) + (18 - 15) x (20 - 15)
    assert parts["price"] == pytest.approx(-6.0)  # 1 x 12 - 1 x 18
    assert sum(parts.values()) == pytest.approx(474 - 300)


row = st.tuples(st.integers(1, 50), st.integers(-1000, 9999), st.integers(1, 50), st.integers(-1000, 9999))


@settings(max_examples=60, deadline=None)
@given(st.lists(row, min_size=1, max_size=8))
def test_volume_mix_and_price_add_up(rows):
    columns = ["quantity_before", "amount_before", "quantity_after", "amount_after"]
    items = pd.DataFrame(rows, columns=columns).astype("float64")
    change = items["amount_after"].sum() - items["amount_before"].sum()
    assert sum(mix_change(items).values()) == pytest.approx(change, abs=1e-6)
    backwards = mix_change(items.iloc[::-1])
    assert backwards == pytest.approx(mix_change(items), abs=1e-6)

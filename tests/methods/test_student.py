"""Student's distribution as in tables."""

import numpy as np
import pytest

from salesnb.methods.student import quantile, tail, tails


@pytest.mark.parametrize(
    ("chance", "freedom", "value"),
    [
        (0.975, 1, 12.706),
        (0.99, 2, 6.965),
        (0.99, 3, 4.541),
        (0.95, 5, 2.015),
        (0.99, 8, 2.896),
        (0.9975, 11, 3.497),
        (0.999, 3, 10.215),
        (0.999, 4, 7.173),
        (0.9995, 3, 12.924),
        (0.9995, 7, 5.408),
        (0.9995, 30, 3.646),
    ],
)
def test_student_is_that_of_the_tables(chance, freedom, value):
    assert quantile(chance, freedom) == pytest.approx(value, abs=6e-4)


@pytest.mark.parametrize(
    ("surprise", "freedom", "chance"), [(2.0, 10, 0.03669), (3.0, 24, 0.00311), (1.5, 5, 0.09695)]
)
def test_tail_is_that_of_student(surprise, freedom, chance):
    """Tables of Student's t; the approximation is good to a fiftieth."""
    assert tail(surprise, freedom) == pytest.approx(chance, rel=0.02)


def test_the_tail_of_a_quantile_is_its_chance():
    for freedom in (3, 5, 9, 14, 40):
        for chance in (0.4, 0.1, 0.01, 0.001):
            told = tail(quantile(1 - chance, freedom), freedom)
            assert 0.99 * chance < told < (1.25 if freedom < 5 else 1.1) * chance  # hardly ever too small
    both = tails(np.array([-2.0, 2.0]), np.array([10.0, 10.0]))
    assert both[0] == both[1] == tail(2.0, 10)
    assert tail(0.0, 7) == 0.5

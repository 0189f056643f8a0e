"""What leaves tell about their own noise does not hang on chance things: equal targets, ties, the order of rows."""

import warnings
from itertools import product

import numpy as np
import pandas as pd
import pytest

from salesnb.methods.at_once.scan import scan

DIMENSIONS = ("team", "product", "month")


def leaves(seed=1, noise=0.1):
    """A thousand leaves, each with the same target of 100."""
    names = [[f"{d} {n}" for n in range(10)] for d in DIMENSIONS]
    frame = pd.DataFrame(list(product(*names)), columns=list(DIMENSIONS))
    rng = np.random.default_rng(seed)
    return frame.assign(expected=100.0, actual=100.0 * rng.lognormal(0, noise, len(frame)))


def fall(frame, share, **members):
    inside = np.logical_and.reduce([frame[d] == m for d, m in members.items()])
    return frame.assign(actual=np.where(inside, share, 1.0) * frame["actual"])


def quietly(frame, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return scan(frame, DIMENSIONS, **options)


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_targets_that_are_all_alike_tell_as_much_as_others(noise):
    (cause,) = quietly(fall(leaves(noise=noise), 0.8, team="team 3", product="product 4")).causes
    assert dict(cause.members) == {"team": "team 3", "product": "product 4"}
    assert cause.effect == pytest.approx(-200, rel=0.25)
    assert quietly(leaves(noise=noise)).causes == ()


def test_of_targets_of_a_few_sizes_the_order_of_rows_decides_nothing():
    frame = fall(leaves(), 0.9, team="team 3", product="product 4")
    size = np.random.default_rng(2).choice([0.5, 1.0, 2.0], len(frame))
    frame = frame.assign(expected=size * frame["expected"], actual=size * frame["actual"])
    first = quietly(frame, limit=1.0)
    for seed in range(3):
        again = quietly(frame.sample(frac=1, random_state=seed), limit=1.0)
        assert again.noise == pytest.approx(first.noise, rel=1e-9)
        assert [dict(c.members) for c in again.causes] == [dict(c.members) for c in first.causes]
        assert [c.surprise for c in again.causes] == pytest.approx([c.surprise for c in first.causes])


def test_of_mostly_empty_leaves_the_order_of_rows_decides_nothing():
    frame = leaves()
    rng = np.random.default_rng(4)
    frame["expected"] = rng.choice([50.0, 100.0, 200.0], len(frame))
    frame["actual"] = 10 * frame["expected"] * (rng.random(len(frame)) < 0.1)
    first = quietly(frame, limit=1.0)
    again = quietly(frame.sample(frac=1, random_state=5), limit=1.0)
    assert again.noise == pytest.approx(first.noise, rel=1e-9)
    assert [c.surprise for c in again.causes] == pytest.approx([c.surprise for c in first.causes])

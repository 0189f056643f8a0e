"""Ratios: the slice that strayed is named, and what only looks like it (drift, volume, mix, luck) is not."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from salesnb.methods.at_once.scan_ratio import scan_ratio

COLUMNS = {"value": "won", "base": "decided", "expected_value": "won_before", "expected_base": "decided_before"}
DIMENSIONS = ("team", "product", "channel")


def leaves(decided=100.0, rate=0.3):
    """Four teams, four products, three channels: 48 leaves of so many deals, of which so many are usually won."""
    names = [("North", "South", "East", "West"), ("Valve", "Pump", "Sensor", "Service"), ("web", "fair", "call")]
    frame = pd.DataFrame(list(product(*names)), columns=list(DIMENSIONS))
    return frame.assign(
        decided=decided, won=decided * rate, decided_before=10 * decided, won_before=10 * decided * rate
    )


def fall(frame, share, **members):
    inside = np.logical_and.reduce([frame[d] == m for d, m in members.items()])
    frame.loc[inside, "won"] *= share
    return frame


def found(frame, **options):
    scan = scan_ratio(frame, DIMENSIONS, **COLUMNS, **options)
    return scan, [dict(cause.members) for cause in scan.causes]


def test_a_team_that_wins_less_is_named_with_what_it_lost():
    scan, named = found(fall(leaves(), 0.5, team="South"))
    assert named == [{"team": "South"}]
    (cause,) = scan.causes
    # Twelve leaves of 100 deals, of which 30 are usual: 360, of which half are left.
    assert (cause.actual, cause.leaves) == (180.0, 12)
    assert cause.expected == pytest.approx(360)
    assert cause.effect == pytest.approx(-180)
    assert cause.surprise < -5
    assert cause.chance < 0.001
    assert scan.drift == pytest.approx(1.0)


def test_a_crossing_is_named_and_not_the_team_around_it():
    _, named = found(fall(leaves(), 0.3, team="South", product="Pump"))
    assert named == [{"team": "South", "product": "Pump"}]


def test_two_slices_that_cross_are_both_named_and_their_leaf_counts_once():
    frame = fall(fall(leaves(1000.0), 0.4, team="South"), 0.5, product="Pump")
    scan, named = found(frame)
    assert {"team": "South"} in named
    assert {"product": "Pump"} in named
    rest = frame["won"].sum() - scan.drift * 0.3 * frame["decided"].sum()
    assert sum(c.effect for c in scan.causes) == pytest.approx(rest)


def test_a_rise_is_reported_as_one():
    scan, named = found(fall(leaves(), 1.6, channel="web"))
    assert named == [{"channel": "web"}]
    assert scan.causes[0].effect > 0
    assert scan.causes[0].surprise > 0


def test_what_was_hardly_ever_won_and_now_is_as_all_else_is_a_rise():
    frame = leaves()
    frame.loc[frame["product"] == "Pump", "won_before"] /= 1_000
    scan, named = found(frame)
    assert named == [{"product": "Pump"}]
    assert scan.causes[0].effect == pytest.approx(360, rel=0.01)


def test_what_all_share_is_drift_and_no_problem():
    scan, named = found(leaves().assign(won=lambda f: 0.8 * f["won"]))
    assert named == []
    assert scan.drift == pytest.approx(0.8)


def test_fewer_deals_at_the_usual_rate_are_no_problem_of_the_rate():
    frame = leaves()
    south = frame["team"] == "South"
    frame.loc[south, ["decided", "won"]] *= 0.2
    assert found(frame)[1] == []


def test_a_shift_towards_what_is_always_won_less_is_no_problem():
    frame = leaves()
    poor = (frame["product"] == "Service").to_numpy()
    frame.loc[poor, ["won", "won_before"]] *= 0.3
    frame.loc[poor, ["won", "decided"]] *= 5  # only the mix changed: the overall rate falls, no leaf's does
    assert frame["won"].sum() / frame["decided"].sum() < 0.25
    scan, named = found(frame)
    assert named == []
    assert scan.drift == pytest.approx(1.0)


def test_money_an_order_falls_in_one_product():
    rng = np.random.default_rng(5)
    frame = leaves(decided=20.0, rate=5_000.0)
    frame["won"] *= rng.lognormal(-0.02, 0.2, len(frame))
    scan, named = found(fall(frame, 0.5, product="Pump"), part=False)
    assert named == [{"product": "Pump"}]
    assert scan.causes[0].effect == pytest.approx(-0.5 * 12 * 100_000, rel=0.15)


def test_orders_of_very_different_worth_are_not_taken_for_leaves_that_stray_by_themselves():
    rng, noise = np.random.default_rng(8), []
    for _ in range(20):
        frame = pd.concat([leaves(rate=1_000.0).assign(line=n) for n in range(40)], ignore_index=True)
        orders = rng.geometric(0.2, len(frame))
        worth = rng.lognormal(np.log(1_000) - 0.32, 0.8, orders.sum())
        frame["decided"] = orders.astype(float)
        frame["won"] = np.bincount(np.repeat(np.arange(len(frame)), orders), worth)
        noise.append(found(frame, part=False)[0].noise)
    assert np.median(noise) < 0.06


def uneven(seed, fall_=1.0):
    """Orders of four products whose worth is spread from evenly to very widely around the same usual mean."""
    rng, parts = np.random.default_rng(seed), []
    for line in range(10):
        parts.append(leaves(rate=1_000.0).assign(line=f"line {line}"))
    frame = pd.concat(parts, ignore_index=True)
    orders = rng.geometric(0.2, len(frame))
    width = frame["product"].map({"Valve": 0.3, "Pump": 0.5, "Sensor": 0.8, "Service": 1.1}).to_numpy()
    width = np.repeat(width, orders)
    worth = rng.lognormal(np.log(1_000) - width**2 / 2, width)
    frame["decided"] = orders.astype(float)
    frame["won"] = np.bincount(np.repeat(np.arange(len(frame)), orders), worth)
    return fall(frame, fall_, product="Valve", team="South")


def test_a_product_whose_orders_are_of_very_different_worth_has_no_lower_average():
    dimensions = (*DIMENSIONS, "line")
    loud = [bool(scan_ratio(uneven(seed), dimensions, **COLUMNS, part=False).causes) for seed in range(40)]
    assert sum(loud) <= 2
    seen = [
        {"team": "South", "product": "Valve"}
        in [dict(c.members) for c in scan_ratio(uneven(seed, 0.75), dimensions, **COLUMNS, part=False).causes]
        for seed in range(10)
    ]
    assert sum(seen) >= 9


def test_one_giant_order_is_no_slice():
    rng = np.random.default_rng(6)
    frame = leaves(decided=5.0, rate=1_000.0)
    frame["won"] *= rng.lognormal(-0.02, 0.2, len(frame))
    frame.loc[7, "won"] *= 40
    assert found(frame, part=False)[1] == []


def test_the_wider_of_two_nested_names_is_used():
    frame = fall(leaves(), 0.4, team="South").assign(rep=lambda f: "rep of " + f["team"])
    scan = scan_ratio(frame, ("team", "rep", "product"), **COLUMNS)
    assert [dict(c.members) for c in scan.causes] == [{"team": "South"}]


def test_rows_in_any_order_tell_the_same_and_stay_as_they_are():
    frame = fall(fall(leaves(), 0.5, team="South"), 1.5, product="Pump", channel="web")
    before = frame.copy()
    scan, named = found(frame)
    again, named_again = found(frame.sample(frac=1, random_state=3))
    pd.testing.assert_frame_equal(frame, before)
    assert named == named_again
    assert [c.effect for c in scan.causes] == pytest.approx([c.effect for c in again.causes])


@pytest.mark.parametrize("sampled", [False, True])
def test_luck_alone_is_hardly_ever_named(sampled):
    rng, loud = np.random.default_rng(11), 0
    for _ in range(60):
        frame = leaves(decided=1.0).assign(decided=lambda f: rng.poisson(8, len(f)).astype(float))
        frame["won"] = rng.binomial(frame["decided"].astype(int), 0.3).astype(float)
        if sampled:
            past = rng.poisson(96, len(frame))
            frame = frame.assign(decided_before=past, won_before=rng.binomial(past, 0.3))
        loud += bool(found(frame, sampled=sampled)[1])
    assert loud <= 2


def invoices(seed, fall=1.0):
    """Money due and collected: few invoices a leaf, of very different size, each paid as a whole or not."""
    rng, frame = np.random.default_rng(seed), leaves()
    for prefix, months in (("", 1), ("_before", 12)):
        count = rng.poisson(6 * months, len(frame))
        leaf = np.repeat(np.arange(len(frame)), count)
        amount = rng.lognormal(9, 1.2, len(leaf))
        likely = 0.85 * np.where((frame["team"] == "South") & (prefix == ""), fall, 1.0)
        paid = amount * (rng.random(len(leaf)) < likely[leaf])
        frame[f"decided{prefix}"] = np.bincount(leaf, amount, len(frame))
        frame[f"won{prefix}"] = np.bincount(leaf, paid, len(frame))
        frame[f"squares{prefix}"] = np.bincount(leaf, amount**2, len(frame))
    return frame


def test_lumpy_collection_raises_no_alarm_and_a_team_that_collects_half_mostly_does():
    options = {"sampled": True, "squares": "squares"}
    assert sum(bool(found(invoices(seed), **options)[1]) for seed in range(100, 140)) <= 1
    seen = [{"team": "South"} in found(invoices(seed, 0.5), **options)[1] for seed in range(100, 120)]
    assert sum(seen) >= 10


def test_what_matters_too_little_is_left_out():
    frame = fall(leaves(), 0.5, team="South")
    assert found(frame, least=179)[1] == [{"team": "South"}]
    assert found(frame, least=181)[1] == []


def test_with_no_limit_the_best_guesses_are_told_with_their_chance():
    rng = np.random.default_rng(2)
    frame = leaves().assign(won=lambda f: rng.binomial(100, 0.3, len(f)).astype(float))
    scan, named = found(frame, limit=1.0, most=2)
    assert len(named) == 2
    assert all(cause.chance > 0.01 for cause in scan.causes)


@pytest.mark.parametrize(
    "frame",
    [
        leaves().head(0),
        leaves().head(4),
        leaves().assign(decided=0.0),
        leaves().assign(won_before=0.0),
        leaves().assign(decided_before=0.0, won_before=0.0),
    ],
)
def test_where_nothing_can_be_expected_nothing_is_said(frame):
    scan, named = found(frame)
    assert (named, scan.drift) == ([], 1.0)


@pytest.mark.parametrize("part", [True, False])
@pytest.mark.parametrize("sampled", [True, False])
def test_without_anything_to_tell_leaves_apart_there_is_a_drift_and_no_slice(part, sampled):
    for frame in (leaves().assign(team=None, product="", channel=np.nan), leaves().assign(team="South")):
        scan = scan_ratio(frame.assign(won=24.0), ("team",), **COLUMNS, part=part, sampled=sampled)
        assert (scan.causes, scan.drift) == ((), pytest.approx(0.8))
    assert scan_ratio(leaves(), (), **COLUMNS, part=part, sampled=sampled).causes == ()


@pytest.mark.parametrize("sampled", [True, False])
@pytest.mark.parametrize("factor", [0.0, 0.7])
def test_amounts_that_fall_all_by_the_same_have_no_slice_that_fell_more(sampled, factor):
    scan, named = found(leaves().assign(won=lambda f: factor * f["won"]), part=False, sampled=sampled)
    assert (named, scan.drift) == ([], pytest.approx(factor))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("part", [True, False])
@pytest.mark.parametrize("sampled", [True, False])
@pytest.mark.parametrize("column", ["won_before", "decided_before"])
def test_a_member_of_whom_more_came_back_than_went_out_spoils_nothing(part, sampled, column):
    frame = fall(leaves(), 0.4, team="South")
    frame.loc[(frame["product"] == "Pump") & (frame["channel"] == "web"), column] *= -1
    scan, named = found(frame, part=part, sampled=sampled)
    assert {"team": "South"} in named
    assert 0.5 < scan.drift < 1.5


def test_amounts_of_which_nothing_is_known_count_as_one():
    # Were they counted as ever so many small ones, a team would be named for the luck of its few large invoices.
    loud = sum(
        bool(found(invoices(seed).assign(squares=0.0), sampled=True, squares="squares")[1]) for seed in range(20)
    )
    assert loud == 0


def test_a_slice_that_fell_lost_and_one_that_rose_won():
    """Many smaller orders and one that makes up for all of them are neither."""
    rng = np.random.default_rng(9)
    frame = leaves(decided=20.0, rate=5_000.0)
    frame["won"] *= rng.lognormal(-0.02, 0.2, len(frame))
    frame = fall(frame, 0.5, team="South")
    frame.loc[frame.index[frame["team"] == "South"][0], "won"] += 800_000
    scan, _ = found(frame, part=False, limit=1.0)
    assert scan.causes
    assert all(cause.effect * cause.surprise > 0 for cause in scan.causes)


def test_a_leaf_without_a_member_belongs_to_no_slice_of_that_dimension():
    frame = fall(leaves(), 0.4, team="South")
    frame.loc[(frame["team"] == "South") & (frame["channel"] == "web"), "channel"] = None
    scan, named = found(frame)
    assert named == [{"team": "South"}]
    assert scan.causes[0].leaves == 12


def test_a_leaf_without_a_past_is_measured_by_its_members():
    frame = leaves()
    pump = (frame["product"] == "Pump").to_numpy()
    frame.loc[pump, ["won", "won_before"]] *= 2  # usually won twice as often
    frame.loc[pump & (frame["team"] == "South").to_numpy(), ["won_before", "decided_before"]] = 0.0
    scan, named = found(frame)
    assert named == []
    assert scan.drift == pytest.approx(1.0, abs=0.02)

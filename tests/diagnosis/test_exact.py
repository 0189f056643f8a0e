"""Whatever the data and whatever the order of rows and factors, parts add up to the change in minor units."""

from itertools import permutations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesnb.findings import diagnosis
from salesnb.methods.attribution import product_change, to_whole
from salesnb.views.slices import SLICE
from tests.frames import frame, scope_of

SCOPE = scope_of("2025-09")
DAYS = ("2024-09-03", "2025-03-04", "2025-05-06", "2025-08-05", "2025-09-02", "2025-09-23")
MONEY = st.integers(-9_999_999, 99_999_999).map(lambda n: n / 10_000)
ORDER = st.fixed_dictionaries(
    {"day": st.sampled_from(DAYS), "money": MONEY, "order_id": st.sampled_from(["1", "2", "3", "4"]),
     "customer": st.sampled_from(["a", "b", "c", None]), "rep": st.sampled_from(["Wu", "Li", None]),
     "product_line": st.sampled_from(["Pumps", "Valves"]), "product": st.sampled_from(["P1", "P2", None]),
     "quantity": st.sampled_from([None, 1.0, 3.0, 0.5])}
)  # fmt: skip
DEAL = st.fixed_dictionaries(
    {"day": st.sampled_from(DAYS), "money": st.integers(1, 99_999_999).map(lambda n: n / 10_000),
     "status": st.sampled_from(["won", "lost", "open"]), "product_line": st.sampled_from(["Pumps", "Valves"]),
     "customer": st.sampled_from(["a", "b", None]),
     "proposal_date": st.sampled_from(["2024-08-01", "2025-08-01", None])}
)  # fmt: skip
ORDERS, DEALS = st.lists(ORDER, max_size=25), st.lists(DEAL, max_size=25)
RANDOM = st.randoms(use_true_random=False)


def units(column: pd.Series) -> pd.Series:
    return (column * 10_000).round().astype("int64")


def mixed(frame: pd.DataFrame, random) -> pd.DataFrame:
    return frame.sample(frac=1, random_state=random.randrange(10_000))


def sold(orders: pd.DataFrame, window) -> int:
    days = orders["sales_date"]
    inside = (days >= pd.Timestamp(window.start)) & (days <= pd.Timestamp(window.end))
    return int(units(orders.loc[inside, "amount"]).sum())


def won(deals: pd.DataFrame, window) -> int:
    days = deals["close_date"]
    inside = (days >= pd.Timestamp(window.start)) & (days <= pd.Timestamp(window.end))
    return int(units(deals.loc[inside & (deals["status"] == "won"), "amount"]).sum())


@pytest.mark.parametrize("against", ["previous", "last_year"])
@settings(max_examples=25, deadline=None)
@given(rows=ORDERS, random=RANDOM)
def test_drivers_of_sales(against, rows, random):
    orders = frame("orders", *rows)
    if orders["customer"].isna().all():
        return
    found = diagnosis.drivers(orders, scope=SCOPE, against=against).rows
    effects = units(found["effect"])
    base = SCOPE.previous if against == "previous" else SCOPE.last_year
    assert effects.iloc[:-1].sum() == effects.iloc[-1] == sold(orders, SCOPE.window) - sold(orders, base)
    other = diagnosis.drivers(mixed(orders, random), scope=SCOPE, against=against).rows
    assert units(other["effect"]).tolist() == effects.tolist()


@pytest.mark.parametrize("against", ["previous", "last_year"])
@settings(max_examples=25, deadline=None)
@given(rows=ORDERS, random=RANDOM)
def test_price_volume_and_mix(against, rows, random):
    orders = frame("orders", *rows)
    found = diagnosis.price_volume_mix(orders, scope=SCOPE, against=against).rows
    if found.empty:
        return
    total = int(found.index[(found["part"] == "") & (found["product"] == "")][0])
    effects = units(found["effect"])
    base = SCOPE.previous if against == "previous" else SCOPE.last_year
    assert effects[:total].sum() == effects[total] == sold(orders, SCOPE.window) - sold(orders, base)
    other = diagnosis.price_volume_mix(mixed(orders, random), scope=SCOPE, against=against).rows
    assert units(other["effect"]).tolist() == effects.tolist()


@pytest.mark.parametrize("tree", ["deal_drivers", "proposals"])
@pytest.mark.parametrize("against", ["previous", "last_year"])
@settings(max_examples=20, deadline=None)
@given(rows=DEALS, random=RANDOM)
def test_drivers_of_deals(tree, against, rows, random):
    deals, make = frame("opportunities", *rows), getattr(diagnosis, tree)
    found = make(deals, scope=SCOPE, against=against).rows
    effects = units(found["effect"].astype("float64").dropna())
    assert effects.iloc[:-1].sum() == effects.iloc[-1:].sum()
    if "win_rate_effect" in found:  # in points, the last row being the whole
        assert found["win_rate_effect"].iloc[:-1].sum() == pytest.approx(found["win_rate_effect"].iloc[-1], abs=1e-12)
    if len(effects):
        base = SCOPE.previous if against == "previous" else SCOPE.last_year
        assert effects.iloc[-1] == won(deals, SCOPE.window) - won(deals, base)
    other = make(mixed(deals, random), scope=SCOPE, against=against).rows
    assert units(other["effect"].astype("float64").dropna()).tolist() == effects.tolist()


@settings(max_examples=20, deadline=None)
@given(rows=ORDERS, deals=DEALS, random=RANDOM)
def test_drivers_of_slices(rows, deals, random):
    orders, opportunities = frame("orders", *rows), frame("opportunities", *deals)
    slices = pd.DataFrame(
        [{**dict.fromkeys(SLICE, ""), "product_line": line, "effect": -1.0} for line in ("Pumps", "Valves")]
    )
    found = diagnosis.slice_drivers(orders, opportunities, slices, scope=SCOPE).rows
    other = diagnosis.slice_drivers(mixed(orders, random), mixed(opportunities, random), slices, scope=SCOPE).rows
    start, effects = 0, units(found["effect"].astype("float64"))
    for place, kpi in enumerate(found["kpi"]):
        if kpi in {"", "won_value"}:
            assert effects[start:place].sum() == effects[place]
            assert abs(found["after"][place] - found["before"][place] - found["effect"][place]) < 0.0002
            start = place + 1
    assert units(other["effect"].astype("float64")).tolist() == effects.tolist()


@pytest.mark.parametrize("by", [["rep"], ["rep", "product_line"], ["new_existing", "product"]])
@settings(max_examples=15, deadline=None)
@given(rows=ORDERS, goals=st.lists(st.integers(0, 10**9), min_size=4, max_size=4), random=RANDOM)
def test_crossings_of_the_four_figures(by, rows, goals, random):
    orders = frame("orders", *rows)
    places = [(rep, line) for rep in ("Wu", "Li") for line in ("Pumps", "Valves")]
    targets = frame(
        "targets", *[{"period": "2025-09", "rep": rep, "product_line": line, "amount": goal / 100}
         for (rep, line), goal in zip(places, goals, strict=True)]
    )  # fmt: skip
    found = diagnosis.attainment(orders, targets, scope=SCOPE, by=by).rows
    inner = found[(found[by] != "").all(axis=1)]
    if len(inner):
        for figure in ("sales", "sales_previous", "sales_last_year"):
            assert units(inner[figure]).sum() == units(found[figure]).iloc[0]
        if set(by) <= {"rep", "product_line"}:
            assert units(inner["target"].fillna(0.0)).sum() == units(found["target"].fillna(0.0)).iloc[0]
    other = diagnosis.attainment(mixed(orders, random), mixed(targets, random), scope=SCOPE, by=by).rows
    pd.testing.assert_frame_equal(found, other)


FACTOR = st.one_of(st.just(0.0), st.floats(0.01, 1e4), st.just(float("nan")))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(FACTOR, FACTOR), min_size=2, max_size=4))
def test_factors_get_the_same_part_in_whatever_order(pairs):
    parts = product_change([a for a, _ in pairs], [b for _, b in pairs])
    for order in permutations(range(len(pairs))):
        other = product_change([pairs[i][0] for i in order], [pairs[i][1] for i in order])
        for place, i in enumerate(order):
            assert other[place] == pytest.approx(parts[i], rel=1e-6, abs=1e-6)
    whole = round(sum(parts))
    assert sum(to_whole(parts, whole)) == whole

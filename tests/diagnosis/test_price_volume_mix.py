"""Price, volume and mix by hand; new and stopped items apart; adds up to the last unit."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from salesnb.findings import diagnosis
from salesnb.show.sentence import sentence_text
from tests.frames import frame, scope_of

SCOPE = scope_of("2025-09")
ORDERS = frame(
    "orders",
    {"day": "2024-09-02", "money": 100, "product": "A", "quantity": 10},
    {"day": "2024-09-02", "money": 200, "product": "B", "quantity": 10},
    {"day": "2024-09-02", "money": 40, "product": "gone", "quantity": 4},
    {"day": "2025-09-02", "money": 132, "product": "A", "quantity": 12},
    {"day": "2025-09-02", "money": 342, "product": "B", "quantity": 18},
    {"day": "2025-09-02", "money": 70, "product": "fresh", "quantity": 7},
    {"day": "2025-09-02", "money": 5, "product": "A", "quantity": None},
)


def test_parts_that_make_up_for_each_other_are_no_rise():
    """Ten at 10, then five at 20: as much was sold."""
    orders = frame(
        "orders", {"day": "2025-08-05", "money": 100, "product": "P", "quantity": 10.0},
         {"day": "2025-09-05", "money": 100, "product": "P", "quantity": 5.0}
    )  # fmt: skip
    found = diagnosis.price_volume_mix(orders, scope=SCOPE, against="previous")
    assert found.headline.key == "same_previous"
    effects = found.rows[found.rows["product"] == ""].set_index("part")["effect"]
    assert (effects["volume"], effects["price"], effects[""]) == (-50.0, 50.0, 0.0)
    for lang in ("en", "zh"):
        assert not any(w in sentence_text(found, found.headline, lang) for w in ("item by item", "各产品"))


def test_worked_by_hand():
    found = diagnosis.price_volume_mix(ORDERS, scope=SCOPE)
    whole = found.rows[found.rows["product"] == ""].set_index("part")["effect"]
    assert whole.to_dict() == {
        "volume": 150.0, "mix": 30.0, "price": -6.0, "new_items": 70.0, "stopped_items": -40.0, "no_quantity": 5.0,
        "": 209.0,
    }  # fmt: skip
    single = found.rows[found.rows["product"] != ""]
    assert single[["product", "effect"]].values.tolist() == [["B", -18.0], ["A", 12.0]]
    assert found.chart.total == 6
    assert (
        sentence_text(found, found.headline, "en") == "Sales rose 209 on last year; the largest part is volume, +150."
    )


def test_without_quantities_the_columns_are_asked_for():
    found = diagnosis.price_volume_mix(ORDERS.assign(quantity=float("nan")), scope=SCOPE)
    assert found.missing[0].columns == ("product", "quantity")
    assert found.rows.empty


def test_without_last_year_it_says_so():
    scope = scope_of("2025-09", begin=pd.Timestamp("2025-01-01").date())
    assert diagnosis.price_volume_mix(ORDERS, scope=scope).headline.key == "no_base_last_year"


line = st.fixed_dictionaries(
    {
        "day": st.sampled_from(["2024-09-02", "2025-09-02"]),
        "money": st.integers(-90_000, 900_000).map(lambda cents: cents / 10_000),
        "product": st.sampled_from(["A", "B", "C", None]),
        "quantity": st.sampled_from([1.0, 2.5, 7.0, -1.0, 0.0, None]),
    }
)


@settings(max_examples=30, deadline=None)
@given(st.lists(line, min_size=1, max_size=12), st.randoms())
def test_adds_up_whatever_the_rows(lines, random):
    lines = [*lines, {"day": "2025-09-02", "money": 1.0, "product": "A", "quantity": 1.0}]
    orders = frame("orders", *lines)
    found = diagnosis.price_volume_mix(orders, scope=SCOPE)
    whole = found.rows[found.rows["product"] == ""].set_index("part")["effect"]
    units = (whole * 10_000).round().astype("int64")
    now = orders["sales_date"].dt.year == 2025
    paid = (orders["amount"] * 10_000).round().astype("int64")
    assert units.drop("").sum() == units[""] == paid[now].sum() - paid[~now].sum()
    random.shuffle(lines)
    assert diagnosis.price_volume_mix(frame("orders", *lines), scope=SCOPE).facts() == found.facts()

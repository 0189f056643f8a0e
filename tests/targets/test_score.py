"""The weighted KPI score."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from salesnb.calendar import Calendar, month, quarter
from salesnb.findings import targets as stage
from salesnb.metrics import targets_for
from salesnb.metrics.scorecard import item_attainment, item_scores, total_score
from salesnb.settings import Kpi
from tests.frames import frame, orders, scope_of, targets
from tests.reading import said

NAN = float("nan")


def items(*rows):
    return pd.DataFrame(rows, columns=["kpi", "actual", "target", "weight", "cap", "floor"])


def test_worked_example_of_weights():
    scored = item_scores(
        items(
            ("sales", 80, 100, 0.6, NAN, NAN),
            ("collection_rate", 1.0, 1.0, 0.3, NAN, NAN),
            ("new_customers", 12, 10, 0.1, NAN, NAN),
        )
    )
    total = total_score(scored)
    assert total["kpi_score"] == pytest.approx(0.90)
    assert total["kpi_score_capped"] == pytest.approx(0.88)  # 120 % counts as 100 %
    assert scored["kpi_score"].tolist() == pytest.approx([0.48, 0.30, 0.12])


def test_less_is_better_divides_target_by_actual():
    churn = items(("churn_rate", 0.10, 0.05, 1.0, NAN, NAN), ("contract_cycle", 20, 30, 1.0, NAN, NAN))
    assert item_attainment(churn).tolist() == pytest.approx([0.5, 1.5])


def test_what_cannot_be_divided_is_not_available():
    odd = items(
        ("sales", 5, 0, 1, NAN, NAN), ("sales", -5, 10, 1, NAN, NAN), ("sales", NAN, 10, 1, NAN, NAN),
        ("churn_rate", 0, 0.05, 1, NAN, NAN), ("sales", 5, -1, 1, NAN, NAN),
    )  # fmt: skip
    assert item_attainment(odd).isna().all()
    assert np.isnan(total_score(item_scores(odd))["kpi_score"])


def test_caps_and_floors_are_each_items_own():
    scored = item_scores(items(("sales", 300, 100, 0.5, 1.5, NAN), ("aov", 10, 100, 0.5, NAN, 0.4)))
    assert scored["kpi_score_capped"].tolist() == pytest.approx([0.75, 0.20])
    assert scored["kpi_score"].tolist() == pytest.approx([1.5, 0.05])


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0.01, 1e6), st.integers(1, 9)), min_size=1, max_size=6))
@limits(max_examples=80, deadline=None)
def test_parts_add_up_and_the_cap_never_raises(rows):
    weights = sum(w for _, _, w in rows)
    scored = item_scores(items(*(("sales", a, t, w / weights, NAN, NAN) for a, t, w in rows)))
    total = total_score(scored)
    assert total["kpi_score"] == pytest.approx(scored["kpi_score"].sum())
    assert total["kpi_score_capped"] <= min(total["kpi_score"], 1.0) + 1e-9


RULES = (
    Kpi(metric="sales", weight=0.6),
    Kpi(metric="collection_rate", weight=0.3, target=0.8),
    Kpi(metric="new_customers", weight=0.1),
)


def tables():
    due = {"team": "South", "due": "2025-09-10", "owed": 100.0}
    receipts = frame("receipts", {**due, "rep": "a", "paid": "2025-09-12", "got": 100.0}, {**due, "rep": "b"})
    sold = orders(
        ("2025-09-02", 80, "C", "a", "", "South", "2025-09-02"), ("2025-09-03", 40, "D", "b", "", "South", "2024-01-01")
    )
    return {"orders": sold, "receipts": receipts}


def test_score_of_a_team():
    aims = targets({"amount": 200}, {"metric": "new_customers", "amount": 2})
    found = stage.score(tables(), aims, scope=scope_of(kpis=RULES))
    rows = found.rows.set_index("kpi")
    assert rows.loc["sales", "attainment"] == pytest.approx(0.6)
    assert rows.loc["collection_rate", "attainment"] == pytest.approx(0.5 / 0.8)
    assert rows.loc["new_customers", "attainment"] == pytest.approx(0.5)
    assert rows.loc["", "kpi_score"] == pytest.approx(0.6 * 0.6 + 0.3 * 0.625 + 0.1 * 0.5)
    assert rows.loc["", "kpi_score"] == pytest.approx(rows["kpi_score"].iloc[1:].sum())
    assert "weakest item: new customers, 50.0%" in said(found)["en"][0]


def test_an_item_that_cannot_be_judged_is_named_and_the_rest_reweighted():
    found = stage.score({"orders": tables()["orders"]}, targets({"amount": 240}), scope=scope_of(kpis=RULES))
    total = found.rows.iloc[0]
    assert total["weight"] == pytest.approx(0.6)
    assert total["kpi_score"] == pytest.approx(0.5)  # 120 of 240, over its own weight
    assert [n.key for n in found.notes] == ["left_out"]
    assert "collection rate and new customers cannot be judged" in said(found)["en"][1].lower()


def test_nothing_can_be_judged():
    found = stage.score({"orders": orders()}, frame("targets"), scope=scope_of(kpis=RULES))
    assert found.headline.key == "cannot_judge"
    assert found.missing[0].table == "targets"
    said(found)
    said(stage.score({"orders": orders()}, frame("targets"), scope=scope_of(kpis=RULES), by=["rep"]))


def test_each_rep_has_every_item_lowest_score_first():
    aims = targets(
        {"rep": "a", "amount": 100}, {"rep": "b", "amount": 80}, {"rep": "b", "metric": "new_customers", "amount": 1}
    )
    found = stage.score(tables(), aims, scope=scope_of(kpis=RULES), by=["rep"])
    totals = found.rows[(found.rows["kpi"] == "") & (found.rows["rep"] != "")]
    assert totals["rep"].tolist() == ["b", "a"]
    b = found.rows[found.rows["rep"] == "b"].set_index("kpi")
    assert b["attainment"].drop("").to_dict() == pytest.approx(
        {"sales": 0.5, "collection_rate": 0.0, "new_customers": 0.0}
    )
    assert (found.rows.groupby("rep")["kpi"].nunique() == 4).all()
    said(found)


def test_a_rate_is_handed_down_and_never_added():
    aims = targets(
        {"team": "East", "metric": "collection_rate", "amount": 0.95},
        {"team": "South", "metric": "collection_rate", "amount": 0.95},
    )
    whole = targets_for(aims, month(2025, 9), Calendar(), "collection_rate")
    assert whole["target"].tolist() == [0.95]
    mixed = aims.assign(amount=[0.9, 0.95])
    assert targets_for(mixed, month(2025, 9), Calendar(), "collection_rate").empty
    assert targets_for(mixed, month(2025, 9), Calendar(), "collection_rate", ["team"])["target"].tolist() == [0.9, 0.95]
    # One month's rate is not the quarter's; that of all three is.
    assert targets_for(aims, quarter(2025, 3), Calendar(), "collection_rate").empty
    months = pd.concat([aims.assign(period=f"2025-0{n}") for n in (7, 8, 9)])
    assert targets_for(months, quarter(2025, 3), Calendar(), "collection_rate")["target"].tolist() == [0.95]


def test_inputs_are_unchanged_and_order_of_rows_does_not_matter():
    data, aims = tables(), targets({"rep": "a", "amount": 100}, {"rep": "b", "amount": 80})
    kept = {n: f.copy() for n, f in data.items()}
    found = stage.score(data, aims, scope=scope_of(kpis=RULES), by=["rep"])
    for name, table in data.items():
        pd.testing.assert_frame_equal(table, kept[name])
    turned = {n: f.iloc[::-1] for n, f in data.items()}
    pd.testing.assert_frame_equal(
        found.rows, stage.score(turned, aims.iloc[::-1], scope=scope_of(kpis=RULES), by=["rep"]).rows
    )


def test_a_rep_without_any_new_customer_has_none_and_does_not_escape_the_item():
    """The settings ask one new customer of everybody: a won one (100 %), b none (0 %), and both are judged on it."""
    rules = (Kpi(metric="sales", weight=0.5), Kpi(metric="new_customers", weight=0.5, target=1))
    aims = targets({"rep": "a", "amount": 80}, {"rep": "b", "amount": 40})
    rows = stage.score(tables(), aims, scope=scope_of(kpis=rules), by=["rep"]).rows
    item = rows[rows["kpi"] == "new_customers"].set_index("rep")
    assert item.loc[["a", "b"], "actual"].tolist() == [1.0, 0.0]
    assert item.loc[["a", "b"], "target"].tolist() == [1.0, 1.0]
    assert item.loc[["a", "b"], "attainment"].tolist() == [1.0, 0.0]
    total = rows[rows["kpi"] == ""].set_index("rep")
    assert total.loc[["a", "b"], "kpi_score"].tolist() == [1.0, 0.5]
    assert total.loc[["a", "b"], "weight"].tolist() == [1.0, 1.0]


def test_an_average_of_a_rep_without_orders_is_unknown_and_not_zero():
    rules = (Kpi(metric="aov", weight=1.0),)
    aims = targets({"rep": "a", "metric": "aov", "amount": 80}, {"rep": "c", "metric": "aov", "amount": 80})
    rows = stage.score(tables(), aims, scope=scope_of(kpis=rules), by=["rep"]).rows
    item = rows[rows["kpi"] == "aov"].set_index("rep")
    assert item.loc["a", "actual"] == 80.0
    assert np.isnan(item.loc["c", "actual"])
    assert np.isnan(item.loc["c", "kpi_score"])


def test_an_item_that_no_rep_has_is_not_held_against_each_of_them():
    aims = targets({"rep": "a", "amount": 100}, {"rep": "b", "amount": 80})
    found = stage.score({"orders": tables()["orders"]}, aims, scope=scope_of(kpis=RULES), by=["rep"])
    items = found.rows[(found.rows["rep"] != "") & (found.rows["kpi"] != "")]
    assert sorted(set(items["kpi"])) == ["new_customers", "sales"]  # without receipts nothing is collected by anybody
    assert items.loc[items["kpi"] == "new_customers", ["rep", "actual"]].to_numpy().tolist() == [["b", 0.0], ["a", 1.0]]

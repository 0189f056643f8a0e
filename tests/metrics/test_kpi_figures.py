"""Every figure that a target may be set for is measured from what the registry says it takes."""

import pandas as pd
import pytest

from salesnb.findings import targets as stage
from salesnb.metrics.registry import metrics
from salesnb.settings import Kpi, Settings
from salesnb.views.kpi_figures import figure_of
from tests.stage_frames import orders, scope, targets

SOLD = orders(
    ("2024-03-04", 50, "Old", "a"), ("2024-11-04", 50, "Gone", "a"), ("2025-03-04", 50, "Back", "a"),
    ("2025-04-07", 50, "Away", "b"), ("2025-09-02", 80, "Back", "a"),
)  # fmt: skip
DEALS = pd.DataFrame(
    {
        "opportunity_id": ["1", "2", "3"],
        "created_date": pd.to_datetime(["2025-08-01"] * 3),
        "close_date": pd.to_datetime(["2025-08-11", "2025-08-21", None]),
        "proposal_date": pd.to_datetime(["2025-08-05", None, None]),
        "status": ["won", "lost", "open"],
        "amount": [50.0, 20.0, None],
    }
)
CALLS = pd.DataFrame(
    {
        "activity_date": pd.to_datetime(["2025-09-02", "2025-09-03"]),
        "kind": "call", "count": [22.0, 44.0], "team": "South", "rep": ["a", "b"],
    }
)  # fmt: skip
TABLES = {"orders": SOLD, "opportunities": DEALS, "activities": CALLS}


def test_repurchase_and_churn_are_told_of_the_whole_only():
    # Customers of the twelve months before September: Gone, Back, Away; one of them bought.
    assert figure_of("repurchase_rate", TABLES, scope()) == {(): pytest.approx(1 / 3)}
    # Of those who bought from October 2023 to September 2024 (Old) none bought in the twelve months since.
    assert figure_of("churn_rate", TABLES, scope()) == {(): 1.0}
    assert figure_of("repurchase_rate", TABLES, scope(), ["rep"]) == {}


def test_the_cycle_of_deals_counts_the_open_one_as_open():
    """Of three deals the second closed after twenty days, and with it a half."""
    assert figure_of("cycle", TABLES, scope()) == {(): 20.0}


def test_work_is_told_of_the_whole_and_of_each_rep():
    own = figure_of("calls_per_day", TABLES, scope(), ["rep"])
    assert own == {("a",): pytest.approx(1.0), ("b",): pytest.approx(2.0)}


@pytest.mark.parametrize("kpi", ["sales", "repurchase_rate", "cycle", "calls_per_day"])
def test_without_its_table_nothing_is_told(kpi):
    assert figure_of(kpi, {}, scope()) == {}


def test_a_cycle_shorter_than_asked_is_more_than_reached():
    rules = Settings(kpis=(Kpi(metric="cycle", weight=1.0),))
    found = stage.score(TABLES, targets({"metric": "cycle", "amount": 25}), scope=scope(settings=rules))
    assert found.rows["attainment"].iloc[1] == pytest.approx(25 / 20)


@pytest.mark.parametrize("kpi", [m.id for m in metrics().values() if m.base or m.derived or m.whole])
def test_no_target_of_a_figure_ends_in_an_error(kpi):
    rules = Settings(kpis=(Kpi(metric=kpi, weight=1.0),))
    found = stage.score(TABLES, targets({"metric": kpi, "amount": 0.5}), scope=scope(settings=rules))
    assert found.rows["target"].tolist()[1:] == [0.5]

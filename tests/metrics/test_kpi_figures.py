"""Every figure that a target may be set for is measured from what the registry says it takes."""

import pytest

from salesnb.findings import targets as stage
from salesnb.metrics.registry import metrics
from salesnb.settings import Kpi
from salesnb.views.kpi_figures import figure_of
from tests.frames import deals, frame, orders, scope_of, targets

SOLD = orders(
    ("2024-03-04", 50, "Old", "a"), ("2024-11-04", 50, "Gone", "a"), ("2025-03-04", 50, "Back", "a"),
    ("2025-04-07", 50, "Away", "b"), ("2025-09-02", 80, "Back", "a"),
)  # fmt: skip
DEALS = deals(
    {"day": "2025-08-11", "proposal_date": "2025-08-05", "status": "won", "money": 50},
    {"day": "2025-08-21", "status": "lost", "money": 20}, {"status": "open"}, begun="2025-08-01",
)  # fmt: skip
CALLS = frame(
    "activities", {"day": "2025-09-02", "count": 22, "rep": "a"}, {"day": "2025-09-03", "count": 44, "rep": "b"},
    kind="call", team="South",
)  # fmt: skip
TABLES = {"orders": SOLD, "opportunities": DEALS, "activities": CALLS}


def test_repurchase_and_churn_are_told_of_the_whole_only():
    # Customers of the twelve months before September: Gone, Back, Away; one of them bought.
    assert figure_of("repurchase_rate", TABLES, scope_of()) == {(): pytest.approx(1 / 3)}
    # Of those who bought from October 2023 to September 2024 (Old) none bought in the twelve months since.
    assert figure_of("churn_rate", TABLES, scope_of()) == {(): 1.0}
    assert figure_of("repurchase_rate", TABLES, scope_of(), ["rep"]) == {}


def test_the_cycle_of_deals_counts_the_open_one_as_open():
    """Of three deals the second closed after twenty days, and with it a half."""
    assert figure_of("cycle", TABLES, scope_of()) == {(): 20.0}


def test_work_is_told_of_the_whole_and_of_each_rep():
    own = figure_of("calls_per_day", TABLES, scope_of(), ["rep"])
    assert own == {("a",): pytest.approx(1.0), ("b",): pytest.approx(2.0)}


@pytest.mark.parametrize("kpi", ["sales", "repurchase_rate", "cycle", "calls_per_day"])
def test_without_its_table_nothing_is_told(kpi):
    assert figure_of(kpi, {}, scope_of()) == {}


def test_a_cycle_shorter_than_asked_is_more_than_reached():
    rules = (Kpi(metric="cycle", weight=1.0),)
    found = stage.score(TABLES, targets({"metric": "cycle", "amount": 25}), scope=scope_of(kpis=rules))
    assert found.rows["attainment"].iloc[1] == pytest.approx(25 / 20)


@pytest.mark.parametrize("kpi", [m.id for m in metrics().values() if m.base or m.derived or m.whole])
def test_no_target_of_a_figure_ends_in_an_error(kpi):
    rules = (Kpi(metric=kpi, weight=1.0),)
    found = stage.score(TABLES, targets({"metric": kpi, "amount": 0.5}), scope=scope_of(kpis=rules))
    assert found.rows["target"].tolist()[1:] == [0.5]

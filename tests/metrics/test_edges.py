"""Every figure that rows give, on literal tables: worked out by hand, with what is nothing and what is not known."""

from datetime import date

import numpy as np
import pytest

from salesnb.calendar import Window
from salesnb.metrics import measure, metric, metrics
from tests.frames import frame

SEPTEMBER = Window(date(2025, 9, 1), date(2025, 9, 30))
NO = None
"""Not available."""

ALDER, BIRCH = {"customer": "Alder", "rep": "Ann"}, {"customer": "Birch", "rep": "Bob"}
DAY = {"day": "2025-09-10"}
BEFORE = {"customer_since": "2024-01-01"}

CASES = {
    "two orders of one customer, one of a new one, one given back": (
        "orders",
        [
            {**DAY, **ALDER, **BEFORE, "order_id": "1", "money": 100, "quantity": 2},
            {**DAY, **ALDER, **BEFORE, "order_id": "2", "money": 60, "quantity": 3},
            {**DAY, **BIRCH, "order_id": "3", "money": 70, "quantity": 1},
            {**DAY, **ALDER, **BEFORE, "order_id": "4", "money": -30, "quantity": -1},
            {"day": "2025-10-01", **ALDER, "order_id": "5", "money": 999, "quantity": 9},
        ],
        {"sales": 200, "orders": 3, "customers": 2, "new_customers": 1, "new_customer_sales": 70, "quantity": 5,
         "named_sales": 200, "named_orders": 3, "counted_sales": 200, "aov": 200 / 3, "spend_per_customer": 100,
         "orders_per_customer": 1.5, "unit_price": 40},
    ),
    "an order in two lines": (
        "orders",
        [{**DAY, **ALDER, "order_id": "1", "money": 10}, {**DAY, **ALDER, "order_id": "1", "money": 15}],
        {"sales": 25, "orders": 1, "aov": 25, "customers": 1},
    ),
    "nothing sold": (
        "orders",
        [{"day": "2025-08-31", **ALDER, "money": 100, "quantity": 2}],
        {"sales": 0, "orders": 0, "customers": 0, "new_customers": 0, "new_customer_sales": 0, "quantity": 0,
         "named_sales": 0, "named_orders": 0, "counted_sales": 0, "aov": NO, "spend_per_customer": NO,
         "orders_per_customer": NO, "unit_price": NO},
    ),
    "more given back than sold": (
        "orders",
        [{**DAY, **ALDER, "order_id": "1", "money": -80, "quantity": -2},
         {**DAY, **ALDER, "order_id": "2", "money": 30, "quantity": 1}],
        {"sales": -50, "orders": 1, "customers": 0, "quantity": -1, "spend_per_customer": NO, "unit_price": 50},
    ),
    "sales that name no customer and no units": (
        "orders",
        [{**DAY, "order_id": "1", "money": 100}],
        {"sales": 100, "orders": 1, "customers": NO, "new_customers": NO, "new_customer_sales": NO, "quantity": NO,
         "named_sales": NO, "named_orders": NO, "counted_sales": NO, "unit_price": NO, "spend_per_customer": NO},
    ),
    "sales of which a part names customer and units": (
        "orders",
        [{**DAY, "order_id": "1", "money": 100}, {**DAY, **ALDER, "order_id": "2", "money": 40, "quantity": 8}],
        {"sales": 140, "customers": 1, "named_sales": 40, "named_orders": 1, "counted_sales": 40, "quantity": 8,
         "unit_price": 5, "spend_per_customer": 40},
    ),
    "deals won, lost, open and closed later": (
        "opportunities",
        [
            {**DAY, "begun": "2025-09-01", "status": "won", "money": 100, "proposal_date": "2025-09-05"},
            {**DAY, "begun": "2025-09-04", "status": "won"},
            {**DAY, "begun": "2025-08-01", "status": "lost", "money": 50, "proposal_date": "2025-09-05"},
            {**DAY, "begun": "2025-09-02", "status": "lost", "money": 0},
            {"begun": "2025-09-02", "status": "open", "money": 70},
            {"day": "2025-10-02", "begun": "2025-09-30", "status": "won", "money": 999},
        ],
        {"won_deals": 2, "lost_deals": 2, "closed_deals": 4, "win_rate": 0.5, "won_value": 100, "priced_wins": 1,
         "priced_share": 0.5, "deal_value": 100, "lost_value": 50, "priced_deals": 1, "proposed_deals": 2,
         "judged_wins": 2, "judged_deals": 4, "judged_proposals": 2, "proposal_rate": 0.5, "wins_per_proposal": 1,
         "cohort_deals": 5, "cohort_won": 3, "cohort_lost": 1, "cohort_open": 1, "close_rate": 0.6,
         "won_cycle": 7.5, "won_cycle_median": 7.5},
    ),
    "no deal closed": (
        "opportunities",
        [{"begun": "2025-08-02", "status": "open", "money": 70}],
        {"won_deals": 0, "lost_deals": 0, "closed_deals": 0, "win_rate": NO, "won_value": 0, "priced_wins": 0,
         "priced_share": NO, "deal_value": NO, "lost_value": 0, "priced_deals": 0, "proposed_deals": 0,
         "proposal_rate": NO, "wins_per_proposal": NO, "cohort_deals": 0, "close_rate": NO, "won_cycle": NO},
    ),
    "wins that carry no amount": (
        "opportunities",
        [{**DAY, "begun": "2025-09-20", "status": "won"}],
        {"won_deals": 1, "won_value": NO, "deal_value": NO, "priced_share": 0, "win_rate": 1, "lost_value": 0,
         "wins_per_proposal": NO, "won_cycle": NO, "won_cycle_median": NO},
    ),
    "losses are recorded on a part of the days": (
        "opportunities",
        [
            {**DAY, "status": "won", "losses_recorded": False},
            {**DAY, "status": "won", "losses_recorded": True, "proposal_date": "2025-09-01"},
            {**DAY, "status": "lost", "losses_recorded": True},
        ],
        {"won_deals": 2, "judged_wins": 1, "judged_deals": 2, "win_rate": 0.5, "judged_proposals": 1,
         "proposal_rate": 0.5, "wins_per_proposal": 1},
    ),
    "instalments paid, overpaid, credited and paid on no day": (
        "receipts",
        [
            {"due": "2025-09-05", "owed": 100, "paid": "2025-09-07", "got": 100},
            {"due": "2025-08-05", "owed": 50, "paid": "2025-09-08", "got": 60},
            {"due": "2025-09-09", "owed": -20},
            {"due": "2025-09-09", "owed": 40, "got": 40},
        ],
        {"receivable": 120, "received": 160, "instalments": 3, "undated_receipts": 1, "undated_due": 40,
         "collection_rate": 2},
    ),
    "nothing due and nothing paid": (
        "receipts",
        [{"due": "2025-08-05", "owed": 50}],
        {"receivable": 0, "received": 0, "instalments": 0, "undated_receipts": 0, "undated_due": 0,
         "collection_rate": NO},
    ),
    "money that came in on no known day alone": (
        "receipts",
        [{"due": "2025-09-09", "owed": 40, "got": 40}, {"due": "2025-09-10", "owed": 60}],
        {"receivable": 100, "received": 0, "undated_receipts": 1, "undated_due": 40, "collection_rate": NO},
    ),
    "work that was logged": (
        "activities",
        [{**DAY, "kind": "call", "count": 7}, {**DAY, "kind": "call"}, {**DAY, "kind": "visit", "count": 2},
         {**DAY, "kind": "followup"}, {**DAY, "kind": "proposal"}, {**DAY, "kind": "meeting", "count": 3},
         {"day": "2025-10-01", "kind": "call", "count": 99}],
        {"calls": 8, "visits": 2, "followups": 1, "proposals": 1, "meetings": 3},
    ),
    "no work logged": (
        "activities",
        [{"day": "2025-08-31", "kind": "call"}],
        {"calls": 0, "visits": 0, "followups": 0, "proposals": 0, "meetings": 0},
    ),
    "leads and how far they came": (
        "stage_entries",
        [("d1", "yes", "yes"), ("d2", "no", "yes"), ("d3", "no", "no")],
        {"reached_deals": 3, "passed_deals": 1, "qualified_deals": 2, "conversion": 1 / 3,
         "intent_conversion": 2 / 3},
    ),
}  # fmt: skip
FROM_ROWS = [m.id for m in metrics().values() if m.base]


def tables_of(name, rows):
    if name != "stage_entries":
        return {name: frame(name, *rows)}
    import pandas as pd

    made = pd.DataFrame(rows, columns=["opportunity_id", "passed", "qualified"], dtype="str")
    return {name: made.assign(begun=pd.to_datetime("2025-09-02"))}


@pytest.mark.parametrize("case", CASES)
def test_a_figure_is_what_was_worked_out_by_hand(case):
    name, rows, expected = CASES[case]
    found = measure(expected, tables_of(name, rows), SEPTEMBER).iloc[0]
    assert {id: None if np.isnan(found[id]) else found[id] for id in expected} == pytest.approx(expected)


def test_every_figure_from_rows_is_worked_out_once():
    """Add a case above for a figure that is named here."""
    assert set(FROM_ROWS) - {id for _, _, expected in CASES.values() for id in expected} == set()


def test_parts_are_measured_alike_and_what_names_nobody_is_a_part_too():
    rows = [{**DAY, **ALDER, "money": 100}, {**DAY, **BIRCH, "money": -40}, {**DAY, "money": 5, "customer": "Cedar"}]
    found = measure(["sales", "orders", "customers"], {"orders": frame("orders", *rows)}, SEPTEMBER, ["rep"])
    assert found["rep"].tolist() == ["(none)", "Ann", "Bob"]
    assert found["sales"].tolist() == [5, 100, -40]
    assert found["orders"].tolist() == [1, 1, 0]
    assert found["customers"].tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    ("actual", "target", "gap", "attained"),
    [(80, 100, -20, 0.8), (120, 100, 20, 1.2), (0, 100, -100, 0), (50, 0, 50, NO), (50, -10, 60, NO),
     (-5, 100, -105, NO), (NO, 100, NO, NO), (50, NO, NO, NO)],
)  # fmt: skip
def test_an_actual_is_held_against_its_target(actual, target, gap, attained):
    given = {name: np.array([np.nan if v is None else v]) for name, v in (("actual", actual), ("target", target))}
    for id, wanted in (("gap", gap), ("attainment", attained)):
        (found,) = metric(id).derived(given)
        assert found == pytest.approx(np.nan if wanted is None else wanted, nan_ok=True), id


@pytest.mark.parametrize("id", [m.id for m in metrics().values() if m.unit == "rate" and m.derived and len(m.of) > 1])
def test_a_rate_of_nothing_is_not_available(id):
    nothing = dict.fromkeys(metric(id).of, np.array([0.0]))
    assert np.isnan(metric(id).derived(nothing)).all()

"""How long deals take: medians worked by hand, open deals counted, and what is said of deals that cannot be timed."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from salesnb.calendar import Window
from salesnb.findings import diagnosis
from salesnb.settings import Sales, Settings
from salesnb.show.sentence import sentence_text
from salesnb.views.contracts import contract_days
from salesnb.words import LANGUAGES
from tests.frames import frame, scope_of

LAST = date(2025, 9, 30)
SCOPE = scope_of("2025-09", as_of=LAST, begin=date(2023, 1, 2))
NO_ORDERS = frame("orders", {"day": "2025-09-01", "money": 1}).iloc[:0]


def deal(began: date, took: int | None, status: str, **more: object) -> dict[str, object]:
    """A deal that began on a day; ``took`` None: still open."""
    close = None if took is None else (began + timedelta(days=took)).isoformat()
    return {"begun": began.isoformat(), "day": close, "status": status, "money": 100, **more}


def batch(lengths: list[int], line: str, *, start: date = date(2025, 3, 3)) -> list[dict[str, object]]:
    """One deal for each length, won and lost by turns, all of one product line."""
    return [
        deal(start, n, "won" if i % 2 else "lost", product_line=line, customer_type="Mid")
        for i, n in enumerate(lengths)
    ]


def found_for(rows: list[dict[str, object]], orders: pd.DataFrame = NO_ORDERS, scope=SCOPE):
    return diagnosis.cycle(frame("opportunities", *rows), orders, scope=scope)


def said(found, lang: str = "en") -> str:
    return " ".join(sentence_text(found, say, lang) for say in (found.headline, *found.notes))


def test_half_of_the_deals_by_hand_with_open_ones_counted():
    """Closed after 10, 20, 30, 40, 50, 60 days; four begun 35 days before the end are open.

    At risk 10, 9, 8, then 7 - 4 that are seen for 35 days only: left .9 .8 .7, then .7 x 2/3 = .467 at day 40. Of
    closed deals alone the median would be 35, of deals won 40.
    """
    rows = batch([10, 20, 30, 40, 50, 60], "Pumps")
    rows += [deal(LAST - timedelta(days=35), None, "open", product_line="Pumps")] * 4
    total = found_for(rows).rows.iloc[0]
    assert (total["followed_deals"], total["followed_open"]) == (10, 4)
    assert total["cycle"] == 40
    assert np.isnan(total["contract_cycle"])
    assert total["contracts"] == 0


def test_freireich_as_deals():
    """6-MP: the published median of 23 is found through dates, whenever each deal began."""
    weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    ended = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    rows = [
        deal(date(2025, 3, 3) + timedelta(days=i), n, "won") if e else deal(LAST - timedelta(days=n), None, "open")
        for i, (n, e) in enumerate(zip(weeks, ended, strict=True))
    ]
    total = found_for(rows).rows.iloc[0]
    assert (total["followed_deals"], total["followed_open"]) == (21, 12)
    assert (total["cycle"], total["cycle_low"]) == (23, 13)
    assert np.isnan(total["cycle_high"])


def test_lines_that_differ_are_named_and_those_that_do_not_are_not():
    slow = [80 + n for n in range(20)]
    fast = [20 + n for n in range(20)]
    apart = found_for([*batch(slow, "Pumps"), *batch(fast, "Service")])
    assert apart.headline.key == "spread_product_line"
    assert "product lines run from 29 (Service) to 89 (Pumps)" in said(apart)
    assert apart.rows["product_line"].tolist() == ["", "Pumps", "Service", ""]
    assert [apart.rows["product_line"].iloc[p] for p in apart.chart.accent] == ["Pumps", "Service"]
    alike = found_for([*batch(slow, "Pumps"), *batch([n + 1 for n in slow], "Service")])
    assert alike.headline.key == "typical"
    assert alike.chart.accent == ()


def test_a_line_of_few_deals_is_not_ranked():
    found = found_for([*batch([80 + n for n in range(40)], "Pumps"), *batch([5] * 9, "Service")])
    assert found.headline.key == "typical"
    place = found.rows["product_line"].tolist().index("Service")
    assert found.too_few("cycle", place) == 9


def test_deals_that_cannot_be_timed_are_counted_and_left_out():
    rows = batch(list(range(30, 50)), "Pumps")
    rows += [
        {"begun": None, "day": "2025-05-05", "status": "won", "money": 1},  # no first contact
        {"begun": None, "day": None, "status": "open", "money": 1},
        {"begun": "2025-05-05", "day": None, "status": "lost", "money": 1},  # closed on no known day
        {"begun": "2025-05-05", "day": "2025-05-01", "status": "won", "money": 1},  # closed before it began
        {"begun": None, "day": "2023-05-05", "status": "won", "money": 1},  # long before
    ]
    found = found_for(rows)
    total = found.rows.iloc[0]
    assert (total["followed_deals"], total["undated_deals"], total["reversed_deals"]) == (20, 3, 1)
    assert total["cycle"] == 39
    assert {"undated", "reversed"} <= {note.key for note in found.notes}


def test_what_happens_after_the_day_has_not_happened():
    """Read on 31 July, the deals that closed in August are open, and those begun in August are not there."""
    rows = [*batch([100] * 6, "Pumps", start=date(2025, 4, 1)), *batch([130] * 6, "Pumps", start=date(2025, 4, 1))]
    rows += batch([10] * 5, "Pumps", start=date(2025, 8, 4))
    found = found_for(rows, scope=scope_of("2025-07", as_of=LAST, begin=date(2023, 1, 2)))
    total = found.rows.iloc[0]
    assert (total["followed_deals"], total["followed_open"], total["cycle"]) == (12, 6, 100)
    assert "to 31 Jul 2025" in said(found)


def test_older_deals_count_from_the_beginning_of_the_data_only():
    """Data from 1 July: deals begun 40 days before are in them only where they had not closed by then.

    Twelve begun in time took 10 to 21 days, twelve older ones 41 to 52. Of the older ones those that took less are not
    in the data, so they say nothing of the first 40 days: half of the deals take 15 days. Counted as if they had been
    seen from the start they would make it 21.
    """
    begin = date(2025, 7, 1)
    rows = [deal(begin, n, "won") for n in range(10, 22)]
    rows += [deal(begin - timedelta(days=40), n, "won") for n in range(41, 53)]
    scope = scope_of("2025-09", as_of=LAST, begin=begin)
    found = found_for(rows, scope=scope)
    total = found.rows.iloc[0]
    assert (total["late_entries"], total["followed_deals"]) == (12, 24)
    assert total["cycle"] == 15
    assert "truncated" in [note.key for note in found.notes]
    assert found_for(rows).rows["cycle"].iloc[0] == 21  # where the data begin long before


def test_a_year_before_is_beside_it_and_judged():
    now = [deal(date(2025, 3, 3) + timedelta(days=i), 60 + i, "won") for i in range(30)]
    before = [deal(date(2024, 3, 4) + timedelta(days=i), 30 + i, "won") for i in range(30)]
    found = found_for([*now, *before])
    total = found.rows.iloc[0]
    assert (total["followed_deals"], total["cycle"], total["cycle_last_year"]) == (30, 74, 44)
    assert "longer" in [note.key for note in found.notes]
    other_way = found_for(
        [deal(date(2025, 3, 3), 30 + i, "won") for i in range(30)]
        + [deal(date(2024, 3, 4), 60 + i, "won") for i in range(30)]
    )
    assert "shorter" in [note.key for note in other_way.notes]
    young = scope_of("2025-09", as_of=LAST, begin=date(2024, 6, 3))
    assert found_for([*now, *before], scope=young).rows["cycle_last_year"].isna().all()


def test_a_longer_look_back_takes_in_older_deals_and_is_compared_with_no_year_that_it_holds():
    rows = [*batch([60] * 12, "Pumps"), *batch([30] * 12, "Pumps", start=date(2024, 3, 4))]
    longer = replace(SCOPE, settings=Settings(sales=Sales(cycle_months=24)))
    total = found_for(rows, scope=longer).rows.iloc[0]
    assert (total["followed_deals"], total["start"]) == (24, "2023-10-01")
    assert np.isnan(total["cycle_last_year"])


def test_too_few_and_too_many_open():
    few = found_for(batch([30] * 9, "Pumps"))
    assert few.headline.key == "few"
    assert few.quiet
    rows = [*batch([30] * 6, "Pumps"), *[deal(LAST - timedelta(days=60), None, "open")] * 8]
    undecided = found_for(rows)
    assert undecided.headline.key == "not_reached"
    assert "8 of 14" in said(undecided)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_to_time_is_said(lang):
    for rows in ([], [{"begun": None, "day": "2025-09-05", "status": "won", "money": 1}]):
        found = found_for(rows)
        assert found.missing
        assert found.headline.key == "no_dates"
        assert found.facts() == []
        assert sentence_text(found, found.headline, lang)
    old = found_for(batch([30] * 9, "Pumps", start=date(2023, 3, 1)))
    assert old.headline.key == "none"
    assert sentence_text(old, old.headline, lang)


def test_contract_cycle_counts_what_waits_for_its_signature():
    """Signed after 4, 6 and 8 days, one waits for 20: left .75, .5, .25; half take at most 6 days."""
    orders = frame(
        "orders",
        *[{"day": "2025-09-01", "money": 5, "order_id": f"o{i}", "product_line": "Pumps"} for i in range(3)]
        + [{"day": "2025-09-10", "money": 5, "order_id": "o3", "product_line": "Pumps"}] * 2  # two lines
        + [{"day": "2025-09-10", "money": 5, "order_id": "o4"}],
    )
    orders["status"] = ["signed", "signed", "collected", "won", "won", "cancelled"]
    orders["signed_date"] = pd.to_datetime(["2025-09-05", "2025-09-07", "2025-09-09", None, None, None]).astype(
        "datetime64[s]"
    )
    found = found_for(batch(list(range(30, 50)), "Pumps"), orders)
    total, line = found.rows.iloc[0], found.rows.iloc[1]
    assert (total["contracts"], total["contract_cycle"]) == (4, 6)
    assert (line["product_line"], line["contracts"], line["contract_cycle"]) == ("Pumps", 4, 6)
    assert found.too_few("contract_cycle", 0) == 4


def test_deals_won_in_the_period_stand_beside():
    """Mean and middle of what closed as won in September, whenever it began: 10, 20 and 60 days."""
    rows = [deal(date(2025, 9, 10) - timedelta(days=n), n, "won", product_line="Pumps") for n in (10, 20, 60)]
    rows += [deal(date(2025, 9, 10) - timedelta(days=400), 400, "lost", product_line="Pumps")]
    rows += [{"begun": "2025-09-09", "day": "2025-09-08", "status": "won", "money": 1, "product_line": "Pumps"}]
    found = found_for([*rows, *batch([5] * 10, "Valves")])
    total = found.rows.iloc[0]
    assert (total["won_deals"], total["won_cycle"], total["won_cycle_median"]) == (4, 30, 20)
    valves = found.rows[found.rows["product_line"] == "Valves"].iloc[0]
    assert valves["won_deals"] == 0
    assert np.isnan(valves["won_cycle"])


def test_input_is_unchanged_and_the_order_of_rows_does_not_matter():
    rows = [*batch(list(range(20, 50)), "Pumps"), *batch(list(range(60, 90)), "Valves")]
    deals = frame("opportunities", *rows)
    kept = deals.copy(deep=True)
    facts = diagnosis.cycle(deals, NO_ORDERS, scope=SCOPE).facts()
    pd.testing.assert_frame_equal(deals, kept)
    turned = deals.iloc[::-1].reset_index(drop=True)
    assert diagnosis.cycle(turned, NO_ORDERS, scope=SCOPE).facts() == facts


def test_the_sample_company_takes_as_long_as_it_was_made_to(sample):
    """Pumps are the slowest line and service the fastest, as the sample draws them."""
    case = sample("all", "2025-09")
    rows = diagnosis.cycle(case.opportunities, case.orders, scope=case.scope).rows
    lines = [line for line in rows["product_line"] if line]
    assert (lines[0], lines[-1]) == ("Pumps", "Service")
    assert rows["cycle_low"].iloc[0] <= rows["cycle"].iloc[0] <= rows["cycle_high"].iloc[0]


def test_a_contract_over_several_lines_counts_with_the_one_that_brought_most_whatever_the_order_of_rows():
    lines = frame(
        "orders",
        *[{"day": "2025-09-01", "money": money, "order_id": order, "product_line": line, "customer_type": kind}
         for order, line, kind, money in (("a", "Valves", "key", 3), ("a", "Pumps", "key", 9), ("a", "Pumps", "key", 1),
                                          ("b", "Valves", "key", 5), ("b", "Pumps", "small", 5))]
    )  # fmt: skip
    lines = lines.assign(status="signed", signed_date=lines["sales_date"] + pd.Timedelta(days=4))
    window = Window(date(2025, 9, 1), date(2025, 9, 30))
    for mixed in (lines, lines.iloc[::-1], lines.iloc[[3, 0, 4, 2, 1]].set_axis([0] * 5)):
        made = contract_days(mixed, window)
        assert made["days"].tolist() == [4.0, 4.0]
        assert made["product_line"].tolist() == ["Pumps", "Pumps"]  # of equal ones the first by name
        assert made["customer_type"].tolist() == ["key", "small"]

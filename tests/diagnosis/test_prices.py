"""The one usual price, on order lines worked out by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from salesnb.calendar import Window
from salesnb.causes.signals import order_cells, price_windows
from salesnb.views.past import past_of
from salesnb.views.prices import at_prices_before, at_usual_prices, levels_by_rep, price_level
from tests.frames import frame, scope_of

PAST = (Window(date(2025, 1, 1), date(2025, 3, 31)), Window(date(2025, 5, 1), date(2025, 5, 31)))
NOW = Window(date(2025, 9, 1), date(2025, 9, 30))


def line(day, customer, money, quantity, product="P", kind="small", **more):
    return {"day": day, "customer": customer, "money": money, "quantity": quantity, "product": product,
            "customer_type": kind, **more}  # fmt: skip


LINES = [
    line("2025-01-10", "A", 100.0, 10),  # A pays 10 and 20: 300 for 20 together, 15 a unit
    line("2025-05-10", "A", 200.0, 10),
    line("2025-04-10", "A", 9000.0, 900),  # between the windows
    line("2025-02-10", "B", 90.0, 10),  # small ones together: 390 for 30, 13 a unit
    line("2025-02-11", "C", 50.0, 10, kind="large"),
    line("2025-09-10", "A", 120.0, 10),
    line("2025-09-11", "N", 120.0, 10),  # new: as its type
    line("2025-09-12", "N", 60.0, 10, kind="large"),
    line("2025-09-13", "A", 20.0, 1, product="Q"),  # never sold before
]


def usual(lines, windows=PAST):
    return at_usual_prices(frame("orders", *lines), windows).tolist()


def test_the_usual_price_is_what_the_customer_paid_or_else_what_its_type_did():
    assert usual(LINES)[5:] == pytest.approx([150.0, 130.0, 50.0, 0.0])
    assert usual(LINES)[0] == 150.0


@pytest.mark.parametrize("bad", [
    line("2025-09-10", "A", 10.0, 0), line("2025-09-10", "A", -100.0, -10), line("2025-09-10", "A", 100.0, None),
    line("2025-09-10", "A", 100.0, 10, product=None), line("2025-09-10", "A", 100.0, 10, product=""),
    line("2025-09-10", "A", 30.0, 10), line("2025-09-10", "A", 750.0, 10),
])  # fmt: skip
def test_a_line_without_units_or_product_or_at_a_price_nobody_believes_has_no_usual_price(bad):
    assert usual([*LINES, bad])[-1] == 0.0


def test_returned_units_teach_no_price():
    assert usual([line("2025-02-01", "A", -500.0, -10), *LINES])[1:] == pytest.approx(usual(LINES))


def test_customers_without_a_name_or_type_are_as_good_as_all_others_without_one():
    past = [line("2025-01-10", "", 100.0, 10, kind=""), line("2025-01-11", "B", 300.0, 10, kind=None)]
    now = [line("2025-09-10", "", 100.0, 10, kind=""), line("2025-09-10", "N", 100.0, 10, kind=None)]
    assert usual([*past, *now])[2:] == [200.0, 200.0]


@pytest.mark.parametrize("windows", [(), (Window(date(2020, 1, 1), date(2020, 12, 31)),)])
def test_without_a_past_nothing_has_a_usual_price(windows):
    assert usual(LINES, windows) == [0.0] * len(LINES)
    assert at_usual_prices(frame("orders"), windows).tolist() == []


def test_the_level_is_what_was_paid_over_what_the_units_would_have_brought():
    orders = frame("orders", *[{**row, "rep": "Ma" if row["customer"] == "A" else "Li"} for row in LINES])
    lines = orders.assign(usual=at_usual_prices(orders, PAST))
    assert price_level(lines, NOW) == pytest.approx((120 + 120 + 60) / (150 + 130 + 50))
    assert levels_by_rep(lines, NOW) == {"Ma": pytest.approx(120 / 150), "Li": pytest.approx(180 / 180)}
    assert np.isnan(price_level(lines, Window(date(2019, 1, 1), date(2019, 1, 31))))


def test_at_prices_as_ever_the_level_is_one_whatever_is_bought_and_by_whom():
    draws, rows = np.random.default_rng(5), []
    for _ in range(400):
        customer, product = f"c{draws.integers(20)}", f"p{draws.integers(5)}"
        quantity = float(draws.integers(1, 9))
        price = 10.0 * (1 + int(product[1:])) * (1 + int(customer[1:]) / 10)
        day = str(draws.choice(["2025-01-05", "2025-03-05", "2025-05-06", "2025-09-09"]))
        rows.append(line(day, customer, price * quantity, quantity, product=product))
    orders = frame("orders", *rows)
    known = [(r["customer"], r["product"]) for r in rows if r["day"] < "2025-09"]
    rows = [r for r in rows if r["day"] < "2025-09" or (r["customer"], r["product"]) in known]
    orders = frame("orders", *rows)
    kept = orders.copy(deep=True)
    found = at_usual_prices(orders, PAST)
    assert found.tolist() == pytest.approx([r["money"] for r in rows])
    pd.testing.assert_frame_equal(orders, kept)
    mixed = orders.sample(frac=1, random_state=1)
    assert at_usual_prices(mixed, PAST).tolist() == pytest.approx(found[mixed.index].tolist())
    as_categories = orders.astype(dict.fromkeys(("customer", "product", "customer_type"), "category"))
    assert at_usual_prices(as_categories, PAST).tolist() == pytest.approx(found.tolist())


@pytest.mark.parametrize("period", ["2025-09", "2025-Q3", "2025", "2025-W36"])
def test_the_search_for_problems_has_the_same_prices_as_the_questions_about_them(period):
    scope = scope_of(period, date(2025, 12, 31), date(2023, 1, 1), team="S")
    months = [str(m) for m in pd.period_range("2023-01", "2025-12", freq="M")]
    orders = frame("orders", *[line(f"{m}-04", "A", 100.0 + i, 10, team="S") for i, m in enumerate(months)])
    own = at_usual_prices(orders, price_windows(scope))
    cells = order_cells(orders, frame("targets"), past_of(scope), scope)
    assert sorted(set(cells["usual"].round(6))) == sorted(set(own.round(6)))
    # Twelve months, and none that is judged.
    assert len(price_windows(scope)) == 12
    assert price_windows(scope)[-1].end < past_of(scope).recent.start or period == "2025-W36"


def before(lines, place, back=2):
    return at_prices_before(frame("orders", *lines), np.array(place), back).tolist()


def test_a_price_known_before_a_bin_is_learnt_from_the_bins_just_before_it():
    rows = [
        line("2025-01-10", "A", 100.0, 10),  # bin 0: nothing is known
        line("2025-02-10", "A", 240.0, 10),  # bin 1: 10 a unit, of bin 0
        line("2025-02-11", "B", 90.0, 10),  # bin 1: a small one: as A in bin 0
        line("2025-03-10", "A", 200.0, 10),  # bin 2: 340 for 20, of bins 0 and 1
        line("2025-04-10", "A", 200.0, 10),  # bin 3: 440 for 20, of bins 1 and 2
        line("2025-04-11", "N", 200.0, 10),  # bin 3: all small ones of bins 1 and 2: 530 for 30
        line("2025-04-12", "L", 200.0, 10, kind="large"),  # bin 3: no large one ever bought it
        line("2025-05-10", "A", 200.0, 10),  # in no bin
    ]
    found = before(rows, [0, 1, 1, 2, 3, 3, 3, -1])
    assert found[:7] == pytest.approx([0.0, 100.0, 100.0, 170.0, 220.0, 530 / 3, 0.0])


def test_prices_known_before_do_not_hang_on_the_order_of_rows():
    place = [0, 3, 2, 0, 1, 6, 6, 6, 6]
    turned = np.random.default_rng(1).permutation(len(LINES))
    straight = before(LINES, place, back=3)
    assert any(straight)
    assert before([LINES[i] for i in turned], [place[i] for i in turned], back=3) == pytest.approx(
        [straight[i] for i in turned]
    )

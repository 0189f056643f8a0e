"""The run of a problem's figure beside what its past lets expect, on months worked out by hand."""

from datetime import date, timedelta

import pandas as pd
import pytest

from salesnb.calendar import Calendar, Period
from salesnb.findings import diagnosis
from salesnb.scope import Scope
from salesnb.show.render import evidence_html
from tests.frames import frame, problems, scope_of
from tests.reading import said

MONTHS = [str(m) for m in pd.period_range("2023-08", "2025-09", freq="M")]
SCOPE = scope_of("2025-09", date(2025, 9, 30), date(2023, 8, 1), team="S")


def evidence(*found, orders=None, deals=None, receipts=None, scope=SCOPE):
    return diagnosis.problem_evidence(
        problems(*found) if found else problems(),
        frame("orders", *orders or []),
        frame("targets"),
        frame("opportunities") if deals is None else frame("opportunities", *deals),
        frame("receipts") if receipts is None else receipts,
        scope=scope,
    )


def sales(a, b, since="2025-07"):
    """Customer A buys 100 a month until a month, then ``a``; B buys 300, in December ``b`` times that."""
    rows = []
    for month in MONTHS:
        rows.append({"day": f"{month}-03", "customer": "A", "money": a if month >= since else 100.0})
        rows.append({"day": f"{month}-04", "customer": "B", "money": 300.0 * (b if month[-2:] == "12" else 1)})
    return [row for row in rows if row["money"]]


STOPPED = {"problem": "customer_stopped", "customer": "A", "effect": -90.0}
RATE = {"problem": "lower_win_rate", "rep": "Ma", "kpi": "win_rate", "actual": 0.25, "expected": 0.5, "cases": 8.0,
        "worth": 8.0, "effect": -2.0}  # fmt: skip
PRICE = {"problem": "lower_prices", "product_line": "L", "kpi": "price_level", "actual": 0.8, "expected": 1.0,
         "worth": 100.0, "effect": -20.0}  # fmt: skip


def test_an_amount_is_expected_to_keep_its_share_of_all_the_rest():
    found = evidence(STOPPED, orders=sales(0.0, 2.0))
    rows = found.rows.set_index("month")
    assert list(rows.index) == MONTHS[-13:]
    assert rows["kpi"].unique().tolist() == ["sales"]
    assert rows.loc["2025-06", "actual"] == 100.0
    # Of twelve months the rest sold 300 in eleven and 600 in one: 1,200 against 3,900.
    share = 1200 / 3900
    assert rows.loc["2025-06", "expected"] == pytest.approx(share * 300)
    assert rows.loc["2024-12", "expected"] == pytest.approx(share * 600)
    # What is judged together with the period tells nothing of what is usual.
    assert rows.loc["2025-08", ["actual", "expected"]].tolist() == [0.0, pytest.approx(share * 300)]
    assert rows.loc["2025-09", ["actual", "expected"]].tolist() == [0.0, 90.0]
    assert said(found)["en"][0] == ("Customer stopped ordering (A): sales came to 0; expected 90; confidence high.")


def test_the_loss_stands_beside_the_last_month_only():
    rows = evidence(STOPPED, orders=sales(0.0, 1.0)).rows
    assert rows["effect"].iloc[:-1].isna().all()
    assert rows["effect"].iloc[-1] == -90.0


def test_a_rate_is_expected_to_be_that_of_the_twelve_months_before_and_hides_where_it_rests_on_few():
    deals = [{"day": f"{m}-05", "rep": "Ma", "status": status, "money": 1.0}
             for m in MONTHS for status in (["won"] * (2 if m >= "2025-06" else 6) + ["lost"] * 6)]  # fmt: skip
    found = evidence(RATE, deals=deals)
    rows = found.rows.set_index("month")
    assert rows.loc["2025-05", ["actual", "expected", "cases"]].tolist() == [0.5, 0.5, 12.0]
    assert rows.loc["2025-09", ["actual", "expected", "cases"]].tolist() == [0.25, 0.5, 8.0]
    last = list(rows.index).index("2025-09")
    assert found.too_few("actual", last) == 8
    assert found.too_few("actual", last - 4) is None


def test_a_fall_in_price_shows_as_prices():
    rows = [{"day": f"{m}-05", "product": "P", "product_line": "L", "quantity": 10.0, "customer": "A",
             "money": 80.0 if m >= "2025-08" else 100.0} for m in MONTHS]  # fmt: skip
    found = evidence(PRICE, orders=rows)
    run = found.rows.set_index("month")
    assert set(found.rows["kpi"]) == {"price_level"}
    assert run.loc["2025-07", "actual"] == pytest.approx(1.0)
    assert run.loc["2025-08":, "actual"].tolist() == pytest.approx([0.8, 0.8])
    assert run["expected"].tolist() == pytest.approx([1.0] * 13)


def test_the_price_of_a_year_is_held_against_the_year_before():
    rows = [{"day": f"{m}-05", "product": "P", "product_line": "L", "quantity": 10.0, "customer": "A",
             "money": 80.0 if m >= "2025-01" else 100.0} for m in MONTHS]  # fmt: skip
    scope = scope_of("2025", date(2025, 9, 30), date(2023, 8, 1), team="S")
    found = evidence({**PRICE, "effect": -180.0, "worth": 900.0}, orders=rows, scope=scope)
    assert found.rows["actual"].tolist()[-9:] == pytest.approx([0.8] * 9)
    assert found.rows.iloc[-1][["month", "actual", "expected"]].tolist() == ["", pytest.approx(0.8), 1.0]


def test_new_customers_are_counted_in_their_own_month_beside_the_orders_of_all_others():
    rows = [{"day": f"{m}-05", "customer": f"{m}-{i}", "product_line": "L", "money": 10.0}
            for m in MONTHS for i in range(1 if m == "2025-09" else 4)]  # fmt: skip
    rows += [
        {"day": f"{m}-06", "customer": f"old{i}", "product_line": "L", "money": 10.0} for m in MONTHS for i in range(20)
    ]
    problem = {"problem": "fewer_new_customers", "product_line": "L", "new_existing": "new", "kpi": "new_customers",
               "actual": 1.0, "expected": 4.0, "worth": 10.0, "effect": -30.0}  # fmt: skip
    run = evidence(problem, orders=rows).rows.set_index("month")
    assert set(run["kpi"]) == {"new_customers"}
    assert run.loc["2025-08":, "actual"].tolist() == [4.0, 1.0]
    assert run.loc["2025-08":, "expected"].tolist() == pytest.approx([4.0, 4.0])


def test_collection_is_what_was_there_in_time_of_what_fell_due():
    paid = [{"receipt_id": f"{m}{i}", "team": "S", "customer": "A", "due_date": f"{m}-10", "due_amount": 1_000.0,
             "received_date": f"{m}-20" if m < "2025-08" or i else None,
             "received_amount": 1_000.0 if m < "2025-08" or i else None}
            for m in MONTHS for i in (0, 1)]  # fmt: skip
    late = {"receipt_id": "late", "team": "S", "customer": "A", "due_date": "2025-07-31", "due_amount": 2_000.0,
            "received_date": "2025-09-15", "received_amount": 2_000.0}  # fmt: skip
    receipts = frame("receipts", *paid, late)
    problem = {"problem": "lower_collection", "kpi": "due_collection", "actual": 0.5, "expected": 1.0,
               "worth": 2000.0, "effect": -1000.0}  # fmt: skip
    run = evidence(problem, receipts=receipts).rows.set_index("month")
    assert set(run["kpi"]) == {"due_collection"}
    assert run.loc["2025-07":, "actual"].tolist() == [0.5, 0.5, 0.5]
    assert run.loc["2025-06", ["actual", "expected"]].tolist() == [1.0, 1.0]


def test_each_problem_has_its_own_line_with_its_own_title_in_both_languages():
    two = STOPPED, {"problem": "fewer_customers", "effect": -10.0}
    found = evidence(*two, orders=sales(0.0, 1.0))
    assert found.rows["chain"].value_counts().to_dict() == {"1": 13, "2": 13}
    for lang in ("en", "zh"):
        page = evidence_html(found, lang)
        assert page.count('<figcaption class="snb-run">') == 2
        assert page.count("<svg") == 4
    assert "Customer stopped ordering (A): sales 0, expected 90" in evidence_html(found, "en")


def test_a_young_history_expects_nothing():
    scope = scope_of("2025-09", date(2025, 9, 30), date(2025, 5, 1), team="S")
    deals = [{"day": f"{m}-05", "rep": "Ma", "status": s, "money": 1.0} for m in MONTHS[-5:] for s in ("won", "lost")]
    found = evidence({**RATE, "rep": ""}, deals=deals, scope=scope)
    assert found.rows["expected"].iloc[:-1].isna().all()
    said(found)


def test_weeks_run_by_week_and_quarters_by_month():
    week = evidence(STOPPED, orders=sales(0.0, 1.0), scope=scope_of("2025-W36", date(2025, 9, 30), date(2023, 8, 1)))
    assert week.rows["week"].tolist()[-1] == "2025-W36"
    quarter = evidence(STOPPED, orders=sales(0.0, 1.0), scope=scope_of("2025-Q3", date(2025, 9, 30), date(2023, 8, 1)))
    assert quarter.rows["month"].tolist()[-4:] == ["2025-07", "2025-08", "2025-09", ""]
    assert quarter.rows["expected"].tolist()[-4:] == pytest.approx([100.0, 100.0, 100.0, 90.0])
    assert quarter.headline.picks["now"] == len(quarter.rows) - 1


def fiscal(level, number, days):
    begin = date(2023, 8, 7) + timedelta(days=days * number)
    return Period(f"{level} {number}", level, begin.year, number, begin, begin + timedelta(days=days - 1))


@pytest.mark.parametrize(("level", "days"), [("sprint", 14), ("quarter", 91), ("month", 28)])
def test_periods_of_any_fiscal_table_have_their_run(level, days):
    count = 780 // days - 1
    month = [fiscal("month", n, 28) for n in range(20)] if level == "quarter" else []  # they end too early
    calendar = Calendar([*month, *(fiscal(level, n, days) for n in range(count))])
    period = calendar.fiscal[-1]
    scope = Scope("S", period, period.end, date(2023, 8, 1), calendar=calendar)
    found = evidence(STOPPED, orders=sales(0.0, 1.0), scope=scope)
    unit = {"sprint": "period"}.get(level, level)
    assert found.rows[unit].iloc[-1] == period.name
    said(found)


def test_the_rate_of_a_quarter_is_that_of_all_its_deals():
    def lost(month):
        return {"2025-07": 2, "2025-08": 4, "2025-09": 12}.get(month, 2)

    deals = [{"day": f"{m}-05", "rep": "Ma", "status": status, "money": 1.0}
             for m in MONTHS for status in (["won"] * 2 + ["lost"] * lost(m))]  # fmt: skip
    scope = scope_of("2025-Q3", date(2025, 9, 30), date(2023, 8, 1))
    rows = evidence({**RATE, "cases": 24.0}, deals=deals, scope=scope).rows
    assert rows["actual"].tolist()[-4:] == [2 / 4, 2 / 6, 2 / 14, 6 / 24]
    assert rows.iloc[-1][["month", "expected", "cases"]].tolist() == ["", 0.5, 24.0]


def test_without_problems_there_is_nothing_to_show():
    assert (evidence().headline.key, evidence().quiet) == ("none", True)


def test_rows_have_no_order_and_frames_are_not_changed():
    orders = frame("orders", *sales(0.0, 2.0))
    kept = orders.copy(deep=True)
    deals, receipts = frame("opportunities"), frame("receipts")
    once = diagnosis.problem_evidence(problems(STOPPED), orders, frame("targets"), deals, receipts, scope=SCOPE)
    pd.testing.assert_frame_equal(orders, kept)
    mixed = orders.sample(frac=1, random_state=2)
    again = diagnosis.problem_evidence(problems(STOPPED), mixed, frame("targets"), deals, receipts, scope=SCOPE)
    pd.testing.assert_frame_equal(once.rows, again.rows)

from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesnb import schema
from salesnb.data.cells import days, numbers, values
from salesnb.data.cells.days import Order
from salesnb.data.cells.written import Unreadable
from salesnb.data.taking.parsing import Parser

AMOUNT = schema.table("orders").columns["amount"]


@pytest.mark.parametrize(
    ("written", "units"),
    [
        ("1200", "1200"), ("¥1,200.00", "1200"), ("￥1,200", "1200"), ("$1,200", "1200"), ("CNY 300", "300"),
        ("300 元", "300"), ("1.2万", "12000"), ("1.2万元", "12000"), ("¥1.2万元", "12000"), ("3亿", "300000000"),
        ("1.5K", "1500"), ("2m", "2000000"), ("(300)", "-300"), ("（300）", "-300"), ("(¥300)", "-300"),
        ("300-", "-300"), ("-300", "-300"), ("−300", "-300"), ("-¥5", "-5"), ("¥-5", "-5"), ("+7", "7"),
        ("１２３．５", "123.5"), ("\u3000 8\xa0", "8"), ("125.43999999999998", "125.44"), ("129.696", "129.696"),
        ("0.00005", "0"), ("0.00015", "0.0002"), ("-0.00015", "-0.0002"), ("1.2E3", "1200"), (".5", "0.5"),
        ("9999999999999.9999", "9999999999999.9999"), ("99999999999.00005", "99999999999"),
    ],
)  # fmt: skip
def test_money_is_read_exactly(written, units):
    expected = int(Decimal(units) * 10_000)
    assert numbers.money(written) == expected
    parsed = Parser(AMOUNT).parse(pa.array([written]))
    assert (parsed.values.to_pylist(), parsed.bad) == ([expected], {})


@pytest.mark.parametrize(
    "written", ["abc", "nan", "inf", "-inf", "5%", "--5", "((5))", "12 apples", "1.2.3", "=A1", "¥"]
)
def test_money_that_cannot_be_read_is_refused_not_guessed(written):
    with pytest.raises(Unreadable, match="amount_unreadable"):
        numbers.money(written)
    parsed = Parser(AMOUNT).parse(pa.array(["1", written]))
    assert parsed.bad == {1: "amount_unreadable"}
    assert parsed.values.to_pylist() == [10_000, None]


def test_money_beyond_int64_is_refused():
    with pytest.raises(Unreadable, match="amount_too_large"):
        numbers.money("1e15")


def test_a_unit_is_applied_before_rounding():
    assert Parser(AMOUNT, factor=Decimal(10_000)).parse(pa.array(["1.234567"])).values.to_pylist() == [123_456_700]
    assert Parser(AMOUNT, factor=Decimal("0.01")).parse(pa.array(["12345"])).values.to_pylist() == [1_234_500]


@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=9)))
def test_bulk_and_single_reading_of_money_agree(amounts):
    written = [f"{a:f}" for a in amounts]
    parsed = Parser(AMOUNT).parse(pa.array(written, pa.string()))
    assert parsed.values.to_pylist() == [numbers.money(w) for w in written]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024-09-05", (2024, 9, 5)), ("2024/9/5", (2024, 9, 5)), ("2024.9.5", (2024, 9, 5)),
        ("20240905", (2024, 9, 5)),
        ("2024年9月5日", (2024, 9, 5)), ("2024年9月", (2024, 9, 1)), ("2024-09", (2024, 9, 1)),
        ("2024-09-05T13:45:00", (2024, 9, 5)), ("2024-09-05 13:45", (2024, 9, 5)), ("2024/9/5 0:00:00", (2024, 9, 5)),
        ("2024-09-05T13:45:00.123+08:00", (2024, 9, 5)), ("45540", (2024, 9, 5)), ("45540.75", (2024, 9, 5)),
        ("２０２４－０９－０５", (2024, 9, 5)), ("5 Sep 2024", (2024, 9, 5)), ("Sep 5, 2024", (2024, 9, 5)),
        ("2024年9月5日 下午3:20", (2024, 9, 5)), ("\u30002024-09-05 ", (2024, 9, 5)),
    ],
)  # fmt: skip
def test_dates_are_read(written, day):
    assert days.day(written) == date(*day)


@pytest.mark.parametrize(
    ("written", "order", "reason"),
    [
        ("03/04/2025", "", "date_ambiguous"), ("25/12/2024", "", "date_ambiguous"),
        ("04/25/2025", "dmy", "date_two_formats"),
        ("25/04/2025", "mdy", "date_two_formats"), ("2025-02-30", "", "date_unreadable"),
        ("soon", "", "date_unreadable"),
        ("25/9/5", "", "date_ambiguous"), ("1899-12-31", "", "date_out_of_range"),
        ("2205-01-01", "", "date_out_of_range"),
        ("2025-13-01", "", "date_unreadable"), ("0", "", "date_unreadable"),
    ],
)  # fmt: skip
def test_dates_are_never_guessed(written, order, reason):
    with pytest.raises(Unreadable) as fault:
        days.day(written, Order.said(order))
    assert fault.value.reason == reason


def test_date_order_is_followed():
    assert days.day("03/04/2025", Order.said("dmy")) == date(2025, 4, 3)
    assert days.day("03/04/2025", Order.said("mdy")) == date(2025, 3, 4)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2024-09-05 17:59", datetime(2024, 9, 5, 17, 59)), ("2024/9/5 18:00:01", datetime(2024, 9, 5, 18, 0, 1)),
        ("2024年9月5日 下午3:20", datetime(2024, 9, 5, 15, 20)), ("2024-09-05 12:05 am", datetime(2024, 9, 5, 0, 5)),
        ("2024-09-05", datetime(2024, 9, 5)), ("45540.75", datetime(2024, 9, 5, 18)),
        ("2024-02-29 10:00", datetime(2024, 2, 29, 10)),
    ],
)  # fmt: skip
def test_moments_are_read(written, moment):
    column = schema.table("orders").columns["entered_at"]
    assert Parser(column).parse(pa.array([written])).values.to_pylist() == [moment]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("2025-09", "2025-09"), ("2025年9月", "2025-09"), ("2025/9", "2025-09"), ("202509", "2025-09"),
        ("2025Q3", "2025-Q3"), ("2025-Q3", "2025-Q3"), ("Q3 2025", "2025-Q3"), ("2025年第3季度", "2025-Q3"),
        ("2025年三季度", "2025-Q3"), ("2025", "2025"), ("2025年", "2025"), ("2025-W36", "2025-W36"),
        ("2025年第36周", "2025-W36"), ("2025-09-01", "2025-09-01"), ("45901", "2025-09-01"), ("Sep 2025", "2025-09"),
    ],
)  # fmt: skip
def test_periods_get_their_canonical_name(written, name):
    assert values.period(written) == name


def test_fiscal_names_and_weeks_are_periods():
    assert values.period("FY25-P03", frozenset({"FY25-P03"})) == "FY25-P03"
    assert values.period("2025-09-03", weekly=True) == "2025-W36"
    for wrong in ("2025-13", "2025-W60", "合计", "FY25-P03", "2025H1"):
        with pytest.raises(Unreadable, match="period_unreadable"):
            values.period(wrong)


def test_rates_and_measures_read_percentages():
    measure = schema.table("targets").columns["amount"]
    parsed = Parser(measure).parse(pa.array(["90%", "0.9", "１０万", "¥1,000", "x"]))
    assert parsed.values.to_pylist() == [0.9, 0.9, 100_000.0, 1000.0, None]
    assert parsed.bad == {4: "number_unreadable"} or parsed.bad == {4: "amount_unreadable"}


def test_ids_stay_text_and_destroyed_ones_are_seen():
    column = schema.table("orders").columns["order_id"]
    parsed = Parser(column).parse(pa.array(["007", " 12 ", "1.23457E+15", "6e18", "E12", "1E", "12345678901234567890"]))
    assert parsed.values.to_pylist()[:2] == ["007", "12"]
    assert parsed.bad == {2: "id_destroyed", 3: "id_destroyed"}


def test_yes_and_no_in_both_languages():
    column = schema.table("opportunities").columns["budget_confirmed"]
    parsed = Parser(column).parse(pa.array(["是", "No", "TRUE", "0", "", "maybe"]))
    assert parsed.values.to_pylist() == [True, False, True, False, None, None]
    assert parsed.bad == {5: "bool_unreadable"}


def test_counts_are_whole():
    column = schema.table("activities").columns["count"]
    parsed = Parser(column).parse(pa.array(["3", "3.0", "3.5", "1.2万"]))
    assert (parsed.values.to_pylist(), parsed.bad) == ([3, 3, None, 12_000], {2: "count_unreadable"})


def test_a_number_without_bound_is_no_quantity():
    quantity = schema.table("orders").columns["quantity"]
    parsed = Parser(quantity).parse(pa.array(["3", "1e400", "-1e400"]))
    assert parsed.values.to_pylist() == [3.0, None, None]
    assert parsed.bad == {1: "number_unreadable", 2: "number_unreadable"}


@pytest.mark.parametrize(
    ("written", "company", "fits"),
    [("$100", "USD", True), ("$100", "CNY", False), ("100 USD", "CNY", False), ("¥100", "CNY", True),
     ("¥100", "RMB", True), ("￥100", "JPY", True), ("100元", "CNY", True), ("RMB 100", "CNY", True),
     ("100元", "USD", False), ("€100", "EUR", True), ("HK$100", "HKD", True), ("US$100", "HKD", False),
     ("$100", "", True), ("100", "CHF", True), ("£100", "CHF", False)],
)  # fmt: skip
def test_an_amount_in_another_currency_is_no_amount_of_the_company(written, company, fits):
    parsed = Parser(schema.table("orders").columns["amount"], currency=company).parse(pa.array([written]))
    assert parsed.values.to_pylist() == ([1_000_000] if fits else [None])
    assert parsed.bad == ({} if fits else {0: "other_currency"})

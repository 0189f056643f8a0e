"""Units in headers are read, or the column is refused; they are never passed over."""

from decimal import Decimal

import pytest

from salesnb.data import load
from salesnb.data.cells import units
from salesnb.data.cells.units import NONE, Unit
from salesnb.errors import InputError


@pytest.mark.parametrize(
    ("header", "name", "factor", "currency"),
    [
        ("金额(万元)", "金额", 10_000, "元"),
        ("金额（千元）", "金额", 1000, "元"),
        ("金额（单位：百万元）", "金额", 10**6, "元"),
        ("销售额/万元", "销售额", 10_000, "元"),
        ("金额万元", "金额", 10_000, "元"),
        ("目标(万美元)", "目标", 10_000, "美元"),
        ("金额，单位：亿元", "金额", 10**8, "元"),
        ("单价(元/件)", "单价", 1, "元"),
        ("数量(千件)", "数量", 1000, ""),
        ("数量(件)", "数量", 1, ""),
        ("完成率(%)", "完成率", "0.01", ""),
        ("完成率％", "完成率", "0.01", ""),
        ("Amount (K USD)", "Amount", 1000, "usd"),
        ("Amount in thousands", "Amount", 1000, ""),
        ("Amount (USD '000)", "Amount", 1000, "usd"),
        ("Revenue [EUR]", "Revenue", 1, "eur"),
        ("Revenue ($MM)", "Revenue", 10**6, "$"),
        ("Umsatz in T€", "Umsatz", 1000, "€"),
        ("Betrag (TEUR)", "Betrag", 1000, "eur"),
        ("Sales USD", "Sales", 1, "usd"),
        ("Amount in millions of USD", "Amount", 10**6, "usd"),
        ("Amount (₹ Cr)", "Amount", 10**7, "₹"),
        ("金额(含税)(万元)", "金额(含税)", 10_000, "元"),
    ],
)
def test_a_unit_is_told_from_the_name(header, name, factor, currency):
    found, unit = units.split(header)
    assert (found, unit.factor, unit.currency) == (name, Decimal(factor), currency)


@pytest.mark.parametrize(
    "header",
    ["Amount", "Units", "Sales M", "Order / Line", "Region (North)", "金额(含税)", "Amount, net", "Amount all",
     "Created at (UTC)", "Number of orders", "Close Date (mm/dd/yyyy)", "订单 ID"],
)  # fmt: skip
def test_other_headers_have_no_unit(header):
    assert units.split(header) == (header, NONE)


def test_dates_and_names_are_in_no_unit():
    assert units.suits(Unit(currency="eur"), "money")
    assert not units.suits(Unit(currency="eur"), "text")
    assert not units.suits(Unit(Decimal("0.01")), "money")
    assert not units.suits(units.split("Length (m)")[1], "quantity")


def amounts(folder):
    return load(str(folder)).orders.amount.tolist()


def test_amounts_are_in_the_unit_of_their_header(folder):
    folder.write("订单.csv", "订单编号,订单日期,金额(万元)\n1,2025-09-01,1.5\n2,2025-09-02,¥0.25\n3,2025-09-02,3万\n")
    case = load(str(folder))
    assert case.orders.amount.tolist() == [15_000, 2_500]
    assert case.intake.quarantine.reason.tolist() == ["unit_twice"]


def test_a_unit_of_the_settings_wins_over_that_of_the_header(folder):
    folder.write("orders.csv", "Order ID,Date,Net (K CNY)\n1,2025-09-01,1.5\n")
    folder.settings('[tables.orders.columns]\namount = "Net (K CNY)"\n')
    assert amounts(folder) == [1500]
    folder.settings('[tables.orders]\nunits = { amount = 10 }\n[tables.orders.columns]\namount = "Net (K CNY)"\n')
    assert amounts(folder) == [15]


def test_a_header_of_another_currency_is_refused_with_the_line_to_paste(folder):
    folder.write("orders.csv", "Order ID,Date,Amount (K USD)\n1,2025-09-01,1.5\n")
    folder.settings('[company]\ncurrency = "CNY"\n')
    with pytest.raises(InputError) as fault:
        load(str(folder))
    assert [p.code for p in fault.value.problems] == ["header_currency"]
    assert '[company]\ncurrency = "USD"' in fault.value.text("zh")
    folder.settings('[company]\ncurrency = "USD"\n')
    assert amounts(folder) == [1500]


def test_columns_that_are_melted_have_units_of_their_own(folder):
    folder.write("orders.csv", "Order ID,Date,Amount\n1,2025-09-01,1\n")
    folder.write("targets.csv", "Team,2025-08(万元),2025-09 (CNY)\nSouth,1.5,20\n")
    folder.settings('[tables.targets.wide]\ninto = "period"\nvalue = "amount"\n')
    assert load(str(folder)).targets.amount.tolist() == [15_000, 20]


def test_a_row_above_the_header_names_the_unit_of_all_amounts(folder):
    folder.write("订单.csv", "销售明细（单位：万元）,,,\n订单编号,订单日期,金额,数量\n1,2025-09-01,1.5,3\n")
    case = load(str(folder))
    assert (case.orders.amount.tolist(), case.orders.quantity.tolist()) == ([15_000], [3])


@pytest.mark.parametrize(
    ("cell", "factor"),
    [("单位：万元", 10_000), ("(in thousands of USD)", 1000), ("Amounts in millions", 10**6), ("Unit: K CNY", 1000),
     ("单位：华东公司", 1), ("Sales in September", 1), ("单位：万元 制表：李", 10_000)],
)  # fmt: skip
def test_other_rows_above_the_header_name_no_unit(cell, factor):
    assert units.above([["", cell]]).factor == factor


def test_targets_of_no_money_are_not_in_the_unit_of_money(folder):
    folder.write("orders.csv", "Order ID,Date,Amount\n1,2025-09-01,1\n")
    folder.write("targets.csv", "Period,Metric,Target (万元)\n2025-09,sales,1.5\n2025-09,new_customers,20\n")
    case = load(str(folder))
    assert case.targets.amount.tolist() == [15_000]
    assert case.intake.quarantine[["value", "reason"]].values.tolist() == [["new_customers", "unit_of_money"]]

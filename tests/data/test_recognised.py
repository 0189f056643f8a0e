"""Names of files and headers that are understood with no settings, and those that are named rather than guessed."""

from pathlib import Path

import pytest

from salesnb.data.cells import headers
from salesnb.data.reading.discovery import _bare, table_of
from salesnb.schema import tables

NAMED = {
    "orders": ["Orders.csv", "订单_2024.xlsx", "订单数据.xlsx", "销售数据_2025.csv", "2025销售明细.xlsx",
               "Sales 2025.csv",
               "2025-09 orders.csv", "orders_2025-09-01_to_2025-09-30.csv", "sales_export.csv", "Orders (1).csv",
               "订单明细表2025年9月.xlsx", "2025年上半年订单.xls", "Orders Sep 2025.csv", "FY25 Q3 orders.csv",
               "订单.csv.gz",
               "sales_data_2025.csv", "sales order.xlsx"],
    "customers": ["客户数据.csv", "客户表.xlsx", "customer list 2025.csv", "Accounts_Export.csv"],
    "opportunities": ["hubspot-crm-exports-all-deals-2025-09-30.csv", "商机列表.xlsx", "Sales Pipeline.csv"],
    "targets": ["2025年度销售目标.xlsx", "targets_2025.csv"],
    "market": ["market_2025.csv"], "stage_history": ["stage-history.csv"], "whys": ["2025 whys.csv"],
}  # fmt: skip


@pytest.mark.parametrize(("table", "name"), [(t, n) for t, names in NAMED.items() for n in names])
def test_names_of_files_as_exports_give_them(table, name):
    assert table_of(Path(name)) == table


@pytest.mark.parametrize(
    "name", ["客户订单.csv", "orders customers.csv", "销售.csv", "report1695894839.csv", "2025.csv", "数据.xlsx",
             "notebook.csv",
             "marketing.csv", "订单汇总.xlsx", "data_dictionary.csv", "销售日报.xlsx"],
)  # fmt: skip
def test_names_that_could_be_anything_are_not_guessed(name):
    assert table_of(Path(name)) is None


def test_no_name_stands_for_two_tables_and_no_header_for_two_columns_of_one():
    names = [(_bare(n), t.name) for t in tables().values() for n in t.file_names]
    assert {n for n, t in names if len({u for m, u in names if m == n}) > 1} == set()
    for table in tables().values():
        spelled = [(headers.normal(h), c.name) for c in table.columns.values() for h in c.headers]
        assert {h for h, c in spelled if len({d for g, d in spelled if g == h}) > 1} == set(), table.name


def test_a_second_choice_serves_only_where_there_is_no_first(folder):
    from salesnb.data import check

    folder.write("orders.csv", "Order ID,Date,Total,销售员\n1,2025-09-01,10,Ann\n")
    assert check(str(folder)).files.rows_accepted.tolist() == [1]
    folder.write("orders.csv", "Order ID,Date,Amount,Total\n1,2025-09-01,10,bad\n")
    assert check(str(folder)).files.rows_accepted.tolist() == [1]

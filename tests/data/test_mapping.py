import pytest

from salesnb.data import load
from salesnb.errors import InputError, SettingsError

GOOD = "Order ID,Date,Amount\n1,2025-09-01,10\n"


def codes(fault):
    return [p.code for p in fault.value.problems]


def test_standard_headers_of_both_languages_need_no_settings(folder):
    folder.write("订单_2024.csv", "订单编号,订单日期,金额,客户名称,区域\n1,2024-09-01,10,a,South\n", "gb18030")
    folder.write("Orders-2025.csv", "ORDER_ID;order date;ＡＭＯＵＮＴ;Account;Region\n2;2025-09-01;20;b;North\n")
    folder.write("orders.notes.csv", "x\n1\n")
    case = load(str(folder))
    assert case.orders[["order_id", "customer", "region"]].values.tolist() == [["2", "b", "North"], ["1", "a", "South"]]
    assert case.intake.files.encoding.tolist() == ["utf-8", "gb18030"]
    assert case.intake.ignored == ("orders.notes.csv",)


def test_rename_values_units_constants_and_composite_ids(folder):
    folder.write("export.csv", "No,Client,Day,kEUR,State\n1,A,2025-09-01,1.5,done\n1,B,2025-09-01,2,void\n")
    folder.settings("""
        [tables.orders]
        file = "export.csv"
        units = { amount = 1000 }
        constants = { channel = "direct", team = "South" }
        [tables.orders.columns]
        order_id = ["No", "Client"]
        customer = "Client"
        order_date = "Day"
        amount = "kEUR"
        status = "State"
        [tables.orders.values]
        status = { done = "collected", void = "已取消" }
        customer = { A = "Acme Ltd" }
    """)
    orders = load(str(folder), team="South").orders
    assert orders.order_id.tolist() == ["1|A", "1|B"]
    assert orders.customer.tolist() == ["Acme Ltd", "B"]
    assert orders.amount.tolist() == [1500, 2000]
    assert orders.status.tolist() == ["collected", "cancelled"]
    assert orders.channel.tolist() == ["direct", "direct"]
    assert orders.sales_date.notna().tolist() == [True, False]


def test_a_lookup_fills_columns_and_lists_keys_it_does_not_know(folder):
    folder.write(
        "orders.csv", "Order ID,Date,Amount,Agent\n1,2025-09-01,10,ann\n2,2025-09-01,20,Zoe\n3,2025-09-01,30,Zoe\n"
    )
    folder.write("who.csv", "Agent,Boss,Office\nAnn,Max,West\nAnn,Max,West\n")
    folder.settings("""
        [tables.orders.columns]
        rep = "Agent"
        [tables.orders.values]
        rep = { ann = "Ann" }
        [[tables.orders.lookups]]
        file = "who.csv"
        on = { Agent = "Agent" }
        take = { team = "Boss", region = "Office" }
    """)
    case = load(str(folder))
    assert case.orders.groupby("team").amount.sum().to_dict() == {"": 50, "Max": 10}
    assert case.intake.unknown.values.tolist() == [["orders", "Agent", "Zoe", 2]]
    assert case.intake.ignored == ()


def test_a_lookup_with_two_answers_is_refused(folder):
    folder.write("orders.csv", "Order ID,Date,Amount,Rep\n1,2025-09-01,10,Ann\n")
    folder.write("who.csv", "Rep,Boss\nAnn,Max\nAnn,Moritz\n")
    folder.settings('[[tables.orders.lookups]]\nfile = "who.csv"\non = { Rep = "Rep" }\ntake = { team = "Boss" }\n')
    with pytest.raises(InputError) as fault:
        load(str(folder))
    assert codes(fault) == ["lookup_conflict"]


def test_a_lookup_names_missing_files_and_headers(folder):
    folder.write("orders.csv", GOOD)
    folder.write("who.csv", "Rep,Boss\nAnn,Max\n")
    folder.settings('[[tables.orders.lookups]]\nfile = "whom.csv"\non = { Rep = "Rep" }\ntake = { team = "Boss" }\n')
    with pytest.raises(InputError) as fault:
        load(str(folder))
    assert codes(fault) == ["file_named_missing"]
    folder.settings(
        '[[tables.orders.lookups]]\nfile = "who.csv"\non = { "Order ID" = "Rep" }\ntake = { team = "Bos" }\n'
    )
    with pytest.raises(InputError) as fault:
        load(str(folder))
    assert [(p.code, p.fields["near"]) for p in fault.value.problems] == [("header_unknown", "Boss")]


WIDE = "团队,2025年7月,2025年8月,合计\nSouth,1.2万,90%,x\nNorth,,300,y\nEast,abc,5,z\n"


def test_a_wide_table_becomes_long_and_is_counted_in_source_rows(folder):
    folder.write("orders.csv", GOOD)
    folder.write("目标.csv", WIDE)
    folder.settings('[tables.targets.wide]\ninto = "period"\n')
    case = load(str(folder))
    assert case.targets[["period", "team", "metric", "amount"]].values.tolist() == [
        ["2025-07", "South", "sales", 12_000.0], ["2025-08", "South", "sales", 0.9],
        ["2025-08", "North", "sales", 300.0],
    ]  # fmt: skip
    files = case.intake.files.set_index("table").loc["targets"]
    assert (files.rows_read, files.rows_accepted, files.rows_quarantined) == (3, 2, 1)
    assert case.intake.quarantine[["row", "column", "value"]].values.tolist() == [[4, "2025年7月", "abc"]]


def test_a_wide_table_by_named_headers(folder):
    folder.write("orders.csv", GOOD)
    folder.write("targets.csv", "Period,Team,Revenue,New\n2025-09,South,100,8\n")
    folder.settings('[tables.targets.wide]\ninto = "metric"\nheaders = { Revenue = "sales", New = "new_customers" }\n')
    case = load(str(folder))
    assert case.targets[["metric", "amount"]].values.tolist() == [["sales", 100.0], ["new_customers", 8.0]]


def test_wide_headers_that_clash_or_do_not_exist(folder):
    folder.write("orders.csv", GOOD)
    folder.write("targets.csv", "Team,2025-07,2025年7月\nSouth,1,2\n")
    folder.settings('[tables.targets.wide]\ninto = "period"\n')
    with pytest.raises(InputError) as fault:
        load(str(folder))
    assert codes(fault) == ["wide_twice"]
    folder.write("targets.csv", "Team,First,Second\nSouth,1,2\n")
    with pytest.raises(InputError) as fault:
        load(str(folder))
    assert codes(fault) == ["wide_nothing"]


def test_a_header_that_is_there_twice(folder):
    folder.write("orders.csv", "No,Date,Amount,No\n1,2025-09-01,10,2\n")
    folder.settings('[tables.orders.columns]\norder_id = "No"\n')
    with pytest.raises(InputError) as fault:
        load(str(folder))
    assert codes(fault) == ["header_twice"]


def test_settings_name_tables_and_columns_that_exist(folder):
    folder.write("orders.csv", GOOD)
    folder.settings('[tables.order]\nfile = "orders.csv"\n[tables.orders.columns]\nammount = "Amount"\n')
    with pytest.raises(SettingsError) as fault:
        load(str(folder))
    assert sorted(codes(fault)) == ["settings_column", "settings_table"]


def test_sheets_of_workbooks(folder):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "Cover"
    sheet = book.create_sheet("Data")
    for row in (["Report"], [], ["Order ID", "Date", "Amount", "Rate"], [7.0, "2025/9/1", "¥1,000", 0.5], [None] * 4):
        sheet.append(row)
    book.save(folder.path / "orders.xlsx")
    folder.settings('[tables.orders]\nsheet = "Data"\n')
    case = load(str(folder))
    assert case.orders[["order_id", "amount"]].values.tolist() == [["7", 1_000]]
    folder.settings('[tables.orders]\nsheet = "Dat"\n')
    with pytest.raises(InputError) as fault:
        load(str(folder))
    assert codes(fault) == ["sheet_missing"]


def test_parquet_of_any_types(folder):
    import datetime
    import decimal

    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({
        "Order ID": pa.array([1, 2**60]),
        "Date": pa.array([datetime.date(2025, 9, 1), datetime.date(2025, 9, 2)]),
        "Amount": pa.array([decimal.Decimal("1.25"), decimal.Decimal("2.50")]),
        "Quantity": pa.array([1.0, None]),
        "Entered At": pa.array([datetime.datetime(2025, 9, 1, 8, 30), None]),
        "Team": pa.array(["South", "North"]).dictionary_encode(),
    })  # fmt: skip
    pq.write_table(table, folder.path / "orders.parquet")
    orders = load(str(folder)).orders.sort_values("order_date")
    assert orders.order_id.tolist() == ["1", str(2**60)]
    assert orders.amount.tolist() == [1.25, 2.5]
    assert orders.entered_at.notna().tolist() == [True, False]
    assert orders.entered_at.max().hour == 8

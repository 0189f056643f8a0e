"""Rows that are there again: kept where nothing proves that they are one line, counted once where something does."""

import numpy as np
import pandas as pd

from salesnb.data import load
from salesnb.data.taking.duplicates import Hasher, groups

GASKETS = (
    "Order ID,Date,Product,Amount\nSO1,2025-09-05,Gasket,100\nSO1,2025-09-05,Gasket,100\nSO1,2025-09-05,Valve,300\n"
)


def told(case, *codes):
    """Return the remarks on repeats as (code, file, rows, money)."""
    found = case.intake.remarks[["code", "file", "rows", "money"]].values.tolist()
    wanted = codes or OURS
    return [tuple(None if pd.isna(v) else v for v in row) for row in found if row[0].removesuffix("_bare") in wanted]


OURS = ("repeats", "states", "overlap", "shared", "file_twice", "namesakes", "equal_lines", "equal_elsewhere")


def money(case):
    return case.orders.amount.sum()


def test_equal_lines_of_one_file_are_kept_and_told(folder):
    folder.write("orders.csv", GASKETS)
    case = load(str(folder))
    assert money(case) == 500
    assert told(case) == [("equal_lines", "orders.csv", 1, 100.0)]
    assert case.intake.files.rows_duplicate.tolist() == [0]


def test_a_setting_drops_them_or_keeps_them_unsaid(folder):
    folder.write("orders.csv", GASKETS)
    folder.settings('[tables.orders]\nrepeats = "drop"\n')
    case = load(str(folder))
    assert (money(case), told(case)) == (400, [("repeats", "orders.csv", 1, 100.0)])
    assert case.intake.files.rows_duplicate.tolist() == [1]
    folder.settings('[tables.orders]\nrepeats = "keep"\n')
    assert (money(load(str(folder))), told(load(str(folder)))) == (500, [])


def test_lines_that_differ_in_a_column_that_nothing_reads_are_not_equal(folder):
    folder.write("orders.csv", "Order ID,Date,Amount,Shelf\n1,2025-09-01,10,A\n1,2025-09-01,10,B\n")
    folder.settings('[tables.orders]\nrepeats = "drop"\n')
    case = load(str(folder))
    assert (money(case), told(case, "repeats", "equal_lines")) == (20, [])


def test_with_line_numbers_a_repeat_is_proven(folder):
    folder.write("orders.csv", "Order ID,Line,Date,Amount\n1,1,2025-09-01,10\n1,2,2025-09-01,10\n1,1,2025-09-01,10.0\n")
    case = load(str(folder))
    assert (money(case), told(case)) == (20, [("repeats", "orders.csv", 1, 10.0)])


def test_the_overlap_of_two_exports_counts_once_and_equal_lines_as_often_as_one_file_has_them(folder):
    folder.write(
        "orders_q1.csv", "Order ID,Date,Amount\n1,2025-01-05,10\n2,2025-03-05,20\n2,2025-03-05,20\n3,2025-03-06,5\n"
    )
    folder.write(
        "orders_q2.csv", "Amount,Order ID,Date\n20.00,2,2025/3/5\n20.00,2,2025/3/5\n5.00,3,2025/3/6\n7,4,2025/5/1\n"
    )
    case = load(str(folder))
    assert money(case) == 62
    assert told(case) == [("overlap", "orders_q2.csv", 3, 45.0), ("equal_lines", "orders_q1.csv", 1, 20.0)]
    assert case.intake.files.rows_accepted.tolist() == [4, 1]


def test_few_equal_lines_of_two_shops_are_no_overlap(folder):
    lines = [(i, f"2025-09-{i:02d}", 10 * i) for i in range(1, 11)]
    head, more = "Order ID,Date,Amount\n", [0, *[1] * 8, 0]
    written = [head + "".join(f"{i},{d},{a + m * add}\n" for (i, d, a), m in zip(lines, more, strict=True))
               for add in (0, 1)]  # fmt: skip
    folder.write("orders_2024.csv", written[0])
    folder.write("orders_2025.csv", written[1])
    case = load(str(folder))
    assert money(case) == 550 + 558
    assert told(case) == [("equal_elsewhere", "orders_2025.csv", 2, 110.0)]


def test_one_table_in_two_formats_counts_once_though_typed_otherwise(folder):
    rows = pd.DataFrame(
        {"Order ID": [1, 1, 2], "Date": pd.to_datetime(["2025-09-01"] * 3), "Amount": [100.0, 100.0, 5.5]}
    )
    folder.write("orders.csv", "Order ID,Date,Amount\n1,2025-09-01,100\n1,2025-09-01,100\n2,2025-09-01,5.50\n")
    rows.to_excel(folder.path / "orders.xlsx", index=False)
    case = load(str(folder))
    assert money(case) == 205.5
    assert told(case, "file_twice") == [("file_twice", "orders.xlsx", 3, 205.5)]


def test_files_of_one_name_with_other_rows_are_told(folder):
    folder.write("orders.csv", "Order ID,Date,Amount\n1,2025-09-01,10\n")
    folder.write("orders.tsv", "Order ID\tDate\tAmount\n2\t2025-09-01\t10\n")
    case = load(str(folder))
    assert (money(case), told(case)) == (20, [("namesakes_bare", "orders.tsv", 1, None)])


CALLS = "Date,Rep,Kind\n2025-09-01,Ann,call\n2025-09-01,Ann,call\n2025-09-02,Ann,call\n2025-09-03,Ann,visit\n"


def test_calls_are_kept_unless_a_whole_stretch_is_there_again(folder):
    folder.write("orders.csv", "Order ID,Date,Amount\n1,2025-09-01,10\n")
    folder.write("activities_1.csv", CALLS)
    folder.write("activities_2.csv", "Date,Rep,Kind\n2025-09-01,Ann,call\n2025-09-04,Bob,call\n2025-09-05,Bob,call\n")
    case = load(str(folder))
    assert (len(case.activities), told(case)) == (7, [])
    folder.write("activities_2.csv", CALLS + "2025-09-04,Bob,call\n")
    case = load(str(folder))
    assert len(case.activities) == 5
    assert told(case) == [("overlap_bare", "activities_2.csv", 4, None)]


def test_a_log_of_states_is_one_line_in_its_newest_state(folder):
    folder.write(
        "orders.csv",
        "Order ID,Date,Customer,Amount,Status,Signed Date\n1,2025-09-01,A,10,collected,2025-09-20\n"
        "1,2025-09-01,A,10,won,\n2,2025-09-01,A,10,won,\n2,2025-09-01,A,10,won,\n2,2025-09-01,A,10,signed,2025-09-03\n",
    )
    case = load(str(folder))  # of order 2 nothing tells which line was signed: all are kept
    assert case.orders[["order_id", "status"]].values.tolist() == [
        ["1", "collected"], ["2", "won"], ["2", "won"], ["2", "signed"]
    ]  # fmt: skip
    assert told(case) == [("states", "orders.csv", 1, 10.0), ("equal_lines", "orders.csv", 1, 10.0)]


def test_a_deal_that_moved_on_between_two_exports_counts_in_its_last_state(folder):
    head = "Deal ID,Created Date,Status,Stage,Close Date,Amount,Customer\n"
    folder.write(
        "deals_1.csv", head + "1,2025-01-01,open,demo,,10,A\n2,2025-01-01,won,end,2025-02-01,5,B\n3,,open,x,,1,C\n"
    )
    folder.write(
        "deals_2.csv",
        head + "1,2025-01-01,won,end,2025-03-01,12,\n2,2025-01-01,won,end,2025-02-01,5,B\n3,,won,y,2025-03-02,9,D\n",
    )
    case = load(str(folder))
    assert case.opportunities[["opportunity_id", "status", "amount"]].values.tolist() == [
        ["2", "won", 5], ["3", "open", 1], ["1", "won", 12]
    ]  # fmt: skip
    assert told(case) == [("states", "deals_1.csv", 1, 10.0), ("shared", "deals_2.csv", 1, 5.0)]
    assert case.intake.quarantine[["row", "value", "reason"]].values.tolist() == [
        [4, "3 (deals_1.csv:4)", "duplicate_id"]
    ]


def test_a_colliding_hash_drops_no_row(folder, monkeypatch):
    monkeypatch.setattr(Hasher, "hashes", lambda _, columns: np.zeros(len(columns[0]), dtype=np.uint64))
    folder.write(
        "orders.csv",
        "Order ID,Line,Date,Amount\n1,1,2025-09-01,10\n1,2,2025-09-01,20\n1,1,2025-09-01,10\n1,2,2025-09-01,30\n"
        "1,,2025-09-01,4\n",
    )
    case = load(str(folder))
    assert case.orders.amount.tolist() == [10, 20, 4]
    assert case.intake.files.rows_duplicate.tolist() == [1]
    assert case.intake.quarantine.reason.tolist() == ["duplicate_id"]


def test_groups_tell_blanks_from_values():
    import pyarrow as pa

    found = groups(pa.table({"a": ["x", None, "x", None], "b": [1, None, 1, 2]}))
    assert (found[0] == found[2], len(set(found.tolist()))) == (True, 3)


def test_ids_that_a_spreadsheet_took_for_dates_or_floats_are_named(folder):
    folder.write(
        "orders.csv",
        "Order ID,Line,Date,Amount,Customer\n2019-07-13 00:00:00,1.0,2025-09-01,1,a\n13-Jul,2.0,2025-09-01,1,a\n"
        "7月13日,1.0,2025-09-01,1,b\nSO-2019-07-13,1.0,2025-09-01,1,b\n",
    )
    folder.write(
        "receipts.csv",
        "Receipt ID,Order ID,Due Date,Due Amount\n1001.0,9.0,2025-09-30,5\n1002,A,2025-09-30,5\n1001,8,2025-09-30,5\n",
    )
    case = load(str(folder))
    found = case.intake.remarks.set_index("column")[["code", "value", "rows"]]
    assert found.loc["Order ID"].values.tolist() == [
        ["ids_as_dates", "2019-07-13 00:00:00", 3],
        ["ids_as_floats", "9.0", 1],
    ]
    assert case.orders.line_no.tolist() == ["1", "2", "1", "1"]  # all are so: nothing to tell
    assert found.loc["Receipt ID"].tolist() == ["ids_as_floats", "1001.0", 1]
    assert case.receipts[["receipt_id", "order_id"]].values.tolist() == [["1001", "9.0"], ["1002", "A"]]
    assert case.intake.quarantine.value.tolist() == ["1001 (receipts.csv:2)"]


def test_a_deal_with_a_row_for_each_product_is_one_deal_with_the_sum(folder):
    folder.write(
        "deals.csv",
        "Deal ID,Status,Close Date,Customer,Product,Amount\n1,won,2025-09-05,A,Fix,100\n1,won,2025-09-05,A,Mobile,150\n"
        "1,won,2025-09-05,A,Mobile,150\n2,open,,B,Fix,7\n2,open,,B,Mobile,7\n"
        "3,won,2025-09-06,C,Fix,1\n3,won,2025-09-06,D,Fix,2\n",
    )
    case = load(str(folder))
    assert case.opportunities[["opportunity_id", "product", "amount"]].values.tolist() == [
        ["1", "Mobile", 250], ["2", "Fix", 14], ["3", "Fix", 1]
    ]  # fmt: skip
    assert case.orders[["order_id", "product", "amount"]].values.tolist() == [
        ["1", "Fix", 100], ["1", "Mobile", 150], ["3", "Fix", 1]
    ]  # fmt: skip
    assert set(told(case, "repeats", "deals_of_several")) == {
        ("repeats", "deals.csv", 1, 150.0), ("deals_of_several", "", 2, None)
    }  # fmt: skip
    assert case.intake.quarantine.value.tolist() == ["3 (deals.csv:7)"]

"""What `check` says of a folder: all at once, each with the line to paste, and no more than fits."""

import tomllib

import pandas as pd
import pytest

from salesnb import settings
from salesnb.check.draft import quoted
from salesnb.check.examine import examine
from salesnb.check.report import report, write_quarantine
from salesnb.data.reading.discovery import QUARANTINE_FILE


def told(folder, lang="en"):
    return "\n".join(report(examine(str(folder)), lang))


def lines_to_paste(text):
    """Return the block of lines that a report ends with."""
    block = text.split("All of these lines")[1].split("\n\n")[0].splitlines()[1:]
    return "\n".join(line.strip() for line in block)


def test_everything_that_is_wrong_is_said_in_one_run_with_lines_that_mend_it(folder):
    folder.write(
        "orders.csv",
        'Order ID,Date,Total,Seller,State\n1,08/05/2025,"$3,000.00",Ann,Sold\n2,08/06/2025,"$3,000.00",Bo,won\n',
    )
    folder.write("targets.csv", "Month,Goal\n2025-08,100\n")
    folder.write("reps.csv", "")
    first = examine(str(folder))
    codes = {p.code for p in first.problems}
    assert {"column_missing", "file_empty", "date_order_untold"} <= codes  # of three files, at three stages
    text = told(folder)
    pasted = tomllib.loads(lines_to_paste(text))
    assert "company" not in pasted  # all amounts are in one currency
    assert "Amounts are taken to be in USD" in text
    assert pasted["tables"]["orders"]["date_order"] == "mdy"
    assert "salesnb check --propose" in text
    assert text.splitlines()[-1].startswith("The data cannot be used yet")
    settings.from_mapping(pasted)
    (folder.path / "reps.csv").unlink()
    (folder.path / "targets.csv").unlink()
    folder.settings(lines_to_paste(text))
    second = examine(str(folder))
    assert second.problems == ()
    assert second.intake.files.rows_accepted.tolist() == [2]


def test_columns_used_and_not_used_are_named_with_what_would_take_them(folder):
    folder.write("orders.csv", "Order ID,Date,Amount,销售顾问姓名,备注\n1,2025-08-15,3,Ann,x\n")
    text = told(folder)
    assert "columns: Order ID, order_date <- Date, Amount" in text
    assert '销售顾问姓名 (as rep? [tables.orders.columns] rep = "销售顾问姓名"), 备注' in text


def test_unknown_values_are_counted_with_a_line_to_paste(folder):
    rows = "".join(f"{i},2025-08-15,3,{'Testing' if i < 3 else 'Dup' if i < 5 else 'won'}\n" for i in range(20))
    folder.write("orders.csv", "Order ID,Date,Amount,Status\n" + rows)
    text = told(folder)
    assert "orders.status: “Testing” 3, “Dup” 2" in text
    assert '[tables.orders] skip = { status = ["Testing", "Dup"] }' in text
    assert text.splitlines()[-1].startswith("The data can be used: 15 rows accepted, 5 quarantined")


def test_a_file_that_no_table_took_is_named_with_the_table_it_is_like(folder):
    folder.write("orders.csv", "Order ID,Date,Amount\n1,2025-08-15,3\n")
    folder.write("客户订单.csv", "订单编号,成交日期,金额\n2,2025-08-16,4\n")
    folder.write("weather.csv", "Station,Rain\nA,3\n")
    text = told(folder)
    assert '客户订单.csv: most like orders. To take it: [tables.orders] files = ["orders.csv", "客户订单.csv"]' in text
    assert "weather.csv: like none" in text
    assert "客户订单.csv：最像 orders" in told(folder, "zh")


def test_a_folder_without_orders_names_the_file_that_may_hold_them(folder):
    folder.write("export_17.csv", "Order ID,Date,Amount\n1,2025-08-15,3\n")
    assert lines_to_paste(told(folder)) == '[tables.orders]\nfiles = ["export_17.csv"]'


def test_days_latest_and_teams_are_said(folder):
    rows = "".join(f"{i},2025-0{7 + i % 3}-15,3,{'South' if i % 2 else 'North'}\n" for i in range(9))
    folder.write("orders.csv", "Order ID,Date,Amount,Team\n" + rows)
    text = told(folder)
    assert "Days: 2025-07-15 to 2025-09-15; the period latest is 2025-08." in text
    assert "Teams (2): North, South." in text


def test_rows_set_aside_become_a_file_without_formulas(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bad = pd.DataFrame(
        [["orders", "a.csv", 2, "Amount", "=cmd()", "x"], ["orders", "a.csv", 3, "Amount", "-5", "x"],
         ["orders", "a.csv", 4, "客户", "＠sum", "x"]],
        columns=["table", "file", "row", "column", "value", "reason"],
    )  # fmt: skip
    path = write_quarantine(bad, str.upper)
    rows = pd.read_csv(path, dtype=str)
    assert rows.value.tolist() == ["'=cmd()", "-5", "'＠sum"]
    assert rows.why.tolist() == ["X"] * 3
    assert write_quarantine(bad.head(0), str.upper) == ""
    assert list(tmp_path.iterdir()) == []
    (tmp_path / QUARANTINE_FILE).write_text("mine", encoding="utf-8")  # not written by check
    assert write_quarantine(bad, str.upper) != str(tmp_path / QUARANTINE_FILE)
    assert write_quarantine(bad.head(0), str.upper) == ""
    assert (tmp_path / QUARANTINE_FILE).read_text(encoding="utf-8") == "mine"


def test_what_check_wrote_into_the_folder_is_no_file_of_it(folder):
    folder.write("orders.csv", "Order ID,Date,Amount\n1,2025-09-01,10\n")
    folder.write(QUARANTINE_FILE, "table,file,row\norders,orders.csv,7\n")
    assert QUARANTINE_FILE not in told(folder)


@pytest.mark.parametrize("text", ['a"b', "a\\b", "x = [1]", "表\t头", "]"])
def test_whatever_a_header_holds_the_line_is_toml(text):
    assert tomllib.loads(f"rep = {quoted(text)}") == {"rep": text}


def test_values_are_looked_at_where_every_header_is_used(folder):
    rows = "".join(f"{i},{i % 9 + 1:02d}/{i % 28 + 1:02d}/2025,{'€$'[i % 3 > 1]} {i}\n" for i in range(30))
    folder.write("orders.csv", "Order ID,Date,Amount\n" + rows)
    pasted = tomllib.loads(lines_to_paste(told(folder)))
    assert pasted == {"company": {"currency": "EUR"}}  # the order of day and month proves itself


def test_a_table_that_lacks_what_it_needs_leaves_no_trace_of_its_own(folder):
    folder.write("orders.csv", "Order ID,Date,Amount,客户\n1,2025-08-15,3,A\n")
    folder.write("customers.csv", "Industry\nTech\n")
    assert [p.code for p in examine(str(folder)).problems] == ["column_missing"]


def test_rows_of_another_width_are_among_those_set_aside(folder):
    folder.write("orders.csv", "Order ID,Date,Amount\n1,2025-08-15,3\n2,2025-08-15\n3,2025-08-16,4\n")
    assert "1 in orders, whole row: more or fewer cells than the header" in told(folder)

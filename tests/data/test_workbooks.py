"""Workbooks as people keep them: a sheet a month, totals, merged cells, formulas, currencies, a cell far off."""

import gzip
import shutil
import zipfile

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from salesnb.data import check
from salesnb.data.cells import headers
from salesnb.data.cells.headers import normal
from salesnb.data.reading import summary_sheets
from salesnb.data.reading.batches import open_sheets
from salesnb.data.reading.contents import Content
from salesnb.data.reading.sheets import Options
from salesnb.data.reading.summary_sheets import Rows
from salesnb.data.reading.workbook_parts import currency_mark
from salesnb.errors import InputError
from salesnb.schema import table

KNOWN = set(headers.spellings(table("orders")))
HEAD = ["Order ID", "Date", "Amount"]
AMOUNT = frozenset({normal("Amount"), normal("金额")})


def book(path, sheets, merged=(), hidden=(), **cells):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for span in merged:
            sheet.merge_cells(span)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
        for place, value in cells.items():
            sheet[place] = value
    return made, path


def saved(made):
    workbook, path = made
    workbook.save(path)
    return path


def read(path, **options):
    """Return for each sheet its name, rows and rows set aside; and the remarks."""
    sheets = open_sheets(Content(path), KNOWN, Options(measures=AMOUNT, **options))
    found = []
    for sheet in sheets:
        rows = []
        for batch in sheet.batches():
            rows += [list(row) for row in zip(*(c.to_pylist() for c in batch.columns.columns), strict=True)]
        found.append((sheet.name, rows, sheet.ragged))
    return found, [(r.code, r.file) for r in sheets[0].remarks]


def refused(path):
    with pytest.raises(InputError) as fault:
        read(path)
    (found,) = fault.value.problems
    assert path.name in found.text("en")
    assert "{" not in found.text("zh")
    return found


def month(number, *amounts):
    return [HEAD, *([f"{number}-{i}", f"2025-{number:02}-0{i + 1}", a] for i, a in enumerate(amounts))]


def test_sheets_of_one_shape_are_one_table_and_all_others_are_named(folder):
    sheets = {"说明": [["本表由销售部填写"]], "7月": month(7, 100), "8月": month(8, 200, 5), "9月": month(9, 300),
              "目标": [["Period", "Target"], ["2025-09", 1]], "草稿": month(6, 1)}  # fmt: skip
    path = saved(book(folder.path / "orders.xlsx", sheets, hidden=["草稿"]))
    found, remarks = read(path)
    assert [(name, len(rows)) for name, rows, _ in found] == [
        ("orders.xlsx [7月]", 1), ("orders.xlsx [8月]", 2), ("orders.xlsx [9月]", 1),
    ]  # fmt: skip
    assert remarks == [
        ("sheet_other_shape", "orders.xlsx [说明]"),
        ("sheet_other_shape", "orders.xlsx [目标]"),
        ("sheet_hidden", "orders.xlsx [草稿]"),
    ]
    assert [name for name, *_ in read(path, sheets=("草稿", "7*"))[0]] == ["orders.xlsx [草稿]", "orders.xlsx [7月]"]
    folder.settings('[tables.targets]\nfiles = ["orders.xlsx"]\nsheet = "目标"\n')
    intake = check(str(folder))  # 300 = 100 + 200 by chance: no month is a total
    assert intake.files[intake.files.table == "orders"].rows_accepted.tolist() == [1, 2, 1]
    assert intake.files[intake.files.table == "targets"].file.tolist() == ["orders.xlsx [目标]"]
    told = intake.remarks[intake.remarks.code.str.startswith("sheet")]
    assert told.file.tolist() == ["orders.xlsx [说明]", "orders.xlsx [草稿]"]


def test_a_sheet_missing_from_a_workbook_is_named(tmp_path):
    path = saved(book(tmp_path / "orders.xlsx", {"A": month(7, 1)}))
    with pytest.raises(InputError, match=r"no sheet B\. Its sheets: A"):
        read(path, sheets=("B",))


@pytest.mark.parametrize(
    ("sheets", "total"),
    [
        ({"A": [("1", "d", "5")], "B": [("2", "d", "6")]}, []),
        ({"全年": [("1", "d", "5"), ("2", "d", "6")], "A": [("1", "d", "5")], "B": [("2", "d", "6")]}, ["全年"]),
        ({"x": [("2", "d", "6"), ("1", "d", "5")], "A": [("1", "d", "5")], "B": [("2", "d", "6")]}, ["x"]),
        ({"全": [("1", "d", "5"), ("2", "d", "6"), ("3", "d", "7")], "A": [("1", "d", "5")]}, ["A"]),  # A adds nothing
        ({"A": [("1", "d", "5")], "A (2)": [("1", "d", "5")]}, ["A (2)"]),
        ({"A": [("1", "d", "5")], "汇总": [("", "", "99")]}, ["汇总"]),
        ({"华东汇总": [("1", "d", "5")], "华南汇总": [("2", "d", "6")]}, []),
        ({"A": [("2025-07", "1"), ("2025-08", "2")], "B": [("2025-07", "3"), ("2025-08", "4")],
          "公司": [("2025-07", "4"), ("2025-08", "6")]}, ["公司"]),
        ({"A": [("2025-07", "1"), ("2025-08", "2")], "B": [("2025-07", "3"), ("2025-08", "4")],
          "C": [("2025-07", "4"), ("2025-08", "7")]}, []),
        ({"7": [("a", "2025-07-01", "Ann", "1"), ("b", "2025-07-02", "Bob", "2")],
          "8": [("c", "2025-08-01", "Ann", "2"), ("d", "2025-08-02", "Bob", "4")],
          "9": [("e", "2025-09-01", "Ann", "3"), ("f", "2025-09-02", "Bob", "6")]}, []),  # September by chance
    ],
)  # fmt: skip
def test_a_sheet_that_repeats_or_adds_up_the_others_is_a_total(sheets, total):
    found = summary_sheets.totals([Rows(name, rows) for name, rows in sheets.items()])
    assert [list(sheets)[i] for i in sorted(found)] == total


def test_merged_cells_are_filled_down_but_amounts_count_once(tmp_path):
    rows = [["订单编号", "订单日期", "业务员", "金额"], ["1", "2025-09-01", "王强", 90], ["2", "2025-09-02"],
            ["3", "2025-09-03", None, 50], ["以上为九月"]]  # fmt: skip
    path = saved(book(tmp_path / "orders.xlsx", {"订单": rows}, merged=["C2:C4", "D2:D3", "A5:D5"]))
    assert read(path)[0][0][1] == [
        ["1", "2025-09-01", "王强", "90"], ["2", "2025-09-02", "王强", ""], ["3", "2025-09-03", "王强", "50"],
        ["以上为九月", "", "", ""],
    ]  # fmt: skip


def test_merged_headers_in_two_rows(tmp_path):
    rows = [["订单", None, "金额"], ["编号", "日期", None], ["1", "2025-09-01", 5]]
    path = saved(book(tmp_path / "orders.xlsx", {"S": rows}, merged=["A1:B1", "C1:C2"]))
    (sheet,) = open_sheets(Content(path), KNOWN, Options())
    assert (sheet.headers, sheet.header_number) == (["订单 编号", "订单 日期", "金额"], 2)
    assert read(path)[0][0][1] == [["1", "2025-09-01", "5"]]


def test_days_counted_from_1904_and_a_workbook_named_xls(tmp_path):
    import datetime as dt

    made, path = book(tmp_path / "orders.xlsx", {"S": [HEAD, ["1", dt.date(2025, 9, 1), 5]]})
    made.epoch = CALENDAR_MAC_1904
    saved((made, path))
    shutil.copy(path, tmp_path / "orders.xls")
    (tmp_path / "orders.xlsx.gz").write_bytes(gzip.compress(path.read_bytes()))
    for name in ("orders.xlsx", "orders.xls", "orders.xlsx.gz"):
        assert read(tmp_path / name)[0] == [(name, [["1", "2025-09-01", "5"]], [])]


@pytest.mark.parametrize("cell", ["XFD1048576", "A1048576", "XFD2"])
def test_a_cell_far_off_is_refused_before_it_takes_memory(tmp_path, cell, monkeypatch):
    monkeypatch.setattr("salesnb.data.reading.workbook_parts._DENSE_CELLS", 10_000)
    path = saved(book(tmp_path / "orders.xlsx", {"S": month(7, 1)}, **{cell: "x"}))
    found = refused(path)
    assert (found.code, found.fields["sheet"], found.fields["cell"]) == ("far_cell", "S", cell)
    made, _ = book(path, {"S": month(7, 1)})
    made.active[cell].number_format = "0.00"  # a format alone is no content
    saved((made, path))
    assert read(path)[0][0][1] == [["7-0", "2025-07-01", "1"]]


def test_formulas_without_results_are_set_aside(tmp_path):
    rows = [[*HEAD, "Note"], ["1", "2025-09-01", "=1+2", "=A1"], ["2", "2025-09-02", 5, "=A2"]]
    path = saved(book(tmp_path / "orders.xlsx", {"S": rows}))
    ((_, read_, aside),) = read(path)[0]
    assert read_ == [["2", "2025-09-02", "5", ""]]
    assert aside == [(2, "C2 =1+2", "formula_without_result")]
    with zipfile.ZipFile(path) as archive:  # 0 in place of a result, as programs write it
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    for value, taken in ((b"0", 1), (b"3", 2)):
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in parts.items():
                new = data.replace(b"<f>1+2</f><v />", b"<f>1+2</f><v>%s</v>" % value) if name == sheet else data
                archive.writestr(name, new)
        assert len(read(path)[0][0][1]) == taken


def test_amounts_formatted_in_another_currency_carry_its_mark(tmp_path):
    made, path = book(tmp_path / "orders.xlsx", {"S": month(9, 1, 2, 3)})
    for cell, form in (("C2", "[$€-407]#,##0.00"), ("C3", '"¥"#,##0.00'), ("A4", "[$$-409]0")):
        made.active[cell].number_format = form
    saved((made, path))
    assert [row[2] for row in read(path, currency="CNY")[0][0][1]] == ["€ 1", "2", "3"]
    assert [row[2] for row in read(path, currency="EUR")[0][0][1]] == ["1", "¥ 2", "3"]


def test_marks_in_number_formats():
    codes = {
        "[$€-407]#,##0.00": "€", '_-* #,##0.00\\ "zł"_-': "zł", "[$USD] #,##0": "USD", '"US$"0': "$", "\\$#,##0": "$",
        '#,##0 "EUR"': "EUR", "[$-409]yyyy-mm-dd": "", "General": "", '0.00"万"': "", '0 "ABC"': "", "[Red]0.00": "",
    }  # fmt: skip
    assert {code: currency_mark(code) for code in codes} == codes


def test_blank_rows_and_an_empty_table(folder):
    rows = [HEAD, [], ["1", "2025-09-01", 5], [" ", "\u3000", "\u200b"], ["2", "2025-09-02", 6]]
    saved(book(folder.path / "orders.xlsx", {"S": rows}))
    saved(book(folder.path / "targets.xlsx", {"S": [["Period", "Target"]]}))
    intake = check(str(folder))
    assert intake.files[["rows_read", "rows_accepted", "rows_blank"]].values.tolist() == [[2, 2, 2], [0, 0, 0]]


def test_broken_workbooks_name_the_file(tmp_path):
    path = saved(book(tmp_path / "orders.xlsx", {"S": month(7, 1)}))
    whole = path.read_bytes()
    for damaged in (whole[:1000], whole[:2000] + bytes(500) + whole[2500:], b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 99):
        path.write_bytes(damaged)
        assert refused(path).code == "file_broken"

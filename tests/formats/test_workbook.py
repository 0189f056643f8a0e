"""Tables as Excel files: text stays text, numbers are numbers, and the same bytes every time."""

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesnb.formats.workbook import LONGEST_NAME, Cell, Sheet, sheet_names, workbook

DAY = date(2025, 9, 30)
HOSTILE = (
    '=HYPERLINK("http://evil.example","x")', "+1+1", "-2", "@SUM(A1)", "'quoted", "#REF!", "<script>", "a\x00b\x1fc",
    "_x0041_", "=1\x0b+1", "\u202egnp.exe",
)  # fmt: skip


def opened(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def one_sheet(*rows, heads=("What", "How much"), title="Title", lines=()):
    return opened(workbook([Sheet("Sheet", title, lines, heads, rows)], DAY, "T")).worksheets[0]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_that_looks_like_a_formula_stays_text_wherever_it_stands(text):
    content = workbook([Sheet(text, text, [text], [text, text], [[Cell(text), Cell(1.0)]])], DAY, text)
    sheet = opened(content).worksheets[0]
    places = [sheet["A1"], sheet["A2"], sheet["A4"], sheet["B4"], sheet["A5"]]
    assert {cell.data_type for cell in places} == {"s"}
    parts = zipfile.ZipFile(io.BytesIO(content))
    assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
    assert "http://evil.example" not in "".join(
        parts.read(name).decode() for name in parts.namelist() if name.endswith(".rels")
    )


def test_what_begins_like_a_formula_stays_text_when_someone_types_in_its_cell():
    sheet = one_sheet([Cell("=1+1"), Cell(1.0)], [Cell("plain"), Cell(1.0)])
    assert sheet["A4"].quotePrefix
    assert not sheet["A5"].quotePrefix


def test_a_sign_written_out_is_shown_as_it_was_written():
    """Excel reads _x0041_ as the letter A; it has to be told that it is not one."""
    content = workbook([Sheet("S", "T", [], ["a"], [[Cell("_x0041_")]])], DAY, "T")
    assert b"_x005F_x0041_" in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")


def test_numbers_and_days_are_what_they_are_with_their_formats():
    sheet = one_sheet(
        [Cell("a"), Cell(-742300.9, "#,##0")], [Cell("b"), Cell(None)], [Cell(DAY, "d mmm yyyy"), Cell(0.5, "0.0%")]
    )
    assert (sheet["B4"].value, sheet["B4"].number_format) == (-742300.9, "#,##0")
    assert sheet["B5"].value is None
    assert (sheet["A6"].value, sheet["A6"].number_format) == (datetime(2025, 9, 30), "d mmm yyyy")
    assert sheet["B6"].number_format == "0.0%"


def test_heads_stay_in_view_are_repeated_on_paper_and_can_be_filtered_by():
    sheet = one_sheet([Cell("a"), Cell(1.0)], lines=("One line", "and another"))
    assert [cell.value for cell in sheet[5]] == ["What", "How much"]
    assert sheet.freeze_panes == "B6"
    assert sheet.auto_filter.ref == "A5:B6"
    assert sheet.print_title_rows == "$5:$5"


def test_columns_are_as_wide_as_what_stands_in_them_within_bounds():
    sheet = one_sheet([Cell("a"), Cell(1.0)], [Cell("x" * 500), Cell(123456789.0)], heads=("What", "B"))
    assert sheet.column_dimensions["A"].width == 48
    assert 12 < sheet.column_dimensions["B"].width < 24


def test_the_same_sheets_give_the_same_bytes_and_are_dated_as_told():
    sheets = [Sheet("One", "T", ["line"], ["a"], [[Cell("b")], [Cell(1.5)]])]
    first = workbook(sheets, DAY, "T")
    assert first == workbook(sheets, DAY, "T")
    assert opened(first).properties.created == datetime(2025, 9, 30)
    assert {info.date_time[:3] for info in zipfile.ZipFile(io.BytesIO(first)).infolist()} == {(2025, 9, 30)}
    assert first != workbook(sheets, date(2025, 9, 29), "T")


def test_text_leads_to_a_sheet_whatever_its_name():
    name = "Bob's & Co"
    content = workbook(
        [Sheet("A", "T", [], ["x"], [[Cell("go", sheet=name)]]), Sheet(name, "T", [], ["x"], [])], DAY, "T"
    )
    assert opened(content).worksheets[0]["A4"].hyperlink.location == "'Bob''s & Co'!A1"


def test_names_of_sheets_are_cut_at_a_word():
    assert sheet_names(["What changed on the period before: fewer customers"]) == ["What changed on the period…"]
    assert sheet_names(["差距落在谁的哪条产品线"]) == ["差距落在谁的哪条产品线"]


def test_names_of_sheets_differ_where_case_does_not_count():
    assert sheet_names(["Deals", "DEALS", "deals", "History", "", "a/b", "a:b"]) == [
        "Deals", "DEALS 2", "deals 3", "History 2", "2", "a b", "a b 2",
    ]  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=8))
def test_any_names_are_names_that_excel_takes(wished):
    names = sheet_names(wished)
    assert len({name.casefold() for name in names}) == len(wished)
    for name in names:
        assert 0 < len(name.encode("utf-16-le")) // 2 <= LONGEST_NAME
        assert not set(name) & set("[]:*?/\\")
        assert not name.startswith("'")
        assert not name.endswith("'")
        assert name.casefold() != "history"


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=200))
def test_any_text_can_be_written_and_is_never_a_formula(text):
    assert one_sheet([Cell(text), Cell(1.0)])["A4"].data_type in ("s", "n")  # n: blank

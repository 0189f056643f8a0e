"""A page's tables as an Excel file: a sheet a section, its sentence above, the rows' numbers in their units."""

import io
from dataclasses import replace
from datetime import datetime

import openpyxl
import pandas as pd
import pytest

from salesnb.formats.xlsx import sections, xlsx
from salesnb.settings import Settings
from tests import show_frames
from tests.formats import literal_report
from tests.show_frames import Chart, finding

NAME = '=HYPERLINK("http://evil.example","x")'


@pytest.fixture(autouse=True)
def _words(monkeypatch):
    show_frames.install(monkeypatch)


@pytest.fixture
def book(tmp_path):
    """Return a function that gives the workbook of findings in a language."""

    def make(lang="en", **findings):
        report = literal_report.write(tmp_path, findings or None, stages=("review",))
        (content,) = xlsx(report, lang).values()
        return openpyxl.load_workbook(io.BytesIO(content))

    return make


def table(sheet):
    """Return heads and rows of a sheet's table."""
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    head = next(i for i, row in enumerate(rows) if row == [None] * len(row)) + 1
    return rows[head], rows[head + 1 :]


def test_a_sheet_for_each_section_named_by_its_question_with_its_sentence_above(book):
    found = book(bullet=show_frames.bullet(), heat=show_frames.heat(), needs=show_frames.needs())
    assert found.sheetnames == ["Contents", "Who carries the gap", "Where do they meet"]
    sheet = found["Who carries the gap"]
    assert sheet["A1"].value == "2.58M of 3M: 420K short; Chen Hao −450K."
    assert sheet["A2"].value == "Who carries the gap?"


def test_a_sheet_bears_the_short_name_that_the_page_gives_its_section():
    made = show_frames.notebook({"bullet": show_frames.bullet()})
    heading = next(cell for cell in made.cells if cell.metadata.get("salesnb", {}).get("words") == "trial.bullet")
    heading.metadata["salesnb"] = {"words": "diagnosis.attainment"}
    assert [(s.name, s.question.endswith("?")) for s in sections(made, "en")] == [("Gap by rep", True)]
    assert [s.name for s in sections(made, "zh")] == ["人员差额"]


def test_the_first_sheet_says_whose_figures_they_are_and_leads_to_each(book):
    sheet = book(bullet=show_frames.bullet(), needs=show_frames.needs())["Contents"]
    said = [row[0].value for row in sheet.iter_rows()]
    assert said[0] == "South, September 2025: the tables"
    assert "As of 22 Sep 2025" in said
    assert "Amounts of money in CNY" in said
    assert "Provisional" in said
    assert "Heng & Yu" in said[1]
    rows = table(sheet)[1]
    assert rows[0] == ["Who carries the gap", "2.58M of 3M: 420K short; Chen Hao −450K."]
    assert rows[-1][0] == "What of the stages?"  # nothing to show: its reason stands there
    assert "stage_history" in rows[-1][1]


def test_figures_are_real_numbers_with_units_in_the_heads(book):
    sheet = book(bullet=show_frames.bullet())["Who carries the gap"]
    heads, rows = table(sheet)
    assert heads == ["Rep", "Sales, CNY", "Target, CNY", "Gap, CNY"]
    assert rows == [
        ["Total", 2_580_000, 3_000_000, -420_000],
        ["Chen Hao", 1_450_000, 1_900_000, -450_000],
        ["Wu Min", 1_130_000, 1_100_000, 30_000],
    ]
    assert sheet["B5"].number_format == "#,##0"
    assert sheet["D5"].number_format == "+#,##0;-#,##0;#,##0"


def test_the_same_in_chinese_with_the_same_numbers(book):
    sheet = book("zh", bullet=show_frames.bullet())["差在谁身上"]
    heads, rows = table(sheet)
    assert sheet["A1"].value == "销售额258万，目标300万，差42万；Chen Hao差45万。"
    assert heads == ["销售", "销售额（元）", "目标值（元）", "差额（元）"]
    assert rows[0] == ["合计", 2_580_000, 3_000_000, -420_000]


def test_rows_of_different_units_carry_their_own(book):
    sheet = book(cards=show_frames.cards())["Which figures are met"]
    heads, rows = table(sheet)
    assert heads == ["Figure", "Month", "Actual", "Target", "Gap", "Attainment", "Light"]
    assert rows[0] == ["Sales", None, 8.54e6, 9.6e6, -1.06e6, 0.89, "Missed"]
    assert rows[1] == ["Win rate", None, 0.31, None, None, None, "Not rated"]
    assert rows[2][:3] == ["Sales", "July 2025", 8.7e6]
    assert (sheet["C5"].number_format, sheet["C6"].number_format) == ('#,##0" CNY"', "0.0%")
    assert sheet["F5"].number_format == "0.0%"


def test_points_are_points_and_days_are_days(book):
    rows = pd.DataFrame({"rep": ["Wu Min"], "pace": [-0.0731], "attainment": [0.62], "due": ["2025-10-21"]})
    sheet = book(bars=finding("bars", rows.assign(product_line="x"), {"names": (0,)}, None, table=tuple(rows)))[
        "Which lines sell"
    ]
    heads, body = table(sheet)
    assert heads == ["Rep", "Time pace, pts", "Attainment", "Due"] or heads[1].endswith(", pts")
    assert body == [["Wu Min", -7.31, 0.62, datetime(2025, 10, 21)]]
    assert sheet["B5"].number_format == "+0.0;-0.0;0.0"
    assert sheet["D5"].number_format == "d mmm yyyy"


def test_every_row_is_there_also_those_that_a_page_leaves_out(book):
    rows = pd.DataFrame({"product_line": [f"line {n}" for n in range(120)], "sales": [float(n) for n in range(120)]})
    sheet = book(
        bars=finding("bars", rows, {"names": (0,)}, Chart("bars", {"label": "product_line", "value": "sales"}))
    )
    assert len(table(sheet["Which lines sell"])[1]) == 120


def test_rates_of_too_few_cases_are_blank(book):
    rows = pd.DataFrame(
        {"rep": ["Wu Min", "Li Na"], "closed_deals": [3.0, 40.0], "win_rate": [0.67, 0.4], "product_line": "x"}
    )
    sheet = book(bars=finding("bars", rows, {"names": (0,)}, None, table=("rep", "closed_deals", "win_rate")))[
        "Which lines sell"
    ]
    assert [row[2] for row in table(sheet)[1]] == [None, 0.4]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_names_from_data_are_text(book, lang):
    found = book(lang, bullet=show_frames.bullet((NAME, "<script>alert(1)</script>")))
    cells = [cell for sheet in found for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert [cell.data_type for cell in cells if cell.value == NAME] == ["s"]
    assert {cell.data_type for cell in cells} == {"s"}
    assert any(cell.value == "<script>alert(1)</script>" for cell in cells)


def test_a_currency_that_excel_might_read_as_a_format_is_text(book, monkeypatch):
    company = Settings.model_validate({"company": {"currency": 'X"0;@'}})
    odd = replace(show_frames.scope(), settings=company)
    made = replace(show_frames.cards(), scope=odd)
    monkeypatch.setattr(show_frames, "scope", lambda **_: odd)
    sheet = book(cards=made)["Which figures are met"]
    assert sheet["C5"].number_format == '#,##0" X0;@"'


def test_the_same_report_gives_the_same_bytes(tmp_path):
    first = xlsx(literal_report.write(tmp_path / "a"), "en")
    second = xlsx(literal_report.write(tmp_path / "b"), "en")
    assert first == second
    assert sorted(first) == ["diagnosis.xlsx", "review.xlsx"]

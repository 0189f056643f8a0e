"""Tables as an Excel file: real numbers with their formats, text that stays text, and the same bytes every time."""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from openpyxl import Workbook
from openpyxl.cell import Cell as ExcelCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from salesnb.dating import dated
from salesnb.show.text import plain, width

LONGEST_NAME = 31
_LONGEST_TEXT = 32_767
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_WIDEST, _NARROWEST = 48, 9
_LETTERS_PER_EM = 1.8
_MUTED, _RULE = "5A6068", "DCDFE3"
_BEGINS = frozenset("=+-@\t\r")
"""What begins a formula in one spreadsheet or another."""

_QUOTE = "'"
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
"""What Excel would take for a written-out sign."""

Value = str | float | date | None


@dataclass(frozen=True)
class Cell:
    """A value, None for none; how a number or a date is written; the sheet that text leads to."""

    value: Value
    form: str = "General"
    sheet: str = ""


@dataclass(frozen=True)
class Sheet:
    """A sheet: its wished name, a title, lines beneath it, heads of the columns, rows."""

    name: str
    title: str
    lines: Sequence[str]
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def workbook(sheets: Sequence[Sheet], made: date, title: str) -> bytes:
    """Return an Excel file whose sheets have the names that `sheet_names` gives; it says it was made on a day."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.title = plain(title)
    book.properties.creator = "salesnb"
    for name, sheet in zip(sheet_names(s.name for s in sheets), sheets, strict=True):
        _fill(book.create_sheet(name), sheet)
    content = io.BytesIO()
    book.save(content)
    return dated(content.getvalue(), datetime.combine(made, time()))


def sheet_names(wished: Iterable[str]) -> list[str]:
    """Return names that Excel takes, one for each wished: short enough, without its signs, no two alike in any case."""
    names: list[str] = []
    taken = {"history"}  # Excel keeps this one for itself
    for wish in wished:
        base = " ".join(_FORBIDDEN.sub(" ", plain(wish)).split()).strip("' ")
        name, number = _cut(base, LONGEST_NAME), 1
        while not name or name.casefold() in taken:
            number += 1
            name = f"{_cut(base, LONGEST_NAME - len(f' {number}'))} {number}".strip()
        taken.add(name.casefold())
        names.append(name)
    return names


def _cut(text: str, most: int) -> str:
    """Return text of so many letters at most, ended after a word where one ends in its second half."""
    if _letters(text) <= most:
        return text
    text = text[:most]
    while _letters(text) > most - 1:
        text = text[:-1]
    whole = text.rpartition(" ")[0]
    return (whole if len(whole) > most // 2 else text).rstrip(" ,;'，、；") + "…"


def _letters(text: str) -> int:
    """Return the number of letters as Excel counts them."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _fill(page: Worksheet, sheet: Sheet) -> None:
    """Write a sheet: title and lines, then the table, whose heads stay in view."""
    _write(page.cell(1, 1), Cell(sheet.title)).font = Font(bold=True, size=14)
    for below, line in enumerate(sheet.lines, start=2):
        _write(page.cell(below, 1), Cell(line)).font = Font(color=_MUTED)
    head = len(sheet.lines) + 3
    for column, name in enumerate(sheet.heads, start=1):
        cell = _write(page.cell(head, column), Cell(name))
        numbers = any(isinstance(row[column - 1].value, float) for row in sheet.rows)
        cell.font, cell.border = Font(bold=True), Border(bottom=Side("thin"))
        cell.alignment = Alignment("right" if numbers else "left", "bottom", wrap_text=True)
        page.column_dimensions[get_column_letter(column)].width = _width(name, [r[column - 1] for r in sheet.rows])
    for number, row in enumerate(sheet.rows, start=head + 1):
        for column, cell in enumerate(row, start=1):
            place = _write(page.cell(number, column), cell)
            place.border = Border(bottom=Side("hair", _RULE))
            place.alignment = Alignment(vertical="top", wrap_text=isinstance(cell.value, str))
    if sheet.heads:
        page.freeze_panes = page.cell(head + 1, 2)
        page.print_title_rows = f"{head}:{head}"
    if sheet.rows:
        page.auto_filter.ref = f"A{head}:{get_column_letter(len(sheet.heads))}{head + len(sheet.rows)}"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9  # A4
    page.page_setup.fitToHeight, page.sheet_properties.pageSetUpPr.fitToPage = 0, True


def _write(place: ExcelCell, cell: Cell) -> ExcelCell:
    """Write a cell; text is text whatever it begins with, and Excel leaves it so when someone types there."""
    if not isinstance(cell.value, str):
        place.value = cell.value
        place.number_format = cell.form
        return place
    text = plain(cell.value)[:_LONGEST_TEXT]
    if not text:
        return place
    place.value = _ESCAPE.sub("_x005F_", text)
    place.data_type = "s"
    place.quotePrefix = text[:1] in _BEGINS or text[:1] == _QUOTE
    if cell.sheet:
        name = cell.sheet.replace(_QUOTE, _QUOTE * 2)
        place.hyperlink = Hyperlink(ref=place.coordinate, location=f"'{name}'!A1")
        place.style = "Hyperlink"
    return place


def _width(head: str, cells: Sequence[Cell]) -> float:
    """Return how wide a column is set, in letters: as its widest cell, and no word of its head is broken."""
    words = max((width(word) for word in plain(head).split()), default=0.0)
    shown = [width(_shown(cell)) for cell in cells]
    return min(max([_NARROWEST, *(ems * _LETTERS_PER_EM + 2 for ems in (words, *shown))]), _WIDEST)


def _shown(cell: Cell) -> str:
    """Return about what a cell looks like."""
    if isinstance(cell.value, float):
        return f"{cell.value:+,.2f}"
    return plain(cell.value) if isinstance(cell.value, str) else "0000-00-00"

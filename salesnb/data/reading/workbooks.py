"""Excel workbooks: which sheets make up a table, and their rows as text.

Sheets with the same headers are one table (a sheet a month); sheets of another shape, hidden ones, and one that adds
the others up are told and not read, unless settings name them.
"""

import fnmatch
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from salesnb.data.cells import headers, numbers, values
from salesnb.data.cells import written as cells
from salesnb.data.cells.headers import Header
from salesnb.data.reading import summary_sheets
from salesnb.data.reading.contents import Content, told
from salesnb.data.reading.remarks import Remark
from salesnb.data.reading.sheets import Batch, Options, Sheet, find_header, text_batches
from salesnb.data.reading.workbook_parts import Parts, Traits
from salesnb.errors import InputError, problem

_TOP = headers.SEARCHED_ROWS + 1


@dataclass
class _Worksheet:
    """One sheet of a workbook: its merged cells, its first rows as text, and all its rows as often as asked for."""

    name: str
    merged: list[tuple[tuple[int, int], tuple[int, int]]]
    rows: Callable[[], Iterator[list[Any]]]
    traits: Traits
    top: list[list[str]] = field(default_factory=list)
    header: Header = field(default_factory=lambda: Header(0, 0, []))

    @property
    def filled(self) -> bool:
        """Whether there is anything in it, as far as a header is looked for."""
        return any(cell.strip() for row in self.top for cell in row)

    @property
    def shape(self) -> frozenset[str]:
        """What tells tables apart: their headers."""
        return frozenset(headers.normal(name) for name in self.header.names if name)


def open_sheets(content: Content, known: Collection[str], options: Options) -> list[Sheet]:
    """Open the sheets of a workbook that make up a table; parameters and errors as in ``reading.open_sheets``."""
    parts = Parts(content)
    book = CalamineWorkbook.from_object(str(content.path) if _by_path(content) else content.seekable())
    tables = {m.name: m for m in book.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet}
    several = len(tables) > 1
    wanted = _named(content, list(tables), options)
    hidden = [] if wanted else [n for n, m in tables.items() if m.visible != SheetVisibleEnum.Visible]
    visible = wanted or [n for n in tables if n not in hidden] or list(tables)
    opened = [s for name in visible if (s := _worksheet(parts, book, name)).filled]
    if not opened:
        raise InputError(problem("file_empty", file=content.name))
    for sheet in opened:
        sheet.header = find_header(content.name, sheet.top, known, options)
    read = opened if wanted else _of_one_shape(opened, known)
    totals = [] if wanted else summary_sheets.totals([_comparable(s) for s in read])
    told_of = {s.name: "sheet_other_shape" for s in opened if s not in read}
    told_of |= {read[i].name: "sheet_total" for i in totals} | dict.fromkeys(hidden, "sheet_hidden")
    made = [_sheet(content, s, known, options, several) for i, s in enumerate(read) if i not in totals]
    order = [name for name in tables if name in told_of]
    here = [s.name for s in read if s.name not in told_of]
    made[0].remarks += [
        Remark(told_of[n], "", _part_name(content, n), value=", ".join(f'"{s}"' for s in (*here, n))) for n in order
    ]
    return made


def _by_path(content: Content) -> bool:
    return content.plain and content.suffix in {".xlsx", ".xlsm"}


def _named(content: Content, present: Sequence[str], options: Options) -> list[str]:
    """Return the sheets that settings name, in their order."""
    found: list[str] = []
    for pattern in options.sheets:
        matches = [pattern] if pattern in present else fnmatch.filter(present, pattern)
        if not matches:
            listed = ", ".join(present)
            raise InputError(problem("sheet_missing", file=content.name, sheet=pattern, found=listed))
        found += [name for name in matches if name not in found]
    return found


def _worksheet(parts: Parts, book: CalamineWorkbook, name: str) -> _Worksheet:
    known = parts.traits(name)  # first: a cell far off would take all memory when it is opened
    opened = book.get_sheet_by_name(name)
    made = _Worksheet(name, list(opened.merged_cell_ranges or ()), opened.iter_rows, known)
    made.top = [[cells.text(cell) for cell in row] for row in islice(made.rows(), _TOP)]
    return made


def _of_one_shape(opened: Sequence[_Worksheet], known: Collection[str]) -> list[_Worksheet]:
    """Return the sheet with the most known headers and all that have the same headers as it."""
    best = max(opened, key=lambda s: len(s.shape & set(known)))
    return [s for s in opened if s.shape == best.shape]


def _part_name(content: Content, sheet: str) -> str:
    return f"{content.path.name} [{f'{content.member}: {sheet}' if content.member else sheet}]"


def _sheet(content: Content, sheet: _Worksheet, known: Collection[str], options: Options, several: bool) -> Sheet:
    header = sheet.header
    preamble = sum(1 for row in sheet.top[: header.first] if any(headers.clean(cell) for cell in row))
    part = f"{content.member}: {sheet.name}" if content.member and several else content.member
    needed = {i for i, name in enumerate(header.names) if headers.bare(name) & frozenset(known)}
    measures = {i for i, name in enumerate(header.names) if options.measures & headers.bare(name)}
    foreign = _foreign(sheet.traits.marks, options.currency)
    body = _Body(sheet, len(header.names), header.last + 1, needed, measures, foreign)
    return Sheet(
        content.path, "", header.names, header.last + 1, preamble,
        lambda opened: body.batches(opened, content.name), part=part or (sheet.name if several else ""),
        unit=header.unit,
    )  # fmt: skip


def _comparable(sheet: _Worksheet) -> summary_sheets.Rows:
    """Return the rows of a sheet with their cells in the order of the headers' names."""
    names = sheet.header.names
    order = sorted((i for i, name in enumerate(names) if name), key=lambda i: headers.normal(names[i]))
    body = islice(sheet.rows(), sheet.header.last + 1, None)
    rows = (tuple(cells.text(row[i]).strip() if i < len(row) else "" for i in order) for row in body)
    return summary_sheets.Rows(sheet.name, [row for row in rows if any(row)])


# -- rows


@dataclass
class _Body:
    """The rows below the header of a sheet."""

    sheet: _Worksheet
    width: int
    first: int
    needed: set[int]
    """Columns in which a formula without its result makes a row useless."""
    measures: set[int]
    """Columns of figures that add up: a merged cell of them counts once, on its first row."""
    foreign: frozenset[str]
    """Marks of currencies that are not the company's."""

    def batches(self, opened: Sheet, name: str) -> Iterator[Batch]:
        """Yield the rows; set those aside that hold formulas without results."""
        with told(name):
            yield from text_batches(self._lines(opened), self.width)

    def _lines(self, opened: Sheet) -> Iterator[tuple[int, list[str]]]:
        down, line = self._down(), [""] * self.width
        for index, row in islice(enumerate(self.sheet.rows()), self.first, None):
            line = self._line(index, row, line, down.get(index, ()))
            if formulas := self._unsolved(index):
                opened.ragged.append((index + 1, formulas, "formula_without_result"))
            else:
                yield index + 1, line

    def _down(self) -> dict[int, list[int]]:
        """Return for each row the columns in which it is merged with the row above."""
        down: dict[int, list[int]] = {}
        for (top, left), (bottom, right) in self.sheet.merged:
            if top >= self.first and left == right < self.width and left not in self.measures:
                for index in range(top + 1, bottom + 1):
                    down.setdefault(index, []).append(left)
        return down

    def _line(self, index: int, row: Sequence[Any], before: Sequence[str], down: Sequence[int]) -> list[str]:
        line = [cells.text(row[i]) if i < len(row) else "" for i in range(self.width)]
        for i in self.measures if self.foreign else ():
            if line[i] and (mark := self.sheet.traits.mark(index, i)) in self.foreign:
                line[i] = f"{mark} {line[i]}"
        for i in down:
            line[i] = line[i] or before[i]
        return line

    def _unsolved(self, index: int) -> str:
        """Return the formulas of a row that have no result though it is needed, with their cells."""
        formulas = self.sheet.traits.unsolved.get(index, {})
        return ", ".join(f"{_letters(i)}{index + 1} {formulas[i]}" for i in sorted(formulas) if i in self.needed)


def _letters(column: int) -> str:
    """Return the letters of a column, counted from 0."""
    return (_letters(column // 26 - 1) if column >= 26 else "") + chr(65 + column % 26)


def _foreign(marks: Sequence[str], currency: str) -> frozenset[str]:
    """Return the marks with which an amount is not one of the company's currency."""
    found = set()
    for mark in filter(None, marks):
        try:
            numbers.amount(f"{mark} 1", currency)
        except values.Unreadable:
            found.add(mark)
    return frozenset(found)

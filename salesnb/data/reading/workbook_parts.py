"""What a workbook's parts say beyond the values of its cells, read before they are: one cell far off, formulas that
were never calculated, and amounts that are formatted in a currency.

Of the new kind of workbook only (zipped XML), which is scanned as text: much faster than parsing it.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO
from xml.etree import ElementTree

from salesnb.data.cells.currencies import CODES
from salesnb.data.reading.contents import Content, unpacking_limit
from salesnb.errors import InputError, problem

_PIECE = 1 << 22
_SMALL_PART = 1 << 26
_DENSE_CELLS, _MOST_CELLS, _SPARSE = 1 << 21, 1 << 26, 50
"""A sheet is held as a rectangle: refused above ``_MOST_CELLS`` cells, and above ``_DENSE_CELLS`` where at most one in
``_SPARSE`` is filled."""

_FAR = re.compile(rb' r="([A-Z]{2,3}\d{1,7}|[A-Z]\d{7})"(?:\s[^>]*)?(?<!/)>(?!</)')
_LAST = re.compile(rb' r="([A-Z]*(\d{1,7}))"')
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_ATTRIBUTE = re.compile(rb'\b([rst])="([^"]*)"')
_FORMULA = re.compile(rb"<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]*)<)")
_RESULT = re.compile(rb"<(?:\w+:)?v\b[^>/]*>([^<]+)<")
_LOCALE_MARK = re.compile(r"\[\$([^\]-]*)(?:-[^\]]*)?\]")
_SYMBOL = re.compile(r"[$€£¥￥₩₹₽₫฿₺₪₱₦₴]|元|円|kr\b|zł|Kč|Ft\b")
_QUOTED_CODE = re.compile(r'"[^"a-zA-Z]*([A-Z]{3})[^"a-zA-Z]*"')


@dataclass
class Traits:
    """What is to be known of the cells of one sheet; rows and columns count from 0.

    ``unsolved`` gives formulas without a result by row and column, ``marks`` the currency marks that number formats
    show, ``marked`` for each column which of them each row has (0: none).
    """

    unsolved: dict[int, dict[int, str]] = field(default_factory=dict)
    marks: list[str] = field(default_factory=lambda: [""])
    marked: dict[int, bytearray] = field(default_factory=dict)

    def mark(self, row: int, column: int) -> str:
        """Return the currency mark that the format of a cell shows; nothing where it shows none."""
        codes = self.marked.get(column, b"")
        return self.marks[codes[row]] if row < len(codes) else ""


class Parts:
    """The parts of a workbook of the new kind; of any other file no traits are known."""

    def __init__(self, content: Content) -> None:
        self._content = content
        try:
            self._archive: zipfile.ZipFile | None = zipfile.ZipFile(content.seekable())
        except zipfile.BadZipFile:
            self._archive = None
            return
        limit = unpacking_limit(content.path)
        if sum(entry.file_size for entry in self._archive.infolist()) > limit:
            raise InputError(problem("unpacks_too_large", file=content.name, megabytes=limit >> 20))
        self._names = {entry.filename.lower(): entry for entry in self._archive.infolist()}

    def traits(self, sheet: str) -> Traits:
        """Scan a sheet; InputError where a cell far from the others would make it too large to hold."""
        part = self._sheets.get(sheet) if self._archive else None
        if part is None or self._archive is None:
            return Traits()
        made, extent = Traits(), _Extent()
        with self._archive.open(part) as file:
            for rows in _pieces(file):
                extent.take(rows)
                if self._marks or b"<f" in rows or b":f" in rows:
                    self._take(rows, made)
        if extent.too_large:
            far, cells, filled = extent.cell or extent.lowest, f"{extent.area:,}", f"{extent.filled:,}"
            raise InputError(
                problem("far_cell", file=self._content.name, sheet=sheet, cell=far, cells=cells, filled=filled)
            )
        return made

    def _take(self, rows: bytes, made: Traits) -> None:
        """Note formulas without results and marks of currencies."""
        for found in _CELL.finditer(rows):
            attributes, inside = found.groups()
            if inside is None or not (self._marks or b"f" in inside):
                continue
            at = dict(_ATTRIBUTE.findall(attributes))
            if b"r" not in at:
                continue
            row, column = _place(at[b"r"])
            if mark := self._marks.get(at.get(b"s", b"")):
                _note_mark(made, row, column, mark)
            if at.get(b"t") != b"str" and (formula := _FORMULA.search(inside)) and self._unsolved(inside):
                text = "=" + (formula[1] or b"...").decode("utf-8", "replace")
                made.unsolved.setdefault(row, {})[column] = text

    def _unsolved(self, inside: bytes) -> bool:
        """Tell whether a formula has no result; that of a file which asks to be calculated is 0 in place of none."""
        result = _RESULT.search(inside)
        return result is None or (self._to_calculate and result[1].strip() == b"0")

    # -- small parts

    def _tree(self, name: str) -> ElementTree.Element | None:
        entry = self._names.get(name)
        if entry is None or entry.file_size > _SMALL_PART or self._archive is None:
            return None
        try:
            return ElementTree.fromstring(self._archive.read(entry))
        except ElementTree.ParseError:
            return None

    @cached_property
    def _book(self) -> list[ElementTree.Element]:
        tree = self._tree("xl/workbook.xml")
        return [] if tree is None else list(tree.iter())

    @cached_property
    def _to_calculate(self) -> bool:
        asked = (e.get("fullCalcOnLoad") for e in self._book if _local(e) == "calcPr")
        return any(flag in {"1", "true"} for flag in asked)

    @cached_property
    def _sheets(self) -> dict[str, zipfile.ZipInfo]:
        """The part of each sheet by its name."""
        relations = self._tree("xl/_rels/workbook.xml.rels")
        targets = {} if relations is None else {e.get("Id"): e.get("Target", "") for e in relations}
        found = {}
        for element in self._book:
            if _local(element) != "sheet":
                continue
            key = next((v for k, v in element.attrib.items() if k.endswith("}id")), "")
            target = targets.get(key, "").lower()
            name = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if name in self._names:
                found[element.get("name", "")] = self._names[name]
        return found

    @cached_property
    def _marks(self) -> dict[bytes, str]:
        """The currency mark of each cell style whose number format shows one."""
        tree = self._tree("xl/styles.xml")
        if tree is None:
            return {}
        formats = {e.get("numFmtId"): e.get("formatCode", "") for e in tree.iter() if _local(e) == "numFmt"}
        shown = {number: mark for number, code in formats.items() if (mark := currency_mark(code))}
        styles = next((e for e in tree.iter() if _local(e) == "cellXfs"), ())
        return {str(i).encode(): shown[number] for i, s in enumerate(styles) if (number := s.get("numFmtId")) in shown}


@dataclass
class _Extent:
    """How far the filled cells of a sheet reach, and how many they are."""

    rows: int = 0
    columns: int = 26
    filled: int = 0
    cell: str = ""
    lowest: str = ""

    def take(self, rows: bytes) -> None:
        self.filled += rows.count(b"<c ") + rows.count(b":c ")
        filled = max(rows.rfind(b"<v>"), rows.rfind(b":v>"), rows.rfind(b"<is>"))
        last = _LAST.match(rows, max(0, rows.rfind(b' r="', 0, max(filled, 0))))
        if last and int(last[2]) > self.rows:
            self.rows, self.lowest = int(last[2]), last[1].decode()
        for found in _FAR.findall(rows):
            row, column = _place(found)
            if row >= self.rows or column >= self.columns:
                self.rows, self.columns = max(self.rows, row + 1), max(self.columns, column + 1)
                self.cell = found.decode()

    @property
    def area(self) -> int:
        return self.rows * self.columns

    @property
    def too_large(self) -> bool:
        sparse = self.area > _DENSE_CELLS and self.area > _SPARSE * self.filled
        return sparse or self.area > _MOST_CELLS


def currency_mark(code: str) -> str:
    """Return the currency that a number format shows, as a mark before an amount; nothing where it shows none."""
    if (found := _LOCALE_MARK.search(code)) and found[1].strip():
        return found[1].strip()
    rest = _LOCALE_MARK.sub("", code)
    if found := _SYMBOL.search(rest):
        return found[0]
    found = _QUOTED_CODE.search(rest)
    return found[1] if found and found[1] in {*CODES, "RMB"} else ""


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the bytes of a sheet in pieces that end with whole rows."""
    left = b""
    while piece := file.read(_PIECE):
        whole = left + piece
        end = whole.rfind(b"row>")  # of a row, whatever its prefix; ``<row>`` too, before which one ends
        cut = end + 4 if whole.rfind(b"/", 0, end) > whole.rfind(b"<", 0, end) else 0
        if cut:
            yield whole[:cut]
        left = whole[cut:]
    yield left


def _place(reference: bytes) -> tuple[int, int]:
    """Return row and column of a cell such as ``AB12``, counted from 0."""
    letters = reference.rstrip(b"0123456789")
    column = 0
    for letter in letters.upper():
        column = column * 26 + letter - 64
    return int(reference[len(letters) :] or b"1") - 1, column - 1


def _note_mark(made: Traits, row: int, column: int, mark: str) -> None:
    if mark not in made.marks:
        if len(made.marks) > 255:
            return
        made.marks.append(mark)
    codes = made.marked.setdefault(column, bytearray())
    if row >= len(codes):
        codes.extend(bytes(row + 1 - len(codes)))
    codes[row] = made.marks.index(mark)


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]

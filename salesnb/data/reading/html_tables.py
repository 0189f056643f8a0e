"""Tables in HTML, and in the XML that Excel wrote in 2003: what many systems export under the name .xls.

The page is only read: no script runs, nothing is fetched.
"""

import codecs
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from html.parser import HTMLParser

from salesnb.data.cells import headers
from salesnb.data.cells.headers import Header
from salesnb.data.reading import encoding
from salesnb.data.reading.contents import Content
from salesnb.data.reading.remarks import Remark
from salesnb.data.reading.sheets import Options, Sheet, find_header, text_batches
from salesnb.errors import InputError, problem

_BEGINS = re.compile(rb"^[\s\x00]*<(?:!doctype\s+html|!--|html|head|meta|body|table|style|div)\b", re.IGNORECASE)
_SPREADSHEET = b"urn:schemas-microsoft-com:office:spreadsheet"
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_TAGS = {"worksheet": "table", "row": "tr", "cell": "td", "th": "td"}
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_WIDEST = 1 << 14
"""A table has no more columns than a sheet of Excel."""


def is_html(start: bytes) -> bool:
    """Tell whether the first bytes of a file are those of a page or of a spreadsheet in XML."""
    plain = start.replace(b"\x00", b"").removeprefix(codecs.BOM_UTF8).lstrip(codecs.BOM_UTF16_LE)
    return bool(_BEGINS.match(plain)) or (
        plain.lstrip().startswith(b"<?xml") and (_SPREADSHEET in plain or b"<html" in plain.lower())
    )


def open_sheets(content: Content, known: Collection[str], options: Options) -> list[Sheet]:
    """Return the tables with the headers of the one that has the most known; as ``reading.open_sheets``."""
    coded, text = _text(content, options.encoding)
    parser = _Tables()
    parser.feed(text)
    parser.close()
    tables = [t for t in parser.tables if any(any(line) for line in t.lines)]
    if not tables:
        raise InputError(problem("no_table_in_page", file=content.name))
    for table in tables:
        table.header = find_header(content.name, table.lines[: headers.SEARCHED_ROWS + 1], known, options)
    best = max(tables, key=lambda t: len(t.shape & set(known)))
    read = [t for t in tables if t.shape == best.shape]
    made = [_sheet(content, table, coded, options, len(tables) > 1) for table in read]
    made[0].remarks += [
        Remark("table_other_shape", "", f"{content.name} [{t.name}]")
        for t in tables
        if t not in read and len(t.lines) > 1 and len(t.shape) > 1
    ]
    return made


def _text(content: Content, override: str) -> tuple[str, str]:
    with content.open() as file:
        data = file.read()
    declared = _CHARSET.search(data[: 1 << 12])
    name = override or (declared[1].decode("ascii", "replace").lower() if declared else "")
    if name in {"gb2312", "gbk", "gb_2312-80"}:
        name = "gb18030"
    try:
        return name, data.decode(name)
    except (LookupError, UnicodeError):
        found = encoding.detect(content, override)
        return found.name, data.decode(found.name, "replace")


@dataclass
class _Table:
    """One table of a page: its lines of cells, which of them are filled from above, and where its header is.

    ``down`` gives the cells that reach into the next rows: by column the rows left and the text.
    """

    name: str
    lines: list[list[str]] = field(default_factory=list)
    down: dict[int, tuple[int, str]] = field(default_factory=dict)
    filled: set[tuple[int, int]] = field(default_factory=set)
    header: Header = field(default_factory=lambda: Header(0, 0, []))

    @property
    def shape(self) -> frozenset[str]:
        return frozenset(headers.normal(name) for name in self.header.names if name)


class _Tables(HTMLParser):
    """Collects the cells of all tables; of a table within a cell, the text belongs to neither."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self._open: list[_Table] = []
        self._cell: list[str] | None = None
        self._span = (1, 1)
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = _TAGS.get(tag.rpartition(":")[2], tag.rpartition(":")[2])
        given = {name.rpartition(":")[2]: value or "" for name, value in attrs}
        if tag in {"script", "style"}:
            self._silent += 1
        elif tag == "table" and not (self._open and not self._open[-1].lines):  # a worksheet holds a table
            self._end_cell()
            self._open.append(_Table(given.get("name") or str(len(self.tables) + 1)))
            self.tables.append(self._open[-1])
        elif tag == "tr" and self._open:
            self._end_cell()
            self._open[-1].lines.append([])
            self._carry_down()
        elif tag == "td" and self._open and self._open[-1].lines:
            self._begin_cell(given)
        elif tag in {"br", "p"} and self._cell:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        tag = _TAGS.get(tag.rpartition(":")[2], tag.rpartition(":")[2])
        if tag in {"script", "style"}:
            self._silent = max(0, self._silent - 1)
        elif tag in {"td", "tr", "table"}:
            self._end_cell()
            if tag == "table" and self._open:
                self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._silent:
            self._cell.append(data)

    def close(self) -> None:
        super().close()
        self._end_cell()

    # -- cells

    def _begin_cell(self, given: dict[str, str]) -> None:
        self._end_cell()
        line = self._open[-1].lines[-1]
        if (index := _count(given.get("index", ""), 0)) > len(line):  # of a sheet in XML, blank cells are left out
            line.extend([""] * (min(index, _WIDEST) - 1 - len(line)))
        self._cell = []
        across = _count(given.get("colspan", ""), 1) + _count(given.get("mergeacross", ""), 0)
        down = _count(given.get("rowspan", ""), 1) + _count(given.get("mergedown", ""), 0)
        self._span = min(across, _WIDEST), down

    def _end_cell(self) -> None:
        if self._cell is None or not self._open or not self._open[-1].lines:
            self._cell = None
            return
        table = self._open[-1]
        text = _BLANKS.sub(" ", "".join(self._cell)).strip()
        across, down = self._span
        line = table.lines[-1]
        if down > 1 and across == 1:
            table.down[len(line)] = (down - 1, text)
        line.extend([text, *[""] * (across - 1)][: max(0, _WIDEST - len(line))])
        self._cell = None
        self._carry_down()

    def _carry_down(self) -> None:
        """Fill the next cells of a row that the rows above reach into."""
        table = self._open[-1]
        line = table.lines[-1]
        while (left := table.down.pop(len(line), None)) is not None:
            rows, text = left
            if rows > 1:
                table.down[len(line)] = (rows - 1, text)
            table.filled.add((len(table.lines) - 1, len(line)))
            line.append(text)


def _count(written: str, default: int) -> int:
    return int(written) if written.isdecimal() and len(written) < 6 else default


def _sheet(content: Content, table: _Table, coded: str, options: Options, several: bool) -> Sheet:
    header = table.header
    preamble = sum(1 for line in table.lines[: header.first] if any(line))
    for row, column in table.filled:  # an amount that spans rows counts once
        if column < len(header.names) and options.measures & headers.bare(header.names[column]):
            table.lines[row][column] = ""
    numbered = [(i + 1, line) for i, line in enumerate(table.lines)][header.last + 1 :]
    part = f"{content.member}: {table.name}" if content.member and several else content.member
    return Sheet(
        content.path, coded, header.names, header.last + 1, preamble,
        lambda _: text_batches(numbered, len(header.names)), part=part or (table.name if several else ""),
        unit=header.unit,
    )  # fmt: skip

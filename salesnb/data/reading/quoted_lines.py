"""Lines of a text file made into rows one by one, so that a quotation mark left open takes no other row with it.

The bulk reader of CSV goes wrong where quotation marks do: what follows an open one is one cell to it, to the next
mark or to the end. `tidy` tells beforehand whether that can happen; where it can, `records` reads the file.
"""

import codecs
import csv
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from salesnb.data.reading.contents import Content

_PIECE = 1 << 22
_MOST_LINES = 1000
"""A cell is taken to be no longer than so many lines."""

TWO_BLANKS, BLANKS = "  ", " "
"""Separators that stand for a run of at least two blanks, and of at least one."""

_RUNS = {TWO_BLANKS: re.compile(r"[ \u3000\xa0]{2,}|[ \u3000\xa0]*\t\s*"), BLANKS: re.compile(r"[ \t\u3000\xa0]+")}


@dataclass(frozen=True)
class Record:
    """One row of a text file: its number, cells and text; ``reason`` tells why it is no row where it is none."""

    number: int
    cells: list[str]
    text: str
    reason: str = ""


def tidy(content: Content, separator: str) -> bool:
    """Tell whether all quotation marks of a file open a cell or close it, and those of each line come in pairs."""
    marks = np.zeros(256, dtype=bool)
    marks[list(b'\n\r"' + separator.encode())] = True
    pieces = enumerate(content.whole_lines(_PIECE))
    return all(_tidy(lines if n else lines.removeprefix(codecs.BOM_UTF8), marks) for n, lines in pieces)


def _tidy(lines: bytes, marks: np.ndarray) -> bool:
    read = np.frombuffer(b"\n" + lines + b"\n", dtype=np.uint8)
    places = np.flatnonzero(read == ord('"'))
    opening, closing = places[::2], places[1::2]
    if len(opening) != len(closing):
        return False
    if not (marks[read[opening - 1]].all() and marks[read[closing + 1]].all()):
        return False
    line = np.cumsum((read == 10) | (read == 13), dtype=np.int32)
    return bool((line[opening] == line[closing]).all())


def records(lines: Iterator[tuple[str, bool]], separator: str, width: int, number: int) -> Iterator[Record]:
    """Yield the rows of a file; of a row that is none, its first line only: the next one is read anew.

    Parameters
    ----------
    lines
        Lines with their ends, and whether each is in the encoding of the file.
    separator, width
        What stands between cells, and how many cells a row has.
    number
        The number of the first row.
    """
    source = _Source(lines)
    split = cells_of(separator)
    for text, sound in source:
        if not sound:
            yield Record(number, [], text.rstrip("\r\n"), "other_encoding")
        elif separator in _RUNS or '"' not in text:
            yield _counted(number, split(text), text, width)
        else:
            row = _closed(text, separator) or _over_lines(source, text, separator, width)
            if row is None:
                yield Record(number, [], text.rstrip("\r\n"), "open_quote")
            else:
                yield _counted(number, row, text, width)
        number += 1


def cells_of(separator: str) -> Callable[[str], list[str]]:
    """Return what splits a line without quotation marks into its cells."""
    if (run := _RUNS.get(separator)) is not None:
        return lambda line: run.split(line.strip(" \t\r\n"))
    return lambda line: line.rstrip("\r\n").split(separator)


def _counted(number: int, cells: list[str], text: str, width: int) -> Record:
    if len(cells) == width:
        return Record(number, cells, text)
    reason = "ragged_row" if any(cell.strip() for cell in cells) else "blank"
    return Record(number, cells, text.rstrip("\r\n"), reason)


@dataclass
class _Source:
    """Lines that can be put back."""

    lines: Iterator[tuple[str, bool]]
    back: deque[tuple[str, bool]] = field(default_factory=deque)

    def __iter__(self) -> Iterator[tuple[str, bool]]:
        while (line := self.next()) is not None:
            yield line

    def next(self) -> tuple[str, bool] | None:
        return self.back.popleft() if self.back else next(self.lines, None)


def _closed(text: str, separator: str) -> list[str] | None:
    """Return the cells of a line; None where a quotation mark in it is not closed, or closed within a cell.

    Who quotes cells doubles the marks in them: beside a quoted cell an odd mark is no inch.
    """
    line = re.sub(rf'"[ \t]+(?={re.escape(separator)}|$)', '"', text.rstrip("\r\n"))  # blanks after a mark are none
    if line.count('"') % 2 and (line.startswith('"') or separator + '"' in line):
        return None
    try:
        return next(csv.reader([line], delimiter=separator, skipinitialspace=True, strict=True))
    except (csv.Error, StopIteration):
        return None


def _over_lines(source: _Source, text: str, separator: str, width: int) -> list[str] | None:
    """Return the cells of a row of which one goes over several lines.

    None, with all lines put back, where the mark is not closed as one is, or what it encloses looks like rows.
    """
    taken: list[tuple[str, bool]] = []
    while len(taken) < _MOST_LINES and (line := source.next()) is not None:
        taken.append(line)
        if not line[1]:
            break
        if '"' not in line[0]:
            continue
        try:
            whole = [text, *(t for t, _ in taken)]
            reader = csv.reader(whole, delimiter=separator, skipinitialspace=True, strict=True)
            row = next(reader)
            if reader.line_num < len(whole):  # it ended before the lines that were taken
                break
        except csv.Error as fault:
            if "unexpected end" in str(fault):
                continue
            break
        if not any(_holds_rows(cell, separator, width) for cell in row):
            return row
        break
    source.back.extendleft(reversed(taken))
    return None


def _holds_rows(cell: str, separator: str, width: int) -> bool:
    return width > 1 and any(line.count(separator) >= width - 1 for line in cell.splitlines()[1:])

"""An opened file as rows of text, batch by batch, with the rows' numbers.

A row's number is the one a person sees in a spreadsheet: the header counts, and so do blank and preamble rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data.cells import headers, units, values
from salesnb.data.cells.units import Unit
from salesnb.data.reading.remarks import Remark
from salesnb.data.reading.row_files import ahead
from salesnb.errors import InputError, problem

BATCH_ROWS = 1 << 17


@dataclass(frozen=True)
class Batch:
    """Some rows of a file: columns of text named ``0``, ``1``, ... and the rows' numbers."""

    columns: pa.Table
    rows: np.ndarray


@dataclass
class Sheet:
    """One opened file (or sheet of it): where its header is, and its rows as often as they are asked for.

    ``ragged`` and ``blank`` are known after ``batches`` was read to its end: rows that are no rows of the table
    (too few or too many cells, a quotation mark left open, ...) as (number, text, reason), and the count of rows
    without any content. ``remarks`` tells what is to be known of the file. ``part`` is the sheet of a workbook that
    has several, the member of an archive. With ``ahead``, a thread reads the next batch while one is worked on.
    """

    path: Path
    encoding: str
    headers: list[str]
    header_number: int
    preamble: int
    _read: Callable[[Sheet], Iterator[Batch]]
    separator: str | None = None
    part: str = ""
    ahead: bool = False
    ragged: list[tuple[int, str, str]] = field(default_factory=list)
    blank: int = 0
    remarks: list[Remark] = field(default_factory=list)
    unit: Unit = units.NONE
    """Unit of all amounts, as a row above the header says."""

    @property
    def name(self) -> str:
        """The name that messages and the accounting give it: ``orders.csv``, ``orders.xlsx [July]``."""
        return f"{self.path.name} [{self.part}]" if self.part else self.path.name

    def batches(self) -> Iterator[Batch]:
        """Yield all rows with content, in order."""
        self.ragged.clear()
        self.blank = 0
        batches = (self._without_blank(batch) for batch in self._read(self))
        return ahead(batches) if self.ahead else batches

    def _without_blank(self, batch: Batch) -> Batch:
        if not batch.columns.num_columns:
            return batch
        filled = _filled(batch.columns.column(0))
        for column in batch.columns.columns[1:]:
            if pc.all(filled).as_py():
                return batch
            filled = pc.or_(filled, _filled(column))
        keep = filled.to_numpy()
        if keep.all():
            return batch
        self.blank += int((~keep).sum())
        return Batch(batch.columns.filter(filled), batch.rows[keep])


def _filled(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.greater(pc.binary_length(pc.utf8_trim(column, values.BLANKS)), 0)


def text_batches(lines: Iterable[tuple[int, Sequence[str]]], width: int) -> Iterator[Batch]:
    """Yield numbered rows as batches; cells beyond the width are left out, missing ones are blank."""
    rows = iter(lines)
    while part := list(islice(rows, BATCH_ROWS)):
        whole = [line if len(line) == width else [*line, *[""] * width][:width] for _, line in part]
        columns = {str(i): pa.array(column, pa.string()) for i, column in enumerate(zip(*whole, strict=True))}
        yield Batch(pa.table(columns), np.asarray([number for number, _ in part], dtype=np.int64))


@dataclass(frozen=True)
class Options:
    """How a file is to be opened, as far as settings say so."""

    encoding: str = ""
    sheets: tuple[str, ...] = ()
    header_row: int | None = None
    separator: str = ""
    measures: frozenset[str] = frozenset()
    """Normal forms of the headers of figures that add up: a merged cell of them counts once."""
    currency: str = ""
    """Code of the company's currency."""


def find_header(name: str, rows: Sequence[Sequence[str]], known: Collection[str], options: Options) -> headers.Header:
    """Return the header among the first rows: that of the settings, else the likeliest; InputError beyond the end."""
    if options.header_row is None:
        found = headers.found(rows, known)
    else:
        index = options.header_row - 1
        if index >= len(rows):
            raise InputError(problem("header_row_missing", file=name, row=index + 1, rows=len(rows)))
        found = headers.Header(index, index, [headers.clean(cell) for cell in rows[index]])
    return replace(found, unit=units.above(rows[: found.first]))

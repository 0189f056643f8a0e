"""An opened file as rows of text, batch by batch, with the rows' numbers.

A row's number is the one a person sees in a spreadsheet: the header counts, and so do blank and preamble rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data import headers
from salesnb.data.remarks import Remark
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

    ``ragged`` and ``blank`` are known after ``batches`` was read to its end: rows with too few or too many cells
    as (number, text), and the count of rows without any content. ``remarks`` tells what is to be known of the file.
    """

    path: Path
    encoding: str
    headers: list[str]
    header_number: int
    preamble: int
    _read: Callable[[Sheet], Iterator[Batch]]
    quotes: bool = False
    separator: str | None = None
    ragged: list[tuple[int, str]] = field(default_factory=list)
    blank: int = 0
    remarks: list[Remark] = field(default_factory=list)

    def batches(self) -> Iterator[Batch]:
        """Yield all rows with content, in order."""
        self.ragged.clear()
        self.blank = 0
        for batch in self._read(self):
            yield self._without_blank(batch)

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
    return pc.greater(pc.binary_length(pc.utf8_trim_whitespace(column)), 0)


@dataclass(frozen=True)
class Options:
    """How a file is to be opened, as far as settings say so."""

    encoding: str = ""
    sheet: str = ""
    header_row: int | None = None


def header_index(
    path: Path, records: Sequence[Sequence[str]], known: Collection[str], options: Options
) -> int:
    """Return the index of the header row: that of the settings, else the likeliest; InputError beyond the end."""
    index = headers.header_row(records, known) if options.header_row is None else options.header_row - 1
    if index >= len(records):
        raise InputError(problem("header_row_missing", file=path.name, row=index + 1, rows=len(records)))
    return index

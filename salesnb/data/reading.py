"""Files read as rows of text, batch by batch: CSV, Excel, Parquet. Nothing is interpreted here.

A row's number is the one a person sees in a spreadsheet: the header counts, and so do blank and preamble rows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data import cells, encoding, headers, values
from salesnb.errors import InputError, problem

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".parquet")
BLOCK_BYTES = 1 << 23
BATCH_ROWS = 1 << 17
_SEPARATORS = ",;\t|"


@dataclass(frozen=True)
class Batch:
    """Some rows of a file: columns of text named ``0``, ``1``, ... and the rows' numbers."""

    columns: pa.Table
    rows: np.ndarray


@dataclass
class Sheet:
    """One opened file (or sheet of it): where its header is, and its rows as often as they are asked for.

    ``ragged`` and ``blank`` are known after ``batches`` was read to its end: rows with too few or too many cells
    as (number, text), and the count of rows without any content.
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


def open_sheet(path: Path, known: Collection[str], options: Options) -> Sheet:
    """Open a file and find its header row.

    Parameters
    ----------
    path
        A CSV, Excel or Parquet file.
    known
        Normal forms of the headers that are expected in it; the row with the most of them is the header.
    options
        What settings say about the file.

    Raises
    ------
    InputError
        The file is missing, empty, not of its kind, not decodable, or has no such sheet.
    """
    if not path.is_file():
        raise InputError(problem("file_missing", file=path.name, folder=path.parent))
    if path.stat().st_size == 0:
        raise InputError(problem("file_empty", file=path.name))
    suffix = path.suffix.lower()
    if suffix in {".xlsx", ".xlsm", ".xls"}:
        return _open_excel(path, known, options)
    if suffix == ".parquet":
        return _open_parquet(path)
    return _open_csv(path, known, options)


# -- CSV


def _open_csv(path: Path, known: Collection[str], options: Options) -> Sheet:
    found = encoding.detect(path, options.encoding)
    start = _first_lines(path, found.name)
    if not start.strip():
        raise InputError(problem("file_empty", file=path.name))
    separator, records, ends = _sniff(start, known)
    index = _header_index(path, records, known, options)
    names = [headers.clean(cell) for cell in records[index]]
    read = _csv_reader(path, found, separator, len(names), ends[index], index + 1)
    preamble = sum(1 for record in records[:index] if any(headers.clean(c) for c in record))
    return Sheet(path, found.name, names, index + 1, preamble, read, found.quotes, separator)


def _first_lines(path: Path, name: str) -> str:
    with path.open(encoding=name, newline="") as file:
        return file.read(1 << 16)


def _sniff(start: str, known: Collection[str]) -> tuple[str, list[list[str]], list[int]]:
    """Return the separator that finds the most known headers (then: cells), with the first records and their ends."""
    best: tuple[tuple[int, int], str, list[list[str]], list[int]] | None = None
    for separator in _SEPARATORS:
        records, ends = _records(start, separator)
        row = records[headers.header_row(records, known)] if records else []
        score = (len({headers.normal(c) for c in row} & set(known)), len(row))
        if best is None or score > best[0]:
            best = (score, separator, records, ends)
    assert best is not None
    return best[1], best[2], best[3]


def _records(start: str, separator: str) -> tuple[list[list[str]], list[int]]:
    reader = csv.reader(io.StringIO(start, newline=""), delimiter=separator)
    records, ends = [], []
    try:
        for record in reader:
            records.append(record)
            ends.append(reader.line_num)
            if len(records) > headers.SEARCHED_ROWS + 1:
                break
    except csv.Error:
        pass
    return records, ends


def _header_index(
    path: Path, records: Sequence[Sequence[str]], known: Collection[str], options: Options
) -> int:
    index = headers.header_row(records, known) if options.header_row is None else options.header_row - 1
    if index >= len(records):
        raise InputError(problem("header_row_missing", file=path.name, row=index + 1, rows=len(records)))
    return index


def _csv_reader(
    path: Path, found: encoding.Encoding, separator: str, width: int, skip_lines: int, header_number: int
) -> Callable[[Sheet], Iterator[Batch]]:
    def read(sheet: Sheet) -> Iterator[Batch]:
        import pyarrow.csv as pacsv

        offset = header_number - skip_lines
        odd: list[int] = []

        def ragged(row: Any) -> str:
            odd.append(row.number + offset)
            if row.text.strip(separator + '"' + values.BLANKS):
                sheet.ragged.append((row.number + offset, row.text))
            else:
                sheet.blank += 1
            return "skip"

        names = [str(i) for i in range(width)]
        try:
            reader = pacsv.open_csv(
                path,
                # One thread: only then are the numbers of ragged rows known.
                read_options=pacsv.ReadOptions(
                    column_names=names, skip_rows=skip_lines, use_threads=False, block_size=BLOCK_BYTES,
                    encoding="utf8" if found.name == "utf-8" else found.name,
                ),
                parse_options=pacsv.ParseOptions(
                    delimiter=separator, newlines_in_values=found.quotes, ignore_empty_lines=False,
                    quote_char='"', invalid_row_handler=ragged,
                ),
                convert_options=pacsv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
                ),
            )  # fmt: skip
            number = header_number + 1
            for block in reader:
                rows = _numbers(number, block.num_rows, odd)
                if len(rows):
                    number = int(rows[-1]) + 1
                yield Batch(pa.Table.from_batches([block]), rows)
        except pa.ArrowInvalid as fault:
            if "Empty CSV file" in str(fault):
                return
            raise InputError(
                problem("file_broken", file=path.name, reason=str(fault).split("\n")[0])
            ) from None

    return read


def _numbers(first: int, count: int, odd: list[int]) -> np.ndarray:
    """Number ``count`` rows from ``first`` on, passing over the ragged ones; drops those from ``odd``."""
    left = np.asarray(odd, dtype=np.int64)
    span = first + count
    while (reach := first + count + int(((left >= first) & (left < span)).sum())) != span:
        span = reach
    skipped = left[(left >= first) & (left < span)]
    rows = np.setdiff1d(np.arange(first, span, dtype=np.int64), skipped, assume_unique=True)
    odd[:] = [n for n in odd if n >= span]
    return rows


# -- Excel


def _open_excel(path: Path, known: Collection[str], options: Options) -> Sheet:
    rows = _excel_rows(path, options.sheet)
    texts = [[cells.text(cell) for cell in row] for row in rows[: headers.SEARCHED_ROWS + 1]]
    if not any(any(row) for row in texts):
        raise InputError(problem("file_empty", file=path.name))
    if options.header_row is not None and options.header_row <= len(rows):
        index = options.header_row - 1
        names = [headers.clean(cells.text(cell)) for cell in rows[index]]
    else:
        index = _header_index(path, texts, known, options)
        names = [headers.clean(cell) for cell in texts[index]]
    preamble = sum(1 for row in texts[:index] if any(headers.clean(cell) for cell in row))
    body = rows[index + 1 :]
    return Sheet(
        path, "", names, index + 1, preamble, lambda sheet: _excel_batches(body, len(names), index + 2)
    )


def _excel_rows(path: Path, sheet: str) -> list[list[Any]]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        book = CalamineWorkbook.from_path(str(path))
        if sheet and sheet not in book.sheet_names:
            raise InputError(
                problem("sheet_missing", file=path.name, sheet=sheet, found=", ".join(book.sheet_names))
            )
        opened = book.get_sheet_by_name(sheet) if sheet else book.get_sheet_by_index(0)
        return opened.to_python(skip_empty_area=False)
    except (CalamineError, PasswordError, OSError) as fault:
        raise InputError(problem("file_broken", file=path.name, reason=fault)) from None


def _excel_batches(body: Sequence[Sequence[Any]], width: int, first: int) -> Iterator[Batch]:
    for start in range(0, len(body), BATCH_ROWS):
        part = body[start : start + BATCH_ROWS]
        columns = {
            str(i): pa.array([cells.text(row[i]) if i < len(row) else "" for row in part], pa.string())
            for i in range(width)
        }
        yield Batch(pa.table(columns), np.arange(first + start, first + start + len(part), dtype=np.int64))


# -- Parquet


def _open_parquet(path: Path) -> Sheet:
    import pyarrow.parquet as pq

    try:
        names = pq.read_schema(path).names
    except (pa.ArrowInvalid, OSError) as fault:
        raise InputError(problem("file_broken", file=path.name, reason=fault)) from None
    return Sheet(path, "", [headers.clean(n) for n in names], 0, 0, lambda sheet: _parquet_batches(path))


def _parquet_batches(path: Path) -> Iterator[Batch]:
    import pyarrow.parquet as pq

    number = 1
    with pq.ParquetFile(path) as file:
        for block in file.iter_batches(batch_size=BATCH_ROWS):
            columns = {str(i): _as_text(column) for i, column in enumerate(block.columns)}
            rows = np.arange(number, number + block.num_rows, dtype=np.int64)
            number += block.num_rows
            yield Batch(pa.table(columns), rows)


def _as_text(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    plain = (
        pa.types.is_integer(column.type)
        or pa.types.is_string(column.type)
        or pa.types.is_large_string(column.type)
    )
    plain = plain or pa.types.is_date(column.type) or pa.types.is_decimal(column.type)
    if plain:
        return pc.fill_null(column.cast(pa.string()), "")
    return pa.array([cells.text(value) for value in column.to_pylist()], pa.string())

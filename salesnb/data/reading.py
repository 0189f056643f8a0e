"""Files read as rows of text, batch by batch: CSV, Excel, Parquet. Nothing is interpreted here."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data import cells, headers
from salesnb.data.delimited import open_delimited
from salesnb.data.sheets import BATCH_ROWS, Batch, Options, Sheet, header_index
from salesnb.errors import InputError, problem

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".parquet")


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
    return open_delimited(path, known, options)


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
        index = header_index(path, texts, known, options)
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

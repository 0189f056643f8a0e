"""Files read as rows of text, batch by batch: CSV, Excel, HTML, Parquet. Nothing is interpreted here.

What a file is, its first bytes say: systems export HTML, text or new workbooks under the name .xls.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from salesnb.data.cells import headers
from salesnb.data.cells import written as cells
from salesnb.data.reading import contents, html_tables
from salesnb.data.reading.contents import Content, told
from salesnb.data.reading.delimited import open_delimited
from salesnb.data.reading.sheets import BATCH_ROWS, Batch, Options, Sheet
from salesnb.errors import InputError, problem
from salesnb.schema import Table
from salesnb.settings import Source, headers_named

_ZIP, _OLE, _PARQUET = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PAR1"
_MEASURES = frozenset({"money", "quantity", "count", "measure"})


def options(table: Table, source: Source, currency: str) -> Options:
    """Return how the files of a table are to be opened, as settings say; ``currency`` is the company's."""
    named = [c.headers for c in table.columns.values() if c.type in _MEASURES]
    for column, header in source.columns.items():
        if column in table.columns and table.columns[column].type in _MEASURES:
            named.append(headers_named(header))
    if source.wide:
        named.append(tuple(source.wide.headers))
    return Options(
        source.encoding,
        (*((source.sheet,) if source.sheet else ()), *source.sheets),
        source.header_row,
        source.separator,
        frozenset(headers.normal(h) for some in named for h in some),
        currency,
    )


def open_sheet(path: Path, known: Collection[str], options: Options) -> Sheet:
    """Open a file that holds one table, e.g. for looking values up; as `open_sheets`, of several sheets the first."""
    found = [Content(path)]
    if path.suffix.lower() == ".zip":
        found = [Content(path, member) for member in contents.members(path)] or found
    return open_sheets(found[0], known, options)[0]


def open_sheets(content: Content, known: Collection[str], options: Options) -> list[Sheet]:
    """Open a table file and find its header row; of a workbook all sheets that make up the table.

    Parameters
    ----------
    content
        A CSV, Excel, HTML or Parquet file, packed or not.
    known
        Normal forms of the headers that are expected in it; the row with the most of them is the header.
    options
        What settings say about the file.

    Raises
    ------
    InputError
        The file is missing, empty, not of its kind, not decodable, or has no such sheet.
    """
    path = content.path
    if not path.is_file():
        raise InputError(problem("file_missing", file=path.name, folder=path.parent))
    start = content.start(1 << 12)
    if not start:
        raise InputError(problem("file_empty", file=content.name))
    with told(content.name):
        if start.startswith((_ZIP, _OLE)):
            from salesnb.data.reading import workbooks  # with calamine, where there is a workbook

            return workbooks.open_sheets(content, known, options)
        if start.startswith(_PARQUET) or content.suffix == ".parquet":
            return [_open_parquet(content)]
        if html_tables.is_html(start):
            return html_tables.open_sheets(content, known, options)
        return [open_delimited(content, known, options)]


# -- Parquet


def _open_parquet(content: Content) -> Sheet:
    names = pq.read_schema(_parquet_source(content)).names
    return Sheet(
        content.path, "", [headers.clean(n) for n in names], 0, 0, lambda sheet: _parquet_batches(content),
        part=content.member,
    )  # fmt: skip


def _parquet_source(content: Content) -> Any:
    return content.path if content.plain else content.seekable()


def _parquet_batches(content: Content) -> Iterator[Batch]:
    number = 1
    with told(content.name), pq.ParquetFile(_parquet_source(content)) as file:
        for block in file.iter_batches(batch_size=BATCH_ROWS):
            block.validate(full=True)  # of a damaged file, texts may be no texts
            columns = {str(i): _as_text(column) for i, column in enumerate(block.columns)}
            rows = np.arange(number, number + block.num_rows, dtype=np.int64)
            number += block.num_rows
            yield Batch(pa.table(columns), rows)


_NO_ZEROS = (r"^([^.]+)(?:(\.\d*[1-9])0+|\.0+)$", r"\1\2")
"""Decimals without zeros at their end."""


def _as_text(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    plain = pa.types.is_integer(column.type) or pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    plain = plain or pa.types.is_date(column.type) or pa.types.is_decimal(column.type)
    if plain:
        text = pc.fill_null(column.cast(pa.string()), "")
        # 1.500 would be open to two readings, and a typed number is not.
        return pc.replace_substring_regex(text, *_NO_ZEROS) if pa.types.is_decimal(column.type) else text
    return pa.array([cells.text(value) for value in column.to_pylist()], pa.string())

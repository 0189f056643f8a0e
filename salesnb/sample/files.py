"""Tables written as files, the same bytes each time: CSV in several encodings, one workbook, Parquet."""

import io
from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from salesnb.dating import dated
from salesnb.schema import table as schema_of

FIXED = datetime(2025, 10, 8, 9, 0, 0)
"""The day on which the files say they were exported."""


def headers(name: str, columns: pd.Index, lang: str) -> list[str]:
    """Return a table's standard headers in a language."""
    known = schema_of(name).columns
    return [(known[c].zh if lang == "zh" else known[c].en)[0] for c in columns]


def to_csv(rows: pd.DataFrame, path: Path, head: list[str], encoding: str) -> None:
    """Write text columns as CSV."""
    text = rows.set_axis(head, axis=1).to_csv(index=False, lineterminator="\r\n" if encoding == "gb18030" else "\n")
    path.write_bytes(text.encode(encoding))


def to_xlsx(rows: pd.DataFrame, path: Path, head: list[str], sheet: str) -> None:
    """Write a workbook of one sheet; its times are fixed, inside and in the zip around it."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    page.append(head)
    for row in rows.itertuples(index=False):
        page.append([None if value == "" else value for value in row])
    page.freeze_panes = "A2"
    buffer = io.BytesIO()
    book.save(buffer)
    path.write_bytes(dated(buffer.getvalue(), FIXED))


def to_parquet(rows: pd.DataFrame, path: Path, head: list[str]) -> None:
    """Write a Parquet file with plain dates, times, counts and text; blank text is null."""
    columns = [_array(rows[name]) for name in rows.columns]
    made = pa.table(columns, names=head)
    pq.write_table(made, path, compression="zstd", compression_level=9)


def _array(column: pd.Series) -> pa.Array:
    values = [None if value == "" else value for value in column.tolist()]
    first = next(v for v in values if v is not None)
    if isinstance(first, datetime):
        return pa.array(values, pa.timestamp("ms"))
    return pa.array([v if not isinstance(v, pd.Timestamp) else v.date() for v in values])

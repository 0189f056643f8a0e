"""CSV files, of any size: read in blocks, every cell as text; rows of another width are set aside with their number."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from salesnb.data import encoding, headers, values
from salesnb.data.sheets import Batch, Options, Sheet, header_index
from salesnb.errors import InputError, Problem, problem

BLOCK_BYTES = 1 << 23
_SEPARATORS = ",;\t|"


def open_delimited(path: Path, known: Collection[str], options: Options) -> Sheet:
    """Open a CSV file: find encoding, separator and header; InputError where it is empty or cannot be decoded."""
    found = encoding.detect(path, options.encoding)
    start = _first_lines(path, found.name)
    if not start.strip():
        raise InputError(problem("file_empty", file=path.name))
    separator, records, ends = _sniff(start, known)
    index = header_index(path, records, known, options)
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
            raise InputError(_broken(path, str(fault).split("\n")[0])) from None

    return read


def _broken(path: Path, reason: str) -> Problem:
    if "straddling" in reason:
        return problem("row_too_long", file=path.name, megabytes=BLOCK_BYTES >> 20)
    return problem("file_broken", file=path.name, reason=reason)


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

"""Text files of any size: read in blocks, every cell as text; what is no row is set aside with its number."""

import csv
import io
from collections.abc import Callable, Collection, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from salesnb.data.cells import headers, values
from salesnb.data.reading import encoding
from salesnb.data.reading.contents import Content, told
from salesnb.data.reading.encoding import Encoding
from salesnb.data.reading.quoted_lines import BLANKS, TWO_BLANKS, cells_of, records, tidy
from salesnb.data.reading.sheets import Batch, Options, Sheet, find_header, text_batches
from salesnb.errors import InputError, Problem, problem

BLOCK_BYTES = 1 << 23
_SEPARATORS = ",;\t|"
_NAMED = {"tab": "\t", "\\t": "\t", "blanks": ""}


def open_delimited(content: Content, known: Collection[str], options: Options) -> Sheet:
    """Open a text file: find encoding, separator and header; InputError where it is empty or cannot be decoded."""
    found = encoding.detect(content, options.encoding)
    start = _first_lines(content, found.name)
    if not start.strip():
        raise InputError(problem("file_empty", file=content.name))
    separator, rows, ends = _sniff(start, known, _candidates(options.separator))
    header = find_header(content.name, rows, known, options)
    preamble = sum(1 for row in rows[: header.first] if any(headers.clean(c) for c in row))
    beyond = _beyond(rows[header.last + 1 :], len(header.names))
    plan = _Layout(content, found, separator, len(header.names), ends[header.last], header.last + 2, beyond)
    return Sheet(
        content.path, found.name, header.names, header.last + 1, preamble, plan.reader(),
        separator="blanks" if separator in (TWO_BLANKS, BLANKS) else separator, part=content.member, ahead=True,
        unit=header.unit,
    )  # fmt: skip


def _first_lines(content: Content, name: str) -> str:
    with content.open() as file:
        return io.TextIOWrapper(file, encoding=name, errors="replace", newline="").read(1 << 16)


def _candidates(given: str) -> list[str]:
    if not given:
        return [*_SEPARATORS, TWO_BLANKS, BLANKS]
    return [_NAMED.get(given, given)] if given != "blanks" else [TWO_BLANKS, BLANKS]


def _sniff(start: str, known: Collection[str], separators: list[str]) -> tuple[str, list[list[str]], list[int]]:
    """Return the separator that finds the most known headers (then: cells), with the first records and their ends.

    Blanks stand within cells too: they separate only where that finds more headers than any mark does.
    """
    best: tuple[tuple[int, int], str, list[list[str]], list[int]] | None = None
    for separator in separators:
        rows, ends = _records(start, separator)
        names = headers.found(rows, known).names
        score = (headers.hits(names, known), len(names))
        blanks = separator in (TWO_BLANKS, BLANKS)
        if best is None or (score[0] > best[0][0] if blanks else score > best[0]):
            best = (score, separator, rows, ends)
    assert best is not None
    return best[1], best[2], best[3]


def _records(start: str, separator: str) -> tuple[list[list[str]], list[int]]:
    """Return the first records, and for each the number of lines up to its end."""
    most = headers.SEARCHED_ROWS + 2
    if separator in (TWO_BLANKS, BLANKS):
        split = cells_of(separator)
        rows = [split(line) for line in io.StringIO(start, newline="").readlines()[:most]]
        return rows, list(range(1, len(rows) + 1))
    reader = csv.reader(io.StringIO(start, newline=""), delimiter=separator, skipinitialspace=True)
    found, ends = [], []
    try:
        for record in reader:
            found.append(record)
            ends.append(reader.line_num)
            if len(found) == most:
                break
    except csv.Error:
        pass
    return found, ends


def _beyond(rows: list[list[str]], width: int) -> int:
    """Return how many blank cells all rows have beyond the header's: marks after their last cell are none before one.

    Where only some have them, a mark within a cell may have moved the others: none are taken for blank then.
    """
    counts = {len(row) - width for row in rows if any(cell.strip() for cell in row)}
    blank = not any(cell.strip() for row in rows for cell in row[width:])
    return max(counts) if len(counts) == 1 and blank and min(counts) > 0 else 0


class _Layout:
    """How the rows of a text file lie in it."""

    def __init__(
        self, content: Content, found: Encoding, separator: str, width: int, skip: int, first: int, beyond: int
    ) -> None:
        self.content, self.encoding, self.separator = content, found, separator
        self.width = width
        self.skip = skip
        """Lines before the first row."""
        self.first = first
        """Number of the first row."""
        self.beyond = beyond
        """How many blank cells each row has beyond the header's."""

    def reader(self) -> Callable[[Sheet], Iterator[Batch]]:
        """Return what reads the rows: in bulk, or line by line where that might lose some."""
        marked = len(self.separator.encode()) == 1 and self.separator not in "  "
        bulk = marked and not self.beyond and not self.encoding.mixed
        if bulk and self.encoding.quotes:
            bulk = self.encoding.by_bytes and tidy(self.content, self.separator)
        return self._in_bulk if bulk else self._by_lines

    # -- line by line

    def _by_lines(self, sheet: Sheet) -> Iterator[Batch]:
        with told(self.content.name):
            yield from text_batches(self._rows(sheet), self.width)

    def _rows(self, sheet: Sheet) -> Iterator[tuple[int, list[str]]]:
        lines = encoding.lines(self.content, self.encoding)
        for _ in range(self.skip):
            next(lines, None)
        for record in records(lines, self.separator, self.width + self.beyond, self.first):
            if not record.reason and not any(cell.strip() for cell in record.cells[self.width :]):
                yield record.number, record.cells[: self.width]
            elif record.reason == "blank":
                sheet.blank += 1
            else:
                sheet.ragged.append((record.number, record.text, record.reason or "ragged_row"))

    # -- in bulk

    def _in_bulk(self, sheet: Sheet) -> Iterator[Batch]:
        odd: list[int] = []
        offset = self.first - 1 - self.skip

        def ragged(row: Any) -> str:
            odd.append(row.number + offset)
            if row.text.strip(self.separator + '"' + values.BLANKS):
                sheet.ragged.append((row.number + offset, row.text, "ragged_row"))
            else:
                sheet.blank += 1
            return "skip"

        names = [str(i) for i in range(self.width)]
        name = self.encoding.name
        try:
            reader = pacsv.open_csv(
                self.content.path if self.content.plain else self.content.open(),
                # One thread: only then are the numbers of ragged rows known.
                read_options=pacsv.ReadOptions(
                    column_names=names, skip_rows=self.skip, use_threads=False, block_size=BLOCK_BYTES,
                    encoding="utf8" if name == "utf-8" else name,
                ),
                parse_options=pacsv.ParseOptions(
                    delimiter=self.separator, newlines_in_values=False, ignore_empty_lines=False,
                    quote_char='"', invalid_row_handler=ragged,
                ),
                convert_options=pacsv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
                ),
            )  # fmt: skip
            number = self.first
            for block in reader:
                rows = _numbers(number, block.num_rows, odd)
                if len(rows):
                    number = int(rows[-1]) + 1
                yield Batch(pa.Table.from_batches([block]), rows)
        except pa.ArrowInvalid as fault:
            if "Empty CSV file" in str(fault) or "skip initial" in str(fault):
                return  # headers only
            raise InputError(_broken(self.content.name, str(fault).split("\n")[0])) from None


def _broken(name: str, reason: str) -> Problem:
    if "straddling" in reason:
        return problem("row_too_long", file=name, megabytes=BLOCK_BYTES >> 20)
    return problem("file_broken", file=name, reason=reason)


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

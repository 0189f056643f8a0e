"""What a column of an unknown file looks like: how much of it is dates, numbers, ids, and which values it has."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

import pyarrow as pa

from salesnb.data.cells import currency_marks, units, values
from salesnb.data.reading.sheets import Sheet

SAMPLED_ROWS = 50_000
"""So many rows of a file are looked at."""

_JUDGED = 400
"""So many distinct values, the most frequent ones, tell what a column holds."""

_DATE = re.compile(
    r"(?:\d{4}[-/.年]\s*\d{1,2}[-/.月]\s*\d{1,2}日?|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})|(?:19|20)\d{6}"
    r"|\d{1,2}[-/ ][a-z]{3,9}[-/ ,]+\d{2,4}|[a-z]{3,9}\.? \d{1,2},? \d{4})(?:[ t]+\d{1,2}:\d{2}.*)?"
)
_NUMBER = re.compile(r"[-+(]*\s*[-+]?\d[\d,.' ]*\s*(?:e[+-]?\d+)?\s*[%)]?-?(?:万|亿|k|m)?")
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-]\d{4}(?!\d)")
_LIKELY = {"$": "USD", "¥": "CNY", "元": "CNY"}
"""What a mark that several currencies bear most often stands for."""


@dataclass(frozen=True)
class Profile:
    """One column: its header, its place in the file, and its distinct values with their rows, frequent ones first."""

    header: str
    place: int
    rows: int
    counts: Mapping[str, int] = field(repr=False)

    @cached_property
    def filled(self) -> int:
        """Rows that hold something."""
        return sum(self.counts.values())

    @cached_property
    def unique(self) -> bool:
        """Whether every row holds a value that no other has."""
        return 0 < self.rows == self.filled == len(self.counts)

    @cached_property
    def dates(self) -> float:
        """Share of the filled rows that hold a date."""
        return self._share(_DATE)

    @cached_property
    def numbers(self) -> float:
        """Share of the filled rows that hold a number or an amount, and no date."""
        return self._share(_NUMBER, but=_DATE)

    @cached_property
    def dates_order(self) -> str:
        """What values prove of the order of day and month: ``dmy``, ``mdy``, ``open`` where none does, or nothing."""
        pairs = [m for word in self.counts if (m := _SLASHED.match(values.plain(word)))]
        if not pairs:
            return ""
        first, second = (any(int(m[i]) > 12 for m in pairs) for i in (1, 2))
        return "open" if first == second else "dmy" if first else "mdy"

    @cached_property
    def currencies(self) -> Mapping[str, int]:
        """Codes of the currencies that amounts are marked with, with their rows."""
        found: Counter[str] = Counter()
        for word, rows in islice(self.counts.items(), _JUDGED):
            rest, mark = currency_marks.split(values.plain(word))
            if _NUMBER.fullmatch(rest) and (code := _currency(mark)):
                found[code] += rows
        return found

    def _share(self, pattern: re.Pattern[str], but: re.Pattern[str] | None = None) -> float:
        fits = seen = 0
        for word, rows in islice(self.counts.items(), _JUDGED):
            plain = values.plain(word)
            bare = currency_marks.split(plain)[0] if pattern is _NUMBER else plain
            seen += rows
            if pattern.fullmatch(bare) and not (but and but.fullmatch(plain)):
                fits += rows
        return fits / seen if seen else 0.0


def beginning(sheet: Sheet) -> pa.Table:
    """Return the first rows of a file; InputError where they cannot be read."""
    parts: list[pa.Table] = []
    rows = 0
    for batch in sheet.batches():
        parts.append(batch.columns.slice(0, SAMPLED_ROWS - rows))
        rows += parts[-1].num_rows
        if rows >= SAMPLED_ROWS:
            break
    if not parts:
        return pa.table({str(i): pa.array([], pa.string()) for i in range(len(sheet.headers))})
    return pa.concat_tables(parts)


def profiles(sheet: Sheet, rows: pa.Table) -> list[Profile]:
    """Return the profile of every column that has a header."""
    return [
        Profile(header, i, rows.num_rows, _counted(rows.column(str(i))))
        for i, header in enumerate(sheet.headers)
        if header
    ]


def _counted(column: pa.ChunkedArray) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for entry in column.value_counts().to_pylist():
        if word := (entry["values"] or "").strip(values.BLANKS):
            counted[word] += entry["counts"]
    return dict(counted.most_common())


def header_currency(header: str) -> str:
    """Return the currency that a header names: ``金额(元)``, ``Amount USD``."""
    return _currency(units.split(header)[1].currency)


def _currency(mark: str) -> str:
    """Return the code that a mark stands for, the likeliest where several currencies bear it; '' where none does."""
    codes = currency_marks.MARKS.get(mark, frozenset())
    return min(codes).upper() if len(codes) == 1 else _LIKELY.get(mark, "")

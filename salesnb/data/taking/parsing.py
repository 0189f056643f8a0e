"""Columns of text made into columns of values.

Plain spellings are read in bulk; the distinct others one by one, by ``values``. What cannot be read is null in the
result and has a reason.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data.cells import days, numbers, values
from salesnb.data.cells.spelling import in_one_form, simplified
from salesnb.data.cells.written import Unreadable
from salesnb.data.taking.ids import Ids
from salesnb.data.taking.notation import DATES, NUMBERS, SETTLED_POINT, Evidence, Notation
from salesnb.schema import Column

ARROW = {
    "id": pa.string(), "text": pa.string(), "choice": pa.string(), "period": pa.string(),
    "money": pa.int64(), "count": pa.int64(), "quantity": pa.float64(), "rate": pa.float64(),
    "measure": pa.float64(), "date": pa.date32(), "datetime": pa.timestamp("us"), "bool": pa.bool_(),
}  # fmt: skip
"""The type of a clean column by the schema's type."""

_EMPTY_WORDS = frozenset({"", "-", "--", "—", "/", "n/a", "#n/a", "null", "none", "无"})
_MISSING_TYPES = NUMBERS | {"date", "datetime", "bool"}
_PLAIN_MONEY = r"^-?\d{1,13}(\.\d{1,4})?$"
_DUSTY_MONEY = r"^-?\d{1,13}\.\d{5,17}$"
_PLAIN_NUMBER = r"^-?\d{1,15}(\.\d{1,17})?$"
_PLAIN_MOMENT = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])[ T]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"
_PARTED = {".": (r"^-?\d{1,3}(,\d{3})+(\.\d{1,4})?$", ","), ",": (r"^-?(\d{1,13}|\d{1,3}(\.\d{3})+)(,\d{1,4})?$", ".")}
"""Numbers that can be read in bulk by their decimal mark, and the mark of thousands to take out."""

_PROOFS = {"point": r"^-?\d{1,3}(,\d{3})+\.\d{1,2}$", "comma": r"^-?(\d+|\d{1,3}(\.\d{3})+),\d{1,2}$"}
"""The commonest spellings that prove a decimal mark; they need not be looked at one by one."""

_NOTHING = pa.scalar(None, pa.string())


@dataclass(frozen=True)
class Parsed:
    """A column of values; ``bad`` maps positions of unreadable cells to reason codes."""

    values: pa.Array
    bad: Mapping[int, str]


@dataclass(frozen=True)
class Begun:
    """Cells that were looked at: their text, what could be read in bulk whatever the notation, and the others."""

    cells: pa.Array
    read: pa.Array | None = None
    rest: pa.Array | None = None


@dataclass
class Parser:
    """Reads the cells of one column of one file; remembers distinct spellings across batches.

    Cells are looked at first (`begin`), which notes what they prove of the column's notation, and read then (`finish`).

    Parameters
    ----------
    column
        The canonical column.
    spellings
        Further spellings of a choice, from settings: spelling -> code.
    factor
        What a number is multiplied by.
    period_names
        Names of fiscal periods.
    known
        Ids of metrics by their names, for columns that name one; empty: no check.
    strict
        Whether a metric that is not known is refused; a weekly plan may count what is no metric.
    currency
        Code of the company's currency; amounts marked as another one are refused. Empty: no check.
    notation
        Marks of numbers and order of dates.
    """

    column: Column
    spellings: Mapping[str, str] = field(default_factory=dict)
    factor: Decimal = Decimal(1)
    period_names: frozenset[str] = frozenset()
    known: Mapping[str, str] = field(default_factory=dict)
    strict: bool = True
    currency: str = ""
    notation: Notation = field(default_factory=Notation)
    evidence: Evidence = field(default_factory=Evidence)
    ids: Ids = field(default_factory=Ids)
    _seen: dict[str, Any] = field(default_factory=dict)

    def parse(self, cells: pa.Array) -> Parsed:
        """Read a column of text by the notation that is known; blank cells become null."""
        return self.finish(self.begin(cells))

    def begin(self, cells: pa.Array) -> Begun:
        """Look at a column of text and note what it proves."""
        cells = pc.utf8_trim(cells, values.BLANKS)
        kind = self.column.type
        if not (kind == "choice" and "" in self.spellings):  # settings may say what a blank means
            cells = pc.if_else(pc.equal(cells, ""), _NOTHING, cells)
        self.evidence.cells += len(cells) - cells.null_count
        if kind in {"money", "quantity", "rate", "measure"}:
            return self._begin_number(cells)
        if kind == "count" or kind in DATES:
            plain = pc.match_substring_regex(cells, _PLAIN_MOMENT) if kind == "datetime" else None
            rest = cells if plain is None else pc.if_else(plain, _NOTHING, cells)
            self._note(rest, self._prove if kind == "count" else self.evidence.date)
        return Begun(cells)

    def finish(self, begun: Begun) -> Parsed:
        """Read the cells that were looked at."""
        kind, cells = self.column.type, begun.cells
        if kind == "id":
            return Parsed(*self.ids.read(in_one_form(cells)))
        if kind == "text":
            return self._texts(cells)
        if kind == "datetime":
            return self._bulk(cells, _PLAIN_MOMENT, lambda c: c.cast(pa.timestamp("us")))
        if kind == "count" or kind not in NUMBERS:
            return self._one_by_one(cells, self._reader())
        return self._number(begun)

    # -- numbers in bulk

    def _begin_number(self, cells: pa.Array) -> Begun:
        read, rest = self._plain(cells)
        if self.evidence.wants_points:
            self._note_points(cells if rest is None else pc.if_else(pc.is_valid(read), cells, _NOTHING))
        if rest is None:
            return Begun(cells, read)
        if (dusty := self._dusty(rest)) is not None:
            read, rest = pc.coalesce(read, dusty), pc.if_else(pc.is_valid(dusty), _NOTHING, rest)
        left = rest
        for kind, shape in _PROOFS.items():
            fits = pc.fill_null(pc.match_substring_regex(left, shape), False)
            if rows := pc.sum(fits).as_py():
                self.evidence.note(kind, pc.filter(left, fits)[0].as_py(), rows)
                left = pc.if_else(fits, _NOTHING, left)
        self._note(left, self._prove)
        return Begun(cells, read, rest)

    def _number(self, begun: Begun) -> Parsed:
        read, rest = begun.read, begun.rest
        if (decimal := self.notation.marks.decimal) == ",":
            read, rest = None, begun.cells
        if rest is None:
            scaled = _times(read, self.factor)
            return Parsed(scaled, {}) if scaled is not None else self._one_by_one(begun.cells, self._reader())
        shape, thousands = _PARTED[decimal]
        if thousands in self.notation.marks.thousands:
            regular = _fitting(rest, shape)
            rest = pc.if_else(pc.is_valid(regular), _NOTHING, rest)
            regular = pc.replace_substring(pc.replace_substring(regular, thousands, ""), ",", ".")
            read = self._cast(regular) if read is None else pc.coalesce(read, self._cast(regular))
        elif read is None:
            read = pa.nulls(len(rest), ARROW[self.column.type])
        if (scaled := _times(read, self.factor)) is None:
            return self._one_by_one(begun.cells, self._reader())
        slow = self._one_by_one(rest, self._reader())
        return Parsed(pc.coalesce(scaled, slow.values), slow.bad)

    def _cast(self, cells: pa.Array) -> pa.Array:
        return _exact(cells) if self.column.type == "money" else cells.cast(pa.float64())

    def _plain(self, cells: pa.Array) -> tuple[pa.Array, pa.Array | None]:
        """Read numbers as programs write them; also return the other cells, or None where none is left."""
        try:
            whole = self._cast(cells)
            if self.column.type == "money" or pc.all(pc.is_finite(whole)).as_py() is not False:
                return whole, None
        except pa.ArrowInvalid:
            pass
        plain = _fitting(cells, _PLAIN_MONEY if self.column.type == "money" else _PLAIN_NUMBER)
        rest = pc.if_else(pc.is_valid(plain), _NOTHING, cells)
        return self._cast(plain), None if rest.null_count == len(rest) else rest

    def _dusty(self, cells: pa.Array) -> pa.Array | None:
        """Read amounts with the dust of floats; None where there are none, or where a factor comes before rounding."""
        if self.column.type != "money" or self.factor != 1:
            return None
        dusty = _fitting(cells, _DUSTY_MONEY)
        if dusty.null_count == len(dusty):
            return None
        self.evidence.note("point", pc.drop_null(dusty)[0].as_py(), len(dusty) - dusty.null_count)
        return _rounded(dusty)

    def _note_points(self, plain: pa.Array) -> None:
        """Note what points of plain numbers prove: all but those before three digits mark decimals."""
        pointed = plain.filter(pc.fill_null(pc.match_substring(plain, "."), False))
        if not len(pointed):
            return
        settled = pc.match_substring_regex(pointed, SETTLED_POINT)
        for kind, some in (("point", pointed.filter(settled)), ("point_open", pointed.filter(pc.invert(settled)))):
            if len(some):
                self.evidence.note(kind, some[0].as_py(), len(some))

    def _note(self, cells: pa.Array, note: Callable[[str, int], None]) -> None:
        """Note each distinct spelling with its rows."""
        for entry in pc.drop_null(cells).value_counts().to_pylist():
            if not _telling_nothing(entry["values"]):
                note(entry["values"], entry["counts"])

    def _prove(self, written: str, rows: int) -> None:
        self.evidence.number(written, rows, self.currency)

    # -- other columns

    def _texts(self, cells: pa.Array) -> Parsed:
        if self.known:
            return self._one_by_one(cells, self._metric)
        return Parsed(cells if self.column.holds == "words" else in_one_form(cells), {})

    def _bulk(self, cells: pa.Array, pattern: str, read: Callable[[pa.Array], pa.Array]) -> Parsed:
        plain = _fitting(cells, pattern)
        rest = pc.if_else(pc.is_valid(plain), _NOTHING, cells)
        if rest.null_count == len(rest):
            return Parsed(read(plain), {})
        slow = self._one_by_one(rest, self._reader())
        return Parsed(pc.coalesce(read(plain), slow.values), slow.bad)

    def judged(self, notation: Notation) -> None:
        """Read by another notation from now on."""
        if notation != self.notation:
            self.notation = notation
            self._seen.clear()

    # -- one by one

    def _one_by_one(self, cells: pa.Array, read: Callable[[str], Any]) -> Parsed:
        coded = cells.dictionary_encode()
        distinct: Sequence[str] = coded.dictionary.to_pylist()
        found = [self._cached(word, read) for word in distinct]
        good = pa.array([None if isinstance(f, Unreadable) else f for f in found], ARROW[self.column.type])
        result = good.take(coded.indices)
        faults = {i: f.reason for i, f in enumerate(found) if isinstance(f, Unreadable)}
        return Parsed(result, _positions(coded.indices, faults))

    def _cached(self, word: str, read: Callable[[str], Any]) -> Any:
        if word not in self._seen:
            if len(self._seen) > 1_000_000:
                self._seen.clear()
            try:
                missing = self.column.type in _MISSING_TYPES and values.plain(word) in _EMPTY_WORDS
                self._seen[word] = None if missing else read(word)
            except Unreadable as fault:
                self._seen[word] = fault
        return self._seen[word]

    def _reader(self) -> Callable[[str], Any]:
        return getattr(self, f"_read_{self.column.type}")

    def _metric(self, word: str) -> str:
        found = self.known.get(values.plain(word))
        if found is None and self.strict:
            raise Unreadable("metric_unknown")
        return found or word

    def _read_money(self, word: str) -> int:
        return numbers.money(word, self.factor, self.currency, self.notation.marks)

    def _read_quantity(self, word: str) -> float:
        return float(numbers.number(word, marks=self.notation.marks, factor=self.factor))

    _read_rate = _read_quantity

    def _read_measure(self, word: str) -> float:
        if values.plain(word).endswith("%"):
            return self._read_quantity(word)
        return float(numbers.amount(word, self.currency, self.notation.marks, self.factor))

    def _read_count(self, word: str) -> int:
        return numbers.whole(word, self.notation.marks, self.factor)

    def _read_bool(self, word: str) -> bool:
        return values.boolean(word)

    def _read_date(self, word: str) -> date:
        return days.day(word, self.notation.order)

    def _read_datetime(self, word: str) -> datetime:
        return days.moment(word, self.notation.order)

    def _read_period(self, word: str) -> str:
        weekly = self.column.name == "week"
        return values.period(word, self.period_names, weekly, self.notation.order)

    def _read_choice(self, word: str) -> str:
        text = values.plain(word)
        if (code := self.spellings.get(text) or self.spellings.get(simplified(text))) is None:
            raise Unreadable("choice_unknown")
        return code


_telling_nothing = re.compile(r"\d+").fullmatch
"""Whether a spelling is the same in every notation."""


def choices(column: Column, further: Mapping[str, str]) -> dict[str, str]:
    """Return every known spelling of a choice with its code: the schema's, then those of the settings."""
    known = {values.plain(code): code for code in column.values}
    for code, words in column.values.items():
        known.update((values.plain(word), code) for word in words)
    known.update((values.plain(word), known.get(values.plain(code), code)) for word, code in further.items())
    return known


def _positions(indices: pa.Array, faults: Mapping[int, str]) -> dict[int, str]:
    if not faults:
        return {}
    where = np.asarray(pc.fill_null(indices, -1))
    hits = np.flatnonzero(np.isin(where, list(faults)))
    return {int(i): faults[int(where[i])] for i in hits}


def _fitting(cells: pa.Array, pattern: str) -> pa.Array:
    """Return the cells that fit a pattern, null elsewhere."""
    return pc.if_else(pc.fill_null(pc.match_substring_regex(cells, pattern), False), cells, _NOTHING)


def _times(read: pa.Array, factor: Decimal) -> pa.Array | None:
    """Multiply what was read in bulk; None where that is not exact and must be done one by one."""
    if factor == 1:
        return read
    if not pa.types.is_integer(read.type) or factor != int(factor):
        return None
    try:
        return pc.multiply_checked(read, int(factor))
    except pa.ArrowInvalid:
        return None


def _units(decimals: pa.Array) -> pa.Array:
    """Return the whole numbers behind decimals of scale 4: their lower words, without passing through a float."""
    words = np.frombuffer(decimals.buffers()[1], dtype=np.int64)[::2][decimals.offset :][: len(decimals)]
    mask = np.asarray(pc.is_null(decimals)) if decimals.null_count else None
    return pa.array(words, pa.int64(), mask=mask)


def _exact(cells: pa.Array) -> pa.Array:
    return _units(cells.cast(pa.decimal128(18, 4)))


def _rounded(cells: pa.Array) -> pa.Array:
    precise = cells.cast(pa.decimal128(32, 17))
    return _units(pc.round(precise, ndigits=4, round_mode="half_to_even").cast(pa.decimal128(18, 4)))

"""Columns of text made into columns of values.

Plain spellings are read in bulk; the distinct others one by one, by ``values``. What cannot be read is null in the
result and has a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data import values
from salesnb.data.schema import SCALE, Column
from salesnb.data.spelling import in_one_form
from salesnb.data.values import Unreadable

ARROW = {
    "id": pa.string(), "text": pa.string(), "choice": pa.string(), "period": pa.string(),
    "money": pa.int64(), "count": pa.int64(), "quantity": pa.float64(), "rate": pa.float64(),
    "measure": pa.float64(), "date": pa.date32(), "datetime": pa.timestamp("us"), "bool": pa.bool_(),
}  # fmt: skip
"""The type of a clean column by the schema's type."""

_EMPTY_WORDS = frozenset({"", "-", "--", "—", "/", "n/a", "#n/a", "null", "none", "无"})
_MISSING_TYPES = frozenset({"money", "count", "quantity", "rate", "measure", "date", "datetime", "bool"})
_DESTROYED = r"^[+-]?\d(\.\d+)?[eE]\+?\d+$"
_PLAIN_MONEY = r"^-?\d{1,13}(\.\d{1,4})?$"
_DUSTY_MONEY = r"^-?\d{1,13}\.\d{5,17}$"
_PLAIN_NUMBER = r"^-?\d{1,15}(\.\d{1,17})?$"
_PLAIN_MOMENT = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])[ T]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"


@dataclass(frozen=True)
class Parsed:
    """A column of values; ``bad`` maps positions of unreadable cells to reason codes."""

    values: pa.Array
    bad: Mapping[int, str]


@dataclass
class Parser:
    """Reads the cells of one column of one file; remembers distinct spellings across batches.

    Parameters
    ----------
    column
        The canonical column.
    spellings
        Further spellings of a choice, from settings: spelling -> code.
    factor
        What a number is multiplied by.
    date_order
        ``dmy``, ``mdy`` or nothing.
    period_names
        Names of fiscal periods.
    known
        Ids of metrics by their names, for columns that name one; empty: no check.
    strict
        Whether a metric that is not known is refused; a weekly plan may count what is no metric.
    currency
        Code of the company's currency; amounts marked as another one are refused. Empty: no check.
    """

    column: Column
    spellings: Mapping[str, str] = field(default_factory=dict)
    factor: Decimal = Decimal(1)
    date_order: str = ""
    period_names: frozenset[str] = frozenset()
    known: Mapping[str, str] = field(default_factory=dict)
    strict: bool = True
    currency: str = ""
    _seen: dict[str, Any] = field(default_factory=dict)

    def parse(self, cells: pa.Array) -> Parsed:
        """Read a column of text; blank cells become null."""
        cells = pc.utf8_trim(cells, values.BLANKS)
        kind = self.column.type
        if not (kind == "choice" and "" in self.spellings):  # settings may say what a blank means
            cells = pc.if_else(pc.equal(cells, ""), pa.scalar(None, pa.string()), cells)
        if kind == "id":
            return self._ids(cells)
        if kind == "text":
            return self._texts(cells)
        if kind == "money":
            return self._money(cells)
        if kind in {"quantity", "rate", "measure"} and self.factor == 1:
            return self._bulk(cells, _PLAIN_NUMBER, lambda c: c.cast(pa.float64()))
        if kind == "datetime":
            return self._bulk(cells, _PLAIN_MOMENT, lambda c: c.cast(pa.timestamp("us")))
        return self._one_by_one(cells, self._reader())

    def _texts(self, cells: pa.Array) -> Parsed:
        if self.known:
            return self._one_by_one(cells, self._metric)
        return Parsed(cells if self.column.holds == "words" else in_one_form(cells), {})

    # -- bulk

    def _ids(self, cells: pa.Array) -> Parsed:
        destroyed = pc.fill_null(pc.match_substring_regex(cells, _DESTROYED), False)
        if not pc.any(destroyed).as_py():
            return Parsed(cells, {})
        where = np.flatnonzero(destroyed.to_numpy(zero_copy_only=False))
        return Parsed(cells, dict.fromkeys(where.tolist(), "id_destroyed"))

    def _money(self, cells: pa.Array) -> Parsed:
        if self.factor != 1:
            return self._one_by_one(cells, self._reader())
        result, rest = self._bulk_money(cells, _PLAIN_MONEY, _exact)
        if rest is None:
            return Parsed(result, {})
        dusty, left = self._bulk_money(rest, _DUSTY_MONEY, _rounded)
        result = pc.coalesce(result, dusty)
        if left is None:
            return Parsed(result, {})
        slow = self._one_by_one(left, self._reader())
        return Parsed(pc.coalesce(result, slow.values), slow.bad)

    @staticmethod
    def _bulk_money(
        cells: pa.Array, pattern: str, read: Callable[[pa.Array], pa.Array]
    ) -> tuple[pa.Array, pa.Array | None]:
        """Read the cells that fit a pattern; also return the other cells, or None where none is left."""
        fits = pc.fill_null(pc.match_substring_regex(cells, pattern), False)
        nothing = pa.scalar(None, pa.string())
        result = read(pc.if_else(fits, cells, nothing))
        rest = pc.if_else(fits, nothing, cells)
        return result, None if rest.null_count == len(rest) else rest

    def _bulk(self, cells: pa.Array, pattern: str, read: Callable[[pa.Array], pa.Array]) -> Parsed:
        result, rest = self._bulk_money(cells, pattern, read)
        if rest is None:
            return Parsed(result, {})
        slow = self._one_by_one(rest, self._reader())
        return Parsed(pc.coalesce(result, slow.values), slow.bad)

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
        return values.money(word, self.factor, self.currency)

    def _read_quantity(self, word: str) -> float:
        return float(values.number(word) * self.factor)

    _read_rate = _read_quantity

    def _read_measure(self, word: str) -> float:
        if values.plain(word).endswith("%"):
            return float(values.number(word) * self.factor)
        return float(values.amount(word, self.currency) * self.factor)

    def _read_count(self, word: str) -> int:
        return values.whole(word) * int(self.factor)

    def _read_bool(self, word: str) -> bool:
        return values.boolean(word)

    def _read_date(self, word: str) -> date:
        return values.day(word, self.date_order)

    def _read_datetime(self, word: str) -> datetime:
        return values.moment(word, self.date_order)

    def _read_period(self, word: str) -> str:
        return values.period(word, self.period_names, weekly=self.column.name == "week")

    def _read_choice(self, word: str) -> str:
        if (code := self.spellings.get(values.plain(word))) is None:
            raise Unreadable("choice_unknown")
        return code


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


def _unscaled(decimals: pa.Array) -> pa.Array:
    """Return the whole numbers behind decimals of scale 4, without passing through a float."""
    return (
        pc.multiply(decimals, pa.scalar(Decimal(SCALE), pa.decimal128(5, 0)))
        .cast(pa.decimal128(38, 4))
        .cast(pa.int64())
    )


def _exact(cells: pa.Array) -> pa.Array:
    return _unscaled(cells.cast(pa.decimal128(18, 4)))


def _rounded(cells: pa.Array) -> pa.Array:
    precise = cells.cast(pa.decimal128(32, 17))
    return _unscaled(pc.round(precise, ndigits=4, round_mode="half_to_even").cast(pa.decimal128(18, 4)))

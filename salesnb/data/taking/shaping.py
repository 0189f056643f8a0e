"""A file's rows made ready to be read: columns of several, cells filled down, rows left out, values sought."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data.cells import values
from salesnb.data.cells.spelling import simplified
from salesnb.data.reading.remarks import Remark
from salesnb.data.reading.sheets import Batch
from salesnb.errors import nearest
from salesnb.settings import Several

_KEPT = 5_000
"""So many different values of a column are kept, to name the nearest."""


def trimmed(written: str) -> str:
    """Return a value as texts are compared: without blanks around it."""
    return written.strip(values.BLANKS)


@dataclass
class Sought:
    """Values of one column that settings name; ``alike`` gives the form in which they are compared.

    A blank may be missing from any month's file: it is not sought.
    """

    code: str
    column: str
    wanted: Sequence[str]
    alike: Callable[[str], str] = trimmed
    found: dict[str, str] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)

    def see(self, words: Iterable[str | None]) -> None:
        """Take note of values that a file holds."""
        sought = {self.alike(w) for w in self.wanted}
        for word in words:
            if word and (alike := self.alike(word)):
                if alike in sought:
                    self.found[alike] = trimmed(word)
                elif len(self.held) < _KEPT:
                    self.held.add(trimmed(word))

    @property
    def missed(self) -> list[str]:
        """The values that no row held."""
        return [w for w in self.wanted if self.alike(w) and self.alike(w) not in self.found]


def unfound(table: str, sought: Iterable[Sought]) -> Iterator[Remark]:
    """Yield one remark per column for the values that no file of a table holds, with the nearest that they hold."""
    merged: dict[tuple[str, str], Sought] = {}
    for one in sought:
        whole = merged.setdefault((one.code, one.column), Sought(one.code, one.column, one.wanted, one.alike))
        whole.found.update(one.found)
        whole.held |= one.held
    for whole in merged.values():
        if whole.missed:
            held = sorted({*whole.held, *whole.found.values()})
            told = [f"{w} (≈ {near})" if (near := nearest(w, held)) != "-" else w for w in whole.missed]
            yield Remark(whole.code, table, column=whole.column, value=", ".join(told))


# -- one column made of several of a file: composite ids, the first that is filled, joined names


COMPOSITE = "|"
"""Stands between the parts of a composite id."""

ADDED = frozenset({"money", "quantity", "count", "measure"})
"""Types of columns whose cells can be added up."""


@dataclass(frozen=True)
class Cells:
    """Where a column's cells stand in a file, and the rule that makes one of several; None: one, or a composite id."""

    places: tuple[int, ...]
    rule: Several | None = None

    def text(self, batch: Batch) -> pa.Array:
        """Return one cell a row; numbers to be added up are not text, see `apart`."""
        cells = self.apart(batch)
        if self.rule is None:
            return key_column(cells, COMPOSITE)
        filled = [_or_null(c) for c in cells]
        made = filled[0] if self.rule.join else pc.coalesce(*filled)
        for more in filled[1:] if self.rule.join else ():  # Arrow's own skipping of nulls loses rows of nulls alone
            made = pc.coalesce(pc.binary_join_element_wise(made, more, self.rule.between), made, more)
        return pc.fill_null(made, "")

    def apart(self, batch: Batch) -> list[pa.Array]:
        """Return the cells of each column by itself."""
        return [batch.columns.column(str(i)).combine_chunks() for i in self.places]

    def named(self, headers: Sequence[str]) -> str:
        """Return the headers for messages, with a sign of what is done with them."""
        rule = self.rule
        sign = COMPOSITE if rule is None else " + " if rule.sum else " / " if rule.first else rule.between
        return sign.join(headers[i] for i in self.places)


def key_column(cells: Sequence[pa.Array], between: str) -> pa.Array:
    """Join the trimmed cells of several columns into one key; blank where all of them are."""
    if len(cells) == 1:
        return cells[0]
    trimmed = [pc.utf8_trim(c, values.BLANKS) for c in cells]
    joined = pc.binary_join_element_wise(*trimmed, between)
    return pc.if_else(pc.equal(joined, between * (len(cells) - 1)), "", joined)


def _or_null(cells: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim(cells, values.BLANKS)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


# -- rows that add up others, told by a word such as 合计 in a cell


_TOTALS = frozenset(
    {"合计", "总计", "小计", "共计", "总和", "汇总", "total", "totals", "grandtotal", "subtotal", "sum"}
)
_TOTAL_TRIM = " :：\t"


def is_total(cell: str) -> bool:
    """Tell whether a cell says that its row is a total."""
    return simplified("".join(values.plain(cell).strip(_TOTAL_TRIM).split()).replace("-", "")) in _TOTALS


def looks_total(cells: pa.Array) -> pa.Array:
    """Tell of many cells which hold such a word, perhaps among others; `is_total` decides."""
    return pc.match_substring_regex(
        cells, r"(?i)[合总總小共]\s*[计計]|[总總]和|汇总|[彙匯]總|\b(sub\s*-?\s*|grand\s*)?totals?\b|^\s*sum\s*$"
    )


# -- cells that stand on the first line of an order only, given to the lines below of the same id


_NO_WORD = r"^[\s\d.,()+\-−%¥￥$€£元/:]*$"
"""Cells that tell nothing of a row but a figure or a day."""

_BLANK, _APART = -1, -2


@dataclass
class Filling:
    """Which columns of a file are filled down, batch by batch.

    Parameters
    ----------
    ids
        Positions of the id within which cells are filled; none: down to the next filled cell, whatever the row.
    places
        Positions of the columns to fill; with those of the id among them, a row without one belongs to the id above.
    """

    ids: tuple[int, ...] = ()
    places: tuple[int, ...] = ()
    blank: Counter[int] = field(default_factory=Counter)
    """Cells that stayed blank by position: no line above of the same id has one."""
    _above: dict[int, str] = field(default_factory=dict)
    """The cells of the row above the next batch, as filled."""

    def begin(self) -> None:
        """Forget an earlier reading of the file."""
        self._above.clear()
        self.blank.clear()

    def of(self, batch: Batch) -> Batch:
        """Return the batch with the cells filled; a row that adds up others gets none."""
        if not self.places or not len(batch.rows):
            return batch
        cells = {i: self._from_above(batch, i) for i in dict.fromkeys((*self.ids, *self.places))}
        group, belongs = self._groups(batch, cells)
        made = {i: _down(cells[i], group, belongs) if i in self.places else cells[i] for i in cells}
        self._above = {i: column[-1].as_py() for i, column in made.items()} if belongs[-1] else {}
        columns = batch.columns
        for i in self.places:
            self.blank[i] += int((~_filled(made[i].slice(1))).sum())
            columns = columns.set_column(columns.column_names.index(str(i)), str(i), made[i].slice(1))
        return Batch(columns, batch.rows)

    def _from_above(self, batch: Batch, place: int) -> pa.Array:
        cells = batch.columns.column(str(place)).combine_chunks()
        return pa.concat_arrays([pa.array([self._above.get(place, "")], pa.string()), cells])

    def _groups(self, batch: Batch, cells: dict[int, pa.Array]) -> tuple[np.ndarray, np.ndarray]:
        """Return of each row the first one of its id, and whether it belongs to an id at all."""
        count = len(batch.rows) + 1
        if not self.ids:
            return np.zeros(count, dtype=np.int64), np.ones(count, dtype=bool)
        coded = pc.utf8_trim(key_column([cells[i] for i in self.ids], "\x1f"), values.BLANKS).dictionary_encode()
        code = np.asarray(coded.indices).astype(np.int64)
        blank = ~_filled(coded.dictionary)[code]
        code[blank] = _BLANK
        if set(self.ids) <= set(self.places):
            code[np.flatnonzero(blank[1:] & _adds_up(batch)) + 1] = _APART
            code = code[np.maximum.accumulate(np.where(code != _BLANK, np.arange(count), 0))]
        starts = np.concatenate([[True], code[1:] != code[:-1]])
        return np.maximum.accumulate(np.where(starts, np.arange(count), 0)), code >= 0


def _down(cells: pa.Array, group: np.ndarray, belongs: np.ndarray) -> pa.Array:
    """Give blank cells the last filled one above them in their group."""
    here = np.arange(len(cells))
    last = np.maximum.accumulate(np.where(_filled(cells), here, -1))
    return cells.take(pa.array(np.where(belongs & (last >= group), last, here)))


def _adds_up(batch: Batch) -> np.ndarray:
    """Tell which rows hold a word for a total, or nothing but figures, as a sum without a word does."""
    total = np.zeros(len(batch.rows), dtype=bool)
    worded = np.zeros(len(batch.rows), dtype=bool)
    for column in batch.columns.columns:
        cells = column.combine_chunks()
        worded |= ~np.asarray(pc.match_substring_regex(cells, _NO_WORD))
        total |= np.asarray(looks_total(cells))
    return total | ~worded


def _filled(cells: pa.Array) -> np.ndarray:
    return np.asarray(pc.not_equal(pc.utf8_trim(cells, values.BLANKS), ""))


# -- rows that settings take or skip by a value; those left out are counted by the rule that left them out


_NAMED = 3
"""So many of the values that are not taken are named."""


@dataclass
class Rule:
    """A column and the values whose rows are skipped, or alone taken; ``left`` counts the rows left out by value."""

    name: str
    cells: Cells
    wanted: Sequence[str]
    takes: bool
    left: Counter[str] = field(default_factory=Counter)
    sought: Sought = field(init=False)

    def __post_init__(self) -> None:
        code = "take_nothing" if self.takes else "skip_nothing"
        self.sought = Sought(code, self.name, self.wanted, values.plain)

    def keep(self, batch: Batch, kept: np.ndarray) -> np.ndarray:
        """Return which of the kept rows stay."""
        coded = pc.utf8_trim(self.cells.text(batch), values.BLANKS).dictionary_encode()
        distinct = coded.dictionary.to_pylist()
        self.sought.see(distinct)
        wanted = {values.plain(w) for w in self.wanted}
        out = np.array([(values.plain(w) in wanted) != self.takes for w in distinct], dtype=bool)
        codes = np.asarray(coded.indices)
        leaves = kept & out[codes]
        counts = np.bincount(codes[leaves], minlength=len(distinct))
        self.left.update({distinct[i]: int(counts[i]) for i in np.flatnonzero(counts)})
        return kept & ~leaves

    def remarks(self, table: str, file: str) -> Iterator[Remark]:
        """Yield how many rows the rule left out: by value where it skips, together where it takes."""
        if not self.takes:
            for value, rows in sorted(self.left.items()):
                yield Remark("rows_skipped", table, file, self.name, value or '""', rows)
        elif self.left:
            named = ", ".join(value or '""' for value, _ in self.left.most_common(_NAMED))
            named += ", …" if len(self.left) > _NAMED else ""
            yield Remark("rows_not_taken", table, file, self.name, named, self.left.total())


@dataclass
class Selection:
    """The rules of one file, in the order in which a row meets them."""

    rules: Sequence[Rule] = ()

    @property
    def skipped(self) -> int:
        """Rows left out so far."""
        return sum(rule.left.total() for rule in self.rules)

    def begin(self) -> None:
        """Forget the counts of an earlier reading of the file."""
        for rule in self.rules:
            rule.left.clear()

    def of(self, batch: Batch) -> Batch:
        """Return the rows that no rule leaves out."""
        if not self.rules or not len(batch.rows):
            return batch
        kept = np.ones(len(batch.rows), dtype=bool)
        for rule in self.rules:
            kept = rule.keep(batch, kept)
        return batch if kept.all() else Batch(batch.columns.filter(pa.array(kept)), batch.rows[kept])

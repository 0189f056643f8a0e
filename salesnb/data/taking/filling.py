"""Cells that stand on the first line of an order only, given to the lines below of the same id."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data.cells import values
from salesnb.data.reading.sheets import Batch
from salesnb.data.taking.composing import key_column
from salesnb.data.taking.totals import looks_total

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
        coded = pc.utf8_trim(
            key_column([cells[i] for i in self.ids], "\x1f"), values.BLANKS
        ).dictionary_encode()
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

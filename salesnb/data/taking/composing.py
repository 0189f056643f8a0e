"""One column made of several of a file: composite ids, the first that is filled, joined names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data.cells import values
from salesnb.data.reading.sheets import Batch
from salesnb.settings import Several

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
        filled = [_filled(c) for c in cells]
        made = filled[0] if self.rule.join else pc.coalesce(*filled)
        for more in (
            filled[1:] if self.rule.join else ()
        ):  # Arrow's own skipping of nulls loses rows of nulls alone
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


def _filled(cells: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim(cells, values.BLANKS)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)

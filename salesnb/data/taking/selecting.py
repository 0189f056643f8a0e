"""Rows that settings take or skip by a value; those left out are counted by the rule that left them out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data.cells import values
from salesnb.data.reading.remarks import Remark
from salesnb.data.reading.sheets import Batch
from salesnb.data.taking.composing import Cells
from salesnb.data.taking.sought import Sought

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

"""The accounting of rows: read = accepted + quarantined + repeats + skipped, and each bad row's reason."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa

from salesnb import words
from salesnb.data.reading.remarks import short
from salesnb.data.taking.validation import Fault
from salesnb.errors import Problem

NOT_UNREADABLE = frozenset({"totals_row", "header_again", "duplicate_id", "date_far_ahead", "date_far_before"})
"""Reasons that say nothing against the file as a whole."""

FILES = {
    "table": "str", "file": "str", "encoding": "str", "header_row": "int64", "rows_read": "int64",
    "rows_accepted": "int64", "rows_quarantined": "int64", "rows_duplicate": "int64", "rows_preamble": "int64",
    "rows_blank": "int64", "rows_skipped": "int64",
}  # fmt: skip
QUARANTINE = {"table": "str", "file": "str", "row": "int64", "column": "str", "value": "str", "reason": "str"}
STATUSES = {"table": "str", "value": "str", "status": "str", "rows": "int64"}
SIMILAR = {"customer": "str", "likely": "str", "rows": "int64"}
UNKNOWN = {"table": "str", "column": "str", "value": "str", "rows": "int64"}


class Reason(Problem):
    """Why a row was put aside, as a slot of another problem's text."""

    def text(self, lang: str = "en") -> str:
        """Return the reason in one language."""
        return words.text("reasons", self.code, lang)


@dataclass
class RowNumbers:
    """The source row number of each position, kept as runs: ten million rows without gaps are one run."""

    starts: list[int] = field(default_factory=list)
    firsts: list[int] = field(default_factory=list)
    count: int = 0

    def extend(self, rows: np.ndarray) -> None:
        """Add the numbers of a batch."""
        if not len(rows):
            return
        breaks = np.flatnonzero(np.diff(rows) != 1) + 1
        for start in (0, *breaks.tolist()):
            self.starts.append(self.count + start)
            self.firsts.append(int(rows[start]))
        self.count += len(rows)

    def at(self, position: int) -> int:
        """Return the row number at a position."""
        run = int(np.searchsorted(self.starts, position, side="right")) - 1
        return self.firsts[run] + position - self.starts[run]


@dataclass
class Ledger:
    """What became of the rows of one file; positions count the rows of the file that have the right width."""

    table: str
    file: str
    encoding: str
    header_row: int
    numbers: RowNumbers = field(default_factory=RowNumbers)
    faults: dict[int, list[Fault]] = field(default_factory=dict)
    ragged: list[tuple[int, str, str]] = field(default_factory=list)
    duplicates: int = 0
    preamble: int = 0
    blank: int = 0
    skipped: int = 0

    @property
    def read(self) -> int:
        """Rows with content."""
        return self.numbers.count + len(self.ragged) + self.skipped

    @property
    def quarantined(self) -> int:
        """Rows put aside."""
        return len(self.faults) + len(self.ragged)

    @property
    def accepted(self) -> int:
        """Rows that are neither put aside, nor repeats, nor skipped by settings."""
        return self.read - self.quarantined - self.duplicates - self.skipped

    def unreadable(self, *, currency_said: bool = True) -> int:
        """Return the count of rows that speak against the file: neither totals nor conflicts of keys.

        Rows of other currencies do only where nothing else is there, or nobody said which is the company's.
        """
        fine = {*NOT_UNREADABLE, *(["other_currency"] if currency_said and self.accepted else [])}
        return sum(faults[0].reason not in fine for faults in self.faults.values()) + len(self.ragged)

    def counts(self) -> tuple[object, ...]:
        """Return the file's row of the accounting."""
        return (
            self.table, self.file, self.encoding, self.header_row, self.read, self.accepted, self.quarantined,
            self.duplicates, self.preamble, self.blank, self.skipped,
        )  # fmt: skip

    def bad_rows(self) -> list[tuple[object, ...]]:
        """Return the quarantined rows, in the order of the file."""
        return self._listed(
            (number, ", ".join(f.column for f in faults), ", ".join(short(f.value) for f in faults), faults[0].reason)
            for number, faults in self._numbered()
        )

    def all_faults(self) -> list[tuple[object, ...]]:
        """Return every fault of every quarantined row, in the order of the file; a row may have several."""
        return self._listed(
            (number, f.column, short(f.value), f.reason) for number, faults in self._numbered() for f in faults
        )

    def _numbered(self) -> Iterator[tuple[int, list[Fault]]]:
        yield from ((self.numbers.at(position), faults) for position, faults in self.faults.items())

    def _listed(self, faulty: Iterable[tuple[int, str, str, str]]) -> list[tuple[object, ...]]:
        ragged = ((number, "", short(text), reason) for number, text, reason in self.ragged)
        rows = sorted([*ragged, *faulty], key=lambda row: row[0])
        return [(self.table, self.file, *row) for row in rows]

    def commonest(self) -> tuple[str, Fault]:
        """Return the reason most rows were put aside for, with one example."""
        counted = Counter(reason for _, _, reason in self.ragged)
        examples = {reason: Fault("", short(text), reason) for _, text, reason in reversed(self.ragged)}
        for faults in self.faults.values():
            counted[faults[0].reason] += 1
            examples.setdefault(faults[0].reason, faults[0])
        reason = counted.most_common(1)[0][0]
        return reason, examples[reason]


@dataclass(frozen=True)
class Intake:
    """The accounting of all files, as the frames that the intake stage reports on.

    ``files`` has one row per file, ``quarantine`` one per bad row, ``statuses`` one per spelling of a status,
    ``similar_customers`` one per spelling that is likely a known customer, ``unknown`` one per value that a roster
    or lookup does not know, ``remarks`` one per thing to know that set no row aside (see ``remarks``).
    ``ignored`` names files of the folder that match no table.
    """

    files: pd.DataFrame
    quarantine: pd.DataFrame
    statuses: pd.DataFrame
    similar_customers: pd.DataFrame
    unknown: pd.DataFrame
    remarks: pd.DataFrame
    ignored: tuple[str, ...] = ()


def frame(columns: Mapping[str, str], rows: Sequence[Sequence[object]]) -> pd.DataFrame:
    """Make a frame with these columns and types, also of no rows."""
    made = pd.DataFrame({name: [row[i] for row in rows] for i, name in enumerate(columns)})
    return made.astype(dict(columns))


def to_arrow(made: pd.DataFrame) -> pa.Table:
    """Return a frame as an Arrow table without an index."""
    return pa.Table.from_pandas(made, preserve_index=False)

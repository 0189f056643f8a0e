"""One table taken in: its files read, mapped, parsed and validated into one staged Parquet file.

Memory stays small for any number of rows: a batch at a time, 8 bytes a row for finding repeats.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data.reading import row_files
from salesnb.data.reading.remarks import Remark
from salesnb.data.reading.sheets import Batch
from salesnb.data.taking import duplicates, mapping, notation, states
from salesnb.data.taking.duplicates import Hasher
from salesnb.data.taking.mapping import Plan
from salesnb.data.taking.notation import Doubt, Notation
from salesnb.data.taking.quarantine import Ledger, Reason
from salesnb.data.taking.validation import ROW, Validator, schema
from salesnb.errors import Problem, problem
from salesnb.schema import Table

KEPT_ASIDE = {
    "orders": ("amount", "status", "order_date", "signed_date", "invoiced_date", "rep", "team"),
    "opportunities": ("amount", "status", "close_date", "rep", "team"),
    "targets": ("amount", "metric", "period", "rep", "team"),
}
"""Columns that are kept of rows set aside, by table: what they could be worth, when and whose."""

_OF_DOUBT = frozenset({"date_ambiguous", "date_two_formats", "number_contradicts"})
"""Reasons for which rows are set aside where the notation of their column could not be told."""


@dataclass
class Staged:
    """A table after validation: good rows in ``path``, ``dropped`` positions that turned out to be repeats."""

    table: Table
    path: Path
    plans: Sequence[Plan]
    ledgers: list[Ledger] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    spellings: Counter[tuple[str, str]] = field(default_factory=Counter)
    dropped: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    codes: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.uint64))
    """A hash of each row, the same for rows that may be one, until ``repeats`` has settled which are."""
    remarks: list[Remark] = field(default_factory=list)
    equal: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    """Positions of accepted rows to which an earlier one is equal."""
    aside: list[pa.Table] = field(default_factory=list)
    """What could be read of rows set aside, see ``KEPT_ASIDE``."""
    lined: bool = False
    """Whether rows with one key may be lines of one deal."""
    blanked: dict[str, np.ndarray] = field(default_factory=dict)
    """Positions of accepted rows of which one cell is not used, by column."""

    doubts: list[Problem] = field(default_factory=list)
    """Columns of whole files that cannot be told, or are in another currency."""

    @property
    def unknown(self) -> Iterator[tuple[str, str, str, int]]:
        """Keys that lookup files did not have, with the rows that named them."""
        for plan in self.plans:
            for join in plan.joins:
                for value, rows in sorted(join.unknown.items()):
                    yield self.table.name, join.label, value, rows

    @property
    def told(self) -> Iterator[Remark]:
        """All remarks on the table and its files."""
        for plan in self.plans:
            yield from plan.sheet.remarks
        yield from self.remarks

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Yield the accepted rows in the order of the files, without repeats."""
        for rows in row_files.batches(self.path, None if columns is None else [*columns, ROW]):
            if len(self.dropped):
                kept = ~np.isin(rows.column(ROW).to_numpy(), self.dropped)
                rows = rows.filter(pa.array(kept))
            for column in self.blanked.keys() & set(rows.column_names):
                rows = without(rows, column, self.blanked[column])
            yield rows

    def place(self, position: int) -> tuple[Ledger, int]:
        """Return the file that a position lies in and the position within it."""
        which = bisect_right(self.offsets, position) - 1
        return self.ledgers[which], position - self.offsets[which]

    def files_of(self, positions: np.ndarray) -> np.ndarray:
        """Return the place among the files of the one that each position lies in."""
        return np.searchsorted(self.offsets, positions, side="right") - 1

    @property
    def melted(self) -> bool:
        """Whether a source row may have become several."""
        return any(plan.source.wide for plan in self.plans)

    def tell(self, code: str, ledger: Ledger, value: str, rows: int, money: int | None) -> None:
        """Add a remark on rows of a file; one without money has a text of its own."""
        worded = code if money is not None else f"{code}_bare"
        self.remarks.append(Remark(worded, self.table.name, ledger.file, "", value, rows, money))

    def drop(self, positions: Sequence[int] | np.ndarray) -> None:
        """Take rows out of the accepted ones."""
        self.dropped = np.union1d(self.dropped, np.asarray(positions, dtype=np.int64))

    def blank(self, column: str, positions: np.ndarray) -> None:
        """Leave one cell of accepted rows out."""
        if len(positions):
            self.blanked[column] = np.union1d(self.blanked.get(column, positions), positions)


def without(rows: pa.Table, column: str, positions: np.ndarray) -> pa.Table:
    """Return rows without what a column holds in those at some positions."""
    cells = rows.column(column)
    odd = pa.array(np.isin(rows.column(ROW).to_numpy(), positions))
    place = rows.schema.get_field_index(column)
    return rows.set_column(place, rows.field(place), pc.if_else(odd, pa.scalar(None, cells.type), cells))


def stage(
    table: Table, plans: Sequence[Plan], folder: Path, period_names: frozenset[str], hasher: Hasher, currency: str = ""
) -> Staged:
    """Read all files of a table and stage their good rows in ``folder``; ``currency`` is the company's.

    Files are read twice only where all rows tell another notation of a column than the first ones did.
    """
    validators = [Validator(plan, period_names, currency) for plan in plans]
    staged = _staged(table, validators, folder, hasher)
    told = _told(validators)
    again = [{n: t for n, t in found.items() if isinstance(t, Notation)} for found in told]
    if any(v.notations.get(n) != t for v, found in zip(validators, again, strict=True) for n, t in found.items()):
        validators = [
            Validator(plan, period_names, currency, {**v.notations, **found})
            for plan, v, found in zip(plans, validators, again, strict=True)
        ]
        for join in (join for plan in plans for join in plan.joins):
            join.unknown.clear()
        staged = _staged(table, validators, folder, hasher)
    for plan, found in zip(plans, told, strict=True):
        staged.doubts += notation.doubtful(table.name, plan.sheet.name, plan.header, found)
        staged.doubts += notation.foreign(table.name, plan.sheet.name, plan.marks(), currency)
    return staged


def _told(validators: Sequence[Validator]) -> list[dict[str, Notation | Doubt]]:
    """Tell the notation of all columns of a table's files, each by its own cells and by those of the others."""
    found = [v.evidence() for v in validators]
    return [
        notation.told(v.plan.table.columns, v.plan.source, found[i], found[:i] + found[i + 1 :])
        for i, v in enumerate(validators)
    ]


def _staged(table: Table, validators: Sequence[Validator], folder: Path, hasher: Hasher) -> Staged:
    plans = [v.plan for v in validators]
    staged = Staged(table, folder / f"{table.name}.arrow", plans)
    codes: list[np.ndarray] = [np.empty(0, dtype=np.uint64)]
    with row_files.writer(staged.path, schema(table)) as writer:
        for plan, validator in zip(plans, validators, strict=True):
            staged.ledgers.append(_ledger(plan))
            staged.offsets.append(sum(ledger.numbers.count for ledger in staged.ledgers))
            for batch in plan.batches():
                clean = _checked(validator, batch, staged)
                if not table.repeats or len(plans) > 1 or plan.source.repeats == "drop":
                    codes.append(signature(table, clean, hasher))
                writer.write_table(clean)
            _close(staged.ledgers[-1], plan)
            staged.spellings.update(validator.spellings)
            staged.remarks += validator.told()
    staged.remarks += mapping.remarks(plans)
    staged.codes = np.concatenate(codes)
    return staged


def _ledger(plan: Plan) -> Ledger:
    sheet = plan.sheet
    return Ledger(plan.table.name, sheet.name, sheet.encoding, sheet.header_number, preamble=sheet.preamble)


def _close(ledger: Ledger, plan: Plan) -> None:
    ledger.ragged = list(plan.sheet.ragged)
    ledger.blank = plan.sheet.blank
    ledger.skipped = plan.selection.skipped


def _checked(validator: Validator, batch: Batch, staged: Staged) -> pa.Table:
    ledger = staged.ledgers[-1]
    checked = validator.check(batch)
    start = ledger.numbers.count
    ledger.numbers.extend(batch.rows)
    ledger.faults.update((start + p, f) for p, f in checked.faults.items())
    if checked.aside.num_rows and staged.table.name in KEPT_ASIDE:
        kept = checked.aside.select([*KEPT_ASIDE[staged.table.name], ROW])
        staged.aside.append(_moved(kept, staged.offsets[-1] + start))
    return _moved(checked.clean, staged.offsets[-1] + start)


def _moved(rows: pa.Table, by: int) -> pa.Table:
    return rows.set_column(rows.schema.get_field_index(ROW), ROW, pc.add(rows.column(ROW), by))


def signature(table: Table, rows: pa.Table, hasher: Hasher) -> np.ndarray:
    """Return a hash per clean row, the same for rows that may be one: of the key, or of all that does not change."""
    keyed = with_key(table, rows)
    if table.key and keyed.all():
        return hasher.hashes(duplicates.key_columns(rows, table.key))
    whole = hasher.hashes(rows.drop_columns([ROW, *states.COLUMNS.get(table.name, ())]).columns)
    if not keyed.any():
        return whole
    return np.where(keyed, hasher.hashes(duplicates.key_columns(rows, table.key)), whole)


def with_key(table: Table, rows: pa.Table) -> np.ndarray:
    """Tell which rows have a key: of orders those of which number and line are given."""
    if table.name == "orders":
        return np.asarray(pc.is_valid(rows.column("line_no")))
    return np.full(rows.num_rows, bool(table.key))


def refused(staged: Staged, share: float, *, currency_said: bool = True) -> Iterator[Problem]:
    """Yield columns in doubt, and each other file of which more than ``share`` of the rows cannot be read.

    ``currency_said``: whether settings name the company's currency; if not, a file of another one is refused.
    """
    yield from staged.doubts
    doubted = {doubt.fields["file"] for doubt in staged.doubts}
    for ledger in staged.ledgers:
        if ledger.file in doubted:
            ledger = _beside_doubts(ledger)
        meant, unreadable = ledger.read - ledger.skipped, ledger.unreadable(currency_said=currency_said)
        if meant and unreadable > share * meant:
            reason, example = ledger.commonest()
            yield problem(
                "file_refused", file=ledger.file, table=ledger.table, rows=unreadable, read=meant,
                reason=Reason(reason, {}), column=example.column or "-", example=" ".join(example.value.split()) or "-",
            )  # fmt: skip


def _beside_doubts(ledger: Ledger) -> Ledger:
    """Return a ledger with what is wrong with its rows beside the notation of columns that could not be told."""
    faults = {p: [f for f in found if f.reason not in _OF_DOUBT] for p, found in ledger.faults.items()}
    return replace(ledger, faults={p: found for p, found in faults.items() if found})

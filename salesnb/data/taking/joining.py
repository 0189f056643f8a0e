"""A second file from which columns are taken: agent -> manager, region; and a third that the second one leads to."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data.cells import headers, values
from salesnb.data.cells.spelling import in_one_form, one_form
from salesnb.data.reading.batches import open_sheet
from salesnb.data.reading.remarks import Remark
from salesnb.data.reading.sheets import Batch, Options, Sheet
from salesnb.data.taking.shaping import Cells, key_column
from salesnb.errors import InputError, nearest, problem
from salesnb.settings import Lookup

_BETWEEN = "\x1f"

Carried = Mapping[str, pa.Array]
"""Columns of a lookup file that a later lookup needs, by header, for the rows of a batch; null where it had no row."""


@dataclass(frozen=True)
class Key:
    """One part of a lookup's key: cells of the table's file, replaced by ``change``, or a column of lookup ``via``."""

    name: str
    cells: Cells | None = None
    change: Mapping[str, str] = field(default_factory=dict)
    via: int = 0

    def of(self, batch: Batch, earlier: Mapping[int, Carried]) -> pa.Array:
        """Return the key's text for the rows of a batch; null where an earlier lookup had no row, or a blank."""
        if self.cells is None:
            cells = in_one_form(earlier[self.via][self.name])
            return pc.if_else(pc.equal(cells, ""), pa.scalar(None, pa.string()), cells)
        return pc.fill_null(in_one_form(_changed(self.cells.text(batch), self.change)), "")


@dataclass
class Join:
    """A lookup file in memory; ``unknown`` counts the keys of rows that it does not have."""

    lookup: Lookup
    number: int
    keys: Sequence[Key]
    known: pa.Array
    taken: Mapping[str, pa.Array]
    carried: Carried
    later: Counter[str] = field(default_factory=Counter)
    """Rows that did not count since an earlier one has their key, by key."""
    ragged: int = 0
    unknown: Counter[str] = field(default_factory=Counter)

    @property
    def label(self) -> str:
        """The headers that lead to the file."""
        return ", ".join(key.name for key in self.keys)

    def take(self, batch: Batch, earlier: Mapping[int, Carried]) -> tuple[dict[str, pa.Array], Carried]:
        """Return the joined columns of a batch's rows, blank where the key is not known, and those to carry on."""
        key = key_column([part.of(batch, earlier) for part in self.keys], _BETWEEN)
        where = pc.index_in(key, value_set=self.known)
        if where.null_count:
            missing = key.filter(pc.and_(pc.is_null(where), pc.is_valid(key)))
            self.unknown.update(
                {e["values"].replace(_BETWEEN, "|"): e["counts"] for e in missing.value_counts().to_pylist()}
            )
        taken = {column: pc.fill_null(found.take(where), "") for column, found in self.taken.items()}
        return taken, {header: found.take(where) for header, found in self.carried.items()}

    def remarks(self, table: str) -> Iterator[Remark]:
        """Yield the rows of the file that did not count."""
        if self.later:
            key = next(iter(self.later)).replace(_BETWEEN, "|")
            on = ", ".join(self.lookup.on.values())
            yield Remark("lookup_first", table, self.lookup.file, on, key, self.later.total())
        if self.ragged:
            yield Remark("lookup_ragged", table, self.lookup.file, rows=self.ragged)


def _changed(cells: pa.Array, change: Mapping[str, str]) -> pa.Array:
    trimmed = pc.utf8_trim(cells, values.BLANKS)
    if not change:
        return trimmed
    coded = trimmed.dictionary_encode()
    words = [change.get(word, word) for word in coded.dictionary.to_pylist()]
    return pa.array(words, pa.string()).take(coded.indices)


def open_join(lookup: Lookup, number: int, keys: Sequence[Key], carried: Sequence[str], folder: object) -> Join:
    """Read a lookup file.

    Parameters
    ----------
    lookup, number
        What settings say, and which of the table's lookups this is, from 1.
    keys
        Where the parts of the key come from.
    carried
        Headers of the file that later lookups need.
    folder
        The data folder.

    Raises
    ------
    InputError
        The file cannot be read, headers are missing, or one key has two different rows and settings do not say that
        the first counts.
    """
    wanted = [*lookup.on.values(), *lookup.take.values(), *carried]
    known = {headers.normal(h) for h in wanted}
    options = Options(lookup.encoding, (lookup.sheet,) if lookup.sheet else ())
    sheet = open_sheet(Path(str(folder)) / lookup.file, known, options)
    places = _places(sheet, lookup, number, carried)
    key_at, row_at = places[: len(lookup.on)], places[len(lookup.on) :]
    rows: dict[str, tuple[str, ...]] = {}
    later: Counter[str] = Counter()
    for batch in sheet.batches():
        cells = {i: pc.utf8_trim(batch.columns.column(str(i)), values.BLANKS).to_pylist() for i in set(places)}
        for n in range(len(batch.rows)):
            key = _BETWEEN.join(one_form(cells[i][n]) for i in key_at)
            if not key.strip(_BETWEEN):
                continue  # a row without a key answers nobody: a blank is not "all others"
            row = tuple(cells[i][n] for i in row_at)
            if rows.setdefault(key, row) == row:
                continue
            if lookup.several == "refuse":
                shown = key.replace(_BETWEEN, "|")
                raise InputError(problem("lookup_conflict", file=lookup.file, key=shown, row=int(batch.rows[n])))
            later[key] += 1
    made = [pa.array([row[i] for row in rows.values()], pa.string()) for i in range(len(row_at))]
    return Join(
        lookup, number, keys, pa.array(list(rows), pa.string()), dict(zip(lookup.take, made, strict=False)),
        dict(zip(carried, made[len(lookup.take) :], strict=True)), later, len(sheet.ragged),
    )  # fmt: skip


def _places(sheet: Sheet, lookup: Lookup, number: int, carried: Sequence[str]) -> list[int]:
    """Return the positions of the headers of key, taken and carried columns; InputError names all that are missing."""
    asked = [(h, "on") for h in lookup.on.values()] + [(h, "take") for h in lookup.take.values()]
    asked += [(h, "via") for h in carried]
    normal = [headers.normal(h) for h in sheet.headers]
    listed = ", ".join(filter(None, sheet.headers))
    wrong = [
        problem(
            "header_unknown", file=sheet.name, where=f"lookups.{number}.{part}", found=header,
            near=nearest(header, filter(None, sheet.headers)), headers=listed,
        )
        for header, part in asked if headers.normal(header) not in normal
    ]  # fmt: skip
    if wrong:
        raise InputError(*wrong)
    return [normal.index(headers.normal(header)) for header, _ in asked]

"""A second file from which columns are taken: agent -> manager, region."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data import headers, values
from salesnb.data.reading import open_sheet
from salesnb.data.sheets import Batch, Options, Sheet
from salesnb.data.spelling import in_one_form, one_form
from salesnb.errors import InputError, nearest, problem
from salesnb.settings import Lookup

_BETWEEN = "\x1f"


@dataclass
class Join:
    """A lookup file in memory; ``unknown`` counts the keys of rows that it does not have."""

    label: str
    places: tuple[int, ...]
    changes: Sequence[Mapping[str, str]]
    keys: pa.Array
    taken: Mapping[str, pa.Array]
    unknown: Counter[str] = field(default_factory=Counter)

    def take(self, batch: Batch) -> dict[str, pa.Array]:
        """Return the joined columns for the rows of a batch; blank where the key is not known."""
        cells = [
            _changed(batch.columns.column(str(i)).combine_chunks(), change)
            for i, change in zip(self.places, self.changes, strict=True)
        ]
        key = key_column([pc.fill_null(in_one_form(c), "") for c in cells], _BETWEEN)
        where = pc.index_in(key, value_set=self.keys)
        if where.null_count:
            missing = key.filter(pc.is_null(where))
            self.unknown.update(
                {e["values"].replace(_BETWEEN, "|"): e["counts"] for e in missing.value_counts().to_pylist()}
            )
        return {column: pc.fill_null(found.take(where), "") for column, found in self.taken.items()}


def key_column(cells: Sequence[pa.Array], between: str) -> pa.Array:
    """Join the trimmed cells of several columns into one key; blank where all of them are."""
    if len(cells) == 1:
        return cells[0]
    trimmed = [pc.utf8_trim(c, values.BLANKS) for c in cells]
    joined = pc.binary_join_element_wise(*trimmed, between)
    return pc.if_else(pc.equal(joined, between * (len(cells) - 1)), "", joined)


def _changed(cells: pa.Array, change: Mapping[str, str]) -> pa.Array:
    trimmed = pc.utf8_trim(cells, values.BLANKS)
    if not change:
        return trimmed
    coded = trimmed.dictionary_encode()
    words = [change.get(word, word) for word in coded.dictionary.to_pylist()]
    return pa.array(words, pa.string()).take(coded.indices)


def open_join(
    lookup: Lookup, places: tuple[int, ...], changes: Sequence[Mapping[str, str]], folder: object
) -> Join:
    """Read a lookup file.

    Raises
    ------
    InputError
        The file cannot be read, a header is missing, or one key has two different rows.
    """
    known = {headers.normal(h) for h in (*lookup.on.values(), *lookup.take.values())}
    sheet = open_sheet(Path(str(folder)) / lookup.file, known, Options(lookup.encoding, lookup.sheet))
    key_at = [_place(sheet, h) for h in lookup.on.values()]
    take_at = {column: _place(sheet, h) for column, h in lookup.take.items()}
    rows: dict[str, tuple[str, ...]] = {}
    for batch in sheet.batches():
        column_of = {
            i: pc.utf8_trim(batch.columns.column(str(i)), values.BLANKS).to_pylist()
            for i in range(len(sheet.headers))
        }
        for n in range(len(batch.rows)):
            key = _BETWEEN.join(one_form(column_of[i][n]) for i in key_at)
            row = tuple(column_of[i][n] for i in take_at.values())
            if rows.setdefault(key, row) != row:
                shown = key.replace(_BETWEEN, "|")
                raise InputError(
                    problem("lookup_conflict", file=lookup.file, key=shown, row=int(batch.rows[n]))
                )
    taken = {c: pa.array([row[i] for row in rows.values()], pa.string()) for i, c in enumerate(take_at)}
    label = ", ".join(lookup.on)
    return Join(label, places, changes, pa.array(list(rows), pa.string()), taken)


def _place(sheet: Sheet, header: str) -> int:
    normal = [headers.normal(h) for h in sheet.headers]
    wanted = headers.normal(header)
    if wanted not in normal:
        listed = ", ".join(filter(None, sheet.headers))
        near = nearest(header, filter(None, sheet.headers))
        raise InputError(
            problem(
                "header_unknown",
                file=sheet.path.name,
                where="lookups",
                found=header,
                near=near,
                headers=listed,
            )
        )
    return normal.index(wanted)

"""Rows that are there twice, and different rows that claim to be the same one.

Rows are compared by a 64-bit hash first. Where two hashes agree, the rows themselves are: a chance collision never
drops a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data.sheets import Batch

if TYPE_CHECKING:
    import duckdb

Row = tuple[str | None, ...]
_CHUNK = 1 << 20


class Hasher:
    """Hashes rows; one session serves a whole intake, since opening one costs more than hashing a small file."""

    def __init__(self) -> None:
        self._session: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> Hasher:
        return self

    def __exit__(self, *_: object) -> None:
        if self._session is not None:
            self._session.close()

    def hashes(self, columns: Sequence[pa.Array | pa.ChunkedArray]) -> np.ndarray:
        """Return one uint64 per row of some columns; equal rows have equal ones."""
        if not len(columns[0]):
            return np.empty(0, dtype=np.uint64)
        if self._session is None:
            import duckdb

            self._session = duckdb.connect(config={"threads": 1})
        names = [f"c{i}" for i in range(len(columns))]
        self._session.register("rows", pa.table(dict(zip(names, columns, strict=True))))
        found = self._session.execute(f"select hash({', '.join(names)}) as h from rows").fetchnumpy()["h"]
        self._session.unregister("rows")
        return np.asarray(found)


def repeated(found: np.ndarray) -> np.ndarray:
    """Return the positions of all hashes that occur more than once, in order."""
    ranked = np.sort(found)
    twice = np.unique(ranked[1:][ranked[1:] == ranked[:-1]])
    del ranked
    if not len(twice):
        return np.empty(0, dtype=np.int64)
    hits = []
    for start in range(0, len(found), _CHUNK):  # in pieces: ten million rows must not cost a gigabyte
        piece = found[start : start + _CHUNK]
        place = np.minimum(np.searchsorted(twice, piece), len(twice) - 1)
        hits.append(np.flatnonzero(twice[place] == piece) + start)
    return np.concatenate(hits)


def confirmed(candidates: Iterable[tuple[int, int, Row]]) -> dict[int, int]:
    """Return the positions of later equal rows with that of the first one.

    ``candidates`` are (position, hash, row), in the order of the file.
    """
    first: dict[int, list[tuple[int, Row]]] = {}
    found: dict[int, int] = {}
    for position, code, row in candidates:
        alike = first.setdefault(code, [])
        earlier = next((p for p, r in alike if r == row), None)
        if earlier is None:
            alike.append((position, row))
        else:
            found[position] = earlier
    return found


def picked(
    batches: Iterable[Batch], wanted: np.ndarray, codes: np.ndarray, order: Callable[[Batch], Sequence[int]]
) -> Iterator[tuple[int, int, Row]]:
    """Read the rows at the wanted positions again, as text, in a fixed order of columns."""
    start = 0
    for batch in batches:
        end = start + len(batch.rows)
        inside = wanted[(wanted >= start) & (wanted < end)]
        if len(inside):
            part = batch.columns.take(pa.array(inside - start))
            columns = [part.column(str(i)).to_pylist() for i in order(batch)]
            for n, position in enumerate(inside.tolist()):
                yield position, int(codes[position]), tuple(column[n] for column in columns)
        start = end


def key_columns(table: pa.Table, names: Sequence[str]) -> list[pa.ChunkedArray]:
    """Return the key columns of a clean table, blanks as blanks, so that they can be hashed and compared."""
    return [pc.fill_null(table.column(name).cast(pa.string()), "") for name in names]

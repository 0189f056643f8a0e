"""Finding rows that are there twice among any number: by 64-bit hashes first, then by the rows themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import duckdb

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
            import duckdb  # a fifth of a second, for who reads files only

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


def groups(rows: pa.Table) -> np.ndarray:
    """Return a number for each row, the same for rows that are equal in every column: no hash can mistake them."""
    at = pa.array(np.arange(rows.num_rows), pa.int64())
    names = [f"c{i}" for i in range(rows.num_columns)]
    table = rows.rename_columns(names).append_column("at", at)
    lists = table.group_by(names, use_threads=False).aggregate([("at", "list")]).column("at_list").combine_chunks()
    found = np.empty(rows.num_rows, dtype=np.int64)
    found[lists.flatten().to_numpy()] = np.repeat(np.arange(len(lists)), lists.value_lengths().to_numpy())
    return found


def key_columns(table: pa.Table, names: Sequence[str]) -> list[pa.ChunkedArray]:
    """Return the key columns of a clean table, blanks as blanks, so that they can be hashed and compared."""
    return [pc.fill_null(table.column(name).cast(pa.string()), "") for name in names]

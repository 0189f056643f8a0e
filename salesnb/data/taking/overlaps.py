"""Which files of a table overlap: two exports of the same time, or one table under two names."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data.taking.staging import Staged
from salesnb.data.taking.validation import ROW

_FEWEST = 3
"""So many rows without an id must be there again before a time that two files hold alike is an overlap."""


def overlapping(staged: Staged, line: np.ndarray, file: np.ndarray, day: np.ndarray | None) -> np.ndarray:
    """Return a number for each file of a table, the same for files that overlap.

    Two files overlap where, in the time from the first to the last row that both hold, at least half of what one of
    them holds is in the other. Rows without an id may be equal by chance: of these more than half of a file must be in
    the other, or both must hold the very same rows over several days.

    Parameters
    ----------
    line, file, day
        Of the rows that are there more than once: the same number for rows that are equal, the place of their file, and
        their day as days since 1970 (None: the table has no date).
    """
    label = np.arange(len(staged.plans))
    shared = _shared(line, file, day)
    if shared.empty:
        return label
    held = _days(staged, sorted({*shared["one"], *shared["other"]}))
    for found in shared.to_dict("records"):
        pair = {str(name): int(value) for name, value in found.items()}
        if _overlap(pair, held, with_id="order_id" in staged.table.columns):
            label[label == label[pair["other"]]] = label[pair["one"]]
    return label


def _shared(line: np.ndarray, file: np.ndarray, day: np.ndarray | None) -> pd.DataFrame:
    """Return for each two files how many rows both hold, and the first and last day of these."""
    when = np.zeros(len(line), dtype=np.int64) if day is None else day
    held = pd.DataFrame({"line": line, "file": file, "day": when}).groupby(["line", "file"], as_index=False)
    counts = held["day"].agg(["size", "first"])
    counts = counts[counts.groupby("line")["file"].transform("size") > 1]
    both = counts.merge(counts, on="line", suffixes=("", "_other"))
    both = both[both["file"] < both["file_other"]]
    both["rows"] = both[["size", "size_other"]].min(axis=1)
    pairs = both.groupby(["file", "file_other"], as_index=False)
    found = pairs.agg(rows=("rows", "sum"), low=("first", "min"), high=("first", "max"))
    return found.rename(columns={"file": "one", "file_other": "other"})


def _days(staged: Staged, files: list[int]) -> dict[int, np.ndarray]:
    """Return the days of all rows of some files, in order; rows without one are of no day."""
    parts: dict[int, list[np.ndarray]] = {file: [] for file in files}
    column = staged.table.date
    for rows in staged.batches([column] if column else []):
        of = staged.files_of(rows.column(ROW).to_numpy())
        day = days(rows, column)
        for file in files:
            parts[file].append(
                np.zeros((of == file).sum(), dtype=np.int64) if day is None else day[of == file]
            )
    return {file: np.sort(np.concatenate(found)) for file, found in parts.items()}


def days(rows: pa.Table, column: str | None) -> np.ndarray | None:
    """Return a column of dates as days since 1970, -1 for none; None without a column."""
    if column is None:
        return None
    return pc.fill_null(rows.column(column).cast(pa.int32()), -1).to_numpy().astype(np.int64)


def _overlap(pair: dict[str, int], held: dict[int, np.ndarray], *, with_id: bool) -> bool:
    files = held[pair["one"]], held[pair["other"]]
    inside = [np.searchsorted(f, pair["high"], "right") - np.searchsorted(f, pair["low"]) for f in files]
    if with_id:
        return bool(2 * pair["rows"] >= min(inside))
    alike = all(count == pair["rows"] for count in inside)
    several = pair["rows"] >= _FEWEST and pair["high"] > pair["low"]
    return bool(2 * pair["rows"] > min(len(f) for f in files) or (alike and several))

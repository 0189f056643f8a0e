"""Targets that differ in nothing but a column that is not read: they are for something that nobody has named."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from salesnb.data.taking import duplicates
from salesnb.data.taking.mapping import Plan
from salesnb.data.taking.staging import Staged
from salesnb.data.taking.validation import ROW
from salesnb.errors import Problem, problem


def problems_of(staged: Staged) -> Iterator[Problem]:
    """Yield for each file the columns by which rows of the same period and members differ, though none is read."""
    parts = list(staged.batches())
    if not parts:
        return
    keys = [duplicates.key_columns(rows, staged.table.key) for rows in parts]
    frame = pd.concat(
        pd.DataFrame({str(i): c.to_pylist() for i, c in enumerate(columns)}).assign(
            at=rows.column(ROW).to_numpy()
        )
        for rows, columns in zip(parts, keys, strict=True)
    )
    key = [c for c in frame.columns if c != "at"]
    again = frame[frame.duplicated(key, keep=False)]
    files = staged.files_of(again["at"].to_numpy())
    for place, plan in enumerate(staged.plans):
        own = again[files == place]
        if len(own) and (headers := _apart(plan, own, key, staged.offsets[place])):
            ledger = staged.ledgers[place]
            numbers = [ledger.numbers.at(int(at) - staged.offsets[place]) for at in own["at"]]
            yield problem(
                "targets_apart", file=ledger.file, column=", ".join(headers), header=headers[0],
                rows=", ".join(map(str, sorted(set(numbers))[:5])),
            )  # fmt: skip


def _apart(plan: Plan, rows: pd.DataFrame, key: list[str], offset: int) -> list[str]:
    """Return the headers that are not read and differ among rows of one key."""
    unread = [i for i in range(len(plan.sheet.headers)) if i not in plan.used and plan.sheet.headers[i]]
    if not unread:
        return []
    cells = [
        pd.DataFrame({i: batch.columns.column(str(i)).to_pylist() for i in unread})
        for batch in plan.batches()
    ]
    told = pd.concat(cells, ignore_index=True).iloc[rows["at"].to_numpy() - offset]
    groups = rows.groupby(key, sort=False).ngroup().to_numpy()
    counts = told.fillna("").groupby(groups).nunique().max()
    return [plan.sheet.headers[i] for i in unread if np.asarray(counts[i]) > 1]

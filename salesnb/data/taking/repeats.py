"""Rows that stand there more than once: lines of their own, or the same line sent twice.

A row counts once where something proves that it is the same: its key, the overlap of two files, or that it is a state
of a line that differs in nothing else. Equal lines of one file without a key are kept and told with their money.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data.taking import duplicates, states
from salesnb.data.taking.mapping import Plan
from salesnb.data.taking.staging import Staged, with_key
from salesnb.data.taking.validation import ROW, Fault

_MONEY = ("amount", "due_amount")


@dataclass(frozen=True)
class Suspects:
    """Accepted rows that may be there more than once, in the order of the files.

    ``position`` is each one's source row, ``file`` the place of its file among the table's.
    """

    rows: pa.Table
    position: np.ndarray
    file: np.ndarray

    def only(self, fit: np.ndarray) -> Suspects:
        """Return some of them."""
        return Suspects(self.rows.filter(pa.array(fit)), self.position[fit], self.file[fit])

    def alike(self, without: Sequence[str] = ()) -> np.ndarray:
        """Return a number for each row, the same for rows that are equal in all columns but some."""
        return duplicates.groups(self.rows.drop_columns([ROW, *without]))

    def worth(self, fit: np.ndarray) -> int | None:
        """Return what some of the rows are worth, in 1/10,000; None where the table holds no money."""
        name = next((c for c in _MONEY if c in self.rows.column_names), None)
        kind = None if name is None else self.rows.schema.field(name).type
        if name is None or not pa.types.is_integer(kind):
            return None
        return int(pc.fill_null(self.rows.column(name), 0).to_numpy()[fit].sum())


def settle(staged: Staged) -> None:
    """Let every line of a staged table count once; count and tell what is left out, and what is kept though equal."""
    wanted = duplicates.repeated(staged.codes)
    staged.codes = np.empty(0, dtype=np.uint64)
    before = [ledger.read - ledger.quarantined - ledger.skipped for ledger in staged.ledgers]
    shared: set[tuple[int, int]] = set()
    if len(wanted):
        found = _suspects(staged, wanted)
        keyed = with_key(staged.table, found.rows)
        if keyed.any():
            shared |= _by_key(staged, found.only(keyed), before)
        if not keyed.all():
            shared |= _without_key(staged, found.only(~keyed), before)
    _tell_namesakes(staged, shared)


def _suspects(staged: Staged, wanted: np.ndarray) -> Suspects:
    parts, start = [], 0
    for rows in staged.batches():
        inside = wanted[(wanted >= start) & (wanted < start + rows.num_rows)] - start
        if len(inside):
            parts.append(rows.take(pa.array(inside)))
        start += rows.num_rows
    rows = pa.concat_tables(parts)
    position = rows.column(ROW).to_numpy()
    return Suspects(rows, position, staged.files_of(position))


# -- rows with a key


def _by_key(staged: Staged, found: Suspects, before: Sequence[int]) -> set[tuple[int, int]]:
    """Of rows with one key the first stays, or the newest of its states; what says something else is set aside."""
    key = duplicates.groups(pa.Table.from_arrays(_key(staged, found), names=list(staged.table.key)))
    row = found.alike()
    if not staged.melted and (lines := states.lines(staged.table.name, found.rows, key, row)).any():
        _leave_out(staged, found.only(lines), _later(row[lines]), "repeats", before)
        staged.lined = True
        found, key, row = found.only(~lines), key[~lines], row[~lines]
    if not staged.melted and (log := states.logged(staged.table.name, found.rows, key, row)).any():
        kept = _newest(staged, found.only(log), key[log])
        _leave_out(staged, found.only(log), ~kept, "states", before)
        found, key, row = found.only(~log), key[~log], row[~log]
    first = pd.Series(found.position).groupby(key).transform("min").to_numpy()
    later = found.position != first
    again = _wholly(staged, found, later & np.isin(row, row[~later]))
    _set_aside(staged, found, np.flatnonzero(later & ~again), first)
    return _leave_out(staged, found, again, "repeats", before, staged.files_of(first))


def _key(staged: Staged, found: Suspects) -> list[pa.ChunkedArray]:
    return duplicates.key_columns(found.rows, staged.table.key)


def _newest(staged: Staged, found: Suspects, key: np.ndarray) -> np.ndarray:
    new = pd.Series(states.newness(staged.table.name, found.rows))
    return np.asarray(new == new.groupby(key).transform("max"))


def _wholly(staged: Staged, found: Suspects, fit: np.ndarray) -> np.ndarray:
    """Narrow rows down to those whose source row has none that is not among them: it may have become several."""
    if not staged.melted or not fit.any():
        return fit
    sources, counts = np.unique(found.position[fit], return_counts=True)
    made = np.zeros(len(sources), dtype=np.int64)
    for rows in staged.batches([]):
        positions, each = np.unique(rows.column(ROW).to_numpy(), return_counts=True)
        there = np.isin(positions, sources)
        np.add.at(made, np.searchsorted(sources, positions[there]), each[there])
    return fit & np.isin(found.position, sources[counts == made])


def _set_aside(staged: Staged, found: Suspects, places: np.ndarray, first: np.ndarray) -> None:
    columns = [column.take(pa.array(places)).to_pylist() for column in _key(staged, found)]
    done: set[int] = set()
    for at, *values in zip(places.tolist(), *columns, strict=True):
        position = int(found.position[at])
        if position in done:
            continue
        done.add(position)
        ledger, place = staged.place(position)
        there, other = staged.place(int(first[at]))
        names = [k for k, v in zip(staged.table.key, values, strict=True) if v]
        shown = f"{'|'.join(v for v in values if v)} ({there.file}:{there.numbers.at(other)})"
        ledger.faults[place] = [Fault(", ".join(names), shown, "duplicate_id")]
    staged.drop(sorted(done))


# -- rows without a key


def _without_key(staged: Staged, found: Suspects, before: Sequence[int]) -> set[tuple[int, int]]:
    rule = staged.plans[0].source.repeats
    if rule == "keep":
        return set()
    changing = states.COLUMNS.get(staged.table.name, ())
    if changing and not staged.melted:
        old = states.of_one_file(staged.table.name, found.rows, found.alike(changing), found.file)
        _leave_out(staged, found, old, "states", before)
        found = found.only(~old)
    if rule == "drop" or not (staged.table.date or staged.table.repeats):  # a statement made twice is made once
        first_file = pd.Series(found.file).groupby(found.alike()).transform("min").to_numpy()
        again = _wholly(staged, found, _later(_in_source(staged, found)) | (found.file != first_file))
        return _leave_out(staged, found, again, "repeats", before, first_file)
    line, day = found.alike(changing), days(found.rows, staged.table.date)
    label = overlapping(staged, line, found.file, day)[found.file]
    kept_in = _kept_in(staged, found, line, label)
    again = _wholly(staged, found, found.file != kept_in)
    shared = _leave_out(staged, found, again, "overlap", before, kept_in)
    if not staged.table.repeats:
        _tell_equal(staged, found.only(~again))
    return shared


def _kept_in(staged: Staged, found: Suspects, line: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Return for each row the file whose rows count, of those that overlap: most of them, newest, first."""
    each = pd.DataFrame({"line": line, "label": label, "file": found.file, "new": 0})
    if staged.table.name in states.COLUMNS:
        each["new"] = states.rank(staged.table.name, found.rows)
    held = each.groupby(["line", "label", "file"], as_index=False)["new"].agg(["size", "max"])
    held = held.sort_values(["size", "max", "file"], ascending=[False, False, True])
    best = held.drop_duplicates(["line", "label"])[["line", "label", "file"]]
    return each.merge(best, on=["line", "label"], how="left", suffixes=("", "_kept"))["file_kept"].to_numpy()


def _later(code: np.ndarray) -> np.ndarray:
    """Tell which rows have the code of an earlier one."""
    return pd.Series(code).duplicated().to_numpy()


def _in_source(staged: Staged, found: Suspects) -> np.ndarray:
    """Return a number for each row, the same for rows of one file that are equal in all its columns."""
    row = found.alike()
    text = np.zeros(len(row), dtype=np.int64)
    for file, plan in enumerate(staged.plans):
        own = np.flatnonzero(found.file == file)
        if len(own) and _unread(plan):
            text[own] = duplicates.groups(_cells(plan, found.position[own] - staged.offsets[file]))
    return duplicates.groups(pa.table({"row": row, "file": found.file, "text": text}))


def _unread(plan: Plan) -> bool:
    return any(header and i not in plan.used for i, header in enumerate(plan.sheet.headers))


def _cells(plan: Plan, places: np.ndarray) -> pa.Table:
    """Read some rows of a file again, as text."""
    parts, start = [], 0
    for batch in plan.batches():
        inside = places[(places >= start) & (places < start + len(batch.rows))] - start
        if len(inside):
            parts.append(batch.columns.take(pa.array(inside)))
        start += len(batch.rows)
    return pa.concat_tables(parts)


# -- what is told


def _leave_out(
    staged: Staged, found: Suspects, again: np.ndarray, what: str, before: Sequence[int],
    kept_in: np.ndarray | None = None,
) -> set[tuple[int, int]]:  # fmt: skip
    """Leave rows out, count them, and tell of each file how many and their money; return the pairs of files."""
    pairs = set()
    kept_in = found.file if kept_in is None else kept_in
    for file, other in sorted(set(zip(found.file[again].tolist(), kept_in[again].tolist(), strict=True))):
        mine = again & (found.file == file) & (kept_in == other)
        ledger, there = staged.ledgers[file], staged.ledgers[other]
        positions = np.unique(found.position[mine])
        code = what
        if file != other:
            code = "file_twice" if len(positions) == before[file] else "overlap" if what == "overlap" else "shared"
        ledger.duplicates += len(positions)
        staged.drop(positions)
        staged.tell(code, ledger, there.file if file != other else "", len(positions), found.worth(mine))
        pairs.add((file, other))
    return pairs


def _tell_equal(staged: Staged, found: Suspects) -> None:
    """Tell which lines are kept though an earlier one is equal to them, in the same file or in another one."""
    again = _later(_in_source(staged, found))
    elsewhere = ~again & (found.file != pd.Series(found.file).groupby(found.alike()).transform("min").to_numpy())
    staged.equal = np.union1d(staged.equal, found.position[again | elsewhere])
    for fit, code in ((again, "equal_lines"), (elsewhere, "equal_elsewhere")):
        for file in np.unique(found.file[fit]).tolist():
            mine = fit & (found.file == file)
            staged.tell(code, staged.ledgers[file], "", int(mine.sum()), found.worth(mine))


def _tell_namesakes(staged: Staged, shared: set[tuple[int, int]]) -> None:
    """Tell of files that bear one name in two formats and hold no row in common."""
    paths = [plan.sheet.path for plan in staged.plans]
    for one, other in combinations(range(len(paths)), 2):
        namesakes = paths[one].stem.casefold() == paths[other].stem.casefold() and paths[one] != paths[other]
        if namesakes and (other, one) not in shared and (one, other) not in shared:
            ledger, there = staged.ledgers[other], staged.ledgers[one]
            staged.tell("namesakes", ledger, there.file, ledger.read - ledger.quarantined - ledger.skipped, None)


# -- which files of a table overlap: two exports of the same time, or one table under two names


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
            parts[file].append(np.zeros((of == file).sum(), dtype=np.int64) if day is None else day[of == file])
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

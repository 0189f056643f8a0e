"""Staged tables enriched and written as the files of a store: orders one file per team, other tables one file."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from salesnb.calendar import month as calendar_month
from salesnb.data.masks import known_names
from salesnb.data.masks.known_names import KnownNames
from salesnb.data.reading.remarks import Remark
from salesnb.data.reading.row_files import ahead
from salesnb.data.store.opened import ACCOUNTING, UNCOUNTED
from salesnb.data.tables import roster, since
from salesnb.data.taking import enriching, intake, quarantine, records, target_rows, uncounted
from salesnb.data.taking.enriching import EXTRA, Enricher
from salesnb.data.taking.intake import Taken
from salesnb.data.taking.parsing import ARROW
from salesnb.data.taking.staging import Staged
from salesnb.data.taking.time_frame import by_months, happened
from salesnb.data.taking.validation import ROW
from salesnb.errors import InputError, problem
from salesnb.schema import table as schema_table
from salesnb.schema import tables
from salesnb.scope import WHOLE_COMPANY
from salesnb.settings import Settings

GROUP_ROWS = 1 << 17
_HELD_ROWS = 3 << 17


def schema_of(name: str) -> pa.Schema:
    """Return the schema of a clean table in the store: its own columns, then what enrichment adds."""
    columns = [(c.name, ARROW[c.type]) for c in schema_table(name).columns.values()]
    return pa.schema([*columns, *EXTRA.get(name, {}).items()])


def write(taken: Taken, settings: Settings, folder: Path) -> dict[str, Any]:
    """Write all clean tables and the accounting into ``folder``; return the manifest's part that describes them.

    Raises InputError where a team bears the reserved name.
    """
    first, last = _bounds(taken, settings.sales.basis)
    last = _whole_month(taken, settings, last)
    kept = records.told_by(taken.staged, first, last)
    taken.remarks.extend(records.remarks(taken.staged, kept, first, last))
    enricher = _enricher(taken, settings, last, kept)
    names = [n for n in tables() if n in taken.staged or n == "orders"]
    teams: set[str] = set(enricher.roster.teams if enricher.roster else ())
    orders: dict[str, str] = {}
    named = KnownNames()
    for name in names:
        batches = _noted(named, name, ahead(_enriched(taken, name, enricher)))
        if name == "orders":
            orders = _write_orders(batches, folder)
            teams |= {t for t in orders if t}
        else:
            teams |= _write_one(batches, folder / f"{name}.parquet", schema_of(name))
    _no_reserved(teams)
    pq.write_table(named.table(), folder / known_names.FILE)
    teamless = folder / orders[""] if teams and "" in orders else None
    pq.write_table(uncounted.gathered(taken, enricher, teamless), folder / UNCOUNTED)
    accounting = intake.account(taken, enricher.unknown)
    (folder / "intake").mkdir()
    for part in ACCOUNTING:
        pq.write_table(quarantine.to_arrow(getattr(accounting, part)), folder / "intake" / f"{part}.parquet")
    ignored = pa.table({"file": pa.array(accounting.ignored, pa.string())})
    pq.write_table(ignored, folder / "intake" / "ignored.parquet")
    return {
        "teams": sorted(teams), "data_start": first.isoformat(), "data_end": last.isoformat(), "tables": names,
        "derived": [] if "orders" in taken.staged else ["orders"], "orders": orders,
        "records": records.to_manifest(kept), "currency": taken.currency,
    }  # fmt: skip


def _enriched(taken: Taken, name: str, enricher: Enricher) -> Iterator[pa.Table]:
    if name != "targets" or enricher.sold is None:
        return (enricher.enrich(name, rows) for rows in _batches(taken, name))
    staged = taken.staged[name]
    parts = [enricher.enrich(name, rows).append_column(ROW, rows.column(ROW)) for rows in staged.batches()]
    if not parts:
        return iter(())
    wanted = [*schema_of(name).names, ROW]
    rows = pa.concat_tables(part.select(wanted) for part in parts)
    return iter([target_rows.settled(rows, staged, taken.calendar, enricher.sold)])


def _noted(named: KnownNames, name: str, batches: Iterable[pa.Table]) -> Iterator[pa.Table]:
    for rows in batches:
        named.note(name, rows)
        yield rows


def _batches(taken: Taken, name: str, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    if name == "reps":
        return iter([roster.closed(whole)] if (whole := taken.whole("reps")) is not None else [])
    if name == "orders" and name not in taken.staged:
        return enriching.orders_from_deals(taken.staged["opportunities"].batches())
    lines = taken.whole(name) if name == "opportunities" and _of_lines(taken.staged[name]) else None
    if lines is not None and lines.num_rows:
        deals, several = enriching.whole_deals(lines)
        if several:
            taken.remarks.append(Remark("deals_of_several", name, column="product_line", rows=several))
        return iter([deals])
    return taken.staged[name].batches(columns)


def _of_lines(deals: Staged) -> bool:
    return deals.melted or deals.lined


def _enricher(taken: Taken, settings: Settings, last: date, kept: records.Records) -> Enricher:
    reps, basis = taken.whole("reps"), settings.sales.basis
    return Enricher(
        basis,
        last,
        taken.calendar,
        roster.make(reps) if reps is not None and reps.num_rows else None,
        enriching.attributes(taken.whole("customers"), "customer", ["customer_type", "tags"]),
        enriching.attributes(taken.whole("products"), "product", ["product_line"]),
        since.first_sales(lambda: _sold(taken, basis), settings.sales.new_customer_months),
        kept,
        enriching.OwnTeams() if _teams_wanted(taken.whole("targets")) else None,
        target_rows.Sold.of_targets(aims) if (aims := taken.whole("targets")) is not None else None,
    )


def _teams_wanted(targets: pa.Table | None) -> bool:
    """Tell whether any target names a rep and no team."""
    if targets is None:
        return False
    bare = pc.and_(pc.is_valid(targets.column("rep")), pc.is_null(targets.column("team")))
    return bool(pc.any(bare).as_py())


def _sold(taken: Taken, basis: str) -> Iterator[pa.Table]:
    needed = ("customer", "status", "order_date", "signed_date", "invoiced_date", "amount")
    for rows in _batches(taken, "orders", needed):
        columns = {c: rows.column(c).combine_chunks() for c in needed}
        day = enriching.sales_date(columns, basis)
        yield pa.table({"customer": columns["customer"], "day": day, "amount": columns["amount"]})


# -- the span of the data


def _bounds(taken: Taken, basis: str) -> tuple[date, date]:
    """Return the first day of the sales history and the last day on which anything happened."""
    starts: list[date] = []
    ends: list[date] = []
    for name, columns in happened(basis).items():
        if name not in taken.staged:
            continue
        for rows in taken.staged[name].batches([*columns, *(("status",) if name == "opportunities" else ())]):
            for column in columns:
                low, high = _span(rows, column)
                ends += [high] if high else []
                first = column == "order_date" or ("orders" not in taken.staged and column == "close_date")
                starts += [low] if low and first else []
    if not starts:  # only open deals: the history begins with the first of them
        starts = [low for rows in taken.staged["opportunities"].batches() if (low := _span(rows, "created_date")[0])]
    if not starts or not ends:
        raise InputError(problem("no_dates", folder=taken.folder.path))
    return min(starts), max(ends)


def _whole_month(taken: Taken, settings: Settings, last: date) -> date:
    """Return up to which day the data reach where their days stand for months; else ``last``."""
    if not by_months(taken.staged, settings.sales.basis):
        return last
    month = calendar_month(last.year, last.month)
    if month.start != last:
        return last
    end = min(month.end, settings.quality.last_day or month.end)
    sales = "orders" if "orders" in taken.staged else "opportunities"
    taken.remarks.append(Remark("days_are_months", sales, value=end.isoformat()))
    return end


def _span(rows: pa.Table, column: str) -> tuple[date | None, date | None]:
    dates = rows.column(column)
    if column == "close_date":  # that of an open deal has not happened
        dates = dates.filter(pc.not_equal(rows.column("status"), "open"))
    found = pc.min_max(dates).as_py()
    return found["min"], found["max"]


# -- files


def _write_one(batches: Iterable[pa.Table], path: Path, schema: pa.Schema) -> set[str]:
    """Write a table into one file; return the teams in it."""
    teams: set[str] = set()
    with pq.ParquetWriter(path, schema) as writer:
        for rows in batches:
            writer.write_table(rows.select(schema.names).cast(schema), row_group_size=GROUP_ROWS)
            if "team" in schema.names:
                teams |= {t for t in pc.unique(rows.column("team")).to_pylist() if t}
    return teams


def _write_orders(batches: Iterable[pa.Table], folder: Path) -> dict[str, str]:
    """Write orders into one file per team; return the files' names by team, '' for orders without one."""
    (folder / "orders").mkdir()
    files = _TeamFiles(folder)
    for rows in batches:
        files.add(rows)
    return files.close()


_OPEN_FILES = 200
"""So many files are open at once at most: a system allows a process about a thousand in all."""

_SHELVES = 64


_NAMES = (
    "customer", "rep", "team", "manager", "region", "channel", "product_line", "product", "customer_type", "status",
)  # fmt: skip
"""Columns of few different texts; the others are written faster as they are."""


def _orders_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    return pq.ParquetWriter(path, schema, use_dictionary=list(_NAMES), write_statistics=False)


class _TeamFiles:
    """One Parquet file per team; rows are held until a group is full.

    The first teams have a file open to the end. Rows of the others go to shelves, files of several teams, which are
    taken apart when all rows have come.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.schema = schema_of("orders")
        self.names: dict[str, str] = {}
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._shelves: dict[int, pq.ParquetWriter] = {}
        self._held: dict[str, list[pa.Table]] = {}
        self._rows = 0
        self._thread = ThreadPoolExecutor(1)
        self._writing: Future[None] | None = None
        """One group is written while the next one is gathered."""

    def add(self, rows: pa.Table) -> None:
        """Take a batch apart by team."""
        rows = rows.select(self.schema.names).cast(self.schema)
        coded = rows.column("team").combine_chunks().dictionary_encode()
        codes = np.asarray(coded.indices)
        order = np.argsort(codes, kind="stable")
        ends = np.searchsorted(codes[order], np.arange(len(coded.dictionary)), side="right")
        arranged, start = rows.take(pa.array(order)), 0
        for team, end in zip(coded.dictionary.to_pylist(), ends.tolist(), strict=True):
            self._held.setdefault(team, []).append(arranged.slice(start, end - start))
            start = end
        self._rows += rows.num_rows
        if self._rows >= _HELD_ROWS:
            self._flush()

    def close(self) -> dict[str, str]:
        """Write what is held and return the file of each team."""
        self._flush()
        self._written()
        self._thread.shutdown()
        for writer in (*self._writers.values(), *self._shelves.values()):
            writer.close()
        for number in sorted(self._shelves):
            self._clear_shelf(self._shelf_path(number))
        return dict(sorted(self.names.items()))

    def _flush(self) -> None:
        self._written()
        self._writing = self._thread.submit(self._write, self._held)
        self._held, self._rows = {}, 0

    def _written(self) -> None:
        """Wait for the group that is being written; raise what went wrong there."""
        if self._writing is not None:
            self._writing.result()

    def _write(self, held: dict[str, list[pa.Table]]) -> None:
        for team, parts in held.items():
            self._writer(team).write_table(pa.concat_tables(parts).combine_chunks(), row_group_size=GROUP_ROWS)

    def _writer(self, team: str) -> pq.ParquetWriter:
        """Return the file that a team's rows are written to: its own, or the shelf that holds it."""
        if team not in self.names:
            self.names[team] = self._file(team)
            if len(self._writers) < _OPEN_FILES:
                self._writers[team] = _orders_writer(self.folder / self.names[team], self.schema)
        if team in self._writers:
            return self._writers[team]
        number = int(hashlib.sha256(team.encode()).hexdigest(), 16) % _SHELVES
        if number not in self._shelves:
            self._shelves[number] = _orders_writer(self._shelf_path(number), self.schema)
        return self._shelves[number]

    def _shelf_path(self, number: int) -> Path:
        return self.folder / "orders" / f"shelf-{number}"

    def _clear_shelf(self, path: Path) -> None:
        rows = pq.read_table(path)
        for team in pc.unique(rows.column("team")).to_pylist():
            own = rows.filter(pc.equal(rows.column("team"), team)).combine_chunks()
            with _orders_writer(self.folder / self.names[team], self.schema) as writer:
                writer.write_table(own, row_group_size=GROUP_ROWS)
        path.unlink()

    def _file(self, team: str) -> str:
        """Return a file name that cannot leave the folder and cannot clash; the true name is in the manifest."""
        plain = "".join(c if c.isalnum() else "-" for c in team).strip("-")[:24]
        return f"orders/{plain}-{hashlib.sha256(team.encode()).hexdigest()[:12]}.parquet"


def _no_reserved(teams: Iterable[str]) -> None:
    if taken := [t for t in teams if t.strip().casefold() == WHOLE_COMPANY]:
        raise InputError(problem("team_reserved", found=", ".join(taken)))

"""All files of a folder taken in: planned together, staged table by table, with everything wrong said at once."""

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from salesnb.calendar import Calendar, Period, from_rows
from salesnb.data.cells import spelling
from salesnb.data.reading import batches as reading
from salesnb.data.reading import remarks
from salesnb.data.reading.discovery import STARTERS, Folder, Found, survey
from salesnb.data.reading.remarks import UNREAD, Remark
from salesnb.data.reading.sheets import Sheet
from salesnb.data.taking import (
    mapping,
    names,
    own_currency,
    periods,
    quarantine,
    repeats,
    staging,
    target_rows,
    time_frame,
)
from salesnb.data.taking.duplicates import Hasher
from salesnb.data.taking.mapping import Plan
from salesnb.data.taking.quarantine import Intake
from salesnb.data.taking.staging import Staged
from salesnb.errors import InputError, Problem, problem
from salesnb.schema import table as schema_table
from salesnb.schema import tables
from salesnb.settings import Settings, Source


@dataclass(frozen=True)
class Taken:
    """Everything that was read: staged tables by name, the calendar, and the folder they come from.

    ``remarks`` are those that belong to no staged table; `account` adds those of files and tables. ``currency`` is the
    one that amounts are in.
    """

    folder: Folder
    staged: Mapping[str, Staged]
    calendar: Calendar
    currency: str
    remarks: list[Remark] = field(default_factory=list)

    def whole(self, name: str) -> pa.Table | None:
        """Return a staged table in memory, or None where it is absent; for small tables."""
        if name not in self.staged:
            return None
        parts = list(self.staged[name].batches())
        return pa.concat_tables(parts) if parts else staging.schema(schema_table(name)).empty_table()


@dataclass(frozen=True)
class Opened:
    """One file of a table: as it was opened and planned, as far as that went; ``sound`` where nothing was wrong."""

    found: Found
    sheet: Sheet | None = None
    plan: Plan | None = None
    sound: bool = False


@dataclass(frozen=True)
class Look:
    """What a folder holds, whether it can be used or not: what could be read, and everything that is wrong."""

    taken: Taken
    opened: tuple[Opened, ...]
    problems: tuple[Problem, ...]


def take(data: Path, settings: Settings, work: Path) -> Taken:
    """Read, map, parse and validate all files of a folder.

    Parameters
    ----------
    data, settings
        The folder and its rules.
    work
        An empty folder for the staged tables.

    Raises
    ------
    InputError
        With all problems of all files: what cannot be read or mapped, files refused as a whole, no rows at all.
    """
    seen = look(data, settings, work)
    if seen.problems:
        raise InputError(*seen.problems)
    return seen.taken


def look(data: Path, settings: Settings, work: Path) -> Look:
    """Go as far with every file as it allows, so that what is wrong is known at once; parameters as in `take`.

    A file of which a column is missing is read for what its other columns hold. Where the settings do not say the
    company's currency, it is the one that all marked amounts are marked with. InputError only for a missing folder.
    """
    seen = _look(data, settings, work, settings.company.currency)
    if "currency" in settings.company.model_fields_set or not _mostly_others(seen):
        return seen
    if not (code := own_currency.meant(_others(seen))):
        return seen
    shutil.rmtree(work)
    again = _look(data, settings, work, code)
    if _others(again):  # amounts of two currencies: which one is the company's must be said
        shutil.rmtree(work)
        return _look(data, settings, work, settings.company.currency)
    again.taken.remarks.append(Remark("currency_taken", _sales(again.taken), value=code))
    return again


def _others(seen: Look) -> frozenset[str]:
    ledgers = (ledger for staged in seen.taken.staged.values() for ledger in staged.ledgers)
    faults = (fault for ledger in ledgers for found in ledger.faults.values() for fault in found)
    return own_currency.others(faults, seen.problems)


def _mostly_others(seen: Look) -> bool:
    """Tell whether at least half of the rows with money are in another currency: one cell never moves them all."""
    headed = {p.fields["file"] for p in seen.problems if p.code == "header_currency"}
    other = rows = 0
    for ledger in (one for s in seen.taken.staged.values() if s.table.priced for one in s.ledgers):
        faulty = sum(any(f.reason == "other_currency" for f in found) for found in ledger.faults.values())
        other += ledger.read if ledger.file in headed else faulty
        rows += ledger.read
    return other * 2 >= rows > 0


def _sales(taken: Taken) -> str:
    return "orders" if "orders" in taken.staged else "opportunities"


def _look(data: Path, settings: Settings, work: Path, currency: str) -> Look:
    folder, problems = survey(data, settings)
    told: list[Remark] = []
    opened = _opened(folder, currency, problems, told)
    plans: dict[str, list[Plan]] = {}
    for one in opened:
        if one.plan is not None:
            plans.setdefault(one.found.table, []).append(one.plan)
    unsound = frozenset(one.found.table for one in opened if not one.sound)
    work.mkdir(parents=True, exist_ok=True)
    staged, wrong = _staged(plans, work, currency, unsound)
    problems += wrong
    quality = settings.quality
    time_frame.settle(staged, settings.sales.basis, quality.first_day, quality.last_day)
    known = "calendar" in staged and "calendar" not in unsound
    own = from_rows(_rows(staged["calendar"])) if known else ()
    days = Calendar(own, settings.calendar.holidays, settings.calendar.workdays)
    taken = Taken(folder, staged, days, currency, told)
    problems += _wrong(taken, settings, complete=not problems)
    return Look(taken, tuple(opened), tuple(p for i, p in enumerate(problems) if p not in problems[:i]))


def _staged(
    plans: Mapping[str, list[Plan]], work: Path, currency: str, unsound: frozenset[str]
) -> tuple[dict[str, Staged], list[Problem]]:
    """Stage all tables, the calendar first: its names are periods in the others.

    Of unsound tables, a part of the key may not be there: their rows are not held against one another.
    """
    staged: dict[str, Staged] = {}
    problems: list[Problem] = []
    named: frozenset[str] = frozenset()
    own: list[Period] = []
    with Hasher() as hasher:
        for name in sorted(plans, key=lambda n: n != "calendar"):
            try:
                made = staging.stage(schema_table(name), plans[name], work, named, hasher, currency)
            except InputError as fault:
                problems.extend(fault.problems)
                continue
            if name not in unsound:
                periods.settle(made, Calendar(own))
                if name == "targets":
                    problems.extend(target_rows.unread_dimensions(made))
                repeats.settle(made)
            staged[name] = made
            if name == "calendar" and name not in unsound:
                own = from_rows(_rows(made))
                named = frozenset(p.name for p in own)
                problems.extend(periods.problems_of(made))
                made.remarks += periods.gaps_of(made)
    return staged, problems


def _rows(staged: Staged) -> list[dict[str, object]]:
    return [row for rows in staged.batches() for row in rows.to_pylist()]


def _lookup_only(found: Found, folder: Folder, wrong: Sequence[Problem]) -> Remark | None:
    """Return a remark on a lookup file with a table's name, but not its columns, that nobody called that table."""
    if found.path not in folder.joined or found.source != Source() or not wrong:
        return None
    if any(p.code != "column_missing" for p in wrong):
        return None
    lacking = ", ".join(str(p.fields["column"]) for p in wrong)
    return Remark("lookup_only", found.table, found.path.name, lacking)


def _opened(folder: Folder, currency: str, problems: list[Problem], told: list[Remark]) -> list[Opened]:
    """Open and plan every file of a table; note what is wrong, and what is to be told."""
    made = []
    for found in folder.files:
        table, source = schema_table(found.table), found.source
        options = reading.options(table, source, currency)
        try:
            sheets = reading.open_sheets(found.content, mapping.known_headers(table, source), options)
        except InputError as fault:
            problems.extend(fault.problems)
            made.append(Opened(found))
            continue
        for sheet in sheets:
            one, wrong = _planned(found, sheet, folder)
            if (lacking := _lookup_only(found, folder, wrong)) is not None:
                told.append(lacking)
                continue
            problems.extend(wrong)
            made.append(one)
    _settle_unread(made)
    return made


def _planned(found: Found, sheet: Sheet, folder: Folder) -> tuple[Opened, Sequence[Problem]]:
    try:
        plan, wrong = mapping.drafted(schema_table(found.table), sheet, found.source, folder.path)
    except InputError as fault:
        return Opened(found, sheet), fault.problems
    return Opened(found, sheet, plan, not wrong), wrong


def _settle_unread(made: Sequence[Opened]) -> None:
    """Give the remarks on sheets that are not read their table; drop those on sheets that another table reads."""
    read = {one.sheet.name for one in made if one.sheet is not None}
    for one in made:
        if one.sheet is not None:
            told = [replace(r, table=one.found.table) for r in one.sheet.remarks]
            one.sheet.remarks[:] = [r for r in told if r.code not in UNREAD or r.file not in read]


def _wrong(taken: Taken, settings: Settings, *, complete: bool) -> Iterable[Problem]:
    share, said = settings.quality.refuse_share, "currency" in settings.company.model_fields_set
    found = [p for made in taken.staged.values() for p in staging.refused(made, share, currency_said=said)]
    yield from found
    if complete and not found and not any(_has_rows(taken.staged[n]) for n in STARTERS if n in taken.staged):
        yield problem("no_rows", folder=taken.folder.path)
    orders = taken.staged.get("orders")
    if settings.sales.basis == "invoiced" and not (
        orders and any("invoiced_date" in plan.provided for plan in orders.plans)
    ):
        yield problem("basis_column", basis="invoiced", column="invoiced_date")


def _has_rows(staged: Staged) -> bool:
    return any(rows.num_rows for rows in staged.batches([]))


def account(taken: Taken, unknown: Mapping[tuple[str, str, str], int] | None = None) -> Intake:
    """Return the accounting of everything that was read; ``unknown`` adds what the roster does not know."""
    order = {name: i for i, name in enumerate(tables())}
    staged = sorted(taken.staged.values(), key=lambda s: order[s.table.name])
    ledgers = [ledger for s in staged for ledger in s.ledgers]
    statuses = [(s.table.name, *pair, rows) for s in staged for pair, rows in sorted(s.spellings.items())]
    strangers = [entry for s in staged for entry in s.unknown]
    strangers += [(*key, rows) for key, rows in sorted((unknown or {}).items())]
    return Intake(
        quarantine.frame(quarantine.FILES, [ledger.counts() for ledger in ledgers]),
        quarantine.frame(quarantine.QUARANTINE, [row for ledger in ledgers for row in ledger.bad_rows()]),
        quarantine.frame(quarantine.STATUSES, statuses),
        quarantine.frame(quarantine.SIMILAR, _similar(taken)),
        quarantine.frame(quarantine.UNKNOWN, strangers),
        remarks.frame([*taken.remarks, *(remark for s in staged for remark in s.told), *_spelled_apart(staged)]),
        taken.folder.ignored,
    )


def faults(taken: Taken) -> pd.DataFrame:
    """Return every fault of every row set aside, one row each, in the columns of the accounting's quarantine."""
    ledgers = [ledger for staged in taken.staged.values() for ledger in staged.ledgers]
    return quarantine.frame(quarantine.QUARANTINE, [row for ledger in ledgers for row in ledger.all_faults()])


_HELD_NAMES = 1 << 20
"""So many counted names are held before those that are the same become one."""


def _similar(taken: Taken) -> list[tuple[str, str, int]]:
    held, size = [_counted([])], 0
    for name in STARTERS:
        if name not in taken.staged:
            continue
        for rows in taken.staged[name].batches(["customer"]):
            found = pc.drop_null(rows.column("customer")).value_counts()
            held.append(pa.table({"customer": found.field("values"), "rows": found.field("counts")}))
            size += len(found)
            if size > _HELD_NAMES:
                held, size = [_counted(held)], 0
    counted = dict(zip(*(column.to_pylist() for column in _counted(held).columns), strict=True))
    customers = taken.whole("customers")
    known = [] if customers is None else pc.drop_null(customers.column("customer")).to_pylist()
    return names.similar(counted, known)


def _counted(held: Sequence[pa.Table]) -> pa.Table:
    """Add up the rows of each name."""
    schema = pa.schema({"customer": pa.string(), "rows": pa.int64()})
    added = pa.concat_tables([schema.empty_table(), *held]).group_by("customer").aggregate([("rows", "sum")])
    return added.select(["customer", "rows_sum"]).rename_columns(["customer", "rows"])


def _spelled_apart(staged: Iterable[Staged]) -> Iterator[Remark]:
    """Yield a remark for members of a dimension, over all tables, that are nearly equal and so counted apart."""
    rows: dict[str, Counter[str]] = {}
    for made in staged:
        columns = [c.name for c in made.table.columns.values() if c.dimension and c.holds != "customer"]
        for batch in made.batches(columns) if columns else ():
            for column in columns:
                found = pc.drop_null(batch.column(column)).value_counts()
                names_of, counts = found.field("values").to_pylist(), found.field("counts").to_pylist()
                rows.setdefault(column, Counter()).update(dict(zip(names_of, counts, strict=True)))
    for column, members in rows.items():
        for group in spelling.alike(members):
            shown = spelling.listed(group, members)
            yield Remark("names_nearly_equal", "", "", column, shown, sum(members[n] for n in group))

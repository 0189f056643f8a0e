"""A folder looked at as a whole: every file as it was taken, what came of its rows, and all that stands in the way."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from salesnb.check.guessing import Guess
from salesnb.check.profiles import Profile, beginning, profiles
from salesnb.check.roles import best_guesses, most_like
from salesnb.data import case
from salesnb.data.reading.sheets import Sheet
from salesnb.data.store import opened, writing
from salesnb.data.taking import intake
from salesnb.data.taking.intake import Opened, Taken
from salesnb.data.taking.quarantine import Intake
from salesnb.errors import InputError, Problem, ScopeError
from salesnb.schema import table as schema_table
from salesnb.settings import Settings


@dataclass(frozen=True)
class SeenFile:
    """A file of a table: which headers its columns come from, and which of its headers nothing uses."""

    table: str
    sheet: Sheet
    sound: bool = True
    used: tuple[tuple[str, str], ...] = ()
    unused: tuple[str, ...] = ()
    guessed: tuple[Guess, ...] = ()
    """What of the unused ones, or for want of better of the used ones, may be a column that the table lacks."""
    profiles: tuple[Profile, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Stranger:
    """A file that no table took, and the table that it is most like; empty where it is like none."""

    file: str
    table: str = ""


@dataclass(frozen=True)
class Span:
    """First and newest day of the data, the period ``latest``, and the teams."""

    first: date
    newest: date
    latest: str
    teams: tuple[str, ...]


@dataclass(frozen=True)
class Examination:
    """Everything that there is to say of a folder at first contact."""

    asked: str
    """The folder as it was asked for."""
    folder: Path
    settings_file: Path
    settings: Settings
    files: tuple[SeenFile, ...]
    strangers: tuple[Stranger, ...]
    intake: Intake
    faults: pd.DataFrame
    """Every fault of every row set aside, as the accounting's ``quarantine``; a row may have several."""
    span: Span | None
    problems: tuple[Problem, ...]


def examine(data: str, settings: str = "") -> Examination:
    """Look at all files of a folder; nothing is kept.

    Raises
    ------
    InputError, SettingsError
        There is no such folder, or the settings cannot be used.
    """
    folder, path, chosen = case.source(data, settings)
    return examine_with(folder, chosen, path, data)


def examine_with(folder: Path, settings: Settings, path: Path | None = None, asked: str = "") -> Examination:
    """Look at all files of a folder under given settings; ``path`` is the file that they are from."""
    with tempfile.TemporaryDirectory(prefix="salesnb-check-") as work:
        seen = intake.look(folder, settings, Path(work) / "staging")
        problems = list(seen.problems)
        accounting, span = intake.account(seen.taken), None
        if not problems:
            try:
                accounting, span = _written(seen.taken, settings, Path(work))
            except InputError as fault:
                problems += fault.problems
        return Examination(
            asked or str(folder),
            folder,
            path or folder / case.rules.FILE_NAME,
            settings,
            tuple(_seen(one) for one in seen.opened if one.sheet is not None),
            tuple(_stranger(folder / name) for name in seen.taken.folder.ignored),
            accounting,
            intake.faults(seen.taken),
            span,
            tuple(problems),
        )


def _written(taken: Taken, settings: Settings, work: Path) -> tuple[Intake, Span | None]:
    """Enrich and write everything, which tells what the roster does not know; return accounting and span."""
    told = writing.write(taken, settings, work)
    first, newest = (date.fromisoformat(told[key]) for key in ("data_start", "data_end"))
    try:
        latest = case.latest(taken.calendar, first, newest).name
    except ScopeError:
        latest = "-"
    teams = tuple(t for t in told["teams"] if t)
    return opened.read_accounting(work), Span(first, newest, latest, teams)


def _stranger(path: Path) -> Stranger:
    return Stranger(path.name, most_like(path) if path.is_file() else "")  # a member of an archive is no file


# -- one file


def _seen(one: Opened) -> SeenFile:
    assert one.sheet is not None
    table, sheet = schema_table(one.found.table), one.sheet
    if one.plan is None:
        return SeenFile(table.name, sheet, one.sound, unused=tuple(filter(None, sheet.headers)))
    plan = one.plan
    used = [(c, plan.header(c)) for c in table.mapped if c in plan.direct]
    used += [(c, h) for lookup in one.found.source.lookups for c, h in lookup.take.items()]
    used += [(c, f"= {value}") for c, value in one.found.source.constants.items()]
    if plan.wide and (rule := plan.source.wide):
        used.append((f"{rule.into}, {rule.value}", ", ".join(sheet.headers[i] for i, _ in plan.wide)))
    taken = plan.used
    left = tuple(h for i, h in enumerate(sheet.headers) if h and i not in taken)
    looked = tuple(_profiles(sheet))
    guessed = best_guesses(table, looked, taken, plan.provided)
    return SeenFile(table.name, sheet, one.sound, tuple(used), left, tuple(guessed), looked)


def _profiles(sheet: Sheet) -> list[Profile]:
    try:
        return profiles(sheet, beginning(sheet))
    except InputError:
        return []


def unknown_values(seen: Examination) -> Iterator[tuple[str, str, Mapping[str, int]]]:
    """Yield (table, column, {value: rows}) of values that are no known choice."""
    bad = seen.faults[seen.faults["reason"] == "choice_unknown"]
    by_header = {(f.table, header): column for f in seen.files for column, header in f.used}
    for (table, header), rows in bad.groupby(["table", "column"], sort=False):
        column = by_header.get((str(table), str(header)), "")
        if column:
            counted = rows["value"].value_counts()
            yield str(table), column, {str(v): int(n) for v, n in counted.items()}

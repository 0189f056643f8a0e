"""The files of an unknown folder, each looked at once, and which table each of them is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from salesnb.check.guessing import STRONG, Guess, guesses
from salesnb.check.profiles import Profile, beginning, profiles
from salesnb.check.wide import Melted, melted
from salesnb.data.cells import headers
from salesnb.data.reading import batches as reading
from salesnb.data.reading import contents
from salesnb.data.reading.contents import Content
from salesnb.data.reading.discovery import STARTERS, table_of
from salesnb.data.reading.remarks import UNREAD
from salesnb.data.reading.sheets import Options, Sheet
from salesnb.data.taking import mapping
from salesnb.errors import InputError
from salesnb.schema import Table, tables
from salesnb.settings import Source

ENOUGH = 0.4
"""A file is proposed for a table if so much of it is known or likely, or if its name says so."""


@dataclass(frozen=True)
class Held:
    """One file, or some sheets of a workbook: how it was opened, the profile of each column, and its first rows."""

    path: Path
    sheet: Sheet
    profiles: tuple[Profile, ...] = field(repr=False)
    rows: pa.Table = field(repr=False)
    sheets: tuple[str, ...] = ()
    """Names of the sheets, where the workbook has others too."""

    def profile(self, header: str) -> Profile:
        """Return the profile of the column with a header of the file."""
        return next(p for p in self.profiles if p.header == header)


@dataclass(frozen=True)
class Role:
    """A file as a table: the columns that its headers give with no settings, what is likely, and how like it is."""

    held: Held
    table: Table
    direct: Mapping[str, tuple[int, ...]]
    guessed: tuple[Guess, ...]
    likeness: float
    named: bool
    """Whether the file's name says that it is this table."""
    melted: Melted | None = None
    """How columns of periods become rows, where the file's name says that they are targets."""

    @property
    def columns(self) -> dict[str, str]:
        """Canonical columns with the headers that they come from, or likely come from."""
        known = {c: self.held.sheet.headers[at[0]] for c, at in self.direct.items()}
        return known | {g.column: g.profile.header for g in self.guessed if g.likeness >= STRONG}

    def profile(self, column: str) -> Profile | None:
        """Return the profile of the header that a column comes from, or likely comes from; None where there is none."""
        header = self.columns.get(column)
        return None if header is None else self.held.profile(header)


def held_files(paths: Iterable[Path]) -> list[Held]:
    """Look at every file that can be read, and at all sheets of a workbook: those of one shape together."""
    return [held for path in paths for held in _held(path)]


def _held(path: Path) -> Iterator[Held]:
    members = contents.members(path) if path.suffix.lower() == ".zip" else [""]
    content = Content(path, members[0]) if len(members) == 1 else None
    first = _opened(content, ()) if content else []
    if content is None or not first:
        return  # an archive of several files is no table of one shape
    others = [
        r.file.removeprefix(f"{path.name} [").removesuffix("]") for s in first for r in s.remarks if r.code in UNREAD
    ]
    yield _looked(path, first, tuple(s.part for s in first) if others else ())
    for name in others:
        if sheets := _opened(content, (name,)):
            yield _looked(path, sheets, (name,))


def _opened(content: Content, sheets: tuple[str, ...]) -> list[Sheet]:
    """Open a file by whatever headers any table knows; nothing where it cannot be read."""
    known = {h for table in tables().values() for h in headers.spellings(table)}
    try:
        found = reading.open_sheets(content, known, Options(sheets=sheets))
        if sum(headers.normal(h) in known for h in found[0].headers) < 2:
            found = reading.open_sheets(content, (), Options(sheets=sheets))  # one known word may stand in any row
        for sheet in found:
            beginning(sheet)
    except InputError:
        return []
    return found


def _looked(path: Path, found: Sequence[Sheet], names: tuple[str, ...]) -> Held:
    wide = len(found[0].headers)
    rows = pa.concat_tables([rows for s in found if (rows := beginning(s)).num_columns == wide])
    return Held(path, found[0], tuple(profiles(found[0], rows)), rows, names)


def role(held: Held, table: Table) -> Role:
    """Return a file as if it were of a table."""
    plan, _ = mapping.drafted(table, held.sheet, Source(), held.path.parent)
    named = table_of(held.path) == table.name
    wide = melted(held.sheet, held.path) if table.name == "targets" else None
    have = plan.provided | ({"period", "amount"} if wide and named else set())
    guessed = best_guesses(table, held.profiles, plan.used, have)
    likeness = 0.0 if wide and not named else _likeness(table, have, held, guessed)
    return Role(held, table, plan.direct, tuple(guessed), likeness, named, wide if named else None)


def best_guesses(table: Table, found: Sequence[Profile], taken: set[int], have: frozenset[str]) -> list[Guess]:
    """Guess among headers that nothing uses; for required columns that are still lacking, among the used ones too."""
    best = guesses(table, [p for p in found if p.place not in taken], have)
    known = have | {g.column for g in best}
    lacking = {c for c in table.required if c not in known and table.columns[c].default is None}
    return [*best, *guesses(table, found, set(table.columns) - lacking)]


def _likeness(table: Table, have: frozenset[str], held: Held, guessed: Sequence[Guess]) -> float:
    """Return the share of a file's headers that are known or likely; 0 where a required column must be lacking."""
    likely = {g.column for g in guessed if g.likeness >= STRONG}
    lacking = [c for c in table.required if c not in have | likely and table.columns[c].default is None]
    if [c for c in lacking if table.columns[c].type != "id"]:
        return 0.0
    return (len(have) + 0.5 * len(likely - have)) / max(len(held.profiles), 1) * (0.7 if lacking else 1)


def most_like(path: Path) -> str:
    """Return the table that a file is most like; empty where it is like none."""
    made = [role(held, table) for held in _held(path) for table in tables().values()]
    best = max(made, key=lambda r: r.likeness, default=None)
    return best.table.name if best and best.likeness >= ENOUGH else ""


def roles(files: Sequence[Held]) -> list[Role]:
    """Return the likeliest table of each file that has one; of each table, files of one shape only, the likeliest."""
    best: dict[str, list[Role]] = {}
    for held in files:
        found = sorted(_candidates(held), key=lambda r: (not r.named, -r.likeness))
        if found:
            best.setdefault(found[0].table.name, []).append(found[0])
    return [r for name in tables() if name in best for r in _of_one_shape(best[name])]


def best_effort(files: Sequence[Held], found: Sequence[Role]) -> Role | None:
    """Return the file that is most like orders or deals though it lacks what they need; None: none is like them."""
    named = [r.held for r in found if r.named]
    made = [role(h, tables()[name]) for h in files if all(h is not n for n in named) for name in STARTERS]
    best = max(made, key=lambda r: (len(_needed(r)), r.named, len(r.columns)), default=None)
    return best if best is not None and _needed(best) and len(best.columns) > 1 else None


def _needed(made: Role) -> set[str]:
    return set(made.table.required) & made.columns.keys()


def _candidates(held: Held) -> Iterator[Role]:
    for table in tables().values():
        made = role(held, table)
        if made.likeness >= ENOUGH or (made.named and made.likeness):
            yield made


def _of_one_shape(found: Sequence[Role]) -> list[Role]:
    first = max(found, key=lambda r: (r.named, r.likeness, len(r.direct)))
    shape = _shape(first.held)
    return [first, *(r for r in found if r is not first and _shape(r.held) == shape)]


def _shape(held: Held) -> list[str]:
    return sorted(headers.normal(h) for h in held.sheet.headers if h)


def without_copies(files: Sequence[Held]) -> tuple[list[Held], dict[Path, list[Path]]]:
    """Return files without those that hold the same rows as another one, and for each kept one its copies."""
    kept: list[Held] = []
    copies: dict[Path, list[Path]] = {}
    for held in sorted(files, key=_preference):
        same = next((k for k in kept if _same(k, held)), None)
        if same is None:
            kept.append(held)
        else:
            copies.setdefault(same.path, []).append(held.path)
    return sorted(kept, key=lambda h: h.path.name), copies


def _preference(held: Held) -> tuple[bool, bool, str]:
    """Text before workbooks, which may hold more sheets; Unicode before others."""
    return (bool(held.sheets) or not held.sheet.encoding, not held.sheet.encoding.startswith("utf-8"), held.path.name)


def _same(one: Held, other: Held) -> bool:
    if _shape(one) != _shape(other) or one.rows.num_rows != other.rows.num_rows:
        return False
    texts = [p for p in one.profiles if not p.numbers and not p.dates]
    theirs = {headers.normal(p.header): p for p in other.profiles}
    return bool(texts) and all(p.counts == theirs[headers.normal(p.header)].counts for p in texts)

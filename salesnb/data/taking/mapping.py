"""How the columns of a file become the columns of a table: by known headers, and by what settings say.

A plan is made once per file, before any row is read; everything wrong with a mapping is found then.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data.cells import headers, units, values
from salesnb.data.cells.units import Unit
from salesnb.data.reading.remarks import Remark
from salesnb.data.reading.sheets import Batch, Sheet
from salesnb.data.taking import melting
from salesnb.data.taking.joining import Carried, Join, Key, open_join
from salesnb.data.taking.melting import Year
from salesnb.data.taking.parsing import choices
from salesnb.data.taking.shaping import ADDED, Cells, Filling, Rule, Selection, Sought, trimmed, unfound
from salesnb.errors import InputError, Problem, nearest, problem
from salesnb.schema import Table
from salesnb.settings import Several, Source, headers_named


@dataclass(frozen=True)
class Plan:
    """Where each canonical column of one file comes from.

    ``direct`` gives the positions of headers (several for a composite id, or by the rule of the settings), ``wide`` the
    positions of headers that become rows with the value each stands for, beside ``year`` where they lack one.
    ``filling`` and ``selection`` make the rows ready before anything is read from them. ``sought`` holds the values
    that settings name, by column.
    """

    table: Table
    sheet: Sheet
    source: Source
    direct: Mapping[str, tuple[int, ...]]
    joins: tuple[Join, ...] = ()
    wide: tuple[tuple[int, str], ...] = ()
    year: Year | None = None
    filling: Filling = field(default_factory=Filling)
    selection: Selection = field(default_factory=Selection)
    sought: Mapping[str, Sought] = field(default_factory=dict)

    @property
    def provided(self) -> frozenset[str]:
        """Canonical columns that rows get from the file, a lookup, a constant or the melting of columns."""
        return provided(self.direct, self.source)

    @property
    def used(self) -> set[int]:
        """Positions of all headers that something uses."""
        places = [*self.direct.values(), [i for i, _ in self.wide], self.filling.ids, self.filling.places]
        places += [rule.cells.places for rule in self.selection.rules]
        places += [key.cells.places for join in self.joins for key in join.keys if key.cells]
        places += [[self.year.place]] if self.year and self.year.place is not None else []
        return {i for some in places for i in some}

    def header(self, column: str) -> str:
        """Return the header(s) that a canonical column comes from, for messages."""
        if column not in self.direct:
            return column
        return _cells(column, self.direct, self.source).named(self.sheet.headers)

    def batches(self) -> Iterator[Batch]:
        """Yield the file's rows with their cells filled down, without those that settings skip."""
        self.filling.begin()
        self.selection.begin()
        for batch in self.sheet.batches():
            yield self.selection.of(self.filling.of(batch))

    def unit(self, column: str, header: str = "") -> Unit:
        """Return what the numbers of a column are in: by settings, else by its header, or that of one of several.

        Amounts whose header says nothing are in the unit that a row above the headers names.
        """
        kind, places = self.table.mapped[column].type, self.direct.get(column, ())
        own = bool(header or places)
        if not header:
            taken = (lookup.take[column] for lookup in self.source.lookups if column in lookup.take)
            header = self.sheet.headers[places[0]] if places else next(taken, "")
        unit = units.split(header)[1]
        if unit == units.NONE and own and kind in {"money", "measure"}:
            unit = self.sheet.unit
        if not units.suits(unit, kind):
            unit = units.NONE
        said = self.source.units.get(column)
        return unit if said is None else replace(unit, factor=values.factor(said))

    def marks(self) -> dict[str, str]:
        """Return the currency that headers of money name, as they write it, by header."""
        priced = [c for c in self.table.columns.values() if c.type in {"money", "measure"}]
        found: dict[str, str] = {}
        for column in priced:
            places = self.direct.get(column.name, ())
            origins = [self.sheet.headers[i] for i in places] if len(places) > 1 else [""]
            found.update((h or self.header(column.name), self.unit(column.name, h).currency) for h in origins)
        if wide := self.source.wide:
            melted = [self.sheet.headers[place] for place, _ in self.wide]
            found.update((h, self.unit(wide.value, h).currency) for h in melted)
        return found

    def columns(self, batch: Batch) -> dict[str, pa.Array]:
        """Return the canonical columns of a batch as text, values replaced as settings say.

        Those of melted headers, and those whose numbers are added up (see `added`), are not among them.
        """
        found = {
            c: self.replaced(c, cells.text(batch))
            for c in self.direct
            if not ((cells := _cells(c, self.direct, self.source)).rule and cells.rule.sum)
        }
        carried: dict[int, Carried] = {}
        for join in self.joins:
            taken, carried[join.number] = join.take(batch, carried)
            found.update((c, self.replaced(c, cells)) for c, cells in taken.items())
        for column, value in self.source.constants.items():
            found[column] = pa.array([value] * len(batch.rows), pa.string())
        return found

    def added(self, column: str, batch: Batch) -> list[tuple[str, pa.Array]] | None:
        """Return the headers with their cells that a column adds up; None where it adds none."""
        cells = _cells(column, self.direct, self.source)
        if not cells.places or cells.rule is None or not cells.rule.sum:
            return None
        parts = (self.replaced(column, part) for part in cells.apart(batch))
        return list(zip((self.sheet.headers[i] for i in cells.places), parts, strict=True))

    def remarks(self) -> Iterator[Remark]:
        """Yield what is to be told once the rows were read: rows left out, rows of lookups that did not count."""
        for place, rows in self.filling.blank.items():
            if rows and place not in self.filling.ids:
                header = self.sheet.headers[place]
                yield Remark("fill_nothing", self.table.name, self.sheet.path.name, header, rows=rows)
        for rule in self.selection.rules:
            yield from rule.remarks(self.table.name, self.sheet.name)
        for join in self.joins:
            yield from join.remarks(self.table.name)

    def replaced(self, column: str, cells: pa.Array) -> pa.Array:
        """Return a column's cells with the values that settings map; those of a choice as they are."""
        if (named := self.sought.get(column)) is None:
            return cells
        coded = pc.utf8_trim(cells, values.BLANKS).dictionary_encode()
        words = coded.dictionary.to_pylist()
        named.see(words)
        if self.table.mapped[column].type == "choice":
            return cells  # the parser takes them as further spellings
        wanted = self.source.values[column]
        return pa.array([wanted.get(word, word) for word in words], pa.string()).take(coded.indices)


def _cells(column: str, direct: Mapping[str, tuple[int, ...]], source: Source) -> Cells:
    named = source.columns.get(column)
    return Cells(direct.get(column, ()), named if isinstance(named, Several) else None)


def provided(direct: Mapping[str, tuple[int, ...]], source: Source) -> frozenset[str]:
    """Return the canonical columns that a mapping yields."""
    names = {*direct, *source.constants, *(c for lookup in source.lookups for c in lookup.take)}
    if source.wide:
        names |= {source.wide.into, source.wide.value}
    return frozenset(names)


def remarks(plans: Sequence[Plan]) -> Iterator[Remark]:
    """Yield what is to be told of the mapping of a table's files, once all of them were read."""
    for plan in plans:
        yield from plan.remarks()
    named = (s for p in plans for s in (*p.sought.values(), *(rule.sought for rule in p.selection.rules)))
    for table in {p.table.name for p in plans}:
        yield from unfound(table, named)


def make(table: Table, sheet: Sheet, source: Source, folder: object) -> Plan:
    """Plan how a file's columns become a table's.

    Parameters
    ----------
    table, sheet, source
        The table, the opened file and the settings for it.
    folder
        The data folder, where lookup files are.

    Raises
    ------
    InputError
        With every problem: required columns without a source (headers found and nearest candidates), two headers
        for one column, headers that the file does not have, lookups that cannot be read.
    """
    plan, problems = drafted(table, sheet, source, folder)
    if problems:
        raise InputError(*problems)
    return plan


def drafted(table: Table, sheet: Sheet, source: Source, folder: object) -> tuple[Plan, list[Problem]]:
    """Return as much of a plan as can be made, with everything that is wrong with it; see `make`."""
    implied, lacking = melting.implied(table, sheet, source)
    source = source.model_copy(update={"wide": implied}) if implied else source
    index = _Index(table, sheet, source)
    direct = index.explicit()
    wide, year = index.wide()
    direct.update(index.automatic(direct, {i for i, _ in wide}))
    joins = tuple(_joins(index, direct, source, folder))
    plan = Plan(
        table, sheet, source, direct, joins, tuple(wide), year,
        index.filling(direct), Selection(tuple(index.rules(direct))), index.sought(),
    )  # fmt: skip
    have = plan.provided | source.columns.keys()  # a header that is not there has been named already
    missing = [] if lacking else _missing(table, sheet, have)
    wrong = [*index.problems, *lacking, *missing, *melting.problems(table, sheet, source.wide, wide)]
    return plan, wrong


def known_headers(table: Table, source: Source) -> set[str]:
    """Return the normal forms of all headers that a file of a table may have."""
    known = set(headers.spellings(table))
    named = [h for origin in source.columns.values() for h in headers_named(origin)]
    named += [h for lookup in source.lookups if not lookup.via for h in lookup.on]
    named += [*source.skip, *source.take, *source.fill_down]
    if source.wide:
        named += [*source.wide.headers, source.wide.year]
    return known | {normal for h in named if (normal := headers.normal(h))}


class _Index:
    """The headers of a sheet by their spelling; collects problems."""

    def __init__(self, table: Table, sheet: Sheet, source: Source) -> None:
        self.table, self.sheet, self.source = table, sheet, source
        self.problems: list[Problem] = []
        self.places: dict[str, list[int]] = {}
        for i, header in enumerate(sheet.headers):
            if header:
                self.places.setdefault(headers.normal(header), []).append(i)

    def place(self, header: str, where: str) -> int | None:
        """Return the position of a header that settings name; note a problem where there is none, or two."""
        found = self.places.get(headers.normal(header), [])
        exact = [i for i in found if self.sheet.headers[i] == headers.clean(header)]
        if len(exact or found) == 1:
            return (exact or found)[0]
        code = "header_twice" if found else "header_unknown"
        near = nearest(header, filter(None, self.sheet.headers))
        listed = ", ".join(filter(None, self.sheet.headers))
        self.problems.append(problem(code, file=self.sheet.name, where=where, found=header, near=near, headers=listed))
        return None

    def cells(self, name: str, direct: Mapping[str, tuple[int, ...]], where: str) -> Cells | None:
        """Return the cells of a header of the file or, where none is spelt so, of a canonical column."""
        if headers.normal(name) not in self.places and name in direct:
            found = _cells(name, direct, self.source)
            if not (found.rule and found.rule.sum):
                return found
        place = self.place(name, where)
        return None if place is None else Cells((place,))

    def explicit(self) -> dict[str, tuple[int, ...]]:
        made = {}
        for column, origin in self.source.columns.items():
            if isinstance(origin, Several) and not self._fits(column, origin):
                continue
            places = [self.place(h, f"columns.{column}") for h in headers_named(origin)]
            if all(p is not None for p in places):
                made[column] = tuple(p for p in places if p is not None)
        return made

    def _fits(self, column: str, origin: Several) -> bool:
        """Tell whether a column is of a type that the rule makes; note a problem where it is not."""
        kind = self.table.mapped[column].type
        rule = "sum" if origin.sum else "join"
        if origin.first or (kind in ADDED if origin.sum else kind in {"id", "text"}):
            return True
        self.problems.append(problem("rule_of_column", table=self.table.name, column=column, rule=rule, kind=kind))
        return False

    def wide(self) -> tuple[list[tuple[int, str]], Year | None]:
        """Return the headers that become rows, and where the year stands that they lack."""
        rule = self.source.wide
        if rule is None:
            return [], None
        year = self._year(rule.year) if rule.year else None
        if rule.headers:
            at = {h: i for h in rule.headers if (i := self.place(h, "wide.headers")) is not None}
            found, wrong = melting.named(rule, at, self.sheet)
            self.problems += wrong
            return found, year
        found = melting.of_year(self.sheet, bare=True) if rule.year else melting.with_year(self.sheet)
        found = [(i, name) for i, name in found if year is None or i != year.place]
        if not found:
            listed = ", ".join(filter(None, self.sheet.headers))
            self.problems.append(problem("wide_nothing", file=self.sheet.name, headers=listed))
        return found, year

    def _year(self, named: str) -> Year | None:
        if headers.normal(named) not in self.places and melting.fixed_year(named):
            return Year(None, named.strip())
        place = self.place(named, "wide.year")
        return None if place is None else Year(place)

    def automatic(self, taken: Mapping[str, tuple[int, ...]], wide: set[int]) -> dict[str, tuple[int, ...]]:
        """Map standard headers to the columns that settings leave open."""
        used = {i for places in taken.values() for i in places} | wide
        closed = {
            *taken,
            *self.source.columns,
            *self.source.constants,
            *(c for lookup in self.source.lookups for c in lookup.take),
        }
        if self.source.wide:
            closed |= {self.source.wide.into, self.source.wide.value}
        known = headers.spellings(self.table)
        found: dict[str, list[int]] = {}
        for i, header in enumerate(self.sheet.headers):
            column = headers.standard(header, known, self.table.mapped)
            if column and column not in closed and i not in used:
                found.setdefault(column, []).append(i)
        second = headers.second_choice(self.table)
        for column, places in found.items():
            first = [i for i in places if headers.normal(self.sheet.headers[i]) not in second]
            places[:] = first or places
            if len(places) > 1:
                names = ", ".join(self.sheet.headers[i] for i in places)
                self.problems.append(
                    problem("column_twice", file=self.sheet.name, table=self.table.name, column=column, headers=names)
                )
        return {column: (places[0],) for column, places in found.items()}

    def filling(self, direct: Mapping[str, tuple[int, ...]]) -> Filling:
        """Return what is filled down, and within which id."""
        if not self.source.fill_down:
            return Filling()
        ids = [n for n, c in self.table.columns.items() if c.type == "id" and c.required and n in direct]
        within = tuple(dict.fromkeys(i for n in ids for i in direct[n]))
        named = (self.cells(name, direct, "fill_down") for name in self.source.fill_down)
        places = tuple(dict.fromkeys(i for cells in named if cells for i in cells.places))
        return Filling(within, places)

    def rules(self, direct: Mapping[str, tuple[int, ...]]) -> Iterator[Rule]:
        """Yield the rules by which rows are skipped, then those by which they are taken."""
        for part, wanted in (("skip", self.source.skip), ("take", self.source.take)):
            for name, words in wanted.items():
                if (cells := self.cells(name, direct, part)) is not None:
                    yield Rule(name, cells, words, takes=part == "take")

    def sought(self) -> dict[str, Sought]:
        """Return the values that are replaced, by column; note those that a choice does not have."""
        made = {}
        for name, wanted in self.source.values.items():
            column = self.table.mapped[name]
            if not wanted:
                continue
            choice = column.type == "choice"
            made[name] = Sought("value_nowhere", name, tuple(wanted), values.plain if choice else trimmed)
            known = choices(column, {}) if choice else {}
            for word, code in wanted.items():
                if choice and values.plain(code) not in known:
                    near = nearest(code, column.values)
                    listed = ", ".join(column.values)
                    where = f"tables.{self.table.name}.values.{name}"
                    self.problems.append(
                        problem("values_choice", where=where, value=word, found=code, near=near, known=listed)
                    )
        return made


def _missing(table: Table, sheet: Sheet, have: frozenset[str]) -> Iterator[Problem]:
    listed = [h for h in sheet.headers if h]
    for name in table.required:
        column = table.columns[name]
        if name in have or column.default is not None:
            continue
        near: list[str] = []
        for word in column.headers:
            near += [h for h in nearest(word, listed).split(", ") if h != "-" and h not in near]
        yield problem(
            "column_missing", file=sheet.name, table=table.name, column=name,
            standard=f"{column.en[0]} / {column.zh[0]}", headers=", ".join(listed) or "-",
            near=", ".join(near[:3]) or "-",
        )  # fmt: skip


def _joins(index: _Index, direct: Mapping[str, tuple[int, ...]], source: Source, folder: object) -> Iterator[Join]:
    """Open the lookups in their order; note what is wrong with them, and leave out what hangs on that."""
    opened = {0}
    for number, lookup in enumerate(source.lookups, start=1):
        keys = _keys(number, index, direct, source)
        later = [n.on for n in source.lookups[number:] if n.via == lookup.file]
        carried = tuple(dict.fromkeys(h for on in later for h in on))
        try:
            join = open_join(lookup, number, keys or [], carried, folder)
        except InputError as fault:
            index.problems.extend(fault.problems)
            continue
        if keys is not None and all(key.via in opened for key in keys):
            opened.add(number)
            yield join


def _keys(number: int, index: _Index, direct: Mapping[str, tuple[int, ...]], source: Source) -> list[Key] | None:
    """Return where the parts of a lookup's key come from; None where something is wrong, which is noted."""
    *before, lookup = source.lookups[:number]
    where = f"lookups.{number}"
    if lookup.via:
        earlier = [n for n, one in enumerate(before, start=1) if one.file == lookup.via]
        if len(earlier) == 1:
            return [Key(h, via=earlier[0]) for h in lookup.on]
        code = "lookup_via_twice" if earlier else "lookup_via"
        known = ", ".join(one.file for one in before) or "-"
        index.problems.append(problem(code, where=where, found=lookup.via, known=known))
        return None
    column_at = {at[0]: column for column, at in direct.items() if len(at) == 1}
    made = []
    for name in lookup.on:
        if (cells := index.cells(name, direct, f"{where}.on")) is None:
            continue
        column = column_at.get(cells.places[0], "") if len(cells.places) == 1 else name
        made.append(Key(name, cells, source.values.get(column, {})))
    return made if len(made) == len(lookup.on) else None

"""How the columns of a file become the columns of a table: by known headers, and by what settings say.

A plan is made once per file, before any row is read; everything wrong with a mapping is found then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data import headers, values
from salesnb.data.joining import Join, key_column, open_join
from salesnb.data.schema import Table
from salesnb.data.sheets import Batch, Sheet
from salesnb.errors import InputError, Problem, nearest, problem
from salesnb.settings import Lookup, Source

_COMPOSITE = "|"


@dataclass(frozen=True)
class Plan:
    """Where each canonical column of one file comes from.

    ``direct`` gives the positions of headers (several for a composite id), ``wide`` the positions of headers that
    become rows with the value each stands for.
    """

    table: Table
    sheet: Sheet
    source: Source
    direct: Mapping[str, tuple[int, ...]]
    joins: tuple[Join, ...] = ()
    wide: tuple[tuple[int, str], ...] = ()

    @property
    def provided(self) -> frozenset[str]:
        """Canonical columns that rows get from the file, a lookup, a constant or the melting of columns."""
        return provided(self.direct, self.source)

    def header(self, column: str) -> str:
        """Return the header(s) that a canonical column comes from, for messages."""
        return _COMPOSITE.join(self.sheet.headers[i] for i in self.direct.get(column, ())) or column

    def columns(self, batch: Batch) -> dict[str, pa.Array]:
        """Return the canonical columns of a batch as text, values replaced as settings say; no wide ones."""
        found = {c: self._values(c, _combined(batch, where)) for c, where in self.direct.items()}
        for join in self.joins:
            found.update((c, self._values(c, cells)) for c, cells in join.take(batch).items())
        for column, value in self.source.constants.items():
            found[column] = pa.array([value] * len(batch.rows), pa.string())
        return found

    def _values(self, column: str, cells: pa.Array) -> pa.Array:
        if self.table.columns[column].type == "choice":
            return cells  # the parser takes them as further spellings
        return replaced(cells, self.source.values.get(column, {}))


def provided(direct: Mapping[str, tuple[int, ...]], source: Source) -> frozenset[str]:
    """Return the canonical columns that a mapping yields."""
    names = {*direct, *source.constants, *(c for lookup in source.lookups for c in lookup.take)}
    if source.wide:
        names |= {source.wide.into, source.wide.value}
    return frozenset(names)


def replaced(cells: pa.Array, wanted: Mapping[str, str]) -> pa.Array:
    """Replace whole values of a column, blanks around them aside."""
    if not wanted:
        return cells
    coded = pc.utf8_trim(cells, values.BLANKS).dictionary_encode()
    words = [wanted.get(word, word) for word in coded.dictionary.to_pylist()]
    return pa.array(words, pa.string()).take(coded.indices)


def _combined(batch: Batch, where: Sequence[int]) -> pa.Array:
    return key_column([batch.columns.column(str(i)).combine_chunks() for i in where], _COMPOSITE)


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
    index = _Index(sheet, source)
    direct = index.explicit()
    wide = index.wide()
    direct.update(index.automatic(table, direct, {i for i, _ in wide}))
    joins = []
    for lookup in source.lookups:
        if (join := _join(lookup, index, direct, source, folder)) is not None:
            joins.append(join)
    have = (
        provided(direct, source) | source.columns.keys()
    )  # a header that is not there has been named already
    problems = [*index.problems, *_missing(table, sheet, have), *_wide_problems(table, sheet, source, wide)]
    return Plan(table, sheet, source, direct, tuple(joins), tuple(wide)), problems


def known_headers(table: Table, source: Source) -> set[str]:
    """Return the normal forms of all headers that a file of a table may have."""
    known = set(headers.spellings(table))
    for named in source.columns.values():
        known |= {headers.normal(h) for h in ((named,) if isinstance(named, str) else named)}
    for lookup in source.lookups:
        known |= {headers.normal(h) for h in lookup.on}
    if source.wide:
        known |= {headers.normal(h) for h in source.wide.headers}
    return known


class _Index:
    """The headers of a sheet by their spelling; collects problems."""

    def __init__(self, sheet: Sheet, source: Source) -> None:
        self.sheet, self.source = sheet, source
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
        self.problems.append(
            problem(code, file=self.sheet.path.name, where=where, found=header, near=near, headers=listed)
        )
        return None

    def explicit(self) -> dict[str, tuple[int, ...]]:
        made = {}
        for column, named in self.source.columns.items():
            wanted = (named,) if isinstance(named, str) else named
            places = [self.place(h, f"columns.{column}") for h in wanted]
            if all(p is not None for p in places):
                made[column] = tuple(p for p in places if p is not None)
        return made

    def wide(self) -> list[tuple[int, str]]:
        rule = self.source.wide
        if rule is None:
            return []
        if rule.headers:
            placed = ((self.place(h, "wide.headers"), value) for h, value in rule.headers.items())
            return [(i, value) for i, value in placed if i is not None]
        found = [(i, name) for i, h in enumerate(self.sheet.headers) if (name := _period(h))]
        if not found:
            listed = ", ".join(filter(None, self.sheet.headers))
            self.problems.append(problem("wide_nothing", file=self.sheet.path.name, headers=listed))
        return found

    def automatic(
        self, table: Table, taken: Mapping[str, tuple[int, ...]], wide: set[int]
    ) -> dict[str, tuple[int, ...]]:
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
        known = headers.spellings(table)
        found: dict[str, list[int]] = {}
        for i, header in enumerate(self.sheet.headers):
            column = known.get(headers.normal(header))
            if column and column not in closed and i not in used:
                found.setdefault(column, []).append(i)
        second = headers.second_choice(table)
        for column, places in found.items():
            first = [i for i in places if headers.normal(self.sheet.headers[i]) not in second]
            places[:] = first or places
            if len(places) > 1:
                names = ", ".join(self.sheet.headers[i] for i in places)
                self.problems.append(
                    problem(
                        "column_twice",
                        file=self.sheet.path.name,
                        table=table.name,
                        column=column,
                        headers=names,
                    )
                )
        return {column: (places[0],) for column, places in found.items()}


def _period(header: str) -> str | None:
    try:
        return values.period(header)
    except values.Unreadable:
        return None


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
            "column_missing", file=sheet.path.name, table=table.name, column=name,
            standard=f"{column.en[0]} / {column.zh[0]}", headers=", ".join(listed) or "-",
            near=", ".join(near[:3]) or "-",
        )  # fmt: skip


def _wide_problems(
    table: Table, sheet: Sheet, source: Source, wide: Sequence[tuple[int, str]]
) -> Iterator[Problem]:
    """Yield headers that would become one value twice, which would count their cells twice."""
    seen: dict[str, str] = {}
    for place, value in wide:
        header = sheet.headers[place]
        if seen.setdefault(value, header) != header:
            both = f"{seen[value]}, {header}"
            yield problem("wide_twice", file=sheet.path.name, headers=both, value=value)
        if source.wide and table.columns[source.wide.into].type == "period" and not _period(value):
            yield problem(
                "wide_value", file=sheet.path.name, header=header, value=value, column=source.wide.into
            )


def _join(
    lookup: Lookup, index: _Index, direct: Mapping[str, tuple[int, ...]], source: Source, folder: object
) -> Join | None:
    places = [index.place(h, "lookups.on") for h in lookup.on]
    if any(p is None for p in places):
        return None
    column_at = {where[0]: column for column, where in direct.items() if len(where) == 1}
    changes = [source.values.get(column_at.get(p, ""), {}) for p in places if p is not None]
    try:
        return open_join(lookup, tuple(p for p in places if p is not None), changes, folder)
    except InputError as fault:
        index.problems.extend(fault.problems)
        return None

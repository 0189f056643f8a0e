"""The draft's sections of one table: its files, columns and values."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from salesnb.check.company import converted
from salesnb.check.draft import Entry, Said, Section, listed, quoted, said
from salesnb.check.guessing import STRONG, Guess, choice_guess, status_guess
from salesnb.check.joins import shared_names
from salesnb.check.profiles import Profile
from salesnb.check.roles import Held, Role
from salesnb.check.wide import melted
from salesnb.data.cells import headers, values
from salesnb.data.reading.discovery import STARTERS
from salesnb.data.taking import melting
from salesnb.data.taking.parsing import choices
from salesnb.schema import Column

_WORTH = ("customer", "rep", "team", "product", "quantity", "created_date")
"""Columns that are worth a line to fill in where a table of orders or deals lacks them."""

_STATES = 40
"""A column with more unknown values than this is no status."""

_TITLES = frozenset({"opportunityname", "dealname", "商机名称", "机会名称", "项目名称", "name"})


def table_sections(
    group: Sequence[Role],
    copies: Mapping[Path, Sequence[Path]],
    extra: Sequence[Entry],
    respelled: Mapping[str, Sequence[Entry]],
    given: Collection[str] = (),
) -> list[Section]:
    """Return the sections of one table.

    Parameters
    ----------
    group
        Its files, all of one shape.
    copies
        Files that hold the same rows as a kept one.
    extra
        Further lines for its columns.
    respelled
        Lines for values of columns that another table spells otherwise.
    given
        Columns that need not be filled in: other files give them.
    """
    first, name = group[0], group[0].table.name
    given = {*given, *(("period", "amount") if first.melted else ())}
    columns = [*_columns(first, given), *extra]
    stated = {e.text.partition(" = ")[0]: e for e in columns if e.active}
    unknown = {c: list(_values(first, c)) for c in stated if first.table.mapped[c].type == "choice"}
    if len(unknown.get("status", ())) > _STATES and not first.table.columns["status"].required:
        columns = [Entry(e.text, said("many_states"), False) if e.text.startswith("status =") else e for e in columns]
        unknown.pop("status")
    skipped = list(_skipped(first)) if "status" in unknown else []
    sections = [Section(f"[tables.{name}]", (*_table(group, copies), *skipped))]
    sections.append(Section(f"[tables.{name}.columns]", tuple(columns), tuple(_unused(first, columns))))
    if first.melted:
        sections.append(Section(f"[tables.{name}.wide]", tuple(first.melted.entries(active=True))))
    for column, entries in {**unknown, **respelled}.items():
        if entries:
            sections.append(Section(f"[tables.{name}.values.{column}]", tuple(entries)))
    return sections


def _table(group: Sequence[Role], copies: Mapping[Path, Sequence[Path]]) -> Iterator[Entry]:
    first = group[0]
    files = list(dict.fromkeys(r.held.path for r in group))
    same = ", ".join(p.name for f in files for p in copies.get(f, ()))
    like = said("file_like", share=f"{first.likeness:.0%}") if first.likeness else said("file_least")
    why = None if all(r.named for r in group) else like
    if same:
        why = said("file_copies", files=same)
    yield Entry(f"files = {listed(f.name for f in files)}", why)
    if first.held.sheets:
        names = first.held.sheets
        yield Entry(f"sheet = {quoted(names[0])}" if len(names) == 1 else f"sheets = {listed(names)}", said("sheet"))
    yield from _date_order(first)


def _skipped(made: Role) -> Iterator[Entry]:
    """Yield a line that leaves out rows whose status says that they are no orders or deals."""
    counts = made.held.profile(made.columns["status"]).counts
    known = choices(made.table.columns["status"], {})
    words = [w for w in counts if values.plain(w) not in known and status_guess(made.table.name, w) == "skip"]
    if words:
        rows = sum(counts[w] for w in words)
        yield Entry(f"skip = {{ status = {listed(words)} }}", said("skip", rows=rows))


def _date_order(made: Role) -> Iterator[Entry]:
    dated = {c: h for c, h in made.columns.items() if made.table.mapped[c].type in {"date", "datetime"}}
    orders = {p.header: p.dates_order for p in made.held.profiles if p.header in dated.values() and p.dates_order}
    proven = {o for o in orders.values() if o != "open"}
    if len(proven) == 1:
        shown = ", ".join(h for h, o in orders.items() if o != "open")
        yield Entry(
            f'date_order = "{proven.pop()}"', said("date_order", headers=shown) if "open" in orders.values() else None
        )
    elif orders:
        yield Entry('date_order = "mdy"', said("fill_date_order", headers=", ".join(orders)), active=False)


# -- columns


def _columns(made: Role, given: Collection[str]) -> Iterator[Entry]:
    guesses = {g.column: g for g in made.guessed}
    shared = shared_names(made) if made.table.name in STARTERS else None
    for column in made.table.mapped.values():
        if column.name == "customer" and shared:
            key, name = shared
            why = said("shared_names", ids=len(key.counts), names=len(name.counts))
            yield Entry(f"customer = {quoted(key.header)}", why)
        elif column.name in (one := converted(made)):
            yield Entry(f"{column.name} = {quoted(one[column.name])}", said("converted"))
        elif column.name in made.direct:
            yield _known(made, column)
        elif column.name == "stage" and _is_stage(made.columns.get("status", "")):
            yield Entry(f"stage = {quoted(made.columns['status'])}", said("stage_too"))
        elif column.name in guesses:
            yield _guessed(guesses[column.name])
        elif column.name == "opportunity_id" and (entry := _identity(made)):
            yield entry
        elif _wanted(made, column) and column.name not in given:
            yield Entry(f'{column.name} = ""', said("fill"), active=False)


def _is_stage(header: str) -> bool:
    return any(word in headers.normal(header) for word in ("stage", "阶段"))


def _wanted(made: Role, column: Column) -> bool:
    if column.required and column.default is None:
        return True
    return made.table.name in STARTERS and column.name in _WORTH


def _known(made: Role, column: Column) -> Entry:
    header = made.held.sheet.headers[made.direct[column.name][0]]
    known = headers.spellings(made.table)
    rivals = [h for h in made.held.sheet.headers if h and h != header and known.get(headers.normal(h)) == column.name]
    why: Said | None = None
    if headers.normal(header) in headers.second_choice(made.table):
        why = said("second", column=column.name, values=_holds(made.held.profile(header), column))
    elif rivals and not headers.second_choice(made.table).issuperset(map(headers.normal, rivals)):
        why = said("rivals", headers=", ".join(rivals))
    return Entry(f"{column.name} = {quoted(header)}", why)


def _guessed(guess: Guess) -> Entry:
    shown = {"spelling": guess.spelling, "values": _share(guess.profile, guess.held)}
    strong = guess.likeness >= STRONG
    why = said("header" if strong else "perhaps", **shown)
    return Entry(f"{guess.column} = {quoted(guess.profile.header)}", why, strong)


def _holds(profile: Profile, column: Column) -> Said | str:
    return _share(
        profile, "dates" if column.type in {"date", "datetime"} else "numbers" if column.type == "money" else ""
    )


def _share(profile: Profile, held: str) -> Said:
    if held:
        share = profile.dates if held == "dates" else profile.numbers
        return said(f"values_{held}", share=f"{share:.0%}")
    return said("values_distinct", count=len(profile.counts))


def _identity(made: Role) -> Entry | None:
    """Return what tells deals apart where no column is their id: their name, alone or with the customer's."""
    title = next((p for p in made.held.profiles if headers.normal(p.header) in _TITLES), None)
    if title is None:
        return None
    if title.unique:
        return Entry(f"opportunity_id = {quoted(title.header)}", said("name_as_id"))
    for column in ("customer", "created_date"):
        other = made.columns.get(column)
        if other and _tells_apart(made.held, [title, made.held.profile(other)]):
            return Entry(f"opportunity_id = {listed([title.header, other])}", said("names_as_id"))
    return None


def _tells_apart(held: Held, parts: Sequence[Profile]) -> bool:
    return held.rows.group_by([str(p.place) for p in parts]).aggregate([]).num_rows == held.rows.num_rows


def _unused(made: Role, columns: Sequence[Entry]) -> Iterator[Said]:
    text = "\n".join(e.text for e in columns)
    melts = made.melted is not None
    left = [p.header for p in made.held.profiles if quoted(p.header) not in text and not (melts and _melts(p.header))]
    if left:
        yield said("unused", headers=", ".join(left))


def _melts(header: str) -> bool:
    return bool(melting.period(header) or melting.month_or_quarter(header))


# -- values


def _values(made: Role, column: str) -> Iterator[Entry]:
    """Yield a line for each value of a choice that is not known."""
    spec = made.table.columns[column]
    known = choices(spec, {})
    for word, rows in made.held.profile(made.columns[column]).counts.items():
        if values.plain(word) in known:
            continue
        likely = status_guess(made.table.name, word) if column == "status" else ""
        if likely == "skip":
            continue
        near = likely or choice_guess(spec, word)
        if not near and made.table.name == "opportunities" and column == "status":
            yield Entry(f"{quoted(word)} = {quoted('open')}", said("value_open", rows=rows))
        elif near:
            yield Entry(f"{quoted(word)} = {quoted(near)}", said("value", rows=rows))
        else:
            yield Entry(
                f'{quoted(word)} = ""', said("fill_value", rows=rows, known=", ".join(spec.values)), active=False
            )


# -- targets with a column per period


def wide_targets(others: Sequence[Held]) -> list[Section]:
    """Return sections, only to be taken, for a file with a column per period whose name says nothing of targets."""
    for held in others:
        if wide := melted(held.sheet, held.path):
            files = Entry(f"files = {listed([held.path.name])}", said("wide", count=wide.headers), active=False)
            return [
                Section("[tables.targets]", (files,)),
                Section("[tables.targets.wide]", tuple(wide.entries(active=False))),
            ]
    return []

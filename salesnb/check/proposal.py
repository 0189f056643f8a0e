"""A draft of settings for a folder that nobody has prepared, by its headers, values and the joins between its files."""

import os
import tempfile
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from salesnb import settings as rules
from salesnb.check import roles
from salesnb.check.company import company
from salesnb.check.draft import Draft, Entry, Section, quoted, said
from salesnb.check.examine import Examination, examine_with
from salesnb.check.joins import Link, links, respelled
from salesnb.check.roles import Held, Role
from salesnb.check.table_draft import table_sections, wide_targets
from salesnb.data.case import data_folder
from salesnb.data.reading.discovery import STARTERS, readable
from salesnb.errors import InputError, problem
from salesnb.schema import tables

NAME = "salesnb.proposed.toml"
_PLACES = ("manager", "region", "team", "channel", "product_line", "customer_type")
_NAMED_BY = {"product": "products", "customer": "customers", "rep": "reps"}
_TEAMS = range(2, 61)
"""So many values may be teams."""


@dataclass(frozen=True)
class Proposal:
    """A draft, what `check` says of the folder under it, and where it has been written."""

    draft: Draft
    seen: Examination
    path: Path


def propose(data: str, lang: str) -> Proposal:
    """Write a draft of settings for a folder; a file that is there already is never written over.

    Parameters
    ----------
    data
        The data folder, or ``sample``.
    lang
        ``en`` or ``zh``: the language of its comments.

    Raises
    ------
    InputError
        No file of the folder can be read as orders or opportunities, whatever is assumed.
    """
    folder = data_folder(data)
    draft, seen = tried(folder, drafted(folder))
    path = _free_place(folder)
    head = said("head", folder=folder.name, name=rules.FILE_NAME).text(lang).splitlines()
    path.write_text(draft.text(lang, head), encoding="utf-8")
    return Proposal(draft, replace(seen, asked=data, settings_file=path), path)


def drafted(folder: Path) -> Draft:
    """Return the draft for a folder."""
    files, copies = roles.without_copies(roles.held_files(readable(folder)))
    found = roles.roles(files)
    if not any(r.table.name in STARTERS for r in found) and (most := roles.best_effort(files, found)):
        found = [most, *(r for r in found if r.held is not most.held)]
    if not any(r.table.name in STARTERS for r in found):
        names = ", ".join(h.path.name for h in files) or "-"
        raise InputError(problem("nothing_to_propose", folder=folder, found=names))
    found = _without_heads(found)
    by_table = {name: [r for r in found if r.table.name == name] for name in tables()}
    others = [h for h in files if not any(r.held is h for r in found)]
    sections = [company(found)]
    team = _team(by_table)
    for name, group in by_table.items():
        if not group:
            continue
        joined = list(links(group[0], others, _wanted(group[0]))) if name in STARTERS else []
        extra = team.get(name, []) if not any("team" in link.take for link in joined) else []
        given = {c for link in joined for c in link.take} | ({"team"} if by_table["reps"] or team else set())
        sections += table_sections(group, copies, extra, _respelled(group[0], by_table), given)
        sections += [_lookup(name, link) for link in joined]
    if not by_table["targets"]:
        sections += wide_targets(others)
    return Draft(tuple(s for s in sections if s.entries or s.notes))


def _without_heads(found: Sequence[Role]) -> list[Role]:
    """Leave out files that were taken for a table by their headers alone, but hold what lines of orders lack."""
    heads: list[Held] = []
    for main in (r for r in found if r.table.name in STARTERS):
        lacking = [c for c in main.table.required if c not in main.columns and main.table.columns[c].default is None]
        others = [r.held for r in found if r is not main and not r.named]
        heads += [link.other for link in links(main, others, lacking)] if lacking else []
    return [r for r in found if not any(r.held is h for h in heads)]


def _wanted(main: Role) -> list[str]:
    lacking = [c for c in main.table.required if main.table.columns[c].default is None]
    return [*_PLACES, *(c for c in ("customer", "rep", *lacking) if main.table.columns[c].type != "id")]


def _respelled(main: Role, by_table: Mapping[str, Sequence[Role]]) -> dict[str, list[Entry]]:
    """Return lines for values that the table which names them all spells otherwise."""
    made: dict[str, list[Entry]] = {}
    for column, owner in _NAMED_BY.items():
        if main.table.name == owner or column not in main.columns or not by_table[owner]:
            continue
        known = by_table[owner][0]
        if found := respelled(main, known, column):
            made[column] = [
                Entry(f"{quoted(word)} = {quoted(meant)}", said("respelled", rows=rows, file=known.held.path.name))
                for word, (meant, rows) in found.meant.items()
            ]
    return made


def _lookup(name: str, link: Link) -> Section:
    own, other = link.on
    take = ", ".join(f"{c} = {quoted(h)}" for c, h in link.take.items())
    entries = (
        Entry(f"file = {quoted(link.other.path.name)}",
              said("lookup", share=f"{link.known:.0%}", header=own, file=link.other.path.name, key=other)),
        *_sheets(link.other),
        Entry(f"on = {{ {quoted(own)} = {quoted(other)} }}"),
        Entry(f"take = {{ {take} }}"),
    )  # fmt: skip
    return Section(f"[[tables.{name}.lookups]]", entries)


def _sheets(held: Held) -> list[Entry]:
    return [Entry(f"sheet = {quoted(held.sheets[0])}")] if held.sheets else []


def _team(by_table: Mapping[str, Sequence[Role]]) -> dict[str, list[Entry]]:
    """Return a line that makes teams of managers or regions, where no file names teams."""
    mains = [by_table[name][0] for name in (*STARTERS, "reps") if by_table[name]]
    if any("team" in main.columns for main in mains):
        return {}
    for column in ("manager", "region"):
        for main in sorted(mains, key=lambda m: m.table.name != "reps"):
            if (named := main.profile(column)) and len(named.counts) in _TEAMS:
                why = said(f"team_of_{column}", count=len(named.counts), header=named.header)
                return {main.table.name: [Entry(f"team = {quoted(named.header)}", why)]}
    return {}


# -- is it any good


def tried(folder: Path, draft: Draft) -> tuple[Draft, Examination]:
    """Look at the folder under the draft; guesses that would have a file refused become lines only to be taken."""
    for _ in range(4):
        seen = examine_with(folder, _settings(draft))
        better = draft
        for found in seen.problems:
            if found.code == "file_refused":
                better = _relented(better, str(found.fields["table"]), str(found.fields["column"]))
        if better == draft:
            break
        draft = better
    return draft, seen


def _relented(draft: Draft, table: str, header: str) -> Draft:
    section = f"[tables.{table}.columns]"
    for one in draft.sections:
        for entry in one.entries if one.name == section else ():
            column, _, value = entry.text.partition(" = ")
            required = tables()[table].columns[column].required if column in tables()[table].columns else True
            if entry.active and entry.why is not None and value == quoted(header) and not required:
                return draft.without(section, f"{column} = ")
    return draft


def _settings(draft: Draft) -> rules.Settings:
    return rules.from_mapping(
        tomllib.loads(draft.text("en")), NAME, {t.name: tuple(t.mapped) for t in tables().values()}
    )


# -- where it goes


def _free_place(folder: Path) -> Path:
    """Return a path beside the data, else in the current folder, that no file has yet."""
    for place in (folder, Path.cwd()):
        if os.access(place, os.W_OK):
            return _free_name(place)
    return _free_name(Path(tempfile.mkdtemp(prefix="salesnb-")))


def _free_name(place: Path) -> Path:
    stem, suffix = NAME.removesuffix(".toml"), ".toml"
    names: Iterable[str] = (NAME, *(f"{stem}-{n}{suffix}" for n in range(2, 1000)))
    return next(place / n for n in names if not (place / n).exists())

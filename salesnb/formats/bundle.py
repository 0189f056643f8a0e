"""A folder for each manager: what belongs to the teams and people that were his on the as-of day, and nothing else.

The roster of that day decides, as the notebooks saw it. A team's pages speak of everyone in it, so they go to a manager
only where nobody else leads a part of that team. Who leads a part gets the figures and actions of his own people. The
whole company's pages and the index go to nobody: they speak of all teams.
"""

import json
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from urllib.parse import unquote

from salesnb.errors import InputError, ScopeError, problem
from salesnb.findings.finding import encode_dims
from salesnb.folders import folder_names
from salesnb.formats.bundle_page import Part, front_page
from salesnb.formats.calendar_entries import calendar_entries
from salesnb.formats.email import email
from salesnb.formats.message import message
from salesnb.formats.team_report import TeamReport
from salesnb.formats.xlsx import xlsx
from salesnb.report.facts import FACTS_FILE, facts_file
from salesnb.report.page import page_name
from salesnb.scope import WHOLE_COMPANY

FOLDER = "bundles"
LIST = "bundles.json"
_MASKED = frozenset({"persons_masked", "persons_removed"})
"""What may be kept from an audience so that names do not tell managers apart."""

_LINK = re.compile(r'(<a\b[^>]*?)\shref="([^"]*)"')


@dataclass(frozen=True)
class Share:
    """What of a team is a manager's: his people there, and whether that makes the whole team his."""

    report: TeamReport
    people: tuple[str, ...]
    whole: bool


def bundle(reports: Sequence[TeamReport], langs: Sequence[str]) -> dict[str, bytes]:
    """Return the files of all managers' folders, and beside them the list of who gets what.

    Raises
    ------
    InputError
        The roster names no manager of any of these teams.
    ScopeError
        Names of persons are masked in these reports.
    """
    teams = [report for report in reports if report.team != WHOLE_COMPANY and report.stages]
    masked = {r.scope["audience"] for r in teams if _MASKED & set(r.scope.get("kept", ()))}
    if masked:
        raise ScopeError(problem("bundle_masked", audience=", ".join(sorted(masked))))
    given = shares(teams)
    if not given:
        raise InputError(problem("bundle_nobody"))
    folders = folder_names(given, [LIST])
    made = {f"{FOLDER}/{LIST}": _listed(given, folders, teams)}
    for manager, own in given.items():
        for name, content in _files(manager, own, langs).items():
            made[f"{FOLDER}/{folders[manager]}/{name}"] = content
    return made


def shares(reports: Sequence[TeamReport]) -> dict[str, list[Share]]:
    """Return each manager's shares in teams by the roster of the as-of day.

    A manager's people are those who answer to him, and those who answer to them. A team is his as a whole where
    everyone in it is he or one of them; who answers to nobody and leads nobody follows the others.
    """
    below: dict[str, set[str]] = {}
    for report in reports:
        for manager, rep in report.scope.get("managed", ()):
            below.setdefault(manager, set()).add(rep)
    alone = below.pop("", set()) - set(below)
    found: dict[str, list[Share]] = {}
    for manager in sorted(below):
        led = _led(manager, below)
        for report in reports:
            members = [rep for _, rep in report.scope.get("managed", ())]
            people = tuple(rep for rep in members if rep in led)
            if set(people) - {manager}:
                found.setdefault(manager, []).append(Share(report, people, set(members) <= led | alone))
    return found


def _led(manager: str, below: Mapping[str, set[str]]) -> set[str]:
    """Return a manager with all who answer to him, at first or second hand or further."""
    led, asked = {manager}, [manager]
    while asked:
        new = below.get(asked.pop(), set()) - led
        led |= new
        asked += sorted(new)
    return led


def _listed(given: Mapping[str, Sequence[Share]], folders: Mapping[str, str], teams: Iterable[TeamReport]) -> bytes:
    """Return who gets what, and which teams nobody gets, for whoever hands the folders out."""
    taken = {share.report.team for own in given.values() for share in own}
    found = {
        "managers": [
            {"manager": m, "folder": folders[m], "teams": {s.report.team: "whole" if s.whole else "part" for s in own}}
            for m, own in given.items()
        ],
        "nobody": sorted({report.team for report in teams} - taken),
    }
    return (json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _files(manager: str, own: Sequence[Share], langs: Sequence[str]) -> dict[str, bytes]:
    """Return the files of one manager's folder; no link leads out of it."""
    made: dict[str, bytes] = {}
    for share in own:
        files = _of_whole(share, langs) if share.whole else _of_people(manager, share, langs)
        made |= {f"{share.report.folder}/{name}": content for name, content in files.items()}
    for lang in langs:
        parts = [Part(s.report, s.people, s.whole, _names(made, s.report.folder)) for s in own]
        made[page_name("index", lang)] = front_page(manager, parts, lang, langs).encode()
    return {
        name: unlinked(content.decode(), name, made).encode() if name.endswith(".html") else content
        for name, content in made.items()
    }


def _names(made: Iterable[str], folder: str) -> frozenset[str]:
    return frozenset(name.removeprefix(f"{folder}/") for name in made if name.startswith(f"{folder}/"))


def _of_whole(share: Share, langs: Sequence[str]) -> dict[str, bytes]:
    report = share.report
    made = {FACTS_FILE: facts_file(report.facts())}
    for lang in [lang for lang in langs if lang in report.langs]:
        pages = {stage: report.record["stages"][stage]["pages"] for stage in report.stages}
        made |= {own[lang]: report.page(stage, lang).encode() for stage, own in pages.items() if lang in own}
        for form in (xlsx, email, message, calendar_entries):
            made |= form(report, lang)
        if (start := report.start(lang)) is not None:
            made[page_name("index", lang)] = start.encode()
    return made


def _of_people(manager: str, share: Share, langs: Sequence[str]) -> dict[str, bytes]:
    """Return what a manager of a part of a team gets: figures of his people, and actions that are his or theirs."""
    report, mine = share.report, {encode_dims({"rep": rep}) for rep in share.people}
    facts = [fact for fact in report.facts() if mine & set(fact["dims"].split("|"))]
    made = {FACTS_FILE: facts_file(facts)} if facts else {}
    for lang in [lang for lang in langs if lang in report.langs]:
        made |= calendar_entries(report, lang, owners={manager, *share.people})
    return made


def unlinked(page: str, at: str, kept: Iterable[str]) -> str:
    """Return a page without its links to what is not in the folder; their text stays."""
    known = frozenset(kept)

    def without(link: re.Match[str]) -> str:
        path = unquote(unescape(link[2]).partition("#")[0].partition("?")[0])
        target = posixpath.normpath(posixpath.join(posixpath.dirname(at), path)) if path else at
        return link[0] if target in known else link[1]

    return _LINK.sub(without, page)

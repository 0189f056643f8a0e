"""Actions as calendar entries (RFC 5545): one a dated action, all day on its date, with owner and team.

The same report gives the same bytes: an entry's time stamp is the as-of day, its id is made from what the action is.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from icalendar import Calendar, Component, Event

from salesnb import words
from salesnb.formats.memo import Row, actions_of, records
from salesnb.formats.team_report import TeamReport, file_name
from salesnb.show.numbers import currency_unit, figure, period_text
from salesnb.show.sentence import capitalised, member, members_text, team_text
from salesnb.show.text import plain
from salesnb.stages import MEMO

_OVER = frozenset({"done", "dropped"})
_Part = TypeVar("_Part", bound=Component)


@dataclass(frozen=True)
class Entry:
    """One action in the calendar: its id, due day, owner, and what is said of it."""

    uid: str
    due: date
    owner: str
    summary: str
    about: tuple[str, ...]
    team: str
    decided: bool


def calendar_entries(report: TeamReport, lang: str, owners: Collection[str] | None = None) -> dict[str, bytes]:
    """Return a team's actions, or only those of some owners, as a calendar file; none where no action has a date."""
    found = list(entries(report, lang, owners))
    if not found:
        return {}
    return {file_name("actions", lang, "ics"): calendar_file(found, date.fromisoformat(report.scope["as_of"]))}


def entries(report: TeamReport, lang: str, owners: Collection[str] | None = None) -> Iterator[Entry]:
    """Yield the proposed actions of the memo, then those of the register that are not over; all with a date."""

    def wanted(row: Row) -> bool:
        return bool(row["due"]) and (owners is None or row["owner"] in owners)

    if MEMO in report.stages:
        for row in actions_of(report.rows(MEMO).get("actions_list")):
            if wanted(row) and not row["action_id"]:  # those of the register come from it
                yield _proposed(report, row, lang)
    if "strategy" in report.stages:
        for row in records(report.rows("strategy").get("register")):
            if wanted(row) and row["action_id"] and row["status"] not in _OVER:
                yield _decided(report, row, lang)


def _proposed(report: TeamReport, row: Row, lang: str) -> Entry:
    scope = report.scope
    where = {name: value for name, value in row["where"].items() if name != "play"}
    about = [
        _word("proposed", lang, period=period_text(scope["period"], lang)),
        _word("problem", lang, problem=capitalised(members_text(where, lang))),
    ]
    if row["expected_effect"] is not None:
        amount = figure(row["expected_effect"], row["units"]["expected_effect"], lang)
        unit = currency_unit(scope["currency"], "", lang)
        about.append(_word("effect", lang, amount=amount, currency=unit))
    if row["resources"]:
        about.append(_word("resources", lang, resources=member("resources", row["resources"], lang)))
    return _entry(report, row, (scope["period"], row["where"]), about, lang, decided=False)


def _decided(report: TeamReport, row: Row, lang: str) -> Entry:
    about = [_word("decided", lang, id=plain(row["action_id"]))]
    return _entry(report, row, row["action_id"], about, lang, decided=True)


def _entry(report: TeamReport, row: Row, identity: object, about: list[str], lang: str, *, decided: bool) -> Entry:
    team = capitalised(team_text(report.scope["team"], lang))
    owner = capitalised(member("owner", row["owner"] or "to_be_named", lang))
    action = capitalised(member("action", row["action"], lang))
    return Entry(
        _uid(report.scope["company"], report.scope["team"], identity), date.fromisoformat(row["due"][:10]), owner,
        _word("summary", lang, owner=owner, action=action),
        (_word("team", lang, team=team), *about), team, decided,
    )  # fmt: skip


def _uid(*what: object) -> str:
    """Return an id that stays the same in every run and language, and differs between any two actions."""
    text = json.dumps(what, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32] + "@salesnb"


def _word(key: str, lang: str, **fields: object) -> str:
    return words.text("push", f"calendar.{key}", lang, **fields)


# -- the file


def calendar_file(found: Iterable[Entry], as_of: date) -> bytes:
    """Return entries as the content of an .ics file, stamped with a day instead of the clock."""
    calendar = _of(Calendar(), version="2.0", prodid="-//salesnb//salesnb//EN", method="PUBLISH")
    for entry in found:
        calendar.add_component(_event(entry, as_of))
    return calendar.to_ical(sorted=False)


def _event(entry: Entry, as_of: date) -> Event:
    return _of(
        Event(), uid=entry.uid, dtstamp=datetime.combine(as_of, time(), UTC), dtstart=entry.due,
        dtend=entry.due + timedelta(days=1), summary=plain(entry.summary),
        description="\n".join(map(plain, entry.about)), contact=plain(entry.owner),
        categories=[plain(entry.team)], status="CONFIRMED" if entry.decided else "TENTATIVE", transp="TRANSPARENT",
    )  # fmt: skip


def _of(part: _Part, **properties: object) -> _Part:
    """Return a part of a calendar with its properties."""
    for name, value in properties.items():
        part.add(name, value)
    return part

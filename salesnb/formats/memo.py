"""The memo's first screen in words: what a mail and a message say, taken from the rows and sentences of the page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from salesnb import words
from salesnb.formats.team_report import TeamReport
from salesnb.report.cells import carried
from salesnb.show.mime import PAGE
from salesnb.show.numbers import currency_unit, day_text, figure, period_text
from salesnb.show.sentence import as_of_text, capitalised, member, members_text, team_text
from salesnb.stages import MEMO
from salesnb.views.slices import GAP_PARTS

_MOST_CARDS, _MOST_PROBLEMS = 7, 3
_SINCE = ("changes", "previous_actions", "previous_problems")
"""Sections that say what changed, and what became of the last review."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Card:
    """A key figure in words: its value, its target (blank without one), and whether it is met, as code and word."""

    name: str
    value: str
    target: str
    light: str
    word: str


@dataclass(frozen=True)
class Item:
    """A problem with its loss and how well that is shown, or an action with its effect, owner and date."""

    text: str
    amount: str
    evidence: str = ""
    owner: str = ""
    due: str = ""
    confidence: str = ""
    part: bool = False
    """Whether it is a part of the gap: its name says what it is short of."""


@dataclass(frozen=True)
class Memo:
    """The first screen: verdict with its remarks, key figures, problems, actions, what became of the last review.

    ``rests_on`` says what is not in the verdict, where that could change it.
    """

    team: str
    period: str
    as_of: str
    currency: str
    provisional: bool
    verdict: str
    remarks: tuple[str, ...]
    cards: tuple[Card, ...]
    problems: tuple[Item, ...]
    actions: tuple[Item, ...]
    outlook: tuple[str, ...]
    since: tuple[str, ...]
    rests_on: tuple[str, ...] = ()


def memo_of(report: TeamReport, lang: str) -> Memo | None:
    """Return the first screen of a team's memo in one language, None where the team has no memo."""
    if MEMO not in report.stages:
        return None
    scope, rows = report.scope, report.rows(MEMO)
    spoken = sentences(report.notebook(MEMO), lang)
    verdict, remarks = spoken.get("verdict", ("", ()))
    problems = list(records(rows.get("problems_list")))[:_MOST_PROBLEMS]
    actions = actions_of(rows.get("actions_list"))
    return Memo(
        team=capitalised(team_text(scope["team"], lang)),
        period=period_text(scope["period"], lang),
        as_of=as_of_text(scope, lang),
        currency=currency_unit(scope["currency"], "", lang).strip(),
        provisional=not scope["complete"],
        verdict=verdict,
        remarks=remarks,
        cards=tuple(_cards(rows.get("kpis"), lang)),
        problems=tuple(_problem(row, lang) for row in problems),
        actions=tuple(_action(row, lang) for row in actions),
        outlook=all_said(spoken.get("actions_list")),
        since=tuple(spoken[word][0] for word in _SINCE if word in spoken),
        rests_on=all_said(spoken.get("stands_on")),
    )


def records(rows: Row | None) -> Iterator[dict[str, Any]]:
    """Yield the rows of a section by column; none without the section.

    ``units`` has the unit of each figure, ``where`` what identifies the row.
    """
    columns = rows["columns"] if rows else ()
    for position, values in enumerate(rows["rows"] if rows else ()):
        row = {column["name"]: value for column, value in zip(columns, values, strict=True)}
        units = {c["name"]: _unit(c["unit"], position) for c in columns if c["kind"] == "figure"}
        where = {c["name"]: row[c["name"]] for c in columns if c["kind"] == "dimension" and row[c["name"]]}
        yield {**row, "units": units, "where": where}


def _unit(unit: str | Sequence[str], position: int) -> str:
    return unit if isinstance(unit, str) else unit[position]


def actions_of(rows: Row | None) -> list[dict[str, Any]]:
    """Return the rows that are actions: not the total, and with something to do."""
    return [row for row in records(rows) if row.get("action")]


def _cards(rows: Row | None, lang: str) -> Iterator[Card]:
    shown = [row for row in records(rows) if not row["month"] and row["actual"] is not None]
    for row in shown[:_MOST_CARDS]:
        unit = row["units"]
        target = "" if row["target"] is None else figure(row["target"], unit["target"], lang)
        light = row["light"] if words.has("show", f"light.{row['light']}") else "none"
        word = words.text("show", f"light.{light}", lang) if target else ""
        yield Card(
            capitalised(member("kpi", row["kpi"], lang)), figure(row["actual"], unit["actual"], lang), target,
            light, word,
        )  # fmt: skip


def _problem(row: Row, lang: str) -> Item:
    return Item(
        capitalised(members_text(row["where"], lang)),
        figure(row["effect"], row["units"]["effect"], lang, "abs"),
        member("evidence", row["evidence"], lang),
        confidence=member("confidence", row["confidence"], lang),
        part=row["problem"] in GAP_PARTS,
    )


def _action(row: Row, lang: str) -> Item:
    effect = row["expected_effect"]
    return Item(
        capitalised(member("action", row["action"], lang)),
        "" if effect is None else figure(effect, row["units"]["expected_effect"], lang),
        owner=capitalised(member("owner", row["owner"], lang)),
        due=day_text(row["due"], lang),
    )


# -- sentences


Said = tuple[str, tuple[str, ...]]


def all_said(spoken: Said | None) -> tuple[str, ...]:
    """Return a sentence and its remarks one after the other; nothing of a section that has nothing to tell."""
    return () if spoken is None else (spoken[0], *spoken[1])


def sentences(notebook: NotebookNode, lang: str) -> dict[str, Said]:
    """Return the sentence of each section of a notebook with its remarks, by the section's word.

    Sections that a page leaves out, having nothing to tell, are left out here.
    """
    found: dict[str, Said] = {}
    for page in carried(notebook, PAGE):
        if page["kind"] == "sentence" and not page["quiet"] and lang in page["said"]:
            first, *remarks = page["said"][lang]
            found[page["finding"].partition(".")[2]] = (first, tuple(remarks))
    return found

"""Reports of a batch as what pushes them takes them, and the check that a text's numbers are facts."""

from __future__ import annotations

import re
from pathlib import Path

from salesnb import words
from salesnb.batch.records import read_records
from salesnb.batch.request import Request
from salesnb.batch.run import run
from salesnb.formats.team_report import TeamReport
from salesnb.places import open_place
from salesnb.report.run_record import read_run
from salesnb.show.numbers import figure
from salesnb.show.sentence import capitalised, member

ROOT = Path(__file__).resolve().parents[2]
NUMBER = re.compile(r"[−+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[KMB]\b|万|亿|%| pts|个百分点)?")
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DATES = re.compile(
    rf"\d{{1,2}} [A-Z][a-z]{{2}} \d{{4}}|(?:{MONTHS}) \d{{4}}"
    r"|Q[1-4] \d{4}|week \d+ of \d{4}|\d{4}年(?:[一二三四]季度|第\d+周)"
    r"|\d{4}年\d{1,2}月(?:\d{1,2}日)?|\d{4}-\d\d-\d\d"
)


def make(out: object, period: str, teams: tuple[str, ...] = (), **more: object) -> None:
    """Run teams of a period in both languages into a place."""
    given = {"data": "sample", "lang": "both", "workers": 1, "notebooks": ROOT / "notebooks", **more}
    outcome = run(Request(period=period, teams=teams, out=out, **given))
    assert not outcome.failures, outcome.failures


def reports(out: object, period: str) -> dict[str, TeamReport]:
    """Return the reports of a period by team."""
    place = open_place(out)
    folders = {entry["team"]: entry["folder"] for entry in read_run(place, period)["teams"]}
    records = read_records(place, [(period, folder) for folder in folders.values()])
    return {team: TeamReport(place, period, folder, team, records[period, folder]) for team, folder in folders.items()}


def numbers(text: str, report: TeamReport, lang: str) -> list[str]:
    """Return the numbers of a text that are figures: no dates, and none within a name or an entry of the data."""
    for name in sorted(_names(report, lang), key=len, reverse=True):
        text = text.replace(name, "□")
    return NUMBER.findall(DATES.sub("□", text))


def strangers(text: str, report: TeamReport, lang: str) -> list[str]:
    """Return the numbers of a text that no fact of the report is written as."""
    written = {
        figure(fact["value"], fact["unit"], lang, style)
        for fact in report.facts()
        if fact["value"] is not None
        for style in ("", "abs", "signed")
    }
    return [number for number in numbers(text, report, lang) if number not in written]


def _names(report: TeamReport, lang: str) -> set[str]:
    """Return the texts of the data that hold a digit: names, and what people wrote."""
    found = {report.team}
    for stage in ("strategy", "review"):  # what a message and a mail are made from
        for section in report.rows(stage).values():
            for position, column in enumerate(section["columns"]):
                if column["kind"] == "figure":
                    continue
                values = {str(row[position]) for row in section["rows"]}
                assert column["kind"] in {"dimension", "label"}
                found |= values | {words.choose(value, lang) for value in values}
    said = {member("action", text, lang) for text in found if text}
    return {name for text in said for name in (text, capitalised(text)) if re.search(r"\d", name)}

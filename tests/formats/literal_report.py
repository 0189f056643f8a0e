"""A team's report from literal rows, as a batch leaves it, for those who put it into another form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from salesnb.batch.records import new_record, write_record
from salesnb.findings.finding import Finding
from salesnb.formats.team_report import TeamReport
from salesnb.places import open_place
from salesnb.report.facts import FACTS_FILE, collect_facts, facts_file, merged
from salesnb.report.page import page_name, page_of
from salesnb.report.run_record import NO_HEAD, write_run
from salesnb.report.siblings import linked
from tests import show_frames

PERIOD, NOW = "2025-09", datetime(2025, 9, 22, 18, 6)
LANGS = ("en", "zh")


def write(
    out: Path,
    findings: Mapping[str, Finding] | None = None,
    *,
    team: str = "South",
    stages: tuple[str, ...] = ("diagnosis", "review"),
) -> TeamReport:
    """Write the report of one team, each stage with the same sections; it is all that its period has."""
    place, record = open_place(out), new_record(team, PERIOD)
    notebook = show_frames.notebook(findings, show_frames.scope(team=team))
    for stage in stages:
        names = {lang: page_name(stage, lang) for lang in LANGS}
        for lang, name in names.items():
            others = {other: page_name(other, lang) for other in stages if other != stage}
            page = linked(page_of(notebook, stage, lang, now=NOW), others, lang)
            place.write(f"{PERIOD}/{team}/{name}", page.encode())
        place.write(f"{PERIOD}/{team}/{stage}.ipynb", json.dumps(notebook).encode())
        record["stages"][stage] = {
            "key": "k", "status": "ok", "seconds": 1.0, "attempts": 1, "code": "", "reason": {}, "missing": {},
            "pages": names,
        }  # fmt: skip
    place.write(f"{PERIOD}/{team}/{FACTS_FILE}", facts_file(merged(collect_facts(notebook))))
    write_record(place, team, record)
    write_run(
        place,
        {
            "version": "0", "versions": {}, "period": PERIOD, "head": NO_HEAD, "parameters": {}, "inputs": {},
            "teams": [{"team": team, "folder": team, "figures": {}}],
            "notebooks": [
                {"team": team, "stage": stage, "status": "ok", "seconds": 1.0, "attempts": 1, "key": "k", "reason": {},
                 "missing": {}, "page": {}} for stage in stages
            ],
            "started": "2025-10-01T08:00:00", "finished": "2025-10-01T08:01:00",
        },
    )  # fmt: skip
    return TeamReport(place, PERIOD, team, team, record)

"""Runs that were never run, for tests of the indexes: their records, small enough to work out by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from salesnb.report.run_record import Figures, Head, NotebookRecord, RunRecord, TeamEntry

HEAD: Head = {"company": "Hengyu & Co.", "currency": "USD", "as_of": "2025-09-30", "complete": True}
LANGS = {"en": ".html", "zh": ".zh.html"}


def figures(sales: float | None, target: float | None, **more: Any) -> Figures:
    """Return a team's figures; the gap and the attainment follow."""
    known = sales is not None and target is not None
    found = Figures(sales=sales, target=target, gap=sales - target if known else None,
                    attainment=sales / target if known else None, tallies={}, reps=[])  # fmt: skip
    return found | more  # type: ignore[operator]


def tally(judged: int, missed: int) -> dict[str, int]:
    """Return how many targets are judged and missed."""
    return {"judged": judged, "missed": missed}


def notebook(team: str, folder: str, stage: str, status: str = "ok", **fields: Any) -> NotebookRecord:
    """Return the record of a notebook, with pages in both languages where it ran well."""
    page = {lang: f"{folder}/{stage}{end}" for lang, end in LANGS.items()} if status == "ok" else {}
    return NotebookRecord(
        **{"team": team, "stage": stage, "status": status, "seconds": 1.0, "attempts": 1, "key": "k", "reason": {},
           "missing": {}, "page": page, **fields}
    )  # fmt: skip


def run(
    period: str, teams: Mapping[str, Figures], stages: Sequence[str] = ("diagnosis", "review"), **head: Any
) -> RunRecord:
    """Return the record of a run in which all went well; folders are t0, t1 and so on."""
    entries = [TeamEntry(team=t, folder=f"t{i}", figures=f) for i, (t, f) in enumerate(teams.items())]
    return RunRecord(
        version="0.1.0",
        versions={},
        period=period,
        head=HEAD | head,  # type: ignore[typeddict-item]
        parameters={"lang": "both"},
        inputs={},
        teams=entries,
        notebooks=[notebook(e["team"], e["folder"], stage) for e in entries for stage in stages],
        started="2025-10-03T08:00:00",
        finished="2025-10-03T08:15:00",
    )


def fail(record: RunRecord, team: str, stage: str, **fields: Any) -> RunRecord:
    """Return a run in which one notebook did not do well."""
    status = fields.pop("status", "failed")
    bad = [
        notebook(n["team"], "", stage, status, **fields) if (n["team"], n["stage"]) == (team, stage) else n
        for n in record["notebooks"]
    ]
    return RunRecord(**{**record, "notebooks": bad})
